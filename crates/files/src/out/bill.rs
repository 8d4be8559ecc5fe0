//! A model version with what it was made of, as a CycloneDX 1.6 bill of materials for machine learning.

use serde_json::{Map, Value, json};

use super::{Described, Node, Sort, known};

/// The bill. `upstream` is what the model was made of; `edges` go from what was used to what was made of it, by the
/// nodes' ids, the model's own among them.
pub fn bill(of: &Described, upstream: &[Node], edges: &[(String, String)]) -> Value {
    let mut components: Vec<Value> = upstream.iter().map(component).collect();
    let mut depends: Map<String, Value> = Map::new();
    for id in std::iter::once(&of.id).chain(upstream.iter().map(|node| &node.id)) {
        depends.insert(id.clone(), json!([]));
    }
    for (from, to) in edges {
        if depends.contains_key(from)
            && let Some(Value::Array(on)) = depends.get_mut(to)
            && !on.contains(&json!(from))
        {
            on.push(json!(from));
        }
    }
    let dependencies: Vec<Value> =
        depends.into_iter().map(|(id, on)| known(json!({ "ref": id, "dependsOn": on }))).collect();
    components.sort_by_key(|component| component["bom-ref"].to_string());
    json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "tools": { "components": [{ "type": "application", "name": "catena" }] },
            "component": model(of, upstream),
        },
        "components": components,
        "dependencies": dependencies,
    })
}

fn model(of: &Described, upstream: &[Node]) -> Value {
    // A model card may name data only where the bill has it.
    let data: Vec<Value> = upstream
        .iter()
        .filter(|node| node.sort == Sort::Data)
        .map(|node| json!({ "ref": node.id }))
        .collect();
    let parameters = known(json!({
        "task": of.text("pipeline_tag").or_else(|| of.text("task")),
        "architectureFamily": of.text("architecture_family"),
        "modelArchitecture": of.text("architecture"),
        "datasets": data,
    }));
    let licenses = of.text("license").map(|license| json!([{ "license": license_of(license) }]));
    let hashes = of.text("sha256").filter(|hash| hash.len() == 64);
    known(json!({
        "type": "machine-learning-model",
        "bom-ref": of.id,
        "name": of.name,
        "version": of.version,
        "description": of.description,
        "publisher": of.owners.first(),
        "licenses": licenses,
        "hashes": hashes.map(|hash| json!([{ "alg": "SHA-256", "content": hash }])),
        "tags": of.tags,
        "modelCard": { "modelParameters": parameters },
        "properties": properties(of),
    }))
}

/// An SPDX id where it is one of the common ones, a name otherwise.
fn license_of(text: &str) -> Value {
    const KNOWN: &[&str] = &[
        "Apache-2.0",
        "MIT",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "GPL-2.0-only",
        "GPL-3.0-only",
        "LGPL-3.0-only",
        "AGPL-3.0-only",
        "MPL-2.0",
        "CC-BY-4.0",
        "CC-BY-SA-4.0",
        "CC-BY-NC-4.0",
        "CC0-1.0",
        "Unlicense",
    ];
    match KNOWN.iter().find(|known| known.eq_ignore_ascii_case(text)) {
        Some(id) => json!({ "id": id }),
        None => json!({ "name": text }),
    }
}

fn component(node: &Node) -> Value {
    let sort = match node.sort {
        Sort::Data => "data",
        Sort::Model => "machine-learning-model",
        Sort::Process => "application",
    };
    let named =
        node.qualified_name.as_ref().map(|name| json!([{ "name": "catena:qualified_name", "value": name }]));
    known(json!({ "type": sort, "bom-ref": node.id, "name": node.name, "properties": named }))
}

/// Whatever else is known, under Catena's own names.
fn properties(of: &Described) -> Vec<Value> {
    let named = of.qualified_name.iter().map(|name| ("qualified_name".to_owned(), name.clone()));
    let rest = of.properties.iter().map(|(key, value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        (key.clone(), text)
    });
    named.chain(rest).map(|(key, value)| json!({ "name": format!("catena:{key}"), "value": value })).collect()
}
