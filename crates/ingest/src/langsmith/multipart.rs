//! Multipart bodies (RFC 7578), as the SDKs write them: cut into parts without copying, within limits.

use memchr::memmem::Finder;

/// The most parts that one body may have: a run has up to seven, and a batch up to some hundred runs.
pub const MOST_PARTS: usize = 20_000;

/// The most bytes that the headers of one part may have.
const MOST_HEADER_BYTES: usize = 4_096;

/// The longest boundary that RFC 2046 allows.
const MOST_BOUNDARY_BYTES: usize = 70;

/// One part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part<'a> {
    /// Its name: `post.ID.inputs`.
    pub name: &'a str,
    /// Its content type as sent, or nothing.
    pub media: &'a str,
    /// Its bytes.
    pub body: &'a [u8],
    /// Where it lies in the body: from the boundary before it to the end of its bytes.
    pub lies: (usize, usize),
}

/// Why a body can't be cut into parts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadMultipart {
    /// The content type doesn't say where parts end.
    #[error("the content type has no boundary, or a broken one: send multipart/form-data; boundary=...")]
    NoBoundary,
    /// The body doesn't start with a boundary.
    #[error("the body does not start with its boundary: send it again as multipart/form-data")]
    NoStart,
    /// There is no closing boundary.
    #[error("the body ends in the middle, in part {0}: send it again")]
    CutOff(usize),
    /// A part whose headers can't be read.
    #[error(
        "the headers of part {0} can't be read: a part needs Content-Disposition: form-data; name=\"...\", an empty \
         line, and at most {MOST_HEADER_BYTES} bytes of headers"
    )]
    Headers(usize),
    /// More values in the parts' JSON than are held at once.
    #[error("more than {0} values in one request: send fewer runs at once")]
    TooManyValues(usize),
    /// More parts than are taken.
    #[error("more than {MOST_PARTS} parts: send fewer runs at once")]
    TooMany,
}

/// The boundary that a content type names.
pub fn boundary(content_type: &str) -> Result<&str, BadMultipart> {
    let value = content_type
        .split(';')
        .skip(1)
        .find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim().eq_ignore_ascii_case("boundary").then(|| value.trim())
        })
        .ok_or(BadMultipart::NoBoundary)?;
    let value = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value);
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&byte);
    if value.is_empty() || value.len() > MOST_BOUNDARY_BYTES || !value.bytes().all(allowed) {
        return Err(BadMultipart::NoBoundary);
    }
    Ok(value)
}

/// Cuts a body into its parts: all of them, or none.
pub fn parts<'a>(body: &'a [u8], boundary: &str) -> Result<Vec<Part<'a>>, BadMultipart> {
    let delimiter = format!("\r\n--{boundary}");
    let finder = Finder::new(delimiter.as_bytes());
    // The first boundary may stand at the very beginning, where no line ends before it.
    let mut from = match body.starts_with(&delimiter.as_bytes()[2..]) {
        true => 0,
        false => finder.find(body).ok_or(BadMultipart::NoStart)? + 2,
    };
    let mut found = Vec::new();
    loop {
        let number = found.len() + 1;
        let after = from + delimiter.len() - 2;
        let rest = &body[after..];
        if rest.starts_with(b"--") {
            return Ok(found);
        }
        if number > MOST_PARTS {
            return Err(BadMultipart::TooMany);
        }
        let padding = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let whole = rest[padding..].strip_prefix(b"\r\n").ok_or(BadMultipart::CutOff(number))?;
        let end = finder.find(whole).ok_or(BadMultipart::CutOff(number))?;
        let to = after + padding + 2 + end;
        let part = part(&whole[..end]).ok_or(BadMultipart::Headers(number))?;
        found.push(Part { lies: (from, to), ..part });
        from = to + 2;
    }
}

fn part(whole: &[u8]) -> Option<Part<'_>> {
    let end = memchr::memmem::find(&whole[..whole.len().min(MOST_HEADER_BYTES + 4)], b"\r\n\r\n")?;
    let headers = std::str::from_utf8(&whole[..end]).ok()?;
    let (mut name, mut media) = (None, "");
    for line in headers.split("\r\n") {
        let (header, value) = line.split_once(':')?;
        if header.trim().eq_ignore_ascii_case("content-disposition") {
            if name.is_some() {
                return None;
            }
            name = Some(field_name(value)?);
        } else if header.trim().eq_ignore_ascii_case("content-type") {
            media = value.trim();
        }
    }
    Some(Part { name: name?, media, body: &whole[end + 4..], lies: (0, 0) })
}

/// The `name` of a `form-data` disposition. Names with quotes or escapes in them are none that an SDK writes.
fn field_name(disposition: &str) -> Option<&str> {
    let mut rest = disposition.trim_start().strip_prefix("form-data")?;
    loop {
        rest = rest.trim_start().strip_prefix(';')?.trim_start();
        let (key, value) = rest.split_once('=')?;
        let (value, after) = match value.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => value.split_at(value.find(';').unwrap_or(value.len())),
        };
        if key.trim().eq_ignore_ascii_case("name") {
            return (!value.contains(['\\', '\0'])).then_some(value);
        }
        rest = after;
    }
}

/// Cuts a piece of a body, from the boundary before a part to the end of another, into its parts again.
pub fn reread(piece: &[u8]) -> Result<(Vec<u8>, String), BadMultipart> {
    let line = piece.strip_prefix(b"--").ok_or(BadMultipart::NoStart)?;
    let end = memchr::memmem::find(line, b"\r\n").ok_or(BadMultipart::NoStart)?;
    let boundary = std::str::from_utf8(&line[..end]).map_err(|_| BadMultipart::NoBoundary)?.trim_end();
    let boundary = self::boundary(&format!("multipart/form-data; boundary=\"{boundary}\""))?.to_owned();
    let mut body = piece.to_vec();
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    Ok((body, boundary))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BODY: &str = "--b\r\nContent-Disposition: form-data; name=\"post.1\"\r\nContent-Type: application/json\r\n\
                        Content-Length: 2\r\n\r\n{}\r\n--b\r\ncontent-disposition: form-data; filename=\"blob\"; \
                        name=post.1.inputs\r\n\r\n\r\n--b--\r\n";

    #[test]
    fn parts_are_cut_at_the_boundary() {
        let parts = parts(BODY.as_bytes(), "b").unwrap();
        assert_eq!(parts.len(), 2);
        assert_eq!(
            (parts[0].name, parts[0].media, parts[0].body),
            ("post.1", "application/json", &b"{}"[..])
        );
        assert_eq!((parts[1].name, parts[1].media, parts[1].body), ("post.1.inputs", "", &b""[..]));
    }

    #[test]
    fn what_is_kept_is_read_again_as_it_was() {
        let first = parts(BODY.as_bytes(), "b").unwrap();
        for (index, part) in first.iter().enumerate() {
            let (from, to) = (part.lies.0, first[1].lies.1);
            let (kept, boundary) = reread(&BODY.as_bytes()[from..to]).unwrap();
            let again = parts(&kept, &boundary).unwrap();
            let said = |parts: &[Part<'_>]| {
                parts.iter().map(|part| format!("{} {:?}", part.name, part.body)).collect::<Vec<_>>()
            };
            assert_eq!(said(&again), said(&first[index..]));
        }
    }

    #[test]
    fn a_body_that_is_not_whole_gives_nothing() {
        for end in 0..BODY.len() - 4 {
            assert!(parts(&BODY.as_bytes()[..end], "b").is_err(), "{end}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let cut = |body: &str| parts(body.as_bytes(), "b").unwrap_err();
        assert_eq!(cut("{}"), BadMultipart::NoStart);
        assert_eq!(cut("--b\r\n\r\n{}\r\n--b--"), BadMultipart::Headers(1));
        assert_eq!(cut("--b\r\nContent-Disposition: form-data\r\n\r\n{}\r\n--b--"), BadMultipart::Headers(1));
        let long = format!("--b\r\nX: {}\r\n\r\n\r\n--b--", "y".repeat(9_000));
        assert_eq!(cut(&long), BadMultipart::Headers(1));
        let many =
            "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n".repeat(MOST_PARTS + 1) + "--b--";
        assert_eq!(cut(&many), BadMultipart::TooMany);
    }

    #[test]
    fn the_boundary_stands_in_the_content_type() {
        assert_eq!(boundary("multipart/form-data; boundary=abc"), Ok("abc"));
        assert_eq!(boundary("multipart/form-data; charset=x; Boundary=\"a b\""), Ok("a b"));
        for broken in
            ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=a\"b"]
        {
            assert_eq!(boundary(broken), Err(BadMultipart::NoBoundary));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_cut_or_refused(pieces in proptest::collection::vec(proptest::sample::select(vec![
            "--b", "\r\n", "--", "Content-Disposition: form-data; name=\"x\"", "name=", "\"", ";", "{}", "\r\n\r\n",
            "\0", "\u{e9}",
        ]), 0..40)) {
            let body = pieces.concat().into_bytes();
            if let Ok(parts) = parts(&body, "b") {
                for part in parts {
                    let (from, to) = part.lies;
                    prop_assert!(body[from..].starts_with(b"--b"));
                    prop_assert!(!body[from..to].windows(5).any(|window| window == b"\r\n--b"));
                    prop_assert!(body[..to].ends_with(part.body));
                }
            }
        }
    }
}
