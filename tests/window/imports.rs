//! Imports, watched on the screen of connections.

use catena_tests::fixture;

use super::{pictures, session::drive};

#[test]
fn importing_again_changes_nothing() {
    drive(async |window| {
        window.create_catalog("bakery.catena").await;
        window.reads("h1", "bakery is empty").await;
        let events = fixture("openlineage/client.ndjson");

        let [created, changed, same, rejected] = window.import("openlineage", &events).await;
        assert!(created > 10, "{created}");
        assert_eq!([changed, rejected], [0, 0], "{same} same");
        window
            .sees(
                "all was stored",
                "document.querySelector('.report').innerText.includes('Everything was stored')",
            )
            .await;
        pictures::take(&window, "connections").await;

        let [created_again, changed_again, same_again, rejected_again] =
            window.import("openlineage", &events).await;
        assert_eq!([created_again, changed_again, rejected_again], [0, 0, 0]);
        assert!(same_again >= created, "{same_again} of {created}");
        window
            .sees(
                "nothing was new",
                "document.querySelector('.report').innerText.includes('Everything was here already')",
            )
            .await;
        assert_eq!(window.value("document.querySelectorAll('.job-list .job').length").await, 2);
    });
}

#[test]
fn what_was_imported_is_found() {
    drive(async |window| {
        window.create_catalog("shop.catena").await;
        let [created, ..] = window.import("dbt", &fixture("dbt/bookshop/target")).await;
        window.click(".rail-item[title^='Search']").await;
        window.sees("its entities", "document.querySelectorAll('.hit').length > 5").await;
        assert!(created > 5, "{created}");
    });
}
