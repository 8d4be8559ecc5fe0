//! The order of hits, and what each says of itself.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails where it stands")]

mod search_support;

use catena_model::kind::Kind;
use catena_store::search::{Place, Query, WhyMatched};
use search_support::World;

#[test]
fn an_exact_name_comes_before_close_ones_those_before_context_and_that_before_descriptions() {
    let world = World::new(
        "
dataset shop.main.payments
  description Money that came in for orders
dataset shop.main.customers
  tags orders
dataset shop.main.items
  column orders_count
dataset shop.main.stg_orders
dataset shop.main.orders_daily
dataset shop.main.oders
dataset shop.main.orders
",
    );
    let names = world.names("orders");
    assert_eq!(
        names,
        ["orders", "orders_count", "orders_daily", "stg_orders", "oders", "items", "customers", "payments"]
    );
}

#[test]
fn a_hit_names_all_fields_that_have_the_words() {
    let world = World::new(
        "
dataset shop.main.orders
  description All orders of the shop
  tags orders
  column orders_count
dataset shop.main.stg_orders
  description Orders as they came
",
    );
    let hits = world.hits("orders");
    assert_eq!(
        hits[0].reason,
        "The name is the same; also column \"orders_count\", tag \"orders\", description"
    );
    let fields: Vec<Place> = hits[0].matched.iter().map(|matched| matched.field).collect();
    assert_eq!(fields, [Place::Name, Place::Column, Place::Tag, Place::Description]);
    let staged = hits.iter().find(|hit| hit.name == "stg_orders").unwrap();
    assert_eq!(staged.reason, "Name, description");
    assert_eq!(staged.matched[1].ranges, [(0, 6)]);
}

#[test]
fn each_hit_says_why_and_shows_where() {
    let world = World::new(
        "
dataset shop.main.payments
  description Money that came in for orders of the shop
  column amount
dataset shop.main.orders
  tags Nightly
  owners ann@example.org
",
    );
    assert_eq!(world.first("orders").why, WhyMatched::ExactName);

    let hits = world.hits("orders");
    let payments = hits.iter().find(|hit| hit.name == "payments").unwrap();
    assert_eq!(payments.why, WhyMatched::In(Place::Description));
    assert_eq!(payments.reason, "Description");
    assert_eq!(payments.matched[0].text, "Money that came in for orders of the shop");
    assert_eq!(payments.matched[0].ranges, [(23, 29)]);

    let by_tag = world.first("nightly");
    assert_eq!((by_tag.name.as_str(), by_tag.why), ("orders", WhyMatched::In(Place::Tag)));
    assert_eq!(by_tag.reason, "Tag \"Nightly\"");
    assert_eq!(world.first("example").why, WhyMatched::In(Place::Owner));

    let hits = world.hits("amount");
    assert_eq!(hits[0].kind, Kind::Column);
    assert_eq!(hits[0].parent.as_ref().map(|parent| parent.name.as_str()), Some("payments"));
    assert_eq!(hits[1].why, WhyMatched::In(Place::Column));
    assert_eq!(hits[1].matched[0].text, "amount");

    let near = world.first("paymnets");
    assert_eq!(near.name, "payments");
    assert_eq!(near.reason, "Name (close to \"paymnets\")");
}

#[test]
fn ranges_count_utf_16_units() {
    let world = World::new("dataset shop.main.x\n  description 🚀 Über Größe und orders");
    let hit = world.first("orders");
    let matched = &hit.matched[0];
    let units: Vec<u16> = matched.text.encode_utf16().collect();
    let (start, end) = matched.ranges[0];
    assert_eq!(String::from_utf16(&units[start as usize..end as usize]).unwrap(), "orders");
    let hit = world.first("uber");
    let (start, end) = hit.matched[0].ranges[0];
    let units: Vec<u16> = hit.matched[0].text.encode_utf16().collect();
    assert_eq!(String::from_utf16(&units[start as usize..end as usize]).unwrap(), "Über");
}

#[test]
fn a_long_description_is_shown_around_the_match() {
    let filler = "lorem ipsum dolor sit amet ".repeat(40);
    let world = World::new(&format!("dataset shop.main.x\n  description {filler}zebra {filler}"));
    let hit = world.first("zebra");
    let matched = &hit.matched[0];
    assert!(matched.text.starts_with('…') && matched.text.ends_with('…'));
    assert!(matched.text.chars().count() < 260);
    let units: Vec<u16> = matched.text.encode_utf16().collect();
    let (start, end) = matched.ranges[0];
    assert_eq!(String::from_utf16(&units[start as usize..end as usize]).unwrap(), "zebra");
}

#[test]
fn a_dotted_or_quoted_text_is_navigation_and_wins() {
    let world = World::new(
        "
dataset shop.main.stg_orders
  column id
dataset shop.other.stg_orders
dataset shop.other.main_stg_orders
  description main stg orders
dataset shop.main.main_stg_orders_stg_orders
dataset shop.main.orders
  column id
dataset file /data/raw/orders.csv
",
    );
    let first = |text: &str| {
        let hit = world.first(text);
        (hit.qualified_names[0].to_string(), hit.why)
    };
    let path = |name: &str| (format!("duckdb://shop.duckdb/{name}"), WhyMatched::Path);
    assert_eq!(first("main.stg_orders"), path("shop.main.stg_orders"));
    assert_eq!(first("shop.other.stg_orders"), path("shop.other.stg_orders"));
    assert_eq!(first("duckdb://shop.duckdb/shop.other.stg_orders"), path("shop.other.stg_orders"));
    assert_eq!(first("\"other\".\"stg_orders\""), path("shop.other.stg_orders"));
    assert_eq!(first("MAIN.Stg_Orders"), path("shop.main.stg_orders"));
    assert_eq!(first("orders.id"), path("shop.main.orders.id"));
    assert_eq!(first("raw/orders.csv").0, "file/data/raw/orders.csv");
    assert_eq!(first("\"main_stg_orders\"").1, WhyMatched::ExactName);
    // Still being typed.
    assert_eq!(first("other.stg_or").0, "duckdb://shop.duckdb/shop.other.stg_orders");
    assert!(world.names("shop.main.").iter().any(|name| name == "orders"));
}

#[test]
fn underscores_and_camel_case_split_into_words_and_are_kept_whole() {
    let world = World::new("dataset shop.main.customer_id\ndataset shop.main.averageOrderValue");
    for text in ["customer id", "id customer", "customerid", "customer-id", "CustomerId", "customer"] {
        assert_eq!(world.names(text)[0], "customer_id", "{text}");
    }
    for text in ["order value", "averageordervalue", "average_order_value", "averageOrd"] {
        assert_eq!(world.names(text)[0], "averageOrderValue", "{text}");
    }
}

#[test]
fn a_typo_is_forgiven() {
    let world = World::new("dataset shop.main.customers\ndataset shop.main.churn_predictions");
    for text in ["cutsomers", "custmers", "custommers", "vustomers", "costumers"] {
        assert_eq!(world.names(text), ["customers"], "{text}");
    }
    // Two in a long word, and one in a word not typed to its end.
    assert_eq!(world.names("perdictoins")[0], "churn_predictions");
    assert_eq!(world.names("cutsom"), ["customers"]);
    // Not in short words.
    assert_eq!(world.names("chn"), Vec::<String>::new());
}

#[test]
fn every_keystroke_finds_it() {
    let world = World::new("dataset shop.main.customers\ndataset shop.main.orders");
    let word = "customers";
    for end in 1..=word.len() {
        assert_eq!(world.names(&word[..end])[0], "customers", "{}", &word[..end]);
    }
}

#[test]
fn one_unmatched_word_never_empties_the_result() {
    let world = World::new(
        "dataset shop.main.customer_orders\ndataset shop.main.orders\ndataset shop.main.customer_churn",
    );
    let names = world.names("customer orders zzzzqqq");
    assert_eq!(names[0], "customer_orders");
    assert_eq!(names.len(), 3);
    assert_eq!(world.hits("customer orders zzzzqqq")[0].reason, "Name; without \"zzzzqqq\"");
    assert_eq!(world.names("zzzzqqq"), Vec::<String>::new());
}

#[test]
fn what_has_all_words_comes_before_what_has_some() {
    let world = World::new(
        "
dataset shop.main.churn
dataset shop.main.reports
  description Shows the churn of customers by region
",
    );
    assert_eq!(world.names("churn region"), ["reports", "churn"]);
}

#[test]
fn usage_breaks_ties_and_nothing_else() {
    let mut world =
        World::new("dataset shop.main.orders_a\ndataset shop.main.orders_b\ndataset shop.main.orders");
    assert_eq!(world.names("orders"), ["orders", "orders_a", "orders_b"]);
    world.tell("job load\n  writes shop.main.orders_b\n  reads shop.main.stg_orders");
    assert_eq!(world.names("orders"), ["orders", "orders_b", "orders_a", "stg_orders"]);
}

#[test]
fn typing_and_the_result_page_show_the_same_order() {
    let world = World::new(
        "
dataset shop.main.orders
  column order_id
  column customer_id
dataset shop.main.stg_orders
  description The ordered orders
  tags orders, raw
job order_loader
  reads shop.main.orders
",
    );
    for text in ["o", "or", "ord", "order", "orders", "orders raw", "main.ord", "odrers"] {
        let query = Query { text: text.to_owned(), limit: 50, ..Query::default() };
        let typed = world.query(&Query { as_you_type: true, ..query.clone() });
        let page = world.query(&query);
        assert_eq!(typed.hits, page.hits, "{text}");
        assert_eq!(typed.total, page.total);
        assert!(typed.facets.is_empty() && !page.facets.is_empty());
        let mut paged = Vec::new();
        for offset in 0..page.hits.len() {
            paged.extend(world.query(&Query { offset, limit: 1, ..query.clone() }).hits);
        }
        assert_eq!(paged, page.hits, "{text}");
    }
}

#[test]
fn facets_count_what_the_other_filters_leave() {
    let world = World::new(
        "
dataset shop.main.orders
  tags raw, pii
  owners ann
dataset postgres://db shop.main.orders_copy
  tags raw
job orders_loader
  tags pii
",
    );
    let query = Query { text: "orders".to_owned(), limit: 10, ..Query::default() };
    let counts = |query: &Query, field: &str| -> Vec<(String, u64)> {
        let facets = world.query(query).facets;
        let facet = facets.into_iter().find(|facet| facet.field == field).unwrap();
        facet.values.into_iter().map(|value| (value.value, value.count)).collect()
    };
    let pairs = |pairs: &[(&str, u64)]| -> Vec<(String, u64)> {
        pairs.iter().map(|(value, count)| ((*value).to_owned(), *count)).collect()
    };
    assert_eq!(counts(&query, "kind"), pairs(&[("dataset", 2), ("job", 1)]));
    assert_eq!(counts(&query, "tag"), pairs(&[("pii", 2), ("raw", 2)]));
    assert_eq!(counts(&query, "owner"), pairs(&[("ann", 1)]));
    assert_eq!(counts(&query, "system"), pairs(&[("duckdb", 2), ("postgres", 1)]));

    let datasets = Query { kinds: vec![Kind::Dataset], ..query.clone() };
    assert_eq!(world.query(&datasets).total, 2);
    assert_eq!(counts(&datasets, "kind"), pairs(&[("dataset", 2), ("job", 1)]));
    assert_eq!(counts(&datasets, "tag"), pairs(&[("raw", 2), ("pii", 1)]));

    let both = Query { tags: vec!["pii".to_owned()], ..datasets };
    assert_eq!(world.query(&both).hits.iter().map(|hit| hit.name.as_str()).collect::<Vec<_>>(), ["orders"]);
    assert_eq!(counts(&both, "kind"), pairs(&[("dataset", 1), ("job", 1)]));
    assert_eq!(counts(&both, "tag"), pairs(&[("raw", 2), ("pii", 1)]));

    let none = Query { systems: vec!["mlflow".to_owned()], ..query };
    assert_eq!(world.query(&none).total, 0);
    assert_eq!(counts(&none, "system"), pairs(&[("duckdb", 2), ("postgres", 1), ("mlflow", 0)]));
}

#[test]
fn without_text_everything_is_listed_the_most_used_first() {
    let world = World::new("dataset shop.main.b\ndataset shop.main.a\njob z\n  reads shop.main.b");
    assert_eq!(world.names(""), ["b", "z", "a"]);
    assert_eq!(world.first("").why, WhyMatched::Listed);
    assert_eq!(world.query(&Query::default()).total, 3);
}

#[test]
fn names_in_any_script_are_found() {
    let world = World::new(
        "
dataset shop.main.订单明细
dataset shop.main.客户
dataset shop.main.Größentabelle
dataset shop.main.주문_내역
dataset shop.main.Заказы
",
    );
    assert_eq!(world.names("明细"), ["订单明细"]);
    assert_eq!(world.names("订单明细"), ["订单明细"]);
    assert_eq!(world.names("客"), ["客户"]);
    assert_eq!(world.names("grossen"), ["Größentabelle"]);
    assert_eq!(world.names("주문"), ["주문_내역"]);
    assert_eq!(world.names("заказ"), ["Заказы"]);
    assert_eq!(world.names("закаы"), ["Заказы"]);
}

#[test]
fn kinds_properties_aliases_and_ids_are_searched() {
    let world = World::new(
        "
model mlflow://host churn
  aliases champion
  properties {\"team\": \"growth\", \"depth\": 7}
dataset shop.main.orders
",
    );
    assert_eq!(world.names("champion"), ["churn"]);
    let hit = world.first("growth");
    assert_eq!((hit.why, hit.reason.as_str()), (WhyMatched::In(Place::Property), "Property \"team\""));
    assert_eq!(hit.matched[0].text, "team: growth");
    assert_eq!(world.names("model"), ["churn"]);
    let id = world.id("orders");
    let hits = world.hits(&id.to_string());
    assert_eq!((hits.len(), hits[0].id, hits[0].why), (1, id, WhyMatched::Id));
}
