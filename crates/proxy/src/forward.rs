//! Sends an admitted request to an origin and brings its answer back.

mod entry;
mod lingering;
mod over_h1;
mod over_h2;
mod question;
mod reach;
mod upload;

pub(crate) use lingering::{Lingering, linger};
pub(crate) use over_h2::StreamBody;

use crate::admission::Pass;
use crate::answer::{Form, Refusal};
use crate::body::{AnswerBody, BodyFault, Exchange, OpenRequest};
use crate::cache::{self, Order};
use crate::challenge::Bearer;
use crate::client::Asker;
use crate::connection::Connection;
use crate::core::Core;
use crate::incoming::Incoming;
use crate::lane::Lane;
use crate::proven::Visit;
use crate::recorder::RecordedRequest;
use crate::request::{self, Present};
use crate::shown::Shown;
use crate::tally::Noted;
use entry::{enter, held};
use http::header::{CONNECTION, HeaderMap};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body::Body as _;
use reach::{Reach, Reached, Wanted};
use seawall_types::{PlatformId, Reason, Upload, UseKind, WatchedUse};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// A request, by whom, and on which connection.
pub(crate) struct Asked {
    pub(crate) request: Request<Incoming>,
    pub(crate) present: Present,
    pub(crate) connection: Rc<Connection>,
    pub(crate) asker: Asker,
    /// A token of ours that has something left.
    pub(crate) bearer: Option<Bearer>,
    /// The lane that it is in.
    pub(crate) lane: Option<Arc<Lane>>,
}

/// An admitted request with what is known of it.
pub(crate) struct Admitted {
    /// Boxed: it is large, and goes through many hands.
    pub(crate) asked: Box<Asked>,
    pub(crate) platform: PlatformId,
    pub(crate) noted: Noted,
    pub(crate) shown: Shown,
    pub(crate) record: Option<Box<RecordedRequest>>,
    pub(crate) open: OpenRequest,
    /// Whether a standing measure has it go behind all others.
    pub(crate) goes_last: bool,
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
            BodyFault::Client(_) | BodyFault::Origin(_) | BodyFault::Stalled => Self::MALFORMED,
        }
    }
}

/// An origin's answer up to its head.
enum Answered {
    H1(over_h1::Answered),
    H2(over_h2::Answered),
}

impl Answered {
    fn head(&self) -> (StatusCode, &HeaderMap) {
        match self {
            Self::H1(answered) => answered.head(),
            Self::H2(answered) => answered.head(),
        }
    }
}

/// Forwards a request, or answers it with what is kept; whatever happens, there is an answer.
pub(crate) async fn forward(core: Rc<Core>, admitted: Admitted) -> Response<AnswerBody> {
    match core.copies(admitted.platform) {
        None => ask_origin(core, admitted, None).await,
        // Boxed: who keeps nothing should not carry its state.
        Some(copies) => Box::pin(cache::answer(core, copies, admitted)).await,
    }
}

/// Has an origin answer; `order` says what is done with the answer where any are kept.
pub(crate) async fn ask_origin(
    core: Rc<Core>,
    mut admitted: Admitted,
    order: Option<Box<Order>>,
) -> Response<AnswerBody> {
    let (mut pass, mut visit) = (Pass::Free, None);
    match core.gate(admitted.platform) {
        None => admitted.shown.cost_us = core.tally().mean_us(admitted.platform),
        Some(gate) => {
            let seen = Visit::of(&core, &admitted.asked, admitted.platform);
            admitted.noted.is_proven = seen.is_proven();
            // Boxed: the way to an origin that nothing bounds should not carry its state.
            pass = match Box::pin(enter(&core, gate, (&mut admitted, &seen))).await {
                Ok(pass) => pass,
                Err(hold) => return held(&core, admitted, (hold, order)),
            };
            visit = Some(seen);
        }
    }
    let Admitted { asked, platform, noted, shown, record, open, .. } = admitted;
    core.tally().list(&noted, &shown);
    let connection = asked.connection.clone();
    let bearer = asked.bearer;
    let form =
        if asked.present.form() { Form::wanted_by(asked.request.headers()) } else { Form::Text };
    let may_stay = asked.request.body().is_end_stream() || connection.h2.get();
    let mut exchange = Exchange::begin(&core, &connection, (noted, platform), (record, open));
    let sends = !matches!(*asked.request.method(), Method::GET | Method::HEAD);
    let used = core
        .uses(platform, sends, asked.request.uri().path())
        .or_else(|| if sends { upload::of(&asked.request) } else { None });
    let answered = match order.as_deref().and_then(Order::patience) {
        // Boxed, and rare: somebody asks for a page of which there is a copy.
        Some(patience) => Box::pin(ask_for(&core, platform, (asked, pass), patience)).await,
        None => ask(&core, platform, (asked, pass)).await,
    };
    if let (Some(kind), Ok(answered)) = (used, &answered) {
        let went_through = went_through(kind, answered.head().0);
        let (at, source) = (core.coarse_now(), noted.source);
        core.tally().used(WatchedUse { at, platform, kind, source, went_through });
    }
    if let (Some(visit), Ok(answered)) = (&visit, &answered) {
        visit.answered(&core, answered.head());
    }
    let mut response = match answered {
        Ok(answered) => {
            let (status, _) = answered.head();
            let stands_in = order.as_deref().and_then(|order| order.instead_of(status));
            exchange.answered(stands_in.map_or(status, |stands_in| stands_in.status()));
            let response = match answered {
                Answered::H1(answered) => answered.response(&connection, exchange),
                Answered::H2(answered) => answered.response(exchange),
            };
            match order {
                // Boxed: who keeps nothing should not carry its state.
                Some(order) => Box::pin(order.settle((&core, &connection), response)).await,
                None => response,
            }
        }
        Err(fault) => {
            connection.interims.forget();
            failed(exchange, (fault, order.as_deref()), (&noted, form, may_stay))
        }
    };
    core.own(platform, |own| own.finish(&connection, response.headers_mut()));
    if let Some(bearer) = bearer {
        bearer.renew(&core, (response.status(), response.headers_mut()));
    }
    response
}

/// What a client gets where no origin answers.
fn failed(
    exchange: Exchange,
    (Unanswered { status, reason }, order): (Unanswered, Option<&Order>),
    (noted, form, may_stay): (&Noted, Form, bool),
) -> Response<AnswerBody> {
    if let Some(stands_in) = order.and_then(Order::stands_in) {
        let (core, open) = exchange.stood_in(stands_in.status());
        return stands_in.response(&core, open);
    }
    let status = order.map_or(status, |order| order.fault_status(status));
    let (core, open) = exchange.failed(status, reason);
    let error = Refusal::error(status, reason, noted.source);
    let refusal = Refusal { platform: noted.platform, ..error };
    let mut response = refusal.response(&core, form, open);
    if !may_stay {
        // What is left of a body that nobody takes is no request.
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Whether the origin did what was wanted; of a file that it would run only what says that it was made
/// counts: a page for everything, or a way to a sign-in page, says nothing of the file.
fn went_through(kind: UseKind, status: StatusCode) -> bool {
    match kind {
        UseKind::Upload(Upload::Program) => {
            matches!(status, StatusCode::CREATED | StatusCode::NO_CONTENT)
        }
        _ => status.as_u16() < 400,
    }
}

/// Asks an origin, and waits for it so long.
async fn ask_for(
    core: &Rc<Core>,
    platform: PlatformId,
    question: (Box<Asked>, Pass),
    patience: Duration,
) -> Result<Answered, Unanswered> {
    let due = core.coarse_now() + patience;
    let answered = core.watchlist().until(due, ask(core, platform, question)).await;
    answered.unwrap_or(Err(Unanswered::TIMEOUT))
}

async fn ask(
    core: &Rc<Core>,
    platform: PlatformId,
    (asked, pass): (Box<Asked>, Pass),
) -> Result<Answered, Unanswered> {
    let (request, present) = (&asked.request, asked.present);
    let length = present.length().then(|| request::told_length(request.headers())).flatten();
    if length.is_some_and(|length| length > core.body_max()) {
        // It says so itself: neither client nor origin need to spend the bytes.
        return Err(Unanswered::TOO_LARGE);
    }
    let upgrade = present.upgrade() && request::wants_upgrade(request);
    let wanted = if upgrade { Wanted::Upgrade } else { Wanted::Any };
    let mut reach = Reach::begin((core, platform), request.method(), (wanted, pass));
    match reach.connect().await? {
        Reached::H1(lease) => over_h1::ask(&mut reach, asked, lease).await.map(Answered::H1),
        Reached::H2(seat, slot) => {
            // Boxed: the way over HTTP/1.1 should not carry its state.
            Box::pin(over_h2::ask(&mut reach, asked, (seat, slot))).await.map(Answered::H2)
        }
    }
}
