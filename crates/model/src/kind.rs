//! What an entity is.

use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $word:literal, $family:ident;)*) => {
        /// What an entity is. Codes are stored: never reuse one.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
        #[serde(rename_all = "snake_case")]
        pub enum Kind { $($(#[$doc])* $variant = $code,)* }

        impl Kind {
            /// Every kind, in the order of their codes.
            pub const ALL: &[Kind] = &[$(Kind::$variant,)*];

            /// The number that stands for the kind in the catalog file.
            pub const fn code(self) -> u8 { self as u8 }

            /// The kind with this code, if there is one.
            pub const fn from_code(code: u8) -> Option<Kind> {
                match code { $($code => Some(Kind::$variant),)* _ => None }
            }

            /// The kind's name in JSON and on the command line.
            pub const fn word(self) -> &'static str { match self { $(Kind::$variant => $word,)* } }

            /// The kind with this name, if there is one.
            pub fn from_word(word: &str) -> Option<Kind> {
                match word { $($word => Some(Kind::$variant),)* _ => None }
            }

            /// The family whose hue and shape the kind is drawn with.
            pub const fn family(self) -> Family { match self { $(Kind::$variant => Family::$family,)* } }
        }
    };
}

kinds! {
    /// A table, view, file or collection (OpenLineage `Dataset`).
    Dataset = 1, "dataset", Data;
    /// A column or field of a dataset.
    Column = 2, "column", Data;
    /// A text that answers are drawn from.
    Document = 3, "document", Data;
    /// A passage of a document, as it is embedded and retrieved.
    Chunk = 4, "chunk", Data;
    /// A registered model (MLflow `RegisteredModel`).
    Model = 5, "model", Model;
    /// One version of a model (MLflow `ModelVersion`).
    ModelVersion = 6, "model_version", Model;
    /// A prompt template by name.
    Prompt = 7, "prompt", Prompt;
    /// One version of a prompt.
    PromptVersion = 8, "prompt_version", Prompt;
    /// A set of runs (MLflow `Experiment`).
    Experiment = 9, "experiment", Run;
    /// One execution (MLflow `Run`, OpenLineage `Run`).
    Run = 10, "run", Run;
    /// The spans of one request (OpenTelemetry trace).
    Trace = 11, "trace", Run;
    /// An AI answer.
    Output = 12, "output", Output;
    /// A process that reads and writes data (OpenLineage `Job`).
    Job = 13, "job", Run;
    /// A job made of jobs (a DAG, a dbt project).
    Pipeline = 14, "pipeline", Run;
    /// A program that acts by itself with tools and models.
    Agent = 15, "agent", Agent;
    /// A deployed thing that answers requests.
    Service = 16, "service", Agent;
    /// What an agent may call.
    Tool = 17, "tool", Agent;
    /// A configured remote system.
    Connection = 18, "connection", Agent;
    /// A report or dashboard (dbt exposure).
    Dashboard = 19, "dashboard", Output;
    /// A person.
    Person = 20, "person", Agent;
    /// A group of people.
    Team = 21, "team", Agent;
    /// A check of data (dbt test).
    Test = 22, "test", Run;
    /// A model as logged by a run, before registration (MLflow `LoggedModel`).
    LoggedModel = 23, "logged_model", Model;
    /// A metric defined over data (dbt metric or semantic model).
    Metric = 24, "metric", Data;
    /// A concept scheme (SKOS).
    Taxonomy = 25, "taxonomy", Vocabulary;
    /// A concept (SKOS).
    Term = 26, "term", Vocabulary;
}

/// A group of kinds that share a hue and a shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Datasets, columns, documents, chunks.
    Data,
    /// Models and their versions.
    Model,
    /// Prompts and their versions.
    Prompt,
    /// Jobs, runs, experiments, traces.
    Run,
    /// Answers and dashboards.
    Output,
    /// Agents, tools, services, people.
    Agent,
    /// Taxonomies and terms.
    Vocabulary,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_words_lead_back_to_their_kind() {
        for &kind in Kind::ALL {
            assert_eq!(Kind::from_code(kind.code()), Some(kind));
            assert_eq!(Kind::from_word(kind.word()), Some(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.word());
        }
    }
}
