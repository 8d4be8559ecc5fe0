//! From the rows of Snowflake's information schema to statements.
//!
//! Named as OpenLineage names them: `snowflake://ORG-ACCOUNT` and `DATABASE.SCHEMA.TABLE`, so the table that a job wrote
//! and the one that is listed are one. A row is an object from its columns' names, in small letters, to texts.

use catena_model::{
    kind::Kind,
    relation::RelationKind,
    source::Source,
    statement::{Read, Thing},
    time::Timestamp,
};
use serde_json::{Map, Value, json};

use crate::inventory::{Column, Item, owned, plain, tag, text, thing, unnamed};

/// How one account's objects are told.
#[derive(Debug, Clone)]
pub struct Mapping {
    namespace: String,
    at: Timestamp,
}

/// A table and the rows that are about it.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Its row of `TABLES`.
    pub row: Value,
    /// Its rows of `COLUMNS`, in their order.
    pub columns: Vec<Value>,
    /// Its query, when it is a view.
    pub sql: Option<String>,
    /// The columns of its primary key, where they could be asked for.
    pub primary_key: Option<Vec<String>>,
    /// The rows of its foreign keys, as `SHOW IMPORTED KEYS` has them.
    pub foreign_keys: Vec<Value>,
    /// Its rows of `TAG_REFERENCES` and its columns', where they could be asked for.
    pub tags: Option<Vec<Value>>,
    /// The names of what it is made of, by `OBJECT_DEPENDENCIES`, where that could be asked for.
    pub reads: Option<Vec<String>>,
}

/// What else a schema holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// A database, by its row of `SHOW DATABASES`.
    Database,
    /// A schema.
    Schema,
    /// A function.
    Function,
    /// A place of files.
    Stage,
}

impl Sort {
    const fn word(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Schema => "schema",
            Self::Function => "function",
            Self::Stage => "stage",
        }
    }

    /// The columns that are its name.
    const fn name(self) -> &'static [&'static str] {
        match self {
            Self::Database => &["name"],
            Self::Schema => &["catalog_name", "schema_name"],
            Self::Function => &["function_catalog", "function_schema", "function_name"],
            Self::Stage => &["stage_catalog", "stage_schema", "stage_name"],
        }
    }
}

impl Mapping {
    /// For what `account` (`ORG-ACCOUNT`) had at this time.
    pub fn new(account: &str, at: Timestamp) -> Self {
        Self { namespace: format!("snowflake://{account}"), at }
    }

    /// The same under a namespace that a person chose.
    #[must_use]
    pub fn within(self, namespace: Option<&str>) -> Self {
        Self { namespace: namespace.unwrap_or(&self.namespace).to_owned(), ..self }
    }

    /// The namespace of all names.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    fn source(&self) -> Source {
        let instance = self.namespace.split_once("://").map_or(self.namespace.as_str(), |(_, rest)| rest);
        Source::system("snowflake", instance)
    }

    /// A table or view.
    pub fn table(&self, table: &Table) -> Vec<Read> {
        let name = joined(&table.row, &["table_catalog", "table_schema", "table_name"]);
        match self.table_item(table, &name) {
            Ok(item) => item.read(self.source(), self.at),
            Err(why) => unnamed(&format!("table {name}"), &why),
        }
    }

    fn table_item(&self, table: &Table, name: &str) -> Result<Item, String> {
        let row = &table.row;
        let mut item = Item::new(thing(Kind::Dataset, &self.namespace, name)?);
        item.name = owned(row, "table_name");
        item.subtype = Some(match text(row, "table_type").unwrap_or("BASE TABLE") {
            "BASE TABLE" => "table".to_owned(),
            other => other.to_lowercase(),
        });
        item.description = owned(row, "comment");
        item.owners.extend(owned(row, "table_owner"));
        for (key, label) in [("row_count", "rows"), ("bytes", "bytes"), ("clustering_key", "clustering key")]
        {
            item.property(label, &row[key]);
        }
        let tagged = |column: Option<&str>| -> Option<Vec<String>> {
            let of = table.tags.as_ref()?.iter().filter(|row| text(row, "column_name") == column);
            Some(of.filter_map(|row| Some(tag(text(row, "tag_name")?, text(row, "tag_value")))).collect())
        };
        item.tags = tagged(None);
        let primary = table.primary_key.as_deref().unwrap_or_default();
        item.columns = table
            .columns
            .iter()
            .map(|column| {
                let name = text(column, "column_name").unwrap_or_default().to_owned();
                let mut properties = Map::new();
                if primary.contains(&name) {
                    properties.insert("key".to_owned(), "primary".into());
                }
                if let Some(default) = owned(column, "column_default") {
                    properties.insert("default".to_owned(), default.into());
                }
                Column {
                    data_type: data_type(column),
                    nullable: text(column, "is_nullable").map(|word| word == "YES"),
                    description: owned(column, "comment"),
                    tags: tagged(Some(&name)),
                    properties,
                    name,
                }
            })
            .collect();
        if table.primary_key.is_some() {
            let foreign = foreign_keys(&table.foreign_keys);
            let others = foreign
                .iter()
                .filter_map(|key| thing(Kind::Dataset, &self.namespace, text(key, "table")?).ok());
            item.relations.push((RelationKind::RelatedTo, others.collect()));
            item.facets
                .push(("keys", json!({"primary_key": primary, "unique": [], "foreign_keys": foreign})));
        }
        if let Some(sql) = table.sql.as_deref().filter(|sql| !sql.trim().is_empty()) {
            item.facets.push(("sql", json!({"query": sql.trim(), "dialect": "snowflake"})));
        }
        if let Some(reads) = &table.reads {
            let from: Vec<Thing> =
                reads.iter().filter_map(|name| thing(Kind::Dataset, &self.namespace, name).ok()).collect();
            item.relations.push((RelationKind::DerivesFrom, from));
        }
        Ok(item)
    }

    /// A database, schema, function or stage.
    pub fn object(&self, sort: Sort, row: &Value) -> Vec<Read> {
        let mut name = joined(row, sort.name());
        if sort == Sort::Function {
            // Functions of one name differ by what they take.
            name.push_str(text(row, "argument_signature").unwrap_or("()"));
        }
        let kind = if sort == Sort::Function { Kind::Tool } else { Kind::Dataset };
        let thing = match thing(kind, &self.namespace, &name) {
            Ok(thing) => thing,
            Err(why) => return unnamed(&format!("{} {name}", sort.word()), &why),
        };
        let mut item = Item::new(thing);
        item.name = sort.name().last().and_then(|key| owned(row, key));
        item.subtype = Some(sort.word().to_owned());
        item.description = owned(row, "comment");
        for key in ["owner", "schema_owner", "function_owner", "stage_owner"] {
            item.owners.extend(owned(row, key));
        }
        for (key, label) in
            [("stage_url", "url"), ("stage_type", "type"), ("stage_region", "region"), ("kind", "kind")]
        {
            item.property(label, &row[key]);
        }
        if sort == Sort::Function {
            let function = json!({
                "input": row["argument_signature"], "returns": row["data_type"],
                "language": row["function_language"], "definition": row["function_definition"],
            });
            item.facets.push(("function", function));
        }
        item.read(self.source(), self.at)
    }
}

/// A name of several columns, as long as all are there.
pub fn joined(row: &Value, keys: &[&str]) -> String {
    let parts: Option<Vec<&str>> = keys.iter().map(|key| text(row, key)).collect();
    parts.map(|parts| parts.join(".")).unwrap_or_default()
}

/// A type with its length, or precision and scale, as it would be written.
fn data_type(column: &Value) -> Option<String> {
    let word = text(column, "data_type")?;
    let number = |key| plain(&column[key]);
    Some(match (number("numeric_precision"), number("numeric_scale"), number("character_maximum_length")) {
        (Some(precision), scale, _) if word == "NUMBER" => {
            format!("NUMBER({precision},{})", scale.as_deref().unwrap_or("0"))
        }
        (_, _, Some(length)) if matches!(word, "TEXT" | "VARCHAR") => format!("{word}({length})"),
        _ => word.to_owned(),
    })
}

/// Foreign keys from rows of a column each.
fn foreign_keys(rows: &[Value]) -> Vec<Value> {
    let mut keys: Vec<(String, String, Vec<&str>, Vec<&str>)> = Vec::new();
    for row in rows {
        let table = joined(row, &["pk_database_name", "pk_schema_name", "pk_table_name"]);
        let (Some(column), Some(other)) = (text(row, "fk_column_name"), text(row, "pk_column_name")) else {
            continue;
        };
        if table.is_empty() {
            continue;
        }
        let name = owned(row, "fk_name").unwrap_or_default();
        match keys.iter_mut().find(|(known, of, ..)| *known == name && *of == table) {
            Some((_, _, columns, others)) => {
                columns.push(column);
                others.push(other);
            }
            None => keys.push((name, table, vec![column], vec![other])),
        }
    }
    let told = keys.into_iter();
    told.map(|(name, table, columns, others)| {
        json!({"name": name, "columns": columns, "table": table, "references": others})
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use catena_model::{
        field::{Field, Single},
        statement::Statement,
    };

    use super::*;

    fn big_orders() -> Table {
        Table {
            row: json!({"table_catalog": "SHOP", "table_schema": "MART", "table_name": "BIG", "table_type": "VIEW",
                        "comment": "Large ones", "table_owner": "ANALYST", "row_count": null}),
            columns: vec![
                json!({"column_name": "AMT", "data_type": "NUMBER", "numeric_precision": "10", "numeric_scale": "2", "is_nullable": "NO"}),
                json!({"column_name": "MAIL", "data_type": "TEXT", "character_maximum_length": "200", "is_nullable": "YES"}),
            ],
            sql: Some("select 1".to_owned()),
            tags: Some(vec![
                json!({"tag_name": "TIER", "tag_value": "gold", "column_name": null}),
                json!({"tag_name": "PII", "tag_value": "", "column_name": "MAIL"}),
            ]),
            reads: Some(vec!["SHOP.MART.ORDERS".to_owned()]),
            ..Table::default()
        }
    }

    fn told(reads: &[Read]) -> Vec<Statement> {
        reads[0].as_ref().unwrap().statements.clone()
    }

    #[test]
    fn a_view_is_named_as_openlineage_names_it_and_has_types_tags_and_what_it_reads() {
        let mapping = Mapping::new("acme-eu", Timestamp::from_millis(1));
        let statements = told(&mapping.table(&big_orders()));
        let values: Vec<String> = statements
            .iter()
            .filter_map(|statement| match statement {
                Statement::Claim { thing, field, value: Some(value), .. } => {
                    Some(format!("{} {field} {value}", thing.name.name))
                }
                Statement::Related { from, to, .. } => Some(format!("{} <- {}", from.name, to.name)),
                _ => None,
            })
            .collect();
        for expected in [
            "SHOP.MART.BIG subtype \"view\"",
            "SHOP.MART.BIG owners [\"ANALYST\"]",
            "SHOP.MART.BIG tags [\"TIER: gold\"]",
            "SHOP.MART.BIG.AMT data_type \"NUMBER(10,2)\"",
            "SHOP.MART.BIG.MAIL data_type \"TEXT(200)\"",
            "SHOP.MART.BIG.MAIL tags [\"PII\"]",
            "snowflake://acme-eu/SHOP.MART.BIG <- snowflake://acme-eu/SHOP.MART.ORDERS",
        ] {
            assert!(values.iter().any(|value| value == expected), "{expected} is not in {values:#?}");
        }
        let nullable = Field::Single(Single::Nullable);
        assert!(statements.iter().any(|statement| matches!(
            statement,
            Statement::Claim { field, value: Some(Value::Bool(false)), .. } if *field == nullable
        )));
    }

    #[test]
    fn what_could_not_be_asked_for_is_not_taken_back() {
        let bare = Table { tags: None, reads: None, ..big_orders() };
        let statements = told(&Mapping::new("a", Timestamp::from_millis(1)).table(&bare));
        assert!(!statements.iter().any(|statement| match statement {
            Statement::Claim { field, .. } => field.to_string() == "tags",
            Statement::OnlyRelated { .. } => true,
            _ => false,
        }));
    }

    #[test]
    fn functions_of_one_name_are_told_apart_and_keys_of_several_columns_are_one() {
        let mapping = Mapping::new("a", Timestamp::from_millis(1));
        let row = json!({"function_catalog": "D", "function_schema": "S", "function_name": "F", "argument_signature": "(X NUMBER)"});
        let reads = mapping.object(Sort::Function, &row);
        assert!(
            matches!(&told(&reads)[0], Statement::Exists { thing } if thing.name.name == "D.S.F(X NUMBER)")
        );
        let part = |from: &str, to: &str| {
            json!({"pk_database_name": "D", "pk_schema_name": "S", "pk_table_name": "P", "fk_name": "K",
                   "fk_column_name": from, "pk_column_name": to})
        };
        let keys = foreign_keys(&[part("A", "X"), part("B", "Y")]);
        assert_eq!(
            keys,
            [json!({"name": "K", "columns": ["A", "B"], "table": "D.S.P", "references": ["X", "Y"]})]
        );
    }
}
