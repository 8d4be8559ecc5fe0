//! From what a person wrote to the one thing that it means; where it means nothing, to what may have been meant.

use std::collections::HashSet;

use catena_model::{
    id::{CauseId, OperationId},
    operation::Operation,
};
use catena_store::{Reader, StoreResult, search::Query, table::entity::EntityRow};

use crate::{
    AppError,
    error::Trouble,
    named::{called, friendly},
    session::Session,
};

/// How many names are proposed.
const MOST_MEANT: usize = 3;
/// How many operations a message lists.
const MOST_CANDIDATES: usize = 10;
/// The fewest letters of an operation's id that may stand for it.
const FEWEST_LETTERS: usize = 4;

/// The one entity that `text` means: an id, or a name that only it has. Otherwise the error lists the candidates, or
/// what has a name like it.
pub fn entity(session: &Session, text: &str) -> Result<EntityRow, AppError> {
    let found = session.catalog.read(|reader| reader.find(text))?;
    if !found.is_empty() {
        return Ok(session.catalog.read(|reader| reader.the(text))?);
    }
    let meant = meant(session, text).unwrap_or_default();
    if meant.is_empty() {
        return Ok(session.catalog.read(|reader| reader.the(text))?);
    }
    Err(AppError::new(
        Trouble::NotFound,
        format!("nothing in the catalog is called \"{text}\". Did you mean:{}", meant.concat()),
    ))
}

/// What has a name like this one, a line each.
fn meant(session: &Session, text: &str) -> StoreResult<Vec<String>> {
    if text.trim().is_empty() || text.parse::<catena_model::id::EntityId>().is_ok() {
        return Ok(Vec::new());
    }
    let query = Query { text: text.to_owned(), limit: MOST_MEANT, as_you_type: true, ..Query::default() };
    let hits = session.search.query(&session.catalog, &query)?.hits;
    Ok(hits
        .iter()
        .map(|hit| {
            let names: Vec<String> = hit.qualified_names.iter().map(ToString::to_string).collect();
            let name = friendly(&names).map_or_else(String::new, |name| format!("  {name}"));
            format!("\n  {} {}{name}", hit.kind.word(), hit.name)
        })
        .collect())
}

/// The one operation or import whose id is `text` or begins with it; an import's id stands for all that it did.
pub fn operation(session: &Session, text: &str) -> Result<OperationId, AppError> {
    if let Ok(id) = text.parse() {
        return Ok(id);
    }
    let start: String = text.trim().to_lowercase().chars().filter(|c| *c != '-').collect();
    if start.len() < FEWEST_LETTERS || start.len() > 32 || !start.chars().all(|c| c.is_ascii_hexdigit()) {
        return Err(AppError::bad_request(format!(
            "\"{text}\" is not the id of an operation: give it as history shows it, or at least its first \
             {FEWEST_LETTERS} letters"
        )));
    }
    let mut found = session.catalog.read(|reader| reader.operations_starting(&start, MOST_CANDIDATES + 1))?;
    let imports = session.catalog.read(|reader| reader.causes_starting(&start, MOST_CANDIDATES + 1))?;
    if let (true, [import]) = (found.is_empty(), imports.as_slice()) {
        return Ok(OperationId::from_bytes(*import.as_bytes()));
    }
    match found.len() {
        1 if imports.is_empty() => Ok(found.remove(0).id),
        0 if imports.is_empty() => Err(AppError::new(
            Trouble::NotFound,
            format!("no operation's or import's id begins with \"{text}\": history lists them"),
        )),
        _ => Err(AppError::new(Trouble::NotFound, ambiguous(text, &found, &imports))),
    }
}

fn ambiguous(text: &str, found: &[Operation], imports: &[CauseId]) -> String {
    let operations =
        found.iter().map(|operation| format!("\n  {}  {}  {}", operation.id, operation.at, operation.title));
    let imports = imports.iter().map(|import| format!("\n  {import}  a whole import"));
    let mut lines: Vec<String> = operations.chain(imports).collect();
    if lines.len() > MOST_CANDIDATES {
        lines.truncate(MOST_CANDIDATES);
        lines.push("\n  and more".to_owned());
    }
    format!("several ids begin with \"{text}\"; give more of one:{}", lines.concat())
}

/// What those entities are called whose ids stand alone in `texts`.
pub fn names_of<'t>(
    session: &Session,
    texts: impl IntoIterator<Item = &'t str>,
) -> StoreResult<std::collections::HashMap<String, String>> {
    let ids: HashSet<&str> = texts.into_iter().collect();
    session.catalog.read(|reader: &Reader<'_>| {
        let mut names = std::collections::HashMap::new();
        for text in ids {
            let Ok(id) = text.parse() else { continue };
            if catena_store::table::entity::find(reader.db(), id)?.is_some() {
                names.insert(text.to_owned(), crate::named::name_of(reader, id)?);
            }
        }
        Ok(names)
    })
}

/// What an entity is called, with what it is a part of: `orders.amount`.
pub fn within(reader: &Reader<'_>, row: &EntityRow) -> StoreResult<String> {
    let mut name = called(row);
    let mut part = row.clone();
    // Columns may lie in columns, but not without end.
    for _ in 0..32 {
        if part.kind != catena_model::kind::Kind::Column {
            break;
        }
        let Some(whole) = part.parent.map(|ix| reader.head(ix)).transpose()? else { break };
        name = format!("{}.{name}", called(&whole));
        part = whole;
    }
    Ok(name)
}
