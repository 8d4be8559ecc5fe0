//! Where data is, from the addresses that programs write down: named as OpenLineage names it.

/// Schemes of databases, whose address has no place for a table's name.
const DATABASES: &[&str] = &[
    "duckdb",
    "sqlite",
    "postgres",
    "postgresql",
    "mysql",
    "mariadb",
    "mssql",
    "oracle",
    "snowflake",
    "redshift",
    "trino",
    "presto",
    "databricks",
    "clickhouse",
    "hive",
    "bigquery",
    "cassandra",
    "teradata",
    "spark",
];

/// The namespace of the database at `uri`, without who logs in and how.
pub(crate) fn database(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once("://")?;
    // SQLAlchemy puts the driver behind the scheme.
    let scheme = scheme.split('+').next().unwrap_or(scheme).to_lowercase();
    if !DATABASES.contains(&scheme.as_str()) {
        return None;
    }
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    if matches!(scheme.as_str(), "duckdb" | "sqlite") {
        // These are files, so the path is which database it is.
        return Some(format!("{scheme}://{rest}"));
    }
    let scheme = if scheme == "postgresql" { "postgres" } else { &scheme };
    let authority = rest.split('/').next().unwrap_or(rest);
    Some(format!("{scheme}://{}", without_login(authority)))
}

fn without_login(authority: &str) -> &str {
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

/// The namespace and name of the file, folder or page at `uri`; `None` when that doesn't say where it is.
pub(crate) fn file(uri: &str) -> Option<(String, String)> {
    if let Some(path) = uri.strip_prefix("file:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        let path =
            if path.starts_with('/') { path } else { path.find('/').map_or(path, |start| &path[start..]) };
        return Some(("file".to_owned(), path.to_owned()));
    }
    let drive =
        uri.as_bytes().get(1) == Some(&b':') && uri.as_bytes().first().is_some_and(u8::is_ascii_alphabetic);
    if uri.starts_with('/') || drive {
        return Some(("file".to_owned(), uri.to_owned()));
    }
    if let Some(path) = uri.strip_prefix("dbfs:/") {
        return Some(("dbfs".to_owned(), format!("/{}", path.trim_start_matches('/'))));
    }
    let (scheme, rest) = uri.split_once("://")?;
    let scheme = match scheme.to_lowercase().as_str() {
        "s3a" | "s3n" => "s3".to_owned(),
        "runs" | "models" | "mlflow-artifacts" => return None,
        scheme => scheme.to_owned(),
    };
    // A query or fragment is how to get at the file, and may hold a signature.
    let rest = if scheme.starts_with("http") { rest.split(['?', '#']).next().unwrap_or(rest) } else { rest };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    // In these, what stands before the @ is the container, not a login.
    let authority = match scheme.as_str() {
        "wasb" | "wasbs" | "abfs" | "abfss" => authority,
        _ => without_login(authority),
    };
    let path = if path.is_empty() { "/" } else { path };
    Some((format!("{scheme}://{authority}"), path.to_owned()))
}
