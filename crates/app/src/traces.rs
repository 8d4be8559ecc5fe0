//! The steps of a trace as a tree over time, and one step whole.

use std::collections::HashMap;

use catena_model::span::{Span, SpanId, SpanKind, SpanStatus};
use catena_store::{
    Reader,
    table::{
        entity::{EntityRow, Ix},
        span::{self, Outline},
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use ts_rs::TS;

use crate::{App, AppError, entity::EntityArgs, error::Trouble, lookup, named::Named};

/// Which step.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SpanArgs {
    /// The trace: its id, or a name that only it has.
    pub trace: String,
    /// The step's id within it.
    pub span: String,
}

/// What to look for in a trace.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct TraceSearchArgs {
    /// The trace: its id, or a name that only it has.
    pub trace: String,
    /// Letters that the name of a step or what is known of it has in it.
    pub text: String,
}

/// The steps of a trace in the order of its tree: each before those that it caused. One list for each thing that is
/// known of a step, so that 100,000 of them are read at once.
#[derive(Debug, Clone, Default, PartialEq, Serialize, TS)]
pub struct TraceView {
    /// The trace.
    pub trace: Option<Named>,
    /// When the first step started, in milliseconds since the epoch.
    pub start: f64,
    /// From the first start to the last end, in milliseconds.
    pub duration: f64,
    /// The names that steps have, each once.
    pub names: Vec<String>,
    /// The steps' ids.
    pub ids: Vec<String>,
    /// The name of each, as its place in `names`.
    pub name: Vec<u32>,
    /// How deep each is in the tree, 0 for a root.
    pub depth: Vec<u32>,
    /// How many steps each caused, directly or not: those that follow it.
    pub below: Vec<u32>,
    /// What each does.
    pub kind: Vec<SpanKind>,
    /// How each ended.
    pub status: Vec<SpanStatus>,
    /// When each started, in milliseconds after `start`; nothing where it isn't known.
    pub at: Vec<Option<f64>>,
    /// How long each took, in milliseconds; nothing while it runs.
    pub took: Vec<Option<f64>>,
    /// How long each took without those that it caused.
    pub own: Vec<Option<f64>>,
    /// Whether the end of the whole waited for it.
    pub slow_path: Vec<bool>,
    /// Tokens read.
    #[ts(type = "(number | null)[]")]
    pub input_tokens: Vec<Option<i64>>,
    /// Tokens written.
    #[ts(type = "(number | null)[]")]
    pub output_tokens: Vec<Option<i64>>,
    /// US dollars.
    pub cost: Vec<Option<f64>>,
    /// Tokens read in all.
    #[ts(type = "number")]
    pub total_input_tokens: i64,
    /// Tokens written in all.
    #[ts(type = "number")]
    pub total_output_tokens: i64,
    /// US dollars in all; nothing where no step says.
    pub total_cost: Option<f64>,
    /// How many steps ended with an error.
    pub errors: usize,
    /// How many steps name a cause that was never told of; they are shown as roots.
    pub orphans: usize,
}

/// A step whole.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct SpanView {
    /// Its id.
    pub id: String,
    /// What caused it.
    pub parent: Option<String>,
    /// What it is called.
    pub name: String,
    /// What it does.
    pub kind: SpanKind,
    /// How it ended.
    pub status: SpanStatus,
    /// All that the reporter says of it.
    #[ts(type = "{ [key: string]: Json }")]
    pub attributes: Map<String, Value>,
    /// What happened during it.
    #[ts(type = "Json[]")]
    pub events: Vec<Value>,
    /// What reported it.
    #[ts(type = "Json")]
    pub resource: Value,
}

/// Steps that were found.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct TraceFound {
    /// Their ids.
    pub ids: Vec<String>,
}

/// More steps than this are not told at once.
const MOST_SPANS: usize = 1_000_000;

/// The steps of a trace.
pub fn trace(app: &App, args: EntityArgs) -> Result<TraceView, AppError> {
    let session = app.session()?;
    let head = lookup::entity(&session, &args.id)?;
    let outlines = session.catalog.read(|reader| {
        let mut all = Vec::new();
        for member in reader.group(head.ix)? {
            all.extend(span::outlines(reader.db(), member.ix, MOST_SPANS)?);
        }
        Ok(all)
    })?;
    Ok(TraceView { trace: Some(Named::from(&head)), ..laid_out(outlines) })
}

/// One step of a trace.
pub fn span(app: &App, args: SpanArgs) -> Result<SpanView, AppError> {
    let session = app.session()?;
    let head = lookup::entity(&session, &args.trace)?;
    let missing = || AppError::new(Trouble::NotFound, format!("the trace has no step {}", args.span));
    let id = SpanId(u128::from_str_radix(&args.span, 16).map_err(|_| missing())?);
    let found = session.catalog.read(|reader| one(reader, &head, id))?.ok_or_else(missing)?;
    Ok(SpanView {
        id: found.id.to_string(),
        parent: found.parent.map(|parent| parent.to_string()),
        name: found.name,
        kind: found.kind,
        status: found.status,
        attributes: found.attributes,
        events: found.events,
        resource: (*found.resource).clone(),
    })
}

/// The steps whose name, or anything that is known of them, has these letters in it.
pub fn find(app: &App, args: TraceSearchArgs) -> Result<TraceFound, AppError> {
    let session = app.session()?;
    let head = lookup::entity(&session, &args.trace)?;
    let found = session.catalog.read(|reader| {
        let mut found = Vec::new();
        for member in reader.group(head.ix)? {
            found.extend(span::containing(reader.db(), member.ix, &args.text)?);
        }
        Ok(found)
    })?;
    Ok(TraceFound { ids: found.iter().map(ToString::to_string).collect() })
}

fn one(reader: &Reader<'_>, head: &EntityRow, id: SpanId) -> catena_store::StoreResult<Option<Span>> {
    let members: Vec<Ix> = reader.group(head.ix)?.iter().map(|row| row.ix).collect();
    for ix in members {
        if let Some(found) = span::one(reader.db(), ix, id)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Puts steps into the order of their tree. A step whose cause is missing, or is caused by itself, is a root.
fn laid_out(mut spans: Vec<Outline>) -> TraceView {
    spans.sort_by_key(|span| (span.start.unwrap_or(i64::MAX), span.id));
    spans.dedup_by_key(|span| span.id);
    let place: HashMap<SpanId, usize> = spans.iter().enumerate().map(|(at, span)| (span.id, at)).collect();
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); spans.len()];
    let mut roots = Vec::new();
    let mut orphans = 0;
    for (at, span) in spans.iter().enumerate() {
        match span.parent.map(|parent| place.get(&parent)) {
            Some(Some(&parent)) if parent != at => children[parent].push(at),
            Some(_) => {
                orphans += 1;
                roots.push(at);
            }
            None => roots.push(at),
        }
    }
    let mut seen = vec![false; spans.len()];
    let mut order: Vec<(usize, u32)> = Vec::with_capacity(spans.len());
    let mut from = 0;
    let mut stack: Vec<(usize, u32)> = roots.into_iter().rev().map(|at| (at, 0)).collect();
    loop {
        while let Some((at, depth)) = stack.pop() {
            if std::mem::replace(&mut seen[at], true) {
                continue;
            }
            order.push((at, depth));
            stack.extend(children[at].iter().rev().map(|&child| (child, depth + 1)));
        }
        // Steps that cause each other in a ring hang on no root.
        match (from..spans.len()).find(|&at| !seen[at]) {
            Some(at) => {
                from = at;
                orphans += 1;
                stack.push((at, 0));
            }
            None => break,
        }
    }
    view(&spans, &children, &order, orphans)
}

fn view(spans: &[Outline], children: &[Vec<usize>], order: &[(usize, u32)], orphans: usize) -> TraceView {
    let start = spans.iter().filter_map(|span| span.start).min().unwrap_or(0);
    let end = spans.iter().filter_map(|span| span.end.or(span.start)).max().unwrap_or(start);
    let millis = |nanos: i64| nanos as f64 / 1e6;
    let slow = slow_path(spans, children, order);
    let mut view = TraceView {
        start: millis(start),
        duration: millis(end.saturating_sub(start)),
        orphans,
        ..TraceView::default()
    };
    let mut names: HashMap<&str, u32> = HashMap::new();
    view.below = below(order);
    for &(place, depth) in order {
        let span = &spans[place];
        let next = u32::try_from(names.len()).unwrap_or(u32::MAX);
        let name = *names.entry(span.name.as_str()).or_insert_with(|| {
            view.names.push(span.name.clone());
            next
        });
        let took = span.start.zip(span.end).map(|(start, end)| end.saturating_sub(start).max(0));
        view.ids.push(span.id.to_string());
        view.name.push(name);
        view.depth.push(depth);
        view.kind.push(span.kind);
        view.status.push(span.status);
        view.at.push(span.start.map(|at| millis(at.saturating_sub(start))));
        view.took.push(took.map(millis));
        view.own.push(took.map(|took| millis((took - covered(spans, span, &children[place])).max(0))));
        view.slow_path.push(slow[place]);
        view.input_tokens.push(span.usage.input_tokens);
        view.output_tokens.push(span.usage.output_tokens);
        view.cost.push(span.usage.cost);
        view.errors += usize::from(span.status == SpanStatus::Error);
        // A step that only holds others repeats what they used.
        let counts = !children[place].iter().any(|&child| spans[child].usage.input_tokens.is_some());
        if counts {
            view.total_input_tokens += span.usage.input_tokens.unwrap_or(0);
            view.total_output_tokens += span.usage.output_tokens.unwrap_or(0);
        }
        if let Some(cost) = span.usage.cost
            && !children[place].iter().any(|&child| spans[child].usage.cost.is_some())
        {
            view.total_cost = Some(view.total_cost.unwrap_or(0.0) + cost);
        }
    }
    view
}

/// How many steps of the order lie below each: those that follow it and are deeper.
fn below(order: &[(usize, u32)]) -> Vec<u32> {
    let mut below = vec![0; order.len()];
    for (at, &(_, depth)) in order.iter().enumerate().rev() {
        let mut next = at + 1;
        while order.get(next).is_some_and(|(_, other)| *other > depth) {
            // Over a child and all that is below it, so that each step is passed over once.
            next += below[next] as usize + 1;
        }
        below[at] = u32::try_from(next - at - 1).unwrap_or(u32::MAX);
    }
    below
}

/// How many nanoseconds of a step those that it caused were at work, counted once where they overlap.
fn covered(spans: &[Outline], span: &Outline, children: &[usize]) -> i64 {
    let (Some(first), Some(last)) = (span.start, span.end) else { return 0 };
    // Children are in the order of their start.
    let (mut sum, mut until) = (0, first);
    for child in children.iter().map(|&child| &spans[child]) {
        if let (Some(start), Some(end)) = (child.start, child.end) {
            let (start, end) = (start.max(until), end.min(last));
            if end > start {
                sum += end - start;
                until = end;
            }
        }
    }
    sum
}

/// The steps that the end of the whole waited for: of the root that ended last, the child that ended last, and so on.
fn slow_path(spans: &[Outline], children: &[Vec<usize>], order: &[(usize, u32)]) -> Vec<bool> {
    let mut slow = vec![false; spans.len()];
    let last = |among: &mut dyn Iterator<Item = usize>| {
        among.filter(|&at| spans[at].end.is_some()).max_by_key(|&at| (spans[at].end, std::cmp::Reverse(at)))
    };
    let mut next = last(&mut order.iter().filter(|(_, depth)| *depth == 0).map(|&(at, _)| at));
    while let Some(at) = next {
        if std::mem::replace(&mut slow[at], true) {
            break;
        }
        next = last(&mut children[at].iter().copied());
    }
    slow
}

#[cfg(test)]
mod tests {
    use catena_model::span::Usage;
    use proptest::prelude::*;

    use super::*;

    fn outline(id: u128, parent: Option<u128>, start: i64, end: i64) -> Outline {
        Outline {
            id: SpanId(id),
            parent: parent.map(SpanId),
            name: format!("step {id}"),
            kind: SpanKind::Other,
            start: Some(start * 1_000_000),
            end: Some(end * 1_000_000),
            status: SpanStatus::Ok,
            usage: Usage::default(),
        }
    }

    #[test]
    fn steps_stand_below_what_caused_them_with_the_time_that_is_their_own() {
        let view = laid_out(vec![
            outline(3, Some(1), 5, 9),
            outline(1, None, 0, 10),
            outline(2, Some(1), 1, 6),
            outline(4, Some(3), 6, 8),
            outline(9, Some(77), 2, 3),
        ]);
        assert_eq!(view.ids.iter().map(|id| &id[15..]).collect::<Vec<_>>(), ["1", "2", "3", "4", "9"]);
        assert_eq!(view.depth, [0, 1, 1, 2, 0]);
        assert_eq!(view.below, [3, 0, 1, 0, 0]);
        assert_eq!(view.own, [Some(2.0), Some(5.0), Some(2.0), Some(2.0), Some(1.0)], "overlaps count once");
        assert_eq!(view.slow_path, [true, false, true, true, false]);
        assert_eq!((view.orphans, view.duration), (1, 10.0));
    }

    proptest! {
        #[test]
        fn every_step_is_shown_once_whatever_causes_what(
            parents in prop::collection::vec(prop::option::of(0_u128..14), 0..12),
        ) {
            let spans: Vec<Outline> = parents
                .iter()
                .enumerate()
                .map(|(at, parent)| outline(at as u128, *parent, at as i64, at as i64 + 3))
                .collect();
            let view = laid_out(spans);
            let mut ids = view.ids.clone();
            ids.sort();
            ids.dedup();
            prop_assert_eq!(ids.len(), parents.len());
            prop_assert_eq!(view.ids.len(), parents.len());
            prop_assert!(view.own.iter().zip(&view.took).all(|(own, took)| own <= took));
            prop_assert!(view.below.iter().enumerate().all(|(at, below)| at + (*below as usize) < view.ids.len()));
        }
    }
}
