//! What is looked at before a text is parsed, so that no text can exhaust the stack or take long.

use std::fmt;

use sqlparser::{
    dialect::Dialect as Grammar,
    keywords::Keyword,
    tokenizer::{Token, TokenWithSpan, Tokenizer},
};

use super::SqlError;

/// The longest text that is read.
pub(super) const MAX_BYTES: usize = 1024 * 1024;
/// How deep the parser may go.
pub(super) const MAX_RECURSION: usize = 50;
/// How many brackets may be open at once.
const MAX_OPEN: usize = 40;
/// How many words may follow one another without a comma, over all open brackets: chains such as `a + a + a` become
/// trees as deep as they are long.
const MAX_CHAIN: usize = 2_000;
/// How many set operations there may be, which chain over commas.
const MAX_SETS: usize = 300;

/// The text's tokens, if it is within the bounds.
pub(super) fn tokens(sql: &str, grammar: &dyn Grammar) -> Result<Vec<TokenWithSpan>, SqlError> {
    if sql.len() > MAX_BYTES {
        return Err(SqlError::TooLong);
    }
    let tokens = Tokenizer::new(grammar, sql)
        .tokenize_with_location()
        .map_err(|error| SqlError::Syntax(short(&error)))?;
    let mut open = vec![0_usize];
    let (mut chain, mut sets) = (0_usize, 0_usize);
    for token in &tokens {
        match &token.token {
            Token::Whitespace(_) => continue,
            Token::LParen | Token::LBracket | Token::LBrace => open.push(0),
            Token::RParen | Token::RBracket | Token::RBrace if open.len() > 1 => {
                chain -= open.pop().unwrap_or_default();
            }
            Token::Comma | Token::SemiColon => {
                if let Some(count) = open.last_mut() {
                    chain -= std::mem::take(count);
                }
            }
            Token::Word(word)
                if matches!(
                    word.keyword,
                    Keyword::UNION | Keyword::EXCEPT | Keyword::INTERSECT | Keyword::MINUS
                ) =>
            {
                sets += 1;
            }
            _ => {}
        }
        if let Some(count) = open.last_mut() {
            *count += 1;
            chain += 1;
        }
        if open.len() > MAX_OPEN || chain > MAX_CHAIN || sets > MAX_SETS {
            return Err(SqlError::TooDeep);
        }
    }
    Ok(tokens)
}

/// What a parser complains of, in a length that a person reads.
pub(super) fn short(error: &dyn fmt::Display) -> String {
    error.to_string().chars().take(200).collect()
}
