//! Which origin a request goes to, and what happens when it gets no answer there.
//!
//! A connection that does not come about has cost no origin a request: another origin is tried, for
//! any method, up to [`CONNECTS_MAX`] times.
//! A request that was sent is sent once more at most, and only when its method is idempotent
//! (RFC 9110 §9.2.2), its body has not begun, no byte of an answer came and the platform's budget
//! bears it: on a fresh connection when the origin had closed an idle one just then, else at
//! another origin.
//! After a timeout it is not repeated: the origin may be working on it, and the slowest requests
//! are the last that should be doubled.
//! Only one that was a trial is, since it had no better reason to go there.

use super::Unanswered;
use super::over_h1::{Asking, answer};
use super::question::Question;
use crate::admission::Pass;
use crate::core::Core;
use crate::origins::seat::Role;
use crate::origins::{Fault, PlatformOrigins, Repeatable, Seat, Tried};
use crate::pool::{Lease, OriginPool};
use crate::upstream::dial::{DialFault, Speaks};
use crate::upstream::h2::Slot;
use crate::upstream::response::ResponseHead;
use crate::upstream::{Upload, UpstreamFault};
use crate::watch::Overdue;
use http::Method;
use seawall_types::PlatformId;
use std::rc::Rc;

/// Origins that one request tries to connect to.
const CONNECTS_MAX: usize = 3;

/// The way of one request.
pub(super) struct Reach<'a> {
    pub(super) core: &'a Rc<Core>,
    pub(super) platform: PlatformId,
    pub(super) wanted: Wanted,
    repeatable: Repeatable,
    tried: Tried,
    /// What it may go with when it is at no origin.
    pass: Pass,
}

/// What may be spoken to an origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
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
pub(super) enum Reached {
    H1(Lease),
    H2(Seat, Slot),
}

/// What is done about a request without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    GiveUp,
    /// A new connection to the same origin.
    Fresh,
    Other,
}

impl<'a> Reach<'a> {
    /// A request of `method` sets out.
    pub(super) fn begin(
        (core, platform): (&'a Rc<Core>, PlatformId),
        method: &Method,
        (wanted, pass): (Wanted, Pass),
    ) -> Self {
        core.with_origins(platform, |origins| origins.budget.earn());
        let repeatable = if method.is_idempotent() { Repeatable::Yes } else { Repeatable::No };
        Self { core, platform, wanted, repeatable, tried: Tried::default(), pass }
    }

    /// A connection to the best origin that this request has not been to, an idle one if there is.
    ///
    /// # Errors
    /// What the client is told instead.
    pub(super) async fn connect(&mut self) -> Result<Reached, Unanswered> {
        let mut fault = Unanswered::UNREACHABLE;
        for _ in 0..CONNECTS_MAX {
            let Some(seat) = self.choose() else { break };
            let pool = seat.pool().clone();
            let reached = match self.wanted.of(&pool) {
                Some(Speaks::Http1) => match pool.take_idle(seat) {
                    Ok(lease) => return Ok(Reached::H1(lease)),
                    // Boxed, here and below: what is rare should not be room in every request.
                    Err(seat) => Box::pin(self.dial(&pool, seat)).await.map(Reached::H1),
                },
                Some(Speaks::Http2) => Box::pin(self.slot(seat)).await,
                None => {
                    self.leave(seat);
                    continue;
                }
            };
            match reached {
                Ok(reached) => return Ok(reached),
                Err(unanswered) => fault = unanswered,
            }
        }
        Err(fault)
    }

    /// The head of an origin's answer over HTTP/1.1; the connection that it came by is held then.
    ///
    /// # Errors
    /// What the client is told instead.
    pub(super) async fn answer(
        &mut self,
        leased: &mut Option<Lease>,
        upload: &mut Upload,
        question: &mut Question<'_>,
    ) -> Result<ResponseHead, Unanswered> {
        match answer(self.core, leased, upload, question).await {
            Ok(head) => Ok(head),
            Err(asking) => Box::pin(self.answer_again(asking, leased, (upload, question))).await,
        }
    }

    /// Sends the request a second time, where that may be.
    async fn answer_again(
        &mut self,
        asking: Asking,
        leased: &mut Option<Lease>,
        (upload, question): (&mut Upload, &mut Question<'_>),
    ) -> Result<ResponseHead, Unanswered> {
        let lease = leased.take().ok_or(Unanswered::UNREACHABLE)?;
        if let Asking::Upstream(UpstreamFault::Broke(cause)) = &asking {
            lease.broke(cause);
        }
        let lease = match self.next(&asking, &lease, upload) {
            Next::GiveUp => return Err(asking.unanswered()),
            Next::Fresh => self.fresh(lease.seat).await?,
            Next::Other => {
                let Lease { seat, .. } = lease;
                self.leave(seat);
                self.lease().await?
            }
        };
        *leased = Some(lease);
        answer(self.core, leased, upload, question).await.map_err(|asking| {
            if let (Some(lease), Some(fault)) = (leased, asking.fault()) {
                self.blame(&lease.seat, fault);
            }
            asking.unanswered()
        })
    }

    /// Judges a first failure.
    fn next(&self, asking: &Asking, lease: &Lease, upload: &mut Upload) -> Next {
        let Some(fault) = asking.fault() else {
            return Next::GiveUp;
        };
        let silent = lease.upstream.is_drained();
        let closed = silent && fault == Fault::Closed;
        // The origin closed an idle connection just when we used it: nobody's fault.
        let stale = closed && lease.reused;
        if !stale {
            self.blame(&lease.seat, fault);
        }
        if stale && upload.is_untouched() && upload.rewind() {
            return Next::Fresh;
        }
        // The shield took a chance with this one.
        let on_trial = silent && fault == Fault::Timeout && lease.seat.role() == Role::Trial;
        let repeatable = self.repeatable == Repeatable::Yes && (closed || on_trial);
        if !repeatable || !upload.rewind() {
            return Next::GiveUp;
        }
        let tried = self.tried;
        let allowed =
            self.origins(|origins| (stale || origins.has_other(tried)) && origins.budget.spend());
        match (allowed, stale) {
            (false, _) => Next::GiveUp,
            (true, true) => Next::Fresh,
            (true, false) => Next::Other,
        }
    }

    /// Whether the request may be sent a second time, which is then accounted for.
    pub(super) fn may_repeat(&self) -> bool {
        self.origins(|origins| origins.budget.spend())
    }

    /// Another connection for a request that is written for HTTP/1.1.
    async fn lease(&mut self) -> Result<Lease, Unanswered> {
        if self.wanted == Wanted::Any {
            self.wanted = Wanted::Http1;
        }
        match self.connect().await? {
            Reached::H1(lease) => Ok(lease),
            Reached::H2(..) => Err(Unanswered::UNREACHABLE),
        }
    }

    /// A new connection to the origin of `seat`, or to another when that cannot be reached.
    async fn fresh(&mut self, seat: Seat) -> Result<Lease, Unanswered> {
        let pool = seat.pool().clone();
        match self.dial(&pool, seat).await {
            Ok(lease) => Ok(lease),
            Err(_) => self.lease().await,
        }
    }

    async fn dial(&mut self, pool: &OriginPool, seat: Seat) -> Result<Lease, Unanswered> {
        let due = self.core.coarse_now() + self.core.timeouts().origin_connect;
        let dialled = self.core.watchlist().until(due, pool.connect()).await;
        match self.judged(dialled, &seat) {
            Ok(fresh) => Ok(fresh.lease(seat)),
            Err(unanswered) => {
                self.leave(seat);
                Err(unanswered)
            }
        }
    }

    /// Room on an HTTP/2 connection to the origin of `seat`.
    pub(super) async fn slot(&mut self, seat: Seat) -> Result<Reached, Unanswered> {
        let due = self.core.coarse_now() + self.core.timeouts().origin_connect;
        let pool = seat.pool().clone();
        let dialled = self.core.watchlist().until(due, pool.slot()).await;
        match self.judged(dialled, &seat) {
            Ok(slot) => Ok(Reached::H2(seat, slot)),
            Err(unanswered) => {
                self.leave(seat);
                Err(unanswered)
            }
        }
    }

    /// The request is at this origin no longer; what it had there may serve it elsewhere.
    fn leave(&mut self, seat: Seat) {
        if let Some(permit) = seat.leave() {
            self.pass = match self.pass {
                Pass::Free | Pass::Watched(_) => Pass::Watched(permit),
                Pass::Permit(_) | Pass::Spent => Pass::Permit(permit),
            };
        }
    }

    /// Blames the origin for a connection that did not come about, unless it is only busy.
    fn judged<T>(
        &self,
        dialled: Result<Result<T, DialFault>, Overdue>,
        seat: &Seat,
    ) -> Result<T, Unanswered> {
        match dialled {
            Ok(Ok(connected)) => Ok(connected),
            Ok(Err(fault)) => {
                let refused = fault.is_refusal();
                self.blame(seat, if refused { Fault::Refused } else { Fault::Unreached });
                Err(Unanswered::UNREACHABLE)
            }
            // The clients that hold its slots are no fault of the origin.
            Err(Overdue) if seat.pool().is_full() => Err(Unanswered::TIMEOUT),
            Err(Overdue) => {
                self.blame(seat, Fault::Unreached);
                Err(Unanswered::TIMEOUT)
            }
        }
    }

    fn choose(&mut self) -> Option<Seat> {
        let (now, tried) = (self.core.coarse_now(), &mut self.tried);
        let repeatable = self.repeatable;
        let pass = match self.pass {
            Pass::Free => Pass::Free,
            Pass::Permit(_) | Pass::Spent => std::mem::replace(&mut self.pass, Pass::Spent),
            Pass::Watched(_) => std::mem::replace(&mut self.pass, Pass::Free),
        };
        let choose = |origins: &PlatformOrigins| origins.choose(now, (tried, repeatable), pass);
        self.core.with_origins(self.platform, choose).flatten()
    }

    /// The origin that `seat` is at did something wrong.
    ///
    /// That one which speaks HTTP/2 alone does not take an upgrade is none: any client can ask for it.
    pub(super) fn blame(&self, seat: &Seat, fault: Fault) {
        let other_protocol = seat.pool().place().speaks() == Speaks::Http2;
        if self.wanted == Wanted::Upgrade && other_protocol {
            return;
        }
        match fault {
            Fault::Refused | Fault::Unreached => seat.unreached(),
            Fault::Timeout => seat.failed(),
            // What a client can bring about says nothing of what the origin can carry.
            _ => {}
        }
        let now = self.core.coarse_now();
        self.core.with_origins(self.platform, |origins| origins.blame(now, seat, fault));
    }

    fn origins(&self, ask: impl FnOnce(&PlatformOrigins) -> bool) -> bool {
        self.core.with_origins(self.platform, ask).unwrap_or(false)
    }
}
