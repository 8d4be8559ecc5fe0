//! The secret of a connection: where it is kept and under which key.

use std::{path::Path, sync::Arc};

use catena_connect::secret::Secret;
use catena_store::table::connection::ConnectionRow;

use super::secrets::{SecretError, SecretFile, Secrets};
use crate::{App, AppError, error::Trouble, session::Session};

/// It is in the operating system's keychain.
const KEYCHAIN: &str = "keychain";

/// It is in the user's own file.
const FILE: &str = "file";

/// Keeps the secrets of connections.
#[derive(Clone)]
pub(crate) struct Keeper {
    keychain: Arc<dyn Secrets>,
    file: Arc<SecretFile>,
    path: Arc<Path>,
}

/// A secret is good for one connection to one address in one catalog file: who sends us a catalog can't have a secret
/// of ours sent to a server of theirs.
fn key(catalog: &Path, row: &ConnectionRow) -> String {
    let catalog = std::path::absolute(catalog).unwrap_or_else(|_| catalog.to_owned());
    format!("{} ({} {}) of {}", row.name, row.kind, row.address, catalog.display())
}

impl Keeper {
    pub(crate) fn of(app: &App) -> Self {
        let path = app.places.secrets();
        let file = Arc::new(SecretFile::new(path.clone()));
        Self { keychain: Arc::clone(&app.keychain), file, path: path.into() }
    }

    /// Keeps a secret; says where.
    pub(super) fn put(
        &self,
        session: &Session,
        row: &ConnectionRow,
        secret: &Secret,
        allow_file: bool,
    ) -> Result<String, AppError> {
        let key = key(session.catalog.path(), row);
        match self.keychain.put(&key, secret) {
            Ok(()) => Ok(KEYCHAIN.to_owned()),
            Err(SecretError::NoKeychain(_)) if allow_file => {
                self.file.put(&key, secret).map_err(failed)?;
                Ok(FILE.to_owned())
            }
            Err(error @ SecretError::NoKeychain(_)) => Err(AppError::new(
                Trouble::Refused,
                format!(
                    "{error}: allow that the secret is kept in {}, which only you can read, or leave it out here and \
                     give it with each pull",
                    self.path.display()
                ),
            )),
            Err(error) => Err(failed(error)),
        }
    }

    /// The secret of a connection that has one.
    pub(super) fn get(&self, session: &Session, row: &ConnectionRow) -> Result<Secret, AppError> {
        let key = key(session.catalog.path(), row);
        let found = match row.secret.as_deref() {
            Some(FILE) => self.file.get(&key),
            _ => self.keychain.get(&key),
        };
        found.map_err(failed)?.ok_or_else(|| {
            AppError::new(
                Trouble::NotFound,
                format!(
                    "the secret of \"{}\" is not on this machine, or was for another file or address: remove the \
                     connection and add it again",
                    row.name
                ),
            )
        })
    }

    /// Forgets the secret of a connection.
    pub(super) fn forget(&self, session: &Session, row: &ConnectionRow) -> Result<(), AppError> {
        let key = key(session.catalog.path(), row);
        match row.secret.as_deref() {
            None => Ok(()),
            Some(FILE) => self.file.forget(&key).map_err(failed),
            Some(_) => match self.keychain.forget(&key) {
                // It is not on this machine.
                Ok(()) | Err(SecretError::NoKeychain(_)) => Ok(()),
                Err(error) => Err(failed(error)),
            },
        }
    }
}

fn failed(error: SecretError) -> AppError {
    AppError::new(Trouble::Failed, error.to_string())
}
