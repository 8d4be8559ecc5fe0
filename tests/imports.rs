//! Recorded sources, brought into a catalog: once, again, shuffled, and together.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails where it stands")]

use catena_ingest::{
    dbt::read_project,
    openlineage::{Limits, read_events},
};
use catena_model::statement::Read;
use catena_tests::{Scratch, assert_same_dump, by_ann, recorded, shuffled};

fn openlineage(name: &str) -> Vec<Read> {
    read_events(&*recorded(name), Limits::default()).collect()
}

fn bookshop() -> Vec<Read> {
    read_project(
        &recorded("dbt/bookshop/target/manifest.json"),
        Some(&recorded("dbt/bookshop/target/catalog.json")),
        Some(&recorded("dbt/bookshop/target/run_results.json")),
    )
    .collect()
}

#[test]
fn the_same_import_again_changes_nothing() {
    for reads in [openlineage("openlineage/client.ndjson"), openlineage("openlineage/dbt.ndjson"), bookshop()]
    {
        let scratch = Scratch::new();
        let first = scratch.import(reads.clone(), 1_000);
        assert!(first.created() > 0 && first.rejected.is_empty(), "{:?}", first.rejected);
        let before = scratch.dump();
        let again = scratch.import(reads, 1_000);
        assert_eq!((again.created(), again.changed()), (0, 0));
        assert!(again.same() > 0 && again.rejected.is_empty());
        assert_eq!(scratch.dump(), before);
        assert_eq!(scratch.problems(), []);
    }
}

#[test]
fn events_in_any_order_and_any_portions_give_the_same_catalog() {
    let reads: Vec<Read> =
        [openlineage("openlineage/client.ndjson"), openlineage("openlineage/dbt.ndjson"), bookshop()]
            .concat();
    let in_order = Scratch::new();
    in_order.import(reads.clone(), 1_000);
    let expected = in_order.dump();
    for seed in 0..12 {
        let scratch = Scratch::new();
        scratch.import(shuffled(reads.clone(), seed), [1, 3, 17, 1_000][seed as usize % 4]);
        let got = scratch.dump();
        assert_same_dump(&expected, &got, &format!("seed {seed}"));
        assert_eq!(scratch.problems(), []);
    }
}

#[test]
fn a_dbt_model_and_the_dataset_that_its_run_reported_are_one_entity() {
    let scratch = Scratch::new();
    scratch.import(openlineage("openlineage/dbt.ndjson"), 1_000);
    scratch.import(bookshop(), 1_000);
    scratch
        .catalog
        .read(|reader| {
            let models = reader.find("model.bookshop.stg_orders")?;
            assert_eq!(models.len(), 1);
            let names: Vec<_> = reader.names(models[0].ix)?.iter().map(|row| row.name.to_string()).collect();
            assert!(
                names.iter().any(|name| name.starts_with("duckdb://") && !name.contains('*')),
                "{names:?}"
            );
            assert!(names.iter().any(|name| name.starts_with("dbt://")), "{names:?}");
            Ok(())
        })
        .unwrap();
}

#[test]
fn undoing_an_import_and_redoing_it_gives_back_the_same_state() {
    let scratch = Scratch::new();
    let empty = scratch.dump();
    scratch.import(bookshop(), 10_000);
    let full = scratch.dump();
    let last = |scratch: &Scratch| {
        scratch.catalog.read(|reader| Ok(reader.history(None, None, 1)?.remove(0))).unwrap()
    };
    let import = last(&scratch);
    let later = catena_store::history::Later::Refuse;
    scratch.catalog.writer().unwrap().revert(&by_ann(), import.id, later).unwrap();
    assert_eq!(scratch.dump(), empty);
    assert_eq!(scratch.problems(), []);
    let undo = last(&scratch);
    scratch.catalog.writer().unwrap().revert(&by_ann(), undo.id, later).unwrap();
    // Observed facts stay while their entity is gone, but times of claims are observed anew.
    assert_eq!(full.lines().count(), scratch.dump().lines().count());
    assert_eq!(scratch.problems(), []);
}
