//! What an MLflow is called here.
//!
//! MLflow has no name of its own, and one store is reached in several ways: by host name, by address, through a
//! forwarded port, as the file `mlflow.db`. Names made from the way would make one run several entities. But every
//! store begins with the experiment 0, `Default`, and both the server and the file tell the millisecond in which it
//! was made: that is the store's name, `mlflow://store-20261124-123209-932`. A copy of a store is the same store.
//!
//! Where that time is not known (stores from before MLflow 1.28, a `Default` that was purged or may not be seen), the
//! name is the server's `mlflow://host:port` or the file's `mlflow://mlflow-1a2b3c4d`, of its name and a digest of
//! its path. Whoever calls may give another one.

use std::path::Path;

use catena_ingest::mlflow::rest::Experiment;
use catena_model::{name::QualifiedName, time::Timestamp};
use sha2::{Digest, Sha256};

use crate::{connector::ReadError, http::Endpoint};

/// The experiment that every store begins with.
pub(super) const FIRST_EXPERIMENT: &str = "0";

/// The namespace of a store: the one given, or by the time at which it was made, or else `way`.
pub(super) fn namespace(
    given: Option<&str>,
    first: Option<&Experiment>,
    way: impl FnOnce() -> String,
) -> Result<String, ReadError> {
    match given {
        Some(given) => check(given),
        None => Ok(first.and_then(|first| first.creation_time).and_then(born).unwrap_or_else(way)),
    }
}

/// The namespace of a server by its address.
pub(super) fn of_server(endpoint: &Endpoint) -> String {
    format!("mlflow://{}", endpoint.authority())
}

/// The namespace of a file by its path.
pub(super) fn of_file(path: &Path) -> String {
    let digest = Sha256::digest(path.as_os_str().as_encoded_bytes());
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let plain: String =
        stem.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect();
    let short: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    format!("mlflow://{plain}-{short}")
}

fn born(millis: i64) -> Option<String> {
    if millis <= 0 {
        return None;
    }
    // 2026-11-24T12:32:09.932Z, by its digits.
    let text = Timestamp::from_millis(millis / 1_000 * 1_000).to_string();
    let (day, time) = text.split_once('T')?;
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    Some(format!("mlflow://store-{}-{}-{:03}", digits(day), digits(time), millis % 1_000))
}

fn check(given: &str) -> Result<String, ReadError> {
    let bad = |why: String| ReadError::BadNamespace { namespace: given.to_owned(), why };
    let namespace = QualifiedName::new(given, "x").map_err(|error| bad(error.to_string()))?.namespace;
    if namespace.ends_with('*') {
        return Err(bad("it must say which MLflow it is, such as mlflow://team".to_owned()));
    }
    Ok(if namespace.contains("://") { namespace } else { format!("mlflow://{namespace}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(creation_time: Option<i64>) -> Experiment {
        Experiment { experiment_id: "0".into(), creation_time, ..Experiment::default() }
    }

    fn name(given: Option<&str>, made: Option<i64>) -> String {
        namespace(given, Some(&first(made)), || "mlflow://host:5000".to_owned()).unwrap()
    }

    #[test]
    fn a_store_is_called_by_the_moment_at_which_it_was_made() {
        assert_eq!(name(None, Some(1_795_523_529_032)), "mlflow://store-20261124-123209-032");
        assert_eq!(name(None, None), "mlflow://host:5000");
        assert_eq!(name(None, Some(0)), "mlflow://host:5000");
    }

    #[test]
    fn a_given_name_holds_and_is_checked() {
        assert_eq!(name(Some("team"), Some(1)), "mlflow://team");
        assert_eq!(name(Some("mlflow://team"), Some(1)), "mlflow://team");
        assert!(namespace(Some("mlflow://*"), None, String::new).is_err());
        assert!(namespace(Some(" "), None, String::new).is_err());
    }

    #[test]
    fn two_files_of_one_name_are_two_stores() {
        let (a, b) = (of_file(Path::new("/a/my store.db")), of_file(Path::new("/b/my store.db")));
        assert!(a.starts_with("mlflow://my_store-") && a != b, "{a} {b}");
    }
}
