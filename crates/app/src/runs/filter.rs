//! Choosing runs by an expression, in the words of MLflow's search: `metrics.rmse < 0.5 AND params.model = 'xgb'`.

use super::{column::Cell, table::RunsTable};
use crate::AppError;

/// What a run must be like.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    /// Any run.
    Any,
    All(Vec<Test>),
    Either(Vec<Test>),
    Not(Box<Test>),
    /// The name, experiment or job has these letters in it.
    Called(String),
    Compare(String, Comparison, Operand),
    OneOf(String, Vec<Operand>),
    /// Whether there is any value.
    Present(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Less,
    AtMost,
    More,
    AtLeast,
    /// SQL's LIKE; with regard to case, or without.
    Like {
        fold: bool,
    },
    Contains,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Operand {
    text: String,
    number: Option<f64>,
}

/// How deep brackets may go; more is a mistake or an attack.
const DEEPEST: usize = 64;
/// How long an expression may be, in bytes.
const LONGEST: usize = 20_000;

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    /// In quotes, whichever.
    Quoted(String),
    Sign(&'static str),
}

const SIGNS: [&str; 12] = ["!=", "<=", ">=", "<>", "==", "=", "<", ">", "(", ")", ",", "."];

/// Reads an expression; an empty one means any run.
pub(super) fn read(text: &str) -> Result<Test, AppError> {
    if text.len() > LONGEST {
        return Err(AppError::bad_request(format!("a filter has {LONGEST} letters at the most")));
    }
    let tokens = tokens(text)?;
    if tokens.is_empty() {
        return Ok(Test::Any);
    }
    let mut reading = Reading { tokens: &tokens, at: 0, text };
    let test = reading.either(0)?;
    match reading.peek() {
        None => Ok(test),
        Some(_) => Err(reading.expected("AND, OR or the end")),
    }
}

type Placed = (usize, Token);

fn tokens(text: &str) -> Result<Vec<Placed>, AppError> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let at = text.len() - rest.len();
        if first.is_whitespace() {
            rest = &rest[first.len_utf8()..];
        } else if matches!(first, '\'' | '"' | '`') {
            let body = &rest[1..];
            let Some(end) = body.find(first) else {
                return Err(wrong(text, at, "this quotation mark has no other to close it"));
            };
            tokens.push((at, Token::Quoted(body[..end].to_owned())));
            rest = &body[end + 1..];
        } else if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
            tokens.push((at, Token::Sign(sign)));
            rest = &rest[sign.len()..];
        } else {
            // A point within a number or a name is a part of it; what follows `params.` is a name of its own.
            let mut end = 0;
            for (i, letter) in rest.char_indices() {
                let ends = letter.is_whitespace()
                    || matches!(letter, '\'' | '"' | '`' | '(' | ')' | ',' | '=' | '<' | '>')
                    || (letter == '!' && rest[i..].starts_with("!="));
                if ends {
                    break;
                }
                end = i + letter.len_utf8();
            }
            if end == 0 {
                return Err(wrong(text, at, "this sign means nothing here"));
            }
            tokens.push((at, Token::Word(rest[..end].to_owned())));
            rest = &rest[end..];
        }
    }
    Ok(tokens)
}

fn wrong(text: &str, at: usize, what: &str) -> AppError {
    let place = text.get(..at).map_or(at, |before| before.chars().count()) + 1;
    let near: String = text.get(at..).unwrap_or_default().chars().take(20).collect();
    AppError::bad_request(match near.is_empty() {
        true => format!("filter: at the end, {what}"),
        false => format!("filter, letter {place}, at \"{near}\": {what}"),
    })
}

struct Reading<'t> {
    tokens: &'t [Placed],
    at: usize,
    text: &'t str,
}

impl Reading<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(_, token)| token)
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Some(Token::Word(held)) if held.eq_ignore_ascii_case(word))
    }

    fn took_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }

    fn took_sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Sign(held)) if *held == sign);
        self.at += usize::from(found);
        found
    }

    fn expected(&self, what: &str) -> AppError {
        let at = self.tokens.get(self.at).map_or(self.text.len(), |(at, _)| *at);
        wrong(self.text, at, &format!("expected {what}"))
    }

    fn either(&mut self, depth: usize) -> Result<Test, AppError> {
        if depth > DEEPEST {
            return Err(self.expected(&format!("no more than {DEEPEST} brackets within each other")));
        }
        let mut tests = vec![self.all(depth)?];
        while self.took_word("or") {
            tests.push(self.all(depth)?);
        }
        Ok(if tests.len() == 1 { tests.remove(0) } else { Test::Either(tests) })
    }

    fn all(&mut self, depth: usize) -> Result<Test, AppError> {
        let mut tests = vec![self.one(depth)?];
        // Words one behind the other must all fit, as everywhere that one searches.
        while self.took_word("and") || (self.peek().is_some() && self.starts_a_test()) {
            tests.push(self.one(depth)?);
        }
        Ok(if tests.len() == 1 { tests.remove(0) } else { Test::All(tests) })
    }

    fn starts_a_test(&self) -> bool {
        match self.peek() {
            Some(Token::Word(word)) => !["or", "and"].iter().any(|joint| word.eq_ignore_ascii_case(joint)),
            Some(Token::Quoted(_) | Token::Sign("(")) => true,
            _ => false,
        }
    }

    fn one(&mut self, depth: usize) -> Result<Test, AppError> {
        if self.took_word("not") {
            if depth > DEEPEST {
                return Err(self.expected("fewer NOTs"));
            }
            return Ok(Test::Not(Box::new(self.one(depth + 1)?)));
        }
        if self.took_sign("(") {
            let test = self.either(depth + 1)?;
            return if self.took_sign(")") { Ok(test) } else { Err(self.expected("a closing bracket")) };
        }
        let key = self.key()?;
        let Some(token) = self.peek().cloned() else { return Ok(Test::Called(key)) };
        let comparison = match &token {
            Token::Sign("=" | "==") => (Comparison::Equal, false),
            Token::Sign("!=" | "<>") => (Comparison::Equal, true),
            Token::Sign("<") => (Comparison::Less, false),
            Token::Sign("<=") => (Comparison::AtMost, false),
            Token::Sign(">") => (Comparison::More, false),
            Token::Sign(">=") => (Comparison::AtLeast, false),
            Token::Word(word) => {
                let negated = word.eq_ignore_ascii_case("not");
                let place = self.at;
                self.at += usize::from(negated);
                let found = match self.peek() {
                    Some(Token::Word(word)) => word.to_ascii_lowercase(),
                    _ => String::new(),
                };
                match found.as_str() {
                    "like" => (Comparison::Like { fold: false }, negated),
                    "ilike" => (Comparison::Like { fold: true }, negated),
                    "contains" => (Comparison::Contains, negated),
                    "in" => {
                        self.at += 1;
                        let among = Test::OneOf(column(&key), self.list()?);
                        return Ok(if negated { Test::Not(Box::new(among)) } else { among });
                    }
                    "is" if !negated => {
                        self.at += 1;
                        let absent = !self.took_word("not");
                        if !self.took_word("null") {
                            return Err(self.expected("NULL, or NOT NULL"));
                        }
                        let present = Test::Present(column(&key));
                        return Ok(if absent { Test::Not(Box::new(present)) } else { present });
                    }
                    _ => {
                        self.at = place;
                        return Ok(Test::Called(key));
                    }
                }
            }
            _ => return Ok(Test::Called(key)),
        };
        self.at += 1;
        let operand = self.operand()?;
        let test = Test::Compare(column(&key), comparison.0, operand);
        Ok(if comparison.1 { Test::Not(Box::new(test)) } else { test })
    }

    /// A column: `metrics.loss`, `params."learning rate"`; or a word to look for.
    fn key(&mut self) -> Result<String, AppError> {
        let Some(token) = self.peek().cloned() else {
            return Err(self.expected("a column such as metrics.loss, or a word to look for"));
        };
        match token {
            Token::Word(mut word) => {
                self.at += 1;
                if word.ends_with('.')
                    && let Some(Token::Quoted(rest)) = self.peek().cloned()
                {
                    self.at += 1;
                    word.push_str(&rest);
                }
                Ok(word)
            }
            Token::Quoted(text) => {
                self.at += 1;
                Ok(text)
            }
            Token::Sign(_) => Err(self.expected("a column such as metrics.loss, or a word to look for")),
        }
    }

    fn operand(&mut self) -> Result<Operand, AppError> {
        let text = match self.peek().cloned() {
            Some(Token::Word(text) | Token::Quoted(text)) => text,
            _ => return Err(self.expected("a value")),
        };
        self.at += 1;
        Ok(Operand { number: text.trim().parse().ok(), text })
    }

    fn list(&mut self) -> Result<Vec<Operand>, AppError> {
        if !self.took_sign("(") {
            return Err(self.expected("values in brackets"));
        }
        let mut among = vec![self.operand()?];
        while self.took_sign(",") {
            among.push(self.operand()?);
        }
        if self.took_sign(")") { Ok(among) } else { Err(self.expected("a comma or a closing bracket")) }
    }
}

/// A column by whichever of its names: MLflow says `attributes.status`, `attribute.status`, `metric.loss` too.
pub(super) fn column(key: &str) -> String {
    let (prefix, rest) = key.split_once('.').unwrap_or(("", key));
    match prefix.to_ascii_lowercase().as_str() {
        "attributes" | "attribute" | "attr" | "run" => match rest {
            "run_name" => "name".to_owned(),
            "user_id" => "user".to_owned(),
            rest => rest.to_owned(),
        },
        "metrics" | "metric" => format!("metrics.{rest}"),
        "params" | "param" | "parameters" | "parameter" => format!("params.{rest}"),
        "tags" | "tag" => format!("tags.{rest}"),
        _ => key.to_owned(),
    }
}

impl Test {
    /// Whether the run in this row is such.
    pub(super) fn holds(&self, table: &RunsTable, row: usize) -> bool {
        match self {
            Self::Any => true,
            Self::All(tests) => tests.iter().all(|test| test.holds(table, row)),
            Self::Either(tests) => tests.iter().any(|test| test.holds(table, row)),
            Self::Not(test) => !test.holds(table, row),
            Self::Called(text) => {
                let Some(head) = table.heads.get(row) else { return false };
                contains(&head.name, text)
                    || table.parent(row).is_some_and(|parent| contains(&parent.name, text))
                    || head.id.to_string().starts_with(text.as_str())
            }
            Self::Compare(column, comparison, operand) => {
                let cell = table.cell(column, row);
                comparison.holds(cell, operand, table)
            }
            Self::OneOf(column, among) => {
                let cell = table.cell(column, row);
                among.iter().any(|operand| Comparison::Equal.holds(cell, operand, table))
            }
            Self::Present(column) => table.cell(column, row) != Cell::Missing,
        }
    }

    /// The columns that are asked about and that no run has.
    pub(super) fn unknown<'t>(&'t self, table: &RunsTable, found: &mut Vec<&'t str>) {
        match self {
            Self::Any | Self::Called(_) => {}
            Self::All(tests) | Self::Either(tests) => {
                tests.iter().for_each(|test| test.unknown(table, found))
            }
            Self::Not(test) => test.unknown(table, found),
            Self::Compare(column, ..) | Self::OneOf(column, _) | Self::Present(column) => {
                if !table.columns.contains_key(column) && !found.contains(&column.as_str()) {
                    found.push(column);
                }
            }
        }
    }
}

impl Comparison {
    /// What has no value is not equal, less or more than anything.
    fn holds(self, cell: Cell, operand: &Operand, table: &RunsTable) -> bool {
        let (number, word) = match cell {
            Cell::Missing => return false,
            Cell::Number(number) => (Some(number), None),
            Cell::Text(word) => (table.words.as_number(word), Some(table.words.text(word))),
        };
        match self {
            Self::Like { fold } => word.is_some_and(|text| like(text, &operand.text, fold)),
            Self::Contains => word.is_some_and(|text| contains(text, &operand.text)),
            Self::Equal => match (word, number, operand.number) {
                (Some(text), _, _) if text == operand.text => true,
                (_, Some(number), Some(other)) => number == other,
                _ => false,
            },
            _ => {
                let order = match (number, operand.number) {
                    (Some(number), Some(other)) => number.partial_cmp(&other),
                    // Texts by their letters; a number is never less than a text.
                    _ => word.map(|text| text.cmp(operand.text.as_str())),
                };
                order.is_some_and(|order| match self {
                    Self::Less => order.is_lt(),
                    Self::AtMost => order.is_le(),
                    Self::More => order.is_gt(),
                    _ => order.is_ge(),
                })
            }
        }
    }
}

fn contains(text: &str, part: &str) -> bool {
    if text.contains(part) {
        return true;
    }
    let (text, part) = (text.to_lowercase(), part.to_lowercase());
    text.contains(&part)
}

/// SQL's LIKE: `%` stands for any letters, `_` for one. Without going back more than once, so that no pattern is slow.
fn like(text: &str, pattern: &str, fold: bool) -> bool {
    let folded = |text: &str| if fold { text.to_lowercase() } else { text.to_owned() };
    let text: Vec<char> = folded(text).chars().collect();
    let pattern: Vec<char> = folded(pattern).chars().collect();
    let (mut at, mut in_pattern, mut star, mut resume) = (0, 0, None, 0);
    while at < text.len() {
        match pattern.get(in_pattern) {
            Some('%') => {
                star = Some(in_pattern);
                resume = at;
                in_pattern += 1;
            }
            Some(letter) if *letter == '_' || *letter == text[at] => {
                at += 1;
                in_pattern += 1;
            }
            _ => match star {
                Some(star) => {
                    in_pattern = star + 1;
                    resume += 1;
                    at = resume;
                }
                None => return false,
            },
        }
    }
    pattern[in_pattern..].iter().all(|letter| *letter == '%')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_mlflow_users_type_is_read() {
        for text in [
            "metrics.rmse < 0.5 and params.model = 'xgb'",
            "attributes.status = \"FINISHED\" OR tags.`release candidate` != 'no'",
            "params.\"learning rate\" IN ('0.1', '0.01') and not (metrics.loss >= 1e-3)",
            "name LIKE '%baseline%' and metric.f1 IS NOT NULL",
            "xgboost baseline",
        ] {
            assert!(read(text).is_ok(), "{text}");
        }
        assert_eq!(
            read("param.a = 1").unwrap(),
            Test::Compare(
                "params.a".into(),
                Comparison::Equal,
                Operand { text: "1".into(), number: Some(1.0) }
            )
        );
        assert_eq!(read("  ").unwrap(), Test::Any);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (text, said) in [
            ("metrics.rmse <", "filter: at the end, expected a value"),
            ("metrics.rmse < 1 )", "filter, letter 18, at \")\": expected AND, OR or the end"),
            ("params.a = 'x", "filter, letter 12, at \"'x\": this quotation mark has no other to close it"),
            ("a in 1", "filter, letter 6, at \"1\": expected values in brackets"),
        ] {
            assert_eq!(read(text).unwrap_err().message, said);
        }
        assert!(read(&"(".repeat(10_000)).is_err());
        assert!(read(&"not ".repeat(4_000)).is_err());
    }

    #[test]
    fn like_is_sql_s() {
        assert!(like("baseline v2", "%line%", false));
        assert!(like("abc", "a_c", false));
        assert!(!like("abc", "A%", false));
        assert!(like("abc", "A%", true));
        assert!(!like("abc", "ab", false));
        assert!(like("", "%", false));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,60}") {
            let _ = read(&text);
        }

        #[test]
        fn pieces_in_any_order_are_read_or_refused(pieces in prop::collection::vec(
            prop_oneof![Just("and"), Just("or"), Just("not"), Just("("), Just(")"), Just("metrics.a"), Just("<"), Just("="),
                Just("in"), Just("'x'"), Just("is"), Just("null"), Just("like"), Just(","), Just("1.5")], 0..20)) {
            let _ = read(&pieces.join(" "));
        }
    }
}
