use catena_model::{
    actor::{Act, Actor, Origin},
    field::{Field, Single},
    kind::Kind,
    name::QualifiedName,
    source::{Known, Source},
    statement::{Record, Statement, Thing},
    time::Timestamp,
};
use catena_store::{Catalog, apply::Tally};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    list::{RunSort, RunsArgs, of_table},
    series::thinned,
    table::RunsTable,
};

/// A run of the experiment `flights` as MLflow tells of it.
fn run(id: &str, status: &str, params: Value, metrics: Value) -> Record {
    let named = |kind, name: &str| Thing::new(kind, QualifiedName::new("mlflow://tracker", name).unwrap());
    let thing = named(Kind::Run, &format!("runs/{id}"));
    let at = Timestamp::from_micros(1_760_000_000_000_000);
    let facet = |name: &str, body: Value| Statement::Facet {
        thing: thing.clone(),
        about: None,
        name: name.to_owned(),
        body,
        at,
    };
    Record {
        at: id.to_owned(),
        source: Source::system("mlflow", "tracker"),
        known: Known::Detected,
        event: None,
        statements: vec![
            Statement::PartOf { thing: thing.clone(), whole: named(Kind::Experiment, "experiments/1"), at },
            Statement::Claim {
                thing: thing.clone(),
                field: Field::Single(Single::Name),
                value: Some(json!(id)),
                at,
            },
            facet(
                "run",
                json!({"status": status, "start_time": 1_760_000_000_000_i64, "end_time": 1_760_000_060_000_i64}),
            ),
            facet("params", params),
            facet("metrics", metrics),
        ],
    }
}

fn table(records: Vec<Record>) -> RunsTable {
    let folder = tempfile::tempdir().unwrap();
    let catalog = Catalog::create(&folder.path().join("runs.catena"), crate::environment::real()).unwrap();
    let act = Act { actor: Actor::Catena, origin: Origin::Import, cause: None };
    let mut tally = Tally::default();
    catalog.writer().unwrap().apply(&act, "runs", records.into_iter().map(Ok), &mut tally).unwrap();
    assert_eq!(tally.rejected, []);
    catalog.read(RunsTable::load).unwrap()
}

fn three() -> RunsTable {
    table(vec![
        run("deep", "FINISHED", json!({"depth": "12", "model": "forest"}), json!({"rmse": 0.31})),
        run("shallow", "FINISHED", json!({"depth": "3", "model": "forest"}), json!({"rmse": 0.4})),
        run("line", "FAILED", json!({"model": "linear"}), json!({"rmse": "NaN"})),
    ])
}

fn names(table: &RunsTable, args: RunsArgs) -> Vec<String> {
    of_table(table, &args).unwrap().runs.into_iter().map(|run| run.name).collect()
}

#[test]
fn runs_are_chosen_by_what_they_were_given_and_measured() {
    let table = three();
    let chosen = |filter: &str| {
        let mut names = names(&table, RunsArgs { filter: filter.to_owned(), ..RunsArgs::default() });
        names.sort();
        names
    };
    assert_eq!(chosen(""), ["deep", "line", "shallow"]);
    assert_eq!(chosen("params.depth > 4"), ["deep"], "as numbers, although parameters are texts");
    assert_eq!(chosen("params.model = 'forest' and metrics.rmse < 0.35"), ["deep"]);
    assert_eq!(chosen("status != 'FINISHED'"), ["line"]);
    assert_eq!(chosen("params.depth IS NULL"), ["line"]);
    assert_eq!(chosen("metrics.rmse >= 0 or name like 'li%'"), ["deep", "line", "shallow"]);
    assert_eq!(chosen("SHALL"), ["shallow"]);
    assert_eq!(chosen("duration_ms = 60000"), ["deep", "line", "shallow"]);
    let reply =
        of_table(&table, &RunsArgs { filter: "metrics.f1 > 0".to_owned(), ..RunsArgs::default() }).unwrap();
    assert_eq!((reply.matching, reply.unknown), (0, vec!["metrics.f1".to_owned()]));
}

#[test]
fn what_has_no_number_comes_last_whichever_way_is_sorted() {
    let table = three();
    let sorted = |descending| {
        let sort = vec![RunSort { column: "params.depth".to_owned(), descending }];
        names(&table, RunsArgs { sort, ..RunsArgs::default() })
    };
    assert_eq!(sorted(false), ["shallow", "deep", "line"]);
    assert_eq!(sorted(true), ["deep", "shallow", "line"]);
}

#[test]
fn groups_tell_what_their_numbers_come_to() {
    let args = RunsArgs { group_by: Some("params.model".to_owned()), ..RunsArgs::default() };
    let reply = of_table(&three(), &args).unwrap();
    let forest = reply.groups.iter().find(|group| group.value == "forest").unwrap();
    let rmse = forest.totals.iter().find(|total| total.column == "metrics.rmse").unwrap();
    assert_eq!((forest.runs, rmse.count, rmse.min, rmse.max), (2, 2, 0.31, 0.4));
    assert!((rmse.mean - 0.355).abs() < 1e-12);
    assert!(rmse.interval.is_some_and(|(low, high)| low < 0.31 && high > 0.4), "two runs say little");
    let linear = reply.groups.iter().find(|group| group.value == "linear").unwrap();
    assert!(linear.totals.iter().all(|total| total.column != "metrics.rmse"), "NaN has no mean");
}

#[test]
fn the_columns_say_whether_runs_differ_in_them() {
    let reply = of_table(&three(), &RunsArgs::default()).unwrap();
    let column = |key: &str| reply.columns.iter().find(|column| column.key == key).unwrap();
    assert!(
        column("metrics.rmse").numeric && column("params.depth").numeric && !column("params.model").numeric
    );
    assert!(column("params.depth").differs && !column("experiment").differs);
    assert_eq!((column("metrics.rmse").min, column("metrics.rmse").max), (Some(0.31), Some(0.4)));
    assert_eq!(reply.columns[0].key, "name");
    assert!(reply.shown.contains(&"metrics.rmse".to_owned()));
}

proptest! {
    #[test]
    fn a_thinned_series_keeps_its_extremes_and_its_mean(
        values in prop::collection::vec(-1e6_f64..1e6, 2..3_000),
        most in 2_usize..200,
    ) {
        let points: Vec<(f64, f64)> = values.iter().enumerate().map(|(x, value)| (x as f64, *value)).collect();
        let thin = thinned(&points, most);
        prop_assert!(thin.len() <= most.max(1));
        let least = |of: &mut dyn Iterator<Item = f64>| of.fold(f64::INFINITY, f64::min);
        prop_assert_eq!(least(&mut thin.iter().map(|b| b.min)), least(&mut values.iter().copied()));
        prop_assert_eq!(least(&mut thin.iter().map(|b| -b.max)), least(&mut values.iter().map(|v| -v)));
        prop_assert!(thin.windows(2).all(|pair| pair[0].x < pair[1].x));
        prop_assert!(thin.iter().all(|b| b.min - 1e-6 <= b.mean && b.mean <= b.max + 1e-6));
    }

    #[test]
    fn sorting_is_the_same_whatever_order_runs_came_in(depths in prop::collection::vec(prop::option::of(0_u8..5), 1..12)) {
        let records: Vec<Record> = depths
            .iter()
            .enumerate()
            .map(|(at, depth)| {
                let params = depth.map_or(json!({}), |depth| json!({"depth": depth.to_string()}));
                run(&format!("r{at:02}"), "FINISHED", params, json!({}))
            })
            .collect();
        let shown = |records: Vec<Record>| {
            let sort = ["params.depth", "name"].map(|column| RunSort { column: column.to_owned(), descending: false });
            names(&table(records), RunsArgs { sort: sort.to_vec(), ..RunsArgs::default() })
        };
        let reversed: Vec<Record> = records.iter().rev().cloned().collect();
        prop_assert_eq!(shown(records), shown(reversed));
    }
}
