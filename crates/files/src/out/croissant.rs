//! A dataset as Croissant 1.0.

use serde_json::{Value, json};

use super::{Column, Described, known, plain_type};

/// The document that describes the dataset.
pub fn croissant(of: &Described) -> Value {
    let file = of.qualified_name.clone().unwrap_or_else(|| of.name.clone());
    let source = short(&file);
    let fields: Vec<Value> = of.columns.iter().map(|column| field(column, "records", &source)).collect();
    let records = json!([{ "@type": "cr:RecordSet", "@id": "records", "name": "records", "field": fields }]);
    let people: Vec<Value> =
        of.owners.iter().map(|name| json!({ "@type": "sc:Person", "name": name })).collect();
    known(json!({
        "@context": context(),
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": of.name,
        "description": of.description.clone().unwrap_or_else(|| format!("{}, as Catena knows it.", of.name)),
        "url": of.url.clone().unwrap_or_else(|| format!("urn:uuid:{}", of.id)),
        "version": of.version,
        "license": of.text("license"),
        "creator": people,
        "keywords": of.tags,
        // No digest stands for a table that goes on changing.
        "isLiveDataset": of.text("sha256").is_none().then_some(true),
        "distribution": [known(json!({
            "@type": "cr:FileObject",
            "@id": source,
            "name": source,
            "contentUrl": file,
            "encodingFormat": encoding(of.text("format")),
            "sha256": of.text("sha256"),
        }))],
        "recordSet": if of.columns.is_empty() { Value::Null } else { records },
    }))
}

/// A file's own name. Slashes part ids from each other there.
fn short(name: &str) -> String {
    name.trim_end_matches('/').rsplit('/').next().unwrap_or(name).to_owned()
}

fn encoding(format: Option<&str>) -> &'static str {
    match format {
        Some("csv") => "text/csv",
        Some("tsv") => "text/tab-separated-values",
        Some("json") => "application/json",
        Some("ndjson") => "application/jsonlines",
        Some("parquet") => "application/x-parquet",
        _ => "application/octet-stream",
    }
}

fn field(column: &Column, within: &str, source: &str) -> Value {
    let id = format!("{within}/{}", column.name);
    let data_type = match plain_type(column.data_type.as_deref()) {
        "integer" => "sc:Integer",
        "number" => "sc:Float",
        "boolean" => "sc:Boolean",
        "date" => "sc:Date",
        "timestamp" => "sc:DateTime",
        _ => "sc:Text",
    };
    known(json!({
        "@type": "cr:Field",
        "@id": id,
        "name": column.name,
        "description": column.description,
        "dataType": data_type,
        "source": { "fileObject": { "@id": source }, "extract": { "column": column.name } },
    }))
}

/// The context that Croissant 1.0 asks for, word for word.
fn context() -> Value {
    json!({
        "@language": "en", "@vocab": "https://schema.org/", "citeAs": "cr:citeAs", "column": "cr:column",
        "conformsTo": "dct:conformsTo", "cr": "http://mlcommons.org/croissant/",
        "rai": "http://mlcommons.org/croissant/RAI/", "data": { "@id": "cr:data", "@type": "@json" },
        "dataType": { "@id": "cr:dataType", "@type": "@vocab" }, "dct": "http://purl.org/dc/terms/",
        "equivalentProperty": "cr:equivalentProperty", "examples": { "@id": "cr:examples", "@type": "@json" }, "extract": "cr:extract", "field": "cr:field",
        "fileProperty": "cr:fileProperty", "fileObject": "cr:fileObject", "fileSet": "cr:fileSet",
        "format": "cr:format", "includes": "cr:includes", "isLiveDataset": "cr:isLiveDataset",
        "jsonPath": "cr:jsonPath", "key": "cr:key", "md5": "cr:md5", "parentField": "cr:parentField",
        "path": "cr:path", "recordSet": "cr:recordSet", "references": "cr:references", "regex": "cr:regex",
        "repeated": "cr:repeated", "replace": "cr:replace", "samplingRate": "cr:samplingRate", "sc": "https://schema.org/", "separator": "cr:separator",
        "source": "cr:source", "subField": "cr:subField", "transform": "cr:transform",
    })
}
