//! What can be said of an entity and edited: single fields, and the elements of sets and maps.

use std::{fmt, str::FromStr};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// The name in JSON and in the catalog file.
            pub const fn word(self) -> &'static str { match self { $($name::$variant => $word,)* } }

            fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some($name::$variant),)* _ => None }
            }
        }
    };
}

words! {
    /// A field that holds one value.
    Single {
        /// What people call the entity; a string.
        Name = "name",
        /// What it is, in Markdown; a string.
        Description = "description",
        /// The entity that it is a part of: its id. A column's dataset, a version's model, a run's experiment.
        Parent = "parent",
        /// A column's type as its system writes it; a string.
        DataType = "data_type",
        /// Whether a column may hold nothing; a boolean.
        Nullable = "nullable",
        /// A column's place among its siblings, from 0; a number.
        Position = "position",
        /// A version's number or name; a string.
        Version = "version",
        /// Where it stands in its life (`production`, `deprecated`, `deleted`); a string.
        Lifecycle = "lifecycle",
        /// Where it can be looked at; a string.
        Url = "url",
        /// What sort of thing of its kind it is (`table`, `view`, `seed`, `sql`); a string.
        Subtype = "subtype",
    }
}

words! {
    /// A field that holds several values: a set (an array in a source's claim) or a map (an object).
    Group {
        /// Words that the entity is marked with; a set.
        Tags = "tags",
        /// Who answers for it; a set.
        Owners = "owners",
        /// Movable names of a version, such as `champion`; a set.
        Aliases = "aliases",
        /// Anything else that a source says by key: a map.
        Properties = "properties",
    }
}

impl Group {
    /// Whether its elements have values (a map) or are just there (a set).
    pub const fn is_map(self) -> bool {
        matches!(self, Self::Properties)
    }
}

/// A field of an entity: the address of one claim.
///
/// A source claims a group as a whole (it knows all of its own elements); a person claims single elements
/// (`tags/pii` = true or false), so that two people's edits, or a person's and a source's, merge.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, ts_rs::TS)]
#[ts(type = "string")]
pub enum Field {
    /// One value.
    Single(Single),
    /// All elements that one source claims.
    Group(Group),
    /// One element.
    Element(Group, String),
}

impl Field {
    /// What people call the entity.
    pub const NAME: Field = Field::Single(Single::Name);
    /// What it is.
    pub const DESCRIPTION: Field = Field::Single(Single::Description);
    /// What it is a part of.
    pub const PARENT: Field = Field::Single(Single::Parent);

    /// The tag `tag`.
    pub fn tag(tag: &str) -> Field {
        Field::Element(Group::Tags, tag.to_owned())
    }

    /// The owner `owner`.
    pub fn owner(owner: &str) -> Field {
        Field::Element(Group::Owners, owner.to_owned())
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Field::Single(single) => f.write_str(single.word()),
            Field::Group(group) => f.write_str(group.word()),
            Field::Element(group, element) => write!(f, "{}/{element}", group.word()),
        }
    }
}

/// The text names no field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" names no field: expected name, description, tags/TAG, owners/OWNER, properties/KEY or the like"
)]
pub struct NotAField(pub String);

impl FromStr for Field {
    type Err = NotAField;
    fn from_str(text: &str) -> Result<Self, NotAField> {
        let unknown = || NotAField(text.to_owned());
        match text.split_once('/') {
            Some((_, "")) => Err(unknown()),
            Some((group, element)) => Group::from_word(group)
                .map(|group| Field::Element(group, element.to_owned()))
                .ok_or_else(unknown),
            None => Single::from_word(text)
                .map(Field::Single)
                .or_else(|| Group::from_word(text).map(Field::Group))
                .ok_or_else(unknown),
        }
    }
}

crate::written::written_as_text!(Field);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_written_and_read_as_paths() {
        for field in
            [Field::NAME, Field::Group(Group::Tags), Field::tag("a/b"), Field::owner("ann@example.org")]
        {
            assert_eq!(field.to_string().parse::<Field>().unwrap(), field);
        }
        assert!("tags/".parse::<Field>().is_err());
        assert!("colour".parse::<Field>().is_err());
    }
}
