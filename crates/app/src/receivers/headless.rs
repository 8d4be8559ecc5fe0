//! Receivers without a window: on until the program is told to end.

use std::sync::Arc;

use catena_receive::{House, listen::loopback_port};
use serde::Serialize;

use super::{find, token};
use crate::{App, AppError, error::Trouble};

/// What is said once all receivers listen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ready {
    /// They do.
    pub ready: bool,
    /// Those that were asked for.
    pub receivers: Vec<ReadyReceiver>,
    /// What clients have to send.
    pub token: String,
}

/// One that listens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReadyReceiver {
    /// Its protocol.
    pub protocol: String,
    /// Its address.
    pub address: String,
}

/// Receivers that listen.
pub struct Serving {
    /// What to say.
    pub ready: Ready,
    house: Arc<House>,
    ending: Ending,
}

/// Switches receivers on, each a protocol and an address of this machine; all of them or none. The token is the
/// user's own unless one is given. Nothing of it is remembered.
pub fn serve(app: &App, wanted: &[(String, String)], token: Option<String>) -> Result<Serving, AppError> {
    let session = app.session()?;
    drop(session.catalog.writer()?);
    if wanted.is_empty() {
        return Err(AppError::bad_request(
            "name a receiver and its address, such as --openlineage 127.0.0.1:5000",
        ));
    }
    let token = match token {
        None => token::get_or_make(&app.places.receiver_token(), &app.environment)?,
        Some(token) if token.len() < 16 || !token.bytes().all(|byte| byte.is_ascii_graphic()) => {
            return Err(AppError::bad_request(
                "the token is easily guessed: give one of at least 16 letters, digits or signs, or leave it out",
            ));
        }
        Some(token) => token,
    };
    // Before anybody is told that all is ready: who is told may end it at once.
    let ending = Ending::new()
        .map_err(|error| AppError::new(Trouble::Failed, format!("signals to end can't be heard: {error}")))?;
    let refused =
        |error: catena_receive::listen::StartError| AppError::new(Trouble::Refused, error.to_string());
    let house = app.receivers.house_or_open(app, &session)?;
    let mut receivers = Vec::new();
    for (protocol, address) in wanted {
        let port = loopback_port(address).map_err(|error| AppError::bad_request(error.to_string()))?;
        let listening = house.start(find(protocol)?, port, &token, Vec::new()).map_err(refused)?;
        receivers.push(ReadyReceiver { protocol: protocol.clone(), address: listening.address() });
    }
    Ok(Serving { ready: Ready { ready: true, receivers, token }, house, ending })
}

impl Serving {
    /// Waits until the program is told to end (Ctrl+C, or a signal to terminate), then finishes what was taken.
    pub fn until_told(self, app: &App) -> Result<(), AppError> {
        let Self { ending, house, .. } = self;
        ending.wait();
        drop(house);
        app.receivers.close();
        Ok(())
    }
}

/// The signals to end, heard from when this is made.
struct Ending {
    runtime: tokio::runtime::Runtime,
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 2],
}

impl Ending {
    fn new() -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        #[cfg(unix)]
        let signals = {
            use tokio::signal::unix::{SignalKind, signal};
            let _inside = runtime.enter();
            [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?]
        };
        Ok(Self {
            runtime,
            #[cfg(unix)]
            signals,
        })
    }

    #[cfg(unix)]
    fn wait(mut self) {
        let [interrupt, terminate] = &mut self.signals;
        self.runtime.block_on(async {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        });
    }

    #[cfg(not(unix))]
    fn wait(self) {
        // Where the signal can't be heard, the program ends by it, and what was acknowledged is stored all the same.
        let _ = self.runtime.block_on(tokio::signal::ctrl_c());
    }
}
