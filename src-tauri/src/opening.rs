//! What the window is asked to open: a catalog file, or a `catena://` link into the open one.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use catena_app::{
    App,
    catalog::{self, PathArgs},
    recent,
};
use serde::Serialize;
use tauri::{AppHandle, Emitter, Manager};

/// The event's name at the page.
const NAME: &str = "catena://open";

/// Something that the page should know about an opening.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Opened {
    /// Go to this link.
    Link {
        /// `catena://entity/ID` and the like.
        link: String,
    },
    /// It could not be opened.
    Failed {
        /// Why, and what to do.
        message: String,
    },
}

/// What waits for the page to come up.
#[derive(Default)]
pub struct Waiting(Mutex<Option<Opened>>);

impl Waiting {
    /// Takes what waits.
    pub fn take(&self) -> Option<Opened> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take()
    }

    fn put(&self, opened: Opened) {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(opened);
    }
}

/// At the start: opens what was named, else the catalog used last. Without either the page offers the sample.
pub fn at_start(handle: &AppHandle, arguments: &[OsString]) {
    let (catalog, rest) = named(arguments);
    if let Some(catalog) = catalog {
        report(handle, open_catalog(handle, &catalog));
    } else if !rest.iter().any(|argument| is_file(argument)) {
        let app = handle.state::<Arc<App>>();
        if let Some(last) = recent::list(&app.places.recent()).into_iter().next() {
            report(handle, open_catalog(handle, Path::new(&last.path)));
        }
    }
    for argument in rest {
        open(handle, &argument, None);
    }
}

/// A second start of the program hands over what it was given.
pub fn from_second_start(handle: &AppHandle, arguments: &[String], folder: &str) {
    if let Some(window) = handle.get_webview_window("main") {
        let _ = window.unminimize();
        let _ = window.show();
        let _ = window.set_focus();
    }
    let arguments: Vec<OsString> = arguments.iter().skip(1).map(OsString::from).collect();
    let (catalog, rest) = named(&arguments);
    if let Some(catalog) = catalog {
        report(handle, open_catalog(handle, &Path::new(folder).join(catalog)));
    }
    for argument in rest {
        open(handle, &argument, Some(Path::new(folder)));
    }
}

/// Opens one argument: a link, or a file seen from `folder`.
pub fn open(handle: &AppHandle, argument: &str, folder: Option<&Path>) {
    if argument.starts_with("catena://") {
        tell(handle, Opened::Link { link: argument.to_owned() });
        return;
    }
    let path = match argument.strip_prefix("file://") {
        Some(path) => PathBuf::from(path),
        None => PathBuf::from(argument),
    };
    let path = folder.map_or_else(|| path.clone(), |folder| folder.join(&path));
    report(handle, open_catalog(handle, &path));
}

fn open_catalog(handle: &AppHandle, path: &Path) -> Result<(), String> {
    let app = handle.state::<Arc<App>>();
    catalog::open(&app, PathArgs { path: path.to_string_lossy().into_owned() })
        .map(|_| ())
        .map_err(|error| error.message)
}

fn report(handle: &AppHandle, result: Result<(), String>) {
    if let Err(message) = result {
        tell(handle, Opened::Failed { message });
    }
}

fn tell(handle: &AppHandle, opened: Opened) {
    handle.state::<Waiting>().put(opened.clone());
    // A page that is there takes it at once; one that is still coming up asks for it.
    let _ = handle.emit(NAME, opened);
}

/// Tells `--catalog FILE` from the rest.
fn named(arguments: &[OsString]) -> (Option<PathBuf>, Vec<String>) {
    let (mut catalog, mut rest) = (None, Vec::new());
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match &*argument.to_string_lossy() {
            "--catalog" | "-c" => catalog = arguments.next().map(PathBuf::from),
            flag if flag.starts_with('-') => {}
            plain => rest.push(plain.to_owned()),
        }
    }
    (catalog, rest)
}

fn is_file(argument: &str) -> bool {
    !argument.starts_with("catena://")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_catalog_is_told_from_files_and_links() {
        let arguments: Vec<OsString> =
            ["--catalog", "a.catena", "--flag", "catena://entity/x"].iter().map(OsString::from).collect();
        let (catalog, rest) = named(&arguments);
        assert_eq!(catalog, Some(PathBuf::from("a.catena")));
        assert_eq!(rest, ["catena://entity/x"]);
        assert!(!is_file(&rest[0]));
    }
}
