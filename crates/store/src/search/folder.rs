//! Where the index lies, and whether what lies there is the index of this catalog.

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};
use tantivy::{Index, IndexReader, ReloadPolicy};

use super::schema::{Fields, LAYOUT};
use crate::{
    StoreError, StoreResult,
    table::{entity::Ix, log, meta},
};

/// In the catalog: its own identity, which its copies share.
pub(crate) const CATALOG_ID: &str = "id";
/// In the catalog: the last commit of the index after which entities were taken off the queue.
pub(crate) const LAST_COMMIT: &str = "search_commit";

const LOCK_FILE: &str = "taking-in.lock";
const META_FILE: &str = "meta.json";

/// What an index says of itself with every commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stamp {
    pub layout: u32,
    pub catalog: String,
    pub commit: u64,
    /// The last operation of the catalog that may be in the index, and the link of the chain there.
    pub seq: u64,
    pub link: String,
    /// While it is first built: the place in the catalog from which on nothing was taken in yet.
    pub next: Option<Ix>,
}

impl Stamp {
    /// Whether the index is of this catalog, as it is now or was some operations ago, and has all that was taken off
    /// its queue. A restored backup, a copy that went another way, or an older index does not fit.
    pub(crate) fn fits(&self, db: &Connection, catalog: &str) -> StoreResult<bool> {
        if self.layout != LAYOUT || self.catalog != catalog || self.commit < last_commit(db)? {
            return Ok(false);
        }
        Ok(link_at(db, self.seq)?.is_some_and(|link| link == self.link))
    }
}

pub(crate) fn last_commit(db: &Connection) -> StoreResult<u64> {
    Ok(meta::get(db, LAST_COMMIT)?.and_then(|text| text.parse().ok()).unwrap_or(0))
}

/// The end of the catalog's log.
pub(crate) fn end_of_log(db: &Connection) -> StoreResult<(u64, String)> {
    let (seq, link) = log::last(db)?;
    Ok((seq, hex::encode(link)))
}

fn link_at(db: &Connection, seq: u64) -> StoreResult<Option<String>> {
    if seq == 0 {
        return Ok(Some(hex::encode(catena_model::operation::GENESIS)));
    }
    let link: Option<[u8; 32]> = db
        .prepare_cached("SELECT link FROM operation WHERE seq = ?1")?
        .query_row([i64::try_from(seq).unwrap_or(i64::MAX)], |row| row.get(0))
        .optional()?;
    Ok(link.map(hex::encode))
}

/// An index that can be searched.
pub(crate) struct Opened {
    pub index: Index,
    pub reader: IndexReader,
    pub stamp: Stamp,
    /// The file that lists the index's segments: when it is another one, the index has changed.
    meta: Vec<u8>,
}

pub(crate) fn problem(error: impl std::fmt::Display) -> StoreError {
    StoreError::Index(error.to_string())
}

impl Opened {
    fn new(index: Index, meta: Vec<u8>) -> tantivy::Result<Option<Self>> {
        let Some(stamp) =
            index.load_metas()?.payload.and_then(|text| serde_json::from_str::<Stamp>(&text).ok())
        else {
            return Ok(None);
        };
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Some(Self { index, reader, stamp, meta }))
    }

    /// A new index in memory.
    pub(crate) fn in_memory(fields: &Fields, stamp: Stamp) -> StoreResult<Self> {
        let index = Index::create_in_ram(fields.schema.clone());
        commit_empty(&index, &stamp)
            .and_then(|()| Self::new(index, Vec::new()))
            .map_err(problem)?
            .ok_or_else(|| StoreError::Index("an index in memory lost its stamp".to_owned()))
    }
}

/// Commits nothing but the stamp.
fn commit_empty(index: &Index, stamp: &Stamp) -> tantivy::Result<()> {
    let mut writer: tantivy::IndexWriter = index.writer_with_num_threads(1, SMALL_BUDGET)?;
    let mut commit = writer.prepare_commit()?;
    commit.set_payload(&serde_json::to_string(stamp).unwrap_or_default());
    commit.commit()?;
    writer.wait_merging_threads()
}

/// The memory that taking in a few entities may use, in bytes.
pub(crate) const SMALL_BUDGET: usize = 16_000_000;

/// The folder of an index.
#[derive(Debug, Clone)]
pub(crate) struct Folder(pub PathBuf);

/// The right to change the index. One process has it at a time; others go on searching.
pub(crate) struct Turn {
    _file: File,
}

impl Folder {
    fn path(&self) -> &Path {
        &self.0
    }

    /// Waits for nobody: `None` when another process has its turn.
    pub(crate) fn turn(&self) -> StoreResult<Option<Turn>> {
        let failed = |error| StoreError::File { path: self.0.clone(), error };
        std::fs::create_dir_all(self.path()).map_err(failed)?;
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.path().join(LOCK_FILE))
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Turn { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    fn meta(&self) -> Option<Vec<u8>> {
        std::fs::read(self.path().join(META_FILE)).ok()
    }

    /// Whether the index on disk is no longer the one that was opened.
    pub(crate) fn changed(&self, opened: Option<&Opened>) -> bool {
        self.meta().as_ref() != opened.map(|opened| &opened.meta)
    }

    /// What lies there, if it can be read and is of this layout.
    pub(crate) fn open(&self, fields: &Fields) -> Option<Opened> {
        let meta = self.meta()?;
        // Whatever is wrong with it, the answer is the same: it is built anew.
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let index = Index::open_in_dir(self.path()).ok()?;
            if index.schema() != fields.schema {
                return None;
            }
            Opened::new(index, meta).ok().flatten()
        }))
        .ok()
        .flatten()
    }

    /// The files that are not as they were written, read anew from disk.
    pub(crate) fn damaged_files(&self) -> StoreResult<Vec<PathBuf>> {
        let index = Index::open_in_dir(self.path()).map_err(problem)?;
        let mut files: Vec<PathBuf> = index.validate_checksum().map_err(problem)?.into_iter().collect();
        files.sort();
        Ok(files)
    }

    /// Puts an empty index in the place of whatever lies there.
    pub(crate) fn start_over(&self, fields: &Fields, stamp: &Stamp, _turn: &Turn) -> StoreResult<Opened> {
        let failed = |error| StoreError::File { path: self.0.clone(), error };
        for entry in std::fs::read_dir(self.path()).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.file_name().is_some_and(|name| name != LOCK_FILE) {
                let removed =
                    if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
                removed.map_err(failed)?;
            }
        }
        let index = Index::create_in_dir(self.path(), fields.schema.clone()).map_err(problem)?;
        commit_empty(&index, stamp).map_err(problem)?;
        drop(index);
        self.open(fields).ok_or_else(|| StoreError::Index("a new index could not be opened".to_owned()))
    }
}
