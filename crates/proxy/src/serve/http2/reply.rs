//! One answer on its way to an HTTP/2 client: interim heads, head, body, trailers.
//!
//! Dropped at any point it resets its stream, and the client is told that it was cancelled.

use crate::body::AnswerBody;
use crate::core::Core;
use crate::serve::Answering;
use crate::stream;
use bytes::Bytes;
use h2::server::SendResponse;
use h2::{Reason, SendStream};
use http::header::{
    CONNECTION, CONTENT_LENGTH, DATE, HeaderMap, HeaderName, HeaderValue, TE, TRANSFER_ENCODING,
    UPGRADE,
};
use http::{Method, Response};
use http_body::Body as _;
use std::future::{Future as _, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

/// Fields that HTTP/2 has no place for (RFC 9113 §8.2.2).
const FOREIGN: [HeaderName; 6] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    TRANSFER_ENCODING,
    UPGRADE,
    TE,
];

/// Sends what `answering` comes to.
pub(super) async fn send(
    core: Rc<Core>,
    mut answering: Answering,
    (method, mut respond): (Method, SendResponse<Bytes>),
) {
    let answered = poll_fn(|cx| {
        let answered = Pin::new(&mut answering).poll(cx);
        send_interims(&mut respond);
        match answered {
            Poll::Ready(Ok(response)) => Poll::Ready(Some(response)),
            // A client that takes its request back is owed nothing.
            Poll::Pending => respond.poll_reset(cx).map(|_| None),
        }
    });
    let Some(response) = answered.await else { return };
    drop(answering);
    let (parts, body) = response.into_parts();
    let mut head = Response::from_parts(parts, ());
    complete(&core, head.headers_mut(), &body);
    // The answer to HEAD ends with its head, whatever length it tells (RFC 9110 §9.3.2).
    let ends = method == Method::HEAD || body.is_end_stream();
    let Ok(stream) = respond.send_response(head, ends) else {
        // Such a head cannot be written, or the stream is gone.
        return respond.send_reset(Reason::INTERNAL_ERROR);
    };
    if !ends {
        let mut piping = Piping { body, stream, waiting: None };
        poll_fn(|cx| piping.poll(cx)).await;
    }
}

/// Sends the interim answers that the request was given while it was polled.
fn send_interims(respond: &mut SendResponse<Bytes>) {
    let Some(stream) = stream::current() else { return };
    for interim in stream.take_interims() {
        // A stream that is gone needs none.
        let _ = respond.send_informational(interim);
    }
}

/// Brings a head into the form of HTTP/2, with its date and length.
fn complete(core: &Core, headers: &mut HeaderMap, body: &AnswerBody) {
    let found = headers.keys().fold(Found::default(), |found, name| found.and(name.as_str()));
    if found.foreign {
        for name in &FOREIGN {
            headers.remove(name);
        }
    }
    if !found.date
        && let Ok(date) = core.with_date(HeaderValue::from_str)
    {
        headers.insert(DATE, date);
    }
    let length = body.size_hint().exact().filter(|_| !body.is_end_stream());
    if let Some(length) = length
        && !found.length
    {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
}

/// What one walk over the names of a head has found: look-ups for each would cost more.
#[derive(Debug, Clone, Copy, Default)]
struct Found {
    foreign: bool,
    date: bool,
    length: bool,
}

impl Found {
    fn and(mut self, name: &str) -> Self {
        match name {
            "date" => self.date = true,
            "content-length" => self.length = true,
            "connection" | "keep-alive" | "proxy-connection" | "transfer-encoding" | "upgrade"
            | "te" => self.foreign = true,
            _ => {}
        }
        self
    }
}

/// A body on its way into the frames of its stream.
struct Piping {
    body: AnswerBody,
    stream: SendStream<Bytes>,
    /// Data that the client has no room for yet, and whether it is the last.
    waiting: Option<(Bytes, Last)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    No,
    Yes,
}

impl Piping {
    /// Ready once the body has been handed over whole, or the stream is over.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.stream.poll_reset(cx).is_ready() {
            return Poll::Ready(());
        }
        loop {
            match ready!(self.poll_waiting(cx)) {
                Ok(Last::No) => {}
                Ok(Last::Yes) | Err(_) => return Poll::Ready(()),
            }
            let Some(frame) = ready!(Pin::new(&mut self.body).poll_frame(cx)) else {
                // A stream that is gone needs no end.
                let _ = self.stream.send_data(Bytes::new(), true);
                return Poll::Ready(());
            };
            let Ok(frame) = frame else {
                // It must not look complete.
                self.stream.send_reset(Reason::INTERNAL_ERROR);
                return Poll::Ready(());
            };
            match frame.into_data() {
                Ok(data) => self.take(data),
                Err(frame) => {
                    if let Ok(trailers) = frame.into_trailers() {
                        self.stream.reserve_capacity(0);
                        // A stream that is gone needs no trailers.
                        let _ = self.stream.send_trailers(trailers);
                    }
                    return Poll::Ready(());
                }
            }
        }
    }

    fn take(&mut self, data: Bytes) {
        let last = if self.body.is_end_stream() { Last::Yes } else { Last::No };
        if !data.is_empty() {
            // No more than shows that there is something: a claim for all of it would be kept from
            // the other streams for as long as the client has no room.
            self.stream.reserve_capacity(1);
        }
        self.waiting = Some((data, last));
    }

    /// Hands over what waits, once the client has room for any of it.
    fn poll_waiting(&mut self, cx: &mut Context<'_>) -> Poll<Result<Last, h2::Error>> {
        let Some((data, _)) = &self.waiting else { return Poll::Ready(Ok(Last::No)) };
        while !data.is_empty() && self.stream.capacity() == 0 {
            match ready!(self.stream.poll_capacity(cx)) {
                Some(Ok(_)) => {}
                Some(Err(fault)) => return Poll::Ready(Err(fault)),
                None => return Poll::Ready(Ok(Last::Yes)),
            }
        }
        let (data, last) = self.waiting.take().unwrap_or((Bytes::new(), Last::No));
        self.stream.send_data(data, last == Last::Yes)?;
        Poll::Ready(Ok(last))
    }
}
