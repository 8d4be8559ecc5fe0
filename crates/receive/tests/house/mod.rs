//! A catalog with receivers, and a client that sends bytes exactly as told.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use catena_model::{
    clock::{Fixed, Seeded},
    time::Timestamp,
};
use catena_receive::{House, commit::Holder, limits::Limits, listen::Listening, protocol};
use catena_store::{Catalog, Environment};

pub const TOKEN: &str = "the-token-of-these-tests";
const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

pub struct Held {
    pub catalog: Catalog,
    pub told: AtomicU64,
}

impl Holder for Held {
    fn catalog(&self) -> &Catalog {
        &self.catalog
    }
    fn now(&self) -> Timestamp {
        NOW
    }
    fn stored(&self, _: bool) {
        self.told.fetch_add(1, Ordering::Relaxed);
    }
}

pub struct Scene {
    pub house: House,
    pub held: Arc<Held>,
    pub listening: Listening,
    _folder: tempfile::TempDir,
}

impl Scene {
    pub fn new(limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let environment =
            Environment { clock: Arc::new(Fixed(NOW)), random: Arc::new(Mutex::new(Seeded(1))) };
        let catalog = Catalog::create(&folder.path().join("a.catena"), environment).unwrap();
        let held = Arc::new(Held { catalog, told: AtomicU64::new(0) });
        let house = House::open(Arc::clone(&held) as Arc<dyn Holder>, limits).unwrap();
        let protocol = protocol::named("openlineage").unwrap();
        let listening = house.start(protocol, 0, TOKEN, Vec::new()).unwrap();
        Self { house, held, listening, _folder: folder }
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.listening.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }

    pub fn head(&self, path: &str, length: usize, more: &str) -> String {
        format!(
            "POST {path} HTTP/1.1\r\nHost: localhost:{}\r\nAuthorization: Bearer {TOKEN}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n{more}\r\n",
            self.listening.port
        )
    }

    pub fn post(&self, path: &str, body: &[u8], more: &str) -> Answered {
        let mut request = self.head(path, body.len(), more).into_bytes();
        request.extend_from_slice(body);
        self.send(&request)
    }

    pub fn send(&self, request: &[u8]) -> Answered {
        let mut stream = self.connect();
        // A refusal may come, and the connection go, while the body is still being sent.
        let _ = stream.write_all(request);
        answered(stream)
    }

    pub fn count(&self, table: &str) -> u64 {
        let sql = format!("SELECT count(*) FROM {table}");
        self.held.catalog.read(|reader| Ok(reader.db().query_row(&sql, [], |row| row.get(0))?)).unwrap()
    }
}

#[derive(Debug)]
pub struct Answered {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answered {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

pub fn answered(mut stream: TcpStream) -> Answered {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
    Answered { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
}

/// An event of a run of its own.
pub fn event(number: usize) -> String {
    format!(
        r#"{{"eventType":"COMPLETE","eventTime":"2026-11-24T12:35:26.788Z","producer":"https://example.org/tests","schemaURL":"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent","run":{{"runId":"01937b2c-8f3e-7c1a-9d52-{number:012x}"}},"job":{{"namespace":"tests","name":"load {number}"}},"inputs":[{{"namespace":"file","name":"/data/in.csv"}}],"outputs":[{{"namespace":"duckdb://x","name":"shop.main.t{number}"}}]}}"#
    )
}
