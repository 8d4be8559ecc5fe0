//! The real window, driven as a person would drive it: `cargo xtask test window`.
// Only here does the system's web view come with a driver.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

mod window {
    mod catalogs;
    mod documents;
    mod driver;
    mod editing;
    mod first_launch;
    mod imports;
    mod lineage;
    mod links;
    mod pictures;
    mod search;
    mod session;
    mod until;
    mod untrusted;
}
