//! Sends an admitted request to an origin and brings its answer back.

mod over_h2;

pub(crate) use over_h2::StreamBody;

use crate::answer::{Form, Refusal};
use crate::body::{AnswerBody, BodyFault, ClientBody, Exchange, OpenRequest, OriginBody};
use crate::client::Asker;
use crate::connection::Connection;
use crate::core::Core;
use crate::incoming::Incoming;
use crate::pool::{Lease, OriginPool};
use crate::recorder::RecordedRequest;
use crate::request;
use crate::stream;
use crate::tally::Noted;
use crate::upstream::dial::Speaks;
use crate::upstream::h2::Slot;
use crate::upstream::interim::{Allowance, Interim};
use crate::upstream::request::{Forwarded, expects_continue, framing, write_head};
use crate::upstream::response::{ResponseHead, Said};
use crate::upstream::upload::{Progress, UploadFault};
use crate::upstream::{Upload, UpstreamFault};
use http::header::{CONNECTION, CONTENT_LENGTH, HeaderMap};
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, StatusCode, Version};
use http_body::Body as _;
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
    pub(crate) asker: Asker,
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
    const MALFORMED: Self = Self { status: StatusCode::BAD_REQUEST, reason: Reason::Malformed };

    fn of_client(fault: &BodyFault) -> Self {
        match fault {
            BodyFault::TooLarge => Self::TOO_LARGE,
            BodyFault::Client(_) | BodyFault::Origin(_) => Self::MALFORMED,
        }
    }
}

/// A request that may go to an origin.
struct Admission {
    parts: Parts,
    incoming: Incoming,
    connection: Rc<Connection>,
    asker: Asker,
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

/// What is asked of an origin, and to whom its interim answers go.
struct Question<'a> {
    connection: &'a Connection,
    method: Method,
    interims: Allowance,
}

impl<'a> Question<'a> {
    fn new(connection: &'a Connection, (method, version): (Method, Version)) -> Self {
        let knows_interims = version >= Version::HTTP_11;
        let interims = if knows_interims { Allowance::FULL } else { Allowance::NONE };
        Self { connection, method, interims }
    }

    /// Sends an interim answer on to the client.
    fn tell(&mut self, interim: Interim) {
        let Some(head) = self.interims.encode(&interim) else { return };
        match stream::current() {
            Some(stream) => stream.tell(interim.into_response()),
            None => self.connection.interims.put(&head),
        }
    }
}

/// Forwards a request; whatever happens, there is an answer.
pub(crate) async fn forward(core: Rc<Core>, admitted: Admitted) -> Response<AnswerBody> {
    let Admitted { request, connection, asker, platform, noted, record, open } = admitted;
    let form = Form::wanted_by(request.headers());
    let may_stay = request.body().is_end_stream() || connection.h2.get();
    let mut exchange = Exchange::begin(&core, &connection, (noted, platform), (record, open));
    let mut response = match ask(&core, (&connection, asker), platform, request).await {
        Ok(Answered::H1(answered)) => {
            exchange.answered(answered.head.parts.status);
            response(answered, &connection, exchange)
        }
        Ok(Answered::H2(answered)) => {
            exchange.answered(answered.status());
            answered.response(exchange)
        }
        Err(Unanswered { status, reason }) => {
            connection.interims.forget();
            let (core, open) = exchange.failed(status, reason);
            let error = Refusal::error(status, reason, noted.source);
            let refusal = Refusal { platform: Some(platform), ..error };
            let mut response = refusal.response(&core, form, open);
            if !may_stay {
                // What is left of a body that nobody takes is no request.
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            response
        }
    };
    core.own(platform, |own| own.finish(&connection, response.headers_mut()));
    response
}

async fn ask(
    core: &Rc<Core>,
    (connection, asker): (&Rc<Connection>, Asker),
    platform: PlatformId,
    request: Request<Incoming>,
) -> Result<Answered, Unanswered> {
    let upgrade = request::wants_upgrade(&request);
    if request::told_length(request.headers()).is_some_and(|length| length > core.body_max()) {
        // It says so itself: neither client nor origin need to spend the bytes.
        return Err(Unanswered::TOO_LARGE);
    }
    let (parts, incoming) = request.into_parts();
    let admission = Admission { parts, incoming, connection: connection.clone(), asker };
    let pool = core.origin(platform).ok_or(Unanswered::UNREACHABLE)?;
    let wanted = if upgrade { Wanted::Upgrade } else { Wanted::Any };
    let idle = if wanted.of(&pool) == Some(Speaks::Http1) { pool.take_idle() } else { None };
    let reached = match idle {
        Some(lease) => Reached::H1(lease),
        None => connect(core, (platform, wanted), pool).await?,
    };
    match reached {
        Reached::H1(lease) => {
            let asked = ask_h1(core, (platform, upgrade), admission, lease).await;
            asked.map(Answered::H1)
        }
        Reached::H2(pool, slot) => {
            // Boxed: the way over HTTP/1.1 should not carry its state.
            Box::pin(over_h2::ask(core, platform, admission, (pool, slot))).await.map(Answered::H2)
        }
    }
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

async fn ask_h1(
    core: &Rc<Core>,
    (platform, upgrade): (PlatformId, bool),
    admission: Admission,
    mut lease: Lease,
) -> Result<OverH1, Unanswered> {
    let Admission { parts, incoming, connection, asker } = admission;
    let framing = framing(&parts, incoming.is_end_stream());
    let head = core.own(platform, |own| {
        let (pseudonym, secret) = (core.pseudonym(), own.secret.as_ref());
        let (connection, asker) = (&connection, &asker);
        let forwarded = Forwarded { connection, asker, pseudonym, upgrade, secret };
        write_head(&parts, framing, &forwarded)
    });
    let head = head.ok_or(Unanswered::UNREACHABLE)?;
    // The client's fields are many at times, and are not needed any more.
    let mut question = Question::new(&connection, (parts.method.clone(), parts.version));
    let expects_continue = expects_continue(&parts, framing);
    drop(parts);
    let body = ClientBody::new(incoming, core.clone(), connection.clone());
    let mut upload = Upload::new(head, body, framing);
    if expects_continue {
        upload.hold_body();
    }
    let mut asked = answer(core, &mut lease, &mut upload, &mut question).await;
    if let Err(Asking::Upstream(UpstreamFault::Closed | UpstreamFault::Broke(_))) = &asked
        && lease.reused
        && question.method.is_idempotent()
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
        asked = answer(core, &mut lease, &mut upload, &mut question).await;
    }
    if let Err(Asking::Upstream(UpstreamFault::Broke(cause))) = &asked {
        lease.broke(cause);
    }
    let head = asked.map_err(|asking| asking.unanswered())?;
    if head.parts.status == StatusCode::SWITCHING_PROTOCOLS && !upgrade {
        return Err(Unanswered::UNREACHABLE);
    }
    let upload = (!upload.is_done()).then_some(upload);
    Ok(OverH1 { head, lease, upload })
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
    question: &mut Question<'_>,
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
            invite(upload);
        }
        if let Poll::Ready(answer) = poll_answer(lease, upload, question, cx) {
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
    question: &mut Question<'_>,
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
        if question.connection.interims.wait() {
            // The next answer must not overtake them; the meter wakes us once they have left.
            return Poll::Pending;
        }
        let said = ready!(lease.upstream.poll_head(cx, &question.method));
        match said.map_err(Asking::Upstream)? {
            Said::Final(head) => return Poll::Ready(Ok(head)),
            Said::Interim(interim) if interim.status == StatusCode::CONTINUE => invite(upload),
            Said::Interim(interim) => question.tell(interim),
        }
    }
}

/// Lets the body follow; the client of an HTTP/1 engine is asked for it by that.
fn invite(upload: &mut Upload) {
    if upload.is_held()
        && let Some(stream) = stream::current()
    {
        let mut invitation = Response::new(());
        *invitation.status_mut() = StatusCode::CONTINUE;
        stream.tell(invitation);
    }
    upload.invite();
}

fn response(answered: OverH1, connection: &Connection, exchange: Exchange) -> Response<AnswerBody> {
    let OverH1 { head, lease, mut upload } = answered;
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
