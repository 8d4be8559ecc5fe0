//! What nodes are called.

use catena_graph::NodeIx;
use catena_model::{claim, field::Single, id::EntityId, kind::Kind, name::QualifiedName};
use catena_store::{
    StoreResult,
    table::{claim as claims, entity, name},
};

use super::{
    lens::Lens,
    walk::{Stop, go_on},
};
use crate::{AppError, named::called};

/// Members looked at between two looks at whether the view is still wanted.
const CHECK_EVERY: usize = 512;

/// What a node is called, in lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Called {
    pub(super) node: NodeIx,
    pub(super) id: EntityId,
    pub(super) kind: Kind,
    pub(super) name: String,
    /// Its name in the outside world: at the system that holds it if there is one, full ones before partial ones.
    pub(super) qualified: Option<QualifiedName>,
    /// The name that tells best where it lies: also one that leaves open which of several systems it is.
    pub(super) location: Option<QualifiedName>,
}

impl Called {
    /// The qualified name as text, empty when there is none.
    pub(super) fn qualified_text(&self) -> String {
        self.qualified.as_ref().map(ToString::to_string).unwrap_or_default()
    }
}

/// Looks up what a node is called; none when it is not in the catalog any more.
pub(super) fn look_up(lens: &Lens<'_>, node: NodeIx) -> StoreResult<Option<Called>> {
    let Some(row) = entity::at(lens.reader.db(), i64::from(node.0))?.filter(|row| !row.gone) else {
        return Ok(None);
    };
    let mut names = Vec::new();
    for member in lens.graph.members(node) {
        names.extend(name::of_entity(lens.reader.db(), member)?.into_iter().map(|row| row.name));
    }
    let qualified = names.iter().min_by_key(|name| (name.is_partial(), is_of_project(name), *name)).cloned();
    let location = names
        .into_iter()
        .min_by(|a, b| (location_rank(a), a.is_partial(), a).cmp(&(location_rank(b), b.is_partial(), b)));
    Ok(Some(Called { node, id: row.id, kind: row.kind, name: called(&row), qualified, location }))
}

/// Whether a name is the one that a dbt project gives a model, rather than that of its table.
fn is_of_project(name: &QualifiedName) -> bool {
    name.namespace.starts_with("dbt://")
}

/// How little a name says of where the thing lies.
fn location_rank(name: &QualifiedName) -> u8 {
    match (name.namespace.as_str(), is_of_project(name)) {
        ("*://*", _) => 2,
        (_, true) => 1,
        (_, false) => 0,
    }
}

/// The nodes whose name or qualified name has `filter` in it, by name. An empty filter lets all through.
pub(super) fn matching(
    lens: &Lens<'_>,
    nodes: &[NodeIx],
    filter: &str,
    stop: Stop<'_>,
) -> Result<Vec<Called>, AppError> {
    let filter = filter.trim().to_lowercase();
    let mut found = Vec::new();
    for (at, node) in nodes.iter().enumerate() {
        if at % CHECK_EVERY == 0 {
            go_on(stop)?;
        }
        let Some(row) = look_up(lens, *node)? else { continue };
        if filter.is_empty()
            || row.name.to_lowercase().contains(&filter)
            || row.qualified_text().to_lowercase().contains(&filter)
        {
            found.push(row);
        }
    }
    found.sort_by_cached_key(|row| (row.name.to_lowercase(), row.id));
    Ok(found)
}

/// The system that a name belongs to: what its namespace begins with (`postgres`, `s3`), or all of it.
pub(super) fn system(name: &QualifiedName) -> String {
    match name.namespace.split_once("://") {
        Some((scheme, _)) if scheme != "*" => scheme.to_owned(),
        Some(_) => String::new(),
        None => name.namespace.clone(),
    }
}

/// The schema or folder that a dataset lies in, without its database: `public` of `shop.public.orders`.
pub(super) fn schema(name: &QualifiedName) -> Option<&str> {
    let text = name.name.trim_end_matches('/');
    let container = if text.contains('/') { text.rsplit_once('/') } else { text.rsplit_once('.') }?.0;
    let last = container.trim_matches('/').rsplit(['/', '.']).next().unwrap_or_default();
    (!last.is_empty()).then_some(last)
}

/// A field's current value as text.
pub(super) fn text_field(lens: &Lens<'_>, node: NodeIx, field: Single) -> StoreResult<Option<String>> {
    Ok(field_value(lens, node, field)?.and_then(|value| match value {
        serde_json::Value::String(text) => Some(text),
        _ => None,
    }))
}

/// A field's current value.
pub(super) fn field_value(
    lens: &Lens<'_>,
    node: NodeIx,
    field: Single,
) -> StoreResult<Option<serde_json::Value>> {
    let mut all = Vec::new();
    for member in lens.graph.members(node) {
        all.extend(
            claims::of_field(lens.reader.db(), member, field.word())?.into_iter().map(|row| row.claim),
        );
    }
    Ok(claim::current(&all).map(|claim| claim.value.clone()))
}
