//! Sends an admitted request to an origin and brings its answer back.

mod over_h2;

pub(crate) use over_h2::StreamBody;

use crate::answer::{Form, Refusal};
use crate::body::{AnswerBody, BodyFault, ClientBody, Exchange, OpenRequest, OriginBody};
use crate::connection::Connection;
use crate::core::Core;
use crate::pool::{Lease, OriginPool};
use crate::recorder::RecordedRequest;
use crate::request;
use crate::tally::Noted;
use crate::upstream::dial::Speaks;
use crate::upstream::h2::Slot;
use crate::upstream::request::{Forwarded, framing, write_head};
use crate::upstream::response::ResponseHead;
use crate::upstream::upload::{Progress, UploadFault};
use crate::upstream::{Upload, UpstreamFault};
use http::request::Parts;
use http::{Method, Request, Response, StatusCode};
use hyper::body::{Body as _, Incoming};
use seawall_types::{PlatformId, Reason};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

/// An admitted request with what is known of it.
pub(crate) struct Admitted {
    pub(crate) request: Request<Incoming>,
    pub(crate) connection: Rc<Connection>,
    pub(crate) platform: PlatformId,
    pub(crate) noted: Noted,
    pub(crate) record: Option<Box<RecordedRequest>>,
    pub(crate) open: OpenRequest,
}

/// Why there is no answer from the origin.
#[derive(Debug, Clone, Copy)]
struct Unanswered {
    status: StatusCode,
    reason: Reason,
}

impl Unanswered {
    const UNREACHABLE: Self = Self { status: StatusCode::BAD_GATEWAY, reason: Reason::Unreachable };
    const TIMEOUT: Self = Self { status: StatusCode::GATEWAY_TIMEOUT, reason: Reason::Timeout };
    const MALFORMED: Self = Self { status: StatusCode::BAD_REQUEST, reason: Reason::Malformed };

    fn of_client(fault: &BodyFault) -> Self {
        match fault {
            BodyFault::TooLarge => {
                Self { status: StatusCode::PAYLOAD_TOO_LARGE, reason: Reason::Oversize }
            }
            BodyFault::Client(_) | BodyFault::Origin(_) => Self::MALFORMED,
        }
    }
}

/// A request that may go to an origin.
struct Admission {
    parts: Parts,
    incoming: Incoming,
    connection: Rc<Connection>,
}

/// An origin's answer up to its head.
enum Answered {
    H1(OverH1),
    H2(over_h2::Answered),
}

/// An origin's answer up to its head, over HTTP/1.1.
struct OverH1 {
    head: ResponseHead,
    lease: Lease,
    /// Still under way when the origin answers before it has the whole request.
    upload: Option<Upload>,
}

/// Forwards a request; whatever happens, there is an answer.
pub(crate) async fn forward(core: Rc<Core>, admitted: Admitted) -> Response<AnswerBody> {
    let Admitted { request, connection, platform, noted, record, open } = admitted;
    let form = Form::wanted_by(request.headers());
    let mut exchange = Exchange::begin(&core, &connection, (noted, platform), (record, open));
    match ask(&core, &connection, platform, request).await {
        Ok(Answered::H1(answered)) => {
            exchange.answered(answered.head.parts.status);
            response(answered, &connection, exchange)
        }
        Ok(Answered::H2(answered)) => {
            exchange.answered(answered.status());
            answered.response(exchange)
        }
        Err(Unanswered { status, reason }) => {
            let (core, open) = exchange.failed(status, reason);
            let error = Refusal::error(status, reason, connection.source);
            let refusal = Refusal { platform: Some(platform), ..error };
            refusal.response(&core, form, open)
        }
    }
}

async fn ask(
    core: &Rc<Core>,
    connection: &Rc<Connection>,
    platform: PlatformId,
    request: Request<Incoming>,
) -> Result<Answered, Unanswered> {
    let upgrade = request::wants_upgrade(&request);
    let (parts, incoming) = request.into_parts();
    let wanted = if upgrade { Wanted::Upgrade } else { Wanted::Any };
    let mut lease = match reach(core, (platform, wanted)).await? {
        Reached::H1(lease) => lease,
        Reached::H2(pool, slot) => {
            let admission = Admission { parts, incoming, connection: connection.clone() };
            // Boxed: the way over HTTP/1.1 should not carry its state.
            return Box::pin(over_h2::ask(core, admission, (pool, slot))).await.map(Answered::H2);
        }
    };
    let framing = framing(&parts, incoming.is_end_stream());
    let head = write_head(&parts, framing, &Forwarded { connection, upgrade });
    // The client's fields are many at times, and are not needed any more.
    let method = parts.method.clone();
    drop(parts);
    let body = ClientBody::new(incoming, core.clone(), connection.clone());
    let mut upload = Upload::new(head, body, framing);
    let mut asked = answer(core, &mut lease, &mut upload, &method).await;
    if let Err(Asking::Upstream(UpstreamFault::Closed | UpstreamFault::Broke(_))) = &asked
        && lease.reused
        && method.is_idempotent()
        && upload.rewind()
    {
        // The origin closed an idle connection just when we used it (RFC 9110 §9.2.2): once more,
        // and on a connection that nobody has used.
        let wanted = if upgrade { Wanted::Upgrade } else { Wanted::Http1 };
        let pool = core.origin(platform).ok_or(Unanswered::UNREACHABLE)?;
        let Reached::H1(fresh) = connect(core, (platform, wanted), pool).await? else {
            return Err(Unanswered::UNREACHABLE);
        };
        lease = fresh;
        asked = answer(core, &mut lease, &mut upload, &method).await;
    }
    if let Err(Asking::Upstream(UpstreamFault::Broke(cause))) = &asked {
        lease.broke(cause);
    }
    let head = asked.map_err(|asking| asking.unanswered())?;
    if head.parts.status == StatusCode::SWITCHING_PROTOCOLS && !upgrade {
        return Err(Unanswered::UNREACHABLE);
    }
    let upload = (!upload.is_done()).then_some(upload);
    Ok(Answered::H1(OverH1 { head, lease, upload }))
}

/// What may be spoken to an origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// What its scheme says.
    Any,
    /// HTTP/1.1 to any: nobody leaves HTTP/2 for another protocol.
    Upgrade,
    /// HTTP/1.1 to those whose scheme says so: the request is written already.
    Http1,
}

impl Wanted {
    fn of(self, pool: &OriginPool) -> Option<Speaks> {
        match (self, pool.place().speaks()) {
            (Self::Any, speaks) => Some(speaks),
            (Self::Upgrade, _) | (Self::Http1, Speaks::Http1) => Some(Speaks::Http1),
            (Self::Http1, Speaks::Http2) => None,
        }
    }
}

/// An origin that can be asked.
enum Reached {
    H1(Lease),
    H2(Rc<OriginPool>, Slot),
}

/// A connection that idles, or a new one.
async fn reach(
    core: &Rc<Core>,
    (platform, wanted): (PlatformId, Wanted),
) -> Result<Reached, Unanswered> {
    let pool = core.origin(platform).ok_or(Unanswered::UNREACHABLE)?;
    let idle = if wanted.of(&pool) == Some(Speaks::Http1) { pool.take_idle() } else { None };
    match idle {
        Some(lease) => Ok(Reached::H1(lease)),
        None => connect(core, (platform, wanted), pool).await,
    }
}

/// A new connection to the origin of `first`, or to another of the platform when it is down.
async fn connect(
    core: &Rc<Core>,
    (platform, wanted): (PlatformId, Wanted),
    first: Rc<OriginPool>,
) -> Result<Reached, Unanswered> {
    let mut pool = first;
    let mut fault = Unanswered::UNREACHABLE;
    for _ in 0..core.origins(platform) {
        let due = core.coarse_now() + core.timeouts().origin_connect;
        let reached = match wanted.of(&pool) {
            Some(Speaks::Http1) => {
                let lease = core.watchlist().until(due, pool.connect()).await;
                lease.map(|lease| lease.map(Reached::H1))
            }
            Some(Speaks::Http2) => {
                let slot = core.watchlist().until(due, pool.slot()).await;
                slot.map(|slot| slot.map(|slot| Reached::H2(pool.clone(), slot)))
            }
            None => {
                pool = core.origin(platform).ok_or(fault)?;
                continue;
            }
        };
        match reached {
            Ok(Ok(reached)) => return Ok(reached),
            Ok(Err(_)) => fault = Unanswered::UNREACHABLE,
            Err(_) => fault = Unanswered::TIMEOUT,
        }
        pool = core.origin(platform).ok_or(fault)?;
    }
    Err(fault)
}

enum Asking {
    Client(BodyFault),
    Upstream(UpstreamFault),
    Overdue,
}

impl Asking {
    fn unanswered(&self) -> Unanswered {
        match self {
            Self::Client(fault) => Unanswered::of_client(fault),
            Self::Upstream(_) => Unanswered::UNREACHABLE,
            Self::Overdue => Unanswered::TIMEOUT,
        }
    }
}

/// The head of the origin's answer, in time.
async fn answer(
    core: &Rc<Core>,
    lease: &mut Lease,
    upload: &mut Upload,
    method: &Method,
) -> Result<ResponseHead, Asking> {
    let deadline = core.watchlist().deadline();
    let mut sent = None;
    poll_fn(|cx| {
        if let Poll::Ready(answer) = poll_answer(lease, upload, method, cx) {
            return Poll::Ready(answer);
        }
        let progress = upload.progress();
        if progress == Progress::AwaitsClient {
            // Its own deadline watches over the client.
            deadline.rest();
            sent = None;
        } else if sent != Some(progress) {
            sent = Some(progress);
            deadline.expect_within(core.coarse_now(), core.timeouts().origin_answer);
        }
        deadline.poll_overdue(cx).map(|_| Err(Asking::Overdue))
    })
    .await
}

/// Sends and reads at once: an origin may answer before it has the whole request.
fn poll_answer(
    lease: &mut Lease,
    upload: &mut Upload,
    method: &Method,
    cx: &mut Context<'_>,
) -> Poll<Result<ResponseHead, Asking>> {
    match upload.poll(&mut lease.upstream, cx) {
        Poll::Ready(Err(UploadFault::Client(fault))) => {
            return Poll::Ready(Err(Asking::Client(fault)));
        }
        // An origin that takes no more may have said why.
        Poll::Ready(Ok(()) | Err(UploadFault::Origin(_) | UploadFault::Broken)) | Poll::Pending => {
        }
    }
    Poll::Ready(ready!(lease.upstream.poll_head(cx, method)).map_err(Asking::Upstream))
}

fn response(answered: OverH1, connection: &Connection, exchange: Exchange) -> Response<AnswerBody> {
    let OverH1 { head, lease, upload } = answered;
    let ResponseHead { parts, framing, persists } = head;
    if parts.status == StatusCode::SWITCHING_PROTOCOLS {
        connection.switch(lease.upstream, exchange);
        return Response::from_parts(parts, AnswerBody::Switched);
    }
    let body = OriginBody::new((lease, upload), (framing, persists), exchange);
    Response::from_parts(parts, AnswerBody::Origin(Box::new(body)))
}
