//! Whether a request may go to an origin now, and what it is told when it may not.

use super::Admitted;
use crate::admission::{Entered, Gate, Pass, Waiting};
use crate::answer::{Form, Refusal};
use crate::body::AnswerBody;
use crate::cache::Order;
use crate::core::Core;
use crate::proven::Visit;
use crate::shown::Shown;
use crate::tally::Noted;
use http::header::CONNECTION;
use http::{HeaderValue, Response, StatusCode};
use http_body::Body as _;
use seawall_engine::admission::{Body, Class, Hold, Kind, Request};
use seawall_types::{Mode, Moment, Reason, Verdict};
use std::rc::Rc;

/// Memory that a request holds while it waits: its head, its connection's buffer, its state.
const WAITING_BYTES: u32 = 4 * 1024;

/// Whether a request goes to an origin.
pub(super) enum Entry {
    /// It does.
    Goes(Pass),
    /// It does once there is a slot for it.
    Waits(Waiting),
    /// It does not.
    Held(Hold),
}

/// Asks for a slot at an origin.
pub(super) fn enter(
    core: &Core,
    (gate, now): (&Rc<Gate>, Moment),
    (admitted, visit): (&mut Admitted, &mut Visit),
) -> Entry {
    visit.comes(core, now, &admitted.asked);
    let wish = wish(core, admitted, visit);
    admitted.shown.cost_us = gate.cost_us(wish.route);
    let is_bound = wish.body == Body::Comes && wish.class > Class::Proven;
    // What is only observed keeps nobody waiting.
    let is_hurried = is_bound && core.mode(admitted.platform) == Mode::Protect;
    admitted.asked.hurried_at = is_hurried.then(|| gate.clone());
    let entered = gate.enter(now, &wish);
    match (entered, core.mode(admitted.platform)) {
        (Entered::Admitted(permit), Mode::Protect) => Entry::Goes(Pass::Permit(permit)),
        (Entered::Admitted(permit), Mode::Observe) => Entry::Goes(Pass::Watched(permit)),
        (Entered::Waits(waiting), Mode::Protect) => {
            core.tally().asked(admitted.platform, admitted.shown.cost_us);
            admitted.shown.is_asked = true;
            Entry::Waits(waiting)
        }
        (Entered::Held(hold), Mode::Protect) => Entry::Held(hold),
        (Entered::Waits(_) | Entered::Held(_), Mode::Observe) => {
            core.tally().would_have(admitted.platform, Verdict::Hold);
            Entry::Goes(Pass::Free)
        }
    }
}

/// Waits for a slot.
///
/// # Errors
/// There is none in time.
pub(super) async fn wait(
    core: &Rc<Core>,
    waiting: Waiting,
    who: (Noted, Shown),
) -> Result<Pass, Hold> {
    let mut left = LeftWaiting { core, who: Some(who) };
    let waited = waiting.await;
    // What comes now counts from the end of the wait.
    core.now();
    left.who = None;
    waited.map(Pass::Permit)
}

/// A client that leaves while it waits is counted as held, which is what it was.
struct LeftWaiting<'a> {
    core: &'a Rc<Core>,
    who: Option<(Noted, Shown)>,
}

impl Drop for LeftWaiting<'_> {
    fn drop(&mut self) {
        if let Some((noted, shown)) = self.who.take() {
            let (verdict, reason) = (Verdict::Hold, Reason::Overload);
            self.core.note(&Noted { verdict, reason, ..noted }, &shown);
        }
    }
}

/// A request as admission sees it.
fn wish(core: &Core, admitted: &Admitted, visit: &Visit) -> Request {
    // A gate that a reload brought only now has not asked for it.
    let route = admitted.shown.route.unwrap_or_else(|| core.route_of(&admitted.asked.request));
    Request {
        route,
        prefix: visit.turn(),
        class: match visit.class() {
            Class::Unknown if admitted.goes_last => Class::Low,
            class => class,
        },
        // Only the origin's own answer makes it last: what a client says of it is its word.
        kind: Kind::Brief,
        body: admitted.body,
        bytes: WAITING_BYTES.saturating_add(admitted.asked.request.body().held_bytes()),
        call: visit.call(),
    }
}

/// The answer to a request that there is no slot for: a page for people, and when to come back.
///
/// Where something is kept that may stand in, that is given instead.
/// Where no origin works that is why there was none, and what is told.
pub(super) fn held(
    core: &Rc<Core>,
    mut admitted: Admitted,
    (hold, order): (Hold, Option<Box<Order>>),
) -> Response<AnswerBody> {
    let mut status = StatusCode::BAD_GATEWAY;
    if let Some(order) = order {
        status = order.fault_status(status);
        admitted = match order.instead_of_hold(core, admitted) {
            Ok(response) => return response,
            Err(admitted) => *admitted,
        };
    }
    let Admitted { asked, platform, noted, shown, record, open, goes_last, body: _ } = admitted;
    let told = if core.are_broken(platform) {
        Refusal {
            platform: Some(platform),
            ..Refusal::error(status, Reason::Unreachable, noted.source)
        }
    } else {
        Refusal::of((Verdict::Hold, Reason::Overload), platform, noted.source)
    };
    let Refusal { verdict, reason, .. } = told;
    core.tally().count(&Noted { verdict, reason, ..noted });
    // Whatever it is told, it asked for work that the origins do not do: a flood that they are down
    // under goes on, and is listed as what it is.
    let listed = Noted { verdict: Verdict::Hold, reason: Reason::Overload, ..noted };
    core.tally().list(&listed, &shown);
    let measure = noted.measure.filter(|_| goes_last);
    if let Some(measure) = measure {
        core.tally().stopped(measure, noted.is_proven);
    }
    let refusal = Refusal { retry_s: Some(hold.retry_after_s), measure, ..told };
    if let Some(mut record) = record {
        record.tell(verdict, reason);
        record.status = Some(refusal.status);
        core.record(record);
    }
    let (connection, request) = (&asked.connection, &asked.request);
    let form = if asked.present.form() { Form::wanted_by(request.headers()) } else { Form::Text };
    let mut response = refusal.response(core, form, open);
    if !request.body().is_end_stream() && !connection.h2.get() {
        // What is left of a body that nobody takes is no request.
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    core.own(platform, |own| own.finish(connection, response.headers_mut()));
    response
}
