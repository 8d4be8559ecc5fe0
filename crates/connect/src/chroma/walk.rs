//! The way through a server's collections, a page of records at a time.

use catena_ingest::chroma::{Collection, Entry, Fields, Mapping};
use catena_model::statement::Read;
use serde::{Deserialize, Serialize};

use super::api::{Api, Scope};
use crate::{
    connector::{Cursor, Progress},
    handover::{Out, Stop},
    http::HttpError,
};

/// How many records are asked for in one request, unless their answer is too large.
const RECORDS_AT_ONCE: u64 = 500;

/// How far a reading went: everything of what stands before is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Place {
    database: String,
    /// The collection's id: ids are in order, and stay when a collection is called something else.
    collection: String,
    /// How many of its records.
    offset: u64,
}

pub(super) struct Walk {
    api: Api,
    scope: Scope,
    mapping: Mapping,
    out: Out,
    /// How many records of a collection are read.
    bound: u64,
    at_once: u64,
    done: u64,
    of: u64,
}

impl Walk {
    pub(super) fn new(api: Api, scope: Scope, mapping: Mapping, bound: u64, out: Out) -> Self {
        Self { api, scope, mapping, out, bound, at_once: RECORDS_AT_ONCE, done: 0, of: 0 }
    }

    pub(super) async fn run(mut self, from: Place) -> Result<(), Stop> {
        for database in self.scope.databases.clone() {
            if database < from.database {
                continue;
            }
            let collections = self.api.collections(&self.scope.tenant, &database).await?;
            for mut collection in collections {
                let mut place =
                    Place { database: database.clone(), collection: collection.id.clone(), offset: 0 };
                if database == from.database {
                    if collection.id < from.collection {
                        continue;
                    }
                    if collection.id == from.collection {
                        place.offset = from.offset;
                    }
                }
                // Older servers don't say it again with each collection.
                collection.database.get_or_insert_with(|| database.clone());
                collection.tenant.get_or_insert_with(|| self.scope.tenant.clone());
                self.collection(&collection, place).await?;
            }
        }
        Ok(())
    }

    async fn collection(&mut self, collection: &Collection, mut place: Place) -> Result<(), Stop> {
        let tenant = self.scope.tenant.clone();
        let Some(count) = self.api.count(&tenant, &place.database, &collection.id).await? else {
            return self.gone(collection).await;
        };
        let wanted = count.min(self.bound);
        self.of += wanted.saturating_sub(place.offset);
        self.out.portion(vec![self.mapping.collection(collection, Some(count))], Cursor::at(&place)).await?;
        // Of one that was begun before, the first records are not seen again.
        let mut fields = (place.offset == 0).then(Fields::default);
        let mut last: Vec<String> = Vec::new();
        let mut all = false;
        while place.offset < self.bound {
            let most = self.at_once.min(self.bound - place.offset);
            let page = self.api.records(&tenant, &place.database, &collection.id, place.offset, most).await;
            let page = match page {
                Err(HttpError::TooLarge { .. }) if self.at_once > 1 => {
                    self.at_once = (self.at_once / 2).max(1);
                    continue;
                }
                page => page?,
            };
            let Some(page) = page else { return self.gone(collection).await };
            if page.is_empty() {
                all = true;
                break;
            }
            if let Some(fields) = &mut fields {
                page.iter().for_each(|entry| fields.see(entry));
            }
            let ids: Vec<String> = page.iter().map(|entry| entry.id.clone()).collect();
            if ids == last {
                return Err(HttpError::Endless { url: self.api.origin(), what: "records".to_owned() }.into());
            }
            last = ids;
            // A server may give less at once than it was asked for.
            let last_page = (page.len() as u64) < most && place.offset + page.len() as u64 >= count;
            place.offset += page.len() as u64;
            self.done += page.len() as u64;
            self.out.portion(self.reads(collection, page), Cursor::at(&place)).await?;
            let of = self.of.max(self.done);
            self.out
                .progress(Progress { stage: "records".to_owned(), done: self.done, of: Some(of) })
                .await?;
            if last_page {
                all = true;
                break;
            }
        }
        let told = fields.and_then(|fields| self.mapping.fields(collection, &fields, all));
        if let Some(read) = told {
            self.out.portion(vec![read], Cursor::at(&place)).await?;
        }
        if !all && self.bound > 0 && count > place.offset {
            let why = format!("the first {} were read, as was chosen; there are {count}", self.bound);
            self.out.note(&format!("records of {}", collection.name), why).await?;
        }
        Ok(())
    }

    fn reads(&self, collection: &Collection, page: Vec<Entry>) -> Vec<Read> {
        page.into_iter().map(|entry| self.mapping.entry(collection, entry)).collect()
    }

    async fn gone(&self, collection: &Collection) -> Result<(), Stop> {
        let why = "it was deleted while it was being read".to_owned();
        Ok(self.out.note(&format!("collection {}", collection.name), why).await?)
    }
}
