//! From a connection to an answer.

use std::{
    convert::Infallible,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, combinators::BoxBody};
use hyper::{
    HeaderMap, Request as Arriving, Response, Version,
    body::Incoming,
    header::{
        ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HOST, HeaderName, HeaderValue,
        ORIGIN, PROXY_AUTHORIZATION, RETRY_AFTER, USER_AGENT, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
    },
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    task::JoinSet,
    time::{Instant, timeout},
};

use super::PATIENCE;
use crate::{
    body::{self, Budget, Encoding},
    commit::{Holder, Queue},
    desk::Desk,
    gate::{Admitted, Door, Knock, Sent},
    limits::Limits,
    protocol::{Answer, Protocol, Request, Wire},
    quota::{Quotas, Rate},
    refusal::Refusal,
    route::{Effect, Media},
    stats::Counts,
    token::Offered,
};

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// What every connection of one receiver works with.
pub(super) struct Shared {
    door: Door,
    desk: Desk,
    budget: Budget,
    requests: Semaphore,
    connections: Arc<Semaphore>,
    quotas: Mutex<Quotas>,
    started: Instant,
}

impl Shared {
    pub(super) fn new(
        door: Door,
        protocol: Arc<dyn Protocol>,
        holder: Arc<dyn Holder>,
        queue: Queue,
        counts: Counts,
        limits: Limits,
        budget: Budget,
    ) -> Self {
        let rate = Rate { requests: limits.requests_per_second, bytes: limits.bytes_per_second };
        Self {
            door,
            desk: Desk { holder, queue, protocol, counts, limits, effect: Effect::Reads },
            budget,
            requests: Semaphore::new(limits.requests),
            connections: Arc::new(Semaphore::new(limits.connections)),
            quotas: Mutex::new(Quotas::new(rate)),
            started: Instant::now(),
        }
    }

    fn quotas(&self) -> (MutexGuard<'_, Quotas>, Duration) {
        let quotas = self.quotas.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        (quotas, self.started.elapsed())
    }

    fn take_quota(&self, source: &str) -> Result<(), Refusal> {
        let (mut quotas, now) = self.quotas();
        quotas.take(source, now).map_err(Refusal::Quota)
    }

    fn charge(&self, source: &str, bytes: usize) {
        let (mut quotas, now) = self.quotas();
        quotas.charge(source, bytes, now);
    }
}

/// Takes connections until told to stop, then waits for those that there are.
pub(super) async fn listen(listener: TcpListener, shared: Arc<Shared>, mut stop: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    loop {
        let taken = async {
            // Those over the limit wait in the system's own queue.
            let place = Arc::clone(&shared.connections).acquire_owned().await.ok()?;
            match listener.accept().await {
                Ok((stream, _)) => Some((stream, place)),
                Err(_) => {
                    // Out of file descriptors, most likely: others have to end first.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    None
                }
            }
        };
        tokio::select! {
            _ = stop.changed() => break,
            Some(_) = connections.join_next() => {}
            taken = taken => {
                if let Some((stream, place)) = taken {
                    let (shared, stop) = (Arc::clone(&shared), stop.clone());
                    connections.spawn(async move {
                        converse(stream, shared, stop).await;
                        drop(place);
                    });
                }
            }
        }
    }
    drop(listener);
    let _ = timeout(PATIENCE, async { while connections.join_next().await.is_some() {} }).await;
}

async fn converse(stream: TcpStream, shared: Arc<Shared>, mut stop: watch::Receiver<bool>) {
    let _ = stream.set_nodelay(true);
    let limits = shared.desk.limits;
    let wire = shared.desk.protocol.wire();
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        async move { Ok::<_, Infallible>(respond(&shared, request).await) }
    });
    let stream = TokioIo::new(stream);
    // What a connection ends with is the client's affair.
    match wire {
        Wire::Http1 => {
            let mut connection = pin!(
                http1::Builder::new()
                    .timer(TokioTimer::new())
                    .header_read_timeout(limits.head_time)
                    .max_buf_size(64 << 10)
                    .max_headers(64)
                    .serve_connection(stream, service)
            );
            tokio::select! {
                _ = connection.as_mut() => {}
                _ = stop.changed() => {
                    connection.as_mut().graceful_shutdown();
                    let _ = timeout(PATIENCE, connection).await;
                }
            }
        }
        Wire::Http2 => {
            let mut connection = pin!(
                http2::Builder::new(TokioExecutor::new())
                    .timer(TokioTimer::new())
                    .keep_alive_interval(limits.head_time)
                    .keep_alive_timeout(limits.silence)
                    .max_concurrent_streams(64)
                    .max_header_list_size(64 << 10)
                    .serve_connection(stream, service)
            );
            tokio::select! {
                _ = connection.as_mut() => {}
                _ = stop.changed() => {
                    connection.as_mut().graceful_shutdown();
                    let _ = timeout(PATIENCE, connection).await;
                }
            }
        }
    }
}

type Reply = Response<BoxBody<Bytes, Infallible>>;

async fn respond(shared: &Shared, request: Arriving<Incoming>) -> Reply {
    let answer = match take(shared, request).await {
        Ok(answer) => answer,
        Err(refusal) => {
            shared.desk.counts.refused(&refusal.to_string(), shared.desk.now());
            refused(shared.desk.protocol.refuse(&refusal), &refusal)
        }
    };
    let Answer { status, headers, body, trailers } = answer;
    let body = Full::new(body);
    let body = match trailers {
        None => body.boxed(),
        Some(trailers) => body.with_trailers(async move { Some(Ok(trailers)) }).boxed(),
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    let always = response.headers_mut();
    always.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    always.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Adds what HTTP itself wants said with a refusal, whatever form its protocol gives it.
fn refused(mut answer: Answer, refusal: &Refusal) -> Answer {
    if let Some(seconds) = refusal.retry_after() {
        answer.headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    match refusal {
        Refusal::Token => {
            answer.headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        Refusal::Verb { allowed } => {
            if let Ok(allowed) = HeaderValue::from_str(allowed) {
                answer.headers.insert(ALLOW, allowed);
            }
        }
        _ => {}
    }
    answer
}

async fn take(shared: &Shared, request: Arriving<Incoming>) -> Result<Answer, Refusal> {
    let (head, body) = request.into_parts();
    let mut headers = head.headers;
    let Admitted { route, parameters, media } = shared.door.admit(
        shared.desk.protocol.routes(),
        &Knock {
            host: host(&head.uri, head.version, &headers),
            origin: sent(&headers, &ORIGIN),
            offered: Offered {
                authorization: once(&headers, &AUTHORIZATION),
                api_key: once(&headers, &API_KEY),
            },
            verb: head.method.as_str(),
            path: head.uri.path(),
            media: sent(&headers, &CONTENT_TYPE),
        },
    )?;
    for secret in [&AUTHORIZATION, &PROXY_AUTHORIZATION, &API_KEY] {
        headers.remove(secret);
    }
    let _place = shared.requests.try_acquire().map_err(|_| Refusal::Busy)?;
    // All connections come from this machine; programs are told apart by what they call themselves.
    let source: String = once(&headers, &USER_AGENT).unwrap_or_default().chars().take(64).collect();
    shared.take_quota(&source)?;
    let encoding = match sent(&headers, &CONTENT_ENCODING) {
        Sent::Not => Encoding::Plain,
        Sent::Once(text) => Encoding::of(Some(text))?,
        Sent::Confused => return Err(Refusal::Encoding),
    };
    let limits = &shared.desk.limits;
    let mut share = shared.budget.share();
    let packed = body::receive(body, limits, &mut share).await?;
    let body = match encoding {
        Encoding::Plain => body::unpack(encoding, packed, limits, &mut share)?,
        _ => tokio::task::block_in_place(|| body::unpack(encoding, packed, limits, &mut share))?,
    };
    if media == Media::None && !body.is_empty() {
        let taken: Vec<_> = route.takes.iter().map(|media| media.word()).collect();
        return Err(Refusal::Media { taken: taken.join(", ") });
    }
    shared.charge(&source, body.len());
    let query = head.uri.query().unwrap_or_default().to_owned();
    let desk = Desk { effect: route.effect, ..shared.desk.clone() };
    let request = Request { route, parameters, query, headers, media, body };
    Ok(desk.protocol.answer(request, &desk).await)
}

/// Whom the client believes to talk to, said once: in HTTP/2 the authority may be repeated as Host, in HTTP/1 a target
/// with an authority is for proxies.
fn host<'a>(uri: &'a hyper::Uri, version: Version, headers: &'a HeaderMap) -> Sent<'a> {
    match (uri.authority(), sent(headers, &HOST)) {
        (None, header) => header,
        (Some(_), _) if version < Version::HTTP_2 => Sent::Confused,
        (Some(authority), Sent::Not) => Sent::Once(authority.as_str()),
        (Some(authority), Sent::Once(header)) if authority.as_str() == header => Sent::Once(header),
        _ => Sent::Confused,
    }
}

fn sent<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Sent<'a> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Sent::Not,
        (Some(value), None) => value.to_str().map_or(Sent::Confused, Sent::Once),
        _ => Sent::Confused,
    }
}

/// A header that is of no use unless it is there once, as text.
fn once<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    match sent(headers, name) {
        Sent::Once(text) => Some(text),
        Sent::Not | Sent::Confused => None,
    }
}
