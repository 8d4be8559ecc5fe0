//! What a column is made of, and how.

use std::collections::BTreeMap;

/// How one column was used for another, from the most direct on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// Taken as it is.
    Identity,
    /// Changed on the way.
    Transformation,
    /// Many rows became one value.
    Aggregation,
    /// Tables were joined by it.
    Join,
    /// Rows were kept or dropped by it.
    Filter,
    /// Rows were grouped by it.
    GroupBy,
    /// Rows were sorted by it.
    Sort,
    /// It set the rows that a window function looked at.
    Window,
    /// It decided which of several values was taken.
    Conditional,
}

impl Way {
    const ALL: [Self; 9] = [
        Self::Identity,
        Self::Transformation,
        Self::Aggregation,
        Self::Join,
        Self::Filter,
        Self::GroupBy,
        Self::Sort,
        Self::Window,
        Self::Conditional,
    ];

    /// Whether the value itself came this way.
    pub const fn is_direct(self) -> bool {
        matches!(self, Self::Identity | Self::Transformation | Self::Aggregation)
    }

    /// OpenLineage's word for it.
    pub const fn subtype(self) -> &'static str {
        match self {
            Self::Identity => "IDENTITY",
            Self::Transformation => "TRANSFORMATION",
            Self::Aggregation => "AGGREGATION",
            Self::Join => "JOIN",
            Self::Filter => "FILTER",
            Self::GroupBy => "GROUP_BY",
            Self::Sort => "SORT",
            Self::Window => "WINDOW",
            Self::Conditional => "CONDITIONAL",
        }
    }

    /// What comes out when something that was used this way is used `outer` once more.
    pub(super) fn then(self, outer: Self) -> Self {
        match (self.is_direct(), outer.is_direct()) {
            (true, true) => self.max(outer),
            (_, false) => outer,
            (false, true) => self,
        }
    }
}

/// Several ways.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Ways(u16);

impl Ways {
    pub(super) fn add(&mut self, way: Way) {
        self.0 |= 1 << way as u16;
    }

    pub(super) fn has(self, way: Way) -> bool {
        self.0 & (1 << way as u16) != 0
    }

    pub(super) fn iter(self) -> impl Iterator<Item = Way> {
        Way::ALL.into_iter().filter(move |way| self.has(*way))
    }
}

/// Columns of tables, by the walk's numbers, and how each was used.
pub(super) type Inputs = BTreeMap<usize, Ways>;

/// A column of a table and how it was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// The table, in the parts of its name as first written.
    pub table: Vec<String>,
    /// The column.
    pub column: String,
    /// How it was used, the most direct first.
    pub ways: Vec<Way>,
}
