//! The smallest thing that can be done to a catalog, and undone.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    evidence::Method, field::Field, id::EntityId, name::QualifiedName, relation::RelationKey, source::Source,
};

/// What a change is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Subject {
    /// An entity.
    Entity {
        /// Which one.
        id: EntityId,
    },
    /// A relation.
    Relation {
        /// Which one.
        key: RelationKey,
    },
}

/// Which side of the subject a change sets. With the subject it is the address of one value of the current state.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Aspect {
    /// Whether the entity is there; the value is its kind's word.
    Exists,
    /// Whether the entity bears a qualified name; the value is the [`Source`] that gave it.
    Named {
        /// The name.
        name: QualifiedName,
    },
    /// What a source claims of a field; the value is `{"value": ..., "known": ...}`.
    Claimed {
        /// The field.
        field: Field,
        /// Who claims it.
        source: Source,
    },
    /// The entity that this one was found to be the same as; the value is its id.
    MergedInto,
    /// Whether a person said that the entity is not the same as another; the value is `true`.
    KeptApart {
        /// The other one.
        from: EntityId,
    },
    /// Why a relation is believed; the value is an [`Evidence`](crate::evidence::Evidence) without source and method.
    Evidence {
        /// Who says so.
        source: Source,
        /// How it was found.
        method: Method,
    },
    /// A person's word on a relation; the value is a [`Verdict`](crate::relation::Verdict).
    Verdict,
}

/// Sets one aspect of one subject from `before` to `after`; `None` is absence.
///
/// The inverse is the change with both swapped; a change whose `before` is not what is there does not apply.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct Change {
    /// What it is about.
    pub subject: Subject,
    /// Which side of it.
    pub aspect: Aspect,
    /// The value that was there.
    #[ts(type = "any")]
    pub before: Option<Value>,
    /// The value that is there now.
    #[ts(type = "any")]
    pub after: Option<Value>,
}

impl Change {
    /// The change that takes this one back.
    pub fn inverse(&self) -> Change {
        Change {
            subject: self.subject,
            aspect: self.aspect.clone(),
            before: self.after.clone(),
            after: self.before.clone(),
        }
    }
}
