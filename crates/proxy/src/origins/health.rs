//! Whether one origin is used: healthy, or out until it has shown that it is well.
//!
//! Takes faults and good answers with the time; gives the changes.
//! Never reads a clock and never asks anybody; that is what probes are for.
//!
//! What is a fault? That no connection came about, that bytes came which are no answer, that the
//! connection ended before an answer, or that none came in time.
//! A status is none, not even 502, 503 or 504.
//! nginx leaves statuses out of `max_fails` and `HAProxy` observes them only when told to; Envoy has
//! gateway statuses counted and, by default, never enforced.
//! The reason holds here more than there: an origin that answers 503 under a flood is alive, and to
//! take it out sends its share to the next one until all are gone.
//! Who wants a status to count names a `health_path`.

use seawall_types::Moment;
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Faults in a row that take an origin out.
const FAULTS_MAX: u32 = 3;
/// The first back-off; each further one is twice as long, up to [`BACKOFF_MAX`].
const BACKOFF_MIN: Duration = Duration::from_secs(1);
const BACKOFF_MAX: Duration = Duration::from_secs(15);
/// Between two tries to connect to an origin that is out because it cannot be reached.
pub(crate) const TRY_EVERY: Duration = Duration::from_millis(250);
/// All of an origin's share, and what it has of it when it comes back.
pub(crate) const SHARE_WHOLE: u32 = 1_000;
const SHARE_MIN: u32 = 100;

/// What an origin did wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Fault {
    /// It refused a connection.
    Refused,
    /// No connection came about for another reason.
    Unreached,
    /// Bytes came that are no answer.
    Garbage,
    /// The connection ended before an answer.
    Closed,
    /// No answer came in time.
    Timeout,
    /// A probe got no answer, or one that is not good.
    Check,
}

impl Fault {
    /// For the log.
    pub(crate) const fn sentence(self) -> &'static str {
        match self {
            Self::Refused => "it refuses connections",
            Self::Unreached => "no connection to it comes about",
            Self::Garbage => "what it sends is no answer",
            Self::Closed => "it closes before it answers",
            Self::Timeout => "it does not answer in time",
            Self::Check => "health_path gives no good answer",
        }
    }

    /// What must be shown before the origin is used again.
    const fn proof(self) -> Proof {
        match self {
            Self::Refused | Self::Unreached => Proof::Connection,
            Self::Closed | Self::Timeout => Proof::Answer,
            Self::Garbage => Proof::Sense,
            Self::Check => Proof::Check,
        }
    }
}

/// What shows that an origin is well again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    /// That it takes a connection.
    Connection,
    /// That it answers, whatever it says.
    Answer,
    /// The same, and not to a client: one that got garbage cannot be helped any more.
    Sense,
    /// That `health_path` is good.
    Check,
}

/// Whether the platform has another origin that is healthy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Others {
    Healthy,
    None,
}

/// An origin's health as all cores see it.
///
/// Moments are nanoseconds, of which zero stands for never.
/// Cores race for each change by comparing and exchanging `until`, so that one of them tells it.
#[derive(Debug, Default)]
pub(crate) struct Health {
    /// Zero while it is healthy, else when its back-off ends.
    until: AtomicU64,
    /// The [`Fault`] by which it was taken out.
    out_by: AtomicU8,
    /// In a row, by clients' requests.
    faults: AtomicU32,
    /// In a row, by probes.
    failed_checks: AtomicU32,
    /// Back-offs since it was last well for long.
    backoffs: AtomicU32,
    ejected_at: AtomicU64,
    failed_at: AtomicU64,
    tried_at: AtomicU64,
    /// Zero for an origin that was never out.
    healthy_since: AtomicU64,
}

impl Health {
    pub(crate) fn is_healthy(&self) -> bool {
        self.until.load(Relaxed) == 0
    }

    /// Whether it is out because it refuses connections, or gives nothing that is an answer; not
    /// because it is late, to take a connection or to answer, or its check says so, as one that has
    /// too much to do may be.
    pub(crate) fn is_broken(&self) -> bool {
        !self.is_healthy()
            && match self.out_by() {
                Fault::Refused | Fault::Garbage | Fault::Closed => true,
                Fault::Unreached | Fault::Timeout | Fault::Check => false,
            }
    }

    /// Its share of requests in thousandths, which grows over `slow_start` once it is back.
    pub(crate) fn share(&self, now: Moment, slow_start: Option<Duration>) -> u32 {
        let since = self.healthy_since.load(Relaxed);
        let Some(span) = slow_start.filter(|_| since != 0) else {
            return SHARE_WHOLE;
        };
        let back = now.since(Moment(since));
        if back >= span {
            return SHARE_WHOLE;
        }
        let grown = u128::from(SHARE_WHOLE - SHARE_MIN) * back.as_nanos() / span.as_nanos();
        SHARE_MIN + u32::try_from(grown).unwrap_or(0)
    }

    /// When it last failed.
    pub(crate) fn failed_at(&self) -> Moment {
        Moment(self.failed_at.load(Relaxed))
    }

    /// Whether it was out and has come back since `began`: what a request from before then has to
    /// tell is old.
    pub(crate) fn is_back_since(&self, began: Moment) -> bool {
        began.0 < self.healthy_since.load(Relaxed)
    }

    /// What must be shown before it is used again; only worth asking while it is out.
    pub(crate) fn proof(&self) -> Proof {
        self.out_by().proof()
    }

    fn out_by(&self) -> Fault {
        let all = [Fault::Refused, Fault::Unreached, Fault::Garbage, Fault::Closed, Fault::Timeout];
        all.get(usize::from(self.out_by.load(Relaxed))).copied().unwrap_or(Fault::Check)
    }

    /// Takes a fault; true when the origin is out by it.
    ///
    /// A refused connection is enough where others can serve: nothing was lost by it, and the next
    /// probe is half a second away.
    pub(crate) fn fault(&self, now: Moment, fault: Fault, others: Others) -> bool {
        self.failed_at.store(now.0, Relaxed);
        let in_a_row = match fault {
            Fault::Check => &self.failed_checks,
            Fault::Refused | Fault::Unreached | Fault::Garbage | Fault::Closed | Fault::Timeout => {
                &self.faults
            }
        };
        let count = in_a_row.fetch_add(1, Relaxed).saturating_add(1);
        let enough = match (fault, others) {
            (Fault::Refused, Others::Healthy) => 1,
            _ => FAULTS_MAX,
        };
        self.is_healthy() && count >= enough && self.eject(now, fault)
    }

    fn eject(&self, now: Moment, fault: Fault) -> bool {
        if now.since(Moment(self.healthy_since.load(Relaxed))) > BACKOFF_MAX {
            self.backoffs.store(0, Relaxed);
        }
        self.out_by.store(fault as u8, Relaxed);
        self.ejected_at.store(now.0, Relaxed);
        let until = (now + self.next_backoff()).0;
        self.until.compare_exchange(0, until, Relaxed, Relaxed).is_ok()
    }

    fn next_backoff(&self) -> Duration {
        let doubled = self.backoffs.fetch_add(1, Relaxed).min(4);
        (BACKOFF_MIN * (1 << doubled)).min(BACKOFF_MAX)
    }

    /// A request that began at `began` was answered; gives how long the origin had been out, when
    /// it is back by this.
    ///
    /// An answer to a request from before the origin was taken out proves nothing, and only a probe
    /// can undo what a probe has found.
    pub(crate) fn answered(&self, now: Moment, began: Moment) -> Option<Duration> {
        if self.faults.load(Relaxed) != 0 {
            self.faults.store(0, Relaxed);
        }
        let is_news = !self.is_healthy() && began.0 >= self.ejected_at.load(Relaxed);
        if is_news && self.proof() != Proof::Check { self.come_back(now) } else { None }
    }

    /// A probe was good; gives how long the origin had been out, when it is back by this.
    pub(crate) fn check_was_good(&self, now: Moment) -> Option<Duration> {
        self.failed_checks.store(0, Relaxed);
        if self.is_healthy() { None } else { self.come_back(now) }
    }

    fn come_back(&self, now: Moment) -> Option<Duration> {
        self.faults.store(0, Relaxed);
        self.failed_checks.store(0, Relaxed);
        self.healthy_since.store(now.0, Relaxed);
        let was_out = self.until.swap(0, Relaxed) != 0;
        was_out.then(|| now.since(Moment(self.ejected_at.load(Relaxed))))
    }

    /// Whether an origin that is out may be tried although it is out, because all are.
    ///
    /// One that cannot be reached is tried once each [`TRY_EVERY`]: who asks meanwhile is answered
    /// at once.
    pub(crate) fn may_be_tried(&self, now: Moment) -> bool {
        self.proof() != Proof::Connection || {
            let last = self.tried_at.load(Relaxed);
            let is_due = last == 0 || now.since(Moment(last)) >= TRY_EVERY;
            is_due && self.tried_at.compare_exchange(last, now.0, Relaxed, Relaxed).is_ok()
        }
    }

    /// Whether this request may be the one by which an origin proves itself: its back-off has
    /// ended, and an answer is what it must show.
    ///
    /// Probes look for the same proof, but an origin may answer clients and not them.
    pub(crate) fn takes_trial(&self, now: Moment) -> bool {
        let until = self.until.load(Relaxed);
        if until == 0 || until > now.0 || self.proof() != Proof::Answer {
            return false;
        }
        let next = (now + self.next_backoff()).0;
        self.until.compare_exchange(until, next, Relaxed, Relaxed).is_ok()
    }
}

#[cfg(test)]
mod tests;
