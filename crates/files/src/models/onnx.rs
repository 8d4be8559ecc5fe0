//! ONNX: the model's protobuf, read field by field; of tensors only the types and shapes.
//!
//! Numbers of fields are those of `onnx.proto`.

use catena_model::statement::Read;
use serde_json::{Map, Value, json};

use super::{ModelFile, Tensors};
use crate::{
    FileError,
    input::{Cursor, Ranges},
    table::Place,
};

/// A model with its weights inside is read as far as that.
const LARGEST: u64 = 192 << 20;
const MOST_FIELDS: usize = 5_000_000;

enum Part<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    Other,
}

/// Calls `each` with the fields of a message.
fn fields<'a>(
    message: &'a [u8],
    left: &mut usize,
    mut each: impl FnMut(u64, Part<'a>, &mut usize) -> Result<(), FileError>,
) -> Result<(), FileError> {
    let mut cursor = Cursor::new("ONNX model", message);
    while !cursor.is_empty() {
        *left =
            left.checked_sub(1).ok_or_else(|| FileError::damaged("ONNX model", "it has too many fields"))?;
        let tag = cursor.varint()?;
        let part = match tag & 7 {
            0 => Part::Number(cursor.varint()?),
            1 => {
                cursor.take(8)?;
                Part::Other
            }
            2 => {
                let length = cursor.varint()?;
                Part::Bytes(cursor.take(length)?)
            }
            5 => {
                cursor.take(4)?;
                Part::Other
            }
            _ => {
                return Err(FileError::damaged(
                    "ONNX model",
                    "it has a field of a sort that protobuf doesn't have",
                ));
            }
        };
        each(tag >> 3, part, left)?;
    }
    Ok(())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().take(10_000).collect()
}

pub(crate) fn read(place: &Place, input: &mut dyn Ranges) -> Result<Vec<Read>, FileError> {
    let bytes = crate::input::whole(input, "ONNX model", usize::try_from(LARGEST).unwrap_or(usize::MAX))?;
    let mut left = MOST_FIELDS;
    let mut model = ModelFile { format: "onnx", ..ModelFile::default() };
    let (mut tensors, mut said, mut opsets, mut metadata) =
        (Tensors::default(), Map::new(), Vec::new(), Map::new());
    let mut graph = Graph::default();
    let mut known = false;
    fields(&bytes, &mut left, |number, part, left| {
        match (number, part) {
            (1, Part::Number(version)) => model.property("ir_version", version),
            (2, Part::Bytes(name)) => model.property("producer", text(name)),
            (3, Part::Bytes(version)) => model.property("producer_version", text(version)),
            (4, Part::Bytes(domain)) => model.property("domain", text(domain)),
            (5, Part::Number(version)) if version > 0 => model.version = Some(version.to_string()),
            (6, Part::Bytes(doc)) => model.description = Some(text(doc)),
            (7, Part::Bytes(bytes)) => {
                known = true;
                graph.read(bytes, &mut tensors, left)?;
            }
            (8, Part::Bytes(opset)) => {
                let (mut domain, mut version) = (String::new(), 0);
                fields(opset, left, |number, part, _| {
                    match (number, part) {
                        (1, Part::Bytes(name)) => domain = text(name),
                        (2, Part::Number(number)) => version = number,
                        _ => {}
                    }
                    Ok(())
                })?;
                opsets.push(json!({ "domain": if domain.is_empty() { "ai.onnx" } else { &domain }, "version": version }));
            }
            (14, Part::Bytes(pair)) => {
                let (mut key, mut value) = (String::new(), String::new());
                fields(pair, left, |number, part, _| {
                    match (number, part) {
                        (1, Part::Bytes(bytes)) => key = text(bytes),
                        (2, Part::Bytes(bytes)) => value = text(bytes),
                        _ => {}
                    }
                    Ok(())
                })?;
                metadata.insert(key, value.into());
            }
            _ => {}
        }
        Ok(())
    })?;
    if !known {
        return Err(FileError::damaged("ONNX model", "it has no graph"));
    }
    tensors.tell(&mut model);
    model.title = Some(graph.name);
    let license = metadata.iter().find(|(key, _)| key.to_lowercase().contains("licen"));
    model.property("license", license.map(|(_, value)| value.clone()).unwrap_or_default());
    said.insert("opsets".to_owned(), opsets.into());
    said.insert("operators".to_owned(), json!(graph.operators));
    said.insert("inputs".to_owned(), graph.inputs.into());
    said.insert("outputs".to_owned(), graph.outputs.into());
    said.insert("tensors".to_owned(), tensors.json());
    said.insert("metadata".to_owned(), metadata.into());
    model.header = Value::Object(said);
    model.tell(place, input)
}

#[derive(Default)]
struct Graph {
    name: String,
    inputs: Vec<Value>,
    outputs: Vec<Value>,
    operators: std::collections::BTreeMap<String, u64>,
}

impl Graph {
    fn read(&mut self, bytes: &[u8], tensors: &mut Tensors, left: &mut usize) -> Result<(), FileError> {
        fields(bytes, left, |number, part, left| {
            match (number, part) {
                (1, Part::Bytes(node)) => fields(node, left, |number, part, _| {
                    if let (4, Part::Bytes(operator)) = (number, part)
                        && self.operators.len() < 1_000
                    {
                        *self.operators.entry(text(operator)).or_default() += 1;
                    }
                    Ok(())
                })?,
                (2, Part::Bytes(name)) => self.name = text(name),
                (5, Part::Bytes(tensor)) => {
                    let (mut shape, mut sort) = (Vec::new(), 0);
                    fields(tensor, left, |number, part, _| {
                        match (number, part) {
                            (1, Part::Number(size)) => shape.push(size),
                            (1, Part::Bytes(packed)) => {
                                let mut cursor = Cursor::new("ONNX model", packed);
                                while !cursor.is_empty() {
                                    shape.push(cursor.varint()?);
                                }
                            }
                            (2, Part::Number(number)) => sort = number,
                            _ => {}
                        }
                        Ok(())
                    })?;
                    tensors.add(&data_type(sort), shape);
                }
                (11, Part::Bytes(value)) if self.inputs.len() < 1_000 => self.inputs.push(port(value, left)?),
                (12, Part::Bytes(value)) if self.outputs.len() < 1_000 => {
                    self.outputs.push(port(value, left)?)
                }
                _ => {}
            }
            Ok(())
        })
    }
}

/// An input or output: its name, type and shape.
fn port(bytes: &[u8], left: &mut usize) -> Result<Value, FileError> {
    let (mut name, mut sort, mut shape) = (String::new(), 0, Vec::new());
    fields(bytes, left, |number, part, left| match (number, part) {
        (1, Part::Bytes(bytes)) => {
            name = text(bytes);
            Ok(())
        }
        (2, Part::Bytes(kind)) => fields(kind, left, |number, part, left| match (number, part) {
            (1, Part::Bytes(tensor)) => fields(tensor, left, |number, part, left| match (number, part) {
                (1, Part::Number(number)) => {
                    sort = number;
                    Ok(())
                }
                (2, Part::Bytes(dimensions)) => fields(dimensions, left, |number, part, left| {
                    let (1, Part::Bytes(dimension)) = (number, part) else { return Ok(()) };
                    let mut size = Value::Null;
                    fields(dimension, left, |number, part, _| {
                        match (number, part) {
                            (1, Part::Number(fixed)) => size = fixed.into(),
                            (2, Part::Bytes(named)) => size = text(named).into(),
                            _ => {}
                        }
                        Ok(())
                    })?;
                    shape.push(size);
                    Ok(())
                }),
                _ => Ok(()),
            }),
            _ => Ok(()),
        }),
        _ => Ok(()),
    })?;
    Ok(json!({ "name": name, "type": data_type(sort), "shape": shape }))
}

/// `TensorProto.DataType`.
fn data_type(number: u64) -> String {
    const NAMES: &[&str] = &[
        "undefined",
        "float32",
        "uint8",
        "int8",
        "uint16",
        "int16",
        "int32",
        "int64",
        "string",
        "bool",
        "float16",
        "float64",
        "uint32",
        "uint64",
        "complex64",
        "complex128",
        "bfloat16",
        "float8e4m3fn",
        "float8e4m3fnuz",
        "float8e5m2",
        "float8e5m2fnuz",
        "uint4",
        "int4",
        "float4e2m1",
    ];
    let name = usize::try_from(number).ok().and_then(|index| NAMES.get(index));
    name.map_or_else(|| format!("type {number}"), |name| (*name).to_owned())
}
