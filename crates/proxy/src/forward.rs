//! Sends an admitted request to an origin and brings its answer back.

mod ahead;
mod entry;
mod lingering;
mod over_h1;
mod over_h2;
mod question;
mod reach;
mod upload;

pub(crate) use ahead::Room;
pub(crate) use lingering::{Lingering, linger};
pub(crate) use over_h2::StreamBody;

use crate::admission::{Gate, Pass};
use crate::answer::{Form, Refusal};
use crate::body::{AnswerBody, BodyFault, Exchange, OpenRequest};
use crate::cache::{self, Order};
use crate::challenge::Bearer;
use crate::client::Asker;
use crate::connection::Connection;
use crate::core::Core;
use crate::incoming::Incoming;
use crate::lane::Place;
use crate::proven::Visit;
use crate::recorder::RecordedRequest;
use crate::request::{self, Present};
use crate::shown::Shown;
use crate::tally::Noted;
use entry::{Entry, enter, held, wait};
use http::header::{CONNECTION, HeaderMap};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body::Body as _;
use reach::{Reach, Reached, Wanted};
use seawall_engine::admission::Body;
use seawall_types::{PlatformId, Reason, Upload, UseKind, WatchedUse};
use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::time::Duration;

/// A request, by whom, and on which connection.
pub(crate) struct Asked {
    pub(crate) request: Request<Incoming>,
    pub(crate) present: Present,
    pub(crate) connection: Rc<Connection>,
    pub(crate) asker: Asker,
    /// A token of ours that has something left.
    pub(crate) bearer: Option<Bearer>,
    /// Its place in the lane that it is in.
    pub(crate) lane: Option<Place>,
    /// Where others may wait for the slot that its body holds; none where nobody hurries it.
    pub(crate) hurried_at: Option<Rc<Gate>>,
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
    /// Whether all of its body is here.
    pub(crate) body: Body,
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
    const SLOW: Self = Self { status: StatusCode::REQUEST_TIMEOUT, reason: Reason::Slow };
    const MALFORMED: Self = Self { status: StatusCode::BAD_REQUEST, reason: Reason::Malformed };

    fn of_client(fault: &BodyFault) -> Self {
        match fault {
            BodyFault::TooLarge => Self::TOO_LARGE,
            BodyFault::Slow => Self::SLOW,
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
    fn status(&self) -> StatusCode {
        match self {
            Self::H1(answered) => answered.status(),
            Self::H2(answered) => answered.status(),
        }
    }

    /// Its fields, where any of them may set a cookie.
    fn cookies(&self) -> Option<&HeaderMap> {
        match self {
            Self::H1(answered) => answered.cookies(),
            Self::H2(answered) => Some(answered.fields()),
        }
    }

    fn response(self, connection: &Rc<Connection>, exchange: Exchange) -> Response<AnswerBody> {
        match self {
            Self::H1(answered) => answered.response(connection, exchange),
            Self::H2(answered) => answered.response(exchange),
        }
    }
}

/// Forwards a request, or answers it with what is kept; whatever happens, there is an answer.
///
/// Boxed here, each way as large as it must be: who keeps nothing should not carry the other's state.
pub(crate) fn forward(core: Rc<Core>, admitted: Admitted) -> Forwarding {
    match core.copies(admitted.platform) {
        None => Box::pin(ask_origin(core, admitted, None)),
        Some(copies) => Box::pin(cache::answer(core, copies, admitted)),
    }
}

/// An answer that waits for an origin.
pub(crate) type Forwarding = Pin<Box<dyn Future<Output = Response<AnswerBody>>>>;

/// Has an origin answer; `order` says what is done with the answer where any are kept.
///
/// Here and below a block rather than an `async fn`, which would hold what it is given twice: what
/// waits is copied whenever it moves.
#[expect(clippy::manual_async_fn, reason = "said above")]
pub(crate) fn ask_origin(
    core: Rc<Core>,
    mut admitted: Admitted,
    order: Option<Box<Order>>,
) -> impl Future<Output = Response<AnswerBody>> {
    async move {
        let (mut pass, mut visit) = (Pass::Free, None);
        // Over HTTP/1 it was judged just now, unless what is kept was looked for first.
        let mut is_fresh = order.is_none() && !admitted.asked.connection.h2.get();
        if ahead::is_due(&admitted.asked.request) && core.is_gated(admitted.platform) {
            // Boxed: few requests send anything.
            let read = Box::pin(ahead::read(&core, &mut admitted)).await;
            if let Err(fault) = read {
                return ahead::refused(&core, admitted, fault);
            }
            is_fresh = false;
        }
        // Only now: while a body was read a reload may have put another in its place.
        match core.gate(admitted.platform) {
            None => admitted.shown.cost_us = core.tally().mean_us(admitted.platform),
            Some(gate) => {
                let mut seen = Visit::of(&core, &admitted.asked, admitted.platform);
                admitted.noted.is_proven = seen.is_proven();
                let now = if is_fresh { core.coarse_now() } else { core.now() };
                let entered = match enter(&core, (&gate, now), (&mut admitted, &mut seen)) {
                    Entry::Goes(pass) => Ok(pass),
                    // Boxed: who need not wait should not carry its state.
                    Entry::Waits(waiting) => {
                        Box::pin(wait(&core, waiting, (admitted.noted, admitted.shown))).await
                    }
                    Entry::Held(hold) => Err(hold),
                };
                pass = match seen.hears(&core, &admitted.asked, entered) {
                    Ok(pass) => pass,
                    Err(hold) => return held(&core, admitted, (hold, order)),
                };
                visit = Some(seen);
            }
        }
        core.tally().list(&admitted.noted, &admitted.shown);
        let asked = &admitted.asked;
        let (platform, connection) = (admitted.platform, asked.connection.clone());
        let bearer = asked.bearer;
        let wants = asked.present.form().then(|| Form::wanted_by(asked.request.headers()));
        let may_stay = asked.request.body().is_end_stream() || connection.h2.get();
        let used = use_of(&core, platform, asked);
        let (of_request, noted) = ((admitted.record, admitted.open), (admitted.noted, platform));
        let mut exchange = Exchange::begin(&core, &connection, noted, of_request);
        let question = (admitted.asked, pass);
        let answered = match order.as_deref().and_then(Order::patience) {
            // Boxed, and rare: somebody asks for a page of which there is a copy.
            Some(patience) => Box::pin(ask_for(&core, platform, question, patience)).await,
            // Where it stands, here and below: each hand that it went through would copy it.
            None => pin!(ask(&core, platform, question)).await,
        };
        if let Ok(answered) = &answered {
            note_answer(&core, (&admitted.noted, used, visit.as_ref()), answered);
        }
        let mut response = match answered {
            Ok(answered) => {
                let status = answered.status();
                let stands_in = order.as_deref().and_then(|order| order.instead_of(status));
                exchange.answered(stands_in.map_or(status, |stands_in| stands_in.status()));
                let response = answered.response(&connection, exchange);
                match order {
                    // Boxed: who keeps nothing should not carry its state.
                    Some(order) => Box::pin(order.settle((&core, &connection), response)).await,
                    None => response,
                }
            }
            Err(fault) => {
                connection.interims.forget();
                let form = wants.unwrap_or(Form::Text);
                failed(exchange, (fault, order.as_deref()), (&admitted.noted, form, may_stay))
            }
        };
        core.own(platform, |own| own.finish(&connection, response.headers_mut()));
        if let Some(bearer) = bearer {
            bearer.renew(&core, (response.status(), response.headers_mut()));
        }
        response
    }
}

/// Notes what an answer tells of who asked.
fn note_answer(
    core: &Core,
    (noted, used, visit): (&Noted, Option<UseKind>, Option<&Visit>),
    answered: &Answered,
) {
    if let Some(kind) = used {
        note_use(core, noted, (kind, answered.status()));
    }
    if let Some(visit) = visit {
        visit.answered(core, (answered.status(), answered.cookies()));
    }
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

/// What is watched of a request.
fn use_of(core: &Core, platform: PlatformId, asked: &Asked) -> Option<UseKind> {
    let sends = !matches!(*asked.request.method(), Method::GET | Method::HEAD);
    let used = core.uses(platform, sends, asked.request.uri().path());
    used.or_else(|| if sends { upload::of(&asked.request) } else { None })
}

/// The origin has answered what is watched.
fn note_use(core: &Core, noted: &Noted, (kind, status): (UseKind, StatusCode)) {
    let Some(platform) = noted.platform else { return };
    let (at, source) = (core.coarse_now(), noted.source);
    let went_through = went_through(kind, status);
    core.tally().used(WatchedUse { at, platform, kind, source, went_through });
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

fn ask(
    core: &Rc<Core>,
    platform: PlatformId,
    (asked, pass): (Box<Asked>, Pass),
) -> impl Future<Output = Result<Answered, Unanswered>> {
    let mut begun = begin(core, platform, (&asked, pass));
    async move {
        let reach = match &mut begun {
            Ok(reach) => reach,
            Err(unanswered) => return Err(*unanswered),
        };
        let reached = pin!(reach.connect()).await?;
        match reached {
            Reached::H1(lease) => pin!(over_h1::ask(reach, asked, lease)).await.map(Answered::H1),
            Reached::H2(seat, slot) => {
                // Boxed: the way over HTTP/1.1 should not carry its state.
                Box::pin(over_h2::ask(reach, asked, (seat, slot))).await.map(Answered::H2)
            }
        }
    }
}

/// A request sets out.
///
/// # Errors
/// What the client is told instead.
fn begin<'a>(
    core: &'a Rc<Core>,
    platform: PlatformId,
    (asked, pass): (&Asked, Pass),
) -> Result<Reach<'a>, Unanswered> {
    let (request, present) = (&asked.request, asked.present);
    let length = present.length().then(|| request::told_length(request.headers())).flatten();
    if length.is_some_and(|length| length > core.body_max()) {
        // It says so itself: neither client nor origin need to spend the bytes.
        return Err(Unanswered::TOO_LARGE);
    }
    let upgrade = present.upgrade() && request::wants_upgrade(request);
    let wanted = if upgrade { Wanted::Upgrade } else { Wanted::Any };
    Ok(Reach::begin((core, platform), request.method(), (wanted, pass)))
}
