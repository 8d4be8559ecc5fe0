//! Measures the table of runs and their histories in a catalog; says what it measured as a line of JSON.
#![allow(clippy::print_stdout, reason = "it is a program for the terminal")]

use std::{sync::Arc, time::Instant};

use catena_app::{
    App, environment,
    events::Unheard,
    places::Places,
    runs::{self, RunSeriesArgs, RunSort, RunsArgs},
    session::{Caller, Session},
    use_case::Role,
};
use catena_model::actor::{Act, Actor, Origin};

const ROUNDS: usize = 50;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let catalog = std::env::args().nth(1).ok_or("give the catalog")?;
    let act =
        Act { actor: Actor::Person { name: "bench".to_owned() }, origin: Origin::CommandLine, cause: None };
    let places = Places { data: std::env::temp_dir(), sample: None };
    let app = App::new(environment::real(), places, Caller { act, role: Role::Admin }, Arc::new(Unheard));
    app.enter(Some(Session::open(catalog.as_ref(), app.environment.clone())?));
    let args = || RunsArgs {
        filter: "metrics.metric_03 < 0.5 AND params.param_02 = '0.01'".to_owned(),
        sort: vec![RunSort { column: "metrics.metric_07".to_owned(), descending: true }],
        limit: Some(10_000),
        ..RunsArgs::default()
    };
    let began = Instant::now();
    let first = runs::runs(&app, args())?;
    let first_ms = millis(began);
    let mut rounds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let began = Instant::now();
            let _ = runs::runs(&app, args()).and_then(|reply| {
                serde_json::to_vec(&reply)
                    .map_err(|error| catena_app::AppError::bad_request(error.to_string()))
            });
            millis(began)
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    let with_history = RunsArgs {
        filter: "metrics.loss IS NOT NULL".to_owned(),
        columns: vec!["name".to_owned()],
        limit: Some(100),
        ..RunsArgs::default()
    };
    let ids: Vec<_> = runs::runs(&app, with_history)?.runs.iter().map(|run| run.id).collect();
    let series = ids.len();
    let began = Instant::now();
    let args = RunSeriesArgs {
        runs: ids,
        metrics: vec!["loss".to_owned()],
        axis: runs::SeriesAxis::Step,
        most: None,
    };
    let bytes = runs::series(&app, args)?.len();
    println!(
        "{}",
        serde_json::json!({
            "matching": first.matching, "total": first.total, "first_ms": first_ms, "table_ms": rounds[ROUNDS / 2],
            "series": series, "series_ms": millis(began), "series_bytes": bytes,
        })
    );
    Ok(())
}

fn millis(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1_000.0
}
