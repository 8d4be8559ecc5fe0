//! An answer beside what it rests on.

use catena_cite::{
    Span,
    resolve::{self, Basis, Part, Source, State},
};
use catena_model::{kind::Kind, relation::RelationKind, time::Timestamp};
use catena_store::{
    Reader, StoreResult,
    read::RelationView,
    table::{
        document::{self, Freshness},
        entity::{EntityRow, Ix},
        facet::FacetRow,
    },
};
use serde::Serialize;
use serde_json::Value;
use ts_rs::TS;

use crate::{App, AppError, entity::EntityArgs, lookup, named::Named};

/// A citation of an answer.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct CitationView {
    /// The words of the answer, in characters of its text.
    pub answer_span: Span,
    /// The mark itself (`[1]`), where there is one.
    pub mark: Option<Span>,
    /// Which of the answer's sources: its place among them, from 0.
    pub source_index: Option<usize>,
    /// The source, where it is in the catalog.
    pub source: Option<Named>,
    /// What the answer calls the source, where it is not known.
    pub called: Option<String>,
    /// The stretch of the source, in characters of its text.
    pub source_span: Option<Span>,
    /// The words that the provider quotes.
    pub quote: Option<String>,
    /// The pages that the provider names, the first and the last.
    pub pages: Option<(usize, usize)>,
    /// What became of it.
    pub state: State,
    /// How it is known.
    pub basis: Basis,
    /// How much of the words is in the source, from 0 to 1.
    pub share: f64,
}

/// What an answer may rest on.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct AnswerSource {
    /// The passage; none when it was only in the request.
    pub entity: Option<Named>,
    /// What it is called.
    pub title: String,
    /// Its text; none when the catalog hasn't it.
    pub text: Option<String>,
    /// How long the text is, in characters.
    pub characters: usize,
    /// Its place among what was retrieved, from 1.
    #[ts(type = "number | null")]
    pub rank: Option<u64>,
    /// How well it fitted, as the store counts.
    pub score: Option<f64>,
    /// How well it fitted, as a reranker counts.
    pub reranking_score: Option<f64>,
    /// Whether the answer cites it; otherwise it was only retrieved.
    pub cited: bool,
    /// Since when its document no longer has this text.
    pub stale_since: Option<Timestamp>,
    /// What it was made from: the record of a store, the document.
    pub made_from: Vec<Named>,
}

/// A judgement of an answer.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct AnswerScore {
    /// What was judged.
    pub name: String,
    /// The number.
    pub value: Option<f64>,
    /// The word.
    pub label: Option<String>,
    /// Why.
    pub explanation: Option<String>,
    /// Who judged.
    pub by: Option<String>,
}

/// How an answer came to be.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct AnswerContext {
    /// The request that it is a part of.
    pub trace: Option<Named>,
    /// The model that gave it.
    pub models: Vec<Named>,
    /// The prompts that it was asked with.
    pub prompts: Vec<Named>,
    /// What the model was set to.
    #[ts(type = "Json")]
    pub parameters: Value,
    /// What the prompt was filled with.
    #[ts(type = "Json")]
    pub variables: Value,
    /// How long it took, in milliseconds.
    pub latency_ms: Option<f64>,
    /// Tokens read.
    pub input_tokens: Option<f64>,
    /// Tokens written.
    pub output_tokens: Option<f64>,
    /// US dollars.
    pub cost: Option<f64>,
    /// What people and programs think of it.
    pub scores: Vec<AnswerScore>,
}

/// An answer beside what it rests on.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct AnswerView {
    /// The output.
    pub output: Named,
    /// What was asked last.
    pub question: Option<String>,
    /// What was answered; all spans are of it.
    pub text: String,
    /// What it may rest on, in the order in which the model was given it.
    pub sources: Vec<AnswerSource>,
    /// What it rests on, in the order of its text.
    pub citations: Vec<CitationView>,
    /// How it came to be.
    pub context: AnswerContext,
}

/// An answer whose sources changed since.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct MovedAnswer {
    /// The answer.
    pub output: Named,
    /// The passages that were changed.
    pub changed: Vec<Named>,
    /// When the last of them was.
    pub since: Option<Timestamp>,
}

/// Answers whose sources changed since.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct MovedAnswers {
    /// The answers, what changed last first.
    pub answers: Vec<MovedAnswer>,
    /// Whether there are more than are listed.
    pub more: bool,
}

/// The most answers that are listed.
const MOST_MOVED: usize = 500;

/// An answer with its citations as they are now.
pub fn answer(app: &App, args: EntityArgs) -> Result<AnswerView, AppError> {
    let session = app.session()?;
    let head = lookup::entity(&session, &args.id)?;
    session.catalog.read(|reader| {
        let head = match head.kind {
            Kind::Trace => only_answer(reader, &head)?,
            _ => Ok(head),
        };
        match head {
            Ok(head) if head.kind == Kind::Output => view(reader, &head).map(Ok),
            Ok(head) => Ok(Err(AppError::bad_request(format!(
                "{} is a {}: only answers (outputs) cite",
                Named::from(&head).name,
                head.kind.word().replace('_', " ")
            )))),
            Err(error) => Ok(Err(error)),
        }
    })?
}

/// Answers whose sources changed since they were given.
pub fn moved(app: &App, _: crate::client::Nothing) -> Result<MovedAnswers, AppError> {
    let session = app.session()?;
    let (answers, more) = session.catalog.read(|reader| {
        let mut found: Vec<MovedAnswer> = Vec::new();
        let stale = document::stale(reader.db(), MOST_MOVED + 1)?;
        let more = stale.len() > MOST_MOVED;
        for place in stale.into_iter().take(MOST_MOVED) {
            let Ok(chunk) = reader.head(place.chunk) else { continue };
            // The record that changed, and the passage of an answer that was tied to it.
            let mut passages = vec![chunk.clone()];
            passages.extend(
                reader
                    .relations(chunk.ix)?
                    .into_iter()
                    .filter(|relation| holds(relation, RelationKind::DerivesFrom) && !relation.outgoing)
                    .map(|relation| relation.other),
            );
            for passage in passages {
                for output in answers_from(reader, passage.ix)? {
                    let named = Named::from(&output);
                    let entry = match found.iter_mut().find(|moved| moved.output.id == named.id) {
                        Some(entry) => entry,
                        None => {
                            found.push(MovedAnswer { output: named, changed: Vec::new(), since: None });
                            match found.last_mut() {
                                Some(entry) => entry,
                                None => continue,
                            }
                        }
                    };
                    let changed = Named::from(&passage);
                    if !entry.changed.contains(&changed) {
                        entry.changed.push(changed);
                    }
                    entry.since = entry.since.max(place.since);
                }
            }
        }
        found.sort_by(|a, b| b.since.cmp(&a.since).then_with(|| a.output.id.cmp(&b.output.id)));
        Ok((found, more))
    })?;
    let more = more || answers.len() > MOST_MOVED;
    Ok(MovedAnswers { answers: answers.into_iter().take(MOST_MOVED).collect(), more })
}

fn holds(relation: &RelationView, kind: RelationKind) -> bool {
    relation.row.kind == kind && !relation.row.state.removed
}

/// The answers whose traces retrieved the passage.
fn answers_from(reader: &Reader<'_>, passage: Ix) -> StoreResult<Vec<EntityRow>> {
    let mut found = Vec::new();
    for relation in reader.relations(passage)? {
        if !(holds(&relation, RelationKind::Retrieved) || holds(&relation, RelationKind::Cites))
            || relation.outgoing
        {
            continue;
        }
        match relation.other.kind {
            Kind::Output => found.push(relation.other),
            Kind::Trace => found.extend(outputs(reader, relation.other.ix)?),
            _ => {}
        }
    }
    Ok(found)
}

fn outputs(reader: &Reader<'_>, trace: Ix) -> StoreResult<Vec<EntityRow>> {
    let relations = reader.relations(trace)?.into_iter();
    Ok(relations
        .filter(|relation| holds(relation, RelationKind::ProducedBy) && !relation.outgoing)
        .map(|relation| relation.other)
        .filter(|other| other.kind == Kind::Output)
        .collect())
}

/// Of a request that has one answer, that one.
fn only_answer(reader: &Reader<'_>, trace: &EntityRow) -> StoreResult<Result<EntityRow, AppError>> {
    let mut outputs = outputs(reader, trace.ix)?;
    Ok(match outputs.len() {
        1 => Ok(outputs.remove(0)),
        0 => Err(AppError::bad_request(format!("{} gave no answer", Named::from(trace).name))),
        n => {
            let ids: Vec<String> =
                outputs.iter().map(|row| format!("\n  {} {}", row.id, Named::from(row).name)).collect();
            Err(AppError::bad_request(format!("the trace gave {n} answers; name one:{}", ids.concat())))
        }
    })
}

fn view(reader: &Reader<'_>, head: &EntityRow) -> StoreResult<AnswerView> {
    let facets = reader.facets(head.ix)?;
    let relations = reader.relations(head.ix)?;
    let trace = relations
        .iter()
        .find(|relation| {
            holds(relation, RelationKind::ProducedBy)
                && relation.outgoing
                && relation.other.kind == Kind::Trace
        })
        .map(|relation| relation.other.clone());
    let mut listed = given(&facets);
    listed.extend(retrieved(reader, &relations, trace.as_ref())?);
    let parts = parts(&facets);
    let sources: Vec<Source> = listed.iter().map(|(_, source)| source.clone()).collect();
    let found = resolve::resolve(&parts, &sources);
    let mut sources: Vec<AnswerSource> = listed.into_iter().map(|(source, _)| source).collect();
    let citations = found
        .into_iter()
        .map(|citation| {
            let source = citation.source.and_then(|at| sources.get_mut(at));
            let entity = source.and_then(|source| {
                source.cited |= citation.basis != Basis::Suggested;
                source.entity.clone()
            });
            CitationView {
                answer_span: citation.answer,
                mark: citation.mark,
                source_index: citation.source,
                source: entity,
                called: citation.called,
                source_span: citation.span,
                quote: citation.quote,
                pages: citation.pages,
                state: citation.state,
                basis: citation.basis,
                share: citation.share,
            }
        })
        .collect();
    Ok(AnswerView {
        output: Named::from(head),
        question: question(&facets),
        text: resolve::whole(&parts),
        sources,
        citations,
        context: context(&facets, &relations, trace.as_ref()),
    })
}

/// The latest facet of this name, whoever sent it.
fn latest<'f>(facets: &'f [FacetRow], name: &str) -> Option<&'f Value> {
    facets.iter().filter(|facet| facet.name == name).max_by_key(|facet| facet.at).map(|facet| &facet.body)
}

fn messages(body: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let messages = body["messages"].as_array().into_iter().flatten();
    messages.flat_map(|message| {
        let role = message["role"].as_str().unwrap_or_default();
        message["parts"].as_array().into_iter().flatten().map(move |part| (role, part))
    })
}

/// What was answered, piece by piece. Where several systems told of it, by the one that told most of what it rests on.
fn parts(facets: &[FacetRow]) -> Vec<Part> {
    let told = facets.iter().filter(|facet| facet.name == "gen_ai.output").map(|facet| {
        let parts: Vec<Part> = messages(&facet.body)
            .filter(|(_, part)| part["type"] == "text")
            .filter_map(|(_, part)| {
                let said = part["citations"].as_array().cloned().unwrap_or_default();
                Some(Part { text: part["content"].as_str()?.to_owned(), said })
            })
            .collect();
        (parts.iter().map(|part| part.said.len()).sum::<usize>(), facet.at, parts)
    });
    told.filter(|(.., parts)| !parts.is_empty())
        .max_by(|(a, a_at, _), (b, b_at, _)| (a, a_at).cmp(&(b, b_at)))
        .map(|(.., parts)| parts)
        .unwrap_or_default()
}

fn question(facets: &[FacetRow]) -> Option<String> {
    let asked = messages(latest(facets, "gen_ai.input")?)
        .filter(|(role, part)| *role == "user" && part["type"] == "text")
        .filter_map(|(_, part)| part["content"].as_str());
    asked.last().map(str::to_owned)
}

/// Documents that stood in the request itself (Anthropic's document and search result blocks).
fn given(facets: &[FacetRow]) -> Vec<(AnswerSource, Source)> {
    let Some(input) = latest(facets, "gen_ai.input") else { return Vec::new() };
    messages(input)
        .filter_map(|(_, part)| {
            let block = if part["type"] == "other" { &part["value"] } else { part };
            if !matches!(block["type"].as_str(), Some("document" | "search_result")) {
                return None;
            }
            let title =
                ["title", "source", "id"].iter().find_map(|key| block[*key].as_str()).unwrap_or("document");
            let text = block["source"]["data"]
                .as_str()
                .filter(|_| block["source"]["type"] == "text")
                .map(str::to_owned);
            let text =
                text.or_else(|| blocks(&block["content"])).or_else(|| blocks(&block["source"]["content"]));
            let names = ["title", "source", "id", "url"].iter().filter_map(|key| block[*key].as_str());
            let names = names.map(str::to_owned).collect();
            let shown = shown(None, title.to_owned(), text.as_deref());
            Some((shown, Source { names, text, is_superseded: false }))
        })
        .collect()
}

fn blocks(content: &Value) -> Option<String> {
    let texts: Vec<&str> = content.as_array()?.iter().filter_map(|block| block["text"].as_str()).collect();
    (!texts.is_empty()).then(|| texts.join("\n\n"))
}

fn shown(entity: Option<Named>, title: String, text: Option<&str>) -> AnswerSource {
    AnswerSource {
        entity,
        title,
        characters: text.map_or(0, |text| text.chars().count()),
        text: text.map(str::to_owned),
        rank: None,
        score: None,
        reranking_score: None,
        cited: false,
        stale_since: None,
        made_from: Vec::new(),
    }
}

/// The passages that were fetched for the answer, in the order in which they were put before the model.
fn retrieved(
    reader: &Reader<'_>,
    relations: &[RelationView],
    trace: Option<&EntityRow>,
) -> StoreResult<Vec<(AnswerSource, Source)>> {
    let of_trace = match trace {
        Some(trace) => reader.relations(trace.ix)?,
        None => Vec::new(),
    };
    let pairs = match trace {
        Some(trace) => reader.facets(trace.ix)?,
        None => Vec::new(),
    };
    let mut chunks: Vec<EntityRow> = Vec::new();
    for relation in relations.iter().chain(&of_trace) {
        let fetched = holds(relation, RelationKind::Retrieved) || holds(relation, RelationKind::Cites);
        if fetched && relation.outgoing && !chunks.iter().any(|chunk| chunk.ix == relation.other.ix) {
            chunks.push(relation.other.clone());
        }
    }
    let mut found = Vec::new();
    for chunk in chunks {
        let members: Vec<Ix> = reader.group(chunk.ix)?.iter().map(|row| row.ix).collect();
        let pair = |name: &str| {
            let of = pairs.iter().filter(|facet| facet.name == name);
            of.filter(|facet| facet.about.is_some_and(|about| members.contains(&about)))
                .max_by_key(|facet| facet.at)
                .map(|facet| &facet.body)
        };
        let (retrieval, reranking) = (pair("retrieval"), pair("reranking"));
        let facets = reader.facets(chunk.ix)?;
        let passage = latest(&facets, "passage");
        let text = passage.and_then(|passage| passage["text"].as_str());
        let made_from: Vec<EntityRow> = reader
            .relations(chunk.ix)?
            .into_iter()
            .filter(|relation| holds(relation, RelationKind::DerivesFrom) && relation.outgoing)
            .map(|relation| relation.other)
            .collect();
        let mut stale_since = None;
        for ix in members.iter().copied().chain(made_from.iter().map(|row| row.ix)) {
            if let Some(place) = document::place_of(reader.db(), ix)?
                && place.state == Freshness::Stale
            {
                stale_since = stale_since.or(place.since);
            }
        }
        let mut names: Vec<String> = reader.names(chunk.ix)?.iter().map(|row| row.name.to_string()).collect();
        names.extend(passage.and_then(|passage| passage["id"].as_str()).map(str::to_owned));
        for row in &made_from {
            names.push(Named::from(row).name);
            names.extend(reader.names(row.ix)?.iter().map(|row| row.name.to_string()));
        }
        let title = made_from
            .iter()
            .find(|row| row.kind == Kind::Document)
            .map_or_else(|| Named::from(&chunk).name, |row| Named::from(row).name);
        let rank = |body: Option<&Value>| body.and_then(|body| body["rank"].as_u64());
        let score = |body: Option<&Value>| body.and_then(|body| body["score"].as_f64());
        let source = AnswerSource {
            rank: rank(reranking).or(rank(retrieval)),
            score: score(retrieval),
            reranking_score: score(reranking),
            stale_since,
            made_from: made_from.iter().map(Named::from).collect(),
            ..shown(Some(Named::from(&chunk)), title, text)
        };
        let is_superseded = stale_since.is_some();
        found.push((source, Source { names, text: text.map(str::to_owned), is_superseded }));
    }
    found.sort_by_key(|(source, _)| source.rank.unwrap_or(u64::MAX));
    Ok(found)
}

fn context(facets: &[FacetRow], relations: &[RelationView], trace: Option<&EntityRow>) -> AnswerContext {
    let empty = Value::Null;
    let request = latest(facets, "gen_ai.request").unwrap_or(&empty);
    let response = latest(facets, "gen_ai.response").unwrap_or(&empty);
    let used = |kind: RelationKind| {
        let used = relations.iter().filter(|relation| holds(relation, kind) && relation.outgoing);
        used.map(|relation| Named::from(&relation.other)).collect()
    };
    let word = |value: &Value| value.as_str().map(str::to_owned);
    let scores = facets.iter().filter_map(|facet| {
        Some(AnswerScore {
            name: facet.name.strip_prefix("score.")?.to_owned(),
            value: facet.body["value"].as_f64(),
            label: word(&facet.body["label"]),
            explanation: word(&facet.body["explanation"]),
            by: word(&facet.body["by"]),
        })
    });
    AnswerContext {
        trace: trace.map(Named::from),
        models: used(RelationKind::UsesModel),
        prompts: used(RelationKind::UsesPrompt),
        parameters: request["parameters"].clone(),
        variables: request["prompt"]["variables"].clone(),
        latency_ms: response["latency_ms"].as_f64(),
        input_tokens: response["usage"]["input_tokens"].as_f64(),
        output_tokens: response["usage"]["output_tokens"].as_f64(),
        cost: response["usage"]["cost"].as_f64(),
        scores: scores.collect(),
    }
}
