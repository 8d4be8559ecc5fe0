//! OpenLLMetry's own words: `traceloop.*`, the flattened `gen_ai.prompt.N.*` and `llm.*` of its older versions, and
//! what its instrumentations of vector stores write (`db.*`).

use catena_model::span::SpanKind;
use serde_json::{Map, Value, json};

use super::{
    attributes::{Attributes, unpacked},
    genai_semconv::address,
    span::Event,
};
use crate::genai::{Agent, Passage, Prompt, Step, Store, Tool, messages, one_text};

/// Fills in what the span says in these words and hasn't said in OpenTelemetry's.
pub(super) fn fill(step: &mut Step, said: &Attributes<'_>, events: &[Event]) {
    if said.is_any("traceloop.") {
        fill_entity(step, said);
    }
    if said.is_any("gen_ai.") || said.is_any("llm.") {
        fill_call(step, said);
    }
    if let Some(system) = said.text(&["db.system", "db.system.name", "vector_db.system", "vector_db.vendor"])
    {
        fill_lookup(step, said, &system, events);
    }
}

/// A decorated function or a framework's part.
fn fill_entity(step: &mut Step, said: &Attributes<'_>) {
    let name = said.text(&["traceloop.entity.name"]);
    let known = matches!(
        step.span.kind,
        SpanKind::Llm | SpanKind::Embedding | SpanKind::Retrieval | SpanKind::Reranking
    );
    match said.text(&["traceloop.span.kind"]).as_deref() {
        Some("workflow") if !known => {
            step.span.kind = SpanKind::Workflow;
            // What it calls an agent there is the workflow.
            step.agent = None;
            step.workflow = name.or_else(|| said.text(&["traceloop.workflow.name"]));
        }
        Some("agent") if !known => {
            step.span.kind = SpanKind::Agent;
            step.agent = step.agent.take().or_else(|| Some(Agent { name: name?, description: None }));
        }
        Some("tool") if !known => {
            step.span.kind = SpanKind::Tool;
            step.tool = step.tool.take().or_else(|| Some(Tool { name: name?, description: None }));
        }
        Some("task") if !known => step.span.kind = SpanKind::Task,
        _ => {}
    }
    if step.span.kind == SpanKind::Retrieval && step.retrieved.is_empty() {
        step.store = said
            .text(&["traceloop.association.properties.ls_vector_store_provider"])
            .map(|system| Store { system: Some(system), address: None, collection: None });
        let output = said.unpacked(&["traceloop.entity.output"]);
        let documents = output.as_ref().and_then(|output| output.get("documents")?.as_array());
        step.retrieved = documents.into_iter().flatten().filter_map(document).collect();
    }
    let property = |key: &str| said.text(&[&format!("traceloop.association.properties.{key}")]);
    step.session = step.session.take().or_else(|| property("session_id"));
    step.user = step.user.take().or_else(|| property("user_id"));
    let prompt = Prompt {
        namespace: None,
        name: said.text(&["traceloop.prompt.key"]),
        version: said.text(&["traceloop.prompt.version", "traceloop.prompt.version_hash"]),
        template: said.unpacked(&["traceloop.prompt.template"]),
        variables: said.unpacked(&["traceloop.prompt.template_variables"]),
    };
    if step.prompt.is_none() && prompt != Prompt::default() {
        step.prompt = Some(prompt);
    }
}

/// A call of a model.
fn fill_call(step: &mut Step, said: &Attributes<'_>) {
    let request = said.text(&["llm.request.type"]);
    let kind = match request.as_deref() {
        Some("chat" | "completion") => Some((SpanKind::Llm, "chat")),
        Some("embedding") => Some((SpanKind::Embedding, "embeddings")),
        Some("rerank") => Some((SpanKind::Reranking, "rerank")),
        _ => None,
    };
    if let Some((kind, operation)) = kind {
        if matches!(step.span.kind, SpanKind::Other | SpanKind::Task) {
            step.span.kind = kind;
        }
        step.operation.get_or_insert_with(|| operation.to_owned());
    }
    if step.input.is_empty() {
        step.input = flattened(said.tree("gen_ai.prompt."), "user");
    }
    if step.output.is_empty() {
        let completions = said.tree("gen_ai.completion.");
        if step.finish_reasons.is_empty() {
            let listed = completions.as_ref().and_then(Value::as_array).into_iter().flatten();
            step.finish_reasons =
                listed.filter_map(|item| item.get("finish_reason")?.as_str()).map(str::to_owned).collect();
        }
        step.output = flattened(completions, "assistant");
    }
    for (name, key) in [
        ("top_k", "llm.top_k"),
        ("frequency_penalty", "llm.frequency_penalty"),
        ("presence_penalty", "llm.presence_penalty"),
        ("stop_sequences", "llm.chat.stop_sequences"),
    ] {
        if let Some(value) = said.value(&[key]) {
            step.parameters.entry(name).or_insert_with(|| value.clone());
        }
    }
    if step.tools.is_none() {
        let tools = said.tree("llm.request.functions.").map(|mut tools| {
            for tool in tools.as_array_mut().into_iter().flatten() {
                if let Some(parameters) = tool.get_mut("parameters") {
                    *parameters = unpacked(parameters);
                }
            }
            tools
        });
        step.tools = tools;
    }
    step.user = step.user.take().or_else(|| said.text(&["llm.user"]));
}

/// The messages that `gen_ai.prompt.0.role` and so on flatten; what isn't numbered is no message.
fn flattened(tree: Option<Value>, role: &str) -> Vec<crate::genai::Message> {
    let Some(Value::Array(items)) = tree else { return Vec::new() };
    items
        .iter()
        .flat_map(|item| {
            let plain = item.get("role").is_none() && item.get("tool_calls").is_none();
            match item.get("content").and_then(Value::as_str) {
                Some(text) if plain => one_text(role, Some(text)),
                // A content that is no text was sent as JSON.
                Some(text) => {
                    let mut item = item.clone();
                    if let content @ Value::Array(_) = unpacked(&Value::from(text)) {
                        item["content"] = content;
                    }
                    messages(role, &item)
                }
                None => messages(role, item),
            }
        })
        .collect()
}

/// A lookup in a vector store.
fn fill_lookup(step: &mut Step, said: &Attributes<'_>, system: &str, events: &[Event]) {
    let operation = said.text(&["db.operation", "db.operation.name"]).unwrap_or_default();
    let found: Vec<Passage> = events.iter().filter_map(result).collect();
    if found.is_empty() && !matches!(operation.as_str(), "query" | "search" | "peek" | "hybrid_search") {
        return;
    }
    // A query of a database is no retrieval.
    if found.is_empty() && !said.is_any(&format!("db.{system}.")) && !said.is_any("db.vector.") {
        return;
    }
    if step.span.kind == SpanKind::Other {
        step.span.kind = SpanKind::Retrieval;
    }
    let collection = said
        .text(&["db.collection.name", "db.vector.collection", "vector_db.collection", "db.name"])
        .or_else(|| {
            let suffixes = [".collection_name", ".query.namespace", ".class_name", ".table_name"];
            let named = |key: &&str| suffixes.iter().any(|suffix| key.ends_with(suffix));
            let (_, value) = said.behind(&format!("db.{system}")).find(|(key, _)| named(key))?;
            super::attributes::plain(value)
        });
    step.store = Some(Store { system: Some(system.to_owned()), address: address(said), collection });
    if step.retrieved.is_empty() {
        step.retrieved = found;
    }
}

/// One result of a query, which is an event of its own.
fn result(event: &Event) -> Option<Passage> {
    if event.name != "db.query.result" && event.name != "db.search.result" {
        return None;
    }
    let said = Attributes::of(&event.attributes);
    let get = |name: &str| [format!("db.query.result.{name}"), format!("db.search.result.{name}")];
    let text = |name: &str| said.text(&get(name).each_ref().map(String::as_str));
    let float = |name: &str| said.float(&get(name).each_ref().map(String::as_str));
    let metadata = said.unpacked(&get("metadata").each_ref().map(String::as_str));
    let passage = Passage {
        id: text("id"),
        text: text("document"),
        score: float("score").or_else(|| float("distance")),
        document: None,
        metadata: metadata.and_then(|metadata| metadata.as_object().cloned()).unwrap_or_default(),
    };
    (passage.id.is_some() || passage.text.is_some()).then_some(passage)
}

/// A document as LangChain writes it.
fn document(value: &Value) -> Option<Passage> {
    let map = value.as_object()?;
    let empty = json!({});
    let metadata: &Map<String, Value> = map.get("metadata").unwrap_or(&empty).as_object()?;
    Some(Passage {
        id: map.get("id").and_then(Value::as_str).map(str::to_owned),
        text: Some(map.get("page_content")?.as_str()?.to_owned()),
        score: None,
        document: None,
        metadata: metadata.clone(),
    })
}
