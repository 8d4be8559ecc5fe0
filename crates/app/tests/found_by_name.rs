//! What a person wrote and what it means; what is called by a name that it no longer has.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails where it stands")]

use std::{sync::Arc, time::Duration};

use catena_app::{
    App,
    catalog::PathArgs,
    environment,
    events::Unheard,
    lookup,
    places::Places,
    session::Caller,
    use_case::{Reply, Role},
};
use catena_model::actor::{Act, Actor, Origin};
use serde_json::{Value, json};

struct World {
    app: App,
    folder: tempfile::TempDir,
}

fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    let act =
        Act { actor: Actor::Person { name: "ada".to_owned() }, origin: Origin::CommandLine, cause: None };
    let places = Places { data: folder.path().join("data"), sample: None };
    let app = App::new(environment::real(), places, Caller { act, role: Role::Admin }, Arc::new(Unheard));
    let path = folder.path().join("shop.catena").to_string_lossy().into_owned();
    catena_app::catalog::create(&app, PathArgs { path }).unwrap();
    World { app, folder }
}

impl World {
    fn call(&self, name: &str, args: Value) -> Value {
        match self.app.call(name, args).unwrap() {
            Reply::Json(text) => serde_json::from_str(&text).unwrap(),
            Reply::Bytes(bytes) => panic!("{} bytes", bytes.len()),
        }
    }

    /// Imports events that each name one table of one database.
    fn import(&self, tables: &[&str]) {
        let events: Vec<String> = tables
            .iter()
            .map(|table| {
                json!({
                    "eventTime": "2026-01-05T08:00:00Z",
                    "producer": "https://example.org/test",
                    "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/DatasetEvent",
                    "dataset": { "namespace": "postgres://db:5432", "name": format!("shop.public.{table}") },
                })
                .to_string()
            })
            .collect();
        self.import_text(&events.join("\n"));
    }

    fn import_text(&self, events: &str) {
        let file = self.folder.path().join("events.ndjson");
        std::fs::write(&file, events).unwrap();
        let args = json!({ "kind": "openlineage", "from": file.to_string_lossy() });
        self.call("import_start", args);
        for _ in 0..500 {
            let jobs = self.call("jobs", Value::Null);
            if jobs.as_array().unwrap().iter().all(|job| job["state"] != "running") {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the import did not end");
    }

    fn id(&self, name: &str) -> String {
        self.call("entity", json!({ "id": name }))["id"].as_str().unwrap().to_owned()
    }

    fn waiting(&self) -> u64 {
        self.call("catalog_info", Value::Null)["index_waiting"].as_u64().unwrap()
    }
}

#[test]
fn a_name_that_nothing_bears_is_answered_with_what_may_be_meant() {
    let world = world();
    world.import(&["orders", "customers", "payments"]);
    let session = world.app.session().unwrap();
    let told = lookup::entity(&session, "custmers").unwrap_err().message;
    assert!(told.contains("Did you mean") && told.contains("customers"), "{told}");
    let told = lookup::entity(&session, "shop.public.ordrs").unwrap_err().message;
    assert!(told.contains("postgres://db:5432/shop.public.orders"), "{told}");
    let told = lookup::entity(&session, "qqqqqqqq").unwrap_err().message;
    assert!(!told.contains("Did you mean"), "{told}");
}

#[test]
fn only_what_is_called_so_is_an_exact_hit() {
    let world = world();
    world.import(&["orders", "customers"]);
    let exact = |text: &str| world.call("search", json!({ "text": text }));
    assert_eq!(exact("orders")["exact"], true);
    assert_eq!(exact("shop.public.orders")["exact"], true);
    let near = exact("shop.public.ordersx");
    assert_eq!(near["exact"], false, "{near}");
}

#[test]
fn an_operation_is_meant_by_the_beginning_of_its_id() {
    let world = world();
    world.import(&["orders"]);
    let orders = world.id("orders");
    let edit = |text: &str| {
        let change = json!({ "field": "description", "value": text });
        let done = world.call("edit", json!({ "entity": orders, "changes": [change] }));
        done["operation"].as_str().unwrap().to_owned()
    };
    let (first, second) = (edit("a"), edit("b"));
    let session = world.app.session().unwrap();
    let whole = lookup::operation(&session, &first[..35]).unwrap();
    assert_eq!(whole.to_string(), first);
    assert_eq!(lookup::operation(&session, &second.to_uppercase()[..35]).unwrap().to_string(), second);
    let told = lookup::operation(&session, &first[..4]).unwrap_err().message;
    assert!(told.contains(&first) && told.contains(&second), "{told}");
    let import = session.catalog.read(|reader| reader.causes_starting("", 1)).unwrap().remove(0).to_string();
    assert_eq!(lookup::operation(&session, &import[..35]).unwrap().to_string(), import);
    assert!(lookup::operation(&session, "ffff").unwrap_err().message.contains("no operation"));
    assert!(lookup::operation(&session, "xyz!").unwrap_err().message.contains("is not the id"));
}

#[test]
fn what_was_edited_is_taken_into_the_index_without_an_import() {
    let world = world();
    world.import(&["orders"]);
    let orders = world.id("orders");
    let change = json!({ "field": "description", "value": "what was bought" });
    world.call("edit", json!({ "entity": orders, "changes": [change] }));
    for _ in 0..300 {
        if world.waiting() == 0 {
            let found = world.call("search", json!({ "text": "bought" }));
            assert_eq!((&found["total"], &found["complete"]), (&json!(1), &json!(true)));
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("{} still wait", world.waiting());
}

#[test]
fn a_closed_catalog_is_let_go_of() {
    let world = world();
    world.import(&["orders"]);
    let session = world.app.session().unwrap();
    world.app.enter(None);
    assert!(session.is_closing());
    // Nothing but this holds it now: the index thread has ended.
    assert_eq!(Arc::strong_count(&session), 1);
}

#[test]
fn a_facet_is_kept_and_says_what_in_it_is_not_as_expected() {
    let world = world();
    let event = json!({
        "eventTime": "2026-01-05T08:00:00Z",
        "producer": "https://example.org/test",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/DatasetEvent",
        "dataset": {
            "namespace": "postgres://db:5432",
            "name": "shop.public.orders",
            "facets": {
                "storage": { "_producer": "p", "_schemaURL": "u", "storageLayer": 7 },
                "datasetType": { "_producer": "p", "_schemaURL": "u", "datasetType": "TABLE" },
                "ours": { "anything": 1 },
            },
        },
    });
    world.import_text(&event.to_string());
    let view = world.call("entity", json!({ "id": "orders" }));
    let facet = |name: &str| {
        let found = view["facets"].as_array().unwrap().iter().find(|facet| facet["name"] == name);
        found.unwrap_or_else(|| panic!("{name}: {view}")).clone()
    };
    let storage = facet("storage");
    assert_eq!(storage["value"]["storageLayer"], 7);
    assert_eq!(
        storage["problems"],
        json!([{ "where": "storageLayer", "what": "the value is not of type \"string\"" }])
    );
    let kind = facet("datasetType");
    assert_eq!((&kind["title"], &kind["problems"]), (&json!("Dataset type"), &json!([])));
    assert!(kind["fields"].as_array().unwrap().iter().any(|field| field["path"] == "datasetType"));
    assert_eq!((&facet("ours")["title"], &facet("ours")["problems"]), (&Value::Null, &json!([])));
}
