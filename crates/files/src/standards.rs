//! The standards in which metadata is exchanged: each file is one document, JSON or YAML.

pub(crate) mod agents;
pub(crate) mod bill;
pub(crate) mod c2pa;
mod cbor;
pub(crate) mod contract;
pub(crate) mod croissant;
pub(crate) mod openapi;
pub(crate) mod spdx;

use catena_ingest::json::{self, Limits};
use catena_model::statement::Read;
use serde_json::Value;

use crate::{
    FileError, Format,
    format::LARGEST,
    input::{self, Ranges},
    table::Place,
    yaml,
};

/// What a document is.
pub(crate) fn which(document: &Value) -> Option<Format> {
    let text = |key: &str| document.get(key).and_then(Value::as_str).unwrap_or_default();
    let has = |key: &str| document.get(key).is_some();
    let conforms = document.get("conformsTo").map(Value::to_string).unwrap_or_default();
    if conforms.contains("croissant") || (has("@context") && has("recordSet")) {
        return Some(Format::Croissant);
    }
    if text("bomFormat") == "CycloneDX" {
        return Some(Format::CycloneDx);
    }
    let context = document.get("@context").map(Value::to_string).unwrap_or_default();
    if context.contains("spdx.org") && has("@graph") {
        return Some(Format::Spdx);
    }
    if text("openapi").starts_with('3') && has("info") {
        return Some(Format::OpenApi);
    }
    if text("kind") == "DataContract" && has("apiVersion") {
        return Some(Format::DataContract);
    }
    if has("skills")
        && has("name")
        && (has("capabilities") || has("protocolVersion") || has("supportedInterfaces"))
    {
        return Some(Format::AgentCard);
    }
    let tools = document.get("tools").or_else(|| document.pointer("/result/tools"));
    let tool = tools.and_then(Value::as_array).and_then(|tools| tools.first());
    tool.filter(|tool| tool.get("name").is_some() && tool.get("inputSchema").is_some())
        .map(|_| Format::McpTools)
}

pub(crate) fn read(place: &Place, format: Format, input: &mut dyn Ranges) -> Result<Vec<Read>, FileError> {
    let bytes = input::whole(input, "document", LARGEST)?;
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace() && **byte < 0x80);
    let document = match first {
        Some(b'{' | b'[') => json::read(bytes.trim_ascii_start(), &Limits::default())
            .or_else(|error| yaml::read(&bytes).map_err(|_| error))?,
        _ => yaml::read(&bytes)?,
    };
    match format {
        Format::Croissant => croissant::tell(place, &document),
        Format::CycloneDx => bill::tell(place, &document),
        Format::Spdx => spdx::tell(place, &document),
        Format::AgentCard => agents::card(place, &document),
        Format::McpTools => agents::tools(place, &document),
        Format::OpenApi => openapi::tell(place, &document),
        Format::DataContract => contract::tell(place, &document),
        other => Err(FileError::Unsupported(format!("{other:?} is read elsewhere"))),
    }
}

/// The text under a key.
fn text<'a>(of: &'a Value, key: &str) -> Option<&'a str> {
    of.get(key).and_then(Value::as_str).filter(|text| !text.trim().is_empty())
}

/// The items under a key: a list, or the one thing that stands in its place.
fn items<'a>(of: &'a Value, key: &str) -> &'a [Value] {
    match of.get(key) {
        Some(Value::Array(items)) => items,
        Some(Value::Null) | None => &[],
        Some(one) => std::slice::from_ref(one),
    }
}
