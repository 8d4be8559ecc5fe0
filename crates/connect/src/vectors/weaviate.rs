//! Weaviate, by its REST API.

use std::collections::BTreeMap;

use catena_ingest::vector::{Collection, Entry, Mapping};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{BOUND, Collections, Held, Opens, Page, Store, Vectors};
use crate::{
    cancel::Cancel,
    connector::{Connector, Note, ReadError},
    http::{Client, HttpError},
    named_server::NamedServer,
    pause::Pending,
    registry::{Address, Proof, Settings, System},
};

/// Weaviate in the list of systems.
pub(crate) const SYSTEM: System = System::new(
    "weaviate",
    "Weaviate",
    "the address of a Weaviate server (http://host:8080): its collections and their objects' properties",
    open,
)
.asking("http://127.0.0.1:8080", Proof::TokenOrPassword, &[BOUND]);

fn open(address: &Address, settings: Settings) -> Result<Box<dyn Connector>, ReadError> {
    let url = address.url("the address of a Weaviate server, such as http://host:8080")?;
    Ok(Box::new(Vectors::new(Weaviate(NamedServer::new(url, settings)?))?))
}

struct Weaviate(NamedServer);

impl Opens for Weaviate {
    const TITLE: &'static str = "Weaviate";

    fn mapping(&self) -> Mapping {
        Mapping::new("weaviate", &self.0.endpoint.authority(), self.0.settings.clock.now())
    }

    fn settings(&self) -> &Settings {
        &self.0.settings
    }

    fn open<'a>(&'a self, cancel: &'a Cancel) -> Pending<'a, Result<Box<dyn Store>, ReadError>> {
        Box::pin(async move {
            Ok(Box::new(Api(self.0.client("a Weaviate server", cancel).await?)) as Box<dyn Store>)
        })
    }
}

struct Api(Client);

#[derive(Deserialize)]
struct Schema {
    #[serde(default)]
    classes: Option<Vec<Value>>,
}

#[derive(Deserialize)]
struct Objects {
    #[serde(default)]
    objects: Option<Vec<Object>>,
}

#[derive(Deserialize)]
struct Object {
    id: String,
    #[serde(default)]
    properties: Option<Map<String, Value>>,
    #[serde(default)]
    vector: Option<Vec<f64>>,
}

impl Api {
    async fn objects(&self, query: &[(&str, &str)]) -> Result<Vec<Object>, HttpError> {
        Ok(self.0.get("v1/objects", query).await?.read::<Objects>()?.objects.unwrap_or_default())
    }

    /// How many objects each class has, where the server tells.
    async fn counts(&self) -> Result<BTreeMap<String, u64>, HttpError> {
        let nodes: Value = match self.0.get("v1/nodes", &[("output", "verbose")]).await {
            Ok(answer) => answer.read()?,
            Err(HttpError::Refused { status: 401 | 403 | 404 | 422, .. }) => return Ok(BTreeMap::new()),
            Err(error) => return Err(error),
        };
        let mut shards: BTreeMap<(String, String), u64> = BTreeMap::new();
        let all = nodes["nodes"].as_array().into_iter().flatten().flat_map(|node| node["shards"].as_array());
        for shard in all.flatten() {
            let name = |key: &str| shard[key].as_str().unwrap_or_default().to_owned();
            let count = shard["objectCount"].as_u64().unwrap_or(0);
            // A replica has the same objects again.
            let known = shards.entry((name("class"), name("name"))).or_default();
            *known = (*known).max(count);
        }
        let mut counts = BTreeMap::new();
        for ((class, _), count) in shards {
            let all: &mut u64 = counts.entry(class).or_default();
            *all = all.saturating_add(count);
        }
        Ok(counts)
    }
}

impl Store for Api {
    fn version(&self) -> Pending<'_, Result<Option<String>, ReadError>> {
        Box::pin(async move {
            Ok(self.0.get("v1/meta", &[]).await?.read::<Value>()?["version"].as_str().map(str::to_owned))
        })
    }

    fn collections(&self) -> Pending<'_, Result<Collections, ReadError>> {
        Box::pin(async move {
            let schema: Schema = self.0.get("v1/schema", &[]).await?.read()?;
            let counts = self.counts().await?;
            let (mut all, mut notes) = (Vec::new(), Vec::new());
            for class in schema.classes.unwrap_or_default() {
                let Some(name) = class["class"].as_str().map(str::to_owned) else { continue };
                if class["multiTenancyConfig"]["enabled"] == true {
                    let why = "its objects belong to tenants, which are not read".to_owned();
                    notes.push(Note { place: format!("records of {name}"), why });
                }
                // The schema doesn't say how long vectors are; one object does.
                let query = [("class", name.as_str()), ("limit", "1"), ("include", "vector")];
                let dimension = match self.objects(&query).await {
                    Ok(objects) => objects.first().and_then(|one| Some(one.vector.as_ref()?.len() as u64)),
                    Err(HttpError::Refused { status: 404 | 422, .. }) => None,
                    Err(error) => return Err(error.into()),
                };
                let records = counts.get(&name).copied();
                all.push(held(name, &class, dimension.filter(|length| *length > 0), records));
            }
            Ok((all, notes))
        })
    }

    fn page<'a>(
        &'a self,
        held: &'a Held,
        after: Option<&'a str>,
        most: u64,
    ) -> Pending<'a, Result<Option<Page>, ReadError>> {
        Box::pin(async move {
            let limit = most.to_string();
            let mut query = vec![("class", held.key.as_str()), ("limit", &limit)];
            query.push(("after", after.unwrap_or_default()));
            let objects = match self.objects(&query).await {
                Ok(objects) => objects,
                // Gone, or of tenants.
                Err(HttpError::Refused { status: 404 | 422, .. }) => return Ok(None),
                Err(error) => return Err(error.into()),
            };
            let full = objects.len() as u64 >= most;
            let next = objects.last().filter(|_| full).map(|object| object.id.clone());
            let entries = objects.into_iter().map(|object| {
                Entry::of_payload(&Value::from(object.id), object.properties.unwrap_or_default())
            });
            Ok(Some(Page { entries: entries.collect(), next }))
        })
    }
}

fn held(name: String, class: &Value, dimension: Option<u64>, records: Option<u64>) -> Held {
    // Since 1.24 a collection may have several vectors, each with a name: the first is told, all are kept.
    let named = class["vectorConfig"].as_object().and_then(|named| named.values().next());
    let first = named.unwrap_or(class);
    let vectorizer = match &first["vectorizer"] {
        Value::Object(by_module) => by_module.iter().next().map(|(module, config)| (module.clone(), config)),
        Value::String(module) => Some((module.clone(), &class["moduleConfig"][module.as_str()])),
        _ => None,
    };
    let embedding = vectorizer.filter(|(module, _)| module != "none").map(|(module, config)| {
        match config["model"].as_str().or(config["modelName"].as_str()) {
            Some(model) => format!("{module}: {model}"),
            None => module,
        }
    });
    let properties = class["properties"].as_array().into_iter().flatten();
    let declared = properties.filter_map(|property| {
        let types = property["dataType"].as_array()?.iter().filter_map(Value::as_str).collect::<Vec<_>>();
        Some((property["name"].as_str()?.to_owned(), types.join(" or ")))
    });
    let kept =
        ["vectorConfig", "vectorIndexConfig", "moduleConfig", "replicationConfig", "multiTenancyConfig"];
    let kept = kept.into_iter().filter_map(|key| Some((key.to_owned(), class.get(key)?.clone())));
    Held {
        key: name.clone(),
        collection: Collection {
            name,
            description: class["description"].as_str().map(str::to_owned),
            dimension,
            metric: first["vectorIndexConfig"]["distance"].as_str().map(str::to_owned),
            index: first["vectorIndexType"].as_str().map(str::to_owned),
            embedding,
            records,
            declared: declared.collect(),
            other: kept.collect(),
            title: None,
        },
    }
}
