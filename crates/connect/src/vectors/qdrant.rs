//! Qdrant, by its REST API.

use catena_ingest::vector::{Collection, Entry, Mapping};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{BOUND, Collections, Held, Opens, Page, Store, Vectors};
use crate::{
    cancel::Cancel,
    connector::{Connector, ReadError},
    http::{Client, segment},
    named_server::NamedServer,
    pause::Pending,
    registry::{Address, Proof, Settings, System},
};

/// Qdrant in the list of systems.
pub(crate) const SYSTEM: System = System::new(
    "qdrant",
    "Qdrant",
    "the address of a Qdrant server (http://host:6333): its collections and their points' payloads",
    open,
)
.asking("http://127.0.0.1:6333", Proof::TokenOrPassword, &[BOUND]);

fn open(address: &Address, settings: Settings) -> Result<Box<dyn Connector>, ReadError> {
    let url = address.url("the address of a Qdrant server, such as http://host:6333")?;
    Ok(Box::new(Vectors::new(Qdrant(NamedServer::new(url, settings)?))?))
}

struct Qdrant(NamedServer);

impl Opens for Qdrant {
    const TITLE: &'static str = "Qdrant";

    fn mapping(&self) -> Mapping {
        Mapping::new("qdrant", &self.0.endpoint.authority(), self.0.settings.clock.now())
    }

    fn settings(&self) -> &Settings {
        &self.0.settings
    }

    fn open<'a>(&'a self, cancel: &'a Cancel) -> Pending<'a, Result<Box<dyn Store>, ReadError>> {
        Box::pin(async move {
            Ok(Box::new(Api(self.0.client("a Qdrant server", cancel).await?)) as Box<dyn Store>)
        })
    }
}

struct Api(Client);

#[derive(Deserialize)]
struct Answer<T> {
    result: T,
}

#[derive(Deserialize)]
struct Listed {
    collections: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct Scrolled {
    points: Vec<Point>,
    #[serde(default)]
    next_page_offset: Value,
}

#[derive(Deserialize)]
struct Point {
    id: Value,
    #[serde(default)]
    payload: Option<Map<String, Value>>,
}

impl Store for Api {
    fn version(&self) -> Pending<'_, Result<Option<String>, ReadError>> {
        Box::pin(async move {
            match self.0.get("", &[]).await {
                Ok(answer) => Ok(answer.read::<Value>()?["version"].as_str().map(str::to_owned)),
                Err(error) if error.is_missing() => Ok(None),
                Err(error) => Err(error.into()),
            }
        })
    }

    fn collections(&self) -> Pending<'_, Result<Collections, ReadError>> {
        Box::pin(async move {
            let listed: Answer<Listed> = self.0.get("collections", &[]).await?.read()?;
            let mut all = Vec::new();
            for Named { name } in listed.result.collections {
                match self.0.get(&format!("collections/{}", segment(&name)), &[]).await {
                    Ok(answer) => all.push(held(&name, &answer.read::<Answer<Value>>()?.result)),
                    // Deleted since it was listed.
                    Err(error) if error.is_missing() => {}
                    Err(error) => return Err(error.into()),
                }
            }
            Ok((all, Vec::new()))
        })
    }

    fn page<'a>(
        &'a self,
        held: &'a Held,
        after: Option<&'a str>,
        most: u64,
    ) -> Pending<'a, Result<Option<Page>, ReadError>> {
        Box::pin(async move {
            // The next page's first id, a number or a text, as it was given.
            let offset: Value = after.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
            let mut asked = json!({ "limit": most, "with_payload": true, "with_vector": false });
            if !offset.is_null() {
                asked["offset"] = offset;
            }
            let path = format!("collections/{}/points/scroll", segment(&held.key));
            let found = match self.0.post(&path, &asked).await {
                Ok(answer) => answer.read::<Answer<Scrolled>>()?.result,
                Err(error) if error.is_missing() => return Ok(None),
                Err(error) => return Err(error.into()),
            };
            let entries = found.points.into_iter();
            let entries =
                entries.map(|point| Entry::of_payload(&point.id, point.payload.unwrap_or_default()));
            let next = (!found.next_page_offset.is_null()).then(|| found.next_page_offset.to_string());
            Ok(Some(Page { entries: entries.collect(), next }))
        })
    }
}

fn held(name: &str, info: &Value) -> Held {
    let params = &info["config"]["params"];
    let vectors = &params["vectors"];
    // One vector without a name, or several with names: the first is told, all are kept.
    let first = match vectors.get("size") {
        Some(_) => vectors,
        None => vectors.as_object().and_then(|named| named.values().next()).unwrap_or(&Value::Null),
    };
    let schema = info["payload_schema"].as_object().into_iter().flatten();
    let declared =
        schema.filter_map(|(key, value)| Some((key.clone(), value["data_type"].as_str()?.to_owned())));
    let kept = ["status", "indexed_vectors_count", "segments_count"];
    let mut other: Map<String, Value> =
        kept.into_iter().filter_map(|key| Some((key.to_owned(), info.get(key)?.clone()))).collect();
    other.insert("config".to_owned(), info["config"].clone());
    Held {
        key: name.to_owned(),
        collection: Collection {
            name: name.to_owned(),
            dimension: first["size"].as_u64(),
            metric: first["distance"].as_str().map(str::to_lowercase),
            index: info["config"]["hnsw_config"].is_object().then(|| "hnsw".to_owned()),
            records: info["points_count"].as_u64(),
            declared: declared.collect(),
            other,
            ..Collection::default()
        },
    }
}
