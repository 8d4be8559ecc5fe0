//! What programs put into a data file beside the data: pandas' index, a table's comment, Arrow's own schema.

use serde_json::{Map, Value};

/// The longest value that is kept as it is.
const LONGEST: usize = 64 << 10;

/// Facets of the key-value metadata: pandas' by itself, everything else that is text as it is.
pub(crate) fn metadata(said: &[(&str, &str)]) -> Vec<(&'static str, Value)> {
    let mut facets = Vec::new();
    let mut rest = Map::new();
    for (key, value) in said.iter().take(1_000) {
        match *key {
            // The same schema again, in Arrow's own bytes.
            "ARROW:schema" => {}
            "pandas" if value.len() <= LONGEST => {
                if let Ok(pandas) = catena_ingest::json::read(value.as_bytes(), &Default::default()) {
                    facets.push(("pandas", pandas));
                }
            }
            _ if value.len() <= LONGEST => {
                rest.insert((*key).to_owned(), (*value).into());
            }
            _ => {
                rest.insert((*key).to_owned(), format!("({} bytes, left out)", value.len()).into());
            }
        }
    }
    if !rest.is_empty() {
        facets.push(("metadata", Value::Object(rest)));
    }
    facets
}
