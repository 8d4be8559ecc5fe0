//! A web server that a person named, as most connectors have one.

use std::sync::Arc;

use crate::{
    cancel::Cancel,
    connector::ReadError,
    http::{Client, Endpoint, HttpError, Limits, Reach, Wiring},
    registry::Settings,
    secret::Credential,
};

/// Where the server is, how to prove who asks, and how to read it.
#[derive(Clone)]
pub(crate) struct NamedServer {
    pub(crate) endpoint: Endpoint,
    pub(crate) credential: Option<Credential>,
    pub(crate) settings: Settings,
}

impl NamedServer {
    /// The server at `address`; a user name and password may stand in it, which a credential given besides replaces.
    pub(crate) fn new(address: &str, settings: Settings) -> Result<Self, ReadError> {
        let (endpoint, in_address) = Endpoint::parse(address)?;
        let credential = settings.credential.clone().or(in_address);
        Ok(Self { endpoint, credential, settings })
    }

    /// A client of it; `system` is what messages say was expected there.
    pub(crate) async fn client(&self, system: &'static str, cancel: &Cancel) -> Result<Client, HttpError> {
        self.client_within(self.settings.limits, system, cancel).await
    }

    /// What proves who asks, for systems that don't send it as it is.
    pub(crate) fn credential(&self) -> Option<&Credential> {
        self.credential.as_ref()
    }

    /// A client that sends this credential and not the one that was given.
    pub(crate) async fn client_as(
        &self,
        credential: Option<&Credential>,
        system: &'static str,
        cancel: &Cancel,
    ) -> Result<Client, HttpError> {
        let wiring = self.wiring(self.settings.limits, system, cancel);
        Client::new(self.endpoint.clone(), credential, wiring).await
    }

    /// A client of the other server at which this one says that a part of its answer is. It gets no credential, and has
    /// to be a public one unless it is this very server.
    pub(crate) async fn client_elsewhere(
        &self,
        address: &str,
        system: &'static str,
        cancel: &Cancel,
    ) -> Result<Client, HttpError> {
        let (endpoint, _) = Endpoint::parse(address)?;
        let mut wiring = self.wiring(self.settings.limits, system, cancel);
        if endpoint.origin() != self.endpoint.origin() {
            wiring.reach = Reach::Public;
        }
        Client::new(endpoint, None, wiring).await
    }

    /// The host, and the port where it isn't the usual one, as names bear it.
    pub(crate) fn name(&self) -> String {
        let endpoint = &self.endpoint;
        match (endpoint.origin().starts_with("https"), endpoint.port()) {
            (true, 443) | (false, 80) => endpoint.host().to_owned(),
            _ => endpoint.authority(),
        }
    }

    fn wiring(&self, limits: Limits, system: &'static str, cancel: &Cancel) -> Wiring {
        Wiring {
            system,
            reach: Reach::NamedByUser,
            limits,
            pause: Arc::clone(&self.settings.pause),
            cancel: cancel.clone(),
        }
    }

    /// A client with other limits than the settings'.
    pub(crate) async fn client_within(
        &self,
        limits: Limits,
        system: &'static str,
        cancel: &Cancel,
    ) -> Result<Client, HttpError> {
        let wiring = self.wiring(limits, system, cancel);
        Client::new(self.endpoint.clone(), self.credential.as_ref(), wiring).await
    }
}

impl std::fmt::Debug for NamedServer {
    /// Without the credential.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NamedServer").field("endpoint", &self.endpoint.origin()).finish_non_exhaustive()
    }
}
