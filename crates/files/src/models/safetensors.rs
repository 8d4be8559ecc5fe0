//! safetensors: a length, and so much JSON that says of each tensor its type and shape.

use catena_ingest::json::{self, Limits};
use catena_model::statement::Read;
use serde_json::{Value, json};

use super::{ModelFile, Tensors};
use crate::{
    FileError,
    input::{self, Ranges},
    table::Place,
};

/// The format's own bound is 100 MB; a header of a hundred thousand tensors is a tenth of that.
const LARGEST: usize = 16 << 20;

pub(crate) fn read(place: &Place, input: &mut dyn Ranges) -> Result<Vec<Read>, FileError> {
    let head = input::exactly(input, "safetensors header", 0, 8, 8)?;
    let length = u64::from_le_bytes(head.try_into().unwrap_or_default());
    let bytes = input::exactly(input, "safetensors header", 8, length, LARGEST)?;
    let header = json::read(&bytes, &Limits { items: 2_000_000, ..Limits::default() })?;
    let map =
        header.as_object().ok_or_else(|| FileError::damaged("safetensors header", "it is no object"))?;
    let mut tensors = Tensors::default();
    for (_, tensor) in map.iter().filter(|(name, _)| *name != "__metadata__") {
        let shape = tensor.get("shape").and_then(Value::as_array);
        let data_type = tensor.get("dtype").and_then(Value::as_str);
        let (Some(shape), Some(data_type)) = (shape, data_type) else {
            return Err(FileError::damaged("safetensors header", "a tensor has no dtype or shape"));
        };
        tensors.add(data_type, shape.iter().filter_map(Value::as_u64));
    }
    let mut model = ModelFile { format: "safetensors", ..ModelFile::default() };
    tensors.tell(&mut model);
    let metadata = map.get("__metadata__").cloned().unwrap_or(Value::Null);
    let text = |key: &str| metadata.get(key).and_then(Value::as_str).unwrap_or_default();
    // As model hubs' programs write them (the "modelspec" of safetensors files among them).
    for (ours, theirs) in [
        ("framework", "format"),
        ("architecture", "modelspec.architecture"),
        ("license", "modelspec.license"),
        ("license", "license"),
        ("architecture", "architecture"),
    ] {
        model.property(ours, text(theirs));
    }
    model.title = Some(text("modelspec.title").to_owned());
    model.description = Some(text("modelspec.description").to_owned());
    model.header = json!({ "tensors": tensors.json(), "metadata": metadata });
    model.tell(place, input)
}
