//! What one platform was asked for since the last tick, from batches that are cut whenever a core
//! gets to it.
//!
//! Work of a core counts over the time in which that core saw it, so that a batch more or less in a
//! tick makes no pressure.
//! Bounds: one row a core.

use crate::detect::pressure::CALM_UNDER;
use crate::incident::Tick;
use seawall_types::{Moment, PlatformCounts, Verdict};

/// Sums of one platform since the last tick.
#[derive(Debug, Default)]
pub(crate) struct Demand {
    cores: Vec<OfCore>,
    requests: [u32; Verdict::COUNT],
    harmed: u32,
}

#[derive(Debug, Clone, Copy, Default)]
struct OfCore {
    /// When its last batch was cut; none before the first.
    last: Option<Moment>,
    span_us: u64,
    /// Of everything that asked, whatever became of it: what a measure stops asks all the same.
    asked_us: u64,
    /// Of that, what no limit stopped.
    offered_us: u64,
    let_through_us: u64,
}

impl Demand {
    /// Adds a batch of a core that was cut at a moment.
    pub(crate) fn add(&mut self, (core, at): (usize, Moment), counts: &PlatformCounts) {
        if self.cores.len() <= core {
            self.cores.resize(core + 1, OfCore::default());
        }
        let of = &mut self.cores[core];
        if let Some(last) = of.last.replace(at) {
            of.span_us += u64::try_from(at.since(last).as_micros()).unwrap_or(u64::MAX);
            of.asked_us += counts.asked_us;
            of.offered_us += counts.offered_us;
            of.let_through_us += counts.let_through_us;
        }
        for verdict in Verdict::ALL {
            self.requests[verdict.index()] += counts.of(verdict);
        }
        self.harmed += counts.harmed;
    }

    /// What was added since the last tick, over what the origins can carry at once, and beside it
    /// what of that came as far as the origins' gate.
    pub(crate) fn tick(&mut self, at: Moment, carries: Option<f64>) -> (Tick, Option<f64>) {
        let of = |work: fn(&OfCore) -> u64| -> f64 {
            self.cores.iter().map(|core| ratio(work(core), core.span_us)).sum()
        };
        let (asked, let_through) = (of(|core| core.asked_us), of(|core| core.let_through_us));
        let offered = of(|core| core.offered_us);
        for core in &mut self.cores {
            *core = OfCore { last: core.last, ..OfCore::default() };
        }
        let tick = Tick {
            at,
            pressure: carries.map(|carries| asked / carries),
            calm_under: CALM_UNDER,
            admitted: carries.map(|carries| let_through / carries),
            requests: std::mem::take(&mut self.requests),
            harmed: std::mem::take(&mut self.harmed),
        };
        (tick, carries.map(|carries| offered / carries))
    }
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of a tick")]
fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
