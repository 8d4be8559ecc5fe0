//! Runs as they are asked for: one by its id, or all that fit a query.

use std::collections::BTreeSet;

use catena_ingest::langsmith::Object;
use catena_model::{
    kind::Kind,
    span::{SpanId, SpanKind},
    time::Timestamp,
};
use catena_store::{
    Reader, StoreResult,
    table::{
        entity::{self, Ix},
        span,
    },
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    filter::Filter,
    finding::{self, Found},
    keeping::{Answered, id, id_of_path, object, ok, text},
    shown::{Showing, feedback_on},
};
use crate::{desk::Desk, protocol::Request, refusal::Refusal};

/// The most runs that one page has.
const MOST_RUNS: usize = 100;

/// `GET /runs/{id}`
pub(super) async fn one(request: Request, desk: &Desk) -> Answered {
    let id = id_of_path(&request, "id")?;
    let run = desk
        .read(move |reader| match finding::run(reader, id)? {
            Some(found) => Showing::default().run(reader, &found).map(Some),
            None => Ok(None),
        })
        .await?;
    ok(&run.ok_or_else(|| Refusal::NotFound(format!("no run {id} is known")))?)
}

/// `POST /runs/query`
pub(super) async fn query(request: Request, desk: &Desk) -> Answered {
    let question = Question::read(&object(&request, desk)?)?;
    let (runs, next) = desk.read(move |reader| answer(reader, &question)).await?;
    ok(&json!({ "runs": runs, "cursors": { "next": next }, "search_cursors": null, "parsed_query": null }))
}

struct Question {
    sessions: Vec<Uuid>,
    ids: Vec<Uuid>,
    trace: Option<Uuid>,
    parent: Option<Uuid>,
    run_type: Option<String>,
    is_root: Option<bool>,
    failed: Option<bool>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    examples: Vec<String>,
    /// Of the run, of its trace's root, of any run of its trace.
    filters: [Option<Filter>; 3],
    limit: usize,
    after: Option<(Option<i64>, SpanId)>,
    ascending: bool,
}

impl Question {
    fn read(said: &Object) -> Result<Self, Refusal> {
        let list = |key: &str| -> Vec<String> {
            match said.get(key) {
                Some(Value::Array(items)) => {
                    items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
                }
                Some(Value::String(text)) => vec![text.clone()],
                _ => Vec::new(),
            }
        };
        let ids = |key: &str| list(key).iter().map(|text| id(text)).collect::<Result<Vec<_>, _>>();
        let flag = |key: &str| match said.get(key) {
            Some(Value::Bool(yes)) => Some(*yes),
            Some(Value::Number(number)) => Some(number.as_f64() != Some(0.0)),
            _ => None,
        };
        let time = |key: &str| {
            let parse = |text: &str| {
                text.parse::<Timestamp>().map_err(|problem| Refusal::Unreadable(problem.to_string()))
            };
            text(said, key).map(parse).transpose()
        };
        let filter = |key: &str| text(said, key).map(Filter::read).transpose().map_err(Refusal::Unreadable);
        let question = Self {
            sessions: ids("session")?,
            ids: ids("id")?,
            trace: text(said, "trace").or_else(|| text(said, "trace_id")).map(id).transpose()?,
            parent: text(said, "parent_run").map(id).transpose()?,
            run_type: text(said, "run_type").map(str::to_owned),
            is_root: flag("is_root").or_else(|| flag("execution_order").filter(|first| *first)),
            failed: flag("error"),
            from: time("start_time")?,
            until: time("end_time")?,
            examples: list("reference_example"),
            filters: [filter("filter")?, filter("trace_filter")?, filter("tree_filter")?],
            limit: said
                .get("limit")
                .and_then(Value::as_u64)
                .map_or(MOST_RUNS, |limit| usize::try_from(limit).unwrap_or(MOST_RUNS).min(MOST_RUNS)),
            after: text(said, "cursor").map(cursor).transpose()?,
            ascending: text(said, "order") == Some("asc"),
        };
        if question.sessions.is_empty()
            && question.ids.is_empty()
            && question.trace.is_none()
            && question.parent.is_none()
        {
            return Err(Refusal::Unreadable(
                "say which runs: at least one of session, id, trace or parent_run is needed".to_owned(),
            ));
        }
        if text(said, "query").is_some() {
            return Err(Refusal::Unreadable("queries in words are not taken: use filter".to_owned()));
        }
        Ok(question)
    }
}

fn cursor(text: &str) -> Result<(Option<i64>, SpanId), Refusal> {
    let read = || {
        let (start, id) = text.split_once(':')?;
        let start = if start.is_empty() { None } else { Some(start.parse().ok()?) };
        Some((start, SpanId(u128::from_str_radix(id, 16).ok()?)))
    };
    read().ok_or_else(|| {
        Refusal::Unreadable("the cursor is none that was given: start again without it".to_owned())
    })
}

fn answer(reader: &Reader<'_>, question: &Question) -> StoreResult<(Vec<Object>, Option<String>)> {
    let mut places = places(reader, question)?;
    places.sort_unstable();
    places.dedup();
    if !question.ascending {
        places.reverse();
    }
    if let Some(after) = question.after {
        let behind = |place: &span::Place| {
            let key = (place.0, place.1);
            if question.ascending { key > after } else { key < after }
        };
        places.retain(behind);
    }
    let mut showing = Showing::default();
    let mut runs = Vec::new();
    let mut last = None;
    let mut more = false;
    for (start, id, place) in places {
        if runs.len() == question.limit {
            more = true;
            break;
        }
        if fits_time(question, start)
            && let Some(run) = fitting(reader, question, place, id, &mut showing)?
        {
            runs.push(run);
            last = Some((start, id));
        }
    }
    let next = last.filter(|_| more).map(|(start, id)| {
        format!("{}:{:032x}", start.map(|start| start.to_string()).unwrap_or_default(), id.0)
    });
    Ok((runs, next))
}

fn fits_time(question: &Question, start: Option<i64>) -> bool {
    let at = start.map(|nanos| nanos.div_euclid(1_000));
    question.from.is_none_or(|from| at.is_some_and(|at| at >= from.micros()))
        && question.until.is_none_or(|until| at.is_some_and(|at| at <= until.micros()))
}

/// The places of the runs that may fit.
fn places(reader: &Reader<'_>, question: &Question) -> StoreResult<Vec<span::Place>> {
    let mut found = Vec::new();
    if !question.ids.is_empty() {
        for id in &question.ids {
            found.extend(finding::run(reader, *id)?.map(|run| (run.span.start, run.span.id, run.place)));
        }
        return Ok(found);
    }
    let mut traces: BTreeSet<Ix> = BTreeSet::new();
    if let Some(parent) = question.parent {
        traces.extend(finding::run(reader, parent)?.map(|run| run.place));
    }
    if let Some(trace) = question.trace {
        traces.extend(finding::entity(reader, &catena_ingest::genai::names::trace(trace.as_u128()))?);
    }
    if question.parent.is_none() && question.trace.is_none() {
        for session in &question.sessions {
            let Some((project, _)) = finding::project(reader, *session)? else { continue };
            let parts = entity::children(reader.db(), project)?;
            traces.extend(parts.into_iter().filter(|part| part.kind == Kind::Trace).map(|part| part.ix));
        }
    }
    for head in traces {
        for member in reader.group(head)? {
            found.extend(span::places(reader.db(), member.ix, SpanKind::Evaluation)?);
        }
    }
    Ok(found)
}

/// The run at a place, if it fits.
fn fitting(
    reader: &Reader<'_>,
    question: &Question,
    place: Ix,
    id: SpanId,
    showing: &mut Showing,
) -> StoreResult<Option<Object>> {
    let Some(trace) = finding::trace_id(reader, place)? else { return Ok(None) };
    let Some(span) = span::one(reader.db(), place, id)? else { return Ok(None) };
    let parent = span.parent.map(|parent| Uuid::from_u128(parent.0));
    if question.parent.is_some_and(|wanted| parent != Some(wanted))
        || question.is_root.is_some_and(|wanted| wanted != parent.is_none())
    {
        return Ok(None);
    }
    let found = Found { place, trace, span };
    let run = showing.run(reader, &found)?;
    let says = |key: &str| run.get(key).and_then(Value::as_str);
    let fits = question.run_type.as_deref().is_none_or(|wanted| says("run_type") == Some(wanted))
        && question.failed.is_none_or(|wanted| wanted == (says("status") == Some("error")))
        && (question.examples.is_empty()
            || says("reference_example_id")
                .is_some_and(|id| question.examples.iter().any(|wanted| wanted == id)));
    if !fits {
        return Ok(None);
    }
    let [of_run, of_root, of_any] = &question.filters;
    if let Some(filter) = of_run
        && !filter.fits(&run, &feedback_on(reader, place, id)?)
    {
        return Ok(None);
    }
    if let Some(filter) = of_root
        && !any_fits(reader, &found, filter, showing, |span| span.parent.is_none())?
    {
        return Ok(None);
    }
    if let Some(filter) = of_any
        && !any_fits(reader, &found, filter, showing, |_| true)?
    {
        return Ok(None);
    }
    Ok(Some(run))
}

fn any_fits(
    reader: &Reader<'_>,
    found: &Found,
    filter: &Filter,
    showing: &mut Showing,
    which: impl Fn(&catena_model::span::Span) -> bool,
) -> StoreResult<bool> {
    let spans = span::of_trace(reader.db(), found.place)?;
    for span in spans.into_iter().filter(|span| span.kind != SpanKind::Evaluation && which(span)) {
        let id = span.id;
        let run = showing.run(reader, &Found { place: found.place, trace: found.trace, span })?;
        if filter.fits(&run, &feedback_on(reader, found.place, id)?) {
            return Ok(true);
        }
    }
    Ok(false)
}
