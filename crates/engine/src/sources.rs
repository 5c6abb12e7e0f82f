//! Which sources asked a platform while it was under load: how many, and a fair sample of them.
//!
//! Takes every listed request of such a time; gives [`SourcesSeen`] every [`TOLD_EVERY`] and when an
//! incident closes.
//! Three crowds are kept apart: all who asked, those that a measure met or that were not admitted, and
//! those of them that were stopped for what they themselves did.
//! A source of the second crowd is no culprit: people are asked for checks and wait as well.
//! Never reads a clock, and never says where a source is or who it belongs to.
//! Bounds: three crowds a platform, each [`CROWD_SAMPLE_MAX`] sources and 16 KiB, and marks of
//! [`PROVEN_MAX`] known-good sources; nothing while calm.

mod crowd;
mod distinct;

pub use crowd::{CROWD_SAMPLE_MAX, CrowdSeen, Sampled};

use crowd::Crowd;
use seawall_types::{Moment, PlatformId, Reason, RequestObservation, SourceKey, Verdict};
use siphasher::sip::SipHasher13;
use std::collections::BTreeSet;
use std::hash::Hasher as _;
use std::time::Duration;

/// How often the sources of an open incident are told.
pub const TOLD_EVERY: Duration = Duration::from_secs(10);
/// Known-good sources that are remembered, those with the smallest marks: of a source beyond them it is
/// not known, and it is taken for good.
const PROVEN_MAX: usize = 16_384;
/// Pressure from which sources are counted: before an incident is known, its first are here.
const COUNTS_FROM: f64 = 0.85;
/// Pressure under which a time without an incident is forgotten.
const FORGETS_UNDER: f64 = 0.7;
/// How long what was counted is kept after an incident closed: one that opens again goes on.
const KEPT_FOR: Duration = Duration::from_mins(5);

/// The sources of one platform in one time of load.
#[derive(Debug, Clone, PartialEq)]
pub struct SourcesSeen {
    /// Which platform.
    pub platform: PlatformId,
    /// Since when they were counted.
    pub since: Moment,
    /// Until when.
    pub until: Moment,
    /// All who asked.
    pub asked: CrowdSeen,
    /// Those that a measure met or that were not admitted.
    pub met: CrowdSeen,
    /// Those that a measure stopped, or that asked more often than a source may; counted by these
    /// requests alone. Neither who waited since all together asked too much nor who was only asked
    /// for a check is here.
    pub against: CrowdSeen,
    /// Requests to any platform in this time that were counted but not listed: their sources may be
    /// missing here.
    pub unlisted: u64,
}

/// Counts the sources of one platform.
#[derive(Debug)]
pub(crate) struct Sources {
    platform: PlatformId,
    counting: Option<Box<Counting>>,
}

#[derive(Debug)]
struct Counting {
    since: Moment,
    asked: Crowd,
    met: Crowd,
    against: Crowd,
    /// Marks of sources from which a visitor known to be good asked, whatever became of the request.
    proven: BTreeSet<u64>,
    unlisted: u64,
    stage: Stage,
    told_at: Moment,
}

/// Where a time of load stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Load is high; no incident is known.
    Loaded,
    /// An incident is open.
    Open,
    /// It has closed at that moment; the last word about it is still to be told.
    Closing(Moment),
    /// All is told.
    Told(Moment),
}

impl Sources {
    pub(crate) const fn new(platform: PlatformId) -> Self {
        Self { platform, counting: None }
    }

    /// Takes a listed request and its source's mark; nothing happens while nothing is under load.
    pub(crate) fn observe(&mut self, request: &RequestObservation, mark: u64) {
        let Some(counting) = &mut self.counting else { return };
        if !matches!(counting.stage, Stage::Loaded | Stage::Open) {
            return;
        }
        counting.asked.add(mark, request);
        let is_spared = matches!(request.verdict, Verdict::Admit | Verdict::Error);
        if request.measure.is_some() || !is_spared {
            counting.met.add(mark, request);
        }
        if counts_against(request) {
            counting.against.add(mark, request);
        }
        if request.is_proven {
            counting.prove(mark);
        }
    }

    /// Requests that were counted but not listed.
    pub(crate) fn miss(&mut self, requests: u32) {
        if let Some(counting) = &mut self.counting {
            counting.unlisted = counting.unlisted.saturating_add(requests.into());
        }
    }

    /// Takes a tick: what was asked over what can be carried, and whether an incident is open.
    pub(crate) fn tick(&mut self, now: Moment, pressure: Option<f64>, is_open: bool) {
        let is_loaded = pressure.is_some_and(|pressure| pressure >= COUNTS_FROM);
        let Some(counting) = &mut self.counting else {
            if is_loaded || is_open {
                self.counting = Some(Box::new(Counting::begin(now)));
            }
            return;
        };
        counting.stage = match (counting.stage, is_open) {
            (Stage::Told(_) | Stage::Loaded | Stage::Open | Stage::Closing(_), true) => Stage::Open,
            (Stage::Open, false) => Stage::Closing(now),
            (stage @ (Stage::Loaded | Stage::Closing(_) | Stage::Told(_)), false) => stage,
        };
        let is_over = match counting.stage {
            Stage::Loaded => pressure.is_none_or(|pressure| pressure < FORGETS_UNDER),
            Stage::Told(at) | Stage::Closing(at) => now.since(at) >= KEPT_FOR,
            Stage::Open => false,
        };
        if is_over {
            self.counting = None;
        }
    }

    /// What is due to be told.
    pub(crate) fn due(&mut self, now: Moment) -> Option<SourcesSeen> {
        let counting = self.counting.as_mut()?;
        match counting.stage {
            Stage::Open if now.since(counting.told_at) >= TOLD_EVERY => {}
            Stage::Closing(at) => counting.stage = Stage::Told(at),
            Stage::Open | Stage::Loaded | Stage::Told(_) => return None,
        }
        counting.told_at = now;
        self.seen(now)
    }

    /// What is known of an incident that is open.
    pub(crate) fn of_open(&self, now: Moment) -> Option<SourcesSeen> {
        let is_open = self.counting.as_ref().is_some_and(|one| one.stage == Stage::Open);
        if is_open { self.seen(now) } else { None }
    }

    fn seen(&self, now: Moment) -> Option<SourcesSeen> {
        let counting = self.counting.as_ref()?;
        Some(SourcesSeen {
            platform: self.platform,
            since: counting.since,
            until: now,
            asked: counting.asked.seen(),
            met: counting.met.seen(),
            against: counting.against(),
            unlisted: counting.unlisted,
        })
    }
}

/// Whether a request was stopped for what its source did, or for what it has in common with a flood.
fn counts_against(request: &RequestObservation) -> bool {
    let is_stopped =
        matches!(request.verdict, Verdict::Limit | Verdict::Hold | Verdict::Refuse | Verdict::Drop);
    let by_measure = request.measure.is_some() && request.reason != Reason::Overload;
    is_stopped && (request.reason == Reason::Rate || by_measure)
}

/// The mark of a source: a hash under a key that no sender knows.
///
/// Under one key a source has one mark, so that crowds can be compared without addresses.
pub fn mark(keys: [u64; 2], source: SourceKey) -> u64 {
    let mut hasher = SipHasher13::new_with_keys(keys[0], keys[1]);
    hasher.write_u64(source.to_bits());
    hasher.finish()
}

impl Counting {
    fn begin(now: Moment) -> Self {
        Self {
            since: now,
            asked: Crowd::default(),
            met: Crowd::default(),
            against: Crowd::default(),
            proven: BTreeSet::new(),
            unlisted: 0,
            stage: Stage::Loaded,
            told_at: now,
        }
    }

    fn prove(&mut self, mark: u64) {
        self.proven.insert(mark);
        if self.proven.len() > PROVEN_MAX {
            self.proven.pop_last();
        }
    }

    /// Those that were stopped, who is known to be good flagged by any of its requests.
    fn against(&self) -> CrowdSeen {
        let mut seen = self.against.seen();
        let largest = self.proven.last().filter(|_| self.proven.len() >= PROVEN_MAX);
        for one in &mut seen.sample {
            let is_untold = largest.is_some_and(|largest| one.mark > *largest);
            one.is_known_good |= is_untold || self.proven.contains(&one.mark);
        }
        seen
    }
}

#[cfg(test)]
mod tests;
