//! Folders of this machine: their files, none of them through a link.

use std::{
    collections::VecDeque,
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use catena_files::Seekable;
use catena_ingest::objects::{Item, Mapping, Object};
use catena_model::{statement::Read, time::Timestamp};
use sha2::{Digest, Sha256};

use super::{
    BOUND, NAMED, PORTION, Place, bound,
    content::{self, CONTENTS},
    cut, key,
};
use crate::{
    cancel::Cancel,
    connector::{Connector, Cursor, Done, Found, Probe, Progress, ReadError, Sink},
    handover::{Out, Stop, fetching_blocking},
    pause::Pending,
    registry::{Address, Proof, Settings, System},
};

/// Folders in the list of systems.
pub(crate) const SYSTEM: System = System::new(
    "folder",
    "Folder",
    "a folder of this machine: its files, and tables that are spread over many of them",
    open,
)
.asking("/data/lake", Proof::Nothing, &[BOUND, CONTENTS]);

/// How deep folders may lie in each other.
const DEEPEST: usize = 64;

/// The largest file whose content is hashed, in bytes.
const HASHED: u64 = 64 << 20;

fn open(address: &Address, settings: Settings) -> Result<Box<dyn Connector>, ReadError> {
    let (bound, contents) = (bound(&settings)?, content::bound(&settings)?);
    match address {
        Address::Path(path) => Ok(Box::new(Folder { path: path.clone(), settings, bound, contents })),
        Address::Url(url) => Err(ReadError::Unknown {
            address: crate::secret::without_password(url),
            why: "expected a folder on this machine".to_owned(),
        }),
    }
}

struct Folder {
    path: PathBuf,
    settings: Settings,
    bound: usize,
    /// How many files are looked into.
    contents: usize,
}

impl Folder {
    fn root(&self) -> Result<PathBuf, ReadError> {
        let unreadable = |why: String| ReadError::Unknown { address: self.path.display().to_string(), why };
        let root = fs::canonicalize(&self.path).map_err(|error| unreadable(error.to_string()))?;
        match root.is_dir() {
            true => Ok(root),
            false => Err(unreadable("expected a folder".to_owned())),
        }
    }
}

impl Connector for Folder {
    fn probe<'a>(&'a self, _: &'a Cancel) -> Pending<'a, Result<Probe, ReadError>> {
        Box::pin(async move {
            let root = self.root()?;
            let entries = fs::read_dir(&root).map_err(|error| ReadError::Unknown {
                address: root.display().to_string(),
                why: error.to_string(),
            })?;
            Ok(Probe {
                system: "Folder".to_owned(),
                version: None,
                namespace: "file".to_owned(),
                found: vec![Found::new("files and folders in it", entries.take(self.bound).count() as u64)],
                notes: Vec::new(),
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
            let mut place = from.map(Cursor::place::<Place>).transpose()?.unwrap_or_default();
            let (root, began) = (self.root()?, self.settings.clock.now());
            let bounds = (self.bound, self.contents);
            let instance = root.display().to_string();
            let mapping = Mapping::new("folder", &instance, "file", began);
            let stop = cancel.clone();
            let (sender, receiver) = std::sync::mpsc::channel();
            let fetch = move |out: Out| {
                walk(&root, bounds, &mapping, &mut place, &out, &stop)?;
                // Whoever waits for it may have gone.
                let _ = sender.send(place.next(began));
                Ok(())
            };
            let mut done = fetching_blocking(fetch, sink, cancel).await?;
            done.next = receiver.try_recv().ok().filter(|_| !done.stopped);
            Ok(done)
        })
    }
}

fn walk(
    root: &Path,
    (bound, chosen): (usize, usize),
    mapping: &Mapping,
    place: &mut Place,
    out: &Out,
    cancel: &Cancel,
) -> Result<(), Stop> {
    let objects = list(root, bound, out, cancel)?;
    let items = place.items(objects);
    let (of, mut done) = (items.len() as u64, 0);
    let (mut contents, mut unreachable) = (chosen, 0);
    for some in items.chunks(PORTION) {
        let mut reads = Vec::with_capacity(some.len());
        for item in some {
            if cancel.is_cancelled() {
                return Err(ReadError::Cancelled.into());
            }
            reads.push(match item {
                Item::File(object) => mapping.item(&Item::File(hashed(object))),
                table @ Item::Table(_) => mapping.item(table),
            });
            if contents > 0 {
                contents -= 1;
                match looked_into(item) {
                    Ok(said) => reads.extend(said),
                    Err(_) if unreachable >= NAMED => {}
                    Err(why) => {
                        unreachable += 1;
                        out.note_blocking(&format!("contents of {}", key(item)), why)?;
                    }
                }
            } else if chosen > 0 {
                out.note_blocking("contents", "no more files were looked into than was chosen".to_owned())?;
            }
        }
        done += some.len() as u64;
        place.after = some.last().map(|item| key(item).to_owned()).unwrap_or_default();
        out.portion_blocking(reads, Cursor::at(place))?;
        out.progress_blocking(Progress { stage: "files".to_owned(), done, of: Some(of) })?;
    }
    place.after = String::new();
    Ok(())
}

/// What the file, or the table's log or first file, says of itself.
fn looked_into(item: &Item) -> Result<Vec<Read>, String> {
    if let Item::Table(table) = item
        && let Some(said) = content::log_of(table)
    {
        return said;
    }
    let Some(file) = content::telling_file(item) else { return Ok(Vec::new()) };
    let file = fs::File::open(file).and_then(Seekable::new);
    content::read("file", item, &mut file.map_err(|error| error.to_string())?)
}

fn list(root: &Path, bound: usize, out: &Out, cancel: &Cancel) -> Result<Vec<Object>, Stop> {
    let mut objects = Vec::new();
    let mut folders = VecDeque::from([(root.to_owned(), 0)]);
    while let Some((folder, depth)) = folders.pop_front() {
        if cancel.is_cancelled() {
            return Err(ReadError::Cancelled.into());
        }
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                out.note_blocking(
                    &folder.display().to_string(),
                    format!("it can't be looked into: {error}"),
                )?;
                continue;
            }
        };
        for entry in entries.flatten() {
            let path = entry.path();
            let Some(name) = path.to_str() else {
                out.note_blocking("files", "of some the name is no text: they were left out".to_owned())?;
                continue;
            };
            // A link may lead anywhere, also back; hidden files are a program's own.
            let hidden =
                entry.file_name().to_string_lossy().starts_with('.') && entry.file_name() != ".hoodie";
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() && !hidden && depth < DEEPEST {
                folders.push_back((path, depth + 1));
            } else if kind.is_file() && !hidden {
                if objects.len() >= bound {
                    out.note_blocking("files", cut(bound))?;
                    return Ok(objects);
                }
                let Ok(about) = entry.metadata() else { continue };
                objects.push(Object {
                    key: name.replace('\\', "/"),
                    size: about.len(),
                    modified: about.modified().ok().and_then(moment),
                    ..Object::default()
                });
            }
        }
    }
    Ok(objects)
}

fn moment(time: std::time::SystemTime) -> Option<Timestamp> {
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_micros()).ok().map(Timestamp::from_micros)
}

/// The file with the hash of its content, unless that is long.
fn hashed(object: &Object) -> Object {
    let sha256 = (object.size <= HASHED).then(|| hash(Path::new(&object.key)).ok()).flatten();
    Object { sha256, ..object.clone() }
}

fn hash(path: &Path) -> io::Result<String> {
    let mut digest = Sha256::new();
    // It may have grown since it was listed.
    let mut file = fs::File::open(path)?.take(HASHED + 1);
    let mut read = 0;
    let mut buffer = vec![0; 64 << 10];
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        read += count as u64;
        digest.update(&buffer[..count]);
    }
    if read > HASHED {
        return Err(io::Error::other("it grew"));
    }
    Ok(digest.finalize().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}")))
}
