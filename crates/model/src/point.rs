//! Observed numbers over time.

use serde::{Deserialize, Serialize};

/// One value of a metric (MLflow `Metric`). Its identity is all of it: the same point twice is one point.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct Point {
    /// The training step, 0 where the system has none.
    #[ts(type = "number")]
    pub step: i64,
    /// Milliseconds since the epoch, by the reporter's clock.
    #[ts(type = "number")]
    pub at_millis: i64,
    /// The value; NaN and the infinities are values like any other.
    pub value: f64,
}

impl Point {
    /// A total order: by step, then time, then value (NaN last), for storage and for finding repeats.
    pub fn order(&self, other: &Point) -> std::cmp::Ordering {
        self.step
            .cmp(&other.step)
            .then(self.at_millis.cmp(&other.at_millis))
            .then(self.value.total_cmp(&other.value))
    }
}
