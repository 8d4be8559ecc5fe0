//! Evaluation datasets: what applications are measured against.

use catena_model::{
    field::Single,
    kind::Kind,
    relation::RelationKind,
    statement::{Read, Thing},
};
use serde_json::{Map, Value};

use super::{
    mapping::{Mapping, tell_tags},
    spans,
    trace::pairs,
};
use crate::{fault::shorten, genai::names};

impl Mapping {
    /// What an evaluation dataset says (`datasets/search`), with as many of its records as were asked for.
    pub fn evaluation_dataset(&self, dataset: &Value, records: &[Value]) -> Read {
        let id = dataset["dataset_id"].as_str().unwrap_or_default();
        let name = dataset["name"].as_str();
        let place = format!("evaluation dataset {}", shorten(name.unwrap_or(id), 200));
        let thing = self.thing(Kind::Dataset, "evaluation_datasets", id, &place)?;
        let mut telling = self.telling();
        telling.exists(&thing);
        telling.text(&thing, Single::Name, name);
        telling.text(&thing, Single::Subtype, Some("examples"));
        tell_tags(&mut telling, &thing, &pairs(&packed(&dataset["tags"])));
        let mut head = Map::new();
        for key in ["digest", "created_time", "last_update_time", "created_by", "last_updated_by"] {
            head.extend(
                dataset
                    .get(key)
                    .filter(|value| !value.is_null())
                    .map(|value| (key.to_owned(), value.clone())),
            );
        }
        for key in ["schema", "profile"] {
            let value = packed(&dataset[key]);
            if !value.is_null() {
                head.insert(key.to_owned(), value);
            }
        }
        telling.facet(&thing, "evaluation_dataset", Value::Object(head));
        let mut traces: Vec<Thing> = Vec::new();
        for record in records {
            let Some(id) = record["dataset_record_id"].as_str().filter(|id| !id.is_empty()) else { continue };
            telling.facet(&thing, &format!("example/{}", shorten(id, 100)), record.clone());
            // An example may be what was asked in a trace.
            let trace = record["source"]["source_data"]["trace_id"].as_str().and_then(spans::trace_id);
            traces.extend(trace.map(names::trace));
        }
        traces.sort_by(|a, b| a.name.name.cmp(&b.name.name));
        traces.dedup();
        telling.only_related(&thing, RelationKind::DerivesFrom, traces);
        self.record(place, telling)
    }
}

/// JSON, which MLflow packs into a text.
fn packed(value: &Value) -> Value {
    match value {
        Value::String(text) => serde_json::from_str(text).unwrap_or(Value::Null),
        value => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use catena_model::statement::Statement;
    use serde_json::json;

    use super::*;

    #[test]
    fn its_examples_are_kept_and_it_derives_from_the_traces_that_they_are_from() {
        let mapping = Mapping::new("mlflow://ml.example:5000", Default::default()).unwrap();
        let dataset = json!({
            "dataset_id": "d-1", "name": "golden", "tags": "{\"v\": \"1\", \"mlflow.user\": \"ann\"}",
            "schema": "{\"inputs\": {\"q\": \"string\"}}", "profile": "{\"num_records\": 1}", "digest": "80031637",
            "created_time": 1_795_590_181_047_i64,
        });
        let records = [json!({
            "dataset_record_id": "dr-1", "inputs": {"q": "When?"}, "expectations": {"expected": "nine"},
            "source": {"source_type": "TRACE", "source_data": {"trace_id": "tr-e5154511222791c20ddef5356b7e3450"}},
        })];
        let record = mapping.evaluation_dataset(&dataset, &records).unwrap();
        let facet = |wanted: &str| {
            record.statements.iter().find_map(|statement| match statement {
                Statement::Facet { name, body, .. } if name == wanted => Some(body.clone()),
                _ => None,
            })
        };
        assert_eq!(facet("evaluation_dataset").unwrap()["schema"], json!({"inputs": {"q": "string"}}));
        assert_eq!(facet("example/dr-1").unwrap()["inputs"]["q"], "When?");
        assert!(record.statements.iter().any(|statement| matches!(statement,
            Statement::Related { to, .. } if to.name.to_string() == "trace/e5154511222791c20ddef5356b7e3450")));
        assert!(mapping.evaluation_dataset(&json!({"name": "x"}), &[]).is_err());
    }
}
