//! Search from anywhere.

use fantoccini::key::Key;

use super::session::drive;

const FIRST: &str = "document.querySelector('.palette-item[aria-selected=true] .palette-name')?.textContent";

#[test]
fn the_palette_finds_a_name_with_a_typo_and_enter_opens_it() {
    drive(async |window| {
        window.open_sample().await;
        window.palette("departure_featurs").await;
        window.sees("the name as it is written", &format!("{FIRST} === 'departure_features'")).await;
        window.types(&String::from(char::from(Key::Enter))).await;
        window.reads(".entity-title h1", "departure_features").await;
        window.sees("the palette has gone", "document.querySelector('.palette') === null").await;
    });
}

#[test]
fn the_palette_and_the_results_agree() {
    drive(async |window| {
        window.open_sample().await;
        window.palette("delay predictions").await;
        window.sees("a match", FIRST).await;
        window.go_to_results().await;
        window.sees("a hit", "document.querySelector('.hit .hit-name') !== null").await;
        // Beside each other, since a sample that was just opened is still being taken into the index.
        window.palette("delay predictions").await;
        window
            .sees(
                "the same first",
                &format!("{FIRST} !== undefined && {FIRST} === document.querySelector('.hit .hit-name')?.textContent"),
            )
            .await;
    });
}
