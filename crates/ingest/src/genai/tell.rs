//! From a step to statements.

use catena_model::{
    evidence::Method,
    field::Single,
    kind::Kind,
    relation::RelationKind,
    source::{Known, Source},
    span::{SpanKind, Usage},
    statement::{Record, Statement, Thing},
    time::Timestamp,
};
use serde_json::{Map, Value, json};

use super::{
    names::{self, Offered},
    step::{Agent, Passage, Step},
};
use crate::{fault::shorten, telling::Telling};

impl Step {
    /// The record that says all that is known of the step, for a person at `place`. `system` is what reported it:
    /// `otel`, `langsmith`, `mlflow`.
    pub fn record(self, place: String, system: &str) -> Record {
        let source = Source::system(system, &names::application(&self.application));
        let mut telling = Telling::at(self.told_at());
        self.tell(&mut telling);
        telling.record(place, source, Known::Detected)
    }

    /// When what is known of the step was so: at its end, or its start while it runs.
    pub(crate) fn told_at(&self) -> Timestamp {
        let nanos = self.span.end.or(self.span.start).unwrap_or_default();
        Timestamp::from_micros(nanos.div_euclid(1_000))
    }

    /// Says all that is known of the step.
    pub(crate) fn tell(self, telling: &mut Telling) {
        let trace = names::trace(self.trace);
        if self.is_root {
            self.tell_root(telling, &trace);
        }
        self.tell_doers(telling, &trace);
        let model = self.offered();
        match self.is_answer() {
            true => self.tell_answer(telling, &trace, model.as_ref()),
            false => self.tell_work(telling, &trace, model.as_ref()),
        }
        self.tell_retrieved(telling, &trace);
        telling.push(Statement::Work(Box::new(self.work(&trace))));
        telling.push(Statement::Span { trace, span: Box::new(self.span) });
    }

    pub(super) fn offered(&self) -> Option<Offered> {
        let name = self.response_model.as_deref().filter(|name| !name.trim().is_empty());
        names::offered(self.provider.as_deref(), name.or(self.request_model.as_deref())?)
    }

    /// What the whole request is called, and of what it is a run.
    fn tell_root(&self, telling: &mut Telling, trace: &Thing) {
        self.tell_name(telling, trace);
        if let Some(service) = names::service(&self.application) {
            telling.related(trace, RelationKind::RunOf, &service, Method::Reported, None);
        }
    }

    fn tell_name(&self, telling: &mut Telling, thing: &Thing) {
        if !self.span.name.trim().is_empty() {
            telling.text(thing, Single::Name, Some(&shorten(&self.span.name, 200)));
        }
    }

    /// The workflow, agent and tool that act in it.
    fn tell_doers(&self, telling: &mut Telling, trace: &Thing) {
        let workflow =
            self.workflow.as_deref().and_then(|name| names::own(Kind::Job, &self.application, name));
        if let Some(workflow) = workflow {
            telling.related(trace, RelationKind::RunOf, &workflow, Method::Reported, None);
        }
        let agent = self.agent_thing();
        if self.span.kind == SpanKind::Agent
            && let (Some(agent), Some(said)) = (&agent, &self.agent)
        {
            telling.related(trace, RelationKind::RunOf, agent, Method::Reported, None);
            described(telling, agent, said.description.as_deref());
        }
        if self.span.kind == SpanKind::Tool
            && let Some(said) = &self.tool
            && let Some(tool) = names::own(Kind::Tool, &self.application, &said.name)
        {
            telling.related(trace, RelationKind::DependsOn, &tool, Method::Reported, None);
            described(telling, &tool, said.description.as_deref());
            if let Some(agent) = &agent {
                telling.related(agent, RelationKind::DependsOn, &tool, Method::Reported, None);
            }
        }
    }

    fn agent_thing(&self) -> Option<Thing> {
        let Agent { name, .. } = self.agent.as_ref()?;
        names::own(Kind::Agent, &self.application, name)
    }

    /// A model's answer.
    fn tell_answer(&self, telling: &mut Telling, trace: &Thing, model: Option<&Offered>) {
        let output = names::output(self.trace, self.span.id);
        telling.related(&output, RelationKind::ProducedBy, trace, Method::Reported, None);
        self.tell_name(telling, &output);
        self.tell_model(telling, &output, model);
        if let (Some(agent), Some(model)) = (self.agent_thing(), model) {
            telling.related(&agent, RelationKind::UsesModel, &model.model, Method::Reported, None);
        }
        self.tell_prompt(telling, &output);
        let request = self.request();
        if !request.is_empty() {
            telling.facet(&output, "gen_ai.request", Value::Object(request));
        }
        let response = self.response();
        if !response.is_empty() {
            telling.facet(&output, "gen_ai.response", Value::Object(response));
        }
        self.tell_messages(telling);
        self.tell_scores(telling, &output);
    }

    /// What was said, when it is known: a system may tell of it apart from the step itself.
    pub(crate) fn tell_messages(&self, telling: &mut Telling) {
        let output = names::output(self.trace, self.span.id);
        for (name, messages) in [("gen_ai.input", &self.input), ("gen_ai.output", &self.output)] {
            if !messages.is_empty() {
                telling.facet(&output, name, json!({ "messages": messages }));
            }
        }
    }

    /// Any other step: what it used, its trace used.
    fn tell_work(&self, telling: &mut Telling, trace: &Thing, model: Option<&Offered>) {
        match (self.span.kind, self.agent_thing(), model) {
            (SpanKind::Embedding | SpanKind::Reranking, _, model) => self.tell_model(telling, trace, model),
            (SpanKind::Agent, Some(agent), Some(model)) => {
                telling.related(&agent, RelationKind::UsesModel, &model.model, Method::Reported, None);
            }
            _ => {}
        }
        self.tell_prompt(telling, trace);
        self.tell_scores(telling, trace);
    }

    fn tell_model(&self, telling: &mut Telling, user: &Thing, model: Option<&Offered>) {
        let Some(model) = model else { return };
        if let Some(version) = &model.version {
            telling.part_of(version, &model.model);
        }
        telling.related(user, RelationKind::UsesModel, model.exact(), Method::Reported, None);
    }

    fn tell_prompt(&self, telling: &mut Telling, user: &Thing) {
        let Some(said) = &self.prompt else { return };
        let Some(prompted) = names::prompted(&self.application, said) else { return };
        if let Some(prompt) = prompted.prompt.filter(|prompt| *prompt != prompted.exact) {
            telling.part_of(&prompted.exact, &prompt);
        }
        telling.related(user, RelationKind::UsesPrompt, &prompted.exact, Method::Reported, None);
        if let Some(template) = &said.template {
            telling.facet(&prompted.exact, "template", json!({ "template": template }));
        }
    }

    pub(crate) fn tell_scores(&self, telling: &mut Telling, thing: &Thing) {
        for score in self.scores.iter().filter(|score| !score.name.trim().is_empty()) {
            let body = present([
                ("value", score.value.map(Value::from)),
                ("label", text(&score.label)),
                ("explanation", text(&score.explanation)),
                ("by", text(&score.by)),
                ("span", Some(Value::from(self.span.id.to_string()))),
            ]);
            telling.facet(thing, &format!("score.{}", shorten(score.name.trim(), 200)), Value::Object(body));
        }
    }

    fn tell_retrieved(&self, telling: &mut Telling, trace: &Thing) {
        let collection = self.store.as_ref().and_then(names::collection);
        for (rank, passage) in self.retrieved.iter().enumerate() {
            self.tell_passage(telling, trace, collection.as_ref(), rank, passage);
        }
        if self.retrieved.is_empty()
            && self.span.kind == SpanKind::Retrieval
            && let Some(collection) = &collection
        {
            telling.related(trace, RelationKind::Reads, collection, Method::Reported, None);
        }
    }

    fn tell_passage(
        &self,
        telling: &mut Telling,
        trace: &Thing,
        collection: Option<&Thing>,
        rank: usize,
        passage: &Passage,
    ) {
        let Some(chunk) = names::chunk(self.store.as_ref(), passage) else { return };
        telling.related(trace, RelationKind::Retrieved, &chunk, Method::Reported, None);
        // A framework tells of the same retrieval without scores: that must not replace the store's own telling.
        if let Some(score) = passage.score {
            let name = if self.span.kind == SpanKind::Reranking { "reranking" } else { "retrieval" };
            telling.pair_facet(trace, Some(&chunk), name, json!({ "rank": rank + 1, "score": score }));
        }
        if let Some(collection) = collection.filter(|whole| whole.name.namespace == chunk.name.namespace) {
            telling.part_of(&chunk, collection);
        }
        if let Some(facet) = names::facet_of(passage) {
            telling.facet(&chunk, "passage", facet);
        }
        if let Some(source) = names::source(&self.application, passage) {
            telling.related(&chunk, RelationKind::DerivesFrom, &source, Method::Reported, None);
            if let Some(export) = names::export_of(&source, passage) {
                telling.facet(&source, "tableExport", export);
            }
            if let Some(file) = names::file_of(&source) {
                telling.related(&source, RelationKind::DerivesFrom, &file, Method::Reported, None);
            }
        }
    }

    /// What the model was asked.
    fn request(&self) -> Map<String, Value> {
        let prompt = self.prompt.as_ref().map(|prompt| {
            Value::Object(present([
                ("name", text(&prompt.name)),
                ("version", text(&prompt.version)),
                ("variables", prompt.variables.clone()),
            ]))
        });
        let parameters = (!self.parameters.is_empty()).then(|| Value::Object(self.parameters.clone()));
        present([
            ("operation", text(&self.operation)),
            ("provider", text(&self.provider)),
            ("model", text(&self.request_model)),
            ("parameters", parameters),
            ("tools", self.tools.clone()),
            ("prompt", prompt.filter(|prompt| prompt.as_object().is_some_and(|map| !map.is_empty()))),
            ("agent", self.agent.as_ref().map(|agent| Value::from(agent.name.as_str()))),
            ("session", text(&self.session)),
            ("user", text(&self.user)),
        ])
    }

    /// What came of it; empty while the step runs.
    fn response(&self) -> Map<String, Value> {
        let latency =
            self.span.end.zip(self.span.start).map(|(end, start)| millis(end.saturating_sub(start)));
        let usage = usage(&self.span.usage);
        let reasons = (!self.finish_reasons.is_empty()).then(|| json!(self.finish_reasons));
        present([
            ("model", text(&self.response_model)),
            ("id", text(&self.response_id)),
            ("finish_reasons", reasons),
            ("usage", (!usage.is_empty()).then_some(Value::Object(usage))),
            ("latency_ms", latency.map(Value::from)),
            ("first_token_ms", self.first_token_ms.map(Value::from)),
            ("error", text(&self.error)),
        ])
    }
}

fn described(telling: &mut Telling, thing: &Thing, description: Option<&str>) {
    if let Some(description) = description.filter(|text| !text.trim().is_empty()) {
        telling.text(thing, Single::Description, Some(&shorten(description, 4_000)));
    }
}

fn usage(usage: &Usage) -> Map<String, Value> {
    present([
        ("input_tokens", usage.input_tokens.map(Value::from)),
        ("output_tokens", usage.output_tokens.map(Value::from)),
        ("cost", usage.cost.map(Value::from)),
    ])
}

fn millis(nanos: i64) -> f64 {
    (nanos / 10_000) as f64 / 100.0
}

fn text(text: &Option<String>) -> Option<Value> {
    text.as_deref().filter(|text| !text.is_empty()).map(Value::from)
}

fn present<const N: usize>(entries: [(&str, Option<Value>); N]) -> Map<String, Value> {
    entries.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}
