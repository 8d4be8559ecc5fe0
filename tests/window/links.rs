//! Links from outside.

use super::{driver::until_ended, session::drive};

#[test]
fn a_link_from_outside_opens_in_the_window_that_is_there() {
    drive(async |window| {
        window.open_sample().await;
        let id = window.entity("dataset", "departure_features").await;
        let mut second = window.driver.second_start(&format!("catena://entity/{id}"));
        window.reads(".entity-title h1", "departure_features").await;
        until_ended(&mut second).await;
        assert_eq!(window.value("document.visibilityState").await, "visible");
    });
}
