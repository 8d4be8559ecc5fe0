//! How traces were judged: feedback and expectations, kept in their trace's head.

use catena_ingest::langsmith::Object;
use serde_json::{Map, Value, json};

use super::{
    Mlflow,
    said::{Answered, asked, done, invalid, objects, ok, required, text, unknown},
    traces::{change, find},
};
use crate::{desk::Desk, protocol::Request, refusal::Refusal};

/// An assessment with what the server adds to it.
pub(super) fn settled(mut said: Object, trace: &str, desk: &Desk) -> Object {
    let now = json!(desk.now().to_string());
    let mut more = |key: &str, value: Value| {
        if said.get(key).is_none_or(Value::is_null) {
            said.insert(key.to_owned(), value);
        }
    };
    more("assessment_id", json!(format!("a-{}", uuid::Uuid::new_v4().simple())));
    more("trace_id", json!(trace));
    more("create_time", now.clone());
    more("last_update_time", now);
    more("valid", json!(true));
    said
}

/// `POST traces/{trace_id}/assessments`
pub(super) async fn assess(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let trace = required(&said, "trace_id")?;
    let new = said.get("assessment").and_then(Value::as_object);
    let new = new.cloned().ok_or_else(|| invalid("Missing value for required parameter 'assessment'"))?;
    if text(&new, "assessment_name").is_none_or(|name| name.trim().is_empty()) {
        return Err(invalid("Missing value for required parameter 'assessment_name': say what was judged"));
    }
    let new = settled(new, &trace, desk);
    let stored = change(system, desk, &trace, |whole| {
        let mut held = objects(whole, "assessments");
        if let Some(older) = text(&new, "overrides")
            && let Some(held) = held.iter_mut().find(|held| text(held, "assessment_id") == Some(older))
        {
            held.insert("valid".to_owned(), json!(false));
        }
        held.push(new.clone());
        whole.insert("assessments".to_owned(), json!(held));
        Ok(new)
    })
    .await?;
    ok(&json!({ "assessment": stored }))
}

fn position(held: &[Object], id: &str) -> Result<usize, Refusal> {
    held.iter()
        .position(|one| text(one, "assessment_id") == Some(id))
        .ok_or_else(|| unknown("assessment", id))
}

/// `GET traces/{trace_id}/assessments/{assessment_id}`
pub(super) async fn assessment(request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let held = find(desk, &required(&said, "trace_id")?).await?;
    let held = objects(&held.object, "assessments");
    let at = position(&held, &required(&said, "assessment_id")?)?;
    ok(&json!({ "assessment": held[at] }))
}

/// `PATCH traces/{trace_id}/assessments/{assessment_id}`
pub(super) async fn reassess(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    const CHANGED: [&str; 6] =
        ["assessment_name", "feedback", "expectation", "rationale", "metadata", "valid"];
    let said = asked(&request, desk)?;
    let id = required(&said, "assessment_id")?;
    let new = said.get("assessment").and_then(Value::as_object).cloned().unwrap_or_else(Map::new);
    let stored = change(system, desk, &required(&said, "trace_id")?, |whole| {
        let mut held = objects(whole, "assessments");
        let at = position(&held, &id)?;
        let changed = new.into_iter().filter(|(key, _)| CHANGED.contains(&key.as_str()));
        held[at].extend(changed);
        held[at].insert("last_update_time".to_owned(), json!(desk.now().to_string()));
        let stored = held[at].clone();
        whole.insert("assessments".to_owned(), json!(held));
        Ok(stored)
    })
    .await?;
    ok(&json!({ "assessment": stored }))
}

/// `DELETE traces/{trace_id}/assessments/{assessment_id}`: what it had overridden holds again
pub(super) async fn unassess(system: &Mlflow, request: Request, desk: &Desk) -> Answered {
    let said = asked(&request, desk)?;
    let id = required(&said, "assessment_id")?;
    change(system, desk, &required(&said, "trace_id")?, |whole| {
        let mut held = objects(whole, "assessments");
        let at = position(&held, &id)?;
        let gone = held.remove(at);
        if let Some(older) = text(&gone, "overrides")
            && let Some(held) = held.iter_mut().find(|held| text(held, "assessment_id") == Some(older))
        {
            held.insert("valid".to_owned(), json!(true));
        }
        whole.insert("assessments".to_owned(), json!(held));
        Ok(())
    })
    .await?;
    done()
}
