//! What a protocol is: routes, and what to do with what comes.

use std::{future::Future, pin::Pin, sync::Arc};

use bytes::Bytes;
use hyper::{
    HeaderMap, StatusCode,
    header::{CONTENT_TYPE, HeaderName, HeaderValue},
};
use serde::Serialize;

use crate::{
    commit::Piece,
    desk::Desk,
    limits::Limits,
    refusal::Refusal,
    route::{Media, Parameters, Route, percent_decoded},
};

/// How the bytes are framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    /// HTTP/1.1.
    Http1,
    /// HTTP/2 without TLS and without an upgrade, as gRPC clients speak it.
    Http2,
}

/// What a protocol answers, as it will.
pub type Answering<'a> = Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;

/// One protocol. It holds no state of its own: what it needs, it asks the catalog for through the desk.
pub trait Protocol: Send + Sync + 'static {
    /// Its name in settings, on the command line and in the dead-letter list: `openlineage`.
    fn name(&self) -> &'static str;

    /// Its name for people: `OpenLineage`.
    fn title(&self) -> &'static str;

    /// The port that is offered first.
    fn usual_port(&self) -> u16;

    /// How its bytes are framed.
    fn wire(&self) -> Wire {
        Wire::Http1
    }

    /// Everything that it answers.
    fn routes(&self) -> &'static [Route];

    /// Answers a request that passed the gate. What it stores, it hands to the desk; it answers "yes" only after the
    /// desk did.
    fn answer<'a>(&'a self, request: Request, desk: &'a Desk) -> Answering<'a>;

    /// Makes pieces of a dead letter again; `form` is what the piece said of itself.
    fn reread(&self, form: &str, raw: &Bytes, limits: &Limits) -> Vec<Piece>;

    /// Says no, in the form that this protocol's clients expect.
    fn refuse(&self, refusal: &Refusal) -> Answer {
        Answer::refusing(refusal)
    }
}

/// Every protocol that there is.
pub fn all() -> Vec<Arc<dyn Protocol>> {
    vec![
        Arc::new(crate::openlineage::OpenLineage),
        Arc::new(crate::otlp_http::OtlpHttp),
        Arc::new(crate::otlp_grpc::OtlpGrpc),
        Arc::new(crate::langsmith::LangSmith::default()),
        Arc::new(crate::mlflow::Mlflow::default()),
    ]
}

/// The protocol of this name.
pub fn named(name: &str) -> Option<Arc<dyn Protocol>> {
    all().into_iter().find(|protocol| protocol.name() == name)
}

/// A request that passed the gate.
#[derive(Debug, Clone)]
pub struct Request {
    /// The route that it fits.
    pub route: Route,
    /// The parameters in its path.
    pub parameters: Parameters,
    /// The query as sent, without the question mark.
    pub query: String,
    /// The headers. The token is taken out.
    pub headers: HeaderMap,
    /// What sort of body it has.
    pub media: Media,
    /// The body, its encoding undone.
    pub body: Bytes,
}

impl Request {
    /// A parameter of the path.
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }

    /// The first value of a key in the query.
    pub fn asked(&self, key: &str) -> Option<String> {
        self.all_asked(key).into_iter().next()
    }

    /// Every value of a key in the query.
    pub fn all_asked(&self, key: &str) -> Vec<String> {
        self.query
            .split('&')
            .filter_map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                let plain = |text: &str| percent_decoded(&text.replace('+', " "));
                (plain(name)? == key).then(|| plain(value)).flatten()
            })
            .collect()
    }

    /// The `boundary` of a multipart body, and anything else from a header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// What a request is answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// Headers beside those that every answer has.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// What follows the body (gRPC's status).
    pub trailers: Option<HeaderMap>,
}

impl Answer {
    /// An answer without a body.
    pub fn empty(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: Bytes::new(), trailers: None }
    }

    /// An answer in JSON.
    pub fn json(status: StatusCode, body: &impl Serialize) -> Self {
        let body = serde_json::to_vec(body).unwrap_or_default();
        Self::bytes(status, "application/json", body.into())
    }

    /// An answer of this content type.
    pub fn bytes(status: StatusCode, media: &'static str, body: Bytes) -> Self {
        Self { body, ..Self::empty(status) }.with(CONTENT_TYPE, HeaderValue::from_static(media))
    }

    /// The same answer with another header.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// The answer of a protocol whose clients expect no form of their own.
    pub fn refusing(refusal: &Refusal) -> Self {
        Self::json(refusal.status(), &serde_json::json!({ "message": refusal.to_string() }))
    }
}
