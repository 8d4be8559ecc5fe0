//! Vector stores and object stores that answer as documented, page, lie, lead astray or die; and folders.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper of a test may fail it")]

mod stores {
    pub mod folders;
    pub mod objects;
    pub mod vectors;
}
mod support;

use catena_connect::{
    cancel::Cancel,
    connector::{Cursor, Done, Probe, ReadError},
    registry::{Address, Settings, System},
};
use support::{Kept, settings};

/// Reads what is at an address with these options, from the beginning or a cursor.
async fn read(
    system: &str,
    address: &str,
    options: &[(&str, &str)],
    from: Option<&Cursor>,
) -> (Kept, Result<Done, ReadError>) {
    let mut kept = Kept::default();
    let connector = System::by_key(system).unwrap().open(&Address::parse(address), with(options)).unwrap();
    let done = connector.read(from, &mut kept, &Cancel::new()).await;
    (kept, done)
}

async fn probe(system: &str, address: &str, options: &[(&str, &str)]) -> Result<Probe, ReadError> {
    let connector = System::by_key(system).unwrap().open(&Address::parse(address), with(options))?;
    connector.probe(&Cancel::new()).await
}

fn with(options: &[(&str, &str)]) -> Settings {
    let mut settings = settings().0;
    settings.options = options.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    settings
}
