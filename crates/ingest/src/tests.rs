//! Records as text that a person can review.

use std::fmt::Write as _;

use catena_model::{
    json::canonical,
    name::QualifiedName,
    statement::{Read, Record, Statement, Thing},
};
use serde_json::Value;

fn thing(thing: &Thing) -> String {
    format!("{} {}", thing.kind.word(), thing.name)
}

fn value(value: &Value) -> String {
    let text = match value {
        // The same for every facet of a producer.
        Value::Object(map) => {
            let said = map.iter().filter(|(key, _)| !matches!(key.as_str(), "_producer" | "_schemaURL"));
            canonical(&said.map(|(key, item)| (key.clone(), item.clone())).collect())
        }
        value => canonical(value),
    };
    // Facets are kept whole; their beginning is enough to see which.
    match text.char_indices().nth(100) {
        Some((end, _)) => format!("{}... ({} bytes)", &text[..end], text.len()),
        None => text,
    }
}

/// One line for each statement; what is counted follows from the rest, and has tests of its own.
pub(crate) fn lines(record: &Record) -> Vec<String> {
    let told = record.all_statements().filter(|told| !matches!(told, Statement::Work(_)));
    told.map(|statement| line(&statement)).collect()
}

fn line(statement: &Statement) -> String {
    match statement {
        Statement::Exists { thing: it } => format!("{} is there", thing(it)),
        Statement::AlsoNamed { thing: it, name: QualifiedName { namespace, name } } => {
            format!("{} is also {namespace} {name}", thing(it))
        }
        Statement::PartOf { thing: it, whole, .. } => format!("{} part of {}", thing(it), thing(whole)),
        Statement::Claim { thing: it, field, value: claimed, .. } => {
            let claimed = claimed.as_ref().map_or("withdrawn".to_owned(), value);
            format!("{}: {field} = {claimed}", thing(it))
        }
        Statement::Facet { thing: it, about, name, body, .. } => {
            let about = about.as_ref().map_or(String::new(), |about| format!(" about {}", thing(about)));
            format!("{}{about}: facet {name} = {}", thing(it), value(body))
        }
        Statement::Related { from, kind, to, method, confidence, detail, .. } => {
            let method = serde_json::to_value(method).unwrap();
            let sure = if *confidence == 100 { String::new() } else { format!(", {confidence}%") };
            let detail = detail.as_ref().map_or(String::new(), |detail| format!(" {}", value(detail)));
            format!(
                "{} {} {} ({}{sure}){detail}",
                thing(from),
                kind.word(),
                thing(to),
                method.as_str().unwrap_or_default()
            )
        }
        Statement::OnlyRelated { from, kind, to, .. } => {
            let to: Vec<String> = to.iter().map(thing).collect();
            format!("{} only {} [{}]", thing(from), kind.word(), to.join(", "))
        }
        Statement::Points { run, metric, points } => {
            let points: Vec<String> =
                points.iter().map(|p| format!("{}@{}={}", p.step, p.at_millis, p.value)).collect();
            format!("{}: {metric} {}", thing(run), points.join(" "))
        }
        Statement::Repeated { .. } => unreachable!("passages are taken apart"),
        Statement::Reading(_) => unreachable!("no reader of events reads documents"),
        Statement::Work(_) => unreachable!("what is counted is left out"),
        Statement::Span { trace, span } => {
            format!("{}: span {} {} ({})", thing(trace), span.id, span.name, span.kind.word())
        }
    }
}

/// Everything that was read, for snapshots.
pub(crate) fn readable(reads: impl IntoIterator<Item = Read>) -> String {
    let mut text = String::new();
    for read in reads {
        match read {
            Ok(record) => {
                let event = if record.event.is_some() { ", an event" } else { "" };
                let known = serde_json::to_value(record.known).unwrap();
                let at = record.all_statements().find_map(|statement| match statement {
                    Statement::Claim { at, .. }
                    | Statement::Facet { at, .. }
                    | Statement::PartOf { at, .. } => Some(at.to_string()),
                    _ => None,
                });
                writeln!(
                    text,
                    "{} [{}, {}{event}] at {}",
                    record.at,
                    record.source,
                    known.as_str().unwrap_or_default(),
                    at.unwrap_or_default()
                )
                .unwrap();
                for line in lines(&record) {
                    writeln!(text, "  {line}").unwrap();
                }
            }
            Err(rejection) => writeln!(text, "REJECTED {}: {}", rejection.place, rejection.why).unwrap(),
        }
    }
    text
}
