//! Where a database is and who logs in.

use reqwest::Url;

use super::error::PostgresError;
use crate::{
    registry::Settings,
    secret::{Credential, Secret, percent_decoded, without_password},
};

/// The port that PostgreSQL has unless somebody says otherwise.
const PORT: u16 = 5432;

/// A database and how to reach it.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) database: String,
    pub(crate) password: Option<Secret>,
    pub(crate) tls: bool,
    /// The only schemas to read; all when empty.
    pub(crate) schemas: Vec<String>,
    user: String,
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.namespace(), self.database)
    }
}

impl Target {
    pub(crate) fn new(address: &str, settings: &Settings) -> Result<Self, PostgresError> {
        let bad = |why: &str| PostgresError::BadAddress {
            address: without_password(address.trim()),
            why: why.to_owned(),
        };
        let url = Url::parse(address.trim()).map_err(|error| bad(&error.to_string()))?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(bad("it does not begin with postgres://"));
        }
        let host = url.host_str().map(|host| percent_decoded(host).to_lowercase()).unwrap_or_default();
        if host.is_empty() || host.starts_with('/') {
            return Err(bad("the host is missing; a socket can't be given"));
        }
        let database = percent_decoded(url.path().trim_matches('/'));
        if database.is_empty() || database.contains('/') {
            return Err(bad("the database is missing: one at a time is read"));
        }
        let (in_user, in_password) = (percent_decoded(url.username()), url.password().map(percent_decoded));
        let (given_user, given) = match &settings.credential {
            Some(Credential::Basic { user, password }) => (Some(user.clone()), Some(password.clone())),
            Some(Credential::Bearer(secret)) => (None, Some(secret.clone())),
            None => (None, None),
        };
        let user = given_user
            .or_else(|| settings.option("user").map(str::to_owned))
            .or(Some(in_user))
            .filter(|user| !user.is_empty())
            .ok_or_else(|| bad("the user is missing"))?;
        let here = is_this_machine(&host);
        let tls = match settings.option("tls") {
            None => !here,
            Some("require") => true,
            Some("off") => false,
            Some(other) => return Err(bad(&format!("tls can be require or off, not \"{other}\""))),
        };
        let schemas = settings.option("schemas").unwrap_or_default();
        let schemas = schemas.split(',').map(str::trim).filter(|name| !name.is_empty());
        Ok(Self {
            host,
            port: url.port().unwrap_or(PORT),
            database,
            password: given.or(in_password.map(Secret::new)),
            tls,
            schemas: schemas.map(str::to_owned).collect(),
            user,
        })
    }

    /// As OpenLineage names it.
    pub(crate) fn namespace(&self) -> String {
        format!("postgres://{}:{}", self.host, self.port)
    }

    pub(crate) fn user(&self) -> &str {
        &self.user
    }
}

/// Whether nobody else can listen to what is sent there.
fn is_this_machine(host: &str) -> bool {
    host == "localhost"
        || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use catena_model::{clock::Fixed, time::Timestamp};

    use super::*;

    fn target(address: &str, options: &[(&str, &str)]) -> Result<Target, PostgresError> {
        let mut settings = Settings::new(Arc::new(Fixed(Timestamp::from_millis(1))));
        settings.options =
            options.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Target::new(address, &settings)
    }

    #[test]
    fn a_database_is_named_as_openlineage_names_it() {
        let target = target("postgresql://ann:p%40ss@DB.example/shop", &[]).unwrap();
        assert_eq!(target.namespace(), "postgres://db.example:5432");
        assert_eq!((target.user(), target.database.as_str(), target.tls), ("ann", "shop", true));
        assert_eq!(target.password.as_ref().map(Secret::expose), Some("p@ss"));
        assert!(!format!("{target:?}").contains("p@ss"));
    }

    #[test]
    fn tls_is_left_out_only_on_this_machine_or_on_request() {
        for (host, options, tls) in [
            ("127.0.0.1", &[][..], false),
            ("localhost", &[][..], false),
            ("[::1]", &[][..], false),
            ("db", &[][..], true),
            ("db", &[("tls", "off")][..], false),
            ("localhost", &[("tls", "require")][..], true),
        ] {
            assert_eq!(target(&format!("postgres://a@{host}/d"), options).unwrap().tls, tls, "{host}");
        }
    }

    #[test]
    fn what_can_not_be_an_address_is_said_without_the_password() {
        for bad in ["postgres://ann:hunter2@h", "mysql://ann:hunter2@h/d", "postgres://ann:hunter2@/d"] {
            let error = target(bad, &[]).unwrap_err().to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
        assert!(target("postgres://h/d", &[]).unwrap_err().to_string().contains("user"));
    }
}
