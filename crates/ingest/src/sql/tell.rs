//! From what a query says to statements: its tables get the names that their system gives them, and what is told of
//! them is a guess.

use std::collections::BTreeMap;

use catena_model::{
    evidence::Method,
    kind::Kind,
    name::QualifiedName,
    relation::RelationKind,
    statement::{Statement, Thing},
    time::Timestamp,
};
use serde_json::{Value, json};

use super::{Input, SqlLineage, Way};
use crate::{telling::Telling, uri};

/// How sure a relation is that was read out of SQL.
pub(crate) const CONFIDENCE: u8 = 90;

/// Endings of files that databases read as tables.
const FILES: &[&str] =
    &["csv", "tsv", "txt", "parquet", "json", "jsonl", "ndjson", "avro", "orc", "arrow", "xlsx", "gz", "zst"];

/// Where a query runs, so that the names in it can be completed.
#[derive(Debug, Clone)]
pub(crate) struct Place<'a> {
    /// The database.
    pub(crate) namespace: &'a str,
    /// The whole name of a table beside those that the query names: what they leave out is as in it.
    pub(crate) beside: &'a str,
    /// Tables that are known by name.
    pub(crate) known: &'a [Thing],
}

/// Where in FROM a file stands for a table: an address, or a path with the ending of a data file.
pub(super) fn is_file(part: &str) -> bool {
    let ending = part.rsplit_once('.').map(|(_, ending)| ending.to_lowercase());
    part.contains("://") || ending.is_some_and(|ending| FILES.contains(&ending.as_str()))
}

/// The file at this path or address; none when that doesn't say where it is.
pub(crate) fn file(parts: &[String]) -> Option<Thing> {
    let [path] = parts else { return None };
    if !is_file(path) {
        return None;
    }
    let (namespace, name) = uri::file(path)?;
    QualifiedName::new(&namespace, &name).ok().map(|name| Thing::new(Kind::Dataset, name))
}

impl Place<'_> {
    /// What the query calls so.
    pub(crate) fn table(&self, parts: &[String]) -> Option<Thing> {
        if let [part] = parts
            && is_file(part)
        {
            return file(parts);
        }
        // BigQuery quotes a whole name at once.
        let parts: Vec<&str> = parts.iter().flat_map(|part| part.split('.')).collect();
        let fits = |thing: &&Thing| {
            let name: Vec<&str> = thing.name.name.split('.').collect();
            let same = |(a, b): (&&str, &&str)| a.to_lowercase() == b.to_lowercase();
            name.len() >= parts.len() && name.iter().rev().zip(parts.iter().rev()).all(same)
        };
        let mut known = self.known.iter().filter(fits);
        match (known.next(), known.next()) {
            (Some(thing), None) => return Some(thing.clone()),
            // Two could be meant.
            (Some(_), Some(_)) => return None,
            _ => {}
        }
        let beside: Vec<&str> = self.beside.split('.').collect();
        // A query may also say more than its system's names do: `main.orders` where tables are named without a schema.
        let more = parts.len().saturating_sub(beside.len());
        let missing = beside.len().saturating_sub(parts.len());
        let whole: Vec<&str> = beside.iter().take(missing).chain(parts.iter().skip(more)).copied().collect();
        QualifiedName::new(self.namespace, &whole.join(".")).ok().map(|name| Thing::new(Kind::Dataset, name))
    }
}

/// Tells that one thing depends on others, as a query has it.
pub(crate) fn relation(
    telling: &mut Telling,
    (from, kind, to): (&Thing, RelationKind, &Thing),
    detail: Option<Value>,
    at: Timestamp,
) {
    if from != to {
        telling.push(Statement::Related {
            from: from.clone(),
            kind,
            to: to.clone(),
            method: Method::SqlParsed,
            confidence: CONFIDENCE,
            detail,
            at,
        });
    }
}

/// Tells what the columns of `target` are made of, and what had a say in its rows. `columns` are those that it has,
/// where they are known: a name that was misread is no new column. With `all`, what the query doesn't say any more is
/// gone.
pub(crate) fn columns(
    telling: &mut Telling,
    target: &Thing,
    told: &SqlLineage,
    place: &Place<'_>,
    columns: Option<&[String]>,
    at: Timestamp,
    all: bool,
) {
    let mut say = Saying { telling, place, at, all };
    for output in &told.columns {
        let same = |name: &&String| name.to_lowercase() == output.name.to_lowercase();
        let twice = told.columns.iter().filter(|other| same(&&other.name)).count() > 1;
        let name = match columns {
            Some(columns) => columns.iter().find(same),
            None => Some(&output.name),
        };
        let Some(name) = name.filter(|_| !twice) else { continue };
        let Ok(part) = target.name.part(name) else { continue };
        let column = Thing::new(Kind::Column, part);
        if columns.is_none() {
            say.telling.part_of(&column, target);
        }
        say.relations(&column, RelationKind::DerivesFrom, &output.inputs);
        say.relations(&column, RelationKind::InfluencedBy, &output.inputs);
    }
    say.relations(target, RelationKind::InfluencedBy, &told.rows);
}

struct Saying<'a, 'p> {
    telling: &'a mut Telling,
    place: &'a Place<'p>,
    at: Timestamp,
    all: bool,
}

impl Saying<'_, '_> {
    fn relations(&mut self, from: &Thing, kind: RelationKind, inputs: &[Input]) {
        let is_direct = kind == RelationKind::DerivesFrom;
        let mut found: BTreeMap<String, (Thing, Thing, Vec<Way>)> = BTreeMap::new();
        for input in inputs {
            let ways = input.ways.iter().copied().filter(|way| way.is_direct() == is_direct);
            let Some(table) = self.place.table(&input.table) else { continue };
            let Ok(name) = table.name.part(&input.column) else { continue };
            let to = Thing::new(Kind::Column, name);
            let entry = found.entry(to.name.to_string()).or_insert_with(|| (to.clone(), table, Vec::new()));
            entry.2.extend(ways);
        }
        let mut listed = Vec::new();
        for (to, table, mut ways) in
            found.into_values().filter(|(to, _, ways)| !ways.is_empty() && to != from)
        {
            ways.sort_unstable();
            ways.dedup();
            let word = if is_direct { "DIRECT" } else { "INDIRECT" };
            let ways: Vec<Value> =
                ways.into_iter().map(|way| json!({"type": word, "subtype": way.subtype()})).collect();
            self.telling.part_of(&to, &table);
            let detail = Some(json!({ "transformations": ways }));
            relation(self.telling, (from, kind, &to), detail, self.at);
            listed.push(to);
        }
        if self.all {
            self.telling.push(Statement::OnlyRelated {
                from: from.clone(),
                kind,
                to: listed,
                method: Method::SqlParsed,
                at: self.at,
            });
        }
    }
}
