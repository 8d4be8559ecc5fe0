//! What a step counts, and for whom.

use catena_model::{
    kind::Kind,
    span::{SpanId, SpanKind, Usage},
    statement::{Statement, Thing},
    time::Timestamp,
    work::{Mark, Role, Work},
};

use super::{
    names,
    step::{Score, Step},
};
use crate::{fault::shorten, telling::Telling};

impl Step {
    /// The step as work: what it took, who was called, what was read, and for whom.
    pub(super) fn work(&self, trace: &Thing) -> Work {
        let mut work = Work::new(trace.clone(), self.span.id);
        (work.start, work.end, work.status) = (self.span.start, self.span.end, self.span.status);
        let uses_model = matches!(self.span.kind, SpanKind::Llm | SpanKind::Embedding | SpanKind::Reranking);
        // Steps that hold others together repeat the sums of those.
        work.usage = if uses_model { self.span.usage } else { Usage::default() };
        let service = names::service(&self.application);
        let agent =
            self.agent.as_ref().and_then(|agent| names::own(Kind::Agent, &self.application, &agent.name));
        let mut add = |role: Role, thing: Option<Thing>| {
            work.roles.extend(thing.map(|thing| (role, thing)));
        };
        if self.is_root {
            add(Role::Called, service.clone());
        }
        let workflow =
            self.workflow.as_deref().and_then(|name| names::own(Kind::Job, &self.application, name));
        add(Role::Called, workflow);
        if uses_model {
            if let Some(offered) = self.offered() {
                add(Role::Called, Some(offered.model));
                add(Role::Called, offered.version);
            }
            let prompted = self.prompt.as_ref().and_then(|said| names::prompted(&self.application, said));
            if let Some(prompted) = prompted {
                add(Role::Called, Some(prompted.exact));
                add(Role::Called, prompted.prompt);
            }
            add(Role::Spent, agent.clone());
            add(Role::Spent, service.clone());
        }
        match self.span.kind {
            SpanKind::Tool => {
                let tool = self.tool.as_ref().map(|tool| tool.name.as_str());
                add(Role::Called, tool.and_then(|name| names::own(Kind::Tool, &self.application, name)));
            }
            SpanKind::Agent => add(Role::Called, agent.clone()),
            SpanKind::Retrieval => {
                add(Role::Called, self.store.as_ref().and_then(names::collection));
                for passage in &self.retrieved {
                    add(Role::Read, names::chunk(self.store.as_ref(), passage));
                    add(Role::Read, names::source(&self.application, passage));
                }
            }
            _ => {}
        }
        let own = matches!(self.span.kind, SpanKind::Agent);
        add(Role::Caller, agent.filter(|_| !own).or(service));
        work.scores = marks(&self.scores, self.told_at());
        work
    }

    /// Counts scores that are told apart from the step that they are about.
    pub(crate) fn count_scores(&self, telling: &mut Telling) {
        let mut work = Work::new(names::trace(self.trace), self.span.id);
        work.scores = marks(&self.scores, telling.time());
        if !work.scores.is_empty() {
            telling.push(Statement::Work(Box::new(work)));
        }
    }
}

/// Counts one score of a step that was told of elsewhere.
pub(crate) fn count_score(telling: &mut Telling, trace: Thing, span: SpanId, name: &str, value: f64) {
    let mut work = Work::new(trace, span);
    work.scores.insert(shorten(name.trim(), 200), Mark { at: telling.time(), value });
    telling.push(Statement::Work(Box::new(work)));
}

fn marks(scores: &[Score], at: Timestamp) -> std::collections::BTreeMap<String, Mark> {
    scores
        .iter()
        .filter(|score| !score.name.trim().is_empty())
        .filter_map(|score| {
            let value = score.value.filter(|value| value.is_finite())?;
            Some((shorten(score.name.trim(), 200), Mark { at, value }))
        })
        .collect()
}
