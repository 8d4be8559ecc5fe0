//! An entity as it is named in passing.

use catena_model::{
    change::{Aspect, Change},
    id::EntityId,
    kind::Kind,
    name::QualifiedName,
};
use catena_store::{
    Reader, StoreResult,
    table::{
        entity::{self, EntityRow},
        log, name,
    },
};
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

/// What stands for a name where there is none: the store writes it for what is left of a merged entity.
const UNNAMED: &str = "unnamed";
/// Operations that are looked through for the name that something had.
const MOST_OPERATIONS: u32 = 20;

/// What an entity is called in history. One that has no name any more, as its names went to what it was merged into,
/// is called by the qualified name that it had.
pub fn name_of(reader: &Reader<'_>, id: EntityId) -> StoreResult<String> {
    let db = reader.db();
    let Some(row) = entity::find(db, id)? else { return Ok(id.to_string()) };
    match &row.name {
        Some(name) if name != UNNAMED => return Ok(name.clone()),
        _ => {}
    }
    if let Some(own) = name::of_entity(db, row.ix)?.into_iter().map(|row| row.name).min() {
        return Ok(own.to_string());
    }
    for operation in log::latest_about(db, &[id], None, MOST_OPERATIONS)? {
        let changes = log::changes_about(db, operation.seq, &[id])?;
        if let Some(had) = changes.iter().filter_map(name_in).min_by_key(|name| (name.is_partial(), *name)) {
            return Ok(had.to_string());
        }
    }
    Ok(row.name.unwrap_or_else(|| id.to_string()))
}

fn name_in(change: &Change) -> Option<&QualifiedName> {
    match &change.aspect {
        Aspect::Named { name } => Some(name),
        _ => None,
    }
}

/// Of several qualified names, full ones first, the one that says most to a person: where the thing lies, rather than
/// what a project calls it.
pub fn friendly(names: &[String]) -> Option<&str> {
    let rank = |name: &&String| (name.starts_with("dbt://"), name.starts_with("*://"), name.contains("://*"));
    names.iter().min_by_key(rank).map(String::as_str)
}

#[cfg(test)]
mod tests {
    #[test]
    fn where_a_thing_lies_says_more_than_what_a_project_calls_it() {
        let friendly = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            super::friendly(&names).map(str::to_owned)
        };
        assert_eq!(
            friendly(&["dbt://shop/model.shop.orders", "duckdb://shop/main.orders"]).unwrap(),
            "duckdb://shop/main.orders"
        );
        assert_eq!(
            friendly(&["dbt://shop/model.shop.orders", "duckdb://*/main.orders"]).unwrap(),
            "duckdb://*/main.orders"
        );
        assert_eq!(friendly(&["dbt://shop/model.shop.orders"]).unwrap(), "dbt://shop/model.shop.orders");
        assert_eq!(friendly(&[]), None);
    }
}
