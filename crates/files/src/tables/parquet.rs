//! Parquet: all that its footer says (schema, counts, statistics, key-value metadata). No data page is read.
//!
//! Numbers of fields are those of `parquet.thrift` of the Parquet format.

use catena_model::statement::Read;
use serde_json::{Map, Value, json};

use super::thrift::{self, Thrift};
use crate::{
    FileError, embedded,
    input::{self, Ranges},
    schema::Field,
    table::{Place, Table},
};

/// The largest footer that is read.
const LARGEST: usize = 32 << 20;
const DEEPEST: usize = 32;

pub(crate) fn read(place: &Place, input: &mut dyn Ranges) -> Result<Vec<Read>, FileError> {
    let size = input.size();
    let end = size.checked_sub(8).ok_or(FileError::Truncated("Parquet file"))?;
    let tail = input::exactly(input, "Parquet file", end, 8, 8)?;
    if &tail[4..] == b"PARE" {
        return Err(FileError::Unsupported(
            "its footer is encrypted, so nothing can be told of it".to_owned(),
        ));
    }
    if &tail[4..] != b"PAR1" {
        return Err(FileError::Truncated("Parquet file"));
    }
    let length = u64::from(u32::from_le_bytes([tail[0], tail[1], tail[2], tail[3]]));
    let start = end.checked_sub(length).ok_or(FileError::Truncated("Parquet footer"))?;
    let bytes = input::exactly(input, "Parquet footer", start, length, LARGEST)?;
    let footer = thrift::read(&bytes)?;
    Ok(table(&footer)?.tell(place))
}

fn table(footer: &Thrift<'_>) -> Result<Table, FileError> {
    let elements = footer.list(2);
    let mut at = 1;
    let root = elements.first().ok_or_else(|| FileError::damaged("Parquet footer", "it has no schema"))?;
    let fields = fields(elements, &mut at, root.integer(5).unwrap_or_default(), 0)?;
    let rows = footer.integer(3).unwrap_or_default();
    let mut properties = Map::new();
    properties.insert("rows".to_owned(), rows.into());
    properties.insert("row_groups".to_owned(), footer.list(4).len().into());
    if let Some(writer) = footer.text(6) {
        properties.insert("written_by".to_owned(), writer.into());
    }
    let said: Vec<(&str, &str)> =
        footer.list(5).iter().filter_map(|pair| Some((pair.text(1)?, pair.text(2)?))).collect();
    let mut facets = vec![("profile", profile(footer, rows))];
    facets.extend(embedded::metadata(&said));
    Ok(Table { format: "parquet", subtype: "file", fields, properties, facets, ..Table::default() })
}

fn fields(
    elements: &[Thrift<'_>],
    at: &mut usize,
    count: i64,
    depth: usize,
) -> Result<Vec<Field>, FileError> {
    let mut fields = Vec::new();
    for _ in 0..count {
        let element = elements.get(*at).ok_or_else(|| {
            FileError::damaged("Parquet footer", "its schema has fewer columns than it says")
        })?;
        *at += 1;
        if depth > DEEPEST {
            return Err(FileError::damaged("Parquet footer", "its schema is nested too deep"));
        }
        let name = element.text(4).unwrap_or_default();
        let children = element.integer(5).unwrap_or_default();
        let nested = self::fields(elements, at, children, depth + 1)?;
        let repetition = element.integer(3);
        let mut field = Field::new(name, type_of(element, children > 0, repetition == Some(2)));
        field.nullable = Some(repetition != Some(0));
        field.fields = nested;
        flatten(&mut field);
        fields.push(field);
    }
    Ok(fields)
}

/// A list is written as a group in a group; what is in it is what people look for.
fn flatten(field: &mut Field) {
    let is_list = field.data_type.as_deref() == Some("list");
    if is_list && field.fields.len() == 1 && field.fields[0].fields.len() == 1 {
        let repeated = field.fields.remove(0);
        let Some(item) = repeated.fields.into_iter().next() else { return };
        field.data_type = Some(format!("list<{}>", item.data_type.as_deref().unwrap_or("any")));
        field.fields = item.fields;
    }
}

fn type_of(element: &Thrift<'_>, group: bool, repeated: bool) -> String {
    let name = logical(element).unwrap_or_else(|| match (group, element.integer(1)) {
        (true, _) => match element.integer(6) {
            Some(1 | 2) => "map",
            Some(3) => "list",
            _ => "struct",
        }
        .to_owned(),
        (_, Some(0)) => "boolean".to_owned(),
        (_, Some(1)) => "int32".to_owned(),
        (_, Some(2)) => "int64".to_owned(),
        (_, Some(3)) => "int96".to_owned(),
        (_, Some(4)) => "float".to_owned(),
        (_, Some(5)) => "double".to_owned(),
        (_, Some(7)) => format!("fixed({})", element.integer(2).unwrap_or_default()),
        _ => "binary".to_owned(),
    });
    if repeated && !group { format!("list<{name}>") } else { name }
}

fn logical(element: &Thrift<'_>) -> Option<String> {
    if let Some(Thrift::Struct(which)) = element.field(10)
        && let Some((number, what)) = which.first()
    {
        let unit = || match what.field(2) {
            Some(Thrift::Struct(unit)) => match unit.first().map(|(number, _)| *number) {
                Some(1) => "ms",
                Some(2) => "us",
                _ => "ns",
            },
            _ => "us",
        };
        let utc = matches!(what.field(1), Some(Thrift::Bool(true)));
        return Some(match number {
            1 => "string".to_owned(),
            2 => "map".to_owned(),
            3 => "list".to_owned(),
            4 => "enum".to_owned(),
            5 => {
                let (scale, precision) = (what.integer(1).unwrap_or(0), what.integer(2).unwrap_or(0));
                format!("decimal({precision},{scale})")
            }
            6 => "date".to_owned(),
            7 => format!("time[{}]", unit()),
            8 if utc => format!("timestamp[{}, UTC]", unit()),
            8 => format!("timestamp[{}]", unit()),
            10 => {
                let signed = matches!(what.field(2), Some(Thrift::Bool(true)));
                format!("{}int{}", if signed { "" } else { "u" }, what.integer(1).unwrap_or(32))
            }
            12 => "json".to_owned(),
            13 => "bson".to_owned(),
            14 => "uuid".to_owned(),
            15 => "float16".to_owned(),
            _ => return None,
        });
    }
    // What older writers say in its place.
    Some(
        match element.integer(6)? {
            0 => "string",
            4 => "enum",
            5 => {
                return Some(format!("decimal({},{})", element.integer(8)?, element.integer(7).unwrap_or(0)));
            }
            6 => "date",
            7 => "time[ms]",
            8 => "time[us]",
            9 => "timestamp[ms]",
            10 => "timestamp[us]",
            11 => "uint8",
            12 => "uint16",
            13 => "uint32",
            14 => "uint64",
            15 => "int8",
            16 => "int16",
            17 => "int32",
            18 => "int64",
            19 => "json",
            _ => return None,
        }
        .to_owned(),
    )
}

/// What one column's chunks say of its values.
#[derive(Default)]
struct Column {
    values: i64,
    nulls: Option<i64>,
    least: Option<Value>,
    greatest: Option<Value>,
    bytes: i64,
}

fn profile(footer: &Thrift<'_>, rows: i64) -> Value {
    let mut columns: Vec<(String, Column)> = Vec::new();
    for group in footer.list(4) {
        for (index, chunk) in group.list(1).iter().enumerate() {
            let Some(meta) = chunk.field(3) else { continue };
            let path: Vec<&str> = meta
                .list(3)
                .iter()
                .filter_map(|part| match part {
                    Thrift::Binary(bytes) => std::str::from_utf8(bytes).ok(),
                    _ => None,
                })
                .collect();
            // Every group has the same columns in the same order.
            if columns.len() <= index {
                columns.push((path.join("."), Column { nulls: Some(0), ..Column::default() }));
            }
            let Some((_, column)) = columns.get_mut(index) else { continue };
            column.values = column.values.saturating_add(meta.integer(5).unwrap_or_default());
            column.bytes = column.bytes.saturating_add(meta.integer(7).unwrap_or_default());
            let statistics = meta.field(12);
            let nulls = statistics.and_then(|statistics| statistics.integer(3));
            column.nulls = column.nulls.zip(nulls).map(|(sum, more)| sum.saturating_add(more));
            let Some(statistics) = statistics else { continue };
            let kind = meta.integer(1).unwrap_or(-1);
            let (least, greatest) = (plain(kind, statistics.bytes(6)), plain(kind, statistics.bytes(5)));
            column.least = pick(column.least.take(), least, false);
            column.greatest = pick(column.greatest.take(), greatest, true);
        }
    }
    let columns: Map<String, Value> = columns
        .into_iter()
        .map(|(name, column)| {
            let personal = crate::detect::is_personal(&name);
            let mut said = json!({ "count": column.values, "compressed_bytes": column.bytes });
            if let Some(nulls) = column.nulls {
                said["nulls"] = nulls.into();
            }
            if personal {
                said["personal"] = true.into();
            } else if let (Some(least), Some(greatest)) = (column.least, column.greatest) {
                said["min"] = least;
                said["max"] = greatest;
            }
            (name, said)
        })
        .collect();
    json!({ "rows": rows, "from": "statistics in the footer", "columns": columns })
}

/// A statistic of a plain number. Texts and what has a meaning of its own are left out: they may be cut off.
fn plain(kind: i64, bytes: Option<&[u8]>) -> Option<Value> {
    let bytes = bytes?;
    match kind {
        1 => Some(i32::from_le_bytes(bytes.try_into().ok()?).into()),
        2 => Some(i64::from_le_bytes(bytes.try_into().ok()?).into()),
        4 => Some(json!(f32::from_le_bytes(bytes.try_into().ok()?))),
        5 => Some(json!(f64::from_le_bytes(bytes.try_into().ok()?))),
        _ => None,
    }
}

fn pick(held: Option<Value>, other: Option<Value>, greater: bool) -> Option<Value> {
    match (held, other) {
        (Some(held), Some(other)) => {
            let more = other.as_f64().unwrap_or_default() > held.as_f64().unwrap_or_default();
            Some(if more == greater { other } else { held })
        }
        (held, other) => held.or(other),
    }
}
