//! What is said to a model and by it, in the shape of OpenTelemetry's GenAI conventions.

use serde::Serialize;
use serde_json::{Map, Value};

use super::json_text::embedded;

/// One message: `{"role": "user", "parts": [{"type": "text", "content": "Capital of France?"}]}`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Message {
    /// `system`, `user`, `assistant`, `tool`.
    pub role: String,
    /// What it is made of.
    pub parts: Vec<Part>,
    /// Why it ended, when a model said it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finish_reason: Option<String>,
}

/// A part of a message.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Part {
    /// Words.
    Text {
        /// The words.
        content: String,
        /// What they rest on: citation objects as the model's provider sends them.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        citations: Vec<Value>,
    },
    /// What the model thought before it answered.
    Reasoning {
        /// The words.
        content: String,
    },
    /// The model asks for a tool.
    ToolCall {
        /// Which call.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// Which tool.
        name: String,
        /// What the tool is given.
        arguments: Value,
    },
    /// What the tool gave.
    ToolCallResponse {
        /// Which call.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// What came of it.
        response: Value,
    },
    /// Anything else (an image, a file), as sent.
    Other {
        /// As sent.
        value: Value,
    },
}

impl Part {
    /// Words that rest on nothing that is told.
    pub fn words(content: impl Into<String>) -> Self {
        Self::Text { content: content.into(), citations: Vec::new() }
    }
}

impl Message {
    /// Words in a role.
    pub fn text(role: &str, content: impl Into<String>) -> Self {
        Self { role: role.to_owned(), parts: vec![Part::words(content)], finish_reason: None }
    }
}

/// Words in a role, as the only message; none when there are no words.
pub(crate) fn one_text(role: &str, text: Option<&str>) -> Vec<Message> {
    text.filter(|text| !text.is_empty()).map(|text| Message::text(role, text)).into_iter().collect()
}

/// Messages out of whatever a system sends as such: OpenTelemetry's, OpenAI's, Anthropic's or LangChain's shape, one or
/// a list, as JSON or as a text that holds JSON. What is in none of these shapes is kept as sent.
pub(crate) fn messages(role: &str, value: &Value) -> Vec<Message> {
    match value {
        Value::Null => Vec::new(),
        Value::String(text) => match embedded(text) {
            Value::String(text) => one_text(role, Some(&text)),
            value => messages(role, &value),
        },
        Value::Array(items) => items
            .iter()
            .flat_map(|item| match item {
                // LangChain sends a list of conversations.
                Value::Array(_) => messages(role, item),
                item => vec![message(role, item)],
            })
            .collect(),
        Value::Object(map) => match map.get("messages") {
            Some(list @ Value::Array(_)) => messages(role, list),
            _ => vec![message(role, value)],
        },
        other => vec![message(role, other)],
    }
}

fn message(role: &str, value: &Value) -> Message {
    let Value::Object(map) = value else {
        let parts = match value {
            Value::String(text) => vec![Part::words(text)],
            other => vec![Part::Other { value: other.clone() }],
        };
        return Message { role: role.to_owned(), parts, finish_reason: None };
    };
    // LangChain's serialised form, and its messages' own fields under `kwargs` or `data`.
    let map = ["kwargs", "data"].iter().find_map(|key| map.get(*key)?.as_object()).unwrap_or(map);
    let said = text(map, "role").or_else(|| text(map, "type")).map_or(role, plain_role).to_owned();
    let mut parts = Vec::new();
    if let Some(thought) = text(map, "reasoning_content") {
        parts.push(Part::Reasoning { content: thought.to_owned() });
    }
    let contents = map.get("parts").or_else(|| map.get("content"));
    let answers = map.get("tool_call_id").filter(|_| said == "tool");
    match (contents, answers) {
        (Some(content), Some(id)) => parts
            .push(Part::ToolCallResponse { id: id.as_str().map(str::to_owned), response: content.clone() }),
        (Some(Value::Array(items)), None) => parts.extend(items.iter().map(part)),
        (Some(Value::Null) | None, None) | (None, Some(_)) => {}
        (Some(Value::String(text)), None) if text.is_empty() => {}
        (Some(content), None) => parts.push(part(content)),
    }
    let calls = map.get("tool_calls").or_else(|| map.get("additional_kwargs")?.get("tool_calls"));
    parts.extend(calls.and_then(Value::as_array).into_iter().flatten().map(tool_call));
    if parts.is_empty() && contents.is_none() {
        parts.push(Part::Other { value: value.clone() });
    }
    // OpenAI's chat completions and Cohere cite for the whole message.
    let cited = citations(map);
    if let Some(Part::Text { citations, .. }) =
        parts.iter_mut().rev().find(|part| matches!(part, Part::Text { .. }))
        && !cited.is_empty()
    {
        citations.extend(cited);
    }
    let finish_reason = text(map, "finish_reason").map(str::to_owned);
    Message { role: said, parts, finish_reason }
}

fn part(value: &Value) -> Part {
    let map = match value {
        Value::String(text) => return Part::words(text),
        Value::Object(map) => map,
        other => return Part::Other { value: other.clone() },
    };
    let words = || ["content", "text", "thinking"].iter().find_map(|key| text(map, key)).map(str::to_owned);
    let id =
        || ["id", "tool_use_id", "tool_call_id"].iter().find_map(|key| text(map, key)).map(str::to_owned);
    match (text(map, "type"), words()) {
        (Some("text" | "input_text" | "output_text") | None, Some(content)) => {
            Part::Text { content, citations: citations(map) }
        }
        (Some("reasoning" | "thinking"), Some(content)) => Part::Reasoning { content },
        (Some("tool_call" | "tool_use" | "function_call"), _) => tool_call(value),
        (Some("tool_call_response" | "tool_result"), _) => {
            let response = ["response", "result", "content"].iter().find_map(|key| map.get(*key));
            Part::ToolCallResponse { id: id(), response: response.cloned().unwrap_or(Value::Null) }
        }
        _ => Part::Other { value: value.clone() },
    }
}

/// Anthropic's and Cohere's `citations`, OpenAI's `annotations`.
fn citations(map: &Map<String, Value>) -> Vec<Value> {
    let lists = ["citations", "annotations"].iter().filter_map(|key| map.get(*key)?.as_array());
    lists.flatten().filter(|citation| citation.is_object()).cloned().collect()
}

fn tool_call(value: &Value) -> Part {
    let Value::Object(map) = value else { return Part::Other { value: value.clone() } };
    let function = map.get("function").and_then(Value::as_object).unwrap_or(map);
    let Some(name) = text(function, "name") else { return Part::Other { value: value.clone() } };
    let arguments = ["arguments", "args", "input"].iter().find_map(|key| function.get(*key));
    let arguments = match arguments {
        Some(Value::String(text)) => embedded(text),
        Some(value) => value.clone(),
        None => Value::Null,
    };
    Part::ToolCall { id: text(map, "id").map(str::to_owned), name: name.to_owned(), arguments }
}

fn text<'a>(map: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    map.get(key).and_then(Value::as_str)
}

/// One word for a role that systems call differently.
fn plain_role(role: &str) -> &str {
    match role {
        "human" | "HumanMessage" | "HumanMessageChunk" => "user",
        "ai" | "AIMessage" | "AIMessageChunk" | "model" => "assistant",
        "SystemMessage" | "developer" => "system",
        "ToolMessage" | "function" => "tool",
        role => role,
    }
}
