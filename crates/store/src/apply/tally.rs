//! What an import did.

use catena_model::statement::Rejection;
use foldhash::HashMap;

use crate::table::entity::Ix;

/// What an import did, entity by entity.
#[derive(Debug, Default)]
pub struct Tally {
    outcomes: HashMap<Ix, Outcome>,
    /// What turned out to be an entity that was there already, and so is no new one.
    merged: Vec<Ix>,
    /// What could not be taken.
    pub rejected: Vec<Rejection>,
    /// How many records were read, rejected ones included.
    pub records: u64,
    /// How many metric points were new.
    pub points: u64,
    /// How many spans were new or told more than before.
    pub spans: u64,
}

/// What came of an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    Same,
    Changed,
    Created,
}

impl Tally {
    pub(super) fn note(&mut self, ix: Ix, outcome: Outcome) {
        let held = self.outcomes.entry(ix).or_insert(outcome);
        *held = (*held).max(outcome);
    }

    /// Notes that the entity was there already.
    pub(super) fn merged(&mut self, ix: Ix) {
        self.merged.push(ix);
    }

    /// Takes in what a step came to, once it is committed.
    pub(super) fn add(&mut self, mut step: Tally) {
        for (ix, outcome) in step.outcomes {
            self.note(ix, outcome);
        }
        for ix in step.merged {
            self.outcomes.remove(&ix);
        }
        self.rejected.append(&mut step.rejected);
        self.records += step.records;
        self.points += step.points;
        self.spans += step.spans;
    }

    fn count(&self, outcome: Outcome) -> u64 {
        self.outcomes.values().filter(|held| **held == outcome).count() as u64
    }

    /// How many entities are new.
    pub fn created(&self) -> u64 {
        self.count(Outcome::Created)
    }

    /// How many entities were there and are different now.
    pub fn changed(&self) -> u64 {
        self.count(Outcome::Changed)
    }

    /// How many entities were spoken of and are as they were.
    pub fn same(&self) -> u64 {
        self.count(Outcome::Same)
    }
}
