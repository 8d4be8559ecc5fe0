//! MLflow's tracking API, as its Python client uses it with `MLFLOW_TRACKING_URI`: experiments, runs, metrics, logged
//! models, the registry with prompts, traces and artifacts.
//!
//! What is sent becomes the records that an import of the same objects would be, and each object is kept whole beside
//! them, so that what is asked for is answered from the catalog: after a restart, and whoever sent it. A client cannot
//! tell it from MLflow's server but by what that has and this has not: webhooks, scorers, evaluation datasets, model
//! gateways, multipart uploads, and renaming a registered model.

mod artifacts;
mod assessments;
mod experiments;
mod filter;
mod held;
mod keeping;
mod logged_models;
mod logging;
mod pairs;
mod registry;
mod runs;
mod said;
mod spans;
mod traces;
mod versions;

use bytes::Bytes;
use catena_model::statement::Rejection;
use hyper::StatusCode;
use serde_json::json;
use tokio::sync::Mutex;

use crate::{
    commit::Piece,
    desk::Desk,
    limits::Limits,
    otlp_pieces,
    protocol::{Answer, Answering, Protocol, Request},
    refusal::Refusal,
    route::{Media, Route, Verb},
};
use said::Answered;

/// The MLflow whose ways are spoken here: clients ask before they send spans.
const VERSION: &str = "3.17.2";

/// The protocol.
#[derive(Debug, Default)]
pub struct Mlflow {
    /// Held while something is read, changed and stored again, so that of two changes none is lost.
    changing: Mutex<()>,
}

/// No body; some clients name a content type all the same.
const NONE: &[Media] = &[Media::None, Media::Json];
const JSON: &[Media] = &[Media::Json];
const SPANS: &[Media] = &[Media::Protobuf, Media::Json];
/// Files of any sort.
const FILE: &[Media] = &[Media::Any];

macro_rules! routes {
    ($($effect:ident $verb:ident $prefix:ident $path:literal $takes:ident;)*) => {
        &[$(Route::$effect(Verb::$verb, routes!(@ $prefix $path), $takes),)*]
    };
    (@ root $path:literal) => { $path };
    (@ two $path:literal) => { concat!("/api/2.0/mlflow/", $path) };
    (@ three $path:literal) => { concat!("/api/3.0/mlflow/", $path) };
    (@ files $path:literal) => { concat!("/api/2.0/mlflow-artifacts/artifacts", $path) };
}

static ROUTES: &[Route] = routes! {
    reads Get root "/health" NONE;
    reads Get root "/version" NONE;
    writes Post root "/v1/traces" SPANS;

    writes Post two "experiments/create" JSON;
    reads Get two "experiments/get" NONE;
    reads Get two "experiments/get-by-name" NONE;
    reads Get two "experiments/search" NONE;
    reads Post two "experiments/search" JSON;
    writes Post two "experiments/update" JSON;
    writes Post two "experiments/delete" JSON;
    writes Post two "experiments/restore" JSON;
    writes Post two "experiments/set-experiment-tag" JSON;
    writes Post two "experiments/delete-experiment-tag" JSON;

    writes Post two "runs/create" JSON;
    reads Get two "runs/get" NONE;
    reads Post two "runs/search" JSON;
    writes Post two "runs/update" JSON;
    writes Post two "runs/delete" JSON;
    writes Post two "runs/restore" JSON;
    writes Post two "runs/log-metric" JSON;
    writes Post two "runs/log-parameter" JSON;
    writes Post two "runs/log-batch" JSON;
    writes Post two "runs/log-model" JSON;
    writes Post two "runs/log-inputs" JSON;
    writes Post two "runs/outputs" JSON;
    writes Post two "runs/set-tag" JSON;
    writes Post two "runs/delete-tag" JSON;
    reads Get two "metrics/get-history" NONE;
    reads Get two "metrics/get-history-bulk-interval" NONE;
    reads Get two "artifacts/list" NONE;

    writes Post two "logged-models" JSON;
    reads Post two "logged-models/search" JSON;
    reads Get two "logged-models/{model_id}" NONE;
    writes Patch two "logged-models/{model_id}" JSON;
    writes Delete two "logged-models/{model_id}" NONE;
    writes Patch two "logged-models/{model_id}/tags" JSON;
    writes Delete two "logged-models/{model_id}/tags/{tag_key}" NONE;
    writes Post two "logged-models/{model_id}/params" JSON;
    reads Get two "logged-models/{model_id}/artifacts/directories" NONE;

    writes Post two "registered-models/create" JSON;
    reads Get two "registered-models/get" NONE;
    reads Get two "registered-models/search" NONE;
    writes Patch two "registered-models/update" JSON;
    writes Delete two "registered-models/delete" NONE;
    writes Post two "registered-models/set-tag" JSON;
    writes Delete two "registered-models/delete-tag" NONE;
    writes Post two "registered-models/alias" JSON;
    reads Get two "registered-models/alias" NONE;
    writes Delete two "registered-models/alias" NONE;
    reads Get two "registered-models/get-latest-versions" NONE;
    reads Post two "registered-models/get-latest-versions" JSON;

    writes Post two "model-versions/create" JSON;
    reads Get two "model-versions/get" NONE;
    reads Get two "model-versions/search" NONE;
    writes Patch two "model-versions/update" JSON;
    writes Post two "model-versions/transition-stage" JSON;
    writes Delete two "model-versions/delete" NONE;
    writes Post two "model-versions/set-tag" JSON;
    writes Delete two "model-versions/delete-tag" NONE;
    reads Get two "model-versions/get-download-uri" NONE;

    writes Post three "traces" JSON;
    reads Post three "traces/search" JSON;
    reads Get three "traces/get" NONE;
    reads Get three "traces/batchGet" NONE;
    reads Post three "traces/batchGetInfos" JSON;
    writes Post three "traces/delete-traces" JSON;
    writes Post two "traces/delete-traces" JSON;
    writes Post two "traces/link-to-run" JSON;
    writes Post two "traces/link-prompts" JSON;
    reads Get three "traces/{trace_id}" NONE;
    writes Patch two "traces/{trace_id}/tags" JSON;
    writes Patch three "traces/{trace_id}/tags" JSON;
    writes Delete two "traces/{trace_id}/tags" NONE;
    writes Delete three "traces/{trace_id}/tags" NONE;
    writes Post three "traces/{trace_id}/assessments" JSON;
    reads Get three "traces/{trace_id}/assessments/{assessment_id}" NONE;
    writes Patch three "traces/{trace_id}/assessments/{assessment_id}" JSON;
    writes Delete three "traces/{trace_id}/assessments/{assessment_id}" NONE;

    reads Get files "" NONE;
    writes Put files "/{path*}" FILE;
    reads Get files "/{path*}" NONE;
    writes Delete files "/{path*}" NONE;
};

impl Protocol for Mlflow {
    fn name(&self) -> &'static str {
        "mlflow"
    }

    fn title(&self) -> &'static str {
        "MLflow"
    }

    fn usual_port(&self) -> u16 {
        // MLflow's own is 5000, which OpenLineage's receiver is offered first.
        5_001
    }

    fn routes(&self) -> &'static [Route] {
        ROUTES
    }

    fn answer<'a>(&'a self, request: Request, desk: &'a Desk) -> Answering<'a> {
        Box::pin(
            async move { self.handle(request, desk).await.unwrap_or_else(|refusal| self.refuse(&refusal)) },
        )
    }

    fn reread(&self, form: &str, raw: &Bytes, limits: &Limits) -> Vec<Piece> {
        let Some(form) = keeping::FORMS.into_iter().find(|known| *known == form) else {
            return otlp_pieces::reread(form, raw, limits);
        };
        // What is kept is what was made of a request, and may be a little more than that.
        let read = match serde_json::from_slice(raw) {
            Ok(whole) => keeping::read(form, whole),
            Err(error) => Err(Rejection { place: form.to_owned(), why: error.to_string() }),
        };
        vec![Piece { read, raw: raw.clone(), form }]
    }

    /// In the words by which MLflow's client chooses what to raise, and whether to try again.
    fn refuse(&self, refusal: &Refusal) -> Answer {
        let (status, code) = match refusal {
            Refusal::Unreadable(_) => (StatusCode::BAD_REQUEST, "INVALID_PARAMETER_VALUE"),
            Refusal::NotFound(_) => (StatusCode::NOT_FOUND, "RESOURCE_DOES_NOT_EXIST"),
            Refusal::Conflict(_) => (StatusCode::BAD_REQUEST, "RESOURCE_ALREADY_EXISTS"),
            Refusal::Path | Refusal::Verb { .. } => (refusal.status(), "ENDPOINT_NOT_FOUND"),
            Refusal::Token => (refusal.status(), "UNAUTHENTICATED"),
            Refusal::Host | Refusal::Origin | Refusal::ReadsOnly => (refusal.status(), "PERMISSION_DENIED"),
            Refusal::Quota(_) | Refusal::Busy => (refusal.status(), "REQUEST_LIMIT_EXCEEDED"),
            Refusal::Unavailable(_) => (refusal.status(), "TEMPORARILY_UNAVAILABLE"),
            _ => (refusal.status(), "BAD_REQUEST"),
        };
        Answer::json(status, &json!({ "error_code": code, "message": refusal.to_string() }))
    }
}

impl Mlflow {
    async fn handle(&self, request: Request, desk: &Desk) -> Answered {
        let path = request.route.path;
        if let Some(path) = path.strip_prefix("/api/2.0/mlflow-artifacts/artifacts") {
            return match (request.route.verb, path) {
                (Verb::Get, "") => artifacts::list(request, desk).await,
                (Verb::Put, _) => artifacts::put(self, request, desk).await,
                (Verb::Delete, _) => artifacts::delete(self, request, desk).await,
                _ => artifacts::get(request, desk).await,
            };
        }
        let short = path.strip_prefix("/api/2.0/mlflow/").or_else(|| path.strip_prefix("/api/3.0/mlflow/"));
        let Some((what, rest)) = short.map(|path| path.split_once('/').unwrap_or((path, ""))) else {
            return match path {
                "/version" => Ok(plain(VERSION)),
                "/health" => Ok(plain("OK")),
                _ => traces::spans(self, request, desk).await,
            };
        };
        match what {
            "experiments" => self.experiments(rest, request, desk).await,
            "runs" => self.runs(rest, request, desk).await,
            "metrics" if rest == "get-history" => logging::get_history(request, desk).await,
            "metrics" => logging::get_history_of_many(request, desk).await,
            "artifacts" => artifacts::list_of_run(request, desk).await,
            "logged-models" => self.logged_models(rest, request, desk).await,
            "registered-models" => self.registered(rest, request, desk).await,
            "model-versions" => self.versions(rest, request, desk).await,
            _ => self.traces(rest, request, desk).await,
        }
    }

    async fn experiments(&self, path: &str, request: Request, desk: &Desk) -> Answered {
        match path {
            "create" => experiments::create(self, request, desk).await,
            "get" => experiments::get(request, desk).await,
            "get-by-name" => experiments::get_by_name(request, desk).await,
            "search" => experiments::search(request, desk).await,
            "update" => experiments::update(self, request, desk).await,
            "delete" => experiments::set_stage(self, request, desk, "deleted").await,
            "restore" => experiments::set_stage(self, request, desk, "active").await,
            "set-experiment-tag" => experiments::set_tag(self, request, desk).await,
            "delete-experiment-tag" => experiments::delete_tag(self, request, desk).await,
            _ => Err(Refusal::Path),
        }
    }

    async fn runs(&self, path: &str, request: Request, desk: &Desk) -> Answered {
        match path {
            "create" => runs::create(self, request, desk).await,
            "get" => runs::get(request, desk).await,
            "search" => runs::search(request, desk).await,
            "update" => runs::update(self, request, desk).await,
            "delete" => runs::set_stage(self, request, desk, "deleted").await,
            "restore" => runs::set_stage(self, request, desk, "active").await,
            "log-metric" => logging::metric(self, request, desk).await,
            "log-parameter" => logging::param(self, request, desk).await,
            "log-batch" => logging::batch(self, request, desk).await,
            "log-model" => logging::model(self, request, desk).await,
            "log-inputs" => runs::log_inputs(self, request, desk).await,
            "outputs" => runs::log_outputs(self, request, desk).await,
            "set-tag" => runs::set_tag(self, request, desk).await,
            "delete-tag" => runs::delete_tag(self, request, desk).await,
            _ => Err(Refusal::Path),
        }
    }

    async fn logged_models(&self, path: &str, request: Request, desk: &Desk) -> Answered {
        match (request.route.verb, path) {
            (_, "") => logged_models::create(self, request, desk).await,
            (_, "search") => logged_models::search(request, desk).await,
            (Verb::Get, "{model_id}") => logged_models::get(request, desk).await,
            (Verb::Patch, "{model_id}") => logged_models::finalize(self, request, desk).await,
            (Verb::Delete, "{model_id}") => logged_models::delete(self, request, desk).await,
            (_, "{model_id}/tags") => logged_models::set_tags(self, request, desk).await,
            (_, "{model_id}/tags/{tag_key}") => logged_models::delete_tag(self, request, desk).await,
            (_, "{model_id}/params") => logged_models::log_params(self, request, desk).await,
            (_, "{model_id}/artifacts/directories") => artifacts::list_of_model(request, desk).await,
            _ => Err(Refusal::Path),
        }
    }

    async fn registered(&self, path: &str, request: Request, desk: &Desk) -> Answered {
        match (request.route.verb, path) {
            (_, "create") => registry::create(self, request, desk).await,
            (_, "get") => registry::get(request, desk).await,
            (_, "search") => registry::search(request, desk).await,
            (_, "update") => registry::update(self, request, desk).await,
            (_, "delete") => registry::delete(self, request, desk).await,
            (_, "set-tag") => registry::set_tag(self, request, desk).await,
            (_, "delete-tag") => registry::delete_tag(self, request, desk).await,
            (Verb::Post, "alias") => registry::set_alias(self, request, desk).await,
            (Verb::Get, "alias") => registry::get_by_alias(request, desk).await,
            (_, "alias") => registry::delete_alias(self, request, desk).await,
            (_, "get-latest-versions") => versions::get_latest(request, desk).await,
            _ => Err(Refusal::Path),
        }
    }

    async fn versions(&self, path: &str, request: Request, desk: &Desk) -> Answered {
        match path {
            "create" => versions::create(self, request, desk).await,
            "get" => versions::get(request, desk).await,
            "search" => versions::search(request, desk).await,
            "update" => versions::update(self, request, desk).await,
            "transition-stage" => versions::set_stage(self, request, desk).await,
            "delete" => versions::delete(self, request, desk).await,
            "set-tag" => versions::set_tag(self, request, desk).await,
            "delete-tag" => versions::delete_tag(self, request, desk).await,
            "get-download-uri" => versions::download_uri(request, desk).await,
            _ => Err(Refusal::Path),
        }
    }

    async fn traces(&self, path: &str, request: Request, desk: &Desk) -> Answered {
        match (request.route.verb, path) {
            (_, "") => traces::start(self, request, desk).await,
            (_, "search") => traces::search(request, desk).await,
            (_, "get") => traces::get(request, desk).await,
            (_, "batchGet") => traces::get_many(request, desk).await,
            (_, "batchGetInfos") => traces::infos(request, desk).await,
            (_, "delete-traces") => traces::delete(self, request, desk).await,
            (_, "link-to-run") => traces::link_to_run(self, request, desk).await,
            (_, "link-prompts") => traces::link_prompts(self, request, desk).await,
            (_, "{trace_id}") => traces::info(request, desk).await,
            (Verb::Patch, "{trace_id}/tags") => traces::set_tag(self, request, desk).await,
            (_, "{trace_id}/tags") => traces::delete_tag(self, request, desk).await,
            (_, "{trace_id}/assessments") => assessments::assess(self, request, desk).await,
            (Verb::Get, "{trace_id}/assessments/{assessment_id}") => {
                assessments::assessment(request, desk).await
            }
            (Verb::Patch, "{trace_id}/assessments/{assessment_id}") => {
                assessments::reassess(self, request, desk).await
            }
            (_, "{trace_id}/assessments/{assessment_id}") => assessments::unassess(self, request, desk).await,
            _ => Err(Refusal::Path),
        }
    }
}

fn plain(text: &'static str) -> Answer {
    Answer::bytes(StatusCode::OK, "text/plain; charset=utf-8", Bytes::from_static(text.as_bytes()))
}
