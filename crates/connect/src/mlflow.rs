//! MLflow: a tracking server by its REST API, or the SQLite file that such a server keeps.
//!
//! Both give the same objects to the same mapping, so the same store read in either way gives the same records.

pub mod database;
pub mod rest;

mod identity;
mod known;
mod place;

pub use database::Database;
pub use rest::Server;

use crate::{
    connector::{Connector, ReadError},
    registry::{Address, Settings, System},
};

/// MLflow in the list of systems.
pub(crate) const SYSTEM: System = System::new(
    "mlflow",
    "MLflow",
    "the address of a server (http://host:5000), an mlflow.db, or the folder that holds one",
    open,
);

fn open(address: &Address, settings: Settings) -> Result<Box<dyn Connector>, ReadError> {
    Ok(match address {
        Address::Url(url) => Box::new(Server::new(url, settings)?),
        Address::Path(path) => Box::new(Database::new(path, settings)?),
    })
}
