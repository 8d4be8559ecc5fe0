//! Nexla over its public REST API: data sources, nexsets with their schemas, data sinks, transforms and flows.
//!
//! This follows Nexla's documentation (the reference of its API and of its SDK, version 1.0.8) and was not run against the
//! service itself. Objects are listed in numbered pages; a reading that was cut short goes on with its page. What could be
//! written back: names, descriptions and tags of each, blind.

use catena_ingest::nexla::{Mapping, Sort};
use reqwest::header::{ACCEPT, AUTHORIZATION};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    cancel::Cancel,
    connector::{Connector, Cursor, Done, Found, Note, Probe, Progress, ReadError, Sink},
    handover::{Out, Stop, fetching},
    http::{Client, HttpError},
    listing::left_out,
    named_server::NamedServer,
    pause::Pending,
    registry::{Address, FormField, Proof, Settings, System},
    secret::{Credential, Secret},
};

const EXPECTED: &str = "Nexla's API";

/// How many objects are asked for at once.
const AT_ONCE: u64 = 100;

/// How many pages of one sort are read; a server that never comes to an end has to be stopped somewhere.
const MOST_PAGES: u64 = 100_000;

/// Nexla in the list of systems.
pub(crate) const SYSTEM: System = System::new(
    "nexla",
    "Nexla",
    "the address of its API (https://dataops.nexla.io/nexla-api): sources, nexsets with schemas, sinks, transforms and \
     flows. Made after its documentation, not tried with the service itself",
    open,
)
.asking(
    "https://dataops.nexla.io/nexla-api",
    Proof::TokenOrPassword,
    &[FormField {
        key: "secret",
        label: "The secret is",
        hint: "A service key lasts; a session's access token ends within hours. A service key when left empty.",
        choices: &["service key", "access token"],
    }],
);

fn open(address: &Address, settings: Settings) -> Result<Box<dyn Connector>, ReadError> {
    let url = address.url("the address of Nexla's API, such as https://dataops.nexla.io/nexla-api")?;
    Ok(Box::new(Nexla { server: NamedServer::new(url, settings)? }))
}

/// An account at a server.
#[derive(Debug)]
struct Nexla {
    server: NamedServer,
}

/// The page that comes next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    /// The sort's place in the API; `flows` after all others.
    sort: String,
    page: u64,
}

impl Nexla {
    /// A client that asks for the version of the API that is read here.
    async fn client(&self, cancel: &Cancel) -> Result<Client, HttpError> {
        let version = Secret::new("application/vnd.nexla.api.v1+json");
        self.logged_in(cancel).await?.with_header(ACCEPT, &version)
    }

    async fn logged_in(&self, cancel: &Cancel) -> Result<Client, HttpError> {
        let Some(Credential::Bearer(key)) = self.server.credential() else {
            return self.server.client(EXPECTED, cancel).await;
        };
        if self.server.settings.option("secret") == Some("access token") {
            return self.server.client(EXPECTED, cancel).await;
        }
        let asking = self.server.client_as(None, EXPECTED, cancel).await?;
        let asking = asking.with_header(AUTHORIZATION, &Secret::new(format!("Basic {}", key.expose())))?;
        let answer: Value = asking.post("token", &json!({})).await?.read()?;
        let token = answer["access_token"].as_str().filter(|token| !token.is_empty());
        let token = token.ok_or_else(|| asking.unreadable("token", "it has no access_token"))?;
        let token = Credential::Bearer(Secret::new(token));
        self.server.client_as(Some(&token), EXPECTED, cancel).await
    }

    fn mapping(&self) -> Mapping {
        let settings = &self.server.settings;
        Mapping::new(&self.server.name(), settings.clock.now()).within(settings.namespace.as_deref())
    }
}

impl Connector for Nexla {
    fn probe<'a>(&'a self, cancel: &'a Cancel) -> Pending<'a, Result<Probe, ReadError>> {
        Box::pin(async move {
            let client = self.client(cancel).await?;
            // There is nothing that says how many there are.
            let sources = page(&client, Sort::Source.path(), 1).await?.len() as u64;
            let found =
                if sources < AT_ONCE { vec![Found::new("data sources", sources)] } else { Vec::new() };
            let why =
                "this follows Nexla's documentation and was not tried with the service itself".to_owned();
            Ok(Probe {
                system: "Nexla".to_owned(),
                version: None,
                namespace: self.mapping().namespace().to_owned(),
                found,
                notes: vec![Note { place: "Nexla".to_owned(), why }],
            })
        })
    }

    fn read<'a>(
        &'a self,
        from: Option<&'a Cursor>,
        sink: &'a mut dyn Sink,
        cancel: &'a Cancel,
    ) -> Pending<'a, Result<Done, ReadError>> {
        Box::pin(async move {
            let place = from.map(Cursor::place::<Place>).transpose()?;
            let client = self.client(cancel).await?;
            let mapping = self.mapping();
            fetching(|out| walk(client, mapping, out, place), sink, cancel).await
        })
    }
}

/// A page: a list, or an object that has the list under its own name.
async fn page(client: &Client, path: &str, number: u64) -> Result<Vec<Value>, HttpError> {
    let (number, at_once) = (number.to_string(), AT_ONCE.to_string());
    let mut query = vec![("page", number.as_str()), ("per_page", at_once.as_str())];
    if path == "flows" {
        query.push(("flows_only", "1"));
    }
    let answer: Value = client.get(path, &query).await?.read()?;
    match answer {
        Value::Array(items) => Ok(items),
        Value::Object(mut map) => match map.remove(path) {
            Some(Value::Array(items)) => Ok(items),
            _ => Err(client.unreadable(path, "it is no list")),
        },
        _ => Err(client.unreadable(path, "it is no list")),
    }
}

async fn walk(client: Client, mapping: Mapping, out: Out, from: Option<Place>) -> Result<(), Stop> {
    let sorts: Vec<(Option<Sort>, &str)> =
        Sort::ALL.map(|sort| (Some(sort), sort.path())).into_iter().chain([(None, "flows")]).collect();
    let first = from.as_ref().and_then(|place| sorts.iter().position(|(_, path)| *path == place.sort));
    for (sort, path) in &sorts[first.unwrap_or(0)..] {
        let mut place = Place { sort: (*path).to_owned(), page: 1 };
        if let Some(from) = from.as_ref().filter(|from| from.sort == *path) {
            place = from.clone();
        }
        let mut last: Vec<Value> = Vec::new();
        let mut done = 0;
        loop {
            let items = match page(&client, path, place.page).await {
                Ok(items) => items,
                Err(error) => match left_out(&error) {
                    Some(why) => {
                        out.note(&path.replace('_', " "), why).await?;
                        break;
                    }
                    None => return Err(error.into()),
                },
            };
            let is_last = (items.len() as u64) < AT_ONCE;
            if !items.is_empty() && items == last || place.page > MOST_PAGES {
                let url = client.endpoint().origin();
                return Err(HttpError::Endless { url, what: path.replace('_', " ") }.into());
            }
            let read = |item: &Value| match sort {
                Some(sort) => mapping.object(*sort, item),
                None => mapping.flow(item),
            };
            let reads = items.iter().flat_map(read).collect();
            done += items.len() as u64;
            last = items;
            if !is_last {
                place.page += 1;
            }
            out.portion(reads, Cursor::at(&place)).await?;
            out.progress(Progress { stage: path.replace('_', " "), done, of: None }).await?;
            if is_last {
                break;
            }
        }
    }
    Ok(())
}
