//! The token, in a file that only the user can read.

use std::{io::Write, path::Path};

use catena_receive::token::new_text;
use catena_store::Environment;

use crate::{AppError, error::Trouble};

/// The token in `file`, made when there is none.
pub(super) fn get_or_make(file: &Path, environment: &Environment) -> Result<String, AppError> {
    match std::fs::read_to_string(file) {
        Ok(text) if is_token(text.trim()) => {
            // It may have come from a backup or another machine.
            only_for_the_user(file).map_err(|error| failed(file, &error))?;
            Ok(text.trim().to_owned())
        }
        Ok(_) => renew(file, environment),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => renew(file, environment),
        Err(error) => Err(failed(file, &error)),
    }
}

/// Another token, in place of the one in `file`.
pub(super) fn renew(file: &Path, environment: &Environment) -> Result<String, AppError> {
    let token = {
        let mut random = environment.random.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        new_text(&mut *random)
    };
    write(file, &token).map_err(|error| failed(file, &error))?;
    Ok(token)
}

/// Whether what a file holds can be a token: an empty or cut file must not become one that is easily guessed.
fn is_token(text: &str) -> bool {
    text.len() >= 32 && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn write(file: &Path, token: &str) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let new = file.with_extension("new");
    let _ = std::fs::remove_file(&new);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut to = options.open(&new)?;
    to.write_all(token.as_bytes())?;
    to.sync_all()?;
    drop(to);
    std::fs::rename(&new, file)
}

#[cfg(unix)]
fn only_for_the_user(file: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    if std::fs::metadata(file)?.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600))
}

/// Elsewhere the user's own folder keeps others out.
#[cfg(not(unix))]
fn only_for_the_user(_: &Path) -> std::io::Result<()> {
    Ok(())
}

fn failed(file: &Path, error: &std::io::Error) -> AppError {
    AppError::new(
        Trouble::Failed,
        format!("{}: the receivers' token could not be kept there: {error}", file.display()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_made_once_and_read_by_nobody_else() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("data/receiver-token");
        let environment = crate::environment::real();
        let token = get_or_make(&file, &environment).unwrap();
        assert_eq!(get_or_make(&file, &environment).unwrap(), token);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = || std::fs::metadata(&file).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(), 0o600);
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
            get_or_make(&file, &environment).unwrap();
            assert_eq!(mode(), 0o600);
        }
        assert_ne!(renew(&file, &environment).unwrap(), token);
    }

    #[test]
    fn an_empty_file_is_no_token() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("receiver-token");
        std::fs::write(&file, "\n").unwrap();
        assert_eq!(get_or_make(&file, &crate::environment::real()).unwrap().len(), 64);
    }
}
