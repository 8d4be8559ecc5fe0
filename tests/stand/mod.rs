//! A small web server on loopback that answers as a test says.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

/// What was asked for.
#[derive(Debug, Clone)]
pub struct Request {
    /// The path with its query.
    pub target: String,
    pub body: String,
}

impl Request {
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// A number in the query, or 0.
    pub fn number(&self, name: &str) -> usize {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.filter(|(key, _)| *key == name).find_map(|(_, value)| value.parse().ok()).unwrap_or(0)
    }
}

/// A status and a body of JSON.
pub type Reply = (u16, String);

/// A server that runs until the test ends.
pub struct Stand {
    pub url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Stand {
    pub fn new(reply: impl Fn(&Request) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // Who asks may go away in the middle.
                let _ = answer(stream, &reply, &seen);
            }
        });
        Self { url, requests }
    }

    /// What was asked for since this was called last.
    pub fn asked(&self) -> Vec<Request> {
        std::mem::take(&mut *self.requests.lock().unwrap())
    }
}

fn answer(
    mut stream: TcpStream,
    reply: &impl Fn(&Request) -> Reply,
    seen: &Mutex<Vec<Request>>,
) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4_096];
    let (head, body_at, length) = loop {
        let read = stream.read(&mut buffer)?;
        if read == 0 {
            return Ok(());
        }
        bytes.extend_from_slice(&buffer[..read]);
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..at]).into_owned();
            let length = head
                .lines()
                .filter_map(|line| line.split_once(": "))
                .find(|(key, _)| key.eq_ignore_ascii_case("content-length"))
                .map_or(0, |(_, length)| length.parse::<usize>().unwrap());
            break (head, at + 4, length);
        }
    };
    while bytes.len() < body_at + length {
        let read = stream.read(&mut buffer)?;
        if read == 0 {
            return Ok(());
        }
        bytes.extend_from_slice(&buffer[..read]);
    }
    let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let body = String::from_utf8_lossy(&bytes[body_at..body_at + length]).into_owned();
    let request = Request { target, body };
    seen.lock().unwrap().push(request.clone());
    let (status, body) = reply(&request);
    write!(
        stream,
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}
