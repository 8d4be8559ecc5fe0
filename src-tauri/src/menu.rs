//! The menu. It only tells the page what was chosen; the page does it as it does for its own buttons and keys.

use tauri::{
    AppHandle, Emitter, Wry,
    menu::{AboutMetadata, Menu, MenuItem, PredefinedMenuItem, Submenu},
};

/// The event's name at the page; its payload is the item's id.
const NAME: &str = "catena://menu";

/// The menu of the window.
pub fn build(handle: &AppHandle) -> tauri::Result<Menu<Wry>> {
    let item = |id: &str, text: &str, keys: Option<&str>| MenuItem::with_id(handle, id, text, true, keys);
    let line = || PredefinedMenuItem::separator(handle);
    let file = Submenu::with_items(
        handle,
        "&File",
        true,
        &[
            &item("new", "&New catalog…", Some("CmdOrCtrl+N"))?,
            &item("open", "&Open catalog…", Some("CmdOrCtrl+O"))?,
            &item("sample", "Open the &sample", None)?,
            &line()?,
            &item("import", "&Import…", Some("CmdOrCtrl+I"))?,
            &line()?,
            &item("backup", "&Back up…", Some("CmdOrCtrl+Shift+S"))?,
            &item("restore", "&Restore a backup…", None)?,
            &item("check", "&Check the catalog", None)?,
            &line()?,
            &PredefinedMenuItem::close_window(handle, Some("Close &window"))?,
            &PredefinedMenuItem::quit(handle, Some("&Quit"))?,
        ],
    )?;
    let edit = Submenu::with_items(
        handle,
        "&Edit",
        true,
        &[
            &item("undo", "&Undo", None)?,
            &item("redo", "&Redo", None)?,
            &line()?,
            &PredefinedMenuItem::cut(handle, None)?,
            &PredefinedMenuItem::copy(handle, None)?,
            &PredefinedMenuItem::paste(handle, None)?,
            &PredefinedMenuItem::select_all(handle, None)?,
        ],
    )?;
    let go = Submenu::with_items(
        handle,
        "&Go",
        true,
        &[
            &item("palette", "&Search everywhere", Some("CmdOrCtrl+K"))?,
            &item("go-search", "S&earch", Some("CmdOrCtrl+1"))?,
            &item("go-lineage", "&Lineage", Some("CmdOrCtrl+2"))?,
            &item("go-runs", "&Runs", Some("CmdOrCtrl+5"))?,
            &item("go-changes", "&Changes", Some("CmdOrCtrl+3"))?,
            &item("go-connections", "C&onnections", Some("CmdOrCtrl+4"))?,
            &line()?,
            &item("back", "&Back", Some("Alt+Left"))?,
            &item("forward", "&Forward", Some("Alt+Right"))?,
        ],
    )?;
    let view = Submenu::with_items(
        handle,
        "&View",
        true,
        &[
            &item("theme-light", "&Light", None)?,
            &item("theme-dark", "&Dark", None)?,
            &item("theme-system", "As the &system", None)?,
        ],
    )?;
    let about = AboutMetadata {
        name: Some("Catena".to_owned()),
        version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        comments: Some("Shows where every AI answer came from".to_owned()),
        license: Some("Apache-2.0".to_owned()),
        ..AboutMetadata::default()
    };
    let help = Submenu::with_items(
        handle,
        "&Help",
        true,
        &[
            &item("shortcuts", "&Keyboard shortcuts", None)?,
            &PredefinedMenuItem::about(handle, Some("&About Catena"), Some(about))?,
        ],
    )?;
    Menu::with_items(handle, &[&file, &edit, &go, &view, &help])
}

/// Tells the page what was chosen.
pub fn chosen(handle: &AppHandle, id: &str) {
    let _ = handle.emit(NAME, id);
}
