//! Work that was done: a step of a trace, a run of a job; what is counted of it, and for whom.

use std::collections::BTreeMap;

use crate::{
    span::{SpanId, SpanStatus, Usage},
    statement::Thing,
    time::Timestamp,
};

/// What a thing has to do with a piece of work. Codes are stored: never reuse one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The work is a call or run of it: a model that answers, a tool that is called, a job that runs.
    Called = 0,
    /// The work is a part of what it does: its tokens and cost count for it, the call does not.
    Spent = 1,
    /// The work read it: a chunk that was found, the document behind it.
    Read = 2,
    /// The work was done for it: the agent or application that called.
    Caller = 3,
}

impl Role {
    /// The number that stands for it in the catalog file.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The one with this code, if there is one.
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::Called),
            1 => Some(Self::Spent),
            2 => Some(Self::Read),
            3 => Some(Self::Caller),
            _ => None,
        }
    }
}

/// How a piece of work was measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mark {
    /// When it was said.
    pub at: Timestamp,
    /// The number.
    pub value: f64,
}

impl Mark {
    /// Of two marks of one name the later holds, then the greater.
    pub fn later(self, other: Self) -> Self {
        match self.at.cmp(&other.at).then(self.value.total_cmp(&other.value)) {
            std::cmp::Ordering::Less => other,
            _ => self,
        }
    }
}

/// A piece of work. Its identity is its whole and its part; it may be told of in pieces and in any order.
#[derive(Debug, Clone, PartialEq)]
pub struct Work {
    /// The trace or run.
    pub whole: Thing,
    /// The span of the trace; 0 for a run as a whole.
    pub part: SpanId,
    /// When it began, in nanoseconds since the epoch.
    pub start: Option<i64>,
    /// When it ended, likewise.
    pub end: Option<i64>,
    /// How it ended.
    pub status: SpanStatus,
    /// What it used up.
    pub usage: Usage,
    /// Who has to do with it.
    pub roles: Vec<(Role, Thing)>,
    /// How it was measured, by name.
    pub scores: BTreeMap<String, Mark>,
}

impl Work {
    /// Work of which nothing is known yet.
    pub fn new(whole: Thing, part: SpanId) -> Self {
        Self {
            whole,
            part,
            start: None,
            end: None,
            status: SpanStatus::Unset,
            usage: Usage::default(),
            roles: Vec::new(),
            scores: BTreeMap::new(),
        }
    }
}
