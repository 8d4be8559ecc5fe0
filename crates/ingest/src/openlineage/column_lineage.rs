//! `columnLineage`: which columns a column was made of, and which only had a say in its rows.

use catena_model::{evidence::Method, kind::Kind, relation::RelationKind, statement::Thing};
use serde_json::{Map, Value, json};

use super::{
    columns,
    event::named,
    facets::{self, Saying},
};
use crate::{
    fault::{Fault, Path},
    sql,
};

/// Tells of the lineage of the dataset's columns.
pub(super) fn tell(
    saying: &mut Saying,
    dataset: &Thing,
    facet: &Value,
    path: &Path<'_>,
    method: Method,
) -> Result<(), Fault> {
    let map = path.object(facet)?;
    if facets::is_deleted(facet) {
        return Ok(());
    }
    let fields_path = path.key("fields");
    let empty = Map::new();
    let fields = match map.get("fields") {
        None | Some(Value::Null) => &empty,
        Some(fields) => fields_path.object(fields)?,
    };
    for (name, field) in fields {
        let path = fields_path.key(name);
        let field = path.object(field)?;
        let column = columns::place(saying, dataset, name, &path)?;
        let inputs = read_inputs(saying, dataset, field, "inputFields", &path)?;
        tell_inputs(saying, &column, inputs, old_form(field, &path)?.as_ref(), method);
    }
    // What filtered, joined or sorted all rows of the dataset.
    let inputs = read_inputs(saying, dataset, map, "dataset", path)?;
    tell_inputs(saying, dataset, inputs, None, method);
    Ok(())
}

/// A column that another was made of, and how.
struct Input {
    column: Thing,
    transformations: Vec<Value>,
}

fn read_inputs(
    saying: &mut Saying,
    dataset: &Thing,
    map: &Map<String, Value>,
    key: &str,
    path: &Path<'_>,
) -> Result<Vec<Input>, Fault> {
    let list = path.key(key);
    let mut inputs: Vec<Input> = Vec::new();
    for (index, input) in path.list_in(map, key)?.iter().enumerate() {
        let path = list.index(index);
        let input = path.object(input)?;
        let source = named(Kind::Dataset, input, &path)?;
        // OpenLineage's own parser takes the function in `from read_csv('orders.csv')` for a table. The query tells.
        if sql::reads_files(&source.name.name) {
            continue;
        }
        let column = columns::place(saying, &source, path.required_in(input, "field")?, &path.key("field"))?;
        if source != *dataset {
            saying.source(&source);
        }
        let transformations = path.list_in(input, "transformations")?;
        for (index, transformation) in transformations.iter().enumerate() {
            path.key("transformations").index(index).object(transformation)?;
        }
        // One column may be listed once for each way in which it was used.
        match inputs.iter_mut().find(|known| known.column == column) {
            Some(known) => known.transformations.extend_from_slice(transformations),
            None => inputs.push(Input { column, transformations: transformations.to_vec() }),
        }
    }
    Ok(inputs)
}

fn tell_inputs(
    saying: &mut Saying,
    to: &Thing,
    inputs: Vec<Input>,
    old_form: Option<&Value>,
    method: Method,
) {
    for input in inputs {
        let (indirect, mut direct): (Vec<Value>, Vec<Value>) = input
            .transformations
            .into_iter()
            .partition(|transformation| transformation["type"] == "INDIRECT");
        direct.extend(old_form.cloned());
        // Nothing said of how: made of it, unless it is about all rows of a dataset.
        let unsaid = direct.is_empty() && indirect.is_empty();
        let whole = to.kind == Kind::Dataset;
        if !direct.is_empty() || unsaid && !whole {
            saying.telling.related(to, RelationKind::DerivesFrom, &input.column, method, detail(direct));
        }
        if !indirect.is_empty() || unsaid && whole {
            saying.telling.related(to, RelationKind::InfluencedBy, &input.column, method, detail(indirect));
        }
    }
}

fn detail(transformations: Vec<Value>) -> Option<Value> {
    (!transformations.is_empty()).then(|| json!({"transformations": transformations}))
}

/// The field's one transformation as facets before 1-1-0 wrote it, in today's form.
fn old_form(field: &Map<String, Value>, path: &Path<'_>) -> Result<Option<Value>, Fault> {
    let Some(word) = path.text_in(field, "transformationType")?.filter(|word| !word.is_empty()) else {
        return Ok(None);
    };
    let mut transformation = json!({"type": "DIRECT", "subtype": word});
    if let Some(description) = path.text_in(field, "transformationDescription")? {
        transformation["description"] = json!(description);
    }
    if word == "MASKED" {
        transformation["masking"] = json!(true);
    }
    Ok(Some(transformation))
}
