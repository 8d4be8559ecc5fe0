//! LangChain's serialised prompts: what they say to a model, what is to be filled in, and with which model.

use serde_json::{Map, Value, json};

/// How deep a manifest is looked into. Prompts lie near the top; what is deeper is a stranger's.
const DEPTH: usize = 24;

/// `{"template": [{"role": "system", "content": "..."}], "variables": [...], "model": "...", "parameters": {...}}`, as
/// far as the manifest says it.
pub(super) fn template(manifest: &Value) -> Map<String, Value> {
    let mut found = Found::default();
    look(manifest, "", DEPTH, &mut found);
    let mut facet = Map::new();
    if !found.messages.is_empty() {
        facet.insert("template".to_owned(), Value::from(found.messages));
    }
    if !found.variables.is_empty() {
        facet.insert("variables".to_owned(), Value::from(found.variables));
    }
    if let Some(model) = found.model {
        facet.insert("model".to_owned(), Value::from(model));
    }
    if !found.parameters.is_empty() {
        facet.insert("parameters".to_owned(), Value::Object(found.parameters));
    }
    facet
}

#[derive(Default)]
struct Found {
    messages: Vec<Value>,
    variables: Vec<String>,
    model: Option<String>,
    parameters: Map<String, Value>,
}

fn look(value: &Value, role: &str, depth: usize, found: &mut Found) {
    let Some(depth) = depth.checked_sub(1) else { return };
    match value {
        Value::Array(items) => items.iter().for_each(|item| look(item, role, depth, found)),
        Value::Object(map) => {
            let class =
                map.get("id").and_then(Value::as_array).and_then(|path| path.last()).and_then(Value::as_str);
            let inner = map.get("kwargs").and_then(Value::as_object).unwrap_or(map);
            let role = class.and_then(role_of).unwrap_or(role);
            if let Some(text) = inner.get("template").or_else(|| inner.get("content")).and_then(Value::as_str)
            {
                let role = if role.is_empty() { "user" } else { role };
                found.messages.push(json!({ "role": role, "content": text }));
            }
            for name in inner.get("input_variables").and_then(Value::as_array).into_iter().flatten() {
                if let Some(name) =
                    name.as_str().filter(|name| !found.variables.iter().any(|held| held == name))
                {
                    found.variables.push(name.to_owned());
                }
            }
            if let Some(name) = inner.get("variable_name").and_then(Value::as_str) {
                found.messages.push(json!({ "role": "placeholder", "content": format!("{{{name}}}") }));
            }
            let model = ["model", "model_name"].iter().find_map(|key| inner.get(*key)?.as_str());
            if let Some(model) = model.filter(|_| found.model.is_none()) {
                found.model = Some(model.to_owned());
                for key in
                    ["temperature", "max_tokens", "max_completion_tokens", "top_p", "top_k", "stop", "seed"]
                {
                    if let Some(value) = inner.get(key).filter(|value| !value.is_null()) {
                        found.parameters.insert(key.to_owned(), value.clone());
                    }
                }
            }
            // In the order in which they are said; a prompt's text was taken above.
            for key in ["messages", "prompt", "first", "middle", "steps", "bound", "last"] {
                if let Some(inner) = inner.get(key) {
                    look(inner, role, depth, found);
                }
            }
        }
        _ => {}
    }
}

fn role_of(class: &str) -> Option<&'static str> {
    [("System", "system"), ("Human", "user"), ("AI", "assistant"), ("Tool", "tool")]
        .iter()
        .find(|(prefix, _)| class.starts_with(prefix))
        .map(|(_, role)| *role)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lc(class: &str, kwargs: Value) -> Value {
        json!({"lc": 1, "type": "constructor", "id": ["langchain", "x", class], "kwargs": kwargs})
    }

    #[test]
    fn texts_variables_and_the_model_are_found_in_their_order() {
        let text = |text: &str, variables: &[&str]| {
            lc(
                "PromptTemplate",
                json!({"template": text, "input_variables": variables, "template_format": "f-string"}),
            )
        };
        let prompt = lc(
            "ChatPromptTemplate",
            json!({"input_variables": ["lang", "text"], "messages": [
                lc("SystemMessagePromptTemplate", json!({"prompt": text("Answer in {lang}.", &["lang"])})),
                lc("MessagesPlaceholder", json!({"variable_name": "history"})),
                lc("HumanMessagePromptTemplate", json!({"prompt": text("{text}", &["text"])})),
            ]}),
        );
        let model = lc("ChatOpenAI", json!({"model": "gpt-4o-mini", "temperature": 0.2, "top_p": null}));
        let bound = lc("RunnableBinding", json!({"bound": model, "kwargs": {}}));
        let whole = lc("RunnableSequence", json!({"first": prompt, "last": bound}));
        assert_eq!(
            Value::Object(template(&whole)),
            json!({
                "template": [
                    {"role": "system", "content": "Answer in {lang}."},
                    {"role": "placeholder", "content": "{history}"},
                    {"role": "user", "content": "{text}"},
                ],
                "variables": ["lang", "text"],
                "model": "gpt-4o-mini",
                "parameters": {"temperature": 0.2},
            })
        );
    }

    #[test]
    fn depth_and_oddities_are_passed_over() {
        let deep = (0..200).fold(json!({"template": "x"}), |inner, _| json!({"first": inner}));
        assert!(template(&deep).is_empty());
        for odd in [json!(null), json!([]), json!({"id": 7, "kwargs": [], "messages": {"a": 1}})] {
            assert!(template(&odd).is_empty(), "{odd}");
        }
    }
}
