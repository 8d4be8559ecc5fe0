//! What a run was given and what it gave: LangChain's and OpenAI's shapes, brought into one.

use catena_model::span::Usage;
use serde_json::{Map, Value};

use super::wire::Object;
use crate::genai::{Message, Passage, messages, one_text};

/// What a model answered.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) output: Vec<Message>,
    pub(super) model: Option<String>,
    pub(super) id: Option<String>,
    pub(super) finish_reasons: Vec<String>,
    pub(super) usage: Option<Usage>,
}

/// What a model was given.
pub(super) fn input(inputs: &Object) -> Vec<Message> {
    if let Some(list) = inputs.get("messages") {
        return messages("user", list);
    }
    match ["prompts", "prompt", "input", "text", "question"].iter().find_map(|key| inputs.get(*key)) {
        Some(Value::Array(texts)) if texts.iter().all(Value::is_string) => {
            texts.iter().flat_map(|text| one_text("user", text.as_str())).collect()
        }
        Some(Value::String(text)) => one_text("user", Some(text)),
        Some(other) => messages("user", other),
        None => Vec::new(),
    }
}

/// What a model answered, in whichever shape.
pub(super) fn answer(outputs: &Object) -> Answer {
    let mut answer = Answer { usage: usage_in(outputs), ..Answer::default() };
    if let Some(Value::Array(choices)) = outputs.get("choices") {
        of_openai(outputs, choices, &mut answer);
    } else if let Some(Value::Array(generations)) = outputs.get("generations") {
        of_langchain(outputs, generations, &mut answer);
    } else {
        answer.model = text(outputs, "model");
        answer.id = text(outputs, "id");
        let said =
            ["output", "messages", "message", "outputs", "text"].iter().find_map(|key| outputs.get(*key));
        answer.output = match said {
            Some(Value::String(text)) => one_text("assistant", Some(text)),
            Some(value) => {
                if let Some(message) = value.as_object() {
                    of_message(message, &mut answer);
                }
                messages("assistant", value)
            }
            // Anthropic's and LangChain's message itself.
            None if outputs.contains_key("content") => {
                of_message(outputs, &mut answer);
                messages("assistant", &Value::Object(outputs.clone()))
            }
            None => Vec::new(),
        };
    }
    answer
}

fn of_openai(outputs: &Object, choices: &[Value], answer: &mut Answer) {
    answer.model = text(outputs, "model");
    answer.id = text(outputs, "id");
    for choice in choices.iter().filter_map(Value::as_object) {
        let finish = text(choice, "finish_reason");
        let said = match (choice.get("message"), choice.get("text")) {
            (Some(message), _) => messages("assistant", message),
            (None, Some(Value::String(text))) => one_text("assistant", Some(text)),
            _ => Vec::new(),
        };
        answer
            .output
            .extend(said.into_iter().map(|message| Message { finish_reason: finish.clone(), ..message }));
        answer.finish_reasons.extend(finish);
    }
}

/// `{"generations": [[{"text": ..., "message": {"lc": 1, "kwargs": {...}}}]], "llm_output": {...}}`
fn of_langchain(outputs: &Object, generations: &[Value], answer: &mut Answer) {
    if let Some(about) = outputs.get("llm_output").and_then(Value::as_object) {
        answer.model = text(about, "model_name").or_else(|| text(about, "model"));
        answer.id = text(about, "id");
        let counted = about.get("token_usage").or_else(|| about.get("usage")).and_then(Value::as_object);
        answer.usage = answer.usage.or_else(|| counted.and_then(usage));
    }
    let flat = generations.iter().flat_map(|item| match item {
        Value::Array(inner) => inner.as_slice(),
        other => std::slice::from_ref(other),
    });
    for generation in flat.filter_map(Value::as_object) {
        let about = generation.get("generation_info").and_then(Value::as_object);
        let reasons = answer.finish_reasons.len();
        answer.finish_reasons.extend(about.and_then(|about| text(about, "finish_reason")));
        match generation.get("message") {
            Some(message) => {
                if let Some(message) = message.as_object() {
                    of_message(message, answer);
                }
                answer.output.extend(messages("assistant", message));
            }
            None => {
                answer.output.extend(one_text("assistant", generation.get("text").and_then(Value::as_str)))
            }
        }
        // The same reason stands in the generation and in its message.
        answer.finish_reasons.truncate(reasons + 1);
        let reason = answer.finish_reasons.get(reasons).cloned();
        if let Some(last) = answer.output.last_mut() {
            last.finish_reason = last.finish_reason.take().or(reason);
        }
    }
}

/// What a LangChain or Anthropic message says of its making.
fn of_message(message: &Object, answer: &mut Answer) {
    let message = ["kwargs", "data"].iter().find_map(|key| message.get(*key)?.as_object()).unwrap_or(message);
    let empty = Map::new();
    let about = message.get("response_metadata").and_then(Value::as_object).unwrap_or(&empty);
    let first = |keys: &[&str]| keys.iter().find_map(|key| text(about, key).or_else(|| text(message, key)));
    answer.model = answer.model.take().or_else(|| first(&["model_name", "model", "model_id"]));
    answer.id = answer.id.take().or_else(|| text(message, "id"));
    answer.finish_reasons.extend(first(&["finish_reason", "stop_reason", "done_reason"]));
    answer.usage = answer.usage.or_else(|| usage_in(message));
}

/// What an object says was used up, under the keys that it may stand under.
pub(super) fn usage_in(object: &Object) -> Option<Usage> {
    ["usage_metadata", "usage"].iter().find_map(|key| usage(object.get(*key)?.as_object()?))
}

fn usage(counted: &Object) -> Option<Usage> {
    let count =
        |keys: &[&str]| keys.iter().find_map(|key| counted.get(*key)?.as_i64()).filter(|count| *count >= 0);
    let usage = Usage {
        input_tokens: count(&["input_tokens", "prompt_tokens"]),
        output_tokens: count(&["output_tokens", "completion_tokens"]),
        cost: ["total_cost", "cost"]
            .iter()
            .find_map(|key| counted.get(*key)?.as_f64())
            .filter(|cost| cost.is_finite() && *cost >= 0.0),
    };
    (usage != Usage::default()).then_some(usage)
}

/// The passages that a retriever gave: LangChain's documents, as a list or under whichever key.
pub(super) fn passages(outputs: &Object) -> Vec<Passage> {
    let list = ["documents", "output", "docs", "results", "context"]
        .iter()
        .find_map(|key| outputs.get(*key)?.as_array())
        .or_else(|| {
            outputs.values().find_map(|value| value.as_array().filter(|list| list.iter().any(is_document)))
        });
    list.into_iter().flatten().filter_map(passage).collect()
}

fn is_document(value: &Value) -> bool {
    value.get("page_content").is_some()
        || value.get("kwargs").is_some_and(|inner| inner.get("page_content").is_some())
}

fn passage(value: &Value) -> Option<Passage> {
    let document = match value {
        Value::String(text) => return Some(Passage { text: Some(text.clone()), ..Passage::default() }),
        // A document and its score.
        Value::Array(pair) => {
            let (document, score) = (pair.first()?, pair.get(1).and_then(Value::as_f64));
            return passage(document).map(|found| Passage { score, ..found });
        }
        other => other.as_object()?,
    };
    let document = document.get("kwargs").and_then(Value::as_object).unwrap_or(document);
    let metadata = document.get("metadata").and_then(Value::as_object).cloned().unwrap_or_default();
    let words = ["page_content", "text", "content"].iter().find_map(|key| text(document, key));
    let id = text(document, "id").or_else(|| text(&metadata, "id")).or_else(|| text(&metadata, "_id"));
    if words.is_none() && id.is_none() {
        return None;
    }
    let score = document.get("score").or_else(|| metadata.get("score")).and_then(Value::as_f64);
    Some(Passage { id, text: words, score, document: text(&metadata, "source"), metadata })
}

/// The text under `key`, when there is one.
pub(super) fn text(object: &Object, key: &str) -> Option<String> {
    object.get(key)?.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned)
}
