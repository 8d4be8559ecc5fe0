//! Asking one server, and no other, for JSON.

use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use reqwest::{
    Method, Url,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION, RANGE},
    redirect,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    body::{self, TooLong},
    error::HttpError,
    origin::{Endpoint, origin},
    reach::{self, Reach},
    retry::{Patience, asked_wait, is_passing},
};
use crate::{
    cancel::Cancel,
    pause::Pause,
    secret::{Credential, Secret},
};

/// How long to wait, how much to take, and how often to ask.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The longest time until a connection stands.
    pub connect: Duration,
    /// The longest time until a server that never answered does.
    pub first: Duration,
    /// The longest time in which nothing arrives.
    pub idle: Duration,
    /// The longest time from a request to the end of its answer.
    pub total: Duration,
    /// The longest answer in bytes, after decompression.
    pub answer: usize,
    /// How many redirects within the server are followed.
    pub redirects: usize,
    /// When to ask again.
    pub patience: Patience,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first: Duration::from_secs(20),
            idle: Duration::from_secs(60),
            total: Duration::from_secs(300),
            answer: 64_000_000,
            redirects: 5,
            patience: Patience::default(),
        }
    }
}

/// Proves who asks with headers that are made for each request, such as a signature of it.
pub(crate) trait Sign: Send + Sync {
    /// The headers for this request. They are sent to the one server only, and never shown.
    fn headers(&self, method: &Method, url: &Url) -> Vec<(HeaderName, HeaderValue)>;
}

/// What a client is made with.
#[derive(Clone)]
pub struct Wiring {
    /// What is expected at the address, for messages: `an MLflow server`.
    pub system: &'static str,
    /// Who chose the address.
    pub reach: Reach,
    /// How long, how much, how often.
    pub limits: Limits,
    /// How time passes between attempts.
    pub pause: Arc<dyn Pause>,
    /// Asks to stop.
    pub cancel: Cancel,
}

/// Asks one server for JSON: its address is pinned, redirects never leave it, answers are capped, and passing
/// failures are tried again. All requests must be reads, since any may be sent twice.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    endpoint: Endpoint,
    credential: Option<Credential>,
    /// What else is sent with each request.
    headers: HeaderMap,
    signer: Option<Arc<dyn Sign>>,
    wiring: Wiring,
    /// Whether the server ever answered anything.
    answered: Arc<AtomicBool>,
}

/// A failure, and whether asking again may help.
enum Failure {
    Final(HttpError),
    Passing { error: HttpError, asked: Option<Duration> },
}

/// An answer that says it is JSON.
#[derive(Clone)]
pub struct Json {
    url: String,
    body: Vec<u8>,
    system: &'static str,
}

impl Json {
    /// The answer as it came, for what reads JSON itself.
    pub fn into_bytes(self) -> Vec<u8> {
        self.body
    }

    /// Reads it as what was asked for; may be tried with several types.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, HttpError> {
        body::parse(&self.body).map_err(|error| HttpError::Unreadable {
            url: self.url.clone(),
            why: error.to_string(),
            system: self.system,
        })
    }
}

/// What is sent, and what it is.
type Body = (&'static str, Vec<u8>);

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

struct Answer {
    url: Url,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Client {
    /// Finds the server's address and pins it. Nothing is sent yet.
    pub async fn new(
        endpoint: Endpoint,
        credential: Option<&Credential>,
        wiring: Wiring,
    ) -> Result<Self, HttpError> {
        let addresses = tokio::select! {
            () = wiring.cancel.cancelled() => return Err(HttpError::Cancelled),
            found = reach::resolve(&endpoint, wiring.reach) => found?,
        };
        let http = reqwest::Client::builder()
            .user_agent(concat!("catena/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .referer(false)
            // A proxy would resolve the name again, past the check.
            .no_proxy()
            .resolve_to_addrs(endpoint.host(), &addresses)
            .connect_timeout(wiring.limits.connect)
            .read_timeout(wiring.limits.idle)
            .timeout(wiring.limits.total)
            .pool_idle_timeout(Duration::from_secs(20))
            .build()
            .map_err(|error| HttpError::BadAddress { address: endpoint.origin(), why: reason(&error) })?;
        if let Some(Credential::Bearer(token)) = credential
            && HeaderValue::try_from(token.expose()).is_err()
        {
            let why = "the token for it holds a character that can't be sent".to_owned();
            return Err(HttpError::BadAddress { address: endpoint.origin(), why });
        }
        let answered = Arc::new(AtomicBool::new(false));
        let (credential, headers) = (credential.cloned(), HeaderMap::new());
        Ok(Self { http, endpoint, credential, headers, signer: None, wiring, answered })
    }

    /// The same, which signs each request in this way and proves who asks in no other.
    pub(crate) fn signed(self, signer: Arc<dyn Sign>) -> Self {
        Self { credential: None, signer: Some(signer), ..self }
    }

    /// Asks with GET for a text that is no JSON, such as XML.
    pub(crate) async fn text(&self, path: &str, query: &[(&str, &str)]) -> Result<String, HttpError> {
        let answer = self.answer(Method::GET, self.url(path, query), None).await?;
        String::from_utf8(answer.body).map_err(|_| self.unreadable(path, "it is not UTF-8"))
    }

    /// The same, with a header that is sent with each request and never shown; `Authorization` stands for a
    /// credential that is sent in no usual way.
    pub fn with_header(mut self, name: HeaderName, value: &Secret) -> Result<Self, HttpError> {
        let mut value = HeaderValue::try_from(value.expose()).map_err(|_| HttpError::BadAddress {
            address: self.endpoint.origin(),
            why: "the token for it holds a character that can't be sent".to_owned(),
        })?;
        value.set_sensitive(true);
        if name == AUTHORIZATION {
            self.credential = None;
        }
        self.headers.insert(name, value);
        Ok(self)
    }

    /// The server.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The error of an answer that is JSON and not what was asked for.
    pub(crate) fn unreadable(&self, path: &str, why: &str) -> HttpError {
        let url = self.endpoint.at(path).to_string();
        HttpError::Unreadable { url, why: why.to_owned(), system: self.wiring.system }
    }

    /// Asks with GET.
    pub async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Json, HttpError> {
        self.json(self.answer(Method::GET, self.url(path, query), None).await?)
    }

    /// Asks with POST, for searches whose terms are JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Json, HttpError> {
        self.post_with(path, &[], body).await
    }

    /// Asks with POST and a query.
    pub async fn post_with(
        &self,
        path: &str,
        query: &[(&str, &str)],
        body: &Value,
    ) -> Result<Json, HttpError> {
        let body = Some((JSON, body.to_string().into_bytes()));
        self.json(self.answer(Method::POST, self.url(path, query), body).await?)
    }

    /// Asks with GET and a body, which some servers read their terms from.
    pub async fn get_with(&self, path: &str, body: &Value) -> Result<Json, HttpError> {
        let body = Some((JSON, body.to_string().into_bytes()));
        self.json(self.answer(Method::GET, self.url(path, &[]), body).await?)
    }

    /// Asks with POST and a form, as servers of tokens (RFC 6749) are asked.
    pub async fn post_form(&self, path: &str, form: &[(&str, &str)]) -> Result<Json, HttpError> {
        let mut written = self.url("", form);
        let form = written.query().unwrap_or_default().as_bytes().to_vec();
        written.set_query(None);
        self.json(self.answer(Method::POST, self.url(path, &[]), Some((FORM, form))).await?)
    }

    /// Asks with GET for bytes of any sort at an address that the server gave; it has to be at the same origin.
    pub(crate) async fn bytes_at(&self, address: &str) -> Result<Vec<u8>, HttpError> {
        let url = Url::parse(address).ok().filter(|url| self.endpoint.holds(url)).ok_or_else(|| {
            let why = "the server gave it as the place of a part of its answer".to_owned();
            HttpError::BadAddress { address: self.endpoint.origin(), why }
        })?;
        Ok(self.answer(Method::GET, url, None).await?.body)
    }

    /// Asks with GET for a short line of text, such as a version.
    pub async fn line(&self, path: &str) -> Result<String, HttpError> {
        let answer = self.answer(Method::GET, self.url(path, &[]), None).await?;
        let text = String::from_utf8_lossy(&answer.body);
        let line = text.trim();
        if line.len() > 200 || line.contains(['<', '\n']) {
            let got = body::describe(&answer.headers, &answer.body);
            return Err(HttpError::NotJson { url: answer.url.to_string(), got, system: self.wiring.system });
        }
        Ok(line.to_owned())
    }

    /// Asks with GET for a part of what is there; a server that doesn't know parts may give all of it.
    pub(crate) async fn range(&self, path: &str, from: u64, bytes: usize) -> Result<Vec<u8>, HttpError> {
        let last = from.saturating_add(bytes as u64).saturating_sub(1);
        let part = self.clone().with_header(RANGE, &Secret::new(format!("bytes={from}-{last}")))?;
        let mut body = part.answer(Method::GET, self.url(path, &[]), None).await?.body;
        if body.len() > bytes {
            let from = usize::try_from(from).unwrap_or(usize::MAX).min(body.len());
            body.drain(..from);
            body.truncate(bytes);
        }
        Ok(body)
    }

    fn url(&self, path: &str, query: &[(&str, &str)]) -> Url {
        let mut url = self.endpoint.at(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    fn json(&self, answer: Answer) -> Result<Json, HttpError> {
        let system = self.wiring.system;
        let url = without_query(&answer.url);
        if !body::says_json(&answer.headers) {
            let got = body::describe(&answer.headers, &answer.body);
            return Err(HttpError::NotJson { url, got, system });
        }
        Ok(Json { url, body: answer.body, system })
    }

    /// Asks until there is an answer, it is certain that there will be none, or patience ends.
    async fn answer(&self, method: Method, url: Url, body: Option<Body>) -> Result<Answer, HttpError> {
        let patience = self.wiring.limits.patience;
        let mut failed = 0;
        loop {
            let outcome = tokio::select! {
                biased;
                () = self.wiring.cancel.cancelled() => return Err(HttpError::Cancelled),
                outcome = self.attempt(&method, &url, body.as_ref()) => outcome,
            };
            let (error, asked) = match outcome {
                Ok(answer) => return Ok(answer),
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Passing { error, asked }) => (error, asked),
            };
            failed += 1;
            if let Some(wait) = asked.filter(|wait| *wait > patience.longest_wait) {
                return Err(HttpError::ComeBack { url: without_query(&url), wait });
            }
            if failed >= patience.attempts(&error, self.has_answered()) {
                return Err(with_attempts(error, failed));
            }
            tokio::select! {
                biased;
                () = self.wiring.cancel.cancelled() => return Err(HttpError::Cancelled),
                () = self.wiring.pause.pause(asked.unwrap_or_else(|| patience.wait(failed))) => {}
            }
        }
    }

    /// One request, and those to which it is redirected within the server.
    async fn attempt(&self, method: &Method, url: &Url, body: Option<&Body>) -> Result<Answer, Failure> {
        let mut at = url.clone();
        for _ in 0..=self.wiring.limits.redirects {
            let response = self.send(method, &at, body).await?;
            let status = response.status();
            if !status.is_redirection() {
                return self.receive(at, response).await;
            }
            let target = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
            let next = target.and_then(|target| at.join(target).ok()).ok_or_else(|| {
                Failure::Final(HttpError::Refused {
                    url: without_query(&at),
                    status: status.as_u16(),
                    code: None,
                    message: Some("a redirect that leads nowhere".to_owned()),
                })
            })?;
            // Another origin gets neither the credentials nor the question.
            if !self.endpoint.holds(&next) {
                return Err(Failure::Final(HttpError::Elsewhere {
                    from: self.endpoint.origin(),
                    to: origin(&next),
                }));
            }
            at = next;
        }
        Err(Failure::Final(HttpError::Circling {
            url: without_query(url),
            limit: self.wiring.limits.redirects,
        }))
    }

    async fn send(
        &self,
        method: &Method,
        url: &Url,
        body: Option<&Body>,
    ) -> Result<reqwest::Response, Failure> {
        let mut request = self.http.request(method.clone(), url.clone()).header(ACCEPT, JSON);
        request = match &self.credential {
            None => request,
            Some(Credential::Bearer(token)) => request.bearer_auth(token.expose()),
            Some(Credential::Basic { user, password }) => request.basic_auth(user, Some(password.expose())),
        };
        request = request.headers(self.headers.clone());
        if let Some(signer) = &self.signer {
            for (name, mut value) in signer.headers(method, url) {
                value.set_sensitive(true);
                request = request.header(name, value);
            }
        }
        if let Some((media, body)) = body {
            request = request.header(CONTENT_TYPE, *media).body(body.clone());
        }
        let response = match self.has_answered() {
            true => request.send().await,
            false => tokio::time::timeout(self.wiring.limits.first, request.send()).await.map_err(|_| {
                let error = HttpError::Silent { url: without_query(url), after: self.wiring.limits.first };
                Failure::Passing { error, asked: None }
            })?,
        };
        let response = response.map_err(|error| self.lost(url, &error))?;
        self.answered.store(true, Ordering::Relaxed);
        Ok(response)
    }

    fn has_answered(&self) -> bool {
        self.answered.load(Ordering::Relaxed)
    }

    async fn receive(&self, url: Url, response: reqwest::Response) -> Result<Answer, Failure> {
        let status = response.status();
        let headers = response.headers().clone();
        let limit = if status.is_success() { self.wiring.limits.answer } else { body::REFUSAL };
        let body = match body::read(response, limit).await {
            Ok(body) => body,
            Err(TooLong::Cut(body)) if !status.is_success() => body,
            Err(TooLong::Cut(_)) => {
                return Err(Failure::Final(HttpError::TooLarge { url: without_query(&url), limit }));
            }
            Err(TooLong::Lost(error)) => return Err(self.lost(&url, &error)),
        };
        if status.is_success() {
            return Ok(Answer { url, headers, body });
        }
        let (code, message) = body::refusal(&body);
        let error = HttpError::Refused { url: without_query(&url), status: status.as_u16(), code, message };
        if is_passing(status.as_u16()) {
            Err(Failure::Passing { error, asked: asked_wait(&headers) })
        } else {
            Err(Failure::Final(error))
        }
    }

    fn lost(&self, url: &Url, error: &reqwest::Error) -> Failure {
        let error = if error.is_timeout() && !error.is_connect() {
            HttpError::Silent { url: without_query(url), after: self.wiring.limits.idle }
        } else {
            HttpError::Unreachable { origin: self.endpoint.origin(), attempts: 1, why: reason(error) }
        };
        Failure::Passing { error, asked: None }
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Client").field(&self.endpoint.origin()).finish()
    }
}

fn with_attempts(error: HttpError, made: u32) -> HttpError {
    match error {
        HttpError::Unreachable { origin, why, .. } => HttpError::Unreachable { origin, attempts: made, why },
        other => other,
    }
}

/// The innermost cause, which is the one that says something: `Connection refused`.
fn reason(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// A URL for a message. The query is left out: it is long, and not what is wrong.
fn without_query(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.to_string()
}
