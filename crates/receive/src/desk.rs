//! What a protocol may do with the catalog while it answers a request.

use std::sync::Arc;

use catena_model::time::Timestamp;
use catena_store::{Reader, StoreError, StoreResult, Writer};

use crate::{
    commit::{Holder, Piece, Queue, Receipt},
    limits::Limits,
    protocol::Protocol,
    refusal::Refusal,
    route::Effect,
    stats::Counts,
};

/// The catalog, as one request sees it.
#[derive(Clone)]
pub struct Desk {
    pub(crate) holder: Arc<dyn Holder>,
    pub(crate) queue: Queue,
    pub(crate) protocol: Arc<dyn Protocol>,
    pub(crate) counts: Counts,
    pub(crate) limits: Limits,
    pub(crate) effect: Effect,
}

impl Desk {
    /// Stores pieces, each by itself, and says what became of them once it is certain.
    pub async fn keep(&self, pieces: Vec<Piece>) -> Result<Receipt, Refusal> {
        self.may_write()?;
        self.queue.keep(Arc::clone(&self.protocol), self.counts.clone(), pieces).await
    }

    /// Reads from one unchanging state of the catalog.
    pub async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Reader<'_>) -> StoreResult<T> + Send + 'static,
    ) -> Result<T, Refusal> {
        let holder = Arc::clone(&self.holder);
        apart(move || holder.catalog().read(read)).await
    }

    /// Writes what is no record (a protocol's own bookkeeping) with the writer itself; committed when it returns.
    /// Everything else goes through [`Desk::keep`].
    pub async fn write<T: Send + 'static>(
        &self,
        write: impl FnOnce(&mut Writer) -> StoreResult<T> + Send + 'static,
    ) -> Result<T, Refusal> {
        self.may_write()?;
        let holder = Arc::clone(&self.holder);
        apart(move || {
            let value = write(&mut *holder.catalog().writer()?)?;
            holder.stored(true);
            Ok(value)
        })
        .await
    }

    fn may_write(&self) -> Result<(), Refusal> {
        match self.effect {
            Effect::Reads => Err(Refusal::ReadsOnly),
            Effect::Writes => Ok(()),
        }
    }

    /// Tells whoever looks at the receiver of something that was wrong with what was stored all the same.
    pub fn note(&self, what: &str) {
        self.counts.note(what, self.now());
    }

    /// How much is taken.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.holder.now()
    }
}

async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> StoreResult<T> + Send + 'static,
) -> Result<T, Refusal> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(StoreError::NotFound(what))) => Err(Refusal::NotFound(what)),
        Ok(Err(StoreError::Refused(why))) => Err(Refusal::Conflict(why)),
        Ok(Err(error)) => Err(Refusal::Unavailable(error.to_string())),
        Err(_) => Err(Refusal::Unavailable("it failed for a fault of Catena's own".to_owned())),
    }
}
