//! What several test files need: a stand-in server that misbehaves on request, and a sink that remembers.

#![allow(dead_code, reason = "each test file uses a part of it")]

pub mod fake_mlflow;

use std::{
    collections::HashMap,
    future::Future,
    ops::ControlFlow,
    pin::Pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use catena_connect::{
    connector::{Cursor, Known, Nothing, Progress, Sink},
    http::{Limits, Patience},
    pause::Pause,
    registry::Settings,
};
use catena_model::{
    clock::Fixed,
    json::canonical,
    point::Point,
    statement::{Read, Record, Statement, Thing},
    time::Timestamp,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Does not wait, and remembers how long it should have.
#[derive(Default)]
pub struct Impatient(pub Mutex<Vec<Duration>>);

impl Pause for Impatient {
    fn pause(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.0.lock().unwrap().push(time);
        Box::pin(std::future::ready(()))
    }
}

impl Impatient {
    pub fn waits(&self) -> Vec<Duration> {
        self.0.lock().unwrap().clone()
    }
}

/// Settings with short limits, and the pauses that they make.
pub fn settings() -> (Settings, Arc<Impatient>) {
    let pause = Arc::new(Impatient::default());
    let limits = Limits {
        connect: Duration::from_secs(5),
        first: Duration::from_millis(300),
        idle: Duration::from_millis(300),
        total: Duration::from_secs(5),
        answer: 1_000_000,
        redirects: 3,
        patience: Patience { lost: 4, refused: 4, ..Patience::default() },
    };
    let at = Timestamp::from_millis(1_795_600_000_000);
    let settings = Settings { pause: pause.clone(), limits, ..Settings::new(Arc::new(Fixed(at))) };
    (settings, pause)
}

/// A request as the stand-in server got it.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    /// The path without its query.
    pub path: String,
    pub query: String,
    pub headers: HashMap<String, String>,
    pub body: String,
}

impl Request {
    /// The values of a parameter of the query, as they stand there.
    pub fn parameters(&self, name: &str) -> Vec<&str> {
        let pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.filter(|(key, _)| *key == name).map(|(_, value)| value).collect()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

/// What the stand-in server does with a request.
pub enum Reply {
    /// Answers with this JSON.
    Json(String),
    /// Sends these bytes and closes the connection.
    Raw(Vec<u8>),
    /// Sends these bytes and no more, for good.
    Stall(Vec<u8>),
    /// Sends nothing, for good.
    Hang,
    /// Closes the connection.
    Drop,
}

impl Reply {
    pub fn status(status: u16, headers: &str, body: &str) -> Self {
        let length = body.len();
        let head =
            format!("HTTP/1.1 {status} X\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n");
        Self::Raw([head.as_bytes(), body.as_bytes()].concat())
    }

    pub fn missing() -> Self {
        Self::status(
            404,
            "Content-Type: application/json\r\n",
            r#"{"error_code":"ENDPOINT_NOT_FOUND","message":"no"}"#,
        )
    }
}

/// A server on loopback that answers as `reply` says; it ends with the test.
pub struct Stand {
    pub url: String,
    pub requests: Arc<Mutex<Vec<Request>>>,
}

impl Stand {
    pub async fn new(reply: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (seen, reply) = (requests.clone(), Arc::new(reply));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, seen.clone(), reply.clone()));
            }
        });
        Self { url, requests }
    }

    pub fn paths(&self) -> Vec<String> {
        self.requests.lock().unwrap().iter().map(|request| request.path.clone()).collect()
    }
}

async fn serve(
    mut stream: TcpStream,
    seen: Arc<Mutex<Vec<Request>>>,
    reply: Arc<dyn Fn(&Request) -> Reply + Send + Sync>,
) {
    let mut buffer = Vec::new();
    while let Some(request) = receive(&mut stream, &mut buffer).await {
        seen.lock().unwrap().push(request.clone());
        let sent = match reply(&request) {
            Reply::Json(body) => {
                let length = body.len();
                let head = format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
                );
                stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).await
            }
            Reply::Raw(bytes) => {
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
                return;
            }
            Reply::Stall(bytes) => {
                let _ = stream.write_all(&bytes).await;
                return std::future::pending().await;
            }
            Reply::Hang => return std::future::pending().await,
            Reply::Drop => return,
        };
        if sent.is_err() {
            return;
        }
    }
}

async fn receive(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Request> {
    let end = loop {
        if let Some(at) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: HashMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(key, value)| (key.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length: usize = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    while buffer.len() < end + length {
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
    let body = String::from_utf8_lossy(&buffer[end..end + length]).into_owned();
    buffer.drain(..end + length);
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    Some(Request { method, path: path.to_owned(), query: query.to_owned(), headers, body })
}

/// Remembers all that it is given, and may stop after so many portions.
#[derive(Default)]
pub struct Kept {
    pub reads: Vec<Read>,
    pub cursors: Vec<Cursor>,
    pub stages: Vec<String>,
    pub largest: usize,
    pub stop_after: Option<usize>,
}

impl Sink for Kept {
    fn take(&mut self, reads: Vec<Read>, cursor: Cursor) -> ControlFlow<()> {
        let points =
            |read: &Read| read.as_ref().map_or(0, |record| record.statements.iter().map(points_of).sum());
        self.largest = self.largest.max(reads.iter().map(points).sum());
        self.reads.extend(reads);
        self.cursors.push(cursor);
        match self.stop_after {
            Some(most) if self.cursors.len() >= most => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    }

    fn progress(&mut self, progress: Progress) {
        if self.stages.last() != Some(&progress.stage) {
            self.stages.push(progress.stage);
        }
    }
}

fn points_of(statement: &Statement) -> usize {
    match statement {
        Statement::Points { points, .. } => points.len(),
        _ => 0,
    }
}

impl Kept {
    pub fn records(&self) -> Vec<&Record> {
        self.reads.iter().filter_map(|read| read.as_ref().ok()).collect()
    }

    pub fn rejections(&self) -> Vec<String> {
        let bad = self.reads.iter().filter_map(|read| read.as_ref().err());
        bad.map(|rejection| format!("{}: {}", rejection.place, rejection.why)).collect()
    }

    /// Where the records stood.
    pub fn places(&self) -> Vec<&str> {
        self.records().into_iter().map(|record| record.at.as_str()).collect()
    }

    /// All points of a metric of a run, in order.
    pub fn points(&self, run: &str, key: &str) -> Vec<Point> {
        let mut all = Vec::new();
        for statement in self.records().into_iter().flat_map(|record| &record.statements) {
            if let Statement::Points { run: of, metric, points } = statement
                && of.name.name.ends_with(run)
                && metric == key
            {
                all.extend_from_slice(points);
            }
        }
        all.sort_by(Point::order);
        all.dedup_by(|a, b| a.order(b).is_eq());
        all
    }

    /// Everything that was said, each statement once and in one order, however it was cut into records.
    pub fn said(&self) -> Vec<String> {
        let mut said = Vec::new();
        for record in self.records() {
            let who = format!("{} {:?}", record.source, record.known);
            for statement in &record.statements {
                match statement {
                    Statement::Points { run, metric, points } => {
                        said.extend(
                            points.iter().map(|point| format!("{who} {} {metric} {point:?}", run.name)),
                        );
                    }
                    Statement::Facet { thing, about, name, body, at } => {
                        said.push(format!("{who} {thing:?} {about:?} {name} {} {at}", canonical(body)));
                    }
                    other => said.push(format!("{who} {other:?}")),
                }
            }
        }
        said.sort_unstable();
        said.dedup();
        said
    }
}

/// What is stored already, by the run's name and the metric.
#[derive(Default)]
pub struct Stored(pub HashMap<(String, String), Point>);

impl Known for Stored {
    fn last_point(&self, run: &Thing, metric: &str) -> Option<Point> {
        self.0.get(&(run.name.name.clone(), metric.to_owned())).copied()
    }
}

pub fn nothing_known() -> Arc<dyn Known> {
    Arc::new(Nothing)
}
