//! `catena cite`: an answer and what it rests on, for people.

use std::io::{self, Write};

use catena_app::answers::AnswerView;

use crate::human::safe;

/// How much of a stretch is shown.
const LONGEST: usize = 200;

pub(crate) fn told(view: &AnswerView, out: &mut dyn Write) -> io::Result<()> {
    if let Some(question) = &view.question {
        writeln!(out, "asked     {}", safe(question))?;
    }
    writeln!(out, "answered  {}", safe(&view.text))?;
    if view.citations.is_empty() {
        writeln!(out, "It cites nothing, and nothing in its sources is like it.")?;
    }
    for citation in &view.citations {
        let state = serde_json::to_value(citation.state).unwrap_or_default();
        let basis = serde_json::to_value(citation.basis).unwrap_or_default();
        let source = citation.source_index.and_then(|at| view.sources.get(at));
        let called = match source {
            Some(source) => safe(&source.title),
            None => citation.called.as_deref().map_or_else(|| "unknown".to_owned(), safe),
        };
        writeln!(
            out,
            "{} by {}, {:.0} %: \"{}\"",
            state.as_str().unwrap_or_default(),
            basis.as_str().unwrap_or_default(),
            citation.share * 100.0,
            short(&citation.answer_span.of(&view.text))
        )?;
        write!(out, "    {called}")?;
        if let Some((first, last)) = citation.pages {
            write!(out, ", page {first}")?;
            if last != first {
                write!(out, " to {last}")?;
            }
        }
        if let (Some(span), Some(text)) =
            (citation.source_span, source.and_then(|source| source.text.as_ref()))
        {
            write!(out, ": \"{}\"", short(&span.of(text)))?;
        }
        writeln!(out)?;
    }
    let only: Vec<String> =
        view.sources.iter().filter(|source| !source.cited).map(|source| safe(&source.title)).collect();
    if !only.is_empty() {
        writeln!(out, "retrieved, not cited: {}", only.join(", "))?;
    }
    Ok(())
}

fn short(text: &str) -> String {
    let cut = text.char_indices().nth(LONGEST).map_or(text, |(end, _)| &text[..end]);
    safe(cut)
}
