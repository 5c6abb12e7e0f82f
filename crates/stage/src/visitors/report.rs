//! What visitors met, as they saw it.

use super::VisitedPlatform;
use crate::Latency;
use crate::latency::LatencyRecorder;
use seawall_types::Verdict;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// What visitors met, as of one moment; or between two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitorReport {
    /// In the order of the specification.
    pub platforms: Vec<PlatformOutcome>,
}

/// How the requests to one platform ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformOutcome {
    /// The host that was asked for.
    pub host: String,
    /// Sessions begun.
    pub sessions: u64,
    /// Requests that got a 2xx or 3xx.
    pub ok: u64,
    /// Requests that got an answer of the shield's own, by [`Verdict::index`].
    pub refused: [u64; Verdict::COUNT],
    /// Requests that got another status without a verdict word: the origin's own failures.
    pub failed: u64,
    /// Requests whose connection could not be made, was reset, or ended before the whole answer.
    pub errors: u64,
    /// Requests without a whole answer after [`crate::bounds::REQUEST_DEADLINE`].
    pub timeouts: u64,
    /// From the wish to the last byte, connecting included, of requests that ended well.
    pub latency: Latency,
}

impl VisitorReport {
    /// What came after `earlier`, which must be of the same visitors.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let pairs = self.platforms.iter().zip(&earlier.platforms);
        Self { platforms: pairs.map(|(now, then)| now.since(then)).collect() }
    }

    /// What these and `others` met together; both must have known the same platforms.
    #[must_use]
    pub fn plus(&self, others: &Self) -> Self {
        let pairs = self.platforms.iter().zip(&others.platforms);
        Self { platforms: pairs.map(|(a, b)| a.plus(b)).collect() }
    }

    /// The outcome of one platform, if it was visited.
    pub fn of_host(&self, host: &str) -> Option<&PlatformOutcome> {
        self.platforms.iter().find(|platform| platform.host == host)
    }
}

impl PlatformOutcome {
    fn since(&self, earlier: &Self) -> Self {
        Self {
            host: self.host.clone(),
            sessions: self.sessions.saturating_sub(earlier.sessions),
            ok: self.ok.saturating_sub(earlier.ok),
            refused: std::array::from_fn(|verdict| {
                self.refused[verdict].saturating_sub(earlier.refused[verdict])
            }),
            failed: self.failed.saturating_sub(earlier.failed),
            errors: self.errors.saturating_sub(earlier.errors),
            timeouts: self.timeouts.saturating_sub(earlier.timeouts),
            latency: self.latency.since(&earlier.latency),
        }
    }

    fn plus(&self, other: &Self) -> Self {
        Self {
            host: self.host.clone(),
            sessions: self.sessions + other.sessions,
            ok: self.ok + other.ok,
            refused: std::array::from_fn(|verdict| self.refused[verdict] + other.refused[verdict]),
            failed: self.failed + other.failed,
            errors: self.errors + other.errors,
            timeouts: self.timeouts + other.timeouts,
            latency: self.latency.plus(&other.latency),
        }
    }

    /// Requests that the shield answered itself, all verdicts together.
    pub fn refused_total(&self) -> u64 {
        self.refused.iter().sum()
    }

    /// Requests that ended, well or not.
    pub fn ended(&self) -> u64 {
        self.ok + self.refused_total() + self.failed + self.errors + self.timeouts
    }

    /// The share of requests that ended well, from 0 to 1; `None` when none has ended.
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    pub fn ok_share(&self) -> Option<f64> {
        let ended = self.ended();
        (ended > 0).then(|| self.ok as f64 / ended as f64)
    }
}

/// How one request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Ok(Duration),
    Refused(Verdict),
    Failed,
    Error,
    Timeout,
}

/// The counters behind [`VisitorReport`].
#[derive(Debug)]
pub(super) struct VisitorCounters(Vec<PlatformCounters>);

#[derive(Debug)]
struct PlatformCounters {
    host: String,
    sessions: AtomicU64,
    ok: AtomicU64,
    refused: [AtomicU64; Verdict::COUNT],
    failed: AtomicU64,
    errors: AtomicU64,
    timeouts: AtomicU64,
    latency: LatencyRecorder,
}

impl VisitorCounters {
    pub(super) fn for_platforms(platforms: &[VisitedPlatform]) -> Self {
        Self(platforms.iter().map(|platform| PlatformCounters::of(&platform.host)).collect())
    }

    pub(super) fn session(&self, platform: usize) {
        self.0[platform].sessions.fetch_add(1, Relaxed);
    }

    pub(super) fn count(&self, platform: usize, outcome: Outcome) {
        let counters = &self.0[platform];
        let counter = match outcome {
            Outcome::Ok(latency) => {
                counters.latency.record(latency);
                &counters.ok
            }
            Outcome::Refused(verdict) => &counters.refused[verdict.index()],
            Outcome::Failed => &counters.failed,
            Outcome::Error => &counters.errors,
            Outcome::Timeout => &counters.timeouts,
        };
        counter.fetch_add(1, Relaxed);
    }

    pub(super) fn snapshot(&self) -> VisitorReport {
        VisitorReport { platforms: self.0.iter().map(PlatformCounters::snapshot).collect() }
    }
}

impl PlatformCounters {
    fn of(host: &str) -> Self {
        Self {
            host: host.to_owned(),
            sessions: AtomicU64::new(0),
            ok: AtomicU64::new(0),
            refused: std::array::from_fn(|_| AtomicU64::new(0)),
            failed: AtomicU64::new(0),
            errors: AtomicU64::new(0),
            timeouts: AtomicU64::new(0),
            latency: LatencyRecorder::new(),
        }
    }

    fn snapshot(&self) -> PlatformOutcome {
        PlatformOutcome {
            host: self.host.clone(),
            sessions: self.sessions.load(Relaxed),
            ok: self.ok.load(Relaxed),
            refused: std::array::from_fn(|verdict| self.refused[verdict].load(Relaxed)),
            failed: self.failed.load(Relaxed),
            errors: self.errors.load(Relaxed),
            timeouts: self.timeouts.load(Relaxed),
            latency: self.latency.snapshot(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_sets_of_visitors_met_adds_up_and_comes_apart_again() {
        let platform = VisitedPlatform {
            host: "www.example.org".to_owned(),
            weight: 1,
            entrances: vec!["/".to_owned()],
        };
        let met = |outcomes: &[Outcome]| {
            let counters = VisitorCounters::for_platforms(std::slice::from_ref(&platform));
            counters.session(0);
            for outcome in outcomes {
                counters.count(0, *outcome);
            }
            counters.snapshot()
        };
        let quick = Outcome::Ok(Duration::from_millis(3));
        let first = met(&[quick, quick, Outcome::Timeout, Outcome::Refused(Verdict::Limit)]);
        let second = met(&[quick, Outcome::Error, Outcome::Failed]);
        let both = first.plus(&second);
        let outcome = &both.platforms[0];
        assert_eq!((outcome.sessions, outcome.ok, outcome.ended()), (2, 3, 7));
        assert_eq!((outcome.refused_total(), outcome.latency.count()), (1, 3));
        assert_eq!(both.since(&first), second);
    }
}
