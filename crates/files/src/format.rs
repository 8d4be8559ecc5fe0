//! What a file is, told by its content; its name only decides where the content leaves it open.

use catena_ingest::json;
use serde_json::Value;

use crate::{FileError, Ranges, standards, tables::delimited, yaml};

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// CSV, TSV and the like.
    Delimited,
    /// An array of objects.
    Json,
    /// Objects one after the other.
    Ndjson,
    /// Apache Parquet.
    Parquet,
    /// Arrow IPC: a file, a stream, or Feather.
    Arrow,
    /// Avro object container.
    Avro,
    /// A model's weights.
    Safetensors,
    /// A model for llama.cpp and its kin.
    Gguf,
    /// A model's graph.
    Onnx,
    /// A model's or dataset's card (Hugging Face).
    Card,
    /// Croissant, the description of a dataset for machine learning.
    Croissant,
    /// CycloneDX bill of materials.
    CycloneDx,
    /// SPDX 3.
    Spdx,
    /// An agent's card (A2A).
    AgentCard,
    /// What an MCP server answers to `tools/list`.
    McpTools,
    /// OpenAPI 3.
    OpenApi,
    /// Open Data Contract Standard.
    DataContract,
    /// Content credentials in a picture or by themselves.
    C2pa,
    /// OpenLineage events, which have a reader of their own.
    OpenLineage,
    /// An artifact of dbt, which has a reader of its own.
    Dbt,
}

/// How much of the beginning is looked at.
const HEAD: usize = 64 << 10;
/// The largest description (a card, contract, bill) that is read.
pub(crate) const LARGEST: usize = 32 << 20;

impl Format {
    /// What the file of this name is.
    ///
    /// # Errors
    ///
    /// When it is nothing that is known, or can't be read.
    pub fn recognise(name: &str, input: &mut dyn Ranges) -> Result<Format, FileError> {
        let head = input.read_at(0, HEAD)?;
        let name = name.to_ascii_lowercase();
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        if let Some(format) = magic(&head) {
            return Ok(format);
        }
        if head.starts_with(b"SQLite format 3") {
            return Err(FileError::Unsupported(
                "it is an SQLite database: connect to it as sqlite, or import it as mlflow if it is MLflow's"
                    .to_owned(),
            ));
        }
        if head.len() > 8 {
            let length =
                u64::from_le_bytes([head[0], head[1], head[2], head[3], head[4], head[5], head[6], head[7]]);
            if head[8] == b'{' && length > 1 && length < input.size() {
                return Ok(Format::Safetensors);
            }
        }
        if ending == "onnx"
            || (head.first() == Some(&8) && head.windows(4).take(64).any(|part| part == b"onnx"))
        {
            return Ok(Format::Onnx);
        }
        if head.starts_with(b"\x80\x02") || head.starts_with(b"\x80\x04") || head.starts_with(b"PK\x03\x04") {
            return Err(FileError::Unsupported(
                "it is a pickle or an archive, which can hold programs and is never loaded: save the model as \
                 safetensors, GGUF or ONNX, or unpack the archive"
                    .to_owned(),
            ));
        }
        let text = String::from_utf8_lossy(&head);
        let text = text.trim_start_matches('\u{feff}').trim_start();
        if text.is_empty() {
            return Err(FileError::Unknown("it is empty".to_owned()));
        }
        if text.starts_with(['{', '[']) {
            return object(text, input);
        }
        if text.contains('\0') && !head.starts_with(&[0xff, 0xfe]) && !head.starts_with(&[0xfe, 0xff]) {
            return Err(FileError::Unknown(
                "it is binary, and begins like no format that is known".to_owned(),
            ));
        }
        if text.starts_with("---") && matches!(ending, "md" | "markdown") {
            return Ok(Format::Card);
        }
        if matches!(ending, "yaml" | "yml") {
            let bytes = crate::input::whole(input, "document", LARGEST)?;
            let value = yaml::read(&bytes)?;
            return standards::which(&value)
                .ok_or_else(|| FileError::Unknown("it is YAML that says nothing of what it is".to_owned()));
        }
        if matches!(ending, "csv" | "tsv" | "tab" | "psv") || delimited::separator(text).is_some() {
            return Ok(Format::Delimited);
        }
        Err(FileError::Unknown("it is text without columns".to_owned()))
    }
}

fn magic(head: &[u8]) -> Option<Format> {
    const MAGIC: &[(&[u8], Format)] = &[
        (b"PAR1", Format::Parquet),
        (b"PARE", Format::Parquet),
        (b"ARROW1", Format::Arrow),
        (b"\xff\xff\xff\xff", Format::Arrow),
        (b"Obj\x01", Format::Avro),
        (b"GGUF", Format::Gguf),
        (b"\xff\xd8\xff", Format::C2pa),
        (b"\x89PNG\r\n\x1a\n", Format::C2pa),
    ];
    if head.get(4..8) == Some(b"jumb") {
        return Some(Format::C2pa);
    }
    MAGIC.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, format)| *format)
}

/// What a text of JSON is.
fn object(head: &str, input: &mut dyn Ranges) -> Result<Format, FileError> {
    let one_line = head.lines().next().unwrap_or_default();
    let first = json::read(one_line.as_bytes(), &json::Limits::default());
    let several = head.lines().nth(1).is_some_and(|line| line.trim_start().starts_with('{'));
    if let Ok(first @ Value::Object(_)) = &first {
        if first.get("eventTime").is_some() && first.get("producer").is_some() {
            return Ok(Format::OpenLineage);
        }
        if several {
            return Ok(Format::Ndjson);
        }
    }
    if head.starts_with('[') {
        return Ok(Format::Json);
    }
    if input.size() <= LARGEST as u64 {
        let bytes = crate::input::whole(input, "document", LARGEST)?;
        match json::read(&bytes, &json::Limits::default()) {
            Ok(value) => {
                let map =
                    value.as_object().ok_or_else(|| FileError::Unknown("it is no object".to_owned()))?;
                if let Some(format) = standards::which(&value) {
                    return Ok(format);
                }
                if map.get("eventTime").is_some() && map.get("producer").is_some() {
                    return Ok(Format::OpenLineage);
                }
                if value.pointer("/metadata/dbt_schema_version").is_some() {
                    return Ok(Format::Dbt);
                }
                // Rows under some key, or one row.
                let rows = map.values().any(|value| {
                    value.as_array().is_some_and(|items| items.first().is_some_and(Value::is_object))
                });
                return Ok(if rows { Format::Json } else { Format::Ndjson });
            }
            Err(error) if !one_line.trim_end().ends_with('}') => return Err(error.into()),
            Err(_) => {}
        }
    }
    Ok(Format::Ndjson)
}
