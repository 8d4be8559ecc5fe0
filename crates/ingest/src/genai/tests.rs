//! What steps say.

use std::sync::Arc;

use catena_model::span::{Span, SpanId, SpanKind, SpanStatus, Usage};
use serde_json::{Map, Value, json};

use super::*;
use crate::tests::lines;

fn step(kind: SpanKind, name: &str) -> Step {
    let span = Span {
        id: SpanId(0xb1),
        parent: Some(SpanId(0xa1)),
        name: name.to_owned(),
        kind,
        start: Some(1_795_000_000_000_000_000),
        end: Some(1_795_000_000_250_400_000),
        status: SpanStatus::Unset,
        usage: Usage::default(),
        attributes: Map::new(),
        events: Vec::new(),
        resource: Arc::new(json!({})),
    };
    Step::new(0x7e, span, "rag")
}

fn said(step: Step) -> Vec<String> {
    lines(&step.record("here".to_owned(), "otel"))
}

const TRACE: &str = "trace trace/0000000000000000000000000000007e";
const OUTPUT: &str = "output trace/0000000000000000000000000000007e/00000000000000b1";

#[test]
fn an_answer_is_an_output_of_its_trace_by_a_model_version_and_a_prompt() {
    let mut answer = step(SpanKind::Llm, "openai.chat");
    answer.provider = Some("openai".into());
    answer.request_model = Some("gpt-4o-mini".into());
    answer.response_model = Some("gpt-4o-mini-2024-07-18".into());
    answer.agent = Some(Agent { name: "planner".into(), description: None });
    answer.input = messages("user", &json!([{"role": "user", "content": "Capital of France?"}]));
    answer.output = one_text("assistant", Some("Paris."));
    answer.finish_reasons = vec!["stop".into()];
    answer.span.usage = Usage { input_tokens: Some(9), output_tokens: Some(3), cost: None };
    answer.prompt = Some(Prompt { name: Some("qa".into()), version: Some("3".into()), ..Prompt::default() });
    let said = said(answer);
    let expected = [
        format!("{OUTPUT} produced_by {TRACE} (reported)"),
        format!("{OUTPUT}: name = \"openai.chat\""),
        "model_version openai/gpt-4o-mini-2024-07-18 part of model openai/gpt-4o-mini".to_owned(),
        format!("{OUTPUT} uses_model model_version openai/gpt-4o-mini-2024-07-18 (reported)"),
        "agent app://rag/planner uses_model model openai/gpt-4o-mini (reported)".to_owned(),
        "prompt_version app://rag/prompts/qa/3 part of prompt app://rag/prompts/qa".to_owned(),
        format!("{OUTPUT} uses_prompt prompt_version app://rag/prompts/qa/3 (reported)"),
    ];
    for line in &expected {
        assert!(said.contains(line), "{line}\nin {said:#?}");
    }
    assert_eq!(said.len(), expected.len() + 5, "{said:#?}");
    assert!(said.iter().any(|line| line.contains("gen_ai.response") && line.contains("finish_reasons")));
    assert!(said.last().unwrap().contains("span 00000000000000b1 openai.chat (llm)"));
}

#[test]
fn facets_have_one_shape() {
    let mut answer = step(SpanKind::Llm, "chat");
    answer.request_model = Some("m".into());
    answer.parameters = Map::from_iter([("temperature".to_owned(), json!(0.2))]);
    answer.output = one_text("assistant", Some("Paris."));
    answer.error = Some("cut off".into());
    let record = answer.record("here".to_owned(), "otel");
    let facet = |wanted: &str| {
        record.statements.iter().find_map(|statement| match statement {
            catena_model::statement::Statement::Facet { name, body, .. } if name == wanted => {
                Some(body.clone())
            }
            _ => None,
        })
    };
    assert_eq!(facet("gen_ai.request"), Some(json!({"model": "m", "parameters": {"temperature": 0.2}})));
    assert_eq!(facet("gen_ai.response"), Some(json!({"latency_ms": 250.4, "error": "cut off"})));
    let messages = json!([{"role": "assistant", "parts": [{"type": "text", "content": "Paris."}]}]);
    assert_eq!(facet("gen_ai.output"), Some(json!({ "messages": messages })));
    assert_eq!(facet("gen_ai.input"), None);
}

#[test]
fn what_was_retrieved_leads_to_its_document_and_file() {
    let mut retrieval = step(SpanKind::Retrieval, "chroma.query");
    retrieval.store =
        Some(Store { system: Some("chroma".into()), address: None, collection: Some("kb-docs".into()) });
    retrieval.retrieved = vec![Passage {
        id: Some("c1".into()),
        text: Some("Paris is the capital.".into()),
        score: Some(0.25),
        document: None,
        metadata: Map::from_iter([("source".to_owned(), json!("/data/faq.md"))]),
    }];
    let said = said(retrieval);
    for line in [
        format!("{TRACE} retrieved chunk chroma://*/kb-docs/c1 (reported)"),
        format!(r#"{TRACE} about chunk chroma://*/kb-docs/c1: facet retrieval = {{"rank":1,"score":0.25}}"#),
        "chunk chroma://*/kb-docs/c1 part of dataset chroma://*/kb-docs".to_owned(),
        "chunk chroma://*/kb-docs/c1 derives_from document file/data/faq.md (reported)".to_owned(),
        "document file/data/faq.md derives_from dataset file/data/faq.md (reported)".to_owned(),
    ] {
        assert!(said.contains(&line), "{line}\nin {said:#?}");
    }
}

#[test]
fn a_root_names_its_trace_and_is_a_run_of_its_service_and_workflow() {
    let mut root = step(SpanKind::Workflow, "qa.workflow");
    root.is_root = true;
    root.workflow = Some("qa".into());
    let said = said(root);
    assert_eq!(
        said[..3],
        [
            format!("{TRACE}: name = \"qa.workflow\""),
            format!("{TRACE} run_of service app://rag/rag (reported)"),
            format!("{TRACE} run_of job app://rag/qa (reported)"),
        ]
    );
}

#[test]
fn messages_of_every_shape_become_the_same() {
    let expected = vec![Message {
        role: "assistant".into(),
        parts: vec![
            Part::words("Let me look."),
            Part::ToolCall {
                id: Some("c1".into()),
                name: "weather".into(),
                arguments: json!({"city": "Paris"}),
            },
        ],
        finish_reason: None,
    }];
    let shapes = [
        json!([{"role": "assistant", "parts": [{"type": "text", "content": "Let me look."},
            {"type": "tool_call", "id": "c1", "name": "weather", "arguments": {"city": "Paris"}}]}]),
        json!({"role": "assistant", "content": "Let me look.", "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": "{\"city\":\"Paris\"}"}}]}),
        json!([{"role": "assistant", "content": [{"type": "text", "text": "Let me look."},
            {"type": "tool_use", "id": "c1", "name": "weather", "input": {"city": "Paris"}}]}]),
        json!([[{"lc": 1, "type": "constructor", "id": ["AIMessage"], "kwargs": {"type": "ai", "content": "Let me look.",
            "tool_calls": [{"id": "c1", "name": "weather", "args": {"city": "Paris"}}]}}]]),
    ];
    for shape in shapes {
        assert_eq!(messages("user", &shape), expected, "{shape}");
        assert_eq!(messages("user", &Value::from(shape.to_string())), expected, "{shape} as text");
    }
    let answer = json!({"role": "tool", "tool_call_id": "c1", "content": "20"});
    let part = Part::ToolCallResponse { id: Some("c1".into()), response: json!("20") };
    assert_eq!(messages("user", &answer)[0].parts, [part]);
    assert_eq!(messages("user", &json!("Hi")), one_text("user", Some("Hi")));
    assert_eq!(messages("user", &json!([])), []);
    assert!(matches!(messages("user", &json!({"odd": 1}))[0].parts[0], Part::Other { .. }));
}

#[test]
fn a_step_counts_for_what_it_called_and_for_whom() {
    use catena_model::work::Role;

    let mut step = step(SpanKind::Llm, "chat");
    step.request_model = Some("gpt-4o".to_owned());
    step.agent = Some(Agent { name: "helper".to_owned(), description: None });
    let work = step.work(&names::trace(step.trace));
    let named = |role: Role| -> Vec<String> {
        work.roles.iter().filter(|(one, _)| *one == role).map(|(_, thing)| thing.name.name.clone()).collect()
    };
    assert!(named(Role::Called).iter().any(|name| name.starts_with("gpt")), "{:?}", work.roles);
    assert_eq!(named(Role::Caller), ["helper"]);
    assert!(named(Role::Spent).contains(&"helper".to_owned()));
}
