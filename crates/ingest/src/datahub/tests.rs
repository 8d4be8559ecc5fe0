use catena_model::statement::Statement;

use super::*;

const DAILY: &str = "urn:li:dataset:(urn:li:dataPlatform:postgres,shop.mart.daily,PROD)";
const ORDERS: &str = "urn:li:dataset:(urn:li:dataPlatform:postgres,shop.raw.orders,PROD)";

fn told(word: &str, entity: &Value) -> Vec<String> {
    let sort = SORTS.iter().find(|sort| sort.word == word).unwrap();
    let reads = Mapping::new("dh:8080", Timestamp::from_millis(5)).entity(sort, entity);
    let statements =
        reads.iter().filter_map(|read| read.as_ref().ok()).flat_map(|record| record.statements.clone());
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

#[test]
fn a_dataset_is_met_under_its_platforms_name_and_has_what_people_wrote_over_it() {
    let field = |dataset: &str, field: &str| format!("urn:li:schemaField:({dataset},{field})");
    let told = told(
        "dataset",
        &json!({
            "urn": DAILY,
            "datasetProperties": {"value": {"customProperties": {"tier": "gold"}, "description": "Daily"}},
            "editableDatasetProperties": {"value": {"description": "Sales by day"}},
            "globalTags": {"value": {"tags": [{"tag": "urn:li:tag:pii"}]}},
            "glossaryTerms": {"value": {"terms": [{"urn": "urn:li:glossaryTerm:Sales.Revenue"}]}},
            "ownership": {"value": {"owners": [{"owner": "urn:li:corpuser:ann", "type": "DATAOWNER"}]}},
            "schemaMetadata": {"value": {"fields": [
                {"fieldPath": "[version=2.0].[type=string].day", "nativeDataType": "date", "nullable": false, "isPartOfKey": true},
            ]}},
            "editableSchemaMetadata": {"value": {"editableSchemaFieldInfo": [
                {"fieldPath": "[version=2.0].[type=string].day", "description": "The day", "globalTags": {"tags": [{"tag": "urn:li:tag:time"}]}},
            ]}},
            "upstreamLineage": {"value": {
                "upstreams": [{"dataset": ORDERS, "type": "TRANSFORMED"}],
                "fineGrainedLineages": [{"upstreams": [field(ORDERS, "at")], "downstreams": [field(DAILY, "day")]}],
            }},
        }),
    );
    for words in [
        format!("{DAILY} is postgres://*/shop.mart.daily"),
        format!("{DAILY} description \"Sales by day\""),
        format!("{DAILY} owners [\"ann\"]"),
        format!("{DAILY} tags [\"pii\"]"),
        format!("{DAILY} related_to urn:li:glossaryTerm:Sales.Revenue"),
        format!("{DAILY} derives_from {ORDERS}"),
        format!("{DAILY}.day derives_from {ORDERS}.at"),
        format!("{DAILY}.day is postgres://*/shop.mart.daily.day"),
        format!("{DAILY}.day description \"The day\""),
        format!("{DAILY}.day tags [\"time\"]"),
    ] {
        assert!(told.contains(&words), "{words} is not in {told:#?}");
    }
}

#[test]
fn a_job_is_part_of_its_flow_and_reads_and_writes() {
    let job = "urn:li:dataJob:(urn:li:dataFlow:(airflow,nightly,prod),load)";
    let told = told(
        "dataJob",
        &json!({"urn": job, "dataJobInputOutput": {"value": {
            "inputDatasets": [ORDERS], "outputDatasetEdges": [{"destinationUrn": DAILY}, {"destinationUrn": "urn:li:corpuser:x"}],
        }}}),
    );
    for words in [
        format!("{job} in urn:li:dataFlow:(airflow,nightly,prod)"),
        format!("{job} reads {ORDERS}"),
        format!("{job} writes {DAILY}"),
        format!("{job} name \"load\""),
    ] {
        assert!(told.contains(&words), "{words} is not in {told:#?}");
    }
}

#[test]
fn a_urn_that_is_none_is_refused() {
    let sort = &SORTS[0];
    let reads = Mapping::new("dh", Timestamp::from_millis(5)).entity(sort, &json!({"urn": "x\u{1b}"}));
    assert!(reads[0].as_ref().unwrap_err().why.contains("is no urn"), "{reads:?}");
}
