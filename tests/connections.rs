//! Connections to real systems, set up and pulled by the command line.
//!
//! `cargo xtask test interop` makes what the real ones need and runs these; by themselves they are left out.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod catalogs;
mod catena;
#[path = "connections/stores.rs"]
mod stores;

use std::{
    ffi::OsString,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, ExitCode, Stdio},
};

use catena::{Answer, Catena};
use catena_ingest::genai::{Passage, Step, Store};
use catena_model::{
    actor::{Act, Actor, Origin},
    span::{Span, SpanId, SpanKind, SpanStatus, Usage},
};
use catena_store::{Catalog, apply::Tally};
use serde_json::{Map, Value, json};

/// Tells the process of its own which words to run, with tabs between them.
const WORDS: &str = "CATENA_TEST_WORDS";

/// A real server that a script runs; ends with this.
struct Served {
    server: Child,
    /// The server runs for as long as this is open.
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    address: String,
}

impl Served {
    fn by(environment: &str, script: &str, folder: &Path) -> Self {
        let variable = format!("CATENA_PYTHON_{environment}");
        let python = std::env::var_os(&variable)
            .unwrap_or_else(|| panic!("{variable} names no Python; use `cargo xtask test interop`"));
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("systems").join(script);
        let mut server = Command::new(python)
            .arg(script)
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, output) = (server.stdin.take(), server.stdout.take().unwrap());
        let mut served = Self { server, input, output: BufReader::new(output), address: String::new() };
        served.address = served.line();
        assert!(served.address.contains("://127.0.0.1:"), "the server said {:?}", served.address);
        served
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }

    /// Has something done, and waits for it.
    fn tell(&mut self, what: &str) {
        writeln!(self.input.as_mut().unwrap(), "{what}").unwrap();
        assert!(!self.line().is_empty(), "{what}");
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.server.wait();
    }
}

fn well(answer: Answer) -> Value {
    assert_eq!(answer.code, ExitCode::SUCCESS, "{answer:?}");
    answer.json()
}

fn counts(report: &Value) -> [u64; 3] {
    assert_eq!(report["rejected"], json!([]));
    ["created", "changed", "same"].map(|count| report[count].as_u64().unwrap())
}

fn properties(entity: &Value) -> String {
    entity["fields"].as_array().unwrap().iter().find(|field| field["key"] == "properties").unwrap()["value"]
        .to_string()
}

/// An application's trace, which retrieved this record of a store whose address it doesn't say.
fn retrieve(catalog: &Path, collection: &str, record: &str, text: &str) {
    let span = Span {
        id: SpanId(0xb1),
        parent: None,
        name: "answer".to_owned(),
        kind: SpanKind::Retrieval,
        start: Some(1_795_000_000_000_000_000),
        end: Some(1_795_000_000_250_000_000),
        status: SpanStatus::Unset,
        usage: Usage::default(),
        attributes: Map::new(),
        events: Vec::new(),
        resource: std::sync::Arc::new(json!({})),
    };
    let mut step = Step::new(0x7e, span, "rag");
    step.store = Some(Store {
        system: Some("chroma".to_owned()),
        address: None,
        collection: Some(collection.to_owned()),
    });
    step.retrieved =
        vec![Passage { id: Some(record.to_owned()), text: Some(text.to_owned()), ..Passage::default() }];
    let catalog = Catalog::open(catalog, catena_app::environment::real()).unwrap();
    let act = Act { actor: Actor::Catena, origin: Origin::Receiver, cause: None };
    let record = step.record("here".to_owned(), "otel");
    catalog.writer().unwrap().apply(&act, "A trace", [Ok(record)], &mut Tally::default()).unwrap();
}

#[test]
#[ignore = "runs a Chroma server"]
fn a_chroma_server_is_pulled_and_a_changed_record_is_the_only_change() {
    let catalog = Catena::new();
    let mut chroma = Served::by("CHROMA", "chroma_server.py", catalog.folder());
    well(catalog.run(["connect", "add", "chroma", &chroma.address, "--name", "kb"]));
    let found = well(catalog.run(["connect", "test", "kb"]));
    assert_eq!(
        found["found"],
        json!([
            {"what": "databases", "count": 1},
            {"what": "collections", "count": 2},
            {"what": "records", "count": 1203},
        ])
    );
    let [created, ..] = counts(&well(catalog.run(["connect", "pull", "kb"])));
    // Two collections, the records, and seven documents with the files that they are the text of.
    assert_eq!(created, 2 + 1_203 + 7 + 7 + 2);
    let host = chroma.address.strip_prefix("http://").unwrap().to_owned();
    let books = well(catalog.run(["show", &format!("chroma://{host}/books")]));
    let properties = properties(&books);
    for word in ["\"3\"", "cosine", "default"] {
        assert!(properties.contains(word), "{properties}");
    }
    let above = catalog.lineage(&format!("chroma://{host}/books/r00003"), "up");
    assert!(above.iter().any(|(kind, name)| kind == "document" && name.contains("3.md")), "{above:?}");
    assert!(above.iter().any(|(kind, name)| kind == "dataset" && name.contains("3.md")), "{above:?}");

    // What a trace retrieved is the record, so the way goes on to its document.
    retrieve(&catalog.folder().join("test.catena"), "books", "r00003", "Passage 3 of the handbook.");
    let above = catalog.lineage("trace/0000000000000000000000000000007e", "up");
    let chunks: Vec<_> = above.iter().filter(|(kind, _)| kind == "chunk").collect();
    assert_eq!(chunks.len(), 1, "{above:?}");
    assert!(above.iter().any(|(kind, name)| kind == "document" && name.contains("3.md")), "{above:?}");

    let [created, changed, _] = counts(&well(catalog.run(["connect", "pull", "kb"])));
    assert_eq!([created, changed], [0, 0]);
    chroma.tell("change");
    let [created, changed, same] = counts(&well(catalog.run(["connect", "pull", "kb"])));
    assert_eq!(created, 1, "the new record");
    // The record, how many there are, and the two fields that the new one has not.
    assert!(changed <= 4 && same >= 1_202, "{changed} {same}");
    let list = well(catalog.run(["connect", "list"]));
    assert_eq!(list["connections"][0]["report"]["created"], 1);
    well(catalog.run(["connect", "remove", "kb"]));
    catalog.assert_sound();
}

#[test]
#[ignore = "runs a PostgreSQL server"]
fn a_postgresql_database_is_pulled_with_comments_keys_and_what_its_views_read() {
    let catalog = Catena::new();
    let mut postgres = Served::by("CHROMA", "postgres_server.py", catalog.folder());
    let token = catalog.folder().join("password");
    std::fs::write(&token, "hunter2-reader\n").unwrap();
    let token = token.to_str().unwrap().to_owned();
    let address = postgres.address.clone();
    well(catalog.run(["connect", "add", "postgres", &address, "--name", "shop", "--user", "reader"]));
    let found = well(catalog.run(["connect", "test", "shop", "--token-file", &token]));
    assert!(found["version"].as_str().unwrap().starts_with("15."), "{found}");
    assert_eq!(
        found["found"],
        json!([
            {"what": "schemas", "count": 2},
            {"what": "tables", "count": 4},
            {"what": "views", "count": 2},
        ])
    );
    assert!(found["notes"][0]["why"].as_str().unwrap().contains("may not read"), "{found}");
    let [created, ..] = counts(&well(catalog.run(["connect", "pull", "shop", "--token-file", &token])));
    // Four tables and two views, and their columns.
    assert_eq!(created, 6 + 2 + 5 + 2 + 1 + 2 + 2);

    // As OpenLineage names it, so it is the table that a job wrote.
    let server = address.strip_suffix("/shop").unwrap();
    let customers = well(catalog.run(["show", &format!("{server}/shop.sales.customers")]));
    assert!(customers.to_string().contains("Who buys from us."), "{customers:#}");
    let up = catalog.lineage(&format!("{server}/shop.sales.big_orders"), "up");
    let mut names: Vec<&str> = up.iter().map(|(_, name)| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["big_orders", "customers", "orders"]);
    let view = well(catalog.run(["show", &format!("{server}/shop.sales.big_orders")])).to_string();
    assert!(view.contains("sales.customers c ON"), "{view}");
    well(catalog.run(["show", &format!("{server}/shop.public.strange \"name\".here")]));

    let [created, changed, same] =
        counts(&well(catalog.run(["connect", "pull", "shop", "--token-file", &token])));
    assert_eq!(([created, changed], same), ([0, 0], 20));
    postgres.tell("ALTER TABLE sales.orders ADD COLUMN note text; COMMENT ON TABLE sales.customers IS NULL;");
    let [created, ..] = counts(&well(catalog.run(["connect", "pull", "shop", "--token-file", &token])));
    assert_eq!(created, 1, "the new column");
    let customers = well(catalog.run(["show", &format!("{server}/shop.sales.customers")]));
    assert!(!fields(&customers).contains("Who buys from us."), "{customers:#}");

    std::fs::write(&token, "canary-wrong-password").unwrap();
    let refused = catalog.run(["connect", "pull", "shop", "--token-file", &token]);
    assert_eq!(refused.code, ExitCode::FAILURE);
    assert!(refused.err.contains("check the user and the password"), "{refused:?}");
    assert!(!format!("{refused:?}").contains("canary-wrong-password"), "{refused:?}");
    catalog.assert_sound();
}

fn fields(entity: &Value) -> String {
    entity["fields"].to_string()
}

#[test]
#[ignore = "runs a PostgreSQL server"]
fn a_certificate_that_nobody_trusts_gets_no_password() {
    let catalog = Catena::new();
    let postgres = Served::by("CHROMA", "postgres_server.py", catalog.folder());
    let token = catalog.folder().join("password");
    std::fs::write(&token, "hunter2-reader").unwrap();
    let add = ["connect", "add", "postgres", &postgres.address, "--name", "s", "--user", "reader"];
    let [a, b, c, d, e, f, g, h] = add;
    well(catalog.run([a, b, c, d, e, f, g, h, "--option", "tls=require"]));
    let refused = catalog.run(["connect", "test", "s", "--token-file", token.to_str().unwrap()]);
    assert!(refused.err.contains("could not agree on TLS"), "{refused:?}");
    assert!(refused.err.to_lowercase().contains("certificate"), "{refused:?}");
}

#[test]
#[ignore = "the process that other tests start"]
fn runs_in_a_process_of_its_own() {
    // Asked for with all others, nobody has said what to run.
    let Ok(words) = std::env::var(WORDS) else { return };
    let words = std::iter::once("catena").chain(words.split('\t')).map(OsString::from);
    let code = catena_cli::run(words, &mut std::io::stdout(), &mut std::io::stderr());
    assert_eq!(code, ExitCode::SUCCESS);
}

/// Runs `catena` in a process whose session has no keychain; gives whether it went well and all that it said.
#[cfg(target_os = "linux")]
fn without_keychain(folder: &Path, words: &[&str]) -> (bool, String) {
    let done = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "runs_in_a_process_of_its_own", "--ignored", "--nocapture"])
        .env(WORDS, words.join("\t"))
        .env("CATENA_DATA", folder.join("data"))
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
        .env("THE_TOKEN", "canary-2c88e1")
        .current_dir(folder)
        .output()
        .unwrap();
    let said = [done.stdout, done.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(!said.contains("canary-2c88e1"), "{said}");
    (done.status.success(), said)
}

#[test]
#[cfg(target_os = "linux")]
fn a_session_without_a_keychain_keeps_a_token_only_where_it_is_allowed_to() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let run = |words: &[&str]| without_keychain(folder.path(), &[&["-c", "a.catena"], words].concat());
    let add = ["connect", "add", "chroma", "http://127.0.0.1:9", "--name", "kb", "--token-env", "THE_TOKEN"];
    let (well, said) = run(&add);
    assert!(!well && said.contains("no keychain"), "{said}");
    let (well, said) = run(&[&add[..], &["--allow-secret-file"]].concat());
    assert!(well && said.contains("Its secret is in the file"), "{said}");
    let secrets = folder.path().join("data/secrets.json");
    assert!(std::fs::read_to_string(&secrets).unwrap().contains("canary-2c88e1"));
    assert_eq!(std::fs::metadata(&secrets).unwrap().permissions().mode() & 0o777, 0o600);
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            assert!(!bytes.windows(13).any(|window| window == b"canary-2c88e1"), "{}", path.display());
        }
    }
    let (well, said) = run(&["connect", "remove", "kb"]);
    assert!(well, "{said}");
    assert!(!std::fs::read_to_string(&secrets).unwrap().contains("canary-2c88e1"));
}

#[test]
fn a_database_file_is_set_up_pulled_and_removed_by_the_command_line() {
    let catalog = Catena::new();
    let file = catalog.folder().join("test.catena");
    // Any SQLite file will do: a catalog is one.
    let other = catalog.folder().join("other.catena");
    drop(Catalog::create(&other, catena_app::environment::real()).unwrap());
    let other = other.to_str().unwrap();
    well(catalog.run(["connect", "add", "sqlite", other, "--name", "itself"]));
    assert!(file.exists());
    let found = well(catalog.run(["connect", "test", "itself"]));
    assert!(found["found"][0]["count"].as_u64().unwrap() > 10, "{found}");
    let [created, ..] = counts(&well(catalog.run(["connect", "pull", "itself"])));
    assert!(created > 50);
    let [again, changed, same] = counts(&well(catalog.run(["connect", "pull", "itself"])));
    assert_eq!([again, changed, same], [0, 0, created]);
    let listed = well(catalog.run(["connect", "list"]));
    assert_eq!(listed["connections"][0]["report"]["same"], created);
    well(catalog.run(["connect", "remove", "itself"]));
    assert_eq!(well(catalog.run(["connect", "list"])), json!({"connections": []}));
    let missing = catalog.run(["connect", "pull", "itself"]);
    assert!(missing.err.contains("there is no connection"), "{missing:?}");
    catalog.assert_sound();
}
