//! What agents and tool servers say of themselves: A2A agent cards and MCP tool lists.

use catena_model::{
    field::{Field, Group, Single},
    kind::Kind,
    source::Known,
    statement::Read,
};
use serde_json::{Map, Value, json};

use super::{items, text};
use crate::{FileError, table::Place};

/// An A2A agent card: the agent, its skills, how it is reached and who may.
pub(crate) fn card(place: &Place, card: &Value) -> Result<Vec<Read>, FileError> {
    let agent = place.thing(Kind::Agent);
    let mut telling = place.telling();
    telling.exists(&agent);
    telling.text(&agent, Single::Name, text(card, "name"));
    telling.text(&agent, Single::Description, text(card, "description"));
    telling.text(&agent, Single::Version, text(card, "version"));
    let interfaces = items(card, "supportedInterfaces");
    let url = text(card, "url").or_else(|| interfaces.first().and_then(|first| text(first, "url")));
    telling.text(&agent, Single::Url, url);
    telling.text(&agent, Single::Subtype, Some("A2A agent"));
    let owner = card.pointer("/provider/organization").and_then(Value::as_str);
    telling.set(&agent, Group::Owners, owner.map(str::to_owned).into_iter().collect());
    let mut properties = Map::new();
    for (ours, theirs) in [
        ("protocol_version", "protocolVersion"),
        ("documentation", "documentationUrl"),
        ("transport", "preferredTransport"),
    ] {
        if let Some(value) = text(card, theirs) {
            properties.insert(ours.to_owned(), value.into());
        }
    }
    let schemes = card.get("securitySchemes").and_then(Value::as_object);
    let schemes: Vec<Value> = schemes.into_iter().flatten().map(|(name, _)| name.as_str().into()).collect();
    properties.insert(
        "authentication".to_owned(),
        if schemes.is_empty() { "none declared".into() } else { schemes.into() },
    );
    telling.claim(&agent, Field::Group(Group::Properties), Some(Value::Object(properties)));
    // Signatures are shown, not checked.
    telling.facet(&agent, "agent_card", card.clone());
    let mut reads = Vec::new();
    for (index, skill) in items(card, "skills").iter().enumerate() {
        let Some(id) = text(skill, "id").or_else(|| text(skill, "name")) else {
            reads.push(place.rejection(&format!("skill {index}"), "it has no id: give it one"));
            continue;
        };
        let tool = place.within(Kind::Tool, id)?;
        telling.part_of(&tool, &agent);
        telling.text(&tool, Single::Name, text(skill, "name"));
        telling.text(&tool, Single::Description, text(skill, "description"));
        telling.text(&tool, Single::Subtype, Some("skill"));
        let tags = items(skill, "tags").iter().filter_map(Value::as_str).map(str::to_owned).collect();
        telling.set(&tool, Group::Tags, tags);
        telling.facet(&tool, "skill", skill.clone());
    }
    reads.insert(0, place.record(telling, "a2a", Known::Declared));
    Ok(reads)
}

/// What an MCP server answers to `tools/list`: the server, and a tool with the schema of its arguments each.
pub(crate) fn tools(place: &Place, document: &Value) -> Result<Vec<Read>, FileError> {
    let result = document.get("result").unwrap_or(document);
    let server = place.thing(Kind::Service);
    let mut telling = place.telling();
    let mut reads = Vec::new();
    telling.exists(&server);
    let name = document.pointer("/serverInfo/name").and_then(Value::as_str);
    telling.text(&server, Single::Name, name);
    telling.text(&server, Single::Subtype, Some("MCP server"));
    for (index, tool) in items(result, "tools").iter().enumerate() {
        let Some(name) = text(tool, "name") else {
            reads.push(
                place.rejection(&format!("tool {index}"), "it has no name: the server has to give it one"),
            );
            continue;
        };
        let thing = place.within(Kind::Tool, name)?;
        telling.part_of(&thing, &server);
        telling.text(&thing, Single::Name, text(tool, "title").or(Some(name)));
        telling.text(&thing, Single::Description, text(tool, "description"));
        telling.text(&thing, Single::Subtype, Some("MCP tool"));
        let schema = tool.get("inputSchema").cloned().unwrap_or_default();
        let arguments = schema.get("properties").and_then(Value::as_object);
        let arguments: Vec<&String> = arguments.into_iter().flatten().map(|(name, _)| name).collect();
        let mut properties = Map::new();
        properties.insert("arguments".to_owned(), json!(arguments));
        properties.insert("required".to_owned(), json!(items(&schema, "required")));
        // Hints are what the server says of itself; nothing rests on them.
        if let Some(Value::Object(hints)) = tool.get("annotations") {
            properties.extend(hints.iter().map(|(key, value)| (key.clone(), value.clone())));
        }
        telling.claim(&thing, Field::Group(Group::Properties), Some(Value::Object(properties)));
        telling.facet(&thing, "inputSchema", schema);
        if let Some(output) = tool.get("outputSchema") {
            telling.facet(&thing, "outputSchema", output.clone());
        }
    }
    reads.insert(0, place.record(telling, "mcp", Known::Declared));
    Ok(reads)
}
