//! Generates what the window needs at compile time.

fn main() {
    tauri_build::try_build(tauri_build::Attributes::new().app_manifest(
        tauri_build::AppManifest::new().commands(&["use_case", "open_link", "opened_with", "window_ready"]),
    ))
    .unwrap_or_else(|error| panic!("the window's configuration is wrong: {error:#}"));
}
