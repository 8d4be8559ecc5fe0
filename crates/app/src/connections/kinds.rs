//! What can be connected, and what each needs: the form is made from it.

use catena_connect::registry::{Proof, SYSTEMS};
use serde::Serialize;
use ts_rs::TS;

use crate::{App, AppError, client::Nothing};

/// A sort of system that can be connected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ConnectionKind {
    /// Its word.
    pub kind: String,
    /// Its name.
    pub title: String,
    /// What may be given as the address.
    pub takes: String,
    /// An address as it could be.
    pub example: String,
    /// What its secret is called; none when it takes none.
    pub secret: Option<String>,
    /// What else can be chosen.
    pub fields: Vec<ConnectionField>,
}

/// Something that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ConnectionField {
    /// Its key among the options.
    pub key: String,
    /// What it is called.
    pub label: String,
    /// What it does.
    pub hint: String,
    /// What can be chosen; anything when empty.
    pub choices: Vec<String>,
}

/// Every sort of system that can be connected.
pub fn kinds(_: &App, _: Nothing) -> Result<Vec<ConnectionKind>, AppError> {
    let field = |field: &catena_connect::registry::FormField| ConnectionField {
        key: field.key.to_owned(),
        label: field.label.to_owned(),
        hint: field.hint.to_owned(),
        choices: field.choices.iter().map(|&choice| choice.to_owned()).collect(),
    };
    let kind = |system: &catena_connect::registry::System| ConnectionKind {
        kind: system.key.to_owned(),
        title: system.title.to_owned(),
        takes: system.takes.to_owned(),
        example: system.example.to_owned(),
        secret: match system.proof {
            Proof::Nothing => None,
            Proof::TokenOrPassword => Some("Token or password".to_owned()),
            Proof::Password => Some("Password".to_owned()),
        },
        fields: system.form.iter().map(field).collect(),
    };
    Ok(SYSTEMS.iter().map(kind).collect())
}
