//! GGUF: key-value pairs and the tensors' shapes, as its specification (versions 2 and 3) lays them out.

use catena_model::statement::Read;
use serde_json::{Map, Value, json};

use super::{ModelFile, Tensors};
use crate::{
    FileError,
    input::{Cursor, Ranges},
    table::Place,
};

/// Vocabularies of a quarter of a million words take some megabytes.
const LARGEST: usize = 64 << 20;
const MOST_PAIRS: u64 = 10_000;
const MOST_TENSORS: u64 = 1_000_000;
/// The longest text or list that is kept of a value.
const LONGEST: usize = 2_000;
const DEEPEST: usize = 4;

pub(crate) fn read(place: &Place, input: &mut dyn Ranges) -> Result<Vec<Read>, FileError> {
    let bytes = input.read_at(0, LARGEST)?;
    let mut cursor = Cursor::new("GGUF header", &bytes);
    cursor.take(4)?;
    let version = cursor.u32()?;
    if !(2..=3).contains(&version) {
        return Err(FileError::Unsupported(format!(
            "it is GGUF of version {version}: versions 2 and 3, least byte first, are read; convert it again"
        )));
    }
    let (tensor_count, pair_count) = (cursor.u64()?, cursor.u64()?);
    for (what, bytes, limit) in
        [("GGUF metadata", pair_count, MOST_PAIRS), ("GGUF list of tensors", tensor_count, MOST_TENSORS)]
    {
        if bytes > limit {
            return Err(FileError::TooLarge { what, bytes, limit });
        }
    }
    let mut pairs = Map::new();
    for _ in 0..pair_count {
        let key = text(&mut cursor)?.to_owned();
        let sort = cursor.u32()?;
        pairs.insert(key, value(&mut cursor, sort, 0)?);
    }
    let mut tensors = Tensors::default();
    for _ in 0..tensor_count {
        text(&mut cursor)?;
        let dimensions = cursor.u32()?;
        if dimensions > 8 {
            return Err(FileError::damaged("GGUF header", "a tensor has more than 8 dimensions"));
        }
        let shape = (0..dimensions).map(|_| cursor.u64()).collect::<Result<Vec<_>, _>>()?;
        let data_type = tensor_type(cursor.u32()?);
        cursor.u64()?;
        tensors.add(&data_type, shape);
    }
    let mut model = ModelFile { format: "gguf", ..ModelFile::default() };
    tensors.tell(&mut model);
    describe(&mut model, &pairs);
    model.header = json!({ "version": version, "tensors": tensors.json(), "metadata": pairs });
    model.tell(place, input)
}

fn describe(model: &mut ModelFile, pairs: &Map<String, Value>) {
    let text = |key: &str| pairs.get(key).and_then(Value::as_str).map(str::to_owned);
    let value = |key: &str| pairs.get(key).cloned().unwrap_or_default();
    let architecture = text("general.architecture").unwrap_or_default();
    model.title = text("general.name");
    model.description = text("general.description");
    model.version = text("general.version");
    model.url = text("general.url");
    model.owners = text("general.author").into_iter().collect();
    model.property("license", value("general.license"));
    model.property("size_label", value("general.size_label"));
    model.property("tokenizer", value("tokenizer.ggml.model"));
    for key in ["context_length", "embedding_length", "block_count", "attention.head_count"] {
        model.property(key, value(&format!("{architecture}.{key}")));
    }
    if let Some(file_type) = pairs.get("general.file_type").and_then(Value::as_u64) {
        model.property("quantization", file_type_name(file_type));
    }
    let vocabulary = pairs.get("tokenizer.ggml.tokens").and_then(|tokens| tokens.get("count"));
    model.property("vocabulary", vocabulary.cloned().unwrap_or_default());
    model.property("architecture", architecture);
    for number in 0..16 {
        let repo = text(&format!("general.base_model.{number}.repo_url"));
        model.bases.extend(repo.filter(|repo| repo.starts_with(super::HUB)));
        model.datasets.extend(
            text(&format!("general.dataset.{number}.repo_url")).filter(|repo| repo.starts_with(super::HUB)),
        );
    }
    let tags = pairs.get("general.tags").and_then(Value::as_array);
    model.tags = tags.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
}

fn text<'a>(cursor: &mut Cursor<'a>) -> Result<&'a str, FileError> {
    let length = cursor.u64()?;
    // Tokens may be parts of characters; keys may not.
    Ok(std::str::from_utf8(cursor.take(length)?).unwrap_or("\u{fffd}"))
}

fn value(cursor: &mut Cursor<'_>, sort: u32, depth: usize) -> Result<Value, FileError> {
    Ok(match sort {
        0 => cursor.byte()?.into(),
        1 => cursor.byte()?.cast_signed().into(),
        2 => u16::from_le_bytes(cursor.array()?).into(),
        3 => i16::from_le_bytes(cursor.array()?).into(),
        4 => cursor.u32()?.into(),
        5 => i32::from_le_bytes(cursor.array()?).into(),
        6 => json!(f32::from_le_bytes(cursor.array()?)),
        7 => (cursor.byte()? != 0).into(),
        8 => text(cursor)?.chars().take(LONGEST).collect::<String>().into(),
        9 => {
            let (of, count) = (cursor.u32()?, cursor.u64()?);
            if depth == DEEPEST {
                return Err(FileError::damaged("GGUF header", "its lists are nested too deep"));
            }
            let mut items = Vec::new();
            for index in 0..count {
                // Each item takes at least a byte, so a claimed count ends where the bytes do.
                let item = value(cursor, of, depth + 1)?;
                if index < 16 {
                    items.push(item);
                }
            }
            if count <= 16 { items.into() } else { json!({ "count": count, "first": items }) }
        }
        10 => cursor.u64()?.into(),
        11 => i64::from_le_bytes(cursor.array()?).into(),
        12 => json!(f64::from_le_bytes(cursor.array()?)),
        _ => {
            return Err(FileError::damaged("GGUF header", "it has a value of a sort that GGUF doesn't have"));
        }
    })
}

/// `ggml_type`.
fn tensor_type(number: u32) -> String {
    const NAMES: &[&str] = &[
        "F32", "F16", "Q4_0", "Q4_1", "", "", "Q5_0", "Q5_1", "Q8_0", "Q8_1", "Q2_K", "Q3_K", "Q4_K", "Q5_K",
        "Q6_K", "Q8_K", "IQ2_XXS", "IQ2_XS", "IQ3_XXS", "IQ1_S", "IQ4_NL", "IQ3_S", "IQ2_S", "IQ4_XS", "I8",
        "I16", "I32", "I64", "F64", "IQ1_M", "BF16",
    ];
    let name =
        usize::try_from(number).ok().and_then(|index| NAMES.get(index)).filter(|name| !name.is_empty());
    name.map_or_else(|| format!("type {number}"), |name| (*name).to_owned())
}

/// `llama_ftype`: what most of the tensors are written as.
fn file_type_name(number: u64) -> String {
    const NAMES: &[(u64, &str)] = &[
        (0, "F32"),
        (1, "F16"),
        (2, "Q4_0"),
        (3, "Q4_1"),
        (7, "Q8_0"),
        (8, "Q5_0"),
        (9, "Q5_1"),
        (10, "Q2_K"),
        (11, "Q3_K_S"),
        (12, "Q3_K_M"),
        (13, "Q3_K_L"),
        (14, "Q4_K_S"),
        (15, "Q4_K_M"),
        (16, "Q5_K_S"),
        (17, "Q5_K_M"),
        (18, "Q6_K"),
        (19, "IQ2_XXS"),
        (20, "IQ2_XS"),
        (30, "IQ4_XS"),
        (32, "BF16"),
    ];
    NAMES
        .iter()
        .find(|(known, _)| *known == number)
        .map_or_else(|| format!("type {number}"), |(_, name)| (*name).to_owned())
}
