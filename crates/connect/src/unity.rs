//! Databricks' Unity Catalog over its REST API: catalogs, schemas, tables, volumes, functions, registered models, and
//! with them their tags and lineage.
//!
//! Schemas come in the order of their names and a reading that was cut short goes on after the last whole one. Each
//! object says when it was last changed, so a reading after a complete one asks for tags and columns' lineage only of
//! what changed since; the lineage of tables is asked for each time, since it grows without the table being changed.
//! What could be written back: comments, owners, properties, tags (each visible after the fact by its change, and not
//! protected from another's), and aliases of model versions.

mod walk;

use catena_ingest::unity::Mapping;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::walk::{Seen, Walk};
use crate::{
    cancel::Cancel,
    connector::{Connector, Cursor, Done, Found, Note, Probe, ReadError, Sink},
    handover::fetching,
    http::{Client, HttpError},
    named_server::NamedServer,
    pause::Pending,
    registry::{Address, FormField, Proof, Settings, System},
    secret::{Credential, Secret},
};

const EXPECTED: &str = "a Databricks workspace";

/// Unity Catalog in the list of systems.
pub(crate) const SYSTEM: System = System::new(
    "databricks",
    "Databricks Unity Catalog",
    "the address of a workspace (https://WORKSPACE.cloud.databricks.com): catalogs, schemas, tables, columns, views, \
     volumes, functions, models, tags and lineage",
    open,
)
.asking(
    "https://adb-1234567890123456.7.azuredatabricks.net",
    Proof::TokenOrPassword,
    &[
        FormField {
            key: "user",
            label: "Client id",
            hint: "Of a service principal, whose secret is then the secret. Left empty, it is a personal access token.",
            choices: &[],
        },
        FormField {
            key: "catalogs",
            label: "Catalogs",
            hint: "Names with commas between them; all but system and samples when left empty.",
            choices: &[],
        },
        FormField {
            key: "detail",
            label: "Tags and lineage",
            hint: "Each is a request of its own. Left empty: of tables, and the lineage of columns where the table has any.",
            choices: &["tables", "columns", "none"],
        },
    ],
);

fn open(address: &Address, settings: Settings) -> Result<Box<dyn Connector>, ReadError> {
    let url = address.url("the address of a workspace, such as https://WORKSPACE.cloud.databricks.com")?;
    Ok(Box::new(Unity { server: NamedServer::new(url, settings)? }))
}

/// A workspace.
#[derive(Debug)]
struct Unity {
    server: NamedServer,
}

/// How far a reading went.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    /// The last schema that was read whole.
    after: String,
    /// What was changed before this was read by an earlier reading; in milliseconds.
    since: i64,
    /// The latest change that this reading has seen.
    newest: i64,
}

impl Unity {
    async fn client(&self, cancel: &Cancel) -> Result<Client, HttpError> {
        match self.server.credential() {
            Some(Credential::Basic { .. }) => {
                let asking = self.server.client(EXPECTED, cancel).await?;
                let form = [("grant_type", "client_credentials"), ("scope", "all-apis")];
                let answer: Value = asking.post_form("oidc/v1/token", &form).await?.read()?;
                let token = answer["access_token"].as_str().filter(|token| !token.is_empty());
                let token =
                    token.ok_or_else(|| asking.unreadable("oidc/v1/token", "it has no access_token"))?;
                let token = Credential::Bearer(Secret::new(token));
                self.server.client_as(Some(&token), EXPECTED, cancel).await
            }
            _ => self.server.client(EXPECTED, cancel).await,
        }
    }

    fn mapping(&self) -> Mapping {
        let settings = &self.server.settings;
        Mapping::new(&self.server.name(), settings.clock.now()).within(settings.namespace.as_deref())
    }
}

impl Connector for Unity {
    fn probe<'a>(&'a self, cancel: &'a Cancel) -> Pending<'a, Result<Probe, ReadError>> {
        Box::pin(async move {
            let client = self.client(cancel).await?;
            let catalogs = walk::catalogs(&client, self.server.settings.option("catalogs")).await?;
            let mut notes = Vec::new();
            if catalogs.is_empty() {
                let why = "these credentials may see none: grant them USE CATALOG, or BROWSE".to_owned();
                notes.push(Note { place: "catalogs".to_owned(), why });
            }
            Ok(Probe {
                system: "Databricks Unity Catalog".to_owned(),
                version: None,
                namespace: self.mapping().namespace().to_owned(),
                found: vec![Found::new("catalogs", catalogs.len() as u64)],
                notes,
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
            let client = self.client(cancel).await?;
            let now = self.server.settings.clock.now().millis();
            let seen = Seen::new(place.newest);
            let settings = &self.server.settings;
            let mapping = self.mapping();
            let walk = |out| {
                let detail = settings.option("detail").unwrap_or("some").to_owned();
                let chosen = settings.option("catalogs").map(str::to_owned);
                Walk::new(client, mapping, out, chosen, &detail).run(place, seen.clone())
            };
            let mut done = fetching(walk, sink, cancel).await?;
            if !done.stopped {
                // A clock that is ahead must not hide what changes from now on.
                let since = seen.newest().min(now);
                done.next = Some(Cursor::at(&Place { since, ..Place::default() }));
            }
            Ok(done)
        })
    }
}
