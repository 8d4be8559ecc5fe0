//! Files of any sort on the command line: each is taken for what its content says, and a schema's changes are told.

use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::{Shell, event, fixture, lines};

#[test]
fn a_folder_of_files_is_taken_whole_and_again_changes_nothing() {
    let shell = Shell::new();
    let folder = fixture("files");
    let first = shell.run(&["import", folder.to_str().unwrap()]);
    assert!(first.ended(0), "{}{}", first.out, first.err);
    let report = first.json();
    assert!(report["created"].as_u64().unwrap() > 80, "{report}");
    assert_eq!(report["notes"], Value::Null, "{report}");
    let again = shell.run(&["import", folder.to_str().unwrap()]).json();
    assert_eq!((&again["created"], &again["changed"]), (&0.into(), &0.into()), "{again}");
    let model = shell.run(&["lineage", "https://huggingface.co/bakery/orders", "--direction", "down"]);
    assert!(model.out.contains("\"model\""), "{}", model.out);
    let version = shell.run(&["show", folder.join("card/model.safetensors").to_str().unwrap()]).json();
    assert_eq!(version["parent"]["name"], "Oven", "{version}");
    assert!(shell.run(&["check"]).ended(0));
}

/// Writes the file as it was so many seconds after the epoch.
fn written(shell: &Shell, name: &str, text: &str, seconds: u64) -> String {
    let path = shell.write(name, text);
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    std::fs::File::options().write(true).open(&path).unwrap().set_modified(at).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_schema_that_changes_is_rated_and_what_depends_on_it_says_so() {
    let shell = Shell::new();
    let path = written(&shell, "orders.csv", "id,price\n1,2\n2,3\n", 1_000);
    assert!(shell.run(&["import", &path]).ended(0));
    // A job makes something of the file.
    let mut job = event(1, "x", "mart");
    let name = std::path::Path::new(&path).canonicalize().unwrap();
    job["inputs"] = serde_json::json!([{ "namespace": "file", "name": name.to_str().unwrap() }]);
    shell.import("openlineage", &shell.write("events.ndjson", lines([job])));
    let mart = |shell: &Shell| shell.run(&["show", "pg://h/mart"]).json();
    assert_eq!(mart(&shell)["upstream_changes"], serde_json::json!([]));
    written(&shell, "orders.csv", "id,price\n1,2.5\n2,3\n", 2_000);
    shell.run(&["import", &path]);
    written(&shell, "orders.csv", "id,amount\n1,2.5\n2,3\n", 3_000);
    shell.run(&["import", &path]);
    let orders = shell.run(&["show", name.to_str().unwrap()]).json();
    let versions: Vec<String> = orders["schema_versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|version| format!("{} {}", version["version"].as_str().unwrap(), version["rating"]))
        .collect();
    assert_eq!(versions, ["2.0.0 \"breaking\"", "1.1.0 \"risky\"", "1.0.0 null"], "{orders}");
    let removed: Vec<&str> = orders["schema"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|column| column["removed"] == true)
        .filter_map(|column| column["name"].as_str())
        .collect();
    assert_eq!(removed, ["price"]);
    let changes = mart(&shell)["upstream_changes"].clone();
    assert_eq!(changes[0]["version"]["version"], "2.0.0", "{changes}");
    // What comes back is a change like any other.
    written(&shell, "orders.csv", "id,price\n1,2.5\n2,3\n", 4_000);
    shell.run(&["import", &path]);
    let orders = shell.run(&["show", name.to_str().unwrap()]).json();
    assert_eq!(orders["schema_versions"][0]["version"], "3.0.0", "{orders}");
    assert_eq!(orders["schema_versions"].as_array().unwrap().len(), 4);
    assert!(shell.run(&["check"]).ended(0));
}

#[test]
fn what_is_nothing_known_is_refused_with_what_to_do() {
    let shell = Shell::new();
    let pickle = shell.write("model.pt", b"\x80\x04\x95\x10\0\0\0\0\0\0\0");
    let answer = shell.run(&["import", pickle.to_str().unwrap()]);
    assert!(!answer.ended(0) && answer.err.contains("safetensors"), "{}", answer.err);
    let answer = shell.run(&["import", "csv", "x.csv"]);
    assert!(answer.err.contains("nothing that can be imported"), "{}", answer.err);
    let answer = shell.run(&["import", "dbt"]);
    assert!(answer.err.contains("from where"), "{}", answer.err);
}

#[test]
fn what_is_exported_is_read_back_as_what_it_was() {
    let shell = Shell::new();
    shell.run(&["import", fixture("files").to_str().unwrap()]);
    let orders = fixture("files/nested.parquet").canonicalize().unwrap();
    for standard in ["croissant", "odcs"] {
        let out = shell.path(&format!("{standard}.json"));
        let to = out.to_str().unwrap();
        let answer = shell.run(&["export", orders.to_str().unwrap(), "--as", standard, "--to", to]);
        assert!(answer.ended(0), "{}", answer.err);
        assert!(shell.run_on(&shell.path("other.catena"), &["import", to]).ended(0));
        let read = shell.run_on(&shell.path("other.catena"), &["show", to]).json();
        let columns = read["schema"].as_array().unwrap();
        assert!(columns.iter().any(|column| column["name"] == "total"), "{read}");
    }
    let model = shell.run(&["search", "oven", "--kind", "model_version"]).json();
    let hits = model["hits"].as_array().unwrap();
    let of_bill = hits.iter().find(|hit| hit.to_string().contains("bom.cdx.json#oven")).unwrap();
    let answer = shell.run(&["export", of_bill["id"].as_str().unwrap(), "--as", "cyclonedx"]);
    let bill: Value = serde_json::from_str(&answer.out).unwrap();
    let data: Vec<&Value> = bill["components"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|component| component["type"] == "data")
        .collect();
    assert_eq!(data.len(), 1, "{bill}");
    let learned = &bill["metadata"]["component"]["modelCard"]["modelParameters"]["datasets"];
    assert_eq!(learned[0]["ref"], data[0]["bom-ref"], "{bill}");
    // A file beside a model's card was trained on what the card says.
    let weights = fixture("files/card/model.safetensors").canonicalize().unwrap();
    let answer = shell.run(&["export", weights.to_str().unwrap(), "--as", "cyclonedx"]);
    let bill: Value = serde_json::from_str(&answer.out).unwrap();
    assert!(bill["components"].to_string().contains("huggingface.co/bakery/orders"), "{bill}");
    let answer = shell.run(&["export", of_bill["id"].as_str().unwrap(), "--as", "odcs"]);
    assert!(answer.err.contains("this standard is for a dataset"), "{}", answer.err);
}
