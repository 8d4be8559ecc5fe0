//! How a table's schema changed from one sighting to the next, and what of that lies upstream of something.

use std::collections::BTreeMap;

use catena_model::{source::Source, time::Timestamp};
use catena_quality::compat::{self, Change, Rating, Sighting, Step};
use catena_store::{
    Reader, StoreResult,
    table::{entity::Ix, schema_sighting::FACET},
};
use serde::Serialize;
use ts_rs::TS;

use crate::{AppError, named::Named, session::Session};

/// A version of a schema, as one source saw it.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SchemaVersion {
    /// Who saw it.
    pub source: String,
    /// Its semantic version: the first number moves by what breaks, the second by what is risky, the third by the rest.
    pub version: String,
    /// When it was first seen.
    pub at: Timestamp,
    /// What is different from the one before; empty for the first.
    pub changes: Vec<Change>,
    /// The worst of it; none for the first.
    pub rating: Option<Rating>,
}

/// A change of the schema of something upstream that breaks whoever reads it.
#[derive(Debug, Clone, Serialize, TS)]
pub struct UpstreamChange {
    /// What changed.
    pub entity: Named,
    /// The version that it changed to.
    pub version: SchemaVersion,
}

/// The most changes upstream that are told.
const MOST_UPSTREAM: usize = 20;
/// The most versions of one table that are told, the latest of them.
const MOST_VERSIONS: usize = 200;

fn by_source(reader: &Reader<'_>, head: Ix) -> StoreResult<BTreeMap<Source, Vec<Sighting<Timestamp>>>> {
    let mut sources: BTreeMap<Source, Vec<Sighting<Timestamp>>> = BTreeMap::new();
    for row in reader.schema_sightings(head)? {
        sources.entry(row.source).or_default().push(Sighting { at: row.first_at, schema: row.body });
    }
    // One that came back is kept once, as it was first seen; that it is the current one now is told by the facet.
    for facet in reader.facets(head)? {
        if facet.name == FACET
            && facet.about.is_none()
            && let Some(known) = sources.get_mut(&facet.source)
            && known.last().is_some_and(|last| last.schema != facet.body && last.at < facet.at)
        {
            known.push(Sighting { at: facet.at, schema: facet.body });
        }
    }
    Ok(sources)
}

/// The versions of a table's schema, the latest first; each source's by themselves.
pub(crate) fn of(reader: &Reader<'_>, head: Ix) -> StoreResult<Vec<SchemaVersion>> {
    let mut versions: Vec<SchemaVersion> = by_source(reader, head)?
        .into_iter()
        .flat_map(|(source, sightings)| {
            compat::versions(&sightings).into_iter().map(move |step| told(&source, step))
        })
        .collect();
    versions.reverse();
    versions.sort_by_key(|version| std::cmp::Reverse(version.at));
    versions.truncate(MOST_VERSIONS);
    Ok(versions)
}

fn told(source: &Source, step: Step<Timestamp>) -> SchemaVersion {
    let Step { at, version, changes, rating } = step;
    SchemaVersion { source: source.to_string(), version: version.to_string(), at, changes, rating }
}

/// The paths of the columns that were there and are in no source's latest schema any more.
pub(crate) fn gone(reader: &Reader<'_>, head: Ix) -> StoreResult<Vec<String>> {
    let mut gone = Vec::new();
    let mut there = Vec::new();
    for sightings in by_source(reader, head)?.into_values() {
        let mut whole: Vec<_> =
            sightings.iter().filter(|sighting| compat::is_sighting(&sighting.schema)).collect();
        whole.sort_by_key(|sighting| sighting.at);
        if let Some((last, before)) = whole.split_last() {
            there.extend(compat::paths(&last.schema));
            gone.extend(before.iter().flat_map(|sighting| compat::paths(&sighting.schema)));
        }
    }
    gone.retain(|path| !there.contains(path));
    gone.sort_unstable();
    gone.dedup();
    Ok(gone)
}

/// What lies upstream whose latest schema broke the one before, the latest first.
pub(crate) fn upstream(session: &Session, ix: Ix) -> Result<Vec<UpstreamChange>, AppError> {
    let above = session.graph.changed_above(&session.catalog, ix)?;
    let changes = session.catalog.read(|reader| {
        let mut changes = Vec::new();
        for &above in &above {
            let head = reader.head(above)?;
            // What came before the latest version has been lived with.
            if let Some(version) = of(reader, head.ix)?.into_iter().next()
                && version.rating == Some(Rating::Breaking)
            {
                changes.push(UpstreamChange { entity: Named::from(&head), version });
            }
        }
        Ok(changes)
    })?;
    let mut changes = changes;
    changes.sort_by_key(|change| std::cmp::Reverse(change.version.at));
    changes.truncate(MOST_UPSTREAM);
    Ok(changes)
}
