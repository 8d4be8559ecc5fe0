//! The window, set up and run.

use std::{ffi::OsString, process::ExitCode, sync::Arc};

use catena_app::App;
use catena_model::actor::Origin;
use tauri::{Manager, WebviewUrl, WebviewWindowBuilder};

use crate::{
    again::{PAUSES, again},
    commands,
    listen::Heard,
    menu, opening,
};

/// Opens the window with what was named on the command line: a catalog file or a `catena://` link.
pub fn run(arguments: Vec<OsString>) -> ExitCode {
    match again(PAUSES, is_closing, std::thread::sleep, || built(arguments.clone())) {
        Ok(tauri) => {
            tauri.run(|handle, event| {
                if let tauri::RunEvent::Exit = event {
                    // Closes the catalog, so that its file is whole by itself.
                    handle.state::<Arc<App>>().enter(None);
                }
                #[cfg(any(target_os = "macos", target_os = "ios"))]
                if let tauri::RunEvent::Opened { urls } = event {
                    for url in urls {
                        opening::open(handle, url.as_str(), None);
                    }
                }
            });
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!(
                "catena: the window could not be opened: {error}. The commands work without one: catena --help"
            );
            ExitCode::FAILURE
        }
    }
}

/// Whether an earlier Catena was just closing: it still had its name, but no longer answered to it.
fn is_closing(error: &tauri::Error) -> bool {
    matches!(error, tauri::Error::PluginInitialization(plugin, _) if plugin == "single-instance")
}

fn built(arguments: Vec<OsString>) -> tauri::Result<tauri::App> {
    tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(|handle, arguments, folder| {
            opening::from_second_start(handle, &arguments, &folder);
        }))
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_window_state::Builder::default().build())
        .manage(opening::Waiting::default())
        .invoke_handler(tauri::generate_handler![
            commands::use_case,
            commands::open_link,
            commands::opened_with,
            commands::window_ready
        ])
        .menu(menu::build)
        .on_menu_event(|handle, event| menu::chosen(handle, event.id().as_ref()))
        .setup(move |tauri| {
            let handle = tauri.handle().clone();
            let sample = handle
                .path()
                .resolve("sample.catena", tauri::path::BaseDirectory::Resource)
                .ok()
                .filter(|sample| sample.exists());
            let app = catena_cli::events_app(
                catena_cli::places(sample),
                Origin::Window,
                Arc::new(Heard(handle.clone())),
            );
            tauri.manage(Arc::new(app));
            opening::at_start(&handle, &arguments);
            WebviewWindowBuilder::new(tauri, "main", WebviewUrl::App("index.html".into()))
                .title("Catena")
                .inner_size(1280.0, 800.0)
                .min_inner_size(720.0, 480.0)
                .visible(false)
                .on_navigation(is_our_own)
                .on_new_window(|_, _| tauri::webview::NewWindowResponse::Deny)
                .build()?;
            Ok(())
        })
        .build(tauri::generate_context!())
}

/// The page stays on what was shipped with the program; nothing that it shows can lead it elsewhere.
fn is_our_own(url: &tauri::Url) -> bool {
    match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        // Windows and Android serve the same under this name.
        "http" | "https" => url.host_str() == Some("tauri.localhost"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_shipped_pages_are_navigated_to() {
        let may = |text: &str| is_our_own(&text.parse().unwrap());
        assert!(may("tauri://localhost/index.html"));
        assert!(may("http://tauri.localhost/"));
        for elsewhere in [
            "https://example.org/",
            "http://localhost/",
            "http://tauri.localhost.example.org/",
            "file:///etc/passwd",
            "data:text/html,x",
            "javascript:alert(1)",
            "tauri://elsewhere/",
        ] {
            assert!(!may(elsewhere), "{elsewhere}");
        }
    }
}
