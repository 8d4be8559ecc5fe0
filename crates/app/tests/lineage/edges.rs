//! Who says that there is an edge.

use catena_app::{
    error::Trouble,
    lineage::{self, LineageEdge, LineageEdgeArgs},
};
use catena_model::{
    kind::Kind,
    name::QualifiedName,
    relation::RelationKind,
    statement::{Statement, Thing},
    time::Timestamp,
};
use serde_json::json;

use crate::world::{NAMESPACE, World, thing};

fn ask(world: &World, from: &str, to: &str) -> LineageEdge {
    lineage::edge(&world.app, LineageEdgeArgs { from: world.id(from), to: world.id(to), view: None }).unwrap()
}

fn kinds(edge: &LineageEdge) -> Vec<RelationKind> {
    edge.relations.iter().map(|relation| relation.relation.kind).collect()
}

#[test]
fn a_step_says_its_job_run_and_statement() {
    let world = World::new("raw.a -> job:one -> raw.b");
    let at = Timestamp::from_millis(2_000);
    let run = |id: &str| Thing::new(Kind::Run, QualifiedName::new("shop", id).unwrap());
    let other = run("other");
    let (job, run) = (thing("job:one"), run("one-2026"));
    world.tell(vec![
        Statement::PartOf { thing: run.clone(), whole: job.clone(), at },
        Statement::PartOf { thing: other.clone(), whole: job.clone(), at },
        Statement::Facet {
            thing: other,
            about: None,
            name: "inputs".to_owned(),
            body: json!([{"namespace": NAMESPACE, "name": "raw.elsewhere"}]),
            at: Timestamp::from_millis(9_000),
        },
        Statement::Facet {
            thing: run,
            about: None,
            name: "inputs".to_owned(),
            body: json!([{"namespace": NAMESPACE, "name": "raw.a"}]),
            at,
        },
        Statement::Facet {
            thing: job,
            about: None,
            name: "sql".to_owned(),
            body: json!({"query": "insert into raw.b select * from raw.a"}),
            at,
        },
    ]);
    let edge = ask(&world, "raw.a", "job:one");
    assert_eq!(kinds(&edge), [RelationKind::Reads]);
    assert!(edge.through.is_empty());
    let evidence = &edge.relations[0].evidence[0];
    assert_eq!((evidence.source.as_str(), evidence.method.as_str()), ("test:shop", "declared"));
    assert!((evidence.confidence - 1.0).abs() < f64::EPSILON);
    assert_eq!((evidence.first_seen, evidence.last_seen), (Some(1_000), Some(1_000)));
    assert_eq!(evidence.job.as_ref().unwrap().name, "one");
    assert_eq!(evidence.run.as_ref().unwrap().name, "one-2026");
    assert_eq!(evidence.sql.as_deref(), Some("insert into raw.b select * from raw.a"));
}

#[test]
fn a_bridge_tells_its_steps_in_the_order_of_the_data() {
    let world = World::new("raw.a -> job:one -> run:mid -> raw.b\n raw.a -> raw.other -> raw.b");
    let edge = ask(&world, "raw.a", "raw.b");
    let through: Vec<&str> = edge.through.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(through, ["one", "mid"]);
    assert_eq!(edge.relations.len(), 3);
}

#[test]
fn a_view_of_some_kinds_bridges_over_anything() {
    let world = World::new("raw.a -> raw.x -> dashboard:d");
    let edge = ask(&world, "raw.a", "dashboard:d");
    assert_eq!(edge.through.iter().map(|step| step.name.as_str()).collect::<Vec<_>>(), ["x"]);
    assert_eq!(edge.relations.len(), 2);
}

#[test]
fn a_guess_comes_after_what_is_sure() {
    let world = World::new("raw.a ~> job:one -> raw.b");
    let edge = ask(&world, "raw.a", "raw.b");
    assert_eq!(kinds(&edge), [RelationKind::Writes, RelationKind::Reads]);
    assert!(edge.relations[1].inferred);
}

#[test]
fn columns_have_evidence_too() {
    let world = World::new("raw.a -> job:one -> raw.b\n raw.a#id -> raw.b#id");
    let edge = ask(&world, "raw.a#id", "raw.b#id");
    assert_eq!(kinds(&edge), [RelationKind::DerivesFrom]);
    assert_eq!(edge.relations[0].evidence[0].job.as_ref().unwrap().name, "one");
}

#[test]
fn what_is_no_edge_says_so() {
    let world = World::new("raw.a -> raw.b");
    let args = LineageEdgeArgs { from: world.id("raw.b"), to: world.id("raw.a"), view: None };
    assert_eq!(lineage::edge(&world.app, args).unwrap_err().trouble, Trouble::NotFound);
}
