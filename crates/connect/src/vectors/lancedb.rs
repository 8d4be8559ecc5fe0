//! LanceDB's folders: the tables in them, by the manifest of their newest version.
//!
//! Only manifests are read: columns, the length of vectors, how many rows. The rows lie in Lance's own files, which
//! are not read, nor is how the vectors are indexed.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use catena_ingest::vector::{Mapping, lance};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    cancel::Cancel,
    connector::{Connector, Cursor, Done, Found, Note, Probe, Progress, ReadError, Sink},
    handover::{Out, Stop, fetching_blocking},
    pause::Pending,
    registry::{Address, Proof, Settings, System},
};

/// LanceDB in the list of systems.
pub(crate) const SYSTEM: System = System::new(
    "lancedb",
    "LanceDB",
    "a folder of tables (the one that lancedb.connect is given): their columns, vectors' length and count of rows",
    open,
)
.asking("/data/lancedb", Proof::Nothing, &[]);

/// How many tables are looked for.
const TABLES: usize = 10_000;

/// How many files of one table's versions are looked through.
const VERSIONS: usize = 1_000_000;

fn open(address: &Address, settings: Settings) -> Result<Box<dyn Connector>, ReadError> {
    match address {
        Address::Path(path) => Ok(Box::new(Folder { path: path.clone(), settings })),
        Address::Url(url) => Err(ReadError::Unknown {
            address: crate::secret::without_password(url),
            why: "expected a folder on this machine; LanceDB's cloud is not read".to_owned(),
        }),
    }
}

struct Folder {
    path: PathBuf,
    settings: Settings,
}

/// How far a reading went.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    /// The last table that was read.
    after: String,
}

impl Folder {
    fn mapping(&self) -> Mapping {
        // A folder's path is nobody else's business: its name and a digest tell it apart.
        let path = fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        let digest = Sha256::digest(path.as_os_str().as_encoded_bytes());
        let short: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        let stem = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let plain: String =
            stem.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect();
        Mapping::new("lancedb", &format!("{plain}-{short}"), self.settings.clock.now())
    }
}

impl Connector for Folder {
    fn probe<'a>(&'a self, _: &'a Cancel) -> Pending<'a, Result<Probe, ReadError>> {
        Box::pin(async move {
            let path = self.path.clone();
            let tables = tokio::task::spawn_blocking(move || tables(&path))
                .await
                .map_err(|error| ReadError::Broken(error.to_string()))??;
            Ok(Probe {
                system: "LanceDB".to_owned(),
                version: None,
                namespace: self.mapping().namespace(),
                found: vec![Found::new("tables", tables.len() as u64)],
                notes: vec![rows_note()],
            })
        })
    }

    fn read<'a>(
        &'a self,
        from: Option<&'a Cursor>,
        sink: &'a mut dyn Sink,
        cancel: &'a Cancel,
    ) -> Pending<'a, Result<Done, ReadError>> {
        Box::pin(async move {
            let place = from.map(Cursor::place::<Place>).transpose()?.unwrap_or_default();
            let (path, mapping) = (self.path.clone(), self.mapping());
            fetching_blocking(move |out| walk(&path, &mapping, &place, &out), sink, cancel).await
        })
    }
}

fn rows_note() -> Note {
    let why = "they lie in Lance's own files, which are not read".to_owned();
    Note { place: "rows".to_owned(), why }
}

fn walk(path: &Path, mapping: &Mapping, from: &Place, out: &Out) -> Result<(), Stop> {
    let tables = tables(path)?;
    let (of, note) = (tables.len() as u64, rows_note());
    out.note_blocking(&note.place, note.why)?;
    for (done, (name, folder)) in tables.into_iter().enumerate() {
        if name <= from.after {
            continue;
        }
        let read = match manifest(&folder) {
            Ok(bytes) => lance::read(&name, &bytes).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        let reads = match read {
            Ok(table) => vec![mapping.collection(&table)],
            Err(why) => {
                out.note_blocking(&format!("table {name}"), why)?;
                Vec::new()
            }
        };
        out.portion_blocking(reads, Cursor::at(&Place { after: name }))?;
        out.progress_blocking(Progress { stage: "tables".to_owned(), done: done as u64 + 1, of: Some(of) })?;
    }
    Ok(())
}

/// The tables in the folder, or the one that it is, by their names.
fn tables(path: &Path) -> Result<Vec<(String, PathBuf)>, ReadError> {
    let unreadable = |error: io::Error| ReadError::Unknown {
        address: path.display().to_string(),
        why: format!("{error}; expected the folder that lancedb.connect is given"),
    };
    if path.join("_versions").is_dir() {
        return Ok(name_of(path).map(|name| (name, path.to_owned())).into_iter().collect());
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(path).map_err(unreadable)?.take(TABLES * 10) {
        let entry = entry.map_err(unreadable)?;
        // A link may lead anywhere.
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let folder = entry.path();
        if is_folder && folder.join("_versions").is_dir() && found.len() < TABLES {
            found.extend(name_of(&folder).map(|name| (name, folder)));
        }
    }
    found.sort();
    Ok(found)
}

fn name_of(folder: &Path) -> Option<String> {
    let name = folder.file_name()?.to_str()?;
    Some(name.strip_suffix(".lance").unwrap_or(name).to_owned()).filter(|name| !name.is_empty())
}

/// The manifest of the newest version.
fn manifest(table: &Path) -> io::Result<Vec<u8>> {
    let mut newest: Option<(u64, PathBuf)> = None;
    for entry in fs::read_dir(table.join("_versions"))?.take(VERSIONS) {
        let entry = entry?;
        let version = entry.file_name().to_str().and_then(lance::version_of);
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if let Some(version) =
            version.filter(|version| is_file && newest.as_ref().is_none_or(|(known, _)| version > known))
        {
            newest = Some((version, entry.path()));
        }
    }
    let Some((_, path)) = newest else {
        return Err(io::Error::new(io::ErrorKind::NotFound, "it has no version"));
    };
    if fs::metadata(&path)?.len() > lance::LONGEST {
        return Err(io::Error::other("its manifest is too large to be read"));
    }
    fs::read(path)
}
