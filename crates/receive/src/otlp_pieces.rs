//! What OTLP over HTTP and over gRPC share: an export becomes pieces, and what became of them its response.

use bytes::Bytes;
use catena_ingest::otlp::{self, Form, Signal, Told, Unreadable};
use catena_model::statement::Rejection;
use serde_json::{Value, json};

use crate::{
    commit::{Piece, Receipt},
    desk::Desk,
    limits::Limits,
    refusal::Refusal,
};

/// What came of an export that could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// How many spans, data points or log records were not taken.
    rejected: usize,
    /// Why the first of them wasn't.
    why: String,
}

/// Stores an export; what can't be read at all is refused, and kept with the dead letters.
pub(crate) async fn keep(signal: Signal, form: Form, body: Bytes, desk: &Desk) -> Result<Outcome, Refusal> {
    let read = heavy(body.len(), || otlp::read(signal, form, &body, &limits(desk.limits())));
    let pieces = match read {
        Ok(told) => pieces(told, &body, word(signal, form)),
        Err(error) => {
            desk.keep(vec![unreadable(&error, &body, word(signal, form))]).await?;
            return Err(Refusal::Unreadable(error.to_string()));
        }
    };
    let receipt = desk.keep(pieces).await?;
    Ok(outcome(&receipt))
}

fn outcome(receipt: &Receipt) -> Outcome {
    let why = receipt.rejected.first().map(|first| {
        let Rejection { place, why } = &first.rejection;
        let more = match receipt.rejected.len() {
            1 => String::new(),
            count => format!(" (and {} more, in the list of what was not taken)", count - 1),
        };
        format!("{place}: {why}{more}")
    });
    Outcome { rejected: receipt.rejected.len(), why: why.unwrap_or_default() }
}

/// Pieces of a dead letter again.
pub(crate) fn reread(form: &str, raw: &Bytes, limits: &Limits) -> Vec<Piece> {
    let (signal, written) = WORDS
        .iter()
        .find(|(_, _, word)| *word == form)
        .map_or((Signal::Traces, Form::Protobuf), |(signal, form, _)| (*signal, *form));
    let form = word(signal, written);
    match otlp::read(signal, written, raw, &self::limits(limits)) {
        Ok(told) => pieces(told, raw, form),
        Err(error) => vec![unreadable(&error, raw, form)],
    }
}

fn limits(limits: &Limits) -> otlp::Limits {
    otlp::Limits { string_bytes: limits.json.string_bytes, ..otlp::Limits::default() }
}

const WORDS: &[(Signal, Form, &str)] = &[
    (Signal::Traces, Form::Protobuf, "traces in protobuf"),
    (Signal::Traces, Form::Json, "traces in JSON"),
    (Signal::Metrics, Form::Protobuf, "metrics in protobuf"),
    (Signal::Metrics, Form::Json, "metrics in JSON"),
    (Signal::Logs, Form::Protobuf, "logs in protobuf"),
    (Signal::Logs, Form::Json, "logs in JSON"),
];

/// What a dead letter says of itself.
fn word(signal: Signal, form: Form) -> &'static str {
    let found = WORDS.iter().find(|(known, written, _)| (*known, *written) == (signal, form));
    found.map_or("", |(_, _, word)| word)
}

/// What was rejected is kept alone; what the catalog may yet refuse, with all that came with it, which may be read any
/// number of times.
fn pieces(told: Vec<Told>, body: &Bytes, form: &'static str) -> Vec<Piece> {
    let piece = |Told { read, alone }| {
        let raw = if alone.is_empty() { body.clone() } else { alone.into() };
        Piece { read, raw, form }
    };
    told.into_iter().map(piece).collect()
}

fn unreadable(error: &Unreadable, body: &Bytes, form: &'static str) -> Piece {
    let rejection = Rejection { place: "the export".to_owned(), why: error.to_string() };
    Piece { read: Err(rejection), raw: body.clone(), form }
}

impl Outcome {
    /// The response message in protobuf.
    pub(crate) fn protobuf(&self) -> Vec<u8> {
        otlp::answer::response(self.rejected, &self.why)
    }

    pub(crate) fn json(&self, signal: Signal) -> Value {
        let rejected = match signal {
            Signal::Traces => "rejectedSpans",
            Signal::Metrics => "rejectedDataPoints",
            Signal::Logs => "rejectedLogRecords",
        };
        match self.rejected {
            0 => json!({}),
            count => json!({ "partialSuccess": { rejected: count.to_string(), "errorMessage": self.why } }),
        }
    }
}

/// gRPC's code for a refusal. Exporters try again after 14 (unavailable), and after no other of these.
pub(crate) fn code(refusal: &Refusal) -> u8 {
    match refusal {
        Refusal::Token => 16,
        Refusal::Host | Refusal::Origin | Refusal::ReadsOnly => 7,
        Refusal::Path | Refusal::Verb { .. } | Refusal::Encoding => 12,
        Refusal::TooLarge { .. } => 8,
        Refusal::Quota(_) | Refusal::Busy | Refusal::Unavailable(_) => 14,
        Refusal::Slow => 4,
        Refusal::NotFound(_) => 5,
        Refusal::Media { .. }
        | Refusal::Broken { .. }
        | Refusal::CutOff
        | Refusal::Unreadable(_)
        | Refusal::Conflict(_) => 3,
    }
}

/// Does what may take a while without keeping other requests of this thread waiting.
pub(crate) fn heavy<T>(bytes: usize, work: impl FnOnce() -> T) -> T {
    const MUCH: usize = 128 << 10;
    if bytes > MUCH { tokio::task::block_in_place(work) } else { work() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partial_success_says_how_many_of_what() {
        let outcome = Outcome { rejected: 300, why: "no".to_owned() };
        assert_eq!(Outcome { rejected: 0, ..outcome.clone() }.json(Signal::Traces), json!({}));
        let json = outcome.json(Signal::Logs);
        assert_eq!(json, json!({"partialSuccess": {"rejectedLogRecords": "300", "errorMessage": "no"}}));
    }

    #[test]
    fn every_letter_says_how_it_is_read() {
        for (signal, form, written) in WORDS {
            assert_eq!(word(*signal, *form), *written);
            let pieces = reread(written, &Bytes::from_static(b"\xff"), &Limits::default());
            assert_eq!(pieces[0].form, *written);
            assert!(pieces[0].read.is_err());
        }
    }
}
