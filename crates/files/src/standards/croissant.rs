//! Croissant: a dataset, its files and the fields of its records.

use catena_model::{
    field::{Field as Aspect, Group, Single},
    kind::Kind,
    source::Known,
    statement::Read,
};
use serde_json::{Map, Value, json};

use super::{items, text};
use crate::{
    FileError,
    models::{HUB, hub},
    schema::{self, Field},
    table::{MOST_COLUMNS, Place, tell_fields},
};

const DEEPEST: usize = 16;

pub(crate) fn tell(place: &Place, document: &Value) -> Result<Vec<Read>, FileError> {
    let thing = place.thing(Kind::Dataset);
    let mut telling = place.telling();
    telling.exists(&thing);
    telling.text(&thing, Single::Name, text(document, "name"));
    telling.text(&thing, Single::Description, text(document, "description"));
    telling.text(&thing, Single::Url, text(document, "url"));
    telling.text(&thing, Single::Version, text(document, "version"));
    telling.text(&thing, Single::Subtype, Some("croissant"));
    if let Some(other) =
        text(document, "url").filter(|url| url.starts_with(HUB)).and_then(|url| hub(Kind::Dataset, url))
    {
        telling.also_named(&thing, other.name);
    }
    let people =
        items(document, "creator").iter().filter_map(|one| text(one, "name").or_else(|| one.as_str()));
    telling.set(&thing, Group::Owners, people.map(str::to_owned).collect());
    let words = items(document, "keywords").iter().filter_map(Value::as_str);
    telling.set(
        &thing,
        Group::Tags,
        words
            .flat_map(|words| words.split(','))
            .map(|word| word.trim().to_owned())
            .filter(|word| !word.is_empty())
            .collect(),
    );
    let mut properties = Map::new();
    for key in ["license", "datePublished", "citeAs", "isLiveDataset", "conformsTo"] {
        if let Some(value) = document.get(key).filter(|value| !value.is_null()) {
            properties.insert(key.to_owned(), value.clone());
        }
    }
    telling.claim(&thing, Aspect::Group(Group::Properties), Some(Value::Object(properties)));
    let sets = items(document, "recordSet");
    let mut fields = Vec::new();
    for set in sets {
        let found = self::fields(set, "field", 0);
        match sets {
            [_] => fields = found,
            _ => {
                let name = text(set, "name").or_else(|| text(set, "@id")).unwrap_or("records");
                let mut outer = Field::new(name, "records");
                outer.description = text(set, "description").map(str::to_owned);
                outer.fields = found;
                fields.push(outer);
            }
        }
    }
    let (mut faults, mut left) = (Vec::new(), MOST_COLUMNS);
    tell_fields(&mut telling, &thing, &fields, &mut left, &mut faults);
    if !fields.is_empty() {
        let key: Vec<String> = sets
            .iter()
            .filter(|_| sets.len() == 1)
            .flat_map(|set| items(set, "key"))
            .filter_map(|key| text(key, "@id").or_else(|| key.as_str()))
            .map(|key| last(key).to_owned())
            .collect();
        telling.facet(&thing, "schema", schema::facet(&fields, &key));
    }
    telling.facet(&thing, "distribution", json!({ "files": document.get("distribution") }));
    let responsible: Map<String, Value> = document
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(key, _)| key.starts_with("rai:"))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    if !responsible.is_empty() {
        telling.facet(&thing, "responsibleAi", Value::Object(responsible));
    }
    let mut reads = vec![place.record(telling, "croissant", Known::Declared)];
    reads.extend(faults.iter().map(|why| place.rejection("", why)));
    Ok(reads)
}

/// A field's own name: `images/label` is `label`.
fn last(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

fn fields(of: &Value, key: &str, depth: usize) -> Vec<Field> {
    items(of, key)
        .iter()
        .filter_map(|field| {
            let name = text(field, "name").or_else(|| text(field, "@id"))?;
            let types: Vec<&str> = items(field, "dataType").iter().filter_map(Value::as_str).collect();
            let repeated = field.get("repeated").and_then(Value::as_bool).unwrap_or(false)
                || field.get("isArray").and_then(Value::as_bool).unwrap_or(false);
            let name_of_type = types.join(" ");
            let data_type = if repeated { format!("list<{name_of_type}>") } else { name_of_type };
            let mut made = Field::new(last(name), data_type);
            made.description = text(field, "description").map(str::to_owned);
            if depth < DEEPEST {
                made.fields = fields(field, "subField", depth + 1);
            }
            Some(made)
        })
        .collect()
}
