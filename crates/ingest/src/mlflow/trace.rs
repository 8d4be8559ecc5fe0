//! Traces: what MLflow keeps of one beside its spans.

use catena_model::{
    evidence::Method,
    field::Single,
    kind::Kind,
    relation::RelationKind,
    span::SpanId,
    statement::{Read, Statement, Thing},
    time::Timestamp,
    work::{Mark, Role, Work},
};
use serde_json::{Map, Value, json};

use super::{
    mapping::{Mapping, note, tell_tags},
    rest::KeyValue,
};
use crate::{fault::shorten, telling::Telling};

impl Mapping {
    /// What a trace's head says: `TraceInfo` of API 3.0. Its spans are told of by themselves.
    pub fn trace(&self, trace: &Thing, info: &Value) -> Read {
        let id = info["trace_id"].as_str().unwrap_or_default();
        let place = format!("trace {id}");
        let mut telling = self.telling();
        telling.exists(trace);
        let mut judged = Vec::new();
        let experiment = info["trace_location"]["mlflow_experiment"]["experiment_id"].as_str();
        if let Some(experiment) = experiment.filter(|id| !id.is_empty()) {
            let experiment = self.thing(Kind::Experiment, "experiments", experiment, &place)?;
            telling.part_of(trace, &experiment);
            judged.push(experiment);
        }
        let (tags, metadata) = (pairs(&info["tags"]), pairs(&info["trace_metadata"]));
        let named = |key: &str| tags.iter().find(|tag| tag.key == key).map(|tag| tag.value.as_str());
        telling.text(trace, Single::Name, named("mlflow.traceName"));
        telling.text(trace, Single::Description, note(None, &tags));
        tell_tags(&mut telling, trace, &tags);
        let head: Map<String, Value> =
            ["request_time", "execution_duration", "state", "request_preview", "response_preview"]
                .into_iter()
                .filter_map(|key| {
                    Some((key.to_owned(), info.get(key).filter(|value| !value.is_null())?.clone()))
                })
                .collect();
        telling.facet(trace, "trace", Value::Object(head));
        if !metadata.is_empty() {
            telling.facet(trace, "metadata", super::mapping::object(&metadata));
        }
        let source_run = metadata.iter().find(|pair| pair.key == "mlflow.sourceRun");
        if let Some(run) = source_run.filter(|pair| !pair.value.is_empty()) {
            let run = self.thing(Kind::Run, "runs", &run.value, &place)?;
            telling.related(trace, RelationKind::ProducedBy, &run, Method::Declared, None);
        }
        let model = metadata.iter().find(|pair| pair.key == "mlflow.modelId");
        if let Some(model) = model.filter(|pair| !pair.value.is_empty()) {
            let model = self.thing(Kind::LoggedModel, "logged_models", &model.value, &place)?;
            telling.related(trace, RelationKind::UsesModel, &model, Method::Declared, None);
            judged.push(model);
        }
        self.tell_prompts(&mut telling, trace, &tags, &place)?;
        count_scores(&mut telling, trace, info, judged);
        for assessment in info["assessments"].as_array().map(Vec::as_slice).unwrap_or_default() {
            if let Some((name, score)) = score(assessment) {
                telling.facet(trace, &format!("score.{}", shorten(name, 200)), score);
            }
            if let Some((name, expected)) = expectation(assessment) {
                telling.facet(trace, &format!("expectation.{}", shorten(name, 200)), expected);
            }
        }
        self.record(place, telling)
    }
}

/// Tags and metadata of a trace are an object.
pub(super) fn pairs(said: &Value) -> Vec<KeyValue> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let said = said.as_object().into_iter().flatten();
    said.map(|(key, value)| KeyValue { key: key.clone(), value: text(value) }).collect()
}

/// Counts the judgements of a trace for its experiment and the model that it is of.
fn count_scores(telling: &mut Telling, trace: &Thing, info: &Value, judged: Vec<Thing>) {
    let mut work = Work::new(trace.clone(), SpanId(0));
    let at = info["request_time"].as_str().and_then(|time| time.parse::<Timestamp>().ok());
    work.start = at.map(|at| at.micros().saturating_mul(1_000));
    for assessment in info["assessments"].as_array().map(Vec::as_slice).unwrap_or_default() {
        let value = score(assessment).and_then(|(name, score)| Some((name, score["value"].as_f64()?)));
        if let Some((name, value)) = value {
            work.scores.insert(shorten(name, 200), Mark { at: telling.time(), value });
        }
    }
    if !work.scores.is_empty() {
        work.roles = judged.into_iter().map(|thing| (Role::Spent, thing)).collect();
        telling.push(Statement::Work(Box::new(work)));
    }
}

/// A feedback that holds, in the shape that scores of all systems have.
fn score(assessment: &Value) -> Option<(&str, Value)> {
    let name = assessment["assessment_name"].as_str()?;
    let value = &assessment.get("feedback")?["value"];
    if assessment["valid"] == false {
        return None;
    }
    let (number, label) = match value {
        Value::Bool(yes) => (json!(u8::from(*yes)), Value::Null),
        Value::Number(_) => (value.clone(), Value::Null),
        Value::String(_) => (Value::Null, value.clone()),
        Value::Null => return None,
        other => (Value::Null, Value::from(other.to_string())),
    };
    let entries = [
        ("value", number),
        ("label", label),
        ("explanation", assessment["rationale"].clone()),
        ("by", assessment["source"]["source_id"].clone()),
        ("span", assessment["span_id"].clone()),
    ];
    let there = entries.into_iter().filter(|(_, value)| !value.is_null());
    Some((name, there.map(|(key, value)| (key.to_owned(), value)).collect()))
}

/// What should have come out, as a person said.
fn expectation(assessment: &Value) -> Option<(&str, Value)> {
    let name = assessment["assessment_name"].as_str()?;
    let expected = assessment.get("expectation").filter(|_| assessment["valid"] != false)?;
    // What is no text or number comes as JSON in a text.
    let value = match expected["serialized_value"]["value"].as_str() {
        Some(text) => serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)),
        None => expected.get("value")?.clone(),
    };
    let by = assessment["source"]["source_id"].as_str();
    Some((name, json!({ "value": value, "by": by })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_says_where_it_is_from_and_how_it_was_judged() {
        let mapping = Mapping::new("mlflow://ml.example:5000", Default::default()).unwrap();
        let trace = crate::genai::names::trace(7);
        let info = json!({
            "trace_id": "tr-00000000000000000000000000000007",
            "trace_location": {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "3"}},
            "state": "OK",
            "request_time": "2026-11-24T12:00:00Z",
            "tags": {
                "mlflow.traceName": "answer",
                "team": "helpdesk",
                "mlflow.linkedPrompts": "[{\"name\": \"qa\", \"version\": \"2\"}]",
            },
            "trace_metadata": {"mlflow.sourceRun": "abc"},
            "assessments": [
                {"assessment_name": "correct", "feedback": {"value": true}, "rationale": "as in the book"},
                {"assessment_name": "old", "feedback": {"value": 1}, "valid": false},
                {"assessment_name": "expected", "expectation": {"value": "nine"}},
            ],
        });
        let record = mapping.trace(&trace, &info).unwrap();
        let facets: Vec<_> = record
            .statements
            .iter()
            .filter_map(|statement| match statement {
                Statement::Facet { name, body, .. } => Some((name.as_str(), body.clone())),
                _ => None,
            })
            .collect();
        assert!(facets.contains(&("score.correct", json!({"value": 1, "explanation": "as in the book"}))));
        assert!(!facets.iter().any(|(name, _)| *name == "score.old" || *name == "score.expected"));
        let counted = record.statements.iter().find_map(|statement| match statement {
            Statement::Work(work) => {
                Some((work.scores["correct"].value, work.scores.len(), work.roles.len()))
            }
            _ => None,
        });
        assert_eq!(counted, Some((1.0, 1, 1)));
        assert!(facets.contains(&("expectation.expected", json!({"value": "nine", "by": null}))));
        let related = |kind: RelationKind, name: &str| {
            record.statements.iter().any(|statement| {
                matches!(statement, Statement::Related { kind: found, to, .. }
                    if *found == kind && to.name.name == name)
            })
        };
        assert!(related(RelationKind::ProducedBy, "runs/abc"));
        assert!(related(RelationKind::UsesPrompt, "prompts/qa/2"));
    }
}
