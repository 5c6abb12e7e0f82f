//! A request to an origin over HTTP/1.1, and its answer.

use super::lingering::Awaited;
use super::question::Question;
use super::reach::{Reach, Wanted};
use super::{Asked, Unanswered};
use crate::body::{AnswerBody, BodyFault, ClientBody, Exchange, OriginBody};
use crate::connection::Connection;
use crate::core::Core;
use crate::origins::Fault;
use crate::pool::Lease;
use crate::request::{is_websocket_alone, told_length};
use crate::stream;
use crate::upstream::request::{Forwarded, UploadFraming, expects_continue, framing, write_head};
use crate::upstream::response::{ResponseHead, Said};
use crate::upstream::upload::{Progress, UploadFault};
use crate::upstream::{Upload, UpstreamFault};
use http::header::{CONNECTION, HeaderMap};
use http::{HeaderValue, Response, StatusCode};
use http_body::Body as _;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// How long the body of a client that expects `100 Continue` is held back for an origin that does
/// not say it; not every origin knows how (RFC 9110 §10.1.1).
const INVITATION_MAX: Duration = Duration::from_secs(1);

/// An origin's answer up to its head.
pub(super) struct Answered {
    head: ResponseHead,
    lease: Lease,
    /// Still under way when the origin answers before it has the whole request.
    upload: Option<Box<Upload>>,
}

/// Asks the origin that `lease` leads to, or another that `reach` finds.
pub(super) fn ask(
    reach: &mut Reach<'_>,
    told: Box<Asked>,
    lease: Lease,
) -> impl Future<Output = Result<Answered, Unanswered>> {
    let mut leased = Some(lease);
    async move {
        let Asked { request, connection, asker, hurried_at, .. } = *told;
        let (mut parts, incoming) = request.into_parts();
        let (core, platform) = (reach.core, reach.platform);
        let upgrade = reach.wanted == Wanted::Upgrade;
        let framing = framing(&parts, incoming.is_end_stream());
        let room = leased.as_mut().map(|lease| lease.upstream.head_room()).unwrap_or_default();
        let head = core.own(platform, |own| {
            let (pseudonym, secret, via) = (core.pseudonym(), own.secret.as_ref(), own.via);
            let (connection, asker) = (&connection, &asker);
            let forwarded = Forwarded { connection, asker, pseudonym, via, upgrade, secret };
            write_head(room, (&parts, framing), &forwarded)
        });
        let head = head.ok_or(Unanswered::UNREACHABLE)?;
        let mut question = Question::new(&connection, (parts.method.clone(), parts.version));
        let expects_continue = expects_continue(&parts, framing);
        // The client's fields are many at times, and are not needed any more; those of the answer
        // take their room.
        if let Some(lease) = &mut leased {
            lease.upstream.lend(std::mem::take(&mut parts.headers));
        }
        drop(parts);
        let body = || Box::new(ClientBody::new(incoming, core.clone(), hurried_at));
        let body = (framing != UploadFraming::None).then(body);
        let mut upload = Upload::new(head, body, framing);
        if expects_continue {
            upload.hold_body();
        }
        let head = pin!(reach.answer(&mut leased, &mut upload, &mut question)).await?;
        let mut lease = leased.ok_or(Unanswered::UNREACHABLE)?;
        let agreed = upgrade && is_websocket_alone(&head.parts.headers);
        if head.parts.status == StatusCode::SWITCHING_PROTOCOLS && !agreed {
            reach.blame(&lease.seat, Fault::Garbage);
            return Err(Unanswered::UNREACHABLE);
        }
        let status = head.parts.status;
        let told = || (status, head.tells.head(&question.method, status));
        // Exact: what routes take where nothing waits is learned from it.
        connection.downloads.set(lease.seat.answered(core.now(), told));
        let upload = if upload.is_done() {
            lease.upstream.lend_head(upload.into_room());
            None
        } else {
            upload.answered();
            Some(Box::new(upload))
        };
        Ok(Answered { head, lease, upload })
    }
}

/// Why one try gave no answer.
pub(super) enum Asking {
    Client(BodyFault),
    Upstream(UpstreamFault),
    Overdue,
}

impl Asking {
    pub(super) fn unanswered(&self) -> Unanswered {
        match self {
            Self::Client(fault) => Unanswered::of_client(fault),
            Self::Upstream(_) => Unanswered::UNREACHABLE,
            Self::Overdue => Unanswered::TIMEOUT,
        }
    }

    /// What the origin did wrong; none when the client did.
    pub(super) fn fault(&self) -> Option<Fault> {
        match self {
            Self::Client(_) => None,
            Self::Upstream(UpstreamFault::Answer(_)) => Some(Fault::Garbage),
            Self::Upstream(_) => Some(Fault::Closed),
            Self::Overdue => Some(Fault::Timeout),
        }
    }
}

/// The head of the origin's answer, in time.
pub(super) async fn answer(
    core: &Rc<Core>,
    held: &mut Option<Lease>,
    upload: &mut Upload,
    question: &mut Question<'_>,
) -> Result<ResponseHead, Asking> {
    let mut awaited = Awaited::new(core, held, &question.method);
    let deadline = core.watchlist().deadline();
    let invitation = upload.is_held().then(|| {
        let invitation = core.watchlist().deadline();
        invitation.expect_within(core.now(), INVITATION_MAX);
        invitation
    });
    let mut sent = None;
    let answered = poll_fn(|cx| {
        if let Some(invitation) = &invitation
            && upload.is_held()
            && invitation.poll_overdue(cx).is_ready()
        {
            invite(upload);
        }
        let Some(lease) = awaited.lease() else { return Poll::Pending };
        if let Poll::Ready(answer) = poll_answer(lease, upload, question, cx) {
            return Poll::Ready(answer);
        }
        if upload.is_done() {
            awaited.asked();
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
    .await;
    awaited.settled();
    answered
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

impl Answered {
    pub(super) fn status(&self) -> StatusCode {
        self.head.parts.status
    }

    /// Its fields, where any of them sets a cookie.
    pub(super) fn cookies(&self) -> Option<&HeaderMap> {
        self.head.tells.sets_cookies.then_some(&self.head.parts.headers)
    }

    /// The answer for the client.
    pub(super) fn response(
        self,
        connection: &Connection,
        mut exchange: Exchange,
    ) -> Response<AnswerBody> {
        let Self { head, lease, mut upload } = self;
        let ResponseHead { mut parts, framing, persists, .. } = head;
        if parts.status == StatusCode::SWITCHING_PROTOCOLS {
            let Lease { seat, upstream, .. } = lease;
            exchange.keep(seat);
            connection.switch(*upstream, exchange);
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
            body.withhold(told_length(&parts.headers).unwrap_or(0));
        }
        Response::from_parts(parts, AnswerBody::Origin(Box::new(body)))
    }
}
