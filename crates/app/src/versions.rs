//! The versions of a model or prompt: in a line, against each other, and which of them a movable name points at.

use std::collections::BTreeMap;

use catena_model::{
    field::{Field, Group, Single},
    id::EntityId,
    kind::Kind,
    relation::RelationKind,
    time::Timestamp,
};
use catena_store::{
    Reader, StoreResult,
    read::FieldView,
    table::{entity::EntityRow, facet::FacetRow, series},
    writer::FieldEdits,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

use crate::{App, AppError, edit::Operated, entity::EntityArgs, lookup, named::Named};

/// One version of a line.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct VersionRow {
    /// The version.
    pub version: Named,
    /// Its number or name, as its system counts.
    pub number: Option<String>,
    /// What points at it: `champion`, `production`.
    pub aliases: Vec<String>,
    /// Where it stands in its life.
    pub lifecycle: Option<String>,
    /// What it is about.
    pub description: Option<String>,
    /// When it was made, by its system's clock.
    pub made_at: Option<Timestamp>,
    /// What made it: a run.
    pub made_by: Vec<Named>,
    /// A prompt's text, or its messages as text.
    pub text: Option<String>,
    /// How many things use it now, by kind.
    pub uses: Vec<Uses>,
}

/// How many things of one kind use a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Uses {
    /// Their kind.
    pub kind: Kind,
    /// How many.
    pub count: usize,
    /// Some of them.
    pub some: Vec<Named>,
}

/// The line of versions of a model or prompt.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct VersionsView {
    /// The model or prompt.
    pub whole: Named,
    /// Its versions, the latest first.
    pub versions: Vec<VersionRow>,
    /// How many there are.
    pub count: usize,
}

/// Which versions.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct VersionsCompareArgs {
    /// Their ids or names; the others are measured against the first.
    pub versions: Vec<String>,
}

/// What a row of a comparison of versions is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum VersionSection {
    /// What is said of it.
    Fields,
    /// A prompt's text.
    Text,
    /// What its run was given.
    Params,
    /// What was measured of it or of its run.
    Metrics,
    /// What goes in and comes out.
    Signature,
    /// What it learned from, was measured on, was made of and by.
    Lineage,
}

/// One thing that versions are compared in.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct VersionCompareRow {
    /// What it is about.
    pub section: VersionSection,
    /// Its name within the section.
    pub key: String,
    /// A value for each version, nothing where it has none.
    #[ts(type = "Json[]")]
    pub values: Vec<Value>,
    /// Whether the versions differ in it.
    pub differs: bool,
    /// Each number less the first version's.
    pub deltas: Vec<Option<f64>>,
}

/// Versions beside each other.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct VersionsCompared {
    /// The versions.
    pub versions: Vec<Named>,
    /// What they are compared in.
    pub rows: Vec<VersionCompareRow>,
}

/// A movable name and the version that it shall point at.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct AliasArgs {
    /// The name: `champion`.
    pub alias: String,
    /// The version; the alias is taken from the others of its model or prompt.
    pub to: EntityId,
}

/// What moving a name would do.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct AliasPlan {
    /// The versions that the name points at now.
    pub from: Vec<Named>,
    /// The version that it would point at.
    pub to: Named,
    /// What uses the versions that it is taken from, and the model or prompt itself: it may get the other version.
    pub touches: Vec<Uses>,
}

/// The most versions that are told of.
const MOST_VERSIONS: usize = 2_000;
/// How many of the users of a version are named.
const SOME: usize = 20;
/// The most versions that are put beside each other.
const MOST_COMPARED: usize = 50;

/// The versions of a model or prompt; of a version, those of its line.
pub fn versions(app: &App, args: EntityArgs) -> Result<VersionsView, AppError> {
    let session = app.session()?;
    let head = lookup::entity(&session, &args.id)?;
    let view = session.catalog.read(|reader| {
        let Some(whole) = whole_of(reader, &head)? else { return Ok(None) };
        let parts = of_line(reader, &whole)?;
        let count = parts.len();
        let mut versions = Vec::new();
        for part in parts.iter().take(MOST_VERSIONS) {
            versions.push(row(reader, part)?);
        }
        Ok(Some(VersionsView { whole: Named::from(&whole), versions, count }))
    })?;
    view.ok_or_else(|| no_versions(&head))
}

/// Versions beside each other.
pub fn compare(app: &App, args: VersionsCompareArgs) -> Result<VersionsCompared, AppError> {
    let session = app.session()?;
    if args.versions.len() < 2 || args.versions.len() > MOST_COMPARED {
        return Err(AppError::bad_request(format!("name 2 to {MOST_COMPARED} versions")));
    }
    let heads =
        args.versions.iter().map(|text| lookup::entity(&session, text)).collect::<Result<Vec<_>, _>>()?;
    let told = session
        .catalog
        .read(|reader| heads.iter().map(|head| told(reader, head)).collect::<StoreResult<Vec<_>>>())?;
    let mut keys: Vec<&(VersionSection, String)> = told.iter().flat_map(BTreeMap::keys).collect();
    keys.sort_unstable();
    keys.dedup();
    let rows = keys.into_iter().map(|key| {
        let values: Vec<Value> = told.iter().map(|of| of.get(key).cloned().unwrap_or(Value::Null)).collect();
        let number = |at: usize| values.get(at).and_then(Value::as_f64);
        let deltas =
            (0..values.len()).map(|at| (at > 0).then(|| Some(number(at)? - number(0)?)).flatten()).collect();
        let differs = values.windows(2).any(|pair| pair[0] != pair[1]);
        VersionCompareRow { section: key.0, key: key.1.clone(), values, differs, deltas }
    });
    let rows = rows.collect();
    Ok(VersionsCompared { versions: heads.iter().map(Named::from).collect(), rows })
}

/// What moving an alias would touch.
pub fn plan(app: &App, args: AliasArgs) -> Result<AliasPlan, AppError> {
    let session = app.session()?;
    let alias = alias_of(&args)?;
    session.catalog.read(|reader| {
        let to = reader.entity(args.to)?;
        let Some(whole) = whole_of(reader, &to)? else { return Ok(Err(no_versions(&to))) };
        let held = holders(reader, &whole, &alias, &to)?;
        let mut users = BTreeMap::new();
        for of in held.iter().chain([&whole]) {
            using(reader, of, &mut users)?;
        }
        Ok(Ok(AliasPlan {
            from: held.iter().map(Named::from).collect(),
            to: Named::from(&to),
            touches: counted(users),
        }))
    })?
}

/// Points an alias at a version, in one operation that can be undone.
pub fn move_alias(app: &App, args: AliasArgs) -> Result<Operated, AppError> {
    let session = app.session()?;
    let alias = alias_of(&args)?;
    let found = session.catalog.read(|reader| {
        let to = reader.entity(args.to)?;
        let Some(whole) = whole_of(reader, &to)? else { return Ok(Err(no_versions(&to))) };
        Ok(Ok((holders(reader, &whole, &alias, &to)?, to, whole)))
    })?;
    let (held, to, whole) = found?;
    let field = || Field::Element(Group::Aliases, alias.clone());
    let mut edits: Vec<(EntityId, FieldEdits)> =
        held.iter().map(|row| (row.id, vec![(field(), Some(Value::Bool(false)))])).collect();
    edits.push((to.id, vec![(field(), Some(Value::Bool(true)))]));
    let title = format!("Point {alias} of {} at {}", Named::from(&whole).name, Named::from(&to).name);
    let operation = session.catalog.writer()?.edit_several(app.act(), &title, &edits)?;
    Ok(operation.into())
}

fn alias_of(args: &AliasArgs) -> Result<String, AppError> {
    let alias = args.alias.trim();
    match alias.is_empty() || alias.len() > 200 || alias.contains('/') {
        true => Err(AppError::bad_request("an alias has 1 to 200 letters, and no slash")),
        false => Ok(alias.to_owned()),
    }
}

fn no_versions(head: &EntityRow) -> AppError {
    AppError::bad_request(format!(
        "{} is a {}: only models and prompts have versions",
        Named::from(head).name,
        head.kind.word().replace('_', " ")
    ))
}

fn is_version(kind: Kind) -> bool {
    matches!(kind, Kind::ModelVersion | Kind::PromptVersion)
}

fn whole_of(reader: &Reader<'_>, head: &EntityRow) -> StoreResult<Option<EntityRow>> {
    match head.kind {
        Kind::Model | Kind::Prompt => Ok(Some(head.clone())),
        kind if is_version(kind) => head.parent.map(|parent| reader.head(parent)).transpose(),
        _ => Ok(None),
    }
}

/// The versions of a line, the latest first.
fn of_line(reader: &Reader<'_>, whole: &EntityRow) -> StoreResult<Vec<EntityRow>> {
    let (parts, _) = reader.parts(whole.ix, usize::MAX)?;
    let mut keyed = Vec::new();
    for part in parts.into_iter().filter(|part| is_version(part.kind)) {
        let fields = reader.fields(part.ix)?;
        let number = text(&fields, Single::Version).unwrap_or_default();
        let made = made_at(&reader.facets(part.ix)?);
        keyed.push((number.parse::<u64>().ok(), made, part));
    }
    keyed.sort_by(|(a, a_made, a_row), (b, b_made, b_row)| (b, b_made, b_row.ix).cmp(&(a, a_made, a_row.ix)));
    Ok(keyed.into_iter().map(|(.., part)| part).collect())
}

fn text(fields: &[FieldView], single: Single) -> Option<String> {
    let field = Field::Single(single);
    let view = fields.iter().find(|view| view.field == field)?;
    view.current.value.as_str().map(str::to_owned)
}

fn aliases(fields: &[FieldView]) -> Vec<String> {
    let held = fields.iter().filter_map(|view| match &view.field {
        Field::Element(Group::Aliases, alias) => Some(alias.clone()),
        _ => None,
    });
    held.collect()
}

/// When a version was made, by what its system says of it.
fn made_at(facets: &[FacetRow]) -> Option<Timestamp> {
    let times = facets.iter().filter_map(|facet| {
        let said = ["creation_timestamp", "created_at", "creation_time"]
            .iter()
            .find_map(|key| facet.body.get(*key))?;
        match said {
            Value::String(text) => text.parse().ok(),
            Value::Number(millis) => Some(Timestamp::from_micros(millis.as_i64()?.checked_mul(1_000)?)),
            _ => None,
        }
    });
    times.min()
}

/// A prompt's text as people read it; messages one behind the other with their roles.
fn template(facets: &[FacetRow]) -> Option<String> {
    let told = facets
        .iter()
        .filter(|facet| matches!(facet.name.as_str(), "prompt" | "template"))
        .max_by_key(|facet| facet.at)?;
    let template = told.body.get("template").or_else(|| told.body.get("messages"))?;
    Some(match template {
        Value::String(text) => text.clone(),
        Value::Array(messages) => {
            let said = messages.iter().map(|message| {
                let role =
                    ["role", "type"].iter().find_map(|key| message[*key].as_str()).unwrap_or("message");
                let content = ["content", "template", "text"].iter().find_map(|key| message.get(*key));
                let content = content.map_or_else(
                    || message.to_string(),
                    |content| content.as_str().map_or_else(|| content.to_string(), str::to_owned),
                );
                format!("{role}:\n{content}")
            });
            said.collect::<Vec<_>>().join("\n\n")
        }
        other => other.to_string(),
    })
}

fn row(reader: &Reader<'_>, part: &EntityRow) -> StoreResult<VersionRow> {
    let fields = reader.fields(part.ix)?;
    let facets = reader.facets(part.ix)?;
    let made_by = reader
        .relations(part.ix)?
        .into_iter()
        .filter(|relation| {
            relation.outgoing && relation.row.kind == RelationKind::ProducedBy && !relation.row.state.removed
        })
        .map(|relation| Named::from(&relation.other))
        .collect();
    let mut users = BTreeMap::new();
    using(reader, part, &mut users)?;
    Ok(VersionRow {
        version: Named::from(part),
        number: text(&fields, Single::Version),
        aliases: aliases(&fields),
        lifecycle: text(&fields, Single::Lifecycle),
        description: text(&fields, Single::Description),
        made_at: made_at(&facets),
        made_by,
        text: template(&facets),
        uses: counted(users),
    })
}

/// What uses a version: everything that says so itself.
fn using(reader: &Reader<'_>, of: &EntityRow, found: &mut BTreeMap<Kind, Vec<Named>>) -> StoreResult<()> {
    for relation in reader.relations(of.ix)? {
        let uses = matches!(
            relation.row.kind,
            RelationKind::UsesModel
                | RelationKind::UsesPrompt
                | RelationKind::DerivesFrom
                | RelationKind::DependsOn
        );
        if uses && !relation.outgoing && !relation.row.state.removed {
            let named = Named::from(&relation.other);
            let of_kind = found.entry(relation.other.kind).or_default();
            if !of_kind.iter().any(|held| held.id == named.id) {
                of_kind.push(named);
            }
        }
        if relation.row.kind == RelationKind::ServedBy && relation.outgoing && !relation.row.state.removed {
            found.entry(relation.other.kind).or_default().push(Named::from(&relation.other));
        }
    }
    Ok(())
}

fn counted(users: BTreeMap<Kind, Vec<Named>>) -> Vec<Uses> {
    users
        .into_iter()
        .map(|(kind, users)| Uses { kind, count: users.len(), some: users.into_iter().take(SOME).collect() })
        .collect()
}

/// The other versions of the line that the alias points at.
fn holders(
    reader: &Reader<'_>,
    whole: &EntityRow,
    alias: &str,
    to: &EntityRow,
) -> StoreResult<Vec<EntityRow>> {
    let mut held = Vec::new();
    for part in of_line(reader, whole)? {
        if part.ix != to.ix && aliases(&reader.fields(part.ix)?).iter().any(|one| one == alias) {
            held.push(part);
        }
    }
    Ok(held)
}

/// All that a version is compared in.
fn told(reader: &Reader<'_>, head: &EntityRow) -> StoreResult<BTreeMap<(VersionSection, String), Value>> {
    let mut told = BTreeMap::new();
    let mut sets: BTreeMap<Group, Vec<String>> = BTreeMap::new();
    for view in reader.fields(head.ix)? {
        match &view.field {
            Field::Single(Single::Parent) => {}
            Field::Element(group, element) if !group.is_map() => {
                sets.entry(*group).or_default().push(element.clone());
            }
            field => {
                told.insert((VersionSection::Fields, field.to_string()), view.current.value.clone());
            }
        }
    }
    for (group, mut words) in sets {
        words.sort_unstable();
        told.insert((VersionSection::Fields, group.word().to_owned()), Value::from(words));
    }
    let facets = reader.facets(head.ix)?;
    if let Some(text) = template(&facets) {
        told.insert((VersionSection::Text, "text".to_owned()), Value::from(text));
    }
    // What is known of the version itself, of the model that was logged, and of the run that made it: the nearest holds.
    let mut about = vec![head.clone()];
    let mut lineage: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut at = 0;
    while let Some(of) = about.get(at).cloned() {
        for relation in reader.relations(of.ix)? {
            if !relation.outgoing
                || relation.row.state.removed
                || relation.row.kind == RelationKind::RelatedTo
            {
                continue;
            }
            let made = matches!(relation.row.kind, RelationKind::ProducedBy | RelationKind::DerivesFrom)
                && matches!(relation.other.kind, Kind::Run | Kind::LoggedModel);
            if made && about.len() < 8 && !about.iter().any(|row| row.ix == relation.other.ix) {
                about.push(relation.other.clone());
            }
            let names = lineage.entry(relation.row.kind.word().to_owned()).or_default();
            let name = Named::from(&relation.other).name;
            if !names.contains(&name) {
                names.push(name);
            }
        }
        numbers(reader, &of, &mut told)?;
        at += 1;
    }
    for (kind, mut names) in lineage {
        names.sort_unstable();
        told.insert((VersionSection::Lineage, kind), Value::from(names));
    }
    Ok(told)
}

/// The parameters, metrics and signature of one of the things that a version is known by.
fn numbers(
    reader: &Reader<'_>,
    of: &EntityRow,
    told: &mut BTreeMap<(VersionSection, String), Value>,
) -> StoreResult<()> {
    for facet in reader.facets(of.ix)? {
        let (section, body) = match facet.name.as_str() {
            "params" => (VersionSection::Params, &facet.body),
            "metrics" => (VersionSection::Metrics, &facet.body),
            "signature" => (VersionSection::Signature, &facet.body),
            _ => continue,
        };
        // A logged model's metrics are a list; each says of which data.
        if let Some(list) = body["metrics"].as_array() {
            for metric in list {
                if let Some(key) = metric["key"].as_str() {
                    told.entry((section, key.to_owned())).or_insert_with(|| metric["value"].clone());
                }
            }
            continue;
        }
        for (key, value) in body.as_object().into_iter().flatten() {
            told.entry((section, key.clone())).or_insert_with(|| value.clone());
        }
    }
    for row in reader.series(of.ix)? {
        let key = (VersionSection::Metrics, row.metric.clone());
        if let std::collections::btree_map::Entry::Vacant(entry) = told.entry(key)
            && let Some(point) = series::last(reader.db(), of.ix, &row.metric)?
            && point.value.is_finite()
        {
            entry.insert(Value::from(point.value));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
