//! What others wrote is shown as text and does nothing.

use serde_json::json;

use super::session::{Window, drive};

/// Without dots, which part a name.
const NAME: &str = "<img src=x onerror=\"planted='name'\">";
const DESCRIPTION: &str = "<script>window.planted='script'</script> <img src=x onerror=\"window.planted='image'\"> \
    ![far](https://example.org/pixel.png) [go](javascript:window.planted='link')";

/// Nothing of it became an element, and nothing ran.
async fn is_harmless(window: &Window) {
    let made = "document.querySelectorAll('#root script, #root img, body > img, #root iframe, #root a[href]').length";
    assert_eq!(window.value(made).await, 0);
    assert_eq!(window.value("window.planted ?? 'nothing'").await, "nothing");
}

#[test]
fn planted_html_is_shown_as_text() {
    drive(async |window| {
        let events = window.driver.folder().join("planted.ndjson");
        let event = json!({
            "eventTime": "2026-03-01T02:00:00Z",
            "eventType": "COMPLETE",
            "producer": "https://example.org/planter",
            "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
            "run": { "runId": "01890a5d-ac96-774b-bcce-b302099a8057" },
            "job": { "namespace": "planter", "name": "plant" },
            "inputs": [],
            "outputs": [{ "namespace": "planter", "name": NAME, "facets": { "documentation": {
                "_producer": "https://example.org/planter",
                "_schemaURL": "https://openlineage.io/spec/facets/1-1-0/DocumentationDatasetFacet.json#/$defs/DocumentationDatasetFacet",
                "description": DESCRIPTION,
            } } }],
        });
        std::fs::write(&events, format!("{event}\n")).unwrap();
        window.create_catalog("planted.catena").await;
        let [created, _, _, rejected] = window.import("openlineage", &events).await;
        assert!(created >= 2 && rejected == 0, "{created} created, {rejected} rejected");

        window.click(".rail-item[title^='Search']").await;
        window
            .sees(
                "the name among the results",
                &format!(
                    "[...document.querySelectorAll('.hit-name')].some((one) => one.textContent.includes({}))",
                    json!(NAME)
                ),
            )
            .await;
        is_harmless(&window).await;

        let id = window.entity("dataset", NAME).await;
        window.open_entity(&id, NAME).await;
        let shown = window.sees("the description", "document.querySelector('.markdown')?.textContent").await;
        let shown = shown.as_str().unwrap();
        for part in ["<script>window.planted='script'</script>", "<img src=x onerror=", "[image: far]"] {
            assert!(shown.contains(part), "{part} in {shown}");
        }
        is_harmless(&window).await;
        window.click(".entity-head .button").await;
        window
            .sees(
                "its lineage",
                "document.querySelector('canvas[role=application]')?.ariaLabel.includes('onerror')",
            )
            .await;
        is_harmless(&window).await;
    });
}
