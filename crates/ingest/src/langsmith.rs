//! LangSmith's API, as its Python and npm SDKs use it: what they send becomes records, and what they ask for is made of
//! what the catalog holds.
//!
//! | LangSmith | becomes |
//! |---|---|
//! | run | a span, and whatever [`crate::genai`] makes of such a step |
//! | feedback | a span beneath its run, and a score of the answer or the trace |
//! | project (session) | an experiment that the traces are parts of |
//! | dataset, example | a dataset, with its examples as facets |
//! | prompt repository, commit, tag | a prompt, its version with the manifest, a facet of the prompt |
//!
//! A run may be told of in parts: at its start, at its end, in any order. Each telling says only what it knows.

pub mod batch;
pub mod dataset;
pub mod example_parts;
pub mod feedback;
pub mod multipart;
pub mod names;
pub mod project;
pub mod prompt;
pub mod run;

mod dotted;
mod manifest;
mod shape;
#[cfg(test)]
mod tests;
mod wire;

pub use wire::Object;
