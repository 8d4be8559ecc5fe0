//! One session that only reads.

use std::time::Duration;

use tokio::{net::TcpStream, task::JoinHandle, time::timeout};
use tokio_postgres::{Client, Config, NoTls, Row, config::SslMode, types::ToSql};

use super::{
    address::Target,
    error::PostgresError,
    tls::Private,
    wire::{Allowance, Counted},
};
use crate::{cancel::Cancel, http::Limits};

/// What a session is told before anything is asked: nothing is written, nothing is waited for long, and every name in
/// a view's query is written out.
const MANNERS: &str = "SET default_transaction_read_only = on; SET statement_timeout = '120s'; \
                       SET lock_timeout = '10s'; SET search_path = pg_catalog";

/// An open session.
pub(crate) struct Session {
    client: Client,
    /// Moves the bytes; ends with the session.
    moving: JoinHandle<()>,
    server: String,
    limits: Limits,
    allowance: Allowance,
    cancel: Cancel,
    pub(crate) schemas: Vec<String>,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.moving.abort();
    }
}

impl Session {
    pub(crate) async fn open(
        target: &Target,
        limits: Limits,
        cancel: &Cancel,
    ) -> Result<Self, PostgresError> {
        let server = target.namespace();
        let allowance = Allowance::new(limits.answer);
        let opened = async {
            let stream = dial(target, limits.connect).await?;
            // Nothing comes unasked until we have logged in.
            let connected = timeout(limits.first, log_in(target, stream, allowance.clone())).await;
            connected.map_err(|_| silent(&server, limits.first))?
        };
        let (client, moving) = tokio::select! {
            () = cancel.cancelled() => return Err(PostgresError::Cancelled),
            opened = opened => opened.map_err(|error| match allowance.is_used_up() {
                true => too_large(&server, limits),
                false => error,
            })?,
        };
        let schemas = target.schemas.clone();
        let session = Self { client, moving, server, limits, allowance, cancel: cancel.clone(), schemas };
        session.asked(session.client.batch_execute(MANNERS)).await?;
        Ok(session)
    }

    /// Asks, and waits no longer than for any other server.
    pub(crate) async fn rows(
        &self,
        sql: &str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, PostgresError> {
        self.asked(self.client.query(sql, parameters)).await
    }

    pub(crate) async fn version(&self) -> Result<String, PostgresError> {
        let rows = self.rows("SELECT current_setting('server_version')", &[]).await?;
        Ok(rows.first().map(|row| self.cell(row, 0)).transpose()?.unwrap_or_default())
    }

    /// One cell, which a server that isn't PostgreSQL may send as something else.
    pub(crate) fn cell<'a, T: tokio_postgres::types::FromSql<'a>>(
        &self,
        row: &'a Row,
        at: usize,
    ) -> Result<T, PostgresError> {
        row.try_get(at).map_err(|error| explain(&self.server, &error))
    }

    async fn asked<T>(
        &self,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, PostgresError> {
        self.allowance.refill(self.limits.answer);
        let answer = tokio::select! {
            () = self.cancel.cancelled() => return Err(PostgresError::Cancelled),
            answer = timeout(self.limits.idle, answer) => answer,
        };
        match answer {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) if self.allowance.is_used_up() => Err(too_large(&self.server, self.limits)),
            Ok(Err(error)) => Err(explain(&self.server, &error)),
            Err(_) => Err(silent(&self.server, self.limits.idle)),
        }
    }
}

async fn dial(target: &Target, patience: Duration) -> Result<TcpStream, PostgresError> {
    let unreachable = |why: String| PostgresError::Unreachable { server: target.namespace(), why };
    let host = target.host.trim_matches(['[', ']']);
    let stream = timeout(patience, TcpStream::connect((host, target.port)))
        .await
        .map_err(|_| unreachable(format!("no answer within {} s", patience.as_secs().max(1))))?
        .map_err(|error| unreachable(error.to_string()))?;
    // Questions are short.
    let _ = stream.set_nodelay(true);
    Ok(stream)
}

async fn log_in(
    target: &Target,
    stream: TcpStream,
    allowance: Allowance,
) -> Result<(Client, JoinHandle<()>), PostgresError> {
    let server = target.namespace();
    let stream = Counted::new(stream, allowance);
    let mut config = Config::new();
    config.user(target.user()).dbname(&target.database).application_name("catena");
    if let Some(password) = &target.password {
        config.password(password.expose());
    }
    if target.tls {
        config.ssl_mode(SslMode::Require);
        let not_private = |why: String| PostgresError::NotPrivate { server: server.clone(), why };
        let tls = Private::new(&target.host).map_err(not_private)?;
        let (client, connection) =
            config.connect_raw(stream, tls).await.map_err(|error| match error.as_db_error() {
                // Everything before the log-in is about TLS.
                None => not_private(reason(&error)),
                Some(_) => explain(&server, &error),
            })?;
        Ok((client, tokio::spawn(async move { drop(connection.await) })))
    } else {
        config.ssl_mode(SslMode::Disable);
        let (client, connection) =
            config.connect_raw(stream, NoTls).await.map_err(|error| explain(&server, &error))?;
        Ok((client, tokio::spawn(async move { drop(connection.await) })))
    }
}

fn silent(server: &str, after: Duration) -> PostgresError {
    PostgresError::Silent { server: server.to_owned(), seconds: after.as_secs().max(1) }
}

fn too_large(server: &str, limits: Limits) -> PostgresError {
    PostgresError::TooLarge { server: server.to_owned(), megabytes: limits.answer / 1_000_000 }
}

fn explain(server: &str, error: &tokio_postgres::Error) -> PostgresError {
    let server = server.to_owned();
    if let Some(refusal) = error.as_db_error() {
        return PostgresError::Refused {
            server,
            code: refusal.code().code().to_owned(),
            message: refusal.message().chars().take(500).collect(),
        };
    }
    let why = reason(error);
    match error.is_closed() {
        true => PostgresError::Unreachable { server, why: "the connection was lost".to_owned() },
        false => PostgresError::NotPostgres { server, why },
    }
}

/// The innermost cause, which is the one that says something.
fn reason(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string().chars().take(300).collect()
}
