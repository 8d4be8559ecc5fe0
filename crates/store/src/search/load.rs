//! Reads many entities at once, as search sees them.

use std::collections::{BTreeMap, HashMap};

use catena_model::{
    claim::Claim,
    field::{Field, Group, Single},
    id::EntityId,
    kind::Kind,
    name::QualifiedName,
    time::Timestamp,
};
use rusqlite::Connection;
use serde_json::Value;

use super::document::{Document, MOST_COLUMNS, MOST_DESCRIPTION, MOST_PROPERTIES, MOST_PROPERTY, Whole, cut};
use crate::{
    StoreError, StoreResult,
    read::views,
    table::{
        entity::{self, Ix},
        source,
    },
};

/// The given heads, in their order; those that are merged or gone are left out.
pub(crate) fn load(db: &Connection, heads: &[Ix]) -> StoreResult<Vec<Document>> {
    let mut loading = Loading { db, documents: BTreeMap::new(), head_of: HashMap::new() };
    let parents = loading.rows(heads)?;
    loading.merged()?;
    loading.names()?;
    loading.claims()?;
    loading.parents(&parents)?;
    loading.columns()?;
    loading.usage()?;
    let mut documents = loading.documents;
    Ok(heads.iter().filter_map(|ix| documents.remove(ix)).collect())
}

struct Loading<'a> {
    db: &'a Connection,
    documents: BTreeMap<Ix, Document>,
    /// The group's head, for each entity in it.
    head_of: HashMap<Ix, Ix>,
}

/// A list of numbers as one parameter.
fn list(numbers: impl IntoIterator<Item = Ix>) -> String {
    let mut text = String::from("[");
    for number in numbers {
        if text.len() > 1 {
            text.push(',');
        }
        text.push_str(&number.to_string());
    }
    text.push(']');
    text
}

impl Loading<'_> {
    fn rows(&mut self, heads: &[Ix]) -> StoreResult<HashMap<Ix, Ix>> {
        let mut parents = HashMap::new();
        let mut statement = self.db.prepare_cached(
            "SELECT ix, id, kind, parent, name FROM entity
             WHERE ix IN (SELECT value FROM json_each(?1)) AND head = ix AND NOT gone",
        )?;
        let mut rows = statement.query([list(heads.iter().copied())])?;
        while let Some(row) = rows.next()? {
            let ix: Ix = row.get(0)?;
            if let Some(parent) = row.get(3)? {
                parents.insert(ix, parent);
            }
            let name: Option<String> = row.get(4)?;
            self.head_of.insert(ix, ix);
            self.documents.insert(
                ix,
                Document {
                    ix,
                    id: EntityId::from_bytes(row.get(1)?),
                    kind: entity::kind(row.get(2)?)?,
                    name: name.unwrap_or_else(|| "unnamed".to_owned()),
                    names: Vec::new(),
                    parent: None,
                    columns: Vec::new(),
                    tags: Vec::new(),
                    aliases: Vec::new(),
                    owners: Vec::new(),
                    subtype: None,
                    description: None,
                    properties: Vec::new(),
                    usage: 0,
                },
            );
        }
        Ok(parents)
    }

    fn merged(&mut self) -> StoreResult<()> {
        let mut statement = self.db.prepare_cached(
            "SELECT ix, head FROM entity WHERE head IN (SELECT value FROM json_each(?1)) AND head <> ix",
        )?;
        let mut rows = statement.query([list(self.documents.keys().copied())])?;
        while let Some(row) = rows.next()? {
            self.head_of.insert(row.get(0)?, row.get(1)?);
        }
        Ok(())
    }

    fn members(&self) -> String {
        list(self.head_of.keys().copied())
    }

    fn document(&mut self, member: Ix) -> Option<&mut Document> {
        self.documents.get_mut(self.head_of.get(&member)?)
    }

    fn names(&mut self) -> StoreResult<()> {
        let mut statement = self.db.prepare_cached(
            "SELECT name.entity, namespace.text, name.name FROM name
             JOIN namespace ON namespace.ix = name.namespace
             WHERE name.entity IN (SELECT value FROM json_each(?1))",
        )?;
        let mut rows = statement.query([self.members()])?;
        while let Some(row) = rows.next()? {
            let name = QualifiedName { namespace: row.get(1)?, name: row.get(2)? };
            if let Some(document) = self.document(row.get(0)?) {
                document.names.push(name);
            }
        }
        for document in self.documents.values_mut() {
            document.names.sort_by(|a, b| (a.is_partial(), a).cmp(&(b.is_partial(), b)));
        }
        Ok(())
    }

    fn claims(&mut self) -> StoreResult<()> {
        let mut by_head: HashMap<Ix, Vec<(Field, Claim)>> = HashMap::new();
        let mut sources = HashMap::new();
        let mut statement = self.db.prepare_cached(
            "SELECT entity, field, source, value, known, at FROM claim
             WHERE entity IN (SELECT value FROM json_each(?1))
               AND field NOT IN ('name', 'parent', 'data_type', 'nullable', 'position', 'version', 'url', 'lifecycle')",
        )?;
        let mut rows = statement.query([self.members()])?;
        let damaged = |what: String| StoreError::Damaged(format!("table claim: {what}"));
        while let Some(row) = rows.next()? {
            let Some(head) = self.head_of.get(&row.get(0)?).copied() else { continue };
            let field: Field = row
                .get_ref(1)?
                .as_str()
                .unwrap_or_default()
                .parse()
                .map_err(|error: catena_model::field::NotAField| damaged(error.to_string()))?;
            let source_ix: i64 = row.get(2)?;
            let source = match sources.get(&source_ix) {
                Some(source) => source,
                None => {
                    let text: String = self
                        .db
                        .prepare_cached("SELECT text FROM source WHERE ix = ?1")?
                        .query_row([source_ix], |row| row.get(0))?;
                    sources.entry(source_ix).or_insert(source::parse(&text)?)
                }
            };
            let code: u8 = row.get(4)?;
            let claim = Claim {
                source: source.clone(),
                value: serde_json::from_str(row.get_ref(3)?.as_str().unwrap_or_default())
                    .map_err(|error| damaged(error.to_string()))?,
                known: catena_model::source::Known::from_code(code)
                    .ok_or_else(|| damaged(format!("known = {code}")))?,
                at: Timestamp::from_micros(row.get(5)?),
            };
            by_head.entry(head).or_default().push((field, claim));
        }
        for (head, claims) in by_head {
            let Some(document) = self.documents.get_mut(&head) else { continue };
            for view in views(&claims) {
                let value = view.current.value;
                match view.field {
                    Field::Single(Single::Description) => {
                        document.description =
                            value.as_str().map(|text| cut(text, MOST_DESCRIPTION).to_owned());
                    }
                    Field::Single(Single::Subtype) => document.subtype = value.as_str().map(str::to_owned),
                    Field::Element(Group::Tags, tag) => document.tags.push(tag),
                    Field::Element(Group::Owners, owner) => document.owners.push(owner),
                    Field::Element(Group::Aliases, alias) => document.aliases.push(alias),
                    Field::Element(Group::Properties, key) if document.properties.len() < MOST_PROPERTIES => {
                        document.properties.push((key, property(&value)));
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    fn parents(&mut self, parents: &HashMap<Ix, Ix>) -> StoreResult<()> {
        let mut wholes = HashMap::new();
        let mut statement = self.db.prepare_cached(
            "SELECT ix, id, kind, name FROM entity WHERE ix IN (SELECT value FROM json_each(?1)) AND NOT gone",
        )?;
        let mut distinct: Vec<Ix> = parents.values().copied().collect();
        distinct.sort_unstable();
        distinct.dedup();
        let mut rows = statement.query([list(distinct)])?;
        while let Some(row) = rows.next()? {
            let name: Option<String> = row.get(3)?;
            let whole = Whole {
                id: EntityId::from_bytes(row.get(1)?),
                kind: entity::kind(row.get(2)?)?,
                name: name.unwrap_or_default(),
            };
            wholes.insert(row.get::<_, Ix>(0)?, whole);
        }
        for (part, whole) in parents {
            if let Some(document) = self.documents.get_mut(part) {
                document.parent = wholes.get(whole).cloned();
            }
        }
        Ok(())
    }

    fn columns(&mut self) -> StoreResult<()> {
        let datasets = self
            .documents
            .values()
            .filter(|document| document.kind == Kind::Dataset)
            .map(|document| document.ix);
        let datasets = list(datasets);
        let mut statement = self.db.prepare_cached(
            "SELECT parent, name FROM entity
             WHERE parent IN (SELECT value FROM json_each(?1)) AND head = ix AND NOT gone AND kind = ?2
             ORDER BY parent, ix",
        )?;
        let mut rows = statement.query(rusqlite::params![datasets, Kind::Column.code()])?;
        while let Some(row) = rows.next()? {
            let name: Option<String> = row.get(1)?;
            if let (Some(document), Some(name)) = (self.documents.get_mut(&row.get(0)?), name)
                && document.columns.len() < MOST_COLUMNS
            {
                document.columns.push(name);
            }
        }
        Ok(())
    }

    fn usage(&mut self) -> StoreResult<()> {
        for sql in [
            "SELECT src, count(*) FROM relation WHERE src IN (SELECT value FROM json_each(?1)) GROUP BY src",
            "SELECT dst, count(*) FROM relation WHERE dst IN (SELECT value FROM json_each(?1)) GROUP BY dst",
        ] {
            let mut statement = self.db.prepare_cached(sql)?;
            let mut rows = statement.query([self.members()])?;
            while let Some(row) = rows.next()? {
                let count: u64 = row.get(1)?;
                if let Some(document) = self.document(row.get(0)?) {
                    document.usage += count;
                }
            }
        }
        Ok(())
    }
}

/// A property's value as people read it.
fn property(value: &Value) -> String {
    match value {
        Value::String(text) => cut(text, MOST_PROPERTY).to_owned(),
        other => cut(&other.to_string(), MOST_PROPERTY).to_owned(),
    }
}
