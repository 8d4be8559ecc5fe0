//! Answers for people. Names come from outside: control characters never reach the terminal.

use std::{
    collections::HashMap,
    fmt::Write as _,
    io::{self, Write},
};

use catena_app::{
    catalog::CheckReply,
    edit::Operated,
    entity::{EntityRelation, EntityView, RelationDirection},
    history::{ChangeView, OperationView, UndoPlan},
    jobs::ImportReport,
    lineage::Headless,
    named::friendly,
    search::SearchReply,
};
use catena_model::relation::{Flow, RelationKind};
use serde_json::Value;

type Written = io::Result<()>;

/// The most rejections that are listed.
const MOST: usize = 50;

/// Text as it may be shown in a terminal: control and bidirectional characters are written as escapes.
pub(crate) fn safe(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => out.push(' '),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' => {
                let _ = write!(out, "<U+{:04X}>", c as u32);
            }
            c if c.is_control() => {
                let _ = write!(out, "<U+{:04X}>", c as u32);
            }
            c => out.push(c),
        }
    }
    out
}

/// A value in words; ids as what bears them is called.
fn value(value: &Value, names: &Names) -> String {
    match value {
        Value::String(text) => names.get(text).map_or_else(|| safe(text), |name| safe(name)),
        Value::Array(items) => {
            items.iter().map(|item| self::value(item, names)).collect::<Vec<_>>().join(", ")
        }
        Value::Object(map) => {
            let said = map.iter().map(|(key, item)| format!("{} {}", safe(key), self::value(item, names)));
            said.collect::<Vec<_>>().join(", ")
        }
        Value::Null => "nothing".to_owned(),
        other => safe(&other.to_string()),
    }
}

pub(crate) fn import(report: &ImportReport, out: &mut dyn Write) -> Written {
    writeln!(
        out,
        "{} created, {} changed, {} same, {} rejected",
        report.created,
        report.changed,
        report.same,
        report.rejected.len()
    )?;
    for rejection in report.rejected.iter().take(MOST) {
        writeln!(out, "  {}: {}", safe(&rejection.place), safe(&rejection.why))?;
    }
    if report.rejected.len() > MOST {
        writeln!(out, "  and {} more (--format json lists all)", report.rejected.len() - MOST)?;
    }
    for note in &report.notes {
        writeln!(out, "  note: {}: {}", safe(&note.place), safe(&note.why))?;
    }
    match &report.import {
        Some(import) => writeln!(out, "Import {import}: catena revert takes all of it back."),
        None => Ok(()),
    }
}

pub(crate) fn search(asked: &str, reply: &SearchReply, out: &mut dyn Write) -> Written {
    if !reply.hits.is_empty() && !reply.exact && is_path(asked) {
        writeln!(out, "Nothing is called \"{}\". What comes near:", safe(asked.trim()))?;
    }
    for hit in &reply.hits {
        writeln!(out, "{}  {:<14} {}", hit.id, hit.kind.word(), safe(&hit.name))?;
        for name in &hit.qualified_names {
            writeln!(out, "    {}", safe(name))?;
        }
        writeln!(out, "    {}", safe(&hit.why))?;
    }
    writeln!(out, "{} found in {:.1} ms", reply.total, reply.took_ms)
}

/// Whether a text reads as the whole name of something, rather than as words.
fn is_path(text: &str) -> bool {
    let text = text.trim();
    text.contains(['.', '/']) && !text.contains(char::is_whitespace)
}

pub(crate) fn entity(view: &EntityView, out: &mut dyn Write) -> Written {
    writeln!(out, "{} {}", view.kind.word(), safe(&view.name))?;
    writeln!(out, "  id {}", view.id)?;
    if let Some(parent) = &view.parent {
        writeln!(out, "  part of {} {}", parent.kind.word(), safe(&parent.name))?;
    }
    for name in &view.qualified_names {
        writeln!(out, "  {}", safe(&name.text))?;
    }
    for field in &view.fields {
        writeln!(out, "  {}: {} ({})", field.key, value(&field.value, &Names::new()), safe(&field.source))?;
    }
    if !view.schema.is_empty() {
        writeln!(out, "  columns")?;
    }
    for column in &view.schema {
        let about = column.description.as_deref().unwrap_or_default();
        writeln!(
            out,
            "    {:<32} {:<16} {}",
            safe(&column.name),
            safe(column.data_type.as_deref().unwrap_or("")),
            safe(about)
        )?;
    }
    for relation in &view.relations {
        let (arrow, says) = seen_from(relation);
        let other = format!("{} {}", relation.other.kind.word(), safe(&relation.other.name));
        writeln!(out, "  {arrow} {other}  ({says})")?;
    }
    for metric in &view.metrics {
        writeln!(out, "  metric {} = {} ({} points)", safe(&metric.key), metric.last_text, metric.count)?;
    }
    let facets: Vec<_> = view.facets.iter().map(|facet| safe(&facet.name)).collect();
    if !facets.is_empty() {
        writeln!(out, "  facets {}", facets.join(", "))?;
    }
    writeln!(out, "  {} upstream, {} downstream", view.counts.upstream, view.counts.downstream)
}

/// The arrow of a relation, in the direction that data flows as in [`lineage`], and what the relation says.
fn seen_from(relation: &EntityRelation) -> (&'static str, String) {
    let words = relation.kind.replace('_', " ");
    let outgoing = relation.direction == RelationDirection::Out;
    let flow = RelationKind::from_word(&relation.kind).map_or(Flow::None, RelationKind::flow);
    let arrow = match (flow, outgoing) {
        (Flow::Forward, true) | (Flow::Backward, false) => "->",
        (Flow::Forward, false) | (Flow::Backward, true) => "<-",
        (Flow::None, _) => "--",
    };
    (arrow, if outgoing { format!("it {words} that") } else { format!("that {words} it") })
}

pub(crate) fn lineage(lineage: &Headless, out: &mut dyn Write) -> Written {
    for node in &lineage.nodes {
        let name = friendly(&node.qualified_names).unwrap_or_default();
        writeln!(out, "{:>4}  {:<14} {}  {}", node.level, node.kind.word(), safe(&node.within), safe(name))?;
    }
    let nodes: HashMap<_, _> = lineage.nodes.iter().map(|node| (node.id, node)).collect();
    let name = |id| {
        nodes.get(id).map_or_else(String::new, |node| format!("{} {}", node.kind.word(), safe(&node.within)))
    };
    for edge in &lineage.edges {
        let words = edge.kind.word().replace('_', " ");
        writeln!(out, "      {} -> {}  ({words})", name(&edge.from), name(&edge.to))?;
    }
    Ok(())
}

/// What entities are called, by their ids as text.
type Names = HashMap<String, String>;

pub(crate) fn history(operations: &[OperationView], names: &Names, out: &mut dyn Write) -> Written {
    for operation in operations {
        let undone = if operation.undone_by.is_some() { "  (undone)" } else { "" };
        writeln!(
            out,
            "{}  {}  {} by {}, {} changes{undone}",
            operation.id,
            operation.at,
            safe(&operation.title),
            safe(&operation.actor),
            operation.change_count
        )?;
        for change in operation.changes.iter().take(5) {
            writeln!(out, "    {}", changed(change, names))?;
        }
    }
    Ok(())
}

/// A change in words. What is stored as an id or an object is never shown as such.
fn changed(change: &ChangeView, names: &Names) -> String {
    let subject = safe(&change.subject_name);
    let named = |text: &str| names.get(text).map_or_else(|| safe(text), |name| safe(name));
    let (before, after) = (&change.before, &change.after);
    let gone = after.is_null();
    match change.field.as_str() {
        "exists" if gone => format!("{subject}: no longer in the catalog"),
        "exists" => format!("{subject}: a new {}", value(after, names).replace('_', " ")),
        "qualified name" => {
            let is = if gone { "no longer called" } else { "called" };
            format!("{subject}: {is} {}", safe(&change.source))
        }
        "merged into" => match (before.as_str(), after.as_str()) {
            (_, Some(into)) => format!("{subject} merged into {}", named(into)),
            (Some(from), None) => format!("{subject} no longer merged into {}", named(from)),
            (None, None) => format!("{subject} merged into nothing"),
        },
        "kept apart" => {
            let is = if gone { "no longer kept apart from" } else { "kept apart from" };
            format!("{subject} {is} {}", named(&change.source))
        }
        "evidence" => {
            let withdrawn = after.get("withdrawn").and_then(Value::as_bool).unwrap_or(false);
            let says = match (gone, withdrawn, before.is_null()) {
                (true, ..) => "no longer said by",
                (_, true, _) => "withdrawn by",
                (.., true) => "said by",
                (.., false) => "said anew by",
            };
            format!("{subject}: {says} {}", safe(&change.source))
        }
        field => {
            format!("{subject} {}: {} -> {}", safe(field), value(before, names), value(after, names))
        }
    }
}

pub(crate) fn plan(plan: &UndoPlan, names: &Names, out: &mut dyn Write) -> Written {
    writeln!(out, "Undoing \"{}\" would make {} changes:", safe(&plan.title), plan.change_count)?;
    for change in &plan.changes {
        writeln!(out, "  {}", changed(change, names))?;
    }
    if !plan.collisions.is_empty() {
        writeln!(out, "Changed since, so not without --later keep or overwrite:")?;
    }
    for change in &plan.collisions {
        let (subject, field) = (safe(&change.subject_name), safe(&change.field));
        writeln!(out, "  {subject} {field} is {}", value(&change.before, names))?;
    }
    Ok(())
}

pub(crate) fn operated(operated: &Operated, out: &mut dyn Write) -> Written {
    match operated.operation {
        Some(id) => writeln!(out, "{}  {id}", safe(&operated.title)),
        None => writeln!(out, "{}", safe(&operated.title)),
    }
}

pub(crate) fn check(reply: &CheckReply, out: &mut dyn Write) -> Written {
    if reply.holds {
        return writeln!(out, "All holds: the log's chain is whole, and everything shown follows from it.");
    }
    for problem in &reply.problems {
        writeln!(out, "{}: {}", safe(&problem.place), safe(&problem.what))?;
    }
    writeln!(out, "{} problems", reply.problems.len())
}

#[cfg(test)]
mod tests {
    use catena_model::relation::{RelationKey, RelationKind};
    use serde_json::json;

    use super::*;

    #[test]
    fn what_could_move_the_cursor_or_reverse_the_line_is_shown_as_escapes() {
        assert_eq!(safe("a\u{1b}[2Jb\u{202e}c"), "a<U+001B>[2Jb<U+202E>c");
        assert_eq!(safe("日本 🎉"), "日本 🎉");
    }
    fn view(field: &str, source: &str, before: Value, after: Value) -> ChangeView {
        let subject = "01937b2c-8f3e-7c1a-9d52-3b1f0c9a4e77".parse().unwrap();
        let (field, source) = (field.to_owned(), source.to_owned());
        ChangeView { subject, subject_name: "orders".to_owned(), field, source, before, after }
    }

    #[test]
    fn a_change_is_told_in_names_without_ids_and_json() {
        let id = "01937b2c-8f3e-7c1a-9d52-3b1f0c9a4e78";
        let names = Names::from([(id.to_owned(), "customers".to_owned())]);
        let told = |field, source, before, after| changed(&view(field, source, before, after), &names);
        assert_eq!(told("merged into", "", Value::Null, json!(id)), "orders merged into customers");
        assert_eq!(told("merged into", "", json!(id), Value::Null), "orders no longer merged into customers");
        assert_eq!(told("kept apart", id, Value::Null, json!(true)), "orders kept apart from customers");
        assert_eq!(told("parent", "dbt", json!(id), Value::Null), "orders parent: customers -> nothing");
        assert_eq!(told("exists", "", json!("dataset"), Value::Null), "orders: no longer in the catalog");
        let evidence = json!({ "confidence": 100, "withdrawn": false, "detail": null });
        assert_eq!(told("evidence", "dbt:shop", Value::Null, evidence), "orders: said by dbt:shop");
        let source = json!({ "system": "dbt" });
        assert_eq!(
            told("qualified name", "duckdb://shop/main.orders", Value::Null, source),
            "orders: called duckdb://shop/main.orders"
        );
    }

    #[test]
    fn a_relation_points_the_way_that_data_flows() {
        let id = "01937b2c-8f3e-7c1a-9d52-3b1f0c9a4e77".parse().unwrap();
        let relation = |kind: &str, direction| EntityRelation {
            id: String::new(),
            kind: kind.to_owned(),
            direction,
            relation: RelationKey { from: id, kind: RelationKind::DerivesFrom, to: id },
            verdict: None,
            other: catena_app::named::Named {
                id,
                kind: catena_model::kind::Kind::Dataset,
                name: "raw".to_owned(),
            },
            removed: false,
            inferred: false,
            evidence: Vec::new(),
        };
        let (out, into) = (RelationDirection::Out, RelationDirection::In);
        let seen = |kind, direction| seen_from(&relation(kind, direction));
        assert_eq!(seen("derives_from", out), ("<-", "it derives from that".to_owned()));
        assert_eq!(seen("derives_from", into), ("->", "that derives from it".to_owned()));
        assert_eq!(seen("writes", out), ("->", "it writes that".to_owned()));
        assert_eq!(seen("checks", into), ("--", "that checks it".to_owned()));
    }
}
