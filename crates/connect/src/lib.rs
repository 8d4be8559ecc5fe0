//! Remote systems, one folder each: what can be read from them and how.
//!
//! - [`connector`]: what every such system looks like from here.
//! - [`registry`]: the list of them.
//! - [`http`]: the one way out to a server.
//! - [`mlflow`]: MLflow, as a server or as a file.
//! - [`marquez`]: the OpenLineage events that a server keeps.
//! - [`dbt_docs`]: the artifacts of a dbt project that a server shows.
//! - [`chroma`]: Chroma's collections and their records.
//! - [`snowflake`]: what a Snowflake account says of its tables.
//! - [`datahub`]: DataHub's entities and their aspects.
//! - [`openmetadata`]: OpenMetadata's entities.
//! - [`nexla`]: Nexla's flows, made after its documentation.
//! - [`unity`]: Databricks' Unity Catalog.
//! - [`vectors`]: the collections of Qdrant, Weaviate, Pinecone, Milvus, pgvector and LanceDB.
//! - [`objects`]: what is in S3's buckets and in folders.
//! - [`postgres`], [`sqlite`]: what databases say of their own tables.

pub mod cancel;
pub mod chroma;
pub mod connector;
pub mod datahub;
pub mod dbt_docs;
pub mod http;
pub mod marquez;
pub mod mlflow;
pub mod nexla;
pub mod objects;
pub mod openmetadata;
pub mod pause;
pub mod postgres;
pub mod registry;
pub mod secret;
pub mod snowflake;
pub mod sqlite;
pub mod unity;
pub mod vectors;

mod handover;
mod listing;
mod named_server;
