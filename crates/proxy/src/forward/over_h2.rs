//! A request to an origin over HTTP/2, and its answer.
//!
//! Both directions go on by themselves, so that a conversation in which either side waits for the
//! other does not stand still; what a client no longer wants is cancelled at the origin.
//! A request that the origin says it has not looked at is sent once more (RFC 9113 §8.7).

mod body;

pub(crate) use body::StreamBody;

use super::question::Question;
use super::reach::{Reach, Reached};
use super::{Asked, Unanswered};
use crate::body::{AnswerBody, BodyFault, ClientBody, Exchange};
use crate::core::Core;
use crate::origins::{Fault, Seat};
use crate::request::told_length;
use crate::upstream::h2::Slot;
use crate::upstream::h2::head::{clean, head};
use crate::upstream::h2::upload::{Stopped, Upload};
use crate::upstream::interim::Interim;
use crate::upstream::request::Forwarded;
use crate::upstream::tells::Tells;
use crate::upstream::upload::Progress;
use bytes::Bytes;
use h2::client::ResponseFuture;
use h2::{Reason, RecvStream, SendStream};
use http::header::{CONTENT_TYPE, HeaderMap};
use http::{HeaderValue, Response, StatusCode, Version, request::Parts};
use http_body::Body as _;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// An origin's answer up to its head, and the stream that it came on.
pub(super) struct Answered {
    head: Response<RecvStream>,
    stream: SendStream<Bytes>,
    slot: Slot,
    seat: Seat,
    /// Still under way when the origin answers before it has the whole request.
    upload: Option<Upload>,
}

/// Why one try gave no answer.
enum Failed {
    Client(BodyFault),
    Origin(h2::Error),
    Overdue,
}

/// Asks an origin on `slot`; once more where it did not look at the request, or the platform's budget
/// bears it.
pub(super) async fn ask(
    reach: &mut Reach<'_>,
    told: Box<Asked>,
    (mut seat, mut slot): (Seat, Slot),
) -> Result<Answered, Unanswered> {
    let Asked { request, connection, asker, hurried_at, .. } = *told;
    let (parts, incoming) = request.into_parts();
    let core = reach.core;
    let head = core.own(reach.platform, |own| {
        let (pseudonym, secret, via) = (core.pseudonym(), own.secret.as_ref(), own.via);
        let (connection, asker) = (&connection, &asker);
        let forwarded = Forwarded { connection, asker, pseudonym, via, upgrade: false, secret };
        head(&parts, seat.pool().place(), &forwarded)
    });
    let head = head.ok_or(Unanswered::UNREACHABLE)?.ok_or(Unanswered::MALFORMED)?;
    let mut question = Question::new(&connection, (parts.method.clone(), parts.version));
    let body =
        (!incoming.is_end_stream()).then(|| ClientBody::new(incoming, core.clone(), hurried_at));
    let mut upload = Upload::new(body);
    let mut asked = try_on(core, &mut slot, head.clone(), (&mut upload, &mut question)).await;
    if let Err(Failed::Origin(fault)) = &asked
        && upload.is_whole()
        && (was_left(fault) || (may_repeat(fault, &parts, slot.has_served()) && reach.may_repeat()))
    {
        if !fault.is_reset() {
            slot.retire();
        }
        drop(slot);
        let Reached::H2(again, fresh) = reach.slot(seat).await? else {
            return Err(Unanswered::UNREACHABLE);
        };
        (seat, slot) = (again, fresh);
        asked = try_on(core, &mut slot, head, (&mut upload, &mut question)).await;
    }
    let (head, stream) = asked.map_err(|failed| {
        failed.fault().into_iter().for_each(|fault| reach.blame(&seat, fault));
        failed.unanswered()
    })?;
    slot.answered();
    let told = || (head.status(), Tells::of(head.headers()).head(&question.method, head.status()));
    question.connection.downloads.set(seat.answered(core.now(), told));
    let upload = upload.has_body().then_some(upload);
    Ok(Answered { head, stream, slot, seat, upload })
}

/// Whether the origin says that it has not looked at the request (RFC 9113 §8.7): it was asked
/// nothing, so that asking again costs no budget.
fn was_left(fault: &h2::Error) -> bool {
    let refused = fault.is_reset() && fault.reason() == Some(Reason::REFUSED_STREAM);
    fault.is_remote() && (refused || fault.is_go_away())
}

/// Whether a request may be sent again although the origin may have looked at it: one that broke with
/// a connection that had served before, where its method may be repeated (RFC 9110 §9.2.2).
fn may_repeat(fault: &h2::Error, parts: &Parts, has_served: bool) -> bool {
    fault.is_io() && has_served && parts.method.is_idempotent()
}

/// The head of the origin's answer, in time.
async fn try_on(
    core: &Rc<Core>,
    slot: &mut Slot,
    head: http::Request<()>,
    (upload, question): (&mut Upload, &mut Question<'_>),
) -> Result<(Response<RecvStream>, SendStream<Bytes>), Failed> {
    let (mut answer, mut stream) = slot.send(head, upload.has_body()).map_err(Failed::Origin)?;
    let deadline = core.watchlist().deadline();
    let mut sent = None;
    let asked = poll_fn(|cx| {
        if let Poll::Ready(answer) = poll_answer((&mut answer, &mut stream), upload, question, cx) {
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
        deadline.poll_overdue(cx).map(|_| Err(Failed::Overdue))
    })
    .await;
    if matches!(asked, Err(Failed::Overdue)) {
        // Whether the origin is slow or gone cannot be told: others ask on another connection.
        slot.retire();
    }
    asked.map(|head| (head, stream))
}

/// Sends and waits at once: an origin may answer before it has the whole request.
fn poll_answer(
    (answer, stream): (&mut ResponseFuture, &mut SendStream<Bytes>),
    upload: &mut Upload,
    question: &mut Question<'_>,
    cx: &mut Context<'_>,
) -> Poll<Result<Response<RecvStream>, Failed>> {
    match upload.poll(stream, cx) {
        Poll::Ready(Err(Stopped::Client(fault))) => {
            return Poll::Ready(Err(Failed::Client(fault)));
        }
        // An origin that takes no more may have said why.
        Poll::Ready(Ok(()) | Err(Stopped::Origin)) | Poll::Pending => {}
    }
    while let Poll::Ready(Some(Ok(interim))) = answer.poll_informational(cx) {
        let known = [StatusCode::CONTINUE, StatusCode::SWITCHING_PROTOCOLS];
        if !known.contains(&interim.status()) {
            let (mut parts, ()) = interim.into_parts();
            clean(&mut parts.headers);
            question.tell(Interim { status: parts.status, fields: parts.headers });
        }
    }
    if question.connection.interims.wait() {
        // The answer must not overtake them; the meter wakes us once they have left.
        return Poll::Pending;
    }
    Pin::new(answer).poll(cx).map_err(Failed::Origin)
}

impl Failed {
    /// What the origin did wrong; none when the client did, or when it did not take the request.
    fn fault(&self) -> Option<Fault> {
        match self {
            Self::Client(_) => None,
            // One stream's end says nothing of the others.
            Self::Origin(fault) if fault.is_reset() && fault.is_remote() => None,
            Self::Origin(fault) if fault.is_library() => Some(Fault::Garbage),
            Self::Origin(_) => Some(Fault::Closed),
            Self::Overdue => Some(Fault::Timeout),
        }
    }

    fn unanswered(&self) -> Unanswered {
        match self {
            Self::Client(fault) => Unanswered::of_client(fault),
            Self::Origin(_) => Unanswered::UNREACHABLE,
            Self::Overdue => Unanswered::TIMEOUT,
        }
    }
}

impl Answered {
    pub(super) fn status(&self) -> StatusCode {
        self.head.status()
    }

    pub(super) fn fields(&self) -> &HeaderMap {
        self.head.headers()
    }

    /// The answer for the client.
    pub(super) fn response(self, exchange: Exchange) -> Response<AnswerBody> {
        let Self { head, stream, slot, seat, upload } = self;
        let (mut parts, incoming) = head.into_parts();
        parts.version = Version::HTTP_11;
        clean(&mut parts.headers);
        let length = told_length(&parts.headers);
        let is_grpc = parts.headers.get(CONTENT_TYPE).is_some_and(is_grpc);
        let place = (slot, seat);
        let mut body = StreamBody::new((incoming, place), (stream, upload), (length, exchange));
        if is_grpc {
            body.converse();
        }
        Response::from_parts(parts, AnswerBody::Stream(Box::new(body)))
    }
}

/// Whether a `Content-Type` is that of gRPC, or a variant of it.
fn is_grpc(content_type: &HeaderValue) -> bool {
    content_type.as_bytes().starts_with(b"application/grpc")
}
