//! Who acts, and through what.

use serde::{Deserialize, Serialize};

/// Who makes an operation.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Actor {
    /// Somebody at this machine or hub.
    Person {
        /// The name that they go by here.
        name: String,
    },
    /// A program that acts for a person.
    Agent {
        /// The agent's own name.
        name: String,
        /// The person that it acts for.
        on_behalf_of: String,
    },
    /// A rule, importer or receiver of Catena's own.
    Catena,
}

/// Through what an operation came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The window.
    Window,
    /// The command line.
    CommandLine,
    /// A file, folder or server read on request.
    Import,
    /// A listener that systems send to.
    Receiver,
    /// A remote catalog kept in step.
    Connector,
    /// An agent's tool call.
    Mcp,
    /// The team's hub.
    Hub,
}

/// Who acts, through what, and as part of what: given with every operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// Who.
    pub actor: Actor,
    /// Through what.
    pub origin: Origin,
    /// What the operation is part of, when it is not a whole by itself.
    pub cause: Option<crate::id::CauseId>,
}
