//! A record of a store that doesn't tell text from metadata: what is what is known by the words that libraries use.

use serde_json::{Map, Value};

use super::Entry;

/// Where libraries put a record's text.
const TEXTS: &[&str] = &["page_content", "document", "text", "content", "chunk_text", "chunk", "body"];

impl Entry {
    /// The record with this id, which may be a number, and what is noted on it.
    pub fn of_payload(id: &Value, mut payload: Map<String, Value>) -> Self {
        let id = id
            .as_str()
            .map_or_else(|| if id.is_null() { String::new() } else { id.to_string() }, str::to_owned);
        let key = TEXTS.iter().find(|key| payload.get(**key).is_some_and(Value::is_string));
        let document = match key.and_then(|key| payload.shift_remove(*key)) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        // LangChain keeps the metadata in a field of its own.
        if let Some(Value::Object(_)) = payload.get("metadata")
            && let Some(Value::Object(inner)) = payload.shift_remove("metadata")
        {
            for (key, value) in inner {
                payload.entry(key).or_insert(value);
            }
        }
        Self { id, document, metadata: (!payload.is_empty()).then_some(payload), uri: None }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry(payload: Value) -> Entry {
        Entry::of_payload(&json!(7), payload.as_object().cloned().unwrap())
    }

    #[test]
    fn text_and_metadata_are_told_apart_as_libraries_write_them() {
        let langchain = entry(json!({"page_content": "abc", "metadata": {"source": "/a.md"}}));
        assert_eq!((langchain.id.as_str(), langchain.document.as_deref()), ("7", Some("abc")));
        assert_eq!(langchain.metadata.unwrap()["source"], "/a.md");
        let own = entry(json!({"text": "abc", "source": "/a.md"}));
        assert_eq!((own.document.as_deref(), own.metadata.unwrap().len()), (Some("abc"), 1));
        let none = entry(json!({"text": 5}));
        assert_eq!((none.document, none.metadata.unwrap().len()), (None, 1));
    }
}
