//! What was done, by whom, and taking it back.

use catena_model::{
    actor::{Actor, Origin},
    change::Change,
    id::{EntityId, OperationId},
    operation::Operation,
    time::Timestamp,
};
use catena_store::{
    Reader, StoreResult,
    history::{Later, plan_revert},
    table::log,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

use crate::{
    App, AppError,
    client::Nothing,
    edit::Operated,
    entity::{aspect_words, subject_words},
    error::Trouble,
};

/// Asks for history.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct HistoryArgs {
    /// Only what touched this entity: an id, or a name that only it has.
    pub id: Option<String>,
    /// How many operations.
    pub limit: u32,
    /// Only operations before this place in the log.
    #[ts(type = "number | null")]
    pub before: Option<u64>,
}

/// One operation, as shown.
#[derive(Debug, Clone, Serialize, TS)]
pub struct OperationView {
    /// Its place in the log.
    #[ts(type = "number")]
    pub seq: u64,
    /// Its id.
    pub id: OperationId,
    /// What was done.
    pub title: String,
    /// Who did it.
    pub actor: String,
    /// The person that an agent acted for.
    pub on_behalf_of: Option<String>,
    /// Through what.
    pub origin: Origin,
    /// What it was part of.
    pub cause: Option<String>,
    /// When.
    pub at: Timestamp,
    /// The operation that took it back.
    pub undone_by: Option<OperationId>,
    /// The operation that it took back.
    pub undoes: Option<OperationId>,
    /// How many changes it has in all.
    #[ts(type = "number")]
    pub change_count: u64,
    /// The first of them; in an entity's history those about the entity.
    pub changes: Vec<ChangeView>,
}

/// One change, as shown.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ChangeView {
    /// The entity that it is about; a relation's first one.
    pub subject: EntityId,
    /// Its name, or the relation in words.
    pub subject_name: String,
    /// Which field.
    pub field: String,
    /// Who claims the value.
    pub source: String,
    /// What was there.
    #[ts(type = "Json")]
    pub before: Value,
    /// What is there now.
    #[ts(type = "Json")]
    pub after: Value,
}

/// Takes an operation back.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct UndoArgs {
    /// Which one.
    pub operation: OperationId,
    /// What to do about changes that were made since to the same fields.
    #[serde(default)]
    #[ts(optional, as = "Option<OnLater>")]
    pub later: OnLater,
    /// Only check whether it can be done.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub dry_run: bool,
}

/// What to do about changes made since.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OnLater {
    /// Do nothing if there are any.
    #[default]
    Refuse,
    /// Leave them as they are.
    Keep,
    /// Overwrite them.
    Overwrite,
}

/// What taking an operation back would do.
#[derive(Debug, Clone, Serialize, TS)]
pub struct UndoPlan {
    /// What it was.
    pub title: String,
    /// How many changes would be made.
    pub change_count: usize,
    /// The first of them.
    pub changes: Vec<ChangeView>,
    /// Those that would overwrite something later.
    pub collisions: Vec<ChangeView>,
}

/// The most changes that are shown of one operation.
const MOST_CHANGES: u32 = 50;

/// Operations, latest first.
pub fn history(app: &App, args: HistoryArgs) -> Result<Vec<OperationView>, AppError> {
    let views = app.session()?.catalog.read(|reader| {
        let about = args.id.as_ref().map(|text| reader.the(text)).transpose()?;
        let ids: Option<Vec<EntityId>> = about
            .as_ref()
            .map(|head| reader.group(head.ix).map(|rows| rows.iter().map(|row| row.id).collect()))
            .transpose()?;
        reader
            .history(about.map(|head| head.ix), args.before, args.limit.min(1_000))?
            .into_iter()
            .map(|operation| {
                let mut changes = match &ids {
                    None => log::changes(reader.db(), operation.seq, MOST_CHANGES)?,
                    Some(ids) => log::changes_about(reader.db(), operation.seq, ids)?,
                };
                changes.truncate(MOST_CHANGES as usize);
                show(reader, operation, &changes)
            })
            .collect::<StoreResult<Vec<_>>>()
    })?;
    Ok(views)
}

fn show(reader: &Reader<'_>, operation: Operation, changes: &[Change]) -> StoreResult<OperationView> {
    let (actor, on_behalf_of) = match operation.actor {
        Actor::Person { name } => (name, None),
        Actor::Agent { name, on_behalf_of } => (name, Some(on_behalf_of)),
        Actor::Catena => ("Catena".to_owned(), None),
    };
    Ok(OperationView {
        seq: operation.seq,
        id: operation.id,
        title: operation.title,
        actor,
        on_behalf_of,
        origin: operation.origin,
        cause: operation.cause.map(|cause| cause.to_string()),
        at: operation.at,
        undone_by: reader.undone_by(operation.id)?,
        undoes: operation.undoes,
        change_count: operation.changes,
        changes: changes.iter().map(|change| show_change(reader, change)).collect(),
    })
}

fn show_change(reader: &Reader<'_>, change: &Change) -> ChangeView {
    let (subject, subject_name) = subject_words(reader, &change.subject);
    let (field, source) = aspect_words(&change.aspect);
    // A claim is stored with how it is known; people read the value.
    let value = |value: &Option<Value>| match value {
        Some(Value::Object(map)) if map.contains_key("known") => {
            map.get("value").cloned().unwrap_or_default()
        }
        Some(value) => value.clone(),
        None => Value::Null,
    };
    ChangeView {
        subject,
        subject_name,
        field,
        source,
        before: value(&change.before),
        after: value(&change.after),
    }
}

/// What taking an operation back would do, and what it would collide with.
pub fn undo_plan(app: &App, args: UndoArgs) -> Result<UndoPlan, AppError> {
    let plan = app.session()?.catalog.read(|reader| {
        let plan = plan_revert(reader.db(), args.operation)?;
        Ok(UndoPlan {
            title: plan.operation.title,
            change_count: plan.changes.len(),
            changes: plan
                .changes
                .iter()
                .take(MOST_CHANGES as usize)
                .map(|change| show_change(reader, change))
                .collect(),
            collisions: plan
                .collisions
                .iter()
                .take(MOST_CHANGES as usize)
                .map(|collision| {
                    let mut view = show_change(reader, &collision.change);
                    view.before = collision.now.clone().unwrap_or_default();
                    view
                })
                .collect(),
        })
    })?;
    Ok(plan)
}

/// Takes an operation back by a new one.
pub fn undo(app: &App, args: UndoArgs) -> Result<Operated, AppError> {
    let session = app.session()?;
    let later = match args.later {
        OnLater::Refuse => Later::Refuse,
        OnLater::Keep => Later::Keep,
        OnLater::Overwrite => Later::Overwrite,
    };
    if args.dry_run {
        let plan = undo_plan(app, args)?;
        if later == Later::Refuse && !plan.collisions.is_empty() {
            return Err(AppError::new(Trouble::Refused, "some of its changes were changed again later"));
        }
        return Ok(Operated { operation: None, title: format!("Undo: {}", plan.title) });
    }
    let operation = session.catalog.writer()?.revert(app.act(), args.operation, later)?;
    Ok(operation.into())
}

/// Brings back what the last undo took, if nothing was done since.
pub fn redo(app: &App, _: Nothing) -> Result<Operated, AppError> {
    let session = app.session()?;
    let last = session.catalog.read(|reader| Ok(reader.history(None, None, 1)?.into_iter().next()))?;
    match last {
        Some(last) if last.undoes.is_some() && last.title.starts_with("Undo: ") => {
            let operation = session.catalog.writer()?.revert(app.act(), last.id, Later::Refuse)?;
            Ok(operation.into())
        }
        _ => Ok(Operated { operation: None, title: "Nothing to redo".to_owned() }),
    }
}
