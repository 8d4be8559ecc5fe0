//! The graph in memory follows the catalog, whoever writes to it.

use catena_app::{edit, history, lineage::LineageArgs};
use catena_model::{
    change::{Aspect, Change, Subject},
    operation::Draft,
};
use proptest::prelude::*;

use crate::world::{World, edges, nodes, say};

#[test]
fn new_relations_show_at_once() {
    let world = World::new("raw.a -> raw.b");
    let args = world.around("raw.b", 9);
    assert_eq!(edges(&world.view(&args)), ["a -> b"]);
    world.say("raw.b -> raw.c\n raw.z -> raw.a");
    assert_eq!(edges(&world.view(&args)), ["a -> b", "b -> c", "z -> a"]);
    assert_eq!(world.session.graph.count_around(&world.session.catalog, world.ix("raw.b")).unwrap(), (2, 1));
}

#[test]
fn another_programs_writes_are_seen() {
    let world = World::new("raw.a -> raw.b");
    let args = world.around("raw.b", 9);
    world.view(&args);
    let elsewhere = world.elsewhere(77);
    say(&elsewhere, "raw.b -> raw.theirs", 1_000);
    assert_eq!(edges(&world.view(&args)), ["a -> b", "b -> theirs"]);
    assert_eq!(world.session.graph.count_around(&world.session.catalog, world.ix("raw.b")).unwrap(), (1, 1));
}

#[test]
fn merges_join_and_splits_part_again() {
    let world = World::new("raw.a -> raw.b\n raw.twin -> raw.c\n raw.up -> raw.twin");
    let args = world.around("raw.a", 9);
    assert_eq!(edges(&world.view(&args)), ["a -> b"]);
    let merge = edit::MergeArgs { into: world.id("raw.a"), entities: vec![world.id("raw.twin")] };
    edit::merge(&world.app, merge).unwrap();
    assert_eq!(edges(&world.view(&args)), ["a -> b", "a -> c", "up -> a"]);
    // What was merged away leads to where it went.
    let by_twin = LineageArgs { focus: vec![world.id("raw.twin")], ..args.clone() };
    assert_eq!(nodes(&world.view(&by_twin)), nodes(&world.view(&args)));
    history::undo(&world.app, undo_last(&world)).unwrap();
    assert_eq!(edges(&world.view(&args)), ["a -> b"]);
}

fn undo_last(world: &World) -> history::UndoArgs {
    let last = world.session.catalog.read(|reader| reader.history(None, None, 1)).unwrap().remove(0);
    history::UndoArgs { operation: last.id, later: history::OnLater::default(), dry_run: false }
}

#[test]
fn what_an_undo_takes_away_is_gone() {
    let world = World::new("raw.a -> raw.b");
    let args = world.around("raw.a", 9);
    world.say("raw.b -> raw.c");
    assert_eq!(edges(&world.view(&args)), ["a -> b", "b -> c"]);
    history::undo(&world.app, undo_last(&world)).unwrap();
    assert_eq!(edges(&world.view(&args)), ["a -> b"]);
    assert_eq!(nodes(&world.view(&args)), ["0 a", "1 b"]);
}

#[test]
fn a_renamed_node_has_its_new_name() {
    let world = World::new("raw.a -> raw.b");
    let args = world.around("raw.a", 1);
    world.view(&args);
    let field = catena_model::field::Field::NAME;
    let edits = [(field, Some("Orders, cleaned".into()))];
    world.session.catalog.writer().unwrap().edit(&world.app.caller.act, world.id("raw.b"), &edits).unwrap();
    assert_eq!(nodes(&world.view(&args)), ["0 a", "1 Orders, cleaned"]);
}

#[test]
fn concurrent_calls_share_one_graph() {
    let world = World::new("raw.a -> raw.b -> raw.c");
    let args = world.around("raw.b", 9);
    std::thread::scope(|scope| {
        for i in 0..8 {
            let (world, args) = (&world, &args);
            scope.spawn(move || {
                for j in 0..5 {
                    if i == 0 {
                        world.say(&format!("raw.c -> raw.new_{j}"));
                    }
                    // Several at once: each may have seen more than the one before.
                    assert!(world.table(args).unwrap().rows.len() >= 3);
                }
            });
        }
    });
    assert_eq!(world.view(&args).nodes.len(), 8);
}

#[derive(Debug, Clone)]
enum Step {
    Say(usize, usize),
    SayElsewhere(usize, usize),
    Merge(usize, usize),
    Undo(usize),
    TakeAway(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let n = 0..7_usize;
    prop_oneof![
        4 => (n.clone(), n.clone()).prop_map(|(a, b)| Step::Say(a, b)),
        2 => (n.clone(), n.clone()).prop_map(|(a, b)| Step::SayElsewhere(a, b)),
        2 => (n.clone(), n.clone()).prop_map(|(a, b)| Step::Merge(a, b)),
        2 => (0..6_usize).prop_map(Step::Undo),
        1 => n.prop_map(Step::TakeAway),
    ]
}

fn apply(world: &World, elsewhere: &catena_store::Catalog, step: &Step) {
    let name = |i: usize| if i % 3 == 2 { format!("job:j{i}") } else { format!("raw.n{i}") };
    match step {
        Step::Say(a, b) | Step::SayElsewhere(a, b) if a == b => {}
        Step::Say(a, b) => world.say(&format!("{} -> {}", name(*a), name(*b))),
        Step::SayElsewhere(a, b) => say(elsewhere, &format!("{} -> {}", name(*a), name(*b)), 1_000),
        Step::Merge(a, b) => {
            // Of different kinds, already merged, gone: refused, and that is fine.
            let (into, entities) = (world.id(&name(*b)), vec![world.id(&name(*a))]);
            let _ = edit::merge(&world.app, edit::MergeArgs { into, entities });
        }
        Step::Undo(back) => {
            let operations = world.session.catalog.read(|reader| reader.history(None, None, 8)).unwrap();
            if let Some(operation) = operations.get(*back).filter(|operation| operation.seq > 1) {
                let args = history::UndoArgs {
                    operation: operation.id,
                    later: history::OnLater::Keep,
                    dry_run: false,
                };
                let _ = history::undo(&world.app, args);
            }
        }
        Step::TakeAway(a) => {
            let subject = Subject::Entity { id: world.id(&name(*a)) };
            let kind = if a % 3 == 2 { "job" } else { "dataset" };
            let before = Some(serde_json::Value::from(kind));
            let change = Change { subject, aspect: Aspect::Exists, before, after: None };
            let draft = Draft { title: "Take away".to_owned(), undoes: None, changes: vec![change] };
            let _ = world.session.catalog.writer().unwrap().commit(&world.app.caller.act, draft);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// After every step the graph that followed along shows the same as one loaded anew, and nothing that is gone or
    /// was merged away.
    #[test]
    fn following_is_as_good_as_loading_anew(steps in proptest::collection::vec(step(), 1..14)) {
        let all: String = (0..7).map(|i| if i % 3 == 2 { format!("job:j{i}\n") } else { format!("raw.n{i}\n") }).collect();
        let world = World::new(&all);
        let elsewhere = world.elsewhere(99);
        let args = LineageArgs::default();
        for name in all.lines() {
            world.id(name);
        }
        world.view(&args);
        for step in &steps {
            apply(&world, &elsewhere, step);
            let followed = world.view(&args);
            let anew = catena_app::lineage::GraphCache::default();
            for i in 0..7 {
                let Ok(ix) = world.session.catalog.read(|reader| {
                    Ok(reader.entity(world.id(&if i % 3 == 2 { format!("job:j{i}") } else { format!("raw.n{i}") }))?.ix)
                }) else { continue };
                prop_assert_eq!(
                    world.session.graph.count_around(&world.session.catalog, ix).unwrap(),
                    anew.count_around(&world.session.catalog, ix).unwrap(),
                    "{:?} in {:?}", step, steps
                );
            }
            for node in &followed.nodes {
                let id = catena_model::id::EntityId::from_bytes(node.id);
                let row = world.session.catalog
                    .read(|reader| catena_store::table::entity::find(reader.db(), id))
                    .unwrap()
                    .unwrap();
                prop_assert!(!row.gone && row.head == row.ix, "{} is gone or merged away", node.name);
            }
        }
    }
}
