//! DataHub's names: `urn:li:dataset:(urn:li:dataPlatform:postgres,shop.mart.daily,PROD)`.

/// How deep urns may be within each other.
const DEEPEST: usize = 8;

/// A urn, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Urn {
    word: String,
    parts: Vec<String>,
}

impl Urn {
    /// Takes a urn apart; none when it is none, or its parentheses don't close.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("urn:li:")?;
        let (word, key) = rest.split_once(':')?;
        if word.is_empty() || key.is_empty() || !word.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        let parts = match key.strip_prefix('(') {
            Some(inner) => split(inner.strip_suffix(')')?)?,
            None => vec![key.to_owned()],
        };
        Some(Self { word: word.to_owned(), parts })
    }

    /// Its sort: `dataset`.
    pub(super) fn word(&self) -> &str {
        &self.word
    }

    /// What it is made of; a urn within it stays whole, anything else has its escapes resolved.
    pub(super) fn parts(&self) -> &[String] {
        &self.parts
    }

    /// The platform of a dataset or model.
    pub(super) fn platform(&self) -> Option<&str> {
        self.parts.first()?.strip_prefix("urn:li:dataPlatform:")
    }

    /// `PROD`, `DEV` and the like.
    pub(super) fn environment(&self) -> Option<&str> {
        self.parts.get(2).map(String::as_str).filter(|_| self.platform().is_some())
    }

    /// What people call it.
    pub(super) fn short(&self) -> Option<String> {
        let part = match (self.platform(), self.parts.as_slice()) {
            (Some(_), [_, name, ..]) => name.rsplit(['.', '/']).find(|part| !part.is_empty()).unwrap_or(name),
            // An orchestrator, a name and a cluster.
            (None, [_, name, _]) => name,
            (None, [.., last]) => last,
            _ => return None,
        };
        Some(part.to_owned())
    }
}

/// The parts between the commas that stand in no inner parentheses.
fn split(inner: &str) -> Option<Vec<String>> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    for (at, byte) in inner.bytes().enumerate() {
        match byte {
            b'(' if depth == DEEPEST => return None,
            b'(' => depth += 1,
            b')' => depth = depth.checked_sub(1)?,
            b',' if depth == 0 => {
                parts.push(inner.get(start..at)?);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(inner.get(start..)?);
    let whole = |part: &str| if part.starts_with("urn:li:") { part.to_owned() } else { decoded(part) };
    (depth == 0).then(|| parts.into_iter().map(whole).collect())
}

/// DataHub escapes nothing but what would end a part.
fn decoded(part: &str) -> String {
    ["%2C", "%28", "%29", "%2c"]
        .iter()
        .zip([",", "(", ")", ","])
        .fold(part.to_owned(), |text, (escape, plain)| text.replace(escape, plain))
}

/// A field's path as people write it: `[version=2.0].[type=struct].[type=string].mail` is `mail`.
pub(super) fn field_path(path: &str) -> String {
    if !path.starts_with("[version=2.0]") {
        return path.to_owned();
    }
    let mut plain = String::new();
    let mut within = 0_usize;
    for c in path.chars() {
        match c {
            '[' => within += 1,
            ']' => within = within.saturating_sub(1),
            c if within == 0 => plain.push(c),
            _ => {}
        }
    }
    let parts: Vec<&str> = plain.split('.').filter(|part| !part.is_empty()).collect();
    parts.join(".")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn urns_within_urns_stay_whole_and_escapes_are_resolved() {
        let dataset =
            Urn::parse("urn:li:dataset:(urn:li:dataPlatform:postgres,shop.mart.daily,PROD)").unwrap();
        assert_eq!(dataset.word(), "dataset");
        assert_eq!((dataset.platform(), dataset.environment()), (Some("postgres"), Some("PROD")));
        assert_eq!(dataset.short().as_deref(), Some("daily"));
        let field =
            Urn::parse("urn:li:schemaField:(urn:li:dataset:(urn:li:dataPlatform:s3,a(b)%2Cc,PROD),x%28y%29)");
        assert_eq!(field.unwrap().parts(), ["urn:li:dataset:(urn:li:dataPlatform:s3,a(b)%2Cc,PROD)", "x(y)"]);
        let job = Urn::parse("urn:li:dataJob:(urn:li:dataFlow:(airflow,nightly,prod),load)").unwrap();
        assert_eq!(job.parts(), ["urn:li:dataFlow:(airflow,nightly,prod)", "load"]);
        assert_eq!(job.short().as_deref(), Some("load"));
        assert_eq!(
            Urn::parse("urn:li:dataFlow:(airflow,nightly,prod)").unwrap().short().as_deref(),
            Some("nightly")
        );
        assert_eq!(Urn::parse("urn:li:tag:a:b").unwrap().parts(), ["a:b"]);
        for broken in [
            "",
            "urn:li:",
            "urn:li:tag:",
            "urn:li::x",
            "urn:li:a:(b",
            "urn:li:a:(b))",
            "urn:li:a:((b)",
            "urn:x",
        ] {
            assert_eq!(Urn::parse(broken), None, "{broken}");
        }
        assert_eq!(Urn::parse(&format!("urn:li:a:{}{}", "(".repeat(500), ")".repeat(500))), None);
    }

    #[test]
    fn paths_lose_what_is_said_of_their_types() {
        assert_eq!(field_path("[version=2.0].[type=struct].[type=array].of.[type=string].mail"), "of.mail");
        assert_eq!(field_path("of.mail[0]"), "of.mail[0]");
        assert_eq!(field_path("[version=2.0].[key=True]"), "");
    }

    proptest! {
        #[test]
        fn any_text_is_taken_apart_or_refused(text in "(urn:li:)?[a-z]{0,3}:?[(),%2Cé\\[\\].=a-z]{0,40}") {
            if let Some(urn) = Urn::parse(&text) {
                prop_assert!(!urn.parts().is_empty());
                let _ = (urn.short(), urn.platform(), urn.environment());
            }
            let _ = field_path(&text);
        }
    }
}
