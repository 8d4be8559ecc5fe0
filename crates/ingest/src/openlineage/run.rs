//! Runs.

use catena_model::{
    evidence::Method, field::Field, kind::Kind, name::QualifiedName, relation::RelationKind, statement::Thing,
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    event::named,
    facets::{self, Saying},
};
use crate::fault::{Fault, Path, quote};

/// Tells of the event's run, which is a run of `job`; gives its id too.
pub(super) fn tell(saying: &mut Saying, run: Value, job: &Thing) -> Result<(Thing, String), Fault> {
    let path = Path::Root.key("run");
    let mut map = path.into_object(run)?;
    let sent = path.required_in(&map, "runId")?;
    let id = Uuid::try_parse(sent.trim()).map(|id| id.hyphenated().to_string()).map_err(|_| {
        path.key("runId").fault(format!(
            "{} is not a UUID: OpenLineage requires one, so have the source send it",
            quote(sent)
        ))
    })?;
    let thing = of_job(job, &id).map_err(|problem| path.key("runId").bad_name(&problem))?;
    saying.telling.part_of(&thing, job);
    // Nobody calls a run by its UUID: its job and what tells it from the job's other runs (the end: the beginning of a
    // version 7 UUID is the time).
    let called = format!("{} {}", job.name.short(), &id[id.len() - 8..]);
    saying.telling.claim(&thing, Field::NAME, Some(Value::from(called)));
    let facets_path = path.key("facets");
    let facets = match map.remove("facets") {
        None | Some(Value::Null) => Map::new(),
        Some(facets) => facets_path.into_object(facets)?,
    };
    for (name, body) in facets {
        let path = facets_path.key(&name);
        let reading = match name.as_str() {
            "parent" | "parentRun" => parent(saying, &thing, job, &body, &path),
            "externalQuery" => external(saying, &thing, &body, &path),
            "tags" => facets::tell_tags(saying, &thing, &body, &path),
            _ => path.object(&body).map(|_| ()),
        };
        saying.note(reading)?;
        saying.telling.facet(&thing, &name, body);
    }
    Ok((thing, id))
}

fn of_job(job: &Thing, id: &str) -> Result<Thing, catena_model::name::BadName> {
    QualifiedName::new(&job.name.namespace, id).map(|name| Thing::new(Kind::Run, name))
}

/// `parent`: the run that started this one, and its job.
fn parent(
    saying: &mut Saying,
    run: &Thing,
    job: &Thing,
    facet: &Value,
    path: &Path<'_>,
) -> Result<(), Fault> {
    let map = path.object(facet)?;
    if facets::is_deleted(facet) {
        return Ok(());
    }
    let job_path = path.key("job");
    let Some(parent_job) = map.get("job") else {
        return Err(job_path.fault("it is missing: a parent is a run of a job"));
    };
    let parent_job = named(Kind::Job, job_path.object(parent_job)?, &job_path)?;
    saying.telling.part_of(job, &parent_job);
    let run_path = path.key("run");
    let Some(parent_run) = map.get("run") else { return Ok(()) };
    let id = run_path.required_in(run_path.object(parent_run)?, "runId")?;
    // Older schedulers put names of their own here; the facet keeps them.
    if let Ok(id) = Uuid::try_parse(id.trim()) {
        let id = id.hyphenated().to_string();
        let parent_run = of_job(&parent_job, &id).map_err(|problem| run_path.bad_name(&problem))?;
        saying.telling.part_of(&parent_run, &parent_job);
        let detail = Some(json!({"role": "parent"}));
        saying.telling.related(run, RelationKind::RelatedTo, &parent_run, Method::Reported, detail);
    }
    Ok(())
}

/// `externalQuery`: the run's id at the system that carried it out. One that is named there too is told to belong
/// together with it.
fn external(saying: &mut Saying, run: &Thing, facet: &Value, path: &Path<'_>) -> Result<(), Fault> {
    let map = path.object(facet)?;
    let source = path.text_in(map, "source")?.unwrap_or_default();
    let id = path.text_in(map, "externalQueryId")?.unwrap_or_default();
    if source.eq_ignore_ascii_case("mlflow") && !id.is_empty() {
        let name = QualifiedName::new("mlflow://*", &format!("runs/{id}"));
        let other =
            Thing::new(Kind::Run, name.map_err(|problem| path.key("externalQueryId").bad_name(&problem))?);
        let detail = Some(json!({"role": "external run"}));
        saying.telling.related(run, RelationKind::RelatedTo, &other, Method::Reported, detail);
    }
    Ok(())
}
