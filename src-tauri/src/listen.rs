//! Takes the application's events to the page.

use catena_app::events::{Event, Events};
use tauri::{AppHandle, Emitter};

/// The event's name at the page.
const NAME: &str = "catena://event";

/// Sends events to the page.
pub struct Heard(pub AppHandle);

impl Events for Heard {
    fn send(&self, event: Event) {
        // A page that isn't there yet reads everything afresh once it is.
        let _ = self.0.emit(NAME, event);
    }
}
