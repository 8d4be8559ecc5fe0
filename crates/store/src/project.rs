//! From changes to current state: what a change finds there, and what it leaves.

use catena_model::{
    change::{Aspect, Change, Subject},
    claim::Claim,
    evidence::Evidence,
    id::EntityId,
    kind::Kind,
    source::{Known, Source},
    time::Timestamp,
};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    StoreError, StoreResult, rollup,
    table::{claim, entity, name, relation, source},
};

/// The value of [`Aspect::Claimed`].
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Claimed {
    pub value: Value,
    pub known: Known,
}

/// The value of [`Aspect::Evidence`].
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Believed {
    pub confidence: u8,
    pub detail: Option<Value>,
    pub withdrawn: bool,
}

/// The value of [`Aspect::MergedInto`].
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Merged {
    pub into: EntityId,
    pub by: String,
}

pub(crate) fn claimed(claim: &Claim) -> Value {
    json!({ "value": claim.value, "known": claim.known })
}

pub(crate) fn believed(evidence: &Evidence) -> Value {
    json!({ "confidence": evidence.confidence, "detail": evidence.detail, "withdrawn": evidence.withdrawn })
}

pub(crate) fn merged(into: EntityId, by: &str) -> Value {
    json!({ "into": into, "by": by })
}

fn read<T: for<'de> Deserialize<'de>>(value: &Value, aspect: &Aspect) -> StoreResult<T> {
    T::deserialize(value)
        .map_err(|error| StoreError::Refused(format!("a change of {aspect:?} makes no sense: {error}")))
}

/// What the current state has at this address.
pub(crate) fn current(db: &Connection, subject: &Subject, aspect: &Aspect) -> StoreResult<Option<Value>> {
    match (subject, aspect) {
        (Subject::Entity { id }, _) => {
            let Some(row) = entity::find(db, *id)? else { return Ok(None) };
            match aspect {
                Aspect::Exists => Ok((!row.gone).then(|| Value::from(row.kind.word()))),
                Aspect::Named { name } => Ok(name::giver(db, row.kind, name)?
                    .filter(|(bearer, _)| *bearer == row.ix)
                    .map(|(_, source)| Value::from(source.to_string()))),
                Aspect::Claimed { field, source } => {
                    let Some(source_ix) = source::find(db, source)? else { return Ok(None) };
                    let held = claim::one(db, row.ix, &field.to_string(), source_ix, source)?;
                    Ok(held.as_ref().map(claimed))
                }
                Aspect::MergedInto => match (row.merged_into, row.merged_by) {
                    (Some(into), Some(by)) => Ok(entity::at(db, into)?.map(|into| merged(into.id, &by))),
                    _ => Ok(None),
                },
                Aspect::KeptApart { from } => match entity::find(db, *from)? {
                    Some(other) if entity::are_kept_apart(db, row.ix, other.ix)? => {
                        Ok(Some(Value::Bool(true)))
                    }
                    _ => Ok(None),
                },
                Aspect::Evidence { .. } | Aspect::Verdict => Ok(None),
            }
        }
        (Subject::Relation { key }, Aspect::Evidence { source, method }) => {
            let (Some(source_ix), Some(row)) = (source::find(db, source)?, relation_row(db, key)?) else {
                return Ok(None);
            };
            let held = relation::evidence(db, row.ix, source_ix, source, *method)?;
            Ok(held.map(|row| believed(&row.evidence)))
        }
        (Subject::Relation { key }, Aspect::Verdict) => Ok(relation_row(db, key)?
            .and_then(|row| row.verdict)
            .map(|verdict| serde_json::to_value(verdict).unwrap_or_default())),
        (Subject::Relation { .. }, _) => Ok(None),
    }
}

fn relation_row(
    db: &Connection,
    key: &catena_model::relation::RelationKey,
) -> StoreResult<Option<relation::RelationRow>> {
    match (entity::find(db, key.from)?, entity::find(db, key.to)?) {
        (Some(from), Some(to)) => relation::find(db, from.ix, key.kind, to.ix),
        _ => Ok(None),
    }
}

/// Sets what the current state has at the change's address to its `after`.
pub(crate) fn put(db: &Connection, change: &Change, at: Timestamp) -> StoreResult<()> {
    match &change.subject {
        Subject::Entity { id } => put_entity(db, *id, &change.aspect, change.after.as_ref(), at),
        Subject::Relation { key } => {
            let (from, to) = (entity::expect(db, key.from)?, entity::expect(db, key.to)?);
            let ix = relation::number(db, from.ix, key.kind, to.ix)?;
            match &change.aspect {
                Aspect::Evidence { source, method } => {
                    let source_ix = source::number(db, source)?;
                    match &change.after {
                        None => relation::delete_evidence(db, ix, source_ix, *method)?,
                        Some(value) => {
                            let held = relation::evidence(db, ix, source_ix, source, *method)?;
                            let (first_at, last_at) =
                                held.map_or((at, at), |held| (held.first_at, held.last_at));
                            let Believed { confidence, detail, withdrawn } = read(value, &change.aspect)?;
                            let evidence = Evidence {
                                source: source.clone(),
                                method: *method,
                                confidence,
                                detail,
                                withdrawn,
                            };
                            let row = relation::EvidenceRow { evidence, first_at, last_at };
                            relation::put_evidence(db, ix, source_ix, &row)?;
                        }
                    }
                }
                Aspect::Verdict => {
                    relation::set_verdict(db, ix, change.after.as_ref().and_then(Value::as_str))?;
                }
                other => return Err(StoreError::Refused(format!("a relation has no {other:?}"))),
            }
            relation::drop_if_bare(db, ix)
        }
    }
}

fn put_entity(
    db: &Connection,
    id: EntityId,
    aspect: &Aspect,
    after: Option<&Value>,
    at: Timestamp,
) -> StoreResult<()> {
    if let Aspect::Exists = aspect {
        let row = entity::find(db, id)?;
        return match (row, after) {
            (Some(row), after) => {
                if row.gone != after.is_none() {
                    rollup::set_gone(db, row.ix, after.is_none())?;
                }
                entity::set_gone(db, row.ix, after.is_none())
            }
            (None, None) => Ok(()),
            (None, Some(value)) => {
                let kind: Kind = read(value, aspect)?;
                entity::insert(db, id, kind).map(|_| ())
            }
        };
    }
    let row = entity::find(db, id)?
        .ok_or_else(|| StoreError::NotFound(format!("the catalog has no entity {id}")))?;
    match aspect {
        Aspect::Named { name } => match after {
            None => name::delete(db, row.kind, name),
            Some(value) => {
                let source: Source = read(value, aspect)?;
                name::insert(db, row.ix, row.kind, name, source::number(db, &source)?)
            }
        },
        Aspect::Claimed { field, source } => {
            let source_ix = source::number(db, source)?;
            let field = field.to_string();
            match after {
                None => claim::delete(db, row.ix, &field, source_ix),
                Some(value) => {
                    let Claimed { value, known } = read(value, aspect)?;
                    let claim = Claim { source: source.clone(), value, known, at };
                    claim::put(db, row.ix, &field, source_ix, &claim)
                }
            }
        }
        Aspect::MergedInto => {
            let (into, by) = match after {
                None => (None, None),
                Some(value) => {
                    let Merged { into, by } = read(value, aspect)?;
                    (Some(entity::expect(db, into)?), Some(by))
                }
            };
            let tree = entity::subtree(db, row.ix)?;
            if into.as_ref().is_some_and(|into| tree.contains(&into.ix)) {
                return Err(StoreError::Refused(format!("{id} can't be merged into a part of itself")));
            }
            entity::set_merged(db, row.ix, into.as_ref().map(|into| into.ix), by.as_deref())?;
            let head = into.map_or(row.ix, |into| into.head);
            for member in tree {
                entity::set_head(db, member, head)?;
            }
            Ok(())
        }
        Aspect::KeptApart { from } => {
            let other = entity::expect(db, *from)?;
            entity::set_kept_apart(db, row.ix, other.ix, after.is_some())
        }
        Aspect::Exists | Aspect::Evidence { .. } | Aspect::Verdict => {
            Err(StoreError::Refused(format!("an entity has no {aspect:?}")))
        }
    }
}
