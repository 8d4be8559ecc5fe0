//! What happened with an entity over time: calls, latency, tokens, cost, errors, scores, and who called.

use std::collections::BTreeMap;

use catena_model::time::Timestamp;
use catena_store::{
    Reader, StoreResult,
    read::Side,
    rollup::Bucket,
    table::{entity::EntityRow, rollup::PairCount},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{App, AppError, lookup, named::Named};

/// Which time to look at; all end now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Period {
    /// 24 hours, by hour.
    Day,
    /// 7 days, by hour.
    Week,
    /// 30 days, by day.
    Month,
    /// 90 days, by day.
    Quarter,
    /// Everything, by day or longer.
    All,
}

/// Asks for the activity of an entity.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ActivityArgs {
    /// Its id, or a name that only it has.
    pub id: String,
    /// Which time.
    pub period: Period,
}

/// What was counted in some time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, TS)]
pub struct Counted {
    /// How often it was called or ran.
    #[ts(type = "number")]
    pub calls: i64,
    /// How many of the calls went wrong.
    #[ts(type = "number")]
    pub errors: i64,
    /// How often it was read.
    #[ts(type = "number")]
    pub reads: i64,
    /// Tokens read.
    #[ts(type = "number")]
    pub input_tokens: i64,
    /// Tokens written.
    #[ts(type = "number")]
    pub output_tokens: i64,
    /// Cost in US dollars.
    pub cost: f64,
    /// Half of the calls took at most so many milliseconds.
    pub p50_ms: Option<f64>,
    /// 95 of 100 calls took at most so many milliseconds.
    pub p95_ms: Option<f64>,
}

impl From<&Bucket> for Counted {
    fn from(bucket: &Bucket) -> Self {
        Self {
            calls: bucket.calls,
            errors: bucket.errors,
            reads: bucket.reads,
            input_tokens: bucket.input_tokens,
            output_tokens: bucket.output_tokens,
            cost: bucket.cost as f64 / 1e9,
            p50_ms: bucket.quantile(0.5).map(rounded),
            p95_ms: bucket.quantile(0.95).map(rounded),
        }
    }
}

/// To three figures: the bins tell no more.
fn rounded(millis: f64) -> f64 {
    let figures = 10_f64.powi(2 - millis.max(1e-6).log10().floor() as i32);
    (millis * figures).round() / figures
}

/// A score over some time.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct ScoreCounted {
    /// What was measured.
    pub name: String,
    /// How often.
    #[ts(type = "number")]
    pub count: i64,
    /// Its mean.
    pub mean: f64,
}

fn scores(bucket: &Bucket) -> Vec<ScoreCounted> {
    let scores = bucket.scores.iter().filter(|(_, sum)| sum.count > 0);
    scores
        .map(|(name, sum)| ScoreCounted {
            name: name.clone(),
            count: sum.count,
            mean: sum.millionths as f64 / sum.count as f64 / 1e6,
        })
        .collect()
}

/// What was counted in one step of time.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ActivityPoint {
    /// When the step began.
    pub at: Timestamp,
    /// What was counted in it.
    #[serde(flatten)]
    pub counted: Counted,
    /// Scores that were given in it.
    pub scores: Vec<ScoreCounted>,
}

/// Who called it, or what it called.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ActivityPair {
    /// Who or what.
    pub who: Named,
    /// How often.
    #[ts(type = "number")]
    pub calls: i64,
    /// How often it went wrong.
    #[ts(type = "number")]
    pub errors: i64,
}

/// The activity of an entity over a time.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ActivityView {
    /// When the time began: the beginning of its first step.
    pub from: Timestamp,
    /// When it ends: the end of its last step.
    pub until: Timestamp,
    /// How many milliseconds a step is long.
    #[ts(type = "number")]
    pub step_ms: i64,
    /// All of it.
    pub total: Counted,
    /// All scores.
    pub scores: Vec<ScoreCounted>,
    /// The steps in which anything happened, in order.
    pub points: Vec<ActivityPoint>,
    /// Who called it most.
    pub callers: Vec<ActivityPair>,
    /// How many called it.
    pub callers_total: usize,
    /// What it called most.
    pub called: Vec<ActivityPair>,
    /// How many it called.
    pub called_total: usize,
    /// When anything was ever counted last, to the hour.
    pub last: Option<Timestamp>,
}

/// All that was ever counted of an entity, in short.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ActivitySummary {
    /// When anything was counted first, to the hour.
    pub first: Timestamp,
    /// When anything was counted last, to the hour.
    pub last: Timestamp,
    /// What was counted.
    #[serde(flatten)]
    pub counted: Counted,
    /// Its scores.
    pub scores: Vec<ScoreCounted>,
}

const HOUR_MS: i64 = 3_600_000;
/// The most callers that are named.
const MOST_PAIRS: usize = 50;
/// The most steps of a chart.
const MOST_STEPS: i64 = 400;

fn hour_at(hour: i64) -> Timestamp {
    Timestamp::from_millis(hour.saturating_mul(HOUR_MS))
}

/// What was ever counted of an entity, in short; none when nothing was.
pub(crate) fn summary(reader: &Reader<'_>, head: &EntityRow) -> StoreResult<Option<ActivitySummary>> {
    let hours = reader.counted(head.ix, i64::MIN, i64::MAX)?;
    let (Some((first, _)), Some((last, _))) = (hours.first(), hours.last()) else { return Ok(None) };
    let mut total = Bucket::default();
    hours.iter().for_each(|(_, bucket)| total.add(bucket, 1));
    Ok(Some(ActivitySummary {
        first: hour_at(*first),
        last: hour_at(*last),
        counted: Counted::from(&total),
        scores: scores(&total),
    }))
}

/// The activity of an entity.
pub fn activity(app: &App, args: ActivityArgs) -> Result<ActivityView, AppError> {
    let session = app.session()?;
    let found = lookup::entity(&session, &args.id)?;
    let now = app.now().micros().div_euclid(1_000).div_euclid(HOUR_MS);
    let view = session.catalog.read(|reader| {
        let head = reader.head(found.ix)?;
        view(reader, &head, args.period, now)
    })?;
    Ok(view)
}

fn view(reader: &Reader<'_>, head: &EntityRow, period: Period, now: i64) -> StoreResult<ActivityView> {
    let ends = reader.counted_ends(head.ix)?;
    // Until the end of this hour or day; a clock that is ahead is still seen in the whole.
    let (from, until, step) = match period {
        Period::Day => (now - 23, now + 1, 1),
        Period::Week => (now - 7 * 24 + 1, now + 1, 1),
        Period::Month => days(now, 30),
        Period::Quarter => days(now, 90),
        Period::All => {
            let (first, last) = ends.unwrap_or((now, now));
            let from = first.div_euclid(24) * 24;
            let until = (last.max(from).div_euclid(24) + 1) * 24;
            let days_per_step = ((until - from) / 24).div_euclid(MOST_STEPS) + 1;
            (from, until, 24 * days_per_step)
        }
    };
    let (mut total, mut steps) = (Bucket::default(), BTreeMap::<i64, Bucket>::new());
    for (hour, bucket) in reader.counted(head.ix, from, until)? {
        total.add(&bucket, 1);
        steps.entry((hour - from).div_euclid(step)).or_default().add(&bucket, 1);
    }
    let points = steps.iter().map(|(place, bucket)| ActivityPoint {
        at: hour_at(from + place * step),
        counted: Counted::from(bucket),
        scores: scores(bucket),
    });
    let points = points.collect();
    let day = |hour: i64| hour.div_euclid(24);
    let pairs = |side: Side| -> StoreResult<(Vec<ActivityPair>, usize)> {
        named(reader, reader.pairs(head.ix, side, day(from), day(until - 1) + 1)?)
    };
    let (callers, callers_total) = pairs(Side::Callers)?;
    let (called, called_total) = pairs(Side::Called)?;
    Ok(ActivityView {
        from: hour_at(from),
        until: hour_at(from + (until - from + step - 1).div_euclid(step) * step),
        step_ms: step * HOUR_MS,
        scores: scores(&total),
        total: Counted::from(&total),
        points,
        callers,
        callers_total,
        called,
        called_total,
        last: ends.map(|(_, last)| hour_at(last)),
    })
}

/// Whole days up to today.
fn days(now: i64, count: i64) -> (i64, i64, i64) {
    let until = (now.div_euclid(24) + 1) * 24;
    (until - count * 24, until, 24)
}

/// The ones with the most calls, by name; those that are gone are left out.
fn named(reader: &Reader<'_>, sums: BTreeMap<i64, PairCount>) -> StoreResult<(Vec<ActivityPair>, usize)> {
    let total = sums.len();
    let mut sorted: Vec<_> = sums.into_iter().collect();
    sorted.sort_by_key(|(ix, sum)| (std::cmp::Reverse(sum.calls), *ix));
    let mut pairs = Vec::new();
    for (ix, sum) in sorted.into_iter().take(MOST_PAIRS) {
        match reader.head(ix) {
            Ok(row) => {
                pairs.push(ActivityPair { who: Named::from(&row), calls: sum.calls, errors: sum.errors });
            }
            Err(catena_store::StoreError::NotFound(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok((pairs, total))
}
