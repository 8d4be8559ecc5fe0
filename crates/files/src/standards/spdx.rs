//! SPDX 3: the AI and dataset packages of a document, and how they are related.

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

fn identifier(of: &Value) -> Option<&str> {
    text(of, "spdxId").or_else(|| text(of, "@id"))
}

fn sort(of: &Value) -> &str {
    text(of, "type").or_else(|| text(of, "@type")).unwrap_or_default()
}

pub(crate) fn tell(place: &Place, document: &Value) -> Result<Vec<Read>, FileError> {
    let graph = items(document, "@graph");
    let mut things: Vec<(&str, Thing)> = Vec::new();
    let mut telling = place.telling();
    for element in graph {
        let kind = match sort(element) {
            "ai_AIPackage" => Kind::ModelVersion,
            "dataset_DatasetPackage" => Kind::Dataset,
            _ => continue,
        };
        let Some(id) = identifier(element) else { continue };
        let thing = place.within(kind, id)?;
        telling.exists(&thing);
        telling.text(&thing, Single::Name, text(element, "name"));
        telling.text(
            &thing,
            Single::Description,
            text(element, "description").or_else(|| text(element, "summary")),
        );
        telling.text(&thing, Single::Version, text(element, "software_packageVersion"));
        telling.text(
            &thing,
            Single::Url,
            text(element, "software_downloadLocation").or_else(|| text(element, "software_homePage")),
        );
        telling.text(&thing, Single::Subtype, Some("SPDX package"));
        let mut properties = Map::new();
        for (key, value) in element.as_object().into_iter().flatten() {
            if let Some(key) = key.strip_prefix("ai_").or_else(|| key.strip_prefix("dataset_")) {
                properties.insert(key.to_owned(), value.clone());
            }
        }
        telling.claim(
            &thing,
            Field::Group(Group::Properties),
            (!properties.is_empty()).then_some(Value::Object(properties)),
        );
        telling.facet(&thing, "spdx", element.clone());
        things.push((id, thing));
    }
    if things.is_empty() {
        return Err(FileError::Unsupported(
            "it has no AI or dataset package, which is what Catena reads of SPDX".to_owned(),
        ));
    }
    for relationship in graph.iter().filter(|element| sort(element).ends_with("Relationship")) {
        let find =
            |id: Option<&str>| things.iter().find(|(known, _)| Some(*known) == id).map(|(_, thing)| thing);
        let Some(from) = find(text(relationship, "from")) else { continue };
        let kind = match text(relationship, "relationshipType") {
            Some("trainedOn") => RelationKind::TrainedOn,
            Some("testedOn") => RelationKind::EvaluatedOn,
            Some("descendantOf" | "generatedFrom" | "variantOf" | "dependsOn") => RelationKind::DerivesFrom,
            _ => continue,
        };
        for to in items(relationship, "to").iter().filter_map(|to| find(to.as_str())) {
            telling.related(from, kind, to, Method::Declared, None);
        }
    }
    Ok(vec![place.record(telling, "spdx", Known::Declared)])
}
