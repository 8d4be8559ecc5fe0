//! pgvector: the tables of a PostgreSQL database that have columns of vectors.
//!
//! They are the tables that PostgreSQL's own connector tells of; here they get what is known of their vectors, and their
//! rows as chunks. Rows are only read here, and only of such tables.

use catena_ingest::vector::{Collection, Entry, Mapping};
use serde_json::{Map, Value, json};

use super::{BOUND, Collections, Held, Opens, Page, Store, Vectors};
use crate::{
    cancel::Cancel,
    connector::{Connector, Note, ReadError},
    pause::Pending,
    postgres::{Session, Target, form},
    registry::{Address, Proof, Settings, System},
};

/// pgvector in the list of systems.
pub(crate) const SYSTEM: System = System::new(
    "pgvector",
    "pgvector",
    "the address of a PostgreSQL database (postgres://host:5432/database): its tables with vectors, and their rows",
    open,
)
.asking("postgres://127.0.0.1:5432/shop", Proof::Password, &[form::USER, form::TLS, form::SCHEMAS, BOUND]);

/// Tables with vectors: their name, the column, how long its vectors are, how many rows PostgreSQL thinks there are, the
/// key's column, and the index on it.
const TABLES: &str = "
SELECT n.nspname::text, c.relname::text, a.attname::text, a.atttypmod::int4, c.reltuples::float8, t.typname::text,
    (SELECT k.attname::text FROM pg_index i JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum = i.indkey[0]
     WHERE i.indrelid = c.oid AND i.indisprimary AND i.indnkeyatts = 1),
    (SELECT am.amname::text FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am am ON am.oid = x.relam
     WHERE i.indrelid = c.oid AND i.indkey[0] = a.attnum AND i.indisvalid ORDER BY x.oid LIMIT 1),
    (SELECT o.opcname::text FROM pg_index i JOIN pg_opclass o ON o.oid = i.indclass[0]
     WHERE i.indrelid = c.oid AND i.indkey[0] = a.attnum AND i.indisvalid ORDER BY i.indexrelid LIMIT 1),
    has_table_privilege(c.oid, 'SELECT'), format('%I.%I', n.nspname, c.relname)
FROM pg_attribute a
JOIN pg_type t ON t.oid = a.atttypid AND t.typname IN ('vector', 'halfvec', 'sparsevec')
JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p', 'm')
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE a.attnum > 0 AND NOT a.attisdropped AND n.nspname NOT IN ('pg_catalog', 'information_schema')
ORDER BY 1, 2, a.attnum LIMIT 10000";

fn open(address: &Address, settings: Settings) -> Result<Box<dyn Connector>, ReadError> {
    let url = address.url("the address of a database, such as postgres://host:5432/shop")?;
    let target = Target::new(url, &settings)?;
    Ok(Box::new(Vectors::new(Pgvector { target, settings })?))
}

struct Pgvector {
    target: Target,
    settings: Settings,
}

impl Opens for Pgvector {
    const TITLE: &'static str = "pgvector";

    fn mapping(&self) -> Mapping {
        let namespace = self.target.namespace();
        let authority = namespace.split_once("://").map_or(namespace.as_str(), |(_, rest)| rest);
        Mapping::of_tables("pgvector", "postgres", authority, self.settings.clock.now())
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }

    fn open<'a>(&'a self, cancel: &'a Cancel) -> Pending<'a, Result<Box<dyn Store>, ReadError>> {
        Box::pin(async move {
            let session = Session::open(&self.target, self.settings.limits, cancel).await?;
            Ok(Box::new(Tables { session, database: self.target.database.clone() }) as Box<dyn Store>)
        })
    }
}

struct Tables {
    session: Session,
    database: String,
}

impl Store for Tables {
    fn version(&self) -> Pending<'_, Result<Option<String>, ReadError>> {
        Box::pin(async move {
            let sql = "SELECT extversion::text FROM pg_extension WHERE extname = 'vector'";
            let rows = self.session.rows(sql, &[]).await?;
            Ok(rows.first().map(|row| self.session.cell(row, 0)).transpose()?)
        })
    }

    fn collections(&self) -> Pending<'_, Result<Collections, ReadError>> {
        Box::pin(async move {
            let (mut all, mut notes): (Vec<Held>, Vec<Note>) = (Vec::new(), Vec::new());
            for row in self.session.rows(TABLES, &[]).await? {
                let text = |at: usize| self.session.cell::<Option<String>>(&row, at);
                let (schema, table, column) = (text(0)?, text(1)?, text(2)?);
                let (Some(schema), Some(table), Some(column)) = (schema, table, column) else { continue };
                if !self.session.schemas.is_empty() && !self.session.schemas.contains(&schema) {
                    continue;
                }
                let name = format!("{}.{schema}.{table}", self.database);
                let length: i32 = self.session.cell(&row, 3)?;
                let one =
                    json!({ "column": column, "dimension": length, "type": text(5)?, "operators": text(8)? });
                // A table may have several: the first is told, all are kept.
                if let Some(last) = all.last_mut().filter(|last| last.collection.name == name) {
                    if let Some(Value::Array(columns)) = last.collection.other.get_mut("vectors") {
                        columns.push(one);
                    }
                    continue;
                }
                let may: bool = self.session.cell(&row, 9)?;
                let (key, quoted) = (text(6)?, text(10)?.unwrap_or_default());
                let why = match (may, &key) {
                    (false, _) => Some("this user may not read them"),
                    (true, None) => Some("the table has no primary key of one column, so they have no names"),
                    (true, Some(_)) => None,
                };
                notes.extend(why.map(|why| Note { place: format!("rows of {name}"), why: why.to_owned() }));
                let estimate: f64 = self.session.cell(&row, 4)?;
                let mut other = Map::new();
                other.insert("vectors".to_owned(), json!([one]));
                other.insert("table".to_owned(), quoted.into());
                other.insert("key".to_owned(), json!(key.filter(|_| may)));
                all.push(Held {
                    key: format!("{schema}.{table}"),
                    collection: Collection {
                        name,
                        dimension: u64::try_from(length).ok().filter(|length| *length > 0),
                        metric: text(8)?.as_deref().map(metric),
                        index: text(7)?,
                        // An estimate; before the first ANALYZE there is none.
                        records: (estimate >= 0.0).then_some(estimate as u64),
                        other,
                        ..Collection::default()
                    },
                });
            }
            Ok((all, notes))
        })
    }

    fn page<'a>(
        &'a self,
        held: &'a Held,
        after: Option<&'a str>,
        most: u64,
    ) -> Pending<'a, Result<Option<Page>, ReadError>> {
        Box::pin(async move {
            let told = &held.collection.other;
            let word = |key: &str| told.get(key).and_then(Value::as_str);
            let (Some(table), Some(key)) = (word("table"), word("key")) else {
                return Ok(Some(Page { entries: Vec::new(), next: None }));
            };
            let vectors =
                told.get("vectors").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            let key = quoted(key);
            // The database drops the vectors, so that they are never sent.
            let columns: Vec<String> =
                vectors.iter().filter_map(|one| one["column"].as_str()).map(str::to_owned).collect();
            let sql = format!(
                "SELECT ({key})::text, (to_jsonb(t) - $1::text[])::text FROM {table} t \
                 WHERE $2::text IS NULL OR ({key})::text COLLATE \"C\" > $2 ORDER BY ({key})::text COLLATE \"C\" LIMIT $3"
            );
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            let after = after.map(str::to_owned);
            let rows = self.session.rows(&sql, &[&columns, &after, &most]).await?;
            let mut entries = Vec::new();
            let mut last = None;
            for row in &rows {
                let id: String = self.session.cell(row, 0)?;
                let body: String = self.session.cell(row, 1)?;
                let body: Map<String, Value> = serde_json::from_str(&body).unwrap_or_default();
                entries.push(Entry::of_payload(&Value::from(id.as_str()), body));
                last = Some(id);
            }
            let next = last.filter(|_| rows.len() as i64 >= most);
            Ok(Some(Page { entries, next }))
        })
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// What an index's operators compare by: `vector_cosine_ops`.
fn metric(operators: &str) -> String {
    for (part, word) in [("cosine", "cosine"), ("_ip_", "inner product"), ("_l2_", "l2"), ("_l1_", "l1")] {
        if operators.contains(part) {
            return word.to_owned();
        }
    }
    operators.to_owned()
}
