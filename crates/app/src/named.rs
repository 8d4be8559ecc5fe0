//! An entity as it is named in passing.

use catena_model::{id::EntityId, kind::Kind};
use catena_store::table::entity::EntityRow;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// An entity to go to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Named {
    /// Its id.
    pub id: EntityId,
    /// What it is.
    pub kind: Kind,
    /// What it is called.
    pub name: String,
}

impl From<&EntityRow> for Named {
    fn from(row: &EntityRow) -> Self {
        Self { id: row.id, kind: row.kind, name: called(row) }
    }
}

/// What the entity is called.
pub fn called(row: &EntityRow) -> String {
    row.name.clone().unwrap_or_else(|| row.id.to_string())
}
