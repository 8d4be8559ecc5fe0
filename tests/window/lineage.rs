//! Lineage: opened, widened, traced, and read as a table.

use fantoccini::key::Key;

use super::{
    pictures,
    session::{Window, drive},
};

const LABEL: &str = "document.querySelector('canvas[role=application]')?.ariaLabel";
const SAID: &str = "document.querySelector('.lineage-graph output')?.textContent";

/// How many nodes the graph says it has; waits for more than `more_than`.
async fn nodes(window: &Window, more_than: u64) -> u64 {
    let count = format!("Number({LABEL}?.match(/: (\\d+) nodes?,/)?.[1] ?? 0)");
    let more = format!("{count} > {more_than} && {count}");
    window.sees(&format!("more than {more_than} nodes"), &more).await.as_u64().unwrap()
}

/// `... 1 source, 3 more hidden, 2 uses`: hidden ones on the side of the sources.
fn has_more_sources(said: &str) -> bool {
    let (_, after) = said.split_once(" sources").unwrap_or_else(|| panic!("{said}"));
    after.split_once(" uses").is_some_and(|(between, _)| between.contains("more hidden"))
}

#[test]
fn a_level_is_opened_by_keys_and_the_table_has_the_same_rows() {
    drive(async |window| {
        window.open_sample().await;
        let id = window.entity("dataset", "departure_features").await;
        window.open_entity(&id, "departure_features").await;
        pictures::take(&window, "entity").await;
        window.click(".entity-head .button").await;
        window.sees("its lineage", &format!("{LABEL}?.startsWith('Lineage of departure_features: ')")).await;
        let before = nodes(&window, 1).await;

        // The first arrow selects the focus; from the top of what it was made from, down to what has more behind it.
        let key = |key: Key| String::from(char::from(key));
        window.find(".lineage-canvas").await.send_keys(&key(Key::Left)).await.unwrap();
        window.sees("the focus is said", &format!("{SAID}?.startsWith('departure_features, ')")).await;
        window.types(&key(Key::Home)).await;
        let mut said = window.sees("a source is said", &format!("{SAID}?.includes(' up, ') && {SAID}")).await;
        while !has_more_sources(said.as_str().unwrap()) {
            window.types(&key(Key::Down)).await;
            said = window.sees("the next one is said", &format!("{SAID} !== {said} && {SAID}")).await;
        }
        window.holds(Key::Shift, &key(Key::Left)).await;
        let after = nodes(&window, before).await;

        window.press("Table").await;
        let rows = "Number(document.querySelector('[role=grid][aria-label=Lineage]')?.ariaRowCount ?? 0)";
        window.sees("a row for each node", &format!("{rows} === {}", after + 1)).await;
        window.press("Graph").await;
        assert_eq!(nodes(&window, before).await, after, "the opened level is kept");
    });
}

#[test]
fn levels_up_lead_from_a_model_to_the_files() {
    drive(async |window| {
        window.open_sample().await;
        let id = window.entity("model_version", "arrival-delay v2").await;
        window.go(&format!("catena://lineage?focus={id}")).await;
        let one = nodes(&window, 1).await;
        window.click("[aria-label^='One level more up, ']").await;
        let two = nodes(&window, one).await;
        window.click("[aria-label^='One level more up, ']").await;
        nodes(&window, two).await;
        window.press("Fit all of it").await;
        pictures::take(&window, "lineage").await;
    });
}
