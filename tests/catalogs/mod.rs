//! Catalogs of other makers, pulled from what stands for them on this machine, which their real clients filled.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::{Served, counts, well};
use crate::catena::Catena;

/// A file with a secret, as `--token-file` takes it.
fn secret(catalog: &Catena, text: &str) -> PathBuf {
    let path = catalog.folder().join("secret");
    std::fs::write(&path, text).unwrap();
    path
}

fn field(entity: &Value, key: &str) -> Value {
    let fields = entity["fields"].as_array().unwrap();
    fields.iter().find(|field| field["key"] == key).map(|field| field["value"].clone()).unwrap_or_default()
}

#[test]
#[ignore = "runs minilake"]
fn a_unity_catalog_that_databricks_own_client_filled_is_pulled_and_only_changes_are_told_again() {
    let catalog = Catena::new();
    let mut lake = Served::by("DATABRICKS", "unity_server.py", catalog.folder());
    let host = lake.address.strip_prefix("http://").unwrap().to_owned();
    well(catalog.run([
        "connect",
        "add",
        "databricks",
        &lake.address,
        "--name",
        "lake",
        "--option",
        "detail=columns",
    ]));
    let token = secret(&catalog, "dapi-canary-41c7");
    let pull = ["connect", "pull", "lake", "--token-file", token.to_str().unwrap()];
    let found = well(catalog.run(["connect", "test", "lake", "--token-file", token.to_str().unwrap()]));
    assert_eq!(found["found"], json!([{"what": "catalogs", "count": 1}]));
    let report = well(catalog.run(pull));
    // A catalog, two schemas, 61 tables with 62 columns, a volume.
    assert_eq!(counts(&report)[0], 1 + 2 + 61 + 62 + 1, "{report}");
    let notes = report["notes"].to_string();
    assert!(notes.contains("models of lake.shop"), "minilake has none, and that is said: {report}");
    let orders = well(catalog.run(["show", &format!("databricks://{host}/lake.shop.orders")]));
    assert_eq!(
        (field(&orders, "description"), field(&orders, "tags")),
        (json!("All orders"), json!(["tier: gold"]))
    );
    let email = well(catalog.run(["show", &format!("databricks://{host}/lake.shop.orders.email")]));
    assert_eq!(field(&email, "tags"), json!(["pii: email"]));
    let above = catalog.lineage(&format!("databricks://{host}/lake.shop.orders"), "up");
    assert!(above.iter().any(|(kind, name)| kind == "dataset" && name.contains("part_00")), "{above:?}");
    let key = well(catalog.run(["show", &format!("databricks://{host}/lake.shop.orders.order_id")]));
    assert_eq!(field(&key, "data_type"), json!("int"));

    let [created, changed, _] = counts(&well(catalog.run(pull)));
    assert_eq!([created, changed], [0, 0]);
    lake.tell("change");
    let [created, changed, _] = counts(&well(catalog.run(pull)));
    assert_eq!([created, changed], [2, 1], "the new table with its column, and the comment");
    catalog.assert_sound();
}

#[test]
#[ignore = "runs fakesnow"]
fn a_snowflake_account_that_its_own_connector_filled_is_pulled_with_types_comments_and_views() {
    let catalog = Catena::new();
    let mut account = Served::by("SNOWFLAKE", "snowflake_server.py", catalog.folder());
    let password = secret(&catalog, "hunter2-reader");
    let [a, b, c, d, e, f, g, h] =
        ["connect", "add", "snowflake", &account.address, "--name", "sf", "--user", "reader"];
    well(catalog.run([a, b, c, d, e, f, g, h, "--option", "account=acme-eu"]));
    let pull = ["connect", "pull", "sf", "--token-file", password.to_str().unwrap()];
    let report = well(catalog.run(pull));
    // A database, a schema, 212 tables with 214 columns, a view of two.
    assert_eq!(counts(&report)[0], 1 + 1 + 212 + (3 + 1 + 210) + 1 + 2, "{report}");
    let notes = report["notes"].to_string();
    for refused in ["tags", "what objects depend on", "functions"] {
        assert!(notes.contains(refused), "fakesnow has none, and that is said: {report}");
    }
    let show = |name: &str| well(catalog.run(["show", &format!("snowflake://acme-eu/SHOP.MART.{name}")]));
    let orders = show("ORDERS");
    assert_eq!(
        (field(&orders, "description"), field(&orders, "owners")),
        (json!("All orders"), json!(["SYSADMIN"]))
    );
    assert_eq!(field(&show("ORDERS.AMT"), "data_type"), json!("NUMBER(10,2)"));
    assert_eq!(field(&show("BIG_ORDERS"), "subtype"), json!("view"));
    assert_eq!(field(&show("strange name.a b"), "data_type").as_str().map(|text| &text[..4]), Some("TEXT"));

    let [created, changed, _] = counts(&well(catalog.run(pull)));
    assert_eq!([created, changed], [0, 0]);
    account.tell("change");
    let [created, changed, _] = counts(&well(catalog.run(pull)));
    assert_eq!([created, changed], [2, 0], "the new table with its column");
    catalog.assert_sound();
}
