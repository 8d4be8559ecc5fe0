//! What is compatible and what is not, and what holds of any two schemas.

use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::json;

use super::*;

/// `a int, b text?` as a facet; `?` is optional, `!` required.
fn schema(text: &str) -> Value {
    let fields: Vec<Value> = text
        .split(", ")
        .filter(|field| !field.is_empty())
        .map(|field| {
            let (name, data_type) = field.split_once(' ').unwrap();
            let mut made = json!({ "name": name, "type": data_type.trim_end_matches(['?', '!']) });
            if data_type.ends_with(['?', '!']) {
                made["nullable"] = data_type.ends_with('?').into();
            }
            made
        })
        .collect();
    json!({ "fields": fields })
}

fn check(before: &str, after: &str, expected: &str) {
    let told: Vec<String> = compare(&schema(before), &schema(after))
        .iter()
        .map(|change| {
            format!("{:?} {:?} {} {:?}", change.difference, change.what, change.path, change.rating)
        })
        .collect();
    assert_eq!(told.join("; "), expected, "{before} -> {after}");
}

#[test]
fn each_difference_is_rated_by_what_it_does_to_readers() {
    check("a int", "a int, b text", "Added Column b Compatible");
    check("a int", "a int, b text!", "Added Column b Risky");
    check("a int, b text", "a int", "Removed Column b Breaking");
    check("a int", "a bigint", "Changed Type a Compatible");
    check("a bigint", "a int", "Changed Type a Risky");
    check("a integer", "a number", "Changed Type a Risky");
    check("a int", "a varchar", "Changed Type a Breaking");
    check("a varchar(10)", "a varchar(20)", "Changed Type a Compatible");
    check("a varchar(20)", "a varchar(10)", "Changed Type a Risky");
    check("a decimal(10,2)", "a decimal(12,2)", "Changed Type a Compatible");
    check("a decimal(10,2)", "a decimal(10,4)", "Changed Type a Risky");
    check("a text!", "a text?", "Changed Nullable a Risky");
    check("a text?", "a text!", "Changed Nullable a Compatible");
    check("a INT, b TEXT", "b string, a int32", "");
    check("a null", "a text", "Changed Type a Compatible");
}

#[test]
fn nested_fields_are_compared_by_their_paths_and_keys_as_a_whole() {
    let inner = |name: &str| json!({ "fields": [{ "name": "a", "type": "struct", "fields": [{ "name": name, "type": "int" }] }] });
    let changes = compare(&inner("x"), &inner("y"));
    assert_eq!(changes.iter().map(|change| &*change.path).collect::<Vec<_>>(), ["a.x", "a.y"]);
    let keyed = |key: &str| json!({ "fields": [{ "name": "a", "type": "int" }], "primaryKey": [key] });
    assert_eq!(worst(&compare(&keyed("a"), &keyed("b"))), Some(Rating::Breaking));
}

#[test]
fn versions_move_by_the_worst_of_each_step_and_order_of_arrival_does_not_matter() {
    let mut sightings: Vec<Sighting<u32>> = ["a int", "a bigint", "a bigint, b int", "b int", "b integer"]
        .iter()
        .enumerate()
        .map(|(at, text)| Sighting { at: u32::try_from(at).unwrap(), schema: schema(text) })
        .collect();
    let told = |sightings: &[Sighting<u32>]| -> Vec<String> {
        versions(sightings).iter().map(|step| format!("{} at {}", step.version, step.at)).collect()
    };
    let expected = ["1.0.0 at 0", "1.0.1 at 1", "1.0.2 at 2", "2.0.0 at 3"];
    assert_eq!(told(&sightings), expected);
    sightings.reverse();
    assert_eq!(told(&sightings), expected);
}

#[test]
fn notes_on_some_columns_are_no_sighting_of_a_schema() {
    let notes = json!({ "fields": [{ "name": "a", "description": "what it is" }] });
    assert!(!is_sighting(&notes));
    let sightings = [Sighting { at: 1, schema: schema("a int, b int") }, Sighting { at: 2, schema: notes }];
    assert_eq!(versions(&sightings).len(), 1);
}

fn any_schema() -> impl Strategy<Value = Value> {
    let types = select(vec![
        "int",
        "bigint",
        "double",
        "text",
        "varchar(9)",
        "decimal(9,2)",
        "date",
        "timestamp",
        "bool",
    ]);
    let field = (select(vec!["a", "b", "c", "d"]), types, select(vec![None, Some(true), Some(false)]));
    vec(field, 1..5).prop_map(|fields| {
        let fields: Vec<Value> = fields
            .into_iter()
            .map(|(name, data_type, nullable)| json!({ "name": name, "type": data_type, "nullable": nullable }))
            .collect();
        json!({ "fields": fields })
    })
}

proptest! {
    #[test]
    fn a_schema_is_like_itself(schema in any_schema()) {
        prop_assert!(compare(&schema, &schema).is_empty());
    }

    #[test]
    fn what_is_added_one_way_is_removed_the_other(a in any_schema(), b in any_schema()) {
        let paths = |changes: &[Change], wanted| -> Vec<String> {
            let mut paths: Vec<_> = changes.iter().filter(|change| change.difference == wanted).map(|change| change.path.clone()).collect();
            paths.sort();
            paths
        };
        let (there, back) = (compare(&a, &b), compare(&b, &a));
        prop_assert_eq!(paths(&there, Difference::Added), paths(&back, Difference::Removed));
        prop_assert_eq!(paths(&there, Difference::Removed), paths(&back, Difference::Added));
    }

    #[test]
    fn versions_only_rise_and_do_not_depend_on_the_order_of_arrival(
        schemas in vec((0_u8..20, any_schema()), 0..8),
        turn in 0_usize..8,
    ) {
        let mut sightings: Vec<_> = schemas.into_iter().map(|(at, schema)| Sighting { at, schema }).collect();
        let steps = versions(&sightings);
        prop_assert!(steps.is_sorted_by(|a, b| a.version < b.version && a.at <= b.at));
        let turn = turn % sightings.len().max(1);
        sightings.rotate_left(turn);
        prop_assert_eq!(versions(&sightings), steps);
    }

    #[test]
    fn anything_can_be_compared(a in "\\PC{0,40}", b in "\\PC{0,40}") {
        let odd = |text: &str| json!({ "fields": [{ "name": "x", "type": text }, 5, { "name": text, "fields": text }] });
        compare(&odd(&a), &odd(&b));
    }
}
