//! The way through a store's collections, a page of records at a time, up to the bound.

use catena_ingest::vector::{Fields, Mapping};
use serde::{Deserialize, Serialize};

use super::{Held, Store};
use crate::{
    connector::{Cursor, Progress, ReadError},
    handover::{Out, Stop},
    http::HttpError,
};

/// How many records are asked for in one request, unless their answer is too large.
const AT_ONCE: u64 = 200;

/// How many pages without a record are taken before the listing counts as endless.
const EMPTY_PAGES: usize = 100;

/// How far a reading went: everything of what stands before is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Place {
    /// The collection's key: they are in order.
    collection: String,
    /// Where the next page of its records begins.
    after: Option<String>,
    /// How many of its records were read.
    read: u64,
}

pub(super) struct Walk {
    store: Box<dyn Store>,
    mapping: Mapping,
    bound: u64,
    out: Out,
    at_once: u64,
    done: u64,
    of: u64,
}

impl Walk {
    pub(super) fn new(store: Box<dyn Store>, mapping: Mapping, bound: u64, out: Out) -> Self {
        Self { store, mapping, bound, out, at_once: AT_ONCE, done: 0, of: 0 }
    }

    pub(super) async fn run(mut self, from: Place) -> Result<(), Stop> {
        let (mut collections, notes) = self.store.collections().await?;
        for note in notes {
            self.out.note(&note.place, note.why).await?;
        }
        collections.sort_by(|a, b| a.key.cmp(&b.key));
        for held in collections.into_iter().filter(|held| held.key >= from.collection) {
            let place = match held.key == from.collection {
                true => from.clone(),
                false => Place { collection: held.key.clone(), after: None, read: 0 },
            };
            self.collection(&held, place).await?;
        }
        Ok(())
    }

    async fn collection(&mut self, held: &Held, mut place: Place) -> Result<(), Stop> {
        let expected = held.collection.records.unwrap_or(0).min(self.bound);
        self.of += expected.saturating_sub(place.read);
        self.out.portion(vec![self.mapping.collection(&held.collection)], Cursor::at(&place)).await?;
        // Of one that was begun before, the first records are not seen again.
        let mut fields = (place.read == 0).then(Fields::default);
        let mut empty = 0;
        let mut all = false;
        while place.read < self.bound {
            let most = self.at_once.min(self.bound - place.read);
            let page = match self.store.page(held, place.after.as_deref(), most).await {
                Err(ReadError::Http(HttpError::TooLarge { .. })) if self.at_once > 1 => {
                    self.at_once = (self.at_once / 2).max(1);
                    continue;
                }
                page => page?,
            };
            let Some(page) = page else {
                let why = "it was deleted while it was being read".to_owned();
                return Ok(self.out.note(&format!("collection {}", held.collection.name), why).await?);
            };
            let count = page.entries.len() as u64;
            empty = if count == 0 { empty + 1 } else { 0 };
            if page.next.is_some() && (page.next == place.after || empty > EMPTY_PAGES) {
                let (url, what) = (self.mapping.namespace(), "records".to_owned());
                return Err(HttpError::Endless { url, what }.into());
            }
            if let Some(fields) = &mut fields {
                page.entries.iter().for_each(|entry| fields.see(entry));
            }
            all = page.next.is_none();
            place.read = place.read.saturating_add(count);
            place.after = page.next;
            self.done += count;
            let reads = page.entries.into_iter().map(|entry| self.mapping.entry(&held.collection, entry));
            let reads = reads.collect();
            if all {
                // Asked for again from here, it would begin anew.
                place.read = u64::MAX;
            }
            self.out.portion(reads, Cursor::at(&place)).await?;
            let of = self.of.max(self.done);
            self.out
                .progress(Progress { stage: "records".to_owned(), done: self.done, of: Some(of) })
                .await?;
        }
        let told = fields.and_then(|fields| self.mapping.fields(&held.collection, &fields, all));
        if let Some(read) = told {
            self.out.portion(vec![read], Cursor::at(&place)).await?;
        }
        if !all && place.read < u64::MAX && self.bound > 0 {
            let why = format!("the first {} were read, as was chosen; there are more", self.bound);
            self.out.note(&format!("records of {}", held.collection.name), why).await?;
        }
        Ok(())
    }
}
