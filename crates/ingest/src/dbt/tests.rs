use catena_model::{
    relation::RelationKind,
    statement::{Read, Statement},
};
use serde_json::{Value, json};

use super::read_project;

const MANIFEST: &[u8] = include_bytes!("../../../../tests/fixtures/dbt/bookshop/target/manifest.json");
const CATALOG: &[u8] = include_bytes!("../../../../tests/fixtures/dbt/bookshop/target/catalog.json");
const RESULTS: &[u8] = include_bytes!("../../../../tests/fixtures/dbt/bookshop/target/run_results.json");

fn manifest(nodes: Value) -> Value {
    json!({
        "metadata": {"generated_at": "2026-03-01T02:00:00Z", "project_name": "shop", "adapter_type": "postgres"},
        "nodes": nodes,
    })
}

fn model(alias: &str, depends_on: &[&str]) -> Value {
    json!({
        "database": "shop", "schema": "main", "alias": alias, "name": alias,
        "config": {"materialized": "table"}, "depends_on": {"nodes": depends_on},
    })
}

fn reads(manifest: &Value) -> Vec<Read> {
    read_project(manifest.to_string().as_bytes(), None, None).collect()
}

fn lines(reads: &[Read], at: &str) -> Vec<String> {
    let records = reads.iter().filter_map(|read| read.as_ref().ok()).filter(|record| record.at == at);
    records.flat_map(crate::tests::lines).collect()
}

fn rejections(reads: &[Read]) -> Vec<String> {
    let rejections = reads.iter().filter_map(|read| read.as_ref().err());
    rejections.map(|rejection| format!("{}: {}", rejection.place, rejection.why)).collect()
}

#[test]
fn what_a_real_project_says() {
    let reads = read_project(MANIFEST, Some(CATALOG), Some(RESULTS));
    insta::assert_snapshot!(crate::tests::readable(reads));
}

#[test]
fn nothing_of_a_real_project_is_rejected_and_every_node_is_kept() {
    let reads: Vec<Read> = read_project(MANIFEST, Some(CATALOG), Some(RESULTS)).collect();
    assert_eq!(rejections(&reads), Vec::<String>::new());
    let manifest: Value = serde_json::from_slice(MANIFEST).unwrap();
    for section in ["nodes", "sources", "exposures", "unit_tests"] {
        for (id, node) in manifest[section].as_object().unwrap() {
            if id.starts_with("operation.") {
                continue;
            }
            let kept = reads.iter().flatten().flat_map(|record| &record.statements).any(
                |s| matches!(s, Statement::Facet { name, body, .. } if name == "dbt_node" && body == node),
            );
            assert!(kept, "{id}");
        }
    }
}

#[test]
fn a_broken_node_loses_only_itself() {
    let mut nodes = json!({
        "model.shop.a": model("a", &[]),
        "model.shop.b": model("b", &["model.shop.a"]),
        "model.shop.c": model("c", &["model.shop.b"]),
    });
    nodes["model.shop.b"]["columns"] = json!({"id": {"description": 5}});
    let reads = reads(&manifest(nodes));
    assert_eq!(
        rejections(&reads),
        ["model.shop.b: $.columns.id.description: expected a text, found a number: correct it at the source"]
    );
    assert!(!lines(&reads, "model.shop.a").is_empty() && !lines(&reads, "model.shop.c").is_empty());
}

#[test]
fn hostile_nodes_are_rejected_by_name() {
    let text = manifest(json!({"model.shop.a": model("a", &[])})).to_string();
    let deep = format!("{{\"model.shop.deep\":{}{},", "[".repeat(10_000), "]".repeat(10_000));
    let twice = "\"model.shop.twice\":{\"a\":1,\"a\":2},\"model.shop.a\":{},";
    let text = text.replacen("\"nodes\":{", &format!("\"nodes\":{deep}{twice}"), 1);
    let reads: Vec<Read> = read_project(text.as_bytes(), None, None).collect();
    let found = rejections(&reads);
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(
        found[0].starts_with("model.shop.deep: ") && found[0].contains("more than 64 levels deep"),
        "{found:?}"
    );
    assert!(found[1].starts_with("model.shop.twice: $.a is there twice"), "{found:?}");
    assert!(found[2].starts_with("model.shop.a: this unique id is there twice"), "{found:?}");
}

#[test]
fn a_broken_file_says_which_and_what_to_do() {
    let whole = manifest(json!({"model.shop.a": model("a", &[])})).to_string();
    let cases: [(&[u8], &str); 5] = [
        (&whole.as_bytes()[..60], "manifest.json: the file ends in the middle: it was cut off"),
        (b"<html>", "manifest.json: it is no artifact of dbt: expected value at line 1 column 1"),
        (b"{}", "manifest.json: $.metadata.generated_at: it is missing"),
        (
            b"{\"nodes\":[]}",
            "manifest.json: it is no artifact of dbt: invalid type: sequence, expected an object of entries",
        ),
        (b"\xff", "manifest.json: byte 0 is not UTF-8"),
    ];
    for (bytes, expected) in cases {
        let reads: Vec<Read> = read_project(bytes, None, None).collect();
        let found = rejections(&reads);
        assert_eq!(reads.len(), 1, "{found:?}");
        assert!(found[0].starts_with(expected), "{found:?}");
    }
    // The manifest is enough by itself.
    let reads: Vec<Read> = read_project(whole.as_bytes(), Some(b"{"), Some(b"[]")).collect();
    let found = rejections(&reads);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0].starts_with("catalog.json: ") && found[1].starts_with("run_results.json: "),
        "{found:?}"
    );
    assert!(!lines(&reads, "model.shop.a").is_empty());
}

#[test]
fn a_ref_that_was_removed_is_said_to_be_gone() {
    let reads = reads(&manifest(json!({"model.shop.a": model("a", &[])})));
    let only = reads.iter().flatten().flat_map(|record| &record.statements).any(|statement| {
        matches!(statement, Statement::OnlyRelated { kind: RelationKind::DerivesFrom, to, .. } if to.is_empty())
    });
    assert!(only);
}

#[test]
fn an_ephemeral_model_is_no_table_of_the_warehouse() {
    let mut nodes = json!({"model.shop.a": model("a", &[])});
    let named = |nodes: &Value| {
        let lines = lines(&reads(&manifest(nodes.clone())), "model.shop.a");
        lines.iter().any(|line| line.contains("is also postgres://* shop.main.a"))
    };
    assert!(named(&nodes));
    nodes["model.shop.a"]["config"]["materialized"] = json!("ephemeral");
    assert!(!named(&nodes));
}

#[test]
fn a_column_that_the_warehouse_writes_in_capitals_is_the_declared_one() {
    let mut nodes = json!({"model.shop.a": model("a", &[])});
    nodes["model.shop.a"]["columns"] = json!({"id": {"name": "id", "description": "The key.", "data_type": "int"}, "note": {"data_type": "text"}});
    let catalog = json!({
        "metadata": {"generated_at": "2026-03-01T03:00:00Z"},
        "nodes": {"model.shop.a": {
            "metadata": {"database": "SHOP", "schema": "MAIN", "name": "A", "comment": "All of them."},
            "columns": {"ID": {"name": "ID", "type": "NUMBER", "index": 1, "comment": "key"}},
        }},
    });
    let manifest = manifest(nodes).to_string();
    let catalog = catalog.to_string();
    let reads: Vec<Read> = read_project(manifest.as_bytes(), Some(catalog.as_bytes()), None).collect();
    let lines = lines(&reads, "model.shop.a");
    let says = |wanted: &str| lines.iter().filter(|line| line.contains(wanted)).count();
    assert_eq!(says("a.id: data_type = \"NUMBER\""), 1, "{lines:#?}");
    assert_eq!(says("a.id: data_type"), 1, "one source says one thing");
    assert_eq!(says("a.note: data_type = \"text\""), 1);
    assert_eq!(says("a.id: description = \"The key.\""), 1);
    assert_eq!(says("a.id: description"), 1);
    assert_eq!(says("model.shop.a: description = \"All of them.\""), 1);
    assert_eq!(says("is also postgres://* SHOP.MAIN.A.id"), 1);
}

#[test]
fn old_and_unknown_versions_are_read_as_far_as_they_go() {
    // Before 1.7 the manifest did not name its project, and things that are new have unknown sections.
    let text = json!({
        "metadata": {"generated_at": "2022-03-01T02:00:00.000Z", "dbt_schema_version": "v7", "adapter_type": "spark"},
        "nodes": {
            "model.shop.a": {"schema": "main", "database": null, "name": "a", "alias": "a", "depends_on": {"nodes": ["source.shop.raw.x"]}},
            "model.shop.b": {"schema": "main", "name": "b", "alias": "b", "depends_on": {"nodes": ["model.shop.a"], "holograms": []}},
            "model.dbt_utils.c": {"schema": "main", "name": "c"},
        },
        "sources": null,
        "holograms": {"hologram.shop.h": [1, 2]},
    });
    let reads = reads(&text);
    assert_eq!(rejections(&reads), Vec::<String>::new());
    let a = lines(&reads, "model.shop.a");
    assert!(a.contains(&"dataset dbt://shop/model.shop.a is also spark://* main.a".to_owned()), "{a:#?}");
    assert!(
        a.contains(
            &"dataset dbt://shop/model.shop.a derives_from dataset dbt://shop/source.shop.raw.x (declared)"
                .to_owned()
        ),
        "{a:#?}"
    );
}
