//! What one core counts between two batches.

use seawall_engine::admission::Report;
use seawall_types::{Batch, Moment, PlatformId, Reason, RequestObservation, SourceKey, Verdict};
use std::cell::RefCell;
use std::sync::mpsc::{SyncSender, TrySendError};
use std::time::Duration;

/// Single requests that one batch lists; more are counted only.
///
/// At 40 bytes each this is 160 KiB a core.
const LISTED_MAX: usize = 4_096;

/// The counts of one core.
#[derive(Debug)]
pub(crate) struct Tally {
    batch: RefCell<Batch>,
    engine: SyncSender<Batch>,
}

/// What is noted of one request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Noted {
    pub(crate) at: Moment,
    /// None when no platform serves the host.
    pub(crate) platform: Option<PlatformId>,
    pub(crate) source: SourceKey,
    pub(crate) verdict: Verdict,
    pub(crate) reason: Reason,
    /// Whether its visitor was known to be good before it asked.
    pub(crate) is_proven: bool,
}

impl Tally {
    pub(crate) fn new(core: u16, engine: SyncSender<Batch>) -> Self {
        Self { batch: RefCell::new(Batch { core, ..Batch::default() }), engine }
    }

    /// Counts one request that has its verdict.
    pub(crate) fn request(&self, noted: &Noted, origin_time: Duration) {
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
        let origin_us = u32::try_from(origin_time.as_micros()).unwrap_or(u32::MAX);
        if batch.requests.len() < LISTED_MAX {
            batch.requests.push(RequestObservation {
                at: noted.at,
                platform,
                source: noted.source,
                verdict: noted.verdict,
                reason: noted.reason,
                origin_us,
                cost_us: 0,
                is_proven: noted.is_proven,
                traits: seawall_types::Traits::default(),
            });
        } else {
            batch.unlisted += 1;
        }
    }

    pub(crate) fn would_have(&self, platform: PlatformId, verdict: Verdict) {
        platform_counts(&mut self.batch.borrow_mut(), platform).would_have[verdict.index()] += 1;
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
        let mut batch = self.batch.borrow_mut();
        let counts = platform_counts(&mut batch, platform);
        counts.origin_answers += 1;
        counts.waiting = counts.waiting.saturating_sub(1);
        counts.origin_us += u64::try_from(origin_time.as_micros()).unwrap_or(u64::MAX);
    }

    pub(crate) fn origin_failed(&self, platform: PlatformId, origin_time: Duration) {
        let mut batch = self.batch.borrow_mut();
        let counts = platform_counts(&mut batch, platform);
        counts.origin_faults += 1;
        counts.waiting = counts.waiting.saturating_sub(1);
        counts.origin_us += u64::try_from(origin_time.as_micros()).unwrap_or(u64::MAX);
    }

    /// The client left before the head of the origin's answer.
    pub(crate) fn origin_abandoned(&self, platform: PlatformId, origin_time: Duration) {
        let mut batch = self.batch.borrow_mut();
        let counts = platform_counts(&mut batch, platform);
        counts.waiting = counts.waiting.saturating_sub(1);
        counts.origin_us += u64::try_from(origin_time.as_micros()).unwrap_or(u64::MAX);
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

    pub(crate) fn reset_at_accept(&self) {
        self.batch.borrow_mut().resets_at_accept += 1;
    }

    /// Hands the counts to the engine; when it is behind, they go into the next batch.
    pub(crate) fn cut(&self, now: Moment) {
        let mut batch = self.batch.borrow_mut();
        batch.at = now;
        let next = Batch { core: batch.core, platforms: successor(&batch), ..Batch::default() };
        match self.engine.try_send(std::mem::replace(&mut *batch, next)) {
            Ok(()) | Err(TrySendError::Disconnected(_)) => {}
            Err(TrySendError::Full(mut unsent)) => {
                // Exact counts are kept; only the list of single requests is given up.
                unsent.unlisted += u32::try_from(unsent.requests.len()).unwrap_or(u32::MAX);
                unsent.requests.clear();
                unsent.batches_dropped += 1;
                *batch = unsent;
            }
        }
    }
}

/// Counts start at zero, but what is in flight stays so.
fn successor(batch: &Batch) -> Vec<seawall_types::PlatformCounts> {
    let carried = |counts: &seawall_types::PlatformCounts| seawall_types::PlatformCounts {
        in_flight: counts.in_flight,
        waiting: counts.waiting,
        queued: counts.queued,
        ..Default::default()
    };
    batch.platforms.iter().map(carried).collect()
}

fn platform_counts(batch: &mut Batch, platform: PlatformId) -> &mut seawall_types::PlatformCounts {
    let index = platform.index();
    if batch.platforms.len() <= index {
        batch.platforms.resize_with(index + 1, Default::default);
    }
    &mut batch.platforms[index]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::sync_channel;

    fn noted(verdict: Verdict) -> Noted {
        Noted {
            at: Moment(1),
            platform: Some(PlatformId(1)),
            source: SourceKey::of("192.0.2.1".parse().unwrap()),
            verdict,
            reason: Reason::Clear,
            is_proven: false,
        }
    }

    #[test]
    fn counts_stay_exact_when_the_list_is_full_and_when_the_engine_is_behind() {
        let (engine, batches) = sync_channel(1);
        let tally = Tally::new(0, engine);
        tally.cut(Moment(1));
        let sent = u32::try_from(LISTED_MAX).unwrap() + 10;
        for _ in 0..sent {
            tally.request(&noted(Verdict::Admit), Duration::ZERO);
        }
        tally.origin_began(PlatformId(1));
        tally.cut(Moment(2));
        tally.request(&noted(Verdict::Limit), Duration::ZERO);
        batches.recv().unwrap();
        tally.cut(Moment(3));
        let batch = batches.recv().unwrap();
        assert_eq!(batch.platforms[1].of(Verdict::Admit), sent);
        assert_eq!(batch.platforms[1].of(Verdict::Limit), 1);
        assert_eq!((batch.requests.len(), batch.unlisted), (1, sent));
        assert_eq!(batch.batches_dropped, 1);
        tally.cut(Moment(4));
        let next = batches.recv().unwrap();
        assert_eq!(next.platforms[1].in_flight, 1);
        assert_eq!(next.platforms[1].of(Verdict::Admit), 0);
    }
}
