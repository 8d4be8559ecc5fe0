//! MLflow's words (`mlflow.spanType`, `mlflow.spanInputs`, `mlflow.chat.tokenUsage`), as its tracing writes them: the
//! value of each is JSON in a text.

use catena_model::span::SpanKind;
use serde_json::Value;

use super::attributes::{Attributes, plain};
use crate::genai::{Agent, Passage, Step, Tool, messages};

/// Fills in what the span says in these words.
pub(super) fn fill(step: &mut Step, said: &Attributes<'_>) {
    step.span.kind = step.span.kind.max(kind(step, said));
    let model = word(said, "mlflow.llm.model");
    step.request_model = step.request_model.take().or_else(|| model.clone());
    step.response_model = step.response_model.take().or(model);
    step.provider = step.provider.take().or_else(|| word(said, "mlflow.llm.provider"));
    if let Some(tokens) = said.unpacked(&["mlflow.chat.tokenUsage"]) {
        let usage = &mut step.span.usage;
        usage.input_tokens = usage.input_tokens.or_else(|| tokens["input_tokens"].as_i64());
        usage.output_tokens = usage.output_tokens.or_else(|| tokens["output_tokens"].as_i64());
    }
    let outputs = said.unpacked(&["mlflow.spanOutputs"]);
    match step.span.kind {
        SpanKind::Llm => {
            step.operation.get_or_insert_with(|| "chat".to_owned());
            if step.input.is_empty() {
                step.input = said
                    .unpacked(&["mlflow.spanInputs"])
                    .map_or_else(Vec::new, |value| messages("user", &value));
            }
            if step.output.is_empty() {
                step.output = outputs.map_or_else(Vec::new, |value| messages("assistant", answered(&value)));
            }
        }
        SpanKind::Embedding => {
            step.operation.get_or_insert_with(|| "embeddings".to_owned());
        }
        SpanKind::Retrieval | SpanKind::Reranking if step.retrieved.is_empty() => {
            let items = outputs.as_ref().and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            step.retrieved = items.iter().filter_map(passage).collect();
        }
        SpanKind::Tool if step.tool.is_none() => {
            step.tool = Some(Tool { name: step.span.name.clone(), description: None });
        }
        SpanKind::Agent if step.agent.is_none() && !step.span.name.is_empty() => {
            step.agent = Some(Agent { name: step.span.name.clone(), description: None });
        }
        SpanKind::Workflow => {
            step.workflow.get_or_insert_with(|| step.span.name.clone());
        }
        _ => {}
    }
}

fn kind(step: &Step, said: &Attributes<'_>) -> SpanKind {
    match word(said, "mlflow.spanType").unwrap_or_default().to_uppercase().as_str() {
        "LLM" | "CHAT_MODEL" => SpanKind::Llm,
        "EMBEDDING" => SpanKind::Embedding,
        "RETRIEVER" => SpanKind::Retrieval,
        "RERANKER" => SpanKind::Reranking,
        "TOOL" => SpanKind::Tool,
        "AGENT" => SpanKind::Agent,
        "EVALUATOR" => SpanKind::Evaluation,
        "GUARDRAIL" => SpanKind::Guardrail,
        "WORKFLOW" => SpanKind::Workflow,
        "CHAIN" if step.is_root => SpanKind::Workflow,
        "CHAIN" | "TASK" | "PARSER" => SpanKind::Task,
        _ => SpanKind::Other,
    }
}

/// A text, which stands in quotes.
fn word(said: &Attributes<'_>, key: &str) -> Option<String> {
    let text = said.text(&[key])?;
    let inner = serde_json::from_str::<String>(&text).unwrap_or(text);
    Some(inner).filter(|text| !text.trim().is_empty())
}

/// Of a whole response as OpenAI's API gives it, what was answered.
fn answered(value: &Value) -> &Value {
    match value["choices"].get(0).map(|choice| &choice["message"]) {
        Some(message) if message.is_object() => message,
        _ => value,
    }
}

/// MLflow's `Document`.
fn passage(item: &Value) -> Option<Passage> {
    let metadata = item["metadata"].as_object().cloned().unwrap_or_default();
    let found = Passage {
        id: plain(&item["id"]),
        text: item["page_content"].as_str().map(str::to_owned),
        score: metadata.get("score").and_then(Value::as_f64),
        document: metadata.get("doc_uri").and_then(plain),
        metadata,
    };
    (found.id.is_some() || found.text.is_some()).then_some(found)
}

#[cfg(test)]
mod tests {
    use catena_model::span::Span;
    use serde_json::{Map, json};

    use super::*;

    fn filled(parent: Option<u128>, said: Value) -> Step {
        let attributes: Map<String, Value> = said
            .as_object()
            .unwrap()
            .iter()
            .map(|(key, value)| (key.clone(), json!(value.to_string())))
            .collect();
        let span = Span {
            id: catena_model::span::SpanId(1),
            parent: parent.map(catena_model::span::SpanId),
            name: "step".to_owned(),
            kind: SpanKind::Other,
            start: None,
            end: None,
            status: catena_model::span::SpanStatus::Unset,
            usage: Default::default(),
            attributes: Map::new(),
            events: Vec::new(),
            resource: Default::default(),
        };
        let mut step = Step::new(1, span, "app");
        fill(&mut step, &Attributes::of(&attributes));
        step
    }

    #[test]
    fn an_answer_says_by_whom_and_from_what() {
        let step = filled(
            Some(2),
            json!({
                "mlflow.spanType": "CHAT_MODEL",
                "mlflow.llm.model": "gpt-4o-mini",
                "mlflow.llm.provider": "openai",
                "mlflow.spanInputs": {"messages": [{"role": "user", "content": "When?"}]},
                "mlflow.spanOutputs": {"choices": [{"message": {"role": "assistant", "content": "At nine."}}]},
                "mlflow.chat.tokenUsage": {"input_tokens": 12, "output_tokens": 4},
            }),
        );
        assert_eq!(step.span.kind, SpanKind::Llm);
        assert_eq!(
            (step.provider.as_deref(), step.response_model.as_deref()),
            (Some("openai"), Some("gpt-4o-mini"))
        );
        assert_eq!((step.span.usage.input_tokens, step.span.usage.output_tokens), (Some(12), Some(4)));
        assert_eq!(step.input, messages("user", &json!("When?")));
        assert_eq!(step.output, messages("assistant", &json!("At nine.")));
    }

    #[test]
    fn what_was_found_and_what_the_whole_is() {
        let found = json!([
            {"page_content": "At nine.", "metadata": {"doc_uri": "s3://lake/opening.md", "score": 0.5}, "id": "c1"},
            {"nothing": true},
        ]);
        let step = filled(Some(2), json!({"mlflow.spanType": "RETRIEVER", "mlflow.spanOutputs": found}));
        assert_eq!(step.retrieved.len(), 1);
        assert_eq!(step.retrieved[0].document.as_deref(), Some("s3://lake/opening.md"));
        assert_eq!((step.retrieved[0].id.as_deref(), step.retrieved[0].score), (Some("c1"), Some(0.5)));
        let kind = |parent, said: Value| filled(parent, said).span.kind;
        assert_eq!(kind(None, json!({"mlflow.spanType": "CHAIN"})), SpanKind::Workflow);
        assert_eq!(kind(Some(2), json!({"mlflow.spanType": "CHAIN"})), SpanKind::Task);
        assert_eq!(
            kind(None, json!({"mlflow.spanType": "UNKNOWN", "mlflow.spanOutputs": null})),
            SpanKind::Other
        );
    }
}
