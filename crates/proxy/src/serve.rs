//! Drives the HTTP engine of one connection, and answers its requests.

use crate::answer::{Form, Refusal, VERDICT, status_of};
use crate::body::{AnswerBody, OpenRequest};
use crate::coalesce::coalesce;
use crate::connection::{Connection, Ending, RequestFault};
use crate::core::Core;
use crate::forward::{Admitted, forward};
use crate::meter::{Carrier, Meter};
use crate::recorder::RecordedRequest;
use crate::request;
use crate::stream;
use crate::tally::Noted;
use crate::upstream::Upstream;
use http::header::{CONNECTION, LOCATION};
use http::{HeaderValue, Request, Response, StatusCode, Version};
use hyper::body::Incoming;
use hyper::rt::Executor;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use seawall_types::{Moment, PlatformId, Reason, Verdict};
use socket2::SockRef;
use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, copy_bidirectional};

/// Requests that one HTTP/2 connection may have open (RFC 9113 §5.1.2 asks for no fewer than 100).
const STREAMS_MAX: u32 = 100;
/// What one HTTP/2 head may measure decoded, with 32 bytes a field (RFC 9113 §6.5.2).
const HEADER_LIST_MAX: u32 = 16 * 1024;
/// What an HTTP/2 client may send on one stream before the origin has taken it.
const STREAM_WINDOW: u32 = 256 * 1024;
/// The same for a whole connection.
const CONNECTION_WINDOW: u32 = 1024 * 1024;
/// Answers of one stream that wait for the socket.
const SEND_BUFFER_MAX: usize = 16 * 1024;
/// Streams that a client may reset before we saw them.
const PENDING_RESETS_MAX: usize = 20;
/// Streams that a client may make us reset.
const PROVOKED_RESETS_MAX: usize = 64;
/// The engine's buffer for one HTTP/1 connection: more than the largest head.
const H1_BUFFER_MAX: usize = 64 * 1024;

/// Time in which a goodbye must leave.
const GOODBYE: Duration = Duration::from_secs(1);

/// How a connection came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Both sides are done.
    Done,
    /// Reset it: nothing more is sent.
    Reset,
}

/// Serves HTTP/1 until the connection ends.
pub(crate) async fn serve_h1<S>(
    core: Rc<Core>,
    connection: Rc<Connection>,
    meter: Meter<S>,
) -> (Ended, Meter<S>)
where
    S: AsyncRead + AsyncWrite + Carrier + Unpin + 'static,
{
    let (service_core, service_connection) = (core.clone(), connection.clone());
    let service = service_fn(move |request| answer(&service_core, &service_connection, request));
    let mut engine = http1::Builder::new();
    engine.header_read_timeout(None).max_buf_size(H1_BUFFER_MAX);
    let mut serving = engine.serve_connection(TokioIo::new(meter), service);
    let mut leaving = false;
    let ended = poll_fn(|cx| {
        connection.served_by(cx.waker());
        loop {
            let leave = match connection.ending() {
                Some(Ending::Reset | Ending::Slow) => return Poll::Ready(Ended::Reset),
                // Told before its first request, the engine would close without reading it.
                Some(Ending::Graceful) => connection.has_asked() && !leaving,
                None => false,
            };
            if leave {
                leaving = true;
                Pin::new(&mut serving).graceful_shutdown();
            }
            // With its shutdown: without, it would not wait until its last answer has left.
            if Pin::new(&mut serving).poll(cx).is_ready() {
                return Poll::Ready(Ended::Done);
            }
            let asked_just_now = connection.has_asked() && !leaving;
            if connection.ending().is_none() || !asked_just_now {
                return Poll::Pending;
            }
        }
    })
    .await;
    let parts = serving.into_parts();
    let mut meter = parts.io.into_inner();
    let switched = connection.take_switched();
    if ended == Ended::Done
        && let Some((origin, _exchange)) = switched
    {
        tunnel(&connection, &mut meter, origin, &parts.read_buf).await;
    }
    (ended, meter)
}

/// Carries bytes both ways after the origin agreed to another protocol (RFC 9110 §7.8).
///
/// Ends with either side, and when the connection must end; a tunnel may be silent.
async fn tunnel<S>(connection: &Connection, client: &mut Meter<S>, origin: Upstream, early: &[u8])
where
    S: AsyncRead + AsyncWrite + Carrier + Unpin,
{
    let (mut origin, said) = origin.into_tunnel();
    // A peer that is gone without a word is found by the kernel; without it, it would stay.
    let _ = SockRef::from(&origin).set_keepalive(true);
    let carried = async {
        // A tunnel that breaks on either side is over; there is nobody to tell.
        if origin.write_all(early).await.is_ok() && client.write_all(&said).await.is_ok() {
            let _ = copy_bidirectional(client, &mut origin).await;
        }
    };
    let mut carried = pin!(carried);
    poll_fn(|cx| {
        connection.served_by(cx.waker());
        match connection.ending() {
            Some(Ending::Reset | Ending::Slow) => Poll::Ready(()),
            Some(Ending::Graceful) | None => carried.as_mut().poll(cx),
        }
    })
    .await;
}

/// Serves HTTP/2 until the connection ends.
pub(crate) async fn serve_h2<S>(
    core: Rc<Core>,
    connection: Rc<Connection>,
    meter: Meter<S>,
    reset: impl FnOnce(&S),
) where
    S: AsyncRead + AsyncWrite + Carrier + Unpin + 'static,
{
    let (service_core, service_connection) = (core.clone(), connection.clone());
    let service = service_fn(move |request| answer(&service_core, &service_connection, request));
    let (gather, drain) = coalesce(meter);
    let serving = h2_engine().serve_connection(TokioIo::new(gather), service);
    let mut serving = pin!(serving);
    let mut leaving = false;
    let ended = poll_fn(|cx| {
        connection.served_by(cx.waker());
        if connection.fault() == Some(RequestFault::SlowHead) {
            connection.end(Ending::Graceful);
        }
        match connection.ending() {
            Some(Ending::Reset | Ending::Slow) => return Poll::Ready(Ended::Reset),
            Some(Ending::Graceful) if !leaving => {
                leaving = true;
                serving.as_mut().graceful_shutdown();
            }
            Some(Ending::Graceful) | None => {}
        }
        let done = serving.as_mut().poll(cx).is_ready();
        match drain.poll(cx) {
            Poll::Ready(Err(_)) => Poll::Ready(Ended::Reset),
            Poll::Ready(Ok(())) | Poll::Pending if done => Poll::Ready(Ended::Done),
            Poll::Ready(Ok(())) | Poll::Pending => Poll::Pending,
        }
    })
    .await;
    match ended {
        Ended::Reset => drain.with(|meter| reset(meter.stream())),
        Ended::Done => {
            let goodbye = poll_fn(|cx| drain.poll_shutdown(cx));
            // A client that does not take the goodbye is left without it.
            let _ = core.watchlist().until(core.now() + GOODBYE, goodbye).await;
        }
    }
}

fn h2_engine() -> http2::Builder<OnThisCore> {
    let mut engine = http2::Builder::new(OnThisCore);
    engine
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(HEADER_LIST_MAX)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buf_size(SEND_BUFFER_MAX)
        .max_pending_accept_reset_streams(PENDING_RESETS_MAX)
        .max_local_error_reset_streams(PROVOKED_RESETS_MAX);
    engine
}

/// Streams run on the core of their connection.
#[derive(Debug, Clone, Copy)]
struct OnThisCore;

impl<F> Executor<F> for OnThisCore
where
    F: Future + 'static,
    F::Output: 'static,
{
    fn execute(&self, future: F) {
        tokio::task::spawn_local(stream::run(future));
    }
}

/// An answer on its way.
///
/// Small, since the engine keeps one for each connection; what waits for an origin is on the heap.
enum Answering {
    Now(Option<Response<AnswerBody>>),
    /// The connection is about to be reset.
    Never,
    Forwarding(Pin<Box<dyn Future<Output = Response<AnswerBody>>>>),
}

impl Future for Answering {
    type Output = Result<Response<AnswerBody>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Self::Now(response) => response.take().map_or(Poll::Pending, |r| Poll::Ready(Ok(r))),
            Self::Never => Poll::Pending,
            Self::Forwarding(future) => future.as_mut().poll(cx).map(Ok),
        }
    }
}

/// Answers one request: judged first, then forwarded.
fn answer(core: &Rc<Core>, connection: &Rc<Connection>, request: Request<Incoming>) -> Answering {
    let now = core.now();
    let fault = connection.request_begins();
    let open = OpenRequest::new(core.clone(), connection.clone());
    let judged = match fault {
        Some(fault) => Err(Refusal::fault(fault, connection.source)),
        None => judge(core, connection, &request, now),
    };
    let (asked_for, told) = match &judged {
        Ok((platform, reason)) => (Some(*platform), (Verdict::Admit, *reason)),
        Err(refusal) => (refusal.platform, (refusal.verdict, refusal.reason)),
    };
    let record = core.recorded(&request, connection, (asked_for, told));
    match judged {
        Ok((platform, reason)) if core.redirects(connection.listener) => {
            core.note(&noted(connection, now, Some(platform), (Verdict::Admit, reason)));
            let response = redirect(core, &request, platform, (open, connection.source));
            Answering::Now(Some(response))
        }
        Ok((platform, reason)) => {
            let noted = noted(connection, now, Some(platform), (Verdict::Admit, reason));
            let connection = connection.clone();
            let admitted = Admitted { request, connection, platform, noted, record, open };
            Answering::Forwarding(Box::pin(forward(core.clone(), admitted)))
        }
        Err(refusal) => refuse(core, &request, &refusal, (now, connection, open, record)),
    }
}

/// What goes with a refusal.
type Refused<'a> = (Moment, &'a Rc<Connection>, OpenRequest, Option<Box<RecordedRequest>>);

fn refuse(
    core: &Core,
    request: &Request<Incoming>,
    refusal: &Refusal,
    (now, connection, open, record): Refused<'_>,
) -> Answering {
    let verdict = (refusal.verdict, refusal.reason);
    core.note(&noted(connection, now, refusal.platform, verdict));
    if let Some(mut record) = record {
        // Who is reset is not answered.
        let answered = refusal.verdict != Verdict::Drop;
        record.record.status = answered.then_some(refusal.status.as_u16());
        core.record(record);
    }
    if refusal.verdict == Verdict::Drop {
        connection.end(Ending::Reset);
        return Answering::Never;
    }
    if refusal.verdict != Verdict::Error && core.closes_over_rate() {
        connection.end(Ending::Graceful);
    }
    let mut response = refusal.response(core, Form::wanted_by(request.headers()), open);
    if request.version() == Version::HTTP_2 {
        response.headers_mut().remove(CONNECTION);
    } else if request::keeps_its_body(request) {
        // It may come all the same, and nobody could tell it from a request.
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    Answering::Now(Some(response))
}

fn noted(
    connection: &Connection,
    at: Moment,
    platform: Option<PlatformId>,
    (verdict, reason): (Verdict, Reason),
) -> Noted {
    Noted { at, platform, source: connection.source, verdict, reason }
}

/// The platform that a request may go to and why it may, or why not.
fn judge(
    core: &Core,
    connection: &Connection,
    request: &Request<Incoming>,
    now: Moment,
) -> Result<(PlatformId, Reason), Refusal> {
    let source = connection.source;
    if request.version() == Version::HTTP_2
        && let Err(reason) = request::check_h2(request)
    {
        let status = match reason {
            Reason::Oversize => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            _ => StatusCode::BAD_REQUEST,
        };
        return Err(Refusal::error(status, reason, source));
    }
    // On HTTP/1 the gate has seen to it.
    if request.version() == Version::HTTP_2 && request::expects_too_much(request) {
        return Err(Refusal::error(StatusCode::EXPECTATION_FAILED, Reason::Malformed, source));
    }
    let platform = request::authority(request)
        .and_then(|authority| core.platform(authority))
        .ok_or(Refusal::error(StatusCode::MISDIRECTED_REQUEST, Reason::Host, source))?;
    if let Some((status, reason)) = request::impassable(request, core.pseudonym()) {
        let refusal = Refusal::error(status, reason, source);
        return Err(Refusal { platform: Some(platform), ..refusal });
    }
    let judgement = core.judge_request(now, connection.standing, platform);
    if let Some(verdict) = judgement.would_have {
        core.tally().would_have(platform, verdict);
    }
    let (verdict, reason) = (judgement.verdict, judgement.reason);
    match verdict {
        // We are whom it asks.
        Verdict::Admit if request::ends_here(request) => {
            let status = StatusCode::OK;
            Err(Refusal { verdict, reason, status, platform: Some(platform), source })
        }
        Verdict::Admit => Ok((platform, reason)),
        Verdict::Limit
        | Verdict::Challenge
        | Verdict::Hold
        | Verdict::Refuse
        | Verdict::Drop
        | Verdict::Error => {
            let status = status_of(verdict);
            Err(Refusal { verdict, reason, status, platform: Some(platform), source })
        }
    }
}

/// Sends the client to the same place over https.
fn redirect(
    core: &Core,
    request: &Request<Incoming>,
    platform: PlatformId,
    (open, source): (OpenRequest, seawall_types::SourceKey),
) -> Response<AnswerBody> {
    let host = crate::settings::host_of(request::authority(request).unwrap_or_default());
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    let to = HeaderValue::from_str(&format!("https://{host}{target}"));
    let admitted = Refusal {
        verdict: Verdict::Admit,
        reason: Reason::Clear,
        status: StatusCode::PERMANENT_REDIRECT,
        platform: Some(platform),
        source,
    };
    let mut response = admitted.response(core, Form::Text, open);
    if let Ok(to) = to {
        response.headers_mut().insert(LOCATION, to);
    }
    debug_assert!(response.headers().contains_key(VERDICT));
    response
}

impl Core {
    /// A record of this request, when requests are recorded.
    fn recorded(
        &self,
        request: &Request<Incoming>,
        connection: &Connection,
        (platform, (verdict, reason)): (Option<PlatformId>, (Verdict, Reason)),
    ) -> Option<Box<RecordedRequest>> {
        if !self.records(connection.source) {
            return None;
        }
        let mut record = RecordedRequest::begin(request, connection, self.wall_secs_f64());
        record.platform = platform;
        record.tell(verdict, reason);
        Some(Box::new(record))
    }
}
