//! What the page may ask for. Everything about the catalog goes through the use cases.

use std::sync::Arc;

use catena_app::{App, AppError, error::Trouble, use_case::Reply};
use serde_json::Value;
use tauri::{State, ipc::Response};

use crate::opening::{Opened, Waiting};

/// Calls a use case away from the window's own thread. One that takes no arguments needs none.
#[tauri::command]
pub async fn use_case(
    app: State<'_, Arc<App>>,
    name: String,
    args: Option<Value>,
) -> Result<Response, AppError> {
    let app = Arc::clone(&app);
    let args = args.unwrap_or_default();
    let called = tauri::async_runtime::spawn_blocking(move || app.call(&name, args)).await;
    match called {
        Ok(Ok(Reply::Json(text))) => Ok(Response::new(text)),
        Ok(Ok(Reply::Bytes(bytes))) => Ok(Response::new(bytes)),
        Ok(Err(error)) => Err(error),
        Err(error) => Err(AppError::new(
            Trouble::Failed,
            format!("this failed unexpectedly ({error}): please report it"),
        )),
    }
}

/// Opens a link outside, after a look at where it leads.
#[tauri::command]
pub fn open_link(url: &str) -> Result<(), AppError> {
    let parsed: tauri::Url =
        url.parse().map_err(|_| AppError::bad_request(format!("\"{url}\" is not a web address")))?;
    if !matches!(parsed.scheme(), "http" | "https" | "mailto") {
        return Err(AppError::new(
            Trouble::Refused,
            format!("links to {}: are not opened: only http, https and mailto", parsed.scheme()),
        ));
    }
    open::that_detached(parsed.as_str())
        .map_err(|error| AppError::new(Trouble::Failed, format!("no program opened {url}: {error}")))
}

/// What the window was asked to open before its page was there: a link into the catalog, or an error.
#[tauri::command]
pub fn opened_with(waiting: State<'_, Waiting>) -> Option<Opened> {
    waiting.take()
}

/// Shows the window, now that its page has something to show.
#[tauri::command]
pub fn window_ready(window: tauri::WebviewWindow) {
    let _ = window.show();
    let _ = window.set_focus();
}
