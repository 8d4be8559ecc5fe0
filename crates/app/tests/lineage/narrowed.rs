//! Views that leave things out and still tell where data comes from: bridges, kinds, removed relations, times, and
//! lines that only repeat what steps say.

use catena_app::lineage::{
    self, LineageArgs, LineageEdgeArgs,
    frame::{edge_flag, node_flag},
};
use catena_model::{
    evidence::Method,
    field::{Field, Single},
    kind::Kind,
    relation::{RelationKey, RelationKind, Verdict},
    statement::Statement,
    time::Timestamp,
};

use crate::world::{World, edge, edges, node, nodes, thing};

const SHOP: &str = "
    raw.a -> job:one -> raw.b -> run:train -> logged_model:m
    raw.b -> job:two -> raw.c -> dashboard:sales";

#[test]
fn transformations_and_runs_are_bridged_over() {
    let world = World::new(SHOP);
    let mut args = world.around("raw.b", 1);
    args.hide_transformations = true;
    let frame = world.view(&args);
    // A step over a hidden node is one level.
    assert_eq!(nodes(&frame), ["-1 a", "0 b", "1 c >1", "1 train >1"]);
    assert_eq!(edges(&frame), ["a -1-> b", "b -1-> c", "b -> train"]);
    args.hide_runs = true;
    args.down = 2;
    let frame = world.view(&args);
    assert_eq!(nodes(&frame), ["-1 a", "0 b", "1 c", "1 m", "2 sales"]);
    assert_eq!(edge(&frame, "b", "m").kind, "produced_by");
    assert_eq!((frame.totals.transformations, frame.totals.runs), (2, 1), "counted though hidden");
}

#[test]
fn chosen_kinds_are_joined_over_all_others() {
    let world = World::new(SHOP);
    let mut args = world.around("raw.a", 1);
    args.kinds = vec![Kind::Dashboard, Kind::LoggedModel];
    let frame = world.view(&args);
    assert_eq!(nodes(&frame), ["0 a", "1 m", "1 sales"]);
    assert_eq!(edges(&frame), ["a -3-> m", "a -4-> sales"]);
    let kinds: Vec<&str> = frame.totals.kinds.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["dataset", "job", "dashboard", "logged_model", "run"]);
}

#[test]
fn a_line_that_repeats_what_steps_say_is_not_drawn() {
    let world = World::new(
        "raw.a -> job:one -> raw.b\n raw.a -> raw.b\n raw.x -> raw.b\n raw.a -> job:no\n raw.a -> raw.y",
    );
    let args = world.around("raw.b", 2);
    let frame = world.view(&args);
    assert_eq!(edges(&frame), ["a -> one", "one -> b", "x -> b"]);
    assert_eq!(node(&frame, "a").level, -1, "the relation counts all the same");
    // With the job hidden it is the same edge.
    let bridged = world.view(&LineageArgs { hide_transformations: true, ..args });
    assert_eq!(edges(&bridged), ["a -1-> b", "x -> b"]);
    let printed = lineage::headless(
        &world.session.catalog,
        &world.session.graph,
        world.ix("raw.b"),
        lineage::Direction::Up,
        None,
        false,
    )
    .unwrap();
    assert_eq!(printed.edges.len(), 4);
    let evidence = lineage::edge(
        &world.app,
        LineageEdgeArgs { from: world.id("raw.a"), to: world.id("job:one"), view: None },
    )
    .unwrap();
    let kinds: Vec<RelationKind> = evidence.relations.iter().map(|relation| relation.relation.kind).collect();
    assert!(kinds.contains(&RelationKind::DerivesFrom) && kinds.contains(&RelationKind::Reads), "{kinds:?}");
}

#[test]
fn a_surer_line_than_the_steps_stays() {
    let world = World::new("raw.a ~> job:one -> raw.b\n raw.a -> raw.b");
    assert_eq!(edges(&world.view(&world.around("raw.b", 2))), ["a -> b", "a -> one", "one -> b"]);
}

#[test]
fn removed_relations_show_on_request() {
    let world = World::new("raw.a -> raw.b\n raw.old -> raw.b");
    world.tell(vec![Statement::OnlyRelated {
        from: thing("raw.b"),
        kind: RelationKind::DerivesFrom,
        to: vec![thing("raw.a")],
        method: Method::Declared,
        at: Timestamp::from_millis(2_000),
    }]);
    let mut args = world.around("raw.b", 1);
    let frame = world.view(&args);
    assert_eq!(nodes(&frame), ["-1 a", "0 b"]);
    assert_eq!(frame.totals.removed_edges, 1);
    args.show_removed = true;
    let frame = world.view(&args);
    assert_eq!(nodes(&frame), ["-1 a", "-1 old", "0 b"]);
    assert_eq!(edge(&frame, "old", "b").flags, edge_flag::REMOVED);
    assert_eq!(edge(&frame, "a", "b").flags, 0);
}

#[test]
fn a_rejected_guess_is_gone_and_an_accepted_one_marked() {
    let world = World::new("raw.a ~> raw.b\n raw.c ~> raw.b");
    let key =
        |from| RelationKey { from: world.id("raw.b"), kind: RelationKind::DerivesFrom, to: world.id(from) };
    let judge = |from, verdict| {
        world
            .session
            .catalog
            .writer()
            .unwrap()
            .judge(&world.app.caller.act, key(from), Some(verdict))
            .unwrap();
    };
    let args = world.around("raw.b", 1);
    assert_eq!(edge(&world.view(&args), "a", "b").flags, edge_flag::INFERRED);
    judge("raw.a", Verdict::Accepted);
    judge("raw.c", Verdict::Rejected);
    let frame = world.view(&args);
    assert_eq!(edges(&frame), ["a -> b"]);
    assert_eq!(edge(&frame, "a", "b").flags, edge_flag::ACCEPTED);
    let told = lineage::edge(
        &world.app,
        LineageEdgeArgs { from: world.id("raw.c"), to: world.id("raw.b"), view: None },
    )
    .unwrap();
    assert_eq!(told.relations[0].verdict, Some(Verdict::Rejected));
    assert!(told.relations[0].removed);
}

#[test]
fn times_narrow_by_when_a_relation_was_seen() {
    let world = World::new("");
    world.say_at("raw.a -> raw.b", 1_000);
    world.say_at("raw.c -> raw.b", 5_000);
    world.say_at("raw.d -> raw.b", 1_500);
    world.say_at("raw.d -> raw.b", 6_000);
    let args = world.around("raw.b", 1);
    let frame = world.view(&args);
    assert_eq!((frame.totals.first_seen, frame.totals.last_seen), (Some(1_000), Some(6_000)));
    let since = LineageArgs { since: Some(2_000), ..args.clone() };
    assert_eq!(nodes(&world.view(&since)), ["-1 c", "-1 d", "0 b"]);
    let until = LineageArgs { until: Some(2_000), ..args.clone() };
    assert_eq!(nodes(&world.view(&until)), ["-1 a", "-1 d", "0 b"]);
    let both = LineageArgs { since: Some(2_000), until: Some(2_000), ..args };
    assert_eq!(nodes(&world.view(&both)), ["-1 d", "0 b"]);
}

#[test]
fn a_dropped_table_is_marked() {
    let world = World::new("raw.a -> raw.b");
    world.tell(vec![Statement::Claim {
        thing: thing("raw.a"),
        field: Field::Single(Single::Lifecycle),
        value: Some("dropped".into()),
        at: Timestamp::from_millis(1),
    }]);
    let frame = world.view(&world.around("raw.b", 1));
    assert_eq!(node(&frame, "a").flags, node_flag::REMOVED);
    assert_eq!(node(&frame, "a").system, "duckdb");
    assert_eq!(node(&frame, "a").detail, "raw");
    assert_eq!(node(&frame, "a").qualified_name, "duckdb://shop/raw.a");
}

#[test]
fn names_of_any_sort_pass_unchanged() {
    let long = "x".repeat(3_000);
    let name = format!("raw.<script>alert(1)</script>\u{202e}名{long}");
    let world = World::new(&format!("raw.a -> {name}"));
    let frame = world.view(&world.around("raw.a", 1));
    assert!(
        frame
            .nodes
            .iter()
            .any(|node| node.name.contains("\u{202e}名xxx") || node.qualified_name.contains("<script>"))
    );
}

#[test]
fn a_models_table_says_where_it_lies() {
    let world = World::new("raw.a -> raw.b\n model.shop.b@dbt://shop -> raw.c");
    world.tell(vec![
        Statement::AlsoNamed { thing: thing("raw.b"), name: thing("model.shop.b@dbt://shop").name },
        Statement::AlsoNamed { thing: thing("raw.c"), name: thing("model.shop.c@dbt://shop").name },
        Statement::AlsoNamed {
            thing: thing("model.shop.d@dbt://shop"),
            name: thing("mart.d@duckdb://*").name,
        },
    ]);
    world.say("raw.c -> model.shop.d@dbt://shop");
    let frame = world.view(&world.around("raw.a", 9));
    assert_eq!(nodes(&frame), ["0 a", "1 b", "2 c", "3 d"]);
    for name in ["b", "c"] {
        assert_eq!(
            (node(&frame, name).system.as_str(), node(&frame, name).detail.as_str()),
            ("duckdb", "raw")
        );
        assert_eq!(node(&frame, name).qualified_name, format!("duckdb://shop/raw.{name}"));
    }
    assert_eq!((node(&frame, "d").system.as_str(), node(&frame, "d").detail.as_str()), ("duckdb", "mart"));
    assert_eq!(node(&frame, "d").qualified_name, "dbt://shop/model.shop.d");
}
