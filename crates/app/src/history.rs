//! What was done, by whom, and taking it back.

use catena_model::{
    actor::{Actor, Origin},
    change::{Aspect, Change},
    id::{CauseId, EntityId, OperationId},
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
    /// Of the operations of one import only the last, with the size of the whole.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub folded: bool,
    /// Only the operations of this import.
    #[serde(default)]
    #[ts(optional)]
    pub import: Option<String>,
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
    /// The whole import that it stands for, when operations are folded.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub import: Option<ImportView>,
    /// How many changes it has in all.
    #[ts(type = "number")]
    pub change_count: u64,
    /// The first of them; in an entity's history those about the entity.
    pub changes: Vec<ChangeView>,
}

/// A whole import, as shown.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ImportView {
    /// Its id, by which it is taken back.
    pub id: OperationId,
    /// How many operations it has.
    #[ts(type = "number")]
    pub operations: u64,
    /// How many changes they have in all.
    #[ts(type = "number")]
    pub change_count: u64,
    /// The operation that took all of it back.
    pub undone_by: Option<OperationId>,
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
    /// Which one; or the id of an import, for all that it did.
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
    /// How many operations would be taken back: one, or all of an import.
    pub operations: usize,
    /// How many changes would be made.
    pub change_count: usize,
    /// The first of them.
    pub changes: Vec<ChangeView>,
    /// How many later changes would be overwritten, or hidden with what they are about.
    pub collision_count: usize,
    /// The first of them.
    pub collisions: Vec<ChangeView>,
}

/// The most operations that are listed at once.
const MOST_OPERATIONS: u32 = 1_000;

/// The most changes that are shown of one operation.
const MOST_CHANGES: u32 = 50;

/// Operations, latest first.
pub fn history(app: &App, args: HistoryArgs) -> Result<Vec<OperationView>, AppError> {
    let import = args.import.as_deref().map(str::parse::<CauseId>).transpose();
    let import = import.map_err(|error| AppError::bad_request(error.to_string()))?;
    let views = app.session()?.catalog.read(|reader| {
        let about = args.id.as_ref().map(|text| reader.the(text)).transpose()?;
        let ids: Option<Vec<EntityId>> = about
            .as_ref()
            .map(|head| reader.group(head.ix).map(|rows| rows.iter().map(|row| row.id).collect()))
            .transpose()?;
        let limit = args.limit.min(MOST_OPERATIONS);
        let operations = match (import, about) {
            (Some(import), _) => {
                let mut operations = log::of_cause(reader.db(), import)?;
                operations.retain(|operation| args.before.is_none_or(|before| operation.seq < before));
                operations.truncate(limit as usize);
                operations
            }
            (None, None) if args.folded => log::latest_of_each_cause(reader.db(), args.before, limit)?,
            (None, about) => reader.history(about.map(|head| head.ix), args.before, limit)?,
        };
        operations
            .into_iter()
            .map(|operation| {
                let mut changes = match &ids {
                    None => log::changes(reader.db(), operation.seq, MOST_CHANGES)?,
                    Some(ids) => log::changes_about(reader.db(), operation.seq, ids)?,
                };
                changes.truncate(MOST_CHANGES as usize);
                let cause = operation.cause.filter(|_| args.folded && operation.undoes.is_none());
                let mut view = show(reader, operation, &changes)?;
                view.import = cause.map(|cause| whole(reader, cause, &view)).transpose()?;
                Ok(view)
            })
            .collect::<StoreResult<Vec<_>>>()
    })?;
    Ok(views)
}

/// The import of which an operation is the last.
fn whole(reader: &Reader<'_>, cause: CauseId, last: &OperationView) -> StoreResult<ImportView> {
    let (operations, change_count) = log::size_of_cause(reader.db(), cause)?;
    let undone_by = log::cause_undone_by(reader.db(), cause)?;
    Ok(ImportView {
        id: OperationId::from_bytes(*cause.as_bytes()),
        operations,
        change_count,
        // The only one was taken back by itself.
        undone_by: undone_by.or(last.undone_by.filter(|_| operations == 1)),
    })
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
        import: None,
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
        // Who merged it is told by who made the operation.
        Some(Value::Object(map)) if change.aspect == Aspect::MergedInto => {
            map.get("into").cloned().unwrap_or_default()
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
            title: plan.title,
            operations: plan.operations.len(),
            collision_count: plan.collisions.len(),
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
