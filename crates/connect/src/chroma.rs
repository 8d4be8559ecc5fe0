//! Chroma's collections and records, by its HTTP API (v2).
//!
//! Records are fetched in pages and handed over as they come, so that neither side ever holds a collection. Chroma
//! doesn't say what changed since, so a reading after a complete one reads everything again; vectors are not fetched.

mod api;
mod walk;

use catena_ingest::chroma::Mapping;

use self::{
    api::{Api, Scope},
    walk::{Place, Walk},
};
use crate::{
    cancel::Cancel,
    connector::{Connector, Cursor, Done, Found, Probe, ReadError, Sink},
    handover::fetching,
    http::HttpError,
    named_server::NamedServer,
    pause::Pending,
    registry::{Address, FormField, Proof, Settings, System},
};

/// Chroma in the list of systems.
pub(crate) const SYSTEM: System = System::new(
    "chroma",
    "Chroma",
    "the address of a Chroma server (http://host:8000): its collections and their records",
    open,
)
.asking(
    "http://127.0.0.1:8000",
    Proof::TokenOrPassword,
    &[
        FormField { key: "tenant", label: "Tenant", hint: "default_tenant when left empty.", choices: &[] },
        FormField {
            key: "database",
            label: "Database",
            hint: "All of the tenant's databases when left empty.",
            choices: &[],
        },
        crate::vectors::BOUND,
        crate::registry::USER,
    ],
);

/// What is expected at the address, for messages.
const EXPECTED: &str = "a Chroma server";

/// Of how many collections the records are counted before anything is read.
const COUNTED: usize = 100;

fn open(address: &Address, settings: Settings) -> Result<Box<dyn Connector>, ReadError> {
    Ok(Box::new(Chroma::new(
        address.url("the address of a Chroma server, such as http://host:8000")?,
        settings,
    )?))
}

/// A Chroma server.
#[derive(Debug)]
pub struct Chroma {
    server: NamedServer,
    bound: u64,
}

impl Chroma {
    /// The server at `address`, which a person named; a user name and password may stand in it.
    pub fn new(address: &str, settings: Settings) -> Result<Self, ReadError> {
        let bound = crate::vectors::bound(&settings)?;
        Ok(Self { server: NamedServer::new(address, settings)?, bound })
    }

    fn mapping(&self) -> Mapping {
        Mapping::new(&self.server.endpoint.authority(), self.server.settings.clock.now())
    }

    async fn open(&self, cancel: &Cancel) -> Result<(Api, Scope), HttpError> {
        let api = Api::new(self.server.client(EXPECTED, cancel).await?);
        let scope =
            api.scope(self.server.settings.option("tenant"), self.server.settings.option("database")).await?;
        Ok((api, scope))
    }
}

impl Connector for Chroma {
    fn probe<'a>(&'a self, cancel: &'a Cancel) -> Pending<'a, Result<Probe, ReadError>> {
        Box::pin(async move {
            let (api, scope) = self.open(cancel).await?;
            let version = api.version().await?;
            let (mut collections, mut records) = (Vec::new(), 0);
            for database in &scope.databases {
                let found = api.collections(&scope.tenant, database).await?;
                collections.extend(found.into_iter().map(|collection| (database.clone(), collection)));
            }
            for (database, collection) in collections.iter().take(COUNTED) {
                records += api.count(&scope.tenant, database, &collection.id).await?.unwrap_or(0);
            }
            let mut found = vec![
                Found::new("databases", scope.databases.len() as u64),
                Found::new("collections", collections.len() as u64),
            ];
            if collections.len() <= COUNTED {
                found.push(Found::new("records", records));
            }
            Ok(Probe {
                system: "Chroma".to_owned(),
                version: Some(format!("API {version}")),
                namespace: self.mapping().namespace(),
                found,
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
            let (api, scope) = self.open(cancel).await?;
            let mapping = self.mapping();
            let bound = self.bound;
            fetching(|out| Walk::new(api, scope, mapping, bound, out).run(place), sink, cancel).await
        })
    }
}
