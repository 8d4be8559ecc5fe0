//! From bytes to letters: by the mark at the beginning, by what the document says of itself, else by statistics.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8};

/// A decoded file.
pub(crate) struct Decoded {
    pub(crate) text: String,
    pub(crate) encoding: &'static str,
    /// How many bytes stand before the text, when a place in the text is a place in the file.
    pub(crate) shift: Option<usize>,
}

impl Decoded {
    /// The place in the file of a place in the text.
    pub(crate) fn original(&self, start: usize, end: usize) -> Option<(usize, usize)> {
        self.shift.map(|shift| (start + shift, end + shift))
    }
}

/// Whether the bytes begin with a mark that says how they are encoded.
pub(crate) fn has_mark(bytes: &[u8]) -> bool {
    Encoding::for_bom(bytes).is_some()
}

pub(crate) fn decode(bytes: &[u8], html: bool) -> Decoded {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        return with(encoding, bytes, length);
    }
    if std::str::from_utf8(bytes).is_ok() {
        return with(UTF_8, bytes, 0);
    }
    let said = html.then(|| declared(bytes)).flatten();
    let encoding = said.unwrap_or_else(|| {
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
        detector.feed(&bytes[..bytes.len().min(1 << 20)], true);
        detector.guess(None, Utf8Detection::Allow)
    });
    with(encoding, bytes, 0)
}

fn with(encoding: &'static Encoding, bytes: &[u8], mark: usize) -> Decoded {
    let (text, replaced) = encoding.decode_without_bom_handling(&bytes[mark..]);
    let shift = (encoding == UTF_8 && !replaced).then_some(mark);
    Decoded { text: text.into_owned(), encoding: encoding.name(), shift }
}

/// `<meta charset="...">`, in the first bytes as HTML wants it.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes[..bytes.len().min(1_024)].to_ascii_lowercase();
    let at = head.windows(8).position(|eight| eight == b"charset=")? + 8;
    let rest = head[at..].iter().skip_while(|byte| matches!(byte, b'"' | b'\'' | b' '));
    let label: Vec<u8> = rest
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        .copied()
        .collect();
    Encoding::for_label(&label)
}
