//! `catena connect`: systems that are set up once and pulled again and again.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    path::PathBuf,
};

use catena_app::{
    App, AppError,
    client::Nothing,
    connections::{
        self, ConnectionAddArgs, ConnectionArgs, ConnectionPullArgs, ConnectionTestArgs, ConnectionTested,
        ConnectionView, SecretText,
    },
    error::Trouble,
};
use clap::{Args, Subcommand};
use serde_json::json;

use crate::{
    command::{Answer, Done, read_in},
    human,
};

/// What to do with connections.
#[derive(Debug, Subcommand)]
pub(crate) enum Connect {
    /// Set a system up: a server, a database, a store, a folder.
    Add {
        /// Which connector reads it: mlflow, openlineage (Marquez), dbt (docs serve), chroma, qdrant, weaviate, pinecone,
        /// milvus, pgvector, lancedb, postgres, sqlite, s3, folder, databricks, snowflake, openmetadata, datahub, nexla.
        kind: String,
        /// Its address or path; a user name may stand in it.
        address: String,
        /// What the connection is to be called.
        #[arg(long)]
        name: String,
        /// Whose password the secret is.
        #[arg(long)]
        user: Option<String>,
        /// Another setting of this kind of system, such as schemas=public; may be given several times.
        #[arg(long = "option", value_name = "KEY=VALUE", value_parser = pair)]
        options: Vec<(String, String)>,
        #[command(flatten)]
        secret: SecretFrom,
        /// Where there is no keychain, keep the secret in a file in your data folder that only you can read.
        #[arg(long)]
        allow_secret_file: bool,
    },
    /// Show all connections and what their last pull did.
    List,
    /// Ask a system who it is and what it has; nothing is stored.
    Test {
        /// The connection's name.
        name: String,
        #[command(flatten)]
        secret: SecretFrom,
    },
    /// Read what is new and store it.
    Pull {
        /// The connection's name.
        name: String,
        /// Read everything, also what an earlier pull had.
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        secret: SecretFrom,
    },
    /// Forget a connection and its secret; what it brought stays.
    Remove {
        /// The connection's name.
        name: String,
    },
}

/// Where a secret comes from. Never from the command line itself, which others can see.
#[derive(Debug, Default, Args)]
pub(crate) struct SecretFrom {
    /// The environment variable that holds the token or password.
    #[arg(long, value_name = "VAR", conflicts_with = "token_file")]
    token_env: Option<String>,
    /// The file that holds the token or password; - for standard input.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

/// The longest secret that is read from a file, in bytes.
const LONGEST: u64 = 64 << 10;

impl SecretFrom {
    fn read(&self) -> Result<Option<SecretText>, AppError> {
        let text = match (&self.token_env, &self.token_file) {
            (Some(variable), _) => std::env::var(variable).map_err(|_| {
                AppError::bad_request(format!("the environment variable {variable} is not set"))
            })?,
            (None, Some(file)) => {
                let failed = |error: std::io::Error| {
                    AppError::new(Trouble::Failed, format!("{}: {error}", file.display()))
                };
                let mut text = String::new();
                let read = match file.as_os_str() == "-" {
                    true => std::io::stdin().take(LONGEST).read_to_string(&mut text),
                    false => std::fs::File::open(file)
                        .and_then(|file| file.take(LONGEST).read_to_string(&mut text)),
                };
                read.map_err(failed)?;
                text
            }
            (None, None) => return Ok(None),
        };
        match text.trim() {
            "" => Err(AppError::bad_request("the token is empty")),
            text => Ok(Some(SecretText::from(text.to_owned()))),
        }
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    text.split_once('=')
        .map(|(key, value)| (key.trim().to_owned(), value.to_owned()))
        .ok_or_else(|| "expected KEY=VALUE".to_owned())
}

impl Connect {
    /// Whether it may make the catalog when there is none.
    pub(crate) fn makes(&self) -> bool {
        matches!(self, Self::Add { .. })
    }

    pub(crate) fn run(&self, app: &App, answer: &mut Answer<'_>, err: &mut (dyn Write + Send)) -> Done {
        match self {
            Self::Add { kind, address, name, user, options, secret, allow_secret_file } => {
                let mut chosen: BTreeMap<String, String> = options.iter().cloned().collect();
                if let Some(user) = user {
                    chosen.insert("user".to_owned(), user.clone());
                }
                let added = connections::add(
                    app,
                    ConnectionAddArgs {
                        name: name.clone(),
                        kind: kind.clone(),
                        address: address.clone(),
                        options: chosen,
                        secret: secret.read()?,
                        allow_secret_file: *allow_secret_file,
                    },
                )?;
                answer.give(&added, |added, out| {
                    writeln!(out, "Connected {}.", human::safe(&added.name))?;
                    match &added.secret {
                        Some(place) => writeln!(out, "Its secret is in the {place}."),
                        None => Ok(()),
                    }
                })
            }
            Self::List => {
                let all = connections::list(app, Nothing {})?;
                answer.give(&json!({ "connections": all }), |_, out| list(&all, out))
            }
            Self::Test { name, secret } => {
                let asked =
                    ConnectionTestArgs { name: Some(name.clone()), draft: None, secret: secret.read()? };
                answer.give(&connections::test(app, asked)?, tested)
            }
            Self::Pull { name, all, secret } => {
                let args = ConnectionPullArgs { name: name.clone(), all: *all };
                pull(app, &args, secret.read()?, answer, err)
            }
            Self::Remove { name } => {
                connections::remove(app, ConnectionArgs { name: name.clone() })?;
                answer.give(&json!({ "removed": name }), |_, out| {
                    writeln!(out, "Removed {}; what it brought stays.", human::safe(name))
                })
            }
        }
    }
}

fn pull(
    app: &App,
    args: &ConnectionPullArgs,
    secret: Option<SecretText>,
    answer: &mut Answer<'_>,
    err: &mut (dyn Write + Send),
) -> Done {
    let given = secret.and_then(SecretText::into_secret);
    read_in(answer, err, |progress| connections::pull_now(app, args, given, &|| false, progress))
}

fn list(all: &[ConnectionView], out: &mut dyn Write) -> std::io::Result<()> {
    if all.is_empty() {
        return writeln!(out, "No connections yet: catena connect add KIND ADDRESS --name NAME");
    }
    for one in all {
        writeln!(
            out,
            "{}  {}  {}",
            human::safe(&one.name),
            human::safe(&one.kind_title),
            human::safe(&one.address)
        )?;
        match (&one.pulled_at, &one.report) {
            (Some(at), Some(report)) => {
                writeln!(
                    out,
                    "    {at}: {} created, {} changed, {} same, {} rejected",
                    report.created, report.changed, report.same, report.rejected
                )?;
                if let Some(error) = &report.error {
                    writeln!(out, "    it could not go on: {}", human::safe(error))?;
                }
            }
            _ => writeln!(out, "    never pulled")?,
        }
    }
    Ok(())
}

fn tested(found: &ConnectionTested, out: &mut dyn Write) -> std::io::Result<()> {
    let version = found.version.as_deref().map(|version| format!(" {version}")).unwrap_or_default();
    writeln!(
        out,
        "{}{} at {}",
        human::safe(&found.system),
        human::safe(&version),
        human::safe(&found.namespace)
    )?;
    for one in &found.found {
        writeln!(out, "    {} {}", one.count, human::safe(&one.what))?;
    }
    for note in &found.notes {
        writeln!(out, "    note: {}: {}", human::safe(&note.place), human::safe(&note.why))?;
    }
    Ok(())
}
