//! Reading one unchanging state of the catalog.

use std::collections::{BTreeMap, BTreeSet};

use catena_model::{
    claim::{self, Claim},
    field::{Field, Group},
    id::{CauseId, EntityId, OperationId},
    operation::Operation,
    span::Span,
};
use rusqlite::Connection;

use crate::{
    StoreError, StoreResult,
    rollup::Bucket,
    table::{
        claim as claims, entity,
        entity::{EntityRow, Ix},
        facet::{self, FacetRow},
        log, name,
        name::NameRow,
        relation::{self, EvidenceRow, RelationRow},
        rollup::{self, PairCount},
        schema_sighting::{self, SightingRow},
        series::{self, SeriesRow},
        span,
    },
};

/// Reads the catalog as it was when the reader was made.
pub struct Reader<'a> {
    db: &'a Connection,
}

/// Which side of a call is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Those who called.
    Callers,
    /// Those who were called.
    Called,
}

/// A field's current value, and what else is claimed of it.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldView {
    /// The field; a group's elements come one by one.
    pub field: Field,
    /// The claim that holds.
    pub current: Claim,
    /// The other claims, the next best first.
    pub others: Vec<Claim>,
}

/// A relation of an entity, seen from that entity.
#[derive(Debug, Clone, PartialEq)]
pub struct RelationView {
    /// The relation as stored.
    pub row: RelationRow,
    /// Whether it starts here.
    pub outgoing: bool,
    /// The entity at the other end: a head.
    pub other: EntityRow,
    /// Why it is believed.
    pub evidence: Vec<EvidenceRow>,
}

/// The most candidates that a message lists.
const MOST_CANDIDATES: usize = 20;

impl<'a> Reader<'a> {
    pub(crate) fn new(db: &'a Connection) -> Self {
        Self { db }
    }

    /// The connection, for the queries of [`crate::table`].
    pub fn db(&self) -> &'a Connection {
        self.db
    }

    /// The heads that `text` may mean: an id; else a whole qualified name; else a name without its namespace; else
    /// what an entity is called. The first of these that finds anything decides.
    pub fn find(&self, text: &str) -> StoreResult<Vec<EntityRow>> {
        if let Ok(id) = text.parse::<EntityId>() {
            let row = entity::find(self.db, id)?.filter(|row| !row.gone);
            return row.map(|row| self.heads([row.head])).unwrap_or_else(|| Ok(Vec::new()));
        }
        let written = name::written(self.db, text)?;
        if !written.is_empty() {
            return self.heads_of(&written);
        }
        let bearing = name::bearing_any(self.db, text, 1_000)?;
        if !bearing.is_empty() {
            return self.heads_of(&bearing);
        }
        let mut statement = self
            .db
            .prepare_cached("SELECT ix FROM entity WHERE name = ?1 AND head = ix AND NOT gone LIMIT 1000")?;
        let called: Vec<Ix> = statement.query_map([text], |row| row.get(0))?.collect::<Result<_, _>>()?;
        self.heads(called)
    }

    fn heads_of(&self, names: &[NameRow]) -> StoreResult<Vec<EntityRow>> {
        let mut heads = BTreeSet::new();
        for row in names {
            heads.extend(entity::at(self.db, row.entity)?.filter(|row| !row.gone).map(|row| row.head));
        }
        self.heads(heads)
    }

    fn heads(&self, heads: impl IntoIterator<Item = Ix>) -> StoreResult<Vec<EntityRow>> {
        let mut rows = Vec::new();
        for ix in heads {
            rows.extend(entity::at(self.db, ix)?);
        }
        Ok(rows)
    }

    /// The one entity that `text` means, or an error that lists the candidates.
    pub fn the(&self, text: &str) -> StoreResult<EntityRow> {
        let mut found = self.find(text)?;
        match found.len() {
            1 => Ok(found.remove(0)),
            0 => Err(StoreError::NotFound(format!(
                "nothing in the catalog is called \"{text}\": search for a part of the name"
            ))),
            n => {
                let mut lines = Vec::new();
                for row in found.iter().take(MOST_CANDIDATES) {
                    let names: Vec<_> = self.names(row.ix)?.iter().map(|row| row.name.to_string()).collect();
                    lines.push(format!("\n  {} {} ({})", row.id, row.kind.word(), names.join(", ")));
                }
                if n > MOST_CANDIDATES {
                    lines.push(format!("\n  and {} more", n - MOST_CANDIDATES));
                }
                Err(StoreError::NotFound(format!(
                    "{n} entities are called \"{text}\"; give the id or the whole name of one:{}",
                    lines.concat()
                )))
            }
        }
    }

    /// The head at `ix`, where `ix` may have been merged.
    pub fn head(&self, ix: Ix) -> StoreResult<EntityRow> {
        let row = entity::at(self.db, ix)?;
        match row {
            Some(row) if row.head == row.ix => Some(row),
            Some(row) => entity::at(self.db, row.head)?,
            None => None,
        }
        .filter(|row| !row.gone)
        .ok_or_else(|| StoreError::NotFound("the entity is no longer in the catalog".to_owned()))
    }

    /// The head of `id`'s group.
    pub fn entity(&self, id: EntityId) -> StoreResult<EntityRow> {
        self.head(entity::expect(self.db, id)?.ix)
    }

    /// The head and what was merged into it.
    pub fn group(&self, head: Ix) -> StoreResult<Vec<EntityRow>> {
        entity::group(self.db, head)
    }

    /// The schemas that sources ever sent of the group, the earliest first.
    pub fn schema_sightings(&self, head: Ix) -> StoreResult<Vec<SightingRow>> {
        let mut sightings = Vec::new();
        for row in self.group(head)? {
            sightings.extend(schema_sighting::of_entity(self.db, row.ix)?);
        }
        sightings.sort_by_key(|sighting| sighting.first_at);
        Ok(sightings)
    }

    /// Heads of groups of which a source sent more than one schema.
    pub fn schemas_changed(&self) -> StoreResult<BTreeSet<Ix>> {
        let changed = schema_sighting::changed(self.db)?;
        changed.into_iter().map(|ix| self.head(ix).map(|head| head.ix)).collect()
    }

    /// All names of the group, full ones first.
    pub fn names(&self, head: Ix) -> StoreResult<Vec<NameRow>> {
        let mut names = Vec::new();
        for row in self.group(head)? {
            names.extend(name::of_entity(self.db, row.ix)?);
        }
        names.sort_by(|a, b| (a.name.is_partial(), &a.name).cmp(&(b.name.is_partial(), &b.name)));
        Ok(names)
    }

    /// The names that tell something: all but the partial ones that a full one completes.
    pub fn telling_names(&self, head: Ix) -> StoreResult<Vec<NameRow>> {
        let names = self.names(head)?;
        let telling = |row: &NameRow| !names.iter().any(|full| row.name.fits(&full.name));
        Ok(names.iter().filter(|row| telling(row)).cloned().collect())
    }

    /// The current fields of the group, groups taken apart into their elements.
    pub fn fields(&self, head: Ix) -> StoreResult<Vec<FieldView>> {
        let mut rows = Vec::new();
        for row in self.group(head)? {
            rows.extend(claims::of_entity(self.db, row.ix)?);
        }
        Ok(views(&rows.into_iter().map(|row| (row.field, row.claim)).collect::<Vec<_>>()))
    }

    /// The facets of the group.
    pub fn facets(&self, head: Ix) -> StoreResult<Vec<FacetRow>> {
        let mut facets = Vec::new();
        for row in self.group(head)? {
            facets.extend(facet::of_entity(self.db, row.ix)?);
        }
        facets.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| a.source.cmp(&b.source)));
        Ok(facets)
    }

    /// What was counted of the group from one hour (since the epoch) up to another, in order.
    pub fn counted(&self, head: Ix, from: i64, until: i64) -> StoreResult<Vec<(i64, Bucket)>> {
        let mut hours: BTreeMap<i64, Bucket> = BTreeMap::new();
        for row in self.group(head)? {
            for (hour, bucket) in rollup::hours(self.db, row.ix, from, until)? {
                hours.entry(hour).or_default().add(&bucket, 1);
            }
        }
        Ok(hours.into_iter().collect())
    }

    /// The first and last hour in which anything was counted of the group.
    pub fn counted_ends(&self, head: Ix) -> StoreResult<Option<(i64, i64)>> {
        let mut ends: Option<(i64, i64)> = None;
        for row in self.group(head)? {
            let Some((first, last)) = rollup::span(self.db, row.ix)? else { continue };
            ends = Some(ends.map_or((first, last), |(a, b)| (a.min(first), b.max(last))));
        }
        Ok(ends)
    }

    /// Who called the group from one day up to another, or what it called: heads with how often.
    pub fn pairs(&self, head: Ix, side: Side, from: i64, until: i64) -> StoreResult<BTreeMap<Ix, PairCount>> {
        let mut sums: BTreeMap<Ix, PairCount> = BTreeMap::new();
        for row in self.group(head)? {
            let pairs = match side {
                Side::Callers => rollup::callers(self.db, row.ix, from, until)?,
                Side::Called => rollup::called(self.db, row.ix, from, until)?,
            };
            for (other, count) in pairs {
                let Some(row) = entity::at(self.db, other)? else { continue };
                let sum = sums.entry(row.head).or_default();
                sum.calls += count.calls;
                sum.errors += count.errors;
            }
        }
        Ok(sums)
    }

    /// The spans of the group, in the order in which they started.
    pub fn spans(&self, head: Ix) -> StoreResult<Vec<Span>> {
        let mut found = Vec::new();
        for row in self.group(head)? {
            found.extend(span::of_trace(self.db, row.ix)?);
        }
        found.sort_by_key(|span| (span.start, span.id));
        Ok(found)
    }

    /// The metric series of the group.
    pub fn series(&self, head: Ix) -> StoreResult<Vec<SeriesRow>> {
        let mut found = Vec::new();
        for row in self.group(head)? {
            found.extend(series::of_entity(self.db, row.ix)?);
        }
        Ok(found)
    }

    /// The relations of the group, seen from it; between merged ends they count once.
    pub fn relations(&self, head: Ix) -> StoreResult<Vec<RelationView>> {
        let mut found: BTreeMap<(bool, u8, Ix), RelationView> = BTreeMap::new();
        for member in self.group(head)? {
            for row in relation::touching(self.db, member.ix)? {
                let outgoing = row.src == member.ix;
                let Ok(other) = self.head(if outgoing { row.dst } else { row.src }) else { continue };
                if other.ix == head {
                    continue;
                }
                let evidence = relation::all_evidence(self.db, row.ix)?;
                found
                    .entry((!outgoing, row.kind.code(), other.ix))
                    .and_modify(|view| {
                        view.row.state.removed &= row.state.removed;
                        view.row.state.inferred &= row.state.inferred;
                        view.row.verdict = view.row.verdict.or(row.verdict);
                        view.evidence.extend(evidence.iter().cloned());
                    })
                    .or_insert(RelationView { row, outgoing, other, evidence });
            }
        }
        Ok(found.into_values().collect())
    }

    /// The parts of the entity (columns, versions, runs), up to `limit`, and how many there are in all.
    pub fn parts(&self, head: Ix, limit: usize) -> StoreResult<(Vec<EntityRow>, usize)> {
        let mut parts = entity::children(self.db, head)?;
        let count = parts.len();
        parts.truncate(limit);
        Ok((parts, count))
    }

    /// Operations before `before`, latest first: of the whole catalog, or those about one entity's group.
    pub fn history(&self, about: Option<Ix>, before: Option<u64>, limit: u32) -> StoreResult<Vec<Operation>> {
        match about {
            None => log::latest(self.db, before, limit),
            Some(head) => {
                let ids: Vec<_> = self.group(head)?.into_iter().map(|row| row.id).collect();
                log::latest_about(self.db, &ids, before, limit)
            }
        }
    }

    /// The first imports whose ids begin with these hexadecimal letters, latest first.
    pub fn causes_starting(&self, letters: &str, most: usize) -> StoreResult<Vec<CauseId>> {
        let ids = self.ids_starting(
            "SELECT DISTINCT cause FROM operation WHERE cause BETWEEN ?1 AND ?2 ORDER BY cause DESC LIMIT ?3",
            letters,
            most,
        )?;
        Ok(ids.into_iter().map(CauseId::from_bytes).collect())
    }

    fn ids_starting(&self, query: &str, letters: &str, most: usize) -> StoreResult<Vec<[u8; 16]>> {
        let bound = |rest: &str| {
            let whole: String = letters.chars().chain(rest.chars().cycle()).take(32).collect();
            whole.parse::<OperationId>()
        };
        let (Ok(least), Ok(most_of_all)) = (bound("0"), bound("f")) else { return Ok(Vec::new()) };
        let ids = self
            .db
            .prepare_cached(query)?
            .query_map(
                (least.as_bytes(), most_of_all.as_bytes(), i64::try_from(most).unwrap_or(i64::MAX)),
                |row| row.get(0),
            )?
            .collect::<Result<_, _>>()?;
        Ok(ids)
    }

    /// The first operations whose ids begin with these hexadecimal letters, latest first.
    pub fn operations_starting(&self, letters: &str, most: usize) -> StoreResult<Vec<Operation>> {
        let ids = self.ids_starting(
            "SELECT id FROM operation WHERE id BETWEEN ?1 AND ?2 ORDER BY id DESC LIMIT ?3",
            letters,
            most,
        )?;
        let found = ids.into_iter().map(|id| log::find(self.db, OperationId::from_bytes(id)));
        Ok(found.collect::<StoreResult<Vec<_>>>()?.into_iter().flatten().collect())
    }

    /// The operation that takes `id` back and stands: undone undos don't count.
    pub fn undone_by(&self, id: OperationId) -> StoreResult<Option<OperationId>> {
        match log::undone_by(self.db, id)? {
            Some(undo) if self.undone_by(undo)?.is_none() => Ok(Some(undo)),
            _ => Ok(None),
        }
    }
}

/// Takes claims of one group together into current fields.
pub fn views(claims: &[(Field, Claim)]) -> Vec<FieldView> {
    let mut by_field: BTreeMap<Field, Vec<&Claim>> = BTreeMap::new();
    for (field, claim) in claims {
        by_field.entry(field.clone()).or_default().push(claim);
    }
    let mut found = Vec::new();
    let mut groups: BTreeSet<Group> = BTreeSet::new();
    for (field, of_field) in &by_field {
        match field {
            Field::Single(_) => {
                let mut sorted = of_field.clone();
                sorted.sort_by(|a, b| b.weight(a));
                if let Some((first, rest)) = sorted.split_first() {
                    found.push(FieldView {
                        field: field.clone(),
                        current: (*first).clone(),
                        others: rest.iter().map(|claim| (*claim).clone()).collect(),
                    });
                }
            }
            Field::Group(group) | Field::Element(group, _) => {
                groups.insert(*group);
            }
        }
    }
    for group in groups {
        let whole = by_field.get(&Field::Group(group)).into_iter().flatten().copied();
        let elements = by_field.iter().filter_map(|(field, claims)| match field {
            Field::Element(of, element) if *of == group => Some((element.as_str(), claims)),
            _ => None,
        });
        let elements =
            elements.flat_map(|(element, claims)| claims.iter().map(move |claim| (element, *claim)));
        for (element, current) in claim::members(group, whole, elements) {
            found.push(FieldView { field: Field::Element(group, element), current, others: Vec::new() });
        }
    }
    found
}
