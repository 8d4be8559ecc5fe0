//! Taking operations back. History is never rewritten: a revert is a new operation with the inverse changes.

use catena_model::{actor::Act, change::Change, id::OperationId, operation::Operation};
use rusqlite::Connection;
use serde_json::Value;

use crate::{StoreError, StoreResult, Writer, project, table::log};

/// What a revert would do.
#[derive(Debug, Clone, PartialEq)]
pub struct RevertPlan {
    /// The operation that would be taken back.
    pub operation: Operation,
    /// The changes that would be made.
    pub changes: Vec<Change>,
    /// The changes that can't be made without overwriting a later one.
    pub collisions: Vec<Collision>,
}

/// A change of the operation that something later has changed again.
#[derive(Debug, Clone, PartialEq)]
pub struct Collision {
    /// The inverse change, as it would be made.
    pub change: Change,
    /// What is there now instead of what the operation left.
    pub now: Option<Value>,
}

/// What to do about later changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Later {
    /// Do nothing at all if there are any.
    Refuse,
    /// Leave them, and take the rest back.
    Keep,
    /// Overwrite them; they stay in history.
    Overwrite,
}

/// What reverting `id` would do now.
pub fn plan_revert(db: &Connection, id: OperationId) -> StoreResult<RevertPlan> {
    let operation = log::find(db, id)?
        .ok_or_else(|| StoreError::NotFound(format!("the history has no operation {id}")))?;
    let (mut changes, mut collisions) = (Vec::new(), Vec::new());
    // An address that the operation changed twice goes back to what was there before the first change.
    let mut pending: std::collections::HashMap<(Vec<u8>, String), Option<Value>> =
        std::collections::HashMap::new();
    for change in log::changes(db, operation.seq, u32::MAX)?.iter().rev() {
        let inverse = change.inverse();
        let address = (log::subject_bytes(&inverse.subject), format!("{:?}", inverse.aspect));
        let now = match pending.get(&address) {
            Some(now) => now.clone(),
            None => project::current(db, &inverse.subject, &inverse.aspect)?,
        };
        if now == inverse.before {
            pending.insert(address, inverse.after.clone());
            changes.push(inverse);
        } else if now != inverse.after {
            collisions.push(Collision { change: inverse, now });
        }
    }
    Ok(RevertPlan { operation, changes, collisions })
}

/// Whether an undo of this operation stands, not undone itself.
fn stands_undone(db: &Connection, id: OperationId) -> StoreResult<bool> {
    match log::undone_by(db, id)? {
        Some(undo) => Ok(!stands_undone(db, undo)?),
        None => Ok(false),
    }
}

impl Writer {
    /// Takes an operation back by a new one. A revert of a revert brings back what the first one took.
    pub fn revert(&mut self, act: &Act, id: OperationId, later: Later) -> StoreResult<Option<Operation>> {
        let (operation, ()) = self.operation(act, Some(id), |step| {
            let plan = plan_revert(step.db, id)?;
            if plan.changes.is_empty() && stands_undone(step.db, id)? {
                return Err(StoreError::Refused(format!(
                    "\"{}\" was undone already: undo that undo to bring it back",
                    plan.operation.title
                )));
            }
            if later == Later::Refuse && !plan.collisions.is_empty() {
                return Err(StoreError::Refused(format!(
                    "{} of the changes of \"{}\" were changed again later: choose to keep or to overwrite the later ones",
                    plan.collisions.len(),
                    plan.operation.title
                )));
            }
            for change in plan.changes {
                step.apply(change)?;
            }
            if later == Later::Overwrite {
                for collision in plan.collisions {
                    step.set(collision.change.subject, collision.change.aspect, collision.change.after)?;
                }
            }
            let title = plan.operation.title;
            let title = title.strip_prefix("Undo: ").map_or_else(|| format!("Undo: {title}"), |title| format!("Redo: {title}"));
            Ok((title, ()))
        })?;
        Ok(operation)
    }
}
