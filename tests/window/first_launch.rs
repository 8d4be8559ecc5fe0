//! The first launch.

use super::{pictures, session::drive};

#[test]
fn the_sample_is_one_press_away() {
    drive(async |window| {
        window.reads("h1", "Catena").await;
        assert_eq!(window.value("document.querySelectorAll('.rail-item:not(:disabled)').length").await, 0);
        pictures::take(&window, "first-launch").await;

        window.open_sample().await;

        let total =
            window.sees("a total", "document.querySelector('.search-count .strong')?.textContent").await;
        assert!(total.as_str().unwrap().parse::<u64>().unwrap() > 100, "{total}");
        window
            .sees(
                "the status",
                "/\\d+ entities, \\d+ relations/.test(document.querySelector('.status').innerText)",
            )
            .await;
        assert_eq!(window.value("document.querySelectorAll('.rail-item:disabled').length").await, 0);
        pictures::take(&window, "search").await;
    });
}
