//! User-visible acts, chained by hash so that history can't be rewritten unseen.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    actor::{Actor, Origin},
    change::Change,
    id::{CauseId, OperationId},
    json::canonical,
    time::Timestamp,
};

/// A SHA-256 link of the chain.
pub type Link = [u8; 32];

/// The link before the first operation.
pub const GENESIS: Link = [0; 32];

/// The head of one user-visible act; its changes are applied together or not at all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct Operation {
    /// The place in the log, from 1, without gaps.
    #[ts(type = "number")]
    pub seq: u64,
    /// Its identity across catalogs.
    pub id: OperationId,
    /// What was done, in a few words: `Edit description of orders`.
    pub title: String,
    /// Who did it.
    pub actor: Actor,
    /// Through what.
    pub origin: Origin,
    /// What it is part of: an import, a sync.
    pub cause: Option<CauseId>,
    /// The operation that this one takes back.
    pub undoes: Option<OperationId>,
    /// When, by this machine's clock.
    pub at: Timestamp,
    /// How many changes it has.
    #[ts(type = "number")]
    pub changes: u64,
}

/// The link after `previous` and an operation's head. The operation's changes follow with [`link_change`].
///
/// Every part goes in behind its length, so that no two different operations have the same bytes.
pub fn link_operation(previous: &Link, operation: &Operation) -> Link {
    let mut hash = Sha256::new();
    hash.update(previous);
    hash.update(operation.seq.to_le_bytes());
    hash.update(operation.id.as_bytes());
    part(&mut hash, operation.title.as_bytes());
    part(&mut hash, encode(&operation.actor).as_bytes());
    part(&mut hash, encode(&operation.origin).as_bytes());
    part(&mut hash, operation.cause.as_ref().map_or(&[], |id| id.as_bytes().as_slice()));
    part(&mut hash, operation.undoes.as_ref().map_or(&[], |id| id.as_bytes().as_slice()));
    hash.update(operation.at.micros().to_le_bytes());
    hash.update(operation.changes.to_le_bytes());
    hash.finalize().into()
}

/// The link after `previous` and one change of the operation, as the log stores it.
pub fn link_change(previous: &Link, stored: &StoredChange<'_>) -> Link {
    let mut hash = Sha256::new();
    hash.update(previous);
    part(&mut hash, stored.subject);
    part(&mut hash, stored.aspect.as_bytes());
    optional(&mut hash, stored.before);
    optional(&mut hash, stored.after);
    hash.finalize().into()
}

/// A change in the form in which it is stored and hashed.
#[derive(Debug, Clone, Copy)]
pub struct StoredChange<'a> {
    /// An entity's 16 bytes; or a relation's `from`, `to` and kind code, 33 bytes.
    pub subject: &'a [u8],
    /// Canonical JSON.
    pub aspect: &'a str,
    /// Canonical JSON.
    pub before: Option<&'a str>,
    /// Canonical JSON.
    pub after: Option<&'a str>,
}

/// What an operation will be once the log gives it its place and time.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// What is done, in a few words.
    pub title: String,
    /// The operation that this one takes back.
    pub undoes: Option<OperationId>,
    /// What it does.
    pub changes: Vec<Change>,
}

fn encode(value: &impl Serialize) -> String {
    // Our own enums always serialise; an empty string would still be covered by the hash.
    serde_json::to_value(value).map(|value| canonical(&value)).unwrap_or_default()
}

fn part(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_le_bytes());
    hash.update(bytes);
}

fn optional(hash: &mut Sha256, text: Option<&str>) {
    match text {
        None => hash.update([0]),
        Some(text) => {
            hash.update([1]);
            part(hash, text.as_bytes());
        }
    }
}
