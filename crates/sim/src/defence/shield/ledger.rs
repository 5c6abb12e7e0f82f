//! What a core tells the engine: counts of what it saw since it last told, and single requests.
//!
//! Bounds: [`LISTED_MAX`] single requests of one batch; further ones are counted.

use crate::defence::Ended;
use crate::origin::{End, FlightId};
use seawall_types::{
    Batch, Moment, PlatformCounts, PlatformId, Reason, RequestObservation, SourceKey, Verdict,
};

/// Single requests that one batch lists.
const LISTED_MAX: usize = 4_096;

/// The counts of one core.
#[derive(Debug)]
pub(super) struct Ledger {
    batch: Batch,
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
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Waits,
    AtOrigin,
}

impl Ledger {
    pub(super) fn new(platforms: usize) -> Self {
        let batch =
            Batch { platforms: vec![PlatformCounts::default(); platforms], ..Batch::default() };
        Self { batch, known: Vec::new() }
    }

    /// A request waits for its origin.
    pub(super) fn waits(&mut self, flight: FlightId, entry: Entry) {
        self.know(flight, entry, Stage::Waits);
    }

    /// A request goes to its origin.
    pub(super) fn admitted(&mut self, flight: FlightId, entry: Entry, reason: Reason) {
        self.know(flight, entry, Stage::AtOrigin);
        if let Some(counts) = self.batch.platforms.get_mut(entry.platform.index()) {
            counts.requests[Verdict::Admit.index()][reason.index()] += 1;
            counts.in_flight += 1;
            counts.waiting += 1;
        }
    }

    /// A request is answered by the shield.
    pub(super) fn stopped(&mut self, entry: Entry, (verdict, reason): (Verdict, Reason)) {
        let Entry { at, platform, source, is_proven } = entry;
        if let Some(counts) = self.batch.platforms.get_mut(platform.index()) {
            counts.requests[verdict.index()][reason.index()] += 1;
            counts.harmed += u32::from(is_proven);
        }
        self.list(RequestObservation {
            at,
            platform,
            source,
            verdict,
            reason,
            origin_us: 0,
            cost_us: 0,
            is_proven,
            traits: seawall_types::Traits::default(),
        });
    }

    /// A request at its origin is over.
    pub(super) fn finished(&mut self, ended: &Ended) {
        let Some(Entry { at, platform, source, is_proven }) = self.forget(ended.flight) else {
            return;
        };
        let us = u32::try_from(ended.took.as_micros()).unwrap_or(u32::MAX);
        if let Some(counts) = self.batch.platforms.get_mut(platform.index()) {
            let served = ended.end == End::Served;
            counts.origin_us += u64::from(us);
            counts.bytes_out += ended.bytes;
            counts.origin_answers += u32::from(served);
            counts.origin_faults += u32::from(!served);
        }
        let (verdict, reason, origin_us) = (Verdict::Admit, Reason::Clear, us.max(1));
        self.list(RequestObservation {
            at,
            platform,
            source,
            verdict,
            reason,
            origin_us,
            cost_us: 0,
            is_proven,
            traits: seawall_types::Traits::default(),
        });
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

    fn list(&mut self, observation: RequestObservation) {
        if self.batch.requests.len() < LISTED_MAX {
            self.batch.requests.push(observation);
        } else {
            self.batch.unlisted += 1;
        }
    }
}
