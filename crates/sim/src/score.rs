//! What a run came to on one platform: counts by second, and figures in sum.
//!
//! Counts what was offered and what became of it, by what its sender is in truth; the virtual world
//! and the real stage count with the same type, so that their figures compare.
//! Takes what happens through [`Score::sent`], [`Score::admitted`] and [`Score::ended`]; gives a
//! [`Summary`].
//! Never judges a request or learns anything that a defence could use.
//! Bounds: one row for each second and quarter of a run; [`latency`] for times.

pub mod clocks;
pub mod deeds;
pub mod detection;
pub mod figures;
pub mod latency;
mod queued;
pub mod summary;

pub use clocks::Clocks;
pub use deeds::{Calling, Deed, Done};
pub use detection::{Detection, Match, Said, Told};
pub use figures::{Figure, Spread, Unit};
pub use latency::Latencies;
pub use queued::Wanted;
pub use summary::Summary;

use crate::casting::Span;
use crate::group::Role;
use crate::request::{Fate, Sender};
use seawall_types::{Moment, Verdict};
use std::time::Duration;

/// Rows of a second's finer counts.
pub const QUARTERS_PER_SECOND: usize = 4;
const SECOND_NS: u64 = 1_000_000_000;
/// Seconds in which work may run: a week; what would run later is counted in the last.
const RUNNING_MAX: usize = 604_800;

/// Counts of one second of one platform.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Second {
    /// Requests sent, by [`Role::index`]; asking again for the same is not counted again.
    pub offered: [u32; Role::COUNT],
    /// Cost of those, in origin-milliseconds.
    pub offered_ms: [f64; Role::COUNT],
    /// Bytes of the answers to those.
    pub offered_bytes: [u64; Role::COUNT],
    /// Requests that asked again for what an earlier one did not get.
    pub again: [u32; Role::COUNT],
    /// Requests that reached the origin.
    pub admitted: [u32; Role::COUNT],
    /// Cost of those.
    pub admitted_ms: [f64; Role::COUNT],
    /// Bytes of the answers to those.
    pub admitted_bytes: [u64; Role::COUNT],
    /// Requests served, counted in the second in which they were first sent.
    pub served: [u32; Role::COUNT],
    /// Cost of those.
    pub served_ms: [f64; Role::COUNT],
    /// Those among them that had to ask again.
    pub delayed: [u32; Role::COUNT],
    /// Requests stopped, by [`Verdict::index`].
    pub stopped: [[u32; Verdict::COUNT]; Role::COUNT],
    /// Requests that the origin failed.
    pub failed: [u32; Role::COUNT],
    /// Requests whose sender waited no longer.
    pub gave_up: [u32; Role::COUNT],
    /// Requests that their sender cancelled.
    pub cancelled: [u32; Role::COUNT],
    /// What became of the first asking, where that was not served.
    pub at_first: [AtFirst; Role::COUNT],
    /// What the origins could carry in this second.
    pub capacity: Capacity,
}

/// What became of requests that asked for the first time and were not served; asking again is left
/// out, so that each thing that was asked for is in one of these at most.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AtFirst {
    /// Stopped by the defence.
    pub stopped: u32,
    /// Failed by the origin.
    pub failed: u32,
    /// Waited for in vain.
    pub gave_up: u32,
}

impl AtFirst {
    fn count(&mut self, fate: Fate) {
        match fate {
            Fate::Stopped(_) => self.stopped += 1,
            Fate::OriginFailed => self.failed += 1,
            Fate::GaveUp => self.gave_up += 1,
            Fate::Served | Fate::Cancelled => {}
        }
    }
}

/// Counts of a quarter of a second, for the clocks.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Quarter {
    /// Cost of the flood's requests sent, in origin-milliseconds.
    pub flood_offered_ms: f64,
    /// Cost of those of them that reached the origin.
    pub flood_admitted_ms: f64,
    /// Requests of the flood sent.
    pub flood_offered: u32,
    /// Requests of the flood that reached the origin.
    pub flood_admitted: u32,
    /// Cost of everything that reached the origin.
    pub admitted_ms: f64,
    /// What the origins could carry in this quarter, in origin-milliseconds.
    pub capacity_ms: f64,
}

/// What a platform's origins can carry.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Capacity {
    /// Work, in origin-milliseconds per second.
    pub ms_per_s: f64,
    /// What of that one request can have for itself: the work of one worker.
    pub worker_ms_per_s: f64,
    /// Answers; none where no link bounds them.
    pub bytes_per_s: Option<f64>,
}

/// The most that there was of something at once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Peaks {
    /// Requests at the origins, answers under way included.
    pub at_origin: u32,
    /// Requests in the origins' lines.
    pub in_line: u32,
    /// Requests that the defence held: waiting, or with a head or body on its way.
    pub held: u32,
}

/// How full a table of the defence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableSize {
    /// Its name.
    pub name: &'static str,
    /// Entries in use at the end of the run.
    pub entries: u64,
    /// Entries it can hold.
    pub capacity: u64,
}

/// Everything counted on one platform.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Score {
    /// By second since the start.
    pub seconds: Vec<Second>,
    /// By quarter of a second since the start.
    pub quarters: Vec<Quarter>,
    /// By second since the start, and beyond the last row: what would run then of all that reached
    /// the origin if each began at once, in origin-milliseconds.
    pub running_ms: Vec<f64>,
    /// What honest senders asked for the first time, and until when they wait for it.
    pub wanted: Wanted,
    /// What its origins can carry now.
    pub capacity: Capacity,
    /// From the first second of a flood or surge to its last and the tail; none for plain days.
    pub event: Option<Span>,
    /// Times of served requests first sent within the event, by [`Role::index`].
    pub latencies: [Latencies; Role::COUNT],
    /// The most there was at once.
    pub peaks: Peaks,
    /// When the defence first said that something is wrong, since the event began.
    pub detected_at: Option<Moment>,
    /// The defence's tables at the end.
    pub tables: Vec<TableSize>,
    /// What it said and described.
    pub detection: Detection,
    /// What it did.
    pub deeds: Vec<Deed>,
}

/// Whether a request asks for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asking {
    /// It does.
    First,
    /// It asks again for what an earlier request did not get.
    Again,
}

/// What is counted about one request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Counted {
    /// What its sender is in truth.
    pub role: Role,
    /// When what it asks for was first asked for.
    pub first_at: Moment,
    /// Whether that was by this request.
    pub asking: Asking,
    /// What it costs a worker of the origin.
    pub cost: Duration,
    /// Bytes of its answer.
    pub bytes: u64,
    /// How long its sender waits for the answer, in milliseconds.
    pub patience_ms: u32,
}

impl Score {
    /// Nothing counted yet, before origins of that capacity.
    pub fn new(capacity: Capacity, event: Option<Span>) -> Self {
        Self { capacity, event, ..Self::default() }
    }

    /// Counts a request that was sent just now.
    pub fn sent(&mut self, now: Moment, counted: &Counted) {
        let role = counted.role.index();
        let (second, quarter) = self.rows(now);
        if counted.role == Role::Flood {
            quarter.flood_offered += 1;
            quarter.flood_offered_ms += ms(counted.cost);
        }
        match counted.asking {
            Asking::First => {
                second.offered[role] += 1;
                second.offered_ms[role] += ms(counted.cost);
                second.offered_bytes[role] += counted.bytes;
                if counted.role.is_honest() {
                    let patience = Duration::from_millis(counted.patience_ms.into());
                    self.wanted.add(now, (ms(counted.cost), patience));
                }
            }
            Asking::Again => second.again[role] += 1,
        }
    }

    /// Counts a request that was judged just now, and whether what the defence describes matches it.
    pub fn judged(&mut self, now: Moment, counted: &Counted, (sender, matched): (Sender, Match)) {
        if self.event.is_none_or(|event| lies_in(event, now)) {
            self.detection.count((counted.role, sender), ms(counted.cost), matched);
        }
    }

    /// Counts a request that reaches the origin just now.
    pub fn admitted(&mut self, now: Moment, counted: &Counted) {
        let role = counted.role.index();
        let (second, quarter) = self.rows(now);
        second.admitted[role] += 1;
        second.admitted_ms[role] += ms(counted.cost);
        second.admitted_bytes[role] += counted.bytes;
        quarter.admitted_ms += ms(counted.cost);
        if counted.role == Role::Flood {
            quarter.flood_admitted += 1;
            quarter.flood_admitted_ms += ms(counted.cost);
        }
        self.run(now, ms(counted.cost));
    }

    /// Spreads work over the seconds in which an idle origin does it.
    fn run(&mut self, now: Moment, cost_ms: f64) {
        let rate = self.capacity.worker_ms_per_s;
        let (mut second, into_s) = (index(now, SECOND_NS), now.as_secs_f64().fract());
        let (mut left_ms, mut fits_ms) = (cost_ms, (1.0 - into_s) * rate);
        while left_ms > 0.0 {
            // Of nothing that is known to work, and to the last row of all: at once.
            let is_last = rate <= 0.0 || second + 1 >= RUNNING_MAX;
            let part = if is_last { left_ms } else { left_ms.min(fits_ms) };
            if self.running_ms.len() <= second {
                self.running_ms.resize(second + 1, 0.0);
            }
            self.running_ms[second] += part;
            (left_ms, fits_ms, second) = (left_ms - part, rate, second + 1);
        }
    }

    /// Counts what became of a request just now, in the second in which it was first sent.
    pub fn ended(&mut self, now: Moment, counted: &Counted, fate: Fate) {
        let role = counted.role.index();
        let is_event = self.event.is_none_or(|event| lies_in(event, counted.first_at));
        let (second, _) = self.rows(counted.first_at);
        if counted.asking == Asking::First {
            second.at_first[role].count(fate);
        }
        match fate {
            Fate::Served => {
                second.served[role] += 1;
                second.served_ms[role] += ms(counted.cost);
                second.delayed[role] += u32::from(counted.asking == Asking::Again);
                if is_event {
                    self.latencies[role].add(now.since(counted.first_at));
                }
            }
            Fate::Stopped(verdict) => second.stopped[role][verdict.index()] += 1,
            Fate::OriginFailed => second.failed[role] += 1,
            Fate::GaveUp => second.gave_up[role] += 1,
            Fate::Cancelled => second.cancelled[role] += 1,
        }
    }

    /// From now on the origins carry that much.
    pub fn carries(&mut self, now: Moment, capacity: Capacity) {
        // What is counted from this moment on is of the new capacity.
        self.rows(Moment(now.0.saturating_sub(1)));
        self.capacity = capacity;
    }

    /// Notes how much there is at once.
    pub fn saw(&mut self, now: Peaks) {
        self.peaks.at_origin = self.peaks.at_origin.max(now.at_origin);
        self.peaks.in_line = self.peaks.in_line.max(now.in_line);
        self.peaks.held = self.peaks.held.max(now.held);
    }

    /// The figures of the event, or of the whole run where there is none.
    pub fn summary(&self) -> Summary {
        Summary::of(self)
    }

    fn rows(&mut self, at: Moment) -> (&mut Second, &mut Quarter) {
        let (second, quarter) = (index(at, SECOND_NS), index(at, SECOND_NS / 4));
        if self.seconds.len() <= second {
            let row = Second { capacity: self.capacity, ..Second::default() };
            self.seconds.resize(second + 1, row);
        }
        if self.quarters.len() <= quarter {
            let capacity_ms = self.capacity.ms_per_s / 4.0;
            self.quarters.resize(quarter + 1, Quarter { capacity_ms, ..Quarter::default() });
        }
        (&mut self.seconds[second], &mut self.quarters[quarter])
    }
}

fn index(at: Moment, length_ns: u64) -> usize {
    usize::try_from(at.0 / length_ns).unwrap_or(usize::MAX)
}

fn lies_in(span: Span, at: Moment) -> bool {
    (span.from..span.until).contains(&at.as_secs_f64())
}

fn ms(span: Duration) -> f64 {
    span.as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests;
