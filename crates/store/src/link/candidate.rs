//! What an entity is tied to, and how sure that is.

use std::collections::{BTreeMap, BTreeSet};

use catena_model::{kind::Kind, name::QualifiedName};
use rusqlite::Connection;

use super::{MOST_SHARING, Tie, keys};
use crate::{
    StoreResult,
    table::{
        entity::{self, EntityRow, Ix},
        facet, link_key, name,
    },
};

/// A passage that fits more records than these equally well is tied to none.
const MOST_ALIKE: usize = 5;

/// The heads that the group is tied to.
pub(super) fn of(db: &Connection, group: &[EntityRow]) -> StoreResult<BTreeMap<Ix, Tie>> {
    let Some(head) = group.first() else { return Ok(BTreeMap::new()) };
    if group.iter().all(|row| row.gone) {
        return Ok(BTreeMap::new());
    }
    match head.kind {
        Kind::Chunk => chunk(db, group),
        Kind::Document => document(db, group),
        _ => Ok(BTreeMap::new()),
    }
}

/// The heads of other groups that share keys with this one, and by which rules.
fn sharing(db: &Connection, group: &[EntityRow]) -> StoreResult<BTreeMap<Ix, BTreeSet<u8>>> {
    let mut found: BTreeMap<Ix, BTreeSet<u8>> = BTreeMap::new();
    let own = group.first().map(|row| row.head);
    for member in group {
        for key in link_key::of_entity(db, member.ix)? {
            let sharing = link_key::sharing(db, key, MOST_SHARING + 1)?;
            if sharing.len() > MOST_SHARING {
                continue;
            }
            for ix in sharing {
                let head = entity::at(db, ix)?.map(|row| row.head).filter(|head| Some(*head) != own);
                if let Some(head) = head {
                    found.entry(head).or_default().insert(key.rule);
                }
            }
        }
    }
    Ok(found)
}

/// How settled a chunk is: known by its text alone, a record of a store, or a piece of a document. Ties lead from the
/// less settled to the more settled, so that they never go round.
fn settled(db: &Connection, group: &[EntityRow]) -> StoreResult<u8> {
    let mut at_home = false;
    for member in group {
        for given in name::of_entity(db, member.ix)? {
            at_home |= given.name.namespace != keys::BY_TEXT && !given.name.is_partial();
        }
    }
    if !at_home {
        return Ok(0);
    }
    let whole = match group.first().and_then(|head| head.parent) {
        Some(parent) => entity::at(db, parent)?,
        None => None,
    };
    Ok(if whole.is_some_and(|whole| whole.kind == Kind::Document) { 2 } else { 1 })
}

fn chunk(db: &Connection, group: &[EntityRow]) -> StoreResult<BTreeMap<Ix, Tie>> {
    let shared = sharing(db, group)?;
    if shared.is_empty() {
        return Ok(BTreeMap::new());
    }
    let own = settled(db, group)?;
    let mut fitting: Vec<(u8, Tie, Ix)> = Vec::new();
    for (head, rules) in shared {
        let other = entity::group(db, head)?;
        if other.first().is_none_or(|row| row.kind != Kind::Chunk) {
            continue;
        }
        let rank = settled(db, &other)?;
        if rank > own {
            fitting.push((rank, by_content(&rules), head));
        }
    }
    // An id alone may be anybody's, so it counts when nothing has the text, and only one has the id.
    let by_text = |tie: &Tie| tie.confidence >= 80;
    let with_text: Vec<_> = fitting.iter().filter(|(_, tie, _)| by_text(tie)).copied().collect();
    let by_id_alone = with_text.is_empty();
    let pool = if by_id_alone { fitting } else { with_text };
    let Some(nearest) = pool.iter().map(|(rank, _, _)| *rank).min() else { return Ok(BTreeMap::new()) };
    let pool = || pool.iter().filter(|(rank, _, _)| *rank == nearest);
    let best = pool().map(|(_, tie, _)| tie.confidence).max().unwrap_or_default();
    let alike: Vec<_> = pool().filter(|(_, tie, _)| tie.confidence == best).collect();
    if alike.len() > MOST_ALIKE || (by_id_alone && alike.len() > 1) {
        return Ok(BTreeMap::new());
    }
    let share = |tie: &Tie| Tie {
        confidence: u8::try_from(usize::from(tie.confidence) / alike.len()).unwrap_or_default(),
        ..*tie
    };
    Ok(alike.iter().map(|(_, tie, head)| (*head, share(tie))).collect())
}

/// How sure two chunks are one that share these.
fn by_content(rules: &BTreeSet<u8>) -> Tie {
    let has = |rule| rules.contains(&rule);
    let (confidence, by) = match () {
        () if has(keys::ID) && (has(keys::HASH) || has(keys::TEXT)) => (99, "id and text"),
        () if has(keys::HASH) => (95, "content hash"),
        () if has(keys::TEXT) => (92, "text"),
        () if has(keys::WORDS) => (80, "normalized text"),
        () => (50, "id"),
    };
    Tie { confidence, by }
}

fn names(db: &Connection, group: &[EntityRow]) -> StoreResult<Vec<QualifiedName>> {
    let mut names = Vec::new();
    for member in group {
        names.extend(name::of_entity(db, member.ix)?.into_iter().map(|row| row.name));
    }
    Ok(names)
}

/// The table or file that a document was written out of: the only one that fits best.
fn document(db: &Connection, group: &[EntityRow]) -> StoreResult<BTreeMap<Ix, Tie>> {
    let shared = sharing(db, group)?;
    if shared.is_empty() {
        return Ok(BTreeMap::new());
    }
    let own = names(db, group)?;
    let mut exported = Vec::new();
    for member in group {
        exported.extend(facet::named(db, member.ix, keys::EXPORT)?.iter().filter_map(keys::exported));
    }
    let mut fitting: Vec<(Tie, Ix)> = Vec::new();
    for head in shared.into_keys() {
        let other = entity::group(db, head)?;
        if other.first().is_none_or(|row| row.kind != Kind::Dataset) {
            continue;
        }
        let other = names(db, &other)?;
        // The file that it is the text of is known already.
        if other.iter().any(|name| own.contains(name)) {
            continue;
        }
        let best = other.iter().filter_map(|name| by_name(&own, &exported, name));
        if let Some(tie) = best.max_by_key(|tie| tie.confidence) {
            fitting.push((tie, head));
        }
    }
    let best = fitting.iter().map(|(tie, _)| tie.confidence).max();
    let mut best = fitting.into_iter().filter(|(tie, _)| Some(tie.confidence) == best);
    match (best.next(), best.next()) {
        (Some((tie, head)), None) => Ok(BTreeMap::from([(head, tie)])),
        _ => Ok(BTreeMap::new()),
    }
}

/// How sure a document of these names, written out of these tables, is made from what bears this name.
fn by_name(own: &[QualifiedName], exported: &[String], other: &QualifiedName) -> Option<Tie> {
    if let Some(table) = keys::table(other) {
        let short = keys::short(&table);
        let (confidence, by) = if exported.contains(&table) {
            (90, "table named in metadata")
        } else if exported.iter().any(|named| named == short) {
            (75, "table named in metadata")
        } else if own.iter().filter_map(keys::stem).any(|stem| stem == short) {
            (60, "file name is the table's")
        } else {
            return None;
        };
        return Some(Tie { confidence, by });
    }
    let path = other.name.to_lowercase();
    own.iter().filter_map(keys::own_path).find_map(|own| {
        let ends = path.strip_suffix(own.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'));
        ends.then_some(Tie { confidence: if own.contains('/') { 70 } else { 55 }, by: "path ends alike" })
    })
}
