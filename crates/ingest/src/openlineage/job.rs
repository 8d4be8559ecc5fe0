//! Jobs.

use catena_model::{field::Single, kind::Kind, statement::Thing};
use serde_json::{Map, Value};

use super::{
    event::named,
    facets::{self, Saying},
};
use crate::fault::{Fault, Path};

/// Tells of the event's job.
pub(super) fn tell(saying: &mut Saying, job: Value) -> Result<Thing, Fault> {
    let path = Path::Root.key("job");
    let mut map = path.into_object(job)?;
    let thing = named(Kind::Job, &map, &path)?;
    saying.telling.exists(&thing);
    let facets_path = path.key("facets");
    let facets = facets::take(&mut map, &path)?;
    match subtype(&facets, &facets_path) {
        Ok(None) => {}
        Ok(Some(subtype)) => saying.telling.text(&thing, Single::Subtype, Some(&subtype)),
        Err(fault) => saying.fault(fault),
    }
    for (name, body) in facets {
        let path = facets_path.key(&name);
        let reading = match name.as_str() {
            "documentation" => facets::documentation(saying, &thing, &body, &path),
            "ownership" => facets::ownership(saying, &thing, &body, &path),
            "tags" => facets::tell_tags(saying, &thing, &body, &path),
            _ => path.object(&body).map(|_| ()),
        };
        saying.note(reading)?;
        saying.telling.facet(&thing, &name, body);
    }
    Ok(thing)
}

/// What sort of job: as its integration says, or else by the language of its code.
fn subtype(facets: &Map<String, Value>, path: &Path<'_>) -> Result<Option<String>, Fault> {
    let word = |facet: &str, key: &str| -> Result<Option<String>, Fault> {
        let Some(body) = facets.get(facet).filter(|body| body.is_object() && !facets::is_deleted(body))
        else {
            return Ok(None);
        };
        let path = path.key(facet);
        let text = path.text_in(path.object(body)?, key)?;
        Ok(text.filter(|text| !text.is_empty()).map(str::to_lowercase))
    };
    Ok(match word("jobType", "jobType")? {
        None if facets.contains_key("sql") => Some("sql".to_owned()),
        None => word("sourceCode", "language")?,
        found => found,
    })
}
