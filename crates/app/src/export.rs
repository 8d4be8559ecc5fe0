//! Writing what a person exports: a picture, a drawing or a table of what the window shows.

use std::{fs, io::Write, path::Path};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    app::App,
    client::Done,
    error::{AppError, Trouble},
};

/// A file to write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FileSaveArgs {
    /// Where to, as the person chose it; it ends in `.png`, `.svg`, `.csv` or `.json`.
    pub path: String,
    /// The content, two hexadecimal digits for each byte.
    pub hex: String,
}

/// Only what the window exports: a page can't put a program or a setting anywhere through this.
const ENDINGS: [&str; 4] = ["png", "svg", "csv", "json"];

/// Writes an export. What was there before is only replaced by a whole file.
///
/// # Errors
///
/// When the file is of another sort, the content is damaged, or the disk refuses.
pub fn save(_app: &App, args: FileSaveArgs) -> Result<Done, AppError> {
    let target = Path::new(&args.path);
    let ending = target.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
    if !ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str())) {
        let message =
            format!("\"{}\" is no name for an export: let it end in .png, .svg, .csv or .json", args.path);
        return Err(AppError::bad_request(message));
    }
    if !target.is_absolute() {
        return Err(AppError::bad_request(format!(
            "\"{}\" names no folder: choose where to export to",
            args.path
        )));
    }
    let bytes = decode(&args.hex)
        .ok_or_else(|| AppError::bad_request("the export arrived damaged: export it again, and report it"))?;
    write(target, &bytes).map_err(|error| {
        let message = format!("{} could not be written: {error}. Choose another folder", target.display());
        AppError::new(Trouble::Failed, message)
    })?;
    Ok(Done {})
}

fn decode(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok());
    digits.chunks_exact(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

/// Beside the target first, then renamed over it.
fn write(target: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let name = target.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let part = target.with_file_name(format!(".{name}.part"));
    let written = fs::File::create(&part)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&part, target));
    if written.is_err() {
        // Best effort: the error that is told is the first one.
        let _ = fs::remove_file(&part);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_digits_become_bytes_or_nothing() {
        assert_eq!(decode("00ff7F"), Some(vec![0, 255, 127]));
        assert_eq!(decode(""), Some(Vec::new()));
        assert_eq!(decode("0"), None);
        assert_eq!(decode("zz"), None);
        assert_eq!(decode("+1"), None);
    }

    #[test]
    fn a_file_is_replaced_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("a.csv");
        write(&target, b"one").unwrap();
        write(&target, b"two").unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(write(&folder.path().join("missing").join("a.csv"), b"x").is_err());
    }
}
