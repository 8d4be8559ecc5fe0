//! The one writer: every change is projected and logged in the same transaction.

use std::collections::BTreeSet;

use catena_model::{
    actor::Act,
    change::{Aspect, Change, Subject},
    claim::{self, Claim},
    field::Field,
    id::{CauseId, EntityId, OperationId},
    kind::Kind,
    operation::{Draft, Operation},
    relation::RelationKey,
    source::Source,
    time::Timestamp,
};
use rusqlite::{Connection, TransactionBehavior};
use serde_json::Value;

use crate::{
    Environment, StoreError, StoreResult,
    apply::Memory,
    project,
    table::{
        entity::{self, Ix},
        index_queue, log, name, relation,
    },
};

/// Writes to the catalog. One at a time; other processes wait for each other in SQLite.
pub struct Writer {
    db: Connection,
    environment: Environment,
    pub(crate) memory: Memory,
    data_version: i64,
}

impl Writer {
    pub(crate) fn new(db: Connection, environment: Environment) -> Self {
        Self { db, environment, memory: Memory::default(), data_version: 0 }
    }

    /// The connection, for reading what was just written.
    pub fn db(&self) -> &Connection {
        &self.db
    }

    /// A new id for what belongs together.
    pub fn new_cause(&self) -> CauseId {
        let at = self.environment.clock.now();
        CauseId::new(at, &mut *self.environment.random())
    }

    /// Does one operation: `work` makes the changes and gives the title. Nothing is left of it when it fails, and
    /// nothing is logged when it changes nothing (`None`).
    pub fn operation<T>(
        &mut self,
        act: &Act,
        undoes: Option<OperationId>,
        work: impl FnOnce(&mut Step<'_>) -> StoreResult<(String, T)>,
    ) -> StoreResult<(Option<Operation>, T)> {
        let Self { db, environment, memory, data_version } = self;
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let version: i64 = tx.query_row("PRAGMA data_version", [], |row| row.get(0))?;
        if version != *data_version {
            // Another process wrote: what we remember may no longer hold.
            *data_version = version;
            memory.forget();
        }
        let now = environment.clock.now();
        let mut step = Step {
            db: &tx,
            environment,
            now,
            changes: Vec::new(),
            touched: BTreeSet::new(),
            untied: BTreeSet::new(),
            memory: std::mem::take(memory),
        };
        let result = work(&mut step).and_then(|(title, value)| {
            let operation = step.finish(act, undoes, title)?;
            Ok((operation, value))
        });
        let kept = std::mem::take(&mut step.memory);
        drop(step);
        let (operation, value) = result?;
        tx.commit()?;
        *memory = kept;
        Ok((operation, value))
    }

    /// Writes something that is not part of the log (a saved view, the index queue).
    pub fn unlogged<T>(&mut self, work: impl FnOnce(&Connection) -> StoreResult<T>) -> StoreResult<T> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let value = work(&tx)?;
        tx.commit()?;
        Ok(value)
    }

    /// Applies a ready-made operation; refuses it whole when one of its changes doesn't find what it expects.
    pub fn commit(&mut self, act: &Act, draft: Draft) -> StoreResult<Option<Operation>> {
        let Draft { title, undoes, changes } = draft;
        let (operation, ()) = self.operation(act, undoes, |step| {
            for change in changes {
                step.apply(change)?;
            }
            Ok((title, ()))
        })?;
        Ok(operation)
    }

    /// Sets fields of an entity as a person; `None` takes the person's own value back, so that the sources' shows.
    pub fn edit(
        &mut self,
        act: &Act,
        id: EntityId,
        edits: &[(Field, Option<Value>)],
    ) -> StoreResult<Option<Operation>> {
        let (operation, ()) = self.operation(act, None, |step| {
            let name = step.edit(id, edits)?;
            let fields: Vec<_> = edits.iter().map(|(field, _)| field.to_string()).collect();
            Ok((format!("Edit {} of {name}", fields.join(", ")), ()))
        })?;
        Ok(operation)
    }

    /// Sets fields of several entities as a person, in one operation.
    pub fn edit_several(
        &mut self,
        act: &Act,
        title: &str,
        edits: &[(EntityId, FieldEdits)],
    ) -> StoreResult<Option<Operation>> {
        let (operation, ()) = self.operation(act, None, |step| {
            for (id, edits) in edits {
                step.edit(*id, edits)?;
            }
            Ok((title.to_owned(), ()))
        })?;
        Ok(operation)
    }

    /// Sets a person's word on a relation. Where its ends were merged from several, it is on all that these say.
    pub fn judge(
        &mut self,
        act: &Act,
        key: RelationKey,
        verdict: Option<catena_model::relation::Verdict>,
    ) -> StoreResult<Option<Operation>> {
        let (operation, ()) = self.operation(act, None, |step| {
            let value = verdict.map(|verdict| serde_json::to_value(verdict).unwrap_or_default());
            let (from, to) = (entity::expect(step.db, key.from)?, entity::expect(step.db, key.to)?);
            let mut judged = false;
            for one in entity::group(step.db, from.head)? {
                for other in entity::group(step.db, to.head)? {
                    if relation::find(step.db, one.ix, key.kind, other.ix)?.is_some() {
                        let key = RelationKey { from: one.id, kind: key.kind, to: other.id };
                        step.set(Subject::Relation { key }, Aspect::Verdict, value.clone())?;
                        judged = true;
                    }
                }
            }
            if !judged {
                step.set(Subject::Relation { key }, Aspect::Verdict, value)?;
            }
            let called = |id| -> StoreResult<String> {
                Ok(entity::expect(step.db, id)?.name.unwrap_or_else(|| id.to_string()))
            };
            let word = match verdict {
                Some(catena_model::relation::Verdict::Accepted) => "Accept",
                Some(catena_model::relation::Verdict::Rejected) => "Reject",
                None => "Reopen",
            };
            Ok((
                format!(
                    "{word} that {} {} {}",
                    called(key.from)?,
                    key.kind.word().replace('_', " "),
                    called(key.to)?
                ),
                (),
            ))
        })?;
        Ok(operation)
    }
}

/// What a person sets of one entity: fields and their values, nothing to take their own word back.
pub type FieldEdits = Vec<(Field, Option<Value>)>;

/// An operation in the making.
pub struct Step<'a> {
    pub(crate) db: &'a Connection,
    environment: &'a Environment,
    /// The operation's time.
    pub now: Timestamp,
    pub(crate) changes: Vec<Change>,
    /// The entities whose name, parent or search entry may have to follow.
    pub(crate) touched: BTreeSet<Ix>,
    /// The entities whose ties by content or name may have to follow.
    pub(crate) untied: BTreeSet<Ix>,
    pub(crate) memory: Memory,
}

impl Step<'_> {
    /// Notes that entities of this kind may have to be tied anew.
    pub(crate) fn untie(&mut self, kind: Kind, entities: impl IntoIterator<Item = Ix>) {
        if crate::link::is_tied(kind) {
            self.untied.extend(entities);
        }
    }

    /// A new entity id.
    pub(crate) fn new_id(&self) -> EntityId {
        EntityId::new(self.now, &mut *self.environment.random())
    }

    /// Sets fields of an entity as a person; gives what it is called.
    fn edit(&mut self, id: EntityId, edits: &[(Field, Option<Value>)]) -> StoreResult<String> {
        let row = entity::expect(self.db, id)?;
        let head = entity::at(self.db, row.head)?.unwrap_or(row);
        for (field, value) in edits {
            let value = value.as_ref().map(|value| {
                project::claimed(&Claim {
                    source: Source::Person,
                    value: value.clone(),
                    known: catena_model::source::Known::Declared,
                    at: self.now,
                })
            });
            let aspect = Aspect::Claimed { field: field.clone(), source: Source::Person };
            self.set(Subject::Entity { id: head.id }, aspect, value)?;
        }
        Ok(head.name.unwrap_or_else(|| head.id.to_string()))
    }

    /// Sets one aspect of one subject, whatever is there. Does nothing when it is so already.
    pub fn set(&mut self, subject: Subject, aspect: Aspect, after: Option<Value>) -> StoreResult<bool> {
        let before = project::current(self.db, &subject, &aspect)?;
        if before == after {
            return Ok(false);
        }
        self.put(Change { subject, aspect, before, after })?;
        Ok(true)
    }

    /// Applies a change, if it finds what it expects.
    pub fn apply(&mut self, change: Change) -> StoreResult<()> {
        let found = project::current(self.db, &change.subject, &change.aspect)?;
        if found != change.before {
            return Err(StoreError::Refused(format!(
                "{:?} of {:?} was changed since: it is {} now, not {}",
                change.aspect,
                change.subject,
                found.unwrap_or_default(),
                change.before.unwrap_or_default()
            )));
        }
        self.put(change)
    }

    fn put(&mut self, change: Change) -> StoreResult<()> {
        self.touch_subject(&change.subject)?;
        let merge = matches!(change.aspect, Aspect::MergedInto);
        project::put(self.db, &change, self.now)?;
        self.touch_subject(&change.subject)?;
        self.memory.forget_after(&change);
        self.changes.push(change);
        if merge {
            crate::identity::after_merge(self)?;
        }
        Ok(())
    }

    fn touch_subject(&mut self, subject: &Subject) -> StoreResult<()> {
        let ids = match subject {
            Subject::Entity { id } => [Some(*id), None],
            // How many relations an entity has ranks it in search.
            Subject::Relation { key } => [Some(key.from), Some(key.to)],
        };
        for id in ids.into_iter().flatten() {
            if let Some(row) = entity::find(self.db, id)? {
                self.touched.insert(row.ix);
                self.touched.insert(row.head);
                self.untie(row.kind, [row.ix, row.head]);
            }
        }
        Ok(())
    }

    /// Logs the operation and brings names, parents and the index queue up to date.
    fn finish(
        &mut self,
        act: &Act,
        undoes: Option<OperationId>,
        title: String,
    ) -> StoreResult<Option<Operation>> {
        crate::apply::flush(self)?;
        self.refresh()?;
        let due = self.untied.clone();
        crate::link::run(self)?;
        crate::placing::run(self, due)?;
        self.refresh()?;
        if self.changes.is_empty() {
            return Ok(None);
        }
        let (last, link) = log::last(self.db)?;
        let operation = Operation {
            seq: last + 1,
            id: OperationId::new(self.now, &mut *self.environment.random()),
            title,
            actor: act.actor.clone(),
            origin: act.origin,
            cause: act.cause,
            undoes,
            at: self.now,
            changes: self.changes.len() as u64,
        };
        log::append(self.db, &link, &operation, &self.changes)?;
        Ok(Some(operation))
    }

    /// Brings what lists show of the touched entities, and the index queue, up to date.
    pub(crate) fn refresh(&mut self) -> StoreResult<()> {
        if self.touched.is_empty() {
            return Ok(());
        }
        let change = index_queue::next_change(self.db)?;
        let mut heads = BTreeSet::new();
        // What has to be searched anew: datasets list the names of their columns, parts that of their whole.
        let mut waiting = BTreeSet::new();
        for ix in std::mem::take(&mut self.touched) {
            if let Some(row) = entity::at(self.db, ix)? {
                heads.insert(row.head);
                // Merged away, it must no longer be found by itself.
                waiting.insert(ix);
            }
        }
        for head in heads {
            let before = entity::at(self.db, head)?;
            refresh_shown(self.db, head)?;
            waiting.insert(head);
            let after = entity::at(self.db, head)?;
            if let (Some(before), Some(after)) = (&before, &after) {
                if before.name != after.name {
                    index_queue::push_parts(self.db, head, change)?;
                }
                if after.kind == Kind::Column {
                    waiting.extend(before.parent);
                    waiting.extend(after.parent);
                }
            }
        }
        for ix in waiting {
            index_queue::push(self.db, ix, change)?;
        }
        Ok(())
    }
}

/// Recomputes the name and parent that are shown of a group.
pub(crate) fn refresh_shown(db: &Connection, head: Ix) -> StoreResult<()> {
    let group = entity::group(db, head)?;
    for row in &group {
        let whole = row.ix == head;
        let members: &[entity::EntityRow] = if whole { &group } else { std::slice::from_ref(row) };
        let (parent, name) = shown(db, members, whole)?;
        entity::set_shown(db, row.ix, parent, &name)?;
    }
    Ok(())
}

/// The parent and name that the claims and names of these entities amount to.
pub(crate) fn shown(
    db: &Connection,
    members: &[entity::EntityRow],
    parent_as_head: bool,
) -> StoreResult<(Option<Ix>, String)> {
    let (mut names, mut parents, mut given) = (Vec::new(), Vec::new(), Vec::new());
    for row in members {
        names.extend(crate::table::claim::of_field(db, row.ix, "name")?.into_iter().map(|row| row.claim));
        parents.extend(crate::table::claim::of_field(db, row.ix, "parent")?.into_iter().map(|row| row.claim));
        given.extend(name::of_entity(db, row.ix)?.into_iter().map(|row| row.name));
    }
    let parent = match claim::current(&parents).and_then(|claim| claim.value.as_str()?.parse().ok()) {
        Some(id) => entity::find(db, id)?.map(|row| if parent_as_head { row.head } else { row.ix }),
        None => None,
    };
    let name = match claim::current(&names).and_then(|claim| claim.value.as_str()) {
        Some(name) => name.to_owned(),
        // The same choice whichever name came first: full names before partial ones.
        None => given
            .iter()
            .min_by_key(|name| (name.is_partial(), *name))
            .map_or_else(|| "unnamed".to_owned(), |name| name.short().to_owned()),
    };
    Ok((parent, name))
}
