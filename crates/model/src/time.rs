//! A moment, in microseconds since the Unix epoch, UTC.

use std::{fmt, str::FromStr};

use chrono::{DateTime, SecondsFormat, Utc};

/// A moment: microseconds since 1970-01-01T00:00:00Z. Written as RFC 3339 in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, ts_rs::TS)]
#[ts(type = "string")]
pub struct Timestamp(i64);

/// The text is not a moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a time: expected RFC 3339, such as 2026-11-24T12:35:26.788Z")]
pub struct NotATime(pub String);

impl Timestamp {
    /// The moment so many microseconds after the epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// The moment so many milliseconds after the epoch; saturates.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// Microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Milliseconds since the epoch, rounded down.
    pub const fn millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(moment: DateTime<Utc>) -> Self {
        Self(moment.timestamp_micros())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match DateTime::<Utc>::from_timestamp_micros(self.0) {
            Some(moment) => f.write_str(&moment.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
            None => write!(f, "{}µs", self.0),
        }
    }
}

impl FromStr for Timestamp {
    type Err = NotATime;

    /// Reads RFC 3339; a time without an offset is taken as UTC, as OpenLineage clients send it.
    fn from_str(text: &str) -> Result<Self, NotATime> {
        if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
            return Ok(Self(moment.timestamp_micros()));
        }
        chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f")
            .map(|naive| Self(naive.and_utc().timestamp_micros()))
            .map_err(|_| NotATime(text.to_owned()))
    }
}

crate::written::written_as_text!(Timestamp);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_3339_goes_in_and_out() {
        let moment: Timestamp = "2026-11-24T12:35:26.788898+00:00".parse().unwrap();
        assert_eq!(moment.to_string(), "2026-11-24T12:35:26.788898Z");
        assert_eq!("2026-11-24T12:35:26.788898".parse::<Timestamp>().unwrap(), moment);
        assert!("yesterday".parse::<Timestamp>().is_err());
    }
}
