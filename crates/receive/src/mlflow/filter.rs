//! The words of MLflow's `filter` and `order_by`, as far as its client's users write them.
//!
//! `metrics.loss < 0.3 AND tags."my tag" = 'x' AND attributes.run_name ILIKE '%fox%'`: clauses joined by AND, each a
//! key, a comparison and a value. There is no OR and no NOT at MLflow either.

use std::cmp::Ordering;

use super::said::invalid;
use crate::refusal::Refusal;

/// What a key's first word says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// A field of the object itself.
    Attribute,
    /// A parameter.
    Param,
    /// The last value of a metric.
    Metric,
    /// A tag.
    Tag,
    /// A field of a dataset that went in.
    Dataset,
    /// A trace's metadata.
    Metadata,
    /// How a trace was judged.
    Feedback,
}

/// What an object has under a key.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operand {
    Text(String),
    Number(f64),
}

impl Operand {
    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(one), Self::Number(other)) => one.total_cmp(other),
            (Self::Text(one), Self::Text(other)) => one.cmp(other),
            (Self::Number(_), Self::Text(_)) => Ordering::Less,
            (Self::Text(_), Self::Number(_)) => Ordering::Greater,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    Unequal,
    Less,
    AtMost,
    Greater,
    AtLeast,
    Like,
    CaselessLike,
    In,
    NotIn,
    IsNull,
    IsNotNull,
}

/// Which value of an object is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) scope: Scope,
    pub(super) name: String,
}

#[derive(Debug, Clone, PartialEq)]
struct Clause {
    key: Key,
    comparison: Comparison,
    values: Vec<Operand>,
}

/// All of what must hold.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Filter(Vec<Clause>);

/// The most clauses that a filter may have.
const MOST_CLAUSES: usize = 100;

impl Filter {
    pub(super) fn read(text: &str) -> Result<Self, Refusal> {
        let tokens = tokens(text)?;
        let mut rest = tokens.as_slice();
        let mut clauses = Vec::new();
        while !rest.is_empty() {
            if !clauses.is_empty() {
                match rest.split_first() {
                    Some((Token::Word(word), after)) if word.eq_ignore_ascii_case("and") => rest = after,
                    _ => return Err(unfit("clauses are joined by AND")),
                }
            }
            clauses.push(clause(&mut rest)?);
            if clauses.len() > MOST_CLAUSES {
                return Err(unfit("it has too many clauses"));
            }
        }
        Ok(Self(clauses))
    }

    /// Whether it says anything of this tag.
    pub(super) fn speaks_of_tag(&self, name: &str) -> bool {
        self.0.iter().any(|clause| clause.key.scope == Scope::Tag && clause.key.name == name)
    }

    /// Whether all clauses hold of what `value` gives.
    pub(super) fn fits(&self, value: impl Fn(&Key) -> Option<Operand>) -> bool {
        self.0.iter().all(|clause| clause.holds(value(&clause.key)))
    }
}

impl Clause {
    fn holds(&self, found: Option<Operand>) -> bool {
        let Some(found) = found else { return self.comparison == Comparison::IsNull };
        let first = self.values.first();
        let order = || match (&found, first?) {
            (Operand::Number(found), Operand::Number(wanted)) => found.partial_cmp(wanted),
            (Operand::Text(found), Operand::Text(wanted)) => Some(found.as_str().cmp(wanted)),
            // A number is compared with a text of a number as one: `version_number = '2'`.
            (Operand::Number(found), Operand::Text(wanted)) => {
                found.partial_cmp(&wanted.parse::<f64>().ok()?)
            }
            (Operand::Text(found), Operand::Number(wanted)) => found.parse::<f64>().ok()?.partial_cmp(wanted),
        };
        let like = |caseless: bool| match (&found, first) {
            (Operand::Text(found), Some(Operand::Text(pattern))) => like(found, pattern, caseless),
            _ => false,
        };
        match self.comparison {
            Comparison::Equal => order() == Some(Ordering::Equal),
            Comparison::Unequal => order() != Some(Ordering::Equal),
            Comparison::Less => order() == Some(Ordering::Less),
            Comparison::AtMost => matches!(order(), Some(Ordering::Less | Ordering::Equal)),
            Comparison::Greater => order() == Some(Ordering::Greater),
            Comparison::AtLeast => matches!(order(), Some(Ordering::Greater | Ordering::Equal)),
            Comparison::Like => like(false),
            Comparison::CaselessLike => like(true),
            Comparison::In => self.values.contains(&found),
            Comparison::NotIn => !self.values.contains(&found),
            Comparison::IsNull => false,
            Comparison::IsNotNull => true,
        }
    }
}

/// SQL's LIKE: `%` is anything, `_` is one character. In steps bounded by the product of both lengths.
fn like(text: &str, pattern: &str, caseless: bool) -> bool {
    let plain = |text: &str| if caseless { text.to_lowercase() } else { text.to_owned() };
    let (text, pattern): (Vec<char>, Vec<char>) =
        (plain(text).chars().collect(), plain(pattern).chars().collect());
    let (mut at, mut wanted, mut anything) = (0, 0, None);
    while at < text.len() {
        match pattern.get(wanted) {
            Some('%') => {
                anything = Some((wanted, at));
                wanted += 1;
            }
            Some(one) if *one == '_' || *one == text[at] => {
                at += 1;
                wanted += 1;
            }
            _ => match anything {
                Some((star, from)) => {
                    anything = Some((star, from + 1));
                    (at, wanted) = (from + 1, star + 1);
                }
                None => return false,
            },
        }
    }
    pattern[wanted..].iter().all(|rest| *rest == '%')
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    /// A key, with the quotes taken off each part, or a word.
    Word(String),
    Quoted(String),
    Number(f64),
    Sign(&'static str),
}

fn unfit(why: &str) -> Refusal {
    invalid(format!("Invalid filter: {why}; write it as in metrics.loss < 0.3 AND tags.team = 'search'"))
}

const SIGNS: [&str; 10] = ["!=", "<=", ">=", "<>", "=", "<", ">", "(", ")", ","];

fn tokens(text: &str) -> Result<Vec<Token>, Refusal> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            tokens.push(Token::Sign(sign));
            rest = &rest[sign.len()..];
        } else if first == '\'' || first == '"' {
            let (quoted, after) = quoted(rest)?;
            tokens.push(Token::Quoted(quoted));
            rest = after;
        } else {
            let (word, after, plain) = word(rest)?;
            let number = word.parse::<f64>().ok().filter(|_| plain && !word.starts_with(char::is_alphabetic));
            tokens.push(number.map_or(Token::Word(word), Token::Number));
            rest = after;
        }
        rest = rest.trim_start();
    }
    Ok(tokens)
}

/// What stands in quotes at the start; a doubled quote is one.
fn quoted(text: &str) -> Result<(String, &str), Refusal> {
    let mut chars = text.char_indices().peekable();
    let Some((_, quote)) = chars.next() else { return Err(unfit("a quote is not closed")) };
    let mut inner = String::new();
    while let Some((at, one)) = chars.next() {
        if one != quote {
            inner.push(one);
        } else if chars.peek().is_some_and(|(_, next)| *next == quote) {
            inner.push(quote);
            chars.next();
        } else {
            return Ok((inner, &text[at + quote.len_utf8()..]));
        }
    }
    Err(unfit("a quote is not closed"))
}

/// A key or word at the start, what comes after it, and whether no part of it was in quotes.
fn word(text: &str) -> Result<(String, &str, bool), Refusal> {
    let (mut word, mut rest, mut plain) = (String::new(), text, true);
    while let Some(one) = rest.chars().next() {
        if one == '`' || one == '"' {
            let (inner, after) = quoted(rest)?;
            word.push_str(&inner);
            (rest, plain) = (after, false);
        } else if one.is_whitespace() || "=!<>(),'".contains(one) {
            break;
        } else {
            word.push(one);
            rest = &rest[one.len_utf8()..];
        }
    }
    match rest.len() == text.len() {
        true => Err(unfit("a sign in it is none that is known")),
        false => Ok((word, rest, plain)),
    }
}

/// The key that a word is.
fn key(word: &str) -> Key {
    let (first, rest) = word.split_once('.').unwrap_or(("", word));
    let scope = match first {
        "attributes" | "attribute" | "attr" | "run" | "trace" => Scope::Attribute,
        "params" | "parameters" | "param" | "parameter" => Scope::Param,
        "metrics" | "metric" => Scope::Metric,
        "tags" | "tag" => Scope::Tag,
        "datasets" | "dataset" => Scope::Dataset,
        "metadata" | "request_metadata" => Scope::Metadata,
        "feedback" | "assessment" | "expectation" => Scope::Feedback,
        _ => return Key { scope: Scope::Attribute, name: word.to_owned() },
    };
    Key { scope, name: rest.to_owned() }
}

fn clause(rest: &mut &[Token]) -> Result<Clause, Refusal> {
    let mut next = || {
        let (first, after) = rest.split_first()?;
        *rest = after;
        Some(first.clone())
    };
    let key = match next() {
        Some(Token::Word(word)) => key(&word),
        _ => return Err(unfit("each clause starts with a key")),
    };
    let says = |token: &Option<Token>, wanted: &str| match token {
        Some(Token::Word(word)) => word.eq_ignore_ascii_case(wanted),
        _ => false,
    };
    let sign = next();
    let comparison = match &sign {
        Some(Token::Sign("=")) => Comparison::Equal,
        Some(Token::Sign("!=" | "<>")) => Comparison::Unequal,
        Some(Token::Sign("<")) => Comparison::Less,
        Some(Token::Sign("<=")) => Comparison::AtMost,
        Some(Token::Sign(">")) => Comparison::Greater,
        Some(Token::Sign(">=")) => Comparison::AtLeast,
        word if says(word, "like") => Comparison::Like,
        word if says(word, "ilike") => Comparison::CaselessLike,
        word if says(word, "in") => Comparison::In,
        word if says(word, "not") && says(&next(), "in") => Comparison::NotIn,
        word if says(word, "is") => match next() {
            word if says(&word, "null") => Comparison::IsNull,
            word if says(&word, "not") && says(&next(), "null") => Comparison::IsNotNull,
            _ => return Err(unfit("after IS comes NULL or NOT NULL")),
        },
        _ => return Err(unfit("after a key comes a comparison")),
    };
    let ordered = matches!(
        comparison,
        Comparison::Less | Comparison::AtMost | Comparison::Greater | Comparison::AtLeast
    );
    if ordered && matches!(key.scope, Scope::Param | Scope::Tag) {
        return Err(unfit("tags and params are texts, which can be equal, unequal or LIKE something"));
    }
    let value = |token: Option<Token>| match token {
        Some(Token::Quoted(text)) => Ok(Operand::Text(text)),
        Some(Token::Number(number)) => Ok(Operand::Number(number)),
        // As the client writes a flag.
        Some(Token::Word(word)) if matches!(word.as_str(), "true" | "false" | "True" | "False") => {
            Ok(Operand::Text(word.to_lowercase()))
        }
        _ => Err(unfit("after a comparison comes a number or a text in quotes")),
    };
    let values = match comparison {
        Comparison::IsNull | Comparison::IsNotNull => Vec::new(),
        Comparison::In | Comparison::NotIn => {
            if next() != Some(Token::Sign("(")) {
                return Err(unfit("after IN comes a list in brackets"));
            }
            let mut values = Vec::new();
            loop {
                values.push(value(next())?);
                match next() {
                    Some(Token::Sign(",")) => {}
                    Some(Token::Sign(")")) => break values,
                    _ => return Err(unfit("a list is not closed")),
                }
            }
        }
        _ => vec![value(next())?],
    };
    Ok(Clause { key, comparison, values })
}

/// By what a list is ordered, the first first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct OrderBy(Vec<(Key, bool)>);

impl OrderBy {
    /// Of texts such as `metrics.loss ASC`.
    pub(super) fn read(texts: &[String]) -> Result<Self, Refusal> {
        let mut by = Vec::new();
        for text in texts {
            let mut tokens = tokens(text)?.into_iter();
            let (Some(Token::Word(word)), direction, None) = (tokens.next(), tokens.next(), tokens.next())
            else {
                return Err(invalid(format!("Invalid order_by {text:?}: write a key and ASC or DESC")));
            };
            let ascending = match direction {
                None => true,
                Some(Token::Word(word)) if word.eq_ignore_ascii_case("asc") => true,
                Some(Token::Word(word)) if word.eq_ignore_ascii_case("desc") => false,
                _ => return Err(invalid(format!("Invalid order_by {text:?}: write a key and ASC or DESC"))),
            };
            by.push((key(&word), ascending));
        }
        Ok(Self(by))
    }

    /// The same, with more to go by where that leaves two alike.
    pub(super) fn then(mut self, name: &str, ascending: bool) -> Self {
        self.0.push((key(name), ascending));
        self
    }

    /// Puts a list into the order; what lacks a value, or has NaN, comes last either way.
    pub(super) fn sort<T>(&self, list: Vec<T>, value: impl Fn(&T, &Key) -> Option<Operand>) -> Vec<T> {
        let real =
            |found: Option<Operand>| found.filter(|one| !matches!(one, Operand::Number(n) if n.is_nan()));
        let mut keyed: Vec<(Vec<Option<Operand>>, T)> = list
            .into_iter()
            .map(|item| (self.0.iter().map(|(key, _)| real(value(&item, key))).collect(), item))
            .collect();
        keyed.sort_by(|(one, _), (other, _)| {
            let pairs = one.iter().zip(other).zip(&self.0);
            pairs.fold(Ordering::Equal, |order, ((one, other), (_, ascending))| {
                order.then_with(|| match (one, other) {
                    (Some(one), Some(other)) if *ascending => one.order(other),
                    (Some(one), Some(other)) => other.order(one),
                    (one, other) => other.is_some().cmp(&one.is_some()),
                })
            })
        });
        keyed.into_iter().map(|(_, item)| item).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(text: &str) -> bool {
        Filter::read(text).unwrap().fits(|key| match (key.scope, key.name.as_str()) {
            (Scope::Metric, "loss") => Some(Operand::Number(0.25)),
            (Scope::Metric, "broken") => Some(Operand::Number(f64::NAN)),
            (Scope::Param, "learning rate") => Some(Operand::text("0.1")),
            (Scope::Tag, "mlflow.source.type") => Some(Operand::text("LOCAL")),
            (Scope::Attribute, "run_name") => Some(Operand::text("Quick Fox")),
            (Scope::Attribute, "start_time") => Some(Operand::Number(1_700_000_000_000.0)),
            _ => None,
        })
    }

    #[test]
    fn what_fits_and_what_does_not() {
        for text in [
            "",
            "metrics.loss < 0.3",
            "metric.loss>=0.25 and params.`learning rate` = '0.1'",
            "tags.mlflow.source.type = 'LOCAL' AND params.\"learning rate\" != \"1\"",
            "attributes.run_name LIKE 'Quick%'",
            "run_name ILIKE '%fox'",
            "attributes.run_name IN ('a', 'Quick Fox')",
            "attributes.run_name NOT IN ('a')",
            "attributes.start_time > 1600000000000",
            "tags.x IS NULL AND tags.mlflow.source.type IS NOT NULL",
        ] {
            assert!(fits(text), "{text}");
        }
        for text in [
            "metrics.loss > 0.3",
            "metrics.nothing < 1",
            "metrics.broken < 1",
            "tags.x = 'y'",
            "tags.x != 'y'",
            "attributes.run_name LIKE 'quick%'",
            "attributes.run_name LIKE 'Quick'",
            "attributes.run_name LIKE '_'",
        ] {
            assert!(!fits(text), "{text}");
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in [
            "metrics.loss",
            "metrics.loss <",
            "metrics.loss < 1 OR metrics.loss > 2",
            "metrics.loss < 1 metrics.loss > 2",
            "'a' = 'b'",
            "tags.x = 'y",
            "tags.x > 'y'",
            "tags.x IN ('a'",
            "tags.x IN ()",
            "tags.x IS 'a'",
            "tags.x = y",
            "(tags.x = 'y')",
            "tags.x = 'a'; DROP TABLE runs",
        ] {
            assert!(Filter::read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_lacks_a_value_comes_last_in_both_directions() {
        let list = vec![Some(1.0), None, Some(3.0), Some(f64::NAN), Some(2.0)];
        let value = |item: &Option<f64>, _: &Key| item.map(Operand::Number);
        for (text, expected) in [("metrics.x", [1.0, 2.0, 3.0]), ("metrics.x DESC", [3.0, 2.0, 1.0])] {
            let sorted = OrderBy::read(&[text.to_owned()]).unwrap().sort(list.clone(), value);
            let numbers: Vec<_> = sorted.into_iter().flatten().filter(|n| !n.is_nan()).take(3).collect();
            assert_eq!(numbers, expected);
        }
        assert!(OrderBy::read(&["a b c".to_owned()]).is_err());
        assert!(OrderBy::read(&["a SIDEWAYS".to_owned()]).is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[a-z.`\"'=<>!(),% 0-9\u{e9}]{0,80}|.{0,200}") {
            if let Ok(filter) = Filter::read(&text) {
                let _ = filter.fits(|_| Some(Operand::text("x")));
            }
            let _ = OrderBy::read(&[text]);
        }

        #[test]
        fn like_ends_and_knows_what_is_alike(text in "[ab]{0,40}", pattern in "[ab_%]{0,40}") {
            proptest::prop_assert!(like(&text, "%", false));
            proptest::prop_assert!(like(&text, &text, true));
            let _ = like(&text, &pattern, false);
        }
    }
}
