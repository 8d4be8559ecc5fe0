//! OpenInference's words (`openinference.span.kind`, `llm.*`, `retrieval.documents.N.*`, `reranker.*`), as Phoenix'
//! instrumentations write them.

use catena_model::span::SpanKind;
use serde_json::{Map, Value, json};

use super::{
    attributes::{Attributes, plain, unpacked},
    span::Event,
};
use crate::genai::{Agent, Message, Passage, Prompt, Score, Step, Store, Tool, messages, one_text};

/// Fills in what the span says in these words.
pub(super) fn fill(step: &mut Step, said: &Attributes<'_>, events: &[Event]) {
    step.span.kind = step.span.kind.max(kind(step, said));
    fill_model(step, said);
    fill_usage(step, said);
    step.prompt = step.prompt.take().or_else(|| prompt(said));
    match step.span.kind {
        SpanKind::Llm => fill_messages(step, said, events),
        SpanKind::Embedding => {
            step.operation.get_or_insert_with(|| "embeddings".to_owned());
        }
        SpanKind::Retrieval => {
            step.store = metadata(said).and_then(|metadata| {
                let system = metadata.get("ls_vector_store_provider")?.as_str()?.to_owned();
                Some(Store { system: Some(system), address: None, collection: None })
            });
            step.retrieved = documents(said, "retrieval.documents.");
        }
        SpanKind::Reranking => step.retrieved = documents(said, "reranker.output_documents."),
        SpanKind::Tool => {
            let description = said.text(&["tool.description"]);
            step.tool = Some(Tool {
                name: said.text(&["tool.name"]).unwrap_or_else(|| step.span.name.clone()),
                description,
            });
        }
        SpanKind::Workflow => step.workflow = Some(step.span.name.clone()),
        _ => {}
    }
    let agent = said.text(&["agent.name"]).or_else(|| {
        (step.span.kind == SpanKind::Agent).then(|| step.span.name.clone()).filter(|name| !name.is_empty())
    });
    step.agent = step.agent.take().or_else(|| Some(Agent { name: agent?, description: None }));
    step.session = step.session.take().or_else(|| said.text(&["session.id"]));
    step.user = step.user.take().or_else(|| said.text(&["user.id"]));
    step.scores.extend(scores(said));
}

fn kind(step: &Step, said: &Attributes<'_>) -> SpanKind {
    match said.text(&["openinference.span.kind"]).unwrap_or_default().to_uppercase().as_str() {
        "LLM" => SpanKind::Llm,
        "EMBEDDING" => SpanKind::Embedding,
        "RETRIEVER" => SpanKind::Retrieval,
        "RERANKER" => SpanKind::Reranking,
        "TOOL" => SpanKind::Tool,
        "AGENT" => SpanKind::Agent,
        "EVALUATOR" => SpanKind::Evaluation,
        "GUARDRAIL" => SpanKind::Guardrail,
        // The whole of a request.
        "CHAIN" if step.is_root => SpanKind::Workflow,
        "CHAIN" | "PROMPT" => SpanKind::Task,
        _ => SpanKind::Other,
    }
}

fn fill_model(step: &mut Step, said: &Attributes<'_>) {
    let parameters = said.unpacked(&["llm.invocation_parameters", "embedding.invocation_parameters"]);
    let mut parameters: Map<String, Value> =
        parameters.and_then(|value| value.as_object().cloned()).unwrap_or_default();
    let asked = ["model", "model_name"].iter().find_map(|key| parameters.get(*key).and_then(plain));
    for key in ["model", "model_name", "_type"] {
        parameters.shift_remove(key);
    }
    parameters.retain(|_, value| !value.is_null());
    step.provider =
        step.provider.take().or_else(|| said.text(&["llm.provider", "llm.system", "decision.provider"]));
    let name =
        said.text(&["llm.model_name", "embedding.model_name", "reranker.model_name", "decision.model_name"]);
    step.request_model = step
        .request_model
        .take()
        .or_else(|| said.text(&["llm.request.model_name", "decision.request.model_name"]))
        .or(asked)
        .or_else(|| name.clone());
    step.response_model = step
        .response_model
        .take()
        .or_else(|| said.text(&["llm.response.model_name", "decision.response.model_name"]))
        .or(name);
    for (key, value) in parameters {
        step.parameters.entry(key).or_insert(value);
    }
}

fn fill_usage(step: &mut Step, said: &Attributes<'_>) {
    let usage = &mut step.span.usage;
    usage.input_tokens =
        usage.input_tokens.or_else(|| said.int(&["llm.token_count.prompt", "decision.token_count.input"]));
    usage.output_tokens = usage
        .output_tokens
        .or_else(|| said.int(&["llm.token_count.completion", "decision.token_count.output"]));
    let parts = || {
        let (prompt, answer) = (said.float(&["llm.cost.prompt"]), said.float(&["llm.cost.completion"]));
        (prompt.is_some() || answer.is_some()).then(|| prompt.unwrap_or(0.0) + answer.unwrap_or(0.0))
    };
    usage.cost = usage.cost.or_else(|| said.float(&["llm.cost.total"])).or_else(parts);
}

fn fill_messages(step: &mut Step, said: &Attributes<'_>, events: &[Event]) {
    step.operation.get_or_insert_with(|| "chat".to_owned());
    let listed = |prefix: &str, role: &str| -> Vec<Message> {
        let Some(Value::Array(items)) = said.tree(prefix) else { return Vec::new() };
        items.iter().flat_map(|item| messages(role, &message(item))).collect()
    };
    let text = |key: &str| said.text(&[key]);
    if step.input.is_empty() {
        step.input = listed("llm.input_messages.", "user");
    }
    if step.input.is_empty() {
        step.input = one_text("user", text("input.value").as_deref());
    }
    if step.output.is_empty() {
        step.output = listed("llm.output_messages.", "assistant");
    }
    if step.output.is_empty() {
        step.output = one_text("assistant", text("output.value").as_deref());
    }
    if step.finish_reasons.is_empty() {
        step.finish_reasons = said.texts(&["llm.finish_reason"]);
    }
    if step.tools.is_none() {
        let tools = said.tree("llm.tools.").and_then(|tools| tools.as_array().cloned());
        step.tools =
            tools.map(|tools| tools.iter().map(|tool| unpacked(&tool["tool"]["json_schema"])).collect());
    }
    let first = events.iter().find(|event| event.name == "First Token Stream Event").map(|event| event.time);
    if let (Some(first), Some(start), None) =
        (first.and_then(super::span::nanos), step.span.start, step.first_token_ms)
    {
        step.first_token_ms = Some((first.saturating_sub(start) / 1_000) as f64 / 1_000.0);
    }
}

/// OpenInference's message as OpenAI's: `{"message": {"role", "content", "contents", "tool_calls"}}`.
fn message(item: &Value) -> Value {
    let said = &item["message"];
    let mut plain = Map::new();
    for key in ["role", "content", "tool_call_id"] {
        if !said[key].is_null() {
            plain.insert(key.to_owned(), said[key].clone());
        }
    }
    if let Some(contents) = said["contents"].as_array() {
        let parts = contents.iter().map(|part| part["message_content"].clone());
        plain.insert("content".to_owned(), parts.collect());
    }
    if let Some(calls) = said["tool_calls"].as_array() {
        let calls = calls.iter().map(|call| call["tool_call"].clone());
        plain.insert("tool_calls".to_owned(), calls.collect());
    } else if let Some(name) = said["function_call_name"].as_str() {
        let call = json!({"name": name, "arguments": said["function_call_arguments_json"]});
        plain.insert("tool_calls".to_owned(), json!([call]));
    }
    Value::Object(plain)
}

fn prompt(said: &Attributes<'_>) -> Option<Prompt> {
    let prompt = Prompt {
        namespace: said.text(&["prompt.vendor"]).map(|vendor| format!("prompts://{}", vendor.to_lowercase())),
        name: said.text(&["prompt.id"]),
        version: said.text(&["llm.prompt_template.version"]),
        template: said.unpacked(&["llm.prompt_template.template"]),
        variables: said.unpacked(&["llm.prompt_template.variables"]),
    };
    (prompt.name.is_some() || prompt.template.is_some()).then_some(prompt)
}

fn documents(said: &Attributes<'_>, prefix: &str) -> Vec<Passage> {
    let Some(Value::Array(items)) = said.tree(prefix) else { return Vec::new() };
    items
        .iter()
        .filter_map(|item| {
            let document = item.get("document")?;
            let metadata = unpacked(&document["metadata"]);
            let passage = Passage {
                id: plain(&document["id"]),
                text: document["content"].as_str().map(str::to_owned),
                score: document["score"].as_f64(),
                document: plain(&document["url"]),
                metadata: metadata.as_object().cloned().unwrap_or_default(),
            };
            (passage.id.is_some() || passage.text.is_some()).then_some(passage)
        })
        .collect()
}

fn metadata(said: &Attributes<'_>) -> Option<Map<String, Value>> {
    said.unpacked(&["metadata"])?.as_object().cloned()
}

/// Measurements of this span: `evaluations.0.evaluation.name` and so on.
fn scores(said: &Attributes<'_>) -> Vec<Score> {
    let lists = [("evaluations.", "evaluation"), ("annotations.", "annotation")];
    let listed = lists.into_iter().flat_map(|(prefix, key)| {
        let items = said.tree(prefix).and_then(|tree| tree.as_array().cloned()).unwrap_or_default();
        items.into_iter().filter_map(move |item| {
            let item = item.get(key)?;
            Some(Score {
                name: plain(&item["name"])?,
                value: item["score"].as_f64(),
                label: plain(&item["label"]),
                explanation: plain(&item["explanation"]),
                by: plain(&item["annotator_kind"]),
            })
        })
    });
    listed.collect()
}
