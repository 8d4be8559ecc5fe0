//! Finding out what is at the other end, without reading much of it.

use catena_connect::{
    cancel::Cancel,
    registry::{Address, Settings},
};
use catena_model::statement::Rejection;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{ConnectionAddArgs, Draft, Keeper, SecretText, find, options_of, pull, system_of};
use crate::{App, AppError, error::Trouble};

/// What to test: a connection that is set up, or one that is about to be.
#[derive(Debug, Clone, Default, Deserialize, TS)]
pub struct ConnectionTestArgs {
    /// The name of one that is set up.
    #[serde(default)]
    pub name: Option<String>,
    /// One that is about to be; nothing of it is kept.
    #[serde(default)]
    pub draft: Option<ConnectionAddArgs>,
    /// The token or password of the one that is set up, if it isn't the one that is kept.
    #[serde(default)]
    #[ts(optional)]
    pub secret: Option<SecretText>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ConnectionTested {
    /// The software.
    pub system: String,
    /// Its version, where it says so.
    pub version: Option<String>,
    /// The namespace of the names that it will give.
    pub namespace: String,
    /// What is there to read, as far as that is known without reading it.
    pub found: Vec<TestFound>,
    /// What can't be read there, and why.
    pub notes: Vec<Rejection>,
}

/// Things of one sort that are there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct TestFound {
    /// What they are: `tables`.
    pub what: String,
    /// How many.
    #[ts(type = "number")]
    pub count: u64,
}

/// Asks the system who it is and what it has. Nothing is stored.
pub fn test(app: &App, args: ConnectionTestArgs) -> Result<ConnectionTested, AppError> {
    let (row, secret) = match (args.name, args.draft) {
        (_, Some(mut draft)) => {
            // It may not have a name yet.
            if draft.name.trim().is_empty() {
                "test".clone_into(&mut draft.name);
            }
            let draft = Draft::of(draft)?;
            (draft.row, draft.secret)
        }
        (Some(name), None) => {
            let session = app.session()?;
            let row = find(&session, &name)?;
            let secret = match (args.secret.and_then(SecretText::into_secret), &row.secret) {
                (Some(given), _) => Some(given),
                (None, Some(_)) => Some(Keeper::of(app).get(&session, &row)?),
                (None, None) => None,
            };
            (row, secret)
        }
        (None, None) => return Err(AppError::bad_request("say which connection to test")),
    };
    let options = options_of(&row);
    let credential = secret.map(|secret| pull::credential(&options, secret));
    let settings = Settings {
        credential: credential.clone(),
        options,
        ..Settings::new(std::sync::Arc::clone(&app.environment.clock))
    };
    let failed = |error: String| AppError::new(Trouble::Failed, pull::without(error, credential.as_ref()));
    let connector = system_of(&row.kind)?
        .open(&Address::parse(&row.address), settings)
        .map_err(|error| failed(error.to_string()))?;
    // On a thread of its own: whoever calls may be inside a runtime already.
    let asked = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?;
        let cancel = Cancel::new();
        runtime.block_on(connector.probe(&cancel)).map_err(|error| error.to_string())
    });
    let probe = asked.join().map_err(|_| failed("testing failed: please report this".to_owned()))?;
    let probe = probe.map_err(failed)?;
    Ok(ConnectionTested {
        system: probe.system,
        version: probe.version,
        namespace: probe.namespace,
        found: probe
            .found
            .into_iter()
            .map(|found| TestFound { what: found.what, count: found.count })
            .collect(),
        notes: probe.notes.into_iter().map(|note| Rejection { place: note.place, why: note.why }).collect(),
    })
}
