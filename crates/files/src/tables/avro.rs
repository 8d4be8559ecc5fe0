//! Avro object files: the schema in the header is the table's. No block is read.

use catena_ingest::json::{self, Limits};
use catena_model::statement::Read;
use serde_json::{Map, Value};

use crate::{
    FileError, embedded,
    input::{Cursor, Ranges},
    schema::Field,
    table::{Place, Table},
};

const LARGEST: usize = 8 << 20;
const DEEPEST: usize = 24;

pub(crate) fn read(place: &Place, input: &mut dyn Ranges) -> Result<Vec<Read>, FileError> {
    let head = input.read_at(0, LARGEST)?;
    let mut cursor = Cursor::new("Avro header", &head);
    cursor.take(4)?;
    let mut said: Vec<(&str, &str)> = Vec::new();
    loop {
        let count = cursor.zigzag()?;
        if count == 0 {
            break;
        }
        if count < 0 {
            cursor.zigzag()?;
        }
        for _ in 0..count.unsigned_abs() {
            let key = cursor.varint()? >> 1;
            let key = cursor.take(key)?;
            let value = cursor.varint()? >> 1;
            let value = cursor.take(value)?;
            if let (Ok(key), Ok(value)) = (std::str::from_utf8(key), std::str::from_utf8(value)) {
                said.push((key, value));
            }
        }
    }
    let text = said.iter().find(|(key, _)| *key == "avro.schema").map(|(_, value)| *value);
    let text = text.ok_or_else(|| FileError::damaged("Avro header", "it has no avro.schema"))?;
    let schema = json::read(text.as_bytes(), &Limits::default())?;
    let mut properties = Map::new();
    if let Some((_, codec)) = said.iter().find(|(key, _)| *key == "avro.codec") {
        properties.insert("codec".to_owned(), (*codec).into());
    }
    said.retain(|(key, _)| !key.starts_with("avro."));
    let text = |key: &str| schema.get(key).and_then(Value::as_str).map(str::to_owned);
    let table = Table {
        format: "avro",
        subtype: "file",
        title: None,
        description: text("doc"),
        fields: fields(&schema, 0),
        properties,
        facets: embedded::metadata(&said),
        ..Table::default()
    };
    Ok(table.tell(place))
}

fn fields(record: &Value, depth: usize) -> Vec<Field> {
    let none = Vec::new();
    let list = record.get("fields").and_then(Value::as_array).unwrap_or(&none);
    list.iter()
        .filter_map(|field| {
            let name = field.get("name")?.as_str()?;
            let (data_type, nullable, inner) = type_of(field.get("type")?, depth);
            let mut made = Field::new(name, data_type);
            made.nullable = Some(nullable);
            made.description = field.get("doc").and_then(Value::as_str).map(str::to_owned);
            if let Some(inner) = inner.filter(|_| depth < DEEPEST) {
                made.fields = fields(inner, depth + 1);
            }
            Some(made)
        })
        .collect()
}

/// A type's name, whether it may be nothing, and the record in it.
fn type_of(schema: &Value, depth: usize) -> (String, bool, Option<&Value>) {
    if depth > DEEPEST {
        return ("any".to_owned(), true, None);
    }
    match schema {
        Value::String(name) => (name.clone(), name == "null", None),
        Value::Array(union) => {
            let others: Vec<_> = union.iter().filter(|one| one.as_str() != Some("null")).collect();
            let nullable = others.len() < union.len();
            match others.as_slice() {
                [one] => {
                    let (name, _, inner) = type_of(one, depth + 1);
                    (name, nullable, inner)
                }
                several => {
                    let names: Vec<String> = several.iter().map(|one| type_of(one, depth + 1).0).collect();
                    (format!("union<{}>", names.join(", ")), nullable, None)
                }
            }
        }
        Value::Object(map) => {
            let word = |key: &str| map.get(key).and_then(Value::as_str);
            let number = |key: &str| map.get(key).and_then(Value::as_u64).unwrap_or_default();
            match (word("logicalType"), word("type")) {
                (Some("decimal"), _) => {
                    (format!("decimal({},{})", number("precision"), number("scale")), false, None)
                }
                (Some(logical), _) => (logical.to_owned(), false, None),
                (_, Some(outer @ ("array" | "map"))) => {
                    let of = map.get(if outer == "array" { "items" } else { "values" });
                    let (name, _, inner) =
                        of.map_or(("any".to_owned(), true, None), |of| type_of(of, depth + 1));
                    (format!("{outer}<{name}>"), false, inner)
                }
                (_, Some("record" | "error")) => {
                    (word("name").unwrap_or("record").to_owned(), false, Some(schema))
                }
                (_, Some("enum")) => (word("name").unwrap_or("enum").to_owned(), false, None),
                (_, Some("fixed")) => (format!("fixed({})", number("size")), false, None),
                (_, Some(name)) => (name.to_owned(), false, None),
                (_, None) => match map.get("type") {
                    Some(inner) => type_of(inner, depth + 1),
                    None => ("any".to_owned(), true, None),
                },
            }
        }
        _ => ("any".to_owned(), true, None),
    }
}
