//! Opening, creating and closing a catalog file.

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard},
};

use catena_model::clock::{Clock, Random};
use rusqlite::{Connection, OpenFlags, config::DbConfig};

use crate::{Reader, StoreError, StoreResult, Writer, schema, table::meta};

/// Time and randomness for a catalog.
#[derive(Clone)]
pub struct Environment {
    /// Tells the time of operations.
    pub clock: Arc<dyn Clock>,
    /// Gives the random part of ids.
    pub random: Arc<Mutex<dyn Random>>,
}

impl Environment {
    /// The source of randomness, for one draw. A panic while drawing leaves no half-made state behind.
    pub(crate) fn random(&self) -> MutexGuard<'_, dyn Random + 'static> {
        self.random.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// What may be done with an open catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// Everything.
    ReadWrite,
    /// Nothing may be changed, for this reason.
    ReadOnly(String),
}

/// An open catalog: one writer, many readers.
pub struct Catalog {
    path: PathBuf,
    access: Access,
    ended_uncleanly: bool,
    writer: Option<Mutex<Writer>>,
    readers: Mutex<Vec<Connection>>,
    /// Only ever asked whether somebody wrote.
    watcher: Mutex<Option<Connection>>,
    /// Held (shared) as long as the catalog is open; whoever gets it alone knows that nobody else has it open.
    _presence: Option<File>,
}

impl Catalog {
    /// Makes a new, empty catalog at `path`.
    pub fn create(path: &Path, environment: Environment) -> StoreResult<Self> {
        if path.exists() {
            return Err(StoreError::Exists(path.to_owned()));
        }
        Self::start(path, environment, true)
    }

    /// Opens the catalog at `path`: for writing if it can be, else read-only with the reason in [`Catalog::access`].
    ///
    /// An older layout is brought up to date, after a copy of the file was put beside it.
    pub fn open(path: &Path, environment: Environment) -> StoreResult<Self> {
        if !path.exists() {
            return Err(StoreError::Missing(path.to_owned()));
        }
        Self::start(path, environment, false)
    }

    /// Opens the catalog at `path`, or makes it if there is none.
    pub fn open_or_create(path: &Path, environment: Environment) -> StoreResult<Self> {
        if path.exists() { Self::open(path, environment) } else { Self::create(path, environment) }
    }

    fn start(path: &Path, environment: Environment, create: bool) -> StoreResult<Self> {
        if !create {
            // Before anything is put beside it: a file that is no catalog is left as it is, and so is its folder.
            check_header(path)?;
        }
        let presence = presence(path);
        let alone = presence.as_ref().is_some_and(|file| file.try_lock().is_ok());
        let left_over = std::fs::metadata(beside(path, "-wal")).is_ok_and(|wal| wal.len() > 0);
        let mut catalog = Self {
            path: path.to_owned(),
            access: Access::ReadWrite,
            ended_uncleanly: alone && left_over && !create,
            writer: None,
            readers: Mutex::new(Vec::new()),
            watcher: Mutex::new(None),
            _presence: None,
        };
        if let Some(reason) = catalog.reason_for_reading_only(create)? {
            catalog.access = Access::ReadOnly(reason);
        } else {
            let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            if create {
                flags |= OpenFlags::SQLITE_OPEN_CREATE;
            }
            let mut db = connect(path, flags)?;
            db.pragma_update(None, "journal_mode", "WAL")?;
            db.pragma_update(None, "synchronous", "FULL")?;
            if catalog.ended_uncleanly {
                quick_check(&db)?;
            }
            let found = schema::version(&db)?;
            if found < schema::VERSION {
                if found > 0 {
                    crate::backup::before_migration(&db, path, found)?;
                }
                schema::migrate(&mut db)?;
            }
            catalog.writer = Some(Mutex::new(Writer::new(db, environment)));
        }
        // Let others in, and keep a share as long as we are here.
        catalog._presence = presence.filter(|file| {
            let _ = file.unlock();
            file.lock_shared().is_ok()
        });
        Ok(catalog)
    }

    /// Looks at the file before anything is written to it.
    fn reason_for_reading_only(&self, create: bool) -> StoreResult<Option<String>> {
        if create {
            return Ok(None);
        }
        let writable = std::fs::OpenOptions::new().write(true).open(&self.path).is_ok()
            && self.path.parent().is_none_or(folder_is_writable);
        let db = if writable {
            connect(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?
        } else {
            read_only(&self.path)?
        };
        let application: i32 = db
            .query_row("PRAGMA application_id", [], |row| row.get(0))
            .map_err(|error| self.not_a_catalog(&error.to_string()))?;
        if application != schema::APPLICATION_ID {
            return Err(self.not_a_catalog("an SQLite file of another program"));
        }
        let version = schema::version(&db)?;
        if version > schema::VERSION {
            return Ok(Some(format!(
                "it was last used by a newer Catena (layout {version}; this one writes {}). Update Catena to edit it",
                schema::VERSION
            )));
        }
        if !writable {
            return Ok(Some(format!("{} or its folder can only be read", self.path.display())));
        }
        Ok(None)
    }

    fn not_a_catalog(&self, why: &str) -> StoreError {
        StoreError::NotACatalog { path: self.path.clone(), why: why.to_owned() }
    }

    /// Where the catalog is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it may be changed.
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// Whether the last program that had it open was ended in the middle. The file was checked then.
    pub fn ended_uncleanly(&self) -> bool {
        self.ended_uncleanly
    }

    /// The one writer; waits for its turn.
    pub fn writer(&self) -> StoreResult<MutexGuard<'_, Writer>> {
        match (&self.writer, &self.access) {
            // A panic while writing rolled its transaction back; the writer itself holds no half-made state.
            (Some(writer), _) => Ok(writer.lock().unwrap_or_else(std::sync::PoisonError::into_inner)),
            (None, Access::ReadOnly(reason)) => Err(StoreError::ReadOnly(reason.clone())),
            (None, Access::ReadWrite) => Err(StoreError::ReadOnly("it is closed".to_owned())),
        }
    }

    /// Reads with `read` from one unchanging state of the catalog.
    pub fn read<T>(&self, read: impl FnOnce(&Reader<'_>) -> StoreResult<T>) -> StoreResult<T> {
        let pooled = self.lock_readers().pop();
        let db = match pooled {
            Some(db) => db,
            None if self.writer.is_some() => {
                let db =
                    connect(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
                db.pragma_update(None, "query_only", true)?;
                db
            }
            None => read_only(&self.path)?,
        };
        db.execute_batch("BEGIN")?;
        let result = read(&Reader::new(&db));
        db.execute_batch("ROLLBACK")?;
        self.lock_readers().push(db);
        result
    }

    /// A number that is another one after anything was written, by this program or another. What is read after it was
    /// asked for is at least as new.
    pub fn pulse(&self) -> StoreResult<i64> {
        let mut watcher = self.watcher.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let db = match watcher.take() {
            Some(db) => watcher.insert(db),
            None => watcher.insert(read_only(&self.path)?),
        };
        Ok(db.query_row("PRAGMA data_version", [], |row| row.get(0))?)
    }

    fn lock_readers(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.readers.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// A name given to the catalog, or its file's.
    pub fn name(&self) -> StoreResult<String> {
        let given = self.read(|reader| meta::get(reader.db(), "name"))?;
        Ok(given.unwrap_or_else(|| {
            self.path
                .file_stem()
                .map_or_else(|| "catalog".to_owned(), |stem| stem.to_string_lossy().into_owned())
        }))
    }
}

/// The path of a file that belongs to the catalog: its own with `suffix` behind it.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn presence(path: &Path) -> Option<File> {
    // Where no lock file can be made (a read-only folder) nobody can have written either.
    std::fs::OpenOptions::new().create(true).truncate(false).write(true).open(beside(path, "-lock")).ok()
}

fn folder_is_writable(folder: &Path) -> bool {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    std::fs::metadata(folder).is_ok_and(|meta| !meta.permissions().readonly())
        && std::fs::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join(".catena-write-test"))
            .map(|_| std::fs::remove_file(folder.join(".catena-write-test")))
            .is_ok()
}

fn check_header(path: &Path) -> StoreResult<()> {
    use std::io::Read;
    let mut header = [0; 16];
    let mut file = File::open(path).map_err(|error| StoreError::File { path: path.to_owned(), error })?;
    match file.read_exact(&mut header) {
        Ok(()) if header == *b"SQLite format 3\0" => Ok(()),
        _ => Err(StoreError::NotACatalog { path: path.to_owned(), why: "not an SQLite file".to_owned() }),
    }
}

fn read_only(path: &Path) -> StoreResult<Connection> {
    let plain = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX);
    // In a folder that can't be written, WAL's side files can't be made: then nobody writes, and the file is all.
    match plain
        .and_then(|db| db.query_row("PRAGMA schema_version", [], |_| Ok(())).map(|()| db).map_err(Into::into))
    {
        Ok(db) => Ok(db),
        Err(_) => immutable(path),
    }
}

/// Opens a file that nobody writes, without putting anything beside it.
pub(crate) fn immutable(path: &Path) -> StoreResult<Connection> {
    let encoded = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    connect(
        Path::new(&format!("file:{encoded}?immutable=1")),
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI,
    )
}

/// How much of the file SQLite may keep in memory per connection, in KiB.
const CACHE_KIB: i64 = 32 * 1_024;

pub(crate) fn connect(path: &Path, flags: OpenFlags) -> StoreResult<Connection> {
    let db = Connection::open_with_flags(path, flags)?;
    db.busy_timeout(std::time::Duration::from_secs(10))?;
    db.pragma_update(None, "foreign_keys", true)?;
    db.pragma_update(None, "trusted_schema", false)?;
    db.pragma_update(None, "cache_size", -CACHE_KIB)?;
    // Otherwise SQLite compiles a statement anew, at ten times the cost of running it, whenever a parameter of an
    // equality is bound: for the case that the value is 0 or 1 and so a worse thing to look up by.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    db.set_prepared_statement_cache_capacity(128);
    Ok(db)
}

pub(crate) fn quick_check(db: &Connection) -> StoreResult<()> {
    let verdict: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" { Ok(()) } else { Err(StoreError::Damaged(verdict)) }
}
