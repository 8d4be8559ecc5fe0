//! From the aspects that DataHub keeps of its entities to statements.
//!
//! An entity is named by its urn in `datahub://HOST`; a dataset is also known by the name that its platform gives it, so
//! that it meets what the platform itself and its jobs say of it.

mod urn;

use catena_model::{
    kind::Kind,
    name::QualifiedName,
    relation::RelationKind,
    source::Source,
    statement::{Read, Thing},
    time::Timestamp,
};
use serde_json::{Map, Value, json};

use self::urn::{Urn, field_path};
use crate::{
    inventory::{Column, Item, list, owned, plain, text, thing, unnamed},
    platform,
};

#[cfg(test)]
mod tests;

/// A sort of entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// Its word in urns and in the API: `dataFlow`.
    pub word: &'static str,
    /// Its word in searches: `DATA_FLOW`.
    pub search: &'static str,
    /// What is asked of it.
    pub aspects: &'static [&'static str],
    kind: Kind,
    subtype: &'static str,
}

const fn sort(
    word: &'static str,
    search: &'static str,
    kind: Kind,
    subtype: &'static str,
    aspects: &'static [&'static str],
) -> Sort {
    Sort { word, search, aspects, kind, subtype }
}

/// Everything that is read, in this order.
pub static SORTS: &[Sort] = &[
    sort(
        "glossaryTerm",
        "GLOSSARY_TERM",
        Kind::Term,
        "glossary term",
        &["glossaryTermInfo", "ownership", "status"],
    ),
    sort(
        "dataset",
        "DATASET",
        Kind::Dataset,
        "table",
        &[
            "datasetProperties",
            "editableDatasetProperties",
            "schemaMetadata",
            "editableSchemaMetadata",
            "ownership",
            "globalTags",
            "glossaryTerms",
            "upstreamLineage",
            "subTypes",
            "viewProperties",
            "status",
            "deprecation",
        ],
    ),
    sort(
        "dataFlow",
        "DATA_FLOW",
        Kind::Pipeline,
        "pipeline",
        &["dataFlowInfo", "editableDataFlowProperties", "ownership", "globalTags", "glossaryTerms", "status"],
    ),
    sort(
        "dataJob",
        "DATA_JOB",
        Kind::Job,
        "task",
        &[
            "dataJobInfo",
            "editableDataJobProperties",
            "dataJobInputOutput",
            "ownership",
            "globalTags",
            "glossaryTerms",
            "subTypes",
            "status",
        ],
    ),
    sort(
        "dashboard",
        "DASHBOARD",
        Kind::Dashboard,
        "dashboard",
        &[
            "dashboardInfo",
            "editableDashboardProperties",
            "ownership",
            "globalTags",
            "glossaryTerms",
            "status",
        ],
    ),
    sort(
        "chart",
        "CHART",
        Kind::Dashboard,
        "chart",
        &["chartInfo", "editableChartProperties", "ownership", "globalTags", "glossaryTerms", "status"],
    ),
    sort(
        "mlModelGroup",
        "MLMODEL_GROUP",
        Kind::Model,
        "model group",
        &["mlModelGroupProperties", "ownership", "globalTags", "status"],
    ),
    sort(
        "mlModel",
        "MLMODEL",
        Kind::Model,
        "model",
        &["mlModelProperties", "ownership", "globalTags", "glossaryTerms", "status"],
    ),
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
        Self { authority: authority.to_owned(), namespace: format!("datahub://{authority}"), at }
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

    /// An entity by its aspects: an object from their names to `{"value": ...}`, with the `urn` among them.
    pub fn entity(&self, sort: &Sort, entity: &Value) -> Vec<Read> {
        let urn = text(entity, "urn").unwrap_or_default();
        match self.item(sort, entity, urn) {
            Ok(item) => item.read(Source::system("datahub", &self.authority), self.at),
            Err(why) => unnamed(&format!("{} {urn}", sort.subtype), &why),
        }
    }

    fn item(&self, sort: &Sort, entity: &Value, urn: &str) -> Result<Item, String> {
        let parsed =
            Urn::parse(urn).ok_or_else(|| format!("{urn:?} is no urn: expected urn:li:{}:...", sort.word))?;
        let mut item = Item::new(thing(sort.kind, &self.namespace, urn)?);
        let aspects = Aspects(entity);
        let info = aspects.info(sort.word);
        item.name = ["name", "title"].iter().find_map(|key| owned(info, key)).or_else(|| parsed.short());
        item.subtype =
            aspects.list("subTypes", "typeNames").first().and_then(Value::as_str).map(str::to_lowercase);
        item.subtype.get_or_insert_with(|| sort.subtype.to_owned());
        // What a person wrote in DataHub stands over what came from the platform.
        item.description = aspects
            .edited(sort.word)
            .and_then(|edited| owned(edited, "description"))
            .or_else(|| owned(info, "description").or_else(|| owned(info, "definition")));
        item.url = ["externalUrl", "dashboardUrl", "chartUrl"].iter().find_map(|key| owned(info, key));
        item.url = item.url.filter(|url| url.starts_with("http"));
        item.lifecycle = match (&aspects.of("status")["removed"], &aspects.of("deprecation")["deprecated"]) {
            (Value::Bool(true), _) => Some("deleted".to_owned()),
            (_, Value::Bool(true)) => Some("deprecated".to_owned()),
            _ => None,
        };
        item.owners = aspects
            .list("ownership", "owners")
            .iter()
            .filter_map(|owner| Some(named(text(owner, "owner")?)))
            .collect();
        item.tags = Some(tags(aspects.of("globalTags")));
        for (key, value) in info["customProperties"].as_object().into_iter().flatten().take(500) {
            item.property(key, value);
        }
        item.property("platform", &parsed.platform().map_or(Value::Null, Value::from));
        item.property("environment", &parsed.environment().map_or(Value::Null, Value::from));
        item.relations.push((RelationKind::RelatedTo, self.terms(aspects.of("glossaryTerms"))));
        match sort.word {
            "dataset" => self.tell_dataset(&mut item, &parsed, aspects),
            "dataJob" => {
                item.within = parsed.parts().first().and_then(|flow| self.by_urn(flow));
                let io = aspects.of("dataJobInputOutput");
                let all = |list_of: &str, edges: &str| -> Vec<Thing> {
                    let plain = list(io, list_of).iter().filter_map(Value::as_str);
                    let edges = list(io, edges).iter().filter_map(|edge| text(edge, "destinationUrn"));
                    plain.chain(edges).filter_map(|urn| self.by_urn(urn)).collect()
                };
                item.relations.push((RelationKind::Reads, all("inputDatasets", "inputDatasetEdges")));
                item.relations.push((RelationKind::Writes, all("outputDatasets", "outputDatasetEdges")));
                self.tell_fine_grained(&mut item, list(io, "fineGrainedLineages"));
            }
            "dashboard" | "chart" => {
                let plain = ["charts", "datasets", "inputs"].into_iter().flat_map(|key| list(info, key));
                let plain = plain.filter_map(|input| input.as_str().or_else(|| input["string"].as_str()));
                let edges =
                    ["chartEdges", "datasetEdges", "inputEdges"].into_iter().flat_map(|key| list(info, key));
                let edges = edges.filter_map(|edge| text(edge, "destinationUrn"));
                let on = plain.chain(edges).filter_map(|urn| self.by_urn(urn)).collect();
                item.relations.push((RelationKind::DependsOn, on));
            }
            "mlModel" => {
                item.version = owned(&info["version"], "versionTag");
                item.within = list(info, "groups").iter().find_map(|group| self.by_urn(group.as_str()?));
                let jobs = list(info, "trainingJobs").iter().filter_map(|job| self.by_urn(job.as_str()?));
                item.relations.push((RelationKind::ProducedBy, jobs.collect()));
                let body = json!({
                    "type": info["type"], "parameters": info["hyperParams"], "metrics": info["trainingMetrics"],
                    "features": info["mlFeatures"],
                });
                item.facets.push(("mlModel", body));
            }
            _ => {}
        }
        Ok(item)
    }

    fn tell_dataset(&self, item: &mut Item, urn: &Urn, aspects: Aspects<'_>) {
        if let (Some(platform), Some(name), Some("PROD")) =
            (urn.platform(), urn.parts().get(1), urn.environment())
        {
            let parts: Vec<&str> = name.split('.').collect();
            item.also.extend(platform::name(platform, &parts));
        }
        let edited = aspects.list("editableSchemaMetadata", "editableSchemaFieldInfo");
        for field in aspects.list("schemaMetadata", "fields") {
            let raw = text(field, "fieldPath").unwrap_or_default();
            let edited = edited.iter().find(|edited| text(edited, "fieldPath") == Some(raw));
            let mut all = tags(&field["globalTags"]);
            all.extend(edited.map(|edited| tags(&edited["globalTags"])).unwrap_or_default());
            let terms = [Some(&field["glossaryTerms"]), edited.map(|edited| &edited["glossaryTerms"])];
            let terms = terms.into_iter().flatten().flat_map(|terms| list(terms, "terms"));
            all.extend(terms.filter_map(|term| Some(named(text(term, "urn")?))));
            let mut properties = Map::new();
            if field["isPartOfKey"] == true {
                properties.insert("key".to_owned(), "primary".into());
            }
            item.columns.push(Column {
                name: field_path(raw),
                data_type: owned(field, "nativeDataType"),
                nullable: field["nullable"].as_bool(),
                description: edited
                    .and_then(|edited| owned(edited, "description"))
                    .or_else(|| owned(field, "description")),
                tags: Some(all),
                properties,
            });
        }
        let view = aspects.of("viewProperties");
        if let Some(sql) = text(view, "viewLogic") {
            item.facets.push(("sql", json!({"query": sql.trim(), "dialect": urn.platform()})));
        }
        let lineage = aspects.of("upstreamLineage");
        let from = list(lineage, "upstreams")
            .iter()
            .filter_map(|edge| self.by_urn(text(edge, "dataset")?))
            .collect();
        item.relations.push((RelationKind::DerivesFrom, from));
        self.tell_fine_grained(item, list(lineage, "fineGrainedLineages"));
    }

    fn tell_fine_grained(&self, item: &mut Item, all: &[Value]) {
        for pair in all {
            let of = |key| list(pair, key).iter().filter_map(|urn| self.column(urn.as_str()?));
            let from: Vec<Thing> = of("upstreams").collect();
            let detail = text(pair, "transformOperation").map(|how| json!({"function": how}));
            for to in of("downstreams") {
                for from in &from {
                    item.edges.push((to.clone(), RelationKind::DerivesFrom, from.clone(), detail.clone()));
                }
            }
        }
    }

    fn terms(&self, aspect: &Value) -> Vec<Thing> {
        list(aspect, "terms").iter().filter_map(|term| self.by_urn(text(term, "urn")?)).collect()
    }

    /// The entity of a urn, when it is of a sort that is read.
    fn by_urn(&self, urn: &str) -> Option<Thing> {
        let parsed = Urn::parse(urn)?;
        let sort = SORTS.iter().find(|sort| sort.word == parsed.word())?;
        thing(sort.kind, &self.namespace, urn).ok()
    }

    /// The column of a `schemaField` urn.
    fn column(&self, urn: &str) -> Option<Thing> {
        let parsed = Urn::parse(urn).filter(|urn| urn.word() == "schemaField")?;
        let [dataset, field] = parsed.parts() else { return None };
        let dataset: Thing = self.by_urn(dataset)?;
        let name: QualifiedName = dataset.name.part(&field_path(field)).ok()?;
        Some(Thing::new(Kind::Column, name))
    }
}

/// An entity's aspects, each in its envelope.
#[derive(Clone, Copy)]
struct Aspects<'a>(&'a Value);

impl<'a> Aspects<'a> {
    fn of(self, name: &str) -> &'a Value {
        static NOTHING: Value = Value::Null;
        self.0.get(name).and_then(|aspect| aspect.get("value")).unwrap_or(&NOTHING)
    }

    fn list(self, name: &str, key: &str) -> &'a [Value] {
        list(self.of(name), key)
    }

    /// What there is on an entity of this sort first of all.
    fn info(self, word: &str) -> &'a Value {
        self.of(match word {
            "dataset" => "datasetProperties",
            "dataFlow" => "dataFlowInfo",
            "dataJob" => "dataJobInfo",
            "dashboard" => "dashboardInfo",
            "chart" => "chartInfo",
            "mlModel" => "mlModelProperties",
            "mlModelGroup" => "mlModelGroupProperties",
            _ => "glossaryTermInfo",
        })
    }

    /// What people wrote over it.
    fn edited(self, word: &str) -> Option<&'a Value> {
        Some(self.of(match word {
            "dataset" => "editableDatasetProperties",
            "dataFlow" => "editableDataFlowProperties",
            "dataJob" => "editableDataJobProperties",
            "dashboard" => "editableDashboardProperties",
            "chart" => "editableChartProperties",
            _ => return None,
        }))
    }
}

fn tags(aspect: &Value) -> Vec<String> {
    list(aspect, "tags").iter().filter_map(|tag| Some(named(text(tag, "tag")?))).collect()
}

/// What people call the thing of a urn: `urn:li:tag:pii` is `pii`.
fn named(urn: &str) -> String {
    Urn::parse(urn).and_then(|urn| urn.short()).or_else(|| plain(&Value::from(urn))).unwrap_or_default()
}
