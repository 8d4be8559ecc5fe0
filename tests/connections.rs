//! Connections to real systems, set up and pulled by the command line.
//!
//! `cargo xtask test interop` makes what they need and runs these; by themselves they are left out.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod catena;

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, ExitCode, Stdio},
};

use catena::{Answer, Catena};
use serde_json::{Value, json};

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
    assert_eq!(created, 2 + 1_203 + 7 + 7);
    let host = chroma.address.strip_prefix("http://").unwrap().to_owned();
    let books = well(catalog.run(["show", &format!("chroma://{host}/books")]));
    let properties = properties(&books);
    for word in ["\"3\"", "cosine", "default"] {
        assert!(properties.contains(word), "{properties}");
    }
    let above = catalog.lineage(&format!("chroma://{host}/books/r00003"), "up");
    assert!(above.iter().any(|(kind, name)| kind == "document" && name.contains("3.md")), "{above:?}");
    assert!(above.iter().any(|(kind, name)| kind == "dataset" && name.contains("3.md")), "{above:?}");

    let [created, changed, _] = counts(&well(catalog.run(["connect", "pull", "kb"])));
    assert_eq!([created, changed], [0, 0]);
    chroma.tell("change");
    let [created, changed, same] = counts(&well(catalog.run(["connect", "pull", "kb"])));
    assert_eq!(created, 1, "the new record");
    assert!(changed <= 2 && same >= 1_202, "{changed} {same}");
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
