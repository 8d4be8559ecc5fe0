//! What other catalogs' tables are called by the systems that they lie in, as OpenLineage names them.
//!
//! A catalog knows which sort of database a table is in, and seldom its address, so the name is partial: it meets the
//! one table of that name.

use catena_model::name::QualifiedName;

/// The name of the table of these parts (`shop`, `public`, `orders`) in a platform of this name, however it is spelled.
pub(crate) fn name(platform: &str, parts: &[&str]) -> Option<QualifiedName> {
    if parts.iter().any(|part| part.is_empty()) {
        return None;
    }
    let scheme = match platform.to_ascii_lowercase().as_str() {
        "postgres" | "postgresql" => "postgres",
        "redshift" => "redshift",
        "snowflake" => "snowflake",
        "databricks" | "unitycatalog" | "unity-catalog" => "databricks",
        "mssql" | "sqlserver" => "mssql",
        "oracle" => "oracle",
        "trino" | "presto" => "trino",
        "mysql" | "mariadb" => "mysql",
        "hive" => "hive",
        "clickhouse" => "clickhouse",
        "kafka" => "kafka",
        "duckdb" => "duckdb",
        "sqlite" => "sqlite",
        "bigquery" => return QualifiedName::new("bigquery", &parts.join(".")).ok(),
        "s3" => {
            let whole = parts.join(".");
            let (bucket, path) = whole.split_once('/')?;
            return QualifiedName::new(&format!("s3://{bucket}"), path).ok();
        }
        _ => return None,
    };
    let name = match (scheme, parts) {
        // These have databases of tables and no schemas; some catalogs put a word in their place.
        ("mysql" | "hive" | "clickhouse", [.., database, table]) => format!("{database}.{table}"),
        // Unquoted names are in capitals there, and some catalogs write them small.
        ("snowflake", parts) if parts.iter().all(|part| *part == part.to_lowercase()) => {
            parts.join(".").to_uppercase()
        }
        (_, parts) => parts.join("."),
    };
    QualifiedName::new(&format!("{scheme}://*"), &name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_as_openlineage_has_them() {
        let told = |platform, parts: &[&str]| name(platform, parts).map(|name| name.to_string());
        assert_eq!(
            told("Postgres", &["shop", "mart", "daily"]).as_deref(),
            Some("postgres://*/shop.mart.daily")
        );
        assert_eq!(told("Mysql", &["default", "shop", "orders"]).as_deref(), Some("mysql://*/shop.orders"));
        assert_eq!(told("snowflake", &["db", "s", "t"]).as_deref(), Some("snowflake://*/DB.S.T"));
        assert_eq!(told("snowflake", &["DB", "s", "t"]).as_deref(), Some("snowflake://*/DB.s.t"));
        assert_eq!(told("s3", &["lake/raw/orders", "csv"]).as_deref(), Some("s3://lake/raw/orders.csv"));
        assert_eq!(told("looker", &["a"]), None);
        assert_eq!(told("postgres", &["a", ""]), None);
    }
}
