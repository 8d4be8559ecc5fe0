//! Dependencies that nobody reported: a passage that was retrieved is a record of a store, which is a piece of a
//! document; a document is a table's export, or a file. Found by content and by name, as a guess that says by what and
//! how sure, which a person accepts or rejects.
//!
//! What is tied to what is a function of what the catalog holds, made anew in the same operation for all that an
//! operation may have touched. So it is the same in whatever order things come, goes with what it was found from, and
//! comes again. A verdict on a relation stays with it.

mod candidate;
mod keys;

use std::collections::{BTreeMap, BTreeSet};

use catena_model::{
    change::{Aspect, Change, Subject},
    evidence::{Evidence, Method},
    kind::Kind,
    relation::{RelationKey, RelationKind},
    source::Source,
};
use rusqlite::{Connection, params};
use serde_json::{Value, json};

use crate::{
    StoreResult, project,
    table::{
        entity::{self, EntityRow, Ix},
        link_key, relation, source,
    },
    writer::Step,
};

/// How many of those that were there before are looked at in one operation.
const MOST_DUE: usize = 1_000;
/// A key that more than so many share says nothing.
const MOST_SHARING: usize = 64;

/// A guess: how sure, in percent, and by what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tie {
    confidence: u8,
    by: &'static str,
}

impl Tie {
    fn detail(self) -> Value {
        json!({ "matched_by": self.by })
    }
}

/// Whether entities of this kind are tied to others by content or name.
pub(crate) fn is_tied(kind: Kind) -> bool {
    matches!(kind, Kind::Chunk | Kind::Document | Kind::Dataset)
}

/// Whether what facets of this name say ties entities to others.
pub(crate) fn is_tied_by(facet: &str) -> bool {
    matches!(facet, keys::PASSAGE | keys::EXPORT)
}

/// Ties anew what the operation may have changed.
pub(crate) fn run(step: &mut Step<'_>) -> StoreResult<()> {
    let mut due = std::mem::take(&mut step.untied);
    due.extend(link_key::take_due(step.db, MOST_DUE)?);
    let mut heads = BTreeSet::new();
    for ix in due {
        let Some(row) = entity::at(step.db, ix)? else { continue };
        let old = link_key::of_entity(step.db, ix)?;
        let new = keys::of(step.db, &row)?;
        if old != new {
            link_key::replace(step.db, ix, &new)?;
        }
        heads.insert(row.head);
        heads.insert(row.ix);
        for key in old.into_iter().chain(new) {
            // With one more than may share it, what was tied before has to come apart.
            let sharing = link_key::sharing(step.db, key, MOST_SHARING + 2)?;
            if sharing.len() <= MOST_SHARING + 1 {
                for ix in sharing {
                    heads.extend(entity::at(step.db, ix)?.map(|row| row.head));
                }
            }
        }
    }
    for head in heads {
        tie(step, head)?;
    }
    Ok(())
}

/// A guess that the catalog has.
struct Held {
    relation: i64,
    from: Ix,
    to: Ix,
    /// Where merges lead from `to`.
    to_head: Ix,
}

fn held(db: &Connection, group: &[EntityRow], method: Method) -> StoreResult<Vec<Held>> {
    let Some(catena) = source::find(db, &Source::Catena)? else { return Ok(Vec::new()) };
    let mut statement = db.prepare_cached(
        "SELECT relation.ix, relation.dst, entity.head FROM relation
         JOIN evidence ON evidence.relation = relation.ix JOIN entity ON entity.ix = relation.dst
         WHERE relation.src = ?1 AND relation.kind = ?2 AND evidence.source = ?3 AND evidence.method = ?4
         ORDER BY relation.verdict IS NULL, relation.ix",
    )?;
    let mut found = Vec::new();
    for member in group {
        let kind = RelationKind::DerivesFrom.code();
        let rows = statement.query_map(params![member.ix, kind, catena, method.code()], |row| {
            Ok(Held { relation: row.get(0)?, from: member.ix, to: row.get(1)?, to_head: row.get(2)? })
        })?;
        for row in rows {
            found.push(row?);
        }
    }
    Ok(found)
}

/// Brings the guesses that start at the group of `head` up to what it is.
fn tie(step: &mut Step<'_>, head: Ix) -> StoreResult<()> {
    let Some(row) = entity::at(step.db, head)? else { return Ok(()) };
    let method = match row.kind {
        Kind::Chunk => Method::ContentMatched,
        Kind::Document => Method::NameMatched,
        _ => return Ok(()),
    };
    // What was merged into another has its ties there.
    let is_head = row.head == row.ix;
    let group = if is_head { entity::group(step.db, head)? } else { vec![row] };
    let mut wanted: BTreeMap<Ix, Tie> = match is_head {
        true => candidate::of(step.db, &group)?,
        false => return Ok(()),
    };
    for held in held(step.db, &group, method)? {
        // A second one to the same group goes too.
        let tie = wanted.remove(&held.to_head);
        let before = relation::evidence(
            step.db,
            held.relation,
            source::number(step.db, &Source::Catena)?,
            &Source::Catena,
            method,
        )?;
        let same = before.zip(tie).is_some_and(|(before, tie)| {
            before.evidence.confidence == tie.confidence && before.evidence.detail == Some(tie.detail())
        });
        if !same {
            put(step, (held.from, held.to), method, tie)?;
        }
    }
    for (to, tie) in wanted {
        let place = judged(step.db, &group, to)?.unwrap_or((head, to));
        put(step, place, method, Some(tie))?;
    }
    Ok(())
}

/// The relation between the two groups that a person has a word on, if there is one.
fn judged(db: &Connection, group: &[EntityRow], to: Ix) -> StoreResult<Option<(Ix, Ix)>> {
    for target in entity::group(db, to)? {
        for member in group {
            let row = relation::find(db, member.ix, RelationKind::DerivesFrom, target.ix)?;
            if row.is_some_and(|row| row.verdict.is_some()) {
                return Ok(Some((member.ix, target.ix)));
            }
        }
    }
    Ok(None)
}

fn put(step: &mut Step<'_>, (from, to): (Ix, Ix), method: Method, tie: Option<Tie>) -> StoreResult<()> {
    let (Some(a), Some(b)) = (entity::at(step.db, from)?, entity::at(step.db, to)?) else { return Ok(()) };
    let subject =
        Subject::Relation { key: RelationKey { from: a.id, kind: RelationKind::DerivesFrom, to: b.id } };
    let aspect = Aspect::Evidence { source: Source::Catena, method };
    let before = project::current(step.db, &subject, &aspect)?;
    let after = tie.map(|tie| {
        project::believed(&Evidence {
            source: Source::Catena,
            method,
            confidence: tie.confidence,
            detail: Some(tie.detail()),
            withdrawn: false,
        })
    });
    if before == after {
        return Ok(());
    }
    let change = Change { subject, aspect, before, after };
    match &change.after {
        Some(_) => project::put(step.db, &change, step.now)?,
        // Also of what is gone by now.
        None => {
            if let Some(row) = relation::find(step.db, from, RelationKind::DerivesFrom, to)? {
                let catena = source::number(step.db, &Source::Catena)?;
                relation::delete_evidence(step.db, row.ix, catena, method)?;
                relation::drop_if_bare(step.db, row.ix)?;
            }
        }
    }
    step.changes.push(change);
    // How many relations an entity has ranks it in search.
    step.touched.extend([a.ix, a.head, b.ix, b.head]);
    Ok(())
}
