//! Vector stores and object stores, as real as they can be had.

use serde_json::{Value, json};

use crate::{Served, catena::Catena, counts, well};

/// Pulls twice: the second time nothing is new.
fn pulled(catalog: &Catena, name: &str, token: Option<&str>) -> u64 {
    let pull = || match token {
        None => well(catalog.run(["connect", "pull", name])),
        Some(token) => well(catalog.run(["connect", "pull", name, "--token-file", token])),
    };
    let [created, ..] = counts(&pull());
    assert!(created > 0, "{name}");
    let [again, changed, _] = counts(&pull());
    assert_eq!([again, changed], [0, 0], "{name}");
    catalog.assert_sound();
    created
}

fn shown(catalog: &Catena, entity: &str) -> String {
    well(catalog.run(["show", entity])).to_string()
}

fn token(catalog: &Catena, text: &str) -> String {
    let path = catalog.folder().join("secret");
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
#[ignore = "runs moto, which serves S3"]
fn a_bucket_is_pulled_and_then_only_what_was_written_since() {
    let catalog = Catena::new();
    let mut store = Served::by("STORES", "s3_server.py", catalog.folder());
    let line = store.line();
    let (id, secret) = line.split_once(' ').unwrap();
    let token = token(&catalog, secret);
    well(catalog.run(["connect", "add", "s3", &store.address, "--name", "lake", "--user", id]));
    let found = well(catalog.run(["connect", "test", "lake", "--token-file", &token]));
    assert_eq!(found["found"], json!([{"what": "buckets", "count": 1}]));
    let created = pulled(&catalog, "lake", Some(&token));
    // The bucket; a table, its two columns and the one of its partitions; three files, the two columns of one of them (that of one column
    // is not known to be CSV), and the document that the third is the text of.
    assert_eq!(created, 1 + 1 + 3 + 3 + 2 + 1);
    let table = shown(&catalog, "s3://lake/sales");
    assert!(table.contains("\"files\":1050") && table.contains("partitioned table"), "{table}");
    assert!(shown(&catalog, "s3://lake/sales.total").contains("double"));
    assert!(shown(&catalog, "s3://lake/raw/orders.csv").contains("pii:no"));
    assert!(
        shown(&catalog, "s3://lake/raw/a b & c+d=é.csv").contains("odd:yes"),
        "signed whatever the key holds"
    );
    assert!(shown(&catalog, "s3://lake//").contains("Enabled"));
    store.tell("change");
    let [created, ..] = counts(&well(catalog.run(["connect", "pull", "lake", "--token-file", &token])));
    assert_eq!(created, 1 + 2, "a file and its columns");
    std::fs::write(&token, "another secret").unwrap();
    let refused = catalog.run(["connect", "test", "lake", "--token-file", &token]);
    assert_ne!(refused.code, std::process::ExitCode::SUCCESS, "signatures are checked: {refused:?}");
}

#[test]
#[ignore = "runs PostgreSQL with pgvector"]
fn tables_with_vectors_are_pulled_with_their_rows_as_chunks() {
    let catalog = Catena::new();
    let store = Served::by("STORES", "pgvector_server.py", catalog.folder());
    let token = token(&catalog, "hunter2-reader\n");
    let add = |system, name| {
        well(catalog.run(["connect", "add", system, &store.address, "--name", name, "--user", "reader"]));
    };
    add("pgvector", "vectors");
    let found = well(catalog.run(["connect", "test", "vectors", "--token-file", &token]));
    assert_eq!(found["found"][0], json!({"what": "collections", "count": 2}));
    // Two tables, 450 rows, the document and the file that it is the text of.
    assert_eq!(pulled(&catalog, "vectors", Some(&token)), 2 + 450 + 2);
    add("postgres", "tables");
    pulled(&catalog, "tables", Some(&token));
    let server = store.address.strip_suffix("/shop").unwrap();
    let table = shown(&catalog, &format!("{server}/shop.public.passages"));
    for said in ["\"cosine\"", "\"hnsw\"", "\"dimension\":3", "keys"] {
        assert!(table.contains(said), "{said}: {table}");
    }
    assert!(!table.contains("vector collection"), "it is PostgreSQL's table");
    assert!(shown(&catalog, &format!("{server}/shop.public.passages/p7")).contains("text 7"));
}

#[test]
#[ignore = "runs LanceDB"]
fn tables_that_lancedb_made_are_pulled() {
    let catalog = Catena::new();
    let folder = catalog.folder().join("vectors");
    let variable = std::env::var_os("CATENA_PYTHON_STORES").expect("use `cargo xtask test interop`");
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("systems/lancedb_tables.py");
    assert!(std::process::Command::new(variable).arg(script).arg(&folder).status().unwrap().success());
    well(catalog.run(["connect", "add", "lancedb", folder.to_str().unwrap(), "--name", "lance"]));
    // Two tables, and four and two columns.
    assert_eq!(pulled(&catalog, "lance", None), 2 + 4 + 2);
    let found = well(catalog.run(["search", "kb", "--kind", "dataset"]));
    let whole = shown(&catalog, found["hits"][0]["id"].as_str().unwrap());
    assert!(whole.contains("\"records\":20") && whole.contains("\"dimension\":4"), "{whole}");
}

#[test]
#[ignore = "runs Qdrant's client"]
fn what_qdrants_own_client_holds_is_pulled() {
    let catalog = Catena::new();
    let store = Served::by("STORES", "qdrant_stand_in.py", catalog.folder());
    well(catalog.run(["connect", "add", "qdrant", &store.address, "--name", "kb"]));
    let found: Value = well(catalog.run(["connect", "test", "kb"]));
    assert_eq!(
        found["found"],
        json!([{"what": "collections", "count": 1}, {"what": "records", "count": 450}])
    );
    // The collection, two fields of the metadata, 450 points, the document and its file.
    assert_eq!(pulled(&catalog, "kb", None), 1 + 2 + 450 + 2);
}
