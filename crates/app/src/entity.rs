//! One entity, as its page and the inspector show it.

use std::collections::BTreeMap;

use catena_model::{
    change::{Aspect, Subject},
    claim::Claim,
    field::{Field, Group, Single},
    id::EntityId,
    kind::Kind,
    relation::{RelationKey, Verdict},
    source::{Known, Source},
    time::Timestamp,
};
use catena_store::{
    Reader, StoreResult,
    read::FieldView,
    table::{entity::EntityRow, series},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use ts_rs::TS;

use crate::{
    App, AppError,
    activity::{self, ActivitySummary},
    facets::{self, FacetValue},
    lookup,
    named::{Named, called, name_of},
    schema_history::{self, SchemaVersion, UpstreamChange},
    session::Session,
};

/// Which entity.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct EntityArgs {
    /// Its id, or a name that only it has.
    pub id: String,
}

/// A name that a system gave.
#[derive(Debug, Clone, Serialize, TS)]
pub struct NameView {
    /// The system.
    pub namespace: String,
    /// The name in it.
    pub name: String,
    /// Both, written together.
    pub text: String,
    /// Who gave it.
    pub source: String,
}

/// A field's current value and what else is claimed of it.
#[derive(Debug, Clone, Serialize, TS)]
pub struct FieldValue {
    /// The field: `description`, `tags`, `properties`.
    pub key: String,
    /// Its value; a set is an array, a map an object.
    #[ts(type = "Json")]
    pub value: Value,
    /// How it is known.
    pub known: Known,
    /// Who claims it.
    pub source: String,
    /// When they last said so.
    pub at: Timestamp,
    /// Whether a person's edit is part of it.
    pub edited: bool,
    /// The other claims, the next best first.
    pub others: Vec<OtherClaim>,
}

/// A claim that doesn't hold at the moment.
#[derive(Debug, Clone, Serialize, TS)]
pub struct OtherClaim {
    /// Who claims it.
    pub source: String,
    /// What they claim.
    #[ts(type = "Json")]
    pub value: Value,
    /// When they last said so.
    pub at: Timestamp,
}

/// A column of a dataset.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SchemaColumn {
    /// Its id.
    pub id: EntityId,
    /// Its name; a nested field's with a dot for each level.
    pub name: String,
    /// How deep it is nested, 0 at the top.
    pub depth: u32,
    /// Its type, as its system writes it.
    pub data_type: Option<String>,
    /// What it holds.
    pub description: Option<String>,
    /// What it is marked with.
    pub tags: Vec<String>,
    /// Its place among its siblings.
    #[ts(type = "number | null")]
    pub position: Option<i64>,
    /// It was there once, and is in no source's latest schema any more.
    pub removed: bool,
}

/// Evidence for a relation.
#[derive(Debug, Clone, Serialize, TS)]
pub struct EvidenceView {
    /// Who says so.
    pub source: String,
    /// How it was found.
    pub method: String,
    /// How sure, in percent.
    pub confidence: u8,
    /// When it was first said.
    pub first_at: Timestamp,
    /// When it was last said.
    pub at: Timestamp,
    /// Whether the source has since said that it is gone.
    pub withdrawn: bool,
    /// Anything more.
    #[ts(type = "Json")]
    pub detail: Value,
}

/// Which way a relation goes, seen from the entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RelationDirection {
    /// It starts here.
    Out,
    /// It ends here.
    In,
}

/// A relation, seen from the entity.
#[derive(Debug, Clone, Serialize, TS)]
pub struct EntityRelation {
    /// Unique within the entity.
    pub id: String,
    /// What it says.
    pub kind: String,
    /// Which way.
    pub direction: RelationDirection,
    /// The entity at the other end.
    pub other: Named,
    /// The relation itself, for a person's word on it.
    pub relation: RelationKey,
    /// What a person said of it.
    pub verdict: Option<Verdict>,
    /// Nobody says any more that it holds, or a person rejected it.
    pub removed: bool,
    /// It is a guess.
    pub inferred: bool,
    /// Why it is believed.
    pub evidence: Vec<EvidenceView>,
}

/// A metric of a run.
#[derive(Debug, Clone, Serialize, TS)]
pub struct MetricView {
    /// Its key.
    pub key: String,
    /// How many points there are.
    #[ts(type = "number")]
    pub count: u64,
    /// The last value; none when it is not a finite number.
    pub last: Option<f64>,
    /// The last value as text, also when it is NaN or infinite.
    pub last_text: String,
    /// Up to a few hundred points (step, value) for a small chart, gaps where a value is not finite.
    #[ts(type = "Array<[number, number | null]>")]
    pub points: Vec<(i64, Option<f64>)>,
}

/// How much there is around an entity.
#[derive(Debug, Clone, Default, Serialize, TS)]
pub struct Counts {
    /// All entities that it was made from.
    #[ts(type = "number")]
    pub upstream: u64,
    /// All entities that are made from it.
    #[ts(type = "number")]
    pub downstream: u64,
    /// Its own relations.
    #[ts(type = "number")]
    pub relations: u64,
    /// Its columns, versions or runs.
    #[ts(type = "number")]
    pub parts: u64,
}

/// Everything that an entity's page shows but its history.
#[derive(Debug, Clone, Serialize, TS)]
pub struct EntityView {
    /// Its id; that of the head, where the one asked for was merged.
    pub id: EntityId,
    /// What it is.
    pub kind: Kind,
    /// What it is called.
    pub name: String,
    /// What it is a part of.
    pub parent: Option<Named>,
    /// Its names in the outside world.
    pub qualified_names: Vec<NameView>,
    /// The entities merged into it.
    pub members: Vec<Member>,
    /// Its fields.
    pub fields: Vec<FieldValue>,
    /// Its facets.
    pub facets: Vec<FacetValue>,
    /// Its columns.
    pub schema: Vec<SchemaColumn>,
    /// The versions of its schema, the latest first.
    pub schema_versions: Vec<SchemaVersion>,
    /// Changes of schemas upstream that break whoever reads them.
    pub upstream_changes: Vec<UpstreamChange>,
    /// Its other parts (versions, runs), the first of them.
    pub parts: Vec<Named>,
    /// Its metrics.
    pub metrics: Vec<MetricView>,
    /// Its relations.
    pub relations: Vec<EntityRelation>,
    /// How much there is around it.
    pub counts: Counts,
    /// What happened with it, in short; none where nothing was counted.
    pub activity: Option<ActivitySummary>,
}

/// An entity that was merged into another.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Member {
    /// Its id.
    pub id: EntityId,
    /// Its own name.
    pub name: String,
    /// How it came to be merged: `person`, or the rule that found it.
    pub by: String,
}

/// What the inspector shows.
#[derive(Debug, Clone, Serialize, TS)]
pub struct EntityPeek {
    /// Its id.
    pub id: EntityId,
    /// What it is.
    pub kind: Kind,
    /// What it is called.
    pub name: String,
    /// What it is a part of.
    pub parent: Option<Named>,
    /// Its names in the outside world.
    pub qualified_names: Vec<NameView>,
    /// Its fields.
    pub fields: Vec<FieldValue>,
    /// How much there is around it.
    pub counts: Counts,
}

/// Asks for a page of an entity's parts.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PartsArgs {
    /// The whole.
    pub id: String,
    /// How many to skip.
    pub offset: usize,
    /// How many to give.
    pub limit: usize,
}

/// A page of an entity's parts.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Parts {
    /// How many there are.
    pub total: usize,
    /// The page.
    pub rows: Vec<Named>,
}

/// The most parts and relations that a page shows at once.
const MOST_PARTS: usize = 200;
/// The most points of a metric's small chart.
const MOST_POINTS: usize = 240;
/// How deep nested columns are followed.
const MOST_DEPTH: u32 = 32;

/// Everything that an entity's page shows.
pub fn entity(app: &App, args: EntityArgs) -> Result<EntityView, AppError> {
    let session = app.session()?;
    let found = lookup::entity(&session, &args.id)?;
    let (mut view, ix) = session.catalog.read(|reader| {
        let head = reader.head(found.ix)?;
        Ok((read_entity(reader, &head)?, head.ix))
    })?;
    count_around(&session, ix, &mut view.counts)?;
    view.upstream_changes = schema_history::upstream(&session, ix)?;
    Ok(view)
}

/// What the inspector shows of an entity.
pub fn peek(app: &App, args: EntityArgs) -> Result<EntityPeek, AppError> {
    let session = app.session()?;
    let found = lookup::entity(&session, &args.id)?;
    let (mut peek, ix) = session.catalog.read(|reader| {
        let head = reader.head(found.ix)?;
        let counts = Counts {
            relations: reader.relations(head.ix)?.len() as u64,
            parts: reader.parts(head.ix, 0)?.1 as u64,
            ..Counts::default()
        };
        let peek = EntityPeek {
            id: head.id,
            kind: head.kind,
            name: called(&head),
            parent: parent(reader, &head)?,
            qualified_names: names(reader, &head)?,
            fields: field_values(&reader.fields(head.ix)?),
            counts,
        };
        Ok((peek, head.ix))
    })?;
    count_around(&session, ix, &mut peek.counts)?;
    Ok(peek)
}

/// A page of an entity's parts.
pub fn parts(app: &App, args: PartsArgs) -> Result<Parts, AppError> {
    let parts = app.session()?.catalog.read(|reader| {
        let head = reader.the(&args.id)?;
        let (rows, total) = reader.parts(head.ix, usize::MAX)?;
        let rows = rows.iter().skip(args.offset).take(args.limit.min(1_000)).map(Named::from).collect();
        Ok(Parts { total, rows })
    })?;
    Ok(parts)
}

fn count_around(session: &Session, ix: i64, counts: &mut Counts) -> Result<(), AppError> {
    (counts.upstream, counts.downstream) = session.graph.count_around(&session.catalog, ix)?;
    Ok(())
}

fn read_entity(reader: &Reader<'_>, head: &EntityRow) -> StoreResult<EntityView> {
    let (mut schema, mut parts) = (Vec::new(), Vec::new());
    let (children, count) = reader.parts(head.ix, usize::MAX)?;
    columns(reader, &children, "", 0, &mut schema)?;
    let gone = schema_history::gone(reader, head.ix)?;
    for column in &mut schema {
        column.removed = gone.contains(&column.name);
    }
    parts.extend(children.iter().filter(|row| row.kind != Kind::Column).take(MOST_PARTS).map(Named::from));
    let relations = relations(reader, head)?;
    Ok(EntityView {
        id: head.id,
        kind: head.kind,
        name: called(head),
        parent: parent(reader, head)?,
        qualified_names: names(reader, head)?,
        members: reader
            .group(head.ix)?
            .iter()
            .skip(1)
            .map(|row| {
                Ok(Member {
                    id: row.id,
                    name: name_of(reader, row.id)?,
                    by: row.merged_by.clone().unwrap_or_default(),
                })
            })
            .collect::<StoreResult<_>>()?,
        fields: field_values(&reader.fields(head.ix)?),
        facets: facets::of(reader, head)?,
        schema,
        schema_versions: schema_history::of(reader, head.ix)?,
        upstream_changes: Vec::new(),
        parts,
        metrics: metrics(reader, head)?,
        activity: activity::summary(reader, head)?,
        counts: Counts { relations: relations.len() as u64, parts: count as u64, ..Counts::default() },
        relations,
    })
}

fn parent(reader: &Reader<'_>, head: &EntityRow) -> StoreResult<Option<Named>> {
    head.parent.map(|ix| reader.head(ix).map(|row| Named::from(&row))).transpose()
}

fn names(reader: &Reader<'_>, head: &EntityRow) -> StoreResult<Vec<NameView>> {
    Ok(reader
        .telling_names(head.ix)?
        .into_iter()
        .map(|row| NameView {
            text: row.name.to_string(),
            namespace: row.name.namespace,
            name: row.name.name,
            source: row.source.to_string(),
        })
        .collect())
}

/// Brings single elements back together into sets and maps, for showing.
pub(crate) fn field_values(views: &[FieldView]) -> Vec<FieldValue> {
    let mut values = Vec::new();
    let mut groups: BTreeMap<Group, Vec<(&str, &Claim)>> = BTreeMap::new();
    for view in views {
        match &view.field {
            // What an entity is part of is shown as its parent, not as an id.
            Field::Single(Single::Parent) | Field::Group(_) => {}
            Field::Single(_) => values.push(FieldValue {
                key: view.field.to_string(),
                value: view.current.value.clone(),
                known: view.current.known,
                source: view.current.source.to_string(),
                at: view.current.at,
                edited: view.current.source == Source::Person,
                others: view
                    .others
                    .iter()
                    // Who says the same has nothing to add.
                    .filter(|claim| claim.value != view.current.value)
                    .map(|claim| OtherClaim {
                        source: claim.source.to_string(),
                        value: claim.value.clone(),
                        at: claim.at,
                    })
                    .collect(),
            }),
            Field::Element(group, element) => {
                groups.entry(*group).or_default().push((element, &view.current))
            }
        }
    }
    for (group, elements) in groups {
        let Some((_, latest)) = elements.iter().max_by_key(|(_, claim)| claim.at) else { continue };
        let value = if group.is_map() {
            Value::Object(
                elements
                    .iter()
                    .map(|(key, claim)| ((*key).to_owned(), claim.value.clone()))
                    .collect::<Map<_, _>>(),
            )
        } else {
            Value::Array(elements.iter().map(|(element, _)| Value::from(*element)).collect())
        };
        values.push(FieldValue {
            key: Field::Group(group).to_string(),
            value,
            known: latest.known,
            source: latest.source.to_string(),
            at: latest.at,
            edited: elements.iter().any(|(_, claim)| claim.source == Source::Person),
            others: Vec::new(),
        });
    }
    values
}

fn columns(
    reader: &Reader<'_>,
    children: &[EntityRow],
    within: &str,
    depth: u32,
    out: &mut Vec<SchemaColumn>,
) -> StoreResult<()> {
    let mut level = Vec::new();
    for child in children.iter().filter(|row| row.kind == Kind::Column) {
        let fields = field_values(&reader.fields(child.ix)?);
        let find = |key: &str| fields.iter().find(|field| field.key == key).map(|field| &field.value);
        let text = |key: &str| find(key).and_then(Value::as_str).map(str::to_owned);
        let column = SchemaColumn {
            id: child.id,
            name: format!("{within}{}", called(child)),
            depth,
            data_type: text("data_type"),
            description: text("description"),
            tags: find("tags")
                .and_then(Value::as_array)
                .map(|tags| tags.iter().filter_map(Value::as_str).map(str::to_owned).collect())
                .unwrap_or_default(),
            position: find("position").and_then(Value::as_i64),
            removed: false,
        };
        level.push((column, child.ix));
    }
    level.sort_by(|(a, _), (b, _)| {
        (a.position.unwrap_or(i64::MAX), &a.name).cmp(&(b.position.unwrap_or(i64::MAX), &b.name))
    });
    for (column, ix) in level {
        let within = format!("{}.", column.name);
        out.push(column);
        if depth < MOST_DEPTH {
            columns(reader, &reader.parts(ix, usize::MAX)?.0, &within, depth + 1, out)?;
        }
    }
    Ok(())
}

fn metrics(reader: &Reader<'_>, head: &EntityRow) -> StoreResult<Vec<MetricView>> {
    reader
        .series(head.ix)?
        .into_iter()
        .map(|found| {
            let points = series::points(reader.db(), found.ix)?;
            let finite = |value: f64| value.is_finite().then_some(value);
            let last = points.last().map_or(f64::NAN, |point| point.value);
            let stride = points.len().div_ceil(MOST_POINTS).max(1);
            Ok(MetricView {
                key: found.metric,
                count: found.count,
                last: finite(last),
                last_text: last.to_string(),
                points: points
                    .iter()
                    .enumerate()
                    .filter(|(i, _)| i % stride == 0 || i + 1 == points.len())
                    .map(|(_, point)| (point.step, finite(point.value)))
                    .collect(),
            })
        })
        .collect()
}

fn relations(reader: &Reader<'_>, head: &EntityRow) -> StoreResult<Vec<EntityRelation>> {
    Ok(reader
        .relations(head.ix)?
        .into_iter()
        .map(|view| EntityRelation {
            relation: match view.outgoing {
                true => RelationKey { from: head.id, kind: view.row.kind, to: view.other.id },
                false => RelationKey { from: view.other.id, kind: view.row.kind, to: head.id },
            },
            verdict: view.row.verdict,
            id: format!(
                "{} {} {}",
                if view.outgoing { "out" } else { "in" },
                view.row.kind.word(),
                view.other.id
            ),
            kind: view.row.kind.word().to_owned(),
            direction: if view.outgoing { RelationDirection::Out } else { RelationDirection::In },
            other: Named::from(&view.other),
            removed: view.row.state.removed,
            inferred: view.row.state.inferred,
            evidence: view
                .evidence
                .into_iter()
                .map(|row| EvidenceView {
                    source: row.evidence.source.to_string(),
                    method: serde_json::to_value(row.evidence.method)
                        .ok()
                        .and_then(|word| word.as_str().map(str::to_owned))
                        .unwrap_or_default(),
                    confidence: row.evidence.confidence,
                    first_at: row.first_at,
                    at: row.last_at,
                    withdrawn: row.evidence.withdrawn,
                    detail: row.evidence.detail.unwrap_or_default(),
                })
                .collect(),
        })
        .collect())
}

/// What a change is about, in words, for history.
pub(crate) fn aspect_words(aspect: &Aspect) -> (String, String) {
    match aspect {
        Aspect::Exists => ("exists".to_owned(), String::new()),
        Aspect::Named { name } => ("qualified name".to_owned(), name.to_string()),
        Aspect::Claimed { field, source } => (field.to_string(), source.to_string()),
        Aspect::MergedInto => ("merged into".to_owned(), String::new()),
        Aspect::KeptApart { from } => ("kept apart".to_owned(), from.to_string()),
        Aspect::Evidence { source, .. } => ("evidence".to_owned(), source.to_string()),
        Aspect::Verdict => ("verdict".to_owned(), String::new()),
    }
}

/// What a change is about, by name.
pub(crate) fn subject_words(reader: &Reader<'_>, subject: &Subject) -> (EntityId, String) {
    let name = |id: EntityId| name_of(reader, id).unwrap_or_else(|_| id.to_string());
    match subject {
        Subject::Entity { id } => (*id, name(*id)),
        Subject::Relation { key } => {
            (key.from, format!("{} {} {}", name(key.from), key.kind.word().replace('_', " "), name(key.to)))
        }
    }
}
