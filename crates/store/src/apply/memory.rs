//! What the writer remembers between steps, so that what repeats costs no query.

use std::collections::BTreeSet;

use catena_model::{
    change::{Aspect, Change},
    claim::Claim,
    evidence::Method,
    field::Field,
    id::EntityId,
    kind::Kind,
    name::QualifiedName,
    relation::RelationKind,
    source::{Known, Source},
    statement::Thing,
    time::Timestamp,
};
use foldhash::HashMap;

use super::tally::{Outcome, Tally};
use crate::rollup::Pending;
use crate::table::{
    entity::Ix,
    facet::{BodyDigest, FacetKey},
    relation::EvidenceRow,
    schema_sighting,
};

/// Of an entity, a field and a source.
pub(super) type ClaimKey = (Ix, Field, i64);
/// Of a relation's ends, a source and a method.
pub(super) type EvidenceKey = (Ix, RelationKind, Ix, i64, Method);
/// A passage of a source, which knows it so.
pub(super) type PassageKey = ([u8; 16], i64, Known);

/// Forgotten when another process wrote, and when it grows too large.
#[derive(Default)]
pub(crate) struct Memory {
    pub(super) names: HashMap<Thing, Ix>,
    pub(super) ids: HashMap<Ix, EntityId>,
    pub(super) claims: HashMap<ClaimKey, Remembered<Claim>>,
    pub(super) facets: HashMap<FacetKey, Remembered<(BodyDigest, Timestamp)>>,
    pub(super) evidence: HashMap<EvidenceKey, Remembered<EvidenceRow>>,
    pub(super) listings: HashMap<(Ix, RelationKind, i64, Method), Option<Timestamp>>,
    pub(super) sources: HashMap<Source, i64>,
    /// The numbers of facets' bodies.
    pub(super) bodies: HashMap<BodyDigest, i64>,
    /// The first entity that was made in this step, if any was: places are counted up.
    first_made: Option<Ix>,
    /// Names given in this step, to be held against partial ones at its end.
    pub(super) new_names: BTreeSet<(Kind, QualifiedName)>,
    /// Heads whose parts may have to be joined at the end of this step.
    pub(crate) groups: BTreeSet<Ix>,
    passages: HashMap<PassageKey, Taken>,
    /// How many facts were ever remembered of passages.
    passage_facts: usize,
    /// What the passage under way comes to.
    recording: Option<Facts>,
    /// Passages that were repeated in this step.
    repeated: Vec<PassageKey>,
    /// Schemas that were sent in a passage, maybe before they were first seen.
    pub(super) earlier: Vec<(FacetKey, BodyDigest, Timestamp)>,
    /// What has a later time than is stored.
    pub(super) later: Facts,
    /// Documents that were read in this step.
    pub(crate) read: BTreeSet<Ix>,
    /// What was counted in this step.
    pub(crate) counted: Pending,
}

/// A fact as it is stored, but for its time.
pub(super) struct Remembered<T> {
    pub(super) held: T,
    /// Its time moved on without being stored yet.
    pub(super) later: bool,
    /// The passages that say so.
    passages: Vec<PassageKey>,
}

impl<T> Remembered<T> {
    pub(super) fn stored(held: T) -> Self {
        Self { held, later: false, passages: Vec::new() }
    }
}

/// The facts that a passage comes to.
#[derive(Default)]
pub(super) struct Facts {
    things: Vec<Ix>,
    pub(super) claims: Vec<ClaimKey>,
    pub(super) facets: Vec<FacetKey>,
    pub(super) evidence: Vec<EvidenceKey>,
    /// Something in it did not come to hold, or is no fact with a time: it must be looked at every time.
    unsound: bool,
}

impl Facts {
    fn count(&self) -> usize {
        self.things.len() + self.claims.len() + self.facets.len() + self.evidence.len()
    }
}

/// A passage all of whose statements hold.
struct Taken {
    facts: Facts,
    /// When it was first and last said in this step; none while it is not repeated.
    said: Option<(Timestamp, Timestamp)>,
}

const MOST_REMEMBERED: usize = 400_000;

impl Memory {
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Forgets what a change from elsewhere (an edit, a revert, a merge) may have made untrue.
    pub(crate) fn forget_after(&mut self, change: &Change) {
        self.settle();
        self.passages.clear();
        self.first_made = None;
        match change.aspect {
            Aspect::Exists | Aspect::Named { .. } => {
                self.names.clear();
                self.ids.clear();
            }
            Aspect::Claimed { .. } => self.claims.clear(),
            Aspect::Evidence { .. } | Aspect::Verdict => self.evidence.clear(),
            Aspect::MergedInto | Aspect::KeptApart { .. } => {}
        }
    }

    /// Begins a step. Forgets all when there is too much.
    pub(super) fn begin(&mut self) {
        self.first_made = None;
        let facts = self.names.len() + self.claims.len() + self.facets.len() + self.evidence.len();
        if facts + self.listings.len() + self.bodies.len() + self.passage_facts > MOST_REMEMBERED {
            self.forget();
        }
    }

    /// Notes that an entity was made in this step.
    pub(super) fn made(&mut self, ix: Ix) {
        self.first_made.get_or_insert(ix);
    }

    /// Whether the entity was made in this step.
    pub(super) fn is_new(&self, ix: Ix) -> bool {
        self.first_made.is_some_and(|first| ix >= first)
    }

    /// Notes that a passage was said again at `at`. Says no when it has to be looked at statement by statement.
    pub(super) fn repeat(&mut self, key: &PassageKey, at: Timestamp, tally: &mut Tally) -> bool {
        let Some(taken) = self.passages.get_mut(key) else { return false };
        match &mut taken.said {
            Some((first, last)) => {
                *first = at.min(*first);
                *last = at.max(*last);
            }
            said @ None => {
                *said = Some((at, at));
                self.repeated.push(*key);
                for &ix in &taken.facts.things {
                    tally.note(ix, Outcome::Same);
                }
            }
        }
        true
    }

    /// What is noted from now on belongs to one passage.
    pub(super) fn begin_passage(&mut self) {
        self.recording = Some(Facts::default());
    }

    /// The passage ends; it is remembered if all of it holds.
    pub(super) fn end_passage(&mut self, key: PassageKey) {
        let Some(facts) = self.recording.take().filter(|facts| !facts.unsound) else { return };
        fn mark<T>(remembered: Option<&mut Remembered<T>>, key: PassageKey) -> bool {
            let Some(remembered) = remembered else { return false };
            if !remembered.passages.contains(&key) {
                remembered.passages.push(key);
            }
            true
        }
        let sound = facts.claims.iter().all(|fact| mark(self.claims.get_mut(fact), key))
            && facts.facets.iter().all(|fact| mark(self.facets.get_mut(fact), key))
            && facts.evidence.iter().all(|fact| mark(self.evidence.get_mut(fact), key));
        if sound {
            self.passage_facts += facts.count();
            self.passages.insert(key, Taken { facts, said: None });
        }
    }

    /// The passage under way must be looked at every time.
    pub(super) fn unsound(&mut self) {
        if let Some(recording) = &mut self.recording {
            recording.unsound = true;
        }
    }

    pub(super) fn saw_thing(&mut self, ix: Ix) {
        if let Some(recording) = &mut self.recording
            && !recording.things.contains(&ix)
        {
            recording.things.push(ix);
        }
    }

    pub(super) fn saw_claim(&mut self, key: &ClaimKey) {
        if let Some(recording) = &mut self.recording {
            recording.claims.push(key.clone());
        }
    }

    pub(super) fn saw_facet(&mut self, key: &FacetKey) {
        if let Some(recording) = &mut self.recording {
            recording.facets.push(key.clone());
        }
    }

    pub(super) fn saw_evidence(&mut self, key: &EvidenceKey) {
        if let Some(recording) = &mut self.recording {
            recording.evidence.push(*key);
        }
    }

    /// The claim is about to change: what repeats it ends, and its time is as it should be.
    pub(super) fn changing_claim(&mut self, key: &ClaimKey) {
        if let Some(remembered) = self.claims.get_mut(key) {
            let passages = std::mem::take(&mut remembered.passages);
            self.end(passages);
        }
    }

    /// As [`Memory::changing_claim`].
    pub(super) fn changing_facet(&mut self, key: &FacetKey) {
        if let Some(remembered) = self.facets.get_mut(key) {
            let passages = std::mem::take(&mut remembered.passages);
            self.end(passages);
        }
    }

    /// As [`Memory::changing_claim`].
    pub(super) fn changing_evidence(&mut self, key: &EvidenceKey) {
        if let Some(remembered) = self.evidence.get_mut(key) {
            let passages = std::mem::take(&mut remembered.passages);
            self.end(passages);
        }
    }

    fn end(&mut self, passages: Vec<PassageKey>) {
        for key in passages {
            if let Some(taken) = self.passages.remove(&key) {
                self.move_times(&taken);
            }
        }
    }

    /// Brings the times of all that was repeated to what they should be.
    pub(super) fn settle(&mut self) {
        for key in std::mem::take(&mut self.repeated) {
            if let Some(mut taken) = self.passages.remove(&key) {
                self.move_times(&taken);
                taken.said = None;
                self.passages.insert(key, taken);
            }
        }
    }

    fn move_times(&mut self, taken: &Taken) {
        let Some((first, last)) = taken.said else { return };
        for key in &taken.facts.claims {
            self.claim_said(key, last);
        }
        for key in &taken.facts.facets {
            if schema_sighting::is_one(key)
                && let Some((digest, known)) = self.facets.get(key).map(|remembered| remembered.held)
                && first < known
            {
                self.earlier.push((key.clone(), digest, first));
            }
            self.facet_said(key, last);
        }
        for key in &taken.facts.evidence {
            self.evidence_said(key, first, last);
        }
    }

    /// The claim was made again.
    pub(super) fn claim_said(&mut self, key: &ClaimKey, at: Timestamp) {
        let Some(remembered) = self.claims.get_mut(key) else { return };
        if remembered.held.at < at {
            remembered.held.at = at;
            if !std::mem::replace(&mut remembered.later, true) {
                self.later.claims.push(key.clone());
            }
        }
    }

    /// The facet was sent again.
    pub(super) fn facet_said(&mut self, key: &FacetKey, at: Timestamp) {
        let Some(remembered) = self.facets.get_mut(key) else { return };
        if remembered.held.1 < at {
            remembered.held.1 = at;
            if !std::mem::replace(&mut remembered.later, true) {
                self.later.facets.push(key.clone());
            }
        }
    }

    /// The relation was told of again.
    pub(super) fn evidence_said(&mut self, key: &EvidenceKey, first: Timestamp, last: Timestamp) {
        let Some(remembered) = self.evidence.get_mut(key) else { return };
        let held = &mut remembered.held;
        let said = (held.first_at.min(first), held.last_at.max(last));
        if said != (held.first_at, held.last_at) {
            (held.first_at, held.last_at) = said;
            if !std::mem::replace(&mut remembered.later, true) {
                self.later.evidence.push(*key);
            }
        }
    }
}
