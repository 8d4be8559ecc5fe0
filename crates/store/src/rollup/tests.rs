use catena_model::{
    kind::Kind,
    name::QualifiedName,
    span::{SpanId, Usage},
    statement::Thing,
    time::Timestamp,
    work::Mark,
};
use proptest::prelude::*;

use super::*;
use crate::table;

const HOUR_1: i64 = 1_000 * HOUR;

fn catalog() -> Connection {
    let db = Connection::open_in_memory().unwrap();
    db.execute_batch(
        "CREATE TABLE entity (ix INTEGER PRIMARY KEY) STRICT; INSERT INTO entity VALUES (1), (2), (3), (4);",
    )
    .unwrap();
    db.execute_batch(table::work::CREATE).unwrap();
    db.execute_batch(table::rollup::CREATE).unwrap();
    db
}

fn work(part: u128) -> Work {
    Work::new(Thing::new(Kind::Trace, QualifiedName::new("trace", "t").unwrap()), SpanId(part))
}

/// A call as it starts and as it ends: two tellings of one.
fn tellings(part: u128, start: i64, took: i64) -> [Work; 2] {
    let (mut started, mut ended) = (work(part), work(part));
    started.start = Some(start);
    (ended.start, ended.end, ended.status) = (Some(start), Some(start + took), SpanStatus::Error);
    ended.usage = Usage { input_tokens: Some(3), output_tokens: Some(5), cost: Some(0.001) };
    ended.scores.insert("ok".to_owned(), Mark { at: Timestamp::from_micros(1), value: 0.5 });
    [started, ended]
}

fn state(db: &Connection) -> String {
    let hours: Vec<_> = (1..=4).map(|ix| rollup::hours(db, ix, i64::MIN, i64::MAX).unwrap()).collect();
    let pairs: Vec<_> = (1..=4).map(|ix| rollup::callers(db, ix, i64::MIN, i64::MAX).unwrap()).collect();
    format!("{hours:?} {pairs:?}")
}

#[test]
fn a_call_that_ends_later_corrects_its_hour() {
    let db = catalog();
    let roles = [(Role::Called, 2), (Role::Caller, 3), (Role::Spent, 3), (Role::Spent, 2)];
    let [started, ended] = tellings(7, HOUR_1, 2_000_000_000);
    for (told, new) in
        [(&started, true), (&started, false), (&ended, true), (&ended, false), (&started, false)]
    {
        let mut pending = Pending::default();
        assert_eq!(pending.take(&db, 1, told, roles).unwrap(), new);
        pending.flush(&db).unwrap();
    }
    let [(1_000, bucket)] = &rollup::hours(&db, 2, 0, 2_000).unwrap()[..] else { panic!("one hour") };
    assert_eq!((bucket.calls, bucket.errors, bucket.input_tokens, bucket.cost), (1, 1, 3, 1_000_000));
    assert!((bucket.quantile(0.5).unwrap() / 2_000.0 - 1.0).abs() < 0.011);
    assert_eq!(bucket.scores["ok"], ScoreSum { count: 1, millionths: 500_000 });
    let [(1_000, spent)] = &rollup::hours(&db, 3, 0, 2_000).unwrap()[..] else { panic!("one hour") };
    assert_eq!((spent.calls, spent.output_tokens), (0, 5));
    let day = 1_000 / 24;
    assert_eq!(rollup::callers(&db, 2, day, day + 1).unwrap(), [(3, PairCount { calls: 1, errors: 1 })]);
    assert_eq!(rollup::called(&db, 3, day, day + 1).unwrap().len(), 1);
    set_gone(&db, 1, true).unwrap();
    assert_eq!(rollup::hours(&db, 2, 0, 2_000).unwrap(), []);
    set_gone(&db, 1, false).unwrap();
    assert_eq!(rollup::hours(&db, 2, 0, 2_000).unwrap().len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn repeated_late_and_shuffled_work_comes_to_the_same_hours(
        calls in prop::collection::vec((0..6_u128, -5..5_i64, 0..4_000_000_000_i64), 1..12),
        order in prop::collection::vec(any::<prop::sample::Index>(), 40),
    ) {
        let told: Vec<Work> = calls
            .iter()
            .flat_map(|(part, hours, took)| tellings(*part, HOUR_1 + hours * HOUR + took, *took))
            .collect();
        let roles = |work: &Work| [(Role::Called, 2 + (work.part.0 % 2) as i64), (Role::Caller, 4), (Role::Read, 1)];
        let (in_order, shuffled) = (catalog(), catalog());
        let mut pending = Pending::default();
        for work in &told {
            pending.take(&in_order, 1, work, roles(work)).unwrap();
        }
        pending.flush(&in_order).unwrap();
        for work in order.iter().map(|index| index.get(&told)).chain(told.iter().rev()) {
            let mut pending = Pending::default();
            pending.take(&shuffled, 1, work, roles(work)).unwrap();
            pending.flush(&shuffled).unwrap();
        }
        prop_assert_eq!(state(&in_order), state(&shuffled));
    }
}
