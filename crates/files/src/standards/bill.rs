//! CycloneDX bills of materials: the models and data that something is made of.

use catena_ingest::telling::Telling;
use catena_model::{
    evidence::Method,
    field::{Field, Group, Single},
    kind::Kind,
    relation::RelationKind,
    source::Known,
    statement::{Read, Thing},
};
use serde_json::{Map, Value};

use super::{items, text};
use crate::{FileError, table::Place};

const DEEPEST: usize = 8;

/// The components that are models or data, with those within others.
fn collect<'a>(of: &'a [Value], depth: usize, out: &mut Vec<(Kind, &'a Value)>) {
    for component in of {
        match text(component, "type") {
            Some("machine-learning-model") => out.push((Kind::ModelVersion, component)),
            Some("data") => out.push((Kind::Dataset, component)),
            _ => {}
        }
        if depth < DEEPEST {
            collect(items(component, "components"), depth + 1, out);
        }
    }
}

pub(crate) fn tell(place: &Place, bill: &Value) -> Result<Vec<Read>, FileError> {
    let mut found = Vec::new();
    if let Some(about) = bill.pointer("/metadata/component") {
        collect(std::slice::from_ref(about), 0, &mut found);
    }
    collect(items(bill, "components"), 0, &mut found);
    if found.is_empty() {
        return Err(FileError::Unsupported(
            "it lists no model and no data, which is what Catena reads of bills of materials".to_owned(),
        ));
    }
    let mut things = Vec::new();
    for (index, (kind, component)) in found.iter().enumerate() {
        let name = text(component, "bom-ref")
            .or_else(|| text(component, "name"))
            .map_or_else(|| index.to_string(), str::to_owned);
        things.push((name.clone(), place.within(*kind, &name)?, *component));
    }
    let mut telling = place.telling();
    for (_, thing, component) in &things {
        describe(&mut telling, thing, component);
        let learned = component.pointer("/modelCard/modelParameters/datasets");
        for dataset in learned.and_then(Value::as_array).into_iter().flatten() {
            let named = text(dataset, "ref").or_else(|| text(dataset, "name"));
            let known = named.and_then(|named| {
                things.iter().find(|(name, thing, _)| name == named && thing.kind == Kind::Dataset)
            });
            let data = match (known, named) {
                (Some((_, data, _)), _) => data.clone(),
                (None, Some(named)) => place.within(Kind::Dataset, named)?,
                (None, None) => continue,
            };
            telling.related(thing, RelationKind::TrainedOn, &data, Method::Declared, None);
        }
        for ancestor in
            component.pointer("/pedigree/ancestors").and_then(Value::as_array).into_iter().flatten()
        {
            if let Some(name) = text(ancestor, "bom-ref").or_else(|| text(ancestor, "name")) {
                let other = place.within(thing.kind, name)?;
                describe(&mut telling, &other, ancestor);
                telling.related(thing, RelationKind::DerivesFrom, &other, Method::Declared, None);
            }
        }
    }
    for dependency in items(bill, "dependencies") {
        let find = |name: Option<&str>| {
            things.iter().find(|(known, ..)| Some(known.as_str()) == name).map(|(_, thing, _)| thing)
        };
        let Some(from) = find(text(dependency, "ref")) else { continue };
        for to in items(dependency, "dependsOn").iter().filter_map(|to| find(to.as_str())) {
            let kind = match (from.kind, to.kind) {
                (Kind::ModelVersion, Kind::Dataset) => RelationKind::TrainedOn,
                _ => RelationKind::DerivesFrom,
            };
            telling.related(from, kind, to, Method::Declared, None);
        }
    }
    Ok(vec![place.record(telling, "cyclonedx", Known::Declared)])
}

fn describe(telling: &mut Telling, thing: &Thing, component: &Value) {
    telling.exists(thing);
    telling.text(thing, Single::Name, text(component, "name"));
    telling.text(thing, Single::Description, text(component, "description"));
    telling.text(thing, Single::Version, text(component, "version"));
    telling.text(thing, Single::Subtype, Some("CycloneDX component"));
    let owner = component
        .pointer("/supplier/name")
        .or_else(|| component.pointer("/manufacturer/name"))
        .or_else(|| component.get("publisher"))
        .and_then(Value::as_str);
    telling.set(thing, Group::Owners, owner.map(str::to_owned).into_iter().collect());
    let tags = items(component, "tags").iter().filter_map(Value::as_str).map(str::to_owned).collect();
    telling.set(thing, Group::Tags, tags);
    let mut properties = Map::new();
    let licenses: Vec<&str> = items(component, "licenses")
        .iter()
        .filter_map(|one| {
            text(one, "expression")
                .or_else(|| one.pointer("/license/id").or_else(|| one.pointer("/license/name"))?.as_str())
        })
        .collect();
    if !licenses.is_empty() {
        properties.insert("license".to_owned(), licenses.join(" and ").into());
    }
    for hash in items(component, "hashes") {
        if let (Some(algorithm), Some(content)) = (text(hash, "alg"), text(hash, "content")) {
            properties.insert(algorithm.to_lowercase().replace('-', ""), content.into());
        }
    }
    for (ours, at) in [
        ("task", "task"),
        ("architecture", "modelArchitecture"),
        ("architecture_family", "architectureFamily"),
        ("approach", "approach/type"),
    ] {
        if let Some(value) = component.pointer(&format!("/modelCard/modelParameters/{at}")) {
            properties.insert(ours.to_owned(), value.clone());
        }
    }
    if let Some(purl) = text(component, "purl") {
        properties.insert("purl".to_owned(), purl.into());
    }
    telling.claim(
        thing,
        Field::Group(Group::Properties),
        (!properties.is_empty()).then_some(Value::Object(properties)),
    );
    if let Some(card) = component.get("modelCard") {
        telling.facet(thing, "modelCard", card.clone());
    }
}
