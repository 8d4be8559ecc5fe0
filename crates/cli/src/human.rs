//! Answers for people. Names come from outside: control characters never reach the terminal.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use catena_app::{
    catalog::CheckReply,
    edit::Operated,
    entity::EntityView,
    history::{ChangeView, OperationView, UndoPlan},
    jobs::ImportReport,
    lineage::Headless,
    search::SearchReply,
};
use serde_json::Value;

type Written = io::Result<()>;

/// The most rejections that are listed.
const MOST: usize = 50;

/// Text as it may be shown in a terminal: control and bidirectional characters are written as escapes.
fn safe(text: &str) -> String {
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

fn value(value: &Value) -> String {
    match value {
        Value::String(text) => safe(text),
        Value::Array(items) => items.iter().map(self::value).collect::<Vec<_>>().join(", "),
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
    Ok(())
}

pub(crate) fn search(reply: &SearchReply, out: &mut dyn Write) -> Written {
    for hit in &reply.hits {
        writeln!(out, "{}  {:<14} {}", hit.id, hit.kind.word(), safe(&hit.name))?;
        for name in &hit.qualified_names {
            writeln!(out, "    {}", safe(name))?;
        }
        writeln!(out, "    {}", safe(&hit.why))?;
    }
    writeln!(out, "{} found in {:.1} ms", reply.total, reply.took_ms)
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
        writeln!(out, "  {}: {} ({})", field.key, value(&field.value), safe(&field.source))?;
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
        let arrow = match relation.direction {
            catena_app::entity::RelationDirection::Out => "->",
            catena_app::entity::RelationDirection::In => "<-",
        };
        writeln!(
            out,
            "  {arrow} {} {} {}",
            relation.kind.replace('_', " "),
            relation.other.kind.word(),
            safe(&relation.other.name)
        )?;
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

pub(crate) fn lineage(lineage: &Headless, out: &mut dyn Write) -> Written {
    for node in &lineage.nodes {
        let name = node.qualified_names.first().map_or("", String::as_str);
        writeln!(out, "{:>4}  {:<14} {}  {}", node.level, node.kind.word(), safe(&node.name), safe(name))?;
    }
    let name = |id| {
        lineage.nodes.iter().find(|node| node.id == id).map_or_else(String::new, |node| safe(&node.name))
    };
    for edge in &lineage.edges {
        writeln!(
            out,
            "      {} -> {}  ({})",
            name(edge.from),
            name(edge.to),
            edge.kind.word().replace('_', " ")
        )?;
    }
    Ok(())
}

pub(crate) fn history(operations: &[OperationView], out: &mut dyn Write) -> Written {
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
            writeln!(out, "    {}", changed(change))?;
        }
    }
    Ok(())
}

fn changed(change: &ChangeView) -> String {
    format!(
        "{} {}: {} -> {}",
        safe(&change.subject_name),
        safe(&change.field),
        value(&change.before),
        value(&change.after)
    )
}

pub(crate) fn plan(plan: &UndoPlan, out: &mut dyn Write) -> Written {
    writeln!(out, "Undoing \"{}\" would make {} changes:", safe(&plan.title), plan.change_count)?;
    for change in &plan.changes {
        writeln!(out, "  {}", changed(change))?;
    }
    if !plan.collisions.is_empty() {
        writeln!(out, "Changed since, so not without --later keep or overwrite:")?;
    }
    for change in &plan.collisions {
        writeln!(
            out,
            "  {} {} is {}",
            safe(&change.subject_name),
            safe(&change.field),
            value(&change.before)
        )?;
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
    use super::*;

    #[test]
    fn what_could_move_the_cursor_or_reverse_the_line_is_shown_as_escapes() {
        assert_eq!(safe("a\u{1b}[2Jb\u{202e}c"), "a<U+001B>[2Jb<U+202E>c");
        assert_eq!(safe("日本 🎉"), "日本 🎉");
    }
}
