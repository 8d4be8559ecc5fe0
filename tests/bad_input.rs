//! Input and surroundings that are too much: nothing else is lost, and the message says what and where.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::io::{BufReader, Read};

use catena_ingest::openlineage::{Limits, read_events};
use catena_store::StoreError;
use catena_tests::{Scratch, recorded};

/// The most memory that this process has had, in MB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1_024
}

#[test]
fn a_line_of_300_mb_is_one_rejection_and_is_never_held_whole() {
    let good = recorded("openlineage/client.ndjson");
    let lines = String::from_utf8(good.clone()).unwrap().lines().count();
    let before = peak();
    assert!(before > 0 || !cfg!(target_os = "linux"));
    let long = std::io::repeat(b'x').take(300_000_000);
    let input = (&good[..])
        .chain(&b"{\"eventType\":\"START\",\"job\":{\"name\":\""[..])
        .chain(long)
        .chain(&b"\"}}\n"[..])
        .chain(&good[..]);
    let scratch = Scratch::new();
    let reads = read_events(BufReader::with_capacity(1 << 18, input), Limits::default()).collect();
    let tally = scratch.import(reads, 1_000);
    assert_eq!(tally.rejected.len(), 1, "{:?}", tally.rejected);
    let rejection = &tally.rejected[0];
    assert_eq!(rejection.place, format!("line {}", lines + 1));
    assert!(rejection.why.contains("16"), "it says what the limit is: {}", rejection.why);
    assert!(tally.created() > 0);
    assert_eq!(tally.records as usize, 2 * lines + 1, "the lines behind it are read too");
    assert!(peak() - before < 100, "{} MB more than before", peak() - before);
    assert_eq!(scratch.problems(), []);
}

#[test]
fn on_a_full_disk_the_error_says_so_and_what_was_committed_stays() {
    let scratch = Scratch::new();
    let events = recorded("openlineage/client.ndjson");
    let reads: Vec<_> = read_events(&*events, Limits::default()).collect();
    let (first, rest) = reads.split_at(3);
    scratch.import(first.to_vec(), 1_000);
    let stored = scratch.dump();
    // As much as there is, and one page more.
    let limit = |pages: i64| {
        let writer = scratch.catalog.writer().unwrap();
        let now: i64 = writer.db().query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
        let most: i64 = writer
            .db()
            .query_row(&format!("PRAGMA max_page_count = {}", now + pages), [], |row| row.get(0))
            .unwrap();
        assert_eq!(most, now + pages);
    };
    limit(1);
    let act = catena_tests::by_ann();
    let mut tally = catena_store::apply::Tally::default();
    // Enough that no free space inside the file's pages takes it.
    let bulk: Vec<_> = (0..200)
        .flat_map(|n| {
            let text = String::from_utf8(events.clone()).unwrap().replace("bakery", &format!("bakery{n}"));
            read_events(text.as_bytes(), Limits::default()).collect::<Vec<_>>()
        })
        .collect();
    let error = scratch.catalog.writer().unwrap().apply(&act, "Import", bulk, &mut tally).unwrap_err();
    assert!(matches!(error, StoreError::DiskFull), "{error:?}");
    let said = error.to_string();
    assert!(said.contains("the disk is full") && said.contains("Make room"), "{said}");
    assert_eq!((tally.created(), tally.records), (0, 0), "only what was committed is reported");
    assert_eq!(scratch.dump(), stored);
    assert_eq!(scratch.problems(), []);

    limit(1_000_000);
    let tally = scratch.import(rest.to_vec(), 1_000);
    assert!(tally.created() > 0 && tally.rejected.is_empty());
    assert_eq!(scratch.problems(), []);
}
