//! From the tables that a database's own catalog lists to statements.
//!
//! Named as OpenLineage names them, so that the table that a job wrote and the table that the database has are one.
//! A table says each time all that the database has on it, so what is gone since (a comment, a key, what a view reads)
//! is taken back.

use catena_model::{
    evidence::Method,
    field::{Field, Group, Single},
    kind::Kind,
    name::QualifiedName,
    relation::RelationKind,
    source::{Known, Source},
    statement::{Read, Record, Statement, Thing},
    time::Timestamp,
};
use serde_json::{Map, Value, json};

use crate::{
    fault::rejected,
    sql::{
        self, Dialect,
        tell::{self, Place},
    },
    telling::{Telling, bad_name},
};

/// A table or view.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// Its name in its namespace: `shop.public.orders`.
    pub name: String,
    /// What sort of table it is: `table`, `view`, `materialized view`.
    pub subtype: String,
    /// What its owner wrote about it.
    pub comment: Option<String>,
    /// Its columns, in their order.
    pub columns: Vec<Column>,
    /// The columns that tell its rows apart.
    pub primary_key: Vec<String>,
    /// Other groups of columns that do.
    pub unique: Vec<Vec<String>>,
    /// The rows of other tables that its rows belong to.
    pub foreign_keys: Vec<ForeignKey>,
    /// The query that a view is.
    pub sql: Option<String>,
    /// The tables that a view reads, where the database says so.
    pub reads: Option<Vec<String>>,
}

/// A column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type as the database writes it.
    pub data_type: Option<String>,
    /// Whether it may hold nothing; not said of a view's.
    pub nullable: Option<bool>,
    /// What its owner wrote about it.
    pub comment: Option<String>,
    /// What it holds when nothing is given.
    pub default: Option<String>,
}

/// Columns that hold the key of another table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ForeignKey {
    /// Its own name, where it has one.
    pub name: Option<String>,
    /// The columns.
    pub columns: Vec<String>,
    /// The other table, as it is named in the same namespace.
    pub table: String,
    /// The other table's columns; none where its primary key is meant.
    pub references: Vec<String>,
}

/// How one database's tables are told.
#[derive(Debug, Clone)]
pub struct Mapping {
    system: &'static str,
    namespace: String,
    instance: String,
    at: Timestamp,
}

impl Mapping {
    /// For the tables in `namespace`, which a `system` (`postgres`) had at this time.
    pub fn new(system: &'static str, namespace: &str, at: Timestamp) -> Self {
        let instance = namespace.split_once("://").map_or(namespace, |(_, rest)| rest).to_owned();
        Self { system, namespace: namespace.to_owned(), instance, at }
    }

    /// The table as a record. A name that can't be kept rejects it, and a column's its column only.
    pub fn table(&self, table: &Table) -> Vec<Read> {
        let place = format!("{} {}", table.subtype, table.name);
        match self.tell(table) {
            Ok((telling, faults)) => {
                let source = Source::system(self.system, &self.instance);
                let record: Record = telling.record(place.clone(), source, Known::Detected);
                let faults = faults.into_iter().map(|why| Err(rejected(&place, &why)));
                std::iter::once(Ok(record)).chain(faults).collect()
            }
            Err(why) => vec![Err(rejected(&place, &why))],
        }
    }

    fn dataset(&self, name: &str) -> Result<Thing, String> {
        QualifiedName::new(&self.namespace, name)
            .map(|name| Thing::new(Kind::Dataset, name))
            .map_err(|problem| bad_name("the table's name", &problem))
    }

    fn tell(&self, table: &Table) -> Result<(Telling, Vec<String>), String> {
        let mut telling = Telling::at(self.at);
        let mut faults = Vec::new();
        let thing = self.dataset(&table.name)?;
        telling.exists(&thing);
        telling.text(&thing, Single::Subtype, Some(&table.subtype));
        telling.text(&thing, Single::Description, table.comment.as_deref());
        for (position, column) in table.columns.iter().enumerate() {
            if let Err(why) = tell_column(&mut telling, &thing, table, column, position) {
                faults.push(why);
            }
        }
        telling.facet(&thing, "keys", keys(table));
        telling.facet(&thing, "schema", schema(table));
        if let Some(sql) = table.sql.as_deref().filter(|sql| !sql.trim().is_empty()) {
            telling.facet(&thing, "sql", json!({ "query": sql.trim(), "dialect": self.system }));
        }
        if let Some(reads) = &table.reads {
            let from: Result<Vec<Thing>, String> = reads.iter().map(|name| self.dataset(name)).collect();
            telling.only_related(&thing, RelationKind::DerivesFrom, from?);
        }
        self.tell_query(&mut telling, &thing, table);
        self.tell_foreign_keys(&mut telling, &thing, table)?;
        Ok((telling, faults))
    }

    /// What a view's query says: which tables it reads, unless the database told, and what its columns are made of.
    fn tell_query(&self, telling: &mut Telling, thing: &Thing, table: &Table) {
        let Some(sql) = table.sql.as_deref().filter(|sql| !sql.trim().is_empty()) else { return };
        // SQL that can't be read says nothing, not even that what it once said is gone.
        let Ok(told) = sql::lineage(sql, Dialect::of(self.system), &|_| None) else { return };
        let reads = table.reads.iter().flatten().filter_map(|name| self.dataset(name).ok());
        let known: Vec<Thing> = reads.collect();
        let place = Place { namespace: &self.namespace, beside: &table.name, known: &known };
        if table.reads.is_none() {
            let tables: Vec<Thing> = told
                .tables
                .iter()
                .filter_map(|name| place.table(name))
                .filter(|other| other != thing)
                .collect();
            for other in &tables {
                tell::relation(telling, (thing, RelationKind::DerivesFrom, other), None, self.at);
            }
            telling.push(Statement::OnlyRelated {
                from: thing.clone(),
                kind: RelationKind::DerivesFrom,
                to: tables,
                method: Method::SqlParsed,
                at: self.at,
            });
        }
        let columns: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
        tell::columns(telling, thing, &told, &place, Some(&columns), self.at, true);
    }

    fn tell_foreign_keys(&self, telling: &mut Telling, thing: &Thing, table: &Table) -> Result<(), String> {
        let mut others: Vec<Thing> = Vec::new();
        for key in &table.foreign_keys {
            let other = self.dataset(&key.table)?;
            if other == *thing || others.contains(&other) {
                continue;
            }
            let detail = json!({ "foreign_key": key.columns, "references": key.references });
            telling.related(thing, RelationKind::RelatedTo, &other, Method::Declared, Some(detail));
            others.push(other);
        }
        telling.push(Statement::OnlyRelated {
            from: thing.clone(),
            kind: RelationKind::RelatedTo,
            to: others,
            method: Method::Declared,
            at: self.at,
        });
        Ok(())
    }
}

fn tell_column(
    telling: &mut Telling,
    whole: &Thing,
    table: &Table,
    column: &Column,
    position: usize,
) -> Result<(), String> {
    let name = whole.name.part(&column.name).map_err(|problem| bad_name("a column's name", &problem))?;
    let thing = Thing::new(Kind::Column, name);
    telling.part_of(&thing, whole);
    telling.claim(&thing, Field::Single(Single::Position), Some(position.into()));
    telling.text(&thing, Single::DataType, column.data_type.as_deref());
    telling.claim(&thing, Field::Single(Single::Nullable), column.nullable.map(Value::from));
    telling.text(&thing, Single::Description, column.comment.as_deref());
    let mut properties = Map::new();
    if table.primary_key.contains(&column.name) {
        properties.insert("key".to_owned(), "primary".into());
    } else if table.foreign_keys.iter().any(|key| key.columns.contains(&column.name)) {
        properties.insert("key".to_owned(), "foreign".into());
    }
    if let Some(default) = column.default.as_deref().filter(|text| !text.trim().is_empty()) {
        properties.insert("default".to_owned(), default.into());
    }
    let properties = (!properties.is_empty()).then_some(Value::Object(properties));
    telling.claim(&thing, Field::Group(Group::Properties), properties);
    Ok(())
}

/// The columns as OpenLineage's `schema` facet has them, so that what changes from one sighting to the next is seen.
fn schema(table: &Table) -> Value {
    let fields: Vec<Value> = table
        .columns
        .iter()
        .map(|column| json!({ "name": column.name, "type": column.data_type, "nullable": column.nullable }))
        .collect();
    json!({ "fields": fields, "primaryKey": table.primary_key })
}

fn keys(table: &Table) -> Value {
    let foreign: Vec<Value> = table
        .foreign_keys
        .iter()
        .map(|key| {
            json!({
                "name": key.name,
                "columns": key.columns,
                "table": key.table,
                "references": key.references,
            })
        })
        .collect();
    json!({ "primary_key": table.primary_key, "unique": table.unique, "foreign_keys": foreign })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str) -> Column {
        Column { name: name.to_owned(), ..Column::default() }
    }

    fn orders() -> Table {
        Table {
            name: "shop.public.orders".to_owned(),
            subtype: "table".to_owned(),
            columns: vec![column("id"), column("customer")],
            primary_key: vec!["id".to_owned()],
            foreign_keys: vec![ForeignKey {
                columns: vec!["customer".to_owned()],
                table: "shop.public.customers".to_owned(),
                ..ForeignKey::default()
            }],
            ..Table::default()
        }
    }

    fn record(table: &Table) -> Record {
        let mapping = Mapping::new("postgres", "postgres://db:5432", Timestamp::from_millis(1));
        mapping.table(table).remove(0).unwrap()
    }

    #[test]
    fn a_table_is_named_as_openlineage_names_it_and_its_columns_are_parts_of_it() {
        let record = record(&orders());
        assert_eq!(record.source, Source::system("postgres", "db:5432"));
        let parts: Vec<String> = record
            .statements
            .iter()
            .filter_map(|statement| match statement {
                Statement::PartOf { thing, whole, .. } => {
                    Some(format!("{} in {}", thing.name, whole.name.name))
                }
                _ => None,
            })
            .collect();
        assert_eq!(
            parts,
            [
                "postgres://db:5432/shop.public.orders.id in shop.public.orders",
                "postgres://db:5432/shop.public.orders.customer in shop.public.orders"
            ]
        );
    }

    #[test]
    fn what_is_gone_is_taken_back() {
        let bare = Table { foreign_keys: Vec::new(), reads: Some(Vec::new()), ..orders() };
        let taken_back = record(&bare)
            .statements
            .iter()
            .filter(|statement| matches!(statement, Statement::OnlyRelated { to, .. } if to.is_empty()))
            .count();
        assert_eq!(taken_back, 2, "what it reads and what its keys point to");
    }

    #[test]
    fn a_views_query_says_which_tables_and_columns_it_is_made_of() {
        let view = Table {
            name: "shop.public.totals".to_owned(),
            subtype: "view".to_owned(),
            columns: vec![column("customer"), column("total")],
            sql: Some(
                "create view totals as select o.customer, sum(o.amount) as total from orders o group by 1"
                    .into(),
            ),
            ..Table::default()
        };
        let parsed = |table: &Table| -> Vec<String> {
            record(table)
                .statements
                .iter()
                .filter_map(|statement| match statement {
                    Statement::Related { from, kind, to, method: Method::SqlParsed, .. } => {
                        Some(format!("{} {} {}", from.name.name, kind.word(), to.name.name))
                    }
                    _ => None,
                })
                .collect()
        };
        let columns = [
            "shop.public.totals.customer derives_from shop.public.orders.customer",
            "shop.public.totals.total derives_from shop.public.orders.amount",
        ];
        let all = parsed(&view);
        assert!(columns.iter().all(|column| all.contains(&(*column).to_owned())), "{all:?}");
        assert!(all.contains(&"shop.public.totals derives_from shop.public.orders".to_owned()), "{all:?}");
        // Where the database says which tables are read, it is believed.
        let told = Table { reads: Some(vec!["shop.sales.orders".to_owned()]), ..view };
        let all = parsed(&told);
        assert!(!all.iter().any(|line| line.starts_with("shop.public.totals derives_from")), "{all:?}");
        assert!(
            all.contains(&"shop.public.totals.total derives_from shop.sales.orders.amount".to_owned()),
            "{all:?}"
        );
    }

    #[test]
    fn a_column_that_has_no_usable_name_does_not_lose_the_table() {
        let table = Table { columns: vec![column("a\0b"), column("id")], ..orders() };
        let mapping = Mapping::new("postgres", "postgres://db:5432", Timestamp::from_millis(1));
        let reads = mapping.table(&table);
        assert!(reads[0].is_ok());
        assert!(reads[1].as_ref().unwrap_err().why.contains("NUL"), "{reads:?}");
    }
}
