//! One event: which of the three sorts it is, and what it says.

use catena_model::{
    evidence::Method,
    kind::Kind,
    name::QualifiedName,
    relation::RelationKind,
    source::{Known, Source},
    statement::{EventKey, Record, Thing},
    time::Timestamp,
};
use serde_json::{Map, Value, json};

use super::{dataset, digest, facets::Saying, job, model, run};
use crate::{
    fault::{Fault, Path, quote},
    telling::Telling,
};

/// What was read of one event.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) record: Record,
    /// What could not be read of its facets.
    pub(super) faults: Vec<Fault>,
}

/// What every event has.
struct Head {
    at: Timestamp,
    producer: String,
    content: [u8; 16],
}

/// Reads an event that stood at `place`.
pub(super) fn read(place: &str, value: Value) -> Result<Event, Fault> {
    let content = digest::content(&value);
    let mut event = Path::Root.into_object(value)?;
    let at = Path::Root.time_in(&event, "eventTime")?;
    let producer = Path::Root.text_in(&event, "producer")?.unwrap_or_default().to_owned();
    let head = Head { at, producer, content };
    let mut part = |key: &str| event.remove(key).filter(|value| !value.is_null());
    match (part("run"), part("job"), part("dataset")) {
        (Some(run), Some(job), _) => of_run(place, head, run, job, event),
        (Some(_), None, _) => Err(Path::Root.key("job").fault(
            "it is missing: a run is a run of a job, so have the source send the job's namespace and name",
        )),
        (None, Some(_), _) | (None, None, Some(_)) if event.contains_key("eventType") => Err(Path::Root
            .key("run")
            .fault("it is missing, but eventType is there: a run event needs run.runId")),
        (None, Some(job), _) => of_job(place, &head, job, event),
        (None, None, Some(dataset)) => of_dataset(place, &head, dataset),
        (None, None, None) => Err(Path::Root.fault(
            "it has neither run, job nor dataset, so it is no OpenLineage event: check what the file holds",
        )),
    }
}

fn of_run(
    place: &str,
    head: Head,
    run: Value,
    job: Value,
    mut event: Map<String, Value>,
) -> Result<Event, Fault> {
    let state = state(&event)?;
    let (inputs, outputs) = ends(&mut event)?;
    let mut saying = Saying::new(head.at);
    let job = job::tell(&mut saying, job)?;
    let (run, id) = run::tell(&mut saying, run, &job)?;
    let inputs = tell_ends(&mut saying, inputs, &INPUT, Some(&run), &job, Method::Reported)?;
    let outputs = tell_ends(&mut saying, outputs, &OUTPUT, Some(&run), &job, Method::Reported)?;
    tell_implied_reads(&mut saying, &inputs, &job, Method::Reported);
    for (end, things) in [(&INPUT, &inputs), (&OUTPUT, &outputs)] {
        if !things.is_empty() {
            saying.telling.facet(&run, end.list, names(things));
        }
    }
    saying.telling.facet(&run, state.facet, state_facet(&head, event));
    let time = head.at.micros().to_string();
    let key = digest::identity(&["run", &id, state.word, &time, &head.producer]);
    Ok(finish(saying, place, &head, key, job.name.namespace, Known::Detected))
}

fn of_job(place: &str, head: &Head, job: Value, mut event: Map<String, Value>) -> Result<Event, Fault> {
    let (inputs, outputs) = ends(&mut event)?;
    let mut saying = Saying::new(head.at);
    let job = job::tell(&mut saying, job)?;
    let inputs = tell_ends(&mut saying, inputs, &INPUT, None, &job, Method::Declared)?;
    tell_ends(&mut saying, outputs, &OUTPUT, None, &job, Method::Declared)?;
    tell_implied_reads(&mut saying, &inputs, &job, Method::Declared);
    let time = head.at.micros().to_string();
    let key = digest::identity(&["job", &job.name.namespace, &job.name.name, &time, &head.producer]);
    Ok(finish(saying, place, head, key, job.name.namespace, Known::Declared))
}

fn of_dataset(place: &str, head: &Head, dataset: Value) -> Result<Event, Fault> {
    let mut saying = Saying::new(head.at);
    let path = Path::Root.key("dataset");
    let dataset = dataset::tell(&mut saying, dataset, &path, Method::Declared)?.thing;
    // There is no job between these datasets.
    for source in saying.take_sources() {
        saying.telling.related(&dataset, RelationKind::DerivesFrom, &source, Method::Declared, None);
    }
    let time = head.at.micros().to_string();
    let key =
        digest::identity(&["dataset", &dataset.name.namespace, &dataset.name.name, &time, &head.producer]);
    Ok(finish(saying, place, head, key, dataset.name.namespace, Known::Declared))
}

fn finish(saying: Saying, place: &str, head: &Head, key: [u8; 16], namespace: String, known: Known) -> Event {
    let source = Source::System { system: "openlineage".to_owned(), instance: namespace };
    let mut record = saying.telling.record(place.to_owned(), source, known);
    record.event = Some(EventKey { key, content: head.content });
    Event { record, faults: saying.faults }
}

/// What happened to a run, and the facet that says so: one for each state, so that events in any order leave the
/// same facets.
struct State {
    word: &'static str,
    facet: &'static str,
}

const STATES: [State; 6] = [
    State { word: "START", facet: "start" },
    State { word: "RUNNING", facet: "running" },
    State { word: "COMPLETE", facet: "complete" },
    State { word: "FAIL", facet: "fail" },
    State { word: "ABORT", facet: "abort" },
    State { word: "OTHER", facet: "other" },
];

fn state(event: &Map<String, Value>) -> Result<&'static State, Fault> {
    let word = Path::Root.text_in(event, "eventType")?.unwrap_or("OTHER");
    STATES.iter().find(|state| state.word.eq_ignore_ascii_case(word)).ok_or_else(|| {
        let known = STATES.map(|state| state.word).join(", ");
        Path::Root
            .key("eventType")
            .fault(format!("{} is no state of a run: send one of {known}", quote(word)))
    })
}

/// What the event says of itself, with anything that OpenLineage doesn't name.
fn state_facet(head: &Head, event: Map<String, Value>) -> Value {
    let mut body = Map::new();
    body.insert("eventTime".to_owned(), json!(head.at));
    body.insert("producer".to_owned(), json!(head.producer));
    body.extend(
        event.into_iter().filter(|(key, _)| !matches!(key.as_str(), "eventType" | "eventTime" | "producer")),
    );
    Value::Object(body)
}

/// A side of a job.
struct End {
    /// The event's list of datasets, and the run's facet that keeps their names.
    list: &'static str,
    /// Facets about the pair of run and dataset.
    facets: &'static str,
    /// Tells that a job takes or makes the thing.
    tell: fn(&mut Telling, &Thing, &Thing, Method),
}

const INPUT: End = End { list: "inputs", facets: "inputFacets", tell: model::taken };
const OUTPUT: End = End { list: "outputs", facets: "outputFacets", tell: model::made };

fn ends(event: &mut Map<String, Value>) -> Result<(Vec<Value>, Vec<Value>), Fault> {
    let mut list = |end: &End| {
        event.remove(end.list).map_or(Ok(Vec::new()), |value| Path::Root.key(end.list).into_list(value))
    };
    Ok((list(&INPUT)?, list(&OUTPUT)?))
}

fn tell_ends(
    saying: &mut Saying,
    datasets: Vec<Value>,
    end: &End,
    run: Option<&Thing>,
    job: &Thing,
    method: Method,
) -> Result<Vec<Thing>, Fault> {
    let mut things = Vec::with_capacity(datasets.len());
    let list = Path::Root.key(end.list);
    for (index, value) in datasets.into_iter().enumerate() {
        let path = list.index(index);
        let mut dataset = dataset::tell(saying, value, &path, method)?;
        if let Some(facets) = dataset.rest.remove(end.facets).filter(|facets| !facets.is_null()) {
            for (name, body) in path.key(end.facets).into_object(facets)? {
                saying.telling.pair_facet(run.unwrap_or(job), Some(&dataset.thing), &name, body);
            }
        }
        (end.tell)(&mut saying.telling, job, &dataset.thing, method);
        things.push(dataset.thing);
    }
    Ok(things)
}

/// A job whose output has columns made of another dataset's reads that dataset, even when its inputs leave it out.
fn tell_implied_reads(saying: &mut Saying, inputs: &[Thing], job: &Thing, method: Method) {
    for source in saying.take_sources() {
        if !inputs.contains(&source) {
            saying.telling.related(job, RelationKind::Reads, &source, method, None);
        }
    }
}

fn names(things: &[Thing]) -> Value {
    let names =
        things.iter().map(|thing| json!({"namespace": thing.name.namespace, "name": thing.name.name}));
    Value::Array(names.collect())
}

/// The thing that `map` names.
pub(super) fn named(kind: Kind, map: &Map<String, Value>, path: &Path<'_>) -> Result<Thing, Fault> {
    let namespace = path.required_in(map, "namespace")?;
    let name = path.required_in(map, "name")?;
    let name = QualifiedName::new(namespace, name).map_err(|problem| path.bad_name(&problem))?;
    Ok(Thing::new(kind, name))
}
