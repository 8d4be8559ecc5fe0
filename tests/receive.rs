//! `catena serve` as a process: what real clients send arrives, and what was acknowledged outlives the process.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]
#![allow(clippy::print_stdout, reason = "a harness says how much it tried")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use catena_tests::{
    count, script,
    serving::{Serving, TOKEN, python, serve_if_asked},
};

/// The process that the other tests start: this very program, with this test alone.
#[test]
#[ignore = "the other tests start it as a process of its own"]
fn serves_in_a_process_of_its_own() {
    serve_if_asked(&["--openlineage", "127.0.0.1:0"]);
}

/// A receiver of OpenLineage events, on a catalog of its own.
struct Receiver {
    serving: Serving,
    _folder: tempfile::TempDir,
    catalog: PathBuf,
}

impl Receiver {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let catalog = folder.path().join("test.catena");
        Self { serving: Serving::start(&catalog), _folder: folder, catalog }
    }

    fn connect(&self) -> Client {
        let host = self.serving.address.strip_prefix("http://").unwrap();
        let stream = TcpStream::connect(host).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Client { stream: BufReader::new(stream), host: host.to_owned() }
    }

    fn count(&self, sql: &str) -> u64 {
        count(&self.catalog, sql)
    }
}

/// Sends one event after the other over one connection.
struct Client {
    stream: BufReader<TcpStream>,
    host: String,
}

impl Client {
    /// The status, or nothing when the connection broke.
    fn send(&mut self, event: &str) -> Option<u16> {
        let request = format!(
            "POST /api/v1/lineage HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {TOKEN}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{event}",
            self.host,
            event.len()
        );
        self.stream.get_mut().write_all(request.as_bytes()).ok()?;
        let (mut status, mut length) = (None, 0);
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line).ok()? == 0 {
                return None;
            }
            match line.trim_end().split_once(": ") {
                None if line.trim_end().is_empty() => break,
                None => status = line.split(' ').nth(1)?.parse().ok(),
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.parse().ok()?;
                }
                Some(_) => {}
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).ok()?;
        status
    }
}

fn event(client: usize, number: usize) -> String {
    serde_json::json!({
        "eventType": "COMPLETE",
        "eventTime": "2026-11-24T12:35:26.788Z",
        "producer": "https://example.org/tests",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": { "runId": format!("01937b2c-8f3e-7c1a-{client:04x}-{number:012x}") },
        "job": { "namespace": "tests", "name": format!("load {client} {number}") },
        "outputs": [{ "namespace": "file", "name": format!("/data/{client}/{number}.csv") }],
    })
    .to_string()
}

#[test]
fn what_was_acknowledged_is_there_after_a_kill() {
    const CLIENTS: usize = 4;
    let mut receiver = Receiver::start();
    let acknowledged: Vec<AtomicUsize> = (0..CLIENTS).map(|_| AtomicUsize::new(0)).collect();
    let total = || acknowledged.iter().map(|count| count.load(Ordering::SeqCst)).sum::<usize>();
    let clients: Vec<Client> = (0..CLIENTS).map(|_| receiver.connect()).collect();
    std::thread::scope(|scope| {
        for (number, mut client) in clients.into_iter().enumerate() {
            let acknowledged = &acknowledged[number];
            scope.spawn(move || {
                for event_number in 0..100_000 {
                    match client.send(&event(number, event_number)) {
                        Some(201) => acknowledged.store(event_number + 1, Ordering::SeqCst),
                        Some(status) => panic!("answered {status}"),
                        None => return,
                    }
                }
            });
        }
        let start = std::time::Instant::now();
        while total() < 100 {
            assert!(start.elapsed() < Duration::from_secs(60), "only {} acknowledged", total());
            std::thread::sleep(Duration::from_millis(5));
        }
        // In the middle of it, with requests under way: no handler runs, nothing is flushed.
        receiver.serving.process().kill().unwrap();
    });
    receiver.serving.process().wait().unwrap();
    let catalog = catena_store::Catalog::open(&receiver.catalog, catena_app::environment::real()).unwrap();
    let stored = catalog
        .read(|reader| {
            let mut statement = reader.db().prepare("SELECT name FROM name WHERE name LIKE 'load %'")?;
            let names = statement.query_map([], |row| row.get::<_, String>(0))?;
            Ok(names.collect::<Result<std::collections::HashSet<_>, _>>()?)
        })
        .unwrap();
    let mut lost = Vec::new();
    for (client, count) in acknowledged.iter().enumerate() {
        lost.extend(
            (0..count.load(Ordering::SeqCst))
                .map(|number| format!("load {client} {number}"))
                .filter(|name| !stored.contains(name)),
        );
    }
    println!("{} acknowledged, {} stored, {} lost", total(), stored.len(), lost.len());
    assert!(total() >= 100 && lost.is_empty(), "{lost:?}");
}

#[test]
#[cfg(unix)]
fn told_to_end_it_ends_well() {
    let mut receiver = Receiver::start();
    assert_eq!(receiver.serving.ready["receivers"][0]["protocol"], "openlineage");
    assert_eq!(receiver.serving.ready["token"], TOKEN);
    assert_eq!(receiver.connect().send(&event(0, 1)), Some(201));
    let told = Command::new("kill").arg(receiver.serving.id().to_string()).status().unwrap();
    assert!(told.success());
    assert!(receiver.serving.process().wait().unwrap().success());
    assert_eq!(receiver.count("SELECT count(*) FROM event"), 1);
}

/// Lets a script drive a real client against the receiver; gives what it printed.
fn send(environment: &str, name: &str, receiver: &Receiver) -> String {
    let mut command = Command::new(python(environment));
    let done = command.arg(script(name)).args([&receiver.serving.address, TOKEN]).output().unwrap();
    assert!(done.status.success(), "{name}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

#[test]
#[ignore = "runs the OpenLineage client"]
fn what_the_openlineage_client_sends_arrives_once() {
    let receiver = Receiver::start();
    let sent: u64 = send("OPENLINEAGE", "send_openlineage.py", &receiver).trim().parse().unwrap();
    assert!(sent > 10);
    assert_eq!(receiver.count("SELECT count(*) FROM event"), sent / 2, "each was sent twice");
    assert_eq!(receiver.count("SELECT count(*) FROM dead_letter"), 0);
    assert!(receiver.count("SELECT count(*) FROM name WHERE name = 'nightly.stock'") > 0);
}

#[test]
#[ignore = "runs dbt"]
fn what_dbt_sends_while_it_runs_arrives() {
    let receiver = Receiver::start();
    send("DBT", "send_dbt.py", &receiver);
    assert!(receiver.count("SELECT count(*) FROM event") > 2);
    assert_eq!(receiver.count("SELECT count(*) FROM dead_letter"), 0);
    assert!(receiver.count("SELECT count(*) FROM name WHERE name LIKE '%customer_value'") > 0);
}
