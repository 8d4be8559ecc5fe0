//! An MLflow tracking server, read by its REST API.
//!
//! What is asked for, in this order: experiments; per experiment its runs (oldest first) with the histories of their
//! metrics; logged models; registered models and prompts; their versions; traces with their spans and judgements;
//! evaluation datasets. Deleted ones are read too, as far as the
//! server shows them.

mod api;
mod at_once;
mod history;
mod page;
mod since;
mod traces;
mod walk;

use std::sync::{Arc, atomic::AtomicI64};

use catena_ingest::mlflow::Mapping;

use self::{
    api::{Api, SYSTEM},
    since::{Mark, Marking},
    walk::Walk,
};
use super::{identity, known::KnownHistories, place::Place};
use crate::{
    cancel::Cancel,
    connector::{Connector, Cursor, Done, Probe, ReadError, Sink},
    handover::fetching,
    named_server::NamedServer,
    pause::Pending,
    registry::Settings,
};

/// An MLflow server.
#[derive(Debug)]
pub struct Server {
    server: NamedServer,
}

/// A server that was found to answer.
struct Opened {
    api: Api,
    version: Option<String>,
    namespace: String,
}

impl Server {
    /// The server at `address`, which a person named; a user name and password may stand in it.
    pub fn new(address: &str, settings: Settings) -> Result<Self, ReadError> {
        Ok(Self { server: NamedServer::new(address, settings)? })
    }

    async fn open(&self, cancel: &Cancel) -> Result<Opened, ReadError> {
        let api = Api { client: self.server.client(SYSTEM, cancel).await? };
        // Asked first, because whatever else is at the address answers it with a page of its own.
        let first = api.experiment(identity::FIRST_EXPERIMENT).await?;
        let version = api.version().await?;
        let given = self.server.settings.namespace.as_deref();
        let namespace =
            identity::namespace(given, first.as_ref(), || identity::of_server(&self.server.endpoint))?;
        Ok(Opened { api, version, namespace })
    }
}

impl Connector for Server {
    fn probe<'a>(&'a self, cancel: &'a Cancel) -> Pending<'a, Result<Probe, ReadError>> {
        Box::pin(async move {
            let opened = self.open(cancel).await?;
            Ok(Probe {
                system: "MLflow".to_owned(),
                version: opened.version,
                namespace: opened.namespace,
                found: Vec::new(),
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
            let from = from.map(Mark::of).transpose()?;
            let Opened { api, namespace, .. } = self.open(cancel).await?;
            let mapping = Mapping::new(&namespace, self.server.settings.clock.now()).map_err(|error| {
                ReadError::BadNamespace { namespace: namespace.clone(), why: error.to_string() }
            })?;
            let known = KnownHistories::new(&namespace, Arc::clone(&self.server.settings.known));
            let now = self.server.settings.clock.now();
            let mark = match from {
                None => Mark::start(&namespace, None, now),
                Some(mark) => mark.at(&namespace, now),
            };
            let (place, since) = (mark.place.clone(), mark.since);
            let resumed = place != Place::Experiments { token: None };
            let latest = Arc::new(AtomicI64::new(mark.latest));
            let seen = Arc::clone(&latest);
            let mut marking = Marking { sink, mark, latest };
            let fetch = |out| Walk::new(api, mapping, known, out).since(since, seen).run(place, resumed);
            let mut done = fetching(fetch, &mut marking, cancel).await?;
            if !done.stopped {
                done.next = Some(marking.next());
                done.notes.extend(since.map(since::note));
            }
            Ok(done)
        })
    }
}
