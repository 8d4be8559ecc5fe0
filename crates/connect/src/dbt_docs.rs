//! The artifacts of a dbt project as `dbt docs serve`, or any web server with the same files, shows them.

use catena_ingest::dbt::read_project;

use crate::{
    cancel::Cancel,
    connector::{Connector, Cursor, Done, Probe, Progress, ReadError, Sink},
    handover::{Out, Stop, fetching},
    http::{Client, HttpError, Limits},
    named_server::NamedServer,
    pause::Pending,
    registry::{Address, Settings, System},
};

/// dbt in the list of systems.
pub(crate) const SYSTEM: System =
    System::new("dbt", "dbt", "the address at which dbt docs serve shows a project (http://host:8080)", open);

/// What is expected at the address, for messages.
const EXPECTED: &str = "dbt docs serve";

/// How many records are handed over together.
const PORTION: usize = 1_000;

fn open(address: &Address, settings: Settings) -> Result<Box<dyn Connector>, ReadError> {
    Ok(Box::new(DbtDocs::new(
        address.url("the address of dbt docs serve, such as http://host:8080")?,
        settings,
    )?))
}

/// A web server that shows a project's artifacts.
#[derive(Debug)]
pub struct DbtDocs {
    server: NamedServer,
}

impl DbtDocs {
    /// The server at `address`, which a person named; a user name and password may stand in it.
    pub fn new(address: &str, settings: Settings) -> Result<Self, ReadError> {
        Ok(Self { server: NamedServer::new(address, settings)? })
    }

    async fn client(&self, cancel: &Cancel) -> Result<Client, HttpError> {
        // One answer is all of a project: the manifest of tens of thousands of models is 100 MB.
        let answer = self.server.settings.limits.answer.saturating_mul(8);
        self.server.client_within(Limits { answer, ..self.server.settings.limits }, EXPECTED, cancel).await
    }
}

impl Connector for DbtDocs {
    fn probe<'a>(&'a self, cancel: &'a Cancel) -> Pending<'a, Result<Probe, ReadError>> {
        Box::pin(async move {
            self.client(cancel).await?.get("manifest.json", &[]).await?;
            Ok(Probe {
                system: "dbt".to_owned(),
                version: None,
                namespace: self.server.endpoint.origin(),
                found: Vec::new(),
                notes: Vec::new(),
            })
        })
    }

    fn read<'a>(
        &'a self,
        _: Option<&'a Cursor>,
        sink: &'a mut dyn Sink,
        cancel: &'a Cancel,
    ) -> Pending<'a, Result<Done, ReadError>> {
        // Three files are read whole or not at all: there is nothing to go on from.
        Box::pin(async move {
            let client = self.client(cancel).await?;
            fetching(|out| fetch(client, out), sink, cancel).await
        })
    }
}

async fn fetch(client: Client, out: Out) -> Result<(), Stop> {
    let manifest = client.get("manifest.json", &[]).await?.into_bytes();
    let catalog = optional(&client, &out, "catalog.json", "what the warehouse has of the models").await?;
    let results = optional(&client, &out, "run_results.json", "how the last run went").await?;
    let mut done = 0;
    let mut reads = read_project(&manifest, catalog.as_deref(), results.as_deref());
    loop {
        let portion: Vec<_> = reads.by_ref().take(PORTION).collect();
        if portion.is_empty() {
            return Ok(());
        }
        done += portion.len() as u64;
        out.portion(portion, Cursor(String::new())).await?;
        out.progress(Progress { stage: "nodes".to_owned(), done, of: None }).await?;
    }
}

async fn optional(client: &Client, out: &Out, file: &str, tells: &str) -> Result<Option<Vec<u8>>, Stop> {
    match client.get(file, &[]).await {
        Ok(answer) => Ok(Some(answer.into_bytes())),
        Err(error) if error.is_missing() => {
            out.note(file, format!("the server does not show it, so {tells} was not read")).await?;
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}
