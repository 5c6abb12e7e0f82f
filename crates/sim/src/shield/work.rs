//! What is at the origins, and the counts that go to the engine: the part of a core's tally.
//!
//! Bounds: [`LISTED_MAX`] single requests a batch; what is under way is what was admitted and has
//! not ended, which the input bounds.

use seawall_types::{
    Batch, Moment, PlatformCounts, PlatformId, Reason, RequestObservation, Verdict,
};
use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::time::Duration;

/// Single requests that one batch lists, as in a running core; more are counted only.
const LISTED_MAX: usize = 4_096;

/// Requests at the origins, and counts since the last batch.
#[derive(Debug, Default)]
pub(super) struct Work {
    under_way: BinaryHeap<UnderWay>,
    begun: u64,
    batch: Batch,
}

/// A request at its origin.
#[derive(Debug)]
struct UnderWay {
    due: Moment,
    /// Which it is: what ends together ends in the order in which it began.
    number: u64,
    observation: RequestObservation,
}

impl Work {
    /// A request went to its origin, which takes `cost`.
    pub(super) fn begin(&mut self, mut observation: RequestObservation, cost: Duration) {
        let counts = self.counts(observation.platform);
        counts.in_flight += 1;
        counts.waiting += 1;
        observation.origin_us = u32::try_from(cost.as_micros()).unwrap_or(u32::MAX);
        let due = observation.at + cost;
        self.under_way.push(UnderWay { due, number: self.begun, observation });
        self.begun += 1;
    }

    /// When the next request ends; none when nothing is under way.
    pub(super) fn next_due(&self) -> Option<Moment> {
        self.under_way.peek().map(|next| next.due)
    }

    /// Ends what is due by `now`; gives when the last of it ended.
    pub(super) fn end_until(&mut self, now: Moment) -> Option<Moment> {
        let mut last = None;
        while self.next_due().is_some_and(|due| due <= now)
            && let Some(UnderWay { due, observation, .. }) = self.under_way.pop()
        {
            last = Some(due);
            let counts = self.counts(observation.platform);
            counts.in_flight = counts.in_flight.saturating_sub(1);
            counts.waiting = counts.waiting.saturating_sub(1);
            counts.origin_answers += 1;
            counts.origin_us += u64::from(observation.origin_us);
            self.answered(observation);
        }
        last
    }

    /// A request has its answer.
    pub(super) fn answered(&mut self, observation: RequestObservation) {
        let (verdict, reason) = (observation.verdict.index(), observation.reason.index());
        self.counts(observation.platform).requests[verdict][reason] += 1;
        if self.batch.requests.len() < LISTED_MAX {
            self.batch.requests.push(observation);
        } else {
            self.batch.unlisted += 1;
        }
    }

    /// A request that belongs to no platform, or is none.
    pub(super) fn turned_away(&mut self, reason: Reason) {
        self.batch.no_platform[reason.index()] += 1;
    }

    pub(super) fn would_have(&mut self, platform: PlatformId, verdict: Verdict) {
        self.counts(platform).would_have[verdict.index()] += 1;
    }

    pub(super) fn reset_at_accept(&mut self) {
        self.batch.resets_at_accept += 1;
    }

    /// The counts since the last batch; what is at the origins stays counted.
    pub(super) fn cut(&mut self, now: Moment) -> Batch {
        let carried = |counts: &PlatformCounts| PlatformCounts {
            in_flight: counts.in_flight,
            waiting: counts.waiting,
            ..PlatformCounts::default()
        };
        let platforms = self.batch.platforms.iter().map(carried).collect();
        let next = Batch { platforms, ..Batch::default() };
        let cut = std::mem::replace(&mut self.batch, next);
        Batch { at: now, ..cut }
    }

    fn counts(&mut self, platform: PlatformId) -> &mut PlatformCounts {
        let index = platform.index();
        if self.batch.platforms.len() <= index {
            self.batch.platforms.resize_with(index + 1, PlatformCounts::default);
        }
        &mut self.batch.platforms[index]
    }
}

impl Ord for UnderWay {
    /// The largest is the next to end, since that is what a heap gives first.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.due, other.number).cmp(&(self.due, self.number))
    }
}

impl PartialOrd for UnderWay {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for UnderWay {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for UnderWay {}
