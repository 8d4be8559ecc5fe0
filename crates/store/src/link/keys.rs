//! By what an entity may be tied to others.

use catena_model::{kind::Kind, name::QualifiedName};
use rusqlite::Connection;
use serde_json::Value;
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use crate::{
    StoreResult,
    table::{entity::EntityRow, facet, link_key::LinkKey, name},
};

/// The id of a record, as its store or a trace gives it.
pub(super) const ID: u8 = 1;
/// The SHA-256 of a text.
pub(super) const HASH: u8 = 2;
/// A text without the white space around it.
pub(super) const TEXT: u8 = 3;
/// The words of a text, however they are spaced and capitalised.
pub(super) const WORDS: u8 = 4;
/// The last part of a table's name.
pub(super) const TABLE: u8 = 5;
/// The name of a file, without its folder.
pub(super) const FILE: u8 = 6;

/// The namespace of passages that are known by their text alone.
pub(super) const BY_TEXT: &str = "text";
/// Shorter texts are the same by accident.
const LEAST_TEXT: usize = 8;
/// Shorter ids too.
const LEAST_ID: usize = 6;

/// Where tables are; collections of vectors, topics and the like export nothing.
const TABLES: &[&str] = &[
    "duckdb",
    "sqlite",
    "postgres",
    "mysql",
    "mariadb",
    "mssql",
    "oracle",
    "snowflake",
    "redshift",
    "bigquery",
    "trino",
    "presto",
    "hive",
    "databricks",
    "unitycatalog",
    "clickhouse",
    "teradata",
    "spark",
    "iceberg",
    "awsathena",
    "awsglue",
    "azuresql",
    "db2",
    "crate",
    "cassandra",
];

/// The keys of this entity itself, in their order; none when it is gone.
pub(super) fn of(db: &Connection, row: &EntityRow) -> StoreResult<Vec<LinkKey>> {
    let mut keys = Vec::new();
    if row.gone {
        return Ok(keys);
    }
    match row.kind {
        Kind::Chunk => {
            for facet in facet::named(db, row.ix, PASSAGE)? {
                passage(&facet, &mut keys);
            }
        }
        Kind::Document => {
            for given in name::of_entity(db, row.ix)? {
                if let Some(stem) = stem(&given.name) {
                    keys.push(key(TABLE, stem.as_bytes()));
                }
                if let Some(path) = own_path(&given.name) {
                    keys.push(key(FILE, last(&path).as_bytes()));
                }
            }
            for facet in facet::named(db, row.ix, EXPORT)? {
                if let Some(table) = exported(&facet) {
                    keys.push(key(TABLE, short(&table).as_bytes()));
                }
            }
        }
        Kind::Dataset => {
            for given in name::of_entity(db, row.ix)? {
                match table(&given.name) {
                    Some(table) => keys.push(key(TABLE, short(&table).as_bytes())),
                    None if given.name.name.contains('/') => {
                        let path = given.name.name.to_lowercase();
                        keys.push(key(FILE, last(&path).as_bytes()));
                    }
                    None => {}
                }
            }
        }
        _ => {}
    }
    keys.sort_unstable();
    keys.dedup();
    Ok(keys)
}

fn passage(facet: &Value, keys: &mut Vec<LinkKey>) {
    let id = facet.get("id").and_then(Value::as_str).map(str::trim);
    if let Some(id) = id.filter(|id| id.len() >= LEAST_ID && id.bytes().any(|byte| !byte.is_ascii_digit())) {
        keys.push(key(ID, id.as_bytes()));
    }
    let text = facet.get("text").and_then(Value::as_str);
    let told = facet.get("sha256").and_then(Value::as_str).and_then(|text| hex::decode(text).ok());
    match (text, told) {
        (Some(text), _) if text.trim().len() >= LEAST_TEXT => {
            keys.push(key_of(HASH, &Sha256::digest(text.as_bytes())));
            keys.push(key(TEXT, text.trim().as_bytes()));
            keys.push(key(WORDS, words(text).as_bytes()));
        }
        (None, Some(hash)) if hash.len() == 32 => keys.push(key_of(HASH, &hash)),
        _ => {}
    }
}

fn words(text: &str) -> String {
    let plain: String = text.nfkc().collect::<String>().to_lowercase();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn key(rule: u8, bytes: &[u8]) -> LinkKey {
    key_of(rule, &Sha256::digest(bytes))
}

fn key_of(rule: u8, digest: &[u8]) -> LinkKey {
    let mut key = [0; 16];
    key.iter_mut().zip(digest).for_each(|(to, from)| *to = *from);
    LinkKey { rule, key }
}

/// The facet of a chunk that has its text, or the text's digest.
pub(super) const PASSAGE: &str = "passage";
/// The facet of a document that names the table it was written out of.
pub(super) const EXPORT: &str = "tableExport";

/// The table that such a facet names.
pub(super) fn exported(facet: &Value) -> Option<String> {
    let table = facet.get("table")?.as_str()?.trim().to_lowercase();
    (!table.is_empty()).then_some(table)
}

/// The last part of a table's name.
pub(super) fn short(table: &str) -> &str {
    table.rsplit('.').next().unwrap_or(table)
}

/// The last part of a path.
pub(super) fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The name of a table, in lower case; none for what is none.
pub(super) fn table(name: &QualifiedName) -> Option<String> {
    let scheme = name.namespace.split("://").next().unwrap_or_default();
    (TABLES.contains(&scheme) && !name.name.contains('/')).then(|| name.name.to_lowercase())
}

/// What a document's file is called without its ending, in lower case. A page of the web is nobody's export.
pub(super) fn stem(name: &QualifiedName) -> Option<String> {
    if name.namespace.starts_with("http") {
        return None;
    }
    let file = last(&name.name).to_lowercase();
    let stem = file.rsplit_once('.').map_or(file.as_str(), |(stem, _)| stem);
    (stem.len() >= 3).then(|| stem.to_owned())
}

/// The path of a document that an application names without saying where it is.
pub(super) fn own_path(name: &QualifiedName) -> Option<String> {
    let path = name.name.to_lowercase();
    let path = path.trim_start_matches("./").to_owned();
    (name.namespace.starts_with("app://") && last(&path).contains('.')).then_some(path)
}
