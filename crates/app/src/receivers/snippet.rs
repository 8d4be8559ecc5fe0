//! What to paste into a client so that it sends here.

use serde::Serialize;
use ts_rs::TS;

/// What to paste into one client. `{token}` stands for the token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Snippet {
    /// The client.
    pub client: String,
    /// Where it goes.
    pub into: String,
    /// It.
    pub text: String,
}

fn snippet(client: &str, into: &str, text: String) -> Snippet {
    Snippet { client: client.to_owned(), into: into.to_owned(), text }
}

/// The snippets of a protocol, for a receiver on this port.
pub(super) fn snippets(protocol: &str, port: u16) -> Vec<Snippet> {
    let url = format!("http://127.0.0.1:{port}");
    match protocol {
        "openlineage" => vec![
            snippet(
                "Python",
                "the script, with openlineage-python installed",
                format!(
                    "from openlineage.client import OpenLineageClient\n\
                     from openlineage.client.transport.http import ApiKeyTokenProvider, HttpConfig, HttpTransport\n\
                     \n\
                     client = OpenLineageClient(transport=HttpTransport(HttpConfig(\n    \
                         url=\"{url}\",\n    \
                         auth=ApiKeyTokenProvider({{\"apiKey\": \"{{token}}\"}}),\n\
                     )))"
                ),
            ),
            snippet(
                "dbt",
                "the shell, in the dbt project, with openlineage-dbt installed",
                format!(
                    "export OPENLINEAGE_URL={url}\n\
                     export OPENLINEAGE_API_KEY={{token}}\n\
                     dbt-ol run"
                ),
            ),
            snippet(
                "Airflow",
                "airflow.cfg, with apache-airflow-providers-openlineage installed",
                format!(
                    "[openlineage]\n\
                     namespace = airflow\n\
                     transport = {{\"type\": \"http\", \"url\": \"{url}\", \"endpoint\": \"api/v1/lineage\", \
                     \"auth\": {{\"type\": \"api_key\", \"apiKey\": \"{{token}}\"}}}}"
                ),
            ),
            snippet(
                "curl",
                "the shell, with an event in event.json",
                format!(
                    "curl {url}/api/v1/lineage \\\n  \
                     -H 'Authorization: Bearer {{token}}' \\\n  \
                     -H 'Content-Type: application/json' \\\n  \
                     --data @event.json"
                ),
            ),
        ],
        "otlp_http" => vec![
            snippet(
                "OpenTelemetry",
                "the environment of the program",
                format!(
                    "export OTEL_EXPORTER_OTLP_ENDPOINT={url}\n\
                     export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf\n\
                     export OTEL_EXPORTER_OTLP_HEADERS=\"authorization=Bearer%20{{token}}\""
                ),
            ),
            snippet(
                "OpenLLMetry",
                "the environment of the program, with traceloop-sdk installed",
                format!(
                    "export TRACELOOP_BASE_URL={url}\n\
                     export TRACELOOP_HEADERS=\"authorization=Bearer%20{{token}}\""
                ),
            ),
        ],
        "otlp_grpc" => vec![
            snippet(
                "OpenTelemetry",
                "the environment of the program",
                format!(
                    "export OTEL_EXPORTER_OTLP_ENDPOINT={url}\n\
                     export OTEL_EXPORTER_OTLP_PROTOCOL=grpc\n\
                     export OTEL_EXPORTER_OTLP_INSECURE=true\n\
                     export OTEL_EXPORTER_OTLP_HEADERS=\"authorization=Bearer%20{{token}}\""
                ),
            ),
            snippet(
                "OpenLLMetry",
                "the environment of the program, with traceloop-sdk installed",
                format!(
                    "export TRACELOOP_BASE_URL=127.0.0.1:{port}\n\
                     export TRACELOOP_HEADERS=\"authorization=Bearer%20{{token}}\"\n\
                     export OTEL_EXPORTER_OTLP_INSECURE=true"
                ),
            ),
        ],
        "langsmith" => vec![
            snippet(
                "Python",
                "the environment of the program, with langsmith installed",
                format!(
                    "export LANGSMITH_TRACING=true\n\
                     export LANGSMITH_ENDPOINT={url}\n\
                     export LANGSMITH_API_KEY={{token}}\n\
                     export LANGSMITH_PROJECT=my-project"
                ),
            ),
            snippet(
                "npm",
                "the program, with langsmith installed",
                format!(
                    "import {{ Client }} from \"langsmith\";\n\
                     import {{ traceable }} from \"langsmith/traceable\";\n\
                     \n\
                     const client = new Client({{ apiUrl: \"{url}\", apiKey: \"{{token}}\" }});\n\
                     const answer = traceable(async (question) => ask(question), {{\n  \
                       client, project_name: \"my-project\", tracingEnabled: true,\n\
                     }});\n\
                     // Before the program ends: await client.awaitPendingTraceBatches();"
                ),
            ),
        ],
        "mlflow" => vec![snippet(
            "MLflow",
            "the environment of the program",
            format!(
                "export MLFLOW_TRACKING_URI={url}\n\
                 export MLFLOW_TRACKING_TOKEN={{token}}"
            ),
        )],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_protocol_has_snippets_with_its_address_and_a_place_for_the_token() {
        for protocol in catena_receive::protocol::all() {
            let snippets = snippets(protocol.name(), 5_123);
            assert!(!snippets.is_empty(), "{}", protocol.name());
            for Snippet { client, text, .. } in snippets {
                assert!(text.contains("127.0.0.1:5123") && text.contains("{token}"), "{client}: {text}");
            }
        }
    }
}
