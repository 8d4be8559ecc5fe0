//! Why a file can't be read.

use std::io;

use catena_ingest::json::JsonError;

/// Why a file can't be read, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is nothing that is known here.
    #[error(
        "what it is could not be told from its content: {0}. Tables (CSV, JSON, Parquet, Arrow, Avro), models \
         (safetensors, GGUF, ONNX), cards and descriptions (Croissant, CycloneDX, SPDX, A2A, MCP, OpenAPI, ODCS, C2PA) \
         are read"
    )]
    Unknown(String),
    /// It ends before what it announces.
    #[error("the {0} ends in the middle: it was cut off, so copy or download it again")]
    Truncated(&'static str),
    /// It is not as its format says.
    #[error("the {what} is damaged: {why}. Copy or write it again")]
    Damaged {
        /// What of it.
        what: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// It is more than is taken.
    #[error(
        "the {what} is {bytes} long, more than the {limit} that are read; split it or describe it otherwise"
    )]
    TooLarge {
        /// What of it.
        what: &'static str,
        /// How much it is.
        bytes: u64,
        /// How much is read.
        limit: u64,
    },
    /// It is of a sort that is not read.
    #[error("{0}")]
    Unsupported(String),
    /// It is no JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// The disk or network refuses.
    #[error("it could not be read: {0}")]
    Io(#[from] io::Error),
}

impl FileError {
    pub(crate) fn damaged(what: &'static str, why: impl Into<String>) -> Self {
        Self::Damaged { what, why: why.into() }
    }
}
