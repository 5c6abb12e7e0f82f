//! A share's slots at one origin.

use super::bodies::Bodies;
use super::holds::Holds;
use crate::admission::permits::{Leaves, Record, State};
use crate::admission::request::{Class, Ending, Kind, Outcome};
use crate::admission::sums::{OriginGrant, OriginSums};
use seawall_types::Moment;
use std::time::Duration;

/// How far into the future work that was sent can bar more, over a change of pace.
const DEBT_MAX: Duration = Duration::from_millis(500);
/// How far work may run ahead of its pace: the first second of a crowd carries so much more than a
/// second's work, and the last request besides, which together are about a twentieth.
const AHEAD: Duration = Duration::from_millis(20);

/// So many faults in a row, and the origin is tried once in [`TRIED_EVERY`]: one that refuses at
/// once has always room, and would have every request.
const FAULTS_IN_ROW: u32 = 3;
const TRIED_EVERY: Duration = Duration::from_millis(100);

/// So many times its slots may be out beyond them where they hang and the rest is answered in time.
const EXCUSED_TIMES: u32 = 8;

/// What goes last has 17 of 20 parts of what is left: the rest is room for whoever comes before it.
const LAST_LEAVES: (u32, u32) = (3, 17);

/// Of so many slots one is kept free for lanes that ask.
const KEPT_FROM: u32 = 8;

/// How a request came back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Back {
    /// What its route takes alone.
    pub(super) base_us: u32,
    pub(super) at: Moment,
    /// From the head of the answer to its end, without what its reader kept it waiting.
    pub(super) sent_us: u32,
    pub(super) outcome: Outcome,
}

/// Slots of one share at one origin, and what it saw of it.
#[derive(Debug, Default)]
pub(super) struct Origin {
    slots: [u32; Kind::COUNT],
    in_flight: [u32; Kind::COUNT],
    hung: u32,
    /// Those among them that take no slot, since others were answered after they hung.
    excused: u32,
    /// Brief ones among those in flight whose heads have come.
    sending: u32,
    /// So many of them take no slot.
    sending_free: u32,
    epoch: u32,
    ratio: f32,
    pace_us: Option<u64>,
    /// When all work sent is done at the pace.
    due: Moment,
    /// The same with the room that what goes last leaves: only it looks at this one.
    due_last: Moment,
    /// Faults in a row, and when it began.
    faults: u32,
    faulted_at: Moment,
    tried_at: Moment,
    holds: Holds,
    pub(super) bodies: Bodies,
    sums: OriginSums,
}

impl Origin {
    /// Whether another request of `kind` may go there now.
    pub(super) fn has_room(&self, now: Moment, kind: Kind, class: Class) -> bool {
        let (slots, out) = (self.slots[kind.index()], self.taken(kind));
        let fits = match kind {
            // Whatever hangs, one is tried.
            Kind::Brief => out + self.hung() < slots || (out == 0 && slots > 0),
            Kind::Bulk | Kind::Lasting => out < slots,
        };
        fits && self.resumes_at(class).is_none_or(|resumes| resumes <= now)
    }

    /// Whether one of the class of lanes may go there now: it goes before the others at a pace, and their
    /// work waits for it.
    pub(super) fn has_kept_room(&self, now: Moment) -> bool {
        let tried = (self.faults >= FAULTS_IN_ROW).then(|| self.tried_at + TRIED_EVERY);
        if !self.keeps_one() {
            return self.has_room(now, Kind::Brief, Class::Lane);
        }
        self.taken(Kind::Brief) + self.hung() < self.slots(Kind::Brief)
            && tried.is_none_or(|tried| tried <= now)
    }

    /// Whether what is free is the one slot that is kept, and not for this class: of many for lanes alone;
    /// of few, while the others are held, for lanes and whoever is known.
    pub(super) fn is_last_kept_from(&self, class: Class) -> bool {
        let slots = self.slots(Kind::Brief);
        let is_last = self.taken(Kind::Brief) + self.hung() + 1 >= slots;
        is_last && self.keeps_one() && (slots >= KEPT_FROM || class > Class::Proven)
    }

    /// Whether one slot is kept: of so many that the others hardly miss it, or while others are held far
    /// longer than usual; and where the operator said how many there are, since a learned limit is
    /// learned with all slots in use.
    fn keeps_one(&self) -> bool {
        let is_many = self.slots(Kind::Brief) >= KEPT_FROM;
        self.pace_us.is_some() && (is_many || self.holds.keeps_one())
    }

    /// How its slots are held.
    pub(super) fn holds(&mut self) -> &mut Holds {
        &mut self.holds
    }

    /// So many of its slots are held for long, and strangely; those that hang are, too.
    pub(super) fn look_at_holds(&mut self, (long, strangely): (u32, u32)) {
        let (hung, slots) = (self.hung(), self.slots(Kind::Brief));
        self.holds.look((long + hung, strangely + hung), slots);
    }

    /// Slots of a kind that are in use.
    fn taken(&self, kind: Kind) -> u32 {
        let out = self.in_flight[kind.index()];
        match kind {
            Kind::Brief => out - self.sending.min(self.sending_free).min(out),
            Kind::Bulk | Kind::Lasting => out,
        }
    }

    /// When its pace, or a run of faults, lets more work of a class go; none when nothing keeps it.
    pub(super) fn resumes_at(&self, class: Class) -> Option<Moment> {
        let due = if class == Class::Low { self.due_last } else { self.due };
        let paced = self.pace_us.map(|_| due - AHEAD);
        let tried = (self.faults >= FAULTS_IN_ROW).then(|| self.tried_at + TRIED_EVERY);
        paced.max(tried)
    }

    /// How much of its slots is taken, in thousandths.
    pub(super) fn fill(&self, kind: Kind) -> u64 {
        let slots = u64::from(self.slots[kind.index()].max(1));
        u64::from(self.taken(kind)) * 1_000 / slots
    }

    /// Whether half of the slots is free.
    pub(super) fn is_calm(&self) -> bool {
        let brief = Kind::Brief.index();
        self.taken(Kind::Brief) * 2 <= self.slots[brief]
    }

    /// Whether no slot is free.
    pub(super) fn is_full(&self) -> bool {
        let brief = Kind::Brief.index();
        self.taken(Kind::Brief) + self.hung() >= self.slots[brief]
    }

    pub(super) fn slots(&self, kind: Kind) -> u32 {
        self.slots[kind.index()]
    }

    pub(super) fn in_flight(&self, kind: Kind) -> u32 {
        self.in_flight[kind.index()]
    }

    /// Slots that were given up and still count.
    pub(super) fn hung(&self) -> u32 {
        self.hung - self.excused
    }

    /// Slots that were given up.
    pub(super) fn given_up(&self) -> u32 {
        self.hung
    }

    pub(super) fn epoch(&self) -> u32 {
        self.epoch
    }

    pub(super) fn ratio(&self) -> f32 {
        self.ratio
    }

    /// A request that takes `base_us` sets out; after what goes last a part of its time stays free,
    /// where the operator told a pace.
    pub(super) fn begin(&mut self, now: Moment, (kind, leaves): (Kind, Leaves), base_us: u32) {
        self.tried_at = now;
        let out = &mut self.in_flight[kind.index()];
        *out += 1;
        if kind == Kind::Brief {
            self.sums.in_flight_max = self.sums.in_flight_max.max(*out);
        }
        if let Some(pace) = self.pace_us.filter(|_| kind == Kind::Brief) {
            self.due = self.due.max(now) + span_at(pace, base_us);
            self.due_last = self.due_last.max(now) + span_at(pace, leaves.with_room(base_us));
        }
    }

    /// One does not set out after all.
    pub(super) fn withdraw(&mut self, (kind, leaves): (Kind, Leaves), base_us: u32) {
        self.end(kind);
        if let Some(pace) = self.pace_us.filter(|_| kind == Kind::Brief) {
            self.due = self.due - span_at(pace, base_us);
            self.due_last = self.due_last - span_at(pace, leaves.with_room(base_us));
        }
    }

    /// One is out no longer.
    pub(super) fn end(&mut self, kind: Kind) {
        self.in_flight[kind.index()] = self.in_flight[kind.index()].saturating_sub(1);
    }

    /// The head of an answer has come, its body comes now.
    pub(super) fn begin_sending(&mut self, record: &Record) {
        if record.kind == Kind::Brief && record.state == State::Out {
            self.sending += 1;
        }
    }

    /// The body is there, or turns out to be a large one.
    pub(super) fn end_sending(&mut self, record: &Record) {
        if record.kind == Kind::Brief && record.state == State::Out && record.took_us.is_some() {
            self.sending = self.sending.saturating_sub(1);
        }
    }

    /// The head told how large the answer is, long before its end.
    pub(super) fn announce(&mut self, record: &mut Record, length: Option<u64>) {
        if let Some(length) = length.filter(|_| !record.announced) {
            record.announced = true;
            self.sums.bytes[1] = self.sums.bytes[1].saturating_add(length);
        }
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
        self.excused = self.excused.min(self.hung);
    }

    /// Something was answered in time although others hang: whatever those wait for, it is not a slot.
    ///
    /// One of several servers may hang behind a balancer, and the rest do as much as ever. Where the
    /// operator said how many may be at the origin at once, they are at it still and count.
    fn excuse(&mut self) {
        let most = self.slots[Kind::Brief.index()].saturating_mul(EXCUSED_TIMES).min(self.hung);
        if self.pace_us.is_none() && self.excused < most {
            self.excused += 1;
        }
    }

    /// Counts what came back.
    pub(super) fn count(&mut self, record: &Record, back: &Back) {
        let Back { base_us, outcome, .. } = *back;
        let took_us = record.took_us.unwrap_or(0);
        // A client that left says nothing of the origin.
        self.sums.returned += u32::from(outcome.ending != Ending::Left);
        match outcome.ending {
            Ending::Faulted | Ending::Unreached => {
                if self.faults == 0 {
                    self.faulted_at = back.at;
                }
                self.faults = self.faults.saturating_add(1);
            }
            // What was sent before it went down tells nothing of how it is now.
            Ending::Answered | Ending::Unfound | Ending::Failed
                if record.issued_at >= self.faulted_at =>
            {
                self.faults = 0;
            }
            Ending::Answered | Ending::Unfound | Ending::Failed | Ending::Left => {}
        }
        if matches!(outcome.ending, Ending::Answered | Ending::Unfound) {
            self.excuse();
            self.sums.done_us += u64::from(base_us);
        }
        self.count_bytes(record, back);
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
            Ending::Unreached => {
                self.sums.faulted += 1;
                self.sums.unreached += 1;
            }
        }
    }

    fn count_bytes(&mut self, record: &Record, back: &Back) {
        let bytes = back.outcome.bytes_out;
        match record.kind {
            Kind::Brief => {
                self.sums.bytes[0] = self.sums.bytes[0].saturating_add(bytes);
                if matches!(back.outcome.ending, Ending::Answered | Ending::Unfound) {
                    self.sums.sent += 1;
                    self.sums.sent_us += u64::from(back.sent_us);
                }
            }
            Kind::Bulk if !record.announced => {
                self.sums.bytes[1] = self.sums.bytes[1].saturating_add(bytes);
            }
            // What lasts is no download.
            Kind::Bulk | Kind::Lasting => {}
        }
    }

    /// What was seen since the last time.
    pub(super) fn report(&mut self) -> OriginSums {
        let sums = std::mem::take(&mut self.sums);
        self.sums.in_flight_max = self.in_flight[Kind::Brief.index()];
        let in_flight = Kind::ALL.map(|kind| self.taken(kind));
        let hung = self.hung();
        let Self { epoch, slots, .. } = *self;
        OriginSums { epoch, slots, in_flight, hung, ..sums }
    }

    /// Takes what was granted; what was sent at an older pace bars nobody for long.
    pub(super) fn accept(&mut self, now: Moment, grant: &OriginGrant) {
        self.due = self.due.min(now + DEBT_MAX);
        self.due_last = self.due_last.min(now + DEBT_MAX);
        if grant.epoch != self.epoch {
            self.sums.forget_answers();
        }
        self.slots = grant.slots;
        self.epoch = grant.epoch;
        self.ratio = grant.ratio;
        self.pace_us = grant.pace_us;
        self.sending_free = grant.sending_free;
    }
}

impl Leaves {
    /// The work of one and what stays free after it, in microseconds.
    fn with_room(self, base_us: u32) -> u32 {
        let (part, of) = LAST_LEAVES;
        match self {
            Self::Nothing => base_us,
            Self::Room => base_us.saturating_add(base_us.saturating_mul(part) / of),
        }
    }
}

/// How long work of `base_us` takes at a pace, in microseconds a second.
fn span_at(pace: u64, base_us: u32) -> Duration {
    Duration::from_nanos(u64::from(base_us).saturating_mul(1_000_000_000) / pace.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Moment = Moment(1_000_000_000);
    const LAST: (Kind, Leaves) = (Kind::Brief, Leaves::Room);

    /// An origin that works one second a second.
    fn paced() -> Origin {
        let mut origin = Origin::default();
        let slots = [64; Kind::COUNT];
        let (epoch, ratio, pace_us, sending_free) = (0, 1.0, Some(1_000_000), 0);
        let grant = OriginGrant { slots, epoch, ratio, pace_us, sending_free };
        origin.accept(START, &grant);
        origin
    }

    fn free_after_ms(origin: &Origin, class: Class) -> u128 {
        origin.resumes_at(class).unwrap().since(START - AHEAD).as_millis()
    }

    #[test]
    fn what_goes_last_leaves_room_that_only_its_own_kind_waits_for() {
        let mut origin = paced();
        origin.begin(START, LAST, 170_000);
        assert_eq!(free_after_ms(&origin, Class::Unknown), 170);
        assert_eq!(free_after_ms(&origin, Class::Low), 200);
        origin.begin(START, (Kind::Brief, Leaves::Nothing), 100_000);
        assert_eq!(free_after_ms(&origin, Class::Unknown), 270);
        assert_eq!(free_after_ms(&origin, Class::Low), 300);
    }

    #[test]
    fn what_does_not_set_out_after_all_gives_back_its_work_and_the_room_it_left() {
        let mut origin = paced();
        origin.begin(START, (Kind::Brief, Leaves::Nothing), 100_000);
        origin.begin(START, LAST, 170_000);
        origin.withdraw(LAST, 170_000);
        assert_eq!(free_after_ms(&origin, Class::Unknown), 100);
        assert_eq!(free_after_ms(&origin, Class::Low), 100);
    }
}
