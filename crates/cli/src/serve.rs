//! `catena serve`: receivers without a window.

use std::{io::Write, process::ExitCode};

use catena_app::{App, AppError, error::Trouble, receivers};
use clap::Args;

/// Which receivers, and where.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Take OpenLineage events at this address of this machine, such as 127.0.0.1:5000; port 0 takes a free one.
    #[arg(long, value_name = "ADDR")]
    openlineage: Option<String>,
    /// Take OpenTelemetry's traces, metrics and logs over HTTP at this address, such as 127.0.0.1:4318.
    #[arg(long, value_name = "ADDR")]
    otlp_http: Option<String>,
    /// Take OpenTelemetry's traces, metrics and logs over gRPC at this address, such as 127.0.0.1:4317.
    #[arg(long, value_name = "ADDR")]
    otlp_grpc: Option<String>,
    /// Take what LangSmith's SDKs send at this address, such as 127.0.0.1:1984: the client's LANGSMITH_ENDPOINT.
    #[arg(long, value_name = "ADDR")]
    langsmith: Option<String>,
    /// Take what MLflow's client logs at this address, such as 127.0.0.1:5001: the client's MLFLOW_TRACKING_URI.
    #[arg(long, value_name = "ADDR")]
    mlflow: Option<String>,
    /// What clients must send; your own token, as the Connections screen shows it, when left out. Other users of this
    /// machine may see it among the running programs.
    #[arg(long, value_name = "TOKEN")]
    token: Option<String>,
}

impl Serve {
    /// Says in one line of JSON, whatever the format, when all listen; then waits to be told to end.
    pub(crate) fn run(&self, app: &App, out: &mut (dyn Write + Send)) -> Result<ExitCode, AppError> {
        let offered = [
            ("openlineage", &self.openlineage),
            ("otlp_http", &self.otlp_http),
            ("otlp_grpc", &self.otlp_grpc),
            ("langsmith", &self.langsmith),
            ("mlflow", &self.mlflow),
        ];
        let wanted: Vec<_> = offered
            .into_iter()
            .filter_map(|(protocol, address)| Some((protocol.to_owned(), address.clone()?)))
            .collect();
        let serving = receivers::serve(app, &wanted, self.token.clone())?;
        let line = serde_json::to_string(&serving.ready)
            .map_err(|error| AppError::new(Trouble::Failed, error.to_string()))?;
        writeln!(out, "{line}").and_then(|()| out.flush()).map_err(|error| {
            AppError::new(Trouble::Failed, format!("the ready line could not be written: {error}"))
        })?;
        serving.until_told(app)?;
        Ok(ExitCode::SUCCESS)
    }
}
