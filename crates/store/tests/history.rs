//! Edits, their history, and taking them back.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails where it stands")]

mod support;

use catena_store::history::{Later, plan_revert};
use support::{Scratch, ann};

#[test]
fn a_persons_edit_survives_every_later_import_and_undo_shows_the_source_again() {
    let scratch = Scratch::new();
    scratch.says("dbt:shop", 1, "dataset pg://h orders description: from dbt");
    let edit = scratch.edit("orders", "description", "by hand");
    scratch.says("dbt:shop", 2, "dataset pg://h orders description: from dbt again");
    assert_eq!(scratch.field("orders", "description"), Some("by hand".into()));
    scratch.catalog.writer().unwrap().revert(&ann(), edit.id, Later::Refuse).unwrap();
    assert_eq!(scratch.field("orders", "description"), Some("from dbt again".into()));
    assert_eq!(scratch.problems(), []);
}

#[test]
fn a_revert_never_overwrites_a_later_edit_unasked() {
    let scratch = Scratch::new();
    scratch.says("dbt:shop", 1, "dataset pg://h orders");
    let first = scratch.edit("orders", "description", "one");
    scratch.edit("orders", "description", "two");
    let plan = scratch.read(|reader| plan_revert(reader.db(), first.id));
    assert_eq!((plan.changes.len(), plan.collisions.len()), (0, 1));
    let refused = scratch.catalog.writer().unwrap().revert(&ann(), first.id, Later::Refuse);
    assert!(refused.is_err());
    assert_eq!(scratch.field("orders", "description"), Some("two".into()));
    scratch.catalog.writer().unwrap().revert(&ann(), first.id, Later::Keep).unwrap();
    assert_eq!(scratch.field("orders", "description"), Some("two".into()));
    scratch.catalog.writer().unwrap().revert(&ann(), first.id, Later::Overwrite).unwrap();
    assert_eq!(scratch.field("orders", "description"), None);
    assert_eq!(scratch.problems(), []);
}

#[test]
fn sets_merge_element_by_element() {
    let scratch = Scratch::new();
    scratch.says("dbt:shop", 1, r#"dataset pg://h orders tags: ["daily","pii"]"#);
    scratch.edit("orders", "tags/gold", true);
    scratch.edit("orders", "tags/pii", false);
    scratch.says("dbt:shop", 2, r#"dataset pg://h orders tags: ["daily","pii","hourly"]"#);
    let tags = |name: &str| scratch.field("orders", &format!("tags/{name}")).is_some();
    assert!(tags("daily") && tags("gold") && tags("hourly") && !tags("pii"));
}

#[test]
fn the_history_of_an_entity_has_only_what_touched_it() {
    let scratch = Scratch::new();
    scratch.says(
        "dbt:shop",
        1,
        "dataset pg://h orders\n dataset pg://h items\n dataset pg://h orders -> dataset pg://h items",
    );
    scratch.edit("orders", "description", "one");
    scratch.edit("items", "description", "two");
    let titles = |name: &str| -> Vec<String> {
        scratch.read(|reader| {
            let head = reader.the(name)?;
            Ok(reader
                .history(Some(head.ix), None, 10)?
                .into_iter()
                .map(|operation| operation.title)
                .collect())
        })
    };
    assert_eq!(titles("orders"), ["Edit description of orders", "Import"]);
    assert_eq!(titles("items"), ["Edit description of items", "Import"]);
}

#[test]
fn an_edit_that_changes_nothing_leaves_no_trace() {
    let scratch = Scratch::new();
    scratch.says("dbt:shop", 1, "dataset pg://h orders");
    scratch.edit("orders", "description", "one");
    let id = scratch.id("orders");
    let again = [("description".parse().unwrap(), Some("one".into()))];
    assert_eq!(scratch.catalog.writer().unwrap().edit(&ann(), id, &again).unwrap(), None);
}
