//! Edits on the page of an entity, and their undo.

use fantoccini::key::Key;
use serde_json::{Value, json};

use super::{
    pictures,
    session::{Window, drive},
};

const UNDO: &str = ".status button[title^='Undo']";

/// What the catalog itself holds.
async fn stored(window: &Window, id: &str, field: &str) -> Value {
    let view = window.call("entity", json!({ "id": id })).await;
    let fields = view["fields"].as_array().unwrap();
    fields.iter().find(|one| one["key"] == field).map_or(Value::Null, |one| one["value"].clone())
}

#[test]
fn a_description_is_edited_and_the_old_one_comes_back() {
    drive(async |window| {
        window.open_sample().await;
        let id = window.entity("dataset", "departure_features").await;
        window.open_entity(&id, "departure_features").await;
        let shown = window.sees("a description", "document.querySelector('.markdown')?.textContent").await;
        let (shown, old) = (shown.as_str().unwrap().trim(), stored(&window, &id, "description").await);

        window.press("Edit description").await;
        window.find("textarea[aria-label=Description]").await;
        // By keys: fields that React keeps don't notice being cleared.
        window.holds(Key::Control, "a").await;
        window.types("One row per flight, known before it leaves.").await;
        window.press("Save").await;

        window.reads(".markdown", "One row per flight, known before it leaves.").await;
        window.find(UNDO).await;
        assert_eq!(stored(&window, &id, "description").await, "One row per flight, known before it leaves.");
        window.click(".rail-item[title^='Changes']").await;
        window.sees("the change", "document.querySelectorAll('.screen [role=row]').length > 1").await;
        pictures::take(&window, "changes").await;

        window.open_entity(&id, "departure_features").await;
        window.click(UNDO).await;
        window.reads(".markdown", shown).await;
        assert_eq!(stored(&window, &id, "description").await, old);
    });
}

#[test]
fn a_tag_is_added() {
    drive(async |window| {
        window.open_sample().await;
        let id = window.entity("dataset", "departure_features").await;
        window.open_entity(&id, "departure_features").await;
        let before = stored(&window, &id, "tags").await;
        window.press("Edit tags").await;
        window.click("input[aria-label=Tags]").await;
        window.types(&format!("reviewed{}", char::from(Key::Enter))).await;
        window.press("Save").await;
        window.sees(
            "the tag",
            "[...document.querySelectorAll('.overview-side .chips .chip')].some((one) => one.textContent === 'reviewed')",
        )
        .await;
        window.find(UNDO).await;
        let mut wanted = before.as_array().cloned().unwrap_or_default();
        wanted.push(json!("reviewed"));
        let tags = stored(&window, &id, "tags").await;
        let sorted = |list: &[Value]| {
            let mut list: Vec<_> = list.iter().map(Value::to_string).collect();
            list.sort();
            list
        };
        assert_eq!(sorted(tags.as_array().unwrap()), sorted(&wanted));
    });
}
