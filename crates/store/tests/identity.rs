//! Names that mean the same thing meet in one entity, and come apart again when they should.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails where it stands")]

#[path = "identity/linking.rs"]
mod linking;
mod support;

use catena_store::history::Later;
use support::{Scratch, ann};

fn groups(scratch: &Scratch, name: &str) -> usize {
    scratch.read(|reader| Ok(reader.find(name)?.len()))
}

#[test]
fn a_partial_name_joins_the_one_full_name_that_it_fits_whichever_comes_first() {
    for order in [[0, 1], [1, 0]] {
        let scratch = Scratch::new();
        let lines = [
            "dataset dbt://shop model.shop.orders = duckdb://* shop.main.orders",
            "dataset duckdb://a.db shop.main.orders",
        ];
        for i in order {
            scratch.says("dbt:shop", 1, lines[i]);
        }
        assert_eq!(groups(&scratch, "shop.main.orders"), 1);
        assert_eq!(scratch.id("model.shop.orders"), scratch.id("duckdb://a.db/shop.main.orders"));
        assert_eq!(scratch.problems(), []);
    }
}

#[test]
fn a_partial_name_that_fits_two_joins_neither_whichever_comes_first() {
    let lines = [
        "dataset dbt://shop model.shop.orders = duckdb://* shop.main.orders",
        "dataset duckdb://a.db shop.main.orders",
        "dataset duckdb://b.db shop.main.orders",
    ];
    let mut dumps = Vec::new();
    for order in [[0, 1, 2], [1, 0, 2], [1, 2, 0], [2, 0, 1]] {
        let scratch = Scratch::new();
        for i in order {
            scratch.says("dbt:shop", 1, lines[i]);
        }
        assert_eq!(groups(&scratch, "shop.main.orders"), 3, "{order:?}");
        assert_eq!(scratch.problems(), []);
        dumps.push(scratch.dump());
    }
    assert!(dumps.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn columns_follow_their_tables_together_and_apart() {
    let scratch = Scratch::new();
    scratch.says(
        "dbt:shop",
        1,
        "dataset dbt://shop orders
         column dbt://shop orders.id < dbt://shop orders
         column dbt://shop orders.id description: the key
         dataset pg://h shop.orders
         column pg://h shop.orders.id < pg://h shop.orders",
    );
    assert_ne!(scratch.id("dbt://shop/orders.id"), scratch.id("pg://h/shop.orders.id"));
    let (into, other) = (scratch.id("pg://h/shop.orders"), scratch.id("dbt://shop/orders"));
    scratch.catalog.writer().unwrap().merge(&ann(), into, &[other]).unwrap();
    scratch.says("dbt:shop", 2, "column dbt://shop orders.id description: the key");
    assert_eq!(scratch.id("dbt://shop/orders.id"), scratch.id("pg://h/shop.orders.id"));
    assert_eq!(scratch.field("pg://h/shop.orders.id", "description"), Some("the key".into()));
    assert_eq!(scratch.problems(), []);

    scratch.catalog.writer().unwrap().split(&ann(), other).unwrap();
    assert_ne!(scratch.id("dbt://shop/orders.id"), scratch.id("pg://h/shop.orders.id"));
    assert_eq!(scratch.field("pg://h/shop.orders.id", "description"), None);
    assert_eq!(scratch.problems(), []);
}

#[test]
fn what_a_person_split_is_not_joined_again() {
    let scratch = Scratch::new();
    let lines = "dataset dbt://shop model.orders = pg://* shop.orders
                 dataset pg://h shop.orders";
    scratch.says("dbt:shop", 1, lines);
    let own = scratch.read(|reader| {
        let head = reader.the("model.orders")?;
        Ok(reader.group(head.ix)?.into_iter().find(|row| row.merged_into.is_some()).unwrap().id)
    });
    scratch.catalog.writer().unwrap().split(&ann(), own).unwrap();
    scratch.says("dbt:shop", 2, lines);
    scratch.says("openlineage:x", 3, "dataset pg://h shop.orders description: again");
    assert_ne!(scratch.id("model.orders"), scratch.id("pg://h/shop.orders"));
    assert_eq!(scratch.problems(), []);
}

#[test]
fn merging_is_undone_and_redone_exactly() {
    let scratch = Scratch::new();
    scratch.says("dbt:shop", 1, "dataset a x description: one\n dataset b y description: two");
    let apart = scratch.dump();
    let (into, other) = (scratch.id("a/x"), scratch.id("b/y"));
    let merge = scratch.catalog.writer().unwrap().merge(&ann(), into, &[other]).unwrap().unwrap();
    let together = scratch.dump();
    let undo = scratch.catalog.writer().unwrap().revert(&ann(), merge.id, Later::Refuse).unwrap().unwrap();
    assert_eq!(scratch.dump(), apart);
    scratch.catalog.writer().unwrap().revert(&ann(), undo.id, Later::Refuse).unwrap();
    assert_eq!(scratch.dump(), together);
    assert_eq!(scratch.problems(), []);
}

#[test]
fn things_of_different_kinds_are_not_merged() {
    let scratch = Scratch::new();
    scratch.says("dbt:shop", 1, "dataset a x\n job a y");
    let (into, other) = (scratch.id("a/x"), scratch.id("a/y"));
    let error = scratch.catalog.writer().unwrap().merge(&ann(), into, &[other]).unwrap_err();
    assert!(error.to_string().contains("job"), "{error}");
}
