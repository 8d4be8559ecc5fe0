//! From furthest out: systems and schemas, and the whole catalog.

use catena_app::lineage::{
    self, LineageArgs, LineageGroupArgs, ViewBand,
    frame::{Band, node_flag},
};
use catena_model::id::EntityId;

use crate::world::{World, edges, node, nodes};

const SHOP: &str = "
    shop.public.orders@postgres://db:5432 -> job:load -> raw.orders
    shop.public.items@postgres://db:5432 -> job:load -> raw.items
    raw.orders -> job:stage -> stg.orders
    raw.items -> job:stage
    stg.orders -> run:train -> logged_model:m
    stg.orders -> stg.more";

#[test]
fn systems_and_schemas_roll_up_over_all_levels() {
    let world = World::new(SHOP);
    let args = LineageArgs { band: ViewBand::System, ..world.around("stg.orders", 1) };
    let frame = world.view(&args);
    assert_eq!(nodes(&frame), ["-2 shop.public", "-1 raw", "0 stg", "1 shop"]);
    assert_eq!(edges(&frame), ["raw -> stg", "shop.public -> raw", "stg -> shop"]);
    assert_eq!(frame.band, Band::System);
    let public = node(&frame, "shop.public");
    assert_eq!((public.kind.as_str(), public.system.as_str()), ("group", "postgres"));
    assert_eq!(public.detail, "2 datasets");
    assert_eq!(node(&frame, "stg").flags, node_flag::GROUP | node_flag::FOCUS);
    assert_eq!(node(&frame, "shop").detail, "1 logged model");
    let page = lineage::group(
        &world.app,
        LineageGroupArgs {
            view: args,
            group: EntityId::from_bytes(public.id),
            page: 0,
            filter: "ITEM".to_owned(),
        },
    )
    .unwrap();
    assert_eq!((page.members, page.matching, page.rows[0].name.as_str()), (2, 1, "items"));
}

#[test]
fn without_a_focus_the_whole_catalog_is_in_view() {
    let world =
        World::new(&format!("{SHOP}\n raw.loop -> job:l1 -> raw.pool\n raw.pool -> job:l2 -> raw.loop"));
    world.say("raw.alone");
    let frame = world.view(&LineageArgs::default());
    assert_eq!(frame.nodes.len(), 14);
    assert!(frame.nodes.iter().all(|node| node.name != "alone"), "what has no lineage is left out");
    assert_eq!(node(&frame, "load").level, 1);
    assert_eq!(node(&frame, "loop").level, 0);
    assert!(frame.nodes.iter().all(|node| node.hidden_up + node.hidden_down == 0));
    let frame =
        world.view(&LineageArgs { hide_transformations: true, hide_runs: true, ..LineageArgs::default() });
    assert_eq!(frame.nodes.len(), 9);
    let frame = world.view(&LineageArgs { band: ViewBand::System, ..LineageArgs::default() });
    assert_eq!(frame.nodes.len(), 4);
}

#[test]
fn an_empty_catalog_has_an_empty_view() {
    let world = World::new("");
    assert!(world.view(&LineageArgs::default()).nodes.is_empty());
}
