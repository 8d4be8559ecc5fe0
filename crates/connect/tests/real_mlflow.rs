//! Against a real MLflow server and the file that it serves. Ignored unless asked for, since it needs both:
//!
//! ```text
//! python tests/systems/mlflow_server.py tests/fixtures/mlflow/mlflow.db     # prints the address
//! CATENA_TEST_MLFLOW=http://127.0.0.1:PORT cargo test -p catena-connect --test real_mlflow -- --ignored
//! ```
//!
//! `CATENA_TEST_MLFLOW_DB` names the file, when it is another one than the fixture.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper of a test may fail it")]

mod support;

use std::path::{Path, PathBuf};

use catena_connect::{
    cancel::Cancel,
    connector::Done,
    registry::{Address, Settings, System},
};
use support::{Kept, settings};

fn server() -> String {
    std::env::var("CATENA_TEST_MLFLOW").expect("CATENA_TEST_MLFLOW is the address of an MLflow server")
}

fn file() -> PathBuf {
    let fixture = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/mlflow/mlflow.db");
    std::env::var_os("CATENA_TEST_MLFLOW_DB").map_or_else(fixture, PathBuf::from)
}

async fn read(address: &Address) -> (Kept, Done) {
    let patient = Settings::new(settings().0.clock);
    let connector = System::by_key("mlflow").unwrap().open(address, patient).unwrap();
    let mut kept = Kept::default();
    let done = connector.read(None, &mut kept, &Cancel::new()).await.unwrap();
    (kept, Done { next: None, ..done })
}

#[tokio::test]
#[ignore = "needs a real MLflow server"]
async fn the_server_and_its_file_say_the_same() {
    let (rest, by_rest) = read(&Address::parse(&server())).await;
    let (database, by_file) = read(&Address::Path(file())).await;
    assert_eq!((by_rest, by_file), (Done::default(), Done::default()));
    assert_eq!(rest.rejections(), Vec::<String>::new());
    let (rest, database) = (rest.said(), database.said());
    let only = |here: &[String], there: &[String]| -> Vec<String> {
        here.iter().filter(|said| there.binary_search(said).is_err()).take(20).cloned().collect()
    };
    assert_eq!(only(&rest, &database), Vec::<String>::new(), "only the server says this");
    assert_eq!(only(&database, &rest), Vec::<String>::new(), "only the file says this");
    assert!(rest.len() > 100, "{}", rest.len());
}
