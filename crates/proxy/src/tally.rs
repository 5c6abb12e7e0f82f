//! What one core counts between two batches.

use crate::shown::Shown;
use seawall_engine::admission::Report;
use seawall_engine::listing::{Listing, MeanCost};
use seawall_types::measure::{MEASURES_COUNTED_MAX, PASSES_LISTED_MAX};
use seawall_types::observation::{ANSWERS_MAX, UPLOADS_LISTED_MAX, USES_MAX};
use seawall_types::{
    Attribute, Batch, CheckPassed, FarEnd, MeasureCounts, MeasureId, Moment, OriginAnswer,
    PLATFORMS_MAX, PlatformCounts, PlatformId, Reason, RequestObservation, SourceKey, Traits,
    UseKind, Verdict, WatchedUse,
};
use std::cell::{Cell, RefCell};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::time::Duration;

/// The counts of one core.
#[derive(Debug)]
pub(crate) struct Tally {
    batch: RefCell<Batch>,
    listing: RefCell<Listing>,
    /// What answers of each platform took lately.
    means: Box<[Cell<MeanCost>]>,
    engine: SyncSender<Batch>,
}

/// What is noted of one request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Noted {
    pub(crate) at: Moment,
    /// None when no platform serves the host.
    pub(crate) platform: Option<PlatformId>,
    pub(crate) source: SourceKey,
    pub(crate) far: FarEnd,
    pub(crate) verdict: Verdict,
    pub(crate) reason: Reason,
    /// Whether its visitor was known to be good before it asked.
    pub(crate) is_proven: bool,
    /// The standing measure that it met.
    pub(crate) measure: Option<MeasureId>,
}

impl Tally {
    /// `seed` decides which requests are listed when there are more than fit.
    pub(crate) fn new(core: u16, seed: u64, engine: SyncSender<Batch>) -> Self {
        Self {
            batch: RefCell::new(Batch { core, ..Batch::default() }),
            listing: RefCell::new(Listing::new(seed)),
            means: vec![Cell::default(); PLATFORMS_MAX].into_boxed_slice(),
            engine,
        }
    }

    /// Counts one request that is over, or has its last verdict.
    pub(crate) fn count(&self, noted: &Noted) {
        let mut batch = self.batch.borrow_mut();
        let Some(platform) = noted.platform else {
            batch.no_platform[noted.reason.index()] += 1;
            return;
        };
        let counts = platform_counts(&mut batch, platform);
        counts.requests[noted.verdict.index()][noted.reason.index()] += 1;
        // An error judges the message or the origin: nobody was turned away by it.
        let is_harmed =
            noted.is_proven && !matches!(noted.verdict, Verdict::Admit | Verdict::Error);
        counts.harmed += u32::from(is_harmed);
    }

    /// What a request costs was asked for; of one that waits that is so before its verdict falls.
    pub(crate) fn asked(&self, platform: PlatformId, cost_us: u32) {
        platform_counts(&mut self.batch.borrow_mut(), platform).asked_us += u64::from(cost_us);
    }

    /// Lists one request as its verdict falls; an origin that hangs must not hide it.
    pub(crate) fn list(&self, noted: &Noted, shown: &Shown) {
        let Some(platform) = noted.platform else { return };
        // An error judges the message: nothing was asked of an origin by it.
        if noted.verdict != Verdict::Error && !shown.is_asked {
            self.asked(platform, shown.cost_us);
        }
        self.listing.borrow_mut().add(&RequestObservation {
            at: noted.at,
            platform,
            source: noted.source,
            far: noted.far,
            verdict: noted.verdict,
            reason: noted.reason,
            cost_us: shown.cost_us,
            is_proven: noted.is_proven,
            measure: noted.measure,
            traits: shown.traits,
        });
    }

    /// Tells texts of values that were not told lately.
    pub(crate) fn name(&self, traits: &Traits, text: impl FnMut(Attribute) -> Option<String>) {
        self.listing.borrow_mut().name(traits, text);
    }

    /// What a request takes at the origins of a platform, in microseconds, as far as answers told.
    pub(crate) fn mean_us(&self, platform: PlatformId) -> u32 {
        self.means.get(platform.index()).map_or_else(MeanCost::default, Cell::get).us()
    }

    pub(crate) fn would_have(&self, platform: PlatformId, verdict: Verdict) {
        platform_counts(&mut self.batch.borrow_mut(), platform).would_have[verdict.index()] += 1;
    }

    /// A request met a measure; `is_proven` when its visitor was known to be good before.
    pub(crate) fn met(&self, measure: MeasureId, is_proven: bool) {
        self.measured(measure, |counts| {
            counts.met += 1;
            counts.met_proven += u32::from(is_proven);
        });
    }

    /// A request that met a measure was kept from the origin by it.
    pub(crate) fn stopped(&self, measure: MeasureId, is_proven: bool) {
        self.measured(measure, |counts| {
            counts.stopped += 1;
            counts.stopped_proven += u32::from(is_proven);
        });
    }

    fn measured(&self, measure: MeasureId, count: impl FnOnce(&mut MeasureCounts)) {
        let mut batch = self.batch.borrow_mut();
        let known = batch.measures.iter().position(|counts| counts.measure == measure);
        let at = match known {
            Some(at) => at,
            None if batch.measures.len() < MEASURES_COUNTED_MAX => {
                batch.measures.push(MeasureCounts::none(measure));
                batch.measures.len() - 1
            }
            // More than may stand: measures come and go faster than batches.
            None => {
                batch.unlisted += 1;
                return;
            }
        };
        count(&mut batch.measures[at]);
    }

    /// A measure had somebody asked for a check.
    pub(crate) fn challenged(&self, measure: MeasureId) {
        self.measured(measure, |counts| counts.challenged += 1);
    }

    /// Somebody passed a check that a measure asked for.
    pub(crate) fn passed(&self, passed: CheckPassed) {
        self.measured(passed.measure, |counts| counts.passed += 1);
        let listed = &mut self.batch.borrow_mut().passes;
        if listed.len() < PASSES_LISTED_MAX {
            listed.push(passed);
        }
    }

    pub(crate) fn origin_began(&self, platform: PlatformId) {
        let mut batch = self.batch.borrow_mut();
        let counts = platform_counts(&mut batch, platform);
        counts.in_flight += 1;
        counts.waiting += 1;
    }

    /// The origin's answer, or its failure, has been taken in full.
    pub(crate) fn origin_ended(&self, platform: PlatformId) {
        let mut batch = self.batch.borrow_mut();
        let counts = platform_counts(&mut batch, platform);
        counts.in_flight = counts.in_flight.saturating_sub(1);
    }

    pub(crate) fn origin_answered(&self, platform: PlatformId, origin_time: Duration) {
        self.answer(platform, origin_time, |counts| counts.origin_answers += 1);
        if let Some(mean) = self.means.get(platform.index()) {
            mean.set(mean.get().with(micros(origin_time)));
        }
    }

    pub(crate) fn origin_failed(&self, platform: PlatformId, origin_time: Duration) {
        self.answer(platform, origin_time, |counts| counts.origin_faults += 1);
    }

    /// The client left before the head of the origin's answer.
    pub(crate) fn origin_abandoned(&self, platform: PlatformId, origin_time: Duration) {
        self.answer(platform, origin_time, |_| {});
    }

    fn answer(
        &self,
        platform: PlatformId,
        took: Duration,
        count: impl FnOnce(&mut PlatformCounts),
    ) {
        let mut batch = self.batch.borrow_mut();
        let counts = platform_counts(&mut batch, platform);
        count(counts);
        counts.waiting = counts.waiting.saturating_sub(1);
        let took_us = micros(took);
        counts.origin_us += u64::from(took_us);
        if batch.answers.len() < ANSWERS_MAX {
            batch.answers.push(OriginAnswer { platform, took_us });
        }
    }

    pub(crate) fn bytes_out(&self, platform: PlatformId, bytes: u64) {
        platform_counts(&mut self.batch.borrow_mut(), platform).bytes_out += bytes;
    }

    /// What the gate of a platform saw in a round, and how many wait there.
    pub(crate) fn gate(&self, platform: PlatformId, report: &Report) {
        let mut batch = self.batch.borrow_mut();
        let counts = platform_counts(&mut batch, platform);
        counts.offered_us += report.offered_us;
        counts.let_through_us += report.admitted_us;
        counts.queued = report.waiting.iter().sum();
        counts.waited_max_us = counts.waited_max_us.max(report.waited_max_us);
    }

    /// A watched path was used; beyond the most that a batch lists, uses are counted as unlisted.
    pub(crate) fn used(&self, used: WatchedUse) {
        let mut batch = self.batch.borrow_mut();
        let most = match used.kind {
            UseKind::Upload(_) => UPLOADS_LISTED_MAX,
            UseKind::Admin | UseKind::Login => USES_MAX,
        };
        if batch.uses.len() < most {
            batch.uses.push(used);
        } else {
            batch.unlisted += 1;
        }
    }

    pub(crate) fn reset_at_accept(&self) {
        self.batch.borrow_mut().resets_at_accept += 1;
    }

    /// Hands the counts to the engine; when it is behind, they go into the next batch.
    pub(crate) fn cut(&self, now: Moment) {
        let mut batch = self.batch.borrow_mut();
        batch.at = now;
        self.listing.borrow_mut().cut(now, &mut batch);
        let next = Batch { core: batch.core, platforms: successor(&batch), ..Batch::default() };
        match self.engine.try_send(std::mem::replace(&mut *batch, next)) {
            Ok(()) | Err(TrySendError::Disconnected(_)) => {}
            Err(TrySendError::Full(mut unsent)) => {
                // Exact counts and texts are kept; only the lists are given up.
                unsent.unlisted += u32::try_from(unsent.requests.len()).unwrap_or(u32::MAX);
                unsent.requests.clear();
                unsent.answers.clear();
                unsent.passes.clear();
                unsent.batches_dropped += 1;
                *batch = unsent;
            }
        }
    }
}

fn micros(span: Duration) -> u32 {
    u32::try_from(span.as_micros()).unwrap_or(u32::MAX)
}

/// Counts start at zero, but what is in flight stays so.
fn successor(batch: &Batch) -> Vec<PlatformCounts> {
    let carried = |counts: &PlatformCounts| PlatformCounts {
        in_flight: counts.in_flight,
        waiting: counts.waiting,
        queued: counts.queued,
        ..Default::default()
    };
    batch.platforms.iter().map(carried).collect()
}

fn platform_counts(batch: &mut Batch, platform: PlatformId) -> &mut PlatformCounts {
    let index = platform.index();
    if batch.platforms.len() <= index {
        batch.platforms.resize_with(index + 1, Default::default);
    }
    &mut batch.platforms[index]
}

#[cfg(test)]
mod tests {
    use super::*;
    use seawall_types::observation::LISTED_MAX;
    use seawall_types::{Trait, Upload};
    use std::sync::mpsc::sync_channel;

    fn noted(verdict: Verdict) -> Noted {
        Noted {
            at: Moment(1),
            platform: Some(PlatformId(1)),
            source: SourceKey::of("192.0.2.1".parse().unwrap()),
            far: FarEnd::default(),
            verdict,
            reason: Reason::Clear,
            is_proven: false,
            measure: None,
        }
    }

    #[test]
    fn counts_stay_exact_when_the_list_is_full_and_when_the_engine_is_behind() {
        let (engine, batches) = sync_channel(1);
        let tally = Tally::new(0, 1, engine);
        tally.cut(Moment(1));
        let shown = Shown { cost_us: 20, ..Shown::default() };
        let sent = u32::try_from(LISTED_MAX).unwrap() + 10;
        for _ in 0..sent {
            tally.count(&noted(Verdict::Admit));
            tally.list(&noted(Verdict::Admit), &shown);
        }
        tally.name(&Traits::default().with(Attribute::Agent, Trait::new(7)), |_| Some("a".into()));
        tally.origin_began(PlatformId(1));
        let measure = MeasureId::new(7).unwrap();
        tally.met(measure, true);
        tally.met(measure, false);
        tally.stopped(measure, false);
        tally.cut(Moment(2));
        tally.count(&noted(Verdict::Limit));
        tally.list(&noted(Verdict::Limit), &shown);
        batches.recv().unwrap();
        tally.cut(Moment(3));
        let batch = batches.recv().unwrap();
        assert_eq!(batch.platforms[1].of(Verdict::Admit), sent);
        assert_eq!(batch.platforms[1].of(Verdict::Limit), 1);
        assert_eq!((batch.requests.len(), batch.unlisted), (1, sent));
        assert_eq!(batch.batches_dropped, 1);
        assert_eq!(batch.platforms[1].asked_us, 20 * (u64::from(sent) + 1));
        assert_eq!(batch.names.len(), 1);
        let counted =
            MeasureCounts { met: 2, met_proven: 1, stopped: 1, ..MeasureCounts::none(measure) };
        assert_eq!(batch.measures, [counted]);
        tally.cut(Moment(4));
        let next = batches.recv().unwrap();
        assert_eq!(next.platforms[1].in_flight, 1);
        assert_eq!(next.platforms[1].of(Verdict::Admit), 0);
        assert_eq!(next.measures, []);
    }

    #[test]
    fn uploads_leave_room_in_the_list_for_who_signs_in_and_what_is_not_listed_is_counted() {
        let (engine, batches) = sync_channel(2);
        let tally = Tally::new(0, 1, engine);
        let used = |kind| WatchedUse {
            at: Moment(1),
            platform: PlatformId(1),
            kind,
            source: SourceKey::of("192.0.2.1".parse().unwrap()),
            went_through: true,
        };
        (0..USES_MAX).for_each(|_| tally.used(used(UseKind::Upload(Upload::Plain))));
        (0..USES_MAX).for_each(|_| tally.used(used(UseKind::Admin)));
        tally.cut(Moment(2));
        let batch = batches.recv().unwrap();
        let listed = |kind| batch.uses.iter().filter(|one| one.kind == kind).count();
        assert_eq!(listed(UseKind::Upload(Upload::Plain)), UPLOADS_LISTED_MAX);
        assert_eq!(listed(UseKind::Admin), USES_MAX - UPLOADS_LISTED_MAX);
        assert_eq!(usize::try_from(batch.unlisted).unwrap(), USES_MAX);
    }
}
