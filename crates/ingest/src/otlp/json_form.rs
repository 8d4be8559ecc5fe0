//! Exports in JSON: protobuf's JSON, but with ids in hexadecimal.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{
    Limits, Signal, Told,
    export::{Reporter, Scope, Spare, Unreadable},
    logs, metrics, protobuf_form,
    span::{self, Event, Link, Reported},
    told,
    value::{self, Values, unsigned},
};
use crate::json;

/// The keys of a signal's lists.
struct Keys {
    resources: &'static str,
    scopes: &'static str,
    items: &'static str,
}

fn keys(signal: Signal) -> Keys {
    match signal {
        Signal::Traces => Keys { resources: "resourceSpans", scopes: "scopeSpans", items: "spans" },
        Signal::Metrics => Keys { resources: "resourceMetrics", scopes: "scopeMetrics", items: "metrics" },
        Signal::Logs => Keys { resources: "resourceLogs", scopes: "scopeLogs", items: "logRecords" },
    }
}

pub(super) fn read(signal: Signal, bytes: &[u8], limits: &Limits) -> Result<Vec<Told>, Unreadable> {
    // A span of a usual size is some hundred values.
    let within = json::Limits { depth: 120, items: 1_000_000, string_bytes: limits.string_bytes };
    let export = json::read(bytes, &within).map_err(|error| form(error.to_string()))?;
    if !export.is_object() {
        return Err(form("it is no object".to_owned()));
    }
    let keys = keys(signal);
    let mut all = Vec::new();
    let (mut count, mut spare) = (0, Spare::new());
    for resource in list(&export, keys.resources)? {
        let attributes = resource_of(resource, limits).map(Arc::new);
        let said = resource.get("resource").map_or(0, |said| said.to_string().len());
        for group in list(resource, keys.scopes)? {
            let around = said + group.get("scope").map_or(0, |scope| scope.to_string().len());
            spare.group(around)?;
            let scope = scope_of(group.get("scope"), limits);
            let reporter = match (&attributes, scope) {
                (Ok(resource), Ok(scope)) => Ok(Reporter::new(resource, &scope)),
                (Err(why), _) => Err(why.clone()),
                (_, Err(why)) => Err(why),
            };
            for item in list(group, keys.items)? {
                count += 1;
                if count > limits.items {
                    return Err(Unreadable::TooMany(limits.items));
                }
                let place = format!("{} {count} of the export", protobuf_form::word(signal));
                let said = match &reporter {
                    Ok(reporter) => one(signal, reporter, item, limits, &place),
                    Err(why) => Err(format!("its resource or scope can't be read: {why}")),
                };
                all.extend(told(&place, said, || match spare.alone(around) {
                    true => alone(&keys, resource, group, item),
                    false => alone(&keys, &Value::Null, &Value::Null, item),
                }));
            }
        }
    }
    Ok(all)
}

fn form(why: String) -> Unreadable {
    Unreadable::Form { form: "JSON", why }
}

fn list<'v>(value: &'v Value, key: &str) -> Result<&'v [Value], Unreadable> {
    value::items(value.get(key), key).map_err(form)
}

fn one(
    signal: Signal,
    reporter: &Reporter,
    item: &Value,
    limits: &Limits,
    place: &str,
) -> Result<Option<catena_model::statement::Record>, String> {
    let item = item.as_object().ok_or("it is no object: have the source write OTLP's JSON")?;
    match signal {
        Signal::Traces => Ok(Some(span::record(span_of(item, limits)?, reporter, place)?)),
        Signal::Logs => logs::record(log_of(item, limits)?, reporter, place),
        Signal::Metrics => Ok(metrics::record(metrics::from_json(item, limits)?, reporter, place)),
    }
}

fn alone(keys: &Keys, resource: &Value, group: &Value, item: &Value) -> Vec<u8> {
    let group = json!({ "scope": group.get("scope"), keys.items: [item] });
    let export = json!({ keys.resources: [{ "resource": resource.get("resource"), keys.scopes: [group] }] });
    export.to_string().into_bytes()
}

fn resource_of(resource: &Value, limits: &Limits) -> Result<Map<String, Value>, String> {
    let attributes = resource.get("resource").and_then(|resource| resource.get("attributes"));
    Values::new(limits).pairs_of_json(attributes)
}

fn scope_of(scope: Option<&Value>, limits: &Limits) -> Result<Scope, String> {
    let text = |key: &str| scope.and_then(|scope| scope.get(key)?.as_str()).unwrap_or_default().to_owned();
    let attributes = Values::new(limits).pairs_of_json(scope.and_then(|scope| scope.get("attributes")))?;
    Ok(Scope { name: text("name"), version: text("version"), attributes })
}

fn span_of(item: &Map<String, Value>, limits: &Limits) -> Result<Reported, String> {
    let mut values = Values::new(limits);
    let empty = Map::new();
    let status = item.get("status").and_then(Value::as_object).unwrap_or(&empty);
    let mut span = Reported {
        trace: id(item, "traceId")?,
        id: id(item, "spanId")?,
        parent: id(item, "parentSpanId")?,
        trace_state: text(item, "traceState"),
        name: text(item, "name"),
        kind: coded(item.get("kind"), "SPAN_KIND_", span::KINDS)?,
        start: time(item, "startTimeUnixNano")?,
        end: time(item, "endTimeUnixNano")?,
        attributes: values.pairs_of_json(item.get("attributes"))?,
        status: coded(status.get("code"), "STATUS_CODE_", &["UNSET", "OK", "ERROR"])?,
        message: text(status, "message"),
        ..Reported::default()
    };
    for event in value::items(item.get("events"), "events")? {
        let map = event.as_object().unwrap_or(&empty);
        let attributes = values.pairs_of_json(map.get("attributes"))?;
        span.events.push(Event { name: text(map, "name"), time: time(map, "timeUnixNano")?, attributes });
    }
    for link in value::items(item.get("links"), "links")? {
        let map = link.as_object().unwrap_or(&empty);
        let attributes = values.pairs_of_json(map.get("attributes"))?;
        span.links.push(Link { trace: id(map, "traceId")?, id: id(map, "spanId")?, attributes });
    }
    Ok(span)
}

fn log_of(item: &Map<String, Value>, limits: &Limits) -> Result<logs::Reported, String> {
    let mut values = Values::new(limits);
    Ok(logs::Reported {
        time: time(item, "timeUnixNano")?,
        observed: time(item, "observedTimeUnixNano")?,
        trace: id(item, "traceId")?,
        span: id(item, "spanId")?,
        event: text(item, "eventName"),
        body: item.get("body").map_or(Ok(Value::Null), |body| values.any_of_json(body, 0))?,
        attributes: values.pairs_of_json(item.get("attributes"))?,
    })
}

fn text(map: &Map<String, Value>, key: &str) -> String {
    map.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn time(map: &Map<String, Value>, key: &str) -> Result<u64, String> {
    let wrong = || format!("{key} is no time in nanoseconds: have the source write OTLP's JSON");
    map.get(key).filter(|value| !value.is_null()).map_or(Ok(0), |value| unsigned(value).ok_or_else(wrong))
}

/// An id, which OTLP writes in hexadecimal.
fn id(map: &Map<String, Value>, key: &str) -> Result<Vec<u8>, String> {
    let text = map.get(key).and_then(Value::as_str).unwrap_or_default();
    let wrong = || format!("{key} is not in hexadecimal, as OTLP's JSON has ids: correct the exporter");
    if !text.len().is_multiple_of(2) || text.len() > 64 || !text.is_ascii() {
        return Err(wrong());
    }
    text.as_bytes()
        .chunks_exact(2)
        .map(|pair| {
            let digit = |byte: u8| char::from(byte).to_digit(16);
            Some((digit(pair[0])? << 4 | digit(pair[1])?) as u8)
        })
        .collect::<Option<_>>()
        .ok_or_else(wrong)
}

/// An enumeration's value: its number, or its name as other writers of protobuf's JSON have it.
fn coded(value: Option<&Value>, prefix: &str, names: &[&str]) -> Result<i64, String> {
    match value {
        None | Some(Value::Null) => Ok(0),
        Some(Value::String(name)) => {
            let place =
                name.strip_prefix(prefix).and_then(|name| names.iter().position(|known| *known == name));
            place
                .and_then(|place| i64::try_from(place).ok())
                .ok_or_else(|| format!("{name:.40} is no {prefix}*"))
        }
        Some(value) => value.as_i64().ok_or_else(|| format!("a {prefix}* is no number")),
    }
}
