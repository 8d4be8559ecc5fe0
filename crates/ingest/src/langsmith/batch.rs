//! What one request brings: many runs and feedbacks, each read by itself.

use std::{collections::HashMap, ops::Range};

use catena_model::statement::Rejection;
use serde::Deserialize;
use serde_json::{Map, Value, value::RawValue};
use uuid::Uuid;

use super::{
    multipart::{self, BadMultipart, Part},
    run::Verb,
    wire::{self, Object},
};
use crate::{
    fault::{quote, rejected},
    json,
};

/// One thing that a request brings, and where in its body it lies.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Where it stood, for a person: `post.01a2...`.
    pub place: String,
    /// What it is.
    pub what: What,
    /// The part of the body that it came from, to be kept if it can't be taken.
    pub lies: Range<usize>,
}

/// What an item is.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// A telling of a run, not yet looked into.
    Run(Verb, Object),
    /// Feedback, likewise.
    Feedback(Object),
    /// Nothing that can be taken.
    Bad(Rejection),
}

/// The parts of a run that are sent beside it.
const SIDES: [&str; 6] = ["inputs", "outputs", "events", "extra", "error", "serialized"];

/// The most values that all the JSON of one request may have. Each piece has a limit of its own, but all are held at
/// once, and a value takes many times the room of the two bytes that it can be written in.
pub(super) const MOST_VALUES: usize = 1_500_000;

/// Whether the body may hold more than that; what stands in texts counts too.
pub(super) fn has_too_many_values(body: &[u8]) -> bool {
    memchr::memchr3_iter(b',', b'[', b'{', body).take(MOST_VALUES + 1).count() > MOST_VALUES
}

/// Everything that a multipart body brings.
pub fn of_parts(body: &[u8], boundary: &str, limits: &json::Limits) -> Result<Vec<Item>, BadMultipart> {
    if has_too_many_values(body) {
        return Err(BadMultipart::TooManyValues(MOST_VALUES));
    }
    let mut collecting = Collecting { limits, items: Vec::new(), runs: HashMap::new(), orphans: Vec::new() };
    for part in multipart::parts(body, boundary)? {
        collecting.take(&part);
    }
    Ok(collecting.finish())
}

struct Collecting<'a> {
    limits: &'a json::Limits,
    items: Vec<Item>,
    /// Where the tellings of a run are among the items.
    runs: HashMap<(Verb, Uuid), usize>,
    /// Parts whose run has not come yet.
    orphans: Vec<Orphan>,
}

struct Orphan {
    verb: Option<Verb>,
    id: Uuid,
    place: String,
    side: Side,
    lies: Range<usize>,
}

enum Side {
    Key(&'static str, Value),
    Attachment(String, Value),
}

impl Collecting<'_> {
    fn take(&mut self, part: &Part<'_>) {
        let lies = part.lies.0..part.lies.1;
        let place = part.name.to_owned();
        let what = match self.sort(part, lies.clone()) {
            Ok(None) => return,
            Ok(Some(what)) => what,
            Err(why) => What::Bad(rejected(&place, &why)),
        };
        if let What::Run(verb, object) = &what
            && let Some(Value::String(id)) = object.get("id")
            && let Ok(id) = Uuid::try_parse(id)
        {
            // Of two tellings alike the later gets what follows; both are told, and the span joins them.
            self.runs.insert((*verb, id), self.items.len());
        }
        self.items.push(Item { place, what, lies });
    }

    /// What a part is; `None` when it belongs to something else.
    fn sort(&mut self, part: &Part<'_>, lies: Range<usize>) -> Result<Option<What>, String> {
        let mut words = part.name.splitn(3, '.');
        let (sort, id, rest) = (words.next().unwrap_or_default(), words.next(), words.next());
        let id = id.unwrap_or_default();
        let id =
            Uuid::try_parse(id).map_err(|_| format!("{} is not a UUID in the part's name", quote(id)))?;
        let verb = match sort {
            "post" => Some(Verb::Post),
            "patch" => Some(Verb::Patch),
            "feedback" | "attachment" => None,
            other => {
                return Err(format!(
                    "{} is no sort of part: post, patch, feedback and attachment are",
                    quote(other)
                ));
            }
        };
        let side = match (sort, rest) {
            ("attachment", Some(name)) => {
                Side::Attachment(name.to_owned(), wire::attachment(part.media, part.body))
            }
            ("attachment", None) => return Err("an attachment needs a name: attachment.RUN.NAME".to_owned()),
            (_, None) => {
                let mut object = self.object(part.body)?;
                let said = object.get("id").and_then(Value::as_str).and_then(|id| Uuid::try_parse(id).ok());
                if said.is_some_and(|said| said != id) {
                    return Err("the part's name and the id in it are of two runs".to_owned());
                }
                object.insert("id".to_owned(), Value::from(id.hyphenated().to_string()));
                return Ok(Some(match verb {
                    Some(verb) => What::Run(verb, object),
                    None => What::Feedback(object),
                }));
            }
            (_, Some(key)) => match SIDES.iter().find(|side| **side == key && verb.is_some()) {
                Some(key) => Side::Key(key, self.value(part.body)?),
                None => return Err(format!("a run has no part {}: {} are", quote(key), SIDES.join(", "))),
            },
        };
        let orphan = Orphan { verb, id, place: part.name.to_owned(), side, lies };
        if let Some(orphan) = self.join(orphan) {
            self.orphans.push(orphan);
        }
        Ok(None)
    }

    /// Gives a part to the run that it is of; back when that isn't there.
    fn join(&mut self, orphan: Orphan) -> Option<Orphan> {
        let verbs = orphan.verb.map_or(vec![Verb::Post, Verb::Patch], |verb| vec![verb]);
        let Some(index) = verbs.iter().find_map(|verb| self.runs.get(&(*verb, orphan.id))) else {
            return Some(orphan);
        };
        let item = &mut self.items[*index];
        if let What::Run(_, object) = &mut item.what {
            match orphan.side {
                Side::Key(key, value) => {
                    object.insert(key.to_owned(), value);
                }
                Side::Attachment(name, value) => {
                    let held = object.entry("attachments").or_insert_with(|| Value::Object(Map::new()));
                    if let Value::Object(held) = held {
                        held.insert(name, value);
                    }
                }
            }
            item.lies = item.lies.start.min(orphan.lies.start)..item.lies.end.max(orphan.lies.end);
        }
        None
    }

    fn finish(mut self) -> Vec<Item> {
        for orphan in std::mem::take(&mut self.orphans) {
            if let Some(Orphan { place, lies, .. }) = self.join(orphan) {
                let why =
                    "the run that it is of is not in this request, or could not be read: send both together";
                self.items.push(Item { what: What::Bad(rejected(&place, why)), place, lies });
            }
        }
        self.items
    }

    fn value(&self, body: &[u8]) -> Result<Value, String> {
        json::read(body, self.limits).map_err(|error| error.to_string())
    }

    fn object(&self, body: &[u8]) -> Result<Object, String> {
        object(body, self.limits)
    }
}

/// Reads a JSON object.
pub fn object(body: &[u8], limits: &json::Limits) -> Result<Object, String> {
    match json::read(body, limits) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err("it is no JSON object: send one".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// Everything that `{"post": [...], "patch": [...]}` brings.
pub fn of_json(body: &[u8], limits: &json::Limits) -> Result<Vec<Item>, String> {
    #[derive(Deserialize)]
    struct Batch<'a> {
        #[serde(borrow, default)]
        post: Option<Vec<&'a RawValue>>,
        #[serde(borrow, default)]
        patch: Option<Vec<&'a RawValue>>,
    }
    if has_too_many_values(body) {
        return Err(BadMultipart::TooManyValues(MOST_VALUES).to_string());
    }
    let batch: Batch<'_> = serde_json::from_slice(body)
        .map_err(|error| format!("it is no batch of runs: {error}; correct it or send it again"))?;
    let begin = body.as_ptr() as usize;
    let mut items = Vec::new();
    for (verb, runs) in [(Verb::Post, batch.post), (Verb::Patch, batch.patch)] {
        for (number, run) in (1..).zip(runs.unwrap_or_default()) {
            let raw = run.get().as_bytes();
            let start = raw.as_ptr() as usize - begin;
            let place = format!("{} {number}", verb.word());
            let what = match object(raw, limits) {
                Ok(object) => What::Run(verb, object),
                Err(why) => What::Bad(rejected(&place, &why)),
            };
            items.push(Item { place, what, lies: start..start + raw.len() });
        }
    }
    Ok(items)
}
