//! Pinecone: indexes by its control plane, records by each index's own host.
//!
//! A host that the control plane names gets the key only when it is Pinecone's own or the very server that a person
//! named; and there it must be a public address.

use std::sync::Arc;

use catena_ingest::vector::{Collection, Entry, Mapping};
use reqwest::header::HeaderName;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{BOUND, Collections, Held, Opens, Page, Store, Vectors};
use crate::{
    cancel::Cancel,
    connector::{Connector, Note, ReadError},
    http::{Client, Endpoint, HttpError, Reach, Wiring, segment},
    named_server::NamedServer,
    pause::Pending,
    registry::{Address, Proof, Settings, System},
    secret::{Credential, Secret},
};

/// Pinecone in the list of systems.
pub(crate) const SYSTEM: System = System::new(
    "pinecone",
    "Pinecone",
    "the address of Pinecone's API (https://api.pinecone.io): your indexes and their records' metadata",
    open,
)
.asking("https://api.pinecone.io", Proof::TokenOrPassword, &[BOUND]);

/// The version of the API that is spoken.
const API: &str = "2025-04";

/// How many ids are listed, and records fetched, in one request: the ids stand in the address.
const AT_ONCE: u64 = 50;

fn open(address: &Address, settings: Settings) -> Result<Box<dyn Connector>, ReadError> {
    let url = address.url("the address of Pinecone's API, such as https://api.pinecone.io")?;
    Ok(Box::new(Vectors::new(Pinecone(NamedServer::new(url, settings)?))?))
}

struct Pinecone(NamedServer);

async fn wired(
    endpoint: Endpoint,
    reach: Reach,
    settings: &Settings,
    cancel: &Cancel,
    key: &Secret,
) -> Result<Client, HttpError> {
    let wiring = Wiring {
        system: "Pinecone",
        reach,
        limits: settings.limits,
        pause: Arc::clone(&settings.pause),
        cancel: cancel.clone(),
    };
    with_key(Client::new(endpoint, None, wiring).await?, key)
}

fn with_key(client: Client, key: &Secret) -> Result<Client, HttpError> {
    let version = HeaderName::from_static("x-pinecone-api-version");
    client.with_header(version, &Secret::new(API))?.with_header(HeaderName::from_static("api-key"), key)
}

impl Opens for Pinecone {
    const TITLE: &'static str = "Pinecone";

    fn mapping(&self) -> Mapping {
        Mapping::new("pinecone", &self.0.endpoint.authority(), self.0.settings.clock.now())
    }

    fn settings(&self) -> &Settings {
        &self.0.settings
    }

    fn open<'a>(&'a self, cancel: &'a Cancel) -> Pending<'a, Result<Box<dyn Store>, ReadError>> {
        Box::pin(async move {
            let secret = match &self.0.credential {
                Some(Credential::Bearer(secret) | Credential::Basic { password: secret, .. }) => {
                    secret.clone()
                }
                None => Secret::new(String::new()),
            };
            let (settings, cancel) = (self.0.settings.clone(), cancel.clone());
            let endpoint = self.0.endpoint.clone();
            let client = wired(endpoint, Reach::NamedByUser, &settings, &cancel, &secret).await?;
            Ok(Box::new(Api { client, key: secret, settings, cancel }) as Box<dyn Store>)
        })
    }
}

struct Api {
    client: Client,
    key: Secret,
    settings: Settings,
    cancel: Cancel,
}

#[derive(Deserialize)]
struct Indexes {
    #[serde(default)]
    indexes: Option<Vec<Value>>,
}

#[derive(Deserialize)]
struct Ids {
    #[serde(default)]
    vectors: Vec<Id>,
    #[serde(default)]
    pagination: Option<Pagination>,
}

#[derive(Deserialize)]
struct Id {
    id: String,
}

#[derive(Deserialize)]
struct Pagination {
    #[serde(default)]
    next: Option<String>,
}

#[derive(Deserialize)]
struct Fetched {
    #[serde(default)]
    vectors: Map<String, Value>,
}

impl Api {
    /// The host of an index, if it may have the key.
    async fn host(&self, index: &Value) -> Result<Option<Client>, HttpError> {
        let named = self.client.endpoint();
        let Some(host) = index["host"].as_str() else { return Ok(None) };
        let bare = host.split_once("://").map_or(host, |(_, rest)| rest);
        if bare.trim_end_matches('/') == named.authority() {
            return Ok(Some(self.client.clone()));
        }
        let Ok((endpoint, None)) = Endpoint::parse(&format!("https://{bare}")) else { return Ok(None) };
        if !endpoint.host().ends_with(".pinecone.io") {
            return Ok(None);
        }
        Ok(Some(wired(endpoint, Reach::Public, &self.settings, &self.cancel, &self.key).await?))
    }
}

impl Store for Api {
    fn version(&self) -> Pending<'_, Result<Option<String>, ReadError>> {
        Box::pin(async { Ok(Some(format!("API {API}"))) })
    }

    fn collections(&self) -> Pending<'_, Result<Collections, ReadError>> {
        Box::pin(async move {
            let listed: Indexes = self.client.get("indexes", &[]).await?.read()?;
            let (mut all, mut notes) = (Vec::new(), Vec::new());
            for index in listed.indexes.unwrap_or_default() {
                let Some(name) = index["name"].as_str() else { continue };
                let Some(host) = self.host(&index).await? else {
                    let why = "its host is not Pinecone's own: the key was not sent there".to_owned();
                    notes.push(Note { place: format!("records of {name}"), why });
                    all.push(held(name, "", &index, &Value::Null));
                    continue;
                };
                let stats: Value = host.post("describe_index_stats", &json!({})).await?.read()?;
                let spaces: Vec<&String> =
                    stats["namespaces"].as_object().into_iter().flat_map(Map::keys).collect();
                match spaces.as_slice() {
                    [] => all.push(held(name, "", &index, &stats)),
                    // An index is split into namespaces, which are looked up in one at a time.
                    spaces => all.extend(spaces.iter().map(|space| held(name, space, &index, &stats))),
                }
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
            let index = held.collection.other.get("index").cloned().unwrap_or_default();
            let end = || Ok(Some(Page { entries: Vec::new(), next: None }));
            let Some(host) = self.host(&index).await? else { return end() };
            let space = held.collection.other.get("namespace").and_then(Value::as_str).unwrap_or_default();
            let limit = most.min(AT_ONCE).to_string();
            let mut query = vec![("namespace", space), ("limit", limit.as_str())];
            query.extend(after.map(|token| ("paginationToken", token)));
            let ids: Ids = match host.get("vectors/list", &query).await {
                Ok(answer) => answer.read()?,
                // Indexes of pods can't be listed.
                Err(HttpError::Refused { status: 400 | 404 | 501, .. }) => return Ok(None),
                Err(error) => return Err(error.into()),
            };
            let next = ids.pagination.and_then(|page| page.next).filter(|next| !next.is_empty());
            let mut entries = Vec::new();
            if !ids.vectors.is_empty() {
                let mut query: Vec<(&str, &str)> =
                    ids.vectors.iter().map(|one| ("ids", one.id.as_str())).collect();
                query.push(("namespace", space));
                let fetched: Fetched = host.get("vectors/fetch", &query).await?.read()?;
                entries.extend(fetched.vectors.into_iter().map(|(id, mut vector)| {
                    let payload = match vector["metadata"].take() {
                        Value::Object(metadata) => metadata,
                        _ => Map::new(),
                    };
                    Entry::of_payload(&Value::from(id), payload)
                }));
            }
            Ok(Some(Page { entries, next }))
        })
    }
}

fn held(name: &str, space: &str, index: &Value, stats: &Value) -> Held {
    // Traces say the index, and the namespace where it isn't the usual one.
    let usual = matches!(space, "" | "__default__");
    let shown = if usual { name.to_owned() } else { format!("{name}/{space}") };
    let embed = &index["embed"]["model"];
    let kind = ["serverless", "pod", "byoc"].into_iter().find(|kind| index["spec"][*kind].is_object());
    let count = &stats["namespaces"][space]["vectorCount"];
    let mut other = Map::new();
    other.insert("index".to_owned(), index.clone());
    other.insert("namespace".to_owned(), space.into());
    Held {
        key: format!("{}/{}", segment(name), segment(space)),
        collection: Collection {
            title: Some(shown.clone()),
            name: shown,
            dimension: index["dimension"].as_u64().or_else(|| stats["dimension"].as_u64()),
            metric: index["metric"].as_str().map(str::to_owned),
            index: kind.map(str::to_owned),
            embedding: embed.as_str().map(str::to_owned),
            records: count.as_u64(),
            other,
            ..Collection::default()
        },
    }
}
