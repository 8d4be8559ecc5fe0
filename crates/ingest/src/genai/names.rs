//! What the things of AI applications are called here, so that all systems' tellings of one thing meet.
//!
//! | thing | namespace | name |
//! |---|---|---|
//! | trace | `trace` | the trace id, 32 hexadecimal digits (a UUID without hyphens) |
//! | output | `trace` | `TRACE/SPAN` |
//! | service | `app://APPLICATION` | the application |
//! | agent, tool, workflow (job) | `app://APPLICATION` | its name |
//! | prompt | its store, else `app://APPLICATION` | `prompts/NAME`; its version: `prompts/NAME/VERSION` |
//! | model, model version | the provider: `openai` | as the provider calls it; a version bears a date |
//! | collection | `chroma://HOST:PORT`, or `chroma://*` where the address isn't said | the collection |
//! | chunk | as its collection | `COLLECTION/RECORD` |
//! | chunk whose collection isn't said | `text` | the SHA-256 of the text, 32 digits ([`text_name`]) |
//! | document | `file`, `s3://BUCKET`, `https://HOST`, else `app://APPLICATION` | its path |
//!
//! Trace ids are random and one trace passes through several services, so the service is no part of its name.

use catena_model::{json::Digester, kind::Kind, name::QualifiedName, span::SpanId, statement::Thing};
use serde_json::{Map, Value};

use super::step::{Passage, Prompt, Store};
use crate::{fault::shorten, uri};

/// The trace with this id.
pub fn trace(id: u128) -> Thing {
    Thing::new(Kind::Trace, QualifiedName { namespace: "trace".to_owned(), name: format!("{id:032x}") })
}

/// The answer that this span of the trace gave.
pub fn output(trace: u128, span: SpanId) -> Thing {
    let name = QualifiedName { namespace: "trace".to_owned(), name: format!("{trace:032x}/{span}") };
    Thing::new(Kind::Output, name)
}

/// The application's name, as it can stand in a namespace; never empty.
pub fn application(said: &str) -> String {
    // A star would leave open which application it is.
    let clean: String =
        said.chars().filter(|c| !c.is_control()).map(|c| if c == '*' { '_' } else { c }).collect();
    match clean.trim() {
        "" => "unknown_service".to_owned(),
        clean => shorten(clean, 500),
    }
}

/// Something of the application's own, by its name; none when that can't be kept.
pub fn own(kind: Kind, application: &str, name: &str) -> Option<Thing> {
    named(kind, &format!("app://{}", self::application(application)), name)
}

/// The application as a service.
pub fn service(application: &str) -> Option<Thing> {
    own(Kind::Service, application, &self::application(application))
}

/// A model, as a provider offers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// The model.
    pub model: Thing,
    /// Which version of it, when the name says so.
    pub version: Option<Thing>,
}

impl Offered {
    /// The most exact thing that is known: the version, or the model.
    pub fn exact(&self) -> &Thing {
        self.version.as_ref().unwrap_or(&self.model)
    }
}

/// The model of this name. The same name is the same model whoever asked for it and however: a deployment's or alias'
/// name that led to it is no part of it.
pub fn offered(provider: Option<&str>, name: &str) -> Option<Offered> {
    let name = name.trim();
    let provider = self::provider(provider, name);
    let name = ["models/", "publishers/google/models/"]
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix))
        .unwrap_or(name);
    // LiteLLM writes the provider before the model.
    let name = name.strip_prefix(provider.as_str()).and_then(|rest| rest.strip_prefix('/')).unwrap_or(name);
    let undated = undated(name);
    let model = named(Kind::Model, &provider, undated.unwrap_or(name))?;
    let version = undated.and_then(|_| named(Kind::ModelVersion, &provider, name));
    Some(Offered { model, version })
}

/// One word for a provider, from how reporters write it. Frameworks that only pass requests on are none, so the model's
/// name has to tell.
pub fn provider(said: Option<&str>, model: &str) -> String {
    let said = said.unwrap_or_default().trim().to_lowercase();
    let known = match said.as_str() {
        "az.ai.openai" | "azure.ai.openai" | "azure_openai" | "azure-openai" | "azure"
        | "az.ai.inference" | "azure.ai.inference" => "azure",
        "aws" | "bedrock" | "aws.bedrock" | "aws_bedrock" | "amazon_bedrock" => "bedrock",
        "google"
        | "gemini"
        | "gcp.gemini"
        | "gcp.gen_ai"
        | "google_genai"
        | "google_generativeai"
        | "google_generative_ai" => "google",
        "vertexai" | "vertex_ai" | "gcp.vertex_ai" => "vertexai",
        "mistral" | "mistral_ai" | "mistralai" => "mistral",
        "x_ai" | "x.ai" | "xai" => "xai",
        "together" | "togetherai" | "together_ai" => "together",
        "ibm.watsonx.ai" | "watsonx" => "watsonx",
        "hugging_face" | "huggingface" => "huggingface",
        "" | "langchain" | "langgraph" | "llamaindex" | "llama_index" | "haystack" | "crewai" | "litellm"
        | "traceloop" | "unknown" | "openinference" | "mlflow" | "dspy" | "_other" => family(model),
        other => other,
    };
    shorten(known, 200)
}

/// Who makes models of this name.
fn family(model: &str) -> &'static str {
    const FAMILIES: &[(&str, &str)] = &[
        ("gpt-", "openai"),
        ("chatgpt-", "openai"),
        ("o1", "openai"),
        ("o3", "openai"),
        ("o4", "openai"),
        ("text-embedding-", "openai"),
        ("dall-e", "openai"),
        ("whisper", "openai"),
        ("ft:gpt", "openai"),
        ("claude", "anthropic"),
        ("gemini", "google"),
        ("models/gemini", "google"),
        ("mistral", "mistral"),
        ("codestral", "mistral"),
        ("command", "cohere"),
        ("embed-", "cohere"),
        ("rerank-", "cohere"),
        ("deepseek", "deepseek"),
        ("grok", "xai"),
    ];
    let model = model.to_lowercase();
    if let Some((prefix, _)) = model.split_once('/')
        && let Some((_, provider)) = FAMILIES.iter().find(|(_, provider)| *provider == prefix)
    {
        return provider;
    }
    FAMILIES.iter().find(|(prefix, _)| model.starts_with(prefix)).map_or("unknown", |(_, provider)| provider)
}

/// The model's name without the date or number of its version, if it bears one: `gpt-4o-mini` of
/// `gpt-4o-mini-2024-07-18`.
fn undated(name: &str) -> Option<&str> {
    // Fine-tuned models and deployments are called what their makers like.
    if name.contains([':', '/']) {
        return None;
    }
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let two = |text: &str, most: u8| text.parse::<u8>().is_ok_and(|number| (1..=most).contains(&number));
    let year = |text: &str| text.starts_with("20");
    let iso = name.len().checked_sub(11).and_then(|start| name.get(start..).zip(name.get(..start)));
    if let Some((date, rest)) = iso {
        let mut parts = date.strip_prefix('-').unwrap_or_default().split('-');
        if let (Some(y), Some(m), Some(d), None) = (parts.next(), parts.next(), parts.next(), parts.next())
            && y.len() == 4
            && year(y)
            && digits(y)
            && two(m, 12)
            && two(d, 31)
        {
            return Some(rest).filter(|rest| !rest.is_empty());
        }
    }
    let (rest, last) = name.rsplit_once(['-', '@'])?;
    let version = digits(last)
        && match last.len() {
            8 => year(last) && two(&last[4..6], 12) && two(&last[6..], 31),
            // OpenAI's month and day.
            4 => rest.starts_with("gpt-") && two(&last[..2], 12) && two(&last[2..], 31),
            // Google's.
            3 => rest.starts_with("gemini") && last.starts_with("00"),
            _ => false,
        };
    Some(rest).filter(|rest| version && !rest.is_empty())
}

/// A prompt and which version of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompted {
    /// The prompt; none when the template has no name.
    pub prompt: Option<Thing>,
    /// Its version, or the prompt itself when nothing tells versions apart.
    pub exact: Thing,
}

/// What a reference to a prompt names.
pub fn prompted(application: &str, prompt: &Prompt) -> Option<Prompted> {
    let namespace =
        prompt.namespace.clone().unwrap_or_else(|| format!("app://{}", self::application(application)));
    let filled = |text: &Option<String>| {
        text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let by_text = prompt.template.as_ref().map(|template| digest(|digester| digester.value(template)));
    let version = filled(&prompt.version).or_else(|| by_text.as_ref().map(|digest| digest[..12].to_owned()));
    match (filled(&prompt.name), version) {
        (Some(name), version) => {
            let whole = named(Kind::Prompt, &namespace, &format!("prompts/{name}"))?;
            let version = version.and_then(|version| {
                named(Kind::PromptVersion, &namespace, &format!("prompts/{name}/{version}"))
            });
            Some(Prompted { exact: version.unwrap_or_else(|| whole.clone()), prompt: Some(whole) })
        }
        // A version of what has no name says nothing: only the text tells which template it is.
        (None, _) => {
            let exact = named(Kind::PromptVersion, &namespace, &format!("templates/{}", &by_text?[..12]))?;
            Some(Prompted { prompt: None, exact })
        }
    }
}

/// The namespace of a vector store. Where the address isn't said it is partial, and joins the one store that has what
/// is named in it.
pub fn store_namespace(store: &Store) -> String {
    let system = store.system.as_deref().unwrap_or_default().trim().to_lowercase();
    let word = |text: &str| {
        !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
    };
    let scheme = match system.as_str() {
        "chromadb" => "chroma",
        "postgresql" | "postgres" => "postgres",
        system if word(system) => system,
        _ => return "*://*".to_owned(),
    };
    let address = store.address.as_deref().unwrap_or_default().trim();
    let address = address.split_once("://").map_or(address, |(_, rest)| rest);
    let address = address.split('/').next().unwrap_or_default();
    let address = address.rsplit_once('@').map_or(address, |(_, host)| host);
    match address {
        "" | "*" => format!("{scheme}://*"),
        address => format!("{scheme}://{}", shorten(&address.to_lowercase(), 500)),
    }
}

/// The collection in which passages were looked up.
pub fn collection(store: &Store) -> Option<Thing> {
    named(Kind::Dataset, &store_namespace(store), store.collection.as_deref()?)
}

/// The chunk that a passage is.
pub fn chunk(store: Option<&Store>, passage: &Passage) -> Option<Thing> {
    let id = passage.id.as_deref().map(str::trim).filter(|id| !id.is_empty());
    let collection =
        store.and_then(|store| store.collection.as_deref()).map(str::trim).filter(|name| !name.is_empty());
    if let (Some(store), Some(collection), Some(id)) = (store, collection, id) {
        return named(Kind::Chunk, &store_namespace(store), &format!("{collection}/{id}"));
    }
    match (&passage.text, id) {
        (Some(text), _) if !text.trim().is_empty() => Some(Thing::new(Kind::Chunk, text_name(text))),
        (_, Some(id)) => named(Kind::Chunk, &store.map_or_else(|| "*://*".to_owned(), store_namespace), id),
        _ => None,
    }
}

/// What a passage is called by its text alone, white space around it left out.
pub fn text_name(text: &str) -> QualifiedName {
    QualifiedName { namespace: "text".to_owned(), name: digest(|digester| digester.text(text.trim())) }
}

/// The document or table that a passage is from.
pub fn source(application: &str, passage: &Passage) -> Option<Thing> {
    const KEYS: &[&str] = &[
        "source",
        "uri",
        "url",
        "file_path",
        "filepath",
        "path",
        "document",
        "document_uri",
        "file_name",
        "filename",
        "document_id",
        "doc_id",
        "ref_doc_id",
    ];
    let said = |key: &str| {
        passage.metadata.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
    };
    let source = passage.document.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let source = source.or_else(|| KEYS.iter().find_map(|key| said(key)))?;
    if let Some(namespace) = uri::database(source) {
        let table = said("table").or_else(|| said("table_name")).map(str::to_owned);
        return named(Kind::Dataset, &namespace, &table.or_else(|| table_in(source, &namespace))?);
    }
    match uri::file(source) {
        Some((namespace, name)) => named(Kind::Document, &namespace, &name),
        None => own(Kind::Document, application, source),
    }
}

/// The table that stands behind the address of a database: `postgres://host/shop.public.orders`.
fn table_in(uri: &str, namespace: &str) -> Option<String> {
    let rest = uri.split(['?', '#']).next()?.split_once("://")?.1;
    let (_, path) = rest.split_once('/')?;
    let table = path.trim_matches('/');
    (!namespace.ends_with(table) && !table.is_empty()).then(|| table.replace('/', "."))
}

/// The file that a document is the text of, under the name by which jobs read and write it; none for what jobs don't
/// name.
pub fn file_of(document: &Thing) -> Option<Thing> {
    let namespace = &document.name.namespace;
    let stored =
        document.kind == Kind::Document && !namespace.starts_with("app://") && !namespace.starts_with("http");
    stored.then(|| Thing::new(Kind::Dataset, document.name.clone()))
}

/// What a passage says of the table that its document was written out of, to be kept as a facet of the document.
pub fn export_of(document: &Thing, passage: &Passage) -> Option<Value> {
    const KEYS: &[&str] = &["table", "table_name", "source_table", "dataset"];
    let said =
        |key: &&str| passage.metadata.get(*key)?.as_str().map(str::trim).filter(|text| !text.is_empty());
    let table = KEYS.iter().find_map(said)?;
    (document.kind == Kind::Document).then(|| serde_json::json!({ "table": shorten(table, 1_000) }))
}

fn named(kind: Kind, namespace: &str, name: &str) -> Option<Thing> {
    QualifiedName::new(namespace, name).ok().map(|name| Thing::new(kind, name))
}

fn digest(take: impl FnOnce(&mut Digester)) -> String {
    let mut digester = Digester::default();
    take(&mut digester);
    digester.short().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

/// What the store has on the passage, to be kept as a facet.
pub(super) fn facet_of(passage: &Passage) -> Option<Value> {
    let mut body = Map::new();
    if let Some(id) = &passage.id {
        body.insert("id".to_owned(), Value::from(id.as_str()));
    }
    if let Some(text) = &passage.text {
        body.insert("text".to_owned(), Value::from(text.as_str()));
    }
    if !passage.metadata.is_empty() {
        body.insert("metadata".to_owned(), Value::Object(passage.metadata.clone()));
    }
    (!body.is_empty()).then_some(Value::Object(body))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_dated_model_is_a_version_of_the_undated_one() {
        let shown = |provider: Option<&str>, name: &str| {
            let offered = offered(provider, name).unwrap();
            let version = offered.version.map_or("-".to_owned(), |version| version.name.name);
            format!("{} {} {version}", offered.model.name.namespace, offered.model.name.name)
        };
        let cases = [
            (Some("openai"), "gpt-4o-mini-2024-07-18", "openai gpt-4o-mini gpt-4o-mini-2024-07-18"),
            (Some("OpenAI"), "gpt-4o-mini", "openai gpt-4o-mini -"),
            (Some("openai"), "gpt-4-0613", "openai gpt-4 gpt-4-0613"),
            (
                Some("Anthropic"),
                "claude-3-5-sonnet-20241022",
                "anthropic claude-3-5-sonnet claude-3-5-sonnet-20241022",
            ),
            (Some("Langchain"), "claude-sonnet-4-5", "anthropic claude-sonnet-4-5 -"),
            (None, "models/gemini-1.5-pro-002", "google gemini-1.5-pro gemini-1.5-pro-002"),
            (None, "openai/gpt-4o", "openai gpt-4o -"),
            (None, "llama3:8b", "unknown llama3:8b -"),
            (Some("ollama"), "qwen-7b-4096", "ollama qwen-7b-4096 -"),
            (None, "ft:gpt-4o-2024-08-06:acme::1", "openai ft:gpt-4o-2024-08-06:acme::1 -"),
            (Some("openai"), "-2024-07-18", "openai -2024-07-18 -"),
        ];
        for (provider, name, expected) in cases {
            assert_eq!(shown(provider, name), expected);
        }
        assert_eq!(offered(None, " "), None);
    }

    #[test]
    fn a_store_without_address_is_partial() {
        let store = |system: &str, address: Option<&str>| {
            store_namespace(&Store {
                system: Some(system.to_owned()),
                address: address.map(str::to_owned),
                collection: None,
            })
        };
        assert_eq!(store("chromadb", None), "chroma://*");
        assert_eq!(store("chroma", Some("http://me:pw@DB.example:8000/x")), "chroma://db.example:8000");
        assert_eq!(store("a b", Some("h")), "*://*");
    }

    #[test]
    fn passages_are_named_by_record_then_text_and_their_sources_by_place() {
        let store = Store { system: Some("chroma".into()), address: None, collection: Some("kb".into()) };
        let passage = |id: Option<&str>, text: Option<&str>, metadata: Value| Passage {
            id: id.map(str::to_owned),
            text: text.map(str::to_owned),
            metadata: metadata.as_object().cloned().unwrap_or_default(),
            ..Passage::default()
        };
        let c1 = passage(Some("c1"), Some("x"), json!({"source": "file:///data/faq.md"}));
        assert_eq!(chunk(Some(&store), &c1).unwrap().name.to_string(), "chroma://*/kb/c1");
        let unnamed = chunk(None, &passage(None, Some(" x "), json!({}))).unwrap();
        assert_eq!(unnamed, chunk(None, &passage(Some("run-local"), Some("x"), json!({}))).unwrap());
        assert_eq!(chunk(None, &passage(None, None, json!({}))), None);
        let from = |metadata: Value| {
            source("rag", &passage(None, None, metadata))
                .map(|thing| format!("{} {} {}", thing.kind.word(), thing.name.namespace, thing.name.name))
        };
        let cases = [
            (json!({"source": "/data/faq.md"}), "document file /data/faq.md"),
            (json!({"source": "docs/faq.md"}), "document app://rag docs/faq.md"),
            (json!({"source": "s3://kb/faq.pdf", "page": 2}), "document s3://kb faq.pdf"),
            (json!({"source": "https://x.example/a?token=1"}), "document https://x.example a"),
            (json!({"source": "postgres://u:p@db/shop.public.faq"}), "dataset postgres://db shop.public.faq"),
            (
                json!({"source": "duckdb://shop.duckdb", "table": "shop.main.faq"}),
                "dataset duckdb://shop.duckdb shop.main.faq",
            ),
        ];
        for (metadata, expected) in cases {
            assert_eq!(from(metadata).as_deref(), Some(expected));
        }
        assert_eq!(from(json!({"page": 1})), None);
    }

    #[test]
    fn templates_are_versions_by_their_text() {
        let template = Prompt { template: Some(json!("Answer {q}")), ..Prompt::default() };
        let unnamed = prompted("rag", &template).unwrap();
        assert_eq!(unnamed.prompt, None);
        let named = prompted("rag", &Prompt { name: Some("qa".into()), ..template }).unwrap();
        assert_eq!(named.prompt.unwrap().name.to_string(), "app://rag/prompts/qa");
        assert!(named.exact.name.name.starts_with("prompts/qa/"));
        let store = Some("mlflow://h:1".to_owned());
        let kept = Prompt {
            namespace: store,
            name: Some("qa".into()),
            version: Some("3".into()),
            ..Prompt::default()
        };
        assert_eq!(prompted("rag", &kept).unwrap().exact.name.to_string(), "mlflow://h:1/prompts/qa/3");
    }

    #[test]
    fn hostile_names_name_nothing_else() {
        assert_eq!(application(" \u{7}"), "unknown_service");
        assert!(!own(Kind::Agent, "*", "a").unwrap().name.is_partial());
        assert_eq!(own(Kind::Agent, "a", "b\0"), None);
    }
}
