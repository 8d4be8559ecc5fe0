//! Connections: set up, tested, pulled, scheduled and removed; and what is never found of their secrets.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails where it stands")]

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use catena_app::{
    App,
    catalog::PathArgs,
    connections::{SecretError, Secrets},
    environment,
    error::Trouble,
    events::{Event, Events},
    places::Places,
    session::Caller,
    use_case::{Reply, Role},
};
use catena_connect::secret::Secret;
use catena_model::actor::{Act, Actor, Origin};
use serde_json::{Value, json};

const CANARY: &str = "canary-6e1f9b";

/// What the window would be told.
#[derive(Default)]
struct Heard(Mutex<Vec<String>>);

impl Events for Heard {
    fn send(&self, event: Event) {
        self.0.lock().unwrap().push(serde_json::to_string(&event).unwrap());
    }
}

/// A keychain in memory.
#[derive(Default)]
struct Ring(Mutex<BTreeMap<String, Secret>>);

impl Secrets for Ring {
    fn get(&self, key: &str) -> Result<Option<Secret>, SecretError> {
        Ok(self.0.lock().unwrap().get(key).cloned())
    }
    fn put(&self, key: &str, secret: &Secret) -> Result<(), SecretError> {
        self.0.lock().unwrap().insert(key.to_owned(), secret.clone());
        Ok(())
    }
    fn forget(&self, key: &str) -> Result<(), SecretError> {
        self.0.lock().unwrap().remove(key);
        Ok(())
    }
}

/// A session without one.
struct NoRing;

impl Secrets for NoRing {
    fn get(&self, _: &str) -> Result<Option<Secret>, SecretError> {
        Err(SecretError::NoKeychain("no bus".to_owned()))
    }
    fn put(&self, _: &str, _: &Secret) -> Result<(), SecretError> {
        Err(SecretError::NoKeychain("no bus".to_owned()))
    }
    fn forget(&self, _: &str) -> Result<(), SecretError> {
        Err(SecretError::NoKeychain("no bus".to_owned()))
    }
}

struct World {
    app: App,
    heard: Arc<Heard>,
    folder: tempfile::TempDir,
}

fn world_of(origin: Origin, keychain: Arc<dyn Secrets>) -> World {
    let folder = tempfile::tempdir().unwrap();
    let act = Act { actor: Actor::Person { name: "ada".to_owned() }, origin, cause: None };
    let places = Places { data: folder.path().join("data"), sample: None };
    let heard = Arc::new(Heard::default());
    let mut app =
        App::new(environment::real(), places, Caller { act, role: Role::Admin }, Arc::clone(&heard) as _);
    app.keychain = keychain;
    let path = folder.path().join("shop.catena").to_string_lossy().into_owned();
    catena_app::catalog::create(&app, PathArgs { path }).unwrap();
    World { app, heard, folder }
}

fn world() -> World {
    world_of(Origin::CommandLine, Arc::new(Ring::default()))
}

impl World {
    fn try_call(&self, name: &str, args: Value) -> Result<Value, catena_app::AppError> {
        self.app.call(name, args).map(|reply| match reply {
            Reply::Json(text) => serde_json::from_str(&text).unwrap(),
            Reply::Bytes(bytes) => panic!("{} bytes", bytes.len()),
        })
    }

    fn call(&self, name: &str, args: Value) -> Value {
        self.try_call(name, args).unwrap()
    }

    fn the(&self, name: &str) -> Value {
        let all = self.call("connections", json!({}));
        all.as_array().unwrap().iter().find(|one| one["name"] == name).cloned().unwrap()
    }

    /// Pulls, and waits for the job's end.
    fn pull(&self, name: &str) -> Value {
        let job = self.call("connection_pull", json!({ "name": name }))["job"].clone();
        let start = Instant::now();
        loop {
            let jobs = self.call("jobs", json!({}));
            let found = jobs.as_array().unwrap().iter().find(|one| one["id"] == job).cloned().unwrap();
            if found["state"] != "running" {
                return found;
            }
            assert!(start.elapsed() < Duration::from_secs(60), "{found}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn database(&self) -> PathBuf {
        let path = self.folder.path().join("source.db");
        let db = rusqlite::Connection::open(&path).unwrap();
        db.execute_batch("CREATE TABLE orders (id INTEGER PRIMARY KEY); CREATE TABLE items (id INTEGER);")
            .unwrap();
        path
    }
}

/// A server that refuses all, and says back whatever it was sent.
fn parrot() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut bytes = [0; 8_192];
            let count = stream.read(&mut bytes).unwrap_or(0);
            let heard = String::from_utf8_lossy(&bytes[..count]).into_owned();
            let body = json!({ "error": "no", "message": format!("you sent {heard}") }).to_string();
            let length = body.len();
            let _ = stream.write_all(
                format!(
                    "HTTP/1.1 401 No\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
                     Connection: close\r\n\r\n{body}"
                )
                .as_bytes(),
            );
        }
    });
    address
}

/// Every file below this folder, with what it holds.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => all.extend(files(&path)),
            false => all.push((path.clone(), std::fs::read(&path).unwrap())),
        }
    }
    all
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn one_is_set_up_tested_pulled_and_removed_and_what_it_brought_stays() {
    let world = world();
    let address = world.database().to_string_lossy().into_owned();
    let added = world.call("connection_add", json!({"name": "source", "kind": "sqlite", "address": address}));
    assert_eq!((&added["kind_title"], &added["secret"]), (&json!("SQLite"), &Value::Null));
    let found = world.call("connection_test", json!({"name": "source"}));
    assert_eq!(found["found"][0], json!({"what": "tables", "count": 2}));
    let job = world.pull("source");
    assert_eq!(job["state"], "done", "{job}");
    assert_eq!(job["report"]["created"], 4, "two tables with a column each: {job}");
    let report = world.the("source")["report"].clone();
    assert_eq!((&report["created"], &report["error"]), (&json!(4), &Value::Null));
    let again = world.pull("source");
    assert_eq!((&again["report"]["created"], &again["report"]["same"]), (&json!(0), &json!(4)));
    world.call("connection_remove", json!({"name": "source"}));
    assert_eq!(world.call("connections", json!({})), json!([]));
    assert_eq!(world.call("search", json!({"text": "orders"}))["hits"][0]["name"], "orders");
    assert_eq!(world.call("check", json!({}))["holds"], true);
}

#[test]
fn what_can_not_be_connected_is_said_at_once() {
    let world = world();
    let refused = |args: Value| world.try_call("connection_add", args).unwrap_err();
    let bad = refused(json!({"name": "a", "kind": "oracle", "address": "x"}));
    assert!(bad.message.contains("chroma"), "{bad}");
    assert!(refused(json!({"name": " ", "kind": "sqlite", "address": "x"})).message.contains("name"));
    assert!(refused(json!({"name": "a", "kind": "sqlite", "address": " "})).message.contains("address"));
    let options = json!({"tls": "maybe"});
    let bad =
        refused(json!({"name": "a", "kind": "postgres", "address": "postgres://h/d", "options": options}));
    assert!(bad.message.contains("require or off"), "{bad}");
    world.call("connection_add", json!({"name": "a", "kind": "sqlite", "address": "/x.db"}));
    let twice = refused(json!({"name": "a", "kind": "sqlite", "address": "/y.db"}));
    assert_eq!(twice.trouble, Trouble::Refused);
    assert_eq!(
        world.try_call("connection_pull", json!({"name": "b"})).unwrap_err().trouble,
        Trouble::NotFound
    );
}

#[test]
fn a_secret_is_nowhere_but_where_secrets_are_kept() {
    let ring = Arc::new(Ring::default());
    let world = world_of(Origin::CommandLine, Arc::clone(&ring) as _);
    let address = parrot();
    let mut said = vec![
        world
            .call(
                "connection_add",
                json!({"name": "kb", "kind": "chroma", "address": address, "secret": format!("{CANARY}\n")}),
            )
            .to_string(),
    ];
    let with_login = address.replace("http://", &format!("http://ann:{CANARY}@"));
    said.push(
        world
            .call("connection_add", json!({"name": "ml", "kind": "mlflow", "address": with_login}))
            .to_string(),
    );
    assert_eq!(world.the("ml")["address"], json!(address));
    assert_eq!(world.the("ml")["options"]["user"], "ann");
    assert_eq!(ring.0.lock().unwrap().len(), 2);
    for name in ["kb", "ml"] {
        said.push(world.try_call("connection_test", json!({ "name": name })).unwrap_err().to_string());
        let job = world.pull(name);
        assert_eq!(job["state"], "failed", "{job}");
        said.push(job.to_string());
    }
    assert!(
        said[2].contains("you sent") && said[2].contains("(hidden)"),
        "the server said it back: {}",
        said[2]
    );
    for name in ["connections", "jobs", "history", "catalog_info"] {
        said.push(world.call(name, json!({"limit": 100})).to_string());
    }
    said.extend(world.heard.0.lock().unwrap().iter().cloned());
    let copy = world.folder.path().join("copy.catena").to_string_lossy().into_owned();
    world.call("backup", json!({ "path": copy }));
    for text in &said {
        assert!(!text.contains(CANARY), "{text}");
    }
    for (path, bytes) in files(world.folder.path()) {
        assert!(!holds(&bytes, CANARY), "{}", path.display());
    }
    world.call("connection_remove", json!({"name": "kb"}));
    world.call("connection_remove", json!({"name": "ml"}));
    assert!(ring.0.lock().unwrap().is_empty(), "removed with their connections");
}

#[test]
fn without_a_keychain_a_file_is_used_only_when_that_was_agreed_to() {
    let world = world_of(Origin::CommandLine, Arc::new(NoRing));
    let mut args = json!({"name": "kb", "kind": "chroma", "address": parrot(), "secret": CANARY});
    let refused = world.try_call("connection_add", args.clone()).unwrap_err();
    assert_eq!(refused.trouble, Trouble::Refused);
    assert!(refused.message.contains("no keychain") && !refused.message.contains(CANARY), "{refused}");
    assert_eq!(world.call("connections", json!({})), json!([]));
    args["allow_secret_file"] = true.into();
    assert_eq!(world.call("connection_add", args)["secret"], "file");
    let with_it: Vec<PathBuf> = files(world.folder.path())
        .into_iter()
        .filter(|(_, bytes)| holds(bytes, CANARY))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(with_it, [world.folder.path().join("data/secrets.json")]);
    world.call("connection_remove", json!({"name": "kb"}));
    assert!(files(world.folder.path()).iter().all(|(_, bytes)| !holds(bytes, CANARY)));
}

#[test]
fn a_catalog_that_was_changed_elsewhere_gets_no_secret() {
    let world = world();
    world.call(
        "connection_add",
        json!({"name": "kb", "kind": "chroma", "address": "http://127.0.0.1:9", "secret": CANARY}),
    );
    let evil = parrot();
    world
        .app
        .session()
        .unwrap()
        .catalog
        .writer()
        .unwrap()
        .unlogged(|db| {
            db.execute("UPDATE connection SET address = ?1", [&evil])?;
            Ok(())
        })
        .unwrap();
    let job = world.pull("kb");
    assert!(job["error"].as_str().unwrap().contains("is not on this machine"), "{job}");
}

#[test]
fn in_the_window_one_is_pulled_by_itself_when_it_is_due() {
    let world = world_of(Origin::Window, Arc::new(Ring::default()));
    let address = world.database().to_string_lossy().into_owned();
    world.call("connection_add", json!({"name": "source", "kind": "sqlite", "address": address}));
    let wrong = world.try_call("connection_schedule", json!({"name": "source", "minutes": 0}));
    assert_eq!(wrong.unwrap_err().trouble, Trouble::BadRequest);
    world.call("connection_schedule", json!({"name": "source", "minutes": 60}));
    let start = Instant::now();
    while world.the("source")["pulled_at"].is_null() {
        assert!(start.elapsed() < Duration::from_secs(60), "it was never pulled");
        std::thread::sleep(Duration::from_millis(100));
    }
    let shown = world.the("source");
    assert_eq!(shown["report"]["created"], 4, "{shown}");
    assert_eq!(shown["minutes"], 60);
    assert!(shown["next_at"].as_str().unwrap() > shown["pulled_at"].as_str().unwrap());
    world.call("connection_schedule", json!({"name": "source", "minutes": null}));
    assert!(world.the("source")["next_at"].is_null());
}

#[test]
fn two_pulls_of_one_connection_do_not_run_at_once_and_one_can_be_cancelled() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let world = world();
    world.call("connection_add", json!({"name": "slow", "kind": "chroma", "address": address}));
    let job = world.call("connection_pull", json!({"name": "slow"}))["job"].clone();
    assert_eq!(world.the("slow")["job"], job);
    let twice = world.try_call("connection_pull", json!({"name": "slow"})).unwrap_err();
    assert!(twice.message.contains("being pulled already"), "{twice}");
    assert!(world.try_call("connection_remove", json!({"name": "slow"})).is_err());
    world.call("job_cancel", json!({ "job": job }));
    let start = Instant::now();
    while !world.the("slow")["job"].is_null() {
        assert!(start.elapsed() < Duration::from_secs(5), "it does not wait for the server");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(world.the("slow")["report"]["cancelled"], true);
}
