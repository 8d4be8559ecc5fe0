//! Search never lags behind the catalog, and its index is never more than a copy that can be made again.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails where it stands")]

mod search_support;

use std::ops::ControlFlow;

use catena_model::{
    field::{Field, Group},
    kind::Kind,
};
use catena_store::{
    Catalog,
    history::Later,
    search::{Place, Progress, Query, Search, WhyMatched},
    table::index_queue,
};
use search_support::{Parts, World, act, environment, tell};
use serde_json::json;

const SHOP: &str = "
dataset shop.main.orders
  description Orders of the shop
  column amount
  column customer_id
dataset shop.main.customers
job load_orders
  reads shop.main.customers
  writes shop.main.orders
";

fn taken_in(world: &World) {
    let progress = world.search.take_in_all(&world.catalog, &mut |_| ControlFlow::Continue(())).unwrap();
    assert!(progress.complete, "{progress:?}");
    assert_eq!(waiting(&world.catalog), 0);
    world.check();
}

fn waiting(catalog: &Catalog) -> u64 {
    catalog.read(|reader| index_queue::len(reader.db())).unwrap()
}

#[test]
fn an_edit_is_found_at_once_and_the_old_state_no_longer() {
    let world = World::new(SHOP);
    taken_in(&world);
    let id = world.id("shop.main.orders");
    world.edit(id, Field::NAME, "Bestellungen");
    world.edit(id, Field::tag("urgent"), true);
    assert!(waiting(&world.catalog) > 0);
    assert_eq!(world.names("Bestellungen")[0], "Bestellungen");
    assert_eq!(world.names("urgent"), ["Bestellungen"]);
    // What the index has of it doesn't count: it is found once, by the last part of its qualified name.
    let hits = world.hits("orders");
    let found: Vec<_> = hits.iter().filter(|hit| hit.id == id).collect();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].reason, "Also named \"orders\"; also description");
    world.check();
    taken_in(&world);
    assert_eq!(world.hits("orders"), hits);
    assert_eq!(world.names("urgent"), ["Bestellungen"]);
}

#[test]
fn taking_in_changes_neither_hits_nor_their_order() {
    let mut world = World::new(SHOP);
    let texts = ["", "o", "ord", "orders", "amount", "main.orders", "customer id", "custmer", "load", "shop"];
    let all = |world: &World| -> Vec<_> { texts.map(|text| world.hits(text)).to_vec() };
    let before = all(&world);
    assert!(before.iter().all(|hits| !hits.is_empty()));
    taken_in(&world);
    assert_eq!(all(&world), before);
    world
        .tell("dataset shop.main.orders_old\n  column amount\njob load_orders\n  reads shop.main.orders_old");
    let before = all(&world);
    assert_eq!(all(&world), before);
    taken_in(&world);
    assert_eq!(all(&world), before);
    world.search.rebuild(&world.catalog).unwrap();
    taken_in(&world);
    assert_eq!(all(&world), before);
}

#[test]
fn parts_follow_the_name_of_their_whole_and_wholes_those_of_their_columns() {
    let world = World::new(SHOP);
    taken_in(&world);
    world.edit(world.id("shop.main.orders"), Field::NAME, "Bestellungen");
    let amount = world.hits("bestellungen").into_iter().find(|hit| hit.kind == Kind::Column).unwrap();
    assert_eq!(amount.why, WhyMatched::In(Place::Parent));
    taken_in(&world);

    world.edit(world.id("shop.main.orders.amount"), Field::NAME, "betrag");
    let whole = world.hits("betrag").into_iter().find(|hit| hit.kind == Kind::Dataset).unwrap();
    assert_eq!(whole.why, WhyMatched::In(Place::Column));
    assert_eq!(world.first("bestellungen.betrag").name, "betrag");
    taken_in(&world);
    assert_eq!(world.hits("betrag").len(), 2);
}

#[test]
fn what_was_undone_is_not_found() {
    let mut world = World::new(SHOP);
    taken_in(&world);
    world.tell("dataset shop.main.mistakes\n  column oops");
    taken_in(&world);
    assert_eq!(world.names("mistakes")[0], "mistakes");
    let last = world.catalog.read(|reader| reader.history(None, None, 1)).unwrap().remove(0);
    world.catalog.writer().unwrap().revert(&act(), last.id, Later::Refuse).unwrap();
    assert_eq!(world.names("mistakes"), Vec::<String>::new());
    assert_eq!(world.names("oops"), Vec::<String>::new());
    taken_in(&world);
    assert_eq!(world.names("mistakes"), Vec::<String>::new());
    assert_eq!(world.query(&Query::default()).total, 5);
}

#[test]
fn merged_entities_are_one_hit_with_all_names_and_split_they_are_two() {
    let world = World::new(
        "
dataset shop.main.orders
  description Orders of the shop
  column amount
dataset postgres://db sales.public.bestellung
  tags gold
  column amount
",
    );
    taken_in(&world);
    let (orders, other) = (world.id("shop.main.orders"), world.id("sales.public.bestellung"));
    world.catalog.writer().unwrap().merge(&act(), orders, &[other]).unwrap();
    let check = |world: &World| {
        for text in ["orders", "bestellung", "gold", "sales.public.bestellung", "postgres"] {
            let datasets: Vec<_> =
                world.hits(text).into_iter().filter(|hit| hit.kind == Kind::Dataset).collect();
            assert_eq!(datasets.len(), 1, "{text}");
            assert_eq!((datasets[0].id, datasets[0].qualified_names.len()), (orders, 2), "{text}");
        }
        assert_eq!(world.first("bestellung").why, WhyMatched::ExactName);
    };
    check(&world);
    taken_in(&world);
    check(&world);

    world.catalog.writer().unwrap().split(&act(), other).unwrap();
    assert_eq!(world.first("bestellung").id, other);
    assert!(world.hits("orders").iter().all(|hit| hit.id != other));
    taken_in(&world);
    assert_eq!(world.first("bestellung").id, other);
}

#[test]
fn an_index_that_is_gone_or_damaged_is_built_anew() {
    let damages: [fn(&std::path::Path); 5] = [
        |index| std::fs::remove_dir_all(index).unwrap(),
        |index| std::fs::write(index.join("meta.json"), "{").unwrap(),
        |index| std::fs::remove_file(index.join("meta.json")).unwrap(),
        |index| each_segment_file(index, |bytes| bytes.truncate(bytes.len() / 2)),
        |index| each_segment_file(index, |bytes| bytes.iter_mut().for_each(|byte| *byte ^= 0x5a)),
    ];
    for (n, damage) in damages.into_iter().enumerate() {
        let world = World::new(SHOP);
        taken_in(&world);
        let Parts { folder, catalog, search } = world.into_parts();
        drop(search);
        damage(&folder.path().join("shop.catena-index"));
        let search = Search::open(&catalog).unwrap();
        let hits = search.query(&catalog, &Query { text: "orders".to_owned(), limit: 9, ..Query::default() });
        assert_eq!(hits.unwrap().hits[0].name, "orders", "damage {n}");
        search.take_in_all(&catalog, &mut |_| ControlFlow::Continue(())).unwrap();
        assert_eq!(search.verify(&catalog).unwrap(), [], "damage {n}");
    }
}

fn each_segment_file(index: &std::path::Path, change: impl Fn(&mut Vec<u8>)) {
    for entry in std::fs::read_dir(index).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.len() > 30 && !name.starts_with('.') {
            let mut bytes = std::fs::read(&path).unwrap();
            change(&mut bytes);
            std::fs::write(&path, bytes).unwrap();
        }
    }
}

#[test]
fn a_damaged_file_is_named_by_the_check() {
    let world = World::new(SHOP);
    taken_in(&world);
    let entry = std::fs::read_dir(world.index())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|extension| extension == "idx"))
        .unwrap();
    let mut bytes = std::fs::read(&entry).unwrap();
    let middle = bytes.len() / 3;
    bytes[middle] ^= 1;
    // Written to a new file, as a restore would: what is open stays as it was mapped.
    std::fs::remove_file(&entry).unwrap();
    std::fs::write(&entry, bytes).unwrap();
    let problems = world.search.verify(&world.catalog).unwrap();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].place.contains(&*entry.file_name().unwrap().to_string_lossy()));
}

#[test]
fn a_digest_that_differs_is_found_by_the_check() {
    let world = World::new(SHOP);
    taken_in(&world);
    let mut writer = world.catalog.writer().unwrap();
    // As a bug would: changed without being queued.
    writer
        .unlogged(|db| {
            db.execute("UPDATE entity SET name = 'elsewhere' WHERE name = 'customers'", []).unwrap();
            Ok(())
        })
        .unwrap();
    drop(writer);
    let problems = world.search.verify(&world.catalog).unwrap();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].what, "search finds it as it was before");
}

#[test]
fn the_index_of_another_catalog_or_of_another_past_is_not_believed() {
    let world = World::new(SHOP);
    taken_in(&world);
    let Parts { folder, catalog, search } = world.into_parts();
    let backup = folder.path().join("backup.catena");
    catena_store::backup::backup(catalog.writer().unwrap().db(), &backup).unwrap();

    // The catalog goes on, and so does its index; then the backup is put in its place.
    tell(&catalog, "dataset shop.main.later", 50);
    search.take_in_all(&catalog, &mut |_| ControlFlow::Continue(())).unwrap();
    drop((search, catalog));
    let path = folder.path().join("shop.catena");
    catena_store::backup::restore(&backup, &path).unwrap();
    let catalog = Catalog::open(&path, environment(2)).unwrap();
    let search = Search::open(&catalog).unwrap();
    let names = |search: &Search, catalog: &Catalog, text: &str| -> Vec<String> {
        let query = Query { text: text.to_owned(), limit: 9, ..Query::default() };
        search.query(catalog, &query).unwrap().hits.into_iter().map(|hit| hit.name).collect()
    };
    assert_eq!(names(&search, &catalog, "later"), Vec::<String>::new());
    assert_eq!(names(&search, &catalog, "customers")[0], "customers");
    assert_eq!(search.verify(&catalog).unwrap(), []);
    search.take_in_all(&catalog, &mut |_| ControlFlow::Continue(())).unwrap();
    drop((search, catalog));

    // An index folder of another catalog.
    let other = folder.path().join("other.catena");
    drop(Catalog::create(&other, environment(9)).unwrap());
    copy_folder(&folder.path().join("shop.catena-index"), &folder.path().join("other.catena-index"));
    let catalog = Catalog::open(&other, environment(10)).unwrap();
    let search = Search::open(&catalog).unwrap();
    assert_eq!(names(&search, &catalog, "customers"), Vec::<String>::new());

    // An older index than the one for which entities were taken off the queue.
    tell(&catalog, "dataset shop.main.first", 1);
    search.take_in_all(&catalog, &mut |_| ControlFlow::Continue(())).unwrap();
    let old = folder.path().join("old");
    copy_folder(&folder.path().join("other.catena-index"), &old);
    tell(&catalog, "dataset shop.main.second", 2);
    search.take_in_all(&catalog, &mut |_| ControlFlow::Continue(())).unwrap();
    drop(search);
    std::fs::remove_dir_all(folder.path().join("other.catena-index")).unwrap();
    copy_folder(&old, &folder.path().join("other.catena-index"));
    let search = Search::open(&catalog).unwrap();
    assert_eq!(names(&search, &catalog, "second"), ["second"]);
    assert_eq!(search.verify(&catalog).unwrap(), []);
}

fn copy_folder(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn beside_another_process_search_sees_the_others_changes_whoever_takes_them_in() {
    let world = World::new(SHOP);
    taken_in(&world);
    // As another process does: its own connection, its own index.
    let catalog = Catalog::open(world.catalog.path(), environment(5)).unwrap();
    let search = Search::open(&catalog).unwrap();
    tell(&catalog, "dataset shop.main.invoices", 60);
    assert_eq!(world.names("invoices"), ["invoices"]);
    search.take_in_all(&catalog, &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(world.names("invoices"), ["invoices"]);
    world.check();

    // One has its turn at the index: the other neither waits nor fails, and finds everything all the same.
    let folder = world.index();
    let turn = std::fs::File::options().write(true).open(folder.join("taking-in.lock")).unwrap();
    turn.lock().unwrap();
    tell(&catalog, "dataset shop.main.refunds", 70);
    let progress = world.search.take_in(&world.catalog, 100).unwrap();
    assert_eq!(progress, Progress { taken: 0, waiting: 1, complete: false, elsewhere: true });
    assert_eq!(world.names("refunds"), ["refunds"]);
    turn.unlock().unwrap();
    taken_in(&world);
    assert_eq!(world.names("refunds"), ["refunds"]);
}

#[test]
fn a_first_build_can_be_stopped_and_goes_on_from_there() {
    let lines: String = (0..4_500).map(|n| format!("dataset shop.main.table_{n}\n")).collect();
    let world = World::new(&lines);
    let mut reports = 0;
    let progress = world
        .search
        .take_in_all(&world.catalog, &mut |_| {
            reports += 1;
            if reports == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .unwrap();
    assert_eq!((progress.taken, progress.waiting, progress.complete), (2_000, 2_500, false));
    world.check();
    let search = Search::open(&world.catalog).unwrap();
    let progress = search.take_in_all(&world.catalog, &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!((progress.taken, progress.complete), (2_500, true));
    assert_eq!(search.verify(&world.catalog).unwrap(), []);
    assert_eq!(world.query(&Query::default()).total, 4_500);
    assert_eq!(world.first("table_4321").name, "table_4321");
    assert!(world.query(&Query::default()).complete);
}

#[test]
fn more_than_can_be_searched_from_memory_is_taken_in_first() {
    let world = World::new(SHOP);
    taken_in(&world);
    let lines: String = (0..3_000).map(|n| format!("dataset shop.main.table_{n}\n")).collect();
    tell(&world.catalog, &lines, 80);
    assert_eq!(waiting(&world.catalog), 3_000);
    let results = world.query(&Query { text: "table".to_owned(), limit: 1, ..Query::default() });
    assert_eq!((results.total, results.complete), (3_000, true));
    assert_eq!(waiting(&world.catalog), 0);
    world.check();
}

#[test]
fn a_catalog_that_can_not_be_written_is_searched_all_the_same() {
    let mut world = World::new(SHOP);
    taken_in(&world);
    world.tell("dataset shop.main.invoices");
    let Parts { folder, catalog, search } = world.into_parts();
    let path = catalog.path().to_owned();
    drop((search, catalog));
    // A newer layout: the file is opened for reading only.
    let db = rusqlite::Connection::open(&path).unwrap();
    db.pragma_update(None, "user_version", 9_999).unwrap();
    drop(db);
    for round in 0..3 {
        if round == 2 {
            std::fs::remove_dir_all(folder.path().join("shop.catena-index")).unwrap();
        }
        let catalog = Catalog::open(&path, environment(3)).unwrap();
        let search = Search::open(&catalog).unwrap();
        for _ in 0..2 {
            let query = Query { text: "invoices".to_owned(), limit: 9, ..Query::default() };
            let results = search.query(&catalog, &query).unwrap();
            assert_eq!((results.total, results.hits[0].name.as_str()), (1, "invoices"), "round {round}");
            search.take_in_all(&catalog, &mut |_| ControlFlow::Continue(())).unwrap();
        }
        assert_eq!(search.verify(&catalog).unwrap(), []);
    }
}

#[test]
fn properties_changed_by_a_person_are_searched_as_they_hold() {
    let world = World::new("dataset shop.main.orders\n  properties {\"team\": \"growth\"}");
    taken_in(&world);
    let field = Field::Element(Group::Properties, "team".to_owned());
    world.edit(world.id("orders"), field, json!("logistics"));
    assert_eq!(world.names("growth"), Vec::<String>::new());
    assert_eq!(world.names("logistics"), ["orders"]);
}
