//! Reading other catalogs, Snowflake, Databricks, OpenMetadata, DataHub and Nexla, from servers that answer as theirs are
//! documented or were recorded to, and from servers that don't.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper of a test may fail it")]

mod support;

#[path = "catalogs/datahub.rs"]
mod datahub;
#[path = "catalogs/hostile.rs"]
mod hostile;
#[path = "catalogs/nexla.rs"]
mod nexla;
#[path = "catalogs/openmetadata.rs"]
mod openmetadata;
#[path = "catalogs/snowflake.rs"]
mod snowflake;
#[path = "catalogs/unity.rs"]
mod unity;

use catena_connect::{
    cancel::Cancel,
    connector::{Connector, Cursor, Done, ReadError},
    registry::{Address, Settings, System},
    secret::{Credential, Secret},
};
use catena_model::statement::Statement;
use support::{Kept, Stand};

/// A connector of this system for the stand-in.
fn opened(
    system: &str,
    stand: &Stand,
    mut settings: Settings,
    options: &[(&str, &str)],
) -> Box<dyn Connector> {
    settings.options = options.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    System::by_key(system).unwrap().open(&Address::parse(&stand.url), settings).unwrap()
}

/// Settings with a token.
fn with_token(token: &str) -> Settings {
    let mut settings = support::settings().0;
    settings.credential = Some(Credential::Bearer(Secret::new(token)));
    settings
}

/// Settings with a user and a password.
fn with_user(user: &str, password: &str) -> Settings {
    let mut settings = support::settings().0;
    settings.credential = Some(Credential::Basic { user: user.to_owned(), password: Secret::new(password) });
    settings
}

async fn read(connector: &dyn Connector, from: Option<&Cursor>) -> (Kept, Result<Done, ReadError>) {
    let mut kept = Kept::default();
    let done = connector.read(from, &mut kept, &Cancel::new()).await;
    (kept, done)
}

/// Where the records are from, each once and in order.
fn places(kept: &Kept) -> Vec<String> {
    let mut all: Vec<String> = kept.records().iter().map(|record| record.at.clone()).collect();
    all.sort();
    all.dedup();
    all
}

/// What was told, in words.
fn told(kept: &Kept) -> Vec<String> {
    let records = kept.records();
    let words =
        records.iter().flat_map(|record| &record.statements).filter_map(|statement| match statement {
            Statement::Claim { thing, field, value: Some(value), .. } => {
                Some(format!("{} {field} {value}", thing.name.name))
            }
            Statement::Related { from, kind, to, .. } => {
                Some(format!("{} {} {}", from.name.name, kind.word(), to.name.name))
            }
            _ => None,
        });
    words.collect()
}

fn assert_told(kept: &Kept, expected: &[&str]) {
    let told = told(kept);
    for words in expected {
        assert!(told.iter().any(|said| said == words), "{words} is not in {told:#?}");
    }
}
