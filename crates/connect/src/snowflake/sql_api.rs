//! Snowflake's SQL API: a statement is posted, and its rows come in partitions.

use std::time::Duration;

use reqwest::header::HeaderName;
use serde_json::{Value, json};

use super::{
    EXPECTED, Snowflake, key_pair,
    rows::{Query, QueryError, Rows, names, row},
};
use crate::{
    cancel::Cancel,
    connector::ReadError,
    http::{Client, HttpError},
    pause::Pending,
    secret::{Credential, Secret},
};

const STATEMENTS: &str = "api/v2/statements";

/// How often an unfinished statement is asked after.
const MOST_WAITS: u32 = 300;

/// How many partitions are fetched.
const MOST_PARTITIONS: usize = 10_000;

pub(super) struct SqlApi<'a> {
    of: &'a Snowflake,
    client: Client,
}

impl<'a> SqlApi<'a> {
    /// With a token (OAuth or a programmatic one) that Snowflake tells apart by itself, or none.
    pub(super) async fn with_token(of: &'a Snowflake, cancel: &Cancel) -> Result<Self, ReadError> {
        Ok(Self { of, client: of.server.client(EXPECTED, cancel).await? })
    }

    /// With a private key, whose public half Snowflake has of this user.
    pub(super) async fn with_key(
        of: &'a Snowflake,
        user: &str,
        key: &Secret,
        cancel: &Cancel,
    ) -> Result<Self, ReadError> {
        let now = of.server.settings.clock.now().millis() / 1_000;
        let token = key_pair::token(&of.account(), user, key, now).map_err(|why| ReadError::Refused {
            system: "Snowflake",
            what: "to log in".to_owned(),
            why: why.to_owned(),
        })?;
        let client = of.server.client_as(Some(&Credential::Bearer(token)), EXPECTED, cancel).await?;
        let name = HeaderName::from_static("x-snowflake-authorization-token-type");
        Ok(Self { of, client: client.with_header(name, &Secret::new("KEYPAIR_JWT"))? })
    }

    async fn ask(&self, sql: &str) -> Result<Rows, QueryError> {
        let mut body = json!({"statement": sql, "timeout": 120});
        for key in ["warehouse", "role"] {
            if let Some(value) = self.of.server.settings.option(key) {
                body[key] = value.into();
            }
        }
        let mut answer: Value = self.client.post(STATEMENTS, &body).await?.read()?;
        let mut waits = 0;
        while answer["resultSetMetaData"].is_null() {
            let handle = self.handle(&answer)?;
            waits += 1;
            if waits > MOST_WAITS {
                return Err(QueryError::Refused("it did not end in time".to_owned()));
            }
            self.of.server.settings.pause.pause(Duration::from_secs(1)).await;
            answer = self.client.get(&handle, &[]).await?.read()?;
        }
        let columns = names(&answer["resultSetMetaData"]["rowType"]);
        let mut rows = Rows::new();
        let take = |rows: &mut Rows, answer: &Value| match answer["data"].as_array() {
            Some(set) => {
                rows.extend(set.iter().map(|values| row(&columns, values)));
                Ok(())
            }
            None => Err(self.client.unreadable(STATEMENTS, "it has no rows")),
        };
        take(&mut rows, &answer)?;
        let partitions = answer["resultSetMetaData"]["partitionInfo"].as_array().map_or(1, Vec::len);
        if partitions > MOST_PARTITIONS {
            return Err(self.client.unreadable(STATEMENTS, "it is in too many parts").into());
        }
        for partition in 1..partitions {
            let number = partition.to_string();
            let path = self.handle(&answer)?;
            let part: Value = self.client.get(&path, &[("partition", &number)]).await?.read()?;
            take(&mut rows, &part)?;
        }
        Ok(rows)
    }

    /// Where a statement is asked after. The handle is a UUID, and anything else would lead elsewhere.
    fn handle(&self, answer: &Value) -> Result<String, HttpError> {
        let handle = answer["statementHandle"].as_str().filter(|handle| {
            !handle.is_empty() && handle.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        });
        let handle = handle.ok_or_else(|| self.client.unreadable(STATEMENTS, "it has no statementHandle"))?;
        Ok(format!("{STATEMENTS}/{handle}"))
    }
}

impl Query for SqlApi<'_> {
    fn rows<'a>(&'a self, sql: &'a str) -> Pending<'a, Result<Rows, QueryError>> {
        Box::pin(self.ask(sql))
    }

    fn close(&self) -> Pending<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}
