//! Finding entities.

use std::{ops::ControlFlow, time::Instant};

use catena_model::{id::EntityId, kind::Kind, name::QualifiedName};
use catena_store::search::{Facet, Query, WhyMatched};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{App, AppError, named::Named, session::Session};

/// What to look for.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct SearchArgs {
    /// Words, a part of a name, or a qualified name; empty for everything that passes the filters.
    pub text: String,
    /// Only these kinds; empty for all.
    #[ts(optional, as = "Option<Vec<Kind>>")]
    pub kinds: Vec<Kind>,
    /// Only what bears one of these tags.
    #[ts(optional, as = "Option<Vec<String>>")]
    pub tags: Vec<String>,
    /// Only what one of these answers for.
    #[ts(optional, as = "Option<Vec<String>>")]
    pub owners: Vec<String>,
    /// Only what lives in one of these systems.
    #[ts(optional, as = "Option<Vec<String>>")]
    pub systems: Vec<String>,
    /// How many hits to give; 50 when left out.
    #[ts(optional, as = "Option<usize>")]
    pub limit: usize,
    /// How many to skip.
    #[ts(optional, as = "Option<usize>")]
    pub offset: usize,
    /// Leave the facets out, for suggestions while somebody types. The hits and their order are the same.
    #[ts(optional, as = "Option<bool>")]
    pub as_you_type: bool,
}

/// What was found.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SearchReply {
    /// How many entities match.
    #[ts(type = "number")]
    pub total: u64,
    /// Whether all of the catalog was searched: not so while the index is first built.
    pub complete: bool,
    /// Whether the best of them is what was asked for by its name, its path or its id: otherwise it only comes near.
    pub exact: bool,
    /// How long it took, in milliseconds.
    pub took_ms: f64,
    /// The best of them.
    pub hits: Vec<Hit>,
    /// What the results could be narrowed by, with counts.
    pub facets: Vec<FacetCount>,
}

/// One entity that was found.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Hit {
    /// Its id.
    pub id: EntityId,
    /// What it is.
    pub kind: Kind,
    /// What it is called.
    pub name: String,
    /// Its names in the outside world.
    pub qualified_names: Vec<String>,
    /// Why it was found, in a few words.
    pub why: String,
    /// The field that matched best, and where in it.
    pub matched: Option<Matched>,
    /// The other fields that matched, the better ones first.
    pub also_matched: Vec<Matched>,
    /// What it is a part of.
    pub parent: Option<Named>,
    /// What it is.
    pub description: Option<String>,
    /// What it is marked with.
    pub tags: Vec<String>,
}

/// The field that matched, and where in it.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Matched {
    /// The field.
    pub field: String,
    /// Its text, or a part around the match.
    pub text: String,
    /// Start and end of each match in the text, in UTF-16 code units.
    pub ranges: Vec<(u32, u32)>,
}

/// Something that the results could be narrowed by.
#[derive(Debug, Clone, Serialize, TS)]
pub struct FacetCount {
    /// The argument that narrows by it: `kinds`, `tags`, `owners` or `systems`.
    pub field: String,
    /// Its values, most frequent first.
    pub values: Vec<ValueCount>,
}

/// A value and how many results have it.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ValueCount {
    /// The value.
    pub value: String,
    /// How many results have it.
    #[ts(type = "number")]
    pub count: u64,
}

/// The most hits in one answer.
const MOST: usize = 1_000;

/// How many entities a search looks through in memory: with more waiting it would not be complete.
const MOST_WAITING: u64 = 2_000;

/// Takes in what waits, if it is so much that a search would not be complete. For callers that can wait for it.
pub fn catch_up(session: &Session) -> Result<(), AppError> {
    if session.search.progress(&session.catalog)?.waiting > MOST_WAITING {
        session.search.take_in_all(&session.catalog, &mut |_| match session.is_closing() {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        })?;
    }
    Ok(())
}

/// Finds entities.
pub fn search(app: &App, args: SearchArgs) -> Result<SearchReply, AppError> {
    let session = app.session()?;
    let started = Instant::now();
    let limit = if args.limit == 0 { 50 } else { args.limit.min(MOST) };
    let query = Query {
        text: args.text,
        kinds: args.kinds,
        tags: args.tags,
        owners: args.owners,
        systems: args.systems,
        limit,
        offset: args.offset,
        as_you_type: args.as_you_type,
    };
    let results = session.search.query(&session.catalog, &query)?;
    Ok(SearchReply {
        total: results.total,
        complete: results.complete,
        exact: results.hits.first().is_some_and(|hit| is_exact(hit.why)),
        took_ms: started.elapsed().as_secs_f64() * 1e3,
        hits: results.hits.into_iter().map(hit).collect(),
        facets: results.facets.into_iter().map(facet).collect(),
    })
}

fn is_exact(why: WhyMatched) -> bool {
    matches!(why, WhyMatched::Id | WhyMatched::ExactName | WhyMatched::Path)
}

fn hit(hit: catena_store::search::Hit) -> Hit {
    let mut matched = hit.matched.into_iter().map(|matched| Matched {
        field: matched.key.unwrap_or_else(|| word(&matched.field)),
        text: matched.text,
        ranges: matched.ranges,
    });
    Hit {
        id: hit.id,
        kind: hit.kind,
        name: hit.name,
        qualified_names: QualifiedName::without_completed(hit.qualified_names)
            .iter()
            .map(ToString::to_string)
            .collect(),
        why: hit.reason,
        matched: matched.next(),
        also_matched: matched.collect(),
        parent: hit.parent.map(|part| Named { id: part.id, kind: part.kind, name: part.name }),
        description: hit.description,
        tags: hit.tags,
    }
}

fn word(place: &impl Serialize) -> String {
    serde_json::to_value(place).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

fn facet(facet: Facet) -> FacetCount {
    let values = facet.values.into_iter().map(|value| ValueCount { value: value.value, count: value.count });
    // Named as the argument that narrows by it.
    FacetCount { field: format!("{}s", facet.field), values: values.collect() }
}
