//! Whatever is typed, and whatever things are called: an answer, in bounded time.

mod search_support;

use catena_model::kind::Kind;
use catena_store::search::Query;
use proptest::prelude::*;
use search_support::World;

/// Things with the names that people and systems really give, and some that only an attacker would.
const NAMES: &str = "
dataset shop.main.orders
  description <script>alert(1)</script> [\"a\" OR \"b\"] AND title:x~2 *:* {!lucene}
  tags pii, a+b, \"quoted\"
  column id
dataset shop.main.a.b..c
dataset weird://?&# ../../../etc/passwd
dataset shop.main.\u{202e}gnp.exe
dataset shop.main.e\u{301}te\u{301}
model mlflow://host 订单模型
job 🚀.🚀
";

#[test]
fn query_syntax_is_only_text() {
    let world = World::new(NAMES);
    for text in [
        "name:orders",
        "orders~2",
        "orders*",
        "*",
        "orders AND NOT orders",
        "+orders -orders",
        "[a TO z]",
        "\"",
        "\"orders",
        "(orders",
        "orders^99",
        "/.*/",
        "orders\\",
        "'; DROP TABLE entity; --",
        "orders\0",
        "{}",
        "%",
        "_",
        "..",
        "/",
        "://",
        "main.",
        ".main",
        "a.b.",
        "\u{feff}orders",
        "ORDERS\u{202e}",
    ] {
        let results = world.query(&Query { text: text.to_owned(), limit: 10, ..Query::default() });
        let found = results.hits.iter().any(|hit| hit.name == "orders");
        assert!(found || !text.to_lowercase().contains("orders"), "{text:?}: {:?}", results.hits);
    }
    assert_eq!(world.names("title x"), ["orders"]);
    assert_eq!(world.names("été"), ["été"]);
    assert_eq!(world.names("🚀")[0], "🚀");
}

#[test]
fn a_very_long_query_is_answered() {
    let world = World::new(NAMES);
    let texts = [
        "orders ".repeat(2_000),
        "o".repeat(10_000),
        "a.".repeat(5_000),
        "订".repeat(4_000),
        (0..2_000).map(|n| format!("w{n}orders{n} ")).collect::<String>(),
        "\u{301}".repeat(5_000),
        "/".repeat(10_000),
    ];
    for text in texts {
        world.query(&Query { text, limit: 10, ..Query::default() });
    }
    assert_eq!(world.names(&format!("{} orders", "orders ".repeat(2_000)))[0], "orders");
}

#[test]
fn very_long_texts_of_an_entity_are_searched_as_far_as_they_go() {
    let description = format!("needle {}", "hay ".repeat(100_000));
    let name = "x".repeat(4_000);
    let world = World::new(&format!("dataset shop.main.{name}\n  description {description}"));
    let hit = world.first("needle");
    assert_eq!(hit.name, name);
    assert_eq!(world.hits(&"x".repeat(4_000)).len(), 1);
    world.check();
}

#[test]
fn any_page_can_be_asked_for() {
    let world = World::new(NAMES);
    for (offset, limit) in [(0, 0), (1_000_000, 10), (usize::MAX, usize::MAX), (3, usize::MAX)] {
        let results = world.query(&Query { text: "orders".to_owned(), offset, limit, ..Query::default() });
        assert!(results.total > 0);
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-z_./:\"* ]{0,30}",
        "(orders|main|id|shop|订单|été)([ ._/\"]{1,2}(orders|main|ordres|i|🚀)){0,4}",
        "\\PC{0,200}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn nothing_typed_ever_fails_and_ranges_lie_in_their_text(texts in prop::collection::vec(text(), 1..8)) {
        thread_local! {
            static WORLD: World = World::new(NAMES);
        }
        WORLD.with(|world| -> Result<(), TestCaseError> {
            for text in texts {
                let query = Query { text: text.clone(), limit: 20, ..Query::default() };
                let results = world.query(&query);
                prop_assert!(results.hits.len() as u64 <= results.total);
                let typed = world.query(&Query { as_you_type: true, ..query.clone() });
                prop_assert_eq!(&typed.hits, &results.hits);
                for hit in &results.hits {
                    prop_assert!(!hit.reason.is_empty());
                    for matched in &hit.matched {
                        let units = matched.text.encode_utf16().count() as u32;
                        for (start, end) in &matched.ranges {
                            prop_assert!(start < end && *end <= units);
                        }
                    }
                }
                let datasets = world.query(&Query { kinds: vec![Kind::Dataset], ..query });
                prop_assert!(datasets.hits.iter().all(|hit| hit.kind == Kind::Dataset));
            }
            Ok(())
        })?;
    }
}
