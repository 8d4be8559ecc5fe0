//! Runs gathered by a value that they share, with what their numbers come to.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value;
use statrs::distribution::{ContinuousCDF, StudentsT};
use ts_rs::TS;

use super::{column::Cell, table::RunsTable};

/// The runs that share a value.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct RunGroup {
    /// The value; none for the runs that have none.
    #[ts(type = "Json")]
    pub value: Value,
    /// How many runs.
    pub runs: usize,
    /// What the columns with numbers come to, in the order in which they are shown.
    pub totals: Vec<RunGroupTotal>,
}

/// What one column of a group of runs comes to.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct RunGroupTotal {
    /// The column.
    pub column: String,
    /// How many runs have a number there.
    pub count: usize,
    /// Their mean.
    pub mean: f64,
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
    /// The 95 % confidence interval of the mean (Student's t); none for a single run.
    pub interval: Option<(f64, f64)>,
}

/// The most groups that are given, the largest first.
const MOST_GROUPS: usize = 1_000;

pub(super) fn by(table: &RunsTable, column: &str, chosen: &[usize], shown: &[String]) -> Vec<RunGroup> {
    let mut members: HashMap<(u8, u64), Vec<usize>> = HashMap::new();
    for &row in chosen {
        let key = match table.cell(column, row) {
            Cell::Missing => (0, 0),
            Cell::Number(number) => (1, number.to_bits()),
            Cell::Text(word) => (2, u64::from(word)),
        };
        members.entry(key).or_default().push(row);
    }
    let mut groups: Vec<Vec<usize>> = members.into_values().collect();
    groups.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    let value =
        |row: usize| table.columns.get(column).map_or(Value::Null, |column| column.told(row, &table.words));
    groups
        .into_iter()
        .take(MOST_GROUPS)
        .map(|rows| RunGroup {
            value: rows.first().map_or(Value::Null, |row| value(*row)),
            runs: rows.len(),
            totals: shown.iter().filter_map(|key| total(table, key, &rows)).collect(),
        })
        .collect()
}

fn total(table: &RunsTable, key: &str, rows: &[usize]) -> Option<RunGroupTotal> {
    let column = table.columns.get(key)?;
    if matches!(key, "start_time" | "end_time") {
        return None;
    }
    let numbers: Vec<f64> = rows
        .iter()
        .filter_map(|row| column.number(*row, &table.words))
        .filter(|number| number.is_finite())
        .collect();
    let (mean, interval) = mean_and_interval(&numbers)?;
    Some(RunGroupTotal {
        column: key.to_owned(),
        count: numbers.len(),
        mean,
        min: numbers.iter().copied().fold(f64::INFINITY, f64::min),
        max: numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        interval,
    })
}

/// The mean, and the interval that holds the true one in 95 of 100 cases; none without numbers.
pub(super) fn mean_and_interval(numbers: &[f64]) -> Option<(f64, Option<(f64, f64)>)> {
    if numbers.is_empty() {
        return None;
    }
    let count = numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() / count;
    if numbers.len() < 2 {
        return Some((mean, None));
    }
    let variance = numbers.iter().map(|number| (number - mean).powi(2)).sum::<f64>() / (count - 1.0);
    let interval = StudentsT::new(0.0, 1.0, count - 1.0).ok().map(|student| {
        let reach = student.inverse_cdf(0.975) * (variance / count).sqrt();
        (mean - reach, mean + reach)
    });
    Some((mean, interval))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_scipy_s() {
        // scipy.stats.t.interval(0.95, 4, numpy.mean(a), scipy.stats.sem(a)) for a = [0.81, 0.79, 0.84, 0.80, 0.86]
        let (mean, interval) = mean_and_interval(&[0.81, 0.79, 0.84, 0.80, 0.86]).unwrap();
        let (low, high) = interval.unwrap();
        assert!((mean - 0.82).abs() < 1e-12);
        assert!((low - 0.783_799_584_784_562_9).abs() < 1e-12, "{low}");
        assert!((high - 0.856_200_415_215_437_2).abs() < 1e-12, "{high}");
        assert_eq!(mean_and_interval(&[1.5]), Some((1.5, None)));
        assert_eq!(mean_and_interval(&[]), None);
    }
}
