//! All counts at one moment, each from whoever counted; and what came between two looks.

use super::floods::FloodCount;
use super::words;
use seawall_engine::{PlatformState, Snapshot};
use seawall_stage::{OriginLoad, PlatformOutcome, VisitorReport};
use seawall_types::{Moment, Reason, Verdict};
use std::sync::Arc;
use std::time::Duration;

/// All counts at one moment.
#[derive(Debug, Clone)]
pub(super) struct Look {
    pub(super) at: Moment,
    /// The shield's; up to a quarter of a second old.
    pub(super) shield: Arc<Snapshot>,
    /// The visitors' own, by platform.
    pub(super) visitors: VisitorReport,
    /// The origins' own, by platform.
    pub(super) origins: Vec<OriginLoad>,
    /// The floods' own.
    pub(super) flood: FloodCount,
}

/// What came between two looks.
#[derive(Debug)]
pub(super) struct Span {
    pub(super) lasting: Duration,
    /// Between the two snapshots of the shield.
    pub(super) shield_lasting: Duration,
    /// The shield's counts, by platform.
    pub(super) shield: Vec<Judged>,
    pub(super) visitors: VisitorReport,
    pub(super) origins: Vec<OriginLoad>,
    pub(super) flood: FloodCount,
}

/// Requests of one platform by what the shield did with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Judged {
    pub(super) admitted: u64,
    /// Limited, refused or dropped.
    pub(super) stopped: u64,
    /// Broken messages, and origins that did not answer.
    pub(super) errors: u64,
}

/// Pressure under which nothing of an incident is left to see.
const CALM_UNDER: f64 = 0.7;

impl Judged {
    fn of(totals: &[[u64; Reason::COUNT]; Verdict::COUNT]) -> Self {
        let of = |verdict: Verdict| totals[verdict.index()].iter().sum::<u64>();
        Self {
            admitted: of(Verdict::Admit),
            stopped: of(Verdict::Limit) + of(Verdict::Refuse) + of(Verdict::Drop),
            errors: of(Verdict::Error),
        }
    }

    fn since(self, earlier: Self) -> Self {
        Self {
            admitted: self.admitted.saturating_sub(earlier.admitted),
            stopped: self.stopped.saturating_sub(earlier.stopped),
            errors: self.errors.saturating_sub(earlier.errors),
        }
    }

    pub(super) fn all(self) -> u64 {
        self.admitted + self.stopped + self.errors
    }
}

impl Look {
    /// What came after `earlier`.
    pub(super) fn since(&self, earlier: &Self) -> Span {
        let platforms = 0..self.origins.len();
        let judged = |index| self.judged(index).since(earlier.judged(index));
        let pairs = self.origins.iter().zip(&earlier.origins);
        Span {
            lasting: self.at.since(earlier.at),
            shield_lasting: self.shield.at.since(earlier.shield.at),
            shield: platforms.map(judged).collect(),
            visitors: self.visitors.since(&earlier.visitors),
            origins: pairs.map(|(now, then)| now.since(then)).collect(),
            flood: self.flood.since(&earlier.flood),
        }
    }

    /// The one of two that was taken later.
    pub(super) fn later<'a>(&'a self, other: &'a Self) -> &'a Self {
        if other.at > self.at { other } else { self }
    }

    /// What the shield has done with the requests of one platform since its start.
    pub(super) fn judged(&self, platform: usize) -> Judged {
        let platform = self.shield.platforms.get(platform);
        platform.map_or(Judged::default(), |platform| Judged::of(&platform.totals))
    }

    /// Whether the shield has nothing to say of any platform.
    pub(super) fn is_calm(&self) -> bool {
        self.shield.platforms.iter().all(|platform| match platform.state {
            PlatformState::Calm => true,
            // It is kept open for a while, in case the same begins again.
            PlatformState::Watch | PlatformState::Incident => {
                platform.incident.is_some()
                    && platform.pressure.is_some_and(|asked| asked < CALM_UNDER)
            }
        })
    }

    /// Demand over what a platform's origin carries, in the last second.
    pub(super) fn pressure(&self, platform: usize) -> Option<f64> {
        self.shield.platforms.get(platform)?.pressure
    }
}

impl Span {
    /// `100 % of 176, p99 34 ms`, of the visitors of all platforms.
    pub(super) fn visitors_of_all(&self) -> String {
        let platforms = &self.visitors.platforms;
        let latency =
            platforms.iter().map(|platform| platform.latency.clone()).reduce(|a, b| a.plus(&b));
        let ok = platforms.iter().map(|platform| platform.ok).sum();
        let ended = platforms.iter().map(PlatformOutcome::ended).sum();
        let p99 = latency.and_then(|latency| latency.p99());
        with_p99(words::share_of(ok, ended), p99)
    }

    /// The same of one platform's visitors.
    pub(super) fn visitors_of(&self, platform: usize) -> String {
        with_p99(self.share_of_platform(platform), self.p99_of(platform))
    }

    /// `100 % of 48`.
    pub(super) fn share_of_platform(&self, platform: usize) -> String {
        let platform = self.visitors.platforms.get(platform);
        platform.map_or_else(
            || words::share_of(0, 0),
            |platform| words::share_of(platform.ok, platform.ended()),
        )
    }

    /// The time within which 99 of 100 requests of a platform's visitors ended.
    pub(super) fn p99_of(&self, platform: usize) -> Option<Duration> {
        self.visitors.platforms.get(platform)?.latency.p99()
    }

    /// How long a request waited for a worker on average, by the origin's own count.
    pub(super) fn mean_wait(&self, platform: usize) -> Option<Duration> {
        let origin = self.origins.get(platform)?;
        let wait_ms = origin.queue_wait_ms.checked_div(origin.served_total())?;
        Some(Duration::from_millis(wait_ms))
    }

    /// Share of an origin's workers that were busy, by its own count.
    pub(super) fn busy(&self, platform: usize, workers: u16) -> Option<String> {
        let had_ms = u64::try_from(self.lasting.as_millis()).ok()? * u64::from(workers);
        // Time is counted when a request ends, so a short span can hold more than went by.
        let busy_ms = self.origins.get(platform)?.busy_ms.min(had_ms);
        words::share(busy_ms, had_ms)
    }
}

/// `p99` is left out when nobody came.
fn with_p99(share: String, p99: Option<Duration>) -> String {
    match p99 {
        Some(p99) => format!("{share}, p99 {}", words::latency(p99)),
        None => share,
    }
}
