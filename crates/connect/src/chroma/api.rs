//! What is asked of Chroma.

use catena_ingest::chroma::{Collection, DEFAULT_DATABASE, DEFAULT_TENANT, Entry};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::http::{Client, HttpError, segment as encoded};

/// How many collections or databases are asked for in one request.
const LISTED_AT_ONCE: usize = 100;

/// How many collections of one database are listed; their records are never held, but they are.
const MOST_COLLECTIONS: usize = 100_000;

/// A server that answers.
pub(super) struct Api(Client);

/// Where to look.
pub(super) struct Scope {
    pub(super) tenant: String,
    pub(super) databases: Vec<String>,
}

#[derive(Deserialize)]
struct Identity {
    #[serde(default)]
    tenant: Option<String>,
    #[serde(default)]
    databases: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

/// A page of records as columns, each as long as the first or missing.
#[derive(Deserialize)]
struct Columns {
    ids: Vec<String>,
    #[serde(default)]
    documents: Option<Vec<Option<String>>>,
    #[serde(default)]
    metadatas: Option<Vec<Option<Map<String, Value>>>>,
    #[serde(default)]
    uris: Option<Vec<Option<String>>>,
}

impl Api {
    pub(super) fn new(client: Client) -> Self {
        Self(client)
    }

    pub(super) fn origin(&self) -> String {
        self.0.endpoint().origin()
    }

    pub(super) async fn version(&self) -> Result<String, HttpError> {
        self.0.get("api/v2/version", &[]).await?.read()
    }

    /// The tenant and its databases: those that were chosen, or all that these credentials may see.
    pub(super) async fn scope(
        &self,
        tenant: Option<&str>,
        database: Option<&str>,
    ) -> Result<Scope, HttpError> {
        let identity = match self.0.get("api/v2/auth/identity", &[]).await {
            Ok(answer) => Some(answer.read::<Identity>()?),
            Err(error) if error.is_missing() => None,
            Err(error) => return Err(error),
        };
        let own = identity.as_ref().and_then(|identity| identity.tenant.clone());
        let own = own.filter(|tenant| !tenant.is_empty() && tenant != "*");
        let tenant = tenant.map(str::to_owned).or(own).unwrap_or_else(|| DEFAULT_TENANT.to_owned());
        if let Some(database) = database {
            return Ok(Scope { tenant, databases: vec![database.to_owned()] });
        }
        let mut databases = match self.databases(&tenant).await {
            Ok(databases) => databases,
            // A token may be good for one database and not for listing them.
            Err(HttpError::Refused { status: 401 | 403 | 404, .. }) => {
                identity.and_then(|identity| identity.databases).unwrap_or_default()
            }
            Err(error) => return Err(error),
        };
        if databases.is_empty() {
            databases.push(DEFAULT_DATABASE.to_owned());
        }
        databases.sort();
        databases.dedup();
        Ok(Scope { tenant, databases })
    }

    async fn databases(&self, tenant: &str) -> Result<Vec<String>, HttpError> {
        let path = format!("api/v2/tenants/{}/databases", encoded(tenant));
        let all: Vec<Named> = self.listed(&path, "databases").await?;
        Ok(all.into_iter().map(|found| found.name).collect())
    }

    /// The collections of a database, by their ids, so that a later listing has them in the same order.
    pub(super) async fn collections(
        &self,
        tenant: &str,
        database: &str,
    ) -> Result<Vec<Collection>, HttpError> {
        let mut all: Vec<Collection> =
            self.listed(&format!("{}/collections", base(tenant, database)), "collections").await?;
        all.sort_by(|a, b| a.id.cmp(&b.id));
        all.dedup_by(|a, b| a.id == b.id);
        Ok(all)
    }

    async fn listed<T: serde::de::DeserializeOwned>(
        &self,
        path: &str,
        what: &str,
    ) -> Result<Vec<T>, HttpError> {
        let mut all = Vec::new();
        loop {
            let (limit, offset) = (LISTED_AT_ONCE.to_string(), all.len().to_string());
            let query = [("limit", limit.as_str()), ("offset", offset.as_str())];
            let page: Vec<T> = self.0.get(path, &query).await?.read()?;
            let last = page.len() < LISTED_AT_ONCE;
            all.extend(page);
            if last {
                return Ok(all);
            }
            if all.len() >= MOST_COLLECTIONS {
                return Err(HttpError::Endless { url: self.origin(), what: what.to_owned() });
            }
        }
    }

    /// How many records a collection has; none when it is gone.
    pub(super) async fn count(
        &self,
        tenant: &str,
        database: &str,
        collection: &str,
    ) -> Result<Option<u64>, HttpError> {
        let path = format!("{}/collections/{}/count", base(tenant, database), encoded(collection));
        match self.0.get(&path, &[]).await {
            Ok(answer) => answer.read().map(Some),
            Err(error) if error.is_missing() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A page of a collection's records; none when the collection is gone.
    pub(super) async fn records(
        &self,
        tenant: &str,
        database: &str,
        collection: &str,
        offset: u64,
        limit: u64,
    ) -> Result<Option<Vec<Entry>>, HttpError> {
        let path = format!("{}/collections/{}/get", base(tenant, database), encoded(collection));
        let asked =
            json!({ "limit": limit, "offset": offset, "include": ["documents", "metadatas", "uris"] });
        let columns: Columns = match self.0.post(&path, &asked).await {
            Ok(answer) => answer.read()?,
            Err(error) if error.is_missing() => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(Some(columns.entries()))
    }
}

impl Columns {
    fn entries(self) -> Vec<Entry> {
        let mut documents = self.documents.unwrap_or_default().into_iter();
        let mut metadatas = self.metadatas.unwrap_or_default().into_iter();
        let mut uris = self.uris.unwrap_or_default().into_iter();
        let entry = |id| Entry {
            id,
            document: documents.next().flatten(),
            metadata: metadatas.next().flatten(),
            uri: uris.next().flatten(),
        };
        self.ids.into_iter().map(entry).collect()
    }
}

fn base(tenant: &str, database: &str) -> String {
    format!("api/v2/tenants/{}/databases/{}", encoded(tenant), encoded(database))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_that_are_missing_or_short_leave_gaps() {
        let columns: Columns =
            serde_json::from_value(json!({"ids": ["a", "b"], "documents": ["x"], "uris": null})).unwrap();
        let entries = columns.entries();
        assert_eq!(entries[0].document.as_deref(), Some("x"));
        assert_eq!((entries[1].id.as_str(), &entries[1].document), ("b", &None));
    }
}
