//! The whole current state as text without ids or arrival order: two catalogs that know the same have the same dump.

use std::collections::BTreeMap;

use catena_model::source::Source;
use rusqlite::Connection;

use crate::{
    Reader, StoreResult,
    table::{document, entity::Ix, series},
};

/// The dump: entities in the order of their names, each with its names, fields, facets, series, spans and relations.
pub fn dump(db: &Connection) -> StoreResult<String> {
    let reader = Reader::new(db);
    let heads: Vec<Ix> = db
        .prepare("SELECT ix FROM entity WHERE head = ix AND NOT gone")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut called: BTreeMap<Ix, String> = BTreeMap::new();
    for &ix in &heads {
        let row = reader.head(ix)?;
        let names: Vec<_> = reader.names(ix)?.iter().map(|row| row.name.to_string()).collect();
        called.insert(ix, format!("{} {}", row.kind.word(), names.join(" = ")));
    }
    let mut texts: Vec<String> = Vec::new();
    for &ix in &heads {
        texts.push(entity(&reader, ix, &called)?);
    }
    texts.sort();
    Ok(texts.concat())
}

fn entity(reader: &Reader<'_>, ix: Ix, called: &BTreeMap<Ix, String>) -> StoreResult<String> {
    let call = |ix: Ix| called.get(&ix).map_or("?", String::as_str);
    let row = reader.head(ix)?;
    let mut lines = vec![format!("  called {:?}", row.name.unwrap_or_default())];
    for view in reader.fields(ix)? {
        let field = view.field.to_string();
        if field == "parent" {
            lines.push(format!("  parent {}", row.parent.map_or("?", call)));
            continue;
        }
        for claim in std::iter::once(&view.current).chain(&view.others) {
            lines.push(format!(
                "  {field} = {} ({}, {:?}, {})",
                catena_model::json::canonical(&claim.value),
                claim.source,
                claim.known,
                claim.at
            ));
        }
    }
    for facet in reader.facets(ix)? {
        let about = match facet.about {
            Some(about) => format!(" about {}", call(reader.head(about)?.ix)),
            None => String::new(),
        };
        lines.push(format!(
            "  facet {}{about} ({}, {}) {}",
            facet.name,
            facet.source,
            facet.at,
            catena_model::json::canonical(&facet.body)
        ));
    }
    for sighting in reader.schema_sightings(ix)? {
        lines.push(format!(
            "  schema ({}, since {}) {}",
            sighting.source,
            sighting.first_at,
            catena_model::json::canonical(&sighting.body)
        ));
    }
    for found in reader.series(ix)? {
        lines.push(format!("  series {} {:?}", found.metric, series::points(reader.db(), found.ix)?));
    }
    for member in reader.group(ix)? {
        if let Some(place) = document::place_of(reader.db(), member.ix)? {
            let at = place.at.map(|(start, end, fit)| format!(" {start}..{end} {fit:?}")).unwrap_or_default();
            lines.push(format!(
                "  stands {:?} in {}{at}",
                place.state,
                call(reader.head(place.document)?.ix)
            ));
        }
    }
    for (hour, counted) in reader.counted(ix, i64::MIN, i64::MAX)? {
        lines.push(format!("  counted {hour} {counted:?}"));
    }
    for mut span in reader.spans(ix)? {
        // Which telling of it came first shows in the order of its attributes, and says nothing.
        span.attributes.sort_keys();
        span.attributes.values_mut().for_each(serde_json::Value::sort_all_objects);
        lines.push(format!("  span {span:?}"));
    }
    for view in reader.relations(ix)?.into_iter().filter(|view| view.outgoing) {
        for evidence in &view.evidence {
            if evidence.evidence.source == Source::Catena {
                // When it was found says in which order things came.
                let found = &evidence.evidence;
                lines.push(format!("  {} {} {found:?}", view.row.kind.word(), call(view.other.ix)));
                continue;
            }
            lines.push(format!("  {} {} {evidence:?}", view.row.kind.word(), call(view.other.ix)));
        }
    }
    lines.sort();
    Ok(format!("{}\n{}\n", call(ix), lines.join("\n")))
}
