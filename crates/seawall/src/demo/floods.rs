//! The floods of a demo, one after another, and what they counted together.

use super::addresses::Addresses;
use super::cast::{Cast, FLOOD_BODY_BYTES, FLOOD_PATH, FLOOD_RPS, FLOODED};
use super::stage_thread::StageThread;
use seawall_stage::{
    Flood, FloodReport, FloodRequest, FloodSpec, SourceBlock, Sources, StageError,
};
use seawall_types::RequestRate;
use std::time::Duration;

/// Every flood so far.
#[derive(Debug)]
pub(super) struct Floods {
    thread: StageThread,
    spec: FloodSpec,
    /// The one that runs, or ran last.
    latest: Option<Flood>,
    before: FloodCount,
}

/// What floods sent and what came of it, by their own count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct FloodCount {
    pub(super) sent: u64,
    /// Answered 429.
    pub(super) limited: u64,
    /// Answered 2xx.
    pub(super) served: u64,
    /// Answered with another status.
    pub(super) otherwise: u64,
}

impl FloodCount {
    pub(super) fn since(&self, earlier: &Self) -> Self {
        Self {
            sent: self.sent.saturating_sub(earlier.sent),
            limited: self.limited.saturating_sub(earlier.limited),
            served: self.served.saturating_sub(earlier.served),
            otherwise: self.otherwise.saturating_sub(earlier.otherwise),
        }
    }

    fn plus(&self, report: &FloodReport) -> Self {
        let limited = report.answered.get(&429).copied().unwrap_or(0);
        let served: u64 = report.answered.range(200..300).map(|(_, count)| count).sum();
        Self {
            sent: self.sent + report.sent,
            limited: self.limited + limited,
            served: self.served + served,
            otherwise: self.otherwise + report.answered_total() - limited - served,
        }
    }
}

impl Floods {
    /// Floods of `cast` on the platform that is to be flooded; none begins yet.
    ///
    /// # Errors
    /// Their numbers are out of the stage's bounds.
    pub(super) fn new(
        thread: StageThread,
        cast: &Cast,
        addresses: &Addresses,
    ) -> Result<Self, StageError> {
        let request =
            FloodRequest::Post { path: FLOOD_PATH.to_owned(), body_bytes: FLOOD_BODY_BYTES };
        let rate = RequestRate::new(FLOOD_RPS).expect("invariant: the rate is above zero");
        let host = cast.parts[FLOODED].hosts[0];
        let spec = FloodSpec {
            sources: Sources::new(SourceBlock::FLOOD, cast.sources)?,
            ..FloodSpec::of(addresses.plain, host, request, rate)
        };
        Ok(Self { thread, spec, latest: None, before: FloodCount::default() })
    }

    /// Begins one that ends by itself.
    ///
    /// # Errors
    /// It is out of the stage's bounds.
    pub(super) fn begin(&mut self, lasting: Duration) -> Result<(), StageError> {
        let spec = FloodSpec { seed: self.spec.seed + 1, lasting, ..self.spec.clone() };
        let next = self.thread.with(|| Flood::start(spec.clone()))?;
        self.before = self.count();
        self.latest = Some(next);
        self.spec = spec;
        Ok(())
    }

    /// What all of them sent, and what came of it.
    pub(super) fn count(&self) -> FloodCount {
        match &self.latest {
            Some(latest) => self.before.plus(&latest.report()),
            None => self.before,
        }
    }

    /// Ends the one that runs.
    pub(super) async fn stop(&self) {
        if let Some(latest) = &self.latest {
            latest.stop().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_of_a_flood_is_counted_once() {
        let report = FloodReport {
            sent: 12,
            answered: [(200, 4), (204, 1), (429, 3), (503, 2)].into(),
            resets: 2,
            ..FloodReport::default()
        };
        let once = FloodCount::default().plus(&report);
        let counted = FloodCount { sent: 12, limited: 3, served: 5, otherwise: 2 };
        assert_eq!(once, counted);
        assert_eq!(once.plus(&report).since(&once), once);
    }
}
