//! What the manifest says of one entry.

use catena_model::{
    field::{Field, Group, Single},
    kind::Kind,
    source::Known,
    statement::{Record, Thing},
};
use serde_json::{Map, Value};

use super::{
    catalog::Found,
    columns::{self, Declared},
    lineage, names,
    project::Project,
    related,
};
use crate::{
    fault::{Fault, Path},
    telling::Telling,
};

/// Tells of an entry and gives the columns that it declares.
pub(super) fn tell(
    project: &Project,
    id: &str,
    node: Map<String, Value>,
    found: &Found,
) -> Result<(Record, Declared), Fault> {
    let path = Path::Root;
    let thing = project.names.thing(id).map_err(|problem| path.bad_name(&problem))?;
    let Some(thing) = thing else { return Err(path.fault("it is of a kind that is not in the catalog")) };
    let mut telling = Telling::at(project.at);
    telling.exists(&thing);
    tell_name(&mut telling, &thing, &node, &path)?;
    let description = path.text_in(&node, "description")?.filter(|text| !text.trim().is_empty());
    match description {
        // The comment that was found at the warehouse is told with everything else that was found.
        None if found.comment.is_some() => {}
        Some(_) => telling.text(&thing, Single::Description, description),
        // A table of a source that says nothing of itself is at least a part of what the source is.
        None => telling.text(&thing, Single::Description, path.text_in(&node, "source_description")?),
    }
    telling.text(&thing, Single::Subtype, subtype(id, &node, &path)?.as_deref());
    telling.set(&thing, Group::Tags, tags(&node, &path)?);
    telling.set(&thing, Group::Owners, owners(project, &node, &path)?);
    tell_meta(&mut telling, &thing, &node, &path)?;
    if let Some(url) = path.text_in(&node, "url")? {
        telling.text(&thing, Single::Url, Some(url));
    }
    let version = node.get("version").filter(|version| version.is_string() || version.is_number());
    if let Some(version) = version {
        let version = version.as_str().map_or_else(|| version.to_string(), str::to_owned);
        telling.text(&thing, Single::Version, Some(&version));
    }
    let mut declared = Declared::default();
    if thing.kind == Kind::Dataset {
        let table = names::relation(&project.names, &node, &path)?;
        if let Some(table) = &table {
            telling.also_named(&thing, table.clone());
        }
        declared = columns::tell(&mut telling, &thing, table.as_ref(), &node, found)?;
    } else {
        // Nothing else holds them together.
        let whole = project.names.project(&project.name).map_err(|problem| path.bad_name(&problem))?;
        telling.part_of(&thing, &whole);
    }
    related::tell(&mut telling, project, id, &thing, &node)?;
    lineage::tell(&mut telling, project, id, &thing, &node)?;
    telling.facet(&thing, "dbt_node", Value::Object(node));
    Ok((telling.record(id.to_owned(), project.source.clone(), Known::Declared), declared))
}

/// Says what people call the thing, unless the end of its name already does.
fn tell_name(
    telling: &mut Telling,
    thing: &Thing,
    node: &Map<String, Value>,
    path: &Path<'_>,
) -> Result<(), Fault> {
    let label = path.text_in(node, "label")?.filter(|label| !label.trim().is_empty());
    let name = match label {
        Some(label) => Some(label),
        None => path.text_in(node, "name")?,
    };
    if name.is_some_and(|name| name != thing.name.short()) {
        telling.text(thing, Single::Name, name);
    }
    Ok(())
}

fn subtype(id: &str, node: &Map<String, Value>, path: &Path<'_>) -> Result<Option<String>, Fault> {
    let config = path.key("config");
    let materialized = match node.get("config") {
        Some(Value::Object(map)) => config.text_in(map, "materialized")?,
        _ => None,
    };
    let resource = id.split('.').next().unwrap_or_default();
    Ok(match resource {
        "test" => Some(related::test_kind(node, path)?),
        "unit_test" => Some("unit".to_owned()),
        "model" => Some(materialized.unwrap_or("model").to_owned()),
        "exposure" | "metric" => Some(path.text_in(node, "type")?.unwrap_or(resource).to_owned()),
        other => Some(other.replace('_', " ")),
    })
}

/// Tags of an entry or column: its own and those of its configuration.
pub(super) fn tags(map: &Map<String, Value>, path: &Path<'_>) -> Result<Vec<String>, Fault> {
    let mut tags: Vec<String> = Vec::new();
    let mut add = |value: Option<&Value>, path: &Path<'_>| -> Result<(), Fault> {
        let items = match value {
            None | Some(Value::Null) => return Ok(()),
            // dbt takes a single tag without brackets too.
            Some(tag @ Value::String(_)) => std::slice::from_ref(tag),
            Some(Value::Array(items)) => items,
            Some(_) => return Err(path.fault("expected an array of texts: correct it in the project")),
        };
        for (index, item) in items.iter().enumerate() {
            let Some(tag) = item.as_str() else {
                return Err(path.index(index).fault("expected a text: correct it in the project"));
            };
            if !tag.is_empty() && !tags.iter().any(|known| known == tag) {
                tags.push(tag.to_owned());
            }
        }
        Ok(())
    };
    add(map.get("tags"), &path.key("tags"))?;
    if let Some(Value::Object(config)) = map.get("config") {
        add(config.get("tags"), &path.key("config").key("tags"))?;
    }
    Ok(tags)
}

/// Everything that an entry's or column's `meta` says, its own and that of its configuration.
pub(super) fn meta(map: &Map<String, Value>, path: &Path<'_>) -> Result<Map<String, Value>, Fault> {
    let mut all = Map::new();
    let mut add = |value: Option<&Value>, path: &Path<'_>| -> Result<(), Fault> {
        match value {
            None | Some(Value::Null) => Ok(()),
            Some(value) => {
                let said = path.object(value)?.iter().filter(|(_, value)| !value.is_null());
                all.extend(said.map(|(key, value)| (key.clone(), value.clone())));
                Ok(())
            }
        }
    };
    if let Some(Value::Object(config)) = map.get("config") {
        add(config.get("meta"), &path.key("config").key("meta"))?;
    }
    add(map.get("meta"), &path.key("meta"))?;
    Ok(all)
}

/// Tells of `meta` as properties.
pub(super) fn tell_meta(
    telling: &mut Telling,
    thing: &Thing,
    map: &Map<String, Value>,
    path: &Path<'_>,
) -> Result<(), Fault> {
    let meta = meta(map, path)?;
    telling.claim(thing, Field::Group(Group::Properties), (!meta.is_empty()).then_some(Value::Object(meta)));
    Ok(())
}

/// Who answers for an entry: its owner, its group's, and whom `meta.owner` names.
fn owners(project: &Project, node: &Map<String, Value>, path: &Path<'_>) -> Result<Vec<String>, Fault> {
    let mut owners: Vec<String> = owner(node, path)?.into_iter().collect();
    let group = match path.text_in(node, "group")? {
        Some(group) => Some(group),
        None => node.get("config").and_then(|config| config["group"].as_str()),
    };
    owners.extend(group.and_then(|group| project.owners.get(group).cloned()));
    match meta(node, path)?.get("owner") {
        Some(Value::String(owner)) => owners.push(owner.clone()),
        Some(Value::Array(all)) => {
            owners.extend(all.iter().filter_map(|owner| owner.as_str().map(str::to_owned)))
        }
        _ => {}
    }
    let mut unique: Vec<String> = Vec::new();
    for owner in owners {
        if !owner.trim().is_empty() && !unique.contains(&owner) {
            unique.push(owner);
        }
    }
    Ok(unique)
}

/// The `owner` of a group or exposure: the address, which is unique, or else the name.
pub(super) fn owner(map: &Map<String, Value>, path: &Path<'_>) -> Result<Option<String>, Fault> {
    let Some(owner) = map.get("owner").filter(|owner| !owner.is_null()) else { return Ok(None) };
    let path = path.key("owner");
    let owner = path.object(owner)?;
    // An address may be a list of them since dbt 1.10.
    let email = match owner.get("email") {
        Some(Value::Array(all)) => all.first().and_then(Value::as_str),
        _ => path.text_in(owner, "email")?,
    };
    Ok(email.or(path.text_in(owner, "name")?).map(str::to_owned))
}
