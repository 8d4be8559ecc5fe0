//! From what systems send or export to statements about the catalog; pure functions from bytes.

mod telling;

pub mod mlflow;
