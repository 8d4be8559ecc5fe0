//! From what an answer says it rests on to stretches of its sources as they are now.

use serde::Serialize;
use serde_json::Value;

use crate::{
    LEAST, Span,
    align::Prepared,
    marks,
    provider::{self, Cited, Place},
    words::{sentences, words},
};

/// A piece of an answer's text with the citation objects that its provider gave for it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Part {
    /// The words.
    pub text: String,
    /// Citation objects as sent.
    pub said: Vec<Value>,
}

/// What the answer may rest on, in the order in which the model was given it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Source {
    /// What it may be called by: ids, titles, file names, addresses.
    pub names: Vec<String>,
    /// Its text as it is now; none when the catalog hasn't it.
    pub text: Option<String>,
    /// Whether there is a newer version of it than the one that was cited.
    pub is_superseded: bool,
}

/// What became of a citation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The words stand in the source just so.
    Exact,
    /// At least half of the words stand there.
    Approximate,
    /// The source has changed since: it has a newer version, or the words stand elsewhere in it.
    Moved,
    /// The source is not known, or less than half of the words are in it.
    Missing,
}

/// How it is known that the answer rests on the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The provider of the model says so.
    Provider,
    /// The answer says so by a mark such as `[1]`.
    Mark,
    /// Nobody says so: the words are alike.
    Suggested,
}

/// A citation, looked up.
#[derive(Debug, Clone, PartialEq)]
pub struct Citation {
    /// The words of the answer.
    pub answer: Span,
    /// The mark itself, where there is one.
    pub mark: Option<Span>,
    /// Which source: its place in the list.
    pub source: Option<usize>,
    /// What the answer calls the source, where it is not in the list.
    pub called: Option<String>,
    /// The stretch of the source.
    pub span: Option<Span>,
    /// The words that the provider quotes.
    pub quote: Option<String>,
    /// The pages that the provider names.
    pub pages: Option<(usize, usize)>,
    /// What became of it.
    pub state: State,
    /// How it is known.
    pub basis: Basis,
    /// How much of the words was found, from 0 to 1.
    pub share: f64,
}

/// Sentences of fewer words are in every text.
const FEWEST_WORDS: usize = 5;
/// A suggestion needs more than a citation: nobody said it.
const LEAST_SUGGESTED: f64 = 0.6;

/// What stands between the parts of an answer.
pub const BETWEEN: &str = "\n\n";

/// The whole text of an answer; all spans are of it.
pub fn whole(parts: &[Part]) -> String {
    parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(BETWEEN)
}

/// The citations of an answer in the order of its text, each looked up in its source.
pub fn resolve(parts: &[Part], sources: &[Source]) -> Vec<Citation> {
    let text = whole(parts);
    let prepared: Vec<Option<Prepared>> =
        sources.iter().map(|source| source.text.as_deref().map(Prepared::new)).collect();
    let looked_up = Looking { text: &text, sources, prepared: &prepared };
    let mut found = looked_up.said(parts);
    found.extend(looked_up.marked(&found));
    if found.is_empty() {
        found = looked_up.suggested();
    }
    found.sort_by_key(|citation| (citation.answer, citation.mark, citation.source));
    found
}

struct Looking<'a> {
    text: &'a str,
    sources: &'a [Source],
    prepared: &'a [Option<Prepared>],
}

impl Looking<'_> {
    fn said(&self, parts: &[Part]) -> Vec<Citation> {
        let mut found = Vec::new();
        let mut offset = 0;
        for part in parts {
            let length = part.text.chars().count();
            for said in part.said.iter().filter_map(provider::read) {
                let within = said.answer.unwrap_or(Span { start: 0, end: length });
                let within = Span { start: within.start.min(length), end: within.end.min(length) };
                // Only the place of a mark: the sentence there is meant.
                let within = if within.is_empty() { sentence_at(&part.text, within.start) } else { within };
                let answer = Span { start: offset + within.start, end: offset + within.end };
                let source = self.which(&said.source);
                let near = match said.place {
                    Some(Place::Characters(span)) => Some(span.start),
                    _ => None,
                };
                let words = said.quote.clone().unwrap_or_else(|| answer.of(self.text));
                let (span, share, mut state) = self.look_up(source, &words, near);
                if let (Some(near), Some(span), State::Exact) = (near, span, state)
                    && span.start.abs_diff(near) > BEFORE_WORDS
                {
                    state = State::Moved;
                }
                let pages = match said.place {
                    Some(Place::Pages { first, last }) => Some((first, last)),
                    _ => None,
                };
                let called = called(&said.source);
                found.push(Citation {
                    answer,
                    mark: None,
                    source,
                    called,
                    span,
                    quote: said.quote,
                    pages,
                    state,
                    share,
                    basis: Basis::Provider,
                });
            }
            offset += length + BETWEEN.chars().count();
        }
        found
    }

    /// Marks count the sources from 1, or from 0 where the answer has a 0.
    fn marked(&self, said: &[Citation]) -> Vec<Citation> {
        let marks = marks::marks(self.text);
        let from_zero = marks.iter().any(|mark| mark.number == 0);
        marks
            .iter()
            // Providers' objects may come with marks in the text: one citation of one thing is enough.
            .filter(|mark| {
                !said
                    .iter()
                    .any(|said| said.answer.start <= mark.span.start && mark.span.start <= said.answer.end)
            })
            .map(|mark| {
                let index = if from_zero { Some(mark.number) } else { mark.number.checked_sub(1) };
                let source = index.filter(|index| *index < self.sources.len());
                let words = without_marks(self.text, mark.claim, &marks);
                let (span, share, state) = self.look_up(source, &words, None);
                Citation {
                    answer: mark.claim,
                    mark: Some(mark.span),
                    source,
                    called: source.is_none().then(|| format!("source {}", mark.number)),
                    span,
                    quote: None,
                    pages: None,
                    state,
                    basis: Basis::Mark,
                    share,
                }
            })
            .collect()
    }

    fn suggested(&self) -> Vec<Citation> {
        let mut found = Vec::new();
        for sentence in sentences(self.text) {
            let says = sentence.of(self.text);
            if words(&says).len() < FEWEST_WORDS {
                continue;
            }
            let best = self
                .prepared
                .iter()
                .enumerate()
                .filter_map(|(at, source)| Some((at, source.as_ref()?.find(&says, None, LEAST_SUGGESTED)?)))
                // The first of those that are equally like it.
                .max_by(|(a_at, a), (b_at, b)| a.share.total_cmp(&b.share).then(b_at.cmp(a_at)));
            if let Some((source, like)) = best {
                let state = match (self.sources[source].is_superseded, like.is_exact()) {
                    (true, _) => State::Moved,
                    (false, true) => State::Exact,
                    (false, false) => State::Approximate,
                };
                found.push(Citation {
                    answer: sentence,
                    mark: None,
                    source: Some(source),
                    called: None,
                    span: Some(like.span),
                    quote: None,
                    pages: None,
                    state,
                    basis: Basis::Suggested,
                    share: like.share,
                });
            }
        }
        found
    }

    fn look_up(&self, source: Option<usize>, words: &str, near: Option<usize>) -> (Option<Span>, f64, State) {
        let text = source.and_then(|source| self.prepared.get(source)?.as_ref());
        let Some((source, text)) = source.zip(text) else { return (None, 0.0, State::Missing) };
        match text.find(words, near, LEAST) {
            None => (None, 0.0, State::Missing),
            Some(found) if self.sources[source].is_superseded => {
                (Some(found.span), found.share, State::Moved)
            }
            Some(found) if found.is_exact() => (Some(found.span), found.share, State::Exact),
            Some(found) => (Some(found.span), found.share, State::Approximate),
        }
    }

    /// The source that a provider means: by its id, address or title, else by its place in the request.
    fn which(&self, cited: &Cited) -> Option<usize> {
        let names = [&cited.id, &cited.url, &cited.title];
        let named = names.into_iter().flatten().find_map(|name| {
            self.sources.iter().position(|source| source.names.iter().any(|held| is_called(held, name)))
        });
        named.or_else(|| cited.index.filter(|index| *index < self.sources.len()))
    }
}

/// Spaces, quotation marks and brackets before the first word: what is looked up begins with a word.
const BEFORE_WORDS: usize = 8;

/// A name, or the last part of a path or address.
fn is_called(held: &str, name: &str) -> bool {
    held == name || held.rsplit(['/', '\\']).next() == Some(name)
}

fn called(cited: &Cited) -> Option<String> {
    [&cited.title, &cited.url, &cited.id].into_iter().flatten().next().cloned()
}

fn sentence_at(text: &str, at: usize) -> Span {
    let found = sentences(text);
    let holds = found.iter().rev().find(|sentence| sentence.start <= at);
    holds.or(found.first()).copied().unwrap_or(Span { start: at, end: at })
}

fn without_marks(text: &str, claim: Span, marks: &[marks::Mark]) -> String {
    text.chars()
        .enumerate()
        .skip(claim.start)
        .take(claim.len())
        .map(|(at, letter)| {
            let in_mark = marks.iter().any(|mark| mark.span.start <= at && at < mark.span.end);
            if in_mark { ' ' } else { letter }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn sources() -> Vec<Source> {
        [
            (
                "weather.md",
                "Wind from the north delays departures by 22 minutes on average. Rain matters less.",
            ),
            ("fleet.md", "The fleet has 120 aircraft. Older planes are late more often than new ones."),
        ]
        .map(|(name, text)| Source {
            names: vec![format!("file:///docs/{name}"), name.to_owned()],
            text: Some(text.to_owned()),
            is_superseded: false,
        })
        .to_vec()
    }

    fn one(text: &str) -> Vec<Part> {
        vec![Part { text: text.to_owned(), said: Vec::new() }]
    }

    fn told(parts: &[Part], sources: &[Source]) -> Vec<(Option<usize>, State, Basis, Option<String>)> {
        resolve(parts, sources)
            .into_iter()
            .map(|citation| {
                let text = citation.source.and_then(|source| sources[source].text.clone());
                let words = citation.span.zip(text).map(|(span, text)| span.of(&text));
                (citation.source, citation.state, citation.basis, words)
            })
            .collect()
    }

    #[test]
    fn a_mark_leads_to_the_stretch_of_its_source() {
        let found = told(
            &one("Older planes are late more often [2]. Planes fly to the moon [1]. See [7]."),
            &sources(),
        );
        assert_eq!(
            found[0],
            (Some(1), State::Exact, Basis::Mark, Some("Older planes are late more often".into()))
        );
        assert_eq!(found[1], (Some(0), State::Missing, Basis::Mark, None));
        assert_eq!(found[2].0, None);
    }

    #[test]
    fn a_provider_s_citation_is_checked_against_the_source_as_it_is() {
        let cited = |start: usize, title: &str| Part {
            text: "New ones are better.".to_owned(),
            said: vec![
                json!({"type": "char_location", "cited_text": "Older planes are late more often than new ones.",
                "document_index": 0, "document_title": title, "start_char_index": start, "end_char_index": start + 47}),
            ],
        };
        let text = "The fleet has 120 aircraft. Older planes are late";
        let place = text.find("Older").unwrap();
        let found = told(&[cited(place, "fleet.md")], &sources());
        assert_eq!((found[0].0, found[0].1, found[0].2), (Some(1), State::Exact, Basis::Provider));
        assert_eq!(told(&[cited(2, "fleet.md")], &sources())[0].1, State::Moved, "it stands elsewhere now");
        let mut newer = sources();
        newer[1].is_superseded = true;
        assert_eq!(told(&[cited(place, "fleet.md")], &newer)[0].1, State::Moved);
        newer[1].text = Some("Nothing of it is left here.".to_owned());
        assert_eq!(told(&[cited(place, "fleet.md")], &newer)[0].1, State::Missing);
    }

    #[test]
    fn an_answer_that_cites_nothing_gets_suggestions() {
        let found = told(
            &one("Departures are delayed. Wind from the north delays departures by 22 minutes, on average!"),
            &sources(),
        );
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].0, found[0].1, found[0].2), (Some(0), State::Exact, Basis::Suggested));
        assert_eq!(told(&one("Nothing here is about anything in those sources at all."), &sources()), []);
    }

    #[test]
    fn offsets_go_on_from_part_to_part() {
        let parts = [
            Part { text: "Größe zählt.".to_owned(), said: Vec::new() },
            Part {
                text: "Rain matters less.".to_owned(),
                said: vec![
                    json!({"type": "page_location", "cited_text": "Rain matters less.", "document_index": 0,
                    "start_page_number": 3, "end_page_number": 4}),
                ],
            },
        ];
        let found = resolve(&parts, &sources());
        assert_eq!(found[0].answer.of(&whole(&parts)), "Rain matters less.");
        assert_eq!(found[0].pages, Some((3, 3)));
    }

    proptest! {
        #[test]
        fn whatever_is_said_lies_within_answer_and_source(
            text in "[a-f \\[\\]12.]{0,80}", source in "[a-f .]{0,80}", start in 0_usize..100, end in 0_usize..100,
        ) {
            let parts = [Part { text, said: vec![json!({"start": start, "end": end, "sources": [{"id": "s"}]})] }];
            let sources = [Source { names: vec!["s".to_owned()], text: Some(source), is_superseded: false }];
            let length = whole(&parts).chars().count();
            for citation in resolve(&parts, &sources) {
                prop_assert!(citation.answer.end <= length);
                if let (Some(span), Some(at)) = (citation.span, citation.source) {
                    prop_assert!(span.end <= sources[at].text.as_ref().map_or(0, |text| text.chars().count()));
                    prop_assert!(citation.share >= LEAST);
                }
            }
        }
    }
}
