//! OpenLineage events from a file, a folder of files, or standard input (`-`).

use std::{
    fs::File,
    io::{BufReader, Read as _},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    time::Duration,
};

use catena_ingest::openlineage::{Limits, read_events};
use catena_model::statement::Read;

use super::{Import, PORTION, Progress, files};
use crate::{AppError, error::Trouble};

/// How many events are handed over at a time: few enough to be in the processor's cache still when they are stored.
const HANDFUL: usize = 32;

/// How many handfuls may wait to be stored while the next are read.
const AHEAD: usize = 8;

/// How long storing waits for more before it ends a portion: somebody else may want to write.
const PATIENCE: Duration = Duration::from_millis(50);

/// Reads everything at `from` and stores it.
pub(super) fn read(import: &mut Import<'_>, from: &str) -> Result<(), AppError> {
    let files: Vec<Option<PathBuf>> = if from == "-" {
        vec![None]
    } else {
        let path = PathBuf::from(from);
        if path.is_dir() {
            let found = files::below(&path, &["json", "ndjson", "jsonl"])?;
            if found.is_empty() {
                return Err(AppError::new(
                    Trouble::NotFound,
                    format!("{from}: no .json, .ndjson or .jsonl files are in this folder"),
                ));
            }
            found.into_iter().map(Some).collect()
        } else {
            vec![Some(path)]
        }
    };
    let total: Option<u64> = files
        .iter()
        .map(|file| file.as_ref().and_then(|path| std::fs::metadata(path).ok()).map(|meta| meta.len()))
        .sum();
    // Opened before anything is stored, so that a wrong path is an error and not an empty import.
    if let Some(Some(path)) = files.first() {
        let mut head = Vec::new();
        File::open(path)
            .and_then(|file| file.take(16).read_to_end(&mut head))
            .map_err(|error| files::failed(path, &error))?;
        if head.starts_with(b"SQLite format 3") {
            return Err(AppError::new(
                Trouble::Refused,
                format!(
                    "{from} is an SQLite database, not events: is it an MLflow database? Then import it as mlflow"
                ),
            ));
        }
    }
    let several = files.len() > 1;
    let count = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&count);
    std::thread::scope(|scope| {
        let (handfuls, waiting) = mpsc::sync_channel::<Vec<Read>>(AHEAD);
        scope.spawn(move || {
            for file in &files {
                let input: Box<dyn std::io::Read + Send> = match file {
                    None => Box::new(std::io::stdin()),
                    Some(path) => match File::open(path) {
                        Ok(file) => Box::new(file),
                        Err(error) => {
                            let rejection = catena_model::statement::Rejection {
                                place: path.display().to_string(),
                                why: files::failed(path, &error).message,
                            };
                            if handfuls.send(vec![Err(rejection)]).is_err() {
                                return;
                            }
                            continue;
                        }
                    },
                };
                let input = files::Counted::new(input, Arc::clone(&counted));
                let name = file.as_ref().filter(|_| several).map(|path| path.display().to_string());
                let reads = read_events(BufReader::with_capacity(1 << 18, input), Limits::default())
                    .map(|read| placed(read, name.as_deref()));
                if !send_all(reads, &handfuls) {
                    return;
                }
            }
        });
        while let Ok(handful) = waiting.recv() {
            let more = std::iter::from_fn(|| waiting.recv_timeout(PATIENCE).ok());
            let portion = std::iter::once(handful).chain(more).take(PORTION.div_ceil(HANDFUL));
            import.store(portion.flatten())?;
            (import.progress)(Progress {
                done: count.load(Ordering::Relaxed) >> 10,
                total: total.map(|n| n >> 10),
                unit: "KiB",
            });
        }
        Ok(())
    })
}

/// Says in which file a record stood, where there are several.
fn placed(read: Read, file: Option<&str>) -> Read {
    match file {
        None => read,
        Some(file) => read
            .map(|mut record| {
                record.at = format!("{file}: {}", record.at);
                record
            })
            .map_err(|mut rejection| {
                rejection.place = format!("{file}: {}", rejection.place);
                rejection
            }),
    }
}

fn send_all(mut reads: impl Iterator<Item = Read>, handfuls: &mpsc::SyncSender<Vec<Read>>) -> bool {
    loop {
        let handful: Vec<Read> = reads.by_ref().take(HANDFUL).collect();
        if handful.is_empty() {
            return true;
        }
        if handfuls.send(handful).is_err() {
            return false;
        }
    }
}
