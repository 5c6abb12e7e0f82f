//! One answer on its way to an HTTP/2 client: interim heads, head, body, trailers.
//!
//! Dropped at any point it resets its stream, and the client is told that it was cancelled.

use crate::body::{AnswerBody, BodyFault};
use crate::connection::Connection;
use crate::core::Core;
use crate::serve::Answering;
use crate::stream;
use crate::upstream::UpstreamFault;
use crate::watch::StepWatch;
use bytes::Bytes;
use h2::server::SendResponse;
use h2::{Reason, SendStream};
use http::header::{
    CONNECTION, CONTENT_LENGTH, DATE, HeaderMap, HeaderName, HeaderValue, TE, TRANSFER_ENCODING,
    UPGRADE,
};
use http::{Method, Response};
use http_body::Body as _;
use seawall_config::Timeouts;
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
    (core, connection): (Rc<Core>, Rc<Connection>),
    mut answering: Answering,
    (method, mut respond): (Method, SendResponse<Bytes>),
) {
    let answered = poll_fn(|cx| {
        // A client that takes its request back is owed nothing; looked at first, so that one that
        // came with its reset never reaches an origin.
        if respond.poll_reset(cx).is_ready() {
            return Poll::Ready(None);
        }
        let answered = Pin::new(&mut answering).poll(cx);
        send_interims(&mut respond);
        answered.map(Result::ok)
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
        let mut piping = Piping::new((core, connection), body, stream);
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
    core: Rc<Core>,
    connection: Rc<Connection>,
    body: AnswerBody,
    stream: SendStream<Bytes>,
    /// Data that the client has no room for yet, and whether it is the last.
    waiting: Option<(Bytes, Last)>,
    /// Made when the client first has no room: it must make some, or its stream ends.
    watch: Option<StepWatch>,
    /// Bytes handed over since the watch was last set.
    moved: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    No,
    Yes,
}

impl Piping {
    fn new(
        (core, connection): (Rc<Core>, Rc<Connection>),
        body: AnswerBody,
        stream: SendStream<Bytes>,
    ) -> Self {
        Self { core, connection, body, stream, waiting: None, watch: None, moved: 0 }
    }

    /// Ready once the body has been handed over whole, or the stream is over.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.stream.poll_reset(cx).is_ready() {
            return Poll::Ready(());
        }
        loop {
            let Poll::Ready(handed) = self.poll_waiting(cx) else {
                self.client_must_move();
                return Poll::Pending;
            };
            match handed {
                Ok(Last::No) => {}
                Ok(Last::Yes) | Err(_) => return Poll::Ready(()),
            }
            let Some(frame) = ready!(Pin::new(&mut self.body).poll_frame(cx)) else {
                // A stream that is gone needs no end.
                let _ = self.stream.send_data(Bytes::new(), true);
                return Poll::Ready(());
            };
            let frame = match frame {
                Ok(frame) => frame,
                Err(fault) => {
                    // It must not look complete.
                    self.stream.send_reset(reason_of(&fault));
                    return Poll::Ready(());
                }
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
            self.stream.reserve_capacity(data.len());
        }
        self.waiting = Some((data, last));
    }

    /// Hands over what waits, as the client has room: no more than that is ever held for it.
    fn poll_waiting(&mut self, cx: &mut Context<'_>) -> Poll<Result<Last, h2::Error>> {
        while let Some((data, last)) = &mut self.waiting {
            let room = self.stream.capacity().min(data.len());
            if room == 0 && !data.is_empty() {
                match ready!(self.stream.poll_capacity(cx)) {
                    Some(Ok(_)) => continue,
                    Some(Err(fault)) => return Poll::Ready(Err(fault)),
                    None => return Poll::Ready(Ok(Last::Yes)),
                }
            }
            let piece = data.split_to(room);
            let ends = data.is_empty().then_some(*last);
            self.stream.send_data(piece, ends == Some(Last::Yes))?;
            self.moved += room as u64;
            if let Some(last) = ends {
                self.waiting = None;
                self.watch = None;
                return Poll::Ready(Ok(last));
            }
        }
        Poll::Ready(Ok(Last::No))
    }

    /// The client has something to take: at least so much within the time that the operator gives.
    fn client_must_move(&mut self) {
        let (core, connection) = (&self.core, &self.connection);
        let watch = self.watch.get_or_insert_with(|| core.watchlist().step(connection));
        if !watch.is_expected() || self.moved >= Timeouts::SEND_STEP.0 {
            self.moved = 0;
            watch.expect_within(core.coarse_now(), core.send_span(connection));
        }
    }
}

/// What the client is told of an answer that broke off: the origin's own word where there is one.
fn reason_of(fault: &BodyFault) -> Reason {
    match fault {
        BodyFault::Origin(UpstreamFault::Stream(cause)) => cause.reason(),
        _ => None,
    }
    .unwrap_or(Reason::INTERNAL_ERROR)
}
