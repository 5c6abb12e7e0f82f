//! What a platform's service went through, second by second.
//!
//! Every number is a sum or an extreme of what single seconds recorded.

use seawall_types::evidence::PlatformSecond;
use seawall_types::{Reason, Verdict, WallTime};
use std::collections::BTreeMap;

/// Demand that fills the origins, in thousandths of what they carry.
pub const PRESSURE_FULL_PERMILLE: u32 = 1_000;
/// A second is degraded when this share of its requests or more met a fault at the origins.
pub const FAULTS_PERMILLE: u64 = 50;
/// A second is degraded when a request waited this long for its turn: as long as one may wait.
pub const SLOW_WAIT_MS: u32 = 500;
/// A platform is not ruled out when this share of its requests or more was not admitted.
pub const NOT_ADMITTED_PERMILLE: u64 = 50;

/// One recorded second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Second {
    /// When it was recorded.
    pub at: WallTime,
    /// The record.
    pub record: u64,
    /// Requests by verdict.
    pub requests: [u64; Verdict::COUNT],
    /// Milliseconds that origins worked.
    pub origin_ms: u64,
    /// Bytes sent to clients.
    pub bytes_out: u64,
    /// Demand over what the origins can carry, in thousandths.
    pub pressure_permille: Option<u32>,
    /// Requests at the origins at its end.
    pub in_flight: u32,
    /// Longest wait for a turn.
    pub queue_wait_max_ms: Option<u32>,
}

/// What a platform's service went through in the window.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Impact {
    /// Requests by verdict.
    pub requests: [u64; Verdict::COUNT],
    /// Requests by verdict and reason, those of zero left out.
    pub reasons: BTreeMap<(Verdict, Reason), u64>,
    /// Most requests in one second.
    pub peak_requests: u64,
    /// Most admitted in one second.
    pub peak_admitted: u64,
    /// Highest pressure in thousandths; `None` when no second knew it.
    pub peak_pressure_permille: Option<u32>,
    /// Longest wait for a turn; `None` when no second knew it.
    pub queue_wait_max_ms: Option<u32>,
    /// Milliseconds that origins worked.
    pub origin_ms: u64,
    /// Bytes sent to clients.
    pub bytes_out: u64,
    /// Seconds in which requests came and none was admitted.
    pub unavailable_s: u64,
    /// Seconds with faults at the origins or long waits.
    pub degraded_s: u64,
    /// Seconds with more demand than capacity.
    pub over_capacity_s: u64,
    /// Seconds whose pressure is known.
    pub judged_s: u64,
    /// Seconds whose longest wait is known.
    pub waits_known_s: u64,
}

impl Impact {
    /// Adds one second.
    pub(super) fn add(&mut self, second: &PlatformSecond) {
        let (mut total, mut faults) = (0_u64, 0_u64);
        for (verdict, reason, requests) in second.requests.each() {
            let sum = &mut self.requests[verdict.index()];
            *sum = sum.saturating_add(requests);
            let cell = self.reasons.entry((verdict, reason)).or_default();
            *cell = cell.saturating_add(requests);
            total = total.saturating_add(requests);
            if is_fault(verdict, reason) {
                faults = faults.saturating_add(requests);
            }
        }
        let admitted = second.requests.with(Verdict::Admit);
        self.peak_requests = self.peak_requests.max(total);
        self.peak_admitted = self.peak_admitted.max(admitted);
        self.peak_pressure_permille = self.peak_pressure_permille.max(second.pressure_permille);
        self.queue_wait_max_ms = self.queue_wait_max_ms.max(second.queue_wait_max_ms);
        self.origin_ms = self.origin_ms.saturating_add(second.origin_ms);
        self.bytes_out = self.bytes_out.saturating_add(second.bytes_out);
        let is_over = second.pressure_permille.is_some_and(|p| p > PRESSURE_FULL_PERMILLE);
        let waits = second.queue_wait_max_ms.is_some_and(|ms| ms >= SLOW_WAIT_MS);
        let is_faulty = total > 0 && share_permille(faults, total) >= FAULTS_PERMILLE;
        self.unavailable_s += u64::from(total > 0 && admitted == 0);
        self.degraded_s += u64::from(waits || is_faulty);
        self.over_capacity_s += u64::from(is_over);
        self.judged_s += u64::from(second.pressure_permille.is_some());
        self.waits_known_s += u64::from(second.queue_wait_max_ms.is_some());
    }

    /// Requests in all.
    pub fn total(&self) -> u64 {
        self.requests.iter().fold(0, |a: u64, b| a.saturating_add(*b))
    }

    /// Thousandths of the requests that were judged and not admitted; errors judge nobody.
    pub fn not_admitted_permille(&self) -> u64 {
        let admitted = self.requests[Verdict::Admit.index()];
        let errors = self.requests[Verdict::Error.index()];
        let judged = self.total().saturating_sub(errors);
        share_permille(judged.saturating_sub(admitted), judged)
    }

    /// Thousandths of the requests that met a fault at the origins.
    pub fn faults_permille(&self) -> u64 {
        let faults =
            self.reasons.iter().filter(|((verdict, reason), _)| is_fault(*verdict, *reason));
        let faults = faults.fold(0_u64, |a, (_, b)| a.saturating_add(*b));
        share_permille(faults, self.total())
    }
}

/// Whether a request came to nothing because of an origin or of the shield, not of its sender.
fn is_fault(verdict: Verdict, reason: Reason) -> bool {
    verdict == Verdict::Error
        && matches!(reason, Reason::Unreachable | Reason::Timeout | Reason::Capacity)
}

fn share_permille(part: u64, whole: u64) -> u64 {
    let share = u128::from(part) * 1_000 / u128::from(whole.max(1));
    u64::try_from(share).unwrap_or(1_000)
}
