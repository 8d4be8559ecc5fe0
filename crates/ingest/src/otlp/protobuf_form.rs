//! Exports in protobuf: who reports, item by item.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{
    Limits, Signal, Told,
    export::{Reporter, Scope, Spare, Unreadable},
    logs, metrics,
    span::{self, Event, Reported},
    told,
    value::{Values, broken},
    wire::{Fields, Malformed, put},
};

/// Where an item lies, with the messages around it.
struct Item<'a> {
    reporter: usize,
    bytes: &'a [u8],
}

const NOTHING: Around<'static> = Around { resource: &[], scope: &[] };

/// The messages around items: resource and scope.
struct Around<'a> {
    resource: &'a [u8],
    scope: &'a [u8],
}

pub(super) fn read(signal: Signal, bytes: &[u8], limits: &Limits) -> Result<Vec<Told>, Unreadable> {
    let mut spare = Spare::new();
    let (around, items) = items(bytes, limits, &mut spare)?;
    let reporters = reporters(&around, limits);
    let mut all = Vec::with_capacity(items.len());
    for (number, item) in (1..).zip(items) {
        let around = &around[item.reporter];
        let place = format!("{} {number} of the export", word(signal));
        let said = match &reporters[item.reporter] {
            Ok(reporter) => one(signal, reporter, item.bytes, limits, &place),
            Err(why) => Err(format!("its resource or scope can't be read: {why}")),
        };
        all.extend(told(&place, said, || {
            let bytes = around.resource.len() + around.scope.len();
            alone(if spare.alone(bytes) { around } else { &NOTHING }, item.bytes)
        }));
    }
    Ok(all)
}

pub(super) fn word(signal: Signal) -> &'static str {
    match signal {
        Signal::Traces => "span",
        Signal::Metrics => "metric",
        Signal::Logs => "log record",
    }
}

fn one(
    signal: Signal,
    reporter: &Reporter,
    bytes: &[u8],
    limits: &Limits,
    place: &str,
) -> Result<Option<catena_model::statement::Record>, String> {
    match signal {
        Signal::Traces => Ok(Some(span::record(span_of(bytes, limits)?, reporter, place)?)),
        Signal::Logs => logs::record(log_of(bytes, limits)?, reporter, place),
        Signal::Metrics => Ok(metrics::record(metrics::from_protobuf(bytes, limits)?, reporter, place)),
    }
}

/// The three signals have the same outer messages: an export of resources (1), each with a resource (1) and scopes (2),
/// each with a scope (1) and items (2).
fn items<'a>(
    bytes: &'a [u8],
    limits: &Limits,
    spare: &mut Spare,
) -> Result<(Vec<Around<'a>>, Vec<Item<'a>>), Unreadable> {
    let unreadable = |malformed: Malformed| Unreadable::Form { form: "protobuf", why: malformed.to_string() };
    let (mut around, mut items) = (Vec::new(), Vec::new());
    let mut left = limits.items;
    let mut count = || -> Result<(), Unreadable> {
        left = left.checked_sub(1).ok_or(Unreadable::TooMany(limits.items))?;
        Ok(())
    };
    for message in messages(bytes, 1) {
        count()?;
        let message = message.map_err(unreadable)?;
        let resource = messages(message, 1).last().transpose().map_err(unreadable)?.unwrap_or_default();
        for group in messages(message, 2) {
            count()?;
            let group = group.map_err(unreadable)?;
            let scope = messages(group, 1).last().transpose().map_err(unreadable)?.unwrap_or_default();
            for item in messages(group, 2) {
                count()?;
                items.push(Item { reporter: around.len(), bytes: item.map_err(unreadable)? });
            }
            spare.group(resource.len() + scope.len())?;
            around.push(Around { resource, scope });
        }
    }
    Ok((around, items))
}

/// The messages that are field `wanted` of a message.
fn messages(bytes: &[u8], wanted: u32) -> impl Iterator<Item = Result<&[u8], Malformed>> {
    Fields::of(bytes).filter_map(move |field| match field {
        Ok((number, field)) if number == wanted => Some(field.bytes(number)),
        Ok(_) => None,
        Err(malformed) => Some(Err(malformed)),
    })
}

type Resource = Result<Arc<Map<String, Value>>, String>;

fn reporters(around: &[Around<'_>], limits: &Limits) -> Vec<Result<Reporter, String>> {
    let mut last: Option<(&[u8], Resource)> = None;
    around
        .iter()
        .map(|around| {
            let resource = match &last {
                Some((bytes, resource)) if std::ptr::eq(*bytes, around.resource) => resource.clone(),
                _ => attributes(around.resource, 1, limits).map(Arc::new),
            };
            last = Some((around.resource, resource.clone()));
            Ok(Reporter::new(&resource?, &scope_of(around.scope, limits)?))
        })
        .collect()
}

fn attributes(message: &[u8], field: u32, limits: &Limits) -> Result<Map<String, Value>, String> {
    let mut values = Values::new(limits);
    let mut map = Map::new();
    for pair in messages(message, field) {
        values.pair(pair.map_err(broken)?, &mut map)?;
    }
    Ok(map)
}

fn scope_of(message: &[u8], limits: &Limits) -> Result<Scope, String> {
    let mut scope = Scope { attributes: attributes(message, 3, limits)?, ..Scope::default() };
    for field in Fields::of(message) {
        match field.map_err(broken)? {
            (1, field) => scope.name = field.text(1).map_err(broken)?.to_owned(),
            (2, field) => scope.version = field.text(2).map_err(broken)?.to_owned(),
            _ => {}
        }
    }
    Ok(scope)
}

fn span_of(message: &[u8], limits: &Limits) -> Result<Reported, String> {
    let mut values = Values::new(limits);
    let mut span = Reported::default();
    for field in Fields::of(message) {
        let (number, field) = field.map_err(broken)?;
        match number {
            1 => span.trace = id(field.bytes(1).map_err(broken)?),
            2 => span.id = id(field.bytes(2).map_err(broken)?),
            3 => span.trace_state = values.text(field.text(3).map_err(broken)?)?,
            4 => span.parent = id(field.bytes(4).map_err(broken)?),
            5 => span.name = values.text(field.text(5).map_err(broken)?)?,
            6 => span.kind = field.varint(6).map_err(broken)?.cast_signed(),
            7 => span.start = field.fixed64(7).map_err(broken)?,
            8 => span.end = field.fixed64(8).map_err(broken)?,
            9 => values.pair(field.bytes(9).map_err(broken)?, &mut span.attributes)?,
            11 => span.events.push(event_of(field.bytes(11).map_err(broken)?, &mut values)?),
            13 => span.links.push(link_of(field.bytes(13).map_err(broken)?, &mut values)?),
            15 => {
                for field in Fields::of(field.bytes(15).map_err(broken)?) {
                    match field.map_err(broken)? {
                        (2, field) => span.message = values.text(field.text(2).map_err(broken)?)?,
                        (3, field) => span.status = field.varint(3).map_err(broken)?.cast_signed(),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    Ok(span)
}

fn event_of(message: &[u8], values: &mut Values<'_>) -> Result<Event, String> {
    let mut event = Event::default();
    for field in Fields::of(message) {
        match field.map_err(broken)? {
            (1, field) => event.time = field.fixed64(1).map_err(broken)?,
            (2, field) => event.name = values.text(field.text(2).map_err(broken)?)?,
            (3, field) => values.pair(field.bytes(3).map_err(broken)?, &mut event.attributes)?,
            _ => {}
        }
    }
    Ok(event)
}

fn link_of(message: &[u8], values: &mut Values<'_>) -> Result<span::Link, String> {
    let mut link = span::Link::default();
    for field in Fields::of(message) {
        match field.map_err(broken)? {
            (1, field) => link.trace = id(field.bytes(1).map_err(broken)?),
            (2, field) => link.id = id(field.bytes(2).map_err(broken)?),
            (4, field) => values.pair(field.bytes(4).map_err(broken)?, &mut link.attributes)?,
            _ => {}
        }
    }
    Ok(link)
}

fn log_of(message: &[u8], limits: &Limits) -> Result<logs::Reported, String> {
    let mut values = Values::new(limits);
    let mut log = logs::Reported::default();
    for field in Fields::of(message) {
        let (number, field) = field.map_err(broken)?;
        match number {
            1 => log.time = field.fixed64(1).map_err(broken)?,
            5 => log.body = values.any(field.bytes(5).map_err(broken)?, 0)?,
            6 => values.pair(field.bytes(6).map_err(broken)?, &mut log.attributes)?,
            9 => log.trace = id(field.bytes(9).map_err(broken)?),
            10 => log.span = id(field.bytes(10).map_err(broken)?),
            11 => log.observed = field.fixed64(11).map_err(broken)?,
            12 => log.event = values.text(field.text(12).map_err(broken)?)?,
            _ => {}
        }
    }
    Ok(log)
}

/// An id's bytes; what is longer than any id stays so, to be refused.
fn id(bytes: &[u8]) -> Vec<u8> {
    bytes[..bytes.len().min(32)].to_vec()
}

/// An export of one item.
fn alone(around: &Around<'_>, item: &[u8]) -> Vec<u8> {
    let mut group = Vec::with_capacity(around.scope.len() + item.len() + 16);
    put(1, around.scope, &mut group);
    put(2, item, &mut group);
    let mut resource = Vec::with_capacity(around.resource.len() + group.len() + 16);
    put(1, around.resource, &mut resource);
    put(2, &group, &mut resource);
    let mut export = Vec::with_capacity(resource.len() + 8);
    put(1, &resource, &mut export);
    export
}
