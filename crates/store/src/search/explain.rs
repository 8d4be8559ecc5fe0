//! Why a hit is one: which of its texts have the words, and where.

use serde::{Deserialize, Serialize};

use super::{
    ask::{Ask, Asked},
    document::{Document, Text},
    fold::{fold, fold_char},
    place::{Class, Fit, Place, value},
    schema::{folded_paths, name_words},
    words::{Word, runs},
};

/// The most texts of a hit that are shown with it.
const MOST_SHOWN: usize = 4;
/// How many texts are looked through for further ones: a hit is explained at every keystroke.
const MOST_LOOKED_AT: usize = 64;
/// A text longer than this is shown in part, in letters.
const LONGEST: usize = 240;
/// How much of a long text is shown before the first match, in letters.
const BEFORE: usize = 60;
/// The most words of one text that are looked at.
const MOST_WORDS: usize = 4_000;

/// Why a hit is one: its strongest reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyMatched {
    /// The text is its id.
    Id,
    /// It, or a system that names it, is called just so.
    ExactName,
    /// The text is the path to it.
    Path,
    /// Words in one of its texts.
    In(Place),
    /// Nothing was asked for: it is in the list.
    Listed,
}

/// A text of a hit that has some of the words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matched {
    /// Where the text comes from.
    pub field: Place,
    /// Of a property: its key.
    pub key: Option<String>,
    /// The text; of a long one, the part around the first match.
    pub text: String,
    /// Where the words stand in it: start and end in UTF-16 code units, as JavaScript counts.
    pub ranges: Vec<(u32, u32)>,
}

/// Why a document is a hit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Explanation {
    pub why: WhyMatched,
    pub sentence: String,
    pub matched: Vec<Matched>,
}

/// The best place of one word of the query.
#[derive(Clone, Copy)]
struct Best {
    value: u8,
    text: usize,
    fit: Fit,
}

/// A word of a text with its class.
struct Standing {
    word: Word,
    class: Class,
}

fn standing(text: &Text) -> Vec<Standing> {
    if matches!(text.place, Place::Name | Place::OtherName) {
        return name_words(&text.text).into_iter().map(|(word, class)| Standing { word, class }).collect();
    }
    let class = text.place.class();
    runs(&text.text, MOST_WORDS)
        .into_iter()
        .flat_map(|run| run.pieces.into_iter().chain(run.whole))
        .map(|word| Standing { word, class })
        .collect()
}

/// How a word of the text fits a word of the query, as the index finds it. The second is how many letters of it fit.
fn fit(asked: &Asked, far: bool, standing: &Standing) -> Option<(Fit, Option<usize>)> {
    let word = standing.word.text.as_str();
    let mut start = None;
    for spelling in &asked.spellings {
        if word == spelling {
            return Some((Fit::Exact, None));
        }
        if asked.may_be_start() && word.starts_with(spelling.as_str()) {
            let letters = spelling.chars().count();
            let weak = matches!(standing.class, Class::Description | Class::Property);
            if !standing.class.is_name() && (letters < 2 || (weak && letters <= super::schema::MOST_START)) {
                continue;
            }
            start = Some((Fit::Start, Some(letters)));
        }
    }
    start.or_else(|| {
        let typos = asked.typos.as_ref()?;
        let near = typos.near.fit(word);
        let found = if far { near.or_else(|| typos.far.as_ref()?.fit(word)) } else { near };
        found.map(|fit| (fit, None))
    })
}

/// Why the document is a hit. `far` says for each word whether words further away were looked for.
pub(crate) fn explain(ask: &Ask, far: &[bool], document: &Document) -> Explanation {
    if ask.words.is_empty() && ask.literal.is_empty() {
        return Explanation {
            why: WhyMatched::Listed,
            sentence: "In the catalog".to_owned(),
            matched: Vec::new(),
        };
    }
    let texts = document.texts();
    let mut best: Vec<Option<Best>> = vec![None; ask.words.len()];
    let far = |word: usize| far.get(word).copied().unwrap_or(false);
    for (t, text) in texts.iter().enumerate() {
        // Texts come best place first: once every word has a better one, the rest can't change anything.
        let most = value(
            if text.place.class() == Class::Name { Class::Sole } else { text.place.class() },
            Fit::Exact,
        );
        if best.iter().all(|held| held.is_some_and(|held| held.value >= most)) {
            continue;
        }
        for standing in standing(text) {
            for (w, asked) in ask.words.iter().enumerate() {
                if let Some((fit, _)) = fit(asked, far(w), &standing) {
                    let value = value(standing.class, fit);
                    if best[w].is_none_or(|held| value > held.value) {
                        best[w] = Some(Best { value, text: t, fit });
                    }
                }
            }
        }
    }
    let exact = exact(ask, document);
    let mut order: Vec<(u8, usize)> = best.iter().flatten().map(|best| (best.value, best.text)).collect();
    order.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut shown: Vec<usize> = Vec::new();
    shown.extend(exact.as_ref().and_then(|(_, place, name)| {
        texts.iter().position(|text| text.place == *place && text.text == *name)
    }));
    for (_, text) in order {
        if !shown.contains(&text) {
            shown.push(text);
        }
    }
    let why = match (&exact, shown.first()) {
        (Some((why, ..)), _) => *why,
        (None, Some(first)) => WhyMatched::In(texts[*first].place),
        (None, None) => WhyMatched::Path,
    };
    let also = also(ask, &shown, &texts);
    let sentence = sentence(ask, exact.as_ref(), &shown, &also, &texts, &best);
    shown.truncate(MOST_SHOWN);
    shown.extend(also);
    let matched = shown.into_iter().map(|text| matched(ask, &far, &texts[text])).collect();
    Explanation { why, sentence, matched }
}

/// Further texts that have one of the words, without which it would be a hit all the same: one of a place. A qualified name says nothing more than the name in it.
fn also(ask: &Ask, shown: &[usize], texts: &[Text]) -> Vec<usize> {
    let mut places: Vec<Place> = shown.iter().map(|text| texts[*text].place).collect();
    if places.iter().any(|place| matches!(place, Place::Name | Place::OtherName | Place::QualifiedName)) {
        places.extend([Place::Name, Place::OtherName, Place::QualifiedName]);
    }
    places.push(Place::Kind);
    let mut found = Vec::new();
    for (t, text) in texts.iter().enumerate().take(MOST_LOOKED_AT) {
        if shown.len() + found.len() >= MOST_SHOWN {
            break;
        }
        if places.contains(&text.place) {
            continue;
        }
        let has = |standing: &Standing| {
            ask.words.iter().any(|asked| fit(asked, false, standing).is_some_and(|(fit, _)| fit > Fit::Typo))
        };
        if standing(text).iter().any(has) {
            places.push(text.place);
            found.push(t);
        }
    }
    found
}

/// Whether the whole query is a name of the document, or the path to it; and the text that says so.
fn exact(ask: &Ask, document: &Document) -> Option<(WhyMatched, Place, String)> {
    if ask.literal.is_empty() {
        return None;
    }
    if fold(&document.name) == ask.literal {
        return Some((WhyMatched::ExactName, Place::Name, document.name.clone()));
    }
    for other in document.other_names() {
        if fold(other) == ask.literal {
            return Some((WhyMatched::ExactName, Place::OtherName, other.to_owned()));
        }
    }
    for name in &document.names {
        let short = fold(name.short());
        let Some(path) = ask.literal.strip_suffix(&short) else { continue };
        let Some(path) = path.strip_suffix(['.', '/']) else { continue };
        let path = path.trim_end_matches('/');
        if folded_paths(name).iter().any(|held| held == path) {
            return Some((WhyMatched::Path, Place::QualifiedName, name.to_string()));
        }
    }
    let parent = document.parent.as_ref()?;
    let path = ask.literal.strip_suffix(&fold(&document.name))?.strip_suffix(['.', '/'])?;
    (fold(&parent.name) == path).then(|| (WhyMatched::Path, Place::Name, document.name.clone()))
}

fn sentence(
    ask: &Ask,
    exact: Option<&(WhyMatched, Place, String)>,
    shown: &[usize],
    also: &[usize],
    texts: &[Text],
    best: &[Option<Best>],
) -> String {
    if let Some((why, place, name)) = exact {
        let mut sentence = match (why, place) {
            (WhyMatched::ExactName, Place::OtherName) => format!("Also named \"{name}\""),
            (WhyMatched::ExactName, _) => "The name is the same".to_owned(),
            _ => "The path leads here".to_owned(),
        };
        let further: Vec<String> = also.iter().map(|text| words_of(&texts[*text])).collect();
        if !further.is_empty() {
            sentence.push_str(&format!("; also {}", further.join(", ")));
        }
        return sentence;
    }
    let mut parts: Vec<String> =
        shown.iter().take(MOST_SHOWN).chain(also).map(|text| words_of(&texts[*text])).collect();
    if parts.is_empty() {
        parts.push("path".to_owned());
    }
    let mut sentence = parts.join(", ");
    let typos: Vec<String> = quoted(ask, best, |best| best.is_some_and(|best| best.fit <= Fit::Typo));
    if !typos.is_empty() {
        sentence.push_str(&format!(" (close to {})", typos.join(", ")));
    }
    let missing = quoted(ask, best, |best| best.is_none());
    if !missing.is_empty() {
        sentence.push_str(&format!("; without {}", missing.join(", ")));
    }
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// What a text is, and what it says where that is short.
fn words_of(text: &Text) -> String {
    match text.place {
        Place::Name => "name".to_owned(),
        Place::OtherName => format!("other name \"{}\"", text.text),
        Place::QualifiedName => "qualified name".to_owned(),
        Place::Parent => format!("part of \"{}\"", text.text),
        Place::Column => format!("column \"{}\"", text.text),
        Place::Tag => format!("tag \"{}\"", text.text),
        Place::Alias => format!("alias \"{}\"", text.text),
        Place::Owner => format!("owner \"{}\"", text.text),
        Place::Kind => format!("kind \"{}\"", text.text),
        Place::Description => "description".to_owned(),
        Place::Property => format!("property \"{}\"", text.key.as_deref().unwrap_or_default()),
    }
}

/// The words of the query for which `holds`, in the order in which they were typed.
fn quoted(ask: &Ask, best: &[Option<Best>], holds: impl Fn(&Option<Best>) -> bool) -> Vec<String> {
    let pairs = ask.words.iter().zip(best).rev();
    pairs.filter(|(_, best)| holds(best)).map(|(word, _)| format!("\"{}\"", word.word())).collect()
}

fn matched(ask: &Ask, far: &impl Fn(usize) -> bool, text: &Text) -> Matched {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for standing in standing(text) {
        let best = ask
            .words
            .iter()
            .enumerate()
            .filter_map(|(w, asked)| fit(asked, far(w), &standing))
            .max_by_key(|(fit, letters)| (*fit, *letters));
        if let Some((_, letters)) = best {
            let Word { start, end, .. } = standing.word;
            ranges.push((start, letters.map_or(end, |letters| end_of(&text.text, start, end, letters))));
        }
    }
    let (part, from) = part(&text.text, ranges.iter().map(|range| range.0).min().unwrap_or(0));
    let lead = if from > 0 { "…" } else { "" };
    let tail = if from + part.len() < text.text.len() { "…" } else { "" };
    let mut units: Vec<(u32, u32)> = joined(ranges)
        .into_iter()
        .filter(|(start, end)| *start >= from && *end <= from + part.len())
        .map(|(start, end)| {
            let shift = lead.encode_utf16().count();
            (utf16(part, start - from, shift), utf16(part, end - from, shift))
        })
        .collect();
    units.sort_unstable();
    Matched { field: text.place, key: text.key.clone(), text: format!("{lead}{part}{tail}"), ranges: units }
}

/// Where the first letters of a word end.
fn end_of(text: &str, start: usize, end: usize, letters: usize) -> usize {
    let mut count = 0;
    for (at, c) in text[start..end].char_indices() {
        if count >= letters {
            return start + at;
        }
        fold_char(c, |_| count += 1);
    }
    end
}

/// Ranges in order, those that touch made one.
fn joined(mut ranges: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    ranges.sort_unstable();
    let mut out: Vec<(usize, usize)> = Vec::new();
    for (start, end) in ranges {
        match out.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => out.push((start, end)),
        }
    }
    out
}

/// The part of a long text around `at`, and where it begins.
fn part(text: &str, at: usize) -> (&str, usize) {
    if text.chars().nth(LONGEST).is_none() {
        return (text, 0);
    }
    let mut from = text[..at].char_indices().rev().nth(BEFORE).map_or(0, |(at, _)| at);
    if from > 0 {
        // Begin with a whole word, when one begins nearby.
        from = text[from..at].find(char::is_whitespace).map_or(from, |space| {
            from + space + text[from + space..].chars().next().map_or(0, char::len_utf8)
        });
    }
    let end = text[from..].char_indices().nth(LONGEST).map_or(text.len(), |(end, _)| from + end);
    (&text[from..end], from)
}

fn utf16(text: &str, at: usize, shift: usize) -> u32 {
    u32::try_from(text[..at].encode_utf16().count() + shift).unwrap_or(u32::MAX)
}
