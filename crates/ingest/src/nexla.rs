//! From what Nexla's public API is documented to answer to statements.
//!
//! Nexla's objects have numbers, which are their names in `nexla://HOST`: `data_sets/7`. Data sources, data sets (nexsets)
//! and data sinks are data, each made of the one before it; a flow is a pipeline that reads and writes them; a transform
//! is a job. What credentials and settings an object has stays where it is: only its path or table is kept.

use catena_model::{
    kind::Kind,
    relation::RelationKind,
    source::Source,
    statement::{Read, Thing},
    time::Timestamp,
};
use serde_json::{Map, Value, json};

use crate::inventory::{Column, DEEPEST_FIELD, Item, list, owned, plain, text, thing, unnamed};

/// What sort of object it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Where data comes from.
    Source,
    /// A nexset.
    DataSet,
    /// Where data goes.
    Sink,
    /// What is done to records on their way.
    Transform,
}

impl Sort {
    /// All of them, in the order in which they are read.
    pub const ALL: [Self; 4] = [Self::Source, Self::DataSet, Self::Sink, Self::Transform];

    /// Its place in the API, and the beginning of its names.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Source => "data_sources",
            Self::DataSet => "data_sets",
            Self::Sink => "data_sinks",
            Self::Transform => "transforms",
        }
    }

    const fn subtype(self) -> &'static str {
        match self {
            Self::Source => "data source",
            Self::DataSet => "nexset",
            Self::Sink => "data sink",
            Self::Transform => "transform",
        }
    }
}

/// How one account's objects are told.
#[derive(Debug, Clone)]
pub struct Mapping {
    authority: String,
    namespace: String,
    at: Timestamp,
}

impl Mapping {
    /// For what the server at `authority` had at this time.
    pub fn new(authority: &str, at: Timestamp) -> Self {
        Self { authority: authority.to_owned(), namespace: format!("nexla://{authority}"), at }
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
        Source::system("nexla", &self.authority)
    }

    /// A source, nexset, sink or transform.
    pub fn object(&self, sort: Sort, object: &Value) -> Vec<Read> {
        let kind = if sort == Sort::Transform { Kind::Job } else { Kind::Dataset };
        let mut item = match self.item(kind, sort.path(), sort.subtype(), object) {
            Ok(item) => item,
            Err(why) => return unnamed(sort.subtype(), &why),
        };
        match sort {
            Sort::Source => tell_place(&mut item, object, "source"),
            Sort::Sink => {
                tell_place(&mut item, object, "sink");
                let from = self.number(Sort::DataSet, &object["data_set_id"]);
                let from = from.or_else(|| self.number(Sort::DataSet, &object["data_set"]["id"]));
                item.relations.push((RelationKind::DerivesFrom, from.into_iter().collect()));
            }
            Sort::DataSet => {
                let parents = list(object, "parent_data_sets");
                let parents = parents.iter().filter_map(|parent| self.number(Sort::DataSet, &parent["id"]));
                let mut from: Vec<Thing> = parents.collect();
                // One that others stand before names the source of the first of them too.
                if from.is_empty() {
                    let source = self.number(Sort::Source, &object["data_source_id"]);
                    from.extend(source.or_else(|| self.number(Sort::Source, &object["data_source"]["id"])));
                }
                item.relations.push((RelationKind::DerivesFrom, from));
                let with = self.number(Sort::Transform, &object["transform_id"]);
                let with = with.map(|transform| Thing::new(Kind::Job, transform.name));
                item.relations.push((RelationKind::ProducedBy, with.into_iter().collect()));
                add_columns(&object["output_schema"], "", 0, &mut item.columns);
            }
            Sort::Transform => {
                let body = json!({"language": object["code_type"], "reusable": object["reusable"], "code": object["code"]});
                item.facets.push(("transform", body));
            }
        }
        item.read(self.source(), self.at)
    }

    /// A flow: what stands at its beginning and its ends.
    pub fn flow(&self, flow: &Value) -> Vec<Read> {
        let mut item = match self.item(Kind::Pipeline, "flows", "flow", flow) {
            Ok(item) => item,
            Err(why) => return unnamed("flow", &why),
        };
        let (mut reads, mut writes) = (Vec::new(), Vec::new());
        self.tell_nodes(flow, 0, &mut reads, &mut writes);
        item.relations.push((RelationKind::Reads, reads));
        item.relations.push((RelationKind::Writes, writes));
        item.read(self.source(), self.at)
    }

    fn tell_nodes(&self, node: &Value, depth: usize, reads: &mut Vec<Thing>, writes: &mut Vec<Thing>) {
        reads.extend(
            self.number(Sort::Source, &node["data_source_id"]).filter(|thing| !reads.contains(thing)),
        );
        for (sort, key) in [(Sort::DataSet, "data_set_id"), (Sort::Sink, "data_sink_id")] {
            writes.extend(self.number(sort, &node[key]).filter(|thing| !writes.contains(thing)));
        }
        if depth < 64 {
            for child in list(node, "children") {
                self.tell_nodes(child, depth + 1, reads, writes);
            }
        }
    }

    fn item(&self, kind: Kind, path: &str, subtype: &str, object: &Value) -> Result<Item, String> {
        let number = number(&object["id"]).ok_or("it has no number")?;
        let mut item = Item::new(thing(kind, &self.namespace, &format!("{path}/{number}"))?);
        item.name = owned(object, "name");
        item.subtype = Some(subtype.to_owned());
        item.description = owned(object, "description");
        item.lifecycle = text(object, "status").filter(|status| *status != "ACTIVE").map(str::to_lowercase);
        let owner = &object["owner"];
        item.owners.extend(owned(owner, "email").or_else(|| owned(owner, "full_name")));
        item.tags = Some(list(object, "tags").iter().filter_map(plain).collect());
        for key in ["created_at", "updated_at", "flow_type", "ingest_method", "source_format", "sink_format"]
        {
            item.property(key, &object[key]);
        }
        Ok(item)
    }

    fn number(&self, sort: Sort, id: &Value) -> Option<Thing> {
        thing(Kind::Dataset, &self.namespace, &format!("{}/{}", sort.path(), number(id)?)).ok()
    }
}

/// An object's number.
fn number(id: &Value) -> Option<String> {
    id.as_u64().map(|number| number.to_string())
}

/// What sort of system it is and where in it, and no more of its settings.
fn tell_place(item: &mut Item, object: &Value, side: &str) {
    item.property("type", &object[format!("{side}_type")]);
    let settings = &object[format!("{side}_config")];
    for key in ["path", "table", "database", "schema", "topic", "collection"] {
        item.property(key, &settings[key]);
    }
}

/// The properties of a JSON Schema, each after what it is within.
fn add_columns(schema: &Value, within: &str, depth: usize, columns: &mut Vec<Column>) {
    if depth > DEEPEST_FIELD {
        return;
    }
    let required = list(schema, "required");
    for (key, property) in schema["properties"].as_object().into_iter().flatten() {
        let name = format!("{within}{key}");
        let mut properties = Map::new();
        if let Some(format) = owned(property, "format") {
            properties.insert("format".to_owned(), format.into());
        }
        columns.push(Column {
            name: name.clone(),
            data_type: plain(&property["type"]),
            nullable: (!required.is_empty()).then(|| !required.contains(&Value::from(key.as_str()))),
            description: owned(property, "description"),
            tags: None,
            properties,
        });
        add_columns(property, &format!("{name}."), depth + 1, columns);
    }
}

#[cfg(test)]
mod tests {
    use catena_model::statement::Statement;

    use super::*;

    fn told(reads: &[Read]) -> Vec<String> {
        let statements =
            reads.iter().filter_map(|read| read.as_ref().ok()).flat_map(|record| &record.statements);
        let words = statements.filter_map(|statement| match statement {
            Statement::Claim { thing, field, value: Some(value), .. } => {
                Some(format!("{} {field} {value}", thing.name.name))
            }
            Statement::Related { from, kind, to, .. } => {
                Some(format!("{} {} {}", from.name.name, kind.word(), to.name.name))
            }
            _ => None,
        });
        words.collect()
    }

    #[test]
    fn data_goes_from_source_through_nexsets_to_sinks_and_no_setting_but_its_place_is_kept() {
        let mapping = Mapping::new("dataops.nexla.io:443", Timestamp::from_millis(1));
        let source = json!({"id": 1, "name": "Orders", "status": "ACTIVE", "source_type": "s3", "owner": {"email": "ann@x"},
                            "source_config": {"path": "lake/orders", "secret": "canary-98d1"}});
        let set = json!({"id": 7, "name": "Clean", "status": "PAUSED", "data_source_id": 1, "transform_id": 3, "parent_data_sets": [],
                         "output_schema": {"required": ["id"], "properties": {"id": {"type": "integer"},
                             "of": {"type": "object", "properties": {"mail": {"type": "string", "format": "email"}}}}}});
        let child = json!({"id": 8, "data_source_id": 1, "parent_data_sets": [{"id": 7}]});
        let sink = json!({"id": 9, "name": "Out", "sink_type": "snowflake", "data_set_id": 8});
        let flow = json!({"id": 4, "data_source_id": 1, "children": [{"id": 5, "data_set_id": 7, "children": [{"data_sink_id": 9}]}]});
        let mut all = told(&mapping.object(Sort::Source, &source));
        for reads in [
            mapping.object(Sort::DataSet, &set),
            mapping.object(Sort::DataSet, &child),
            mapping.object(Sort::Sink, &sink),
            mapping.flow(&flow),
        ] {
            all.extend(told(&reads));
        }
        for expected in [
            "data_sets/7 derives_from data_sources/1",
            "data_sets/7 produced_by transforms/3",
            "data_sets/7 lifecycle \"paused\"",
            "data_sets/7.id nullable false",
            "data_sets/7.of.mail data_type \"string\"",
            "data_sets/8 derives_from data_sets/7",
            "data_sinks/9 derives_from data_sets/8",
            "flows/4 reads data_sources/1",
            "flows/4 writes data_sinks/9",
        ] {
            assert!(all.iter().any(|said| said == expected), "{expected} is not in {all:#?}");
        }
        assert!(
            !all.iter()
                .any(|said| said.contains("canary") || said == "data_sets/8 derives_from data_sources/1")
        );
        assert!(mapping.object(Sort::Sink, &json!({"id": "9"}))[0].is_err());
    }
}
