//! Object stores and folders: what lies in them, a table of many files as one.
//!
//! All names of a bucket or folder are listed before anything is told, since only together do they say which files are
//! one table; so there is a bound on how many. A reading after a complete one lists everything again and tells what was
//! written since; what is gone is not noticed.

mod content;
mod folder;
mod remote;
mod s3;
mod sign;

use catena_ingest::objects::{Item, Mapping, Object, grouped};
use catena_model::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    connector::{Cursor, ReadError},
    registry::{FormField, Settings},
};

pub(crate) use self::{folder::SYSTEM as FOLDER, s3::SYSTEM as S3};

/// How many objects are listed unless somebody says otherwise.
const OBJECTS: usize = 100_000;

/// How many things are handed over at once.
const PORTION: usize = 500;

/// How many files that could not be looked into are named one by one.
const NAMED: usize = 20;

/// How far apart the clocks of those who write may be, in milliseconds: what is asked for overlaps by as much.
const CLOCKS_APART: i64 = 3_600_000;

const BOUND: FormField = FormField {
    key: "objects",
    label: "Objects",
    hint: "How many are listed at most in each bucket or folder: 100000 when left empty.",
    choices: &[],
};

/// How far a reading went.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    /// What was written before is not told: an earlier reading had it. In milliseconds.
    since: Option<i64>,
    /// The newest that was seen.
    latest: Option<i64>,
    /// The bucket, and the last thing in it that was told.
    bucket: String,
    after: String,
}

impl Place {
    /// Where the next reading begins, after this one had everything.
    fn next(&self, began: Timestamp) -> Cursor {
        // Not later than the start of this reading: what was written while it went on may have been passed already.
        let since = self.latest.map(|latest| latest.min(began.millis()).saturating_sub(CLOCKS_APART));
        Cursor::at(&Self { since: since.max(self.since), ..Self::default() })
    }

    /// What of these objects is to be told: new since, and after where an earlier reading was cut short.
    fn items(&mut self, objects: Vec<Object>) -> Vec<Item> {
        let newest = objects.iter().filter_map(|object| object.modified).max();
        self.latest = self.latest.max(newest.map(Timestamp::millis));
        let is_new = |time: Option<Timestamp>| match (self.since, time) {
            (Some(since), Some(time)) => time.millis() >= since,
            _ => true,
        };
        let mut items = grouped(objects);
        items.retain(|item| key(item) > self.after.as_str() && is_new(modified(item)));
        items
    }
}

fn key(item: &Item) -> &str {
    match item {
        Item::File(object) => &object.key,
        Item::Table(table) => &table.prefix,
    }
}

fn modified(item: &Item) -> Option<Timestamp> {
    match item {
        Item::File(object) => object.modified,
        Item::Table(table) => table.modified,
    }
}

fn bound(settings: &Settings) -> Result<usize, ReadError> {
    match settings.option("objects") {
        None => Ok(OBJECTS),
        Some(text) => text.parse().map_err(|_| ReadError::Unknown {
            address: text.to_owned(),
            why: "how many objects to list is a whole number".to_owned(),
        }),
    }
}

fn cut(bound: usize) -> String {
    format!("the first {bound} were listed, as was chosen; there are more")
}

/// As OpenLineage names it.
fn mapping(instance: &str, bucket: &str, at: Timestamp) -> Mapping {
    Mapping::new("s3", instance, &format!("s3://{bucket}"), at)
}
