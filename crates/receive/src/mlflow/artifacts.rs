//! Artifacts: the files that runs and models leave behind, through MLflow's artifact proxy.
//!
//! A file's bytes are kept in a folder beside the catalog, under their own SHA-256; its name and whose it is are a facet
//! in the catalog. So no name that a client sends ever becomes a path, equal files are there once, and a file that was
//! changed behind the catalog's back is found out when it is read.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use bytes::Bytes;
use catena_ingest::langsmith::Object;
use catena_model::statement::Thing;
use catena_store::{Reader, StoreResult, table::facet};
use hyper::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    Mlflow, experiments,
    held::{self, Held},
    keeping::{ARTIFACT, ARTIFACTS, keep, piece},
    logged_models, runs,
    said::{Answered, asked, done, int, invalid, ok, required, text, unknown},
};
use crate::{
    desk::Desk,
    protocol::{Answer, Request},
    refusal::Refusal,
};

/// The longest path of an artifact.
const LONGEST_PATH: usize = 1_000;

/// An artifact as it is asked for: whose, and its path there.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Address {
    of: &'static str,
    id: String,
    path: String,
}

impl Address {
    /// `EXPERIMENT/RUN/artifacts/PATH`, `EXPERIMENT/models/MODEL/artifacts/PATH`, or anything else of an experiment.
    fn read(path: &str) -> Result<Self, Refusal> {
        let segments: Vec<&str> = path.split('/').collect();
        let unfit = |segment: &&str| {
            matches!(*segment, "" | "." | "..")
                || segment.contains('\\')
                || segment.contains(char::is_control)
        };
        if segments.iter().any(unfit) || path.len() > LONGEST_PATH {
            return Err(invalid(
                "Invalid path: an artifact's path has plain segments, without '..' and the like",
            ));
        }
        let (of, id, rest): (_, &str, &[&str]) = match segments.as_slice() {
            [_, "models", id, "artifacts", rest @ ..] => ("logged_model", id, rest),
            [_, id, "artifacts", rest @ ..] => ("run", id, rest),
            [id, rest @ ..] => ("experiment", id, rest),
            [] => return Err(invalid("Invalid path: it is empty")),
        };
        Ok(Self { of, id: id.to_owned(), path: rest.join("/") })
    }

    fn thing(&self) -> Option<Thing> {
        match self.of {
            "run" => held::run(&self.id),
            "logged_model" => held::logged_model(&self.id),
            _ => held::experiment(&self.id),
        }
    }

    fn unknown(&self) -> Refusal {
        unknown("artifact", &self.path)
    }
}

/// Files by their paths, as the catalog has them: what the facet of each says.
fn files(
    reader: &Reader<'_>,
    thing: Option<&Thing>,
    under: &str,
) -> StoreResult<Option<BTreeMap<String, Object>>> {
    let Some(place) = held::place(reader, thing)? else { return Ok(None) };
    let mut rows = Vec::new();
    for member in reader.group(place)? {
        rows.extend(facet::beginning(reader.db(), member.ix, &format!("{ARTIFACTS}{under}"))?);
    }
    rows.sort_by_key(|row| row.at);
    let mut found = BTreeMap::new();
    for row in rows {
        if let (Some(path), Value::Object(body)) = (row.name.strip_prefix(ARTIFACTS), row.body) {
            found.insert(path.to_owned(), body);
        }
    }
    found.retain(|_, body| body.get("deleted") != Some(&Value::Bool(true)));
    Ok(Some(found))
}

/// The folder of a catalog's artifacts.
fn folder(desk: &Desk) -> PathBuf {
    let mut name = desk.holder.catalog().path().as_os_str().to_owned();
    name.push(".artifacts");
    PathBuf::from(name)
}

/// Where the bytes with this digest are.
fn place_of(folder: &Path, digest: &str) -> Option<PathBuf> {
    let is_digest = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_digest.then(|| folder.join(&digest[..2]).join(&digest[2..]))
}

fn digest(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Puts bytes where their digest says, whole or not at all, and certain when it returns.
fn put_bytes(folder: &Path, digest: &str, bytes: &[u8]) -> io::Result<()> {
    let place = place_of(folder, digest).ok_or_else(|| io::Error::other("a digest that is none"))?;
    if fs::metadata(&place).is_ok_and(|there| there.len() == bytes.len() as u64) {
        return Ok(());
    }
    let parent = place.parent().unwrap_or(folder);
    fs::create_dir_all(parent)?;
    let part = parent.join(format!("{}.part", Uuid::new_v4().simple()));
    let written = (|| {
        let mut file = File::create_new(&part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&part, &place)?;
        // The folder's own entry; not every system can.
        let _ = File::open(parent).and_then(|folder| folder.sync_all());
        Ok(())
    })();
    if written.is_err() {
        let _ = fs::remove_file(&part);
    }
    written
}

async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, Refusal> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(Refusal::Unavailable(format!("an artifact's file: {error}"))),
        Err(_) => Err(Refusal::Unavailable("it failed for a fault of Catena's own".to_owned())),
    }
}

/// `PUT mlflow-artifacts/artifacts/{path}`
pub(super) async fn put(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let address = Address::read(request.parameter("path"))?;
    if address.path.is_empty() {
        return Err(invalid("Invalid path: it names no file"));
    }
    must_be_there(desk, &address).await?;
    let (bytes, folder) = (request.body, folder(desk));
    let size = bytes.len();
    let digest = digest(&bytes);
    let named = digest.clone();
    apart(move || put_bytes(&folder, &named, &bytes)).await?;
    store(system, desk, &address, json!({ "size": size, "sha256": digest })).await
}

async fn must_be_there(desk: &Desk, address: &Address) -> Result<(), Refusal> {
    match address.of {
        "run" => runs::active(desk, &address.id).await.map(|_| ()),
        "logged_model" => logged_models::find(desk, &address.id).await.map(|_| ()),
        _ => experiments::active(desk, &address.id).await.map(|_| ()),
    }
}

async fn store(system: &Mlflow, desk: &Desk, address: &Address, body: Value) -> Answered {
    let _alone = system.changing.lock().await;
    let (thing, name) = (address.thing(), format!("{ARTIFACTS}{}", address.path));
    let before = desk
        .read(move |reader| {
            let Some(place) = held::place(reader, thing.as_ref())? else { return Ok(None) };
            let mut last = None;
            for member in reader.group(place)? {
                let rows = facet::beginning(reader.db(), member.ix, &name)?;
                last = last.max(rows.into_iter().filter(|row| row.name == name).map(|row| row.at).max());
            }
            Ok(last)
        })
        .await?;
    let before = before.map(|at| Held { place: 0, at, object: Object::new() });
    let at = super::keeping::moment(desk, before.as_ref());
    let parts = [
        ("object", body),
        ("of", json!(address.of)),
        ("id", json!(address.id)),
        ("path", json!(address.path)),
    ];
    let mut pieces = Vec::new();
    if address.of == "experiment" && address.id == experiments::FIRST {
        pieces = experiments::with_first(desk).await?;
    }
    pieces.push(piece(ARTIFACT, at, parts));
    keep(desk, pieces).await?;
    done()
}

/// `GET mlflow-artifacts/artifacts/{path}`
pub(super) async fn get(request: Request, desk: &Desk) -> Answered {
    let address = Address::read(request.parameter("path"))?;
    let asked = address.clone();
    let found = desk.read(move |reader| files(reader, asked.thing().as_ref(), &asked.path)).await?;
    let found = found.and_then(|mut found| found.remove(&address.path)).ok_or_else(|| address.unknown())?;
    let known = text(&found, "sha256").unwrap_or_default().to_owned();
    let place = place_of(&folder(desk), &known).ok_or_else(|| address.unknown())?;
    let bytes = apart(move || fs::read(place)).await?;
    if digest(&bytes) != known {
        return Err(Refusal::Unavailable(format!(
            "the file of artifact {} is not as it was stored: bring it back from a backup",
            address.path
        )));
    }
    Ok(Answer::bytes(StatusCode::OK, "application/octet-stream", Bytes::from(bytes)))
}

/// `DELETE mlflow-artifacts/artifacts/{path}`: the file, or all that is under a folder
pub(super) async fn delete(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let address = Address::read(request.parameter("path"))?;
    must_be_there(desk, &address).await?;
    let asked = address.clone();
    let found = desk.read(move |reader| files(reader, asked.thing().as_ref(), &asked.path)).await?;
    for path in found.unwrap_or_default().into_keys().filter(|path| is_under(path, &address.path)) {
        store(system, desk, &Address { path, ..address.clone() }, json!({ "deleted": true })).await?;
    }
    done()
}

fn is_under(path: &str, folder: &str) -> bool {
    folder.is_empty()
        || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The files and folders right in a folder: `(name, size of a file)`.
fn listing(files: &BTreeMap<String, Object>, folder: &str) -> Vec<(String, Option<i64>)> {
    let mut found: BTreeMap<String, Option<i64>> = BTreeMap::new();
    for (path, body) in files {
        let rest = match folder.is_empty() {
            true => Some(path.as_str()),
            false => path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')),
        };
        match rest.map(|rest| rest.split_once('/')) {
            None => {}
            Some(Some((inner, _))) => {
                found.insert(inner.to_owned(), None);
            }
            Some(None) => {
                let name = rest.unwrap_or_default();
                found.entry(name.to_owned()).or_insert_with(|| Some(int(body, "size").unwrap_or(0)));
            }
        }
    }
    found.into_iter().collect()
}

fn shown(listing: Vec<(String, Option<i64>)>, before: &str) -> Vec<Value> {
    let path = |name: &str| if before.is_empty() { name.to_owned() } else { format!("{before}/{name}") };
    listing
        .into_iter()
        .map(|(name, size)| match size {
            Some(size) => json!({ "path": path(&name), "is_dir": false, "file_size": size }),
            None => json!({ "path": path(&name), "is_dir": true }),
        })
        .collect()
}

async fn list_in(desk: &Desk, address: &Address, before: &str) -> Result<Vec<Value>, Refusal> {
    let asked = address.clone();
    let found = desk.read(move |reader| files(reader, asked.thing().as_ref(), &asked.path)).await?;
    Ok(shown(listing(&found.unwrap_or_default(), &address.path), before))
}

/// `GET mlflow-artifacts/artifacts`
pub(super) async fn list(request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let path = required(&said, "path")?;
    let address = Address::read(path.trim_matches('/'))?;
    ok(&json!({ "files": list_in(desk, &address, "").await? }))
}

/// `GET artifacts/list`
pub(super) async fn list_of_run(request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let run = runs::active(desk, &runs::id_in(&said)?).await?;
    of_owner(desk, "run", run.info("run_id"), run.info("artifact_uri"), text(&said, "path")).await
}

/// `GET logged-models/{model_id}/artifacts/directories`
pub(super) async fn list_of_model(request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let model = logged_models::find(desk, &required(&said, "model_id")?).await?;
    let info = model.object.get("info").and_then(Value::as_object).cloned().unwrap_or_default();
    let path = text(&said, "artifact_directory_path");
    of_owner(desk, "logged_model", text(&info, "model_id"), text(&info, "artifact_uri"), path).await
}

async fn of_owner(
    desk: &Desk,
    of: &'static str,
    id: Option<&str>,
    root: Option<&str>,
    path: Option<&str>,
) -> Answered {
    let path = path.unwrap_or_default().trim_matches('/');
    if !path.is_empty() {
        Address::read(path)?;
    }
    let address = Address { of, id: id.unwrap_or_default().to_owned(), path: path.to_owned() };
    ok(&json!({ "root_uri": root, "files": list_in(desk, &address, path).await? }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_says_whose_a_file_is() {
        let read = |path: &str| Address::read(path).map(|one| (one.of, one.id, one.path)).ok();
        let is = |of, id: &str, path: &str| Some((of, id.to_owned(), path.to_owned()));
        assert_eq!(read("1/abc/artifacts/model/MLmodel"), is("run", "abc", "model/MLmodel"));
        assert_eq!(read("1/models/m-1/artifacts/a.pkl"), is("logged_model", "m-1", "a.pkl"));
        assert_eq!(read("1/traces/tr-1/artifacts/x"), is("experiment", "1", "traces/tr-1/artifacts/x"));
        for path in
            ["", "..", "1/../etc/passwd", "1//x", "/etc/passwd", "1/abc/artifacts/..\\x", "1/a/artifacts/\0"]
        {
            assert_eq!(read(path), None, "{path}");
        }
    }

    #[test]
    fn bytes_are_kept_under_their_digest_and_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let known = digest(b"weights");
        put_bytes(folder.path(), &known, b"weights").unwrap();
        put_bytes(folder.path(), &known, b"weights").unwrap();
        assert_eq!(fs::read(place_of(folder.path(), &known).unwrap()).unwrap(), b"weights");
        let inner = fs::read_dir(folder.path().join(&known[..2])).unwrap().count();
        assert_eq!(inner, 1);
        assert_eq!(place_of(folder.path(), "../../../../etc/passwd"), None);
        assert!(put_bytes(folder.path(), "../x", b"").is_err());
    }

    #[test]
    fn a_folder_lists_what_is_right_in_it() {
        let size = |size: i64| super::super::said::object([("size", json!(size))]);
        let files: BTreeMap<String, Object> =
            [("a.txt", 1), ("model/MLmodel", 2), ("model/code/x.py", 3), ("models", 4)]
                .map(|(path, bytes)| (path.to_owned(), size(bytes)))
                .into();
        let all = |folder: &str| listing(&files, folder);
        assert_eq!(
            all(""),
            [("a.txt".to_owned(), Some(1)), ("model".to_owned(), None), ("models".to_owned(), Some(4))]
        );
        assert_eq!(all("model"), [("MLmodel".to_owned(), Some(2)), ("code".to_owned(), None)]);
        assert_eq!(all("a.txt"), []);
    }
}
