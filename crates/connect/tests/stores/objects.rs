//! S3's listing, signed; and stores that lie.

use catena_connect::{
    cancel::Cancel,
    registry::{Address, System},
    secret::{Credential, Secret},
};

use crate::{
    probe, read,
    support::{Kept, Reply, Request, Stand, settings},
};

fn xml(body: &str) -> Reply {
    Reply::status(200, "Content-Type: application/xml\r\n", body)
}

fn object(key: &str, day: u32) -> String {
    format!(
        "<Contents><Key>{key}</Key><LastModified>2026-11-{day:02}T07:00:00.000Z</LastModified><ETag>&quot;e-{key}&quot;</ETag>\
         <Size>12</Size><StorageClass>STANDARD</StorageClass></Contents>"
    )
}

fn list(objects: &[String], next: Option<&str>) -> Reply {
    let next = next.map_or_else(
        || "<IsTruncated>false</IsTruncated>".to_owned(),
        |token| {
            format!("<IsTruncated>true</IsTruncated><NextContinuationToken>{token}</NextContinuationToken>")
        },
    );
    xml(&format!(
        "<ListBucketResult><EncodingType>url</EncodingType>{next}{}</ListBucketResult>",
        objects.concat()
    ))
}

fn s3(request: &Request) -> Reply {
    let has = |name: &str| request.query.split('&').any(|pair| pair.split('=').next() == Some(name));
    match request.path.as_str() {
        "/" => xml(
            "<ListAllMyBucketsResult><Buckets><Bucket><Name>lake</Name></Bucket></Buckets></ListAllMyBucketsResult>",
        ),
        "/lake" if has("versioning") => {
            xml("<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")
        }
        "/lake" if has("tagging") => Reply::status(404, "", ""),
        "/lake" if has("continuation-token") => list(
            &[
                object("sales/day%3D2026-11-02/part-0.parquet", 24),
                object("raw/a%20b.csv", 1),
                object("docs/opening.md", 24),
            ],
            None,
        ),
        "/lake" => {
            list(&[object("docs/", 1), object("sales/day%3D2026-11-01/part-0.parquet", 1)], Some("t&amp;1"))
        }
        "/lake/raw/a%20b%2Ecsv" if !has("tagging") => {
            assert!(request.headers["range"].starts_with("bytes=0-"));
            Reply::status(206, "Content-Type: text/csv\r\n", "a,b\n1,2\n3,4\n")
        }
        "/lake/docs/opening%2Emd" if !has("tagging") => Reply::status(206, "", "# Opening"),
        path if path.starts_with("/lake/sales/") && !has("tagging") => Reply::status(404, "", ""),
        _ if has("tagging") => {
            xml("<Tagging><TagSet><Tag><Key>pii</Key><Value>no</Value></Tag></TagSet></Tagging>")
        }
        _ => Reply::missing(),
    }
}

fn places(kept: &Kept) -> Vec<String> {
    kept.records().iter().map(|record| record.at.clone()).collect()
}

#[tokio::test]
async fn a_bucket_is_listed_in_pages_and_a_partitioned_table_is_one() {
    let stand = Stand::new(s3).await;
    let mut signing = settings().0;
    signing.credential =
        Some(Credential::Basic { user: "AKIDEXAMPLE".to_owned(), password: Secret::new("hunter2-secret") });
    let connector = System::by_key("s3").unwrap().open(&Address::parse(&stand.url), signing).unwrap();
    let mut kept = Kept::default();
    let done = connector.read(None, &mut kept, &Cancel::new()).await.unwrap();
    assert_eq!(done.notes.len(), 1, "a part of a table is gone: {:?}", done.notes);
    let mut told = places(&kept);
    told.dedup();
    assert_eq!(told, ["bucket lake", "file docs/opening.md", "file raw/a b.csv", "a b.csv", "folder sales"]);
    assert!(kept.said().iter().any(|said| said.contains("pii:no")));
    for request in stand.requests.lock().unwrap().iter() {
        let signed = &request.headers["authorization"];
        assert!(signed.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"), "{signed}");
        assert!(!format!("{:?}", request.headers).contains("hunter2"));
    }
    // What is new since, by when it was written.
    let mut again = Kept::default();
    let next = done.next.unwrap();
    connector.read(Some(&next), &mut again, &Cancel::new()).await.unwrap();
    assert_eq!(places(&again), ["bucket lake", "file docs/opening.md", "folder sales"]);
}

#[tokio::test]
async fn stores_that_lie_come_to_an_end() {
    let endless = Stand::new(|request| match request.path.as_str() {
        "/" => s3(request),
        _ => list(&[object("a", 1)], Some("again")),
    })
    .await;
    let error = read("s3", &endless.url, &[], None).await.1.unwrap_err().to_string();
    assert!(error.contains("objects of lake"), "{error}");
    let (kept, done) = read("s3", &endless.url, &[("objects", "1")], None).await;
    assert_eq!(done.unwrap().notes.len(), 1);
    assert_eq!(places(&kept), ["bucket lake", "file a"]);
    let other = Stand::new(|_| xml("<html>It works!</html>")).await;
    assert!(probe("s3", &other.url, &[]).await.unwrap_err().to_string().contains("S3"));
    let refusing = Stand::new(|_| Reply::status(403, "", "<Error><Code>AccessDenied</Code></Error>")).await;
    assert!(probe("s3", &refusing.url, &[]).await.unwrap_err().to_string().contains("403"));
}

#[test]
fn a_region_leads_to_aws_only() {
    let mut elsewhere = settings().0;
    elsewhere.options.insert("region".to_owned(), "evil.example/".to_owned());
    assert!(System::by_key("s3").unwrap().open(&Address::parse("s3://lake"), elsewhere).is_err());
    assert!(System::by_key("s3").unwrap().open(&Address::parse("s3://lake/raw"), settings().0).is_ok());
}
