//! OpenMetadata over its REST API: services, databases, schemas, tables, topics, containers, pipelines, dashboards,
//! models, glossaries with their terms, and the lineage between them.
//!
//! Each sort of entity is listed a page at a time, by a token that the server gives for the next one; a reading that was
//! cut short goes on with the page where it was. Listings can't be asked for what changed since, so each reading reads
//! all. What could be written back: descriptions, tags, owners and terms, by JSON Patch, guarded by the entity's ETag
//! where the server has one.

use catena_ingest::openmetadata::{Mapping, SORTS, Sort};
use catena_model::statement::Read;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    cancel::Cancel,
    connector::{Connector, Cursor, Done, Found, Probe, Progress, ReadError, Sink},
    handover::{Out, Stop, fetching},
    http::{Client, HttpError},
    listing::{left_out, segment},
    named_server::NamedServer,
    pause::Pending,
    registry::{Address, FormField, Proof, Settings, System},
};

const EXPECTED: &str = "an OpenMetadata server";

/// How many entities are asked for at once, unless their answer is too large.
const AT_ONCE: u64 = 100;

/// How many pages of one sort are read; a server that never comes to an end has to be stopped somewhere.
const MOST_PAGES: u64 = 1_000_000;

/// OpenMetadata in the list of systems.
pub(crate) const SYSTEM: System = System::new(
    "openmetadata",
    "OpenMetadata",
    "the address of a server (http://host:8585): services, databases, tables, topics, pipelines, dashboards, models, \
     glossary terms, tags, owners and lineage",
    open,
)
.asking(
    "http://127.0.0.1:8585",
    Proof::TokenOrPassword,
    &[FormField {
        key: "lineage",
        label: "Lineage",
        hint: "One request for each entity; read when left empty.",
        choices: &["read", "leave out"],
    }],
);

fn open(address: &Address, settings: Settings) -> Result<Box<dyn Connector>, ReadError> {
    let url = address.url("the address of an OpenMetadata server, such as http://host:8585")?;
    Ok(Box::new(OpenMetadata { server: NamedServer::new(url, settings)? }))
}

/// An OpenMetadata server.
#[derive(Debug)]
struct OpenMetadata {
    server: NamedServer,
}

/// The page that comes next.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    /// The sort's place in the API; the first when empty.
    sort: String,
    after: Option<String>,
}

#[derive(Deserialize)]
struct Page {
    data: Vec<Value>,
    #[serde(default)]
    paging: Paging,
}

#[derive(Default, Deserialize)]
struct Paging {
    #[serde(default)]
    after: Option<String>,
    #[serde(default)]
    total: Option<u64>,
}

impl OpenMetadata {
    fn mapping(&self) -> Mapping {
        let settings = &self.server.settings;
        Mapping::new(&self.server.endpoint.authority(), settings.clock.now())
            .within(settings.namespace.as_deref())
    }
}

impl Connector for OpenMetadata {
    fn probe<'a>(&'a self, cancel: &'a Cancel) -> Pending<'a, Result<Probe, ReadError>> {
        Box::pin(async move {
            let client = self.server.client(EXPECTED, cancel).await?;
            let version: Value = client.get("api/v1/system/version", &[]).await?.read()?;
            let version = version["version"].as_str().map(str::to_owned);
            let mut found = Vec::new();
            for path in ["tables", "pipelines", "dashboards", "mlmodels", "glossaryTerms"] {
                // Whoever may not read one is told when it is read.
                if let Ok(Page { paging: Paging { total: Some(total), .. }, .. }) =
                    page(&client, path, "", None, 1).await
                {
                    found.push(Found::new(words(path), total));
                }
            }
            let namespace = self.mapping().namespace().to_owned();
            Ok(Probe { system: "OpenMetadata".to_owned(), version, namespace, found, notes: Vec::new() })
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
            let lineage = self.server.settings.option("lineage") != Some("leave out");
            let mapping = self.mapping();
            fetching(|out| Walk { client, mapping, out, lineage }.run(place), sink, cancel).await
        })
    }
}

/// A sort as a person reads it.
fn words(path: &str) -> &str {
    match path {
        "mlmodels" => "models",
        "glossaryTerms" => "glossary terms",
        other => other,
    }
}

async fn page(
    client: &Client,
    path: &str,
    fields: &str,
    after: Option<&str>,
    at_once: u64,
) -> Result<Page, HttpError> {
    let limit = at_once.to_string();
    let mut query = vec![("limit", limit.as_str())];
    if !fields.is_empty() {
        query.push(("fields", fields));
    }
    query.extend(after.map(|after| ("after", after)));
    let path = format!("api/v1/{path}");
    let answer: Value = client.get(&path, &query).await?.read()?;
    // A list would be taken for a page by the order of its parts.
    let page = answer.is_object().then(|| serde_json::from_value(answer).ok()).flatten();
    page.ok_or_else(|| client.unreadable(&path, "it has no list data"))
}

struct Walk {
    client: Client,
    mapping: Mapping,
    out: Out,
    lineage: bool,
}

impl Walk {
    async fn run(mut self, mut place: Place) -> Result<(), Stop> {
        let first = SORTS.iter().position(|sort| sort.path == place.sort).unwrap_or(0);
        for sort in &SORTS[first..] {
            if place.sort != sort.path {
                place = Place { sort: sort.path.to_owned(), after: None };
            }
            self.sort(sort, &mut place).await?;
        }
        Ok(())
    }

    async fn sort(&mut self, sort: &'static Sort, place: &mut Place) -> Result<(), Stop> {
        let (mut at_once, mut fields, mut done) = (AT_ONCE, sort.fields, 0);
        for _ in 0..MOST_PAGES {
            let page = match page(&self.client, sort.path, fields, place.after.as_deref(), at_once).await {
                Err(HttpError::TooLarge { .. }) if at_once > 1 => {
                    at_once = (at_once / 2).max(1);
                    continue;
                }
                // A field that this version doesn't know; before 1.5 there was one owner.
                Err(HttpError::Refused { status: 400, .. }) if fields == sort.fields => {
                    fields = "owner,tags";
                    continue;
                }
                Err(HttpError::Refused { status: 400, .. }) if fields == "owner,tags" => {
                    fields = "";
                    continue;
                }
                Err(error) => {
                    return match left_out(&error) {
                        Some(why) => Ok(self.out.note(words(sort.path), why).await?),
                        None => Err(error.into()),
                    };
                }
                Ok(page) => page,
            };
            let mut reads = Vec::new();
            for entity in &page.data {
                reads.extend(self.entity(sort, entity).await?);
            }
            done += page.data.len() as u64;
            let next = page.paging.after.filter(|after| !after.is_empty());
            if next.is_some() && next == place.after {
                break;
            }
            let is_last = next.is_none();
            // The last page of a sort is the place until the next sort's first: reading it again changes nothing.
            if !is_last {
                place.after = next;
            }
            self.out.portion(reads, Cursor::at(&*place)).await?;
            let of = page.paging.total.map(|total| total.max(done));
            self.out.progress(Progress { stage: words(sort.path).to_owned(), done, of }).await?;
            if is_last {
                return Ok(());
            }
        }
        let url = self.client.endpoint().origin();
        Err(HttpError::Endless { url, what: words(sort.path).to_owned() }.into())
    }

    async fn entity(&self, sort: &Sort, entity: &Value) -> Result<Vec<Read>, Stop> {
        let mut lineage = None;
        if let Some(id) = entity["id"].as_str().filter(|_| sort.lineage && self.lineage) {
            let path = format!("api/v1/lineage/{}/{}", sort.word, segment(id));
            match self.client.get(&path, &[("upstreamDepth", "1"), ("downstreamDepth", "0")]).await {
                Ok(answer) => lineage = Some(answer.read::<Value>()?),
                Err(error) => match left_out(&error) {
                    Some(why) => self.out.note("lineage", why).await?,
                    None => return Err(error.into()),
                },
            }
        }
        Ok(self.mapping.entity(sort, entity, lineage.as_ref()))
    }
}
