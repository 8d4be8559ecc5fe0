//! What a table's columns are, however its file says so.

use serde_json::{Map, Value, json};

/// A column, or a field within one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its type, as its format writes it.
    pub data_type: Option<String>,
    /// Whether it may hold nothing; none where that is not known.
    pub nullable: Option<bool>,
    /// What somebody wrote about it.
    pub description: Option<String>,
    /// What form its texts have: `email`, `uuid`.
    pub format: Option<&'static str>,
    /// The fields within it.
    pub fields: Vec<Field>,
    /// Anything more that is said of it.
    pub properties: Map<String, Value>,
}

impl Field {
    /// A field of this name and type.
    pub fn new(name: &str, data_type: impl Into<String>) -> Self {
        Self { name: name.to_owned(), data_type: Some(data_type.into()), ..Self::default() }
    }

    fn json(&self) -> Value {
        let mut map = Map::new();
        map.insert("name".to_owned(), self.name.clone().into());
        let mut put = |key: &str, value: Option<Value>| {
            if let Some(value) = value {
                map.insert(key.to_owned(), value);
            }
        };
        put("type", self.data_type.clone().map(Value::from));
        put("nullable", self.nullable.map(Value::from));
        put("description", self.description.clone().map(Value::from));
        put("format", self.format.map(Value::from));
        put("fields", (!self.fields.is_empty()).then(|| fields(&self.fields)));
        Value::Object(map)
    }
}

fn fields(of: &[Field]) -> Value {
    Value::Array(of.iter().map(Field::json).collect())
}

/// The columns as OpenLineage's `schema` facet has them, with what it has no word for beside.
pub(crate) fn facet(of: &[Field], key: &[String]) -> Value {
    let mut facet = json!({ "fields": fields(of) });
    if !key.is_empty() {
        facet["primaryKey"] = key.into();
    }
    facet
}
