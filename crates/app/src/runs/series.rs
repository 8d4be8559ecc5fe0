//! Metrics over time, thinned to what a screen can show.
//!
//! The answer is bytes: the length of a JSON header (u32, little-endian), the header padded with spaces to a multiple
//! of 8 bytes with its length, then numbers (f64, little-endian): for each series its x, means, least and greatest
//! values, one behind the other.

use catena_model::{id::EntityId, point::Point};
use catena_store::table::series as stored;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{App, AppError};

/// Which series.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RunSeriesArgs {
    /// Of which runs.
    pub runs: Vec<EntityId>,
    /// Which metrics; empty for all.
    #[serde(default)]
    pub metrics: Vec<String>,
    /// What the points are laid along.
    #[serde(default)]
    pub axis: SeriesAxis,
    /// How many points a series has at the most, 1,000 where it isn't said.
    #[serde(default)]
    pub most: Option<usize>,
}

/// What points are laid along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SeriesAxis {
    /// The step.
    #[default]
    Step,
    /// The reporter's clock, in milliseconds since the epoch.
    Time,
    /// Milliseconds since the series' first point.
    Relative,
}

/// The most series in one answer.
const MOST_SERIES: usize = 2_000;
/// Points of a series where it isn't said.
const POINTS: usize = 1_000;

#[derive(Serialize)]
struct Head {
    run: EntityId,
    metric: String,
    /// How many points the series has in the catalog.
    count: u64,
    /// How many of them were not finite and are left out.
    not_finite: usize,
    /// How many are given.
    points: usize,
}

/// A bucket of points that lie close together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bucket {
    pub(super) x: f64,
    pub(super) mean: f64,
    pub(super) min: f64,
    pub(super) max: f64,
}

/// The histories of metrics of some runs.
pub fn series(app: &App, args: RunSeriesArgs) -> Result<Vec<u8>, AppError> {
    let session = app.session()?;
    let most = args.most.unwrap_or(POINTS).clamp(2, 100_000);
    let found = session.catalog.read(|reader| {
        let mut found: Vec<(Head, Vec<Bucket>)> = Vec::new();
        for id in &args.runs {
            let head = reader.entity(*id)?;
            for row in reader.series(head.ix)? {
                if found.len() >= MOST_SERIES {
                    break;
                }
                if !args.metrics.is_empty() && !args.metrics.contains(&row.metric) {
                    continue;
                }
                let points = stored::points(reader.db(), row.ix)?;
                let (laid, not_finite) = laid(&points, args.axis);
                let thin = thinned(&laid, most);
                let told =
                    Head { run: *id, metric: row.metric, count: row.count, not_finite, points: thin.len() };
                found.push((told, thin));
            }
        }
        Ok(found)
    })?;
    encode(&found)
}

/// The points by what they are laid along, and how many have no finite value.
fn laid(points: &[Point], axis: SeriesAxis) -> (Vec<(f64, f64)>, usize) {
    let first = points.iter().map(|point| point.at_millis).min().unwrap_or(0);
    let mut laid: Vec<(f64, f64)> = points
        .iter()
        .filter(|point| point.value.is_finite())
        .map(|point| {
            let x = match axis {
                SeriesAxis::Step => point.step as f64,
                SeriesAxis::Time => point.at_millis as f64,
                SeriesAxis::Relative => (point.at_millis.wrapping_sub(first)) as f64,
            };
            (x, point.value)
        })
        .collect();
    if axis != SeriesAxis::Step {
        laid.sort_by(|a, b| a.0.total_cmp(&b.0));
    }
    let left_out = points.len() - laid.len();
    (laid, left_out)
}

/// At most `most` buckets of equal width; no spike is lost, since each keeps its least and greatest value.
pub(super) fn thinned(points: &[(f64, f64)], most: usize) -> Vec<Bucket> {
    if points.len() <= most {
        return points.iter().map(|&(x, value)| Bucket { x, mean: value, min: value, max: value }).collect();
    }
    let (Some((first, _)), Some((last, _))) = (points.first(), points.last()) else { return Vec::new() };
    let width = (last - first).max(f64::MIN_POSITIVE);
    let place = |x: f64| (((x - first) / width * most as f64) as usize).min(most - 1);
    let mut buckets = Vec::with_capacity(most);
    for together in points.chunk_by(|a, b| place(a.0) == place(b.0)) {
        let count = together.len() as f64;
        let sum = |of: fn(&(f64, f64)) -> f64| together.iter().map(|point| of(point) / count).sum::<f64>();
        buckets.push(Bucket {
            x: sum(|point| point.0),
            mean: sum(|point| point.1),
            min: together.iter().map(|point| point.1).fold(f64::INFINITY, f64::min),
            max: together.iter().map(|point| point.1).fold(f64::NEG_INFINITY, f64::max),
        });
    }
    buckets
}

fn encode(found: &[(Head, Vec<Bucket>)]) -> Result<Vec<u8>, AppError> {
    let heads: Vec<&Head> = found.iter().map(|(head, _)| head).collect();
    let mut header = serde_json::to_vec(&heads)
        .map_err(|error| AppError::new(crate::error::Trouble::Failed, error.to_string()))?;
    // Numbers begin where a typed array can lie.
    while !(header.len() + 4).is_multiple_of(8) {
        header.push(b' ');
    }
    let points: usize = found.iter().map(|(_, buckets)| buckets.len()).sum();
    let mut bytes = Vec::with_capacity(4 + header.len() + points * 32);
    bytes.extend(u32::try_from(header.len()).unwrap_or(u32::MAX).to_le_bytes());
    bytes.extend(header);
    for (_, buckets) in found {
        for of in [|b: &Bucket| b.x, |b: &Bucket| b.mean, |b: &Bucket| b.min, |b: &Bucket| b.max] {
            bytes.extend(buckets.iter().flat_map(|bucket| of(bucket).to_le_bytes()));
        }
    }
    Ok(bytes)
}
