//! Where things are on this machine.

use std::path::PathBuf;

use catena_app::places::Places;

/// Names a folder to use instead of the user's data folder.
const DATA: &str = "CATENA_DATA";

/// The data folder and, where one came with the installation, the sample.
pub fn places(sample: Option<PathBuf>) -> Places {
    let data = std::env::var_os(DATA)
        .map(PathBuf::from)
        .or_else(|| dirs::data_dir().map(|folder| folder.join("catena")))
        .unwrap_or_else(|| PathBuf::from(".catena"));
    Places { data, sample }
}
