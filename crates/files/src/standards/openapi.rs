//! OpenAPI 3: a service and its operations.

use catena_model::{
    field::{Field, Group, Single},
    kind::Kind,
    source::Known,
    statement::Read,
};
use serde_json::{Map, Value, json};

use super::{items, text};
use crate::{FileError, table::Place};

const METHODS: &[&str] = &["get", "put", "post", "delete", "options", "head", "patch", "trace"];
const MOST: usize = 10_000;

pub(crate) fn tell(place: &Place, document: &Value) -> Result<Vec<Read>, FileError> {
    let none = Value::Null;
    let info = document.get("info").unwrap_or(&none);
    let service = place.thing(Kind::Service);
    let mut telling = place.telling();
    telling.exists(&service);
    telling.text(&service, Single::Name, text(info, "title"));
    telling.text(&service, Single::Description, text(info, "description").or_else(|| text(info, "summary")));
    telling.text(&service, Single::Version, text(info, "version"));
    telling.text(&service, Single::Subtype, Some("OpenAPI service"));
    telling.text(
        &service,
        Single::Url,
        items(document, "servers").first().and_then(|server| text(server, "url")),
    );
    let contact =
        info.pointer("/contact/email").or_else(|| info.pointer("/contact/name")).and_then(Value::as_str);
    telling.set(&service, Group::Owners, contact.map(str::to_owned).into_iter().collect());
    let mut properties = Map::new();
    properties.insert("openapi".to_owned(), document.get("openapi").cloned().unwrap_or_default());
    if let Some(license) = info.pointer("/license/identifier").or_else(|| info.pointer("/license/name")) {
        properties.insert("license".to_owned(), license.clone());
    }
    let schemes = document.pointer("/components/securitySchemes").and_then(Value::as_object);
    let schemes: Vec<&String> = schemes.into_iter().flatten().map(|(name, _)| name).collect();
    if !schemes.is_empty() {
        properties.insert("authentication".to_owned(), json!(schemes));
    }
    telling.claim(&service, Field::Group(Group::Properties), Some(Value::Object(properties)));
    telling.facet(
        &service,
        "openapi",
        json!({ "info": info, "servers": document.get("servers"), "security": document.get("security") }),
    );
    let paths = document.get("paths").and_then(Value::as_object);
    let operations = paths.into_iter().flatten().flat_map(|(path, item)| {
        METHODS.iter().filter_map(move |method| Some((path, *method, item.get(method)?)))
    });
    for (path, method, operation) in operations.take(MOST) {
        let label = format!("{} {path}", method.to_uppercase());
        let thing = place.within(Kind::Tool, &label)?;
        telling.part_of(&thing, &service);
        telling.text(&thing, Single::Name, text(operation, "operationId").or(Some(&label)));
        telling.text(
            &thing,
            Single::Description,
            text(operation, "summary").or_else(|| text(operation, "description")),
        );
        telling.text(&thing, Single::Subtype, Some("operation"));
        let deprecated = operation.get("deprecated").and_then(Value::as_bool).unwrap_or(false);
        telling.text(&thing, Single::Lifecycle, deprecated.then_some("deprecated"));
        let tags = items(operation, "tags").iter().filter_map(Value::as_str).map(str::to_owned).collect();
        telling.set(&thing, Group::Tags, tags);
        let mut properties = Map::new();
        properties.insert("method".to_owned(), method.to_uppercase().into());
        properties.insert("path".to_owned(), path.as_str().into());
        telling.claim(&thing, Field::Group(Group::Properties), Some(Value::Object(properties)));
        telling.facet(&thing, "operation", operation.clone());
    }
    Ok(vec![place.record(telling, "openapi", Known::Declared)])
}
