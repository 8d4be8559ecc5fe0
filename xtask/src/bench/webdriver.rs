//! As much of WebDriver as it takes to open a page and read it: WebKit's own driver, on a screen that nobody sees.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::screen::{self, Running};
use crate::failure::{Failure, Result};

/// A browser window of the engine that the app's window has.
pub struct Browser {
    port: u16,
    session: String,
    /// In the order in which they have to end.
    children: Vec<Running>,
}

impl Browser {
    /// Opens a window of this size.
    pub fn open(width: u32, height: u32) -> Result<Self> {
        let (screen, display) = screen::start(width, height)?;
        let port = free_port()?;
        let driver = Command::new("WebKitWebDriver")
            .arg(format!("--port={port}"))
            .env("DISPLAY", display)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| Failure::new(format!("WebKitWebDriver could not be started: {error}")))?;
        let mut browser = Self { port, session: String::new(), children: vec![Running(driver), screen] };
        browser.wait_for_driver()?;
        let made = browser.send("POST", "/session", &json!({"capabilities": {"alwaysMatch": {}}}))?;
        browser.session =
            made["sessionId"].as_str().ok_or_else(|| Failure::new(format!("no session: {made}")))?.to_owned();
        let size = json!({"x": 0, "y": 0, "width": width, "height": height});
        browser.send("POST", &browser.within("/window/rect"), &size)?;
        Ok(browser)
    }

    /// Goes to a page.
    pub fn go(&self, url: &str) -> Result<()> {
        self.send("POST", &self.within("/url"), &json!({"url": url})).map(drop)
    }

    /// Waits until the page has this title.
    pub fn wait_for_title(&self, title: &str, patience: Duration) -> Result<()> {
        let start = Instant::now();
        loop {
            if self.send("GET", &self.within("/title"), &Value::Null)? == title {
                return Ok(());
            }
            if start.elapsed() > patience {
                return Err(Failure::new(format!(
                    "the page is not \"{title}\" after {} s",
                    patience.as_secs()
                )));
            }
            // Seldom: each look costs the page, which is being measured, some time.
            std::thread::sleep(Duration::from_secs(1));
        }
    }

    /// What a script returns.
    pub fn evaluate(&self, script: &str) -> Result<Value> {
        self.send("POST", &self.within("/execute/sync"), &json!({"script": script, "args": []}))
    }

    fn within(&self, path: &str) -> String {
        format!("/session/{}{path}", self.session)
    }

    fn wait_for_driver(&self) -> Result<()> {
        for _ in 0..100 {
            if self.send("GET", "/status", &Value::Null).is_ok() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Err(Failure::new("WebKitWebDriver does not answer"))
    }

    fn send(&self, method: &str, path: &str, body: &Value) -> Result<Value> {
        let answer = exchange(self.port, method, path, body)
            .map_err(|error| Failure::new(format!("WebDriver, {method} {path}: {error}")))?;
        let answer: Value = serde_json::from_str(&answer)
            .map_err(|error| Failure::new(format!("WebDriver, {path}: {error}")))?;
        let value = answer["value"].clone();
        match value["error"].as_str() {
            Some(error) => {
                Err(Failure::new(format!("WebDriver, {method} {path}: {error}: {}", value["message"])))
            }
            None => Ok(value),
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ends the browser; without it the driver would leave it behind.
        let _ = self.send("DELETE", &self.within(""), &Value::Null);
        self.children.clear();
    }
}

fn exchange(port: u16, method: &str, path: &str, body: &Value) -> std::io::Result<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(Duration::from_secs(120)))?;
    let body = if body.is_null() { String::new() } else { body.to_string() };
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )?;
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap_or(0);
        }
        line.clear();
    }
    let mut answer = vec![0; length];
    reader.read_exact(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

fn free_port() -> Result<u16> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| Failure::new(format!("there is no free port: {error}")))
}
