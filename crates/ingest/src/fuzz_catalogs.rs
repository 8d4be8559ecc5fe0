//! What the readers of other catalogs do with answers that are not what they should be: never panic, and reject in words.

use catena_model::{statement::Read, time::Timestamp};
use proptest::{collection::vec, prelude::*, sample::Index};
use serde_json::{Value, json};

use crate::{datahub, nexla, openmetadata, snowflake, unity};

/// Any JSON, with the keys that the readers look for.
fn any_json() -> impl Strategy<Value = Value> {
    let key = prop::sample::select(vec![
        "name",
        "full_name",
        "fullyQualifiedName",
        "urn",
        "columns",
        "tags",
        "owners",
        "value",
        "upstreams",
        "tableInfo",
        "children",
        "id",
        "fields",
        "fieldPath",
        "fineGrainedLineages",
        "updated_at",
        "table_constraints",
        "properties",
        "upstreamEdges",
        "nodes",
        "lineageDetails",
        "columnsLineage",
        "toColumn",
        "fromColumns",
        "output_schema",
        "schemaMetadata",
        "upstreamLineage",
        "datasetProperties",
        "dataJobInputOutput",
        "parent_data_sets",
        "version",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        "(urn:li:[a-zA-Z]{1,10}:)?[(),.\"a-z\u{0}\u{202e}é%]{0,12}".prop_map(Value::from),
        Just(json!("urn:li:dataset:(urn:li:dataPlatform:postgres,a.b.c,PROD)")),
        Just(json!("svc.db.\"s.x\".t.c")),
        Just(json!("x".repeat(5_000))),
    ];
    leaf.prop_recursive(6, 80, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            vec((key.clone(), inner), 0..8).prop_map(|pairs| {
                Value::Object(pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
            }),
        ]
    })
}

/// Every rejection says where and why, in a length that a person reads.
fn sensible(reads: &[Read]) -> Result<(), TestCaseError> {
    prop_assert!(!reads.is_empty());
    for rejection in reads.iter().filter_map(|read| read.as_ref().err()) {
        prop_assert!(!rejection.place.is_empty() && !rejection.why.is_empty());
        prop_assert!(rejection.why.len() < 1_100 && rejection.place.len() < 400);
    }
    Ok(())
}

/// Puts what is said under keys of an object over what is there, so that a part of it is sound.
fn over(sound: Value, damage: &Value, which: Index) -> Value {
    let Value::Object(mut map) = sound else { return damage.clone() };
    let keys: Vec<String> = map.keys().cloned().collect();
    if let Some(key) = keys.get(which.index(keys.len().max(1))) {
        map.insert(key.clone(), damage.clone());
    }
    Value::Object(map)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_json_is_taken_or_refused(a in any_json(), b in any_json(), which in any::<Index>()) {
        let at = Timestamp::from_millis(1);
        let mapping = unity::Mapping::new("w", at);
        let sound = json!({
            "name": "t", "full_name": "a.b.t", "columns": [{"name": "c"}], "properties": {"k": "v"}, "owner": "o",
            "table_constraints": [], "view_dependencies": {"dependencies": []}, "aliases": [], "version": 1,
        });
        let table = over(sound, &a, which);
        let around = unity::Around {
            tags: Some(vec![b.clone()]),
            column_tags: vec![("c".to_owned(), vec![a.clone()])],
            lineage: Some(over(json!({"upstreams": [b]}), &a, which)),
            column_lineage: vec![("c".to_owned(), json!({"upstream_cols": [b]}))],
        };
        sensible(&mapping.table(&table, &around))?;
        for sort in [unity::Sort::Catalog, unity::Sort::Function, unity::Sort::Model] {
            sensible(&mapping.object(sort, &table, Some(std::slice::from_ref(&b))))?;
        }
        sensible(&mapping.model_version(&table, &over(json!({"version": 1, "run_id": "r", "aliases": []}), &b, which)))?;
    }

    #[test]
    fn any_entity_is_taken_or_refused(a in any_json(), b in any_json(), which in any::<Index>()) {
        let at = Timestamp::from_millis(1);
        let om = openmetadata::Mapping::new("om", at);
        let entity = json!({
            "id": "1", "fullyQualifiedName": "s.d.c.t", "name": "t", "columns": [{"name": "c", "children": [b]}],
            "tags": [{"tagFQN": "x"}], "owners": [], "serviceType": "Postgres", "tasks": [b], "extension": {}, "tableType": "View",
        });
        let entity = over(entity, &a, which);
        let lineage = over(
            json!({"entity": {"id": "1"}, "nodes": [{"id": "2", "type": "table", "fullyQualifiedName": "a.b.c.d"}],
                   "upstreamEdges": [{"fromEntity": "2", "toEntity": "1", "lineageDetails": {"columnsLineage": [b]}}]}),
            &b,
            which,
        );
        for sort in openmetadata::SORTS {
            sensible(&om.entity(sort, &entity, Some(&lineage)))?;
            sensible(&om.entity(sort, &a, Some(&b)))?;
        }
        let hub = datahub::Mapping::new("dh", at);
        let entity = json!({
            "urn": "urn:li:dataset:(urn:li:dataPlatform:postgres,a.b.c,PROD)", "datasetProperties": {"value": a},
            "schemaMetadata": {"value": {"fields": [b]}}, "upstreamLineage": {"value": b}, "ownership": {"value": {"owners": [a]}},
            "dataJobInputOutput": {"value": a}, "globalTags": {"value": {"tags": [b]}}, "mlModelProperties": {"value": b},
        });
        let entity = over(entity, &b, which);
        for sort in datahub::SORTS {
            sensible(&hub.entity(sort, &entity))?;
        }
    }

    #[test]
    fn any_row_and_object_is_taken_or_refused(a in any_json(), b in any_json(), which in any::<Index>()) {
        let at = Timestamp::from_millis(1);
        let mapping = snowflake::Mapping::new("acme", at);
        let row = over(json!({"table_catalog": "D", "table_schema": "S", "table_name": "T", "table_type": "VIEW"}), &a, which);
        let table = snowflake::Table {
            columns: vec![b.clone(), over(json!({"column_name": "C", "data_type": "NUMBER", "numeric_precision": "3"}), &a, which)],
            foreign_keys: vec![over(json!({"pk_database_name": "D", "pk_schema_name": "S", "pk_table_name": "P",
                                           "fk_column_name": "C", "pk_column_name": "X"}), &b, which)],
            primary_key: Some(vec!["C".to_owned()]),
            tags: Some(vec![a.clone(), b.clone()]),
            reads: Some(vec![a.as_str().unwrap_or_default().to_owned()]),
            sql: b.as_str().map(str::to_owned),
            row,
        };
        sensible(&mapping.table(&table))?;
        sensible(&mapping.object(snowflake::Sort::Function, &a))?;
        let mapping = nexla::Mapping::new("n", at);
        let object = over(json!({"id": 1, "output_schema": b, "parent_data_sets": [a], "source_config": b, "children": [b]}), &a, which);
        for sort in nexla::Sort::ALL {
            sensible(&mapping.object(sort, &object))?;
        }
        sensible(&mapping.flow(&object))?;
    }
}
