//! Why a PostgreSQL database could not be read.

/// Why a PostgreSQL database could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PostgresError {
    /// The text is not the address of a database.
    #[error(
        "\"{address}\" is not the address of a PostgreSQL database: {why}; expected \
         postgres://USER@HOST:5432/DATABASE"
    )]
    BadAddress {
        /// The text, without any password.
        address: String,
        /// What is wrong with it.
        why: String,
    },
    /// No connection.
    #[error("{server} could not be reached ({why}): is PostgreSQL running there?")]
    Unreachable {
        /// The server.
        server: String,
        /// What was met.
        why: String,
    },
    /// The connection can't be made private.
    #[error(
        "{server} and we could not agree on TLS ({why}): the password was not sent. Where nobody else can listen, \
         choose TLS off"
    )]
    NotPrivate {
        /// The server.
        server: String,
        /// What was met.
        why: String,
    },
    /// It speaks, but not PostgreSQL's protocol, or lost the thread.
    #[error("{server} answered what is not PostgreSQL's protocol ({why}): check the address and the port")]
    NotPostgres {
        /// The server.
        server: String,
        /// What was met.
        why: String,
    },
    /// No answer in time.
    #[error("{server} did not answer within {seconds} s: it hangs or is overloaded; try again later")]
    Silent {
        /// The server.
        server: String,
        /// How long was waited.
        seconds: u64,
    },
    /// More than is safe to hold.
    #[error("{server} sent more than {megabytes} MB in one answer, which is not read")]
    TooLarge {
        /// The server.
        server: String,
        /// The limit.
        megabytes: usize,
    },
    /// The server refuses.
    #[error("{server} refuses: {message}{}", advice(.code))]
    Refused {
        /// The server.
        server: String,
        /// The SQLSTATE.
        code: String,
        /// The server's explanation.
        message: String,
    },
    /// Somebody asked to stop.
    #[error("stopped on request")]
    Cancelled,
}

fn advice(code: &str) -> &'static str {
    match code {
        "28P01" | "28000" => ": check the user and the password",
        "3D000" => ": check the database's name",
        "42501" => ": give a user that may connect to this database",
        "53300" => ": the server has no connection left; try again later",
        "57014" => ": it took too long",
        "57P03" => ": the server is starting; try again in a moment",
        _ => "",
    }
}
