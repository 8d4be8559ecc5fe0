//! Receivers: switched on and off, what they saw, and what they could not take.
//!
//! They belong to the open catalog and go with it. Off until somebody switches them on; the window switches on again
//! what was on when it last had the same catalog open.

mod headless;
mod holder;
mod letters;
mod settings;
mod snippet;
mod token;

use std::sync::{Arc, Mutex, MutexGuard};

use catena_model::{actor::Origin, time::Timestamp};
use catena_receive::{
    House,
    limits::Limits,
    listen::StartError,
    protocol::{self, Protocol},
    stats::Seen,
};
use catena_store::table::dead_letter;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    App, AppError,
    client::{Done, Nothing},
    error::Trouble,
    session::Session,
    use_case::Topic,
};
use holder::{Held, Ticker};
use settings::{Settings, Wanted};
use snippet::{Snippet, snippets};

pub use headless::{Ready, ReadyReceiver, Serving, serve};
pub use letters::{
    DeadLetterArgs, DeadLetterView, DeadLetters, DeadLettersArgs, Replayed, discard, list as dead_letters,
    replay,
};

/// The receivers of the open catalog, while any is on.
#[derive(Default)]
pub struct Receivers {
    open: Mutex<Option<Open>>,
}

struct Open {
    house: Arc<House>,
    /// The catalog that they write to.
    session: Arc<Session>,
    ticker: Ticker,
}

impl Receivers {
    fn lock(&self) -> MutexGuard<'_, Option<Open>> {
        self.open.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Ends them all, once what they had taken is stored.
    pub(crate) fn close(&self) {
        let open = self.lock().take();
        if let Some(open) = open {
            // Whoever else looks at it just now may hold it a moment longer.
            open.house.close();
        }
    }

    fn house(&self, session: &Arc<Session>) -> Option<Arc<House>> {
        self.lock()
            .as_ref()
            .filter(|open| Arc::ptr_eq(&open.session, session))
            .map(|open| Arc::clone(&open.house))
    }

    /// The house of this catalog, opened if need be.
    fn house_or_open(&self, app: &App, session: &Arc<Session>) -> Result<Arc<House>, AppError> {
        let mut held = self.lock();
        if let Some(open) = held.as_ref()
            && Arc::ptr_eq(&open.session, session)
        {
            return Ok(Arc::clone(&open.house));
        }
        let failed = |error: std::io::Error| {
            AppError::new(Trouble::Failed, format!("receivers could not be started: {error}"))
        };
        let holder = Arc::new(Held::new(Arc::clone(session), Arc::clone(&app.environment.clock)));
        let house = Arc::new(House::open(Arc::clone(&holder) as _, Limits::default()).map_err(failed)?);
        let ticker =
            Ticker::start(holder, Arc::downgrade(&house), Arc::clone(&app.events)).map_err(failed)?;
        *held = Some(Open { house: Arc::clone(&house), session: Arc::clone(session), ticker });
        Ok(house)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.ticker.stop();
    }
}

/// Which receiver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReceiverArgs {
    /// Its protocol.
    pub protocol: String,
}

/// Which receiver to switch on, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReceiverStartArgs {
    /// Its protocol.
    pub protocol: String,
    /// Its port; the one that it had last when left out, or the usual one.
    #[serde(default)]
    pub port: Option<u16>,
}

/// Every receiver that there is.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct ReceiversView {
    /// One for each protocol.
    pub receivers: Vec<ReceiverView>,
    /// How many letters had to make room for newer ones.
    #[ts(type = "number")]
    pub letters_dropped: u64,
    /// Where the token is kept.
    pub token_file: String,
}

/// One receiver.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct ReceiverView {
    /// Its protocol.
    pub protocol: String,
    /// Its protocol, for people.
    pub title: String,
    /// Its address, when it is on.
    pub address: Option<String>,
    /// The port that it has, or would be given.
    pub port: u16,
    /// Why it is not on although it was when this catalog was open last.
    pub problem: Option<String>,
    /// What it has seen, when it is on.
    pub seen: Option<SeenView>,
    /// How many dead letters came by it.
    #[ts(type = "number")]
    pub letters: u64,
    /// What to paste, by client. `{token}` stands for the token.
    pub snippets: Vec<Snippet>,
}

/// What a receiver has seen since it was switched on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SeenView {
    /// Records that were stored, repeats included.
    #[ts(type = "number")]
    pub accepted: u64,
    /// Records that were set aside.
    #[ts(type = "number")]
    pub rejected: u64,
    /// Requests that were turned away.
    #[ts(type = "number")]
    pub refused: u64,
    /// When something was last stored.
    pub last_at: Option<Timestamp>,
    /// What last went wrong.
    pub problem: Option<String>,
    /// When that was.
    pub problem_at: Option<Timestamp>,
    /// Records stored in each of the last 60 seconds, the present one last.
    pub rate: Vec<u32>,
}

impl From<Seen> for SeenView {
    fn from(seen: Seen) -> Self {
        let (problem_at, problem) = seen.problem.unzip();
        Self {
            accepted: seen.accepted,
            rejected: seen.rejected,
            refused: seen.refused,
            last_at: seen.last,
            problem,
            problem_at,
            rate: seen.rate,
        }
    }
}

/// Every receiver, on or off.
pub fn list(app: &App, _: Nothing) -> Result<ReceiversView, AppError> {
    let session = app.session()?;
    let house = app.receivers.house(&session);
    let settings = Settings::read(&app.places.receivers());
    let (letters, letters_dropped) = session.catalog.read(|reader| {
        let counts: Result<Vec<_>, _> = protocol::all()
            .iter()
            .map(|protocol| dead_letter::count(reader.db(), Some(protocol.name())))
            .collect();
        Ok((counts?, dead_letter::dropped(reader.db())?))
    })?;
    let now = app.now();
    let listening = house.as_ref().map(|house| house.listening()).unwrap_or_default();
    let receivers = protocol::all().into_iter().zip(letters).map(|(protocol, letters)| {
        let on = listening.iter().find(|on| on.protocol == protocol.name());
        let wanted = settings.of(session.catalog.path(), protocol.name());
        let port = on
            .map(|on| on.port)
            .or(wanted.as_ref().map(|wanted| wanted.port))
            .unwrap_or_else(|| protocol.usual_port());
        ReceiverView {
            protocol: protocol.name().to_owned(),
            title: protocol.title().to_owned(),
            address: on.map(|on| on.address()),
            port,
            problem: wanted.filter(|wanted| wanted.on && on.is_none()).and_then(|wanted| wanted.problem),
            seen: house.as_ref().and_then(|house| house.seen(protocol.name(), now)).map(SeenView::from),
            letters,
            snippets: snippets(protocol.name(), port),
        }
    });
    Ok(ReceiversView {
        receivers: receivers.collect(),
        letters_dropped,
        token_file: app.places.receiver_token().display().to_string(),
    })
}

/// What came of switching a receiver on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ReceiverStarted {
    /// Its address, if it is on now.
    pub address: Option<String>,
    /// The port, if another program has it.
    pub taken: Option<TakenPort>,
}

/// A port that another program has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct TakenPort {
    /// It.
    pub port: u16,
    /// One that is free.
    pub free: u16,
}

/// Switches a receiver on, and remembers it for this catalog.
pub fn start(app: &App, args: ReceiverStartArgs) -> Result<ReceiverStarted, AppError> {
    let session = app.session()?;
    // Said at once, instead of to each client.
    drop(session.catalog.writer()?);
    let protocol = find(&args.protocol)?;
    let name = protocol.name();
    let path = session.catalog.path();
    let file = app.places.receivers();
    let mut settings = Settings::read(&file);
    let port = args
        .port
        .or_else(|| settings.of(path, name).map(|wanted| wanted.port))
        .unwrap_or_else(|| protocol.usual_port());
    let token = token::get_or_make(&app.places.receiver_token(), &app.environment)?;
    let house = app.receivers.house_or_open(app, &session)?;
    match house.start(protocol, port, &token, Vec::new()) {
        Ok(listening) => {
            settings.set(path, name, Wanted { on: true, port: listening.port, problem: None });
            settings.write(&file)?;
            Ok(ReceiverStarted { address: Some(listening.address()), taken: None })
        }
        Err(StartError::Taken { port, free }) => {
            Ok(ReceiverStarted { address: None, taken: Some(TakenPort { port, free }) })
        }
        Err(error) => Err(AppError::new(Trouble::Refused, error.to_string())),
    }
}

/// Switches a receiver off once what it had taken is stored.
pub fn stop(app: &App, args: ReceiverArgs) -> Result<Done, AppError> {
    let session = app.session()?;
    let name = find(&args.protocol)?.name();
    let file = app.places.receivers();
    let mut settings = Settings::read(&file);
    if let Some(wanted) = settings.of(session.catalog.path(), name) {
        settings.set(session.catalog.path(), name, Wanted { on: false, problem: None, ..wanted });
        settings.write(&file)?;
    }
    if let Some(house) = app.receivers.house(&session) {
        house.stop(name);
        if house.listening().is_empty() {
            drop(house);
            app.receivers.close();
        }
    }
    Ok(Done {})
}

/// The token that clients send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ReceiverToken {
    /// It.
    pub token: String,
    /// The file that it is kept in.
    pub kept_in: String,
}

/// The token that clients send, made when there is none.
pub fn token(app: &App, _: Nothing) -> Result<ReceiverToken, AppError> {
    let file = app.places.receiver_token();
    let token = token::get_or_make(&file, &app.environment)?;
    Ok(ReceiverToken { token, kept_in: file.display().to_string() })
}

/// Makes another token; the one before is refused from then on.
pub fn renew_token(app: &App, _: Nothing) -> Result<ReceiverToken, AppError> {
    let file = app.places.receiver_token();
    let token = token::renew(&file, &app.environment)?;
    if let Some(session) = app.current()
        && let Some(house) = app.receivers.house(&session)
    {
        for on in house.listening() {
            house.stop(on.protocol);
            let again = house.start(find(on.protocol)?, on.port, &token, Vec::new());
            again.map_err(|error| AppError::new(Trouble::Failed, error.to_string()))?;
        }
    }
    Ok(ReceiverToken { token, kept_in: file.display().to_string() })
}

fn find(protocol: &str) -> Result<Arc<dyn Protocol>, AppError> {
    protocol::named(protocol).ok_or_else(|| {
        let known: Vec<_> = protocol::all().iter().map(|protocol| protocol.name()).collect();
        AppError::bad_request(format!("there is no receiver \"{protocol}\": {}", known.join(", ")))
    })
}

/// Switches on again what was on when the window last had this catalog open.
pub(crate) fn resume(app: &App, session: &Arc<Session>) {
    if app.caller.act.origin != Origin::Window || session.catalog.writer().is_err() {
        return;
    }
    let file = app.places.receivers();
    let mut settings = Settings::read(&file);
    let path = session.catalog.path();
    let wanted: Vec<_> = protocol::all()
        .into_iter()
        .filter_map(|protocol| {
            let wanted = settings.of(path, protocol.name()).filter(|wanted| wanted.on)?;
            Some((protocol, wanted))
        })
        .collect();
    if wanted.is_empty() {
        return;
    }
    for (protocol, wanted) in wanted {
        let name = protocol.name();
        let started = token::get_or_make(&app.places.receiver_token(), &app.environment)
            .and_then(|token| Ok((app.receivers.house_or_open(app, session)?, token)))
            .map_err(|error| error.message)
            .and_then(|(house, token)| {
                house.start(protocol, wanted.port, &token, Vec::new()).map_err(|error| error.to_string())
            });
        settings.set(path, name, Wanted { problem: started.err(), ..wanted });
    }
    // What can't be remembered is told the next time somebody switches something.
    let _ = settings.write(&file);
    app.stale(&[Topic::Receivers]);
}
