//! Milvus, by its REST API (v2). Milvus answers 200 to everything and says in `code` how it went.

use catena_ingest::vector::{Collection, Entry, Mapping};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{BOUND, Collections, Held, Opens, Page, Store, Vectors};
use crate::{
    cancel::Cancel,
    connector::{Connector, Note, ReadError},
    http::{Client, HttpError},
    named_server::NamedServer,
    pause::Pending,
    registry::{Address, FormField, Proof, Settings, System},
};

/// Milvus in the list of systems.
pub(crate) const SYSTEM: System = System::new(
    "milvus",
    "Milvus",
    "the address of a Milvus server (http://host:19530): its collections and their entities' fields",
    open,
)
.asking(
    "http://127.0.0.1:19530",
    Proof::TokenOrPassword,
    &[
        FormField { key: "database", label: "Database", hint: "default when left empty.", choices: &[] },
        BOUND,
        crate::registry::USER,
    ],
);

/// The last entity that a query can reach (Milvus's own limit).
const LAST: u64 = 16_384;

const GONE: i64 = 100;

fn open(address: &Address, settings: Settings) -> Result<Box<dyn Connector>, ReadError> {
    let url = address.url("the address of a Milvus server, such as http://host:19530")?;
    Ok(Box::new(Vectors::new(Milvus(NamedServer::new(url, settings)?))?))
}

struct Milvus(NamedServer);

impl Opens for Milvus {
    const TITLE: &'static str = "Milvus";

    fn mapping(&self) -> Mapping {
        Mapping::new("milvus", &self.0.endpoint.authority(), self.0.settings.clock.now())
    }

    fn settings(&self) -> &Settings {
        &self.0.settings
    }

    fn open<'a>(&'a self, cancel: &'a Cancel) -> Pending<'a, Result<Box<dyn Store>, ReadError>> {
        Box::pin(async move {
            let client = self.0.client("a Milvus server", cancel).await?;
            let database = self.0.settings.option("database").map(str::to_owned);
            Ok(Box::new(Api { client, database }) as Box<dyn Store>)
        })
    }
}

struct Api {
    client: Client,
    database: Option<String>,
}

#[derive(Deserialize)]
struct Answer {
    code: i64,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    data: Value,
}

impl Api {
    /// Asks; none when what was asked about is gone.
    async fn asked(&self, what: &str, mut body: Value) -> Result<Option<Value>, ReadError> {
        if let Some(database) = &self.database {
            body["dbName"] = database.as_str().into();
        }
        let path = format!("v2/vectordb/{what}");
        let answer: Answer = self.client.post(&path, &body).await?.read()?;
        match answer.code {
            // Servers before 2.4 said 200 for success.
            0 | 200 => Ok(Some(answer.data)),
            GONE => Ok(None),
            code => Err(HttpError::Refused {
                url: self.client.endpoint().at(&path).to_string(),
                status: 200,
                code: Some(code.to_string()),
                message: answer
                    .message
                    .map(|text| text.chars().filter(|c| !c.is_control()).take(400).collect()),
            }
            .into()),
        }
    }
}

impl Store for Api {
    fn version(&self) -> Pending<'_, Result<Option<String>, ReadError>> {
        Box::pin(async { Ok(Some("REST API v2".to_owned())) })
    }

    fn collections(&self) -> Pending<'_, Result<Collections, ReadError>> {
        Box::pin(async move {
            let names = self.asked("collections/list", json!({})).await?.unwrap_or_default();
            let names: Vec<String> =
                names.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
            let (mut all, mut notes) = (Vec::new(), Vec::new());
            for name in names {
                let about = json!({ "collectionName": name });
                let Some(told) = self.asked("collections/describe", about.clone()).await? else { continue };
                let stats = self.asked("collections/get_stats", about).await?.unwrap_or_default();
                let records = stats["rowCount"].as_u64();
                if told["load"].as_str().is_some_and(|state| !state.contains("Loaded")) {
                    let why = "it is not loaded into memory, so its entities can't be asked for".to_owned();
                    notes.push(Note { place: format!("records of {name}"), why });
                }
                all.push(held(self.database.as_deref(), name, told, records));
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
            let end = || Ok(Some(Page { entries: Vec::new(), next: None }));
            let offset: u64 = after.and_then(|text| text.parse().ok()).unwrap_or(0);
            let told = &held.collection.other;
            let loaded =
                told.get("load").and_then(Value::as_str).is_none_or(|state| state.contains("Loaded"));
            let limit = most.min(LAST.saturating_sub(offset));
            if limit == 0 || !loaded {
                return end();
            }
            let (key, _) = primary_key(&told["fields"]);
            let fields: Vec<&str> =
                plain_fields(&told["fields"]).filter_map(|field| field["name"].as_str()).collect();
            let asked = json!({
                "collectionName": held.key, "filter": "", "outputFields": fields, "limit": limit, "offset": offset,
            });
            let Some(found) = self.asked("entities/query", asked).await? else { return Ok(None) };
            let found: Vec<Map<String, Value>> =
                serde_json::from_value(found).map_err(|error| HttpError::Unreadable {
                    url: self.client.endpoint().origin(),
                    why: error.to_string(),
                    system: "a Milvus server",
                })?;
            let count = found.len() as u64;
            let next = (count >= limit).then(|| (offset + count).to_string());
            let entries = found.into_iter().map(|mut entity| {
                let id = entity.shift_remove(key).unwrap_or_default();
                Entry::of_payload(&id, entity)
            });
            Ok(Some(Page { entries: entries.collect(), next }))
        })
    }
}

fn is_vector(field: &Value) -> bool {
    field["type"].as_str().is_some_and(|name| name.ends_with("Vector"))
}

fn plain_fields(fields: &Value) -> impl Iterator<Item = &Value> {
    fields.as_array().into_iter().flatten().filter(|field| !is_vector(field))
}

fn primary_key(fields: &Value) -> (&str, &str) {
    let key = plain_fields(fields).find(|field| field["primaryKey"] == true);
    let word = |at: &str| key.and_then(|key| key[at].as_str());
    (word("name").unwrap_or("id"), word("type").unwrap_or_default())
}

fn held(database: Option<&str>, name: String, told: Value, records: Option<u64>) -> Held {
    let vector = told["fields"].as_array().into_iter().flatten().find(|field| is_vector(field));
    // Parameters are an object, or pairs of key and value; a number may be a text.
    let dimension = vector.and_then(|field| match &field["params"] {
        Value::Array(pairs) => {
            pairs.iter().find(|pair| pair["key"] == "dim").map(|pair| pair["value"].clone())
        }
        params => params.get("dim").cloned(),
    });
    let dimension = dimension.and_then(|dim| dim.as_u64().or_else(|| dim.as_str()?.parse().ok()));
    let index = told["indexes"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|index| vector.is_none_or(|vector| index["fieldName"] == vector["name"]));
    let word = |key: &str| index.and_then(|index| index[key].as_str()).map(str::to_lowercase);
    let declared: Vec<(String, String)> = plain_fields(&told["fields"])
        .filter_map(|field| Some((field["name"].as_str()?.to_owned(), field["type"].as_str()?.to_owned())))
        .collect();
    let shown = match database.filter(|database| *database != "default") {
        Some(database) => format!("{database}/{name}"),
        None => name.clone(),
    };
    Held {
        collection: Collection {
            name: shown,
            title: Some(name.clone()),
            description: told["description"].as_str().map(str::to_owned),
            dimension,
            metric: word("metricType"),
            index: word("indexType"),
            embedding: None,
            records,
            declared,
            other: told.as_object().cloned().unwrap_or_default(),
        },
        key: name,
    }
}
