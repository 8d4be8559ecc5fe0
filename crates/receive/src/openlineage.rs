//! OpenLineage over HTTP, as the Python and Java clients, dbt's wrapper and Airflow's provider send it.

use bytes::Bytes;
use catena_ingest::openlineage::{self, read_event};
use catena_model::statement::Rejection;
use hyper::StatusCode;
use serde_json::{json, value::RawValue};

use crate::{
    commit::{Piece, Receipt, Rejected},
    desk::Desk,
    limits::Limits,
    protocol::{Answer, Answering, Protocol, Request},
    refusal::Refusal,
    route::{Media, Route, Verb},
};

/// The protocol.
#[derive(Debug, Clone, Copy)]
pub struct OpenLineage;

static ROUTES: &[Route] = &[
    Route::writes(Verb::Post, "/api/v1/lineage", &[Media::Json]),
    Route::writes(Verb::Post, "/api/v1/lineage/batch", &[Media::Json]),
];

/// One event.
const EVENT: &str = "event";
/// What should have been a list of them.
const BATCH: &str = "batch";

/// How many events one request may bring.
const MOST_EVENTS: usize = 10_000;

impl Protocol for OpenLineage {
    fn name(&self) -> &'static str {
        "openlineage"
    }

    fn title(&self) -> &'static str {
        "OpenLineage"
    }

    fn usual_port(&self) -> u16 {
        // Marquez's, which is what clients are configured with most often.
        5_000
    }

    fn routes(&self) -> &'static [Route] {
        ROUTES
    }

    fn answer<'a>(&'a self, request: Request, desk: &'a Desk) -> Answering<'a> {
        Box::pin(async move {
            let batch = request.route.path.ends_with("/batch") || starts_as_list(&request.body);
            let answered =
                if batch { take_batch(request.body, desk).await } else { take_one(request.body, desk).await };
            answered.unwrap_or_else(|refusal| self.refuse(&refusal))
        })
    }

    fn reread(&self, form: &str, raw: &Bytes, limits: &Limits) -> Vec<Piece> {
        match form {
            BATCH => match split(raw) {
                Ok(events) => numbered(&events, limits).into_iter().map(|(piece, _)| piece).collect(),
                Err(why) => vec![unreadable(raw, &why)],
            },
            _ => vec![piece("event", raw.clone(), limits).0],
        }
    }
}

async fn take_one(body: Bytes, desk: &Desk) -> Result<Answer, Refusal> {
    let (piece, notes) = heavy(body.len(), || piece("event", body, desk.limits()));
    tell(desk, &notes);
    let receipt = desk.keep(vec![piece]).await?;
    Ok(match receipt.rejected.into_iter().next() {
        None => Answer::json(StatusCode::CREATED, &json!({ "accepted": 1, "notes": notes })),
        Some(Rejected { rejection, conflict, .. }) => {
            let status = if conflict { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
            let message = format!("{}: {}", rejection.place, rejection.why);
            Answer::json(status, &json!({ "message": message, "rejected": [rejection] }))
        }
    })
}

async fn take_batch(body: Bytes, desk: &Desk) -> Result<Answer, Refusal> {
    let events = match heavy(body.len(), || split(&body)) {
        Ok(events) if events.len() > MOST_EVENTS => {
            return Err(Refusal::Unreadable(format!(
                "{} events in one request, more than the {MOST_EVENTS} that are taken: send fewer at once",
                events.len()
            )));
        }
        Ok(events) => events,
        Err(why) => {
            let receipt = desk.keep(vec![unreadable(&body, &why)]).await?;
            return Ok(answer_of_batch(1, &receipt, &[]));
        }
    };
    let read = heavy(body.len(), || numbered(&events, desk.limits()));
    let (mut pieces, mut notes) = (Vec::with_capacity(read.len()), Vec::new());
    for (piece, faults) in read {
        pieces.push(piece);
        notes.extend(faults);
    }
    tell(desk, &notes);
    let count = pieces.len();
    let receipt = desk.keep(pieces).await?;
    Ok(answer_of_batch(count, &receipt, &notes))
}

/// The answer that OpenLineage's own API describes for a batch.
fn answer_of_batch(received: usize, receipt: &Receipt, notes: &[Rejection]) -> Answer {
    let failed: Vec<_> = receipt
        .rejected
        .iter()
        .map(|Rejected { piece, rejection, .. }| {
            let reason = format!("{}: {}", rejection.place, rejection.why);
            json!({ "index": piece, "reason": reason, "retriable": false })
        })
        .collect();
    let (status, word) = match (failed.len(), receipt.accepted) {
        (0, _) => (StatusCode::OK, "success"),
        (_, 0) => (StatusCode::UNPROCESSABLE_ENTITY, "error"),
        _ => (StatusCode::OK, "partial_success"),
    };
    let mut body = json!({
        "status": word,
        "summary": {
            "received": received, "successful": receipt.accepted, "failed": failed.len(),
            "retriable": 0, "non_retriable": failed.len(),
        },
        "failed_events": failed,
        "notes": notes,
    });
    if word == "error" {
        body["message"] = body["failed_events"][0]["reason"].clone();
    }
    Answer::json(status, &body)
}

/// Reads one event; the second part is what was wrong with facets of an event that is taken all the same.
fn piece(place: &str, raw: Bytes, limits: &Limits) -> (Piece, Vec<Rejection>) {
    let limits = openlineage::Limits { json: limits.json, ..openlineage::Limits::default() };
    let mut reads = read_event(place, &raw, &limits).into_iter();
    let read = reads.next().unwrap_or_else(|| {
        Err(Rejection { place: place.to_owned(), why: "there is no event in it: send one".to_owned() })
    });
    (Piece { read, raw, form: EVENT }, reads.filter_map(Result::err).collect())
}

fn numbered(events: &[Bytes], limits: &Limits) -> Vec<(Piece, Vec<Rejection>)> {
    (1..).zip(events).map(|(number, raw)| piece(&format!("event {number}"), raw.clone(), limits)).collect()
}

fn unreadable(raw: &Bytes, why: &str) -> Piece {
    let rejection = Rejection { place: "the batch".to_owned(), why: why.to_owned() };
    Piece { read: Err(rejection), raw: raw.clone(), form: BATCH }
}

fn starts_as_list(body: &[u8]) -> bool {
    body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[')
}

/// The bytes of each event of a list, or of `{"events": [...]}`, not yet looked into.
fn split(body: &Bytes) -> Result<Vec<Bytes>, String> {
    #[derive(serde::Deserialize)]
    struct Events<'a> {
        #[serde(borrow)]
        events: Vec<&'a RawValue>,
    }
    let events: Vec<&RawValue> = if starts_as_list(body) {
        serde_json::from_slice(body)
    } else {
        serde_json::from_slice::<Events<'_>>(body).map(|batch| batch.events)
    }
    .map_err(|error| format!("it is no list of events: {error}; correct it or send it again"))?;
    Ok(events.into_iter().map(|event| body.slice_ref(event.get().as_bytes())).collect())
}

fn tell(desk: &Desk, notes: &[Rejection]) {
    if let Some(Rejection { place, why }) = notes.last() {
        desk.note(&format!("{place}: {why}"));
    }
}

/// Does what may take a while without keeping other requests of this thread waiting.
fn heavy<T>(bytes: usize, work: impl FnOnce() -> T) -> T {
    const MUCH: usize = 256 << 10;
    if bytes > MUCH { tokio::task::block_in_place(work) } else { work() }
}
