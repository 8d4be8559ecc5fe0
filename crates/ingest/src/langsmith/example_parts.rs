//! Examples as the SDKs upload them: a part for each example, and parts for what is in it.

use std::collections::HashMap;

use serde_json::{Map, Value};
use uuid::Uuid;

use super::{
    batch,
    multipart::{self, BadMultipart},
    wire::{self, Object},
};
use crate::{fault::quote, json};

/// The examples of a body, in their order, each as an object with its `id`; or what is wrong with the first that can't
/// be read. An upload is taken whole or not at all, as its answer has no place for a part of it.
pub fn read(
    body: &[u8],
    boundary: &str,
    limits: &json::Limits,
) -> Result<Result<Vec<Object>, String>, BadMultipart> {
    if batch::has_too_many_values(body) {
        return Err(BadMultipart::TooManyValues(batch::MOST_VALUES));
    }
    let parts = multipart::parts(body, boundary)?;
    let mut examples: Vec<Object> = Vec::new();
    let mut places: HashMap<Uuid, usize> = HashMap::new();
    let mut add = |part: &multipart::Part<'_>| -> Result<(), String> {
        let (id, side) = part.name.split_once('.').map_or((part.name, None), |(id, side)| (id, Some(side)));
        let id = Uuid::try_parse(id).map_err(|_| format!("{} is not a UUID in a part's name", quote(id)))?;
        let index = *places.entry(id).or_insert_with(|| {
            examples.push(Map::from_iter([("id".to_owned(), Value::from(id.hyphenated().to_string()))]));
            examples.len() - 1
        });
        let example = &mut examples[index];
        match side {
            None => {
                let said = batch::object(part.body, limits)?;
                example.extend(said.into_iter().filter(|(key, _)| key != "id"));
            }
            Some(key @ ("inputs" | "outputs" | "attachments_operations")) => {
                let value = json::read(part.body, limits).map_err(|error| error.to_string())?;
                example.insert(key.to_owned(), value);
            }
            Some(side) => match side.strip_prefix("attachment.") {
                Some(name) => {
                    let held = example.entry("attachments").or_insert_with(|| Value::Object(Map::new()));
                    if let Value::Object(held) = held {
                        held.insert(name.to_owned(), wire::attachment(part.media, part.body));
                    }
                }
                None => return Err(format!("an example has no part {}", quote(side))),
            },
        }
        Ok(())
    };
    for part in &parts {
        if let Err(why) = add(part) {
            return Ok(Err(format!("{}: {why}", part.name)));
        }
    }
    Ok(Ok(examples))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn parts_come_together_by_id() {
        let id = "080748ad-007b-4f2f-9bda-41ec4e950555";
        let part = |name: String, body: &str| {
            format!(
                "--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\nContent-Type: x/y\r\n\r\n{body}\r\n"
            )
        };
        let body = [
            part(id.to_owned(), r#"{"metadata":{"m":1}}"#),
            part(format!("{id}.inputs"), r#"{"q":"?"}"#),
            part(format!("{id}.attachment.photo"), "abc"),
        ]
        .concat();
        let whole = format!("{body}--b--");
        let examples = read(whole.as_bytes(), "b", &json::Limits::default()).unwrap().unwrap();
        assert_eq!(examples.len(), 1);
        assert_eq!(examples[0]["inputs"], json!({"q": "?"}));
        assert_eq!(examples[0]["metadata"], json!({"m": 1}));
        assert_eq!(examples[0]["attachments"]["photo"]["mime_type"], "x/y");
        let odd = format!("{body}{}--b--", part(format!("{id}.colour"), "{}"));
        assert!(read(odd.as_bytes(), "b", &json::Limits::default()).unwrap().is_err());
    }
}
