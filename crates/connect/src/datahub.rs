//! DataHub: datasets with their fields, flows and jobs, dashboards, models, glossary terms, tags, owners and lineage.
//!
//! Which entities there are is asked over GraphQL, a page at a time by the scroll's token, and what is known of each over
//! the OpenAPI (version 3), a page of entities in one request. A reading that was cut short goes on with its page;
//! searches can't be asked for what changed since, so each reading reads all. What could be written back: the editable
//! aspects (descriptions, tags, terms, owners), conditionally on the aspect's version where the server checks it.

use std::collections::HashSet;

use catena_ingest::datahub::{Mapping, SORTS, Sort};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    cancel::Cancel,
    connector::{Connector, Cursor, Done, Found, Probe, Progress, ReadError, Sink},
    handover::{Out, Stop, fetching},
    http::{Client, HttpError},
    listing::left_out,
    named_server::NamedServer,
    pause::Pending,
    registry::{Address, Proof, Settings, System},
};

const EXPECTED: &str = "a DataHub server";
const GRAPHQL: &str = "api/graphql";

/// How many entities are asked for at once, unless their answer is too large.
const AT_ONCE: usize = 100;

/// How many pages of one sort are read; a server that never comes to an end has to be stopped somewhere.
const MOST_PAGES: usize = 1_000_000;

const SEARCH: &str = "query scroll($types: [EntityType!], $query: String!, $count: Int!, $scrollId: String) { \
    scrollAcrossEntities(input: { query: $query, count: $count, scrollId: $scrollId, types: $types, \
    searchFlags: { skipHighlighting: true, skipAggregates: true } }) \
    { nextScrollId total searchResults { entity { urn } } } }";

/// DataHub in the list of systems.
pub(crate) const SYSTEM: System = System::new(
    "datahub",
    "DataHub",
    "the address of a server (http://host:8080, or that of its web page): datasets, jobs, dashboards, models, glossary \
     terms, tags, owners and lineage",
    open,
)
.asking("http://127.0.0.1:8080", Proof::TokenOrPassword, &[]);

fn open(address: &Address, settings: Settings) -> Result<Box<dyn Connector>, ReadError> {
    let url = address.url("the address of a DataHub server, such as http://host:8080")?;
    Ok(Box::new(DataHub { server: NamedServer::new(url, settings)? }))
}

/// A DataHub server.
#[derive(Debug)]
struct DataHub {
    server: NamedServer,
}

/// The page that comes next.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    /// The sort's word; the first when empty.
    sort: String,
    scroll: Option<String>,
}

/// A page of a search.
struct Matches {
    urns: Vec<String>,
    next: Option<String>,
    total: Option<u64>,
}

impl DataHub {
    fn mapping(&self) -> Mapping {
        let settings = &self.server.settings;
        Mapping::new(&self.server.endpoint.authority(), settings.clock.now())
            .within(settings.namespace.as_deref())
    }
}

impl Connector for DataHub {
    fn probe<'a>(&'a self, cancel: &'a Cancel) -> Pending<'a, Result<Probe, ReadError>> {
        Box::pin(async move {
            let client = self.server.client(EXPECTED, cancel).await?;
            // The web page's server has it too, elsewhere or not at all.
            let version = match client.get("config", &[]).await {
                Ok(answer) => answer.read::<Value>()?["versions"]["acryldata/datahub"]["version"]
                    .as_str()
                    .map(str::to_owned),
                Err(HttpError::NotJson { .. }) => None,
                Err(error) if left_out(&error).is_some() => None,
                Err(error) => return Err(error.into()),
            };
            let mut found = Vec::new();
            for sort in SORTS
                .iter()
                .filter(|sort| matches!(sort.word, "dataset" | "dataJob" | "dashboard" | "mlModel"))
            {
                if let Some(total) = search(&client, sort, None, 1).await?.total {
                    found.push(Found::new(words(sort), total));
                }
            }
            let namespace = self.mapping().namespace().to_owned();
            Ok(Probe { system: "DataHub".to_owned(), version, namespace, found, notes: Vec::new() })
        })
    }

    fn read<'a>(
        &'a self,
        from: Option<&'a Cursor>,
        sink: &'a mut dyn Sink,
        cancel: &'a Cancel,
    ) -> Pending<'a, Result<Done, ReadError>> {
        Box::pin(async move {
            let place = from.map(Cursor::place::<Place>).transpose()?.unwrap_or_default();
            let client = self.server.client(EXPECTED, cancel).await?;
            let mapping = self.mapping();
            fetching(|out| Walk { client, mapping, out }.run(place), sink, cancel).await
        })
    }
}

/// A sort as a person reads it.
fn words(sort: &Sort) -> &'static str {
    match sort.word {
        "dataset" => "datasets",
        "dataFlow" => "flows",
        "dataJob" => "jobs",
        "dashboard" => "dashboards",
        "chart" => "charts",
        "mlModel" => "models",
        "mlModelGroup" => "model groups",
        _ => "glossary terms",
    }
}

async fn search(
    client: &Client,
    sort: &Sort,
    scroll: Option<&str>,
    count: usize,
) -> Result<Matches, HttpError> {
    let variables = json!({"types": [sort.search], "query": "*", "count": count, "scrollId": scroll});
    let answer: Value =
        client.post(GRAPHQL, &json!({"query": SEARCH, "variables": variables})).await?.read()?;
    let found = &answer["data"]["scrollAcrossEntities"];
    let Some(results) = found["searchResults"].as_array() else {
        let why = answer["errors"][0]["message"].as_str().unwrap_or("it has no searchResults");
        let why: String = why.chars().filter(|c| !c.is_control()).take(300).collect();
        return Err(client.unreadable(GRAPHQL, &why));
    };
    let urns =
        results.iter().filter_map(|result| result["entity"]["urn"].as_str().map(str::to_owned)).collect();
    let next = found["nextScrollId"].as_str().filter(|next| !next.is_empty()).map(str::to_owned);
    Ok(Matches { urns, next, total: found["total"].as_u64() })
}

struct Walk {
    client: Client,
    mapping: Mapping,
    out: Out,
}

impl Walk {
    async fn run(mut self, mut place: Place) -> Result<(), Stop> {
        let first = SORTS.iter().position(|sort| sort.word == place.sort).unwrap_or(0);
        for sort in &SORTS[first..] {
            if place.sort != sort.word {
                place = Place { sort: sort.word.to_owned(), scroll: None };
            }
            self.sort(sort, &mut place).await?;
        }
        Ok(())
    }

    async fn sort(&mut self, sort: &'static Sort, place: &mut Place) -> Result<(), Stop> {
        let mut done = 0;
        for _ in 0..MOST_PAGES {
            let found = search(&self.client, sort, place.scroll.as_deref(), AT_ONCE).await?;
            let entities = self.entities(sort, &found.urns).await?;
            let reads = entities.iter().flat_map(|entity| self.mapping.entity(sort, entity)).collect();
            done += found.urns.len() as u64;
            // A search that gives nothing more has ended, whatever it says is next.
            let is_last = found.next.is_none() || found.urns.is_empty();
            if !is_last && found.next == place.scroll {
                break;
            }
            if !is_last {
                place.scroll = found.next;
            }
            self.out.portion(reads, Cursor::at(&*place)).await?;
            let of = found.total.map(|total| total.max(done));
            self.out.progress(Progress { stage: words(sort).to_owned(), done, of }).await?;
            if is_last {
                return Ok(());
            }
        }
        let url = self.client.endpoint().origin();
        Err(HttpError::Endless { url, what: words(sort).to_owned() }.into())
    }

    /// The entities of these urns, in as many requests as their answers need.
    async fn entities(&self, sort: &Sort, urns: &[String]) -> Result<Vec<Value>, Stop> {
        let mut all = Vec::new();
        let mut waiting: Vec<&[String]> = if urns.is_empty() { Vec::new() } else { vec![urns] };
        while let Some(some) = waiting.pop() {
            let asked: Vec<Value> = some
                .iter()
                .map(|urn| {
                    let aspects = sort.aspects.iter().map(|aspect| ((*aspect).to_owned(), json!({})));
                    Value::Object(
                        std::iter::once(("urn".to_owned(), urn.as_str().into()))
                            .chain(aspects)
                            .collect::<Map<_, _>>(),
                    )
                })
                .collect();
            let path = format!("openapi/v3/entity/{}/batchGet", sort.word.to_lowercase());
            let answer =
                self.client.post_with(&path, &[("systemMetadata", "false")], &Value::from(asked)).await;
            match answer {
                Ok(answer) => {
                    // Only what was asked for: an answer about others would be told under their names.
                    let known: HashSet<&str> = some.iter().map(String::as_str).collect();
                    let entities: Vec<Value> = answer.read()?;
                    all.extend(
                        entities
                            .into_iter()
                            .filter(|entity| entity["urn"].as_str().is_some_and(|urn| known.contains(urn))),
                    );
                }
                Err(HttpError::TooLarge { .. }) if some.len() > 1 => {
                    let (a, b) = some.split_at(some.len() / 2);
                    waiting.extend([b, a]);
                }
                Err(error) => match left_out(&error) {
                    Some(why) => self.out.note(words(sort), why).await?,
                    None => return Err(error.into()),
                },
            }
        }
        Ok(all)
    }
}
