//! How many OpenLineage events a second one core reads: `openlineage_rate FILE.ndjson [EVENTS]`.
//!
//! The file's events are repeated until there are enough, each time with other run ids, as a busy scheduler would.

use std::{error::Error, hint::black_box, io::Cursor, time::Instant};

use catena_ingest::openlineage::{Limits, read_events};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("usage: openlineage_rate FILE.ndjson [EVENTS]")?;
    let events: usize = arguments.next().map_or(Ok(100_000), |events| events.parse())?;
    let text = std::fs::read_to_string(path)?;
    let mut input = String::new();
    for (count, line) in text.lines().cycle().take(events).enumerate() {
        // The last twelve digits of every run id in the line.
        let round = format!("{count:012x}\"");
        let mut rest = line;
        while let Some(at) = rest.find("\"runId\":") {
            let end = at + 8 + rest[at + 8..].find('"').map_or(0, |open| open + 38);
            input.push_str(&rest[..end.saturating_sub(13)]);
            input.push_str(&round);
            rest = &rest[end..];
        }
        input.push_str(rest);
        input.push('\n');
    }
    let bytes = input.len();
    let started = Instant::now();
    let (mut taken, mut rejected, mut statements) = (0_usize, 0_usize, 0_usize);
    for read in read_events(Cursor::new(input), Limits::default()) {
        match black_box(read) {
            Ok(record) => {
                taken += 1;
                statements += record.statements.len();
            }
            Err(_) => rejected += 1,
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    eprintln!(
        "{taken} events ({rejected} rejections, {statements} statements) of {} bytes on average in {seconds:.2} s: \
         {:.0} events/s, {:.0} MB/s",
        bytes / events.max(1),
        taken as f64 / seconds,
        bytes as f64 / seconds / 1e6
    );
    Ok(())
}
