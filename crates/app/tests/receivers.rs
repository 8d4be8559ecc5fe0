//! Receivers as use cases: switched on and off, remembered, and what they could not take.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::{
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    sync::Arc,
};

use catena_app::{
    App,
    catalog::PathArgs,
    environment,
    error::Trouble,
    events::Unheard,
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

fn app(folder: &Path, origin: Origin, role: Role) -> App {
    let act = Act { actor: Actor::Person { name: "ada".to_owned() }, origin, cause: None };
    let places = Places { data: folder.join("data"), sample: None };
    App::new(environment::real(), places, Caller { act, role }, Arc::new(Unheard))
}

fn world(origin: Origin) -> World {
    let folder = tempfile::tempdir().unwrap();
    let app = app(folder.path(), origin, Role::Admin);
    let path = folder.path().join("shop.catena").to_string_lossy().into_owned();
    catena_app::catalog::create(&app, PathArgs { path }).unwrap();
    World { app, folder }
}

fn call(app: &App, name: &str, args: Value) -> Value {
    match app.call(name, args).unwrap() {
        Reply::Json(text) => serde_json::from_str(&text).unwrap(),
        Reply::Bytes(bytes) => panic!("{} bytes", bytes.len()),
    }
}

impl World {
    fn call(&self, name: &str, args: Value) -> Value {
        call(&self.app, name, args)
    }

    /// Switches OpenLineage on, on any port that is free; gives the port.
    fn on(&self) -> u16 {
        let started = self.call("receiver_start", json!({ "protocol": "openlineage", "port": 0 }));
        started["address"].as_str().unwrap().rsplit(':').next().unwrap().parse().unwrap()
    }

    fn token(&self) -> String {
        self.call("receiver_token", json!({}))["token"].as_str().unwrap().to_owned()
    }

    fn receiver(&self) -> Value {
        self.call("receivers", json!({}))["receivers"]
            .as_array()
            .unwrap()
            .iter()
            .find(|receiver| receiver["protocol"] == "openlineage")
            .unwrap()
            .clone()
    }
}

fn post(port: u16, token: &str, body: &str) -> u16 {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let request = format!(
        "POST /api/v1/lineage HTTP/1.1\r\nHost: localhost:{port}\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

fn event(table: &str) -> String {
    json!({
        "eventTime": "2026-01-05T08:00:00Z",
        "producer": "https://example.org/test",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/DatasetEvent",
        "dataset": { "namespace": "postgres://db:5432", "name": format!("shop.public.{table}") },
    })
    .to_string()
}

#[test]
fn off_until_switched_on_and_gone_when_switched_off() {
    let world = world(Origin::CommandLine);
    let before = world.receiver();
    assert_eq!(
        (&before["address"], &before["seen"], &before["port"]),
        (&Value::Null, &Value::Null, &json!(5_000))
    );
    assert!(!world.folder.path().join("data/receiver-token").exists(), "looking makes no token");
    let port = world.on();
    assert_eq!(post(port, &world.token(), &event("orders")), 201);
    assert_eq!(post(port, "wrong", &event("orders")), 401);
    let seen = &world.receiver()["seen"];
    assert_eq!((&seen["accepted"], &seen["refused"]), (&json!(1), &json!(1)));
    let found = world.call("search", json!({ "text": "orders" }));
    assert_eq!(found["total"], 1, "{found}");
    world.call("receiver_stop", json!({ "protocol": "openlineage" }));
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    assert_eq!(world.receiver()["port"], port, "the port is remembered");
}

#[test]
fn what_is_shown_of_receivers_does_not_give_the_token_away() {
    let world = world(Origin::CommandLine);
    world.on();
    let token = world.token();
    assert!(!world.call("receivers", json!({})).to_string().contains(&token));
    let reader = app(world.folder.path(), Origin::CommandLine, Role::Steward);
    for name in ["receiver_token", "receiver_token_renew", "receiver_start", "receiver_stop"] {
        assert_eq!(reader.call(name, json!({})).unwrap_err().trouble, Trouble::Forbidden, "{name}");
    }
}

#[test]
fn a_new_token_replaces_the_one_before_at_once() {
    let world = world(Origin::CommandLine);
    let port = world.on();
    let before = world.token();
    let after = world.call("receiver_token_renew", json!({}))["token"].as_str().unwrap().to_owned();
    assert_ne!(before, after);
    assert_eq!(post(port, &before, &event("orders")), 401);
    assert_eq!(post(port, &after, &event("orders")), 201);
}

#[test]
fn a_taken_port_comes_with_one_that_is_free() {
    let world = world(Origin::CommandLine);
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = other.local_addr().unwrap().port();
    let started = world.call("receiver_start", json!({ "protocol": "openlineage", "port": port }));
    assert_eq!((&started["address"], &started["taken"]["port"]), (&Value::Null, &json!(port)));
    let free = started["taken"]["free"].clone();
    let started = world.call("receiver_start", json!({ "protocol": "openlineage", "port": free }));
    assert!(started["address"].is_string());
}

#[test]
fn the_window_switches_on_again_what_was_on_for_this_catalog_and_nothing_else_does() {
    let first = world(Origin::Window);
    let port = first.on();
    first.app.enter(None);
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "it goes with its catalog");
    let open = |origin, file: &str| {
        let app = app(first.folder.path(), origin, Role::Admin);
        let path = first.folder.path().join(file).to_string_lossy().into_owned();
        let create = file != "shop.catena";
        let args = PathArgs { path };
        if create { catena_app::catalog::create(&app, args) } else { catena_app::catalog::open(&app, args) }
            .unwrap();
        app
    };
    let other = open(Origin::Window, "other.catena");
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "another catalog opens no port");
    drop(other);
    let command = open(Origin::CommandLine, "shop.catena");
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "a command opens no port");
    drop(command);
    let window = open(Origin::Window, "shop.catena");
    assert_eq!(post(port, &first.token(), &event("orders")), 201);
    window.enter(None);
    let blocker = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    let window = open(Origin::Window, "shop.catena");
    let shown = call(&window, "receivers", json!({}));
    let problem = shown["receivers"][0]["problem"].as_str().unwrap();
    assert!(problem.contains(&port.to_string()), "{problem}");
    drop(blocker);
}

#[test]
fn what_could_not_be_taken_is_listed_replayed_and_discarded() {
    let world = world(Origin::CommandLine);
    let port = world.on();
    let token = world.token();
    assert_eq!(post(port, &token, r#"{"eventTime":1}"#), 422);
    assert_eq!(post(port, &token, r#"{"eventTime":1}"#), 422);
    assert_eq!(post(port, &token, &event("orders")), 201);
    assert_eq!(world.receiver()["letters"], 1);
    let list = world.call("dead_letters", json!({ "protocol": "openlineage" }));
    let letter = &list["letters"][0];
    assert_eq!((&list["total"], &letter["times"], &letter["whole"]), (&json!(1), &json!(2), &json!(true)));
    assert_eq!(letter["head"], r#"{"eventTime":1}"#);
    let ids = json!({ "ids": [letter["id"]] });
    let replayed = world.call("dead_letter_replay", ids.clone());
    assert_eq!(replayed["taken"], 0);
    assert!(replayed["rejected"][0]["why"].as_str().unwrap().contains("eventTime"), "{replayed}");
    world.call("dead_letter_discard", ids);
    assert_eq!(world.receiver()["letters"], 0);
}
