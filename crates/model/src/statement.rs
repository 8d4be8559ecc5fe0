//! What systems report, in the one form that every reader (event, manifest, registry, trace) brings it into.
//!
//! Readers know names, never ids. Applying a record resolves the names, makes what is new, and leaves what is the
//! same alone; records may come in any order and more than once.

use std::sync::Arc;

use serde_json::Value;

use crate::{
    evidence::Method,
    field::Field,
    kind::Kind,
    name::QualifiedName,
    point::Point,
    relation::RelationKind,
    source::{Known, Source},
    span::Span,
    time::Timestamp,
    work::Work,
};

/// A thing as a system names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Thing {
    /// What it is.
    pub kind: Kind,
    /// What it is called there.
    pub name: QualifiedName,
}

impl Thing {
    /// The thing of this kind and name.
    pub fn new(kind: Kind, name: QualifiedName) -> Self {
        Self { kind, name }
    }
}

/// One thing that a source says.
#[derive(Debug, Clone, PartialEq)]
pub enum Statement {
    /// The thing is there. Every other statement says so too of the things that it names.
    Exists {
        /// Which.
        thing: Thing,
    },
    /// The thing has another name; if an entity of the same kind bears it already, both are the same.
    AlsoNamed {
        /// Which.
        thing: Thing,
        /// The other name; partial ones join the one entity that they fit.
        name: QualifiedName,
    },
    /// The thing is a part of another (a column of a dataset, a version of a model, a run of an experiment).
    PartOf {
        /// The part.
        thing: Thing,
        /// The whole.
        whole: Thing,
        /// When the source said so.
        at: Timestamp,
    },
    /// A field's value. A group is claimed as a whole: an array (set) or object (map) of all that the source knows.
    /// `None` withdraws the source's claim.
    Claim {
        /// Of which thing.
        thing: Thing,
        /// Which field; [`Field::PARENT`] is said with [`Statement::PartOf`].
        field: Field,
        /// The value.
        value: Option<Value>,
        /// When the source said so.
        at: Timestamp,
    },
    /// A named group of fields kept just as the source sent it. The latest one of a source holds.
    Facet {
        /// Of which thing.
        thing: Thing,
        /// The second thing, when the facet is about a pair (a run's statistics of one of its outputs).
        about: Option<Thing>,
        /// The facet's name at the source.
        name: String,
        /// The facet itself.
        body: Value,
        /// When the source said so.
        at: Timestamp,
    },
    /// A relation holds.
    Related {
        /// Where it starts.
        from: Thing,
        /// What it says.
        kind: RelationKind,
        /// Where it ends.
        to: Thing,
        /// How the source knows.
        method: Method,
        /// How sure, in percent.
        confidence: u8,
        /// Anything more; small, and stable from event to event.
        detail: Option<Value>,
        /// When the source said so.
        at: Timestamp,
    },
    /// These are all the relations of this kind that start here, as far as the source knows by this method: others
    /// that it told of before `at` are gone. Only for sources that list everything (manifests, registries).
    OnlyRelated {
        /// Where they start.
        from: Thing,
        /// What they say.
        kind: RelationKind,
        /// Where they end.
        to: Vec<Thing>,
        /// How the source knows.
        method: Method,
        /// When the source said so.
        at: Timestamp,
    },
    /// Values of a metric of a run.
    Points {
        /// Which run.
        run: Thing,
        /// The metric's key.
        metric: String,
        /// The values, in any order, repeats allowed.
        points: Vec<Point>,
    },
    /// What a source repeats word for word, event after event: what is said in it is said at `at`.
    Repeated {
        /// What is said.
        passage: Arc<Passage>,
        /// When the source said so.
        at: Timestamp,
    },
    /// A step of a trace.
    Span {
        /// Which trace.
        trace: Thing,
        /// The step.
        span: Box<Span>,
    },
    /// A piece of work, to be counted for those who had to do with it.
    Work(Box<Work>),
    /// A document was read.
    Reading(Box<Reading>),
}

/// What was read of a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// Which document.
    pub document: Thing,
    /// SHA-256 of its file: which version of it.
    pub digest: [u8; 32],
    /// Its text.
    pub text: String,
    /// All else that was read: pages, sections, passages.
    pub parse: Value,
    /// When.
    pub at: Timestamp,
}

impl Statement {
    /// The same, said at another time.
    #[must_use]
    pub fn said_at(mut self, moment: Timestamp) -> Self {
        match &mut self {
            Self::PartOf { at, .. }
            | Self::Claim { at, .. }
            | Self::Facet { at, .. }
            | Self::Related { at, .. }
            | Self::OnlyRelated { at, .. }
            | Self::Repeated { at, .. } => *at = moment,
            Self::Exists { .. }
            | Self::AlsoNamed { .. }
            | Self::Points { .. }
            | Self::Span { .. }
            | Self::Work(_)
            | Self::Reading(_) => {}
        }
        self
    }
}

/// Statements that a source makes together and repeats (what a table is, in every event of every run that reads it).
/// Once taken, a repeat only moves the time at which they were last made.
#[derive(Debug, PartialEq)]
pub struct Passage {
    /// A digest of all that makes the statements what they are, but for their time.
    pub digest: [u8; 16],
    /// The statements, at whatever time; no passages among them.
    pub statements: Vec<Statement>,
}

/// One line, event, node or row of what was read: applied whole or rejected whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Where it stood, for a person: `line 7`, `model.shop.orders`, `run 3f2a`.
    pub at: String,
    /// The event's own identity and content, when it is an event: a repeat is skipped, and the same identity with
    /// other content is rejected. Snapshots (manifests, registries) have none.
    pub event: Option<EventKey>,
    /// Who says it.
    pub source: Source,
    /// How what it says is known.
    pub known: Known,
    /// What it says.
    pub statements: Vec<Statement>,
}

impl Record {
    /// Everything that it says, one by one: passages are taken apart.
    pub fn all_statements(&self) -> impl Iterator<Item = Statement> {
        self.statements.iter().flat_map(|statement| match statement {
            Statement::Repeated { passage, at } => {
                passage.statements.iter().map(|statement| statement.clone().said_at(*at)).collect()
            }
            other => vec![other.clone()],
        })
    }
}

/// The identity of an event and a digest of its content.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EventKey {
    /// What makes it this event (run id, type and time), as a digest.
    pub key: [u8; 16],
    /// What it says, as a digest.
    pub content: [u8; 16],
}

/// What could not be taken, and why; nothing else is lost because of it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, ts_rs::TS)]
pub struct Rejection {
    /// Where it stood: `line 7`.
    #[serde(rename = "where")]
    pub place: String,
    /// What is wrong and what to do.
    pub why: String,
}

/// What a reader makes of one piece of its input.
pub type Read = Result<Record, Rejection>;
