//! OTLP over HTTP, as OpenTelemetry's exporters, OpenLLMetry and OpenInference send it: protobuf or JSON, plain or
//! gzip. Answers are in the form of the request.

use bytes::Bytes;
use catena_ingest::otlp::{Form, Signal, answer};
use hyper::StatusCode;
use serde_json::json;

use crate::{
    commit::Piece,
    desk::Desk,
    limits::Limits,
    otlp_pieces::{self, code, keep},
    protocol::{Answer, Answering, Protocol, Request},
    refusal::Refusal,
    route::{Media, Route, Verb},
};

/// The protocol.
#[derive(Debug, Clone, Copy)]
pub struct OtlpHttp;

const TAKES: &[Media] = &[Media::Protobuf, Media::Json];
const PROTOBUF: &str = "application/x-protobuf";

static ROUTES: &[Route] = &[
    Route::writes(Verb::Post, "/v1/traces", TAKES),
    Route::writes(Verb::Post, "/v1/metrics", TAKES),
    Route::writes(Verb::Post, "/v1/logs", TAKES),
];

impl Protocol for OtlpHttp {
    fn name(&self) -> &'static str {
        "otlp_http"
    }

    fn title(&self) -> &'static str {
        "OpenTelemetry (OTLP/HTTP)"
    }

    fn usual_port(&self) -> u16 {
        4_318
    }

    fn routes(&self) -> &'static [Route] {
        ROUTES
    }

    fn answer<'a>(&'a self, request: Request, desk: &'a Desk) -> Answering<'a> {
        Box::pin(async move {
            let signal = match request.route.path {
                "/v1/metrics" => Signal::Metrics,
                "/v1/logs" => Signal::Logs,
                _ => Signal::Traces,
            };
            let form = if request.media == Media::Json { Form::Json } else { Form::Protobuf };
            match (keep(signal, form, request.body, desk).await, form) {
                (Ok(outcome), Form::Json) => Answer::json(StatusCode::OK, &outcome.json(signal)),
                (Ok(outcome), Form::Protobuf) => {
                    Answer::bytes(StatusCode::OK, PROTOBUF, outcome.protobuf().into())
                }
                (Err(refusal), form) => refused(&refusal, form),
            }
        })
    }

    fn reread(&self, form: &str, raw: &Bytes, limits: &Limits) -> Vec<Piece> {
        otlp_pieces::reread(form, raw, limits)
    }

    // Which form the request was in is not known here; a person can read JSON.
    fn refuse(&self, refusal: &Refusal) -> Answer {
        refused(refusal, Form::Json)
    }
}

/// OTLP says no with a `google.rpc.Status`. What can't be read is a bad request, so that exporters don't try again.
fn refused(refusal: &Refusal, form: Form) -> Answer {
    let status = match refusal {
        Refusal::Unreadable(_) => StatusCode::BAD_REQUEST,
        refusal => refusal.status(),
    };
    let (code, message) = (code(refusal), refusal.to_string());
    match form {
        Form::Json => Answer::json(status, &json!({ "code": code, "message": message })),
        Form::Protobuf => Answer::bytes(status, PROTOBUF, answer::status(code, &message).into()),
    }
}
