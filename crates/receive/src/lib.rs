//! The listeners that systems send to: one gate, one commit queue, one file per protocol.
//!
//! A receiver is off until somebody switches it on, and then reachable from this machine only. What arrives passes the
//! [`gate`] (who may come in, with what, for which route), is read within [`limits`], turned into records by its
//! protocol, and stored by the one commit queue ([`commit`]). Only then is it acknowledged: a client that was told "yes" finds its
//! event in the catalog even if the machine loses power in the next instant. What can't be taken goes to the
//! dead-letter list with its reason; the rest goes on.
//!
//! # Adding a protocol
//!
//! 1. Write `src/NAME.rs` with a type that implements [`Protocol`](protocol::Protocol), as `openlineage.rs` does:
//!    * `routes`: every method and path that it answers, with the content types that it takes and whether it
//!      [writes](route::Effect). What is not in this table is refused before the protocol sees it; a GET that writes
//!      does not compile.
//!    * `answer`: gets a [`Request`](protocol::Request) (route, path parameters, query, decoded body) and a
//!      [`Desk`](desk::Desk). Turn the body into [`Piece`](commit::Piece)s (a record or a rejection, with the bytes it
//!      came from), hand them to [`Desk::keep`](desk::Desk::keep), and answer once it returns. Each piece is stored or
//!      rejected by itself; the receipt says which were rejected and why.
//!    * `reread`: makes pieces of the raw bytes of a dead letter again, for replay.
//!    * `refuse`: only when clients expect errors in a form of their own.
//! 2. Add `pub mod NAME;` below and a line in [`protocol::all`]; the use cases and the window then offer it. Tell what
//!    to paste into its clients in `receivers/snippet.rs` of `catena-app`, and give it an option in `serve.rs` of
//!    `catena-cli`.
//!
//! Content encodings (gzip, deflate, zstd) are undone before `answer`. Where a protocol compresses parts of a body by
//! itself (gRPC messages), use [`body::decode`], which has the same caps.

pub mod body;
pub mod commit;
pub mod desk;
pub mod gate;
pub mod langsmith;
pub mod limits;
pub mod listen;
pub mod mlflow;
pub mod openlineage;
pub mod otlp_grpc;
pub mod otlp_http;
mod otlp_pieces;
pub mod protocol;
pub mod quota;
pub mod refusal;
pub mod route;
mod sitting;
pub mod stats;
pub mod token;

pub use listen::House;
