//! From OpenTelemetry exports (OTLP, in protobuf or JSON) to statements: traces, logs and metrics of AI applications.
//!
//! A span becomes one record: the span itself with every attribute as sent, and what its attributes say in one of three
//! dialects (each in a file of its own) through the neutral middle in [`crate::genai`]. Spans of other kinds (a web
//! request, a database call) are kept as steps of their trace.
//!
//! The protobuf is read by hand ([`wire`]): limits hold while it is decoded, nothing is copied before it is known to be
//! wanted, and one malformed span is one rejection instead of a lost batch.

pub mod answer;
mod attributes;
mod export;
mod genai_semconv;
mod json_form;
mod logs;
mod metrics;
mod mlflow;
mod openinference;
mod openllmetry;
mod protobuf_form;
mod span;
#[cfg(test)]
mod tests;
mod value;
pub(crate) mod wire;

use catena_model::statement::{Read, Record};

use crate::fault::rejected;

pub use export::Unreadable;

/// How much one export may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Spans, log records or metrics in one export.
    pub items: usize,
    /// Values in one of them.
    pub values: usize,
    /// Arrays and maps within each other, in an attribute.
    pub depth: usize,
    /// The longest text, in bytes.
    pub string_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        // In JSON every level of an attribute is three, and the reader of JSON takes 120.
        Self { items: 50_000, values: 50_000, depth: 32, string_bytes: 4 << 20 }
    }
}

/// What an export is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Signal {
    /// Spans.
    Traces,
    /// Measurements.
    Metrics,
    /// Log records, of which events are a sort.
    Logs,
}

/// How an export is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// `application/x-protobuf`.
    Protobuf,
    /// `application/json`.
    Json,
}

/// What was read of one span, log record or metric.
#[derive(Debug, Clone)]
pub struct Told {
    /// The record, or why there is none.
    pub read: Read,
    /// An export of this one alone, in the form in which it came, when it was rejected; else empty.
    pub alone: Vec<u8>,
}

/// What an export says. Log records and metrics that say nothing of AI are left out.
pub fn read(signal: Signal, form: Form, bytes: &[u8], limits: &Limits) -> Result<Vec<Told>, Unreadable> {
    match form {
        Form::Protobuf => protobuf_form::read(signal, bytes, limits),
        Form::Json => json_form::read(signal, bytes, limits),
    }
}

/// What the spans of an export in protobuf say.
pub fn traces_from_protobuf(bytes: &[u8], limits: &Limits) -> Result<Vec<Read>, Unreadable> {
    reads(read(Signal::Traces, Form::Protobuf, bytes, limits))
}

/// What the spans of an export in JSON say.
pub fn traces_from_json(bytes: &[u8], limits: &Limits) -> Result<Vec<Read>, Unreadable> {
    reads(read(Signal::Traces, Form::Json, bytes, limits))
}

fn reads(told: Result<Vec<Told>, Unreadable>) -> Result<Vec<Read>, Unreadable> {
    Ok(told?.into_iter().map(|told| told.read).collect())
}

/// What came of one item; `alone` is only asked for when it was rejected.
fn told(place: &str, said: Result<Option<Record>, String>, alone: impl FnOnce() -> Vec<u8>) -> Option<Told> {
    match said {
        Ok(None) => None,
        Ok(Some(record)) => Some(Told { read: Ok(record), alone: Vec::new() }),
        Err(why) => Some(Told { read: Err(rejected(place, &why)), alone: alone() }),
    }
}
