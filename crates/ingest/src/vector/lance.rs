//! The manifest of a version of a Lance table: which columns it has, how many rows, and how long its vectors are.
//!
//! A manifest is a protobuf message near the end of a small file, with its place and `LANC` behind it. It is read by
//! hand, because the library that writes it is larger than everything else here. Rows lie in files of another format,
//! which are not read.

use serde_json::Map;

use super::Collection;
use crate::{
    fault::shorten,
    otlp::wire::{Fields, Malformed},
};

/// The longest manifest that is read.
pub const LONGEST: u64 = 64 << 20;

/// How many columns are told.
const COLUMNS: usize = 10_000;

const MAGIC: &[u8] = b"LANC";

/// Why a manifest can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LanceError {
    /// Its end is not that of a manifest.
    #[error("it does not end as a manifest of Lance does: the table may be of another format")]
    NotLance,
    /// What it says doesn't hold together.
    #[error("its message can't be read ({0}): open the table once with LanceDB")]
    Malformed(String),
}

impl From<Malformed> for LanceError {
    fn from(problem: Malformed) -> Self {
        Self::Malformed(problem.to_string())
    }
}

#[derive(Default)]
struct Column {
    name: String,
    parent: i64,
    logical_type: String,
}

/// The version that a manifest's file is of, by its name: plain, or counted down so that the newest comes first.
pub fn version_of(file: &str) -> Option<u64> {
    let number = file.strip_suffix(".manifest")?;
    let all_digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let number: u64 = number.parse().ok().filter(|_| all_digits)?;
    // No table has this many versions.
    Some(if number > u64::MAX / 2 { u64::MAX - number } else { number })
}

/// Reads the manifest of the table of this name.
pub fn read(table: &str, file: &[u8]) -> Result<Collection, LanceError> {
    let (rest, footer) = file.split_at_checked(file.len().wrapping_sub(16)).ok_or(LanceError::NotLance)?;
    if !footer.ends_with(MAGIC) {
        return Err(LanceError::NotLance);
    }
    let place = footer.first_chunk().copied().map_or(u64::MAX, u64::from_le_bytes);
    let message = usize::try_from(place).ok().and_then(|at| rest.get(at..)).ok_or(LanceError::NotLance)?;
    let (length, message) = message.split_first_chunk().ok_or(LanceError::NotLance)?;
    let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
    let message = message.get(..length).ok_or(LanceError::NotLance)?;
    let (mut columns, mut rows, mut fragments, mut version) = (Vec::new(), 0_u64, 0_u64, 0);
    for field in Fields::of(message) {
        match field? {
            (1, value) => {
                let column = column(value.bytes(1)?)?;
                if columns.len() < COLUMNS {
                    columns.push(column);
                }
            }
            (2, value) => {
                fragments += 1;
                rows = rows.saturating_add(rows_of(value.bytes(2)?)?);
            }
            (3, value) => version = value.varint(3)?,
            _ => {}
        }
    }
    // Those within lists and structures are part of their type.
    let whole: Vec<&Column> = columns.iter().filter(|column| column.parent < 0).collect();
    let vector = whole.iter().find_map(|column| {
        let rest = column.logical_type.strip_prefix("fixed_size_list:")?;
        rest.rsplit_once(':')?.1.parse().ok()
    });
    let declared =
        whole.iter().map(|column| (column.name.clone(), shorten(&column.logical_type, 200))).collect();
    let mut other = Map::new();
    other.insert("version".to_owned(), version.into());
    other.insert("fragments".to_owned(), fragments.into());
    Ok(Collection {
        name: table.to_owned(),
        dimension: vector,
        records: Some(rows),
        declared,
        other,
        ..Collection::default()
    })
}

fn column(message: &[u8]) -> Result<Column, Malformed> {
    let mut column = Column { parent: -1, ..Column::default() };
    for field in Fields::of(message) {
        match field? {
            (2, value) => column.name = value.text(2)?.to_owned(),
            // A negative number is written as 64 bits.
            (4, value) => column.parent = value.varint(4)?.cast_signed(),
            (5, value) => column.logical_type = value.text(5)?.to_owned(),
            _ => {}
        }
    }
    Ok(column)
}

/// How many rows a fragment has that were not deleted.
fn rows_of(message: &[u8]) -> Result<u64, Malformed> {
    let (mut physical, mut deleted) = (0, 0);
    for field in Fields::of(message) {
        match field? {
            (3, value) => {
                for field in Fields::of(value.bytes(3)?) {
                    if let (4, value) = field? {
                        deleted = value.varint(4)?;
                    }
                }
            }
            (4, value) => physical = value.varint(4)?,
            _ => {}
        }
    }
    Ok(physical.saturating_sub(deleted))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The last version of a table of twenty records, after one was deleted and one added, as LanceDB 0.40 wrote it.
    const MANIFEST: &[u8] =
        include_bytes!("../../../../tests/fixtures/lancedb/kb.lance/_versions/18446744073709551612.manifest");

    #[test]
    fn a_manifest_tells_columns_rows_and_the_length_of_vectors() {
        let table = read("kb", MANIFEST).unwrap();
        assert_eq!((table.dimension, table.records), (Some(4), Some(20)));
        let declared: Vec<String> =
            table.declared.iter().map(|(name, kind)| format!("{name} {kind}")).collect();
        assert_eq!(declared, ["id string", "text string", "page int64", "vector fixed_size_list:float:4"]);
        assert_eq!(table.other["version"], 3);
    }

    #[test]
    fn the_newest_is_told_by_either_way_of_counting() {
        assert_eq!(version_of("18446744073709551612.manifest"), Some(3));
        assert_eq!(version_of("12.manifest"), Some(12));
        for other in ["latest_version_hint.json", ".manifest", "+1.manifest", "99999999999999999999.manifest"]
        {
            assert_eq!(version_of(other), None, "{other}");
        }
    }

    #[test]
    fn what_is_cut_anywhere_is_an_error() {
        for end in 0..MANIFEST.len() {
            assert!(read("kb", &MANIFEST[..end]).is_err(), "cut at {end}");
        }
    }

    proptest! {
        #[test]
        fn any_damage_is_read_or_refused(at in 0..MANIFEST.len(), byte in any::<u8>()) {
            let mut damaged = MANIFEST.to_vec();
            damaged[at] = byte;
            let _ = read("kb", &damaged);
        }
    }
}
