//! S3's answers, which are XML: flat lists, of which only a few words are wanted.
//!
//! They are looked for by name; nothing nests, no entity is defined, nothing is fetched. Keys come escaped as in an
//! address (`encoding-type=url`), since XML can't hold them all.

use catena_model::time::Timestamp;

use super::Object;

/// One page of a listing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The objects.
    pub objects: Vec<Object>,
    /// Where the next page begins; none at the end.
    pub next: Option<String>,
}

/// The buckets of `ListBuckets`.
pub fn buckets(xml: &str) -> Option<Vec<String>> {
    let list = within(xml, "ListAllMyBucketsResult").next()?;
    Some(within(list, "Bucket").filter_map(|bucket| word(bucket, "Name")).collect())
}

/// A page of `ListObjectsV2`; none when the answer is something else.
pub fn objects(xml: &str) -> Option<Page> {
    let list = within(xml, "ListBucketResult").next()?;
    let encoded = word(list, "EncodingType").is_some_and(|word| word == "url");
    let object = |one: &str| {
        let key = word(one, "Key")?;
        Some(Object {
            key: if encoded { decoded(&key) } else { key },
            size: word(one, "Size").and_then(|size| size.parse().ok()).unwrap_or(0),
            modified: word(one, "LastModified").and_then(|time| time.parse::<Timestamp>().ok()),
            etag: word(one, "ETag").map(|tag| tag.trim_matches('"').to_owned()).filter(|tag| !tag.is_empty()),
            class: word(one, "StorageClass"),
            ..Object::default()
        })
    };
    let more = word(list, "IsTruncated").is_some_and(|word| word == "true");
    let next = word(list, "NextContinuationToken").filter(|token| more && !token.is_empty());
    Some(Page { objects: within(list, "Contents").filter_map(object).collect(), next })
}

/// The pairs of `GetObjectTagging` or `GetBucketTagging`.
pub fn tags(xml: &str) -> Vec<(String, String)> {
    within(xml, "Tag")
        .filter_map(|tag| Some((word(tag, "Key")?, word(tag, "Value").unwrap_or_default())))
        .collect()
}

/// `Enabled` or `Suspended`, of a bucket whose versions are or were kept.
pub fn versioning(xml: &str) -> Option<String> {
    word(xml, "Status")
}

/// What is in each element of this name, one after the other.
fn within<'a>(xml: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    let mut rest = xml;
    std::iter::from_fn(move || {
        loop {
            let start = rest.find(&format!("<{name}"))?;
            let after = &rest[start + 1 + name.len()..];
            // A longer name that begins so is another's.
            if !after.starts_with(['>', ' ', '/', '\n', '\t', '\r']) {
                rest = after;
                continue;
            }
            let open = after.find('>')?;
            let body = &after[open + 1..];
            if after[..open].ends_with('/') {
                rest = body;
                return Some("");
            }
            let end = body.find(&format!("</{name}>"))?;
            rest = &body[end + name.len() + 3..];
            return Some(&body[..end]);
        }
    })
}

fn word(xml: &str, name: &str) -> Option<String> {
    within(xml, name).next().map(|text| unescaped(text.trim()))
}

fn unescaped(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let entity = rest.get(1..).and_then(|rest| rest.split_once(';')).map(|(entity, _)| entity);
        let meant = entity.filter(|entity| entity.len() <= 8).and_then(|entity| match entity {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            number => {
                let number = number.strip_prefix('#')?;
                let code = match number.strip_prefix('x') {
                    Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                    None => number.parse().ok()?,
                };
                char::from_u32(code)
            }
        });
        match (meant, entity) {
            (Some(meant), Some(entity)) => {
                out.push(meant);
                rest = &rest[entity.len() + 2..];
            }
            _ => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out + rest
}

/// What stands escaped in an address, where a plus is a space.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let pair = bytes.get(at + 1..at + 3).and_then(|pair| std::str::from_utf8(pair).ok());
        match (bytes[at], pair.and_then(|pair| u8::from_str_radix(pair, 16).ok())) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 2;
            }
            (b'+', _) => out.push(b' '),
            (byte, _) => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LISTED: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>lake</Name><Prefix></Prefix>
<KeyCount>2</KeyCount><MaxKeys>2</MaxKeys><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>
<NextContinuationToken>abc&amp;=</NextContinuationToken>
<Contents><Key>raw/a%20b%26.csv</Key><LastModified>2026-11-25T07:00:00.000Z</LastModified>
<ETag>&quot;d41d8&quot;</ETag><Size>12</Size><StorageClass>STANDARD</StorageClass></Contents>
<Contents><Key>x</Key><Size>no</Size></Contents></ListBucketResult>"#;

    #[test]
    fn a_page_of_a_listing_is_read() {
        let page = objects(LISTED).unwrap();
        assert_eq!(page.next.as_deref(), Some("abc&="));
        assert_eq!((page.objects[0].key.as_str(), page.objects[0].size), ("raw/a b&.csv", 12));
        assert_eq!(page.objects[0].etag.as_deref(), Some("d41d8"));
        assert_eq!(page.objects[0].modified.unwrap().to_string(), "2026-11-25T07:00:00Z");
        assert_eq!((page.objects[1].key.as_str(), page.objects[1].size), ("x", 0));
        assert_eq!(objects("<html></html>"), None);
    }

    #[test]
    fn buckets_and_tags_are_read() {
        let xml = "<ListAllMyBucketsResult><Buckets><Bucket><Name>a</Name></Bucket><Bucket><Name>b</Name></Bucket></Buckets></ListAllMyBucketsResult>";
        assert_eq!(buckets(xml).unwrap(), ["a", "b"]);
        let xml = "<Tagging><TagSet><Tag><Key>pii</Key><Value>no</Value></Tag></TagSet></Tagging>";
        assert_eq!(tags(xml), [("pii".to_owned(), "no".to_owned())]);
        assert_eq!(versioning("<VersioningConfiguration/>"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "(<|>|/|&|;|#|%|ListBucketResult|Contents|Key|\\PC){0,60}") {
            let _ = (objects(&text), buckets(&text), tags(&text), versioning(&text));
        }
    }
}
