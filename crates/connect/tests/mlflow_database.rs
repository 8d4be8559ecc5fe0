//! Reading `mlflow.db`: in full, in pieces, of older layouts, locked, damaged, and what is none.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper of a test may fail it")]

mod support;

use std::{
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use catena_connect::{
    cancel::Cancel,
    connector::{Connector, Cursor, Done, ReadError, Sink},
    mlflow::{Database, database::DatabaseError},
    registry::{Address, Settings, System},
};
use catena_model::{point::Point, statement::Read};
use rusqlite::Connection;
use support::{Kept, Stored, settings};

/// What a real server wrote.
fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/mlflow/mlflow.db")
}

struct Copy {
    folder: tempfile::TempDir,
    path: PathBuf,
}

/// The fixture, changed by some SQL.
fn changed(sql: &str) -> Copy {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mlflow.db");
    fs::copy(fixture(), &path).unwrap();
    Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    Copy { folder, path }
}

/// A new database with only this in it.
fn made(sql: &str) -> Copy {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mlflow.db");
    Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    Copy { folder, path }
}

async fn read_from(
    path: &Path,
    settings: Settings,
    from: Option<&Cursor>,
    kept: &mut Kept,
) -> Result<Done, ReadError> {
    Database::new(path, settings)?.read(from, kept, &Cancel::new()).await
}

async fn read(path: &Path) -> (Kept, Done) {
    let mut kept = Kept::default();
    let done = read_from(path, settings().0, None, &mut kept).await.unwrap();
    (kept, done)
}

async fn failure(path: &Path) -> String {
    read_from(path, settings().0, None, &mut Kept::default()).await.expect_err("it can't be read").to_string()
}

fn count(path: &Path, sql: &str) -> usize {
    Connection::open(path).unwrap().query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap() as usize
}

#[tokio::test]
async fn what_a_real_server_wrote_is_read_whole() {
    let copy = changed("");
    let (kept, done) = read(&copy.path).await;
    assert_eq!(done, Done::default());
    assert_eq!(kept.rejections(), Vec::<String>::new());
    let of = |start: &str| {
        let mut places = kept.places();
        places.retain(|place| place.starts_with(start) && !place.contains(", metric"));
        places.len()
    };
    let rows = |table: &str| count(&copy.path, &format!("SELECT count(*) FROM {table}"));
    assert_eq!(of("experiment "), rows("experiments"));
    assert_eq!(of("run "), rows("runs"));
    assert_eq!(of("logged model "), rows("logged_models"));
    assert_eq!(of("registered model ") + of("prompt describe-penguin"), rows("registered_models") + 2);
    assert_eq!(of("model ") + of("prompt describe-penguin, version"), rows("model_versions"));
    let said = kept.said().join("\n");
    for told in
        ["champion", "TrainedOn", "zoo.main.penguins", "zoo guide", "Tells the three species", "diverged"]
    {
        assert!(said.contains(told), "{told} is not in\n{said}");
    }
    let run = "(SELECT run_uuid FROM runs WHERE name = 'small network')";
    let id: String = Connection::open(&copy.path)
        .unwrap()
        .query_row(&format!("SELECT {run}"), [], |row| row.get(0))
        .unwrap();
    let losses = kept.points(&id, "val_loss");
    assert_eq!(
        losses.len(),
        count(
            &copy.path,
            &format!("SELECT count(*) FROM metrics WHERE key = 'val_loss' AND run_uuid = {run}")
        )
    );
    assert!(losses.is_sorted_by_key(|point| point.step));
    let diverged: String = Connection::open(&copy.path)
        .unwrap()
        .query_row("SELECT run_uuid FROM runs WHERE name = 'diverged'", [], |row| row.get(0))
        .unwrap();
    assert!(kept.points(&diverged, "loss").iter().any(|point| point.value.is_nan()));
}

#[tokio::test]
async fn a_folder_a_url_of_sqlalchemy_and_the_file_are_one_store() {
    let copy = changed("");
    let (whole, _) = read(&copy.path).await;
    let system = System::by_key("mlflow").unwrap();
    for address in [copy.folder.path().display().to_string(), format!("sqlite:///{}", copy.path.display())] {
        let connector = system.open(&Address::parse(&address), settings().0).unwrap();
        let mut kept = Kept::default();
        connector.read(None, &mut kept, &Cancel::new()).await.unwrap();
        assert_eq!(kept.said(), whole.said(), "{address}");
        let probe = connector.probe(&Cancel::new()).await.unwrap();
        assert!(probe.namespace.starts_with("mlflow://store-2026"), "{probe:?}");
        assert!(probe.version.unwrap().starts_with("3.17"));
    }
}

#[tokio::test]
async fn stopped_after_any_portion_it_goes_on_from_there() {
    let copy = changed("");
    let (whole, _) = read(&copy.path).await;
    for stop_after in 1..whole.cursors.len() {
        let mut kept = Kept { stop_after: Some(stop_after), ..Kept::default() };
        assert!(read_from(&copy.path, settings().0, None, &mut kept).await.unwrap().stopped);
        kept.stop_after = None;
        let cursor = kept.cursors.last().cloned();
        read_from(&copy.path, settings().0, cursor.as_ref(), &mut kept).await.unwrap();
        assert_eq!(kept.said(), whole.said(), "stopped after {stop_after}");
        assert_eq!(kept.reads.len(), whole.reads.len(), "nothing twice");
    }
}

#[tokio::test]
async fn a_long_history_is_never_held_whole() {
    let copy = changed(
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 129999)
         INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan)
         SELECT 'long', i * 0.5, 1795000000000 + i, (SELECT run_uuid FROM runs WHERE name = 'sweep'), i, 0 FROM n",
    );
    let (kept, _) = read(&copy.path).await;
    assert!(kept.largest <= 50_000, "{}", kept.largest);
    let run: String = Connection::open(&copy.path)
        .unwrap()
        .query_row("SELECT run_uuid FROM runs WHERE name = 'sweep'", [], |row| row.get(0))
        .unwrap();
    let points = kept.points(&run, "long");
    assert_eq!(points.len(), 130_000);
    assert_eq!(points[129_999], Point { step: 129_999, at_millis: 1_795_000_129_999, value: 64_999.5 });
    // All of it is stored: the next reading leaves it out.
    let known = Stored([((format!("runs/{run}"), "long".to_owned()), points[129_999])].into());
    let settings = Settings { known: std::sync::Arc::new(known), ..settings().0 };
    Connection::open(&copy.path)
        .unwrap()
        .execute_batch(&format!(
            "INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid)
             VALUES ('long', 64999.5, 1795000129999, 129999, 0, '{run}')"
        ))
        .unwrap();
    let mut again = Kept::default();
    read_from(&copy.path, settings, None, &mut again).await.unwrap();
    assert_eq!(again.points(&run, "long"), []);
    assert_eq!(again.reads.len(), kept.reads.len() - 3);
}

#[tokio::test]
async fn histories_are_the_same_with_and_without_an_index_of_them() {
    let (with, _) = read(&changed("").path).await;
    let (without, _) = read(&changed("DROP INDEX index_metrics_run_uuid").path).await;
    assert_eq!(with.said(), without.said());
    let records = |kept: &Kept| kept.places().iter().filter(|place| place.contains(", metric ")).count();
    assert!(records(&with) <= records(&without));
}

#[tokio::test]
async fn an_older_layout_is_read_as_far_as_it_goes_and_the_rest_is_noted() {
    // MLflow 1.x: no model registry's aliases, no datasets, no logged models, no times of experiments, no run names.
    let copy = made(
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL);
         INSERT INTO alembic_version VALUES ('c48cb773bb87');
         CREATE TABLE experiments (experiment_id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(256), artifact_location TEXT, lifecycle_stage VARCHAR(32));
         INSERT INTO experiments VALUES (0, 'Default', './mlruns/0', 'active');
         CREATE TABLE experiment_tags (key VARCHAR(250), value VARCHAR(5000), experiment_id INTEGER);
         CREATE TABLE runs (run_uuid VARCHAR(32) NOT NULL PRIMARY KEY, name VARCHAR(250), status VARCHAR(20), start_time BIGINT, end_time BIGINT, lifecycle_stage VARCHAR(20), artifact_uri VARCHAR(200), experiment_id INTEGER);
         INSERT INTO runs VALUES ('0123abcd', '', 'FINISHED', 1577836800000, 1577836860000, 'active', './a', 0);
         CREATE TABLE params (key VARCHAR(250), value VARCHAR(250), run_uuid VARCHAR(32));
         INSERT INTO params VALUES ('alpha', '0.5', '0123abcd');
         CREATE TABLE tags (key VARCHAR(250), value VARCHAR(5000), run_uuid VARCHAR(32));
         INSERT INTO tags VALUES ('mlflow.runName', 'the first', '0123abcd');
         CREATE TABLE metrics (key VARCHAR(250), value FLOAT NOT NULL, timestamp BIGINT NOT NULL, run_uuid VARCHAR(32), step BIGINT NOT NULL DEFAULT 0);
         INSERT INTO metrics VALUES ('rmse', 0.7, 1577836810000, '0123abcd', 0), ('rmse', 0.6, 1577836820000, '0123abcd', 1);",
    );
    let (kept, done) = read(&copy.path).await;
    assert_eq!(kept.rejections(), Vec::<String>::new());
    let noted: Vec<&str> = done.notes.iter().map(|note| note.place.as_str()).collect();
    assert_eq!(
        noted,
        ["datasets of runs", "logged models", "registered models", "aliases of model versions"]
    );
    assert!(done.notes[1].why.contains("older than MLflow 3"));
    assert_eq!(kept.points("0123abcd", "rmse").len(), 2);
    let said = kept.said().join("\n");
    assert!(said.contains("the first") && said.contains("alpha"), "{said}");
    // No time to name it by: the file's name and path do.
    assert!(said.contains("mlflow://mlflow-"), "{said}");
}

#[tokio::test]
async fn what_is_no_database_of_mlflow_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mlflow.db");
    fs::write(&path, "a,b,c\n1,2,3\n").unwrap();
    let error = failure(&path).await;
    assert!(
        error.contains("is not a SQLite database (it begins with \"a,b,c") && error.contains("mlflow.db"),
        "{error}"
    );
    fs::write(&path, [0x80, 0x04, 0x95, 0, 0, 0]).unwrap();
    assert!(failure(&path).await.contains("it begins with 80 04 95 00"));
    fs::write(&path, "").unwrap();
    assert!(failure(&path).await.contains("not one of MLflow's: it has no table \"experiments\""));
    let copy =
        made("CREATE TABLE experiments (experiment_id INTEGER); CREATE VIEW runs AS SELECT 1 AS run_uuid;");
    assert!(failure(&copy.path).await.contains("it has no table \"runs\""));
    let missing = folder.path().join("nowhere.db");
    assert!(failure(&missing).await.contains("does not exist"));
    fs::create_dir_all(folder.path().join("mlruns/0")).unwrap();
    fs::write(folder.path().join("mlruns/0/meta.yaml"), "name: Default\n").unwrap();
    fs::remove_file(&path).unwrap();
    assert!(failure(folder.path()).await.contains("keeps its runs as files"));
}

#[tokio::test]
async fn one_that_is_locked_is_said_to_be_and_left_as_it_is() {
    let copy = changed("");
    let writer = Connection::open(&copy.path).unwrap();
    writer.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let error = failure(&copy.path).await;
    assert!(error.contains("is locked by another program: try again"), "{error}");
    writer.execute_batch("ROLLBACK").unwrap();
    read(&copy.path).await;
}

#[tokio::test]
async fn a_server_can_write_while_its_database_is_read() {
    let copy = changed("");
    struct Writer(Connection, Vec<rusqlite::Result<usize>>);
    impl Sink for Writer {
        fn take(&mut self, _: Vec<Read>, _: Cursor) -> ControlFlow<()> {
            self.1.push(self.0.execute("UPDATE runs SET user_id = 'ann'", []));
            ControlFlow::Continue(())
        }
    }
    let mut writer = Writer(Connection::open(&copy.path).unwrap(), Vec::new());
    let database = Database::new(&copy.path, settings().0).unwrap();
    database.read(None, &mut writer, &Cancel::new()).await.unwrap();
    assert!(writer.1.len() > 3);
    assert!(writer.1.iter().all(|written| *written == Ok(9)), "{:?}", writer.1);
}

#[tokio::test]
async fn one_in_wal_mode_is_read_also_where_no_file_can_be_made_beside_it() {
    let wal = "PRAGMA journal_mode = WAL; UPDATE runs SET user_id = 'ann'; PRAGMA wal_checkpoint(TRUNCATE);";
    let copy = changed(wal);
    let beside = |suffix: &str| copy.folder.path().join(format!("mlflow.db{suffix}"));
    for suffix in ["-wal", "-shm"] {
        let _ = fs::remove_file(beside(suffix));
    }
    let before = fs::read(&copy.path).unwrap();
    let (free, _) = read(&copy.path).await;
    // SQLite can't make its index of the log where a folder of that name is.
    let _ = fs::remove_file(beside("-wal"));
    let _ = fs::remove_file(beside("-shm"));
    fs::create_dir(beside("-shm")).unwrap();
    let (bound, _) = read(&copy.path).await;
    assert_eq!(bound.said(), free.said());
    assert_eq!(fs::read(&copy.path).unwrap(), before, "reading changes nothing");
    // With changes left in the log, the file alone would be an older state.
    fs::write(beside("-wal"), [7; 4_096]).unwrap();
    let error = failure(&copy.path).await;
    let said = ["can't be opened", "in the middle of a change", "is locked by another program"];
    assert!(said.iter().any(|said| error.contains(said)), "{error}");
}

#[tokio::test]
async fn damage_is_said_and_what_was_read_before_it_stays() {
    let copy = changed("");
    let mut bytes = fs::read(&copy.path).unwrap();
    let size = bytes.len();
    // The schema stays, the tables' pages go.
    for byte in &mut bytes[size / 2..] {
        *byte = 0xa5;
    }
    fs::write(&copy.path, bytes).unwrap();
    let error = failure(&copy.path).await;
    assert!(error.contains("is damaged") && error.contains("mlflow.db"), "{error}");
}

#[tokio::test]
async fn values_of_the_wrong_type_do_no_harm() {
    let copy = changed(
        "UPDATE runs SET start_time = 'soon', end_time = x'00ff', user_id = 7, name = x'ff00' WHERE rowid % 2 = 0;
         UPDATE params SET value = 3.5;
         UPDATE metrics SET value = 'a lot', timestamp = 'then' WHERE rowid % 3 = 0;
         UPDATE model_versions SET version = version, source = NULL;",
    );
    let (kept, _) = read(&copy.path).await;
    let mut runs = kept.places();
    runs.retain(|place| place.starts_with("run ") && !place.contains("metric"));
    assert_eq!(runs.len() + kept.rejections().len(), count(&copy.path, "SELECT count(*) FROM runs"));
}

#[tokio::test]
async fn deleted_versions_and_other_workspaces_are_left_out() {
    let copy = changed(
        "INSERT INTO registered_models (name, workspace) VALUES ('penguin-species', 'other'), ('theirs', 'other');
         INSERT INTO model_versions (name, version, current_stage, workspace) VALUES ('theirs', 1, 'None', 'other');
         UPDATE model_versions SET current_stage = 'Deleted_Internal' WHERE name = 'penguin-species' AND version = 1;
         UPDATE logged_models SET lifecycle_stage = 'deleted'
         WHERE model_id = (SELECT min(model_id) FROM logged_models);",
    );
    let (kept, done) = read(&copy.path).await;
    let places = kept.places();
    assert!(!places.iter().any(|place| place.contains("theirs")), "{places:?}");
    assert!(
        !places.contains(&"model penguin-species, version 1")
            && places.contains(&"model penguin-species, version 2")
    );
    let models = places.iter().filter(|place| place.starts_with("logged model")).count();
    assert_eq!(models, count(&copy.path, "SELECT count(*) - 1 FROM logged_models"));
    assert_eq!(done.notes.len(), 1);
    assert!(done.notes[0].why.starts_with("2 are in other workspaces"), "{:?}", done.notes);
}

#[tokio::test]
async fn stopping_ends_it() {
    let copy = changed("");
    let database = Database::new(&copy.path, settings().0).unwrap();
    let cancel = Cancel::new();
    cancel.cancel();
    let error = database.read(None, &mut Kept::default(), &cancel).await.unwrap_err();
    assert!(error.is_cancelled(), "{error:?}");
    assert!(matches!(error, ReadError::Cancelled | ReadError::Database(DatabaseError::Cancelled)));
}

#[tokio::test]
async fn a_cursor_of_a_server_is_refused() {
    let copy = changed("");
    let cursor = Cursor(r#"{"stage":"experiments","token":null}"#.to_owned());
    let error = read_from(&copy.path, settings().0, Some(&cursor), &mut Kept::default()).await.unwrap_err();
    assert!(matches!(error, ReadError::BadCursor(_)), "{error:?}");
}
