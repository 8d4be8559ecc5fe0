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
pub(crate) struct NamedServer {
    pub(crate) endpoint: Endpoint,
    credential: Option<Credential>,
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

    /// A client with other limits than the settings'.
    pub(crate) async fn client_within(
        &self,
        limits: Limits,
        system: &'static str,
        cancel: &Cancel,
    ) -> Result<Client, HttpError> {
        let wiring = Wiring {
            system,
            reach: Reach::NamedByUser,
            limits,
            pause: Arc::clone(&self.settings.pause),
            cancel: cancel.clone(),
        };
        Client::new(self.endpoint.clone(), self.credential.as_ref(), wiring).await
    }
}

impl std::fmt::Debug for NamedServer {
    /// Without the credential.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NamedServer").field("endpoint", &self.endpoint.origin()).finish_non_exhaustive()
    }
}
