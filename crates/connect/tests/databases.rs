//! Reading databases: SQLite files, and servers that are no PostgreSQL or don't behave like one.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper of a test may fail it")]

mod support;

use std::{path::Path, time::Duration};

use catena_connect::{
    cancel::Cancel,
    connector::{Connector, Cursor, Done, Found, ReadError},
    registry::{Address, System},
    secret::{Credential, Secret},
    sqlite::Sqlite,
};
use catena_model::{evidence::Method, statement::Statement};
use support::{Kept, settings};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

fn shop(folder: &Path) -> std::path::PathBuf {
    let path = folder.join("shop.db");
    let db = rusqlite::Connection::open(&path).unwrap();
    db.execute_batch(
        "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, mail TEXT UNIQUE);
         CREATE TABLE orders (no INTEGER, line INTEGER, customer REFERENCES customers (id), total REAL DEFAULT 0,
             PRIMARY KEY (no, line));
         CREATE VIEW big AS SELECT no, total FROM orders WHERE total > 100;
         CREATE VIEW bigger AS SELECT no FROM big;
         CREATE VIEW broken AS SELECT * FROM gone;
         CREATE VIRTUAL TABLE words USING fts5 (text);",
    )
    .unwrap();
    path
}

async fn read(path: &Path, from: Option<&Cursor>) -> (Kept, Result<Done, ReadError>) {
    let mut kept = Kept::default();
    let done = Sqlite::new(path, settings().0).unwrap().read(from, &mut kept, &Cancel::new()).await;
    (kept, done)
}

#[tokio::test]
async fn a_sqlite_file_says_what_its_tables_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = shop(folder.path());
    let probe = Sqlite::new(&path, settings().0).unwrap().probe(&Cancel::new()).await.unwrap();
    assert_eq!(probe.found, [Found::new("tables", 3), Found::new("views", 3)]);
    let (kept, done) = read(&path, None).await;
    let notes = done.unwrap().notes;
    let noted: Vec<&str> = notes.iter().map(|note| note.place.as_str()).collect();
    assert_eq!(noted, ["view bigger", "view broken"]);
    let places: Vec<String> = kept.records().iter().map(|record| record.at.clone()).collect();
    assert_eq!(
        places,
        ["table customers", "table orders", "view big", "view bigger", "view broken", "virtual table words"]
    );
    let columns = |at: usize| {
        let record = &kept.records()[at];
        let own = |whole: &str| record.at.ends_with(&format!(" {whole}"));
        let statements = record.statements.iter();
        let parts = statements.filter(
            |statement| matches!(statement, Statement::PartOf { whole, .. } if own(&whole.name.name)),
        );
        parts.count()
    };
    assert_eq!(
        [columns(1), columns(2), columns(3), columns(4)],
        [4, 2, 0, 0],
        "a view of views is there without its columns"
    );
    let parsed: Vec<String> = kept
        .records()
        .iter()
        .flat_map(|record| &record.statements)
        .filter_map(|statement| match statement {
            Statement::Related { from, kind, to, method: Method::SqlParsed, .. } => {
                Some(format!("{} {} {}", from.name.name, kind.word(), to.name.name))
            }
            _ => None,
        })
        .collect();
    for expected in
        ["big derives_from orders", "big.total derives_from orders.total", "bigger derives_from big"]
    {
        assert!(parsed.contains(&expected.to_owned()), "{expected}: {parsed:?}");
    }
    let orders = &kept.records()[1].statements.clone();
    let facet = |name: &str| {
        orders.iter().find_map(|statement| match statement {
            Statement::Facet { name: own, body, .. } if own == name => Some(body.clone()),
            _ => None,
        })
    };
    let keys = facet("keys").unwrap();
    assert_eq!(keys["primary_key"], serde_json::json!(["no", "line"]));
    assert_eq!(keys["foreign_keys"][0]["table"], "customers");
    assert_eq!(keys["foreign_keys"][0]["references"], serde_json::json!(["id"]));
    let related = orders
        .iter()
        .any(|statement| matches!(statement, Statement::Related { to, .. } if to.name.name == "customers"));
    assert!(related);
}

#[tokio::test]
async fn a_reading_goes_on_after_the_last_table_that_was_taken() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("many.db");
    let db = rusqlite::Connection::open(&path).unwrap();
    for n in 0..250 {
        db.execute_batch(&format!("CREATE TABLE t{n:03} (a TEXT)")).unwrap();
    }
    let (all, _) = read(&path, None).await;
    assert_eq!(all.records().len(), 250);
    let (rest, _) = read(&path, all.cursors.first()).await;
    assert_eq!(rest.records().len(), 150);
}

#[tokio::test]
async fn views_that_are_made_of_views_too_many_times_do_not_hold_us_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep.db");
    let db = rusqlite::Connection::open(&path).unwrap();
    db.execute_batch(
        "CREATE TABLE v0 (a); CREATE VIEW p AS SELECT * FROM q; CREATE VIEW q AS SELECT * FROM p",
    )
    .unwrap();
    for n in 1..200_u32 {
        let below = n - 1;
        db.execute_batch(&format!("CREATE VIEW v{n} AS SELECT x.a FROM v{below} x JOIN v{below} y")).unwrap();
    }
    let start = std::time::Instant::now();
    let (kept, done) = read(&path, None).await;
    assert!(start.elapsed() < Duration::from_secs(10));
    assert_eq!(kept.records().len(), 202, "every view is there, with or without its columns");
    assert_eq!(done.unwrap().notes.len(), 200, "all but the one that is made of a table");
}

#[tokio::test]
async fn what_is_no_sqlite_file_is_said_to_be_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page.db");
    std::fs::write(&path, "<!doctype html><title>Not found</title>").unwrap();
    let error = read(&path, None).await.1.unwrap_err().to_string();
    assert!(error.contains("not a SQLite database") && !error.contains("mlflow"), "{error}");
    std::fs::write(&path, [b"SQLite format 3\0".as_slice(), &[0xff; 4_000]].concat()).unwrap();
    assert!(read(&path, None).await.1.is_err());
    assert!(Sqlite::new(&folder.path().join("none.db"), settings().0).is_err());
}

/// A port at which `answer` is sent to whatever comes, after which the connection stays open or is closed.
async fn port(answer: &'static [u8], stays: bool) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut bytes = [0; 1_024];
                let _ = stream.read(&mut bytes).await;
                let _ = stream.write_all(answer).await;
                if stays {
                    std::future::pending::<()>().await;
                }
            });
        }
    });
    port
}

async fn postgres(port: u16, options: &[(&str, &str)]) -> String {
    let mut settings = settings().0;
    settings.credential =
        Some(Credential::Basic { user: "ann".to_owned(), password: Secret::new("canary-90d1") });
    settings.options = options.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let address = Address::parse(&format!("postgres://127.0.0.1:{port}/shop"));
    let connector = System::by_key("postgres").unwrap().open(&address, settings).unwrap();
    let (mut kept, cancel) = (Kept::default(), Cancel::new());
    let read = connector.read(None, &mut kept, &cancel);
    let error = tokio::time::timeout(Duration::from_secs(20), read).await.expect("it hangs").unwrap_err();
    assert!(!format!("{error} {error:?}").contains("canary-90d1"), "{error:?}");
    error.to_string()
}

#[tokio::test]
async fn a_server_that_hangs_or_dies_or_is_a_web_server_is_said_to_be_no_postgresql() {
    assert!(postgres(port(b"", true).await, &[]).await.contains("did not answer within"));
    let died = postgres(port(b"R\0\0\0\x08\0\0\0\0", false).await, &[]).await;
    assert!(died.contains("connection was lost") || died.contains("not PostgreSQL"), "{died}");
    let page = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\r\n<!doctype html>";
    let error = postgres(port(page, false).await, &[]).await;
    assert!(error.contains("check the address and the port"), "{error}");
}

#[tokio::test]
async fn a_server_that_promises_gigabytes_is_cut_off() {
    let flood: &'static [u8] = Box::leak({
        let mut bytes = b"R\x7f\xff\xff\xff".to_vec();
        bytes.resize(3_000_000, b'x');
        bytes.into_boxed_slice()
    });
    let error = postgres(port(flood, true).await, &[]).await;
    assert!(error.contains("more than 1 MB"), "{error}");
}

#[tokio::test]
async fn without_tls_where_it_is_required_nothing_is_said() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut all = Vec::new();
        let mut bytes = [0; 1_024];
        let count = stream.read(&mut bytes).await.unwrap();
        all.extend_from_slice(&bytes[..count]);
        stream.write_all(b"N").await.unwrap();
        let _ = stream.read_to_end(&mut all).await;
        all
    });
    let error = postgres(port, &[("tls", "require")]).await;
    assert!(error.contains("could not agree on TLS"), "{error}");
    let heard = heard.await.unwrap();
    assert_eq!(heard.len(), 8, "only that TLS is wanted: {heard:?}");
}
