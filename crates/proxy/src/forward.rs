//! Sends an admitted request to an origin and brings its answer back.

use crate::answer::{Form, Refusal};
use crate::body::{AnswerBody, BodyFault, ClientBody, Exchange, OpenRequest, OriginBody};
use crate::connection::Connection;
use crate::core::Core;
use crate::pool::{Lease, OriginPool};
use crate::recorder::RecordedRequest;
use crate::request;
use crate::tally::Noted;
use crate::upstream::interim::{Allowance, Interim};
use crate::upstream::request::{Forwarded, UploadFraming, expects_continue, framing, write_head};
use crate::upstream::response::{ResponseHead, Said};
use crate::upstream::upload::{Progress, UploadFault};
use crate::upstream::{Upload, UpstreamFault};
use http::header::{CONNECTION, CONTENT_LENGTH, HeaderMap};
use http::{HeaderValue, Method, Request, Response, StatusCode, Version};
use hyper::body::{Body as _, Incoming};
use seawall_types::{PlatformId, Reason};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// How long the body of a client that expects `100 Continue` is held back for an origin that does
/// not say it; not every origin knows how (RFC 9110 §10.1.1).
const INVITATION_MAX: Duration = Duration::from_secs(1);

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
    const TOO_LARGE: Self =
        Self { status: StatusCode::PAYLOAD_TOO_LARGE, reason: Reason::Oversize };
    const TIMEOUT: Self = Self { status: StatusCode::GATEWAY_TIMEOUT, reason: Reason::Timeout };

    fn of_client(fault: &BodyFault) -> Self {
        match fault {
            BodyFault::TooLarge => Self::TOO_LARGE,
            BodyFault::Client(_) | BodyFault::Cut | BodyFault::Origin(_) => {
                Self { status: StatusCode::BAD_REQUEST, reason: Reason::Malformed }
            }
        }
    }
}

/// An origin's answer up to its head.
struct Answered {
    head: ResponseHead,
    lease: Lease,
    /// Still under way when the origin answers before it has the whole request.
    upload: Option<Upload>,
}

/// Who asks an origin, and what.
struct Asker<'a> {
    connection: &'a Connection,
    method: Method,
    interims: Allowance,
}

impl<'a> Asker<'a> {
    fn new(connection: &'a Connection, (method, version): (Method, Version)) -> Self {
        // On HTTP/2 the engine lets nobody send them, and HTTP/1.0 knows none.
        let knows_interims = version == Version::HTTP_11;
        let interims = if knows_interims { Allowance::FULL } else { Allowance::NONE };
        Self { connection, method, interims }
    }

    /// Sends an interim answer on to the client.
    fn tell(&mut self, interim: &Interim) {
        if let Some(head) = self.interims.encode(interim) {
            self.connection.interims.put(&head);
        }
    }
}

/// Forwards a request; whatever happens, there is an answer.
pub(crate) async fn forward(core: Rc<Core>, admitted: Admitted) -> Response<AnswerBody> {
    let Admitted { request, connection, platform, noted, record, open } = admitted;
    let form = Form::wanted_by(request.headers());
    let may_stay = request.body().is_end_stream() || connection.h2.get();
    let mut exchange = Exchange::begin(&core, &connection, (noted, platform), (record, open));
    match ask(&core, &connection, platform, request).await {
        Ok(answered) => {
            exchange.answered(answered.head.parts.status);
            response(answered, &connection, exchange)
        }
        Err(Unanswered { status, reason }) => {
            connection.interims.forget();
            let (core, open) = exchange.failed(status, reason);
            let error = Refusal::error(status, reason, connection.source);
            let refusal = Refusal { platform: Some(platform), ..error };
            let mut response = refusal.response(&core, form, open);
            if !may_stay {
                // What is left of a body that nobody takes is no request.
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            response
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
    let framing = framing(&parts, incoming.is_end_stream());
    if framing == UploadFraming::Length && incoming.size_hint().lower() > core.body_max() {
        // It says so itself: neither client nor origin need to spend the bytes.
        return Err(Unanswered::TOO_LARGE);
    }
    let forwarded = Forwarded { connection, pseudonym: core.pseudonym(), upgrade };
    let head = write_head(&parts, framing, &forwarded);
    // The client's fields are many at times, and are not needed any more.
    let mut client = Asker::new(connection, (parts.method.clone(), parts.version));
    let expects_continue = expects_continue(&parts, framing);
    drop(parts);
    let body = ClientBody::new(incoming, core.clone(), connection.clone());
    let mut upload = Upload::new(head, body, framing);
    if expects_continue {
        upload.hold_body();
    }
    let pool = core.origin(platform).ok_or(Unanswered::UNREACHABLE)?;
    let idle = pool.take_idle();
    let mut lease = match idle {
        Some(lease) => lease,
        None => connect(core, platform, pool).await?,
    };
    let mut asked = answer(core, &mut lease, &mut upload, &mut client).await;
    if let Err(Asking::Upstream(UpstreamFault::Closed | UpstreamFault::Broke(_))) = &asked
        && lease.reused
        && client.method.is_idempotent()
        && upload.rewind()
    {
        // The origin closed an idle connection just when we used it (RFC 9110 §9.2.2): once more,
        // and on a connection that nobody has used.
        let pool = core.origin(platform).ok_or(Unanswered::UNREACHABLE)?;
        lease = connect(core, platform, pool).await?;
        asked = answer(core, &mut lease, &mut upload, &mut client).await;
    }
    let head = asked.map_err(|asking| asking.unanswered())?;
    if head.parts.status == StatusCode::SWITCHING_PROTOCOLS && !upgrade {
        return Err(Unanswered::UNREACHABLE);
    }
    let upload = (!upload.is_done()).then_some(upload);
    Ok(Answered { head, lease, upload })
}

/// A new connection to the origin of `first`, or to another of the platform when it is down.
async fn connect(
    core: &Rc<Core>,
    platform: PlatformId,
    first: Rc<OriginPool>,
) -> Result<Lease, Unanswered> {
    let mut pool = first;
    let mut fault = Unanswered::UNREACHABLE;
    for _ in 0..core.origins(platform) {
        let due = core.coarse_now() + core.timeouts().origin_connect;
        match core.watchlist().until(due, pool.connect()).await {
            Ok(Ok(lease)) => return Ok(lease),
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
    asker: &mut Asker<'_>,
) -> Result<ResponseHead, Asking> {
    let deadline = core.watchlist().deadline();
    let invitation = upload.is_held().then(|| {
        let invitation = core.watchlist().deadline();
        invitation.expect_within(core.now(), INVITATION_MAX);
        invitation
    });
    let mut sent = None;
    poll_fn(|cx| {
        if let Some(invitation) = &invitation
            && upload.is_held()
            && invitation.poll_overdue(cx).is_ready()
        {
            upload.invite();
        }
        if let Poll::Ready(answer) = poll_answer(lease, upload, asker, cx) {
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
    asker: &mut Asker<'_>,
    cx: &mut Context<'_>,
) -> Poll<Result<ResponseHead, Asking>> {
    loop {
        match upload.poll(&mut lease.upstream, cx) {
            Poll::Ready(Err(UploadFault::Client(fault))) => {
                return Poll::Ready(Err(Asking::Client(fault)));
            }
            // An origin that takes no more may have said why.
            Poll::Ready(Ok(()) | Err(UploadFault::Origin(_) | UploadFault::Broken))
            | Poll::Pending => {}
        }
        if asker.connection.interims.wait() {
            // The next answer must not overtake them; the meter wakes us once they have left.
            return Poll::Pending;
        }
        let said = ready!(lease.upstream.poll_head(cx, &asker.method));
        match said.map_err(Asking::Upstream)? {
            Said::Final(head) => return Poll::Ready(Ok(head)),
            Said::Interim(interim) if interim.status == StatusCode::CONTINUE => upload.invite(),
            Said::Interim(interim) => asker.tell(&interim),
        }
    }
}

fn response(
    answered: Answered,
    connection: &Connection,
    exchange: Exchange,
) -> Response<AnswerBody> {
    let Answered { head, lease, mut upload } = answered;
    let ResponseHead { mut parts, framing, persists } = head;
    if parts.status == StatusCode::SWITCHING_PROTOCOLS {
        connection.switch(lease.upstream, exchange);
        return Response::from_parts(parts, AnswerBody::Switched);
    }
    if let Some(upload) = upload.as_mut().filter(|upload| upload.is_held()) {
        upload.abandon();
        if !connection.h2.get() {
            // The client may send the body all the same, and nobody could tell it from a request.
            parts.headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
    }
    let mut body = OriginBody::new((lease, upload), (framing, persists), exchange);
    if parts.status == StatusCode::NOT_MODIFIED && !connection.h2.get() {
        body.withhold(length_of(&parts.headers));
    }
    Response::from_parts(parts, AnswerBody::Origin(Box::new(body)))
}

/// What `Content-Length` says, of a head whose every field was held to its grammar.
fn length_of(headers: &HeaderMap) -> u64 {
    let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    length.unwrap_or(0)
}
