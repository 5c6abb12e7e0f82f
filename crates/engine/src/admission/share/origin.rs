//! A share's slots at one origin.

use crate::admission::permits::Record;
use crate::admission::request::{Ending, Kind, Outcome};
use crate::admission::sums::{OriginGrant, OriginSums};
use seawall_types::Moment;
use std::time::Duration;

/// How far into the future work that was sent can bar more, over a change of pace.
const DEBT_MAX: Duration = Duration::from_millis(500);
/// How far work may run ahead of its pace: a round.
const AHEAD: Duration = crate::admission::ROUND;

/// So many faults in a row, and the origin is tried once in [`TRIED_EVERY`]: one that refuses at
/// once has always room, and would have every request.
const FAULTS_IN_ROW: u32 = 3;
const TRIED_EVERY: Duration = Duration::from_millis(100);

/// Slots of one share at one origin, and what it saw of it.
#[derive(Debug, Default)]
pub(super) struct Origin {
    slots: [u32; Kind::COUNT],
    in_flight: [u32; Kind::COUNT],
    hung: u32,
    epoch: u32,
    ratio: f32,
    pace_us: Option<u64>,
    /// When all work sent is done at the pace.
    due: Moment,
    /// Faults since the last answer.
    faults: u32,
    tried_at: Moment,
    sums: OriginSums,
}

impl Origin {
    /// Whether another request of `kind` may go there now.
    pub(super) fn has_room(&self, now: Moment, kind: Kind) -> bool {
        let (slots, out) = (self.slots[kind.index()], self.in_flight[kind.index()]);
        let fits = match kind {
            // Whatever hangs, one is tried.
            Kind::Brief => out + self.hung < slots || (out == 0 && slots > 0),
            Kind::Bulk | Kind::Lasting => out < slots,
        };
        fits && self.resumes_at().is_none_or(|resumes| resumes <= now)
    }

    /// When its pace, or a run of faults, lets more work go; none when nothing keeps it.
    pub(super) fn resumes_at(&self) -> Option<Moment> {
        let paced = self.pace_us.map(|_| self.due - AHEAD);
        let tried = (self.faults >= FAULTS_IN_ROW).then(|| self.tried_at + TRIED_EVERY);
        paced.max(tried)
    }

    /// How much of its slots is taken, in thousandths.
    pub(super) fn fill(&self, kind: Kind) -> u64 {
        let slots = u64::from(self.slots[kind.index()].max(1));
        u64::from(self.in_flight[kind.index()]) * 1_000 / slots
    }

    /// Whether half of the slots is free.
    pub(super) fn is_calm(&self) -> bool {
        let brief = Kind::Brief.index();
        self.in_flight[brief] * 2 <= self.slots[brief]
    }

    /// Whether no slot is free.
    pub(super) fn is_full(&self) -> bool {
        let brief = Kind::Brief.index();
        self.in_flight[brief] + self.hung >= self.slots[brief]
    }

    pub(super) fn slots(&self, kind: Kind) -> u32 {
        self.slots[kind.index()]
    }

    pub(super) fn in_flight(&self, kind: Kind) -> u32 {
        self.in_flight[kind.index()]
    }

    pub(super) fn hung(&self) -> u32 {
        self.hung
    }

    pub(super) fn epoch(&self) -> u32 {
        self.epoch
    }

    pub(super) fn ratio(&self) -> f32 {
        self.ratio
    }

    /// A request that takes `base_us` sets out.
    pub(super) fn begin(&mut self, now: Moment, kind: Kind, base_us: u32) {
        self.tried_at = now;
        let out = &mut self.in_flight[kind.index()];
        *out += 1;
        if kind == Kind::Brief {
            self.sums.in_flight_max = self.sums.in_flight_max.max(*out);
        }
        if let Some(pace) = self.pace_us.filter(|_| kind == Kind::Brief) {
            let span = u64::from(base_us).saturating_mul(1_000_000_000) / pace.max(1);
            self.due = self.due.max(now) + Duration::from_nanos(span);
        }
    }

    /// One is out no longer.
    pub(super) fn end(&mut self, kind: Kind) {
        self.in_flight[kind.index()] = self.in_flight[kind.index()].saturating_sub(1);
    }

    /// One changes its kind, even beyond the slots of that: it is there already.
    pub(super) fn change(&mut self, from: Kind, to: Kind) {
        self.end(from);
        self.in_flight[to.index()] += 1;
    }

    /// A slot is given up.
    pub(super) fn hang(&mut self) {
        self.end(Kind::Brief);
        self.hung += 1;
    }

    /// The connection of a slot that was given up is closed.
    pub(super) fn unhang(&mut self) {
        self.hung = self.hung.saturating_sub(1);
    }

    /// Counts what came back of a request whose route takes `base_us` alone.
    pub(super) fn count(&mut self, record: &Record, base_us: u32, outcome: &Outcome) {
        let took_us = record.took_us.unwrap_or(0);
        self.sums.returned += 1;
        match outcome.ending {
            Ending::Faulted => self.faults = self.faults.saturating_add(1),
            Ending::Answered | Ending::Unfound | Ending::Failed => self.faults = 0,
            Ending::Left => {}
        }
        let bytes = &mut self.sums.bytes[usize::from(record.kind != Kind::Brief)];
        *bytes = bytes.saturating_add(outcome.bytes_out);
        if record.epoch != self.epoch {
            return;
        }
        match outcome.ending {
            Ending::Answered | Ending::Unfound if record.kind == Kind::Brief => {
                self.sums.answers.add(took_us, base_us);
                if record.full {
                    self.sums.full.add(took_us, base_us);
                }
            }
            Ending::Answered | Ending::Unfound | Ending::Left => {}
            Ending::Failed => self.sums.failed += 1,
            Ending::Faulted => self.sums.faulted += 1,
        }
    }

    /// What was seen since the last time.
    pub(super) fn report(&mut self) -> OriginSums {
        let sums = std::mem::take(&mut self.sums);
        self.sums.in_flight_max = self.in_flight[Kind::Brief.index()];
        let Self { epoch, slots, in_flight, hung, .. } = *self;
        OriginSums { epoch, slots, in_flight, hung, ..sums }
    }

    /// Takes what was granted; what was sent at an older pace bars nobody for long.
    pub(super) fn accept(&mut self, now: Moment, grant: &OriginGrant) {
        self.due = self.due.min(now + DEBT_MAX);
        if grant.epoch != self.epoch {
            self.sums.forget_answers();
        }
        self.slots = grant.slots;
        self.epoch = grant.epoch;
        self.ratio = grant.ratio;
        self.pace_us = grant.pace_us;
    }
}
