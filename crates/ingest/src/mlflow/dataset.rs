//! Datasets that runs read, named by where they came from so that they meet the catalog's tables and files.

use catena_model::{
    field::{Field, Single},
    kind::Kind,
    name::QualifiedName,
    relation::RelationKind,
    statement::Thing,
};
use serde_json::{Value, json};

use super::{
    mapping::{Mapping, object, tag},
    rest::{Dataset, DatasetInput, KeyValue},
};
use crate::{
    telling::Telling,
    uri::{self, database},
};

/// As what a dataset went into a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Training,
    Evaluation,
    Input,
}

impl Role {
    pub(super) const KINDS: [RelationKind; 3] =
        [RelationKind::Reads, RelationKind::TrainedOn, RelationKind::EvaluatedOn];

    /// The role that the input's context tag names; contexts are free text.
    pub(super) fn of(tags: &[KeyValue]) -> Role {
        let context = tag(tags, "mlflow.data.context").unwrap_or_default().to_lowercase();
        let starts = |words: &[&str]| words.iter().any(|word| context.starts_with(word));
        if starts(&["train", "fit"]) {
            Role::Training
        } else if starts(&["eval", "valid", "test", "holdout", "hold-out", "hold_out", "score"]) {
            Role::Evaluation
        } else {
            Role::Input
        }
    }

    pub(super) fn kind(self) -> RelationKind {
        match self {
            Role::Training => RelationKind::TrainedOn,
            Role::Evaluation => RelationKind::EvaluatedOn,
            Role::Input => RelationKind::Reads,
        }
    }
}

/// What a dataset's source says of where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    /// A table of a known database.
    Table { namespace: String, name: String },
    /// A table of some database of this kind, or of any kind (`*://*`).
    SomeTable { namespace: &'static str, name: String },
    /// A file, folder or page.
    File { namespace: String, name: String },
    /// Only the run knows.
    Unknown,
}

impl Mapping {
    /// Tells that a dataset is there and gives its name; `None` if it has none that can be kept.
    pub(super) fn tell_dataset(&self, telling: &mut Telling, dataset: &Dataset) -> Option<Thing> {
        let place = place(dataset);
        let thing = self.dataset_at(&place, dataset)?;
        telling.exists(&thing);
        match &place {
            Place::SomeTable { namespace, name } => {
                if let Ok(name) = QualifiedName::new(namespace, name) {
                    telling.also_named(&thing, name);
                }
            }
            // A database's own columns are better known from elsewhere than through a data frame.
            Place::Table { .. } => {}
            Place::File { .. } | Place::Unknown => tell_columns(telling, &thing, dataset),
        }
        Some(thing)
    }

    /// The dataset's name.
    pub(super) fn dataset(&self, dataset: &Dataset) -> Option<Thing> {
        self.dataset_at(&place(dataset), dataset)
    }

    fn dataset_at(&self, place: &Place, dataset: &Dataset) -> Option<Thing> {
        match place {
            Place::Table { namespace, name } | Place::File { namespace, name } => {
                self.named(Kind::Dataset, namespace, name)
            }
            Place::SomeTable { .. } | Place::Unknown if dataset.name.trim().is_empty() => None,
            Place::SomeTable { .. } | Place::Unknown => {
                self.named(Kind::Dataset, self.namespace(), &format!("datasets/{}", dataset.name.trim()))
            }
        }
    }
}

/// Everything that a run says of one of its inputs.
pub(super) fn body(input: &DatasetInput) -> Value {
    json!({
        "name": input.dataset.name,
        "digest": input.dataset.digest,
        "source_type": input.dataset.source_type,
        "source": embedded(&input.dataset.source),
        "schema": input.dataset.schema.as_deref().map(embedded),
        "profile": input.dataset.profile.as_deref().map(embedded),
        "tags": object(&input.tags),
    })
}

/// JSON that is sent as a string, or the string if it isn't JSON.
fn embedded(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}

fn tell_columns(telling: &mut Telling, thing: &Thing, dataset: &Dataset) {
    let schema = dataset.schema.as_deref().map(embedded);
    let Some(columns) = schema.as_ref().and_then(|schema| schema["mlflow_colspec"].as_array()) else {
        return;
    };
    for (position, column) in columns.iter().enumerate() {
        let Some(name) = column["name"].as_str().and_then(|name| thing.name.part(name).ok()) else {
            continue;
        };
        let part = Thing::new(Kind::Column, name);
        telling.part_of(&part, thing);
        telling.claim(&part, Field::Single(Single::Position), Some(position.into()));
        telling.text(&part, Single::DataType, column["type"].as_str());
    }
}

fn place(dataset: &Dataset) -> Place {
    let source = embedded(&dataset.source);
    let text = |keys: &[&str]| {
        keys.iter().find_map(|key| source[*key].as_str()).map(str::trim).filter(|text| !text.is_empty())
    };
    let uri = text(&["uri", "url", "connection_string"]);
    let table = text(&["delta_table_name", "table_name", "table"]);
    if let Some(table) = table {
        return match uri.and_then(database) {
            Some(namespace) => Place::Table { namespace, name: table.to_owned() },
            None if dataset.source_type.contains("databricks")
                || source["is_databricks_uc_table"] == true =>
            {
                Place::SomeTable { namespace: "databricks://*", name: table.to_owned() }
            }
            None => Place::SomeTable { namespace: "*://*", name: table.to_owned() },
        };
    }
    if dataset.source_type.contains("hugging_face") || dataset.source_type == "hf" {
        return match text(&["path"]) {
            Some(path) => Place::File { namespace: "hf://datasets".to_owned(), name: path.to_owned() },
            None => Place::Unknown,
        };
    }
    match uri.or_else(|| text(&["path"])) {
        Some(uri) => match database(uri) {
            // A database without a table: the run's own name of the dataset is the table's.
            Some(namespace) if !dataset.name.trim().is_empty() => {
                Place::Table { namespace, name: dataset.name.clone() }
            }
            _ => file(uri),
        },
        None => Place::Unknown,
    }
}

fn file(uri: &str) -> Place {
    uri::file(uri).map_or(Place::Unknown, |(namespace, name)| Place::File { namespace, name })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(source_type: &str, source: Value) -> Option<String> {
        let dataset = Dataset {
            name: "orders".to_owned(),
            source_type: source_type.to_owned(),
            source: source.to_string(),
            ..Dataset::default()
        };
        let mapping = Mapping::new("mlflow://ml.example:5000", Default::default()).unwrap();
        mapping.dataset(&dataset).map(|thing| format!("{} {}", thing.name.namespace, thing.name.name))
    }

    #[test]
    fn datasets_are_named_by_where_they_are() {
        let cases = [
            ("s3", json!({"uri": "s3://lake/raw/orders.parquet"}), "s3://lake raw/orders.parquet"),
            ("http", json!({"url": "https://a:b@data.example/o.csv?sig=1"}), "https://data.example o.csv"),
            ("local", json!({"uri": "/data/orders.csv"}), "file /data/orders.csv"),
            ("local", json!({"uri": "file:///data/orders.csv"}), "file /data/orders.csv"),
            ("hugging_face", json!({"path": "squad", "split": "train"}), "hf://datasets squad"),
            (
                "duckdb",
                json!({"uri": "duckdb://zoo.duckdb", "table": "zoo.main.penguins"}),
                "duckdb://zoo.duckdb zoo.main.penguins",
            ),
            (
                "sql",
                json!({"uri": "postgresql+psycopg://me:secret@db.example:5432/shop", "table": "shop.public.orders"}),
                "postgres://db.example:5432 shop.public.orders",
            ),
            ("duckdb", json!({"uri": "duckdb://zoo.duckdb"}), "duckdb://zoo.duckdb orders"),
            ("code", json!({"tags": {}}), "mlflow://ml.example:5000 datasets/orders"),
            (
                "delta_table",
                json!({"delta_table_name": "main.shop.orders"}),
                "mlflow://ml.example:5000 datasets/orders",
            ),
        ];
        for (source_type, source, expected) in cases {
            assert_eq!(
                named(source_type, source.clone()).as_deref(),
                Some(expected),
                "{source_type} {source}"
            );
        }
    }

    #[test]
    fn a_table_of_an_unknown_database_joins_by_a_partial_name() {
        let dataset = Dataset {
            name: "orders".to_owned(),
            source_type: "delta_table".to_owned(),
            source: json!({"delta_table_name": "main.shop.orders", "is_databricks_uc_table": true})
                .to_string(),
            ..Dataset::default()
        };
        assert_eq!(
            place(&dataset),
            Place::SomeTable { namespace: "databricks://*", name: "main.shop.orders".to_owned() }
        );
    }

    #[test]
    fn contexts_are_roles() {
        let role = |context: &str| {
            Role::of(&[KeyValue { key: "mlflow.data.context".to_owned(), value: context.to_owned() }])
        };
        assert_eq!(role("training"), Role::Training);
        assert_eq!(role("Validation"), Role::Evaluation);
        assert_eq!(role("evaluation"), Role::Evaluation);
        assert_eq!(role("lookup"), Role::Input);
        assert_eq!(Role::of(&[]), Role::Input);
    }
}
