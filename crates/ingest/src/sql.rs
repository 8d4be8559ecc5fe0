//! Which columns a query's columns are made of, read out of its text.
//!
//! The words are those of OpenLineage's column lineage: what a column is made of (direct), and what only had a say in
//! its value or in which rows there are (indirect). What can't be told for certain, such as a bare name that two tables
//! could have, is left out and never guessed.

mod expression;
mod guard;
mod inputs;
mod query;
mod scope;
mod table;
pub(crate) mod tell;
#[cfg(test)]
mod tests;

use sqlparser::{
    ast::{ObjectName, Query, Statement, TableObject},
    dialect::{self, Dialect as Grammar},
    parser::Parser,
};

pub use inputs::{Input, Way};
use query::Walk;
use table::parts;
pub(crate) use table::reads_files;

/// A language of a database.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Dialect(&'static str);

impl Dialect {
    /// The one that a system of this name speaks, as dbt calls its adapters; a common one where it isn't known.
    pub fn of(system: &str) -> Self {
        Self(match system {
            "postgres" | "postgresql" | "materialize" | "greenplum" => "postgres",
            "redshift" => "redshift",
            "snowflake" => "snowflake",
            "bigquery" => "bigquery",
            "databricks" => "databricks",
            "spark" | "glue" => "spark",
            "hive" | "impala" => "hive",
            "duckdb" => "duckdb",
            "sqlite" => "sqlite",
            "mysql" | "mariadb" | "singlestore" => "mysql",
            "clickhouse" => "clickhouse",
            "sqlserver" | "mssql" | "fabric" | "synapse" => "mssql",
            "oracle" => "oracle",
            "teradata" => "teradata",
            _ => "generic",
        })
    }

    fn grammar(self) -> Box<dyn Grammar> {
        dialect::dialect_from_str(self.0).unwrap_or_else(|| Box::new(dialect::GenericDialect))
    }
}

/// Why nothing is told of a query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SqlError {
    /// Too long to be read.
    #[error("the SQL is longer than {} KiB: split it", guard::MAX_BYTES / 1024)]
    TooLong,
    /// Nested or chained too deeply.
    #[error("the SQL is nested or chained too deeply to be read: split it into common table expressions")]
    TooDeep,
    /// Needs more steps than are taken for one query.
    #[error("the SQL makes too many columns of too many others to be followed: split it")]
    TooMuch,
    /// No SQL of this dialect.
    #[error("the SQL can't be read: {0}; check it, and whether it is of this dialect")]
    Syntax(String),
    /// There was no thread to read it on.
    #[error("the SQL could not be read just now: {0}; try again")]
    NotNow(String),
    /// It selects nothing, or several times.
    #[error("there are {0} queries where one is expected: give one SELECT, INSERT or CREATE ... AS")]
    NotOne(usize),
}

/// What a query says of where its columns come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SqlLineage {
    /// The table that it fills, where it names one.
    pub target: Option<Vec<String>>,
    /// The tables that it reads, each in the parts of its name as first written.
    pub tables: Vec<Vec<String>>,
    /// Its columns that have a name, in their order.
    pub columns: Vec<Output>,
    /// What had a say in which rows there are, and in their order.
    pub rows: Vec<Input>,
}

/// A column of the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Its name.
    pub name: String,
    /// What it is made of.
    pub inputs: Vec<Input>,
}

/// The columns of a table, in their order, where all of them are known.
pub type Resolve<'a> = &'a (dyn Fn(&[String]) -> Option<Vec<String>> + Sync);

/// The stack that the parser gets: at its deepest it takes 8 MiB where it is built without optimisation.
const STACK_BYTES: usize = 16 * 1024 * 1024;

/// Reads where the columns of a query come from. No text takes longer than a second or fails otherwise than with an
/// error.
pub fn lineage(sql: &str, dialect: Dialect, resolve: Resolve<'_>) -> Result<SqlLineage, SqlError> {
    // On a stack of its own, since threads' stacks may be too small for the parser.
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
        let reading = thread.spawn_scoped(scope, || read(sql, dialect, resolve));
        let reading = reading.map_err(|error| SqlError::NotNow(error.to_string()))?;
        reading.join().unwrap_or_else(|_| Err(SqlError::Syntax("the parser failed".to_owned())))
    })
}

fn read(sql: &str, dialect: Dialect, resolve: Resolve<'_>) -> Result<SqlLineage, SqlError> {
    let grammar = dialect.grammar();
    let tokens = guard::tokens(sql, grammar.as_ref())?;
    let mut parser = Parser::new(grammar.as_ref())
        .with_recursion_limit(guard::MAX_RECURSION)
        .with_tokens_with_locations(tokens);
    let statements = parser.parse_statements().map_err(|error| SqlError::Syntax(guard::short(&error)))?;
    let mut queries = statements.iter().filter_map(Filled::of);
    let filled = match (queries.next(), queries.count()) {
        (Some(filled), 0) => filled,
        (None, _) => return Err(SqlError::NotOne(0)),
        (Some(_), more) => return Err(SqlError::NotOne(more + 1)),
    };
    let mut walk = Walk::new(resolve);
    let relation = walk.query(filled.query, None)?;
    let target = filled.target.and_then(parts);
    let names = match (filled.columns.is_empty(), &target) {
        (false, _) => Some(filled.columns),
        // By position, so only when the table's columns are known.
        (true, Some(target)) if filled.by_position => Some(resolve(target).unwrap_or_default()),
        (true, _) => None,
    };
    Ok(walk.told(&relation, target, names))
}

/// A query and what it fills.
struct Filled<'a> {
    query: &'a Query,
    target: Option<&'a ObjectName>,
    columns: Vec<String>,
    by_position: bool,
}

impl<'a> Filled<'a> {
    fn of(statement: &'a Statement) -> Option<Self> {
        match statement {
            Statement::Query(query) => {
                Some(Self { query, target: None, columns: Vec::new(), by_position: false })
            }
            Statement::Insert(insert) => {
                let target = match &insert.table {
                    TableObject::TableName(name) => Some(name),
                    _ => None,
                };
                let columns = insert.columns.iter().filter_map(|name| parts(name)?.pop()).collect();
                let query = insert.source.as_deref()?;
                Some(Self { query, target, columns, by_position: !insert.by_name })
            }
            Statement::CreateTable(create) => {
                let columns = create.columns.iter().map(|column| column.name.value.clone()).collect();
                let query = create.query.as_deref()?;
                Some(Self { query, target: Some(&create.name), columns, by_position: false })
            }
            Statement::CreateView(create) => {
                let columns = create.columns.iter().map(|column| column.name.value.clone()).collect();
                Some(Self { query: &create.query, target: Some(&create.name), columns, by_position: false })
            }
            _ => None,
        }
    }
}
