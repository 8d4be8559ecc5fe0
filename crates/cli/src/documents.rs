//! Documents and the passages that are made of them.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use catena_app::{
    AppError,
    chunks::{ChunkState, Chunks},
    error::Trouble,
    import::documents::child,
};

use crate::human::safe;

/// Is the process that reads one container from standard input.
pub(crate) fn read(word: &str, out: &mut dyn Write) -> Result<ExitCode, AppError> {
    child::serve(word, &mut io::stdin().lock(), out)
        .map(|()| ExitCode::SUCCESS)
        .map_err(|error| AppError::new(Trouble::Failed, format!("the document could not be read: {error}")))
}

/// The chunks, for people.
pub(crate) fn told(chunks: &Chunks, out: &mut dyn Write) -> io::Result<()> {
    for one in &chunks.chunks {
        let name = one.names.first().unwrap_or(&one.chunk.name);
        let state = match one.state {
            ChunkState::Fresh => "fresh",
            ChunkState::Stale => "stale",
            ChunkState::Unplaced => "unplaced",
            ChunkState::Unknown => "unknown",
        };
        writeln!(out, "{}  {state:<9} {}", one.chunk.id, safe(name))?;
        if let Some(document) = &one.document {
            let page = one.page.map(|page| format!(", page {page}")).unwrap_or_default();
            writeln!(out, "    of {}{page}", safe(&document.name))?;
        }
        for why in &one.why {
            writeln!(out, "    not for retrieval: {}", safe(why))?;
        }
    }
    writeln!(out, "{} {}", chunks.total, if chunks.total == 1 { "passage" } else { "passages" })
}
