//! An application set up for this machine and user.

use std::sync::Arc;

use catena_app::{App, environment, events::Events, places::Places, session::Caller, use_case::Role};
use catena_model::actor::{Act, Actor, Origin};

/// The name that the user's operations bear: the account's.
pub fn user_name() -> String {
    ["CATENA_USER", "USER", "USERNAME", "LOGNAME"]
        .iter()
        .find_map(|key| std::env::var(key).ok().filter(|name| !name.trim().is_empty()))
        .unwrap_or_else(|| "me".to_owned())
}

/// The application of this machine's user, who may do everything with their own catalogs.
pub fn events_app(places: Places, origin: Origin, events: Arc<dyn Events>) -> App {
    let act = Act { actor: Actor::Person { name: user_name() }, origin, cause: None };
    App::new(environment::real(), places, Caller { act, role: Role::Admin }, events)
}
