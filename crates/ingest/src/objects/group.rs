//! Which files are one table.
//!
//! By their names alone, in this order: the log of a Delta or Iceberg table, or the folder of a Lance or Zarr one; hive's
//! partitions (`day=2026-01-01/`); the parts that one job writes (`part-00000-...`); very many data files of one sort
//! side by side.

use std::collections::{BTreeMap, BTreeSet};

use catena_model::time::Timestamp;

use super::{Object, name};

/// From how many data files of one sort in one folder on they are one dataset.
const MANY: usize = 100;

/// How many partition columns a table may have; a deeper path of `a=b` is something else.
const PARTITIONS: usize = 16;

/// A file by itself, or a table of many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A file.
    File(Object),
    /// Files that are one table.
    Table(Table),
}

/// Files that are one table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// The folder, without a slash at its end.
    pub prefix: String,
    /// How many files.
    pub files: u64,
    /// How large they are together.
    pub bytes: u64,
    /// When the newest was written.
    pub modified: Option<Timestamp>,
    /// The columns that stand in the folders' names.
    pub partitions: Vec<String>,
    /// What sorts of files: `parquet`.
    pub formats: BTreeSet<String>,
    /// The first of its data files.
    pub first: Option<String>,
    /// How long that file is.
    pub first_size: Option<u64>,
    format: Option<&'static str>,
}

impl Table {
    /// What it is, for a person.
    pub fn subtype(&self) -> &'static str {
        match self.format {
            Some(format) => format,
            None if self.partitions.is_empty() => "folder of files",
            None => "partitioned table",
        }
    }

    fn add(&mut self, object: &Object) {
        self.files += 1;
        self.bytes = self.bytes.saturating_add(object.size);
        self.modified = self.modified.max(object.modified);
        if name::is_data(&object.key) {
            self.formats.insert(name::ending(&object.key));
            if self.first.as_ref().is_none_or(|first| *first > object.key) {
                (self.first, self.first_size) = (Some(object.key.clone()), Some(object.size));
            }
        }
        for column in partitions(object.key.get(self.prefix.len()..).unwrap_or_default()) {
            if !self.partitions.contains(&column) && self.partitions.len() < PARTITIONS {
                self.partitions.push(column);
            }
        }
    }
}

/// The files by themselves and the tables, in the order of their names.
pub fn grouped(mut objects: Vec<Object>) -> Vec<Item> {
    objects.sort_by(|a, b| a.key.cmp(&b.key));
    let mut tables: BTreeMap<String, Table> = BTreeMap::new();
    for object in &objects {
        if let Some((prefix, format)) = marked(&object.key) {
            let table = tables.entry(prefix.to_owned()).or_default();
            table.prefix = prefix.to_owned();
            table.format = table.format.or(format);
        }
    }
    // A folder within a table is a part of it, unless a table's log says that it is a table itself.
    let roots: Vec<String> = tables.keys().cloned().collect();
    for root in roots {
        let within = parents(&root).any(|parent| tables.contains_key(parent));
        if within && tables.get(&root).is_some_and(|table| table.format.is_none()) {
            tables.remove(&root);
        }
    }
    let mut files = Vec::new();
    let mut beside: BTreeMap<(String, String), Vec<Object>> = BTreeMap::new();
    for object in objects {
        let root = parents(&object.key).find(|parent| tables.contains_key(*parent)).map(str::to_owned);
        match root {
            Some(root) => {
                if let Some(table) = tables.get_mut(&root) {
                    table.add(&object);
                }
            }
            None if name::is_data(&object.key) && object.key.contains('/') => {
                let folder = object.key.rsplit_once('/').map_or("", |(folder, _)| folder);
                beside.entry((folder.to_owned(), name::ending(&object.key))).or_default().push(object);
            }
            None => files.push(Item::File(object)),
        }
    }
    for ((folder, _), objects) in beside {
        if objects.len() < MANY || folder.is_empty() || tables.contains_key(&folder) {
            files.extend(objects.into_iter().map(Item::File));
            continue;
        }
        let mut table = Table { prefix: folder.clone(), ..Table::default() };
        objects.iter().for_each(|object| table.add(object));
        tables.insert(folder, table);
    }
    files.extend(tables.into_values().filter(|table| table.files > 0).map(Item::Table));
    files.sort_by(|a, b| key(a).cmp(key(b)));
    files
}

fn key(item: &Item) -> &str {
    match item {
        Item::File(object) => &object.key,
        Item::Table(table) => &table.prefix,
    }
}

/// The folders that a path is in, innermost first.
fn parents(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(path.rsplit_once('/').map(|(folder, _)| folder), |folder| {
        folder.rsplit_once('/').map(|(folder, _)| folder)
    })
    .filter(|folder| !folder.is_empty())
}

/// The table that a path alone tells that it is in, and which format that is.
fn marked(path: &str) -> Option<(&str, Option<&'static str>)> {
    let (folder, file) = path.rsplit_once('/')?;
    let mut at = 0;
    for segment in folder.split('/') {
        let (before, end) = (path[..at].trim_end_matches('/'), at + segment.len());
        let found = match segment {
            "_delta_log" => Some((before, Some("Delta table"))),
            ".hoodie" => Some((before, Some("Hudi table"))),
            "metadata" if end == folder.len() && file.ends_with(".metadata.json") => {
                Some((before, Some("Iceberg table")))
            }
            _ if segment.ends_with(".lance") => Some((&path[..end], Some("Lance table"))),
            _ if segment.ends_with(".zarr") => Some((&path[..end], Some("Zarr array"))),
            _ if segment.ends_with(".parquet") => Some((&path[..end], None)),
            _ if column_of(segment).is_some() => Some((before, None)),
            _ => None,
        };
        if let Some((before, format)) = found {
            return (!before.is_empty()).then_some((before, format));
        }
        at = end + 1;
    }
    let part = file.strip_prefix("part-").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    (part || file == "_SUCCESS").then_some((folder, None)).filter(|(folder, _)| !folder.is_empty())
}

fn partitions(path: &str) -> impl Iterator<Item = String> {
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
    folders.split('/').filter_map(column_of).map(str::to_owned)
}

/// The column of a hive partition: `day` of `day=2026-01-01`.
fn column_of(segment: &str) -> Option<&str> {
    let (column, _) = segment.split_once('=')?;
    let plain =
        !column.is_empty() && column.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
    plain.then_some(column)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(keys: &[&str]) -> Vec<String> {
        let object = |key: &&str| Object { key: (*key).to_owned(), size: 10, ..Object::default() };
        let item = |item: Item| match item {
            Item::File(object) => object.key,
            Item::Table(table) => {
                format!(
                    "{} ({}, {} files, by {})",
                    table.prefix,
                    table.subtype(),
                    table.files,
                    table.partitions.join(",")
                )
            }
        };
        grouped(keys.iter().map(object).collect()).into_iter().map(item).collect()
    }

    #[test]
    fn what_is_one_table_is_one_dataset() {
        assert_eq!(
            shown(&[
                "raw/orders.csv",
                "sales/day=2026-01-01/region=eu/part-0.parquet",
                "sales/day=2026-01-02/region=eu/part-0.parquet",
                "sales/_SUCCESS",
                "out/part-00000-abc.snappy.parquet",
                "out/part-00001-abc.snappy.parquet",
                "dl/_delta_log/00000000000000000000.json",
                "dl/part-00000.parquet",
                "dl/day=1/part-00000.parquet",
                "ice/data/00000-0.parquet",
                "ice/metadata/v1.metadata.json",
                "kb.lance/data/x.lance",
                "readme.md",
            ]),
            [
                "dl (Delta table, 3 files, by day)",
                "ice (Iceberg table, 2 files, by )",
                "kb.lance (Lance table, 1 files, by )",
                "out (folder of files, 2 files, by )",
                "raw/orders.csv",
                "readme.md",
                "sales (partitioned table, 3 files, by day,region)",
            ]
        );
    }

    #[test]
    fn many_files_of_one_sort_are_one_and_few_are_not() {
        let keys: Vec<String> =
            (0..150).map(|n| format!("logs/{n:03}.json")).chain(["logs/readme.txt".to_owned()]).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        assert_eq!(shown(&keys), ["logs (folder of files, 150 files, by )", "logs/readme.txt"]);
        assert_eq!(shown(&keys[..99]).len(), 99);
        // A partition at the top of a bucket has no folder that would be the table's name.
        assert_eq!(shown(&["day=1/a.parquet"]), ["day=1/a.parquet"]);
    }
}
