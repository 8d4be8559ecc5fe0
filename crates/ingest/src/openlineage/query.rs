//! `sql`: what a job's query reads, writes and makes its columns of, where the event itself doesn't report it.

use std::borrow::Cow;

use catena_model::{kind::Kind, relation::RelationKind, statement::Thing, time::Timestamp};
use serde::Deserialize;

use super::{
    digest,
    facets::Saying,
    parts::{Facet, Part},
};
use crate::sql::{
    self, Dialect,
    tell::{self, Place},
};

/// A job's query as the event has it, and what the event says of the datasets around it.
#[derive(Debug, Default)]
pub(super) struct Query<'a> {
    sql: Option<Cow<'a, str>>,
    /// A digest of the words of all that is looked at.
    words: Vec<[u8; 16]>,
    inputs: Vec<Around<'a>>,
    outputs: Vec<Around<'a>>,
}

/// A dataset that the event reports.
#[derive(Debug)]
struct Around<'a> {
    schema: Option<Cow<'a, str>>,
    has_column_lineage: bool,
}

#[derive(Deserialize)]
struct Sql<'a> {
    #[serde(borrow, default)]
    query: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    dialect: Option<Cow<'a, str>>,
    #[serde(default, rename = "_deleted")]
    deleted: bool,
}

#[derive(Deserialize)]
struct Schema<'a> {
    #[serde(borrow, default)]
    fields: Vec<Field<'a>>,
}

#[derive(Deserialize)]
struct Field<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
}

impl<'a> Query<'a> {
    /// Takes down what is needed of an event before it is told.
    pub(super) fn of(job: &Part<'a>, inputs: &[Part<'a>], outputs: &[Part<'a>]) -> Self {
        let Some(sql) = text(job, "sql") else { return Self::default() };
        let may_read_files = ["read_", "_scan", "sniff_"].iter().any(|word| sql.contains(word));
        let around = |parts: &[Part<'a>]| -> Vec<Around<'a>> {
            let each = parts.iter().map(|part| {
                let lineage = text(part, "columnLineage");
                // Lineage from a function that reads files is not lineage from a table.
                let misread = may_read_files && lineage.as_deref().is_some_and(names_a_function);
                Around { schema: text(part, "schema"), has_column_lineage: lineage.is_some() && !misread }
            });
            each.collect()
        };
        let (inputs, outputs) = (around(inputs), around(outputs));
        let words = |around: &Around<'a>| {
            let schema = around.schema.as_deref().unwrap_or_default().as_bytes();
            digest::identity([schema, &[u8::from(around.has_column_lineage)]])
        };
        let words = inputs.iter().chain(&outputs).map(words).collect();
        Self { sql: Some(sql), words, inputs, outputs }
    }

    /// Tells what is known by the query alone: `inputs`, `implied` by the lineage of columns, and `outputs` are what the
    /// event reports, and it is believed in that.
    pub(super) fn tell(
        &self,
        saying: &mut Saying<'_>,
        job: &Thing,
        (inputs, implied, outputs): (&[Thing], &[Thing], &[Thing]),
        at: Timestamp,
    ) {
        let Some(raw) = self.sql.as_deref() else { return };
        let names = |things: &[Thing]| -> Vec<u8> {
            things.iter().flat_map(|thing| format!("{}\n", thing.name).into_bytes()).collect()
        };
        let (ins, implied_ins, outs) = (names(inputs), names(implied), names(outputs));
        let own = [b"sql lineage", job.name.namespace.as_bytes(), job.name.name.as_bytes(), raw.as_bytes()];
        let words = self.words.iter().map(<[u8; 16]>::as_slice);
        let key = digest::identity(own.into_iter().chain([ins.as_slice(), &implied_ins, &outs]).chain(words));
        saying.repeating(key, |saying| {
            if let Ok(sql) = serde_json::from_str::<Sql<'_>>(raw)
                && !sql.deleted
            {
                self.tell_query(saying, &sql, job, (inputs, implied, outputs), at);
            }
        });
    }

    fn tell_query(
        &self,
        saying: &mut Saying<'_>,
        sql: &Sql<'_>,
        job: &Thing,
        (inputs, implied, outputs): (&[Thing], &[Thing], &[Thing]),
        at: Timestamp,
    ) {
        let Some(query) = sql.query.as_deref() else { return };
        let all: Vec<Thing> = inputs
            .iter()
            .chain(implied)
            .chain(outputs)
            .filter(|thing| thing.kind == Kind::Dataset)
            .cloned()
            .collect();
        // Outputs first: a job may read elsewhere, but its query runs where its tables are.
        let beside = outputs.iter().chain(inputs).find(|thing| {
            thing.kind == Kind::Dataset
                && thing.name.namespace.contains("://")
                && !thing.name.name.contains('/')
        });
        let place = beside.map(|beside| Place {
            namespace: &beside.name.namespace,
            beside: &beside.name.name,
            known: &all,
        });
        let system = sql.dialect.as_deref().map(str::to_lowercase);
        let system = system.or_else(|| Some(place.as_ref()?.namespace.split("://").next()?.to_owned()));
        let named = |parts: &[String]| match &place {
            Some(place) => place.table(parts),
            None => tell::file(parts),
        };
        let columns = |at: usize, of: &[Around<'_>]| -> Option<Vec<String>> {
            let schema: Schema<'_> = serde_json::from_str(of.get(at)?.schema.as_deref()?).ok()?;
            Some(schema.fields.into_iter().map(|field| field.name.into_owned()).collect())
        };
        let known = |parts: &[String]| {
            let thing = named(parts)?;
            let find = |things: &[Thing]| things.iter().position(|other| *other == thing);
            let found = find(inputs).and_then(|at| columns(at, &self.inputs));
            found.or_else(|| columns(find(outputs)?, &self.outputs)).filter(|columns| !columns.is_empty())
        };
        let dialect = Dialect::of(system.as_deref().unwrap_or_default());
        // What can't be read says nothing.
        let Ok(told) = sql::lineage(query, dialect, &known) else { return };
        let reports_reads = !inputs.is_empty() || !implied.is_empty();
        for name in told.tables.iter().filter(|table| told.target.as_ref() != Some(*table)) {
            // Events report tables; a file in the query is one that they leave out.
            let table = if reports_reads { tell::file(name) } else { named(name) };
            if let Some(table) = table.filter(|table| !inputs.contains(table) && !implied.contains(table)) {
                tell::relation(&mut saying.telling, (job, RelationKind::Reads, &table), None, at);
            }
        }
        let target = told.target.as_deref().and_then(named);
        if let (Some(target), []) = (&target, outputs) {
            tell::relation(&mut saying.telling, (job, RelationKind::Writes, target), None, at);
        }
        let Some(place) = &place else { return };
        let filled = match outputs {
            [] => target.map(|target| (target, None)),
            [output] => Some((output.clone(), Some(0))),
            outputs => target.and_then(|target| {
                let at = outputs.iter().position(|output| *output == target)?;
                Some((target, Some(at)))
            }),
        };
        let Some((filled, nth)) = filled.filter(|(filled, _)| filled.kind == Kind::Dataset) else { return };
        let reported =
            nth.and_then(|nth| self.outputs.get(nth)).is_some_and(|output| output.has_column_lineage);
        if !reported {
            let own = nth.and_then(|nth| columns(nth, &self.outputs)).filter(|columns| !columns.is_empty());
            tell::columns(&mut saying.telling, &filled, &told, place, own.as_deref(), at, false);
        }
    }
}

/// Whether a `columnLineage` facet takes a function for a table.
fn names_a_function(facet: &str) -> bool {
    let mut words = facet.split('"');
    words.any(sql::reads_files)
}

/// The words of a facet.
fn text<'a>(part: &Part<'a>, name: &str) -> Option<Cow<'a, str>> {
    let (_, facet) = part.facets.iter().find(|(known, _)| known == name)?;
    Some(match facet {
        Facet::Raw(raw) => Cow::Borrowed(raw.get()),
        Facet::Read(body) => Cow::Owned(body.to_string()),
    })
}
