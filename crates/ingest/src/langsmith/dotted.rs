//! `dotted_order`: the way from a trace's root to a run, with when each step of it started.

use catena_model::time::Timestamp;
use uuid::Uuid;

/// One step of the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// When the run started.
    pub start: Timestamp,
    /// Which run.
    pub id: Uuid,
}

/// Reads `20261124T124038800684Z01a20d92-...` or several of it with dots between; the last is the run itself. `None`
/// when it isn't one.
pub fn read(text: &str) -> Option<Vec<Step>> {
    text.split('.').map(step).collect()
}

fn step(text: &str) -> Option<Step> {
    let (time, id) = text.split_once('Z')?;
    let (date, clock) = time.split_once('T')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if date.len() != 8 || !digits(date) || clock.len() < 6 || clock.len() > 15 || !digits(clock) {
        return None;
    }
    let fraction = if clock.len() > 6 { format!(".{}", &clock[6..]) } else { String::new() };
    let time = format!(
        "{}-{}-{}T{}:{}:{}{fraction}Z",
        &date[..4],
        &date[4..6],
        &date[6..],
        &clock[..2],
        &clock[2..4],
        &clock[4..6]
    );
    Some(Step { start: time.parse().ok()?, id: Uuid::try_parse(id).ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "20261124T124038800684Z01a20d92-9090-70b3-9bbb-9eeca2503125";
    const CHILD: &str = "20261124T124038807734Z01a20d92-9097-7af9-89e3-e9d92e9c0d85";

    #[test]
    fn the_way_is_read_from_the_root() {
        let way = read(&format!("{ROOT}.{CHILD}")).unwrap();
        assert_eq!(way.len(), 2);
        assert_eq!(way[0].start.to_string(), "2026-11-24T12:40:38.800684Z");
        assert_eq!(way[1].id.to_string(), "01a20d92-9097-7af9-89e3-e9d92e9c0d85");
    }

    #[test]
    fn anything_else_is_none() {
        for text in ["", ".", ROOT.trim_end_matches('5'), &format!("{ROOT}."), "2026é124T124038Zx", "Z", "TZ"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
