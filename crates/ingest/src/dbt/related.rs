//! What an entry depends on, and what a test checks.

use catena_model::{kind::Kind, relation::RelationKind, statement::Thing};
use serde_json::{Map, Value};

use super::project::Project;
use crate::{
    fault::{Fault, Path},
    telling::Telling,
};

/// Tells of everything that the entry is made of, is about or checks; what it no longer declares is gone.
pub(super) fn tell(
    telling: &mut Telling,
    project: &Project,
    id: &str,
    thing: &Thing,
    node: &Map<String, Value>,
) -> Result<(), Fault> {
    let targets = dependencies(project, node)?;
    match thing.kind {
        // A source is where the project begins.
        Kind::Dataset if id.starts_with("source.") => {}
        Kind::Dataset => {
            let datasets = targets.into_iter().filter(|target| target.kind == Kind::Dataset).collect();
            telling.only_related(thing, RelationKind::DerivesFrom, datasets);
        }
        Kind::Test => {
            let (checked, others) = checked(project, node, targets)?;
            telling.only_related(thing, RelationKind::Checks, checked);
            telling.only_related(thing, RelationKind::DependsOn, others);
        }
        _ => telling.only_related(thing, RelationKind::DependsOn, targets),
    }
    Ok(())
}

/// The things of the catalog that the entry depends on, each once.
fn dependencies(project: &Project, node: &Map<String, Value>) -> Result<Vec<Thing>, Fault> {
    let path = Path::Root.key("depends_on");
    let Some(depends_on) = node.get("depends_on").filter(|depends_on| !depends_on.is_null()) else {
        return Ok(Vec::new());
    };
    let nodes = path.list_in(path.object(depends_on)?, "nodes")?;
    let nodes_path = path.key("nodes");
    let mut things = Vec::new();
    for (index, id) in nodes.iter().enumerate() {
        let path = nodes_path.index(index);
        let Some(id) = id.as_str() else {
            return Err(path.fault("expected a unique id: have dbt write the manifest again"));
        };
        let thing = project.names.thing(id).map_err(|problem| path.bad_name(&problem))?;
        things.extend(thing.filter(|thing| !things.contains(thing)));
    }
    Ok(things)
}

/// What a test checks, and what else it needs for that: the column or dataset that it is attached to, and what it is
/// compared with. A test that is attached to nothing checks everything that it reads.
fn checked(
    project: &Project,
    node: &Map<String, Value>,
    targets: Vec<Thing>,
) -> Result<(Vec<Thing>, Vec<Thing>), Fault> {
    let path = Path::Root;
    let attached = match path.text_in(node, "attached_node")? {
        Some(id) => {
            project.names.thing(id).map_err(|problem| path.key("attached_node").bad_name(&problem))?
        }
        // Tests of sources are attached to nothing, but there is no doubt about what they read.
        None if targets.len() == 1 => targets.first().cloned(),
        None => None,
    };
    let Some(attached) = attached else { return Ok((targets, Vec::new())) };
    let others = targets.into_iter().filter(|target| *target != attached).collect();
    let column = match path.text_in(node, "column_name")? {
        // A test may be of an expression over several columns.
        Some(column) if attached.kind == Kind::Dataset && is_name(column) => {
            let column = column.trim_matches(['"', '`']);
            let name =
                attached.name.part(column).map_err(|problem| path.key("column_name").bad_name(&problem))?;
            Some(Thing::new(Kind::Column, name))
        }
        _ => None,
    };
    Ok((vec![column.unwrap_or(attached)], others))
}

fn is_name(column: &str) -> bool {
    !column.trim().is_empty() && !column.contains(['(', ')', ',', '|', '*', '+'])
}

/// What sort of test: the generic test's name with its package, or `singular` for a query of its own.
pub(super) fn test_kind(node: &Map<String, Value>, path: &Path<'_>) -> Result<String, Fault> {
    let path = path.key("test_metadata");
    let Some(metadata) = node.get("test_metadata").filter(|metadata| !metadata.is_null()) else {
        return Ok("singular".to_owned());
    };
    let metadata = path.object(metadata)?;
    let name = path.text_in(metadata, "name")?.unwrap_or("generic");
    Ok(match path.text_in(metadata, "namespace")? {
        Some(package) if !package.is_empty() => format!("{package}.{name}"),
        _ => name.to_owned(),
    })
}
