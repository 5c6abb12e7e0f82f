//! The figures of one run on one platform.
//!
//! Harm is the share of honest requests that were not served, leak the share of a flood's cost that
//! reached an origin, friction the share of honest requests that were served only on asking again.
//! The least possible harm is 1 − capacity · time / Σ cost of honest requests, never below 0, by
//! work and by bytes: the share of honest work that the origin cannot do. Harm is by requests, so a
//! defence that serves cheap ones first can come out below it.

use super::clocks::{Clocks, IN_BOUND};
use super::{Latencies, Peaks, Score, Second, TableSize, Told};
use crate::casting::Span;
use crate::group::Role;
use seawall_types::Verdict;
use std::time::Duration;

/// The figures of one run on one platform; shares are of 1, and none where nothing was asked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summary {
    /// Seconds of the run that they are of.
    pub window: Option<Span>,
    /// Requests sent, by [`Role::index`].
    pub offered: [u64; Role::COUNT],
    /// People's requests that were not served.
    pub harm_people: Option<f64>,
    /// Honest programs' requests that were not served.
    pub harm_programs: Option<f64>,
    /// The least share of honest requests' cost that goes unserved, since there is too much work.
    pub least_harm_work: f64,
    /// Likewise, since there are too many bytes.
    pub least_harm_bytes: f64,
    /// The least share of that cost that a server who knows of every deadline leaves undone, where
    /// nobody asks again: whoever asks waits for as long as for one answer.
    pub unqueued: f64,
    /// The flood's cost that reached an origin.
    pub leak_cost: Option<f64>,
    /// Of that, what took an origin above [`PRESSED_FROM`] of its capacity, second by second: what it
    /// had to spare may be filled.
    pub leak_pressed: Option<f64>,
    /// The flood's requests that reached an origin.
    pub leak_requests: Option<f64>,
    /// Honest requests that were served only on asking again.
    pub friction: Option<f64>,
    /// Honest requests that the defence stopped when they were first sent; some were served later.
    pub stopped: Option<f64>,
    /// Honest requests that were refused or dropped, whether or not they asked for the first time.
    pub refused: Option<f64>,
    /// Honest requests that were challenged, likewise.
    pub challenged: Option<f64>,
    /// Those first sent in a second in which all that was asked for could be carried.
    pub challenged_in_vain: Option<f64>,
    /// Honest requests that the origin failed, likewise.
    pub lost_to_origin: Option<f64>,
    /// Honest requests whose sender waited no longer, likewise.
    pub lost_to_patience: Option<f64>,
    /// Seconds in which more was to run at the origins than 1.05 of the capacity, where the work of
    /// each request that was let through is spread over the time that it takes an idle origin.
    pub overload_s: u32,
    /// Likewise, where its work counts whole in the second in which it set out.
    pub overload_sent_s: u32,
    /// Likewise, of bytes.
    pub overload_bytes_s: u32,
    /// Honest work served, in origin-milliseconds per second.
    pub goodput_ms_per_s: f64,
    /// All work served, the flood's included.
    pub served_ms_per_s: f64,
    /// Median time of honest requests served.
    pub p50: Option<Duration>,
    /// 99th percentile of the same.
    pub p99: Option<Duration>,
    /// When what happened.
    pub clocks: Clocks,
    /// What the defence said.
    pub told: Told,
    /// The most there was at once.
    pub peaks: Peaks,
    /// The defence's tables at the end.
    pub tables: Vec<TableSize>,
}

/// An origin that works under this share of its capacity has some to spare.
const PRESSED_FROM: f64 = 0.85;

/// Sums over seconds.
#[derive(Default)]
struct Sums {
    offered: [u64; Role::COUNT],
    served: [u64; Role::COUNT],
    admitted: [u64; Role::COUNT],
    offered_ms: [f64; Role::COUNT],
    admitted_ms: [f64; Role::COUNT],
    served_ms: [f64; Role::COUNT],
    honest_bytes: u64,
    flood_pressed_ms: f64,
    honest_refused: u64,
    honest_challenged: u64,
    honest_challenged_in_vain: u64,
    honest_stopped: u64,
    honest_failed: u64,
    honest_gave_up: u64,
    honest_delayed: u64,
    carried_ms: f64,
    carried_bytes: Option<f64>,
    overload_s: u32,
    overload_sent_s: u32,
    overload_bytes_s: u32,
}

impl Summary {
    #[expect(clippy::cast_precision_loss, reason = "counts of one run")]
    pub(super) fn of(score: &Score) -> Self {
        let (from, until) = window(score);
        let rows = &score.seconds[from..until];
        let mut sums = Sums::default();
        for (row, second) in rows.iter().zip(from..) {
            sums.add(row);
            sums.add_load(row, score.running_ms.get(second).copied().unwrap_or_default());
        }
        let flood = Role::Flood.index();
        let honest = honest_sum(&sums.offered);
        let of_honest = |count: u64| share(count as f64, honest as f64);
        let least = |carried: f64, asked: f64| share(asked - carried, asked).unwrap_or(0.0);
        let length = rows.len().max(1) as f64;
        let clocks = Clocks::of(score);
        let mut latencies = Latencies::default();
        for role in Role::ALL.into_iter().filter(|role| role.is_honest()) {
            latencies.merge(&score.latencies[role.index()]);
        }
        Self {
            window: (until > from).then_some(Span { from: from as f64, until: until as f64 }),
            offered: sums.offered,
            harm_people: sums.harm(Role::Person),
            harm_programs: sums.harm(Role::Program),
            least_harm_work: least(sums.carried_ms, honest_sum(&sums.offered_ms)).max(0.0),
            least_harm_bytes: sums
                .carried_bytes
                .map_or(0.0, |carried| least(carried, sums.honest_bytes as f64).max(0.0)),
            unqueued: score.wanted.undone(&score.quarters, (from, until)),
            leak_cost: share(sums.admitted_ms[flood], sums.offered_ms[flood]),
            leak_pressed: share(sums.flood_pressed_ms, sums.offered_ms[flood]),
            leak_requests: share(sums.admitted[flood] as f64, sums.offered[flood] as f64),
            friction: of_honest(sums.honest_delayed),
            stopped: of_honest(sums.honest_stopped),
            refused: of_honest(sums.honest_refused),
            challenged: of_honest(sums.honest_challenged),
            challenged_in_vain: of_honest(sums.honest_challenged_in_vain),
            lost_to_origin: of_honest(sums.honest_failed),
            lost_to_patience: of_honest(sums.honest_gave_up),
            overload_s: sums.overload_s,
            overload_sent_s: sums.overload_sent_s,
            overload_bytes_s: sums.overload_bytes_s,
            goodput_ms_per_s: honest_sum(&sums.served_ms) / length,
            served_ms_per_s: sums.served_ms.iter().sum::<f64>() / length,
            p50: latencies.quantile(500),
            p99: latencies.quantile(990),
            told: score.detection.figures(&clocks, score.event),
            clocks,
            peaks: score.peaks,
            tables: score.tables.clone(),
        }
    }
}

impl Sums {
    fn add(&mut self, row: &Second) {
        let fits = row.offered_ms.iter().sum::<f64>() <= row.capacity.ms_per_s;
        for role in Role::ALL {
            let at = role.index();
            self.offered[at] += u64::from(row.offered[at]);
            self.served[at] += u64::from(row.served[at]);
            self.admitted[at] += u64::from(row.admitted[at]);
            self.offered_ms[at] += row.offered_ms[at];
            self.admitted_ms[at] += row.admitted_ms[at];
            self.served_ms[at] += row.served_ms[at];
            if role.is_honest() {
                let by = |verdict: Verdict| u64::from(row.stopped[at][verdict.index()]);
                self.honest_refused += by(Verdict::Refuse) + by(Verdict::Drop);
                self.honest_challenged += by(Verdict::Challenge);
                if fits {
                    self.honest_challenged_in_vain += by(Verdict::Challenge);
                }
                self.honest_stopped += u64::from(row.at_first[at].stopped);
                self.honest_failed += u64::from(row.at_first[at].failed);
                self.honest_gave_up += u64::from(row.at_first[at].gave_up);
                self.honest_delayed += u64::from(row.delayed[at]);
                self.honest_bytes += row.offered_bytes[at];
            }
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "bytes of one second")]
    fn add_load(&mut self, row: &Second, running_ms: f64) {
        let ms: f64 = row.admitted_ms.iter().sum();
        let pressed = (ms - PRESSED_FROM * row.capacity.ms_per_s).max(0.0);
        self.flood_pressed_ms += pressed.min(row.admitted_ms[Role::Flood.index()]);
        self.carried_ms += row.capacity.ms_per_s;
        self.overload_s += u32::from(running_ms > IN_BOUND * row.capacity.ms_per_s);
        self.overload_sent_s += u32::from(ms > IN_BOUND * row.capacity.ms_per_s);
        if let Some(carries) = row.capacity.bytes_per_s {
            let bytes = row.admitted_bytes.iter().sum::<u64>() as f64;
            self.carried_bytes = Some(self.carried_bytes.unwrap_or(0.0) + carries);
            self.overload_bytes_s += u32::from(bytes > IN_BOUND * carries);
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of one run")]
    fn harm(&self, role: Role) -> Option<f64> {
        let (offered, served) = (self.offered[role.index()], self.served[role.index()]);
        share(offered.saturating_sub(served) as f64, offered as f64)
    }
}

fn honest_sum<T: Copy + std::iter::Sum>(of: &[T; Role::COUNT]) -> T {
    Role::ALL.into_iter().filter(|role| role.is_honest()).map(|role| of[role.index()]).sum()
}

/// Whole seconds of the event, as far as the run went.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "seconds of a run, not negative"
)]
fn window(score: &Score) -> (usize, usize) {
    let end = score.seconds.len();
    let Some(event) = score.event else {
        return (0, end);
    };
    let until = (event.until.max(0.0).ceil() as usize).min(end);
    ((event.from.max(0.0).floor() as usize).min(until), until)
}

fn share(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}
