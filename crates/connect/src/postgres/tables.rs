//! What is asked of PostgreSQL's catalog, and the tables that its answers make.

use std::collections::HashMap;

use catena_ingest::relational::{Column, ForeignKey, Table};

use super::{error::PostgresError, session::Session};

/// Which relations are somebody's: no system's own, no partition (its table stands for it), and only in the schemas
/// that were chosen, in `$1`.
const OURS: &str = "c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition \
     AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' \
     AND ($1::text[] = '{}' OR n.nspname = ANY($1))";

/// The longest query of a view that is kept, in characters.
const LONGEST_QUERY: i32 = 1_000_000;

/// How much there is.
pub(super) struct Counts {
    pub(super) schemas: u64,
    pub(super) tables: u64,
    pub(super) views: u64,
    /// How many of them this user may not read.
    pub(super) unreadable: u64,
}

pub(super) async fn counts(session: &Session) -> Result<Counts, PostgresError> {
    let sql = format!(
        "SELECT count(DISTINCT n.oid), count(*) FILTER (WHERE c.relkind NOT IN ('v', 'm')),
                count(*) FILTER (WHERE c.relkind IN ('v', 'm')),
                count(*) FILTER (WHERE NOT has_table_privilege(c.oid, 'SELECT'))
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {OURS}"
    );
    let rows = session.rows(&sql, &[&session.schemas]).await?;
    let number = |at: usize| -> Result<u64, PostgresError> {
        let found = rows.first().map(|row| session.cell::<i64>(row, at)).transpose()?;
        Ok(found.and_then(|number| u64::try_from(number).ok()).unwrap_or(0))
    };
    Ok(Counts { schemas: number(0)?, tables: number(1)?, views: number(2)?, unreadable: number(3)? })
}

/// The tables after this object id, each with its own.
pub(super) async fn page(
    session: &Session,
    after: u32,
    most: i64,
) -> Result<Vec<(u32, Table)>, PostgresError> {
    let sql = format!(
        "SELECT c.oid, current_database() || '.' || n.nspname || '.' || c.relname,
                CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
                               WHEN 'f' THEN 'foreign table' WHEN 'p' THEN 'partitioned table' ELSE 'table' END,
                obj_description(c.oid, 'pg_class'),
                CASE WHEN c.relkind IN ('v', 'm') THEN left(pg_get_viewdef(c.oid), {LONGEST_QUERY}) END
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE {OURS} AND c.oid > $2 ORDER BY c.oid LIMIT $3"
    );
    let mut tables = Vec::new();
    let mut places = HashMap::new();
    for row in session.rows(&sql, &[&session.schemas, &after, &most]).await? {
        let oid: u32 = session.cell(&row, 0)?;
        let table = Table {
            name: session.cell(&row, 1)?,
            subtype: session.cell(&row, 2)?,
            comment: session.cell(&row, 3)?,
            sql: session.cell(&row, 4)?,
            ..Table::default()
        };
        places.insert(oid, tables.len());
        tables.push((oid, table));
    }
    if tables.is_empty() {
        return Ok(tables);
    }
    let mut found = Page { session, oids: tables.iter().map(|(oid, _)| *oid).collect(), tables, places };
    found.columns().await?;
    found.keys().await?;
    found.reads().await?;
    Ok(found.tables)
}

/// Tables that are being filled in.
struct Page<'a> {
    session: &'a Session,
    oids: Vec<u32>,
    tables: Vec<(u32, Table)>,
    places: HashMap<u32, usize>,
}

impl Page<'_> {
    fn table(&mut self, oid: u32) -> Option<&mut Table> {
        let place = *self.places.get(&oid)?;
        self.tables.get_mut(place).map(|(_, table)| table)
    }

    async fn columns(&mut self) -> Result<(), PostgresError> {
        let sql = "SELECT a.attrelid, a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull,
                          col_description(a.attrelid, a.attnum), left(pg_get_expr(d.adbin, d.adrelid), 1000),
                          c.relkind IN ('v', 'm')
                   FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                   LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                   WHERE a.attrelid = ANY($1) AND a.attnum > 0 AND NOT a.attisdropped
                   ORDER BY a.attrelid, a.attnum";
        let session = self.session;
        for row in session.rows(sql, &[&self.oids]).await? {
            let is_view: bool = session.cell(&row, 6)?;
            let not_null: bool = session.cell(&row, 3)?;
            let column = Column {
                name: session.cell(&row, 1)?,
                data_type: session.cell(&row, 2)?,
                // A view's columns never say.
                nullable: (!is_view).then_some(!not_null),
                comment: session.cell(&row, 4)?,
                default: session.cell(&row, 5)?,
            };
            if let Some(table) = self.table(session.cell(&row, 0)?) {
                table.columns.push(column);
            }
        }
        Ok(())
    }

    async fn keys(&mut self) -> Result<(), PostgresError> {
        let sql = "SELECT k.conrelid, k.contype::text, k.conname::text,
                          ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS u(num, at)
                                JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num
                                ORDER BY u.at),
                          current_database() || '.' || n.nspname || '.' || f.relname,
                          ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS u(num, at)
                                JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.num
                                ORDER BY u.at)
                   FROM pg_constraint k
                   LEFT JOIN pg_class f ON f.oid = k.confrelid
                   LEFT JOIN pg_namespace n ON n.oid = f.relnamespace
                   WHERE k.conrelid = ANY($1) AND k.contype IN ('p', 'u', 'f')
                   ORDER BY k.conrelid, k.conname";
        let session = self.session;
        for row in session.rows(sql, &[&self.oids]).await? {
            let sort: String = session.cell(&row, 1)?;
            let name: String = session.cell(&row, 2)?;
            let columns: Vec<String> = session.cell(&row, 3)?;
            let other: Option<String> = session.cell(&row, 4)?;
            let references: Vec<String> = session.cell(&row, 5)?;
            let Some(table) = self.table(session.cell(&row, 0)?) else { continue };
            match (sort.as_str(), other) {
                ("p", _) => table.primary_key = columns,
                ("u", _) => table.unique.push(columns),
                (_, Some(other)) => {
                    table.foreign_keys.push(ForeignKey {
                        name: Some(name),
                        columns,
                        table: other,
                        references,
                    });
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// What views read, as the database itself has it: no query is taken apart.
    async fn reads(&mut self) -> Result<(), PostgresError> {
        for (_, table) in self.tables.iter_mut().filter(|(_, table)| table.sql.is_some()) {
            table.reads = Some(Vec::new());
        }
        let sql = "SELECT DISTINCT r.ev_class,
                          current_database() || '.' || n.nspname || '.' || c.relname AS name
                   FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid
                   JOIN pg_class c ON c.oid = d.refobjid JOIN pg_namespace n ON n.oid = c.relnamespace
                   WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass
                     AND r.ev_class = ANY($1) AND d.refobjid <> r.ev_class
                     AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
                     AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
                   ORDER BY 1, 2";
        let session = self.session;
        for row in session.rows(sql, &[&self.oids]).await? {
            let name: String = session.cell(&row, 1)?;
            if let Some(reads) = self.table(session.cell(&row, 0)?).and_then(|table| table.reads.as_mut()) {
                reads.push(name);
            }
        }
        Ok(())
    }
}
