//! The systems that can be read. A new one is a file or folder beside `mlflow` and a line in [`SYSTEMS`].

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use catena_model::clock::Clock;

use crate::{
    chroma,
    connector::{Connector, Known, Nothing, ReadError},
    datahub, dbt_docs,
    http::Limits,
    marquez, mlflow, nexla, objects, openmetadata,
    pause::{Pause, RealPause},
    postgres,
    secret::Credential,
    snowflake, sqlite, unity, vectors,
};

/// Where something to be read is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A server.
    Url(String),
    /// A file or folder.
    Path(PathBuf),
}

impl Address {
    /// The address of a server, for connectors that read nothing else; `expected` says what was to stand there.
    pub(crate) fn url(&self, expected: &str) -> Result<&str, ReadError> {
        match self {
            Self::Url(url) => Ok(url),
            Self::Path(path) => Err(ReadError::Unknown {
                address: path.display().to_string(),
                why: format!("expected {expected}"),
            }),
        }
    }

    /// Reads what a person typed or chose: `http://host:5000`, `sqlite:///data/mlflow.db`, a path.
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        let scheme = text.split_once("://").map(|(scheme, rest)| (scheme.to_ascii_lowercase(), rest));
        match scheme {
            // SQLAlchemy: three slashes and a relative path, four and an absolute one.
            Some((scheme, rest)) if scheme == "sqlite" => {
                Self::Path(PathBuf::from(rest.strip_prefix('/').unwrap_or(rest)))
            }
            Some((scheme, rest)) if scheme == "file" => {
                Self::Path(PathBuf::from(rest.strip_prefix("localhost").unwrap_or(rest)))
            }
            Some((scheme, _))
                if scheme.len() > 1 && scheme.chars().all(|c| c.is_ascii_alphanumeric() || c == '+') =>
            {
                Self::Url(text.to_owned())
            }
            _ => Self::Path(PathBuf::from(text)),
        }
    }
}

/// What a connector is made with.
#[derive(Clone)]
pub struct Settings {
    /// Tells when something was read.
    pub clock: Arc<dyn Clock>,
    /// Waits between attempts.
    pub pause: Arc<dyn Pause>,
    /// Tells what need not be fetched again.
    pub known: Arc<dyn Known>,
    /// The namespace of what is read, where the connector's own choice is not wanted.
    pub namespace: Option<String>,
    /// What proves to a server who is asking.
    pub credential: Option<Credential>,
    /// How long, how much, how often.
    pub limits: Limits,
    /// What else was chosen, by the key of the system's [`FormField`].
    pub options: BTreeMap<String, String>,
}

impl Settings {
    /// Real time, nothing known, no credential.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            pause: Arc::new(RealPause),
            known: Arc::new(Nothing),
            namespace: None,
            credential: None,
            limits: Limits::default(),
            options: BTreeMap::new(),
        }
    }

    /// What was chosen under this key, unless it is blank.
    pub(crate) fn option(&self, key: &str) -> Option<&str> {
        self.options.get(key).map(|text| text.trim()).filter(|text| !text.is_empty())
    }
}

/// Something that a person chooses for a connection, beside its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormField {
    /// Its key among the [`Settings::options`].
    pub key: &'static str,
    /// What it is called in a form.
    pub label: &'static str,
    /// What it does, for a person.
    pub hint: &'static str,
    /// What can be chosen; anything when empty.
    pub choices: &'static [&'static str],
}

/// What a system takes to know who is asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// Nothing.
    Nothing,
    /// A token, or a user's password where a user is named.
    TokenOrPassword,
    /// A user's password.
    Password,
}

type Open = fn(&Address, Settings) -> Result<Box<dyn Connector>, ReadError>;

/// A system that can be read.
#[derive(Debug)]
pub struct System {
    /// Its word on the command line: `mlflow`.
    pub key: &'static str,
    /// Its name.
    pub title: &'static str,
    /// What may be given, for a person.
    pub takes: &'static str,
    /// An address as it could be.
    pub example: &'static str,
    /// Who is asking.
    pub proof: Proof,
    /// What else can be chosen.
    pub form: &'static [FormField],
    open: Open,
}

/// Every system that can be read.
pub static SYSTEMS: &[System] = &[
    marquez::SYSTEM,
    dbt_docs::SYSTEM,
    mlflow::SYSTEM,
    chroma::SYSTEM,
    vectors::QDRANT,
    vectors::WEAVIATE,
    vectors::PINECONE,
    vectors::MILVUS,
    vectors::PGVECTOR,
    vectors::LANCEDB,
    postgres::SYSTEM,
    sqlite::SYSTEM,
    objects::S3,
    objects::FOLDER,
    unity::SYSTEM,
    snowflake::SYSTEM,
    openmetadata::SYSTEM,
    datahub::SYSTEM,
    nexla::SYSTEM,
];

/// Whose password it is; the key of an option that systems with a password have.
pub const USER: FormField = FormField {
    key: "user",
    label: "User",
    hint: "Whose password the secret is. Left empty, it is sent as a token.",
    choices: &[],
};

impl System {
    /// The system with this word.
    pub fn by_key(key: &str) -> Option<&'static System> {
        SYSTEMS.iter().find(|system| system.key == key)
    }

    /// A connector for what is at `address`; nothing is read yet.
    pub fn open(&self, address: &Address, settings: Settings) -> Result<Box<dyn Connector>, ReadError> {
        (self.open)(address, settings)
    }

    pub(crate) const fn new(key: &'static str, title: &'static str, takes: &'static str, open: Open) -> Self {
        Self {
            key,
            title,
            takes,
            example: "http://127.0.0.1:5000",
            proof: Proof::TokenOrPassword,
            form: &[USER],
            open,
        }
    }

    pub(crate) const fn asking(
        self,
        example: &'static str,
        proof: Proof,
        form: &'static [FormField],
    ) -> Self {
        Self { example, proof, form, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_servers_or_paths() {
        let path = |text: &str| Address::Path(PathBuf::from(text));
        let url = |text: &str| Address::Url(text.to_owned());
        for (text, address) in [
            ("http://127.0.0.1:5000", url("http://127.0.0.1:5000")),
            (" HTTPS://ml.example ", url("HTTPS://ml.example")),
            ("sqlite:///mlflow.db", path("mlflow.db")),
            ("sqlite:////data/mlflow.db", path("/data/mlflow.db")),
            ("file:///data/mlflow.db", path("/data/mlflow.db")),
            ("/data/mlflow.db", path("/data/mlflow.db")),
            ("C://data/mlflow.db", path("C://data/mlflow.db")),
            ("mlruns", path("mlruns")),
        ] {
            assert_eq!(Address::parse(text), address, "{text}");
        }
    }
}
