//! Listings that come in pages, each of which says how to ask for the next.

use serde_json::Value;

use crate::http::{Client, HttpError};

/// How many pages of one listing are asked for. A server that never comes to an end has to be stopped somewhere.
const MOST_PAGES: usize = 100_000;

/// How a server gives its lists out in pages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paging {
    /// The parameter that asks for the page of a token.
    pub(crate) parameter: &'static str,
    /// Where an answer has the token of the next page.
    pub(crate) next: &'static str,
}

/// A listing on the way.
pub(crate) struct Listing<'a> {
    client: &'a Client,
    path: String,
    query: Vec<(&'a str, String)>,
    /// Where an answer has the items.
    items: &'static str,
    paging: Paging,
    token: Option<String>,
    pages: usize,
    ended: bool,
}

impl<'a> Listing<'a> {
    pub(crate) fn new(
        client: &'a Client,
        path: String,
        query: Vec<(&'a str, String)>,
        items: &'static str,
        paging: Paging,
    ) -> Self {
        Self { client, path, query, items, paging, token: None, pages: 0, ended: false }
    }

    /// The next page; none after the last. An answer without items is an empty page, and one that holds neither items
    /// nor anything known is not the listing that was asked for.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<Value>>, HttpError> {
        if self.ended {
            return Ok(None);
        }
        let mut query: Vec<(&str, &str)> =
            self.query.iter().map(|(key, value)| (*key, value.as_str())).collect();
        if let Some(token) = &self.token {
            query.push((self.paging.parameter, token));
        }
        let mut answer: Value = self.client.get(&self.path, &query).await?.read()?;
        let next = answer.pointer(self.paging.next).and_then(Value::as_str).filter(|next| !next.is_empty());
        let next = next.map(str::to_owned);
        self.pages += 1;
        if next.is_some() && next == self.token || self.pages > MOST_PAGES {
            let what = self.items.trim_start_matches('/').to_owned();
            return Err(HttpError::Endless { url: self.client.endpoint().origin(), what });
        }
        self.ended = next.is_none();
        self.token = next;
        let is_empty = answer.as_object().is_some_and(serde_json::Map::is_empty);
        match answer.pointer_mut(self.items).map(Value::take) {
            Some(Value::Array(items)) => Ok(Some(items)),
            Some(Value::Null) => Ok(Some(Vec::new())),
            None if is_empty || !self.ended || self.pages > 1 => Ok(Some(Vec::new())),
            _ => Err(self.client.unreadable(&self.path, &format!("it has no list {}", self.items))),
        }
    }

    /// All items of all pages, for listings that are short.
    pub(crate) async fn all(mut self, most: usize) -> Result<Vec<Value>, HttpError> {
        let mut all = Vec::new();
        while let Some(page) = self.next().await? {
            all.extend(page);
            if all.len() > most {
                let what = self.items.trim_start_matches('/').to_owned();
                return Err(HttpError::Endless { url: self.client.endpoint().origin(), what });
            }
        }
        Ok(all)
    }
}

/// A part that these credentials may not read, or that the server doesn't have, in words; none for other failures.
pub(crate) fn left_out(error: &HttpError) -> Option<String> {
    match error {
        HttpError::Refused { status: 403, .. } => Some("these credentials may not read it".to_owned()),
        error if error.is_missing() => Some("the server doesn't have it".to_owned()),
        _ => None,
    }
}

/// A name as one segment of a path, whatever it holds.
pub(crate) fn segment(text: &str) -> String {
    // A segment of dots alone leads elsewhere, even when it is escaped.
    let dots = text.bytes().all(|byte| byte == b'.');
    text.bytes().fold(String::new(), |mut path, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'~' => path.push(char::from(byte)),
            b'.' if !dots => path.push('.'),
            b'.' => path.push('_'),
            byte => path.push_str(&format!("%{byte:02X}")),
        }
        path
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_nowhere_else() {
        assert_eq!(segment("main.shop.orders"), "main.shop.orders");
        assert_eq!(segment("../admin?x#é"), "..%2Fadmin%3Fx%23%C3%A9");
        assert_eq!(segment(".."), "__");
    }
}
