//! More than one catalog.

use super::session::drive;

#[test]
fn a_second_catalog_is_empty_and_the_first_is_among_the_recent() {
    drive(async |window| {
        window.open_sample().await;
        let first = window.call("catalog_info", serde_json::json!({})).await;
        window.create_catalog("second.catena").await;
        window.reads("h1", "second is empty").await;
        assert_eq!(window.value("document.querySelectorAll('.hit').length").await, 0);

        window.click(".recent").await;
        window.sees("the first again", "document.querySelectorAll('.hit').length > 5").await;
        let again = window.call("catalog_info", serde_json::json!({})).await;
        assert_eq!(again["path"], first["path"]);
        assert_eq!(again["entity_count"], first["entity_count"]);
    });
}
