//! Editing metadata as a person: fields, merges, splits, verdicts.

use std::collections::BTreeSet;

use catena_model::{
    field::{Field, Group, Single},
    id::{EntityId, OperationId},
    operation::Operation,
};
use catena_store::read::FieldView;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

use crate::{App, AppError, lineage::EvidenceVerdictArgs};

/// One field and its new value.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct FieldEdit {
    /// The field: `description`, `tags`, `tags/pii`.
    pub field: String,
    /// The value. A set is edited whole with an array; null takes a person's own value back.
    #[ts(type = "Json")]
    pub value: Value,
}

/// Edits of one entity, made together.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct EditArgs {
    /// Which entity.
    pub entity: EntityId,
    /// The edits.
    pub changes: Vec<FieldEdit>,
    /// Only check that the edits make sense.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub dry_run: bool,
}

/// Merges entities into one.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct MergeArgs {
    /// The one that stays.
    pub into: EntityId,
    /// Those that become part of it.
    pub entities: Vec<EntityId>,
}

/// Takes an entity out of its group.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SplitArgs {
    /// The entity that was merged.
    pub entity: EntityId,
}

/// What came of an act.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Operated {
    /// The operation; none when everything was so already.
    pub operation: Option<OperationId>,
    /// What it says in history.
    pub title: String,
}

impl From<Option<Operation>> for Operated {
    fn from(operation: Option<Operation>) -> Self {
        match operation {
            Some(operation) => Self { operation: Some(operation.id), title: operation.title },
            None => Self { operation: None, title: "Nothing to change".to_owned() },
        }
    }
}

/// The longest text that a field may hold, in bytes.
const LONGEST: usize = 1 << 20;

/// Edits fields of an entity.
pub fn edit(app: &App, args: EditArgs) -> Result<Operated, AppError> {
    let session = app.session()?;
    let views = session.catalog.read(|reader| reader.fields(reader.entity(args.entity)?.ix))?;
    let mut edits = Vec::new();
    for change in args.changes {
        edits.extend(claims(&change, &views)?);
    }
    if args.dry_run {
        return Ok(None.into());
    }
    let operation = session.catalog.writer()?.edit(app.act(), args.entity, &edits)?;
    Ok(operation.into())
}

/// What a person claims with an edit: a set's edit claims the elements that it adds and takes away, no others.
fn claims(edit: &FieldEdit, views: &[FieldView]) -> Result<Vec<(Field, Option<Value>)>, AppError> {
    let field: Field = edit.field.parse().map_err(|error| AppError::bad_request(format!("{error}")))?;
    let refuse = |why: &str| Err(AppError::bad_request(format!("{}: {why}", edit.field)));
    if edit.value.to_string().len() > LONGEST {
        return refuse("the value is longer than 1 MiB: keep a link to it instead");
    }
    if let (Value::Null, Field::Single(_) | Field::Element(..)) = (&edit.value, &field) {
        return Ok(vec![(field, None)]);
    }
    match (&field, &edit.value) {
        (Field::Single(Single::Parent), _) => refuse("what an entity is part of comes from its system"),
        (Field::Single(Single::Name), Value::String(text)) if text.trim().is_empty() => {
            refuse("a name can't be empty")
        }
        (Field::Single(Single::Nullable), Value::Bool(_))
        | (Field::Single(Single::Position), Value::Number(_)) => Ok(vec![(field, Some(edit.value.clone()))]),
        (Field::Single(Single::Nullable), _) => refuse("expected true or false"),
        (Field::Single(Single::Position), _) => refuse("expected a number"),
        (Field::Single(_), Value::String(_)) => Ok(vec![(field, Some(edit.value.clone()))]),
        (Field::Single(_), _) => refuse("expected a text"),
        (Field::Element(group, _), Value::Bool(_)) if !group.is_map() => {
            Ok(vec![(field, Some(edit.value.clone()))])
        }
        (Field::Element(group, _), _) if !group.is_map() => refuse("expected true or false"),
        (Field::Element(..), _) => Ok(vec![(field, Some(edit.value.clone()))]),
        (Field::Group(group), Value::Array(items)) if !group.is_map() => {
            let wanted: Option<BTreeSet<&str>> = items
                .iter()
                .map(|item| item.as_str().map(str::trim).filter(|text| !text.is_empty()))
                .collect();
            match wanted {
                Some(wanted) => Ok(set_claims(*group, &wanted, views)),
                None => refuse("expected a list of words"),
            }
        }
        (Field::Group(_), _) => refuse("expected a list of words"),
    }
}

fn set_claims(group: Group, wanted: &BTreeSet<&str>, views: &[FieldView]) -> Vec<(Field, Option<Value>)> {
    let held: BTreeSet<&str> = views
        .iter()
        .filter_map(|view| match &view.field {
            Field::Element(of, element) if *of == group => Some(element.as_str()),
            _ => None,
        })
        .collect();
    let claim =
        |element: &str, there: bool| (Field::Element(group, element.to_owned()), Some(Value::Bool(there)));
    wanted
        .difference(&held)
        .map(|element| claim(element, true))
        .chain(held.difference(wanted).map(|element| claim(element, false)))
        .collect()
}

/// Merges entities into one.
pub fn merge(app: &App, args: MergeArgs) -> Result<Operated, AppError> {
    let operation = app.session()?.catalog.writer()?.merge(app.act(), args.into, &args.entities)?;
    Ok(operation.into())
}

/// Takes an entity out of the group that it was merged into.
pub fn split(app: &App, args: SplitArgs) -> Result<Operated, AppError> {
    let operation = app.session()?.catalog.writer()?.split(app.act(), args.entity)?;
    Ok(operation.into())
}

/// Sets a person's word on a relation.
pub fn judge(app: &App, args: EvidenceVerdictArgs) -> Result<Operated, AppError> {
    let operation = app.session()?.catalog.writer()?.judge(app.act(), args.relation, args.verdict)?;
    Ok(operation.into())
}
