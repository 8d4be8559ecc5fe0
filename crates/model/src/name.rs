//! How the outside world names things: a namespace and a name in it, following OpenLineage's naming.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// The longest name kept, in bytes. Longer ones are refused, not cut: a cut name names something else.
pub const MAX_NAME_BYTES: usize = 4_096;

/// How one system names a thing: `postgres://db.example:5432` and `shop.public.orders`.
///
/// A namespace whose authority is `*` (`duckdb://*`) is *partial*: it says which kind of system, not which one.
/// `*://*` says neither. A partial name joins the one entity whose full name fits it, and none if several do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
pub struct QualifiedName {
    /// The system: scheme and authority.
    pub namespace: String,
    /// The name within that system.
    pub name: String,
}

/// The name can't be kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// Nothing is left to name the thing by.
    #[error("the {0} is empty: give every job and dataset a namespace and a name")]
    Empty(&'static str),
    /// A NUL can't be shown or typed, and some systems end the name there.
    #[error("the {0} contains a NUL character: remove it at the source")]
    Nul(&'static str),
    /// Longer than [`MAX_NAME_BYTES`].
    #[error("the {0} is {1} bytes long: at most {MAX_NAME_BYTES} are kept")]
    TooLong(&'static str, usize),
}

impl QualifiedName {
    /// A name in a namespace; white space around both is dropped and both are composed (Unicode NFC), so that two
    /// spellings of one name are one name.
    pub fn new(namespace: &str, name: &str) -> Result<Self, BadName> {
        Ok(Self { namespace: clean("namespace", namespace)?, name: clean("name", name)? })
    }

    /// The name of a part of this thing: a column of a table.
    pub fn part(&self, part: &str) -> Result<Self, BadName> {
        let part = clean("name", part)?;
        Self::new(&self.namespace, &format!("{}.{part}", self.name))
    }

    /// Whether the namespace leaves open which system it is.
    pub fn is_partial(&self) -> bool {
        self.namespace.ends_with("://*")
    }

    /// Whether this partial name leaves room for `full`: the same name in a system of the same scheme.
    pub fn fits(&self, full: &QualifiedName) -> bool {
        if !self.is_partial() || full.is_partial() || self.name != full.name {
            return false;
        }
        match self.namespace.strip_suffix("*") {
            Some("*://") => full.namespace.contains("://"),
            Some(scheme) => full.namespace.starts_with(scheme),
            None => false,
        }
    }

    /// Leaves out the partial names that a full one among them completes: they say nothing more.
    pub fn without_completed(names: impl IntoIterator<Item = QualifiedName>) -> Vec<QualifiedName> {
        let names: Vec<_> = names.into_iter().collect();
        names.iter().filter(|name| !names.iter().any(|full| name.fits(full))).cloned().collect()
    }

    /// The last dotted segment, which is what people call it.
    pub fn short(&self) -> &str {
        // A path's last part keeps its dot: `orders.csv` is the name, `csv` is not.
        let last = self.name.rsplit('/').find(|part| !part.is_empty()).unwrap_or(&self.name);
        if self.name.contains('/') {
            last
        } else {
            last.rsplit('.').find(|part| !part.is_empty()).unwrap_or(last)
        }
    }
}

impl fmt::Display for QualifiedName {
    /// `namespace/name`, without doubling a slash that either side brings.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slash = if self.namespace.ends_with('/') || self.name.starts_with('/') { "" } else { "/" };
        write!(f, "{}{slash}{}", self.namespace, self.name)
    }
}

fn clean(what: &'static str, text: &str) -> Result<String, BadName> {
    let text = text.trim();
    if text.is_empty() {
        return Err(BadName::Empty(what));
    }
    if text.contains('\0') {
        return Err(BadName::Nul(what));
    }
    if text.len() > MAX_NAME_BYTES {
        return Err(BadName::TooLong(what, text.len()));
    }
    Ok(if text.is_ascii() { text.to_owned() } else { text.nfc().collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(namespace: &str, name: &str) -> QualifiedName {
        QualifiedName::new(namespace, name).unwrap()
    }

    #[test]
    fn a_partial_name_fits_the_same_name_in_a_system_of_its_scheme() {
        let partial = name("duckdb://*", "shop.main.orders");
        assert!(partial.fits(&name("duckdb://shop.duckdb", "shop.main.orders")));
        assert!(!partial.fits(&name("postgres://db", "shop.main.orders")));
        assert!(!partial.fits(&name("duckdb://shop.duckdb", "shop.main.items")));
        assert!(name("*://*", "shop.main.orders").fits(&name("postgres://db", "shop.main.orders")));
        assert!(!partial.fits(&partial));
    }

    #[test]
    fn a_partial_name_goes_without_saying_once_the_full_one_is_known() {
        let (partial, full, other) =
            (name("duckdb://*", "a.b"), name("duckdb://x.db", "a.b"), name("pg://*", "a.b"));
        let names = [partial.clone(), full.clone(), other.clone()];
        assert_eq!(QualifiedName::without_completed(names), [full, other]);
        assert_eq!(QualifiedName::without_completed([partial.clone()]), [partial]);
    }

    #[test]
    fn nul_and_emptiness_are_refused_and_spellings_meet() {
        assert_eq!(QualifiedName::new("a", "b\0"), Err(BadName::Nul("name")));
        assert_eq!(QualifiedName::new(" ", "b"), Err(BadName::Empty("namespace")));
        assert_eq!(name("a", "cafe\u{301}"), name("a", "caf\u{e9}"));
    }

    #[test]
    fn display_joins_with_one_slash() {
        assert_eq!(name("file", "/data/x.csv").to_string(), "file/data/x.csv");
        assert_eq!(name("postgres://h:5432", "a.b.c").to_string(), "postgres://h:5432/a.b.c");
        assert_eq!(name("s3://bucket", "raw/orders.csv").short(), "orders.csv");
    }
}
