//! The story of the sample: three systems recorded, one lineage.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails where it stands")]

mod catena;

use std::path::PathBuf;

use catena::Catena;
use catena_tests::fixture;

fn parts() -> [(&'static str, PathBuf); 3] {
    [
        ("openlineage", fixture("sample/openlineage.ndjson")),
        ("dbt", fixture("sample/dbt")),
        ("mlflow", fixture("sample/mlflow.db")),
    ]
}

fn sample() -> Catena {
    let catalog = Catena::new();
    for (system, from) in parts() {
        let [created, ..] = catalog.import(system, &from);
        assert!(created > 0, "{system}");
    }
    catalog
}

fn assert_holds(lineage: &[(String, String)], wanted: &[(&str, &str)]) {
    for &(kind, name) in wanted {
        let found = lineage.iter().filter(|(of, called)| of == kind && called == name).count();
        assert_eq!(found, 1, "{kind} {name} in {lineage:#?}");
    }
}

#[test]
fn a_raw_table_leads_to_features_models_and_predictions() {
    let catalog = sample();
    let below = catalog.lineage("flights.raw.flights", "down");
    assert_holds(
        &below,
        &[
            ("dataset", "stg_flights"),
            ("dataset", "departure_features"),
            ("dataset", "training_departures"),
            ("model_version", "arrival-delay v2"),
            ("dataset", "delay_predictions"),
            ("dataset", "airline_punctuality"),
        ],
    );
}

#[test]
fn predictions_lead_back_through_the_model_to_the_files() {
    let catalog = sample();
    let above = catalog.lineage("flights.serving.delay_predictions", "up");
    assert_holds(
        &above,
        &[
            ("model_version", "arrival-delay v2"),
            ("dataset", "holdout_departures"),
            ("dataset", "training_departures"),
            ("dataset", "weather"),
            ("dataset", "weather.csv"),
        ],
    );
    // What the champion never saw.
    assert!(
        !above.iter().any(|(_, name)| name == "airline_punctuality" || name == "arrival-delay v3"),
        "{above:#?}"
    );
}

#[test]
fn names_of_three_systems_meet_and_nothing_changes_the_second_time() {
    let catalog = sample();
    let found = catalog.run(["search", "training_departures", "--kind", "dataset"]).json();
    let hits: Vec<_> =
        found["hits"].as_array().unwrap().iter().filter(|hit| hit["name"] == "training_departures").collect();
    assert_eq!(hits.len(), 1, "{found:#}");
    assert!(hits[0]["qualified_names"].as_array().unwrap().len() > 1, "{found:#}");
    for (system, from) in parts() {
        let [created, changed, same] = catalog.import(system, &from);
        assert_eq!([created, changed], [0, 0], "{system}");
        assert!(same > 0, "{system}");
    }
    catalog.assert_sound();
}
