//! What a person chooses for a connection to PostgreSQL.

use crate::registry::FormField;

pub(crate) const USER: FormField = FormField {
    key: "user",
    label: "User",
    hint: "Who logs in; one that may only read is enough.",
    choices: &[],
};

pub(crate) const TLS: FormField = FormField {
    key: "tls",
    label: "TLS",
    hint: "Required when left empty, except for a server on this machine.",
    choices: &["require", "off"],
};

pub(crate) const SCHEMAS: FormField = FormField {
    key: "schemas",
    label: "Schemas",
    hint: "Names with commas between them; all when left empty.",
    choices: &[],
};
