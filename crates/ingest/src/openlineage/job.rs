//! Jobs.

use std::borrow::Cow;

use catena_model::{evidence::Method, field::Single, kind::Kind, statement::Thing};
use serde_json::Value;

use super::{
    digest,
    event::named,
    facets::{self, Saying},
    parts::{Facet, Part},
};
use crate::fault::{Fault, Path};

/// Tells of the event's job.
pub(super) fn tell(
    saying: &mut Saying,
    job: Part<'_>,
    content: &mut digest::OfEvent,
) -> Result<Thing, Fault> {
    let path = Path::Root.key("job");
    let Part { rest, facets } = job;
    let thing = named(Kind::Job, &rest, &path)?;
    saying.telling.exists(&thing);
    let facets_path = path.key("facets");
    match subtype(&facets, &facets_path) {
        Ok(None) => {}
        Ok(Some(subtype)) => saying.telling.text(&thing, Single::Subtype, Some(&subtype)),
        Err(fault) => saying.fault(fault),
    }
    let mut digests = Vec::with_capacity(facets.len());
    for (name, facet) in facets {
        let path = facets_path.key(&name);
        let digest =
            saying.facet(&thing, &name, facet, &path, Method::Declared, |saying, body| {
                match name.as_str() {
                    "documentation" => facets::documentation(saying, &thing, body, &path),
                    "ownership" => facets::ownership(saying, &thing, body, &path),
                    "tags" => facets::tell_tags(saying, &thing, body, &path),
                    _ => path.object(body).map(|_| ()),
                }
            })?;
        digests.push((name, digest));
    }
    content.facets(digests);
    Ok(thing)
}

/// What sort of job: as its integration says, or else by the language of its code.
fn subtype(facets: &[(String, Facet<'_>)], path: &Path<'_>) -> Result<Option<String>, Fault> {
    let find = |facet: &str| facets.iter().find(|(name, _)| name == facet).map(|(_, facet)| facet);
    let word = |facet: &str, key: &str| -> Result<Option<String>, Fault> {
        let body = match find(facet) {
            None => return Ok(None),
            Some(Facet::Read(body)) => Cow::Borrowed(body),
            // What is no JSON at all is told when the facet itself is read.
            Some(Facet::Raw(raw)) => match serde_json::from_str(raw.get()) {
                Ok(body) => Cow::<Value>::Owned(body),
                Err(_) => return Ok(None),
            },
        };
        if !body.is_object() || facets::is_deleted(&body) {
            return Ok(None);
        }
        let path = path.key(facet);
        let text = path.text_in(path.object(&body)?, key)?;
        Ok(text.filter(|text| !text.is_empty()).map(str::to_lowercase))
    };
    Ok(match word("jobType", "jobType")? {
        None if find("sql").is_some() => Some("sql".to_owned()),
        None => word("sourceCode", "language")?,
        found => found,
    })
}
