//! Sends an admitted request to an origin and brings its answer back.

mod reach;

use crate::answer::{Form, Refusal};
use crate::body::{AnswerBody, BodyFault, ClientBody, Exchange, OpenRequest, OriginBody};
use crate::connection::Connection;
use crate::core::Core;
use crate::origins::Fault;
use crate::pool::Lease;
use crate::recorder::RecordedRequest;
use crate::request;
use crate::tally::Noted;
use crate::upstream::request::{Forwarded, framing, write_head};
use crate::upstream::response::ResponseHead;
use crate::upstream::upload::{Progress, UploadFault};
use crate::upstream::{Upload, UpstreamFault};
use http::{Method, Request, Response, StatusCode};
use hyper::body::{Body as _, Incoming};
use reach::Reach;
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

    fn of_client(fault: &BodyFault) -> Self {
        match fault {
            BodyFault::TooLarge => {
                Self { status: StatusCode::PAYLOAD_TOO_LARGE, reason: Reason::Oversize }
            }
            BodyFault::Client(_) | BodyFault::Origin(_) | BodyFault::Stalled => {
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

/// Forwards a request; whatever happens, there is an answer.
pub(crate) async fn forward(core: Rc<Core>, admitted: Admitted) -> Response<AnswerBody> {
    let Admitted { request, connection, platform, noted, record, open } = admitted;
    let form = Form::wanted_by(request.headers());
    let mut exchange = Exchange::begin(&core, &connection, (noted, platform), (record, open));
    match ask(&core, &connection, platform, request).await {
        Ok(answered) => {
            exchange.answered(answered.head.parts.status);
            answered.lease.seat.answered(core.coarse_now());
            response(answered, &connection, exchange)
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
    let framing = framing(&parts, incoming.is_end_stream());
    let head = write_head(&parts, framing, &Forwarded { connection, upgrade });
    // The client's fields are many at times, and are not needed any more.
    let method = parts.method.clone();
    drop(parts);
    let body = ClientBody::new(incoming, core.clone(), connection.clone());
    let mut upload = Upload::new(head, body, framing);
    let mut reach = Reach::begin(core, platform, &method);
    let (lease, head) = reach.answer(&mut upload).await?;
    if head.parts.status == StatusCode::SWITCHING_PROTOCOLS && !upgrade {
        reach.blame(&lease.seat, Fault::Garbage);
        return Err(Unanswered::UNREACHABLE);
    }
    let upload = (!upload.is_done()).then_some(upload);
    Ok(Answered { head, lease, upload })
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

fn response(
    answered: Answered,
    connection: &Connection,
    mut exchange: Exchange,
) -> Response<AnswerBody> {
    let Answered { head, lease, upload } = answered;
    let ResponseHead { parts, framing, persists } = head;
    if parts.status == StatusCode::SWITCHING_PROTOCOLS {
        let Lease { seat, upstream, .. } = lease;
        exchange.keep(seat);
        connection.switch(upstream, exchange);
        return Response::from_parts(parts, AnswerBody::Switched);
    }
    let body = OriginBody::new((lease, upload), (framing, persists), exchange);
    Response::from_parts(parts, AnswerBody::Origin(Box::new(body)))
}
