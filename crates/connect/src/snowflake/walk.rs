//! The way through an account: databases, their schemas, and the tables of each, some at a time.

use std::collections::HashMap;

use catena_ingest::snowflake::{Mapping, Sort, Table, joined};
use serde_json::Value;

use super::{
    Place,
    rows::{Query, QueryError, Rows},
};
use crate::{
    connector::{Cursor, Progress, ReadError},
    handover::{Out, Stop},
};

/// How many tables are read at once.
const TABLES_AT_ONCE: usize = 200;

/// The databases that every account has.
const SYSTEMS_OWN: &[&str] = &["SNOWFLAKE", "SNOWFLAKE_SAMPLE_DATA"];

pub(super) struct Walk<'a> {
    query: &'a dyn Query,
    mapping: Mapping,
    out: Out,
    done: u64,
}

/// What the account's own usage says of a database's objects, by their names.
#[derive(Default)]
struct Usage {
    tags: Option<HashMap<String, Vec<Value>>>,
    reads: Option<HashMap<String, Vec<String>>>,
}

/// The databases that were chosen, or all but Snowflake's own, by their names.
pub(super) async fn databases(query: &dyn Query, chosen: Option<&str>) -> Result<Rows, ReadError> {
    let mut all = query.rows("SHOW DATABASES").await.map_err(|error| error.of("its databases"))?;
    let chosen: Option<Vec<&str>> = chosen.map(|names| names.split(',').map(str::trim).collect());
    all.retain(|row| {
        let name = row["name"].as_str().unwrap_or_default();
        match &chosen {
            Some(chosen) => chosen.iter().any(|chosen| chosen.eq_ignore_ascii_case(name)),
            None => !name.is_empty() && !SYSTEMS_OWN.contains(&name),
        }
    });
    all.sort_by_key(|row| row["name"].as_str().unwrap_or_default().to_owned());
    Ok(all)
}

impl<'a> Walk<'a> {
    pub(super) fn new(query: &'a dyn Query, mapping: Mapping, out: Out) -> Self {
        Self { query, mapping, out, done: 0 }
    }

    pub(super) async fn run(mut self, chosen: Option<&str>, mut place: Place) -> Result<(), Stop> {
        for row in databases(self.query, chosen).await? {
            let name = row["name"].as_str().unwrap_or_default().to_owned();
            if name < place.database {
                continue;
            }
            if name != place.database {
                place = Place { database: name.clone(), ..Place::default() };
            }
            self.out.portion(self.mapping.object(Sort::Database, &row), Cursor::at(&place)).await?;
            self.database(&name, &mut place).await?;
        }
        Ok(())
    }

    async fn database(&mut self, name: &str, place: &mut Place) -> Result<(), Stop> {
        let schema = format!("{}.INFORMATION_SCHEMA", identifier(name));
        let sql = format!(
            "SELECT CATALOG_NAME, SCHEMA_NAME, SCHEMA_OWNER, COMMENT FROM {schema}.SCHEMATA \
             WHERE SCHEMA_NAME <> 'INFORMATION_SCHEMA' ORDER BY SCHEMA_NAME"
        );
        let Some(schemas) = self.optional(&sql, &format!("database {name}")).await? else { return Ok(()) };
        let usage = self.usage(name).await?;
        for row in schemas {
            let Some(short) = row["schema_name"].as_str().map(str::to_owned) else { continue };
            if short.as_str() < place.schema.as_str() {
                continue;
            }
            if short != place.schema {
                *place = Place { database: name.to_owned(), schema: short.clone(), table: String::new() };
            }
            self.out.portion(self.mapping.object(Sort::Schema, &row), Cursor::at(&*place)).await?;
            self.tables(&schema, &usage, place).await?;
            self.others(&schema, place).await?;
        }
        Ok(())
    }

    /// What the account keeps of all its databases; a role needs a right of its own to read it.
    async fn usage(&mut self, database: &str) -> Result<Usage, Stop> {
        let mut usage = Usage::default();
        let sql = format!(
            "SELECT OBJECT_DATABASE, OBJECT_SCHEMA, OBJECT_NAME, COLUMN_NAME, TAG_NAME, TAG_VALUE \
             FROM SNOWFLAKE.ACCOUNT_USAGE.TAG_REFERENCES \
             WHERE OBJECT_DATABASE = {} AND OBJECT_DELETED IS NULL AND DOMAIN IN ('TABLE', 'COLUMN')",
            literal(database)
        );
        if let Some(rows) = self.optional(&sql, "tags").await? {
            let mut tags: HashMap<String, Vec<Value>> = HashMap::new();
            for row in rows {
                let name = joined(&row, &["object_database", "object_schema", "object_name"]);
                tags.entry(name).or_default().push(row);
            }
            usage.tags = Some(tags);
        }
        let sql = format!(
            "SELECT REFERENCING_DATABASE, REFERENCING_SCHEMA, REFERENCING_OBJECT_NAME, REFERENCED_DATABASE, \
             REFERENCED_SCHEMA, REFERENCED_OBJECT_NAME, REFERENCED_OBJECT_DOMAIN \
             FROM SNOWFLAKE.ACCOUNT_USAGE.OBJECT_DEPENDENCIES WHERE REFERENCING_DATABASE = {}",
            literal(database)
        );
        if let Some(rows) = self.optional(&sql, "what objects depend on").await? {
            let mut reads: HashMap<String, Vec<String>> = HashMap::new();
            for row in rows {
                let domain = row["referenced_object_domain"].as_str().unwrap_or_default();
                if matches!(domain, "FUNCTION" | "PROCEDURE" | "SEQUENCE" | "INTEGRATION") {
                    continue;
                }
                let name =
                    joined(&row, &["referencing_database", "referencing_schema", "referencing_object_name"]);
                let of =
                    joined(&row, &["referenced_database", "referenced_schema", "referenced_object_name"]);
                if !of.is_empty() {
                    reads.entry(name).or_default().push(of);
                }
            }
            usage.reads = Some(reads);
        }
        Ok(usage)
    }

    async fn tables(&mut self, schema: &str, usage: &Usage, place: &mut Place) -> Result<(), Stop> {
        let whole = format!("{}.{}", identifier(&place.database), identifier(&place.schema));
        let at = format!("{}.{}", place.database, place.schema);
        let primary = self.optional(&format!("SHOW PRIMARY KEYS IN SCHEMA {whole}"), "keys").await?;
        let foreign = self.optional(&format!("SHOW IMPORTED KEYS IN SCHEMA {whole}"), "keys").await?;
        let (primary, foreign) =
            (primary.map(|rows| by(rows, "table_name")), foreign.map(|rows| by(rows, "fk_table_name")));
        loop {
            let range = format!(
                "TABLE_SCHEMA = {} AND TABLE_NAME > {}",
                literal(&place.schema),
                literal(&place.table)
            );
            // Views stand among the tables; where they don't, they are taken from where they do.
            let sql = format!(
                "SELECT TABLE_CATALOG, TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, TABLE_OWNER, COMMENT, \
                 CAST(ROW_COUNT AS VARCHAR) AS ROW_COUNT, CAST(BYTES AS VARCHAR) AS BYTES FROM {schema}.TABLES \
                 WHERE {range} \
                 UNION ALL SELECT TABLE_CATALOG, TABLE_SCHEMA, TABLE_NAME, 'VIEW' AS TABLE_TYPE, TABLE_OWNER, COMMENT, \
                 CAST(NULL AS VARCHAR) AS ROW_COUNT, CAST(NULL AS VARCHAR) AS BYTES FROM {schema}.VIEWS WHERE {range} \
                 AND TABLE_NAME NOT IN (SELECT TABLE_NAME FROM {schema}.TABLES WHERE {range}) \
                 ORDER BY TABLE_NAME LIMIT {TABLES_AT_ONCE}"
            );
            let Some(page) = self.optional(&sql, &format!("tables of {at}")).await? else { return Ok(()) };
            let names: Vec<&str> = page.iter().filter_map(|row| row["table_name"].as_str()).collect();
            let (Some(first), Some(last)) = (names.first(), names.last()) else { return Ok(()) };
            if *last <= place.table.as_str() {
                let what = format!("tables of {at}");
                return Err(ReadError::Refused {
                    system: "Snowflake",
                    what,
                    why: "it gives the same ones again and again".to_owned(),
                }
                .into());
            }
            let range = format!(
                "TABLE_SCHEMA = {} AND TABLE_NAME >= {} AND TABLE_NAME <= {}",
                literal(&place.schema),
                literal(first),
                literal(last)
            );
            let mut columns = self.columns(schema, &range, &at).await?;
            let sql = format!("SELECT TABLE_NAME, VIEW_DEFINITION FROM {schema}.VIEWS WHERE {range}");
            let views = self.optional(&sql, &format!("views of {at}")).await?.unwrap_or_default();
            let mut views = by(views, "table_name");
            let end = (*last).to_owned();
            let mut reads = Vec::new();
            for row in page {
                let name = row["table_name"].as_str().unwrap_or_default().to_owned();
                let known = format!("{at}.{name}");
                let view = views.remove(&name).and_then(|rows| rows.into_iter().next());
                let names = |rows: &[Value]| {
                    rows.iter()
                        .filter_map(|row| row["column_name"].as_str().map(str::to_owned))
                        .collect::<Vec<_>>()
                };
                let table = Table {
                    columns: columns.remove(&name).unwrap_or_default(),
                    sql: view.and_then(|row| row["view_definition"].as_str().map(str::to_owned)),
                    primary_key: primary
                        .as_ref()
                        .map(|all| all.get(&name).map(|rows| names(rows)).unwrap_or_default()),
                    foreign_keys: foreign
                        .as_ref()
                        .and_then(|all| all.get(&name).cloned())
                        .unwrap_or_default(),
                    tags: usage.tags.as_ref().map(|all| all.get(&known).cloned().unwrap_or_default()),
                    reads: usage.reads.as_ref().map(|all| all.get(&known).cloned().unwrap_or_default()),
                    row,
                };
                reads.extend(self.mapping.table(&table));
                self.done += 1;
            }
            place.table = end;
            self.out.portion(reads, Cursor::at(&*place)).await?;
            self.out.progress(Progress { stage: "tables".to_owned(), done: self.done, of: None }).await?;
        }
    }

    async fn columns(&mut self, schema: &str, range: &str, at: &str) -> Result<HashMap<String, Rows>, Stop> {
        let sql = format!(
            "SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, IS_NULLABLE, COMMENT, COLUMN_DEFAULT, \
             CAST(CHARACTER_MAXIMUM_LENGTH AS VARCHAR) AS CHARACTER_MAXIMUM_LENGTH, \
             CAST(NUMERIC_PRECISION AS VARCHAR) AS NUMERIC_PRECISION, CAST(NUMERIC_SCALE AS VARCHAR) AS NUMERIC_SCALE \
             FROM {schema}.COLUMNS WHERE {range} ORDER BY TABLE_NAME, ORDINAL_POSITION"
        );
        // A table without its columns would take back those that are known, so nothing is told of it.
        let what = format!("columns of {at}");
        let rows = self.query.rows(&sql).await.map_err(|error| Stop::from((error, what.as_str())))?;
        Ok(by(rows, "table_name"))
    }

    async fn others(&mut self, schema: &str, place: &Place) -> Result<(), Stop> {
        let name = literal(&place.schema);
        let functions = format!(
            "SELECT FUNCTION_CATALOG, FUNCTION_SCHEMA, FUNCTION_NAME, ARGUMENT_SIGNATURE, DATA_TYPE, FUNCTION_LANGUAGE, \
             FUNCTION_DEFINITION, FUNCTION_OWNER, COMMENT FROM {schema}.FUNCTIONS WHERE FUNCTION_SCHEMA = {name}"
        );
        let stages = format!(
            "SELECT STAGE_CATALOG, STAGE_SCHEMA, STAGE_NAME, STAGE_URL, STAGE_TYPE, STAGE_REGION, STAGE_OWNER, COMMENT \
             FROM {schema}.STAGES WHERE STAGE_SCHEMA = {name}"
        );
        for (sort, sql, what) in [(Sort::Function, functions, "functions"), (Sort::Stage, stages, "stages")] {
            let rows = self.optional(&sql, what).await?.unwrap_or_default();
            let reads = rows.iter().flat_map(|row| self.mapping.object(sort, row)).collect();
            self.out.portion(reads, Cursor::at(place)).await?;
        }
        Ok(())
    }

    /// Rows that may be refused: then it is said, and the rest goes on.
    async fn optional(&self, sql: &str, what: &str) -> Result<Option<Rows>, Stop> {
        match self.query.rows(sql).await {
            Ok(rows) => Ok(Some(rows)),
            Err(QueryError::Refused(why)) => {
                self.out.note(what, why).await?;
                Ok(None)
            }
            Err(error) => Err((error, what).into()),
        }
    }
}

/// Rows by the text in a column.
fn by(rows: Rows, key: &str) -> HashMap<String, Rows> {
    let mut all: HashMap<String, Rows> = HashMap::new();
    for row in rows {
        if let Some(name) = row[key].as_str().map(str::to_owned) {
            all.entry(name).or_default().push(row);
        }
    }
    all
}

/// A name in a query, whatever it holds.
fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text in a query, whatever it holds; a backslash means something to Snowflake.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_never_ends_the_text_that_it_stands_in() {
        assert_eq!(identifier("a\"; DROP TABLE b; --"), "\"a\"\"; DROP TABLE b; --\"");
        assert_eq!(literal("o'b\\' OR 1=1 --"), "'o''b\\\\'' OR 1=1 --'");
    }
}
