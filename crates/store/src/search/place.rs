//! Where a word can stand in an entity, and what it counts for there.

use serde::{Deserialize, Serialize};

/// Where a text of an entity comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// What it is called.
    Name,
    /// What another system calls it.
    OtherName,
    /// A qualified name.
    QualifiedName,
    /// The name of what it is a part of.
    Parent,
    /// The name of one of its columns.
    Column,
    /// A tag.
    Tag,
    /// A movable name of a version.
    Alias,
    /// Who answers for it.
    Owner,
    /// What sort of thing it is.
    Kind,
    /// Its description.
    Description,
    /// One of its properties.
    Property,
}

/// What a word stands for in the index: the last byte of its term. Best first; a word that stands in several places
/// of one entity is indexed for the best one only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Class {
    /// The name is this word.
    Sole = 1,
    /// The name begins with it.
    First,
    /// The name has it.
    Name,
    Qualified,
    Parent,
    Column,
    Tag,
    Owner,
    Kind,
    Description,
    Property,
    /// The first letters of a word of the name: so that a prefix of one to three letters is one posting list.
    SoleStart,
    FirstStart,
    NameStart,
}

/// Every byte of a term below this is a class; words have none.
pub(crate) const CLASS_LIMIT: u8 = 0x20;

const CLASSES: [Class; 14] = [
    Class::Sole,
    Class::First,
    Class::Name,
    Class::Qualified,
    Class::Parent,
    Class::Column,
    Class::Tag,
    Class::Owner,
    Class::Kind,
    Class::Description,
    Class::Property,
    Class::SoleStart,
    Class::FirstStart,
    Class::NameStart,
];

impl Class {
    pub(crate) fn from_byte(byte: u8) -> Option<Self> {
        CLASSES.get(usize::from(byte).checked_sub(1)?).copied()
    }

    pub(crate) fn byte(self) -> u8 {
        self as u8
    }

    /// For words of a name: whether the word is all of it, begins it, or stands in it.
    pub(crate) fn in_name(position: usize, words: usize) -> Self {
        match (position, words) {
            (_, 1) => Self::Sole,
            (0, _) => Self::First,
            _ => Self::Name,
        }
    }

    /// The class of the first letters of a word of this class.
    pub(crate) fn start(self) -> Option<Self> {
        match self {
            Self::Sole => Some(Self::SoleStart),
            Self::First => Some(Self::FirstStart),
            Self::Name => Some(Self::NameStart),
            _ => None,
        }
    }

    pub(crate) fn is_start(self) -> bool {
        self >= Self::SoleStart
    }

    pub(crate) fn is_name(self) -> bool {
        self <= Self::Name
    }
}

impl Place {
    /// The class of its words, other than a name's.
    pub(crate) fn class(self) -> Class {
        match self {
            Self::Name | Self::OtherName => Class::Name,
            Self::QualifiedName => Class::Qualified,
            Self::Parent => Class::Parent,
            Self::Column => Class::Column,
            Self::Tag | Self::Alias => Class::Tag,
            Self::Owner => Class::Owner,
            Self::Kind => Class::Kind,
            Self::Description => Class::Description,
            Self::Property => Class::Property,
        }
    }
}

/// How a word of the query and a word of the entity fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fit {
    TwoTypos,
    Typo,
    Start,
    Exact,
}

/// What it counts for. A closer fit in a worse place never beats any fit in a better one: close names come before
/// structural context, that before tags and owners, those before descriptions.
pub(crate) fn value(class: Class, fit: Fit) -> u8 {
    let (exact, start, typo, two) = match class {
        Class::Sole | Class::SoleStart => (102, 92, 84, 76),
        Class::First | Class::FirstStart => (101, 91, 83, 75),
        Class::Name | Class::NameStart => (100, 90, 82, 74),
        Class::Qualified => (60, 56, 50, 49),
        Class::Parent => (48, 45, 42, 41),
        Class::Column => (46, 43, 39, 38),
        Class::Tag => (30, 27, 24, 23),
        Class::Owner => (29, 26, 22, 21),
        Class::Kind => (28, 25, 20, 19),
        Class::Description => (15, 12, 9, 8),
        Class::Property => (14, 11, 7, 6),
    };
    match fit {
        Fit::Exact => exact,
        Fit::Start => start,
        Fit::Typo => typo,
        Fit::TwoTypos => two,
    }
}

/// The least that a word counts for when it stands in the name.
pub(crate) const LEAST_IN_NAME: u32 = 74;
/// The least that a word counts for when it is a whole word of the name.
pub(crate) const LEAST_EXACT_IN_NAME: u32 = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_better_place_beats_a_better_fit() {
        let tiers: [&[Class]; 4] = [
            &[Class::Sole, Class::First, Class::Name],
            &[Class::Qualified, Class::Parent, Class::Column],
            &[Class::Tag, Class::Owner, Class::Kind],
            &[Class::Description, Class::Property],
        ];
        for pair in tiers.windows(2) {
            let worst = pair[0].iter().map(|class| value(*class, Fit::TwoTypos)).min();
            let best = pair[1].iter().map(|class| value(*class, Fit::Exact)).max();
            assert!(worst > best);
        }
    }

    #[test]
    fn bytes_lead_back_to_their_class() {
        for class in CLASSES {
            assert_eq!(Class::from_byte(class.byte()), Some(class));
            assert!(class.byte() < CLASS_LIMIT);
        }
        assert_eq!(Class::from_byte(0), None);
        assert_eq!(Class::from_byte(99), None);
    }
}
