//! Snowflake's own catalog: databases, schemas, tables, views with their queries, columns, keys, functions, stages, and
//! where the role may read them, tags and what objects depend on.
//!
//! It is asked in SQL, over the protocol of Snowflake's drivers (a user's password) or over its SQL API (a token, or a
//! private key). Tables come in the order of their names, some at a time, so that a reading that was cut short goes on
//! where it was. What a role may not read is said and left out; the rest goes on. What could be written back: comments
//! and tags, blind, since Snowflake says of neither who changed it last.

mod arrow;
mod key_pair;
mod rows;
mod session;
mod sql_api;
mod walk;

use catena_ingest::snowflake::Mapping;
use serde::{Deserialize, Serialize};

use self::{rows::Query, session::Session, sql_api::SqlApi, walk::Walk};
use crate::{
    cancel::Cancel,
    connector::{Connector, Cursor, Done, Found, Probe, ReadError, Sink},
    handover::fetching,
    named_server::NamedServer,
    pause::Pending,
    registry::{Address, FormField, Proof, Settings, System},
    secret::Credential,
};

const EXPECTED: &str = "a Snowflake account";

/// Snowflake in the list of systems.
pub(crate) const SYSTEM: System = System::new(
    "snowflake",
    "Snowflake",
    "the address of an account (https://ORG-ACCOUNT.snowflakecomputing.com): databases, tables, views, columns, \
     comments, keys, functions, stages, tags and dependencies",
    open,
)
.asking(
    "https://acme-eu.snowflakecomputing.com",
    Proof::TokenOrPassword,
    &[
        FormField {
            key: "user",
            label: "User",
            hint: "Whose password the secret is, or whose private key in PEM. Left empty, the secret is a token.",
            choices: &[],
        },
        FormField {
            key: "role",
            label: "Role",
            hint: "Tags and dependencies want one that may read the database SNOWFLAKE.",
            choices: &[],
        },
        FormField { key: "warehouse", label: "Warehouse", hint: "Which answers; the user's own when left empty.", choices: &[] },
        FormField {
            key: "databases",
            label: "Databases",
            hint: "Names with commas between them; all but Snowflake's own when left empty.",
            choices: &[],
        },
        FormField {
            key: "account",
            label: "Account",
            hint: "ORG-ACCOUNT, where the address does not begin with it.",
            choices: &[],
        },
    ],
);

fn open(address: &Address, settings: Settings) -> Result<Box<dyn Connector>, ReadError> {
    let url = address.url("the address of an account, such as https://ORG-ACCOUNT.snowflakecomputing.com")?;
    Ok(Box::new(Snowflake { server: NamedServer::new(url, settings)? }))
}

/// An account.
#[derive(Debug, Clone)]
struct Snowflake {
    server: NamedServer,
}

/// The last table that was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    database: String,
    schema: String,
    table: String,
}

impl Snowflake {
    /// The account's name: chosen, or as the address has it.
    fn account(&self) -> String {
        let host = self.server.name();
        let named = self.server.settings.option("account").map(str::to_owned);
        named.unwrap_or_else(|| host.strip_suffix(".snowflakecomputing.com").unwrap_or(&host).to_owned())
    }

    fn mapping(&self) -> Mapping {
        let settings = &self.server.settings;
        Mapping::new(&self.account(), settings.clock.now()).within(settings.namespace.as_deref())
    }

    async fn query(&self, cancel: &Cancel) -> Result<Box<dyn Query + '_>, ReadError> {
        Ok(match self.server.credential() {
            Some(Credential::Basic { user, password }) if password.expose().starts_with("-----BEGIN") => {
                Box::new(SqlApi::with_key(self, user, password, cancel).await?)
            }
            Some(Credential::Basic { user, password }) => {
                Box::new(Session::open(self, user, password, cancel).await?)
            }
            _ => Box::new(SqlApi::with_token(self, cancel).await?),
        })
    }
}

impl Connector for Snowflake {
    fn probe<'a>(&'a self, cancel: &'a Cancel) -> Pending<'a, Result<Probe, ReadError>> {
        Box::pin(async move {
            let query = self.query(cancel).await?;
            let version = query.rows("SELECT CURRENT_VERSION() AS version").await;
            let version = version.map_err(|error| error.of("its version"))?;
            let databases = walk::databases(query.as_ref(), self.server.settings.option("databases")).await?;
            query.close().await;
            let version =
                version.first().and_then(|row| row.as_object()?.values().next()?.as_str().map(str::to_owned));
            Ok(Probe {
                system: "Snowflake".to_owned(),
                version,
                namespace: self.mapping().namespace().to_owned(),
                found: vec![Found::new("databases", databases.len() as u64)],
                notes: Vec::new(),
            })
        })
    }

    fn read<'a>(
        &'a self,
        from: Option<&'a Cursor>,
        sink: &'a mut dyn Sink,
        cancel: &'a Cancel,
    ) -> Pending<'a, Result<Done, ReadError>> {
        Box::pin(async move {
            let place = from.map(Cursor::place::<Place>).transpose()?.unwrap_or_default();
            let (account, asked) = (self.clone(), cancel.clone());
            let fetch = |out| async move {
                let query = account.query(&asked).await?;
                let chosen = account.server.settings.option("databases");
                let read = Walk::new(query.as_ref(), account.mapping(), out).run(chosen, place).await;
                query.close().await;
                read
            };
            fetching(fetch, sink, cancel).await
        })
    }
}
