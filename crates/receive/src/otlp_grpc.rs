//! OTLP over gRPC: the three services' one method each, unary.
//!
//! gRPC is little over HTTP/2: a message has five bytes before it (whether it is packed, and its length), and the status
//! comes in the trailers. That is all that is done here.

use bytes::{BufMut, Bytes, BytesMut};
use catena_ingest::otlp::{Form, Signal};
use hyper::{
    HeaderMap, StatusCode,
    header::{CONTENT_TYPE, HeaderName, HeaderValue},
};

use crate::{
    body::{Encoding, decode},
    commit::Piece,
    desk::Desk,
    limits::Limits,
    otlp_pieces::{self, code, keep},
    protocol::{Answer, Answering, Protocol, Request, Wire},
    refusal::Refusal,
    route::{Media, Route, Verb},
};

/// The protocol.
#[derive(Debug, Clone, Copy)]
pub struct OtlpGrpc;

const TRACES: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
const METRICS: &str = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";
const LOGS: &str = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";

static ROUTES: &[Route] = &[
    Route::writes(Verb::Post, TRACES, &[Media::Grpc]),
    Route::writes(Verb::Post, METRICS, &[Media::Grpc]),
    Route::writes(Verb::Post, LOGS, &[Media::Grpc]),
];

const GRPC: HeaderValue = HeaderValue::from_static("application/grpc");
const STATUS: HeaderName = HeaderName::from_static("grpc-status");
const MESSAGE: HeaderName = HeaderName::from_static("grpc-message");
const ACCEPTS: HeaderName = HeaderName::from_static("grpc-accept-encoding");

impl Protocol for OtlpGrpc {
    fn name(&self) -> &'static str {
        "otlp_grpc"
    }

    fn title(&self) -> &'static str {
        "OpenTelemetry (OTLP/gRPC)"
    }

    fn usual_port(&self) -> u16 {
        4_317
    }

    fn wire(&self) -> Wire {
        Wire::Http2
    }

    fn routes(&self) -> &'static [Route] {
        ROUTES
    }

    fn answer<'a>(&'a self, request: Request, desk: &'a Desk) -> Answering<'a> {
        Box::pin(async move {
            let signal = match request.route.path {
                METRICS => Signal::Metrics,
                LOGS => Signal::Logs,
                _ => Signal::Traces,
            };
            match take(signal, &request, desk).await {
                Ok(response) => answered(&response),
                Err(refusal) => self.refuse(&refusal),
            }
        })
    }

    fn reread(&self, form: &str, raw: &Bytes, limits: &Limits) -> Vec<Piece> {
        otlp_pieces::reread(form, raw, limits)
    }

    /// An answer without a message has its status in the headers, and is no failure of HTTP.
    fn refuse(&self, refusal: &Refusal) -> Answer {
        let message = HeaderValue::from_str(&percent_encoded(&refusal.to_string()));
        Answer::empty(StatusCode::OK)
            .with(CONTENT_TYPE, GRPC)
            .with(STATUS, HeaderValue::from(u16::from(code(refusal))))
            .with(MESSAGE, message.unwrap_or(HeaderValue::from_static("refused")))
    }
}

async fn take(signal: Signal, request: &Request, desk: &Desk) -> Result<Vec<u8>, Refusal> {
    let message = message(&request.body, request.header("grpc-encoding"), desk.limits().body_bytes)?;
    Ok(keep(signal, Form::Protobuf, message, desk).await?.protobuf())
}

/// The one message of a body.
fn message(body: &Bytes, encoding: Option<&str>, most: usize) -> Result<Bytes, Refusal> {
    let unreadable =
        |why: &str| Refusal::Unreadable(format!("the body is no gRPC message: {why}; send it again"));
    let Some((head, _)) = body.split_first_chunk::<5>() else {
        return Err(unreadable("it is shorter than the five bytes before each"));
    };
    let [packed, length @ ..] = *head;
    let message = body.slice(5..);
    if u32::from_be_bytes(length) as usize != message.len() {
        return Err(unreadable("it is not as long as it says, or there are several"));
    }
    match packed {
        0 => decode(Encoding::Plain, message, most),
        1 => {
            let encoding = match Encoding::of(encoding)? {
                Encoding::Plain => return Err(unreadable("it is packed, but grpc-encoding doesn't say how")),
                encoding => encoding,
            };
            tokio::task::block_in_place(|| decode(encoding, message, most))
        }
        _ => Err(unreadable("its first byte is neither 0 nor 1")),
    }
}

fn answered(response: &[u8]) -> Answer {
    let mut body = BytesMut::with_capacity(response.len() + 5);
    body.put_u8(0);
    body.put_u32(u32::try_from(response.len()).unwrap_or(u32::MAX));
    body.put_slice(response);
    let mut trailers = HeaderMap::new();
    trailers.insert(STATUS, HeaderValue::from_static("0"));
    let answer = Answer::bytes(StatusCode::OK, "application/grpc", body.freeze())
        .with(ACCEPTS, HeaderValue::from_static("identity, gzip, deflate"));
    Answer { trailers: Some(trailers), ..answer }
}

/// A status message as gRPC's headers have it: what isn't plain ASCII is percent-encoded.
fn percent_encoded(message: &str) -> String {
    let byte = |byte: u8| match byte {
        b' '..=b'~' if byte != b'%' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    message.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_one_whole_message() {
        let read = |bytes: &[u8]| message(&Bytes::copy_from_slice(bytes), None, 100);
        assert_eq!(read(&[0, 0, 0, 0, 2, 7, 8]), Ok(Bytes::from_static(&[7, 8])));
        assert_eq!(read(&[0, 0, 0, 0, 0]), Ok(Bytes::new()));
        for broken in [
            &[][..],
            &[0, 0, 0, 0],
            &[0, 0, 0, 0, 3, 7, 8],
            &[0, 0, 0, 0, 1, 7, 8],
            &[2, 0, 0, 0, 0],
            &[1, 0, 0, 0, 0],
        ] {
            assert!(matches!(read(broken), Err(Refusal::Unreadable(_))), "{broken:?}");
        }
        let long = [&[0, 0, 0, 0, 101][..], &[0; 101]].concat();
        assert!(matches!(read(&long), Err(Refusal::TooLarge { .. })));
    }

    #[test]
    fn a_refusal_is_a_status_in_the_headers() {
        let answer = OtlpGrpc.refuse(&Refusal::Unreadable("50 % naïve".to_owned()));
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.headers["grpc-status"], "3");
        assert_eq!(answer.headers["grpc-message"], "50 %25 na%C3%AFve");
        assert_eq!(OtlpGrpc.refuse(&Refusal::Busy).headers["grpc-status"], "14");
    }
}
