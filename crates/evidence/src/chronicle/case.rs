//! One incident while it is watched: its seconds and its peaks.

use super::seconds::{Second, Seconds};
use super::{CHANGED_EVERY, permille, stamp, whole};
use seawall_engine::detect::Described;
use seawall_engine::{Incident, IncidentKind, PlatformSnapshot};
use seawall_types::evidence::{self, Clocks, Fact, IncidentId};
use seawall_types::evidence::{Measured, VisitorsHarmed};
use seawall_types::{Moment, Verdict, WallTime};
use std::collections::VecDeque;
use std::time::Duration;

/// A second that is over so long after the end is no part of the incident.
const NO_PART_AFTER: Duration = Duration::from_secs(2);
/// Seconds that may turn out to be no part of it: more than the calm that shows an end.
const TAIL_MAX: usize = 64;

/// An incident of one platform.
#[derive(Debug)]
pub(super) struct OpenCase {
    pub(super) id: IncidentId,
    pub(super) incident: Incident,
    pub(super) is_open: bool,
    /// When it was last told.
    pub(super) told_at: Moment,
    pub(super) platform: String,
    measured: Measured,
    seconds: Seconds,
    origin_us: u64,
    /// The last seconds, each as of its end.
    tail: VecDeque<(Moment, Sums)>,
}

/// What is summed up over seconds.
#[derive(Debug, Clone, Copy)]
struct Sums {
    origin_us: u64,
    bytes_out: u64,
}

impl OpenCase {
    pub(super) fn new(
        (id, now): (IncidentId, Moment),
        incident: &Incident,
        platform: &PlatformSnapshot,
    ) -> Self {
        Self {
            id,
            incident: incident.clone(),
            is_open: true,
            told_at: Moment::default(),
            platform: platform.name.clone(),
            measured: Measured::default(),
            seconds: Seconds::begin(now, platform),
            origin_us: 0,
            tail: VecDeque::new(),
        }
    }

    /// From now on its seconds count.
    pub(super) fn begin(&mut self, now: Moment, platform: &PlatformSnapshot) {
        self.is_open = true;
        self.seconds = Seconds::begin(now, platform);
        self.measure(platform);
    }

    /// It is over; the calm that showed that is no part of it.
    pub(super) fn end(&mut self) {
        self.is_open = false;
        let Some(ended) = self.incident.clocks.ended_at else { return };
        for (at, sums) in self.tail.drain(..) {
            if at.since(ended) >= NO_PART_AFTER {
                self.origin_us = self.origin_us.saturating_sub(sums.origin_us);
                if let Some(bytes) = &mut self.measured.bytes_out {
                    *bytes = bytes.saturating_sub(sums.bytes_out);
                }
            }
        }
        self.measured.origin_ms = self.measured.origin_ms.map(|_| self.origin_us / 1_000);
    }

    /// Takes a tick; gives what is due.
    pub(super) fn see(
        &mut self,
        started: WallTime,
        now: Moment,
        platform: &PlatformSnapshot,
    ) -> Vec<Fact> {
        self.measure(platform);
        let mut facts = Vec::new();
        if let Some(second) = self.seconds.see(now, platform, Some(&self.id)) {
            self.add(now, &second);
            facts.push(Fact::PlatformSecond(second.told));
        }
        if let Some(incident) = &platform.incident {
            self.incident.clone_from(incident);
            if now.since(self.told_at) >= CHANGED_EVERY {
                self.told_at = now;
                facts.push(Fact::IncidentChanged(self.told(started)));
            }
        }
        facts
    }

    /// What is known of it.
    pub(super) fn told(&self, started: WallTime) -> evidence::Incident {
        let incident = &self.incident;
        let clocks = &incident.clocks;
        let at = |moment: Moment| stamp(started, moment);
        let count = |verdict: Verdict| (verdict, incident.requests[verdict.index()]);
        evidence::Incident {
            id: self.id.clone(),
            platform: self.platform.clone(),
            kind: match incident.kind {
                IncidentKind::Flood => evidence::IncidentKind::Flood,
                IncidentKind::Surge => evidence::IncidentKind::Surge,
                IncidentKind::Unknown => evidence::IncidentKind::Unknown,
            },
            clocks: Clocks {
                onset_at: Some(at(clocks.onset_at)),
                detected_at: Some(at(clocks.detected_at)),
                mitigated_at: clocks.mitigated_at.map(at),
                relieved_at: clocks.relieved_at.map(at),
                ended_at: clocks.ended_at.map(at),
            },
            requests: Verdict::ALL.into_iter().map(count).filter(|(_, n)| *n > 0).collect(),
            visitors_harmed: harmed(incident),
            measured: Measured {
                // Pressure over a second, which the engine has looked at with every tick.
                peak_pressure_permille: permille(incident.peak_pressure),
                ..self.measured
            },
            signatures: incident.signatures.iter().map(signature).collect(),
        }
    }

    fn measure(&mut self, platform: &PlatformSnapshot) {
        let Measured { peak_requests_per_s, peak_admitted_per_s, peak_in_flight, .. } =
            &mut self.measured;
        raise(peak_requests_per_s, whole(platform.rps.iter().sum()));
        raise(peak_admitted_per_s, whole(platform.rps[Verdict::Admit.index()]));
        raise(peak_in_flight, platform.in_flight);
    }

    fn add(&mut self, now: Moment, second: &Second) {
        let sums = Sums { origin_us: second.origin_us, bytes_out: second.told.bytes_out };
        if self.tail.len() == TAIL_MAX {
            self.tail.pop_front();
        }
        self.tail.push_back((now, sums));
        self.origin_us += second.origin_us;
        self.measured.origin_ms = Some(self.origin_us / 1_000);
        *self.measured.bytes_out.get_or_insert(0) += second.told.bytes_out;
        if let Some(wait) = second.told.queue_wait_max_ms {
            raise(&mut self.measured.queue_wait_max_ms, wait);
        }
    }
}

fn raise<T: Ord + Copy>(peak: &mut Option<T>, value: T) {
    *peak = Some(peak.map_or(value, |peak| peak.max(value)));
}

fn signature(described: &Described) -> evidence::Signature {
    let Described { text, expression, hits, visitors, .. } = described;
    evidence::Signature {
        text: text.clone(),
        expression: expression.clone(),
        // Rounded so that it says no more than was measured: a share down, a bound up.
        share_of_excess_permille: permille((described.share_of_excess - 5e-4).max(0.0))
            .unwrap_or(0),
        hits: *hits,
        visitors: *visitors,
        bound_ppm: u32::try_from(whole((described.bound * 1e6).ceil())).unwrap_or(u32::MAX),
    }
}

/// Each request that was stopped is at most one visitor, and a visitor known to be good that was
/// stopped is at least one.
fn harmed(incident: &Incident) -> VisitorsHarmed {
    let spared = [Verdict::Admit, Verdict::Error];
    let stops = Verdict::ALL.into_iter().filter(|verdict| !spared.contains(verdict));
    let stopped: u64 = stops.map(|verdict| incident.requests[verdict.index()]).sum();
    let least = u64::from(incident.harmed > 0);
    VisitorsHarmed::Between { least, most: stopped.max(least) }
}
