//! Views saved under a name.

use catena_store::table::view;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    App, AppError,
    client::{Done, Nothing},
};

/// A link into the window, saved under a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SavedView {
    /// What it is called.
    pub name: String,
    /// Where it leads.
    pub link: String,
}

/// The name of a saved view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SavedViewName {
    /// What it is called.
    pub name: String,
}

/// All saved views, by name.
pub fn all(app: &App, _: Nothing) -> Result<Vec<SavedView>, AppError> {
    let views = app.session()?.catalog.read(|reader| view::all(reader.db()))?;
    Ok(views.into_iter().map(|(name, link)| SavedView { name, link }).collect())
}

/// Saves a view, in place of one of the same name.
pub fn put(app: &App, args: SavedView) -> Result<Done, AppError> {
    let name = args.name.trim();
    if name.is_empty() {
        return Err(AppError::bad_request("give the view a name"));
    }
    app.session()?.catalog.writer()?.unlogged(|db| view::put(db, name, &args.link))?;
    Ok(Done {})
}

/// Forgets a view.
pub fn delete(app: &App, args: SavedViewName) -> Result<Done, AppError> {
    app.session()?.catalog.writer()?.unlogged(|db| view::delete(db, &args.name))?;
    Ok(Done {})
}
