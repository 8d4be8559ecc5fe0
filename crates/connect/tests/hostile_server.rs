//! Servers that hang, lie, lead astray, flood or die.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper of a test may fail it")]

mod support;

use std::{
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use catena_connect::{
    cancel::Cancel,
    connector::{Connector, Done, ReadError},
    http::HttpError,
    mlflow::Server,
    secret::{Credential, Secret},
};
use support::{Kept, Reply, Request, Stand, settings};

async fn read(stand: &Stand) -> (Result<Done, ReadError>, Vec<Duration>) {
    let (settings, pause) = settings();
    let server = Server::new(&stand.url, settings).unwrap();
    let result = server.read(None, &mut Kept::default(), &Cancel::new()).await;
    (result, pause.waits())
}

async fn failure(reply: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> (String, Vec<Duration>) {
    let stand = Stand::new(reply).await;
    let (result, waits) = read(&stand).await;
    (result.expect_err("it is hostile").to_string(), waits)
}

fn json() -> &'static str {
    "Content-Type: application/json\r\n"
}

#[tokio::test]
async fn one_that_hangs_is_given_up() {
    let (error, waits) = failure(|_| Reply::Hang).await;
    assert!(error.contains("did not answer within") && error.contains("/api/2.0/mlflow/"), "{error}");
    assert_eq!(waits, [], "asked once: it never answered");
}

#[tokio::test]
async fn one_that_hangs_in_the_middle_of_an_answer_is_given_up() {
    let start = format!("HTTP/1.1 200 OK\r\n{}Content-Length: 1000\r\n\r\n{{\"experim", json());
    let (error, waits) = failure(move |_| Reply::Stall(start.clone().into_bytes())).await;
    assert!(error.contains("did not answer within"), "{error}");
    assert_eq!(waits.len(), 2, "asked three times");
}

#[tokio::test]
async fn one_that_sends_us_elsewhere_gets_neither_question_nor_password_there() {
    let other = Stand::new(|_| Reply::Json("{}".to_owned())).await;
    let target = other.url.replace("127.0.0.1", "localhost");
    for location in [other.url.clone(), format!("{target}/steal"), format!("//{}", &other.url[7..])] {
        let header = format!("Location: {location}\r\n");
        let stand = Stand::new(move |_| Reply::status(302, &header, "")).await;
        let (mut settings, _) = settings();
        settings.credential = Some(Credential::Bearer(Secret::new("canary-7f3a")));
        let server = Server::new(&stand.url, settings).unwrap();
        let error = server.read(None, &mut Kept::default(), &Cancel::new()).await.unwrap_err();
        assert!(matches!(error, ReadError::Http(HttpError::Elsewhere { .. })), "{error:?}");
        let said = error.to_string();
        let port = other.url.rsplit(':').next().unwrap();
        assert!(said.contains(port), "names the other origin: {said}");
        assert!(!said.contains("canary"), "{said}");
        let sent = stand.requests.lock().unwrap()[0].headers["authorization"].clone();
        assert_eq!(sent, "Bearer canary-7f3a");
    }
    assert_eq!(other.paths(), Vec::<String>::new());
}

#[tokio::test]
async fn a_redirect_within_the_server_is_followed_and_a_circle_is_not() {
    let stand = Stand::new(|request| match request.path.strip_prefix("/new") {
        Some(_) => Reply::missing(),
        None => Reply::status(307, &format!("Location: /new{}?{}\r\n", request.path, request.query), ""),
    })
    .await;
    let (settings, _) = settings();
    let server = Server::new(&stand.url, settings).unwrap();
    // The experiment 0 is not there, and no version either; the listing is what fails in the end.
    let error = server.read(None, &mut Kept::default(), &Cancel::new()).await.unwrap_err().to_string();
    assert!(error.contains("404") && error.contains("/new/api/2.0/mlflow/experiments/search"), "{error}");
    let (error, _) =
        failure(|request| Reply::status(307, &format!("Location: {}\r\n", request.path), "")).await;
    assert!(error.contains("redirects more than 3 times"), "{error}");
}

#[tokio::test]
async fn one_that_answers_html_is_asked_whether_it_is_mlflow() {
    let (error, waits) =
        failure(|_| Reply::status(200, "Content-Type: text/html\r\n", "<!doctype html><title>Wiki</title>"))
            .await;
    assert!(error.contains("answered HTML, not JSON: is this the address of an MLflow server?"), "{error}");
    assert!(error.contains("http://127.0.0.1:"), "{error}");
    assert_eq!(waits, [], "asking again would not help");
    let (error, _) = failure(|_| Reply::status(200, json(), "<html>")).await;
    assert!(error.contains("can't be read"), "{error}");
}

#[tokio::test]
async fn json_of_something_else_is_not_taken_for_an_empty_mlflow() {
    let (error, _) = failure(|_| Reply::Json(r#"{"status":"ok"}"#.to_owned())).await;
    assert!(error.contains("is this an MLflow server"), "{error}");
}

#[tokio::test]
async fn one_that_lies_about_the_length_is_tried_again_and_given_up() {
    let (error, waits) = failure(|_| {
        Reply::Raw(format!("HTTP/1.1 200 OK\r\n{}Content-Length: 9000\r\n\r\n{{}}", json()).into_bytes())
    })
    .await;
    assert!(error.contains("could not be reached in 4 attempts"), "{error}");
    assert_eq!(waits.len(), 3);
    let (error, _) = failure(|_| {
        Reply::Raw(
            format!("HTTP/1.1 200 OK\r\n{}Content-Length: 99999999999999\r\n\r\n{{}}", json()).into_bytes(),
        )
    })
    .await;
    assert!(error.contains("could not be reached"), "{error}");
}

#[tokio::test]
async fn an_endless_answer_and_a_bomb_are_cut() {
    let (error, _) = failure(|_| {
        let mut raw = format!("HTTP/1.1 200 OK\r\n{}\r\n", json()).into_bytes();
        raw.extend(std::iter::repeat_n(b' ', 1_200_000));
        Reply::Raw(raw)
    })
    .await;
    assert!(error.contains("more than 1 MB"), "{error}");

    // 50 MB of spaces in 50 kB.
    let mut squeezed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..50 {
        squeezed.write_all(&[b' '; 1_000_000]).unwrap();
    }
    let squeezed = squeezed.finish().unwrap();
    assert!(squeezed.len() < 100_000);
    let (error, _) = failure(move |_| {
        let head = format!(
            "HTTP/1.1 200 OK\r\n{}Content-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
            json(),
            squeezed.len()
        );
        Reply::Raw([head.as_bytes(), &squeezed].concat())
    })
    .await;
    assert!(error.contains("more than 1 MB"), "{error}");
}

#[tokio::test]
async fn one_that_is_overloaded_is_waited_for_as_long_as_it_asks() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let (error, waits) = failure(move |_| match count.fetch_add(1, Ordering::SeqCst) {
        0 => Reply::status(429, "Retry-After: 7\r\n", ""),
        1 => Reply::status(
            503,
            "Retry-After: Wed, 21 Oct 2026 07:28:30 GMT\r\nDate: Wed, 21 Oct 2026 07:28:20 GMT\r\n",
            "",
        ),
        2 => Reply::status(502, "", ""),
        _ => Reply::status(401, json(), r#"{"message":"who are you?"}"#),
    })
    .await;
    assert_eq!(waits, [Duration::from_secs(7), Duration::from_secs(10), Duration::from_secs(2)]);
    assert!(error.contains("401 (who are you?)") && error.contains("user name and password"), "{error}");
    let (error, waits) = failure(|_| Reply::status(429, "Retry-After: 86400\r\n", "")).await;
    assert!(error.contains("asks to wait 86400 s"), "{error}");
    assert_eq!(waits, []);
}

#[tokio::test]
async fn nobody_at_the_address_is_said_plainly() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let (settings, pause) = settings();
    let server = Server::new(&url, settings).unwrap();
    let error = server.read(None, &mut Kept::default(), &Cancel::new()).await.unwrap_err().to_string();
    assert!(
        error.contains(&url) && error.contains("3 attempts") && error.contains("is the server running?"),
        "{error}"
    );
    assert_eq!(pause.waits().len(), 2);
}

#[tokio::test]
async fn stopping_ends_a_wait() {
    let stand = Stand::new(|_| Reply::Hang).await;
    let (mut settings, _) = settings();
    settings.limits.idle = Duration::from_secs(600);
    settings.limits.total = Duration::from_secs(600);
    let server = Server::new(&stand.url, settings).unwrap();
    let cancel = Cancel::new();
    let stop = cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(50)).await;
        stop.cancel();
    });
    let mut kept = Kept::default();
    let reading = server.read(None, &mut kept, &cancel);
    let error = tokio::time::timeout(Duration::from_secs(10), reading).await.unwrap().unwrap_err();
    assert!(error.is_cancelled(), "{error:?}");
}

#[tokio::test]
async fn a_password_in_the_address_is_sent_and_never_shown() {
    let stand = Stand::new(|_| Reply::status(403, json(), r#"{"message":"not you"}"#)).await;
    let address = stand.url.replace("http://", "http://ann:canary-91c2@");
    let (settings, _) = settings();
    let server = Server::new(&address, settings).unwrap();
    let error = server.read(None, &mut Kept::default(), &Cancel::new()).await.unwrap_err();
    let sent = stand.requests.lock().unwrap()[0].headers["authorization"].clone();
    assert_eq!(sent, "Basic YW5uOmNhbmFyeS05MWMy");
    let shown = format!("{error} {error:?} {server:?}");
    assert!(!shown.contains("canary") && !shown.contains("YW5uOmNhbmFyeS05MWMy"), "{shown}");
}
