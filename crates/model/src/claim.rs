//! What one source says of one field, and which of several claims is the current one.

use std::{cmp::Ordering, collections::BTreeMap};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    field::Group,
    json::canonical,
    source::{Known, Source},
    time::Timestamp,
};

/// What one source says of one field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct Claim {
    /// Who says so.
    pub source: Source,
    /// The value; never null.
    #[ts(type = "any")]
    pub value: Value,
    /// How it is known.
    pub known: Known,
    /// When the source last said so, by its own clock.
    pub at: Timestamp,
}

impl Claim {
    /// Orders claims of *different* sources: the greatest is current. Never by arrival, so that events in any order
    /// give the same state.
    pub fn weight(&self, other: &Claim) -> Ordering {
        self.source
            .rank()
            .cmp(&other.source.rank())
            .then(self.known.cmp(&other.known))
            .then_with(|| self.supersedes(other))
            .then_with(|| self.source.cmp(&other.source))
    }

    /// Orders claims of *one* source: the later one holds; at the same instant the greater value, arbitrary but the
    /// same for everyone.
    pub fn supersedes(&self, other: &Claim) -> Ordering {
        self.at.cmp(&other.at).then_with(|| canonical(&self.value).cmp(&canonical(&other.value)))
    }
}

/// The claim that holds among those of several sources.
pub fn current<'a>(claims: impl IntoIterator<Item = &'a Claim>) -> Option<&'a Claim> {
    claims.into_iter().max_by(|a, b| a.weight(b))
}

/// The current elements of a group, each with the claim that put it there.
///
/// `whole` are the sources' claims of the whole group, `elements` the claims of single elements. A set's element is
/// there when the best claim about it is not `false`; a map's element has the best claim's value.
pub fn members<'a>(
    group: Group,
    whole: impl IntoIterator<Item = &'a Claim>,
    elements: impl IntoIterator<Item = (&'a str, &'a Claim)>,
) -> BTreeMap<String, Claim> {
    let mut best: BTreeMap<String, Claim> = BTreeMap::new();
    let mut offer = |element: &str, claim: Claim| match best.get_mut(element) {
        Some(held) if claim.weight(held) == Ordering::Greater => *held = claim,
        Some(_) => {}
        None => {
            best.insert(element.to_owned(), claim);
        }
    };
    for claim in whole {
        match &claim.value {
            Value::Array(items) => {
                for item in items.iter().filter_map(Value::as_str) {
                    offer(item, Claim { value: Value::Bool(true), ..claim.clone() });
                }
            }
            Value::Object(map) => {
                for (key, value) in map {
                    offer(key, Claim { value: value.clone(), ..claim.clone() });
                }
            }
            _ => {}
        }
    }
    for (element, claim) in elements {
        offer(element, claim.clone());
    }
    best.retain(|_, claim| group.is_map() || claim.value != Value::Bool(false));
    best
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claim(source: Source, value: Value, at: i64) -> Claim {
        Claim { source, value, known: Known::Declared, at: Timestamp::from_millis(at) }
    }

    #[test]
    fn a_persons_claim_holds_over_a_later_one_of_a_system() {
        let mine = claim(Source::Person, json!("mine"), 1);
        let theirs = claim(Source::system("dbt", "shop"), json!("theirs"), 9);
        assert_eq!(current([&mine, &theirs]), Some(&mine));
        assert_eq!(current([&theirs, &mine]), Some(&mine));
    }

    #[test]
    fn a_person_takes_one_tag_off_and_the_sources_other_tags_stay() {
        let dbt = claim(Source::system("dbt", "shop"), json!(["pii", "daily"]), 5);
        let off = claim(Source::Person, json!(false), 1);
        let on = claim(Source::Person, json!(true), 1);
        let tags = members(Group::Tags, [&dbt], [("pii", &off), ("gold", &on)]);
        assert_eq!(tags.keys().collect::<Vec<_>>(), ["daily", "gold"]);
    }
}
