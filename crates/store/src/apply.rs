//! From what systems report to what the catalog holds: names become entities, claims and facts find their place.

mod memory;
mod tally;

use std::collections::BTreeSet;

use catena_model::{
    actor::Act,
    change::{Aspect, Change, Subject},
    claim::Claim,
    evidence::{Evidence, Method},
    field::Field,
    kind::Kind,
    name::QualifiedName,
    operation::Operation,
    relation::{RelationKey, RelationKind},
    source::Source,
    statement::{Read, Record, Rejection, Statement, Thing},
    time::Timestamp,
};
use serde_json::Value;

use crate::{
    StoreResult, Writer, identity, link, placing, project,
    table::{
        claim, entity, entity::Ix, event, facet, name, relation, relation::EvidenceRow, schema_sighting,
        series, source, span,
    },
    writer::Step,
};

pub(crate) use memory::Memory;
use memory::{EvidenceKey, Remembered};
use tally::Outcome;
pub use tally::Tally;

impl Writer {
    /// Applies records in one operation: each whole or not at all, in any order, any number of times.
    pub fn apply(
        &mut self,
        act: &Act,
        title: &str,
        reads: impl IntoIterator<Item = Read>,
        tally: &mut Tally,
    ) -> StoreResult<Option<Operation>> {
        let mut local = Tally::default();
        let (operation, ()) = self.operation(act, None, |step| {
            step.memory.begin();
            for read in reads {
                local.records += 1;
                match read {
                    Ok(record) => apply_record(step, record, &mut local)?,
                    Err(rejection) => local.rejected.push(rejection),
                }
            }
            settle(step, &mut local)?;
            Ok((title.to_owned(), ()))
        })?;
        // Only what was committed is reported.
        tally.add(local);
        Ok(operation)
    }
}

fn apply_record(step: &mut Step<'_>, record: Record, tally: &mut Tally) -> StoreResult<()> {
    if let Some(key) = &record.event {
        match event::note(step.db, key)? {
            event::Seen::New => {}
            event::Seen::Same => {
                for thing in record.statements.iter().flat_map(things) {
                    if let Some(ix) = known(step, thing)? {
                        tally.note(ix, Outcome::Same);
                    }
                }
                return Ok(());
            }
            event::Seen::Other => {
                tally.rejected.push(Rejection {
                    place: record.at,
                    why: "an event with the same identity (run, type and time) but other content was stored before; \
                          the first one was kept. Send changed content as a new event"
                        .to_owned(),
                });
                return Ok(());
            }
        }
    }
    let mut context = Context {
        source_ix: source_number(step, &record.source)?,
        source: record.source,
        known: record.known,
        tally,
    };
    for statement in record.statements {
        apply_statement(step, &mut context, statement)?;
    }
    Ok(())
}

struct Context<'t> {
    source_ix: i64,
    source: Source,
    known: catena_model::source::Known,
    tally: &'t mut Tally,
}

fn things(statement: &Statement) -> Vec<&Thing> {
    match statement {
        Statement::Exists { thing } | Statement::AlsoNamed { thing, .. } | Statement::Claim { thing, .. } => {
            vec![thing]
        }
        Statement::PartOf { thing, whole, .. } => vec![thing, whole],
        Statement::Facet { thing, about, .. } => std::iter::once(thing).chain(about).collect(),
        Statement::Related { from, to, .. } => vec![from, to],
        Statement::OnlyRelated { from, to, .. } => std::iter::once(from).chain(to).collect(),
        Statement::Points { run, .. } => vec![run],
        Statement::Span { trace, .. } => vec![trace],
        Statement::Reading(reading) => vec![&reading.document],
        Statement::Work(work) => {
            std::iter::once(&work.whole).chain(work.roles.iter().map(|(_, thing)| thing)).collect()
        }
        Statement::Repeated { passage, .. } => passage.statements.iter().flat_map(things).collect(),
    }
}

fn apply_statement(step: &mut Step<'_>, context: &mut Context<'_>, statement: Statement) -> StoreResult<()> {
    match statement {
        Statement::Exists { thing } => resolve(step, context, &thing).map(|_| ()),
        Statement::AlsoNamed { thing, name } => also_named(step, context, &thing, name),
        Statement::PartOf { thing, whole, at } => {
            let part = resolve(step, context, &thing)?;
            let whole = resolve(step, context, &whole)?;
            let id = id(step, whole)?;
            if part != whole {
                let changes = step.changes.len();
                put_claim(step, context, part, Field::PARENT, Some(Value::from(id.to_string())), at)?;
                step.memory.groups.insert(whole);
                if thing.kind == Kind::Chunk && step.changes.len() > changes {
                    step.untie(thing.kind, [part]);
                }
            }
            Ok(())
        }
        Statement::Claim { thing, field, value, at } => {
            let ix = resolve(step, context, &thing)?;
            put_claim(step, context, ix, field, value, at)
        }
        Statement::Facet { thing, about, name, body, at } => {
            let ix = resolve(step, context, &thing)?;
            let about = about.map(|about| resolve(step, context, &about)).transpose()?;
            put_facet(step, context, ix, about, name, &body, at)
        }
        Statement::Related { from, kind, to, method, confidence, detail, at } => {
            let (from, to) = (resolve(step, context, &from)?, resolve(step, context, &to)?);
            if from == to {
                return Ok(());
            }
            let evidence =
                Evidence { source: context.source.clone(), method, confidence, detail, withdrawn: false };
            put_evidence(step, context, (from, kind, to), EvidenceRow { evidence, first_at: at, last_at: at })
        }
        Statement::OnlyRelated { from, kind, to, method, at } => {
            step.memory.unsound();
            let from = resolve(step, context, &from)?;
            for to in to {
                let to = resolve(step, context, &to)?;
                if from != to {
                    let evidence = Evidence {
                        source: context.source.clone(),
                        method,
                        confidence: 100,
                        detail: None,
                        withdrawn: false,
                    };
                    touch_evidence(
                        step,
                        context,
                        (from, kind, to),
                        EvidenceRow { evidence, first_at: at, last_at: at },
                    )?;
                }
            }
            list(step, context, from, kind, method, at)
        }
        Statement::Points { run, metric, points } => {
            let ix = resolve(step, context, &run)?;
            step.memory.unsound();
            let added = series::add(step.db, ix, &metric, &points)?;
            context.tally.points += added;
            if added > 0 {
                context.tally.note(ix, Outcome::Changed);
            }
            Ok(())
        }
        Statement::Repeated { passage, at } => {
            let key = (passage.digest, context.source_ix, context.known);
            if step.memory.repeat(&key, at, context.tally) {
                return Ok(());
            }
            step.memory.begin_passage();
            for statement in &passage.statements {
                apply_statement(step, context, statement.clone().said_at(at))?;
            }
            step.memory.end_passage(key);
            Ok(())
        }
        Statement::Span { trace, span } => {
            let ix = resolve(step, context, &trace)?;
            step.memory.unsound();
            if span::put(step.db, ix, *span)? {
                context.tally.spans += 1;
                context.tally.note(ix, Outcome::Changed);
            }
            Ok(())
        }
        Statement::Reading(reading) => {
            step.memory.unsound();
            let ix = resolve(step, context, &reading.document)?;
            if placing::take(step.db, ix, &reading)? {
                step.memory.read.insert(ix);
                context.tally.note(ix, Outcome::Changed);
            }
            Ok(())
        }
        Statement::Work(work) => {
            step.memory.unsound();
            let whole = resolve(step, context, &work.whole)?;
            let mut roles = Vec::with_capacity(work.roles.len());
            for (role, thing) in &work.roles {
                roles.push((*role, resolve(step, context, thing)?));
            }
            step.memory.counted.take(step.db, whole, &work, roles)?;
            Ok(())
        }
    }
}

fn source_number(step: &mut Step<'_>, source: &Source) -> StoreResult<i64> {
    if let Some(&ix) = step.memory.sources.get(source) {
        return Ok(ix);
    }
    let ix = source::number(step.db, source)?;
    step.memory.sources.insert(source.clone(), ix);
    Ok(ix)
}

fn known(step: &mut Step<'_>, thing: &Thing) -> StoreResult<Option<Ix>> {
    if let Some(&ix) = step.memory.names.get(thing) {
        return Ok(Some(ix));
    }
    let Some(namespace) = name::find_namespace(step.db, &thing.name.namespace)? else { return Ok(None) };
    let found = name::bearer(step.db, thing.kind, namespace, &thing.name.name)?;
    if let Some(ix) = found {
        step.memory.names.insert(thing.clone(), ix);
    }
    Ok(found)
}

fn id(step: &mut Step<'_>, ix: Ix) -> StoreResult<catena_model::id::EntityId> {
    if let Some(&id) = step.memory.ids.get(&ix) {
        return Ok(id);
    }
    let row = entity::at(step.db, ix)?
        .ok_or_else(|| crate::StoreError::Damaged(format!("entity {ix} has a name but no row")))?;
    step.memory.ids.insert(ix, row.id);
    Ok(row.id)
}

fn resolve(step: &mut Step<'_>, context: &mut Context<'_>, thing: &Thing) -> StoreResult<Ix> {
    if let Some(ix) = known(step, thing)? {
        context.tally.note(ix, Outcome::Same);
        step.memory.saw_thing(ix);
        return Ok(ix);
    }
    let id = step.new_id();
    let ix = entity::insert(step.db, id, thing.kind)?;
    step.memory.made(ix);
    step.changes.push(Change {
        subject: Subject::Entity { id },
        aspect: Aspect::Exists,
        before: None,
        after: Some(Value::from(thing.kind.word())),
    });
    give_name(step, context, ix, id, thing.kind, thing.name.clone())?;
    step.memory.names.insert(thing.clone(), ix);
    step.memory.ids.insert(ix, id);
    context.tally.note(ix, Outcome::Created);
    step.memory.saw_thing(ix);
    Ok(ix)
}

fn give_name(
    step: &mut Step<'_>,
    context: &Context<'_>,
    ix: Ix,
    id: catena_model::id::EntityId,
    kind: Kind,
    name: QualifiedName,
) -> StoreResult<()> {
    name::insert(step.db, ix, kind, &name, context.source_ix)?;
    step.changes.push(Change {
        subject: Subject::Entity { id },
        aspect: Aspect::Named { name: name.clone() },
        before: None,
        after: Some(Value::from(context.source.to_string())),
    });
    step.touched.insert(ix);
    step.untie(kind, [ix]);
    step.memory.new_names.insert((kind, name));
    Ok(())
}

fn also_named(
    step: &mut Step<'_>,
    context: &mut Context<'_>,
    thing: &Thing,
    name: QualifiedName,
) -> StoreResult<()> {
    let ix = resolve(step, context, thing)?;
    let other = Thing::new(thing.kind, name);
    match known(step, &other)? {
        Some(bearer) if bearer == ix => Ok(()),
        Some(bearer) => {
            if identity::same(step, bearer, ix, identity::BY_ALIAS)? {
                context.tally.note(ix, Outcome::Changed);
            }
            Ok(())
        }
        None => {
            let id = id(step, ix)?;
            give_name(step, context, ix, id, thing.kind, other.name.clone())?;
            step.memory.names.insert(other, ix);
            context.tally.note(ix, Outcome::Changed);
            Ok(())
        }
    }
}

fn put_claim(
    step: &mut Step<'_>,
    context: &mut Context<'_>,
    ix: Ix,
    field: Field,
    value: Option<Value>,
    at: Timestamp,
) -> StoreResult<()> {
    let key = (ix, field, context.source_ix);
    if !step.memory.is_new(ix)
        && !step.memory.claims.contains_key(&key)
        && let Some(held) = claim::one(step.db, ix, &key.1.to_string(), context.source_ix, &context.source)?
    {
        step.memory.claims.insert(key.clone(), Remembered::stored(held));
    }
    let Some(value) = value.filter(|value| !value.is_null()) else {
        step.memory.unsound();
        step.memory.changing_claim(&key);
        // Withdrawn: an older withdrawal than the claim is of no account.
        let held = step.memory.claims.get(&key);
        if let Some(before) = held.filter(|held| held.held.at <= at).map(|held| project::claimed(&held.held))
        {
            step.memory.claims.remove(&key);
            claim::delete(step.db, ix, &key.1.to_string(), context.source_ix)?;
            log_claim(step, context, ix, key.1, Some(before), None)?;
        }
        return Ok(());
    };
    let new = Claim { source: context.source.clone(), value, known: context.known, at };
    let same = |held: &Claim| held.value == new.value && held.known == new.known;
    if step.memory.claims.get(&key).is_some_and(|held| same(&held.held)) {
        step.memory.claim_said(&key, at);
        step.memory.saw_claim(&key);
        return Ok(());
    }
    step.memory.changing_claim(&key);
    let held = step.memory.claims.get(&key);
    if held.is_some_and(|held| new.supersedes(&held.held).is_le()) {
        step.memory.unsound();
        return Ok(());
    }
    let before = held.map(|held| project::claimed(&held.held));
    let after = project::claimed(&new);
    claim::put(step.db, ix, &key.1.to_string(), context.source_ix, &new)?;
    step.memory.saw_claim(&key);
    step.memory.claims.insert(key.clone(), Remembered::stored(new));
    log_claim(step, context, ix, key.1, before, Some(after))
}

fn log_claim(
    step: &mut Step<'_>,
    context: &mut Context<'_>,
    ix: Ix,
    field: Field,
    before: Option<Value>,
    after: Option<Value>,
) -> StoreResult<()> {
    let id = id(step, ix)?;
    step.changes.push(Change {
        subject: Subject::Entity { id },
        aspect: Aspect::Claimed { field, source: context.source.clone() },
        before,
        after,
    });
    step.touched.insert(ix);
    context.tally.note(ix, Outcome::Changed);
    Ok(())
}

fn put_facet(
    step: &mut Step<'_>,
    context: &mut Context<'_>,
    ix: Ix,
    about: Option<Ix>,
    name: String,
    body: &Value,
    at: Timestamp,
) -> StoreResult<()> {
    let digest = facet::digest(body);
    let key = facet::FacetKey { entity: ix, name, about: about.unwrap_or(0), source: context.source_ix };
    if let Some((_, last)) =
        step.memory.facets.get(&key).map(|known| known.held).filter(|held| held.0 == digest)
    {
        // Only what is older than the last can be older than the first.
        if at < last && schema_sighting::is_one(&key) {
            schema_sighting::put(step.db, &key, facet::body_number(step.db, body, digest)?, at)?;
        }
        step.memory.facet_said(&key, at);
        step.memory.saw_facet(&key);
        return Ok(());
    }
    step.memory.changing_facet(&key);
    if let Some(remembered) = step.memory.facets.get_mut(&key)
        // What is stored must say when the one before was last sent, for the two to be held against each other.
        && std::mem::take(&mut remembered.later)
    {
        facet::touch(step.db, &key, remembered.held.1)?;
    }
    // What was made in this step has nothing stored that memory doesn't know.
    let held = match step.memory.is_new(ix) && !step.memory.facets.contains_key(&key) {
        true => None,
        false => facet::held(step.db, &key)?,
    };
    let (db, bodies) = (step.db, &mut step.memory.bodies);
    let mut body = || match bodies.get(&digest) {
        Some(&number) => Ok(number),
        None => {
            let number = facet::body_number(db, body, digest)?;
            bodies.insert(digest, number);
            Ok(number)
        }
    };
    if schema_sighting::is_one(&key) {
        schema_sighting::put(db, &key, body()?, at)?;
    }
    match facet::put(db, &key, at, digest, held, body)? {
        facet::Stored::Current => {
            step.touched.insert(ix);
            if link::is_tied_by(&key.name) {
                step.untied.insert(ix);
            }
            context.tally.note(ix, Outcome::Changed);
        }
        facet::Stored::Same => {}
        facet::Stored::Older => {
            step.memory.unsound();
            return Ok(());
        }
    }
    step.memory.saw_facet(&key);
    step.memory.facets.insert(key, Remembered::stored((digest, at)));
    Ok(())
}

type RelationIx = (Ix, RelationKind, Ix);

fn put_evidence(
    step: &mut Step<'_>,
    context: &mut Context<'_>,
    (from, kind, to): RelationIx,
    mut new: EvidenceRow,
) -> StoreResult<()> {
    let method = new.evidence.method;
    let key: EvidenceKey = (from, kind, to, context.source_ix, method);
    let listed = listed_at(step, context, from, kind, method)?;
    let same = held_evidence(step, context, key)?.is_some_and(|held| held.evidence == new.evidence);
    if !same || listed.is_some() {
        step.memory.changing_evidence(&key);
    }
    let held = step.memory.evidence.get(&key).map(|held| &held.held);
    let before = held.map(|held| project::believed(&held.evidence));
    let mut stale = false;
    if let Some(held) = held {
        new.first_at = new.first_at.min(held.first_at);
        stale = new.evidence != held.evidence
            && (new.last_at, text(&new.evidence)) < (held.last_at, text(&held.evidence));
        new.last_at = new.last_at.max(held.last_at);
        if stale {
            new.evidence.detail.clone_from(&held.evidence.detail);
            new.evidence.confidence = held.evidence.confidence;
        }
    }
    new.evidence.withdrawn = listed.is_some_and(|listed| listed > new.last_at);
    match stale || new.evidence.withdrawn {
        true => step.memory.unsound(),
        false => step.memory.saw_evidence(&key),
    }
    let after = project::believed(&new.evidence);
    if before.as_ref() == Some(&after) {
        step.memory.evidence_said(&key, new.first_at, new.last_at);
        return Ok(());
    }
    let relation = relation::number(step.db, from, kind, to)?;
    relation::put_evidence(step.db, relation, context.source_ix, &new)?;
    step.memory.evidence.insert(key, Remembered::stored(new));
    log_evidence(step, context, (from, kind, to), method, before, after)
}

/// What the source said of the relation by this method before, if anything.
fn held_evidence<'s>(
    step: &'s mut Step<'_>,
    context: &Context<'_>,
    key: EvidenceKey,
) -> StoreResult<Option<&'s EvidenceRow>> {
    let (from, kind, to, source_ix, method) = key;
    if ![from, to].into_iter().any(|end| step.memory.is_new(end))
        && !step.memory.evidence.contains_key(&key)
        && let Some(row) = relation::find(step.db, from, kind, to)?
        && let Some(held) = relation::evidence(step.db, row.ix, source_ix, &context.source, method)?
    {
        step.memory.evidence.insert(key, Remembered::stored(held));
    }
    Ok(step.memory.evidence.get(&key).map(|remembered| &remembered.held))
}

/// When the source last listed all relations of this kind from the entity.
fn listed_at(
    step: &mut Step<'_>,
    context: &Context<'_>,
    from: Ix,
    kind: RelationKind,
    method: Method,
) -> StoreResult<Option<Timestamp>> {
    let key = (from, kind, context.source_ix, method);
    if let Some(&listed) = step.memory.listings.get(&key) {
        return Ok(listed);
    }
    let listed = relation::listed_at(step.db, from, kind, context.source_ix, method)?;
    step.memory.listings.insert(key, listed);
    Ok(listed)
}

fn text(evidence: &Evidence) -> String {
    format!(
        "{:03} {}",
        evidence.confidence,
        evidence.detail.as_ref().map(catena_model::json::canonical).unwrap_or_default()
    )
}

/// Notes that a listing has the relation, leaving confidence and detail as they were said before.
fn touch_evidence(
    step: &mut Step<'_>,
    context: &mut Context<'_>,
    (from, kind, to): RelationIx,
    mut new: EvidenceRow,
) -> StoreResult<()> {
    let key = (from, kind, to, context.source_ix, new.evidence.method);
    if let Some(held) = held_evidence(step, context, key)? {
        new.evidence.confidence = held.evidence.confidence;
        new.evidence.detail.clone_from(&held.evidence.detail);
    }
    put_evidence(step, context, (from, kind, to), new)
}

fn log_evidence(
    step: &mut Step<'_>,
    context: &mut Context<'_>,
    (from, kind, to): RelationIx,
    method: Method,
    before: Option<Value>,
    after: Value,
) -> StoreResult<()> {
    let key = RelationKey { from: id(step, from)?, kind, to: id(step, to)? };
    step.changes.push(Change {
        subject: Subject::Relation { key },
        aspect: Aspect::Evidence { source: context.source.clone(), method },
        before,
        after: Some(after),
    });
    // How many relations an entity has ranks it in search.
    step.touched.extend([from, to]);
    context.tally.note(from, Outcome::Changed);
    Ok(())
}

fn list(
    step: &mut Step<'_>,
    context: &mut Context<'_>,
    from: Ix,
    kind: RelationKind,
    method: Method,
    at: Timestamp,
) -> StoreResult<()> {
    flush(step)?;
    relation::put_listing(step.db, from, kind, context.source_ix, method, at)?;
    // An older listing than the last is of no account: the table says which one holds now.
    step.memory.listings.remove(&(from, kind, context.source_ix, method));
    for (relation, to) in relation::unseen_since(step.db, from, kind, context.source_ix, method, at)? {
        let Some(mut held) =
            relation::evidence(step.db, relation, context.source_ix, &context.source, method)?
        else {
            continue;
        };
        let before = project::believed(&held.evidence);
        held.evidence.withdrawn = true;
        let after = project::believed(&held.evidence);
        relation::put_evidence(step.db, relation, context.source_ix, &held)?;
        let key = (from, kind, to, context.source_ix, method);
        step.memory.changing_evidence(&key);
        step.memory.evidence.remove(&key);
        log_evidence(step, context, (from, kind, to), method, Some(before), after)?;
    }
    Ok(())
}

/// Ends a step of records: partial names find their entity, parts of merged wholes find each other.
fn settle(step: &mut Step<'_>, tally: &mut Tally) -> StoreResult<()> {
    step.memory.counted.flush(step.db)?;
    let first = step.changes.len();
    for (kind, name) in std::mem::take(&mut step.memory.new_names) {
        identity::resolve_partial(step, kind, &name)?;
    }
    // Names and parents must be up to date before parts are held against each other.
    step.refresh()?;
    let mut heads = BTreeSet::new();
    for ix in std::mem::take(&mut step.memory.groups) {
        if let Some(row) = entity::at(step.db, ix)?
            && entity::group(step.db, row.head)?.len() > 1
        {
            heads.insert(row.head);
        }
    }
    identity::align_parts(step, heads)?;
    step.memory.groups.clear();
    let mut touched = BTreeSet::new();
    for change in &step.changes[first..] {
        if let Subject::Entity { id } = change.subject {
            touched.extend(entity::find(step.db, id)?.map(|row| (row.ix, row.head)));
        }
    }
    for (ix, head) in touched {
        if ix != head {
            tally.merged(ix);
        }
        tally.note(head, Outcome::Changed);
    }
    Ok(())
}

/// Stores the times that moved on in memory only.
pub(crate) fn flush(step: &mut Step<'_>) -> StoreResult<()> {
    step.memory.settle();
    let later = std::mem::take(&mut step.memory.later);
    let mut shown = BTreeSet::new();
    for key in later.claims {
        if let Some(remembered) = step.memory.claims.get_mut(&key)
            && std::mem::take(&mut remembered.later)
        {
            claim::touch(step.db, key.0, &key.1.to_string(), key.2, remembered.held.at)?;
            if matches!(key.1, Field::NAME | Field::PARENT) {
                shown.insert(key.0);
            }
        }
    }
    // Where several merged entities have a claim of one source, the one that was made last is shown.
    for ix in shown {
        if entity::is_merged(step.db, ix)? {
            step.touched.insert(ix);
        }
    }
    for key in later.facets {
        if let Some(remembered) = step.memory.facets.get_mut(&key)
            && std::mem::take(&mut remembered.later)
        {
            facet::touch(step.db, &key, remembered.held.1)?;
        }
    }
    for (key, digest, at) in std::mem::take(&mut step.memory.earlier) {
        schema_sighting::earlier(step.db, &key, digest, at)?;
    }
    for key in later.evidence {
        if let Some(remembered) = step.memory.evidence.get_mut(&key)
            && std::mem::take(&mut remembered.later)
            && let Some(row) = relation::find(step.db, key.0, key.1, key.2)?
        {
            relation::put_evidence(step.db, row.ix, key.3, &remembered.held)?;
        }
    }
    Ok(())
}
