//! What traces of AI applications say, whatever reported them.
//!
//! OpenTelemetry's conventions, OpenLLMetry, OpenInference, LangSmith and MLflow all describe the same steps with other
//! words. Each reader brings its words into a [`Step`]; [`Step::tell`] makes the same statements of it, named by
//! [`names`], so that what one system calls a thing and what another calls it is one entity.
//!
//! A step says only what it knows by itself: no statement depends on another step. So steps may come in any order and
//! in any batches, and give the same catalog.
//!
//! | step | becomes |
//! |---|---|
//! | any | a span of its trace; the root's name is the trace's, which is a run of its service |
//! | model call | an output, made by its trace, that uses a model (version) and a prompt version |
//! | embedding, reranking | its trace uses the model |
//! | retrieval | its trace retrieved chunks, which derive from documents or tables |
//! | tool | its trace, and the agent if it is named, depend on the tool |
//! | agent, workflow | its trace is a run of it |
//!
//! What was asked and answered is in facets of the output, in one shape for all systems. There are several, since a
//! system may tell of a step when it starts and again when it ends, and of what was said apart from it:
//!
//! * `gen_ai.request`: `operation`, `provider`, `model`, `parameters`, `tools`, `prompt` (`name`, `version`,
//!   `variables`), `agent`, `session`, `user`.
//! * `gen_ai.response`: `model`, `id`, `finish_reasons`, `usage` (`input_tokens`, `output_tokens`, `cost`),
//!   `latency_ms`, `first_token_ms`, `error`.
//! * `gen_ai.input` and `gen_ai.output`: `messages`. A system that sends each message by itself makes a facet of each,
//!   `gen_ai.input.NANOSECONDS`; their order is that of their names.
//!
//! A trace's facets `retrieval` and `reranking` about a chunk have its `rank` and `score`; a chunk's facet `passage` its
//! `id`, `text` and `metadata`; a prompt version's facet `template` the `template`.
//!
//! Messages are those of OpenTelemetry's conventions: see [`Message`]. Scores are facets `score.NAME` of the output, or
//! of the trace where the step is no model call. Texts are never claims: what was asked and answered is observed, and
//! can be erased, which the log of changes could not.

mod count;
mod json_text;
mod message;
pub mod names;
mod step;
mod tell;
#[cfg(test)]
mod tests;

pub(crate) use count::count_score;
pub(crate) use json_text::embedded;
pub use message::{Message, Part};
pub(crate) use message::{messages, one_text};
pub use step::{Agent, Passage, Prompt, Score, Step, Store, Tool};
