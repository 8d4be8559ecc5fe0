//! Which columns a model's columns are made of, read out of the SQL that dbt ran.
//!
//! Only columns that the manifest or the catalog knows are told of, so that a name that was misread is no new column.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
};

use catena_model::{
    evidence::Method,
    kind::Kind,
    name::QualifiedName,
    relation::RelationKind,
    statement::{Statement, Thing},
    time::Timestamp,
};
use serde::Deserialize;
use serde_json::{Map, Value, json, value::RawValue};

use super::{artifact::Entry, columns, names, project::Project};
use crate::{
    fault::{Fault, Path},
    sql::{self, Dialect, Input, Way},
    telling::Telling,
};

/// How sure a relation is that was read out of SQL.
const CONFIDENCE: u8 = 90;

/// The project's tables, as its SQL names them.
#[derive(Debug, Default)]
pub(super) struct Tables {
    dialect: Dialect,
    tables: HashMap<String, Table>,
    /// The tables by their names in SQL; none where several entries have one.
    by_name: HashMap<String, Option<String>>,
}

#[derive(Debug, Default)]
struct Table {
    /// The columns' names, as the catalog of this program has them.
    columns: Vec<String>,
    /// Whether those are all, in their order.
    is_whole: bool,
}

#[derive(Deserialize)]
struct Outline<'a> {
    #[serde(borrow, default)]
    relation_name: Option<Cow<'a, str>>,
    #[serde(default)]
    columns: Option<BTreeMap<String, ColumnOutline>>,
}

#[derive(Deserialize)]
struct ColumnOutline {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    index: Option<u64>,
}

impl Tables {
    /// Takes down what the entries and the catalog say; what can't be read is told of when its turn comes.
    pub(super) fn of<'a>(
        adapter: Option<&str>,
        declared: impl Iterator<Item = &'a Entry<'a>>,
        found: &HashMap<String, &RawValue>,
    ) -> Self {
        let mut tables = Self { dialect: Dialect::of(adapter.unwrap_or_default()), ..Self::default() };
        for (id, raw) in declared {
            if names::kind(id) != Some(Kind::Dataset) {
                continue;
            }
            let Ok(outline) = serde_json::from_str::<Outline<'_>>(raw.get()) else { continue };
            let own = outline.columns.unwrap_or_default();
            let mut columns: Vec<String> =
                own.into_iter().map(|(key, column)| column.name.unwrap_or(key)).collect();
            let whole = found.get(id).and_then(|raw| serde_json::from_str::<Outline<'_>>(raw.get()).ok());
            let mut is_whole = false;
            if let Some(all) = whole.and_then(|outline| outline.columns) {
                let mut all: Vec<(Option<u64>, String)> =
                    all.into_iter().map(|(key, column)| (column.index, column.name.unwrap_or(key))).collect();
                all.sort();
                is_whole = !all.is_empty();
                let known = |name: String| {
                    let exact = columns.iter().find(|declared| **declared == name);
                    let same = || columns.iter().find(|declared| columns::same(declared, &name));
                    exact.or_else(same).cloned().unwrap_or(name)
                };
                let all: Vec<String> = all.into_iter().map(|(_, name)| known(name)).collect();
                if is_whole {
                    columns = all;
                }
            }
            if let Some(name) = outline.relation_name.as_deref().filter(|name| !name.is_empty()) {
                let holder = tables.by_name.entry(key(name.split('.'))).or_insert_with(|| Some(id.clone()));
                if holder.as_ref() != Some(id) {
                    *holder = None;
                }
            }
            tables.tables.insert(id.clone(), Table { columns, is_whole });
        }
        tables
    }

    /// The entry that SQL calls so.
    fn id(&self, name: &[String]) -> Option<&str> {
        self.by_name.get(&key(name.iter().map(String::as_str)))?.as_deref()
    }

    /// The column's name in the catalog of this program, if it has it.
    fn column(&self, id: &str, name: &str) -> Option<&str> {
        let columns = &self.tables.get(id)?.columns;
        let exact = columns.iter().find(|column| *column == name);
        exact.or_else(|| columns.iter().find(|column| columns::same(column, name))).map(String::as_str)
    }
}

/// A table's name however it is quoted and written. A part may hold several, as BigQuery quotes them.
fn key<'a>(parts: impl Iterator<Item = &'a str>) -> String {
    let bare = |part: &str| part.trim_matches(['"', '`', '[', ']']).to_lowercase();
    parts.map(bare).collect::<Vec<_>>().join(".")
}

/// Tells of what the model's columns are made of; what its SQL doesn't say any more is gone.
pub(super) fn tell(
    telling: &mut Telling,
    project: &Project,
    id: &str,
    dataset: &Thing,
    node: &Map<String, Value>,
) -> Result<(), Fault> {
    let path = Path::Root;
    let tables = &project.tables;
    if !id.starts_with("model.") && !id.starts_with("snapshot.") {
        return Ok(());
    }
    if node.get("language").is_some_and(|language| language != "sql") {
        return Ok(());
    }
    // Before 1.3 it was called otherwise.
    let code = node.get("compiled_code").or_else(|| node.get("compiled_sql"));
    let Some(code) = code.and_then(Value::as_str) else { return Ok(()) };
    let Some(table) = tables.tables.get(id) else { return Ok(()) };
    let resolve = |name: &[String]| {
        let table = tables.tables.get(tables.id(name)?)?;
        table.is_whole.then(|| table.columns.clone())
    };
    // SQL that can't be read says nothing, not even that what it once said is gone.
    let Ok(told) = sql::lineage(code, tables.dialect, &resolve) else { return Ok(()) };
    let mut say = Saying { telling, tables, namespace: &dataset.name.namespace, at: project.at };
    for column in &table.columns {
        let mut outputs = told.columns.iter().filter(|output| columns::same(&output.name, column));
        let (Some(output), None) = (outputs.next(), outputs.next()) else {
            continue;
        };
        let part = dataset.name.part(column).map_err(|problem| path.bad_name(&problem))?;
        let part = Thing::new(Kind::Column, part);
        say.relations(&part, RelationKind::DerivesFrom, &output.inputs, &path)?;
        say.relations(&part, RelationKind::InfluencedBy, &output.inputs, &path)?;
    }
    say.relations(dataset, RelationKind::InfluencedBy, &told.rows, &path)
}

struct Saying<'a> {
    telling: &'a mut Telling,
    tables: &'a Tables,
    namespace: &'a str,
    at: Timestamp,
}

impl Saying<'_> {
    /// Tells of all relations of one kind: those that hold a value for `DerivesFrom`, the others else.
    fn relations(
        &mut self,
        from: &Thing,
        kind: RelationKind,
        inputs: &[Input],
        path: &Path<'_>,
    ) -> Result<(), Fault> {
        let is_direct = kind == RelationKind::DerivesFrom;
        let mut all: BTreeMap<String, (Thing, Vec<Way>)> = BTreeMap::new();
        for input in inputs {
            let Some(id) = self.tables.id(&input.table) else { continue };
            let Some(column) = self.tables.column(id, &input.column) else { continue };
            let ways = input.ways.iter().copied().filter(|way| way.is_direct() == is_direct);
            let table = QualifiedName::new(self.namespace, id).map_err(|problem| path.bad_name(&problem))?;
            let name = table.part(column).map_err(|problem| path.bad_name(&problem))?;
            let to = Thing::new(Kind::Column, name);
            let entry = all.entry(to.name.name.clone()).or_insert_with(|| (to, Vec::new()));
            entry.1.extend(ways);
        }
        let all = all.into_values().filter(|(to, ways)| !ways.is_empty() && to != from);
        let mut listed = Vec::new();
        for (to, mut ways) in all {
            ways.sort_unstable();
            ways.dedup();
            let word = if is_direct { "DIRECT" } else { "INDIRECT" };
            let ways: Vec<Value> =
                ways.into_iter().map(|way| json!({"type": word, "subtype": way.subtype()})).collect();
            self.telling.push(Statement::Related {
                from: from.clone(),
                kind,
                to: to.clone(),
                method: Method::SqlParsed,
                confidence: CONFIDENCE,
                detail: Some(json!({"transformations": ways})),
                at: self.at,
            });
            listed.push(to);
        }
        self.telling.push(Statement::OnlyRelated {
            from: from.clone(),
            kind,
            to: listed,
            method: Method::SqlParsed,
            at: self.at,
        });
        Ok(())
    }
}
