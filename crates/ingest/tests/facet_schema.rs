//! The schemas of known facets, and what they say of facets that fit and that don't.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails where it stands")]

use catena_ingest::facet_schema::find;
use serde_json::{Value, json};

#[test]
fn every_schema_is_registered_can_be_used_and_says_what_it_is_about() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    let mut seen = 0;
    for system in std::fs::read_dir(folder).unwrap() {
        let system = system.unwrap();
        for file in std::fs::read_dir(system.path()).unwrap() {
            let path = file.unwrap().path();
            let schema: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            assert!(jsonschema::meta::is_valid(&schema), "{path:?}");
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let found =
                find(&system.file_name().to_string_lossy(), &name).unwrap_or_else(|| panic!("{path:?}"));
            assert!(!found.title.is_empty() && found.description.ends_with('.'), "{path:?}");
            seen += 1;
        }
    }
    assert!(seen > 40, "{seen}");
}

#[test]
fn a_misfit_says_where_and_what() {
    let schema = find("openlineage", "ownership").unwrap();
    let about = |owners: Value| json!({ "_producer": "p", "_schemaURL": "u", "owners": owners });
    assert_eq!(schema.misfits(&about(json!([{ "name": "ada", "more": 1 }]))), []);
    let misfits = schema.misfits(&about(json!([{ "name": "ada" }, { "name": 7 }, {}])));
    assert_eq!(misfits.len(), 2, "{misfits:?}");
    assert_eq!(misfits[0].place, "owners[1].name");
    assert_eq!(misfits[0].what, "the value is not of type \"string\"");
    assert_eq!((&*misfits[1].place, &*misfits[1].what), ("owners[2]", "\"name\" is a required property"));
    assert_eq!(schema.misfits(&json!("text"))[0].place, "");
    assert_eq!(schema.misfits(&json!({ "_deleted": true })), []);
}

#[test]
fn what_a_facet_says_of_itself_is_not_repeated_at_length() {
    let misfits = find("openlineage", "jobType").unwrap().misfits(&json!("x".repeat(100_000)));
    assert!(!misfits.is_empty() && misfits.iter().all(|misfit| misfit.what.chars().count() <= 300));
    let many: Vec<Value> = (0..1_000).map(Value::from).collect();
    assert_eq!(find("openlineage", "inputs").unwrap().misfits(&json!(many)).len(), 20);
}

#[test]
fn fields_are_known_by_their_paths() {
    let path =
        |system, name, path: &str| find(system, name).unwrap().fields.iter().any(|field| field.path == path);
    assert!(path("openlineage", "ownership", "owners[].name"));
    assert!(path("openlineage", "columnLineage", "fields.*.inputFields[].transformations[].type"));
    assert!(path("dbt", "dbt_catalog", "columns.*.type"));
    assert!(find("openlineage", "nobody_knows_it").is_none());
    assert!(find("mlflow", "schema").is_none(), "another system's");
}

#[test]
fn what_real_clients_send_fits() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/openlineage/");
    let mut known = 0;
    for file in ["client.ndjson", "dbt.ndjson"] {
        for line in std::fs::read_to_string(format!("{folder}{file}")).unwrap().lines() {
            let event: Value = serde_json::from_str(line).unwrap();
            let things = ["run", "job", "dataset"].into_iter().filter_map(|key| event.get(key));
            let lists = ["inputs", "outputs"].into_iter().filter_map(|key| event.get(key)?.as_array());
            for thing in things.chain(lists.flatten()) {
                let kinds = ["facets", "inputFacets", "outputFacets"].into_iter();
                for (name, facet) in kinds.filter_map(|key| thing.get(key)?.as_object()).flatten() {
                    let Some(schema) = find("openlineage", name) else { continue };
                    assert_eq!(schema.misfits(facet), [], "{name} {facet}");
                    known += 1;
                }
            }
        }
    }
    assert!(known > 20, "{known}");
}
