//! From what a file says of a table to statements: a dataset, its columns, its schema and profile.

use catena_ingest::telling::{Telling, bad_name};
use catena_model::{
    field::{Field as Aspect, Group, Single},
    kind::Kind,
    name::QualifiedName,
    source::{Known, Source},
    statement::{Read, Rejection, Statement, Thing},
    time::Timestamp,
};
use serde_json::{Map, Value};

use crate::{
    FileError,
    schema::{self, Field},
};

/// Which file it is that is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// How it is named, as OpenLineage names it: `file` and its path, `s3://bucket` and its key.
    pub name: QualifiedName,
    /// When it was last written: the time at which all of it is said.
    pub at: Timestamp,
    /// The model that its folder describes, which a model's file is then a version of.
    pub model: Option<Thing>,
}

impl Place {
    /// The file's own name, without its folder.
    pub fn short(&self) -> &str {
        let path = self.name.name.trim_end_matches('/');
        path.rsplit('/').next().unwrap_or(path)
    }

    /// The folder that the file is in.
    pub fn folder(&self) -> Option<QualifiedName> {
        let (folder, _) = self.name.name.trim_end_matches('/').rsplit_once('/')?;
        QualifiedName::new(&self.name.namespace, folder).ok()
    }

    /// The thing of this kind that the file is.
    pub(crate) fn thing(&self, kind: Kind) -> Thing {
        Thing::new(kind, self.name.clone())
    }

    /// A thing that the file tells of beside itself.
    pub(crate) fn within(&self, kind: Kind, name: &str) -> Result<Thing, FileError> {
        QualifiedName::new(&self.name.namespace, &format!("{}#{name}", self.name.name))
            .map(|name| Thing::new(kind, name))
            .map_err(|problem| FileError::damaged("name", problem.to_string()))
    }

    pub(crate) fn telling(&self) -> Telling {
        Telling::at(self.at)
    }

    pub(crate) fn record(&self, telling: Telling, format: &str, known: Known) -> Read {
        Ok(telling.record(self.short().to_owned(), Source::system("file", format), known))
    }

    pub(crate) fn rejection(&self, within: &str, why: &str) -> Read {
        let place =
            if within.is_empty() { self.short().to_owned() } else { format!("{}: {within}", self.short()) };
        Err(catena_ingest::rejected(&place, why))
    }

    /// A rejection that stands for the whole file.
    pub fn refused(&self, why: &str) -> Rejection {
        catena_ingest::rejected(self.short(), why)
    }
}

/// A table as its file describes it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    /// `csv`, `parquet`, `delta`.
    pub(crate) format: &'static str,
    /// What sort of dataset: `file`, `table`.
    pub(crate) subtype: &'static str,
    /// What it is called, where not as its file.
    pub(crate) title: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) fields: Vec<Field>,
    pub(crate) key: Vec<String>,
    /// Said of the dataset by key.
    pub(crate) properties: Map<String, Value>,
    /// Facets beside `schema`.
    pub(crate) facets: Vec<(&'static str, Value)>,
    /// What its columns were before, and since when.
    pub(crate) past: Vec<(Timestamp, Vec<Field>)>,
    /// Whether the types were told by values and not by the file.
    pub(crate) guessed: bool,
}

/// The most columns of a table, nested ones too.
pub(crate) const MOST_COLUMNS: usize = 10_000;

impl Table {
    pub(crate) fn tell(self, place: &Place) -> Vec<Read> {
        let thing = place.thing(Kind::Dataset);
        let mut telling = place.telling();
        let mut faults = Vec::new();
        telling.exists(&thing);
        telling.text(&thing, Single::Name, self.title.as_deref());
        telling.text(&thing, Single::Subtype, Some(self.subtype));
        telling.text(&thing, Single::Description, self.description.as_deref());
        let mut properties = self.properties;
        properties.insert("format".to_owned(), self.format.into());
        telling.claim(&thing, Aspect::Group(Group::Properties), Some(Value::Object(properties)));
        let mut columns = place.telling();
        let mut left = MOST_COLUMNS;
        tell_fields(&mut columns, &thing, &self.fields, &mut left, &mut faults);
        if left == 0 {
            faults.push(format!("more than {MOST_COLUMNS} columns: the first of them are kept"));
        }
        for (at, fields) in self.past.into_iter().filter(|(at, _)| *at < place.at) {
            let body = schema::facet(&fields, &[]);
            let name = "schema".to_owned();
            telling.push(Statement::Facet { thing: thing.clone(), about: None, name, body, at });
        }
        if !self.fields.is_empty() {
            telling.facet(&thing, "schema", schema::facet(&self.fields, &self.key));
        }
        for (name, body) in self.facets {
            telling.facet(&thing, name, body);
        }
        // A guess at a type never stands before what somebody declared.
        let known = if self.guessed { Known::Inferred } else { Known::Detected };
        let mut reads = vec![place.record(telling, self.format, Known::Detected)];
        reads.push(place.record(columns, self.format, known));
        reads.extend(faults.iter().map(|why| place.rejection("", why)));
        reads
    }
}

pub(crate) fn tell_fields(
    telling: &mut Telling,
    whole: &Thing,
    fields: &[Field],
    left: &mut usize,
    faults: &mut Vec<String>,
) {
    for (position, field) in fields.iter().enumerate() {
        if *left == 0 {
            return;
        }
        *left -= 1;
        let thing = match whole.name.part(&field.name) {
            Ok(name) => Thing::new(Kind::Column, name),
            Err(problem) => {
                faults.push(bad_name("a column's name", &problem));
                continue;
            }
        };
        telling.part_of(&thing, whole);
        // A path's last part with the column behind it is no name to show.
        telling.text(&thing, Single::Name, Some(&field.name));
        telling.claim(&thing, Aspect::Single(Single::Position), Some(position.into()));
        telling.text(&thing, Single::DataType, field.data_type.as_deref());
        telling.claim(&thing, Aspect::Single(Single::Nullable), field.nullable.map(Value::from));
        if field.description.is_some() {
            telling.text(&thing, Single::Description, field.description.as_deref());
        }
        let mut properties = field.properties.clone();
        if let Some(format) = field.format {
            properties.insert("format".to_owned(), format.into());
        }
        let properties = (!properties.is_empty()).then_some(Value::Object(properties));
        telling.claim(&thing, Aspect::Group(Group::Properties), properties);
        tell_fields(telling, &thing, &field.fields, left, faults);
    }
}
