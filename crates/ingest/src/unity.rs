//! From what Databricks' Unity Catalog answers to statements.
//!
//! Named as OpenLineage names Databricks' tables: `databricks://WORKSPACE` and `catalog.schema.table`, so that what a
//! Spark job says it wrote and what the catalog lists is one table. Model versions are `catalog.schema.model/3`, and a
//! version's run is met under MLflow's name of it.

use catena_model::{
    kind::Kind,
    relation::RelationKind,
    source::Source,
    statement::{Read, Thing},
    time::Timestamp,
};
use serde_json::{Map, Value, json};

use crate::{
    inventory::{Column, Item, list, owned, plain, tag, text, thing, unnamed},
    uri,
};

#[cfg(test)]
mod tests;

/// How one workspace's objects are told.
#[derive(Debug, Clone)]
pub struct Mapping {
    namespace: String,
    at: Timestamp,
}

/// What is told of a table beside its own description, where it could be asked for.
#[derive(Debug, Clone, Default)]
pub struct Around {
    /// The answer on its tags.
    pub tags: Option<Vec<Value>>,
    /// The answers on its columns' tags, by column.
    pub column_tags: Vec<(String, Vec<Value>)>,
    /// The answer of the lineage of tables.
    pub lineage: Option<Value>,
    /// The answers of the lineage of columns, by column.
    pub column_lineage: Vec<(String, Value)>,
}

/// What sort of object of a schema it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// A catalog.
    Catalog,
    /// A schema.
    Schema,
    /// A folder of files.
    Volume,
    /// A function.
    Function,
    /// A registered model.
    Model,
}

impl Sort {
    const fn kind(self) -> Kind {
        match self {
            Self::Catalog | Self::Schema | Self::Volume => Kind::Dataset,
            Self::Function => Kind::Tool,
            Self::Model => Kind::Model,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Catalog => "catalog",
            Self::Schema => "schema",
            Self::Volume => "volume",
            Self::Function => "function",
            Self::Model => "registered model",
        }
    }
}

impl Mapping {
    /// For what `workspace` (its host, with the port where it isn't the usual one) had at this time.
    pub fn new(workspace: &str, at: Timestamp) -> Self {
        Self { namespace: format!("databricks://{workspace}"), at }
    }

    /// The same under a namespace that a person chose.
    #[must_use]
    pub fn within(self, namespace: Option<&str>) -> Self {
        Self { namespace: namespace.unwrap_or(&self.namespace).to_owned(), ..self }
    }

    /// The namespace of all names.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    fn source(&self) -> Source {
        let instance = self.namespace.split_once("://").map_or(self.namespace.as_str(), |(_, rest)| rest);
        Source::system("databricks", instance)
    }

    /// A table or view. A version of it without lineage or tags keeps what was told of them before.
    pub fn table(&self, table: &Value, around: &Around) -> Vec<Read> {
        let name = full_name(table).unwrap_or_default();
        match self.table_item(table, &name, around) {
            Ok(item) => item.read(self.source(), self.at),
            Err(why) => unnamed(&format!("table {name}"), &why),
        }
    }

    fn table_item(&self, table: &Value, name: &str, around: &Around) -> Result<Item, String> {
        let mut item = self.item(Kind::Dataset, table, name)?;
        item.subtype = Some(subtype(table));
        for key in ["data_source_format", "storage_location", "table_type"] {
            item.property(key, &table[key]);
        }
        properties(&mut item, table);
        let keys = constraints(table);
        if let Some((keys, _)) = &keys {
            item.facets.push(("keys", keys.clone()));
        }
        let primary = keys.map(|(_, primary)| primary).unwrap_or_default();
        let mut columns: Vec<&Value> = list(table, "columns").iter().collect();
        columns.sort_by_key(|column| column["position"].as_i64().unwrap_or(i64::MAX));
        item.columns = columns.into_iter().map(|column| self.column(column, &primary, around)).collect();
        if let Some(sql) = text(table, "view_definition") {
            item.facets.push(("sql", json!({ "query": sql.trim(), "dialect": "databricks" })));
        }
        item.tags = around.tags.as_deref().map(assigned);
        if let Some(lineage) = &around.lineage {
            item.relations.push((RelationKind::DerivesFrom, self.upstream(lineage)));
            item.facets.push(("databricks_lineage", lineage.clone()));
        } else if let Some(reads) = self.view_dependencies(table) {
            item.relations.push((RelationKind::DerivesFrom, reads));
        }
        for (column, lineage) in &around.column_lineage {
            let Ok(to) = item.thing.name.part(column) else { continue };
            let to = Thing::new(Kind::Column, to);
            for upstream in list(lineage, "upstream_cols") {
                if let Some(from) = self.upstream_column(upstream) {
                    item.edges.push((to.clone(), RelationKind::DerivesFrom, from, None));
                }
            }
        }
        Ok(item)
    }

    fn column(&self, column: &Value, primary: &[String], around: &Around) -> Column {
        let name = text(column, "name").unwrap_or_default().to_owned();
        let tags = around.column_tags.iter().find(|(of, _)| *of == name).map(|(_, tags)| assigned(tags));
        let mut properties = Map::new();
        if primary.contains(&name) {
            properties.insert("key".to_owned(), "primary".into());
        }
        if let Some(index) = column["partition_index"].as_i64() {
            properties.insert("partition".to_owned(), index.to_string().into());
        }
        Column {
            data_type: owned(column, "type_text").or_else(|| owned(column, "type_name")),
            nullable: column["nullable"].as_bool(),
            description: owned(column, "comment"),
            tags,
            properties,
            name,
        }
    }

    /// A catalog, schema, volume, function or registered model.
    pub fn object(&self, sort: Sort, object: &Value, tags: Option<&[Value]>) -> Vec<Read> {
        let name = full_name(object).unwrap_or_default();
        match self.item(sort.kind(), object, &name) {
            Ok(mut item) => {
                item.subtype = Some(sort.word().to_owned());
                for key in [
                    "volume_type",
                    "storage_location",
                    "catalog_type",
                    "data_type",
                    "full_data_type",
                    "external_language",
                ] {
                    item.property(key, &object[key]);
                }
                properties(&mut item, object);
                item.tags = tags.map(assigned);
                if sort == Sort::Function {
                    item.facets.push(("function", function(object)));
                }
                if sort == Sort::Model {
                    item.facets.push(("registered_model", without(object, &["comment", "owner"])));
                }
                item.read(self.source(), self.at)
            }
            Err(why) => unnamed(&format!("{} {name}", sort.word()), &why),
        }
    }

    /// A version of a registered model.
    pub fn model_version(&self, model: &Value, version: &Value) -> Vec<Read> {
        let name = full_name(model).unwrap_or_default();
        let number = plain(&version["version"]).unwrap_or_default();
        let place = format!("model {name}, version {number}");
        if number.is_empty() {
            return unnamed(&place, "the version has no number: ask the server for it again");
        }
        let named = thing(Kind::Model, &self.namespace, &name).and_then(|model| {
            Ok((model, thing(Kind::ModelVersion, &self.namespace, &format!("{name}/{number}"))?))
        });
        let (whole, thing) = match named {
            Ok(named) => named,
            Err(why) => return unnamed(&place, &why),
        };
        let mut item = Item::new(thing);
        item.within = Some(whole);
        item.name = Some(format!("{} v{number}", name.rsplit('.').next().unwrap_or(&name)));
        item.description = owned(version, "comment");
        item.lifecycle = text(version, "status").filter(|status| *status != "READY").map(str::to_lowercase);
        let aliases = list(version, "aliases").iter().chain(
            list(model, "aliases")
                .iter()
                .filter(|alias| plain(&alias["version_num"]).as_deref() == Some(number.as_str())),
        );
        item.aliases = aliases.filter_map(|alias| owned(alias, "alias_name")).collect();
        item.facets.push(("model_version", without(version, &["comment"])));
        item.property("source", &version["source"]);
        // Which MLflow has the run isn't said; its id is random.
        if let Some(run) = text(version, "run_id")
            .and_then(|run| self::thing(Kind::Run, "mlflow://*", &format!("runs/{run}")).ok())
        {
            item.relations.push((RelationKind::ProducedBy, vec![run]));
        }
        if let Some(tables) = version["model_version_dependencies"]["dependencies"].as_array() {
            let functions = tables.iter().filter_map(|dependency| {
                let name = text(&dependency["function"], "function_full_name")?;
                self::thing(Kind::Tool, &self.namespace, name).ok()
            });
            let from = tables
                .iter()
                .filter_map(|dependency| self.table_thing(&dependency["table"]))
                .chain(functions);
            item.relations.push((RelationKind::DependsOn, from.collect()));
        }
        item.version = Some(number);
        item.read(self.source(), self.at)
    }

    fn item(&self, kind: Kind, object: &Value, name: &str) -> Result<Item, String> {
        let mut item = Item::new(thing(kind, &self.namespace, name)?);
        item.name = owned(object, "name");
        item.description = owned(object, "comment");
        item.owners.extend(owned(object, "owner"));
        for key in ["created_at", "created_by", "updated_at", "updated_by"] {
            item.property(key, &object[key]);
        }
        Ok(item)
    }

    fn table_thing(&self, table: &Value) -> Option<Thing> {
        let name = owned(table, "table_full_name").or_else(|| {
            let part = |key| text(table, key);
            Some([part("catalog_name")?, part("schema_name")?, part("name")?].join("."))
        })?;
        thing(Kind::Dataset, &self.namespace, &name).ok()
    }

    fn upstream(&self, lineage: &Value) -> Vec<Thing> {
        let table = |edge: &Value| self.table_thing(edge.get("tableInfo")?);
        let file = |edge: &Value| {
            let (namespace, path) = uri::file(text(edge.get("fileInfo")?, "path")?)?;
            thing(Kind::Dataset, &namespace, &path).ok()
        };
        list(lineage, "upstreams").iter().filter_map(|edge| table(edge).or_else(|| file(edge))).collect()
    }

    fn upstream_column(&self, column: &Value) -> Option<Thing> {
        let part = |key| text(column, key);
        let table = [part("catalog_name")?, part("schema_name")?, part("table_name")?].join(".");
        let table = thing(Kind::Dataset, &self.namespace, &table).ok()?;
        Some(Thing::new(Kind::Column, table.name.part(part("name")?).ok()?))
    }

    /// What a view reads, where it says so itself.
    fn view_dependencies(&self, table: &Value) -> Option<Vec<Thing>> {
        let all = table["view_dependencies"]["dependencies"].as_array()?;
        Some(all.iter().filter_map(|dependency| self.table_thing(&dependency["table"])).collect())
    }
}

/// An object's name with its catalog's and schema's before it.
pub fn full_name(object: &Value) -> Option<String> {
    owned(object, "full_name").or_else(|| {
        let parts: Vec<&str> =
            ["catalog_name", "schema_name", "name"].iter().filter_map(|key| text(object, key)).collect();
        (!parts.is_empty()).then(|| parts.join("."))
    })
}

/// Whether any table is upstream, so that it is worth asking for the columns'.
pub fn has_upstream(lineage: &Value) -> bool {
    list(lineage, "upstreams").iter().any(|edge| edge["tableInfo"].is_object())
}

/// `MANAGED` and `EXTERNAL` are tables; the others say what they are.
fn subtype(table: &Value) -> String {
    match text(table, "table_type").unwrap_or("MANAGED") {
        "MANAGED" | "EXTERNAL" | "MANAGED_SHALLOW_CLONE" | "EXTERNAL_SHALLOW_CLONE" => "table".to_owned(),
        other => other.to_lowercase().replace('_', " "),
    }
}

fn properties(item: &mut Item, object: &Value) {
    for (key, value) in object["properties"].as_object().into_iter().flatten().take(500) {
        item.property(key, value);
    }
}

/// Tags from their assignments: `pii: email`, or the key alone.
fn assigned(tags: &[Value]) -> Vec<String> {
    tags.iter().filter_map(|of| Some(tag(text(of, "tag_key")?, text(of, "tag_value")))).collect()
}

/// The keys as a facet, and the columns of the primary one.
fn constraints(table: &Value) -> Option<(Value, Vec<String>)> {
    let all = table["table_constraints"].as_array()?;
    let names = |value: &Value, key: &str| -> Vec<String> {
        list(value, key).iter().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let primary: Vec<String> = all
        .iter()
        .filter_map(|constraint| constraint.get("primary_key_constraint"))
        .flat_map(|key| names(key, "child_columns"))
        .collect();
    let foreign: Vec<Value> = all
        .iter()
        .filter_map(|constraint| constraint.get("foreign_key_constraint"))
        .map(|key| {
            json!({
                "name": key["name"], "columns": names(key, "child_columns"), "table": key["parent_table"],
                "references": names(key, "parent_columns"),
            })
        })
        .collect();
    Some((json!({ "primary_key": primary, "unique": [], "foreign_keys": foreign }), primary))
}

fn function(function: &Value) -> Value {
    json!({
        "input": function["input_params"]["parameters"],
        "returns": function["full_data_type"],
        "language": function["external_language"],
        "body": function["routine_body"],
        "definition": function["routine_definition"],
    })
}

fn without(object: &Value, keys: &[&str]) -> Value {
    let all = object.as_object().into_iter().flatten();
    Value::Object(
        all.filter(|(key, value)| !keys.contains(&key.as_str()) && !value.is_null())
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect(),
    )
}
