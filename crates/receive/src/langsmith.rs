//! LangSmith's API, as its Python and npm SDKs use it with `LANGSMITH_ENDPOINT`.
//!
//! What is sent becomes records and goes through the commit queue. What is asked for is read from the catalog, so that it
//! is there after a restart and whoever sent it. The SDKs put `/api/v1` before a path or not, as their endpoint says.

mod asked;
mod datasets;
mod feedback;
mod filter;
mod finding;
mod keeping;
mod projects;
mod prompts;
mod runs;
mod shown;

use bytes::Bytes;
use catena_ingest::langsmith::{batch, dataset, feedback as said, project, prompt};
use catena_model::statement::Rejection;
use serde_json::json;
use tokio::sync::Mutex;

use crate::{
    commit::Piece,
    desk::Desk,
    limits::Limits,
    protocol::{Answer, Answering, Protocol, Request},
    refusal::Refusal,
    route::{Media, Route, Verb},
};
use keeping::{Answered, ok};

/// Tellings of runs as parts of a multipart body.
const PARTS: &str = "parts";
/// A new run.
const POST: &str = "post";
/// More of a run.
const PATCH: &str = "patch";
/// Feedback.
const FEEDBACK: &str = "feedback";
/// A project.
const SESSION: &str = "session";
/// A dataset.
const DATASET: &str = "dataset";
/// An example.
const EXAMPLE: &str = "example";
/// A prompt.
const REPO: &str = "repo";
/// A version of one.
const COMMIT: &str = "commit";
/// A tag of one.
const TAG: &str = "tag";

/// The protocol.
#[derive(Debug, Default)]
pub struct LangSmith {
    /// Held while something is read, changed and stored again, so that of two changes none is lost.
    changing: Mutex<()>,
}

/// No body; some clients name a content type all the same.
const NONE: &[Media] = &[Media::None, Media::Json];
const JSON: &[Media] = &[Media::Json];
const FORM: &[Media] = &[Media::Multipart];

/// Each route with and without the prefix that the SDKs may put before it.
macro_rules! routes {
    ($($effect:ident $verb:ident $path:literal $takes:ident;)*) => {
        &[$(
            Route::$effect(Verb::$verb, $path, $takes),
            Route::$effect(Verb::$verb, concat!("/api/v1", $path), $takes),
        )*]
    };
}

static ROUTES: &[Route] = routes! {
    reads Get "/info" NONE;
    reads Get "/settings" NONE;
    writes Post "/runs/multipart" FORM;
    writes Post "/runs/batch" JSON;
    reads Post "/runs/query" JSON;
    writes Post "/runs" JSON;
    writes Patch "/runs/{id}" JSON;
    reads Get "/runs/{id}" NONE;
    writes Post "/feedback" JSON;
    reads Get "/feedback" NONE;
    reads Get "/feedback/{id}" NONE;
    writes Patch "/feedback/{id}" JSON;
    writes Delete "/feedback/{id}" NONE;
    writes Post "/sessions" JSON;
    reads Get "/sessions" NONE;
    reads Get "/sessions/{id}" NONE;
    writes Patch "/sessions/{id}" JSON;
    writes Post "/datasets" JSON;
    reads Get "/datasets" NONE;
    reads Get "/datasets/{id}" NONE;
    writes Patch "/datasets/{id}" JSON;
    writes Post "/platform/datasets/{id}/examples" FORM;
    writes Patch "/platform/datasets/{id}/examples" FORM;
    writes Post "/v1/platform/datasets/{id}/examples" FORM;
    writes Patch "/v1/platform/datasets/{id}/examples" FORM;
    writes Post "/examples/bulk" JSON;
    writes Patch "/examples/bulk" JSON;
    writes Post "/examples" JSON;
    reads Get "/examples" NONE;
    reads Get "/examples/{id}" NONE;
    writes Patch "/examples/{id}" JSON;
    writes Post "/repos" JSON;
    writes Post "/repos/" JSON;
    reads Get "/repos" NONE;
    reads Get "/repos/" NONE;
    reads Get "/repos/{owner}/{repo}" NONE;
    writes Patch "/repos/{owner}/{repo}" JSON;
    writes Post "/repos/{owner}/{repo}/tags" JSON;
    reads Get "/commits/{owner}/{repo}" NONE;
    reads Get "/commits/{owner}/{repo}/" NONE;
    writes Post "/commits/{owner}/{repo}" JSON;
    reads Get "/commits/{owner}/{repo}/{commit}" NONE;
};

impl Protocol for LangSmith {
    fn name(&self) -> &'static str {
        "langsmith"
    }

    fn title(&self) -> &'static str {
        "LangSmith"
    }

    fn usual_port(&self) -> u16 {
        // That of LangSmith's own container.
        1_984
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
        let object =
            |form: &'static str,
             read: fn(&str, catena_ingest::langsmith::Object) -> catena_model::statement::Read| {
                let read = match batch::object(raw, &limits.json) {
                    Ok(object) => read(form, object),
                    Err(why) => Err(Rejection { place: form.to_owned(), why }),
                };
                vec![Piece { read, raw: raw.clone(), form }]
            };
        match form {
            FEEDBACK => object(FEEDBACK, |place, object| said::read(place, object, said::About::Run)),
            SESSION => object(SESSION, project::read),
            DATASET => object(DATASET, dataset::read),
            EXAMPLE => object(EXAMPLE, dataset::read_example),
            REPO => object(REPO, prompt::read),
            COMMIT => object(COMMIT, prompt::read_commit),
            TAG => object(TAG, |_, object| prompts::read_tag(&object)),
            form => runs::reread(form, raw, limits),
        }
    }

    fn refuse(&self, refusal: &Refusal) -> Answer {
        let why = refusal.to_string();
        Answer::json(refusal.status(), &json!({ "detail": why, "message": why }))
    }
}

impl LangSmith {
    async fn handle(&self, request: Request, desk: &Desk) -> Answered {
        let path = request.route.path;
        let path = path.strip_prefix("/api/v1").unwrap_or(path);
        let path = path.strip_prefix("/v1").unwrap_or(path);
        match (request.route.verb, path.trim_end_matches('/')) {
            (Verb::Get, "/info") => ok(&info(desk.limits())),
            (Verb::Get, "/settings") => Ok(projects::settings()),
            (Verb::Post, "/runs/multipart") => runs::multipart(request, desk).await,
            (Verb::Post, "/runs/batch") => runs::batch(request, desk).await,
            (Verb::Post, "/runs/query") => asked::query(request, desk).await,
            (Verb::Post, "/runs") => runs::post(request, desk).await,
            (Verb::Patch, "/runs/{id}") => runs::patch(request, desk).await,
            (Verb::Get, "/runs/{id}") => asked::one(request, desk).await,
            (Verb::Post, "/feedback") => feedback::post(request, desk).await,
            (Verb::Get, "/feedback") => feedback::list(request, desk).await,
            (Verb::Get, "/feedback/{id}") => feedback::one(request, desk).await,
            (Verb::Patch, "/feedback/{id}") => feedback::patch(self, request, desk).await,
            (Verb::Delete, "/feedback/{id}") => feedback::delete(self, request, desk).await,
            (Verb::Post, "/sessions") => projects::post(self, request, desk).await,
            (Verb::Get, "/sessions") => projects::list(request, desk).await,
            (Verb::Get, "/sessions/{id}") => projects::one(request, desk).await,
            (Verb::Patch, "/sessions/{id}") => projects::patch(self, request, desk).await,
            (Verb::Post, "/datasets") => datasets::post(self, request, desk).await,
            (Verb::Get, "/datasets") => datasets::list(request, desk).await,
            (Verb::Get, "/datasets/{id}") => datasets::one(request, desk).await,
            (Verb::Patch, "/datasets/{id}") => datasets::patch(self, request, desk).await,
            (_, "/platform/datasets/{id}/examples") => datasets::upload(self, request, desk).await,
            (_, "/examples/bulk") => datasets::post_bulk(self, request, desk).await,
            (Verb::Post, "/examples") => datasets::post_example(self, request, desk).await,
            (Verb::Get, "/examples") => datasets::list_examples(request, desk).await,
            (Verb::Get, "/examples/{id}") => datasets::one_example(request, desk).await,
            (Verb::Patch, "/examples/{id}") => datasets::patch_example(self, request, desk).await,
            (Verb::Post, "/repos") => prompts::post(self, request, desk).await,
            (Verb::Get, "/repos") => prompts::list(request, desk).await,
            (Verb::Get, "/repos/{owner}/{repo}") => prompts::one(request, desk).await,
            (Verb::Patch, "/repos/{owner}/{repo}") => prompts::patch(self, request, desk).await,
            (Verb::Post, "/repos/{owner}/{repo}/tags") => prompts::tag(self, request, desk).await,
            (Verb::Get, "/commits/{owner}/{repo}") => prompts::list_commits(request, desk).await,
            (Verb::Post, "/commits/{owner}/{repo}") => prompts::post_commit(self, request, desk).await,
            (Verb::Get, "/commits/{owner}/{repo}/{commit}") => prompts::one_commit(request, desk).await,
            _ => Err(Refusal::Path),
        }
    }
}

/// What clients ask first: how to send. The version is that of the LangSmith whose ways are spoken here.
fn info(limits: &Limits) -> serde_json::Value {
    let most = limits.body_bytes.min(limits.sent_bytes) * 5 / 8;
    json!({
        "version": "0.10.0",
        "license_expiration_time": null,
        "batch_ingest_config": {
            "use_multipart_endpoint": true,
            "scale_up_qsize_trigger": 1_000,
            "scale_up_nthreads_limit": 16,
            "scale_down_nempty_trigger": 4,
            "size_limit": 100,
            "size_limit_bytes": most,
        },
        "instance_flags": {
            "zstd_compression_enabled": true,
            "dataset_examples_multipart_enabled": true,
            "examples_multipart_enabled": false,
        },
    })
}
