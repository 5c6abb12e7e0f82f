//! Bodies are read before a slot is asked for: who sends slowly holds none meanwhile.
//!
//! A form or a sign-in comes whole, and its origin never waits for it.
//! What is larger than [`AHEAD_MAX`] goes on as a stream once so much of it is here, and so does, after
//! [`PATIENCE`], what is smaller and has not come, where the slots of its origin can spare one for it.
//! A body of no told length may be half of a conversation: where a slot can be spared it is not read at all,
//! else for [`PATIENCE`].
//! What the client sends only when it is asked for it is not read.
//! Bounds: [`AHEAD_MAX`] bytes and a frame of one body, [`ROOM_MAX`] of what all bodies of a core are beyond
//! [`FIRST`] each; what is more goes on as streams.

use super::{Admitted, Unanswered};
use crate::answer::{Form, Refusal};
use crate::body::AnswerBody;
use crate::core::Core;
use crate::incoming::{Filled, Incoming, Kept};
use crate::pace::Pace;
use crate::proven::Visit;
use crate::recorder::RecordedRequest;
use crate::request;
use crate::shown::Shown;
use crate::tally::Noted;
use http::header::CONNECTION;
use http::{HeaderValue, Response};
use http_body::Body as _;
use seawall_engine::admission::Body;
use seawall_types::{Mode, PlatformId, Verdict};
use std::future::{Future as _, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Bytes of one body: forms with a page of text, sign-ins, most calls of an interface.
pub(super) const AHEAD_MAX: usize = 64 * 1024;
/// Bytes of all bodies of a core; a few hundred large ones, or tens of thousands that trickle.
const ROOM_MAX: usize = 16 * 1024 * 1024;
/// Bytes of each body that need no room: a form, and no more than any request takes that waits. So whoever
/// fills the room has no small form refused.
const FIRST: usize = 4 * 1024;
/// How long a body is waited for that goes on without its end: a form mostly comes with its head, and who
/// talks with the origin notices nothing.
const PATIENCE: Duration = Duration::from_millis(20);
/// How often it is looked whether one can by now.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What a body that is read ahead takes of the core's room; given back when dropped.
pub(crate) struct Room {
    core: Rc<Core>,
    bytes: usize,
}

impl Room {
    fn new(core: &Rc<Core>) -> Self {
        Self { core: core.clone(), bytes: 0 }
    }

    /// A body takes so much in all; whether there was as much room.
    pub(crate) fn grow(&mut self, held: usize) -> bool {
        let bytes = held.saturating_sub(FIRST);
        let taken = self.core.bodies_read();
        let sum = taken.get() - self.bytes + bytes;
        taken.set(sum);
        self.bytes = bytes;
        bytes == 0 || sum <= ROOM_MAX
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.grow(0);
    }
}

/// How much of a body is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wait {
    /// None of it.
    Nothing,
    /// What comes at once.
    Briefly,
    /// All of it, or as much as is read ahead.
    Told,
}

/// Whether a request brings a body that has not been read.
pub(super) fn is_due(request: &http::Request<Incoming>) -> bool {
    match request.body() {
        Incoming::Kept(kept) => !kept.is_read(),
        body => !body.is_end_stream(),
    }
}

/// Reads what there is to read before a slot is asked for.
///
/// # Errors
/// The body breaks HTTP's rules, or its sender does not go on with it.
pub(super) async fn read(core: &Rc<Core>, admitted: &mut Admitted) -> Result<(), Unanswered> {
    admitted.noted.is_proven = Visit::of(core, &admitted.asked, admitted.platform).is_proven();
    admitted.body = Body::Comes;
    let waits = match core.mode(admitted.platform) {
        Mode::Protect => wait_for(core, admitted),
        Mode::Observe => Wait::Nothing,
    };
    if waits == Wait::Nothing {
        return Ok(());
    }
    let request = &mut admitted.asked.request;
    let pace = Pace::new(core);
    let body = std::mem::replace(request.body_mut(), Incoming::Nothing);
    let mut kept = Kept::ahead(body, Room::new(core));
    let record = admitted.record.take();
    let mut left = Left { core, who: Some((admitted.noted, admitted.shown, record)) };
    let what_came = come((core, admitted.platform), &mut kept, (waits, pace)).await;
    admitted.record = left.who.take().and_then(|(_, _, record)| record);
    drop(left);
    *admitted.asked.request.body_mut() = Incoming::Kept(Box::new(kept));
    admitted.body = what_came?;
    Ok(())
}

fn wait_for(core: &Core, admitted: &Admitted) -> Wait {
    let (request, present) = (&admitted.asked.request, admitted.asked.present);
    if present.expect() {
        return Wait::Nothing;
    }
    match present.length().then(|| request::told_length(request.headers())).flatten() {
        // It is refused for that by whoever forwards it.
        Some(length) if length > core.body_max() => Wait::Nothing,
        Some(_) => Wait::Told,
        None if spares_one(core, admitted.platform) => Wait::Nothing,
        None => Wait::Briefly,
    }
}

/// Whether a slot can be spared for a body that comes, by the gate that there is now: a reload may bring
/// another while a body is read.
fn spares_one(core: &Core, platform: PlatformId) -> bool {
    core.gate(platform).is_none_or(|gate| gate.spares_one())
}

/// Waits for a body; how much of it is here.
async fn come(
    (core, platform): (&Core, PlatformId),
    kept: &mut Kept,
    (waits, mut pace): (Wait, Pace),
) -> Result<Body, Unanswered> {
    // A timer of its own: the tick of the core is too coarse for it.
    let mut patience = pin!(sleep(PATIENCE));
    poll_fn(|cx| {
        if let Poll::Ready(filled) = kept.poll_fill(cx, AHEAD_MAX) {
            return Poll::Ready(match filled {
                Filled::Whole => Ok(Body::Whole),
                Filled::Most => Ok(Body::Comes),
                Filled::Broke => Err(Unanswered::MALFORMED),
            });
        }
        while patience.as_mut().poll(cx).is_ready() {
            if waits == Wait::Briefly || spares_one(core, platform) {
                return Poll::Ready(Ok(Body::Comes));
            }
            patience.as_mut().reset(Instant::now() + LOOK_EVERY);
        }
        // It holds no more than a connection, which others wait for only when there is no other.
        let received = kept.read().len() as u64;
        pace.poll_slow(cx, (received, |_| core.is_full())).map(|()| Err(Unanswered::SLOW))
    })
    .await
}

/// A client that leaves while its body is read is counted as one that did not go on.
struct Left<'a> {
    core: &'a Core,
    who: Option<(Noted, Shown, Option<Box<RecordedRequest>>)>,
}

impl Drop for Left<'_> {
    fn drop(&mut self) {
        if let Some((noted, shown, record)) = self.who.take() {
            let (verdict, reason) = (Verdict::Error, Unanswered::SLOW.reason);
            self.core.note(&Noted { verdict, reason, ..noted }, &shown);
            if let Some(mut record) = record {
                record.tell(verdict, reason);
                self.core.record(record);
            }
        }
    }
}

/// What a client is told whose body did not come; it asked nothing of an origin.
pub(super) fn refused(
    core: &Rc<Core>,
    admitted: Admitted,
    Unanswered { status, reason }: Unanswered,
) -> Response<AnswerBody> {
    let Admitted { asked, platform, noted, shown, record, open, .. } = admitted;
    core.note(&Noted { verdict: Verdict::Error, reason, ..noted }, &shown);
    if let Some(mut record) = record {
        record.tell(Verdict::Error, reason);
        record.status = Some(status);
        core.record(record);
    }
    let error = Refusal::error(status, reason, noted.source);
    let refusal = Refusal { platform: Some(platform), ..error };
    let (connection, headers) = (&asked.connection, asked.request.headers());
    let form = if asked.present.form() { Form::wanted_by(headers) } else { Form::Text };
    let mut response = refusal.response(core, form, open);
    if !connection.h2.get() {
        // What is left of the body is no request.
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    core.own(platform, |own| own.finish(connection, response.headers_mut()));
    response
}
