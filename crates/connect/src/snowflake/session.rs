//! The protocol of Snowflake's own drivers: log in, ask, fetch what didn't fit into the answer.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::header::{AUTHORIZATION, HeaderName};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    EXPECTED, Snowflake, arrow,
    rows::{Query, QueryError, Rows, named, names, row, said},
};
use crate::{
    cancel::Cancel,
    connector::ReadError,
    http::{Client, HttpError},
    pause::Pending,
    secret::Secret,
};

/// How often an unfinished query is asked after, at most; each time it waits some tens of seconds by itself.
const MOST_WAITS: usize = 120;

/// How many parts of an answer are fetched.
const MOST_PARTS: usize = 10_000;

pub(super) struct Session<'a> {
    of: &'a Snowflake,
    client: Client,
    cancel: Cancel,
}

impl<'a> Session<'a> {
    pub(super) async fn open(
        of: &'a Snowflake,
        user: &str,
        password: &Secret,
        cancel: &Cancel,
    ) -> Result<Self, ReadError> {
        let client = of.server.client_as(None, EXPECTED, cancel).await?;
        let request = Uuid::new_v4().to_string();
        let mut query = vec![("request_id", request.as_str())];
        for key in ["warehouse", "role"] {
            if let Some(value) = of.server.settings.option(key) {
                query.push((if key == "role" { "roleName" } else { key }, value));
            }
        }
        let body = json!({"data": {
            "CLIENT_APP_ID": "Catena", "CLIENT_APP_VERSION": env!("CARGO_PKG_VERSION"),
            "ACCOUNT_NAME": of.account(), "LOGIN_NAME": user, "PASSWORD": password.expose(),
            "CLIENT_ENVIRONMENT": {"APPLICATION": "Catena"},
            "SESSION_PARAMETERS": {"QUERY_TAG": "catena", "PYTHON_CONNECTOR_QUERY_RESULT_FORMAT": "JSON"},
        }});
        let answer: Value = client.post_with("session/v1/login-request", &query, &body).await?.read()?;
        let token = answer["data"]["token"].as_str().filter(|token| !token.is_empty());
        let Some(token) = token.filter(|_| answer["success"] == true) else {
            return Err(ReadError::Refused {
                system: "Snowflake",
                what: "to log in".to_owned(),
                why: said(&answer),
            });
        };
        let header = Secret::new(format!("Snowflake Token=\"{token}\""));
        let client = client.with_header(AUTHORIZATION, &header)?;
        Ok(Self { of, client, cancel: cancel.clone() })
    }

    async fn ask(&self, sql: &str) -> Result<Rows, QueryError> {
        let request = Uuid::new_v4().to_string();
        let body = json!({"sqlText": sql, "asyncExec": false, "sequenceId": 1, "parameters": {}});
        let query = [("requestId", request.as_str())];
        let mut answer: Value =
            self.client.post_with("queries/v1/query-request", &query, &body).await?.read()?;
        for _ in 0..MOST_WAITS {
            if !matches!(answer["code"].as_str(), Some("333333" | "333334")) {
                break;
            }
            self.of.server.settings.pause.pause(Duration::from_millis(500)).await;
            let Some(next) = answer["data"]["getResultUrl"].as_str() else { break };
            let next = next.trim_start_matches('/').to_owned();
            answer = self.client.get(&next, &[]).await?.read()?;
        }
        if answer["success"] != true {
            return Err(QueryError::Refused(said(&answer)));
        }
        self.result(&answer["data"]).await
    }

    async fn result(&self, data: &Value) -> Result<Rows, QueryError> {
        let columns = names(&data["rowtype"]);
        let mut rows = Rows::new();
        if let Some(set) = data["rowset"].as_array() {
            rows.extend(set.iter().map(|values| row(&columns, values)));
        } else if let Some(text) = data["rowsetBase64"].as_str() {
            let stream = STANDARD.decode(text).map_err(|_| self.lie("its rows are no Base64"))?;
            rows.extend(self.arrow(&columns, &stream)?);
        } else {
            return Err(self.lie("it has no rows").into());
        }
        let chunks = data["chunks"].as_array().map_or(&[][..], Vec::as_slice);
        if chunks.len() > MOST_PARTS {
            return Err(self.lie("it is in too many parts").into());
        }
        for chunk in chunks {
            let address = chunk["url"].as_str().ok_or_else(|| self.lie("a part of it has no address"))?;
            let bytes = self.part(address, data).await?;
            if data["queryResultFormat"] == "arrow" {
                rows.extend(self.arrow(&columns, &bytes)?);
            } else {
                // A part is rows with commas between them.
                let list = [b"[".as_slice(), &bytes, b"]"].concat();
                let set: Vec<Value> =
                    serde_json::from_slice(&list).map_err(|_| self.lie("a part of it is no JSON"))?;
                rows.extend(set.iter().map(|values| row(&columns, values)));
            }
        }
        Ok(rows)
    }

    /// A part that is kept elsewhere: the server's address of it is its permission, with the key that it gave.
    async fn part(&self, address: &str, data: &Value) -> Result<Vec<u8>, HttpError> {
        let mut client = self.of.server.client_elsewhere(address, EXPECTED, &self.cancel).await?;
        let headers = data["chunkHeaders"].as_object().into_iter().flatten();
        let mut headers: Vec<(String, String)> = headers
            .filter_map(|(name, value)| Some((name.to_lowercase(), value.as_str()?.to_owned())))
            .filter(|(name, _)| name.starts_with("x-"))
            .collect();
        if let Some(key) = data["qrmk"].as_str().filter(|_| headers.is_empty()) {
            let name = "x-amz-server-side-encryption-customer-";
            headers.push((format!("{name}algorithm"), "AES256".to_owned()));
            headers.push((format!("{name}key"), key.to_owned()));
        }
        for (name, value) in headers {
            let Ok(name) = HeaderName::try_from(name) else { continue };
            client = client.with_header(name, &Secret::new(value))?;
        }
        client.bytes_at(address).await
    }

    fn arrow(&self, columns: &[String], stream: &[u8]) -> Result<Rows, HttpError> {
        let rows = arrow::rows(stream).map_err(|why| self.lie(why))?;
        Ok(rows.into_iter().map(|values| named(columns, values.into_iter().map(Value::from))).collect())
    }

    fn lie(&self, why: &str) -> HttpError {
        self.client.unreadable("queries/v1/query-request", why)
    }
}

impl Query for Session<'_> {
    fn rows<'a>(&'a self, sql: &'a str) -> Pending<'a, Result<Rows, QueryError>> {
        Box::pin(self.ask(sql))
    }

    fn close(&self) -> Pending<'_, ()> {
        Box::pin(async {
            // It ends by itself some hours later, so whether this is heard matters little.
            let _ = self.client.post_with("session", &[("delete", "true")], &Value::Null).await;
        })
    }
}
