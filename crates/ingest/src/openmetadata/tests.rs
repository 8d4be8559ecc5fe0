use catena_model::statement::Statement;

use super::*;

fn mapping() -> Mapping {
    Mapping::new("om:8585", Timestamp::from_millis(5))
}

fn table_sort() -> &'static Sort {
    SORTS.iter().find(|sort| sort.word == "table").unwrap()
}

fn daily() -> Value {
    json!({
        "id": "11111111-1111-1111-1111-111111111111", "name": "daily", "fullyQualifiedName": "pg.shop.mart.daily",
        "description": "Sales by day", "version": 0.1, "updatedAt": 1_790_000_000_000_i64, "serviceType": "Postgres",
        "owners": [{"id": "u", "type": "user", "name": "ann"}], "tableType": "MaterializedView", "deleted": false,
        "columns": [
            {"name": "day", "dataType": "DATE", "fullyQualifiedName": "pg.shop.mart.daily.day", "constraint": "PRIMARY_KEY"},
            {"name": "of", "dataType": "STRUCT", "children": [{"name": "mail", "dataType": "STRING",
                "tags": [{"tagFQN": "PII.Sensitive", "source": "Classification"}]}]},
        ],
        "tags": [{"tagFQN": "Tier.Tier1", "source": "Classification"}, {"tagFQN": "Sales.Revenue", "source": "Glossary"},
                 {"tagFQN": "Guess.This", "source": "Classification", "state": "Suggested"}],
        "schemaDefinition": "select 1",
    })
}

fn told(reads: &[Read]) -> Vec<String> {
    let statements = reads.iter().filter_map(|read| read.as_ref().ok()).flat_map(|record| &record.statements);
    let words = statements.filter_map(|statement| match statement {
        Statement::Claim { thing, field, value: Some(value), .. } => {
            Some(format!("{} {field} {value}", thing.name.name))
        }
        Statement::AlsoNamed { thing, name } => Some(format!("{} is {name}", thing.name.name)),
        Statement::Related { from, kind, to, .. } => {
            Some(format!("{} {} {}", from.name.name, kind.word(), to.name.name))
        }
        Statement::PartOf { thing, whole, .. } => Some(format!("{} in {}", thing.name.name, whole.name.name)),
        _ => None,
    });
    words.collect()
}

fn assert_told(reads: &[Read], expected: &[&str]) {
    let told = told(reads);
    for words in expected {
        assert!(told.iter().any(|said| said == words), "{words} is not in {told:#?}");
    }
}

#[test]
fn a_table_is_met_under_its_databases_name_and_has_nested_columns_tags_terms_and_owners() {
    let reads = mapping().entity(table_sort(), &daily(), None);
    assert_told(
        &reads,
        &[
            "pg.shop.mart.daily is postgres://*/shop.mart.daily",
            "pg.shop.mart.daily.day is postgres://*/shop.mart.daily.day",
            "pg.shop.mart.daily subtype \"materialized view\"",
            "pg.shop.mart.daily owners [\"ann\"]",
            "pg.shop.mart.daily tags [\"Sales.Revenue\",\"Tier.Tier1\"]",
            "pg.shop.mart.daily related_to Sales.Revenue",
            "pg.shop.mart.daily.day nullable false",
            "pg.shop.mart.daily.of.mail tags [\"PII.Sensitive\"]",
        ],
    );
}

#[test]
fn lineage_goes_from_the_tables_and_columns_that_it_names() {
    let lineage = json!({
        "entity": {"id": "11111111-1111-1111-1111-111111111111", "type": "table"},
        "nodes": [{"id": "22", "type": "table", "fullyQualifiedName": "pg.shop.raw.\"orders.csv\""}],
        "upstreamEdges": [
            {"fromEntity": "22", "toEntity": "11111111-1111-1111-1111-111111111111", "lineageDetails": {
                "columnsLineage": [{"fromColumns": ["pg.shop.raw.\"orders.csv\".at"], "toColumn": "pg.shop.mart.daily.day",
                                    "function": "date"}]}},
            {"fromEntity": "nobody", "toEntity": "11111111-1111-1111-1111-111111111111"},
        ],
    });
    assert_told(
        &mapping().entity(table_sort(), &daily(), Some(&lineage)),
        &[
            "pg.shop.mart.daily derives_from pg.shop.raw.\"orders.csv\"",
            "pg.shop.mart.daily.day derives_from pg.shop.raw.\"orders.csv\".at",
        ],
    );
    let none = told(&mapping().entity(table_sort(), &daily(), None));
    assert!(!none.iter().any(|said| said.contains("derives_from")), "{none:?}");
}

#[test]
fn a_pipelines_tasks_are_its_jobs() {
    let pipeline = SORTS.iter().find(|sort| sort.word == "pipeline").unwrap();
    let entity = json!({"name": "nightly", "fullyQualifiedName": "airflow.nightly", "tasks": [
        {"name": "load", "taskType": "SQL", "taskSQL": "insert into a select 1"}, {"no": "name"},
    ]});
    assert_told(&mapping().entity(pipeline, &entity, None), &["airflow.nightly.load in airflow.nightly"]);
}

#[test]
fn names_in_quotes_are_taken_apart_and_broken_ones_are_none() {
    let names = |full: &str| parts(full).map(|all| all.into_iter().map(|part| part.name).collect::<Vec<_>>());
    assert_eq!(names("a.\"b.c\".d").unwrap(), ["a", "b.c", "d"]);
    assert_eq!(names("\"say \"\"x\"\"\".é").unwrap(), ["say \"x\"", "é"]);
    for broken in ["", "a..b", "a.", "\"a", "\"a\"b", "\"", "a.\"é"] {
        assert_eq!(names(broken), None, "{broken}");
    }
}
