//! An entity as the standards that are for exchange write it: Croissant, CycloneDX, Open Data Contract.

use std::collections::{BTreeMap, HashSet};

use catena_files::out::{self, Column, Described, Node, Sort};
use catena_model::{id::EntityId, kind::Kind};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

use crate::{
    App, AppError,
    entity::{self, EntityArgs, EntityView},
    error::Trouble,
    lineage::{Direction, headless},
    lookup,
    named::friendly,
};

/// In what an entity can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Standard {
    /// Croissant 1.0: a dataset for machine learning.
    Croissant,
    /// CycloneDX 1.6: a model with what it was made of.
    CycloneDx,
    /// Open Data Contract Standard 3: a dataset with what its owner promises.
    Odcs,
}

/// Which entity, and in what.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ExchangeArgs {
    /// Its id, or a name that only it has.
    pub id: String,
    /// In what.
    pub standard: Standard,
}

/// An entity as a standard writes it.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Exchange {
    /// What a file of it is best called.
    pub file_name: String,
    /// The document.
    pub text: String,
}

/// The most things of a model's lineage that are listed.
const MOST_NODES: usize = 5_000;

/// Writes an entity in a standard.
///
/// # Errors
///
/// When the standard has no word for things of its kind.
pub fn exchange(app: &App, args: ExchangeArgs) -> Result<Exchange, AppError> {
    let view = entity::entity(app, EntityArgs { id: args.id.clone() })?;
    let (fits, what) = match args.standard {
        Standard::Croissant | Standard::Odcs => (view.kind == Kind::Dataset, "a dataset"),
        Standard::CycloneDx => (
            matches!(view.kind, Kind::ModelVersion | Kind::LoggedModel | Kind::Model),
            "a model or a version of one",
        ),
    };
    if !fits {
        let kind = view.kind.word().replace('_', " ");
        let message = format!("{} is a {kind}: this standard is for {what}", view.name);
        return Err(AppError::bad_request(message));
    }
    let described = describe(&view);
    let (document, ending) = match args.standard {
        Standard::Croissant => (out::croissant(&described), "croissant.json"),
        Standard::Odcs => (out::contract(&described), "odcs.json"),
        Standard::CycloneDx => (bill(app, &view, &described)?, "cdx.json"),
    };
    let mut text = serde_json::to_string_pretty(&document)
        .map_err(|error| AppError::new(Trouble::Failed, error.to_string()))?;
    text.push('\n');
    let plain = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' };
    let stem: String = view.name.chars().take(80).map(plain).collect();
    Ok(Exchange { file_name: format!("{}.{ending}", stem.trim_matches(['.', '-'])), text })
}

fn bill(app: &App, view: &EntityView, described: &Described) -> Result<Value, AppError> {
    let session = app.session()?;
    // What is said of a model holds for its versions: a card tells of the model, a file is a version of it.
    let model = view.parent.as_ref().filter(|parent| parent.kind == Kind::Model).map(|parent| parent.id);
    let own = |id: EntityId| id == view.id || Some(id) == model;
    let (mut nodes, mut edges) = (Vec::new(), Vec::new());
    for id in std::iter::once(view.id).chain(model) {
        let ix = lookup::entity(&session, &id.to_string())?.ix;
        let lineage = headless(&session.catalog, &session.graph, ix, Direction::Up, None, false)?;
        // The nearest are last, so they are what stays of very many.
        nodes.extend(lineage.nodes.into_iter().filter(|node| !own(node.id) && node.level <= 0).rev());
        let called = |id| if own(id) { view.id.to_string() } else { id.to_string() };
        edges.extend(lineage.edges.iter().map(|edge| (called(edge.from), called(edge.to))));
    }
    let mut seen = HashSet::new();
    let nodes: Vec<Node> = nodes
        .into_iter()
        .filter(|node| seen.insert(node.id))
        .take(MOST_NODES)
        .map(|node| Node {
            id: node.id.to_string(),
            sort: match node.kind {
                Kind::Dataset | Kind::Document | Kind::Chunk | Kind::Column => Sort::Data,
                Kind::Model | Kind::ModelVersion | Kind::LoggedModel => Sort::Model,
                _ => Sort::Process,
            },
            qualified_name: friendly(&node.qualified_names).map(str::to_owned),
            name: node.within,
        })
        .collect();
    Ok(out::bill(described, &nodes, &edges))
}

fn describe(view: &EntityView) -> Described {
    let field = |key: &str| view.fields.iter().find(|field| field.key == key).map(|field| &field.value);
    let text = |key: &str| field(key).and_then(Value::as_str).map(str::to_owned);
    let words = |key: &str| {
        let items = field(key).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let named: Vec<String> = view.qualified_names.iter().map(|name| name.text.clone()).collect();
    Described {
        id: view.id.to_string(),
        name: view.name.clone(),
        qualified_name: friendly(&named).map(str::to_owned),
        description: text("description"),
        url: text("url"),
        // The schema's own version stands for a dataset that has none.
        version: text("version")
            .or_else(|| view.schema_versions.first().map(|latest| latest.version.clone())),
        lifecycle: text("lifecycle"),
        owners: words("owners"),
        tags: words("tags"),
        properties: field("properties").and_then(Value::as_object).cloned().unwrap_or_default(),
        columns: columns(view),
    }
}

/// The columns that are there, those within others where they belong.
fn columns(view: &EntityView) -> Vec<Column> {
    let schemas: Vec<&Value> =
        view.facets.iter().filter(|facet| facet.name == "schema").map(|facet| &facet.value).collect();
    let mut nullable = BTreeMap::new();
    let mut keys: Vec<&str> = Vec::new();
    for schema in schemas {
        note(schema, "", 0, &mut nullable);
        keys.extend(
            schema
                .get("primaryKey")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str),
        );
    }
    let mut rest = view.schema.iter().filter(|column| !column.removed).peekable();
    level(&mut rest, 0, &nullable, &keys)
}

fn level<'v>(
    rest: &mut std::iter::Peekable<impl Iterator<Item = &'v entity::SchemaColumn>>,
    depth: u32,
    nullable: &BTreeMap<String, bool>,
    keys: &[&str],
) -> Vec<Column> {
    let mut columns = Vec::new();
    while let Some(column) = rest.next_if(|column| column.depth == depth) {
        let own = column.name.rsplit('.').next().unwrap_or(&column.name);
        let inner = match rest.peek() {
            Some(next) if next.depth == depth + 1 => level(rest, depth + 1, nullable, keys),
            _ => Vec::new(),
        };
        columns.push(Column {
            name: if depth == 0 { column.name.clone() } else { own.to_owned() },
            data_type: column.data_type.clone(),
            nullable: nullable.get(&column.name).copied(),
            key: keys.contains(&column.name.as_str()),
            description: column.description.clone(),
            columns: inner,
        });
    }
    columns
}

/// Whether each column may hold nothing, by its path.
fn note(schema: &Value, within: &str, depth: usize, out: &mut BTreeMap<String, bool>) {
    for field in schema.get("fields").and_then(Value::as_array).into_iter().flatten() {
        let Some(name) = field.get("name").and_then(Value::as_str) else { continue };
        let path = format!("{within}{name}");
        if let Some(nullable) = field.get("nullable").and_then(Value::as_bool) {
            out.insert(path.clone(), nullable);
        }
        if depth < 32 {
            note(field, &format!("{path}."), depth + 1, out);
        }
    }
}
