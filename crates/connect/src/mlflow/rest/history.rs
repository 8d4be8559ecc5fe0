//! The histories of metrics, in as few requests as MLflow allows.
//!
//! A server answers a request in a few milliseconds however small it is, so one request for each metric of each run
//! would take it most of the time. Its user interface asks for one metric of many runs at once; so do we. Such an
//! answer is cut at 25,000 points: what does not fit is asked for by itself, in pages.

use std::collections::{BTreeMap, HashMap, HashSet};

use catena_ingest::mlflow::{
    Mapping,
    rest::{Metric, Run},
};
use catena_model::statement::{Read, Rejection};

use super::{
    api::{Api, MOST_POINTS},
    at_once::at_once,
};
use crate::{
    connector::{Cursor, ReadError},
    handover::{Out, Stop},
    http::HttpError,
    mlflow::known::KnownHistories,
};

/// How many runs are asked for in one request: their ids stand in the address, of which servers take about 4,000
/// characters.
const RUNS_AT_ONCE: usize = 50;

/// How many points are handed over together at least, while there are more to come.
const POINTS_TOGETHER: usize = 50_000;

/// One metric of one run.
#[derive(Debug, Clone)]
struct Wanted {
    run: String,
    key: String,
    step: i64,
    at: i64,
}

/// Fetches histories and knows which of them need not be fetched.
pub(super) struct Histories {
    api: Api,
    mapping: Mapping,
    known: KnownHistories,
    /// Whether the server answers for many runs at once.
    bulk: bool,
}

/// What came of asking for many.
#[derive(Default)]
struct Sorted {
    complete: Vec<(Wanted, Vec<Metric>)>,
    /// Not in the answer, because it was full.
    again: Vec<Wanted>,
    /// Too long to share an answer, or not understood.
    single: Vec<Wanted>,
}

/// What is waiting to be handed over.
struct Gathered<'a> {
    reads: Vec<Read>,
    points: usize,
    out: &'a Out,
    cursor: &'a Cursor,
}

impl Gathered<'_> {
    fn add(&mut self, read: Read, points: usize) {
        self.reads.push(read);
        self.points += points;
    }

    async fn flush(&mut self, at_least: usize) -> Result<(), Stop> {
        if !self.reads.is_empty() && self.points >= at_least {
            self.points = 0;
            self.out.portion(std::mem::take(&mut self.reads), self.cursor.clone()).await?;
        }
        Ok(())
    }
}

impl Histories {
    pub(super) fn new(api: Api, mapping: Mapping, known: KnownHistories) -> Self {
        Self { api, mapping, known, bulk: true }
    }

    /// Hands over the histories of these runs' metrics; `cursor` goes with them.
    pub(super) async fn read(&mut self, runs: &[Run], out: &Out, cursor: &Cursor) -> Result<(), Stop> {
        let mut gathered = Gathered { reads: Vec::new(), points: 0, out, cursor };
        let mut single = Vec::new();
        let mut batches = self.batches(runs, &mut single);
        while self.bulk && !batches.is_empty() {
            let api = &self.api;
            let asked = at_once(std::mem::take(&mut batches), |batch| many(api.clone(), batch)).await;
            for (batch, answer) in asked {
                match answer {
                    Ok(points) => {
                        let sorted = sort_out(batch, points);
                        for (wanted, points) in sorted.complete {
                            let read = self.mapping.metric_history(&wanted.run, &wanted.key, &points);
                            gathered.add(read, points.len());
                        }
                        batches.extend(batched(sorted.again));
                        single.extend(sorted.single);
                    }
                    // An older server, or one that keeps its user interface's requests to itself.
                    Err(HttpError::Refused { status: 400..=499, .. } | HttpError::NotJson { .. }) => {
                        self.bulk = false;
                        single.extend(batch);
                    }
                    Err(
                        HttpError::TooLarge { .. } | HttpError::Refused { .. } | HttpError::Unreadable { .. },
                    ) => {
                        single.extend(batch);
                    }
                    Err(error) => return Err(error.into()),
                }
                gathered.flush(POINTS_TOGETHER).await?;
            }
        }
        single.extend(batches.into_iter().flatten());
        self.singly(single, &mut gathered).await?;
        gathered.flush(0).await
    }

    /// Metrics that are worth asking for, by key, many runs together.
    fn batches(&self, runs: &[Run], single: &mut Vec<Wanted>) -> Vec<Vec<Wanted>> {
        let mut by_key: BTreeMap<&str, Vec<Wanted>> = BTreeMap::new();
        for run in runs {
            let known = |metric: &&Metric| self.known.has(run.info.id(), run.info.status.as_deref(), metric);
            for metric in run.data.metrics.iter().filter(|metric| !known(metric)) {
                let wanted = Wanted {
                    run: run.info.id().to_owned(),
                    key: metric.key.clone(),
                    step: metric.step,
                    at: metric.timestamp,
                };
                // So many steps will not fit an answer that is shared.
                if metric.step >= MOST_POINTS as i64 {
                    single.push(wanted);
                } else {
                    by_key.entry(&metric.key).or_default().push(wanted);
                }
            }
        }
        by_key.into_values().flat_map(batched).collect()
    }

    async fn singly(&self, wanted: Vec<Wanted>, gathered: &mut Gathered<'_>) -> Result<(), Stop> {
        let paged = |wanted: Wanted| {
            let (api, mapping) = (self.api.clone(), self.mapping.clone());
            let (out, cursor) = (gathered.out.clone(), gathered.cursor.clone());
            async move {
                let answer = one(&api, &mapping, &wanted, &out, &cursor).await;
                (wanted, answer)
            }
        };
        // In portions, so that what was read does not pile up behind one long history.
        let mut wanted = wanted.into_iter().peekable();
        while wanted.peek().is_some() {
            let next = wanted.by_ref().take(RUNS_AT_ONCE).collect();
            for (wanted, answer) in at_once(next, &paged).await {
                match answer {
                    Ok((read, points)) => gathered.add(read, points),
                    // One history that can't be had is no reason to leave out the others.
                    Err(Stop::Failed(ReadError::Http(
                        error @ (HttpError::Refused { .. }
                        | HttpError::TooLarge { .. }
                        | HttpError::Endless { .. }
                        | HttpError::Unreadable { .. }),
                    ))) => {
                        let place = format!("run {}, metric {}", wanted.run, wanted.key);
                        gathered.add(Err(Rejection { place, why: error.to_string() }), 0);
                    }
                    Err(stop) => return Err(stop),
                }
            }
            gathered.flush(POINTS_TOGETHER).await?;
        }
        Ok(())
    }
}

fn batched(wanted: Vec<Wanted>) -> Vec<Vec<Wanted>> {
    wanted.chunks(RUNS_AT_ONCE).map(<[Wanted]>::to_vec).collect()
}

async fn many(api: Api, wanted: Vec<Wanted>) -> (Vec<Wanted>, Result<Vec<Metric>, HttpError>) {
    let runs: Vec<&str> = wanted.iter().map(|wanted| wanted.run.as_str()).collect();
    let key = wanted.first().map(|wanted| wanted.key.as_str()).unwrap_or_default();
    let answer = api.histories(&runs, key).await.map(|page| page.items);
    (wanted, answer)
}

/// Takes an answer for many runs apart. A full one is sorted by run and then cut, so the runs before the last in it
/// are complete and those after it are missing.
fn sort_out(wanted: Vec<Wanted>, points: Vec<Metric>) -> Sorted {
    let run = |point: &Metric| point.run_id.clone().unwrap_or_default();
    let is_sorted = points.is_sorted_by(|a, b| a.run_id <= b.run_id);
    let cut = points.last().filter(|_| points.len() >= MOST_POINTS).map(run);
    let mut by_run: HashMap<String, Vec<Metric>> = HashMap::new();
    for point in points {
        by_run.entry(run(&point)).or_default().push(point);
    }
    let mut sorted = Sorted::default();
    for wanted in wanted {
        let points = by_run.remove(&wanted.run).unwrap_or_default();
        match &cut {
            Some(cut) if is_sorted && wanted.run > *cut => sorted.again.push(wanted),
            Some(cut) if !is_sorted || wanted.run == *cut => sorted.single.push(wanted),
            _ if has(&points, &wanted) => sorted.complete.push((wanted, points)),
            _ => sorted.single.push(wanted),
        }
    }
    sorted
}

/// Whether a history has the point that the run's listing showed as the last; it may go on from there.
fn has(points: &[Metric], wanted: &Wanted) -> bool {
    points.iter().any(|point| point.step == wanted.step && point.timestamp == wanted.at)
}

/// Reads a history page by page; all but the last page are handed over at once.
async fn one(
    api: &Api,
    mapping: &Mapping,
    wanted: &Wanted,
    out: &Out,
    cursor: &Cursor,
) -> Result<(Read, usize), Stop> {
    let mut token: Option<String> = None;
    let mut tokens = HashSet::new();
    loop {
        let page = api.history(&wanted.run, &wanted.key, token.as_deref()).await?;
        let read = mapping.metric_history(&wanted.run, &wanted.key, &page.items);
        match page.next {
            None => return Ok((read, page.items.len())),
            Some(next) if tokens.insert(next.clone()) => {
                out.portion(vec![read], cursor.clone()).await?;
                token = Some(next);
            }
            Some(_) => {
                let error =
                    HttpError::Endless { url: api.client.endpoint().origin(), what: "points".to_owned() };
                return Err(error.into());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(runs: &[&str]) -> Vec<Wanted> {
        runs.iter().map(|run| Wanted { run: (*run).into(), key: "loss".into(), step: 0, at: 5 }).collect()
    }

    fn points(runs: &[(&str, usize)]) -> Vec<Metric> {
        let point = |run: &str| Metric { run_id: Some(run.into()), timestamp: 5, ..Metric::default() };
        runs.iter().flat_map(|(run, count)| std::iter::repeat_n(point(run), *count)).collect()
    }

    fn names(wanted: &[Wanted]) -> Vec<&str> {
        wanted.iter().map(|wanted| wanted.run.as_str()).collect()
    }

    fn check(answer: &[(&str, usize)], complete: &[&str], again: &[&str], single: &[&str]) {
        let sorted = sort_out(wanted(&["a", "b", "c", "d"]), points(answer));
        let done: Vec<_> = sorted.complete.iter().map(|(wanted, _)| wanted.run.as_str()).collect();
        assert_eq!(done, complete, "complete");
        assert_eq!(names(&sorted.again), again, "again");
        assert_eq!(names(&sorted.single), single, "single");
    }

    #[test]
    fn an_answer_that_is_not_full_is_complete() {
        check(&[("a", 3), ("b", 1), ("c", 9), ("d", 2)], &["a", "b", "c", "d"], &[], &[]);
    }

    #[test]
    fn of_a_full_answer_only_the_runs_before_the_cut_are_taken() {
        check(&[("a", 3), ("b", MOST_POINTS - 3)], &["a"], &["c", "d"], &["b"]);
        check(&[("a", MOST_POINTS)], &[], &["b", "c", "d"], &["a"]);
    }

    #[test]
    fn a_full_answer_in_another_order_is_not_trusted() {
        check(&[("c", 3), ("a", MOST_POINTS - 3)], &[], &[], &["a", "b", "c", "d"]);
    }

    #[test]
    fn a_run_that_the_answer_leaves_out_is_asked_for_by_itself() {
        check(&[("a", 1), ("c", 1), ("d", 1)], &["a", "c", "d"], &[], &["b"]);
    }
}
