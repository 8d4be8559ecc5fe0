//! S3 and what speaks as it does (MinIO, Ceph, R2): buckets and their objects.

use std::sync::Arc;

use catena_ingest::objects::{Item, Object, s3};
use catena_model::{statement::Read, time::Timestamp};
use serde_json::{Map, Value, json};
use tokio::runtime::Handle;

use super::{
    BOUND, NAMED, PORTION, Place, bound,
    content::{self, CONTENTS},
    cut, mapping,
    remote::Remote,
    sign::Signer,
};
use crate::{
    cancel::Cancel,
    connector::{Connector, Cursor, Done, Found, Probe, Progress, ReadError, Sink},
    handover::{Out, Stop, fetching},
    http::{Client, HttpError, segment},
    named_server::NamedServer,
    pause::Pending,
    registry::{Address, FormField, Proof, Settings, System},
    secret::Credential,
};

/// S3 in the list of systems.
pub(crate) const SYSTEM: System = System::new(
    "s3",
    "S3",
    "a bucket (s3://bucket/folder) or the address of a store that speaks as S3 does (http://host:9000)",
    open,
)
.asking(
    "s3://lake/warehouse",
    Proof::Password,
    &[
        FormField {
            key: "user",
            label: "Access key",
            hint: "Its id; the secret is its secret. Left empty, nothing is signed, as public buckets take it.",
            choices: &[],
        },
        FormField { key: "region", label: "Region", hint: "us-east-1 when left empty.", choices: &[] },
        FormField {
            key: "bucket",
            label: "Bucket",
            hint: "One of them, and maybe a folder in it (lake/warehouse); all when left empty.",
            choices: &[],
        },
        BOUND,
        CONTENTS,
    ],
);

/// What is expected at the address, for messages.
const EXPECTED: &str = "a store that speaks as S3 does";

/// Of how many objects the tags are asked for in one reading: each is a request.
const TAGGED: usize = 1_000;

fn open(address: &Address, settings: Settings) -> Result<Box<dyn Connector>, ReadError> {
    let url = address.url("a bucket, such as s3://lake, or the address of a store")?;
    let region = settings.option("region").unwrap_or("us-east-1").to_owned();
    let mut within = settings.option("bucket").map(str::to_owned);
    let server = match url.strip_prefix("s3://") {
        None => NamedServer::new(url, settings.clone())?,
        Some(bucket) => {
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
            if !region.chars().all(plain) {
                return Err(ReadError::Unknown { address: region, why: "it is no region of AWS".to_owned() });
            }
            within = within.or_else(|| Some(bucket.to_owned()));
            NamedServer::new(&format!("https://s3.{region}.amazonaws.com"), settings.clone())?
        }
    };
    let within = within.map(|text| {
        let (bucket, folder) = text.trim_matches('/').split_once('/').unwrap_or((text.trim_matches('/'), ""));
        (bucket.to_owned(), if folder.is_empty() { String::new() } else { format!("{folder}/") })
    });
    let (bound, contents) = (bound(&settings)?, content::bound(&settings)?);
    let within = within.filter(|(bucket, _)| !bucket.is_empty());
    Ok(Box::new(Buckets { server, region, within, bound, contents }))
}

struct Buckets {
    server: NamedServer,
    region: String,
    /// The only bucket, and the folder in it.
    within: Option<(String, String)>,
    bound: usize,
    /// How many files are looked into.
    contents: usize,
}

impl Buckets {
    async fn api(&self, cancel: &Cancel) -> Result<Api, HttpError> {
        let client = self.server.client(EXPECTED, cancel).await?;
        let client = match &self.server.credential {
            Some(Credential::Basic { user, password }) if !user.is_empty() => {
                client.signed(Arc::new(Signer {
                    id: user.clone(),
                    secret: password.clone(),
                    region: self.region.clone(),
                    clock: Arc::clone(&self.server.settings.clock),
                }))
            }
            _ => client,
        };
        Ok(Api { client })
    }

    async fn buckets(&self, api: &Api) -> Result<Vec<(String, String)>, HttpError> {
        match &self.within {
            Some(one) => Ok(vec![one.clone()]),
            None => {
                let mut all = api.buckets().await?;
                all.sort();
                Ok(all.into_iter().map(|bucket| (bucket, String::new())).collect())
            }
        }
    }
}

impl Connector for Buckets {
    fn probe<'a>(&'a self, cancel: &'a Cancel) -> Pending<'a, Result<Probe, ReadError>> {
        Box::pin(async move {
            let api = self.api(cancel).await?;
            let buckets = self.buckets(&api).await?;
            // A name that was given may be that of no bucket.
            if let (Some(_), [(bucket, folder)]) = (&self.within, buckets.as_slice()) {
                api.page(bucket, folder, None, 1).await?;
            }
            Ok(Probe {
                system: "S3".to_owned(),
                version: None,
                namespace: match buckets.as_slice() {
                    [(bucket, _)] => format!("s3://{bucket}"),
                    _ => "s3://".to_owned(),
                },
                found: vec![Found::new("buckets", buckets.len() as u64)],
                notes: Vec::new(),
            })
        })
    }

    fn read<'a>(
        &'a self,
        from: Option<&'a Cursor>,
        sink: &'a mut dyn Sink,
        cancel: &'a Cancel,
    ) -> Pending<'a, Result<Done, ReadError>> {
        Box::pin(async move {
            let place = from.map(Cursor::place::<Place>).transpose()?.unwrap_or_default();
            let api = self.api(cancel).await?;
            let buckets = self.buckets(&api).await?;
            let began = self.server.settings.clock.now();
            let instance = self.server.endpoint.authority();
            let (bound, contents) = (self.bound, self.contents);
            let mut last = LastPlace { sink, place: place.clone() };
            let fetch = |out| {
                Walk {
                    api,
                    out,
                    instance,
                    bound,
                    contents,
                    at: began,
                    tagged: 0,
                    looked_into: 0,
                    unreachable: 0,
                }
                .run(buckets, place)
            };
            let mut done = fetching(fetch, &mut last, cancel).await?;
            if !done.stopped {
                done.next = Some(last.place.next(began));
            }
            Ok(done)
        })
    }
}

/// Remembers the last place, which tells where the next reading begins.
struct LastPlace<'s> {
    sink: &'s mut dyn Sink,
    place: Place,
}

impl Sink for LastPlace<'_> {
    fn take(&mut self, reads: Vec<Read>, cursor: Cursor) -> std::ops::ControlFlow<()> {
        if let Ok(place) = cursor.place() {
            self.place = place;
        }
        self.sink.take(reads, cursor)
    }

    fn progress(&mut self, progress: Progress) {
        self.sink.progress(progress);
    }
}

struct Api {
    client: Client,
}

impl Api {
    fn unreadable(&self) -> HttpError {
        self.client.unreadable("", "it is not what S3 answers")
    }

    async fn buckets(&self) -> Result<Vec<String>, HttpError> {
        s3::buckets(&self.client.text("", &[]).await?).ok_or_else(|| self.unreadable())
    }

    async fn page(
        &self,
        bucket: &str,
        prefix: &str,
        token: Option<&str>,
        most: usize,
    ) -> Result<s3::Page, HttpError> {
        let most = most.min(1_000).to_string();
        let mut query = vec![("list-type", "2"), ("encoding-type", "url"), ("max-keys", most.as_str())];
        query.push(("prefix", prefix));
        query.extend(token.map(|token| ("continuation-token", token)));
        s3::objects(&self.client.text(&segment(bucket), &query).await?).ok_or_else(|| self.unreadable())
    }

    /// A part of what is known of a bucket or object, where it may be asked for.
    async fn part(&self, path: &str, what: &str) -> Result<Option<String>, HttpError> {
        match self.client.text(path, &[(what, "")]).await {
            Ok(xml) => Ok(Some(xml)),
            Err(HttpError::Refused { status: 400 | 401 | 403 | 404 | 405 | 501, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

struct Walk {
    api: Api,
    out: Out,
    instance: String,
    bound: usize,
    contents: usize,
    at: Timestamp,
    tagged: usize,
    /// How many files were looked into, and how many could not be.
    looked_into: usize,
    unreachable: usize,
}

impl Walk {
    async fn run(mut self, buckets: Vec<(String, String)>, mut place: Place) -> Result<(), Stop> {
        for (bucket, prefix) in buckets {
            if bucket < place.bucket {
                continue;
            }
            if bucket != place.bucket {
                (place.bucket, place.after) = (bucket.clone(), String::new());
            }
            self.bucket(&bucket, &prefix, &mut place).await?;
        }
        Ok(())
    }

    async fn bucket(&mut self, bucket: &str, prefix: &str, place: &mut Place) -> Result<(), Stop> {
        let path = segment(bucket);
        let mut facet = Map::new();
        let versioning = self.api.part(&path, "versioning").await?.and_then(|xml| s3::versioning(&xml));
        facet.extend(versioning.map(|word| ("versioning".to_owned(), Value::from(word))));
        let tags = self.api.part(&path, "tagging").await?.map(|xml| s3::tags(&xml)).unwrap_or_default();
        if !tags.is_empty() {
            let tags: Map<String, Value> = tags.into_iter().map(|(key, value)| (key, value.into())).collect();
            facet.insert("tags".to_owned(), tags.into());
        }
        let objects = self.list(bucket, prefix).await?;
        facet.insert("listed".to_owned(), json!(objects.len()));
        let mapping = mapping(&self.instance, bucket, self.at);
        self.out.portion(vec![mapping.bucket(bucket, Value::Object(facet))], Cursor::at(place)).await?;
        let items = place.items(objects);
        let (of, mut done) = (items.len() as u64, 0);
        for some in items.chunks(PORTION) {
            let mut reads = Vec::with_capacity(some.len());
            for item in some {
                reads.push(match item {
                    Item::File(object) => mapping.item(&Item::File(self.tagged(bucket, object).await?)),
                    table @ Item::Table(_) => mapping.item(table),
                });
                reads.extend(self.looked_into(bucket, item).await?);
            }
            done += some.len() as u64;
            place.after = some.last().map(|item| super::key(item).to_owned()).unwrap_or_default();
            self.out.portion(reads, Cursor::at(place)).await?;
            let progress = Progress { stage: format!("objects of {bucket}"), done, of: Some(of) };
            self.out.progress(progress).await?;
        }
        Ok(())
    }

    async fn list(&self, bucket: &str, prefix: &str) -> Result<Vec<Object>, Stop> {
        let (mut objects, mut token, mut empty) = (Vec::new(), None::<String>, 0);
        loop {
            let page = self.api.page(bucket, prefix, token.as_deref(), 1_000).await?;
            empty = if page.objects.is_empty() { empty + 1 } else { 0 };
            if page.next.is_some() && (page.next == token || empty > 100) {
                let (url, what) = (self.api.client.endpoint().origin(), format!("objects of {bucket}"));
                return Err(HttpError::Endless { url, what }.into());
            }
            // Consoles make an empty object for a folder.
            objects.extend(page.objects.into_iter().filter(|object| !object.key.ends_with('/')));
            token = page.next;
            if objects.len() > self.bound || (objects.len() == self.bound && token.is_some()) {
                objects.truncate(self.bound);
                self.out.note(&format!("objects of {bucket}"), cut(self.bound)).await?;
                return Ok(objects);
            }
            if token.is_none() {
                return Ok(objects);
            }
            let listed =
                Progress { stage: format!("listing {bucket}"), done: objects.len() as u64, of: None };
            self.out.progress(listed).await?;
        }
    }

    /// What the file, or the first of a table's, says of itself.
    async fn looked_into(&mut self, bucket: &str, item: &Item) -> Result<Vec<Read>, Stop> {
        let Some((file, size)) = content::telling_file(item).map(str::to_owned).zip(size(item)) else {
            return Ok(Vec::new());
        };
        if self.contents == 0 && self.looked_into == 0 {
            return Ok(Vec::new());
        }
        if self.contents == 0 {
            let why = "no more files were looked into than was chosen".to_owned();
            self.out.note("contents", why).await?;
            return Ok(Vec::new());
        }
        self.contents -= 1;
        self.looked_into += 1;
        let (client, namespace, item) = (self.api.client.clone(), format!("s3://{bucket}"), item.clone());
        let mut remote = Remote::new(client, path_of(bucket, &file), size, Handle::current());
        let read = tokio::task::spawn_blocking(move || content::read(&namespace, &item, &mut remote));
        match read.await.map_err(|error| ReadError::Broken(error.to_string()))? {
            Ok(reads) => Ok(reads),
            Err(why) => {
                self.unreachable += 1;
                if self.unreachable <= NAMED {
                    self.out.note(&format!("contents of {file}"), why).await?;
                }
                Ok(Vec::new())
            }
        }
    }

    /// The object with its tags, as long as not too many were asked for.
    async fn tagged(&mut self, bucket: &str, object: &Object) -> Result<Object, Stop> {
        if self.tagged >= TAGGED {
            let why = format!("they were asked for of the first {TAGGED} objects only");
            self.out.note("tags of objects", why).await?;
            return Ok(object.clone());
        }
        self.tagged += 1;
        let found = self.api.part(&path_of(bucket, &object.key), "tagging").await?;
        Ok(Object { tags: found.map(|xml| s3::tags(&xml)).unwrap_or_default(), ..object.clone() })
    }
}

fn path_of(bucket: &str, key: &str) -> String {
    let key: Vec<String> = key.split('/').map(segment).collect();
    format!("{}/{}", segment(bucket), key.join("/"))
}

/// How long the file is that tells what the thing is.
fn size(item: &Item) -> Option<u64> {
    match item {
        Item::File(object) => Some(object.size),
        Item::Table(table) => table.first_size,
    }
}
