//! From what OpenMetadata's API answers to statements.
//!
//! Entities bear OpenMetadata's own full names in `openmetadata://HOST`; tables are also known by the name that their
//! database gives them, so that they meet what its jobs and the database itself say of them.

use catena_model::{
    kind::Kind,
    name::QualifiedName,
    relation::RelationKind,
    source::Source,
    statement::{Read, Thing},
    time::Timestamp,
};
use serde_json::{Map, Value, json};

use crate::{
    inventory::{Column, DEEPEST_FIELD, Item, list, owned, text, thing, unnamed},
    platform,
};

#[cfg(test)]
mod tests;

/// A sort of entity, in OpenMetadata's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// Its word in references: `databaseSchema`.
    pub word: &'static str,
    /// Its place in the API: `databaseSchemas`.
    pub path: &'static str,
    /// What is asked for beside what always comes.
    pub fields: &'static str,
    /// Whether it can have lineage.
    pub lineage: bool,
    kind: Kind,
    subtype: &'static str,
}

const fn sort(
    word: &'static str,
    path: &'static str,
    fields: &'static str,
    lineage: bool,
    kind: Kind,
    subtype: &'static str,
) -> Sort {
    Sort { word, path, fields, lineage, kind, subtype }
}

/// Everything that is read, in this order.
pub static SORTS: &[Sort] = &[
    sort(
        "databaseService",
        "services/databaseServices",
        "owners,tags",
        false,
        Kind::Connection,
        "database service",
    ),
    sort(
        "messagingService",
        "services/messagingServices",
        "owners,tags",
        false,
        Kind::Connection,
        "messaging service",
    ),
    sort(
        "pipelineService",
        "services/pipelineServices",
        "owners,tags",
        false,
        Kind::Connection,
        "pipeline service",
    ),
    sort(
        "dashboardService",
        "services/dashboardServices",
        "owners,tags",
        false,
        Kind::Connection,
        "dashboard service",
    ),
    sort(
        "mlmodelService",
        "services/mlmodelServices",
        "owners,tags",
        false,
        Kind::Connection,
        "model service",
    ),
    sort("glossary", "glossaries", "owners,tags", false, Kind::Taxonomy, "glossary"),
    sort("glossaryTerm", "glossaryTerms", "owners,tags,relatedTerms", false, Kind::Term, "glossary term"),
    sort("database", "databases", "owners,tags", false, Kind::Dataset, "database"),
    sort("databaseSchema", "databaseSchemas", "owners,tags", false, Kind::Dataset, "schema"),
    sort(
        "table",
        "tables",
        "owners,tags,columns,tableConstraints,schemaDefinition",
        true,
        Kind::Dataset,
        "table",
    ),
    sort("topic", "topics", "owners,tags", true, Kind::Dataset, "topic"),
    sort("container", "containers", "owners,tags", true, Kind::Dataset, "container"),
    sort("pipeline", "pipelines", "owners,tags,tasks", true, Kind::Pipeline, "pipeline"),
    sort("dashboard", "dashboards", "owners,tags", true, Kind::Dashboard, "dashboard"),
    sort("mlmodel", "mlmodels", "owners,tags,mlFeatures,mlHyperParameters", true, Kind::Model, "model"),
];

/// How one server's entities are told.
#[derive(Debug, Clone)]
pub struct Mapping {
    authority: String,
    namespace: String,
    at: Timestamp,
}

impl Mapping {
    /// For what the server at `authority` (`host:port`) had at this time.
    pub fn new(authority: &str, at: Timestamp) -> Self {
        Self { authority: authority.to_owned(), namespace: format!("openmetadata://{authority}"), at }
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

    /// An entity, and its lineage where that was asked for.
    pub fn entity(&self, sort: &Sort, entity: &Value, lineage: Option<&Value>) -> Vec<Read> {
        let name = text(entity, "fullyQualifiedName").or_else(|| text(entity, "name")).unwrap_or_default();
        let source = Source::system("openmetadata", &self.authority);
        let item = match self.item(sort, entity, name, lineage) {
            Ok(item) => item,
            Err(why) => return unnamed(&format!("{} {name}", sort.subtype), &why),
        };
        let tasks = if sort.word == "pipeline" { self.tasks(&item.thing, entity) } else { Vec::new() };
        let mut reads = item.read(source.clone(), self.at);
        for task in tasks {
            reads.extend(task.read(source.clone(), self.at));
        }
        reads
    }

    fn item(&self, sort: &Sort, entity: &Value, name: &str, lineage: Option<&Value>) -> Result<Item, String> {
        let mut item = Item::new(thing(sort.kind, &self.namespace, name)?);
        item.name = owned(entity, "displayName").or_else(|| owned(entity, "name"));
        item.subtype = Some(match text(entity, "tableType") {
            None | Some("Regular" | "Local") => sort.subtype.to_owned(),
            Some(other) => spaced(other),
        });
        item.description = owned(entity, "description");
        item.url = owned(entity, "sourceUrl").filter(|url| url.starts_with("http"));
        item.lifecycle = (entity["deleted"] == true).then(|| "deleted".to_owned());
        item.owners = owners(entity);
        item.tags = Some(tags(entity));
        for key in
            ["version", "updatedAt", "updatedBy", "serviceType", "algorithm", "partitions", "retentionPeriod"]
        {
            item.property(key, &entity[key]);
        }
        item.property("tier", &tier(entity));
        for (key, value) in entity["extension"].as_object().into_iter().flatten().take(500) {
            item.property(key, value);
        }
        item.relations.push((RelationKind::RelatedTo, self.terms(entity)));
        match sort.word {
            "glossaryTerm" => item.within = self.referred(&entity["glossary"], "glossary"),
            "table" => self.tell_table(&mut item, entity, name),
            "topic" => {
                let fields = list(&entity["messageSchema"], "schemaFields");
                item.columns = columns(fields, &[]);
                item.also.extend(service_name(entity, name));
            }
            "container" => item.columns = columns(list(&entity["dataModel"], "columns"), &[]),
            "mlmodel" => item.facets.push((
                "mlModel",
                json!({"features": entity["mlFeatures"], "parameters": entity["mlHyperParameters"]}),
            )),
            _ => {}
        }
        if let Some(lineage) = lineage {
            self.tell_lineage(&mut item, lineage);
        }
        Ok(item)
    }

    fn tell_table(&self, item: &mut Item, entity: &Value, name: &str) {
        let constraints = list(entity, "tableConstraints");
        let named = |word: &str| -> Vec<Vec<String>> {
            let of = constraints.iter().filter(|constraint| text(constraint, "constraintType") == Some(word));
            let columns = of.map(|constraint| list(constraint, "columns"));
            columns.map(|all| all.iter().filter_map(Value::as_str).map(str::to_owned).collect()).collect()
        };
        let mut primary: Vec<String> = named("PRIMARY_KEY").into_iter().flatten().collect();
        let own =
            list(entity, "columns").iter().filter(|column| text(column, "constraint") == Some("PRIMARY_KEY"));
        primary.extend(own.filter_map(|column| owned(column, "name")));
        item.columns = columns(list(entity, "columns"), &primary);
        item.facets
            .push(("keys", json!({"primary_key": primary, "unique": named("UNIQUE"), "foreign_keys": []})));
        if let Some(sql) = text(entity, "schemaDefinition").or_else(|| text(entity, "viewDefinition")) {
            item.facets.push(("sql", json!({"query": sql.trim(), "dialect": text(entity, "serviceType")})));
        }
        item.also.extend(service_name(entity, name));
    }

    /// A pipeline's tasks, each a job of it.
    fn tasks(&self, pipeline: &Thing, entity: &Value) -> Vec<Item> {
        let one = |task: &Value| {
            let name = pipeline.name.part(text(task, "name")?).ok()?;
            let mut item = Item::new(Thing::new(Kind::Job, name));
            item.within = Some(pipeline.clone());
            item.name = owned(task, "displayName").or_else(|| owned(task, "name"));
            item.subtype = Some(text(task, "taskType").unwrap_or("task").to_lowercase());
            item.description = owned(task, "description");
            item.tags = Some(tags(task));
            if let Some(sql) = text(task, "taskSQL") {
                item.facets.push(("sql", json!({"query": sql.trim()})));
            }
            Some(item)
        };
        list(entity, "tasks").iter().filter_map(one).collect()
    }

    /// The glossary terms that it is marked with.
    fn terms(&self, entity: &Value) -> Vec<Thing> {
        let marked = list(entity, "tags").iter().filter(|tag| text(tag, "source") == Some("Glossary"));
        let marked = marked.filter_map(|tag| thing(Kind::Term, &self.namespace, text(tag, "tagFQN")?).ok());
        let related = list(entity, "relatedTerms").iter().filter_map(|term| {
            self.referred(term, "glossaryTerm").or_else(|| self.referred(&term["term"], "glossaryTerm"))
        });
        marked.chain(related).collect()
    }

    /// The entity that a reference leads to.
    fn referred(&self, reference: &Value, word: &str) -> Option<Thing> {
        let word = text(reference, "type").unwrap_or(word);
        let sort = SORTS.iter().find(|sort| sort.word == word)?;
        let name = text(reference, "fullyQualifiedName").or_else(|| text(reference, "name"))?;
        thing(sort.kind, &self.namespace, name).ok()
    }

    fn tell_lineage(&self, item: &mut Item, lineage: &Value) {
        let mut from: Vec<Thing> = Vec::new();
        for edge in list(lineage, "upstreamEdges") {
            let Some(id) = edge["fromEntity"].as_str().or_else(|| edge["fromEntity"]["id"].as_str()) else {
                continue;
            };
            let node = list(lineage, "nodes").iter().find(|node| text(node, "id") == Some(id));
            let Some(other) = node.and_then(|node| self.referred(node, "")) else { continue };
            if edge["toEntity"].as_str().or_else(|| edge["toEntity"]["id"].as_str())
                == lineage["entity"]["id"].as_str()
                && !from.contains(&other)
            {
                from.push(other);
            }
            for pair in list(&edge["lineageDetails"], "columnsLineage") {
                let Some(to) = text(pair, "toColumn").and_then(|name| self.column(name)) else { continue };
                let detail = text(pair, "function").map(|function| json!({"function": function}));
                for column in list(pair, "fromColumns").iter().filter_map(Value::as_str) {
                    if let Some(column) = self.column(column) {
                        item.edges.push((to.clone(), RelationKind::DerivesFrom, column, detail.clone()));
                    }
                }
            }
        }
        let kind = match item.thing.kind {
            Kind::Pipeline => RelationKind::Reads,
            Kind::Dashboard => RelationKind::DependsOn,
            Kind::Model => RelationKind::TrainedOn,
            _ => RelationKind::DerivesFrom,
        };
        item.relations.push((kind, from));
    }

    /// A column by its full name.
    fn column(&self, full: &str) -> Option<Thing> {
        let parts = parts(full)?;
        let (table, within) = parts.split_at_checked(4).filter(|(_, within)| !within.is_empty())?;
        let table = QualifiedName::new(
            &self.namespace,
            &table.iter().map(|part| part.raw).collect::<Vec<_>>().join("."),
        );
        let column = within.iter().map(|part| part.name.as_str()).collect::<Vec<_>>().join(".");
        Some(Thing::new(Kind::Column, table.ok()?.part(&column).ok()?))
    }
}

/// A part of a full name, as it stands there and as it is called.
struct Part<'a> {
    raw: &'a str,
    name: String,
}

/// A full name's parts: those with a dot in them stand in quotes, and a quote in those is doubled.
fn parts(full: &str) -> Option<Vec<Part<'_>>> {
    let mut all = Vec::new();
    let mut rest = full;
    loop {
        let (raw, after) = match rest.strip_prefix('"') {
            None => rest.split_once('.').map_or((rest, None), |(part, after)| (part, Some(after))),
            Some(quoted) => {
                let mut end = 0;
                loop {
                    end += quoted.get(end..)?.find('"')?;
                    if quoted.get(end + 1..)?.starts_with('"') {
                        end += 2;
                    } else {
                        break;
                    }
                }
                let (raw, after) = rest.split_at_checked(end + 2)?;
                match after {
                    "" => (raw, None),
                    after => (raw, Some(after.strip_prefix('.')?)),
                }
            }
        };
        if raw.is_empty() {
            return None;
        }
        let name =
            raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"')).unwrap_or(raw).replace("\"\"", "\"");
        all.push(Part { raw, name });
        match after {
            Some(after) => rest = after,
            None => return Some(all),
        }
    }
}

/// What the service itself calls it.
fn service_name(entity: &Value, full: &str) -> Option<QualifiedName> {
    let all = parts(full)?;
    let names: Vec<&str> = all.iter().skip(1).map(|part| part.name.as_str()).collect();
    platform::name(text(entity, "serviceType")?, &names)
}

fn columns(all: &[Value], primary: &[String]) -> Vec<Column> {
    let mut columns = Vec::new();
    add_columns(all, "", primary, 0, &mut columns);
    columns
}

/// Fields within a column follow it, under its name.
fn add_columns(all: &[Value], within: &str, primary: &[String], depth: usize, columns: &mut Vec<Column>) {
    if depth > DEEPEST_FIELD {
        return;
    }
    for column in all {
        let name = format!("{within}{}", text(column, "name").unwrap_or_default());
        let mut properties = Map::new();
        if primary.contains(&name) {
            properties.insert("key".to_owned(), "primary".into());
        }
        let children = list(column, "children");
        columns.push(Column {
            name: name.clone(),
            data_type: owned(column, "dataTypeDisplay").or_else(|| owned(column, "dataType")),
            nullable: match text(column, "constraint") {
                Some("NULL") => Some(true),
                Some("NOT_NULL" | "PRIMARY_KEY") => Some(false),
                _ => None,
            },
            description: owned(column, "description"),
            tags: Some(tags(column)),
            properties,
        });
        add_columns(children, &format!("{name}."), primary, depth + 1, columns);
    }
}

fn tags(entity: &Value) -> Vec<String> {
    // A suggestion is nobody's word yet.
    let held = list(entity, "tags").iter().filter(|tag| text(tag, "state") != Some("Suggested"));
    held.filter_map(|tag| owned(tag, "tagFQN")).collect()
}

fn tier(entity: &Value) -> Value {
    let tier = list(entity, "tags").iter().find_map(|tag| text(tag, "tagFQN")?.strip_prefix("Tier."));
    tier.map_or(Value::Null, Value::from)
}

fn owners(entity: &Value) -> Vec<String> {
    // Before 1.5 there was one.
    let all = list(entity, "owners").iter().chain(entity.get("owner"));
    all.filter_map(|owner| owned(owner, "name").or_else(|| owned(owner, "fullyQualifiedName"))).collect()
}

/// `MaterializedView` as words.
fn spaced(word: &str) -> String {
    word.chars().fold(String::new(), |mut words, c| {
        if c.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(c.to_lowercase());
        words
    })
}
