//! Connections: systems that are set up once and pulled again and again.
//!
//! The catalog keeps how to reach each and what the last pull did, never a secret: that is in the keychain, or in a
//! file of the user's own. A secret is kept for one connection to one address in one catalog file, so a catalog that
//! came from somebody else can't have it sent elsewhere.

mod keeper;
mod kinds;
mod pull;
mod schedule;
mod secrets;
mod test;

use std::{collections::BTreeMap, sync::Arc};

use catena_connect::{
    registry::{Address, Proof, System},
    secret::{Credential, Secret, taken_out},
};
use catena_model::{
    field::{Field, Single},
    kind::Kind,
    name::QualifiedName,
    source::{Known, Source},
    statement::{Record, Statement, Thing},
    time::Timestamp,
};
use catena_store::{
    apply::Tally,
    table::{
        connection::{self, ConnectionRow},
        cursor,
    },
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    App, AppError,
    client::{Done, Nothing},
    error::Trouble,
    import::{Progress, Stopped},
    jobs::{ImportReport, JobStarted},
    session::Session,
};

pub(crate) use keeper::Keeper;
pub use kinds::{ConnectionField, ConnectionKind, kinds};
pub use pull::PullReport;
pub(crate) use pull::{Puller, Pulling};
pub(crate) use schedule::{Timer, start as start_timer};
pub use secrets::{Keychain, SecretError, SecretFile, Secrets};
pub use test::{ConnectionTestArgs, ConnectionTested, TestFound, test};

/// The longest name of a connection, in characters.
const LONGEST_NAME: usize = 80;

/// A secret on its way in; what prints its owner doesn't print it.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(from = "String")]
#[ts(type = "string")]
pub struct SecretText(Secret);

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self(Secret::new(text))
    }
}

impl SecretText {
    /// The secret, unless it is blank.
    pub fn into_secret(self) -> Option<Secret> {
        // A token from a file or a form often ends with a line break.
        let text = self.0.expose().trim();
        (!text.is_empty()).then(|| Secret::new(text))
    }
}

/// A connection as it is set up.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct ConnectionAddArgs {
    /// What it is to be called.
    pub name: String,
    /// Which connector reads it.
    pub kind: String,
    /// Where it is.
    pub address: String,
    /// What else was chosen, by the key of the field.
    #[serde(default)]
    #[ts(type = "Record<string, string>")]
    pub options: BTreeMap<String, String>,
    /// The token or password.
    #[serde(default)]
    pub secret: Option<SecretText>,
    /// Where there is no keychain, the secret may be kept in a file that only the user can read.
    #[serde(default)]
    pub allow_secret_file: bool,
}

/// Which connection.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ConnectionArgs {
    /// Its name.
    pub name: String,
}

/// Which connection to pull.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct ConnectionPullArgs {
    /// Its name.
    pub name: String,
    /// Everything, also what an earlier pull had.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub all: bool,
}

/// How often to pull a connection.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ConnectionScheduleArgs {
    /// Its name.
    pub name: String,
    /// Every so many minutes while the window is open; never by itself without.
    pub minutes: Option<u32>,
}

/// A connection as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ConnectionView {
    /// What it is called.
    pub name: String,
    /// Which connector reads it.
    pub kind: String,
    /// That, for people.
    pub kind_title: String,
    /// Where it is.
    pub address: String,
    /// What else was chosen.
    #[ts(type = "Record<string, string>")]
    pub options: BTreeMap<String, String>,
    /// Where its secret is kept: `keychain`, `file`; nowhere when it has none.
    pub secret: Option<String>,
    /// When it was pulled last.
    pub pulled_at: Option<Timestamp>,
    /// What came of that.
    pub report: Option<PullReport>,
    /// Every how many minutes it is pulled by itself.
    pub minutes: Option<u32>,
    /// When it will be pulled by itself, at the earliest.
    pub next_at: Option<Timestamp>,
    /// The job that pulls it just now.
    pub job: Option<String>,
}

/// All connections, by name.
pub fn list(app: &App, _: Nothing) -> Result<Vec<ConnectionView>, AppError> {
    let session = app.session()?;
    let rows = session.catalog.read(|reader| connection::all(reader.db()))?;
    let every = schedule::of(&app.places.connections(), session.catalog.path());
    Ok(rows.into_iter().map(|row| view(app, &session, &every, row)).collect())
}

fn view(app: &App, session: &Session, every: &BTreeMap<String, u32>, row: ConnectionRow) -> ConnectionView {
    let minutes = every.get(&row.name).copied();
    let pulled_at = row.pulled_at.map(Timestamp::from_micros);
    ConnectionView {
        kind_title: System::by_key(&row.kind)
            .map_or_else(|| row.kind.clone(), |system| system.title.to_owned()),
        options: options_of(&row),
        pulled_at,
        report: row.report.as_deref().and_then(|report| serde_json::from_str(report).ok()),
        minutes,
        next_at: minutes.map(|minutes| schedule::due(pulled_at, app.now(), minutes)),
        job: session.pulling.job(&row.name),
        name: row.name,
        kind: row.kind,
        address: row.address,
        secret: row.secret,
    }
}

/// Sets a connection up. Nothing is asked of the system yet.
pub fn add(app: &App, args: ConnectionAddArgs) -> Result<ConnectionView, AppError> {
    let session = app.session()?;
    drop(session.catalog.writer()?);
    let draft = Draft::of(args)?;
    let taken = session.catalog.read(|reader| connection::get(reader.db(), &draft.row.name))?;
    if taken.is_some() {
        return Err(AppError::new(
            Trouble::Refused,
            format!(
                "there is a connection \"{}\" already: choose another name, or remove it first",
                draft.row.name
            ),
        ));
    }
    let mut row = draft.row;
    if let Some(secret) = &draft.secret {
        row.secret = Some(Keeper::of(app).put(&session, &row, secret, draft.allow_secret_file)?);
    }
    let mut writer = session.catalog.writer()?;
    let kept = writer.unlogged(|db| connection::add(db, &row)).and_then(|()| {
        let title = format!("Connect {}", row.name);
        writer.apply(app.act(), &title, [Ok(told(&row, app.now(), None))], &mut Tally::default())
    });
    drop(writer);
    if let Err(error) = kept {
        let _ = Keeper::of(app).forget(&session, &row);
        return Err(error.into());
    }
    Ok(view(app, &session, &BTreeMap::new(), row))
}

/// Forgets a connection, its secret and how far it was read. What it brought stays.
pub fn remove(app: &App, args: ConnectionArgs) -> Result<Done, AppError> {
    let session = app.session()?;
    let row = find(&session, &args.name)?;
    if session.pulling.job(&row.name).is_some() {
        return Err(AppError::new(
            Trouble::Refused,
            format!("\"{}\" is being pulled: cancel that first", row.name),
        ));
    }
    drop(session.catalog.writer()?);
    // First, so that no secret is left of what is no longer listed.
    Keeper::of(app).forget(&session, &row)?;
    schedule::set(&app.places.connections(), session.catalog.path(), &row.name, None)?;
    let mut writer = session.catalog.writer()?;
    writer.unlogged(|db| {
        connection::remove(db, &row.name)?;
        cursor::forget(db, &pull::place(&row))
    })?;
    let title = format!("Remove connection {}", row.name);
    writer.apply(app.act(), &title, [Ok(told(&row, app.now(), Some("removed")))], &mut Tally::default())?;
    Ok(Done {})
}

/// Starts to pull a connection as a job.
pub fn pull(app: &App, args: ConnectionPullArgs) -> Result<JobStarted, AppError> {
    Puller::of(app).begin(&app.session()?, &args.name, args.all, None)
}

/// Pulls a connection and waits for it; with `given`, that secret proves who is asking.
pub fn pull_now(
    app: &App,
    args: &ConnectionPullArgs,
    given: Option<Secret>,
    stop: &(dyn Fn() -> bool + Sync),
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<ImportReport, Box<Stopped>> {
    let none = |error: AppError| Box::new(Stopped { error, report: ImportReport::default() });
    let session = app.session().map_err(none)?;
    let row = find(&session, &args.name).map_err(none)?;
    Puller::of(app).run(&session, &row, args.all, given, stop, progress)
}

/// Chooses how often a connection is pulled by itself while the window is open.
pub fn set_schedule(app: &App, args: ConnectionScheduleArgs) -> Result<Done, AppError> {
    let session = app.session()?;
    let row = find(&session, &args.name)?;
    if args.minutes.is_some_and(|minutes| !schedule::BOUNDS.contains(&minutes)) {
        return Err(AppError::bad_request("choose between every minute and every 31 days"));
    }
    schedule::set(&app.places.connections(), session.catalog.path(), &row.name, args.minutes)?;
    Ok(Done {})
}

/// The connection of this name.
fn find(session: &Session, name: &str) -> Result<ConnectionRow, AppError> {
    let found = session.catalog.read(|reader| connection::get(reader.db(), name))?;
    found.ok_or_else(|| {
        AppError::new(Trouble::NotFound, format!("there is no connection \"{name}\": connect list shows all"))
    })
}

fn system_of(kind: &str) -> Result<&'static System, AppError> {
    System::by_key(kind).ok_or_else(|| {
        let known: Vec<_> = catena_connect::registry::SYSTEMS.iter().map(|system| system.key).collect();
        AppError::bad_request(format!("nothing can read \"{kind}\": {}", known.join(", ")))
    })
}

fn options_of(row: &ConnectionRow) -> BTreeMap<String, String> {
    serde_json::from_str(&row.options).unwrap_or_default()
}

/// What was typed, checked, with the secret taken out of the address.
struct Draft {
    row: ConnectionRow,
    secret: Option<Secret>,
    allow_secret_file: bool,
}

impl Draft {
    fn of(args: ConnectionAddArgs) -> Result<Self, AppError> {
        let name = args.name.trim().to_owned();
        if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
            return Err(AppError::bad_request(format!(
                "give the connection a name of at most {LONGEST_NAME} characters"
            )));
        }
        let system = system_of(args.kind.trim())?;
        let (address, in_address) = taken_out(args.address.trim());
        if address.is_empty() {
            return Err(AppError::bad_request(format!("the address is missing: give {}", system.takes)));
        }
        // A path means the same wherever the program is started next.
        let address = match Address::parse(&address) {
            Address::Path(path) => std::path::absolute(&path).unwrap_or(path).to_string_lossy().into_owned(),
            Address::Url(url) => url,
        };
        let mut options = BTreeMap::new();
        for (key, value) in args.options {
            let value = value.trim();
            let Some(field) = system.form.iter().find(|field| field.key == key) else {
                return Err(AppError::bad_request(format!("{} has no setting \"{key}\"", system.title)));
            };
            if value.is_empty() {
                continue;
            }
            if !field.choices.is_empty() && !field.choices.contains(&value) {
                let choices = field.choices.join(" or ");
                return Err(AppError::bad_request(format!("{}: choose {choices}", field.label)));
            }
            options.insert(key, value.to_owned());
        }
        let mut secret = args.secret.and_then(SecretText::into_secret);
        if let Some(Credential::Basic { user, password }) = in_address {
            if system.form.iter().any(|field| field.key == "user") && !user.is_empty() {
                options.entry("user".to_owned()).or_insert(user);
            }
            if secret.is_none() && !password.expose().is_empty() {
                secret = Some(password);
            }
        }
        if secret.is_some() && system.proof == Proof::Nothing {
            return Err(AppError::bad_request(format!("{} takes no token or password", system.title)));
        }
        let row = ConnectionRow {
            name,
            kind: system.key.to_owned(),
            address,
            options: serde_json::to_string(&options).unwrap_or_default(),
            secret: None,
            pulled_at: None,
            report: None,
        };
        Ok(Self { row, secret, allow_secret_file: args.allow_secret_file })
    }
}

/// The connection as an entity, so that it is found like anything else.
fn told(row: &ConnectionRow, at: Timestamp, lifecycle: Option<&str>) -> Record {
    // A name that was checked can be kept.
    let name = QualifiedName { namespace: "catena".to_owned(), name: format!("connections/{}", row.name) };
    let thing = Thing::new(Kind::Connection, name);
    let title = System::by_key(&row.kind).map_or(row.kind.as_str(), |system| system.title);
    let claim = |field: Single, value: Option<&str>| Statement::Claim {
        thing: thing.clone(),
        field: Field::Single(field),
        value: value.map(Into::into),
        at,
    };
    let url = (row.address.starts_with("http://") || row.address.starts_with("https://"))
        .then_some(row.address.as_str());
    Record {
        at: format!("connection {}", row.name),
        event: None,
        source: Source::Catena,
        known: Known::Declared,
        statements: vec![
            Statement::Exists { thing: thing.clone() },
            claim(Single::Name, Some(&row.name)),
            claim(Single::Subtype, Some(&title.to_lowercase())),
            claim(Single::Url, url),
            claim(Single::Lifecycle, lifecycle),
        ],
    }
}

/// The timer of the open catalog.
#[derive(Default)]
pub(crate) struct Timers(std::sync::Mutex<Option<Timer>>);

impl Timers {
    /// Ends the one before and starts one for this catalog, if any.
    pub(crate) fn turn(&self, app: &App, session: Option<&Arc<Session>>) {
        let next = session.and_then(|session| start_timer(app, session));
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = next;
    }
}
