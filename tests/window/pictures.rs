//! Pictures of the window, into the folder that `CATENA_SHOTS` names, if it does.

use std::path::PathBuf;

use super::session::Window;

fn folder() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("CATENA_SHOTS")?);
    std::fs::create_dir_all(&folder).unwrap();
    Some(folder)
}

/// Takes the window as it is, in light and in dark.
pub async fn take(window: &Window, name: &str) {
    let Some(folder) = folder() else { return };
    for theme in ["light", "dark"] {
        while window.value("document.querySelector('[aria-label^=\"Theme: \"]').ariaLabel").await
            != format!("Theme: {theme}")
        {
            window.click("[aria-label^=\"Theme: \"]").await;
        }
        // The pointer stays on the button, whose tip is of no interest.
        window
            .sees("no tip", "document.querySelector('.tip') === null && document.fonts.status === 'loaded'")
            .await;
        std::fs::write(folder.join(format!("{name}-{theme}.png")), window.screenshot().await.unwrap())
            .unwrap();
    }
}

/// Takes the window in which a test has failed.
pub async fn failed(window: &Window) {
    let Some(folder) = folder() else { return };
    let test = std::thread::current().name().unwrap_or("test").replace("::", "-");
    // The test's own failure is what counts, so one of these is not.
    if let Ok(picture) = window.screenshot().await {
        let _ = std::fs::write(folder.join(format!("failed-{test}.png")), picture);
    }
}
