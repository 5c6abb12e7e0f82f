//! What is at the origins, and the counts that go to the engine: the part of a core's tally.
//!
//! Bounds: those of a core's [`Listing`]; what is under way is what was admitted and has not ended,
//! which the input bounds.

use seawall_engine::Listing;
use seawall_types::measure::PASSES_LISTED_MAX;
use seawall_types::observation::ANSWERS_MAX;
use seawall_types::{
    Attribute, Batch, CheckPassed, MeasureCounts, MeasureId, Moment, OriginAnswer, PlatformCounts,
    PlatformId, Reason, RequestObservation, Traits, Verdict,
};
use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::time::Duration;

/// Requests at the origins, and counts since the last batch.
#[derive(Debug)]
pub(super) struct Work {
    under_way: BinaryHeap<UnderWay>,
    begun: u64,
    batch: Batch,
    listing: Listing,
}

/// A request at its origin.
#[derive(Debug)]
struct UnderWay {
    due: Moment,
    /// Which it is: what ends together ends in the order in which it began.
    number: u64,
    platform: PlatformId,
    reason: Reason,
    took_us: u32,
}

impl Work {
    /// Nothing was asked yet; `seed` decides what is listed when not all fits.
    pub(super) fn new(seed: u64) -> Self {
        Self {
            under_way: BinaryHeap::new(),
            begun: 0,
            batch: Batch::default(),
            listing: Listing::new(seed),
        }
    }

    /// A request went to its origin, which takes `cost`.
    ///
    /// Where nothing is held back, what is offered is let through.
    pub(super) fn begin(&mut self, observation: &RequestObservation, cost: Duration) {
        let &RequestObservation { at, platform, reason, cost_us, .. } = observation;
        let counts = self.counts(platform);
        counts.in_flight += 1;
        counts.waiting += 1;
        counts.offered_us += u64::from(cost_us);
        counts.let_through_us += u64::from(cost_us);
        self.list(observation);
        let (due, number) = (at + cost, self.begun);
        self.under_way.push(UnderWay { due, number, platform, reason, took_us: cost_us });
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
            && let Some(UnderWay { due, platform, reason, took_us, .. }) = self.under_way.pop()
        {
            last = Some(due);
            let counts = self.counts(platform);
            counts.in_flight = counts.in_flight.saturating_sub(1);
            counts.waiting = counts.waiting.saturating_sub(1);
            counts.origin_answers += 1;
            counts.origin_us += u64::from(took_us);
            counts.requests[Verdict::Admit.index()][reason.index()] += 1;
            // What a cache answered took no time at an origin.
            if took_us > 0 && self.batch.answers.len() < ANSWERS_MAX {
                self.batch.answers.push(OriginAnswer { platform, took_us });
            }
        }
        last
    }

    /// A request met a measure; `verdict` is what came of that, none when it went on.
    pub(super) fn met(&mut self, measure: MeasureId, verdict: Option<Verdict>) {
        let counts = self.measure(measure);
        counts.met += 1;
        counts.stopped += u32::from(verdict.is_some());
        counts.challenged += u32::from(verdict == Some(Verdict::Challenge));
    }

    /// Somebody passed a challenge that a measure asked for.
    pub(super) fn passed(&mut self, passed: CheckPassed) {
        self.measure(passed.measure).passed += 1;
        if self.batch.passes.len() < PASSES_LISTED_MAX {
            self.batch.passes.push(passed);
        }
    }

    fn measure(&mut self, measure: MeasureId) -> &mut MeasureCounts {
        let all = &mut self.batch.measures;
        let at = all.iter().position(|counts| counts.measure == measure).unwrap_or_else(|| {
            all.push(MeasureCounts::none(measure));
            all.len() - 1
        });
        &mut all[at]
    }

    /// A request has an answer that is none of its origin.
    pub(super) fn stopped(&mut self, observation: &RequestObservation) {
        let (verdict, reason) = (observation.verdict.index(), observation.reason.index());
        self.counts(observation.platform).requests[verdict][reason] += 1;
        self.list(observation);
    }

    fn list(&mut self, observation: &RequestObservation) {
        self.counts(observation.platform).asked_us += u64::from(observation.cost_us);
        self.listing.add(observation);
    }

    /// Tells texts of values that were not told lately.
    pub(super) fn name(&mut self, traits: &Traits, text: impl FnMut(Attribute) -> Option<String>) {
        self.listing.name(traits, text);
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
        self.listing.cut(now, &mut self.batch);
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
