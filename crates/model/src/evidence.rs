//! Why a relation is believed.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::source::Source;

/// How a relation was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A running system reported it as it happened.
    Reported = 1,
    /// A manifest or registry declares it.
    Declared = 2,
    /// Read out of a query.
    SqlParsed = 3,
    /// Two names fit.
    NameMatched = 4,
    /// Two contents fit.
    ContentMatched = 5,
    /// A person drew it.
    DrawnByHand = 6,
}

impl Method {
    /// The number that stands for it in the catalog file.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The one with this code, if there is one.
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Reported),
            2 => Some(Self::Declared),
            3 => Some(Self::SqlParsed),
            4 => Some(Self::NameMatched),
            5 => Some(Self::ContentMatched),
            6 => Some(Self::DrawnByHand),
            _ => None,
        }
    }

    /// Whether the relation is a guess until a person accepts it.
    pub const fn is_inferred(self) -> bool {
        matches!(self, Self::SqlParsed | Self::NameMatched | Self::ContentMatched)
    }
}

/// What one source says of a relation by one method.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct Evidence {
    /// Who says so.
    pub source: Source,
    /// How it was found.
    pub method: Method,
    /// How sure, in percent.
    pub confidence: u8,
    /// Anything more, such as the transformation of a column; small and stable from event to event.
    #[ts(type = "any")]
    pub detail: Option<Value>,
    /// Whether the source has since said that the relation is gone.
    pub withdrawn: bool,
}
