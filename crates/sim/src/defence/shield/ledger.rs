//! What a core tells the engine: counts of what it saw since it last told, and single requests.
//!
//! Bounds: those of a core's [`Listing`].

use crate::defence::Ended;
use crate::origin::{End, FlightId};
use seawall_engine::listing::{Listing, MeanCost};
use seawall_types::measure::PASSES_LISTED_MAX;
use seawall_types::observation::ANSWERS_MAX;
use seawall_types::{
    Attribute, Batch, CheckPassed, FarEnd, MeasureCounts, MeasureId, Moment, OriginAnswer,
    PlatformCounts, PlatformId, Reason, RequestObservation, SourceKey, Traits, Verdict,
};

/// The counts of one core.
#[derive(Debug)]
pub(super) struct Ledger {
    batch: Batch,
    listing: Listing,
    /// By platform: what a request is taken to cost where nothing learns it by routes.
    means: Vec<MeanCost>,
    /// By flight: what waits or is at an origin.
    known: Vec<Option<(Entry, Stage)>>,
}

/// A request as a core remembers it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) at: Moment,
    pub(super) platform: PlatformId,
    pub(super) source: SourceKey,
    /// Whether its visitor was known to be good before it asked.
    pub(super) is_proven: bool,
    /// What it shows of itself.
    pub(super) traits: Traits,
    /// What it would cost its origin, in microseconds.
    pub(super) cost_us: u32,
    /// Whether it was counted as asked for, since it waited.
    pub(super) is_asked: bool,
    /// The standing measure that it met.
    pub(super) measure: Option<MeasureId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Waits,
    AtOrigin,
}

impl Ledger {
    pub(super) fn new(platforms: usize, seed: u64) -> Self {
        let batch =
            Batch { platforms: vec![PlatformCounts::default(); platforms], ..Batch::default() };
        let means = vec![MeanCost::default(); platforms];
        Self { batch, listing: Listing::new(seed), means, known: Vec::new() }
    }

    /// A request waits for its origin: it asks from now on, whatever comes of it.
    pub(super) fn waits(&mut self, flight: FlightId, entry: Entry) {
        self.asked(&entry);
        self.know(flight, Entry { is_asked: true, ..entry }, Stage::Waits);
    }

    /// A request goes to its origin.
    pub(super) fn admitted(&mut self, flight: FlightId, entry: Entry, reason: Reason) {
        self.know(flight, entry, Stage::AtOrigin);
        if let Some(counts) = self.batch.platforms.get_mut(entry.platform.index()) {
            counts.requests[Verdict::Admit.index()][reason.index()] += 1;
            counts.in_flight += 1;
            counts.waiting += 1;
            counts.let_through_us += u64::from(entry.cost_us);
        }
        self.list(entry, (Verdict::Admit, reason));
    }

    /// A request that the judge let pass asks for an origin.
    pub(super) fn offered(&mut self, entry: &Entry) {
        if let Some(counts) = self.batch.platforms.get_mut(entry.platform.index()) {
            counts.offered_us += u64::from(entry.cost_us);
        }
    }

    /// What a request of a platform is taken to cost, by what answers took lately.
    pub(super) fn mean_us(&self, platform: PlatformId) -> u32 {
        self.means.get(platform.index()).copied().unwrap_or_default().us()
    }

    /// Tells texts of values that were not told lately.
    pub(super) fn name(&mut self, traits: &Traits, text: impl FnMut(Attribute) -> Option<String>) {
        self.listing.name(traits, text);
    }

    /// A request is answered by the shield.
    pub(super) fn stopped(&mut self, entry: Entry, (verdict, reason): (Verdict, Reason)) {
        if let Some(counts) = self.batch.platforms.get_mut(entry.platform.index()) {
            counts.requests[verdict.index()][reason.index()] += 1;
            counts.harmed += u32::from(entry.is_proven);
        }
        self.list(entry, (verdict, reason));
    }

    /// A request met a measure; `verdict` is what came of that, none when it went on.
    pub(super) fn met(
        &mut self,
        measure: MeasureId,
        (is_proven, verdict): (bool, Option<Verdict>),
    ) {
        let counts = self.measure(measure);
        let proven = u32::from(is_proven);
        counts.met += 1;
        counts.met_proven += proven;
        counts.stopped += u32::from(verdict.is_some());
        counts.stopped_proven += if verdict.is_some() { proven } else { 0 };
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

    /// A request at its origin is over.
    pub(super) fn finished(&mut self, ended: &Ended) {
        let Some(Entry { platform, .. }) = self.forget(ended.flight) else {
            return;
        };
        let us = u32::try_from(ended.took.as_micros()).unwrap_or(u32::MAX);
        if let Some(counts) = self.batch.platforms.get_mut(platform.index()) {
            let served = ended.end == End::Served;
            counts.origin_us += u64::from(us);
            counts.bytes_out += ended.bytes;
            counts.origin_answers += u32::from(served);
            counts.origin_faults += u32::from(!served);
            if served && let Some(mean) = self.means.get_mut(platform.index()) {
                *mean = mean.with(us);
            }
        }
        if self.batch.answers.len() < ANSWERS_MAX {
            self.batch.answers.push(OriginAnswer { platform, took_us: us.max(1) });
        }
    }

    /// A request is no longer here; what was remembered of it.
    pub(super) fn forget(&mut self, flight: FlightId) -> Option<Entry> {
        let (entry, stage) = self.known.get_mut(flight as usize)?.take()?;
        if stage == Stage::AtOrigin
            && let Some(counts) = self.batch.platforms.get_mut(entry.platform.index())
        {
            counts.in_flight = counts.in_flight.saturating_sub(1);
            counts.waiting = counts.waiting.saturating_sub(1);
        }
        Some(entry)
    }

    /// The batch since the last; what is at the origins stays counted.
    pub(super) fn hand_over(&mut self, now: Moment) -> Batch {
        let still = |counts: &PlatformCounts| PlatformCounts {
            in_flight: counts.in_flight,
            waiting: counts.waiting,
            ..PlatformCounts::default()
        };
        self.listing.cut(now, &mut self.batch);
        let platforms = self.batch.platforms.iter().map(still).collect();
        let next = Batch { platforms, ..Batch::default() };
        let batch = std::mem::replace(&mut self.batch, next);
        Batch { at: now, ..batch }
    }

    fn know(&mut self, flight: FlightId, entry: Entry, stage: Stage) {
        let at = flight as usize;
        if self.known.len() <= at {
            self.known.resize(at + 1, None);
        }
        self.known[at] = Some((entry, stage));
    }

    fn asked(&mut self, entry: &Entry) {
        if let Some(counts) = self.batch.platforms.get_mut(entry.platform.index()) {
            counts.asked_us += u64::from(entry.cost_us);
        }
    }

    fn list(&mut self, entry: Entry, (verdict, reason): (Verdict, Reason)) {
        if !entry.is_asked {
            self.asked(&entry);
        }
        let Entry { at, platform, source, is_proven, traits, cost_us, measure, .. } = entry;
        self.listing.add(&RequestObservation {
            at,
            platform,
            source,
            far: FarEnd::default(),
            verdict,
            reason,
            cost_us,
            is_proven,
            measure,
            traits,
        });
    }
}
