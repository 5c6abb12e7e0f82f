//! The seconds of one platform: what was counted between two looks.

use super::{SECOND, permille};
use seawall_engine::PlatformSnapshot;
use seawall_types::evidence::{IncidentId, PlatformSecond, RequestCounts};
use seawall_types::{Moment, Reason, Verdict};

/// Counts since start, as of one moment.
#[derive(Debug, Clone, Copy)]
struct Reading {
    totals: [[u64; Reason::COUNT]; Verdict::COUNT],
    origin_us: u64,
    bytes_out: u64,
}

impl Reading {
    fn of(platform: &PlatformSnapshot) -> Self {
        let sums = platform.sums;
        Self { totals: platform.totals, origin_us: sums.origin_us, bytes_out: sums.bytes_out }
    }
}

/// A platform while its seconds are told.
#[derive(Debug)]
pub(super) struct Seconds {
    /// As of the last second that was told.
    last: Reading,
    last_at: Moment,
    /// Longest wait since then.
    waited_us: u64,
}

/// A second, and the time that origins worked in it.
pub(super) struct Second {
    pub(super) told: PlatformSecond,
    pub(super) origin_us: u64,
}

impl Seconds {
    /// From now on its seconds count.
    pub(super) fn begin(now: Moment, platform: &PlatformSnapshot) -> Self {
        Self { last: Reading::of(platform), last_at: now, waited_us: 0 }
    }

    /// Takes a tick; gives the second that is over.
    pub(super) fn see(
        &mut self,
        now: Moment,
        platform: &PlatformSnapshot,
        incident: Option<&IncidentId>,
    ) -> Option<Second> {
        self.waited_us = self.waited_us.max(platform.sums.waited_us);
        (now.since(self.last_at) >= SECOND).then(|| self.end(now, platform, incident))
    }

    fn end(
        &mut self,
        now: Moment,
        platform: &PlatformSnapshot,
        incident: Option<&IncidentId>,
    ) -> Second {
        let reading = Reading::of(platform);
        let mut requests = RequestCounts::default();
        for verdict in Verdict::ALL {
            for reason in Reason::ALL {
                let count = |of: &Reading| of.totals[verdict.index()][reason.index()];
                let more = count(&reading).saturating_sub(count(&self.last));
                requests.add(verdict, reason, more);
            }
        }
        let origin_us = reading.origin_us.saturating_sub(self.last.origin_us);
        let bytes_out = reading.bytes_out.saturating_sub(self.last.bytes_out);
        let waited_us = std::mem::take(&mut self.waited_us);
        (self.last, self.last_at) = (reading, now);
        let told = PlatformSecond {
            platform: platform.name.clone(),
            incident: incident.cloned(),
            requests,
            origin_ms: origin_us / 1_000,
            bytes_out,
            pressure_permille: platform.pressure.and_then(permille),
            limit: platform.limit,
            in_flight: platform.in_flight,
            // Where nothing bounds an origin nobody waits for it.
            queue_wait_max_ms: platform
                .limit
                .map(|_| u32::try_from(waited_us / 1_000).unwrap_or(u32::MAX)),
        };
        Second { told, origin_us }
    }
}
