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

use super::{Asking, Unanswered, answer};
use crate::core::Core;
use crate::origins::seat::Role;
use crate::origins::{Fault, PlatformOrigins, Repeatable, Seat, Tried};
use crate::pool::{Lease, OriginPool};
use crate::upstream::response::ResponseHead;
use crate::upstream::{Upload, UpstreamFault};
use http::Method;
use seawall_types::PlatformId;
use std::io;
use std::rc::Rc;

/// Origins that one request tries to connect to.
const CONNECTS_MAX: usize = 3;

/// The way of one request.
pub(super) struct Reach<'a> {
    core: &'a Rc<Core>,
    platform: PlatformId,
    method: &'a Method,
    tried: Tried,
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
    pub(super) fn begin(core: &'a Rc<Core>, platform: PlatformId, method: &'a Method) -> Self {
        core.with_origins(platform, |origins| origins.budget.earn());
        Self { core, platform, method, tried: Tried::default() }
    }

    /// The head of an origin's answer, and the connection that it came by.
    ///
    /// # Errors
    /// What the client is told instead.
    pub(super) async fn answer(
        &mut self,
        upload: &mut Upload,
    ) -> Result<(Lease, ResponseHead), Unanswered> {
        let mut lease = self.connect().await?;
        let asking = match answer(self.core, &mut lease, upload, self.method).await {
            Ok(head) => return Ok((lease, head)),
            Err(asking) => asking,
        };
        let mut lease = match self.next(&asking, &lease, upload) {
            Next::GiveUp => return Err(asking.unanswered()),
            Next::Fresh => self.fresh(lease.seat).await?,
            Next::Other => {
                drop(lease);
                self.connect().await?
            }
        };
        match answer(self.core, &mut lease, upload, self.method).await {
            Ok(head) => Ok((lease, head)),
            Err(asking) => {
                asking.fault().into_iter().for_each(|fault| self.blame(&lease.seat, fault));
                Err(asking.unanswered())
            }
        }
    }

    /// Judges a first failure.
    fn next(&self, asking: &Asking, lease: &Lease, upload: &mut Upload) -> Next {
        let Some(fault) = asking.fault() else {
            return Next::GiveUp;
        };
        let silent = lease.upstream.has_said_nothing();
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
        if !(closed || on_trial) || !self.method.is_idempotent() || !upload.rewind() {
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

    /// A connection to the best origin that this request has not been to, an idle one if there is.
    async fn connect(&mut self) -> Result<Lease, Unanswered> {
        let mut fault = Unanswered::UNREACHABLE;
        for _ in 0..CONNECTS_MAX {
            let Some(seat) = self.choose() else { break };
            let pool = seat.pool().clone();
            match pool.take_idle(seat) {
                Ok(lease) => return Ok(lease),
                Err(seat) => match self.dial(&pool, seat).await {
                    Ok(lease) => return Ok(lease),
                    Err(unanswered) => fault = unanswered,
                },
            }
        }
        Err(fault)
    }

    /// A new connection to the origin of `seat`, or to another when that cannot be reached.
    async fn fresh(&mut self, seat: Seat) -> Result<Lease, Unanswered> {
        let pool = seat.pool().clone();
        match self.dial(&pool, seat).await {
            Ok(lease) => Ok(lease),
            Err(_) => self.connect().await,
        }
    }

    async fn dial(&self, pool: &OriginPool, seat: Seat) -> Result<Lease, Unanswered> {
        let due = self.core.coarse_now() + self.core.timeouts().origin_connect;
        match self.core.watchlist().until(due, pool.connect()).await {
            Ok(Ok(connected)) => Ok(connected.lease(seat)),
            Ok(Err(cause)) => {
                let refused = cause.kind() == io::ErrorKind::ConnectionRefused;
                self.blame(&seat, if refused { Fault::Refused } else { Fault::Unreached });
                Err(Unanswered::UNREACHABLE)
            }
            Err(_) => {
                self.blame(&seat, Fault::Unreached);
                Err(Unanswered::TIMEOUT)
            }
        }
    }

    fn choose(&mut self) -> Option<Seat> {
        let repeatable = if self.method.is_idempotent() { Repeatable::Yes } else { Repeatable::No };
        let (now, tried) = (self.core.coarse_now(), &mut self.tried);
        let choose = |origins: &PlatformOrigins| origins.choose(now, tried, repeatable);
        self.core.with_origins(self.platform, choose).flatten()
    }

    /// The origin that `seat` is at did something wrong.
    pub(super) fn blame(&self, seat: &Seat, fault: Fault) {
        let now = self.core.coarse_now();
        self.core.with_origins(self.platform, |origins| origins.blame(now, seat, fault));
    }

    fn origins(&self, ask: impl FnOnce(&PlatformOrigins) -> bool) -> bool {
        self.core.with_origins(self.platform, ask).unwrap_or(false)
    }
}

impl Asking {
    /// What the origin did wrong; none when the client did.
    fn fault(&self) -> Option<Fault> {
        match self {
            Self::Client(_) => None,
            Self::Upstream(UpstreamFault::Closed | UpstreamFault::Broke(_)) => Some(Fault::Closed),
            Self::Upstream(UpstreamFault::Answer(_)) => Some(Fault::Garbage),
            Self::Overdue => Some(Fault::Timeout),
        }
    }
}
