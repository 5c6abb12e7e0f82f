//! Sends an admitted request to an origin and brings its answer back.

use crate::answer::{Form, Refusal};
use crate::body::{AnswerBody, BodyFault, ClientBody, Exchange, OpenRequest, OriginBody};
use crate::connection::Connection;
use crate::core::Core;
use crate::pool::{Lease, OriginPool};
use crate::recorder::RecordedRequest;
use crate::request;
use crate::tally::Noted;
use crate::upstream::request::{Forwarded, framing, write_head};
use crate::upstream::response::ResponseHead;
use crate::upstream::upload::UploadFault;
use crate::upstream::{Upload, UpstreamFault};
use http::{Method, Request, Response, StatusCode};
use hyper::body::{Body as _, Incoming};
use seawall_types::{PlatformId, Reason, Verdict};
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
            BodyFault::Client(_) | BodyFault::Origin(_) => {
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
    let Admitted { request, connection, platform, mut noted, mut record, open } = admitted;
    let form = Form::wanted_by(request.headers());
    let began = core.now();
    core.tally().origin_began(platform);
    let outcome = exchange(&core, &connection, platform, request).await;
    let origin_time = core.now().since(began);
    match outcome {
        Ok(answered) => {
            core.tally().origin_answered(platform, origin_time);
            core.tally().request(&noted, origin_time);
            if let Some(record) = &mut record {
                record.record.status = Some(answered.head.parts.status.as_u16());
                record.record.origin_ms = Some(origin_time.as_secs_f64() * 1e3);
            }
            let exchange = Exchange { core, connection, platform, record, sent: 0, open };
            response(answered, exchange)
        }
        Err(Unanswered { status, reason }) => {
            core.tally().origin_failed(platform, origin_time);
            core.tally().origin_ended(platform);
            (noted.verdict, noted.reason) = (Verdict::Error, reason);
            core.tally().request(&noted, origin_time);
            if let Some(mut record) = record {
                record.record.status = Some(status.as_u16());
                core.record(record);
            }
            let refusal = Refusal {
                platform: Some(platform),
                ..Refusal::error(status, reason, connection.source)
            };
            refusal.response(&core, form, open)
        }
    }
}

async fn exchange(
    core: &Rc<Core>,
    connection: &Rc<Connection>,
    platform: PlatformId,
    request: Request<Incoming>,
) -> Result<Answered, Unanswered> {
    let upgrade = request::wants_upgrade(&request);
    let (parts, incoming) = request.into_parts();
    let framing = framing(&parts, incoming.is_end_stream());
    let head = write_head(&parts, framing, &Forwarded { connection, upgrade });
    // The fields are not kept while the origin thinks: a client can make a hundred of them wait.
    let method = parts.method.clone();
    drop(parts);
    let body = ClientBody::new(incoming, core.clone(), connection.clone());
    let mut upload = Upload::new(head, body, framing);
    let pool = core.origin(platform).ok_or(Unanswered::UNREACHABLE)?;
    loop {
        let mut lease = match pool.take_idle() {
            Some(lease) => lease,
            None => connect(core, &pool).await?,
        };
        let due = core.coarse_now() + core.timeouts().origin_answer;
        let asked = poll_fn(|cx| poll_answer(&mut lease, &mut upload, &method, cx));
        match core.watchlist().until(due, asked).await {
            Ok(Ok(head)) => {
                let upload = (!upload.is_done()).then_some(upload);
                return Ok(Answered { head, lease, upload });
            }
            // The origin closed an idle connection just when we used it.
            Ok(Err(Asking::Upstream(UpstreamFault::Closed | UpstreamFault::Broke(_))))
                if lease.reused && is_repeatable(&method) && upload.rewind() => {}
            Ok(Err(Asking::Upstream(_))) => return Err(Unanswered::UNREACHABLE),
            Ok(Err(Asking::Client(fault))) => return Err(Unanswered::of_client(&fault)),
            Err(_) => return Err(Unanswered::TIMEOUT),
        }
    }
}

async fn connect(core: &Rc<Core>, pool: &Rc<OriginPool>) -> Result<Lease, Unanswered> {
    let due = core.coarse_now() + core.timeouts().origin_connect;
    match core.watchlist().until(due, pool.connect()).await {
        Ok(connected) => connected.map_err(|_| Unanswered::UNREACHABLE),
        Err(_) => Err(Unanswered::TIMEOUT),
    }
}

/// Methods that may be sent twice (RFC 9110 §9.2.2).
fn is_repeatable(method: &Method) -> bool {
    method.is_idempotent()
}

enum Asking {
    Client(BodyFault),
    Upstream(UpstreamFault),
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

fn response(answered: Answered, exchange: Exchange) -> Response<AnswerBody> {
    let Answered { head, lease, upload } = answered;
    let ResponseHead { parts, framing, persists } = head;
    if parts.status == StatusCode::SWITCHING_PROTOCOLS {
        exchange.connection.switch(lease.upstream);
        let body = AnswerBody::Switched(exchange);
        return Response::from_parts(parts, body);
    }
    let body = OriginBody::new((lease, upload), (framing, persists), exchange);
    Response::from_parts(parts, AnswerBody::Origin(Box::new(body)))
}
