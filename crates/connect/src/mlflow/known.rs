//! Which histories need not be read again.

use std::sync::Arc;

use catena_ingest::mlflow::rest::Metric;
use catena_model::{
    kind::Kind,
    name::QualifiedName,
    statement::{Read, Statement, Thing},
};

use crate::connector;

/// What is stored already of one MLflow's metrics.
#[derive(Clone)]
pub(super) struct KnownHistories {
    namespace: String,
    known: Arc<dyn connector::Known>,
}

impl KnownHistories {
    pub(super) fn new(namespace: &str, known: Arc<dyn connector::Known>) -> Self {
        Self { namespace: namespace.to_owned(), known }
    }

    /// Whether all of a metric's history is stored, given the last point that MLflow shows of it.
    ///
    /// Histories are read from their start, so the last point is stored last. A run that goes on may log an earlier
    /// step later, so only the last point of one that has ended tells that nothing is new.
    pub(super) fn has(&self, run: &str, status: Option<&str>, last: &Metric) -> bool {
        if !matches!(status, Some("FINISHED" | "FAILED" | "KILLED")) {
            return false;
        }
        let Ok(name) = QualifiedName::new(&self.namespace, &format!("runs/{run}")) else { return false };
        self.known.last_point(&Thing::new(Kind::Run, name), &last.key).is_some_and(|point| {
            let value = point.value == last.value || (point.value.is_nan() && last.value.is_nan());
            point.step == last.step && point.at_millis == last.timestamp && value
        })
    }
}

/// Takes the points out of what a run says: they come with the histories. Stored before its history, a last point
/// would make the history look as if it were there.
pub(super) fn without_points(read: Read) -> Read {
    read.map(|mut record| {
        record.statements.retain(|statement| !matches!(statement, Statement::Points { .. }));
        record
    })
}
