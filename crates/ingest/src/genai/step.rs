//! One step of an AI application, in words of our own.

use catena_model::span::{Span, SpanKind};
use serde_json::{Map, Value};

use super::message::Message;

/// One step. What a reader doesn't know stays empty; nothing is made up for it.
#[derive(Debug, Clone)]
pub struct Step {
    /// The trace: OpenTelemetry's 16 bytes, or a UUID.
    pub trace: u128,
    /// The span as it is kept: every attribute as sent.
    pub span: Span,
    /// Whether the step is the whole of its trace. A telling of a part of a step may not know.
    pub is_root: bool,
    /// The application that reports: OpenTelemetry's `service.name`, LangSmith's project, MLflow's experiment.
    pub application: String,
    /// `chat`, `text_completion`, `embeddings`, `execute_tool`, ... as OpenTelemetry's conventions name them.
    pub operation: Option<String>,
    /// Who offers the model, as the reporter writes it.
    pub provider: Option<String>,
    /// The model that was asked for.
    pub request_model: Option<String>,
    /// The model that answered.
    pub response_model: Option<String>,
    /// The answer's id at its provider.
    pub response_id: Option<String>,
    /// Temperature, most tokens and the like, by the names that OpenTelemetry's conventions give them
    /// (`temperature`, `max_tokens`, `top_p`).
    pub parameters: Map<String, Value>,
    /// What the model was given.
    pub input: Vec<Message>,
    /// What it answered.
    pub output: Vec<Message>,
    /// The tools that the model was told of, as sent.
    pub tools: Option<Value>,
    /// Why the answer ended.
    pub finish_reasons: Vec<String>,
    /// Milliseconds until the first token came.
    pub first_token_ms: Option<f64>,
    /// The prompt template that the input was made of.
    pub prompt: Option<Prompt>,
    /// Where passages were looked up.
    pub store: Option<Store>,
    /// What was found there, best first.
    pub retrieved: Vec<Passage>,
    /// The tool that was called.
    pub tool: Option<Tool>,
    /// The agent that acts in this step.
    pub agent: Option<Agent>,
    /// The workflow that this step is the whole of.
    pub workflow: Option<String>,
    /// The conversation that it belongs to.
    pub session: Option<String>,
    /// For whom it was done.
    pub user: Option<String>,
    /// How the step was measured.
    pub scores: Vec<Score>,
    /// What went wrong.
    pub error: Option<String>,
}

impl Step {
    /// A step of which only the span is known.
    pub fn new(trace: u128, span: Span, application: &str) -> Self {
        Self {
            trace,
            is_root: span.parent.is_none(),
            span,
            application: application.to_owned(),
            operation: None,
            provider: None,
            request_model: None,
            response_model: None,
            response_id: None,
            parameters: Map::new(),
            input: Vec::new(),
            output: Vec::new(),
            tools: None,
            finish_reasons: Vec::new(),
            first_token_ms: None,
            prompt: None,
            store: None,
            retrieved: Vec::new(),
            tool: None,
            agent: None,
            workflow: None,
            session: None,
            user: None,
            scores: Vec::new(),
            error: None,
        }
    }

    /// Whether the step is a model's answer, which the catalog keeps as an output.
    pub fn is_answer(&self) -> bool {
        self.span.kind == SpanKind::Llm
    }
}

/// A prompt template as a step refers to it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Prompt {
    /// Where the prompt is kept, when the reporter says so (`mlflow://host:5000`, `langsmith://host/tenant`); else it
    /// is the application's own.
    pub namespace: Option<String>,
    /// Its name there.
    pub name: Option<String>,
    /// Its version there. Without one, the template's text says which version it is.
    pub version: Option<String>,
    /// The template.
    pub template: Option<Value>,
    /// What was filled in.
    pub variables: Option<Value>,
}

/// A place where passages are looked up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Store {
    /// Which software: `chroma`, `pinecone`, `pgvector`.
    pub system: Option<String>,
    /// Which one of it: `host:port`.
    pub address: Option<String>,
    /// The collection, index or table in it.
    pub collection: Option<String>,
}

/// A passage that was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Passage {
    /// Its record's id in the store.
    pub id: Option<String>,
    /// Its text.
    pub text: Option<String>,
    /// How well it fits, as the store counts; greater or smaller may be better.
    pub score: Option<f64>,
    /// Where it is from: a path or URI. Looked for in `metadata` when it isn't said.
    pub document: Option<String>,
    /// What else the store has on it.
    pub metadata: Map<String, Value>,
}

/// A tool that was called.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// What it does.
    pub description: Option<String>,
}

/// An agent at work.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Agent {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
}

/// A measurement of a step.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Score {
    /// What was measured: `relevance`.
    pub name: String,
    /// The number.
    pub value: Option<f64>,
    /// The number in words: `pass`.
    pub label: Option<String>,
    /// Why.
    pub explanation: Option<String>,
    /// Who or what measured.
    pub by: Option<String>,
}
