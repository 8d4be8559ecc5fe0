//! Where secrets are kept: the operating system's keychain, or, where there is none and the user agrees, a file that
//! only the user may read. Never the catalog: it is a file that people send to each other.

use std::{
    collections::BTreeMap,
    io::Write,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use catena_connect::secret::Secret;

/// Keeps secrets by a key.
pub trait Secrets: Send + Sync {
    /// The secret under this key.
    fn get(&self, key: &str) -> Result<Option<Secret>, SecretError>;
    /// Keeps a secret under this key, in place of the one before.
    fn put(&self, key: &str, secret: &Secret) -> Result<(), SecretError>;
    /// Forgets the secret under this key, if there is one.
    fn forget(&self, key: &str) -> Result<(), SecretError>;
}

/// Why a secret could not be kept or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// There is no keychain, or none that may be used here.
    #[error("this session has no keychain that can be used ({0})")]
    NoKeychain(String),
    /// The keychain refuses.
    #[error("the keychain refused ({0}): unlock it and try again")]
    Keychain(String),
    /// The file can't be used.
    #[error("{}: secrets can't be kept there: {why}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
}

/// The operating system's keychain: Secret Service, Keychain Services or Credential Manager.
#[derive(Debug, Clone, Copy, Default)]
pub struct Keychain;

/// As what the keychain lists them.
const SERVICE: &str = "Catena";

impl Keychain {
    fn with<T: Send + 'static>(
        key: &str,
        work: impl FnOnce(&keyring::v1::Entry) -> keyring::v1::Result<T> + Send + 'static,
    ) -> Result<Option<T>, SecretError> {
        let key = key.to_owned();
        // On a thread of its own: the keychain's client waits, which it may not where the caller's work is async.
        let asked = std::thread::spawn(move || {
            if let Err(error) = keyring::v1::Entry::store_status() {
                return Err(SecretError::NoKeychain(error.to_string()));
            }
            let entry = keyring::v1::Entry::new(SERVICE, &key).map_err(explain)?;
            match work(&entry) {
                Ok(value) => Ok(Some(value)),
                Err(keyring::v1::Error::NoEntry) => Ok(None),
                Err(error) => Err(explain(error)),
            }
        });
        asked.join().map_err(|_| SecretError::NoKeychain("its client failed".to_owned()))?
    }
}

fn explain(error: keyring::v1::Error) -> SecretError {
    match error {
        // These may hold what was read.
        keyring::v1::Error::BadEncoding(_) => SecretError::Keychain("what it holds is no text".to_owned()),
        keyring::v1::Error::NoDefaultStore => SecretError::NoKeychain("none was found".to_owned()),
        other => SecretError::Keychain(other.to_string()),
    }
}

impl Secrets for Keychain {
    fn get(&self, key: &str) -> Result<Option<Secret>, SecretError> {
        Ok(Self::with(key, keyring::v1::Entry::get_password)?.map(Secret::new))
    }

    fn put(&self, key: &str, secret: &Secret) -> Result<(), SecretError> {
        let secret = secret.clone();
        Self::with(key, move |entry| entry.set_password(secret.expose())).map(|_| ())
    }

    fn forget(&self, key: &str) -> Result<(), SecretError> {
        Self::with(key, keyring::v1::Entry::delete_credential).map(|_| ())
    }
}

/// A file that only the user may read.
#[derive(Debug)]
pub struct SecretFile {
    path: PathBuf,
}

/// One change at a time: each writes the whole file anew.
static CHANGING: Mutex<()> = Mutex::new(());

impl SecretFile {
    /// The file at `path`, which need not be there yet.
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    fn failed(&self, error: impl ToString) -> SecretError {
        SecretError::File { path: self.path.clone(), why: error.to_string() }
    }

    fn read(&self) -> Result<BTreeMap<String, String>, SecretError> {
        match std::fs::read(&self.path) {
            Ok(bytes) => {
                // It may have come from a backup or another machine.
                only_for_the_user(&self.path).map_err(|error| self.failed(error))?;
                // What serde says of it could quote it.
                serde_json::from_slice(&bytes).map_err(|_| self.failed("it is damaged; delete it"))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeMap::new()),
            Err(error) => Err(self.failed(error)),
        }
    }

    fn change(&self, change: impl FnOnce(&mut BTreeMap<String, String>)) -> Result<(), SecretError> {
        let _alone = CHANGING.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = self.read()?;
        let before = all.clone();
        change(&mut all);
        if all == before {
            return Ok(());
        }
        write(&self.path, &serde_json::to_vec(&all).unwrap_or_default()).map_err(|error| self.failed(error))
    }
}

fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let new = path.with_extension("new");
    let _ = std::fs::remove_file(&new);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    std::fs::rename(&new, path)
}

#[cfg(unix)]
fn only_for_the_user(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
}

/// Elsewhere the user's own folder keeps others out.
#[cfg(not(unix))]
fn only_for_the_user(_: &Path) -> std::io::Result<()> {
    Ok(())
}

impl Secrets for SecretFile {
    fn get(&self, key: &str) -> Result<Option<Secret>, SecretError> {
        Ok(self.read()?.remove(key).map(Secret::new))
    }

    fn put(&self, key: &str, secret: &Secret) -> Result<(), SecretError> {
        self.change(|all| {
            all.insert(key.to_owned(), secret.expose().to_owned());
        })
    }

    fn forget(&self, key: &str) -> Result<(), SecretError> {
        self.change(|all| {
            all.remove(key);
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_read_by_nobody_else_and_forgets() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data/secrets.json");
        let file = SecretFile::new(path.clone());
        assert_eq!(file.get("a").unwrap(), None);
        file.put("a", &Secret::new("one")).unwrap();
        file.put("b", &Secret::new("two")).unwrap();
        file.put("a", &Secret::new("three")).unwrap();
        assert_eq!(file.get("a").unwrap(), Some(Secret::new("three")));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(), 0o600);
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
            file.get("a").unwrap();
            assert_eq!(mode(), 0o600);
        }
        file.forget("a").unwrap();
        assert_eq!(file.get("a").unwrap(), None);
        assert_eq!(file.get("b").unwrap(), Some(Secret::new("two")));
    }

    #[test]
    fn a_damaged_file_is_not_quoted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secrets.json");
        std::fs::write(&path, r#"{"a": ["canary-7f3a"]}"#).unwrap();
        let error = SecretFile::new(path).get("a").unwrap_err().to_string();
        assert!(!error.contains("canary-7f3a"), "{error}");
    }
}
