//! What a protocol answers, declared: the gate takes exactly this.

/// An HTTP method that some route takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Reads.
    Get,
    /// Reads without a body.
    Head,
    /// Usually writes.
    Post,
    /// Writes.
    Put,
    /// Writes.
    Patch,
    /// Writes.
    Delete,
}

impl Verb {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Get, Self::Head, Self::Post, Self::Put, Self::Patch, Self::Delete];

    /// As it stands in a request.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    const fn is_safe(self) -> bool {
        matches!(self, Self::Get | Self::Head)
    }
}

/// A content type that some route takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// `application/json`.
    Json,
    /// `application/x-protobuf` or `application/protobuf`.
    Protobuf,
    /// `application/grpc`, with or without `+proto`.
    Grpc,
    /// `multipart/form-data`. A page's form may send it too: the Origin and the token keep that out.
    Multipart,
    /// `application/octet-stream`.
    Octets,
    /// None, and no body.
    None,
    /// Whatever a file is: no content type of its own, but for routes that take any. Only for methods that no page can
    /// use unasked.
    Any,
}

impl Media {
    /// All that a header can name.
    pub const ALL: [Self; 6] =
        [Self::Json, Self::Protobuf, Self::Grpc, Self::Multipart, Self::Octets, Self::None];

    /// For a person.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Protobuf => "application/x-protobuf",
            Self::Grpc => "application/grpc",
            Self::Multipart => "multipart/form-data",
            Self::Octets => "application/octet-stream",
            Self::None => "no content type",
            Self::Any => "any content type",
        }
    }

    /// The content type of this header; `None` when it's none that any route takes.
    pub fn of(header: Option<&str>) -> Option<Self> {
        let Some(header) = header else { return Some(Self::None) };
        let essence = header.split(';').next().unwrap_or_default().trim();
        let is = |name: &str| essence.eq_ignore_ascii_case(name);
        if is("application/json") {
            Some(Self::Json)
        } else if is("application/x-protobuf") || is("application/protobuf") {
            Some(Self::Protobuf)
        } else if is("application/grpc") || is("application/grpc+proto") {
            Some(Self::Grpc)
        } else if is("multipart/form-data") {
            Some(Self::Multipart)
        } else if is("application/octet-stream") {
            Some(Self::Octets)
        } else {
            None
        }
    }
}

/// Whether a route changes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It only answers.
    Reads,
    /// It stores something.
    Writes,
}

/// One route. Where a path fits several of a table, the first one with the method is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The method.
    pub verb: Verb,
    /// The path: `/runs/{id}` has a parameter of one segment, and `/files/{path*}` one of all that follow.
    pub path: &'static str,
    /// The content types that it takes.
    pub takes: &'static [Media],
    /// Whether it changes anything.
    pub effect: Effect,
}

impl Route {
    /// A route that only answers.
    pub const fn reads(verb: Verb, path: &'static str, takes: &'static [Media]) -> Self {
        Self { verb, path, takes, effect: Effect::Reads }
    }

    /// A route that stores something.
    ///
    /// # Panics
    ///
    /// For GET and HEAD, and for POST of any content type, which a page could send; and so while compiling, when the
    /// table is a `static`.
    pub const fn writes(verb: Verb, path: &'static str, takes: &'static [Media]) -> Self {
        assert!(!verb.is_safe(), "a GET must have no effect");
        let mut at = 0;
        while at < takes.len() {
            assert!(
                !matches!((verb, takes[at]), (Verb::Post, Media::Any)),
                "a page's form may POST some content types"
            );
            at += 1;
        }
        Self { verb, path, takes, effect: Effect::Writes }
    }
}

/// The parameters of a path, by name.
pub type Parameters = Vec<(&'static str, String)>;

/// Whether `path` (still percent-encoded) fits `pattern`, and with which parameters.
///
/// Segments are compared one by one as they were sent. An encoded slash, a dot segment, an empty segment or a NUL fits
/// nothing, so that no two readers see two different paths in one text.
pub fn fits(pattern: &'static str, path: &str) -> Option<Parameters> {
    let mut parameters = Parameters::new();
    let mut sent = path.strip_prefix('/')?.split('/');
    let expected = pattern.strip_prefix('/')?.split('/');
    for segment in expected {
        let name = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        match name {
            None => {
                if sent.next()? != segment {
                    return None;
                }
            }
            Some(name) => match name.strip_suffix('*') {
                None => parameters.push((name, decoded(sent.next()?)?)),
                Some(name) => {
                    let rest: Option<Vec<_>> = sent.by_ref().map(decoded).collect();
                    let rest = rest.filter(|rest| !rest.is_empty())?;
                    parameters.push((name, rest.join("/")));
                }
            },
        }
    }
    sent.next().is_none().then_some(parameters)
}

fn decoded(segment: &str) -> Option<String> {
    let text = percent_decoded(segment)?;
    let unfit = text.is_empty() || text == "." || text == ".." || text.contains(['/', '\\', '\0']);
    (!unfit).then_some(text)
}

/// `text` with its percent escapes undone; `None` when one is broken or the result is no text.
pub fn percent_decoded(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        if first == b'%' {
            let [high, low, after @ ..] = after else { return None };
            let digit = |byte: u8| char::from(byte).to_digit(16);
            bytes.push(u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()?);
            rest = after;
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_fits_segment_by_segment() {
        assert_eq!(fits("/api/v1/lineage", "/api/v1/lineage"), Some(vec![]));
        assert_eq!(fits("/runs/{id}", "/runs/a%20b"), Some(vec![("id", "a b".to_owned())]));
        assert_eq!(fits("/files/{path*}", "/files/a/b"), Some(vec![("path", "a/b".to_owned())]));
    }

    #[test]
    fn what_another_reader_could_see_as_another_path_fits_nothing() {
        for path in [
            "/api/v1/lineage/",
            "//api/v1/lineage",
            "/api/v1/%6cineage",
            "/api/v1/../v1/lineage",
            "/api/v1/LINEAGE",
            "/api/v1/lineage;x",
            "api/v1/lineage",
            "*",
            "",
        ] {
            assert_eq!(fits("/api/v1/lineage", path), None, "{path}");
        }
        for path in [
            "/runs/",
            "/runs/.",
            "/runs/..",
            "/runs/%2e%2e",
            "/runs/a%2fb",
            "/runs/a%5cb",
            "/runs/%00",
            "/runs/%",
            "/runs/%f",
            "/runs/%zz",
            "/runs/%ff",
            "/runs/a/b",
        ] {
            assert_eq!(fits("/runs/{id}", path), None, "{path}");
        }
        for path in ["/files/a/../b", "/files/a//b", "/files/", "/files"] {
            assert_eq!(fits("/files/{path*}", path), None, "{path}");
        }
    }
}
