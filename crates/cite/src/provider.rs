//! Citation objects as providers send them: Anthropic's `citations`, OpenAI's `annotations`, Cohere's `citations`.

use serde_json::{Map, Value};

use crate::Span;

/// A citation as a provider says it.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// Which words of the text part rest on the source; the whole part where the provider cuts it so (Anthropic).
    pub answer: Option<Span>,
    /// The words that are quoted.
    pub quote: Option<String>,
    /// Which source.
    pub source: Cited,
    /// Where in it.
    pub place: Option<Place>,
}

/// How a provider names a source. Any of these may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cited {
    /// Its place among the documents of the request, from 0.
    pub index: Option<usize>,
    /// Its id.
    pub id: Option<String>,
    /// Its title or file name.
    pub title: Option<String>,
    /// Its web address.
    pub url: Option<String>,
}

/// Where in a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Characters of its text.
    Characters(Span),
    /// Pages, from 1; the last is one that holds a part of it.
    Pages {
        /// The first.
        first: usize,
        /// The last.
        last: usize,
    },
    /// Content blocks, from 0.
    Blocks(Span),
}

/// Reads one citation object; none when it is in no known shape.
pub fn read(value: &Value) -> Option<Said> {
    let map = value.as_object()?;
    match text(map, "type").as_deref() {
        Some("char_location") => {
            Some(anthropic(map, range(map, "start_char_index", "end_char_index").map(Place::Characters)))
        }
        Some("page_location") => {
            let pages = range(map, "start_page_number", "end_page_number");
            // The end is the page behind the last.
            let place = pages.map(|span| Place::Pages {
                first: span.start,
                last: span.end.saturating_sub(1).max(span.start),
            });
            Some(anthropic(map, place))
        }
        Some("content_block_location") => {
            Some(anthropic(map, range(map, "start_block_index", "end_block_index").map(Place::Blocks)))
        }
        Some("web_search_result_location" | "search_result_location") => {
            let mut said =
                anthropic(map, range(map, "start_block_index", "end_block_index").map(Place::Blocks));
            said.source.url = text(map, "url").or_else(|| text(map, "source"));
            said.source.index = number(map, "search_result_index").or(said.source.index);
            said.source.title = text(map, "title").or(said.source.title);
            Some(said)
        }
        Some("url_citation") => {
            // Chat completions put the fields into an object of their own, responses don't.
            let inner = map.get("url_citation").and_then(Value::as_object).unwrap_or(map);
            let source = Cited { url: text(inner, "url"), title: text(inner, "title"), ..Cited::default() };
            Some(Said { answer: range(inner, "start_index", "end_index"), quote: None, source, place: None })
        }
        Some("file_citation" | "container_file_citation") => {
            let inner = map.get("file_citation").and_then(Value::as_object).unwrap_or(map);
            let source =
                Cited { id: text(inner, "file_id"), title: text(inner, "filename"), ..Cited::default() };
            // Responses give the place of the mark alone: what it supports is the sentence there.
            let answer = range(map, "start_index", "end_index")
                .or_else(|| number(map, "index").map(|at| Span { start: at, end: at }));
            Some(Said { answer, quote: text(inner, "quote"), source, place: None })
        }
        _ if map.contains_key("sources") || map.contains_key("document_ids") => cohere(map),
        _ => None,
    }
}

fn anthropic(map: &Map<String, Value>, place: Option<Place>) -> Said {
    let source = Cited {
        index: number(map, "document_index"),
        id: text(map, "file_id"),
        title: text(map, "document_title"),
        url: None,
    };
    Said { answer: None, quote: text(map, "cited_text"), source, place }
}

fn cohere(map: &Map<String, Value>) -> Option<Said> {
    let answer = range(map, "start", "end")?;
    let source = match map.get("sources").and_then(Value::as_array).and_then(|sources| sources.first()) {
        Some(source) => Cited {
            id: source["id"].as_str().or(source["document"]["id"].as_str()).map(str::to_owned),
            title: source["document"]["title"].as_str().map(str::to_owned),
            url: source["document"]["url"].as_str().map(str::to_owned),
            index: None,
        },
        None => {
            Cited { id: map.get("document_ids")?.get(0)?.as_str().map(str::to_owned), ..Cited::default() }
        }
    };
    Some(Said { answer: Some(answer), quote: None, source, place: None })
}

fn text(map: &Map<String, Value>, key: &str) -> Option<String> {
    map.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn number(map: &Map<String, Value>, key: &str) -> Option<usize> {
    map.get(key).and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok())
}

fn range(map: &Map<String, Value>, start: &str, end: &str) -> Option<Span> {
    let span = Span { start: number(map, start)?, end: number(map, end)? };
    (span.start <= span.end).then_some(span)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn every_provider_s_shape_is_read() {
        let said =
            read(&json!({"type": "char_location", "cited_text": "The grass is green.", "document_index": 0,
            "document_title": "Lawn", "start_char_index": 0, "end_char_index": 20}))
            .unwrap();
        assert_eq!(said.place, Some(Place::Characters(Span { start: 0, end: 20 })));
        assert_eq!((said.source.index, said.source.title.as_deref()), (Some(0), Some("Lawn")));
        let said = read(&json!({"type": "page_location", "cited_text": "x", "document_index": 1,
            "start_page_number": 5, "end_page_number": 6}))
        .unwrap();
        assert_eq!(said.place, Some(Place::Pages { first: 5, last: 5 }));
        let said = read(&json!({"type": "url_citation", "url_citation": {"start_index": 3, "end_index": 9,
            "url": "https://example.org", "title": "Example"}}))
        .unwrap();
        assert_eq!(said.answer, Some(Span { start: 3, end: 9 }));
        let said =
            read(&json!({"type": "file_citation", "index": 12, "file_id": "f-1", "filename": "a.pdf"}))
                .unwrap();
        assert_eq!((said.source.id.as_deref(), said.source.title.as_deref()), (Some("f-1"), Some("a.pdf")));
        let said = read(&json!({"start": 0, "end": 4, "text": "Wind", "sources": [
            {"type": "document", "id": "doc:1", "document": {"id": "1", "title": "Weather"}}]}))
        .unwrap();
        assert_eq!(
            (said.source.id.as_deref(), said.source.title.as_deref()),
            (Some("doc:1"), Some("Weather"))
        );
        assert_eq!(read(&json!({"type": "something new"})), None);
    }

    proptest! {
        #[test]
        fn numbers_of_any_size_do_no_harm(a in any::<i64>(), b in any::<u64>()) {
            let _ = read(&json!({"type": "page_location", "start_page_number": b, "end_page_number": a}));
            let _ = read(&json!({"type": "url_citation", "start_index": a, "end_index": b}));
            let _ = read(&json!({"start": b, "end": a, "document_ids": [a]}));
        }
    }
}
