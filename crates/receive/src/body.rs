//! Bodies, as they come in: never more in memory than is allowed, however much was promised or packed.

use std::{
    io::Read,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use tokio::time::{Instant, timeout};

use crate::{limits::Limits, refusal::Refusal};

/// How a body is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Not at all.
    Plain,
    /// gzip.
    Gzip,
    /// zlib, as HTTP's `deflate` is defined.
    Deflate,
    /// Zstandard.
    Zstd,
}

impl Encoding {
    /// The encoding of this header: one at most, for each more multiplies what a small body can become.
    pub fn of(header: Option<&str>) -> Result<Self, Refusal> {
        match header.map(|text| text.trim().to_ascii_lowercase()).as_deref() {
            None | Some("" | "identity") => Ok(Self::Plain),
            Some("gzip" | "x-gzip") => Ok(Self::Gzip),
            Some("deflate") => Ok(Self::Deflate),
            Some("zstd") => Ok(Self::Zstd),
            Some(_) => Err(Refusal::Encoding),
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Plain => "bytes",
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Zstd => "zstd",
        }
    }
}

/// The memory that all bodies together may take.
#[derive(Debug, Clone)]
pub struct Budget {
    taken: Arc<AtomicUsize>,
    most: usize,
}

impl Budget {
    /// A budget of so many bytes.
    pub fn new(most: usize) -> Self {
        Self { taken: Arc::new(AtomicUsize::new(0)), most }
    }

    /// A share of it, empty at first.
    pub fn share(&self) -> Share {
        Share { budget: self.clone(), bytes: 0 }
    }

    /// How many bytes are taken now.
    pub fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }
}

/// What one request has of the budget; given back when it is dropped.
#[derive(Debug)]
pub struct Share {
    budget: Budget,
    bytes: usize,
}

impl Share {
    fn take(&mut self, bytes: usize) -> Result<(), Refusal> {
        let before = self.budget.taken.fetch_add(bytes, Ordering::Relaxed);
        self.bytes += bytes;
        if before.saturating_add(bytes) > self.budget.most { Err(Refusal::Busy) } else { Ok(()) }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.taken.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// Reads a body as it was sent.
pub async fn receive(body: Incoming, limits: &Limits, share: &mut Share) -> Result<Bytes, Refusal> {
    let too_large = Refusal::TooLarge { limit: limits.sent_bytes, when: "as sent" };
    if body.size_hint().lower() > limits.sent_bytes as u64 {
        return Err(too_large);
    }
    let mut body = body;
    let end = Instant::now() + limits.body_time;
    // Most bodies are one frame, which is then not copied.
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    loop {
        let patience = limits.silence.min(end.saturating_duration_since(Instant::now()));
        let frame = timeout(patience, body.frame()).await.map_err(|_| Refusal::Slow)?;
        let Some(frame) = frame else { break };
        let Ok(data) = frame.map_err(|_| Refusal::CutOff)?.into_data() else { continue };
        if data.is_empty() {
            continue;
        }
        if first.len() + rest.len() + data.len() > limits.sent_bytes {
            return Err(too_large);
        }
        share.take(data.len())?;
        if first.is_empty() && rest.is_empty() {
            first = data;
        } else {
            if rest.is_empty() {
                rest.extend_from_slice(&std::mem::take(&mut first));
            }
            rest.extend_from_slice(&data);
        }
    }
    Ok(if rest.is_empty() { first } else { rest.freeze() })
}

/// Undoes an encoding, up to the limit of a body and within the share.
pub fn unpack(
    encoding: Encoding,
    bytes: Bytes,
    limits: &Limits,
    share: &mut Share,
) -> Result<Bytes, Refusal> {
    unpack_with(encoding, bytes, limits.body_bytes, |more| share.take(more))
}

/// Undoes an encoding of at most `most` bytes: for protocols that pack parts of a body by themselves.
pub fn decode(encoding: Encoding, bytes: Bytes, most: usize) -> Result<Bytes, Refusal> {
    unpack_with(encoding, bytes, most, |_| Ok(()))
}

/// The most that a Zstandard frame may look back, and so the memory that it makes the decoder take: what the format's
/// own specification asks decoders to support is 8 MiB.
const ZSTD_WINDOW: u64 = 8 << 20;

fn unpack_with(
    encoding: Encoding,
    bytes: Bytes,
    most: usize,
    take: impl FnMut(usize) -> Result<(), Refusal>,
) -> Result<Bytes, Refusal> {
    let broken = || Refusal::Broken { encoding: encoding.word() };
    match encoding {
        Encoding::Plain if bytes.len() > most => Err(Refusal::TooLarge { limit: most, when: "decoded" }),
        Encoding::Plain => Ok(bytes),
        Encoding::Gzip => drain(flate2::read::MultiGzDecoder::new(&bytes[..]), encoding, most, take),
        Encoding::Deflate => drain(flate2::read::ZlibDecoder::new(&bytes[..]), encoding, most, take),
        Encoding::Zstd => {
            let decoder =
                ruzstd::decoding::StreamingDecoder::new_with_max_window_size(&bytes[..], ZSTD_WINDOW)
                    .map_err(|_| broken())?;
            drain(decoder, encoding, most, take)
        }
    }
}

fn drain(
    mut from: impl Read,
    encoding: Encoding,
    most: usize,
    mut take: impl FnMut(usize) -> Result<(), Refusal>,
) -> Result<Bytes, Refusal> {
    let mut into = Vec::new();
    let mut chunk = [0; 16 << 10];
    loop {
        match from.read(&mut chunk) {
            Ok(0) => return Ok(into.into()),
            Ok(count) => {
                if into.len() + count > most {
                    return Err(Refusal::TooLarge { limit: most, when: "decoded" });
                }
                take(count)?;
                into.extend_from_slice(&chunk[..count]);
            }
            Err(_) => return Err(Refusal::Broken { encoding: encoding.word() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(bytes: &[u8]) -> Bytes {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap().into()
    }

    fn zlib(bytes: &[u8]) -> Bytes {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap().into()
    }

    fn zstd(bytes: &[u8]) -> Bytes {
        ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest).into()
    }

    #[test]
    fn each_encoding_is_undone() {
        let text = br#"{"eventType":"COMPLETE"}"#.repeat(100);
        for (encoding, packed) in
            [(Encoding::Gzip, gzip(&text)), (Encoding::Deflate, zlib(&text)), (Encoding::Zstd, zstd(&text))]
        {
            assert_eq!(&decode(encoding, packed.clone(), 1 << 20).unwrap()[..], &text[..], "{encoding:?}");
            assert!(decode(encoding, packed.slice(..packed.len() / 2), 1 << 20).is_err(), "{encoding:?}");
            assert!(decode(encoding, Bytes::from_static(b"nonsense"), 1 << 20).is_err(), "{encoding:?}");
        }
    }

    #[test]
    fn a_bomb_stops_at_the_limit() {
        let zeros = vec![0; 32 << 20];
        for (encoding, packed) in [
            (Encoding::Gzip, gzip(&zeros)),
            (Encoding::Deflate, zlib(&zeros)),
            (Encoding::Zstd, zstd(&zeros)),
        ] {
            assert!(packed.len() < 64 << 10, "{encoding:?} {}", packed.len());
            let mut held = 0;
            let result = unpack_with(encoding, packed, 1 << 20, |more| {
                held += more;
                Ok(())
            });
            assert_eq!(result, Err(Refusal::TooLarge { limit: 1 << 20, when: "decoded" }), "{encoding:?}");
            assert!(held <= 1 << 20, "{encoding:?} {held}");
        }
    }

    #[test]
    fn a_zstd_frame_that_asks_for_a_huge_window_is_refused_before_it_gets_one() {
        // Magic, no flags, window descriptor of 2^31 bytes, one empty raw last block.
        let frame = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 21 << 3, 0x01, 0x00, 0x00];
        assert!(decode(Encoding::Zstd, Bytes::copy_from_slice(&frame), 1 << 20).is_err());
        let modest = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 10 << 3, 0x01, 0x00, 0x00];
        assert_eq!(decode(Encoding::Zstd, Bytes::copy_from_slice(&modest), 1 << 20), Ok(Bytes::new()));
    }

    #[test]
    fn all_bodies_share_one_budget() {
        let budget = Budget::new(1_000);
        let (mut one, mut other) = (budget.share(), budget.share());
        one.take(600).unwrap();
        assert_eq!(other.take(600), Err(Refusal::Busy));
        drop(other);
        assert_eq!(budget.taken(), 600);
        drop(one);
        budget.share().take(1_000).unwrap();
        assert_eq!(budget.taken(), 0);
    }

    #[test]
    fn one_encoding_at_most() {
        assert_eq!(Encoding::of(Some("GZIP")), Ok(Encoding::Gzip));
        assert_eq!(Encoding::of(None), Ok(Encoding::Plain));
        for header in ["gzip, gzip", "br", "gzip;q=1"] {
            assert_eq!(Encoding::of(Some(header)), Err(Refusal::Encoding));
        }
    }
}
