//! What a file is, by its name.

/// The last part of a path.
pub(super) fn short(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    path.rsplit('/').next().unwrap_or(path)
}

/// What stands behind the last dot that isn't how the file was compressed; empty when there is none.
pub(super) fn ending(path: &str) -> String {
    let mut name = short(path).to_ascii_lowercase();
    for packed in [".gz", ".zst", ".bz2", ".xz", ".snappy", ".lz4"] {
        if let Some(rest) = name.strip_suffix(packed) {
            name.truncate(rest.len());
            break;
        }
    }
    match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() => ending.to_owned(),
        _ => String::new(),
    }
}

/// What sort of file it is, for a person.
pub(super) fn subtype(path: &str) -> &'static str {
    match ending(path).as_str() {
        "csv" | "tsv" => "CSV file",
        "parquet" | "pq" => "Parquet file",
        "json" => "JSON file",
        "ndjson" | "jsonl" => "NDJSON file",
        "avro" => "Avro file",
        "orc" => "ORC file",
        "arrow" | "feather" | "ipc" => "Arrow file",
        "safetensors" | "gguf" | "onnx" | "pt" | "pth" | "bin" | "h5" | "pkl" => "model file",
        "jpg" | "jpeg" | "png" | "gif" | "webp" | "tif" | "tiff" | "svg" => "image",
        "mp4" | "mov" | "mkv" | "webm" | "mp3" | "wav" | "flac" | "ogg" => "recording",
        "db" | "sqlite" | "sqlite3" | "duckdb" => "database file",
        "zip" | "tar" | "tgz" | "7z" => "archive",
        _ if is_document(path) => "document",
        _ => "file",
    }
}

/// Whether people read it.
pub(super) fn is_document(path: &str) -> bool {
    matches!(
        ending(path).as_str(),
        "md" | "markdown"
            | "txt"
            | "rst"
            | "pdf"
            | "html"
            | "htm"
            | "docx"
            | "doc"
            | "rtf"
            | "odt"
            | "pptx"
            | "tex"
    )
}

/// Whether it holds rows.
pub(super) fn is_data(path: &str) -> bool {
    matches!(
        ending(path).as_str(),
        "csv"
            | "tsv"
            | "parquet"
            | "pq"
            | "json"
            | "ndjson"
            | "jsonl"
            | "avro"
            | "orc"
            | "arrow"
            | "feather"
            | "ipc"
    )
}
