//! What the origin on hyper answers to each target.
//!
//! The first segment of the path chooses; a number in the second one says how much.

use super::echo::{Broken, Record, never};
use super::seen::{fields_of, hash};
use bytes::Bytes;
use futures_util::stream;
use http::header::{
    CONNECTION, CONTENT_LENGTH, HeaderName, HeaderValue, SEC_WEBSOCKET_ACCEPT, TRAILER, UPGRADE,
};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt as _, Full, StreamBody, combinators::UnsyncBoxBody};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// Any body.
pub(crate) type AnyBody = UnsyncBoxBody<Bytes, Broken>;

/// Bytes of each piece of a body that comes in pieces.
const PIECE: usize = 1000;
/// Between two pieces of a body that comes slowly.
const SLOWLY: Duration = Duration::from_millis(30);

pub(super) async fn answer(
    request: Request<Incoming>,
    record: Record,
) -> Result<Response<AnyBody>, Broken> {
    let path = request.uri().path().to_owned();
    let mut segments = path.split('/').skip(1);
    let route = segments.next().unwrap_or_default();
    let number = segments.next().and_then(|word| word.parse().ok()).unwrap_or(0);
    match route {
        "early" => {
            // Closed with bytes unread, the answer might be lost on its way.
            drop(tokio::spawn(request.into_body().collect()));
            return Ok(status(number, "too much\n"));
        }
        "mirror" => return Ok(mirror(request, record)),
        "upgrade" => return Ok(upgrade(request, record)),
        "nothing" => return Err("nothing is said".into()),
        _ => {}
    }
    let method = request.method().clone();
    let target = request.uri().path_and_query().map_or("", |target| target.as_str()).to_owned();
    let whole = request.into_body().collect().await?;
    let trailers = whole.trailers().map(fields_of).unwrap_or_default();
    let body = whole.to_bytes();
    let told = format!("{method} {target} {} {:x}\n", body.len(), hash(&body));
    record.whole(&body, trailers);
    Ok(match route {
        "bytes" => Response::new(full(vec![b'b'; number])),
        "chunks" => Response::new(pieces(number, Duration::ZERO)),
        "slow" => Response::new(pieces(number, SLOWLY)),
        "slow-head" => {
            tokio::time::sleep(5 * SLOWLY).await;
            Response::new(full(told))
        }
        "trailers" => with_trailers(),
        "status" => status(number, "as told\n"),
        "break" => broken(Some(10 * number), number),
        "break-chunks" => broken(None, number),
        "fields" => fields(told),
        "close" => with(full(told), &[("connection", "close")]),
        _ => Response::new(full(told)),
    })
}

fn full(bytes: impl Into<Bytes>) -> AnyBody {
    Full::new(bytes.into()).map_err(never).boxed_unsync()
}

fn with(body: AnyBody, fields: &[(&'static str, &'static str)]) -> Response<AnyBody> {
    let mut response = Response::new(body);
    for &(name, value) in fields {
        let (name, value) = (HeaderName::from_static(name), HeaderValue::from_static(value));
        response.headers_mut().append(name, value);
    }
    response
}

fn status(number: usize, text: &'static str) -> Response<AnyBody> {
    let code = u16::try_from(number).ok().and_then(|code| StatusCode::from_u16(code).ok());
    let code = code.unwrap_or(StatusCode::NOT_FOUND);
    let bodiless = matches!(code.as_u16(), 204 | 304);
    let mut response = Response::new(full(if bodiless { "" } else { text }));
    *response.status_mut() = code;
    response
}

/// A body of that many pieces, `pause` apart, of which nobody says the length.
fn pieces(count: usize, pause: Duration) -> AnyBody {
    let piece = move |nth: usize| async move {
        if nth == count {
            return None;
        }
        tokio::time::sleep(pause).await;
        let letter = b'a' + u8::try_from(nth % 26).unwrap_or(0);
        Some((Ok(Frame::data(Bytes::from(vec![letter; PIECE]))), nth + 1))
    };
    StreamBody::new(stream::unfold(0, piece)).boxed_unsync()
}

/// A body that breaks behind `sent` bytes, of the `promised` ones if a length is told.
fn broken(promised: Option<usize>, sent: usize) -> Response<AnyBody> {
    let data = Ok(Frame::data(Bytes::from(vec![b'x'; sent])));
    let steps = stream::unfold(Some(data), |step| async {
        let last: Broken = "it breaks here".into();
        match step {
            Some(Ok(data)) => Some((Ok(data), Some(Err(())))),
            Some(Err(())) => {
                // What was sent before shall arrive before.
                tokio::time::sleep(SLOWLY).await;
                Some((Err(last), None))
            }
            None => None,
        }
    });
    let mut response = Response::new(StreamBody::new(steps).boxed_unsync());
    if let Some(length) = promised {
        response.headers_mut().insert(CONTENT_LENGTH, length.into());
    }
    response
}

fn with_trailers() -> Response<AnyBody> {
    let mut trailers = HeaderMap::new();
    trailers.insert("x-sum", HeaderValue::from_static("42"));
    trailers.insert("x-more", HeaderValue::from_static("yes, more"));
    let frames = [Frame::data(Bytes::from_static(b"summed\n")), Frame::trailers(trailers)];
    let frames = stream::iter(frames.map(Ok));
    let mut response = Response::new(StreamBody::new(frames).boxed_unsync());
    response.headers_mut().insert(TRAILER, HeaderValue::from_static("x-sum, x-more"));
    response
}

/// Fields of every kind that an answer may have.
fn fields(told: String) -> Response<AnyBody> {
    let mut response = with(
        full(told),
        &[
            ("set-cookie", "a=1; Path=/; HttpOnly"),
            ("set-cookie", "b=2; Secure; SameSite=Lax"),
            ("x-empty", ""),
            ("x-twice", "one"),
            ("x-between", "two words,  and \"quotes\"; q=0.5"),
            ("x-twice", "two"),
            ("cache-control", "private, max-age=0"),
            ("content-security-policy", "default-src 'self'"),
            ("strict-transport-security", "max-age=31536000"),
            ("www-authenticate", "Basic realm=\"a\", Bearer"),
            ("etag", "W/\"abc\""),
            ("server-timing", "db;dur=53"),
        ],
    );
    let long = HeaderValue::from_str(&"l".repeat(3000)).expect("letters");
    response.headers_mut().append("x-long", long);
    let beyond = HeaderValue::from_bytes(b"caf\xe9 \xc3\xa9").expect("opaque bytes are allowed");
    response.headers_mut().append("x-beyond-ascii", beyond);
    response
}

/// Sends the body back as it comes, its trailers too.
fn mirror(request: Request<Incoming>, record: Record) -> Response<AnyBody> {
    let state = (request.into_body(), Some(record), Vec::new());
    let frames = stream::unfold(state, |(mut incoming, mut record, mut all)| async move {
        match incoming.frame().await {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    all.extend_from_slice(data);
                }
                if let Some(trailers) = frame.trailers_ref()
                    && let Some(record) = record.take()
                {
                    record.whole(&all, fields_of(trailers));
                }
                Some((Ok(frame), (incoming, record, all)))
            }
            Some(Err(fault)) => Some((Err(fault.into()), (incoming, None, all))),
            None => {
                if let Some(record) = record.take() {
                    record.whole(&all, Vec::new());
                }
                None
            }
        }
    });
    let mut response = Response::new(StreamBody::new(frames).boxed_unsync());
    response.headers_mut().insert(TRAILER, HeaderValue::from_static("x-sum"));
    response
}

/// Agrees to WebSocket and sends back what comes; refuses everything else.
fn upgrade(request: Request<Incoming>, record: Record) -> Response<AnyBody> {
    let asked = request.headers().get(UPGRADE);
    let agreed = asked.is_some_and(|word| word.as_bytes().eq_ignore_ascii_case(b"websocket"));
    record.whole(b"", Vec::new());
    if !agreed || request.uri().path().ends_with("/refused") {
        return status(403, "no\n");
    }
    drop(tokio::spawn(async move {
        let Ok(stream) = hyper::upgrade::on(request).await else { return };
        let mut stream = TokioIo::new(stream);
        let mut piece = [0; 1024];
        while let Ok(read @ 1..) = stream.read(&mut piece).await {
            if stream.write_all(&piece[..read]).await.is_err() || piece[..read].ends_with(b"bye") {
                break;
            }
        }
        // Whoever has left needs no goodbye.
        let _ = stream.shutdown().await;
    }));
    let mut response = Response::new(full(""));
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    response.headers_mut().insert(UPGRADE, HeaderValue::from_static("websocket"));
    // Of the key that RFC 6455 §1.3 has for an example.
    let accept = HeaderValue::from_static("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    response.headers_mut().insert(SEC_WEBSOCKET_ACCEPT, accept);
    response
}
