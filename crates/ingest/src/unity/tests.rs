use catena_model::{
    field::{Field, Group},
    statement::{Record, Statement},
};

use super::*;

/// A table as the API answers it.
fn orders() -> Value {
    json!({
        "name": "orders", "catalog_name": "main", "schema_name": "shop", "full_name": "main.shop.orders",
        "table_type": "MANAGED", "data_source_format": "DELTA", "owner": "ann@example.org", "comment": "All orders.",
        "columns": [
            {"name": "email", "type_name": "STRING", "type_text": "string", "position": 1, "nullable": true},
            {"name": "order_id", "type_name": "INT", "type_text": "int", "position": 0, "nullable": false, "comment": "key"},
        ],
        "properties": {"tier": "gold"}, "created_at": 1_790_000_000_000_i64, "updated_at": 1_790_000_001_000_i64,
        "table_constraints": [{"primary_key_constraint": {"name": "pk", "child_columns": ["order_id"]}}],
    })
}

fn mapping() -> Mapping {
    Mapping::new("adb-1.7.azuredatabricks.net", Timestamp::from_millis(5))
}

fn record(reads: Vec<Read>) -> Record {
    reads.into_iter().next().unwrap().unwrap()
}

fn relations(record: &Record) -> Vec<String> {
    let told = |statement: &Statement| match statement {
        Statement::Related { from, kind, to, .. } => {
            Some(format!("{} {} {}", from.name.name, kind.word(), to.name))
        }
        _ => None,
    };
    record.statements.iter().filter_map(told).collect()
}

fn claim(record: &Record, of: &str, field: &Field) -> Option<Value> {
    record.statements.iter().find_map(|statement| match statement {
        Statement::Claim { thing, field: said, value, .. } if thing.name.name == of && said == field => {
            value.clone()
        }
        _ => None,
    })
}

#[test]
fn a_table_has_its_columns_tags_and_lineage_under_openlineages_names() {
    let around = Around {
        tags: Some(vec![
            json!({"entity_type": "tables", "tag_key": "pii", "tag_value": "yes"}),
            json!({"tag_key": "raw"}),
        ]),
        column_tags: vec![("email".to_owned(), vec![json!({"tag_key": "mail"})])],
        lineage: Some(json!({"upstreams": [
            {"tableInfo": {"name": "raw_orders", "catalog_name": "main", "schema_name": "landing"}},
            {"fileInfo": {"path": "s3://lake/orders/", "has_permission": true}}, {"notebookInfos": [{"notebook_id": 1}]},
        ]})),
        column_lineage: vec![(
            "email".to_owned(),
            json!({"upstream_cols": [
                {"name": "mail", "catalog_name": "main", "schema_name": "landing", "table_name": "raw_orders"},
            ]}),
        )],
    };
    let record = record(mapping().table(&orders(), &around));
    assert_eq!(record.source, Source::system("databricks", "adb-1.7.azuredatabricks.net"));
    assert_eq!(
        relations(&record),
        [
            "main.shop.orders derives_from databricks://adb-1.7.azuredatabricks.net/main.landing.raw_orders",
            "main.shop.orders derives_from s3://lake/orders/",
            "main.shop.orders.email derives_from databricks://adb-1.7.azuredatabricks.net/main.landing.raw_orders.mail",
        ]
    );
    let tags = Field::Group(Group::Tags);
    assert_eq!(claim(&record, "main.shop.orders", &tags), Some(json!(["pii: yes", "raw"])));
    assert_eq!(claim(&record, "main.shop.orders.email", &tags), Some(json!(["mail"])));
    let key = claim(&record, "main.shop.orders.order_id", &Field::Group(Group::Properties));
    assert_eq!(key, Some(json!({"key": "primary"})));
    let position = Field::Single(catena_model::field::Single::Position);
    assert_eq!(claim(&record, "main.shop.orders.order_id", &position), Some(json!(0)), "in their order");
}

#[test]
fn what_was_not_asked_for_is_not_taken_back() {
    let record = record(mapping().table(&orders(), &Around::default()));
    let about_tags = |statement: &&Statement| {
        matches!(statement, Statement::Claim { field: Field::Group(Group::Tags), .. })
    };
    assert_eq!(record.statements.iter().filter(about_tags).count(), 0);
    assert!(!record.statements.iter().any(|statement| matches!(statement, Statement::OnlyRelated { .. })));
}

#[test]
fn a_model_version_bears_its_models_aliases_and_meets_its_run() {
    let model = json!({"name": "churn", "full_name": "main.shop.churn", "aliases": [{"alias_name": "champion", "version_num": 2}]});
    let version =
        json!({"model_name": "churn", "version": 2, "source": "s3://x", "run_id": "r1", "status": "READY"});
    let record = record(mapping().model_version(&model, &version));
    assert_eq!(relations(&record), ["main.shop.churn/2 produced_by mlflow://*/runs/r1"]);
    assert_eq!(claim(&record, "main.shop.churn/2", &Field::Group(Group::Aliases)), Some(json!(["champion"])));
    assert!(mapping().model_version(&model, &json!({"version": null}))[0].is_err());
}

#[test]
fn what_has_no_name_is_refused_and_says_what_it_was() {
    for reads in
        [mapping().table(&json!({}), &Around::default()), mapping().object(Sort::Volume, &json!([1]), None)]
    {
        assert!(reads[0].as_ref().unwrap_err().why.contains("is empty"), "{reads:?}");
    }
}
