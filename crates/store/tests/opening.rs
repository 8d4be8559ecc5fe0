//! Opening catalogs that are missing, foreign, newer, read-only, in use, or were left in the middle.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails where it stands")]

mod support;

use catena_store::{Access, Catalog, StoreError, backup};
use rusqlite::Connection;
use support::{Scratch, ann, environment};

#[test]
fn a_file_of_something_else_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("notes.catena");
    std::fs::write(&text, "just some notes, long enough to have a header").unwrap();
    assert!(matches!(Catalog::open(&text, environment()), Err(StoreError::NotACatalog { .. })));
    assert_eq!(std::fs::read_to_string(&text).unwrap(), "just some notes, long enough to have a header");

    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is put beside it");

    let foreign = folder.path().join("foreign.catena");
    Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    assert!(matches!(Catalog::open(&foreign, environment()), Err(StoreError::NotACatalog { .. })));
    assert!(matches!(
        Catalog::open(&folder.path().join("no.catena"), environment()),
        Err(StoreError::Missing(_))
    ));
    assert!(matches!(Catalog::create(&text, environment()), Err(StoreError::Exists(_))));
}

#[test]
fn a_newer_catalog_opens_read_only_and_says_why() {
    let scratch = Scratch::new();
    scratch.says("dbt:shop", 1, "dataset pg://h orders");
    let path = scratch.path.clone();
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 1_000).unwrap();
    let catalog = Catalog::open(&path, environment()).unwrap();
    assert!(matches!(catalog.access(), Access::ReadOnly(reason) if reason.contains("newer Catena")));
    assert!(matches!(catalog.writer(), Err(StoreError::ReadOnly(_))));
    assert_eq!(catalog.read(|reader| Ok(reader.find("orders")?.len())).unwrap(), 1);
}

#[test]
fn two_windows_on_one_catalog_see_each_others_edits() {
    let one = Scratch::new();
    one.says("dbt:shop", 1, "dataset pg://h orders");
    let two = Catalog::open(&one.path, environment()).unwrap();
    assert!(!two.ended_uncleanly());
    let id = one.id("orders");
    let edit = |catalog: &Catalog, text: &str| {
        let edits = [("description".parse().unwrap(), Some(text.into()))];
        catalog.writer().unwrap().edit(&ann(), id, &edits).unwrap().unwrap()
    };
    edit(&one.catalog, "first window");
    edit(&two, "second window");
    one.says("dbt:shop", 2, "dataset pg://h orders description: from dbt");
    assert_eq!(one.field("orders", "description"), Some("second window".into()));
    assert_eq!(one.problems(), []);
}

#[test]
fn a_backup_restores_to_the_same_state_and_keeps_what_was_there() {
    let scratch = Scratch::new();
    scratch.says("dbt:shop", 1, "dataset pg://h orders");
    let before = scratch.dump();
    let copy = scratch.folder.path().join("copy.catena");
    backup::backup(scratch.catalog.writer().unwrap().db(), &copy).unwrap();
    let beside = std::fs::read_dir(scratch.folder.path()).unwrap();
    let beside = beside
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("copy"))
        .count();
    assert_eq!(beside, 1, "a backup is one file");
    scratch.edit("orders", "description", "after the backup");
    let Scratch { catalog, path, folder } = scratch;
    drop(catalog);
    let kept = backup::restore(&copy, &path).unwrap().unwrap();
    let restored = Catalog::open(&path, environment()).unwrap();
    assert_eq!(restored.read(|reader| catena_store::dump::dump(reader.db())).unwrap(), before);
    let kept = Catalog::open(&kept, environment()).unwrap();
    assert!(kept.read(|reader| catena_store::dump::dump(reader.db())).unwrap().contains("after the backup"));
    drop(folder);
}

#[test]
fn a_damaged_backup_replaces_nothing() {
    let scratch = Scratch::new();
    scratch.says("dbt:shop", 1, "dataset pg://h orders description: something to damage");
    let copy = scratch.folder.path().join("copy.catena");
    backup::backup(scratch.catalog.writer().unwrap().db(), &copy).unwrap();
    let mut bytes = std::fs::read(&copy).unwrap();
    let at = bytes.windows(9).position(|window| window == b"something").unwrap();
    bytes[at] = b'S';
    std::fs::write(&copy, bytes).unwrap();
    let Scratch { catalog, path, folder } = scratch;
    drop(catalog);
    let before = std::fs::read(&path).unwrap();
    assert!(backup::restore(&copy, &path).is_err());
    assert_eq!(std::fs::read(&path).unwrap(), before);
    drop(folder);
}

#[test]
fn an_unclean_end_is_noticed_and_nothing_acknowledged_is_lost() {
    let scratch = Scratch::new();
    scratch.says("dbt:shop", 1, "dataset pg://h orders");
    scratch.edit("orders", "description", "acknowledged");
    // What a killed program leaves: the files as they are, with nobody holding them.
    let left = tempfile::tempdir().unwrap();
    for suffix in ["", "-wal", "-shm"] {
        let name = format!("test.catena{suffix}");
        std::fs::copy(scratch.folder.path().join(&name), left.path().join(&name)).unwrap();
    }
    let catalog = Catalog::open(&left.path().join("test.catena"), environment()).unwrap();
    assert!(catalog.ended_uncleanly());
    assert_eq!(catalog.read(|reader| Ok(reader.fields(reader.the("orders")?.ix)?.len())).unwrap(), 1);
    assert_eq!(catalog.read(|reader| catena_store::check::check(reader.db())).unwrap(), []);
}
