//! Sends an admitted request to an origin and brings its answer back.

use crate::answer::{Form, Refusal};
use crate::body::{AnswerBody, BodyFault, ClientBody, Exchange, OpenRequest, OriginBody};
use crate::connection::Connection;
use crate::core::Core;
use crate::pool::Lease;
use crate::recorder::RecordedRequest;
use crate::request;
use crate::tally::Noted;
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::client::conn::http1::SendRequest;
use seawall_types::{Moment, PlatformId, Reason, Verdict};
use std::error::Error as _;
use std::rc::Rc;

/// An admitted request with what is known of it.
pub(crate) struct Admitted {
    pub(crate) request: Request<Incoming>,
    pub(crate) connection: Rc<Connection>,
    pub(crate) platform: PlatformId,
    pub(crate) noted: Noted,
    pub(crate) form: Form,
    pub(crate) record: Option<Box<RecordedRequest>>,
    pub(crate) open: OpenRequest,
}

/// Why there is no answer from the origin.
struct Unanswered {
    status: StatusCode,
    reason: Reason,
}

impl Unanswered {
    const UNREACHABLE: Self = Self {
        status: StatusCode::BAD_GATEWAY,
        reason: Reason::Unreachable,
    };
    const TIMEOUT: Self = Self {
        status: StatusCode::GATEWAY_TIMEOUT,
        reason: Reason::Timeout,
    };

    /// The client's own body is at fault when it broke off or grew too large.
    fn of(cause: &hyper::Error) -> Self {
        let mut source = cause.source();
        while let Some(inner) = source {
            match inner.downcast_ref::<BodyFault>() {
                Some(BodyFault::TooLarge) => {
                    let status = StatusCode::PAYLOAD_TOO_LARGE;
                    return Self {
                        status,
                        reason: Reason::Oversize,
                    };
                }
                Some(BodyFault::Client(_)) => {
                    return Self {
                        status: StatusCode::BAD_REQUEST,
                        reason: Reason::Malformed,
                    };
                }
                Some(BodyFault::Origin(_)) | None => source = inner.source(),
            }
        }
        Self::UNREACHABLE
    }
}

/// Forwards a request; whatever happens, there is an answer.
pub(crate) async fn forward(core: Rc<Core>, admitted: Admitted) -> Response<AnswerBody> {
    let Admitted {
        request,
        connection,
        platform,
        mut noted,
        form,
        mut record,
        open,
    } = admitted;
    let began = core.now();
    core.tally().origin_began(platform);
    let outcome = exchange(&core, &connection, platform, request).await;
    let ended = core.now();
    let origin_time = ended.since(began);
    match outcome {
        Ok((response, lease)) => {
            core.tally().origin_answered(platform, origin_time);
            core.tally().request(&noted, origin_time);
            if let Some(record) = &mut record {
                record.record.status = Some(response.status().as_u16());
                record.record.origin_ms = Some(origin_time.as_secs_f64() * 1e3);
            }
            let exchange = Exchange {
                core: core.clone(),
                connection: connection.clone(),
                platform,
                lease: Some(lease),
                record,
                sent: 0,
                open,
            };
            answered(response, exchange)
        }
        Err(Unanswered { status, reason }) => {
            core.tally().origin_failed(platform, origin_time);
            core.tally().origin_ended(platform);
            (noted.verdict, noted.reason) = (Verdict::Error, reason);
            core.tally().request(&noted, origin_time);
            if let Some(mut record) = record {
                record.record.status = Some(status.as_u16());
                core.record(*record);
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
    mut request: Request<Incoming>,
) -> Result<(Response<Incoming>, Lease), Unanswered> {
    let switches = request::wants_upgrade(&request);
    request::rewrite(&mut request, connection);
    let (parts, incoming) = request.into_parts();
    let body = ClientBody::new(incoming, core.clone(), connection.clone());
    let mut request = Request::from_parts(parts, body);
    let pool = core.origin(platform).ok_or(Unanswered::UNREACHABLE)?;
    loop {
        let now = core.now();
        let mut lease = match pool.take_idle(now) {
            Some(lease) => lease,
            None => {
                let due = now + core.timeouts().origin_connect;
                match core.watchlist().until(due, pool.connect(now)).await {
                    Ok(Ok(lease)) => lease,
                    Ok(Err(_)) => return Err(Unanswered::UNREACHABLE),
                    Err(_) => return Err(Unanswered::TIMEOUT),
                }
            }
        };
        match send(core, &mut lease.sender, request, core.now()).await {
            Ok(mut response) => {
                if switches && response.status() == StatusCode::SWITCHING_PROTOCOLS {
                    connection.switch(hyper::upgrade::on(&mut response));
                }
                return Ok((response, lease));
            }
            // The origin closed an idle connection before it saw anything of the request.
            Err(Sending::NotSent(unsent)) if lease.reused => request = *unsent,
            Err(Sending::NotSent(_)) => return Err(Unanswered::UNREACHABLE),
            Err(Sending::Failed(unanswered)) => return Err(unanswered),
        }
    }
}

enum Sending {
    NotSent(Box<Request<ClientBody>>),
    Failed(Unanswered),
}

async fn send(
    core: &Rc<Core>,
    sender: &mut SendRequest<ClientBody>,
    request: Request<ClientBody>,
    now: Moment,
) -> Result<Response<Incoming>, Sending> {
    if sender.ready().await.is_err() {
        return Err(Sending::NotSent(Box::new(request)));
    }
    let due = now + core.timeouts().origin_answer;
    match core
        .watchlist()
        .until(due, sender.try_send_request(request))
        .await
    {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(mut unsent)) => match unsent.take_message() {
            Some(request) => Err(Sending::NotSent(Box::new(request))),
            None => Err(Sending::Failed(Unanswered::of(unsent.error()))),
        },
        Err(_) => Err(Sending::Failed(Unanswered::TIMEOUT)),
    }
}

fn answered(response: Response<Incoming>, exchange: Exchange) -> Response<AnswerBody> {
    let (mut parts, incoming) = response.into_parts();
    let switches = parts.status == StatusCode::SWITCHING_PROTOCOLS;
    request::strip_answer(&mut parts.headers, switches);
    let mut exchange = exchange;
    if switches {
        // The connection now belongs to the tunnel.
        exchange.lease = None;
    }
    let body = OriginBody::new(incoming, exchange);
    Response::from_parts(parts, AnswerBody::Origin(Box::new(body)))
}
