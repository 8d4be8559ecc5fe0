//! Every combination of what may be sent, against what is declared: exactly that is let in.
#![allow(clippy::print_stdout, reason = "a harness says how much it tried")]

use catena_model::clock::Seeded;
use catena_receive::{
    gate::{Door, Knock, Sent},
    protocol,
    route::{Effect, Media, Verb},
    token::{Offered, Token, new_text},
};

const PORT: u16 = 5_123;

/// What may be sent, and whether it is as it should be.
type Sample<T> = (T, bool);

const HOSTS: &[Sample<Sent<'_>>] = &[
    (Sent::Once("127.0.0.1:5123"), true),
    (Sent::Once("localhost:5123"), true),
    (Sent::Once("[::1]:5123"), true),
    (Sent::Not, false),
    (Sent::Confused, false),
    (Sent::Once(""), false),
    (Sent::Once("localhost"), false),
    (Sent::Once("localhost:5124"), false),
    (Sent::Once("localhost:51234"), false),
    (Sent::Once("localhost:05123"), false),
    (Sent::Once("localhost.evil.example:5123"), false),
    (Sent::Once("127.0.0.1.evil.example:5123"), false),
    (Sent::Once("evil.example:5123"), false),
    (Sent::Once("evil.example"), false),
    (Sent::Once("user@localhost:5123"), false),
    (Sent::Once("localhost:5123, evil.example"), false),
    (Sent::Once("0.0.0.0:5123"), false),
    (Sent::Once("::1:5123"), false),
    (Sent::Once("127.1:5123"), false),
    (Sent::Once("2130706433:5123"), false),
];

const ORIGINS: &[Sample<Sent<'_>>] = &[
    (Sent::Not, true),
    (Sent::Confused, false),
    (Sent::Once("null"), false),
    (Sent::Once(""), false),
    (Sent::Once("https://evil.example"), false),
    (Sent::Once("http://localhost:5123"), false),
    (Sent::Once("http://127.0.0.1:5123"), false),
    (Sent::Once("tauri://localhost"), false),
];

const TYPES: &[(Sent<'_>, Option<Media>)] = &[
    (Sent::Once("application/json"), Some(Media::Json)),
    (Sent::Once("application/json; charset=utf-8"), Some(Media::Json)),
    (Sent::Once("application/x-protobuf"), Some(Media::Protobuf)),
    (Sent::Once("application/grpc"), Some(Media::Grpc)),
    (Sent::Once("multipart/form-data; boundary=x"), Some(Media::Multipart)),
    (Sent::Once("application/octet-stream"), Some(Media::Octets)),
    (Sent::Not, Some(Media::None)),
    (Sent::Once("text/plain"), None),
    (Sent::Once("text/plain; application/json"), None),
    (Sent::Once("application/x-www-form-urlencoded"), None),
    (Sent::Once("application/jsonp"), None),
    (Sent::Confused, None),
];

const METHODS: &[&str] =
    &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "post", "PROPFIND"];

/// Tokens as sent: in `Authorization`, in `X-Api-Key`, and whether that is the one.
fn tokens(token: &str) -> Vec<(Option<String>, Option<String>, bool)> {
    let header = |text: String| (Some(text), None);
    [
        (header(format!("Bearer {token}")), true),
        ((None, Some(token.to_owned())), true),
        ((None, None), false),
        (header("Bearer ".to_owned()), false),
        (header(format!("Bearer {}", &token[..63])), false),
        (header(format!("Bearer {token}0")), false),
        (header(format!("Bearer {}", token.to_uppercase())), false),
        (header(token.to_owned()), false),
        (header(format!("Digest {token}")), false),
        ((None, Some(String::new())), false),
        ((Some("Bearer other".to_owned()), Some(token.to_owned())), false),
    ]
    .into_iter()
    .map(|((authorization, key), good)| (authorization, key, good))
    .collect()
}

/// Whether a path is one of a pattern's, told in another way than the gate does it.
fn meant(pattern: &str, path: &str) -> bool {
    let (expected, sent): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
    let rest = expected.last().is_some_and(|last| last.ends_with("*}"));
    let long_enough = if rest { sent.len() >= expected.len() } else { sent.len() == expected.len() };
    long_enough
        && sent.iter().enumerate().all(|(at, segment)| {
            let expected = expected[at.min(expected.len() - 1)];
            match expected.starts_with('{') {
                true => !["", ".", ".."].contains(segment),
                false => *segment == expected,
            }
        })
}

/// A path that fits a pattern, and paths that look as if they did.
fn paths(pattern: &'static str) -> Vec<String> {
    let fitting: Vec<_> = pattern
        .split('/')
        .map(|segment| match segment {
            rest if rest.ends_with("*}") => "a1/b2",
            one if one.starts_with('{') => "a1",
            plain => plain,
        })
        .collect();
    let fitting = fitting.join("/");
    vec![
        format!("/{fitting}"),
        format!("{fitting}/"),
        format!("{fitting};x"),
        format!("{fitting}/.."),
        format!("/x/..{fitting}"),
        fitting,
    ]
}

#[test]
fn exactly_what_is_declared_comes_in() {
    let text = new_text(&mut Seeded(3));
    let door = Door { port: PORT, token: Token::of(&text), origins: Vec::new() };
    let tokens = tokens(&text);
    for protocol in protocol::all() {
        let routes = protocol.routes();
        let (mut cells, mut admitted, mut declared) = (0_u64, 0_u64, 0_u64);
        let mut patterns: Vec<_> = routes.iter().map(|route| route.path).collect();
        patterns.sort_unstable();
        patterns.dedup();
        for (at, path) in patterns.iter().flat_map(|pattern| paths(pattern)).enumerate() {
            // Every way to be wrong with the first paths; with the others one right and one wrong of each.
            let all = at < 6;
            let some = |right: usize| if all { (0, usize::MAX) } else { (right, 2) };
            let ((host_from, hosts), (origin_from, origins), (token_from, some_tokens)) =
                (some(2), some(0), some(1));
            for (host, host_good) in HOSTS.iter().skip(host_from).take(hosts) {
                for (origin, origin_good) in ORIGINS.iter().skip(origin_from).take(origins) {
                    for (authorization, api_key, token_good) in
                        tokens.iter().skip(token_from).take(some_tokens)
                    {
                        for verb in METHODS {
                            for (media, sort) in TYPES {
                                let knock = Knock {
                                    host: *host,
                                    origin: *origin,
                                    offered: Offered {
                                        authorization: authorization.as_deref(),
                                        api_key: api_key.as_deref(),
                                    },
                                    verb,
                                    path: &path,
                                    media: *media,
                                };
                                let takes = || {
                                    routes
                                        .iter()
                                        .find(|route| route.verb.word() == *verb && meant(route.path, &path))
                                        .is_some_and(|route| {
                                            let any = route.takes.contains(&Media::Any);
                                            (any && *media != Sent::Confused)
                                                || sort.is_some_and(|sort| route.takes.contains(&sort))
                                        })
                                };
                                let expected = *host_good && *origin_good && *token_good && takes();
                                let found = door.admit(routes, &knock);
                                assert_eq!(
                                    found.is_ok(),
                                    expected,
                                    "{}: {knock:?}: {found:?}",
                                    protocol.name()
                                );
                                cells += 1;
                                admitted += u64::from(found.is_ok());
                                declared += u64::from(expected);
                            }
                        }
                    }
                }
            }
        }
        println!("{}: {cells} cells, {admitted} admitted, {declared} declared", protocol.name());
        assert!(cells > 38_000 && admitted > 0);
    }
}

#[test]
fn who_has_no_token_learns_nothing_of_what_is_behind_it() {
    let door = Door { port: PORT, token: Token::of("one"), origins: Vec::new() };
    let knock = |path| Knock {
        host: Sent::Once("localhost:5123"),
        origin: Sent::Not,
        offered: Offered::default(),
        verb: "GET",
        path,
        media: Sent::Not,
    };
    for protocol in protocol::all() {
        let here = door.admit(protocol.routes(), &knock(protocol.routes()[0].path)).unwrap_err();
        assert_eq!(here, door.admit(protocol.routes(), &knock("/nothing/here")).unwrap_err());
    }
}

#[test]
fn an_origin_comes_in_only_when_somebody_named_it() {
    let door = Door { port: PORT, token: Token::of("one"), origins: vec!["https://own.example".to_owned()] };
    let protocol = protocol::named("openlineage").unwrap();
    let admits = |origin| {
        let knock = Knock {
            host: Sent::Once("[::1]:5123"),
            origin: Sent::Once(origin),
            offered: Offered { authorization: Some("Bearer one"), api_key: None },
            verb: "POST",
            path: "/api/v1/lineage",
            media: Sent::Once("application/json"),
        };
        door.admit(protocol.routes(), &knock).is_ok()
    };
    assert!(admits("https://own.example"));
    for other in ["https://own.example.evil.example", "http://own.example", "https://own.example:444", "null"]
    {
        assert!(!admits(other), "{other}");
    }
}

#[test]
fn no_get_has_an_effect_and_every_route_says_what_it_takes() {
    for protocol in protocol::all() {
        for route in protocol.routes() {
            assert!(!route.takes.is_empty(), "{} {}", protocol.name(), route.path);
            if matches!(route.verb, Verb::Get | Verb::Head) {
                assert_eq!(route.effect, Effect::Reads, "{} {}", protocol.name(), route.path);
            }
        }
    }
}
