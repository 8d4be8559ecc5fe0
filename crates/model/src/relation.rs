//! Directed, typed links between entities.

use serde::{Deserialize, Serialize};

use crate::id::EntityId;

/// Which way data flows along a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flow {
    /// `from` is upstream of `to`.
    Forward,
    /// `to` is upstream of `from` (a job reads a dataset: the dataset is upstream).
    Backward,
    /// The relation carries no data.
    None,
}

macro_rules! relation_kinds {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $word:literal, $flow:ident;)*) => {
        /// What a relation says. Codes are stored: never reuse one.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
        #[serde(rename_all = "snake_case")]
        pub enum RelationKind { $($(#[$doc])* $variant = $code,)* }

        impl RelationKind {
            /// Every kind, in the order of their codes.
            pub const ALL: &[RelationKind] = &[$(RelationKind::$variant,)*];

            /// The number that stands for the kind in the catalog file.
            pub const fn code(self) -> u8 { self as u8 }

            /// The kind with this code, if there is one.
            pub const fn from_code(code: u8) -> Option<RelationKind> {
                match code { $($code => Some(RelationKind::$variant),)* _ => None }
            }

            /// The kind's name in JSON.
            pub const fn word(self) -> &'static str { match self { $(RelationKind::$variant => $word,)* } }

            /// The kind with this name, if there is one.
            pub fn from_word(word: &str) -> Option<RelationKind> {
                match word { $($word => Some(RelationKind::$variant),)* _ => None }
            }

            /// Which way data flows along it.
            pub const fn flow(self) -> Flow { match self { $(RelationKind::$variant => Flow::$flow,)* } }
        }
    };
}

relation_kinds! {
    /// A job or run takes a dataset as input.
    Reads = 1, "reads", Backward;
    /// A job or run makes a dataset.
    Writes = 2, "writes", Forward;
    /// `from` is made out of `to` (columns, views, chunks).
    DerivesFrom = 3, "derives_from", Backward;
    /// A column's rows were filtered, joined or sorted by `to` (OpenLineage INDIRECT).
    InfluencedBy = 4, "influenced_by", Backward;
    /// A model (version), logged model or run learned from a dataset.
    TrainedOn = 5, "trained_on", Backward;
    /// A model (version) or run was measured on a dataset.
    EvaluatedOn = 6, "evaluated_on", Backward;
    /// A run, output or agent used a prompt (version).
    UsesPrompt = 7, "uses_prompt", Backward;
    /// An output, run or agent used a model (version).
    UsesModel = 8, "uses_model", Backward;
    /// An output or trace fetched a chunk or document.
    Retrieved = 9, "retrieved", Backward;
    /// An output cites a chunk or document.
    Cites = 10, "cites", Backward;
    /// `from` was made by the run or job `to`.
    ProducedBy = 11, "produced_by", Backward;
    /// A model, tool or dataset is offered by a service.
    ServedBy = 12, "served_by", Forward;
    /// A test, dashboard or metric is about `to`.
    DependsOn = 13, "depends_on", Backward;
    /// A run is an execution of a job.
    RunOf = 14, "run_of", None;
    /// Two entities belong together in a way that no other kind says.
    RelatedTo = 15, "related_to", None;
    /// A test checks a dataset or column.
    Checks = 16, "checks", None;
    /// A person or team answers for `from`.
    OwnedBy = 17, "owned_by", None;
}

/// One relation, named by what it joins. There is at most one of a kind between two entities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
pub struct RelationKey {
    /// Where the relation starts.
    pub from: EntityId,
    /// What it says.
    pub kind: RelationKind,
    /// Where it ends.
    pub to: EntityId,
}

/// A person's word on a relation that was inferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It holds.
    Accepted,
    /// It does not hold, and stays so whatever is inferred later.
    Rejected,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_words_lead_back_to_their_kind() {
        for &kind in RelationKind::ALL {
            assert_eq!(RelationKind::from_code(kind.code()), Some(kind));
            assert_eq!(RelationKind::from_word(kind.word()), Some(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.word());
        }
    }
}
