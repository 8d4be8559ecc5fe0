//! OpenLineage events as Marquez keeps them, newest first: `GET api/v1/events/lineage` of its public API.

use catena_ingest::openlineage::{Limits, read_event};
use catena_model::statement::Read;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    cancel::Cancel,
    connector::{Connector, Cursor, Done, Probe, Progress, ReadError, Sink},
    handover::{Out, Stop, fetching},
    http::{Client, HttpError},
    named_server::NamedServer,
    pause::Pending,
    registry::{Address, Settings, System},
};

/// Marquez in the list of systems, under the name of what it gives.
pub(crate) const SYSTEM: System = System::new(
    "openlineage",
    "OpenLineage",
    "the address of a Marquez server (http://host:5000), which keeps the events that it was sent",
    open,
);

/// What is expected at the address, for messages.
const EXPECTED: &str = "a Marquez server";

/// How many events are asked for in one request, unless their answer is too large.
const EVENTS_AT_ONCE: u64 = 500;

/// How often the newest are asked for again, when more have arrived while the others were read.
const CATCHING_UP: usize = 10;

fn open(address: &Address, settings: Settings) -> Result<Box<dyn Connector>, ReadError> {
    Ok(Box::new(Marquez::new(
        address.url("the address of a Marquez server, such as http://host:5000")?,
        settings,
    )?))
}

/// A Marquez server.
#[derive(Debug)]
pub struct Marquez {
    server: NamedServer,
}

/// How far a reading went.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    /// How many of the newest were passed.
    offset: u64,
    /// How many there were when the reading began: what is more is newer than all that it reads, and still to come.
    total: Option<u64>,
}

/// One page of events, each as it was sent.
#[derive(Deserialize)]
struct Page {
    events: Vec<Box<RawValue>>,
    #[serde(rename = "totalCount")]
    total: Option<u64>,
}

impl Marquez {
    /// The server at `address`, which a person named; a user name and password may stand in it.
    pub fn new(address: &str, settings: Settings) -> Result<Self, ReadError> {
        Ok(Self { server: NamedServer::new(address, settings)? })
    }
}

impl Connector for Marquez {
    fn probe<'a>(&'a self, cancel: &'a Cancel) -> Pending<'a, Result<Probe, ReadError>> {
        Box::pin(async move {
            page(&self.server.client(EXPECTED, cancel).await?, 0, 1).await?;
            Ok(Probe {
                system: "Marquez".to_owned(),
                version: None,
                namespace: self.server.endpoint.origin(),
                found: Vec::new(),
                notes: Vec::new(),
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
            let place = from.map(Cursor::place::<Place>).transpose()?.unwrap_or_default();
            let client = self.server.client(EXPECTED, cancel).await?;
            fetching(|out| Walk { client, out, at_once: EVENTS_AT_ONCE, done: 0 }.run(place), sink, cancel)
                .await
        })
    }
}

async fn page(client: &Client, offset: u64, limit: u64) -> Result<Page, HttpError> {
    let (offset, limit) = (offset.to_string(), limit.to_string());
    let query = [("limit", limit.as_str()), ("offset", offset.as_str()), ("sortDirection", "desc")];
    client.get("api/v1/events/lineage", &query).await?.read()
}

/// The way through the events, from the newest to the oldest.
struct Walk {
    client: Client,
    out: Out,
    at_once: u64,
    done: u64,
}

impl Walk {
    async fn run(mut self, mut place: Place) -> Result<(), Stop> {
        let mut now = self.read(&mut place, None).await?;
        // What arrived meanwhile stands before all that was read. It only moved the others on, so that some came twice.
        for _ in 0..CATCHING_UP {
            let new = match (place.total, now) {
                (Some(then), Some(now)) if now > then => now - then,
                _ => return Ok(()),
            };
            place = Place { offset: 0, total: now };
            now = self.read(&mut place, Some(new)).await?;
        }
        Ok(())
    }

    /// Reads from `place` to the end, or only the first events there; says how many the server has now.
    async fn read(&mut self, place: &mut Place, most: Option<u64>) -> Result<Option<u64>, Stop> {
        let mut total = place.total;
        let mut last: Option<Page> = None;
        loop {
            let left = most.map_or(self.at_once, |most| most.saturating_sub(place.offset).min(self.at_once));
            if left == 0 {
                return Ok(total);
            }
            let page = match page(&self.client, place.offset, left).await {
                Err(HttpError::TooLarge { .. }) if self.at_once > 1 => {
                    self.at_once = (self.at_once / 2).max(1);
                    continue;
                }
                page => page?,
            };
            if most.is_none() && page.total < place.total {
                // Fewer than there were: what was passed is no longer where it was.
                (*place, last) = (Place::default(), None);
                continue;
            }
            total = page.total.or(total);
            place.total = place.total.or(page.total);
            if page.events.is_empty() {
                return Ok(total);
            }
            if last.as_ref().is_some_and(|last| is_same(last, &page)) {
                let url = self.client.endpoint().origin();
                return Err(HttpError::Endless { url, what: "events".to_owned() }.into());
            }
            let origin = self.client.endpoint().origin();
            let reads: Vec<Read> = (place.offset + 1..)
                .zip(&page.events)
                .flat_map(|(n, event)| {
                    let at = format!("{origin}, event {n} from the newest");
                    read_event(&at, event.get().as_bytes(), &Limits::default())
                })
                .collect();
            place.offset += page.events.len() as u64;
            self.done += page.events.len() as u64;
            last = Some(page);
            self.out.portion(reads, Cursor::at(&place)).await?;
            let progress = Progress { stage: "events".to_owned(), done: self.done, of: total };
            self.out.progress(progress).await?;
            if total.is_some_and(|total| place.offset >= total) {
                return Ok(total);
            }
        }
    }
}

/// Whether a server gives the same page whatever it is asked for.
fn is_same(a: &Page, b: &Page) -> bool {
    a.events.len() == b.events.len() && a.events.iter().zip(&b.events).all(|(a, b)| a.get() == b.get())
}
