//! Proves that the current state is what the log says: verifies the chain, replays it, and compares row by row.
//!
//! Times at which a claim or relation was seen are observed, not logged, and so not compared.

use std::collections::HashMap;

use catena_model::{
    change::{Aspect, Subject},
    evidence::Evidence,
    id::EntityId,
    relation::RelationKey,
};
use rusqlite::Connection;
use serde_json::Value;

use crate::{
    StoreResult, project,
    table::{
        claim, entity,
        log::{self, Walked},
        relation,
    },
    writer::shown,
};

/// A row that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Which row.
    pub place: String,
    /// What is wrong with it.
    pub what: String,
}

/// The most problems that one check lists.
const MOST: usize = 1_000;

/// Checks the whole catalog. Nothing is changed; an empty list means that all holds.
pub fn check(db: &Connection) -> StoreResult<Vec<Problem>> {
    let mut problems = Vec::new();
    let mut say = |place: String, what: String| {
        if problems.len() < MOST {
            problems.push(Problem { place, what });
        }
    };

    let verdicts: Vec<String> = db
        .prepare("PRAGMA integrity_check(100)")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for verdict in verdicts.into_iter().filter(|verdict| verdict != "ok") {
        say("the file".to_owned(), verdict);
    }
    let mut orphans = db.prepare("PRAGMA foreign_key_check")?;
    let mut rows = orphans.query([])?;
    while let Some(row) = rows.next()? {
        say(
            format!("table {} row {}", row.get::<_, String>(0)?, row.get::<_, Option<i64>>(1)?.unwrap_or(0)),
            format!("it points to a row of {} that isn't there", row.get::<_, String>(2)?),
        );
    }

    let mut replayed: HashMap<(Vec<u8>, String), (Subject, Aspect, Value)> = HashMap::new();
    log::walk(db, |walked| {
        match walked {
            Walked::Broken { row, why } => say(row, why),
            Walked::Change { seq, change } => {
                let address = (log::subject_bytes(&change.subject), format!("{:?}", change.aspect));
                let held = replayed.get(&address).map(|(_, _, value)| value);
                if held != change.before.as_ref() {
                    say(
                        format!("operation {seq}"),
                        format!(
                            "{} expects {} but the log had {}",
                            place(&change.subject, &change.aspect),
                            show(change.before.as_ref()),
                            show(held)
                        ),
                    );
                }
                match change.after {
                    Some(value) => {
                        replayed.insert(address, (change.subject, change.aspect, value));
                    }
                    None => {
                        replayed.remove(&address);
                    }
                }
            }
        }
        Ok(())
    })?;

    // Everything that the log says is in the state ...
    for (subject, aspect, value) in replayed.values() {
        let found = project::current(db, subject, aspect)?;
        if found.as_ref() != Some(value) {
            say(
                place(subject, aspect),
                format!("the log says {}, the catalog has {}", show(Some(value)), show(found.as_ref())),
            );
        }
    }
    // ... and nothing else is.
    each_stated(db, |subject, aspect| {
        let address = (log::subject_bytes(&subject), format!("{aspect:?}"));
        if !replayed.contains_key(&address) {
            say(place(&subject, &aspect), "the catalog has it, but no operation put it there".to_owned());
        }
    })?;
    drop(replayed);
    derived(db, &mut say)?;
    Ok(problems)
}

fn show(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), Value::to_string)
}

fn place(subject: &Subject, aspect: &Aspect) -> String {
    let subject = match subject {
        Subject::Entity { id } => format!("entity {id}"),
        Subject::Relation { key } => format!("relation {} {} {}", key.from, key.kind.word(), key.to),
    };
    match aspect {
        Aspect::Exists => subject,
        Aspect::Named { name } => format!("{subject}, name {name}"),
        Aspect::Claimed { field, source } => format!("{subject}, {field} by {source}"),
        Aspect::MergedInto => format!("{subject}, merged into"),
        Aspect::KeptApart { from } => format!("{subject}, kept apart from {from}"),
        Aspect::Evidence { source, method } => format!("{subject}, evidence {method:?} by {source}"),
        Aspect::Verdict => format!("{subject}, verdict"),
    }
}

/// Calls `visit` with every address at which the current state has a value that the log must account for.
fn each_stated(db: &Connection, mut visit: impl FnMut(Subject, Aspect)) -> StoreResult<()> {
    let id = |bytes: [u8; 16]| EntityId::from_bytes(bytes);
    let mut entities = db.prepare("SELECT id, merged_into IS NOT NULL FROM entity WHERE NOT gone")?;
    let mut rows = entities.query([])?;
    while let Some(row) = rows.next()? {
        let subject = Subject::Entity { id: id(row.get(0)?) };
        visit(subject, Aspect::Exists);
        if row.get(1)? {
            visit(subject, Aspect::MergedInto);
        }
    }
    let mut names = db.prepare(
        "SELECT entity.id, namespace.text, name.name FROM name
         JOIN entity ON entity.ix = name.entity JOIN namespace ON namespace.ix = name.namespace",
    )?;
    let mut rows = names.query([])?;
    while let Some(row) = rows.next()? {
        let name = catena_model::name::QualifiedName { namespace: row.get(1)?, name: row.get(2)? };
        visit(Subject::Entity { id: id(row.get(0)?) }, Aspect::Named { name });
    }
    let mut apart = db.prepare(
        "SELECT a.id, b.id FROM kept_apart JOIN entity AS a ON a.ix = entity JOIN entity AS b ON b.ix = other",
    )?;
    let mut rows = apart.query([])?;
    while let Some(row) = rows.next()? {
        visit(Subject::Entity { id: id(row.get(0)?) }, Aspect::KeptApart { from: id(row.get(1)?) });
    }
    claim::each(db, |row| {
        if let Some(entity) = entity::at(db, row.entity)? {
            visit(
                Subject::Entity { id: entity.id },
                Aspect::Claimed { field: row.field, source: row.claim.source },
            );
        }
        Ok(())
    })?;
    let mut relations = db.prepare(
        "SELECT a.id, relation.kind, b.id, relation.ix, relation.verdict FROM relation
         JOIN entity AS a ON a.ix = src JOIN entity AS b ON b.ix = dst",
    )?;
    let mut rows = relations.query([])?;
    while let Some(row) = rows.next()? {
        let key =
            RelationKey { from: id(row.get(0)?), kind: relation::kind(row.get(1)?)?, to: id(row.get(2)?) };
        let subject = Subject::Relation { key };
        for evidence in relation::all_evidence(db, row.get(3)?)? {
            let Evidence { source, method, .. } = evidence.evidence;
            visit(subject, Aspect::Evidence { source, method });
        }
        if row.get::<_, Option<String>>(4)?.is_some() {
            visit(subject, Aspect::Verdict);
        }
    }
    Ok(())
}

/// Compares what is derived from the state, and kept for speed, with what it derives from.
fn derived(db: &Connection, say: &mut impl FnMut(String, String)) -> StoreResult<()> {
    let heads: Vec<i64> = db
        .prepare("SELECT ix FROM entity WHERE head = ix AND NOT gone")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for ix in heads {
        let group = entity::group(db, ix)?;
        let Some(head) = group.first() else { continue };
        let (parent, name) = shown(db, &group, true)?;
        if head.parent != parent || head.name.as_deref() != Some(name.as_str()) {
            say(
                format!("entity {}", head.id),
                format!(
                    "lists show it as {:?} in {:?}, but its claims say {name:?} in {parent:?}",
                    head.name.as_deref().unwrap_or_default(),
                    head.parent
                ),
            );
        }
        for member in group.iter().skip(1) {
            let mut at = member.clone();
            let mut steps = 0;
            while let Some(into) = at.merged_into.filter(|_| steps < 1_000) {
                let Some(next) = entity::at(db, into)? else { break };
                at = next;
                steps += 1;
            }
            if at.ix != ix {
                say(
                    format!("entity {}", member.id),
                    format!("it leads to {}, but its merges lead to {}", head.id, at.id),
                );
            }
        }
    }
    let mut relations = Vec::new();
    relation::each(db, |row| relations.push(row))?;
    for row in relations {
        let state = relation::State::of(&relation::all_evidence(db, row.ix)?, row.verdict);
        if state != row.state {
            say(
                format!("relation row {}", row.ix),
                format!("its state is {:?}, its evidence says {state:?}", row.state),
            );
        }
    }
    Ok(())
}
