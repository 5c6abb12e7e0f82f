//! Drives the HTTP engine of one connection, and answers its requests.

mod http2;

pub(crate) use http2::serve_h2;

use crate::answer::{Form, Refusal, VERDICT};
use crate::body::{AnswerBody, OpenRequest};
use crate::challenge::{self, Kept, Shows, Visitor, desk};
use crate::client::{Asker, Client};
use crate::connection::{Connection, Ending, RequestFault};
use crate::core::Core;
use crate::forward::{Admitted, Asked, Forwarding, forward};
use crate::incoming::Incoming;
use crate::lane;
use crate::measured::{Judged, Measured, Question};
use crate::meter::{Carrier, Meter};
use crate::recorder::RecordedRequest;
use crate::request::{self, Present};
use crate::shown::Shown;
use crate::tally::Noted;
use crate::upstream::Upstream;
use http::header::{CONNECTION, LOCATION};
use http::{HeaderValue, Request, Response, StatusCode, Version};
use http_body::Body as _;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use seawall_engine::admission::Body;
use seawall_engine::lane::Entry;
use seawall_engine::policy::Bears;
use seawall_types::{Moment, PlatformId, Reason, Verdict};
use seawall_wire::forwarded::Proto;
use socket2::SockRef;
use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, copy_bidirectional};

/// The engine's buffer for one HTTP/1 connection: more than the largest head.
const H1_BUFFER_MAX: usize = 64 * 1024;

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
    let service = service_fn(move |request: Request<hyper::body::Incoming>| {
        let is_whole = request.body().is_end_stream();
        let request = request.map(Incoming::Http1);
        let answering = answer(&service_core, &service_connection, request);
        if is_whole { answering.begun(&service_connection) } else { answering }
    });
    let mut engine = http1::Builder::new();
    engine.header_read_timeout(None).max_buf_size(H1_BUFFER_MAX);
    let mut serving = engine.serve_connection(TokioIo::new(meter), service);
    let mut leaving = false;
    let ended = poll_fn(|cx| {
        connection.served_by(cx.waker());
        loop {
            match connection.ending() {
                Some(Ending::Reset | Ending::Slow) => return Poll::Ready(Ended::Reset),
                Some(Ending::Graceful) if connection.has_asked() && !leaving => {
                    leaving = true;
                    Pin::new(&mut serving).graceful_shutdown();
                }
                // Told before its first request, the engine would close without reading it.
                Some(Ending::Graceful | Ending::AfterNext) | None => {}
            }
            // With its shutdown: without, it would not wait until its last answer has left.
            if Pin::new(&mut serving).poll(cx).is_ready() {
                return Poll::Ready(Ended::Done);
            }
            // A request that came just now may be the last one, or its verdict a reset.
            match connection.ending() {
                Some(Ending::Reset | Ending::Slow) => {}
                Some(Ending::Graceful) if connection.has_asked() && !leaving => {}
                Some(Ending::Graceful | Ending::AfterNext) | None => return Poll::Pending,
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
        // Boxed: few connections become one.
        Box::pin(tunnel(&connection, &mut meter, origin, &parts.read_buf)).await;
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
    let _ = SockRef::from(origin.socket()).set_keepalive(true);
    let carried = async {
        // A tunnel that breaks on either side is over; there is nobody to tell.
        let early_went = origin.write_all(early).await.is_ok() && origin.flush().await.is_ok();
        if early_went && client.write_all(&said).await.is_ok() {
            let _ = copy_bidirectional(client, &mut origin).await;
        }
    };
    let mut carried = pin!(carried);
    poll_fn(|cx| {
        connection.served_by(cx.waker());
        match connection.ending() {
            Some(Ending::Reset | Ending::Slow) => Poll::Ready(()),
            Some(Ending::Graceful | Ending::AfterNext) | None => carried.as_mut().poll(cx),
        }
    })
    .await;
}

/// An answer on its way.
///
/// Small, since the engine keeps one for each connection; what waits for an origin is on the heap.
pub(crate) enum Answering {
    Now(Option<Response<AnswerBody>>),
    /// The connection is about to be reset.
    Never,
    Forwarding(Forwarding),
    /// The same, once it was polled on behalf of the engine.
    Begun(Forwarding),
}

impl Answering {
    /// Polls it at once, for the task that serves the connection.
    ///
    /// The engine makes ready for what the client sends next before it looks for an answer, and needs
    /// another buffer of 8 KiB for that while a request's fields are slices of the last one. When the
    /// request has gone to its origin they are not needed any more.
    fn begun(self, connection: &Connection) -> Self {
        match (self, connection.waker()) {
            (Self::Forwarding(mut future), Some(waker)) => {
                match future.as_mut().poll(&mut Context::from_waker(&waker)) {
                    Poll::Ready(response) => Self::Now(Some(response)),
                    Poll::Pending => Self::Begun(future),
                }
            }
            (answering, _) => answering,
        }
    }
}

impl Future for Answering {
    type Output = Result<Response<AnswerBody>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Self::Now(response) => response.take().map_or(Poll::Pending, |r| Poll::Ready(Ok(r))),
            Self::Never => Poll::Pending,
            Self::Forwarding(future) => future.as_mut().poll(cx).map(Ok),
            this @ Self::Begun(_) => {
                // It was polled just now, and wakes this very task when it can go on.
                if let Self::Begun(future) = std::mem::replace(this, Self::Never) {
                    *this = Self::Forwarding(future);
                }
                Poll::Pending
            }
        }
    }
}

/// Answers one request, once all is read of it that its verdict needs.
fn answer(core: &Rc<Core>, connection: &Rc<Connection>, request: Request<Incoming>) -> Answering {
    let fault = connection.request_begins();
    let open = OpenRequest::new(core.clone(), connection.clone());
    let present = Present::among(request.headers());
    let reading = if fault.is_none() { lane::reads(core, &request, present) } else { None };
    let Some(reading) = reading else {
        return decide(core, connection, request, (fault, present, open));
    };
    let (core, connection) = (core.clone(), connection.clone());
    Answering::Forwarding(Box::pin(async move {
        let request = lane::with_body(&core, request, reading).await;
        let Ok(response) = decide(&core, &connection, request, (None, present, open)).await;
        response
    }))
}

/// Answers one request: judged first, then forwarded.
fn decide(
    core: &Rc<Core>,
    connection: &Rc<Connection>,
    mut request: Request<Incoming>,
    (fault, present, open): (Option<RequestFault>, Present, OpenRequest),
) -> Answering {
    let now = core.now();
    let asker = Asker::of(core, connection, request.headers());
    let proto = asker.proto(connection);
    let brought = if present.cookie() {
        challenge::take(request.headers_mut(), proto)
    } else {
        challenge::Ours::default()
    };
    let client = asker.client(connection);
    let judged = match fault {
        Some(fault) => Err(Refusal::fault(fault, client.source)),
        None => judge(core, (connection, &asker), (&request, present), now),
    };
    let asks =
        lane::Asks { connection, asker: &asker, request: &request, present, pass: brought.pass };
    let (judged, lane) = lane::weigh(core, asks, now, judged);
    let asked_for = match &judged {
        Ok((platform, _)) => Some(*platform),
        Err(refusal) => refusal.platform,
    };
    connection.asks_for.set(asked_for);
    let shown = match asked_for {
        Some(platform) => core.shown((&request, platform), connection, client),
        None => Shown::default(),
    };
    let entry = lane.as_ref().map(|place| place.entry);
    let question = Question { connection, asker: &asker, request: &request, present, lane: entry };
    let (judged, measured) = measure(core, (judged, &question), (asked_for, &shown), now);
    let visitor = Visitor { connection, asker: &asker, request: &request, brought: brought.token };
    let (judged, bearer) = challenge::weigh(core, &visitor, now, judged);
    if let (Err(refusal), Some(measured)) = (&judged, &measured) {
        measured.stops(core, refusal);
    }
    let told = match &judged {
        Ok((_, reason)) => (Verdict::Admit, *reason),
        Err(refusal) => (refusal.verdict, refusal.reason),
    };
    let record = core.recorded(&request, (connection, client), (asked_for, told));
    let noted = noted((client, now), asked_for, told, (measured.as_ref(), entry));
    match judged {
        Ok((platform, _)) if redirects(core, connection, &asker) => {
            // It asks nothing of an origin, so it is listed without a cost.
            core.note(&noted, &shown);
            let mut response = redirect(core, &request, platform, (open, client.source));
            say_last(connection, &mut response);
            Answering::Now(Some(response))
        }
        Ok((platform, _)) if desk::serves(&request) => {
            let whom = (connection.clone(), asker);
            let call =
                desk::Call { request, whom, platform, bearer, told: (noted, shown), open, record };
            Answering::Forwarding(Box::pin(desk::serve(core.clone(), call)))
        }
        Ok((platform, _)) => {
            let bears = if bearer.is_some() { Bears::Token } else { Bears::Nothing };
            let goes_last = measured.is_some_and(|measured| measured.goes_last(bears));
            let (connection, hurried_at) = (connection.clone(), None);
            let whole = Asked { request, present, connection, asker, bearer, lane, hurried_at };
            let whole = Box::new(whole);
            admit(core, (whole, platform, goes_last), (noted, shown, record, open))
        }
        Err(refusal) => {
            let shown = match refusal.platform {
                Some(platform) => core.with_cost(shown, platform),
                None => shown,
            };
            core.note(&noted, &shown);
            turn_away(core, connection, (request, asker, refusal), (open, record))
        }
    }
}

/// Sends a request on that nothing stands against.
fn admit(
    core: &Rc<Core>,
    (asked, platform, goes_last): (Box<Asked>, PlatformId, bool),
    (noted, shown, record, open): (Noted, Shown, Option<Box<RecordedRequest>>, OpenRequest),
) -> Answering {
    let body = Body::Whole;
    let admitted = Admitted { asked, platform, noted, shown, record, open, goes_last, body };
    Answering::Forwarding(forward(core.clone(), admitted))
}

/// Tells a refusal; what a form held is read first where the page of a check keeps it.
fn turn_away(
    core: &Rc<Core>,
    connection: &Rc<Connection>,
    (mut request, asker, refusal): (Request<Incoming>, Asker, Refusal),
    (open, record): (OpenRequest, Option<Box<RecordedRequest>>),
) -> Answering {
    if challenge::keeps(&refusal, &request) {
        let (core, connection) = (core.clone(), connection.clone());
        return Answering::Forwarding(Box::pin(async move {
            let kept = challenge::keep(&core, &mut request).await;
            let whom = (&*connection, asker.client(&connection));
            told_refusal(&core, &request, &refusal, (whom, (open, &kept), record))
        }));
    }
    let whom = (&**connection, asker.client(connection));
    refuse(core, &request, &refusal, (whom, (open, &Kept::Nothing), record))
}

/// What goes with a refusal.
type Refused<'a> =
    ((&'a Connection, &'a Client), (OpenRequest, &'a Kept), Option<Box<RecordedRequest>>);

fn refuse(
    core: &Core,
    request: &Request<Incoming>,
    refusal: &Refusal,
    rest: Refused<'_>,
) -> Answering {
    if refusal.verdict == Verdict::Drop {
        let ((connection, _), _, record) = rest;
        recorded(core, refusal, record);
        connection.end(Ending::Reset);
        return Answering::Never;
    }
    Answering::Now(Some(told_refusal(core, request, refusal, rest)))
}

fn recorded(core: &Core, refusal: &Refusal, record: Option<Box<RecordedRequest>>) {
    if let Some(mut record) = record {
        // Who is reset is not answered.
        let answered = refusal.verdict != Verdict::Drop;
        record.status = answered.then_some(refusal.status);
        core.record(record);
    }
}

/// The answer to a request that does not go to an origin.
fn told_refusal(
    core: &Core,
    request: &Request<Incoming>,
    refusal: &Refusal,
    ((connection, client), (open, kept), record): Refused<'_>,
) -> Response<AnswerBody> {
    recorded(core, refusal, record);
    let over_rate = refusal.reason == Reason::Rate && core.closes_over_rate();
    if over_rate && client.via.owns_connection() {
        connection.end(Ending::Graceful);
    }
    let headers = request.headers();
    let mut response = match refusal.platform {
        Some(platform) if refusal.verdict == Verdict::Challenge => {
            let shows = Shows { core, connection, client, headers, platform };
            let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
            challenge::page(shows, (target, kept), (refusal, open))
        }
        Some(_) | None => refusal.response(core, refusal.form(headers), open),
    };
    if let Some(platform) = refusal.platform {
        core.own(platform, |own| own.finish(connection, response.headers_mut()));
    }
    if request.version() == Version::HTTP_2 {
        response.headers_mut().remove(CONNECTION);
    } else if request::keeps_its_body(request) {
        // It may come all the same, and nobody could tell it from a request.
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    say_last(connection, &mut response);
    response
}

/// Says that no answer follows this one; of answers that take a while the engine says so itself.
fn say_last(connection: &Connection, response: &mut Response<AnswerBody>) {
    if connection.ending() == Some(Ending::Graceful) && !connection.h2.get() {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
}

/// Whether the client is to come back over https; one that came so to a proxy in front is there.
pub(crate) fn redirects(core: &Core, connection: &Connection, asker: &Asker) -> bool {
    core.redirects(connection.listener) && asker.proto(connection) == Proto::Http
}

fn noted(
    (client, at): (&Client, Moment),
    platform: Option<PlatformId>,
    (verdict, reason): (Verdict, Reason),
    (measured, entry): (Option<&Measured>, Option<Entry>),
) -> Noted {
    // Who holds what opens a lane is known whether or not anything bounds the origins.
    let is_proven = entry == Some(Entry::Held);
    Noted {
        at,
        platform,
        source: client.source,
        far: client.far,
        verdict,
        reason,
        is_proven: is_proven || measured.is_some_and(|measured| measured.is_proven),
        measure: measured.and_then(Measured::measure),
    }
}

/// What was judged, as the measures that stand on the platform would have it.
fn measure(
    core: &Core,
    (judged, question): (Judged, &Question<'_>),
    (platform, shown): (Option<PlatformId>, &Shown),
    now: Moment,
) -> (Judged, Option<Measured>) {
    let Some(platform) = platform.filter(|platform| core.has_measures(*platform)) else {
        return (judged, None);
    };
    let measured = Measured::of(core, question, (platform, &shown.traits), now);
    let judged = match &measured {
        Some(measured) => {
            let is_redirected = redirects(core, question.connection, question.asker);
            measured.judged(core, (judged, question), (platform, is_redirected))
        }
        None => judged,
    };
    (judged, measured)
}

/// The platform that a request may go to and why it may, or why not.
fn judge(
    core: &Core,
    (connection, asker): (&Connection, &Asker),
    (request, present): (&Request<Incoming>, Present),
    now: Moment,
) -> Judged {
    let client = asker.client(connection);
    let source = client.source;
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
    let expects = present.expect() && request.version() == Version::HTTP_2;
    if expects && request::expects_too_much(request) {
        return Err(Refusal::error(StatusCode::EXPECTATION_FAILED, Reason::Malformed, source));
    }
    let platform = request::authority(request)
        .and_then(|authority| core.platform(authority))
        .ok_or(Refusal::error(StatusCode::MISDIRECTED_REQUEST, Reason::Host, source))?;
    let judgement = core.judge_request(now, (client.standing, client.via), platform);
    if let Some(verdict) = judgement.would_have {
        core.tally().would_have(platform, verdict);
    }
    let (verdict, reason) = (judgement.verdict, judgement.reason);
    // A lane may yet take in who is over the rate of his source.
    if (verdict == Verdict::Admit || reason == Reason::Rate)
        && let Some((status, reason)) = request::impassable((request, present), core.pseudonym())
    {
        let refusal = Refusal::error(status, reason, source);
        return Err(Refusal { platform: Some(platform), ..refusal });
    }
    match verdict {
        // We are whom it asks.
        Verdict::Admit if present.max_forwards() && request::ends_here(request) => {
            let admitted = Refusal::of((verdict, reason), platform, source);
            Err(Refusal { status: StatusCode::OK, ..admitted })
        }
        Verdict::Admit
            if reason != Reason::Allowed && is_held(core, (connection, asker), platform) =>
        {
            Err(Refusal::of((Verdict::Hold, Reason::Maintenance), platform, source))
        }
        Verdict::Admit => Ok((platform, reason)),
        Verdict::Limit
        | Verdict::Challenge
        | Verdict::Hold
        | Verdict::Refuse
        | Verdict::Drop
        | Verdict::Error => Err(Refusal::of((verdict, reason), platform, source)),
    }
}

/// Whether requests wait until the operator's work on the platform is done.
///
/// Those who only get a redirect are told where they arrive.
fn is_held(core: &Core, (connection, asker): (&Connection, &Asker), platform: PlatformId) -> bool {
    core.is_in_maintenance(platform) && !redirects(core, connection, asker)
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
    let admitted = Refusal::of((Verdict::Admit, Reason::Clear), platform, source);
    let admitted = Refusal { status: StatusCode::PERMANENT_REDIRECT, ..admitted };
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
        (connection, client): (&Connection, &Client),
        (platform, (verdict, reason)): (Option<PlatformId>, (Verdict, Reason)),
    ) -> Option<Box<RecordedRequest>> {
        if !self.records(client.source) {
            return None;
        }
        let mut record = self.begin_record(request, (connection, client), platform);
        record.tell(verdict, reason);
        Some(record)
    }
}
