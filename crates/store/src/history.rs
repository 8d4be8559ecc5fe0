//! Taking operations back. History is never rewritten: a revert is a new operation with the inverse changes.
//!
//! What belongs together, such as the operations of one import, is taken back as one. A revert that would overwrite or
//! hide what was said later lists it first ([`RevertPlan::collisions`]).

use std::collections::{HashMap, HashSet};

use catena_model::{
    actor::Act,
    change::{Aspect, Change, Subject},
    field::Field,
    id::{CauseId, EntityId, OperationId},
    operation::Operation,
    relation::RelationKey,
    source::Source,
    time::Timestamp,
};
use rusqlite::Connection;
use serde_json::Value;

use crate::{
    StoreError, StoreResult, Writer, project,
    table::{claim, cursor, entity, event, log, name, relation, source},
    writer::Step,
};

/// What a revert would do.
#[derive(Debug, Clone, PartialEq)]
pub struct RevertPlan {
    /// What would be taken back, in words.
    pub title: String,
    /// The operations that would be taken back, latest first.
    pub operations: Vec<Operation>,
    /// What they share, when they are taken back as one.
    pub cause: Option<CauseId>,
    /// The changes that would be made.
    pub changes: Vec<Change>,
    /// The changes that can't be made without overwriting or hiding what was said later.
    pub collisions: Vec<Collision>,
}

/// Something that was said later and that the revert would overwrite, or hide with the entity that it is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Collision {
    /// The change that would be made of it.
    pub change: Change,
    /// What is there now instead of what the operation left.
    pub now: Option<Value>,
    /// The entity that can only go when this goes with it.
    pub keeps: Option<EntityId>,
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

type Address = (Subject, Aspect);

/// What reverting `id` would do now. It names an operation, or what several share: then all of them are meant.
pub fn plan_revert(db: &Connection, id: OperationId) -> StoreResult<RevertPlan> {
    let (operations, cause) = meant(db, id)?;
    let Some(title) = operations.last().map(|first| first.title.clone()) else {
        return Err(StoreError::NotFound(format!("the history has no operation and no import {id}")));
    };
    let (mut changes, mut collisions) = (Vec::new(), Vec::<Collision>::new());
    // An address that was changed twice goes back to what was there before the first change.
    let mut pending: HashMap<Address, Option<Value>> = HashMap::new();
    let mut collided: HashMap<Address, usize> = HashMap::new();
    for operation in &operations {
        for change in log::changes(db, operation.seq, u32::MAX)?.iter().rev() {
            let inverse = change.inverse();
            // Made anew from what is there after the revert.
            if is_a_tie(&inverse.aspect) {
                continue;
            }
            let address = (inverse.subject, inverse.aspect.clone());
            if let Some(collision) = collided.get(&address).and_then(|at| collisions.get_mut(*at)) {
                collision.change.after = inverse.after;
                continue;
            }
            let now = match pending.get(&address) {
                Some(now) => now.clone(),
                None => project::current(db, &inverse.subject, &inverse.aspect)?,
            };
            if now == inverse.before {
                pending.insert(address, inverse.after.clone());
                changes.push(inverse);
            } else if now != inverse.after {
                collided.insert(address, collisions.len());
                collisions.push(Collision { change: inverse, now, keeps: None });
            }
        }
    }
    let gone = pending.iter().filter(|(address, after)| address.1 == Aspect::Exists && after.is_none());
    let mut gone: Vec<EntityId> = gone
        .filter_map(|(address, _)| match address.0 {
            Subject::Entity { id } => Some(id),
            Subject::Relation { .. } => None,
        })
        .collect();
    gone.sort_unstable();
    for id in gone {
        for (subject, aspect) in said_of(db, id)? {
            let address = (subject, aspect);
            if collided.contains_key(&address) || pending.get(&address).is_some_and(Option::is_none) {
                continue;
            }
            let Some(now) = project::current(db, &address.0, &address.1)? else { continue };
            collided.insert(address.clone(), collisions.len());
            let change =
                Change { subject: address.0, aspect: address.1, before: Some(now.clone()), after: None };
            collisions.push(Collision { change, now: Some(now), keeps: Some(id) });
        }
    }
    Ok(RevertPlan { title, operations, cause, changes, collisions })
}

/// The operation of this id; or those that share it as their cause, latest first.
fn meant(db: &Connection, id: OperationId) -> StoreResult<(Vec<Operation>, Option<CauseId>)> {
    if let Some(operation) = log::find(db, id)? {
        return Ok((vec![operation], None));
    }
    let cause = CauseId::from_bytes(*id.as_bytes());
    Ok((log::of_cause(db, cause)?, Some(cause)))
}

/// Every address that says something of the entity, or needs it to be there.
fn said_of(db: &Connection, id: EntityId) -> StoreResult<Vec<Address>> {
    let Some(row) = entity::find(db, id)? else { return Ok(Vec::new()) };
    let own = Subject::Entity { id };
    let mut said = vec![(own, Aspect::MergedInto)];
    for row in claim::of_entity(db, row.ix)? {
        said.push((own, Aspect::Claimed { field: row.field, source: row.claim.source }));
    }
    said.extend(name::of_entity(db, row.ix)?.into_iter().map(|row| (own, Aspect::Named { name: row.name })));
    for merged in entity::merged_here(db, row.ix)? {
        said.push((Subject::Entity { id: merged.id }, Aspect::MergedInto));
    }
    for (one, other) in entity::kept_apart(db, row.ix)? {
        if let (Some(one), Some(other)) = (entity::at(db, one)?, entity::at(db, other)?) {
            said.push((Subject::Entity { id: one.id }, Aspect::KeptApart { from: other.id }));
        }
    }
    for part in entity::children(db, row.ix)? {
        let whole = Value::from(id.to_string());
        for held in claim::of_field(db, part.ix, "parent")?.into_iter().filter(|row| row.claim.value == whole)
        {
            let aspect = Aspect::Claimed { field: Field::PARENT, source: held.claim.source };
            said.push((Subject::Entity { id: part.id }, aspect));
        }
    }
    for row in relation::touching(db, row.ix)? {
        let (Some(from), Some(to)) = (entity::at(db, row.src)?, entity::at(db, row.dst)?) else { continue };
        let subject = Subject::Relation { key: RelationKey { from: from.id, kind: row.kind, to: to.id } };
        said.push((subject, Aspect::Verdict));
        for held in relation::all_evidence(db, row.ix)? {
            let (source, method) = (held.evidence.source, held.evidence.method);
            let aspect = Aspect::Evidence { source, method };
            if !is_a_tie(&aspect) {
                said.push((subject, aspect));
            }
        }
    }
    Ok(said)
}

impl RevertPlan {
    /// The changes that leave everything said later, and the entities that it is about, as they are.
    fn without_kept(self) -> Vec<Change> {
        let mut waiting: Vec<EntityId> =
            self.collisions.iter().filter_map(|collision| collision.keeps).collect();
        if waiting.is_empty() {
            return self.changes;
        }
        let mut standing: HashMap<EntityId, Vec<&Change>> = HashMap::new();
        for change in self.changes.iter().filter(|change| stands_with_its_entity(&change.aspect)) {
            if let Subject::Entity { id } = change.subject {
                standing.entry(id).or_default().push(change);
            }
        }
        let mut kept = HashSet::new();
        while let Some(id) = waiting.pop() {
            if kept.insert(id) {
                let of_it = standing.get(&id).into_iter().flatten();
                // What it is a part of, or was merged into, stays with it.
                waiting.extend(of_it.filter_map(|change| leads_to(change.before.as_ref()?)));
            }
        }
        let stays = |change: &Change| {
            matches!(change.subject, Subject::Entity { id } if kept.contains(&id))
                && stands_with_its_entity(&change.aspect)
        };
        self.changes.into_iter().filter(|change| !stays(change)).collect()
    }
}

/// Whether an entity can't well be there without it.
fn stands_with_its_entity(aspect: &Aspect) -> bool {
    match aspect {
        Aspect::Exists | Aspect::Named { .. } | Aspect::MergedInto => true,
        Aspect::Claimed { field, .. } => *field == Field::PARENT,
        _ => false,
    }
}

fn leads_to(value: &Value) -> Option<EntityId> {
    let id = value.get("into").or_else(|| value.get("value"))?;
    id.as_str()?.parse().ok()
}

/// Whether it is a guess of Catena's own, which goes and comes with what it was made from.
fn is_a_tie(aspect: &Aspect) -> bool {
    matches!(aspect, Aspect::Evidence { source: Source::Catena, .. })
}

/// Whether a person did it; the rest comes from systems, and comes again when they are read again.
fn is_a_persons(change: &Change) -> bool {
    match &change.aspect {
        Aspect::Claimed { source, .. } | Aspect::Evidence { source, .. } => *source == Source::Person,
        Aspect::Verdict | Aspect::KeptApart { .. } | Aspect::MergedInto => true,
        Aspect::Exists | Aspect::Named { .. } => false,
    }
}

/// Sets the value of a change, as old as can be where a system said it: the log does not tell when it did, and
/// whatever the system says next has to hold.
fn put_back(step: &mut Step<'_>, change: Change) -> StoreResult<()> {
    let now = step.now;
    if !is_a_persons(&change) {
        step.now = Timestamp::from_micros(0);
    }
    step.set(change.subject, change.aspect, change.after)?;
    step.now = now;
    Ok(())
}

/// Forgets what would keep systems from saying again what was taken back.
fn forget_readings(step: &mut Step<'_>, first: u64) -> StoreResult<()> {
    event::forget_since(step.db, first)?;
    cursor::forget_all(step.db)?;
    for change in &step.changes {
        if let (Subject::Relation { key }, Aspect::Evidence { source: by, method }) =
            (&change.subject, &change.aspect)
            && let (Some(from), Some(by)) = (entity::find(step.db, key.from)?, source::find(step.db, by)?)
        {
            relation::forget_listing(step.db, from.ix, key.kind, by, *method)?;
        }
    }
    step.memory.forget();
    Ok(())
}

impl Writer {
    /// Takes an operation back by a new one, or all operations of an import by one. A revert of a revert brings back
    /// what the first one took.
    pub fn revert(&mut self, act: &Act, id: OperationId, later: Later) -> StoreResult<Option<Operation>> {
        let (operations, cause) = meant(self.db(), id)?;
        let (act, undoes) = match (cause, operations.first()) {
            // Its cause says that it takes back the whole.
            (Some(cause), Some(last)) => (Act { cause: Some(cause), ..act.clone() }, last.id),
            _ => (act.clone(), id),
        };
        let (operation, ()) = self.operation(&act, Some(undoes), |step| {
            let plan = plan_revert(step.db, id)?;
            let undone = match plan.cause {
                Some(cause) => log::cause_undone_by(step.db, cause)?,
                None => log::undone_by(step.db, id)?,
            };
            if plan.changes.is_empty() && undone.is_some() {
                return Err(StoreError::Refused(format!(
                    "\"{}\" was undone already: undo that undo to bring it back",
                    plan.title
                )));
            }
            if later == Later::Refuse && !plan.collisions.is_empty() {
                return Err(StoreError::Refused(format!(
                    "{} of the changes of \"{}\" were changed again later, or what they made was: choose to keep or to \
                     overwrite the later ones",
                    plan.collisions.len(),
                    plan.title
                )));
            }
            let first = plan.operations.last().map_or(0, |operation| operation.seq);
            let title = plan.title.strip_prefix("Undo: ").map_or_else(
                || format!("Undo: {}", plan.title),
                |title| format!("Redo: {title}"),
            );
            if later == Later::Overwrite {
                for collision in &plan.collisions {
                    put_back(step, collision.change.clone())?;
                }
                for change in plan.changes {
                    put_back(step, change)?;
                }
            } else {
                for change in plan.without_kept() {
                    put_back(step, change)?;
                }
            }
            if step.changes.iter().any(|change| !is_a_persons(change)) {
                forget_readings(step, first)?;
            }
            Ok((title, ()))
        })?;
        Ok(operation)
    }
}
