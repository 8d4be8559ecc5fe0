//! What readers do with files: those that real libraries wrote, and those that something has damaged since.

use std::{io::Cursor, time::Instant};

use catena_model::{
    name::QualifiedName,
    statement::{Read, Statement},
    time::Timestamp,
};
use proptest::{collection::vec, prelude::*, sample::Index};

use crate::{FileError, Format, Place, Seekable, lake, read};

macro_rules! recorded {
    ($($name:literal)*; written $($written:literal)*) => {
        /// What real libraries wrote, and documents after the examples of their standards.
        const FILES: &[(&str, &[u8])] = &[
            $(($name, include_bytes!(concat!("../../../tests/fixtures/files/", $name))),)*
            $(($written, include_bytes!(concat!("../documents/", $written))),)*
        ];
    };
}

recorded!("orders.csv" "orders.tsv" "orders.json" "events.ndjson" "orders.parquet" "nested.parquet" "nested.arrow"
    "nested.arrows" "orders.feather" "orders.avro" "oven.safetensors" "oven.gguf" "oven.onnx" "card/README.md"
    "croissant.json" "bom.cdx.json" "loaf.png"; written "agent-card.json" "tools.json" "openapi.yaml" "contract.odcs.yaml"
    "ai.spdx.json");

const COMMIT: &[u8] =
    include_bytes!("../../../tests/fixtures/files/delta/_delta_log/00000000000000000001.json");
const ICEBERG: &[u8] = include_bytes!("../../../tests/fixtures/files/iceberg/metadata/00002.metadata.json");

fn place(name: &str) -> Place {
    let name = QualifiedName::new("file", &format!("/data/{name}")).unwrap();
    Place { name, at: Timestamp::from_millis(1), model: None }
}

fn take(name: &str, bytes: &[u8]) -> Result<Vec<Read>, FileError> {
    let mut input = Seekable::new(Cursor::new(bytes))?;
    let format = Format::recognise(name, &mut input)?;
    read(&place(name), format, &mut input)
}

/// What is said, in few words.
fn told(reads: &[Read]) -> Vec<String> {
    let short = |thing: &catena_model::statement::Thing| {
        let name = thing.name.name.rsplit('/').next().unwrap_or_default();
        format!("{} {name}", thing.kind.word())
    };
    reads
        .iter()
        .flat_map(|read| read.as_ref().map(|record| record.statements.clone()).unwrap_or_default())
        .filter_map(|statement| match statement {
            Statement::Claim { thing, field, value: Some(value), .. } => {
                Some(format!("{} {field} = {value}", short(&thing)))
            }
            Statement::Related { from, kind, to, .. } => {
                Some(format!("{} {} {}", short(&from), kind.word(), short(&to)))
            }
            Statement::Facet { thing, name, body, .. } => Some(format!("{} [{name}] {body}", short(&thing))),
            _ => None,
        })
        .collect()
}

fn file(name: &str) -> Vec<String> {
    let (_, bytes) = FILES.iter().find(|(known, _)| *known == name).unwrap();
    let reads = take(name, bytes).unwrap();
    assert!(reads.iter().all(Result::is_ok), "{name}: {reads:?}");
    told(&reads)
}

#[track_caller]
fn says(told: &[String], expected: &str) {
    assert!(told.iter().any(|one| one.contains(expected)), "{expected}\nis not in\n{}", told.join("\n"));
}

#[test]
fn tables_without_declared_types_are_told_by_their_values() {
    for name in ["orders.csv", "orders.tsv", "orders.json"] {
        let told = file(name);
        for expected in [
            "order_id data_type = \"integer\"",
            "price data_type = \"number\"",
            "loaf nullable = false",
            "customer_email nullable = true",
            "\"format\":\"email\"",
            "[candidateKeys] {\"columns\":[\"order_id\"",
        ] {
            says(&told, expected);
        }
        assert!(!told.iter().any(|one| one.contains("ann@example.org")), "{name} keeps somebody's address");
    }
    let told = file("events.ndjson");
    says(&told, "events.ndjson.ms data_type = \"number\"");
    says(&told, "\"row\":2,\"column\":\"ms\",\"change\":\"integer to number\"");
    says(&told, "events.ndjson.oven.celsius data_type = \"integer\"");
}

#[test]
fn tables_say_themselves_what_their_columns_are() {
    for name in ["nested.parquet", "nested.arrow", "nested.arrows"] {
        let told = file(name);
        says(&told, "id data_type = \"int32\"");
        says(&told, "total data_type = \"decimal(10,2)\"");
        says(&told, "at data_type = \"timestamp[us, UTC]\"");
        says(&told, "lines.count data_type = \"int64\"");
    }
    for name in ["orders.parquet", "orders.feather"] {
        let told = file(name);
        says(&told, "loaf data_type = \"string\"");
        says(&told, "baked data_type = \"date\"");
        says(&told, "[pandas]");
    }
    says(&file("orders.parquet"), "\"min\":1,\"max\":4");
    let told = file("orders.avro");
    says(&told, "order_id data_type = \"long\"");
    says(&told, "note nullable = true");
    says(&told, "oven.celsius data_type = \"float\"");
}

#[test]
fn tables_that_are_folders_are_one_dataset_with_versions() {
    const FIRST: &[u8] =
        include_bytes!("../../../tests/fixtures/files/delta/_delta_log/00000000000000000000.json");
    let commits: Vec<(String, Vec<u8>)> = [FIRST, COMMIT]
        .iter()
        .enumerate()
        .map(|(number, bytes)| (format!("{number:020}.json"), bytes.to_vec()))
        .collect();
    let told_of_delta = told(&lake::delta(&place("delta"), &commits).unwrap());
    says(&told_of_delta, "price data_type = \"double\"");
    says(&told_of_delta, "\"version\":1");
    says(&told_of_delta, "\"rows\":4");
    let told_of_iceberg = told(&lake::iceberg(&place("iceberg"), ICEBERG).unwrap());
    says(&told_of_iceberg, "price data_type = \"double\"");
    says(&told_of_iceberg, "order_id data_type = \"long\"");
    says(&told_of_iceberg, "[schemaVersions]");
}

#[test]
fn models_are_told_by_their_headers() {
    says(&file("oven.safetensors"), "\"tensors\":2,\"parameters\":36,\"dtype\":\"F16\"");
    let told = file("oven.gguf");
    for expected in [
        "\"context_length\":4096",
        "\"quantization\":\"Q4_K_M\"",
        "\"license\":\"mit\"",
        "name = \"Oven 7B\"",
        "\"tokenizer\":\"gpt2\"",
        "\"architecture\":\"llama\"",
        "\"parameters\":640",
        "\"vocabulary\":20",
    ] {
        says(&told, expected);
    }
    let told = file("oven.onnx");
    says(&told, "\"parameters\":32");
    says(&told, "\"name\":\"x\",\"type\":\"float32\",\"shape\":[\"batch\",8]");
    let told = file("card/README.md");
    for expected in [
        "derives_from model oven-base",
        "trained_on dataset orders",
        "evaluated_on dataset tastings",
        "apache-2.0",
    ] {
        says(&told, expected);
    }
}

#[test]
fn standards_are_read() {
    let told = file("croissant.json");
    says(&told, "name = \"orders\"");
    says(&told, "loaf data_type = \"sc:Text\"");
    let told = file("bom.cdx.json");
    says(&told, "model_version bom.cdx.json#oven trained_on dataset bom.cdx.json#orders");
    let told = file("loaf.png");
    says(&told, "not verified");
    says(&told, "bakery-painter");
    says(&told, "trainedAlgorithmicMedia");
    says(&file("agent-card.json"), "tool agent-card.json#bake name = \"Bake\"");
    says(&file("tools.json"), "\"arguments\":[\"loaf\",\"count\"]");
    says(&file("openapi.yaml"), "name = \"listOrders\"");
    let told = file("contract.odcs.yaml");
    says(&told, "owners = [\"ann\"]");
    says(&told, "order_id properties = {\"key\":\"primary\"}");
    says(&told, "[serviceLevels]");
    says(&file("ai.spdx.json"), "trained_on dataset");
}

#[test]
fn what_could_be_a_program_is_not_loaded() {
    for bytes in [&b"\x80\x04\x95\x10\x00\x00\x00"[..], b"PK\x03\x04archive/data.pkl"] {
        assert!(matches!(take("model.pt", bytes), Err(FileError::Unsupported(_))));
    }
}

#[test]
fn claimed_lengths_cost_nothing() {
    let far = u64::MAX.to_le_bytes();
    let gguf = [&b"GGUF\x03\0\0\0"[..], &[0; 8], &1_u64.to_le_bytes(), &far].concat();
    let list = [
        &b"GGUF\x03\0\0\0"[..],
        &[0; 8],
        &1_u64.to_le_bytes(),
        &[1, 0, 0, 0, 0, 0, 0, 0],
        b"k",
        &[9, 0, 0, 0, 0, 0, 0, 0],
        &far,
    ]
    .concat();
    let safetensors = [&(1_u64 << 40).to_le_bytes()[..], b"{\"a\":1}"].concat();
    let parquet =
        [&b"PAR1"[..], &[0x19, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x0f], &7_u32.to_le_bytes(), b"PAR1"].concat();
    let begun = Instant::now();
    for bytes in [gguf, list, safetensors, parquet] {
        assert!(take("x", &bytes).is_err());
    }
    assert!(begun.elapsed().as_secs() < 1);
}

fn damage() -> impl Strategy<Value = (Index, u8, u8, usize)> {
    (any::<Index>(), any::<u8>(), 0_u8..5, 1_usize..64)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn damaged_files_are_read_or_refused_and_never_for_long(
        which in any::<Index>(),
        damages in vec(damage(), 1..5),
    ) {
        let (name, bytes) = FILES[which.index(FILES.len())];
        let mut bytes = bytes.to_vec();
        for (at, byte, how, count) in damages {
            if bytes.is_empty() {
                break;
            }
            let at = at.index(bytes.len());
            let end = (at + count).min(bytes.len());
            match how {
                0 => bytes[at] ^= byte | 1,
                1 => bytes[at..end].fill(0xff),
                2 => bytes.truncate(at),
                3 => drop(bytes.drain(at..end)),
                _ => {
                    let part = bytes[at..end].repeat(3);
                    bytes.splice(at..at, part);
                }
            }
        }
        let begun = Instant::now();
        if let Ok(reads) = take(name, &bytes) {
            for rejection in reads.iter().filter_map(|read| read.as_ref().err()) {
                prop_assert!(rejection.why.len() < 1_100);
            }
        }
        prop_assert!(begun.elapsed().as_secs_f64() < 1.0, "{name}");
        if name.ends_with(".json") {
            let _ = lake::iceberg(&place("t"), &bytes);
            let _ = lake::delta(&place("t"), &[("0.json".to_owned(), bytes)]);
        }
    }

    #[test]
    fn damaged_logs_of_tables_are_read_or_refused(at in any::<Index>(), byte in any::<u8>(), cut in any::<Index>()) {
        for text in [COMMIT, ICEBERG] {
            let mut bytes = text.to_vec();
            let at = at.index(bytes.len());
            bytes[at] ^= byte;
            bytes.truncate(cut.index(bytes.len()));
            let _ = lake::iceberg(&place("t"), &bytes);
            let _ = lake::delta(&place("t"), &[("0.json".to_owned(), bytes)]);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..500), name in "[a-z]{1,4}\\.(csv|json|yaml|md|onnx)") {
        let _ = take(&name, &bytes);
    }
}
