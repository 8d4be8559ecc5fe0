//! One event: which of the three sorts it is, and what it says.

use catena_model::{
    evidence::Method,
    kind::Kind,
    name::QualifiedName,
    relation::RelationKind,
    source::{Known, Source},
    span::{SpanId, SpanStatus},
    statement::{EventKey, Record, Statement, Thing},
    time::Timestamp,
    work::{Role, Work},
};
use serde_json::{Map, Value, json as value};

use super::{
    dataset, digest,
    facets::Saying,
    job, model,
    parts::{Part, Parts},
    passages::Passages,
    query::Query,
    run,
};
use crate::{
    fault::{Fault, Path, quote},
    json,
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
}

/// Reads an event that stood at `place`.
pub(super) fn read(
    place: &str,
    parts: Parts<'_>,
    known: &mut Passages,
    limits: &json::Limits,
) -> Result<Event, Fault> {
    let at = Path::Root.time_in(&parts.rest, "eventTime")?;
    let producer = Path::Root.text_in(&parts.rest, "producer")?.unwrap_or_default().to_owned();
    let reading = Reading {
        place,
        head: Head { at, producer },
        saying: Saying::new(at, known, limits, parts.items),
        content: digest::OfEvent::new(&parts),
    };
    let Parts { run, job, dataset, inputs, outputs, rest, .. } = parts;
    match (run, job, dataset) {
        (Some(run), Some(job), _) => reading.of_run(run, job, inputs, outputs, rest),
        (Some(_), None, _) => Err(Path::Root.key("job").fault(
            "it is missing: a run is a run of a job, so have the source send the job's namespace and name",
        )),
        (None, Some(_), _) | (None, None, Some(_)) if rest.contains_key("eventType") => Err(Path::Root
            .key("run")
            .fault("it is missing, but eventType is there: a run event needs run.runId")),
        (None, Some(job), _) => reading.of_job(job, inputs, outputs),
        (None, None, Some(dataset)) => reading.of_dataset(dataset),
        (None, None, None) => Err(Path::Root.fault(
            "it has neither run, job nor dataset, so it is no OpenLineage event: check what the file holds",
        )),
    }
}

/// An event under way.
struct Reading<'a> {
    place: &'a str,
    head: Head,
    saying: Saying<'a>,
    content: digest::OfEvent,
}

impl Reading<'_> {
    fn of_run(
        mut self,
        run: Value,
        job: Part<'_>,
        inputs: Vec<Part<'_>>,
        outputs: Vec<Part<'_>>,
        rest: Map<String, Value>,
    ) -> Result<Event, Fault> {
        let state = state(&rest)?;
        let query = Query::of(&job, &inputs, &outputs);
        let job = job::tell(&mut self.saying, job, &mut self.content)?;
        let (run, id) = run::tell(&mut self.saying, run, &job)?;
        let inputs = self.ends(inputs, &INPUT, Some(&run), &job, Method::Reported)?;
        let outputs = self.ends(outputs, &OUTPUT, Some(&run), &job, Method::Reported)?;
        let implied = self.implied_reads(&inputs, &job, Method::Reported);
        // Only when a run is over has it reported all that it reports.
        if state.word == "COMPLETE" {
            query.tell(&mut self.saying, &job, (&inputs, &implied, &outputs), self.head.at);
        }
        for (end, things) in [(&INPUT, &inputs), (&OUTPUT, &outputs)] {
            if !things.is_empty() {
                self.saying.telling.facet(&run, end.list, names(things));
            }
        }
        self.count(&run, &job, state);
        self.saying.telling.facet(&run, state.facet, state_facet(&self.head, rest));
        let key = self.key(&["run", &id, state.word]);
        Ok(self.finish(key, job.name.namespace, Known::Detected))
    }

    /// Counts the run for its job. Only what begins or ends it says how long it took.
    fn count(&mut self, run: &Thing, job: &Thing, state: &State) {
        let nanos = self.head.at.micros().saturating_mul(1_000);
        let mut work = Work::new(run.clone(), SpanId(0));
        match state.word {
            "START" => work.start = Some(nanos),
            "COMPLETE" => (work.end, work.status) = (Some(nanos), SpanStatus::Ok),
            "FAIL" | "ABORT" => (work.end, work.status) = (Some(nanos), SpanStatus::Error),
            _ => return,
        }
        work.roles.push((Role::Called, job.clone()));
        self.saying.telling.push(Statement::Work(Box::new(work)));
    }

    fn of_job(
        mut self,
        job: Part<'_>,
        inputs: Vec<Part<'_>>,
        outputs: Vec<Part<'_>>,
    ) -> Result<Event, Fault> {
        let query = Query::of(&job, &inputs, &outputs);
        let job = job::tell(&mut self.saying, job, &mut self.content)?;
        let inputs = self.ends(inputs, &INPUT, None, &job, Method::Declared)?;
        let outputs = self.ends(outputs, &OUTPUT, None, &job, Method::Declared)?;
        let implied = self.implied_reads(&inputs, &job, Method::Declared);
        query.tell(&mut self.saying, &job, (&inputs, &implied, &outputs), self.head.at);
        let key = self.key(&["job", &job.name.namespace, &job.name.name]);
        Ok(self.finish(key, job.name.namespace, Known::Declared))
    }

    fn of_dataset(mut self, dataset: Part<'_>) -> Result<Event, Fault> {
        let path = Path::Root.key("dataset");
        let dataset =
            dataset::tell(&mut self.saying, dataset, &path, Method::Declared, &mut self.content)?.thing;
        // There is no job between these datasets.
        for source in self.saying.take_sources() {
            self.saying.telling.related(&dataset, RelationKind::DerivesFrom, &source, Method::Declared, None);
        }
        let key = self.key(&["dataset", &dataset.name.namespace, &dataset.name.name]);
        Ok(self.finish(key, dataset.name.namespace, Known::Declared))
    }

    /// What makes it this event.
    fn key(&self, parts: &[&str]) -> [u8; 16] {
        let time = self.head.at.micros().to_string();
        let parts = parts.iter().copied().chain([time.as_str(), &self.head.producer]);
        digest::identity(parts.map(str::as_bytes))
    }

    fn finish(self, key: [u8; 16], namespace: String, known: Known) -> Event {
        let source = Source::System { system: "openlineage".to_owned(), instance: namespace };
        let mut record = self.saying.telling.record(self.place.to_owned(), source, known);
        record.event = Some(EventKey { key, content: self.content.finish() });
        Event { record, faults: self.saying.faults }
    }

    fn ends(
        &mut self,
        datasets: Vec<Part<'_>>,
        end: &End,
        run: Option<&Thing>,
        job: &Thing,
        method: Method,
    ) -> Result<Vec<Thing>, Fault> {
        let mut things = Vec::with_capacity(datasets.len());
        let list = Path::Root.key(end.list);
        for (index, part) in datasets.into_iter().enumerate() {
            let path = list.index(index);
            let mut dataset = dataset::tell(&mut self.saying, part, &path, method, &mut self.content)?;
            if let Some(facets) = dataset.rest.remove(end.facets).filter(|facets| !facets.is_null()) {
                for (name, body) in path.key(end.facets).into_object(facets)? {
                    self.saying.telling.pair_facet(run.unwrap_or(job), Some(&dataset.thing), &name, body);
                }
            }
            (end.tell)(&mut self.saying.telling, job, &dataset.thing, method);
            things.push(dataset.thing);
        }
        Ok(things)
    }

    /// A job whose output has columns made of another dataset's reads that dataset, even when its inputs leave it out.
    fn implied_reads(&mut self, inputs: &[Thing], job: &Thing, method: Method) -> Vec<Thing> {
        let implied: Vec<Thing> =
            self.saying.take_sources().into_iter().filter(|source| !inputs.contains(source)).collect();
        for source in &implied {
            self.saying.telling.related(job, RelationKind::Reads, source, method, None);
        }
        implied
    }
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
    body.insert("eventTime".to_owned(), value!(head.at));
    body.insert("producer".to_owned(), value!(head.producer));
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

fn names(things: &[Thing]) -> Value {
    let names =
        things.iter().map(|thing| value!({"namespace": thing.name.namespace, "name": thing.name.name}));
    Value::Array(names.collect())
}

/// The thing that `map` names.
pub(super) fn named(kind: Kind, map: &Map<String, Value>, path: &Path<'_>) -> Result<Thing, Fault> {
    let namespace = path.required_in(map, "namespace")?;
    let name = path.required_in(map, "name")?;
    let name = QualifiedName::new(namespace, name).map_err(|problem| path.bad_name(&problem))?;
    Ok(Thing::new(kind, name))
}
