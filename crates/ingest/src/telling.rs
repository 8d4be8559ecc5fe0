//! The statements of one record while they are being collected, so that mappings read as sentences.

use std::sync::Arc;

use catena_model::{
    evidence::Method,
    field::{Field, Group, Single},
    name::{BadName, QualifiedName},
    relation::RelationKind,
    source::{Known, Source},
    statement::{Passage, Record, Statement, Thing},
    time::Timestamp,
};
use serde_json::Value;

/// What one record says, all of it at one time.
#[derive(Debug)]
pub struct Telling {
    at: Timestamp,
    statements: Vec<Statement>,
}

impl Telling {
    /// Nothing said yet; what follows is said at `at`.
    pub fn at(at: Timestamp) -> Self {
        Self { at, statements: Vec::new() }
    }

    /// When it is said.
    pub fn time(&self) -> Timestamp {
        self.at
    }

    /// The record that says it all.
    pub fn record(self, place: String, source: Source, known: Known) -> Record {
        Record { at: place, event: None, source, known, statements: self.statements }
    }

    /// Says that the thing is there.
    pub fn exists(&mut self, thing: &Thing) {
        self.statements.push(Statement::Exists { thing: thing.clone() });
    }

    /// Gives the thing another name.
    pub fn also_named(&mut self, thing: &Thing, name: QualifiedName) {
        if name != thing.name {
            self.statements.push(Statement::AlsoNamed { thing: thing.clone(), name });
        }
    }

    /// Says what the thing is a part of.
    pub fn part_of(&mut self, thing: &Thing, whole: &Thing) {
        if thing != whole {
            self.statements.push(Statement::PartOf {
                thing: thing.clone(),
                whole: whole.clone(),
                at: self.at,
            });
        }
    }

    /// Sets or, with `None`, withdraws a field.
    pub fn claim(&mut self, thing: &Thing, field: Field, value: Option<Value>) {
        self.statements.push(Statement::Claim { thing: thing.clone(), field, value, at: self.at });
    }

    /// Sets a field to a text, or withdraws it when the text is missing or blank.
    pub fn text(&mut self, thing: &Thing, field: Single, text: Option<&str>) {
        let text = text.filter(|text| !text.trim().is_empty());
        self.claim(thing, Field::Single(field), text.map(Value::from));
    }

    /// Sets all elements of a set, or withdraws them when there are none.
    pub fn set(&mut self, thing: &Thing, group: Group, mut elements: Vec<String>) {
        // In one order, so that the same elements are the same claim.
        elements.sort_unstable();
        let value = (!elements.is_empty()).then(|| Value::from(elements));
        self.claim(thing, Field::Group(group), value);
    }

    /// Keeps a facet as it was sent.
    pub fn facet(&mut self, thing: &Thing, name: &str, body: Value) {
        self.pair_facet(thing, None, name, body);
    }

    /// Keeps a facet that may be about a pair.
    pub fn pair_facet(&mut self, thing: &Thing, about: Option<&Thing>, name: &str, body: Value) {
        self.statements.push(Statement::Facet {
            thing: thing.clone(),
            about: about.cloned(),
            name: name.to_owned(),
            body,
            at: self.at,
        });
    }

    /// A relation that is certain.
    pub fn related(
        &mut self,
        from: &Thing,
        kind: RelationKind,
        to: &Thing,
        method: Method,
        detail: Option<Value>,
    ) {
        if from != to {
            self.statements.push(Statement::Related {
                from: from.clone(),
                kind,
                to: to.clone(),
                method,
                confidence: 100,
                detail,
                at: self.at,
            });
        }
    }

    /// Every relation of this kind that the source declares for `from`; what it declared before and doesn't any
    /// more is gone.
    pub fn only_related(&mut self, from: &Thing, kind: RelationKind, to: Vec<Thing>) {
        for target in &to {
            self.related(from, kind, target, Method::Declared, None);
        }
        let to = to.into_iter().filter(|target| target != from).collect();
        self.statements.push(Statement::OnlyRelated {
            from: from.clone(),
            kind,
            to,
            method: Method::Declared,
            at: self.at,
        });
    }

    /// Whether nothing was said yet.
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    /// How many statements there are.
    pub fn len(&self) -> usize {
        self.statements.len()
    }

    /// Makes the statements from the `first` on into a passage.
    pub fn passage(&mut self, first: usize, digest: [u8; 16]) -> Arc<Passage> {
        let statements = self.statements.drain(first..).collect();
        let passage = Arc::new(Passage { digest, statements });
        self.repeated(Arc::clone(&passage));
        passage
    }

    /// Says again what was said before.
    pub fn repeated(&mut self, passage: Arc<Passage>) {
        self.statements.push(Statement::Repeated { passage, at: self.at });
    }

    /// Says anything else.
    pub fn push(&mut self, statement: Statement) {
        self.statements.push(statement);
    }
}

/// Why a name can't be used, with what it was to name.
pub fn bad_name(what: &str, problem: &BadName) -> String {
    format!("{what}: {problem}")
}
