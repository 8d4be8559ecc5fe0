//! Column lineage out of a real project's SQL, against what dbt-ol reported of the same models.

use std::collections::{BTreeMap, BTreeSet};

use catena_model::{
    evidence::Method,
    relation::RelationKind,
    statement::{Read, Statement},
};
use serde_json::{Value, json};

use super::read_project;

const MANIFEST: &[u8] = include_bytes!("../../../../tests/fixtures/dbt/bookshop/target/manifest.json");
const CATALOG: &[u8] = include_bytes!("../../../../tests/fixtures/dbt/bookshop/target/catalog.json");
const EVENTS: &str = include_str!("../../../../tests/fixtures/openlineage/dbt.ndjson");

/// `from kind to (subtypes)` of everything that was read out of SQL.
fn parsed(reads: &[Read]) -> Vec<(String, RelationKind, String, String)> {
    let statements = reads.iter().flatten().flat_map(|record| &record.statements);
    statements
        .filter_map(|statement| match statement {
            Statement::Related { from, kind, to, method: Method::SqlParsed, confidence, detail, .. } => {
                assert!(*confidence < 100);
                let ways = detail.as_ref().unwrap()["transformations"].as_array().unwrap().iter();
                let ways: Vec<&str> = ways.map(|way| way["subtype"].as_str().unwrap()).collect();
                Some((from.name.name.clone(), *kind, to.name.name.clone(), ways.join("+")))
            }
            _ => None,
        })
        .collect()
}

/// What the tables of the project are called at the warehouse, by their unique ids.
fn tables() -> BTreeMap<String, String> {
    let manifest: Value = serde_json::from_slice(MANIFEST).unwrap();
    let entries = ["nodes", "sources"].into_iter().flat_map(|section| manifest[section].as_object().unwrap());
    let named = entries.filter_map(|(id, entry)| {
        entry["relation_name"].as_str().map(|name| (id.clone(), name.replace('"', "")))
    });
    named.filter(|(id, _)| !id.starts_with("test.")).collect()
}

#[test]
fn all_that_dbt_ol_reported_is_read_out_of_the_same_sql() {
    let reads: Vec<Read> = read_project(MANIFEST, Some(CATALOG), None).collect();
    let tables = tables();
    let at_warehouse = |name: &str| {
        let (id, column) = name.rsplit_once('.').unwrap();
        format!("{}.{column}", tables[id])
    };
    let all = parsed(&reads);
    let found: BTreeSet<(String, String)> = all
        .iter()
        .filter(|(_, kind, ..)| *kind == RelationKind::DerivesFrom)
        .map(|(from, _, to, _)| (at_warehouse(from), at_warehouse(to)))
        .collect();
    let mut reported = BTreeSet::new();
    for line in EVENTS.lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        for output in event["outputs"].as_array().into_iter().flatten() {
            let fields = output["facets"]["columnLineage"]["fields"].as_object();
            for (field, inputs) in fields.into_iter().flatten() {
                for input in inputs["inputFields"].as_array().unwrap() {
                    let text = |value: &Value| value.as_str().unwrap().to_owned();
                    let from = format!("{}.{field}", text(&output["name"]));
                    reported.insert((from, format!("{}.{}", text(&input["name"]), text(&input["field"]))));
                }
            }
        }
    }
    assert!(reported.len() > 30, "{reported:#?}");
    let missed: Vec<String> =
        reported.difference(&found).map(|(from, to)| format!("{from} <- {to}")).collect();
    assert_eq!(
        missed,
        [
            // A count of rows is made of no column; the reported table is the query's own name for a part of itself.
            "bookshop.main.customer_value.orders <- orders.orders",
            // It only decides which text is taken, so it influences.
            "bookshop.main.customer_value.tier <- bookshop.main.fct_orders.amount",
        ]
    );
    let more: Vec<&(String, String)> =
        found.difference(&reported).filter(|(from, _)| !from.contains("customers_history")).collect();
    assert_eq!(more, Vec::<&(String, String)>::new());
    let says = |from: &str, kind, to: &str, ways: &str| {
        let wanted = (from.to_owned(), kind, to.to_owned(), ways.to_owned());
        assert!(all.contains(&wanted), "{wanted:?} in {all:#?}");
    };
    let value = "model.bookshop.customer_value";
    let orders = "model.bookshop.fct_orders";
    let tier = format!("{value}.tier");
    says(&tier, RelationKind::InfluencedBy, &format!("{orders}.amount"), "CONDITIONAL");
    says(value, RelationKind::InfluencedBy, &format!("{orders}.customer_id"), "JOIN+GROUP_BY");
    says(value, RelationKind::InfluencedBy, &format!("{orders}.status"), "FILTER");
    // A star shows what is known of the columns.
    let history = "snapshot.bookshop.customers_history.email";
    says(history, RelationKind::DerivesFrom, "model.bookshop.stg_customers.email", "IDENTITY");
}

fn project(code: &str) -> Vec<Read> {
    let manifest = json!({
        "metadata": {"generated_at": "2026-03-01T02:00:00Z", "project_name": "shop", "adapter_type": "snowflake"},
        "nodes": {
            "model.shop.a": {"name": "a", "relation_name": "SHOP.MAIN.a", "columns": {"id": {}, "total": {}}},
            "model.shop.b": {
                "name": "b", "relation_name": "SHOP.MAIN.b", "columns": {"id": {}, "sum": {}}, "compiled_code": code,
            },
        },
    });
    read_project(manifest.to_string().as_bytes(), None, None).collect()
}

#[test]
fn names_are_the_declared_ones_and_unknown_ones_are_left_out() {
    let reads =
        project("select ID, total as SUM, secret as other, secret as x from shop.main.A where secret > 1");
    let told: Vec<String> =
        parsed(&reads).into_iter().map(|(from, _, to, ways)| format!("{from} <- {to} {ways}")).collect();
    assert_eq!(
        told,
        ["model.shop.b.id <- model.shop.a.id IDENTITY", "model.shop.b.sum <- model.shop.a.total IDENTITY"]
    );
}

#[test]
fn what_the_sql_does_not_say_any_more_is_gone_and_broken_sql_says_nothing() {
    let emptied = |code: &str| {
        let reads = project(code);
        let statements = reads.iter().flatten().flat_map(|record| record.statements.clone());
        let only = statements.filter(|statement| {
            matches!(statement, Statement::OnlyRelated { to, method: Method::SqlParsed, .. } if to.is_empty())
        });
        only.count()
    };
    assert_eq!(emptied("select 1 as id, 2 as sum"), 5, "two kinds for each column, and the rows");
    assert_eq!(emptied("select from"), 0);
}
