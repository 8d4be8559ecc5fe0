//! The way through a workspace: catalogs, their schemas, and what is in each.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use catena_ingest::unity::{Around, Mapping, Sort, full_name, has_upstream};
use catena_model::statement::Read;
use serde_json::{Value, json};

use super::Place;
use crate::{
    connector::{Cursor, Progress},
    handover::{Out, Stop},
    http::{Client, HttpError},
    listing::{Listing, Paging, left_out, segment},
};

const API: &str = "api/2.1/unity-catalog";
const PAGING: Paging = Paging { parameter: "page_token", next: "/next_page_token" };

/// How many catalogs, schemas, models' versions and tags are held at once.
const MOST_HELD: usize = 100_000;

/// How many tables are asked for at once; the API gives no more.
const TABLES_AT_ONCE: &str = "50";

/// What is everybody's, and not read unless it is chosen.
const NOT_THEIRS: &[&str] = &["system", "samples", "__databricks_internal"];

/// The latest change that was seen.
#[derive(Debug, Clone)]
pub(super) struct Seen(Arc<AtomicI64>);

impl Seen {
    pub(super) fn new(newest: i64) -> Self {
        Self(Arc::new(AtomicI64::new(newest)))
    }

    pub(super) fn newest(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }

    fn see(&self, object: &Value) {
        self.0.fetch_max(object["updated_at"].as_i64().unwrap_or(0), Ordering::Relaxed);
    }
}

pub(super) struct Walk {
    client: Client,
    mapping: Mapping,
    out: Out,
    chosen: Option<String>,
    detail: Detail,
    /// Whether the workspace has tags and lineage at all.
    has_tags: Option<bool>,
    has_lineage: Option<bool>,
    done: u64,
}

/// Of what tags and lineage are asked for.
#[derive(Debug, Clone, Copy)]
struct Detail {
    tables: bool,
    column_lineage: bool,
    column_tags: bool,
}

/// The catalogs that were chosen, or all that are somebody's.
pub(super) async fn catalogs(client: &Client, chosen: Option<&str>) -> Result<Vec<Value>, HttpError> {
    let mut all = Listing::new(client, format!("{API}/catalogs"), Vec::new(), "/catalogs", PAGING)
        .all(MOST_HELD)
        .await?;
    let chosen: Option<Vec<&str>> = chosen.map(|names| names.split(',').map(str::trim).collect());
    all.retain(|catalog| {
        let name = catalog["name"].as_str().unwrap_or_default();
        match &chosen {
            Some(chosen) => chosen.contains(&name),
            None => !name.is_empty() && !NOT_THEIRS.contains(&name),
        }
    });
    sort(&mut all);
    Ok(all)
}

fn sort(objects: &mut [Value]) {
    objects.sort_by_key(|object| full_name(object).unwrap_or_default());
}

impl Walk {
    pub(super) fn new(
        client: Client,
        mapping: Mapping,
        out: Out,
        chosen: Option<String>,
        detail: &str,
    ) -> Self {
        let detail = Detail {
            tables: detail != "none",
            column_lineage: detail != "none" && detail != "tables",
            column_tags: detail == "columns",
        };
        Self { client, mapping, out, chosen, detail, has_tags: None, has_lineage: None, done: 0 }
    }

    pub(super) async fn run(mut self, mut place: Place, seen: Seen) -> Result<(), Stop> {
        for catalog in catalogs(&self.client, self.chosen.as_deref()).await? {
            let name = catalog["name"].as_str().unwrap_or_default().to_owned();
            self.object(Sort::Catalog, "catalogs", &catalog, &place, &seen).await?;
            let query = vec![("catalog_name", name.clone())];
            let mut schemas = self.listed("schemas", query, "/schemas", &format!("catalog {name}")).await?;
            sort(&mut schemas);
            for schema in schemas {
                let whole = full_name(&schema).unwrap_or_default();
                let Some(short) = schema["name"].as_str().map(str::to_owned) else { continue };
                if whole <= place.after || short == "information_schema" {
                    continue;
                }
                self.object(Sort::Schema, "schemas", &schema, &place, &seen).await?;
                self.schema(&name, &short, &place, &seen).await?;
                place.after = whole;
                place.newest = seen.newest();
                self.out.portion(Vec::new(), Cursor::at(&place)).await?;
            }
        }
        Ok(())
    }

    async fn schema(&mut self, catalog: &str, schema: &str, place: &Place, seen: &Seen) -> Result<(), Stop> {
        self.tables(catalog, schema, place, seen).await?;
        let at = format!("{catalog}.{schema}");
        let query = || vec![("catalog_name", catalog.to_owned()), ("schema_name", schema.to_owned())];
        for volume in self.listed("volumes", query(), "/volumes", &format!("volumes of {at}")).await? {
            self.object(Sort::Volume, "volumes", &volume, place, seen).await?;
        }
        for function in self.listed("functions", query(), "/functions", &format!("functions of {at}")).await?
        {
            self.object(Sort::Function, "", &function, place, seen).await?;
        }
        for model in self.listed("models", query(), "/registered_models", &format!("models of {at}")).await? {
            self.model(&model, place, seen).await?;
        }
        Ok(())
    }

    async fn tables(&mut self, catalog: &str, schema: &str, place: &Place, seen: &Seen) -> Result<(), Stop> {
        let client = self.client.clone();
        let query = vec![
            ("catalog_name", catalog.to_owned()),
            ("schema_name", schema.to_owned()),
            ("max_results", TABLES_AT_ONCE.to_owned()),
        ];
        let mut listing = Listing::new(&client, format!("{API}/tables"), query, "/tables", PAGING);
        loop {
            let page = match listing.next().await {
                Ok(Some(page)) => page,
                Ok(None) => return Ok(()),
                Err(error) => return self.leave_out(&format!("tables of {catalog}.{schema}"), error).await,
            };
            let mut reads = Vec::new();
            for table in page {
                seen.see(&table);
                reads.extend(self.table(&table, place.since).await?);
                self.done += 1;
            }
            self.out.portion(reads, Cursor::at(place)).await?;
            self.out.progress(Progress { stage: "tables".to_owned(), done: self.done, of: None }).await?;
        }
    }

    async fn table(&mut self, table: &Value, since: i64) -> Result<Vec<Read>, Stop> {
        let mut around = Around::default();
        let Some(name) = full_name(table) else { return Ok(self.mapping.table(table, &around)) };
        let changed = is_new(table, since);
        if self.detail.tables {
            around.lineage =
                self.lineage("table", &json!({"table_name": name, "include_entity_lineage": true})).await?;
        }
        if !changed && around.lineage.as_ref().is_none_or(|lineage| !has_upstream(lineage)) {
            return Ok(Vec::new());
        }
        if self.detail.tables {
            around.tags = self.tags("tables", &name).await?;
        }
        let upstream = around.lineage.as_ref().is_some_and(has_upstream);
        for column in table["columns"].as_array().into_iter().flatten() {
            let Some(column) = column["name"].as_str() else { continue };
            if self.detail.column_lineage && upstream {
                let asked = json!({"table_name": name, "column_name": column});
                if let Some(lineage) = self.lineage("column", &asked).await? {
                    around.column_lineage.push((column.to_owned(), lineage));
                }
            }
            if self.detail.column_tags
                && let Some(tags) = self.tags("columns", &format!("{name}.{column}")).await?
            {
                around.column_tags.push((column.to_owned(), tags));
            }
        }
        Ok(self.mapping.table(table, &around))
    }

    async fn model(&mut self, listed: &Value, place: &Place, seen: &Seen) -> Result<(), Stop> {
        seen.see(listed);
        let Some(name) = full_name(listed) else { return Ok(()) };
        // Listed, a model doesn't say which of its versions bear a name.
        let path = format!("{API}/models/{}", segment(&name));
        let model: Value = match self.client.get(&path, &[("include_aliases", "true")]).await {
            Ok(answer) => answer.read()?,
            Err(error) if left_out(&error).is_some() => listed.clone(),
            Err(error) => return Err(error.into()),
        };
        let mut reads = self.mapping.object(Sort::Model, &model, None);
        let versions = format!("models/{}/versions", segment(&name));
        for version in
            self.listed(&versions, Vec::new(), "/model_versions", &format!("versions of {name}")).await?
        {
            seen.see(&version);
            reads.extend(self.mapping.model_version(&model, &version));
        }
        self.out.portion(reads, Cursor::at(place)).await?;
        Ok(())
    }

    async fn object(
        &mut self,
        sort: Sort,
        tagged: &str,
        object: &Value,
        place: &Place,
        seen: &Seen,
    ) -> Result<(), Stop> {
        seen.see(object);
        if !is_new(object, place.since) {
            return Ok(());
        }
        let tags = match full_name(object) {
            Some(name) if self.detail.tables && !tagged.is_empty() => self.tags(tagged, &name).await?,
            _ => None,
        };
        let reads = self.mapping.object(sort, object, tags.as_deref());
        Ok(self.out.portion(reads, Cursor::at(place)).await?)
    }

    async fn listed(
        &self,
        path: &str,
        query: Vec<(&str, String)>,
        items: &'static str,
        what: &str,
    ) -> Result<Vec<Value>, Stop> {
        let listing = Listing::new(&self.client, format!("{API}/{path}"), query, items, PAGING);
        match listing.all(MOST_HELD).await {
            Ok(all) => Ok(all),
            Err(error) => self.leave_out(what, error).await.map(|()| Vec::new()),
        }
    }

    async fn leave_out(&self, what: &str, error: HttpError) -> Result<(), Stop> {
        match left_out(&error) {
            Some(why) => Ok(self.out.note(what, why).await?),
            None => Err(error.into()),
        }
    }

    async fn tags(&mut self, sort: &str, name: &str) -> Result<Option<Vec<Value>>, Stop> {
        if self.has_tags == Some(false) {
            return Ok(None);
        }
        let path = format!("{API}/entity-tag-assignments/{sort}/{}/tags", segment(name));
        let listing = Listing::new(&self.client, path, Vec::new(), "/tag_assignments", PAGING);
        match listing.all(MOST_HELD).await {
            Ok(tags) => {
                self.has_tags = Some(true);
                Ok(Some(tags))
            }
            Err(error) => {
                if error.is_missing() && self.has_tags.is_none() {
                    self.has_tags = Some(false);
                }
                self.leave_out("tags", error).await.map(|()| None)
            }
        }
    }

    async fn lineage(&mut self, of: &str, asked: &Value) -> Result<Option<Value>, Stop> {
        if self.has_lineage == Some(false) {
            return Ok(None);
        }
        match self.client.get_with(&format!("api/2.0/lineage-tracking/{of}-lineage"), asked).await {
            Ok(answer) => {
                self.has_lineage = Some(true);
                Ok(Some(answer.read()?))
            }
            Err(error) => {
                if error.is_missing() && self.has_lineage.is_none() {
                    self.has_lineage = Some(false);
                }
                self.leave_out("lineage", error).await.map(|()| None)
            }
        }
    }
}

/// Whether it was changed since; what doesn't say when is read each time.
fn is_new(object: &Value, since: i64) -> bool {
    object["updated_at"].as_i64().is_none_or(|at| at >= since)
}
