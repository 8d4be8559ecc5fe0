//! Where the chunks that stores hold stand in the documents that were read, and whether they still do.
//!
//! A chunk belongs to the document that it is said to derive from; where nobody says so, to one that has its text, which
//! is found by the digests of its longest passages. What stands where is a function of what the catalog holds, made anew
//! for what an operation may have changed: so it is the same in whatever order things come.

mod find;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use catena_model::{
    change::{Aspect, Change, Subject},
    evidence::{Evidence, Method},
    kind::Kind,
    relation::{RelationKey, RelationKind},
    source::Source,
    statement::Reading,
};
use rusqlite::{Connection, params};
use serde_json::{Value, json};

use crate::{
    StoreResult, project,
    table::{
        document::{self, Fit, Freshness, PlaceRow},
        entity::{self, EntityRow, Ix},
        facet, relation, source,
    },
    writer::Step,
};

use find::Haystack;

/// The most passages of a document by which chunks find it.
const MOST_KEYS: usize = 20_000;
/// How many versions back a chunk is looked for.
const MOST_VERSIONS: usize = 20;

/// Stores what was read of a document. Says whether its content is another than it was.
pub(crate) fn take(db: &Connection, entity: Ix, reading: &Reading) -> StoreResult<bool> {
    let current = |db| -> StoreResult<Option<Vec<u8>>> {
        Ok(document::versions(db, entity)?.into_iter().next().map(|version| version.digest))
    };
    let before = current(db)?;
    let parse = reading.parse.to_string();
    let new = document::put_version(db, entity, &reading.digest, reading.at, &reading.text, &parse)?;
    if new {
        for key in find::keys(&reading.text, MOST_KEYS) {
            document::put_key(db, &key, entity)?;
        }
    }
    Ok(new || current(db)? != before)
}

/// Brings the places of chunks up to date for what may have changed: chunks, and documents with all of theirs.
pub(crate) fn run(step: &mut Step<'_>, due: BTreeSet<Ix>) -> StoreResult<()> {
    let (mut chunks, mut documents) = (BTreeSet::new(), std::mem::take(&mut step.memory.read));
    for ix in due {
        let Some(row) = entity::at(step.db, ix)? else { continue };
        match row.kind {
            Kind::Chunk => {
                chunks.insert(row.ix);
                chunks.insert(row.head);
                for text in texts(step.db, &row)? {
                    for key in find::keys_of_chunk(&text) {
                        document::put_key(step.db, &key, row.ix)?;
                    }
                }
            }
            Kind::Document => {
                documents.insert(row.ix);
            }
            _ => {}
        }
    }
    if !document::any(step.db)? {
        return Ok(());
    }
    let related = step.changes.iter().filter_map(|change| match &change.subject {
        Subject::Relation { key } if key.kind == RelationKind::DerivesFrom => Some(key.from),
        _ => None,
    });
    for id in related.collect::<BTreeSet<_>>() {
        chunks.extend(entity::find(step.db, id)?.filter(|row| row.kind == Kind::Chunk).map(|row| row.ix));
    }
    for ix in documents {
        chunks.extend(around(step.db, ix)?);
    }
    let mut world = World::default();
    for ix in chunks {
        place(step, &mut world, ix)?;
    }
    Ok(())
}

/// The texts that stores tell of a chunk.
fn texts(db: &Connection, row: &EntityRow) -> StoreResult<Vec<String>> {
    let told = facet::named(db, row.ix, "passage")?;
    let texts = told.iter().filter_map(|facet| facet.get("text").and_then(Value::as_str));
    Ok(texts.filter(|text| !text.trim().is_empty()).map(str::to_owned).collect())
}

/// The chunks that may stand in a document.
fn around(db: &Connection, document: Ix) -> StoreResult<BTreeSet<Ix>> {
    let Some(row) = entity::at(db, document)? else { return Ok(BTreeSet::new()) };
    let mut found = BTreeSet::new();
    for member in entity::group(db, row.head)? {
        found.extend(document::chunks_of(db, member.ix)?.into_iter().map(|place| place.chunk));
        let direct = sources(db, member.ix)?;
        for chunk in &direct {
            found.extend(sources(db, *chunk)?);
        }
        found.extend(direct);
        let mut statement = db.prepare_cached(
            "SELECT DISTINCT other.entity FROM document_key JOIN document_key AS other ON other.key = document_key.key
             WHERE document_key.entity = ?1",
        )?;
        for ix in statement.query_map([member.ix], |row| row.get::<_, Ix>(0))? {
            found.insert(ix?);
        }
    }
    let mut chunks = BTreeSet::new();
    for ix in found {
        if entity::at(db, ix)?.is_some_and(|row| row.kind == Kind::Chunk) {
            chunks.insert(ix);
        }
    }
    Ok(chunks)
}

/// What derives from an entity.
fn sources(db: &Connection, ix: Ix) -> StoreResult<Vec<Ix>> {
    let mut statement =
        db.prepare_cached("SELECT src FROM relation WHERE dst = ?1 AND kind = ?2 AND state & 1 = 0")?;
    let rows = statement.query_map(params![ix, RelationKind::DerivesFrom.code()], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What was looked at in one run.
#[derive(Default)]
struct World {
    versions: BTreeMap<Ix, Vec<document::VersionRow>>,
    texts: BTreeMap<(Ix, Vec<u8>), Haystack>,
}

impl World {
    fn versions(&mut self, db: &Connection, ix: Ix) -> StoreResult<Vec<document::VersionRow>> {
        if let Some(held) = self.versions.get(&ix) {
            return Ok(held.clone());
        }
        let held = document::versions(db, ix)?;
        self.versions.insert(ix, held.clone());
        Ok(held)
    }

    fn find(
        &mut self,
        db: &Connection,
        ix: Ix,
        digest: &[u8],
        chunk: &str,
    ) -> StoreResult<Option<(usize, usize, Fit)>> {
        let key = (ix, digest.to_vec());
        if !self.texts.contains_key(&key) {
            if self.texts.len() >= 8 {
                self.texts.clear();
            }
            let text = document::text(db, ix, digest)?.unwrap_or_default();
            self.texts.insert(key.clone(), Haystack::new(text));
        }
        Ok(self.texts.get_mut(&key).and_then(|text| text.find(chunk)))
    }
}

/// The documents that a chunk is said to derive from, itself or by the record that it is a copy of; heads.
fn declared(db: &Connection, chunk: &EntityRow) -> StoreResult<BTreeSet<Ix>> {
    let mut documents = BTreeSet::new();
    let mut waiting = vec![(chunk.head, 0)];
    while let Some((head, depth)) = waiting.pop() {
        for member in entity::group(db, head)? {
            let mut statement = db.prepare_cached(
                "SELECT dst FROM relation WHERE src = ?1 AND kind = ?2 AND state & 1 = 0 AND EXISTS
                 (SELECT 1 FROM evidence JOIN source ON source.ix = evidence.source
                  WHERE evidence.relation = relation.ix AND source.text <> ?3 AND NOT evidence.withdrawn)",
            )?;
            let code = RelationKind::DerivesFrom.code();
            let targets = statement
                .query_map(params![member.ix, code, by_text().to_string()], |row| row.get::<_, Ix>(0))?;
            for target in targets.collect::<Result<Vec<_>, _>>()? {
                match entity::at(db, target)? {
                    Some(row) if row.kind == Kind::Document => {
                        documents.insert(row.head);
                    }
                    Some(row) if row.kind == Kind::Chunk && depth == 0 => waiting.push((row.head, 1)),
                    _ => {}
                }
            }
        }
    }
    Ok(documents)
}

/// Says where one chunk stands.
fn place(step: &mut Step<'_>, world: &mut World, chunk: Ix) -> StoreResult<()> {
    let before = document::place_of(step.db, chunk)?;
    let row = entity::at(step.db, chunk)?.filter(|row| !row.gone);
    let (found, guessed) = match &row {
        Some(row) => best(step.db, world, row)?,
        None => (None, None),
    };
    if found != before {
        match &found {
            Some(found) => document::put_place(step.db, found)?,
            None => document::delete_place(step.db, chunk)?,
        }
        // Search and open pages show it.
        step.touched.insert(chunk);
    }
    if let Some(row) = row {
        tie(step, &row, guessed)?;
    }
    Ok(())
}

/// Where a chunk stands, and the document of which only its text says that it is from there.
type Standing = (Option<PlaceRow>, Option<(Ix, Fit)>);

/// Where a chunk stands best, and the document that only its text says it is from.
fn best(db: &Connection, world: &mut World, chunk: &EntityRow) -> StoreResult<Standing> {
    let texts = texts(db, chunk)?;
    let Some(text) = texts.iter().max_by_key(|text| text.len()) else { return Ok((None, None)) };
    let mut read = Vec::new();
    for head in declared(db, chunk)? {
        for member in entity::group(db, head)? {
            if !world.versions(db, member.ix)?.is_empty() {
                read.push(member.ix);
            }
        }
    }
    let said = !read.is_empty();
    if !said {
        for key in find::keys_of_chunk(text) {
            for ix in document::with_key(db, &key)? {
                if entity::at(db, ix)?.is_some_and(|row| row.kind == Kind::Document && !row.gone) {
                    read.push(ix);
                }
            }
        }
        read.sort_unstable();
        read.dedup();
    }
    let mut found: Option<PlaceRow> = None;
    for ix in read {
        let place = standing(db, world, chunk.ix, ix, text)?;
        // Where nobody says so, a document that never had the text is none of the chunk's.
        let place = place.filter(|place| said || place.state != Freshness::Unplaced);
        if let Some(place) = place
            && found.as_ref().is_none_or(|found| (place.state as u8) < found.state as u8)
        {
            found = Some(place);
        }
    }
    let guessed = match &found {
        Some(place) if !said => Some((place.document, place.at.map_or(Fit::Letters, |(_, _, fit)| fit))),
        _ => None,
    };
    Ok((found, guessed))
}

/// How a chunk stands in one document.
fn standing(
    db: &Connection,
    world: &mut World,
    chunk: Ix,
    document: Ix,
    text: &str,
) -> StoreResult<Option<PlaceRow>> {
    let versions = world.versions(db, document)?;
    let Some(current) = versions.first() else { return Ok(None) };
    let mut row = PlaceRow {
        chunk,
        document,
        state: Freshness::Unplaced,
        since: None,
        version: current.digest.clone(),
        at: None,
    };
    for (index, version) in versions.iter().take(MOST_VERSIONS).enumerate() {
        let Some(at) = world.find(db, document, &version.digest, text)? else { continue };
        row.at = Some(at);
        row.version.clone_from(&version.digest);
        row.state = Freshness::Fresh;
        if index > 0 {
            row.state = Freshness::Stale;
            row.since = versions.get(index - 1).map(|next| next.first_at.max(version.last_at));
        }
        break;
    }
    Ok(Some(row))
}

/// Who says that a chunk is from a document because its text is in it.
fn by_text() -> Source {
    Source::system("documents", "text")
}

/// Brings the one guess of where a chunk is from up to date.
fn tie(step: &mut Step<'_>, chunk: &EntityRow, wanted: Option<(Ix, Fit)>) -> StoreResult<()> {
    let mut wanted = match wanted {
        Some((document, fit)) => entity::at(step.db, document)?.map(|row| (row, fit)),
        None => None,
    };
    if let Some(number) = source::find(step.db, &by_text())? {
        let held: Vec<Ix> = step
            .db
            .prepare_cached(
                "SELECT relation.dst FROM relation JOIN evidence ON evidence.relation = relation.ix
                 WHERE relation.src = ?1 AND relation.kind = ?2 AND evidence.source = ?3",
            )?
            .query_map(params![chunk.ix, RelationKind::DerivesFrom.code(), number], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for document in held {
            if wanted.as_ref().is_none_or(|(row, _)| row.ix != document) {
                put(step, chunk, document, None)?;
            }
        }
    }
    if let Some((row, fit)) = wanted.take() {
        put(step, chunk, row.ix, Some(fit))?;
    }
    Ok(())
}

fn put(step: &mut Step<'_>, chunk: &EntityRow, document: Ix, fit: Option<Fit>) -> StoreResult<()> {
    let Some(other) = entity::at(step.db, document)? else { return Ok(()) };
    let key = RelationKey { from: chunk.id, kind: RelationKind::DerivesFrom, to: other.id };
    let subject = Subject::Relation { key };
    let aspect = Aspect::Evidence { source: by_text(), method: Method::ContentMatched };
    let before = project::current(step.db, &subject, &aspect)?;
    let after = fit.map(|fit| {
        let (confidence, by) = match fit {
            Fit::Exact => (98, "text"),
            Fit::Spaced => (95, "text but for white space"),
            Fit::Letters => (85, "letters and digits"),
        };
        project::believed(&Evidence {
            source: by_text(),
            method: Method::ContentMatched,
            confidence,
            detail: Some(json!({ "matched_by": by })),
            withdrawn: false,
        })
    });
    if before == after {
        return Ok(());
    }
    let change = Change { subject, aspect, before, after };
    match &change.after {
        Some(_) => project::put(step.db, &change, step.now)?,
        None => {
            if let Some(row) = relation::find(step.db, chunk.ix, RelationKind::DerivesFrom, document)? {
                let number = source::number(step.db, &by_text())?;
                relation::delete_evidence(step.db, row.ix, number, Method::ContentMatched)?;
                relation::drop_if_bare(step.db, row.ix)?;
            }
        }
    }
    step.changes.push(change);
    step.touched.extend([chunk.ix, chunk.head, other.ix, other.head]);
    Ok(())
}
