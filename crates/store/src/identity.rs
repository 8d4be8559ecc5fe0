//! Which names mean the same thing: merging and splitting entities, and finding the one that a partial name fits.
//!
//! A merged entity keeps its own rows; reads go through the head of its group. So a split is exact, whenever it comes.

use std::collections::BTreeSet;

use catena_model::{
    actor::Act,
    change::{Aspect, Subject},
    id::EntityId,
    kind::Kind,
    name::QualifiedName,
    operation::Operation,
};
use serde_json::Value;

use crate::{
    StoreError, StoreResult, Writer, project,
    table::{
        entity::{self, EntityRow, Ix},
        name,
    },
    writer::Step,
};

/// Merged because a system gave both names to one thing.
pub(crate) const BY_ALIAS: &str = "catena: alias";
/// Merged because a partial name fits one full name only.
pub(crate) const BY_NAME: &str = "catena: name";
/// Merged because their wholes were.
pub(crate) const BY_PARENT: &str = "catena: parent";
/// Merged by a person.
const BY_PERSON: &str = "person";

impl Writer {
    /// Merges entities into `into`, as a person's word.
    pub fn merge(
        &mut self,
        act: &Act,
        into: EntityId,
        others: &[EntityId],
    ) -> StoreResult<Option<Operation>> {
        let (operation, ()) = self.operation(act, None, |step| {
            let target = entity::expect(step.db, into)?;
            let mut names = Vec::new();
            for other in others {
                let row = entity::expect(step.db, *other)?;
                if row.kind != target.kind {
                    return Err(StoreError::Refused(format!(
                        "a {} can't be merged into a {}: choose two of a kind",
                        row.kind.word(),
                        target.kind.word()
                    )));
                }
                let head = entity::at(step.db, row.head)?.unwrap_or(row);
                let target = entity::expect(step.db, into)?;
                if head.ix == target.head {
                    continue;
                }
                lift_apartness(step, head.ix, target.head)?;
                names.push(head.name.clone().unwrap_or_default());
                merge(step, &head, target.head, BY_PERSON)?;
            }
            Ok((format!("Merge {} into {}", names.join(", "), target.name.unwrap_or_default()), ()))
        })?;
        Ok(operation)
    }

    /// Takes an entity out of the group that it was merged into, and keeps it out.
    pub fn split(&mut self, act: &Act, id: EntityId) -> StoreResult<Option<Operation>> {
        let (operation, ()) = self.operation(act, None, |step| {
            let row = entity::expect(step.db, id)?;
            let Some(into) = row.merged_into else {
                return Err(StoreError::Refused(format!("{id} isn't merged into anything")));
            };
            let into = entity::at(step.db, into)?.ok_or_else(|| {
                StoreError::Damaged(format!("{id} is merged into an entity that isn't there"))
            })?;
            step.set(Subject::Entity { id }, Aspect::MergedInto, None)?;
            step.set(Subject::Entity { id }, Aspect::KeptApart { from: into.id }, Some(Value::Bool(true)))?;
            Ok((format!("Split {} from {}", row.name.unwrap_or_default(), into.name.unwrap_or_default()), ()))
        })?;
        Ok(operation)
    }
}

fn lift_apartness(step: &mut Step<'_>, a: Ix, b: Ix) -> StoreResult<()> {
    for one in entity::group(step.db, a)? {
        for other in entity::group(step.db, b)? {
            for (id, from) in [(one.id, other.id), (other.id, one.id)] {
                step.set(Subject::Entity { id }, Aspect::KeptApart { from }, None)?;
            }
        }
    }
    Ok(())
}

/// Merges a head into another entity's group, unless a person keeps them apart.
pub(crate) fn merge(step: &mut Step<'_>, head: &EntityRow, into: Ix, by: &str) -> StoreResult<bool> {
    let Some(target) = entity::at(step.db, into)? else { return Ok(false) };
    if head.head == target.head || head.kind != target.kind {
        return Ok(false);
    }
    if by != BY_PERSON {
        for one in entity::group(step.db, head.ix)? {
            for other in entity::group(step.db, target.head)? {
                if entity::are_kept_apart(step.db, one.ix, other.ix)? {
                    return Ok(false);
                }
            }
        }
    }
    step.set(Subject::Entity { id: head.id }, Aspect::MergedInto, Some(project::merged(target.id, by)))
}

/// Two entities bear the same name: one is merged into the other, the younger into the elder.
pub(crate) fn same(step: &mut Step<'_>, a: Ix, b: Ix, by: &str) -> StoreResult<bool> {
    let (Some(a), Some(b)) = (entity::at(step.db, a)?, entity::at(step.db, b)?) else { return Ok(false) };
    let (younger, elder) = if a.head < b.head { (b.head, a.head) } else { (a.head, b.head) };
    match entity::at(step.db, younger)? {
        Some(younger) if younger.ix != elder => merge(step, &younger, elder, by),
        _ => Ok(false),
    }
}

/// After a merge or split: parts (columns) follow their wholes.
pub(crate) fn after_merge(step: &mut Step<'_>) -> StoreResult<()> {
    let Some((id, after)) = step.changes.last().and_then(|change| match change.subject {
        Subject::Entity { id } => Some((id, change.after.is_some())),
        Subject::Relation { .. } => None,
    }) else {
        return Ok(());
    };
    let Some(row) = entity::find(step.db, id)? else { return Ok(()) };
    if after {
        let moved = entity::move_parts(step.db, row.ix, row.head)?;
        step.touched.extend(moved);
        step.memory.groups.insert(row.head);
        return Ok(());
    }
    // Parts that had only followed their wholes come apart with them, whichever had been merged into which.
    let tree = entity::subtree(step.db, row.ix)?;
    let mut own = Vec::new();
    for member in &tree {
        own.extend(own_parts(step, *member)?);
    }
    for part in &own {
        unmerge_followers(step, *part, &own)?;
        step.touched.insert(*part);
    }
    Ok(())
}

/// Takes a part out of foreign ones that it had followed, and foreign ones that had followed it out of it.
fn unmerge_followers(step: &mut Step<'_>, part: Ix, own: &[Ix]) -> StoreResult<()> {
    let followed = |row: &EntityRow| row.merged_by.as_deref() == Some(BY_PARENT);
    let Some(row) = entity::at(step.db, part)? else { return Ok(()) };
    if followed(&row) && row.merged_into.is_some_and(|into| !own.contains(&into)) {
        step.set(Subject::Entity { id: row.id }, Aspect::MergedInto, None)?;
    }
    for member in entity::subtree(step.db, part)? {
        let Some(row) = entity::at(step.db, member)? else { continue };
        if member != part && followed(&row) && !own.contains(&member) {
            step.set(Subject::Entity { id: row.id }, Aspect::MergedInto, None)?;
            step.touched.insert(member);
        }
    }
    Ok(())
}

/// The parts whose own claim says that they belong to this entity itself, merged or not.
fn own_parts(step: &Step<'_>, member: Ix) -> StoreResult<Vec<Ix>> {
    let Some(row) = entity::at(step.db, member)? else { return Ok(Vec::new()) };
    let mut statement =
        step.db.prepare_cached("SELECT DISTINCT entity FROM claim WHERE field = 'parent' AND value = ?1")?;
    let rows =
        statement.query_map([format!("\"{}\"", row.id)], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(rows)
}

/// Joins the parts of the same name under each of these merged wholes.
pub(crate) fn align_parts(step: &mut Step<'_>, heads: BTreeSet<Ix>) -> StoreResult<()> {
    let mut waiting: Vec<Ix> = heads.into_iter().collect();
    while let Some(head) = waiting.pop() {
        let mut seen: std::collections::HashMap<(Kind, String), Ix> = std::collections::HashMap::new();
        for part in entity::children(step.db, head)? {
            // Only what is named by its whole; two runs of one experiment may share a name and are still two.
            if part.kind != Kind::Column {
                continue;
            }
            let key = (part.kind, part.name.clone().unwrap_or_default());
            match seen.get(&key) {
                Some(&elder) => {
                    if merge(step, &part, elder, BY_PARENT)? {
                        waiting.push(elder);
                    }
                }
                None => {
                    seen.insert(key, part.ix);
                }
            }
        }
    }
    Ok(())
}

/// Looks again at the partial names that a new name may complete or make ambiguous.
pub(crate) fn resolve_partial(step: &mut Step<'_>, kind: Kind, new: &QualifiedName) -> StoreResult<()> {
    let bearers = name::bearing(step.db, kind, &new.name)?;
    if bearers.len() < 2 {
        return Ok(());
    }
    for partial in bearers.iter().filter(|row| row.name.is_partial()) {
        let Some(own) = entity::at(step.db, partial.entity)? else { continue };
        let tree = entity::subtree(step.db, own.ix)?;
        let mut heads = BTreeSet::new();
        let mut own_full_name = false;
        for full in bearers.iter().filter(|row| partial.name.fits(&row.name)) {
            if tree.contains(&full.entity) {
                own_full_name = true;
            } else if let Some(row) = entity::at(step.db, full.entity)? {
                heads.insert(row.head);
            }
        }
        if own_full_name {
            continue;
        }
        let joined = own.merged_by.as_deref() == Some(BY_NAME);
        match (heads.len(), joined) {
            (1, false) => {
                if let (Some(&into), Some(head)) = (heads.first(), entity::at(step.db, own.head)?) {
                    merge(step, &head, into, BY_NAME)?;
                }
            }
            // Two systems have a table of this name now: nobody can tell which one was meant.
            (2.., true) => {
                step.set(Subject::Entity { id: own.id }, Aspect::MergedInto, None)?;
            }
            _ => {}
        }
    }
    Ok(())
}
