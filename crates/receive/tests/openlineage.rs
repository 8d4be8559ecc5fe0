//! The OpenLineage receiver over a real connection: what it stores, what it refuses, and what it outlives.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod house;

use std::{io::Write, time::Duration};

use catena_receive::{commit, limits::Limits, listen::StartError, protocol};
use catena_store::table::dead_letter;
use flate2::{Compression, write::GzEncoder};
use house::{Scene, answered, event};

const ONE: &str = "/api/v1/lineage";
const BATCH: &str = "/api/v1/lineage/batch";

fn scene() -> Scene {
    Scene::new(Limits::default())
}

fn letters(scene: &Scene) -> Vec<dead_letter::Letter> {
    scene.held.catalog.read(|reader| dead_letter::list(reader.db(), None, None, 100)).unwrap()
}

#[test]
fn an_event_is_there_when_it_is_acknowledged() {
    let scene = scene();
    let answer = scene.post(ONE, event(1).as_bytes(), "");
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(scene.count("event"), 1);
    assert!(scene.count("entity") >= 4);
    let seen = scene.house.seen("openlineage", catena_receive::commit::Holder::now(&*scene.held)).unwrap();
    assert_eq!((seen.accepted, seen.rejected, seen.refused), (1, 0, 0));
    assert_eq!(seen.rate.last(), Some(&1));
}

#[test]
fn the_same_event_again_is_fine_and_another_with_its_identity_is_a_conflict() {
    let scene = scene();
    scene.post(ONE, event(1).as_bytes(), "");
    let entities = scene.count("entity");
    assert_eq!(scene.post(ONE, event(1).as_bytes(), "").status, 201);
    assert_eq!((scene.count("event"), scene.count("entity")), (1, entities));
    let other = event(1).replace("in.csv", "other.csv");
    let answer = scene.post(ONE, other.as_bytes(), "");
    assert_eq!(answer.status, 409, "{answer:?}");
    assert!(answer.json()["message"].as_str().unwrap().contains("same identity"));
    assert_eq!((scene.count("event"), scene.count("entity")), (1, entities));
    assert_eq!(letters(&scene)[0].body, other.as_bytes());
}

#[test]
fn a_broken_event_is_answered_with_what_and_where_and_can_be_replayed() {
    let scene = scene();
    let broken = event(1).replace("eventTime", "eventtime");
    let answer = scene.post(ONE, broken.as_bytes(), "");
    assert_eq!(answer.status, 422);
    assert!(answer.json()["message"].as_str().unwrap().contains("$.eventTime"), "{answer:?}");
    let letter = letters(&scene).remove(0);
    let protocol = protocol::named("openlineage").unwrap();
    let replay = |letter: &_| commit::replay(&*scene.held, &*protocol, letter, &Limits::default()).unwrap();
    assert!(replay(&letter).is_some());
    assert_eq!(letters(&scene).len(), 1);
    let corrected = dead_letter::Letter { body: event(1).into_bytes(), ..letter };
    assert_eq!(replay(&corrected), None);
    assert_eq!((scene.count("dead_letter"), scene.count("event")), (0, 1));
}

#[test]
fn one_poison_among_a_thousand_is_set_aside_and_the_rest_is_stored() {
    let scene = scene();
    let events: Vec<_> = (0..1_000)
        .map(|number| if number == 417 { r#"{"eventType": 7}"#.to_owned() } else { event(number) })
        .collect();
    let answer = scene.post(BATCH, format!("[{}]", events.join(",")).as_bytes(), "");
    assert_eq!(answer.status, 200, "{}", answer.body);
    let body = answer.json();
    assert_eq!(body["status"], "partial_success");
    assert_eq!(body["summary"]["successful"], 999);
    assert_eq!(body["failed_events"][0]["index"], 417);
    assert_eq!(scene.count("event"), 999);
    let letters = letters(&scene);
    assert_eq!((letters.len(), letters[0].body.as_slice()), (1, br#"{"eventType": 7}"#.as_slice()));
}

#[test]
fn an_event_at_which_the_whole_transaction_fails_takes_no_other_with_it() {
    let scene = scene();
    let trap = "CREATE TRIGGER trap BEFORE INSERT ON name WHEN new.name LIKE '%t17'
                BEGIN SELECT RAISE(ABORT, 'planted'); END";
    scene.held.catalog.writer().unwrap().unlogged(|db| Ok(db.execute_batch(trap)?)).unwrap();
    let events: Vec<_> = (0..40).map(event).collect();
    let answer = scene.post(BATCH, format!("[{}]", events.join(",")).as_bytes(), "");
    let body = answer.json();
    assert_eq!(body["summary"]["successful"], 39, "{answer:?}");
    assert_eq!(body["failed_events"][0]["index"], 17);
    assert!(body["failed_events"][0]["reason"].as_str().unwrap().contains("planted"));
    assert_eq!((scene.count("event"), scene.count("dead_letter")), (39, 1));
}

#[test]
fn a_batch_comes_in_each_shape_that_clients_send() {
    let scene = scene();
    for (path, body) in [
        (BATCH, format!("[{}]", event(1))),
        (BATCH, format!(r#"{{"events":[{}]}}"#, event(2))),
        (ONE, format!(" [{},{}]", event(3), event(4))),
    ] {
        assert_eq!(scene.post(path, body.as_bytes(), "").status, 200, "{body}");
    }
    assert_eq!(scene.count("event"), 4);
    let answer = scene.post(BATCH, b"{\"events\":", "");
    assert_eq!(answer.status, 422);
    assert_eq!(letters(&scene)[0].form, "batch");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn packed_bodies_are_unpacked_and_bombs_are_not() {
    let scene = Scene::new(Limits { body_bytes: 1 << 20, ..Limits::default() });
    let packed = gzip(event(1).as_bytes());
    assert_eq!(scene.post(ONE, &packed, "Content-Encoding: gzip\r\n").status, 201);
    let zstd =
        ruzstd::encoding::compress_to_vec(event(2).as_bytes(), ruzstd::encoding::CompressionLevel::Fastest);
    assert_eq!(scene.post(ONE, &zstd, "Content-Encoding: zstd\r\n").status, 201);
    let bomb = gzip(&vec![b' '; 64 << 20]);
    assert!(bomb.len() < 128 << 10);
    let answer = scene.post(ONE, &bomb, "Content-Encoding: gzip\r\n");
    assert_eq!(answer.status, 413, "{answer:?}");
    assert_eq!(scene.post(ONE, &gzip(&bomb), "Content-Encoding: gzip, gzip\r\n").status, 415);
    assert_eq!(scene.post(ONE, b"nonsense", "Content-Encoding: gzip\r\n").status, 400);
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(scene.post(ONE, deep.as_bytes(), "").status, 422);
    assert_eq!(scene.post(ONE, event(3).as_bytes(), "").status, 201);
}

#[test]
fn what_is_too_long_is_refused_whether_it_says_so_or_not() {
    let scene = Scene::new(Limits { sent_bytes: 64 << 10, ..Limits::default() });
    let long = vec![b' '; 256 << 10];
    assert_eq!(scene.post(ONE, &long, "").status, 413);
    let head = scene.head(ONE, 0, "").replace("Content-Length: 0", "Transfer-Encoding: chunked");
    let mut request = head.into_bytes();
    for chunk in long.chunks(8 << 10) {
        request.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        request.extend_from_slice(chunk);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"0\r\n\r\n");
    assert_eq!(scene.send(&request).status, 413);
}

#[test]
fn a_body_that_does_not_come_is_not_waited_for_and_one_that_lies_is_not_stored() {
    let scene = Scene::new(Limits { silence: Duration::from_millis(200), ..Limits::default() });
    let mut stream = scene.connect();
    stream.write_all(scene.head(ONE, 500, "").as_bytes()).unwrap();
    stream.write_all(b"{").unwrap();
    assert_eq!(answered(stream).status, 408);
    let one = event(1);
    let mut cut = scene.connect();
    cut.write_all(scene.head(ONE, one.len() + 10, "").as_bytes()).unwrap();
    cut.write_all(one.as_bytes()).unwrap();
    cut.shutdown(std::net::Shutdown::Write).unwrap();
    assert_ne!(answered(cut).status, 201);
    assert_eq!(scene.count("event"), 0);
    assert_eq!(scene.post(ONE, one.as_bytes(), "").status, 201);
}

#[test]
fn a_body_that_trickles_is_cut_off_in_time() {
    let scene = Scene::new(Limits { body_time: Duration::from_millis(600), ..Limits::default() });
    let mut stream = scene.connect();
    stream.write_all(scene.head(ONE, 500, "").as_bytes()).unwrap();
    let start = std::time::Instant::now();
    for _ in 0..100 {
        if stream.write_all(b" ").is_err() || start.elapsed() > Duration::from_secs(2) {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(answered(stream).status, 408);
}

#[test]
fn who_sends_too_much_is_told_to_wait_and_nothing_is_acknowledged_and_dropped() {
    let scene = Scene::new(Limits { requests_per_second: 5, ..Limits::default() });
    let answers: Vec<_> = (0..30).map(|number| scene.post(ONE, event(number).as_bytes(), "")).collect();
    let acknowledged = answers.iter().filter(|answer| answer.status == 201).count();
    let waiting: Vec<_> = answers.iter().filter(|answer| answer.status == 429).collect();
    assert_eq!(acknowledged + waiting.len(), 30);
    assert!(acknowledged >= 10 && !waiting.is_empty());
    assert!(waiting.iter().all(|answer| answer.head.contains("retry-after: 1")));
    assert_eq!(scene.count("event"), acknowledged as u64);
}

#[test]
fn a_page_in_a_browser_gets_nothing() {
    let scene = scene();
    let port = scene.listening.port;
    let preflight = scene.send(
        format!(
            "OPTIONS {ONE} HTTP/1.1\r\nHost: localhost:{port}\r\nOrigin: https://evil.example\r\n\
             Access-Control-Request-Method: POST\r\nConnection: close\r\n\r\n"
        )
        .as_bytes(),
    );
    assert_eq!(preflight.status, 403);
    let rebound =
        scene.head(ONE, 0, "").replace(&format!("localhost:{port}"), &format!("evil.example:{port}"));
    assert_eq!(scene.send(rebound.as_bytes()).status, 421);
    let absolute = scene.head(&format!("http://localhost:{port}{ONE}"), 0, "");
    assert_eq!(scene.send(absolute.as_bytes()).status, 421);
    let twice = scene.head(ONE, 0, &format!("Host: localhost:{port}\r\n"));
    assert_ne!(scene.send(twice.as_bytes()).status, 201);
    let from_a_page = scene.post(ONE, event(1).as_bytes(), "Origin: null\r\n");
    assert_eq!(from_a_page.status, 403);
    let no_token = scene.head(ONE, 0, "").replace(house::TOKEN, "wrong");
    let no_token = scene.send(no_token.as_bytes());
    assert_eq!(no_token.status, 401);
    for answer in [preflight, from_a_page, no_token] {
        assert!(!answer.head.contains("access-control"), "{answer:?}");
        assert!(answer.head.contains("cache-control: no-store"));
    }
    assert_eq!(scene.count("event"), 0);
}

#[test]
fn a_taken_port_is_said_and_a_stopped_receiver_frees_its_own() {
    let scene = scene();
    let protocol = || protocol::named("openlineage").unwrap();
    let port = scene.listening.port;
    assert!(matches!(scene.house.start(protocol(), port, "x", vec![]), Err(StartError::On { .. })));
    assert!(scene.house.stop("openlineage"));
    assert!(!scene.house.stop("openlineage"));
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let taken_port = taken.local_addr().unwrap().port();
    let error = scene.house.start(protocol(), taken_port, "x", vec![]).unwrap_err();
    assert!(
        matches!(error, StartError::Taken { port, free } if port == taken_port && free != port),
        "{error}"
    );
    assert_eq!(scene.house.start(protocol(), port, "x", vec![]).unwrap().port, port);
}

#[test]
fn a_request_under_way_is_finished_before_a_receiver_stops() {
    let scene = scene();
    let one = event(1);
    let mut stream = scene.connect();
    stream.write_all(scene.head(ONE, one.len(), "").as_bytes()).unwrap();
    stream.write_all(&one.as_bytes()[..20]).unwrap();
    std::thread::sleep(Duration::from_millis(100));
    std::thread::scope(|scope| {
        let stopping = scope.spawn(|| scene.house.stop("openlineage"));
        std::thread::sleep(Duration::from_millis(100));
        stream.write_all(&one.as_bytes()[20..]).unwrap();
        assert_eq!(answered(stream).status, 201);
        assert!(stopping.join().unwrap());
    });
    assert_eq!(scene.count("event"), 1);
}

#[test]
fn many_at_once_share_transactions_and_each_is_answered() {
    let scene = scene();
    std::thread::scope(|scope| {
        for client in 0..8 {
            let scene = &scene;
            scope.spawn(move || {
                for number in 0..25 {
                    let answer = scene.post(ONE, event(client * 1_000 + number).as_bytes(), "");
                    assert_eq!(answer.status, 201, "{answer:?}");
                }
            });
        }
    });
    assert_eq!(scene.count("event"), 200);
    let told = scene.held.told.load(std::sync::atomic::Ordering::Relaxed);
    assert!(told <= 200, "{told}");
}
