//! OpenTelemetry's conventions for generative AI (`gen_ai.*`), as its own instrumentations and newer ones of
//! OpenLLMetry write them.

use catena_model::span::SpanKind;
use serde_json::{Map, Value};

use super::{
    attributes::{Attributes, plain, unpacked},
    span::Event,
};
use crate::genai::{Agent, Passage, Prompt, Score, Step, Store, Tool, messages};

/// Fills in what the span says in these words.
pub(super) fn fill(step: &mut Step, said: &Attributes<'_>, events: &[Event]) {
    step.operation = said.text(&["gen_ai.operation.name"]);
    step.span.kind = kind(step.operation.as_deref());
    step.provider = said.text(&["gen_ai.provider.name", "gen_ai.system"]);
    step.request_model = said.text(&["gen_ai.request.model"]);
    step.response_model = said.text(&["gen_ai.response.model"]);
    step.response_id = said.text(&["gen_ai.response.id"]);
    step.parameters = parameters(said);
    step.tools = said.unpacked(&["gen_ai.tool.definitions"]);
    step.finish_reasons = said.texts(&["gen_ai.response.finish_reasons"]);
    step.first_token_ms =
        said.float(&["gen_ai.response.time_to_first_chunk"]).map(|seconds| (seconds * 1e6).round() / 1e3);
    step.span.usage.input_tokens = said.int(&["gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"]);
    step.span.usage.output_tokens =
        said.int(&["gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"]);
    step.span.usage.cost = said.float(&["gen_ai.usage.cost"]);
    step.session = said.text(&["gen_ai.conversation.id"]);
    step.user = said.text(&["gen_ai.user", "user.id", "enduser.id"]);
    step.agent = said
        .text(&["gen_ai.agent.name"])
        .map(|name| Agent { name, description: said.text(&["gen_ai.agent.description"]) });
    step.tool = said
        .text(&["gen_ai.tool.name"])
        .map(|name| Tool { name, description: said.text(&["gen_ai.tool.description"]) });
    if step.span.kind == SpanKind::Workflow {
        step.workflow = said.text(&["gen_ai.workflow.name"]);
    }
    step.prompt = prompt(said);
    (step.input, step.output) = said_in(said);
    if step.span.kind == SpanKind::Retrieval {
        step.store = Some(Store {
            system: step.provider.clone(),
            address: address(said),
            collection: said.text(&["gen_ai.data_source.id"]),
        });
        step.retrieved = said
            .unpacked(&["gen_ai.retrieval.documents"])
            .and_then(|documents| {
                documents.as_array().map(|items| items.iter().filter_map(passage).collect())
            })
            .unwrap_or_default();
    }
    step.scores = events.iter().filter_map(|event| score(&event.name, &event.attributes)).collect();
}

/// What the model was given, and what it answered.
pub(super) fn said_in(said: &Attributes<'_>) -> (Vec<crate::genai::Message>, Vec<crate::genai::Message>) {
    let mut input = said
        .value(&["gen_ai.system_instructions"])
        .map(|instructions| system(&unpacked(instructions)))
        .unwrap_or_default();
    let said_as =
        |role: &str, key: &str| said.value(&[key]).map(|value| messages(role, value)).unwrap_or_default();
    input.extend(said_as("user", "gen_ai.input.messages"));
    (input, said_as("assistant", "gen_ai.output.messages"))
}

/// Instructions are a list of parts, or a text.
fn system(instructions: &Value) -> Vec<crate::genai::Message> {
    match instructions {
        Value::Array(_) => messages("system", &serde_json::json!({"role": "system", "parts": instructions})),
        other => messages("system", other),
    }
}

fn kind(operation: Option<&str>) -> SpanKind {
    match operation.unwrap_or_default() {
        "chat" | "text_completion" | "generate_content" | "completion" => SpanKind::Llm,
        "embeddings" | "embedding" => SpanKind::Embedding,
        "retrieval" | "vector_db_retrieve" => SpanKind::Retrieval,
        "rerank" | "reranking" => SpanKind::Reranking,
        "execute_tool" => SpanKind::Tool,
        "invoke_agent" | "create_agent" => SpanKind::Agent,
        "invoke_workflow" => SpanKind::Workflow,
        "execute_task" => SpanKind::Task,
        _ => SpanKind::Other,
    }
}

fn parameters(said: &Attributes<'_>) -> Map<String, Value> {
    let asked = said.behind("gen_ai.request.").filter(|(name, _)| *name != "model");
    let openai = said.behind("gen_ai.openai.request.");
    asked.chain(openai).map(|(name, value)| (name.to_owned(), value.clone())).collect()
}

fn prompt(said: &Attributes<'_>) -> Option<Prompt> {
    let variables: Map<String, Value> = said
        .behind("gen_ai.prompt.variable.")
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect();
    Some(Prompt {
        name: Some(said.text(&["gen_ai.prompt.name"])?),
        version: said.text(&["gen_ai.prompt.version"]),
        variables: (!variables.is_empty()).then_some(Value::Object(variables)),
        ..Prompt::default()
    })
}

/// Where a server is, as it stands in a namespace.
pub(super) fn address(said: &Attributes<'_>) -> Option<String> {
    let host = said.text(&["server.address", "net.peer.name", "db.connection_string"])?;
    match said.int(&["server.port", "net.peer.port"]) {
        Some(port) if !host.contains("://") => Some(format!("{host}:{port}")),
        _ => Some(host),
    }
}

fn passage(document: &Value) -> Option<Passage> {
    let map = document.as_object()?;
    let passage = Passage {
        id: map.get("id").and_then(plain),
        text: ["content", "text", "page_content"]
            .iter()
            .find_map(|key| map.get(*key)?.as_str())
            .map(str::to_owned),
        score: map.get("score").and_then(Value::as_f64),
        document: None,
        metadata: map.get("metadata").and_then(Value::as_object).cloned().unwrap_or_default(),
    };
    (passage.id.is_some() || passage.text.is_some()).then_some(passage)
}

/// The measurement that an event tells of, if it is one.
pub(super) fn score(event: &str, attributes: &Map<String, Value>) -> Option<Score> {
    if event != "gen_ai.evaluation.result" {
        return None;
    }
    let said = Attributes::of(attributes);
    Some(Score {
        name: said.text(&["gen_ai.evaluation.name"])?,
        value: said.float(&["gen_ai.evaluation.score.value"]),
        label: said.text(&["gen_ai.evaluation.score.label"]),
        explanation: said.text(&["gen_ai.evaluation.explanation"]),
        by: None,
    })
}
