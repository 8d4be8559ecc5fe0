//! An import is taken back as one, hides nothing that was said later, and can be made again.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails where it stands")]

mod support;

use catena_model::{
    actor::{Act, Actor, Origin},
    evidence::Method,
    id::{CauseId, OperationId},
    kind::Kind,
    name::QualifiedName,
    relation::RelationKind,
    source::Known,
    statement::{EventKey, Record, Statement, Thing},
    time::Timestamp,
};
use catena_store::{
    Catalog, StoreError,
    apply::Tally,
    history::{Later, plan_revert},
    table::{cursor, log},
};
use support::{Scratch, ann, environment};

fn thing(name: &str) -> Thing {
    Thing::new(Kind::Dataset, QualifiedName::new("pg://h", name).unwrap())
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_millis(second * 1_000)
}

fn described(name: &str, text: &str, second: i64) -> Statement {
    Statement::Claim {
        thing: thing(name),
        field: "description".parse().unwrap(),
        value: Some(text.into()),
        at: at(second),
    }
}

fn only_reads(name: &str, to: &[&str], second: i64) -> Statement {
    Statement::OnlyRelated {
        from: thing(name),
        kind: RelationKind::DerivesFrom,
        to: to.iter().map(|to| thing(to)).collect(),
        method: Method::Declared,
        at: at(second),
    }
}

/// An event with an identity of its own.
fn event(key: u8, statements: Vec<Statement>) -> Record {
    Record {
        at: format!("event {key}"),
        event: Some(EventKey { key: [key; 16], content: [key; 16] }),
        source: "openlineage:lake".parse().unwrap(),
        known: Known::Declared,
        statements,
    }
}

/// Imports portion by portion; gives the import's id and what it did.
fn import(scratch: &Scratch, portions: &[Vec<Record>]) -> (CauseId, Tally) {
    let cause = scratch.catalog.writer().unwrap().new_cause();
    let act = Act { actor: Actor::Catena, origin: Origin::Import, cause: Some(cause) };
    let mut tally = Tally::default();
    for portion in portions {
        let reads: Vec<_> = portion.iter().cloned().map(Ok).collect();
        scratch.catalog.writer().unwrap().apply(&act, "Import events", reads, &mut tally).unwrap();
    }
    (cause, tally)
}

fn whole(cause: CauseId) -> OperationId {
    OperationId::from_bytes(*cause.as_bytes())
}

fn undo(scratch: &Scratch, id: OperationId, later: Later) -> Result<OperationId, StoreError> {
    let operation = scratch.catalog.writer().unwrap().revert(&ann(), id, later)?;
    Ok(operation.unwrap().id)
}

fn two_portions() -> Vec<Vec<Record>> {
    vec![
        vec![event(1, vec![described("orders", "first", 1)])],
        vec![event(2, vec![described("orders", "second", 2), only_reads("report", &["orders"], 2)])],
    ]
}

#[test]
fn all_operations_of_an_import_are_taken_back_by_one_and_brought_back_by_one() {
    let scratch = Scratch::new();
    let empty = scratch.dump();
    let (cause, _) = import(&scratch, &two_portions());
    let undone = undo(&scratch, whole(cause), Later::Refuse).unwrap();
    assert_eq!(scratch.dump(), empty);
    let history = scratch.read(|reader| reader.history(None, None, 10));
    assert_eq!(history.len(), 3);
    for operation in &history[1..] {
        assert_eq!(scratch.read(|reader| reader.undone_by(operation.id)), Some(undone));
    }
    assert!(undo(&scratch, whole(cause), Later::Refuse).unwrap_err().to_string().contains("undone already"));
    undo(&scratch, undone, Later::Refuse).unwrap();
    assert_eq!(scratch.field("orders", "description"), Some("second".into()));
    assert_eq!(scratch.read(|reader| log::cause_undone_by(reader.db(), cause)), None);
    assert_eq!(scratch.read(|reader| reader.undone_by(history[1].id)), None);
    undo(&scratch, whole(cause), Later::Refuse).unwrap();
    assert_eq!(scratch.dump(), empty);
    assert_eq!(scratch.problems(), []);
}

#[test]
fn history_folds_an_import_to_its_last_operation() {
    let scratch = Scratch::new();
    let (cause, _) = import(&scratch, &two_portions());
    scratch.edit("orders", "tags/gold", true);
    undo(&scratch, whole(cause), Later::Keep).unwrap();
    let folded = scratch.read(|reader| log::latest_of_each_cause(reader.db(), None, 10));
    let seqs: Vec<u64> = folded.iter().map(|operation| operation.seq).collect();
    assert_eq!(seqs, [4, 3, 2]);
    let (operations, changes) = scratch.read(|reader| log::size_of_cause(reader.db(), cause));
    assert_eq!(operations, 2);
    assert!(changes > 5);
}

#[test]
fn what_was_said_later_of_what_an_import_made_is_shown_and_stays_unless_told_otherwise() {
    let later_edits: [fn(&Scratch); 3] = [
        |scratch| {
            scratch.edit("orders", "tags/gold", true);
        },
        |scratch| {
            scratch.says("dbt:shop", 5, "dataset pg://h orders -> dataset pg://h elsewhere");
        },
        |scratch| {
            scratch.says("dbt:shop", 5, "column pg://h orders.total < pg://h orders");
        },
    ];
    for edit in later_edits {
        let scratch = Scratch::new();
        let (cause, _) = import(&scratch, &two_portions());
        edit(&scratch);
        let plan = scratch.read(|reader| plan_revert(reader.db(), whole(cause)));
        assert_eq!(plan.operations.len(), 2);
        assert!(!plan.collisions.is_empty(), "{:?}", plan.changes);
        let before = scratch.dump();
        assert!(matches!(undo(&scratch, whole(cause), Later::Refuse), Err(StoreError::Refused(_))));
        assert_eq!(scratch.dump(), before);

        let kept = undo(&scratch, whole(cause), Later::Keep).unwrap();
        assert_eq!(scratch.field("orders", "description"), None, "what the import said is gone");
        assert_eq!(scratch.problems(), []);
        undo(&scratch, kept, Later::Refuse).unwrap();
        assert_eq!(scratch.field("orders", "description"), Some("second".into()));

        undo(&scratch, whole(cause), Later::Overwrite).unwrap();
        assert!(scratch.read(|reader| Ok(reader.find("orders")?.is_empty())));
        assert_eq!(scratch.problems(), []);
    }
}

#[test]
fn the_same_events_again_bring_back_what_was_taken() {
    let scratch = Scratch::new();
    import(
        &scratch,
        &[vec![event(
            9,
            vec![described("orders", "older", 0), only_reads("report", &["orders", "customers"], 0)],
        )]],
    );
    let (cause, _) = import(&scratch, &two_portions());
    let full = scratch.dump();
    scratch.catalog.writer().unwrap().unlogged(|db| cursor::put(db, "mlflow", "far")).unwrap();
    undo(&scratch, whole(cause), Later::Refuse).unwrap();
    assert_eq!(scratch.field("orders", "description"), Some("older".into()));
    assert_eq!(scratch.read(|reader| cursor::get(reader.db(), "mlflow")), None);

    let (_, tally) = import(&scratch, &two_portions());
    assert!(tally.changed() > 0);
    assert_eq!(scratch.field("orders", "description"), Some("second".into()));
    assert_eq!(scratch.problems(), []);
    assert_eq!(scratch.dump(), full);
    let (_, again) = import(&scratch, &two_portions());
    assert_eq!((again.created(), again.changed()), (0, 0));
}

#[test]
fn an_event_that_only_repeated_what_was_taken_back_brings_it_again() {
    let scratch = Scratch::new();
    let (cause, _) = import(&scratch, &two_portions());
    let repeat = vec![vec![event(3, vec![described("orders", "second", 2)])]];
    assert_eq!(import(&scratch, &repeat).1.changed(), 0);
    undo(&scratch, whole(cause), Later::Refuse).unwrap();
    assert_eq!(import(&scratch, &repeat).1.created(), 1);
    assert_eq!(scratch.field("orders", "description"), Some("second".into()));
    assert_eq!(scratch.problems(), []);
}

#[test]
fn undoing_a_persons_edit_forgets_no_event() {
    let scratch = Scratch::new();
    let edited = {
        import(&scratch, &two_portions());
        scratch.edit("orders", "tags/gold", true)
    };
    let later = vec![vec![event(4, vec![described("orders", "third", 4)])]];
    import(&scratch, &later);
    undo(&scratch, edited.id, Later::Refuse).unwrap();
    let forged = {
        let mut other = event(4, vec![described("orders", "forged", 5)]);
        other.event = Some(EventKey { key: [4; 16], content: [5; 16] });
        vec![vec![other]]
    };
    assert_eq!(import(&scratch, &forged).1.rejected.len(), 1);
}

#[test]
fn a_catalog_from_before_events_knew_their_operation_is_brought_up_to_date() {
    let scratch = Scratch::new();
    let (cause, _) = import(&scratch, &two_portions());
    let (path, folder) = (scratch.path.clone(), scratch.folder);
    drop(scratch.catalog);
    let db = rusqlite::Connection::open(&path).unwrap();
    let layout: i32 = db.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert!(layout >= 2);
    const FIRST: &[&str] = &[
        "meta",
        "source",
        "entity",
        "kept_apart",
        "namespace",
        "name",
        "claim",
        "facet_body",
        "facet",
        "relation",
        "evidence",
        "listing",
        "operation",
        "change",
        "series",
        "series_block",
        "event",
        "saved_view",
        "index_queue",
    ];
    let tables: Vec<String> = db
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    for table in tables.iter().filter(|table| !FIRST.contains(&table.as_str())) {
        db.execute_batch(&format!("DROP TABLE {table}")).unwrap();
    }
    db.execute_batch(
        "DROP INDEX operation_cause; DROP INDEX facet_item; ALTER TABLE event DROP COLUMN seq; \
         PRAGMA user_version = 1;",
    )
    .unwrap();
    drop(db);
    let scratch = Scratch { catalog: Catalog::open(&path, environment()).unwrap(), path, folder };
    let full = scratch.dump();
    undo(&scratch, whole(cause), Later::Refuse).unwrap();
    import(&scratch, &two_portions());
    assert_eq!(scratch.dump(), full);
    assert_eq!(scratch.problems(), []);
}
