//! What a search answers.

use std::collections::HashMap;

use catena_model::{id::EntityId, kind::Kind, name::QualifiedName};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::{
    ask::{Ask, Query},
    columns::FACETS,
    document::{Document, cut},
    explain::{Explanation, Matched, WhyMatched, explain},
    load::load,
    rank::{Found, Ranked},
    schema::key,
};
use crate::{
    StoreResult,
    table::{entity, entity::Ix},
};

/// The most values of a facet that are listed, those that are filtered by aside.
const MOST_VALUES: usize = 50;
/// How much of a description is shown with a hit, in bytes.
const MOST_SHOWN: usize = 400;

/// What fits a query.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Results {
    /// How many hits there are in all.
    pub total: u64,
    /// The hits that were asked for, best first.
    pub hits: Vec<Hit>,
    /// How the hits divide; empty when they were asked for as someone types.
    pub facets: Vec<Facet>,
    /// Whether all of the catalog was searched: not so while the index is first built or far behind.
    pub complete: bool,
}

/// One entity that fits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// Its identity.
    pub id: EntityId,
    /// Its place in this file.
    pub ix: Ix,
    /// What it is.
    pub kind: Kind,
    /// What it is called.
    pub name: String,
    /// What systems call it, full names first.
    pub qualified_names: Vec<QualifiedName>,
    /// Its strongest reason to be here.
    pub why: WhyMatched,
    /// All reasons, in a few words.
    pub reason: String,
    /// The texts that have the words, the strongest first.
    pub matched: Vec<Matched>,
    /// What it is a part of.
    pub parent: Option<Part>,
    /// The beginning of its description.
    pub description: Option<String>,
    /// Its tags.
    pub tags: Vec<String>,
    /// Who answers for it.
    pub owners: Vec<String>,
    /// What sort of thing of its kind it is.
    pub subtype: Option<String>,
    /// How many relations it has.
    pub usage: u64,
}

/// The whole that a hit is a part of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its identity.
    pub id: EntityId,
    /// What it is.
    pub kind: Kind,
    /// What it is called.
    pub name: String,
}

/// How the hits divide by one field. The field's own filter is left out of account, so that others can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facet {
    /// `kind`, `tag`, `owner` or `system`.
    pub field: String,
    /// The values, the most frequent first; those that are filtered by are always among them.
    pub values: Vec<FacetValue>,
}

/// One value of a facet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FacetValue {
    /// The value.
    pub value: String,
    /// How many hits have it.
    pub count: u64,
    /// Whether it is filtered by.
    pub chosen: bool,
}

/// The entity whose id was typed. Nothing else is meant then.
pub(crate) fn by_id(db: &Connection, ask: &Ask) -> StoreResult<Option<Ranked>> {
    let Some(id) = ask.id else { return Ok(None) };
    let Some(row) = entity::find(db, id)?.filter(|row| !row.gone) else { return Ok(None) };
    Ok(Some(Ranked {
        total: 1,
        found: vec![Found { score: 0, usage: 0, name: String::new(), ix: key(row.head) }],
        ..Ranked::default()
    }))
}

/// Reads the hits that were asked for from the catalog.
pub(crate) fn results(
    db: &Connection,
    ask: &Ask,
    query: &Query,
    ranked: Ranked,
    complete: bool,
) -> StoreResult<Results> {
    let Ranked { total, found, facets, far } = ranked;
    let page: Vec<Ix> = found
        .iter()
        .skip(query.offset)
        .take(query.limit)
        .filter_map(|found| Ix::try_from(found.ix).ok())
        .collect();
    let hits = load(db, &page)?.into_iter().map(|document| hit(ask, &far, document)).collect();
    let facets = facets.map(|counts| lists(query, counts)).unwrap_or_default();
    Ok(Results { total, hits, facets, complete })
}

fn hit(ask: &Ask, far: &[bool], document: Document) -> Hit {
    let Explanation { why, sentence, matched } = if ask.id == Some(document.id) {
        Explanation { why: WhyMatched::Id, sentence: "The id is the same".to_owned(), matched: Vec::new() }
    } else {
        explain(ask, far, &document)
    };
    Hit {
        id: document.id,
        ix: document.ix,
        kind: document.kind,
        name: document.name,
        qualified_names: document.names,
        why,
        reason: sentence,
        matched,
        parent: document.parent.map(|whole| Part { id: whole.id, kind: whole.kind, name: whole.name }),
        description: document.description.map(|text| cut(&text, MOST_SHOWN).to_owned()),
        tags: document.tags,
        owners: document.owners,
        subtype: document.subtype,
        usage: document.usage,
    }
}

fn lists(query: &Query, counts: [HashMap<String, u64>; 4]) -> Vec<Facet> {
    let kinds: Vec<String> = query.kinds.iter().map(|kind| kind.word().to_owned()).collect();
    let chosen = [&kinds, &query.tags, &query.owners, &query.systems];
    FACETS
        .iter()
        .zip(counts)
        .zip(chosen)
        .map(|((field, counts), chosen)| {
            let mut counts = counts;
            let mut values: Vec<FacetValue> = chosen
                .iter()
                .map(|value| FacetValue {
                    value: value.clone(),
                    count: counts.remove(value).unwrap_or(0),
                    chosen: true,
                })
                .collect();
            let mut others: Vec<FacetValue> =
                counts.into_iter().map(|(value, count)| FacetValue { value, count, chosen: false }).collect();
            let order =
                |a: &FacetValue, b: &FacetValue| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value));
            others.sort_by(order);
            others.truncate(MOST_VALUES);
            values.extend(others);
            values.sort_by(order);
            values.dedup_by(|a, b| a.value == b.value);
            Facet { field: (*field).to_owned(), values }
        })
        .collect()
}
