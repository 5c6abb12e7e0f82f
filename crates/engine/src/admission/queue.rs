//! Who waits for a slot, and who of them is next, is sent away, or has waited too long.
//!
//! Classes go first by priority, but each has a floor: the share of what is served, and of the
//! queue itself, that it has whatever the others want. Inside a class prefixes that were here before
//! go first, but those without history have a floor of a quarter there, so that a flood that looked
//! around in calm times does not take everything from people who are new. Of either those go first to
//! whom something was promised ([`super::returns`]), and else the lowest turn is next
//! ([`super::ranks`]).
//! When more waits than can be served in [`super::WAIT_MAX`], the last of the lowest class that is
//! above its floor is sent away: at once, since a quick answer is the kindest one.
//! Never reads a clock. Grows to its bounds and not beyond.
//! Bounds: [`ENTRIES_MAX`] requests and [`BYTES_MAX`] bytes of them.

use super::cost::RouteIndex;
use super::ranks::{History, Place, Turn};
use super::request::{Call, Class, Request};
use seawall_types::Moment;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::time::Duration;

/// Requests that wait in one queue: 0.5 s of 8,192 requests a second on one core.
pub const ENTRIES_MAX: usize = 4_096;
/// Memory that they may hold.
pub const BYTES_MAX: u64 = 16 << 20;
/// A queue takes so many however little its slots can serve.
const ENTRIES_MIN: usize = 4;

/// What each class is given whatever the others want, in thousandths.
///
/// Together less than all: the rest goes by priority.
const FLOORS: [u64; Class::COUNT] = [200, 200, 200, 100, 20];
/// What prefixes without history are given of their class: one part of so many.
const NEW_PART: u64 = 4;
/// Who takes what no floor claims: declared clients beyond their share come after proven people,
/// so that an application that retries in a storm stays in its share.
const REST: [Class; Class::COUNT] =
    [Class::OldToken, Class::Proven, Class::Lane, Class::Unknown, Class::Low];
/// Work that a class can be owed of its floor: that of the most costly request there is.
const OWED_MAX_US: u64 = 60_000_000;

const NONE: u32 = u32::MAX;

/// A request that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ticket {
    pub(super) entry: u32,
    pub(super) generation: u32,
    pub(super) kind: super::Kind,
}

/// What is remembered of a request that waits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Waiting {
    pub(super) request: Request,
    pub(super) index: RouteIndex,
    pub(super) place: Place,
    pub(super) turn: Turn,
    pub(super) order: Order,
    pub(super) base_us: u32,
    pub(super) since: Moment,
    pub(super) deadline: Moment,
}

/// Who goes before whom of one class and history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Order {
    /// What a page consists of that was let through, by turn.
    Part(u64),
    /// Who comes back as told: who waited longest first, then by turn.
    Again(Reverse<Duration>, u64),
    /// Everybody else, by turn.
    First(u64),
}

impl Order {
    pub(super) fn of(call: Call, turn: Turn) -> Self {
        match call {
            Call::Part => Self::Part(turn.finish),
            Call::Again { waited } => Self::Again(Reverse(waited), turn.finish),
            Call::First => Self::First(turn.finish),
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    waiting: Waiting,
    generation: u32,
    is_free: bool,
    older: u32,
    younger: u32,
}

/// What waits of one class.
#[derive(Debug, Clone, Default)]
struct Line {
    /// By [`History`].
    sides: [Side; 2],
    owed_us: u64,
    /// Owed to those without history.
    new_owed_us: u64,
}

/// What waits of one class and history.
#[derive(Debug, Clone, Default)]
struct Side {
    turns: BTreeSet<(Order, u32)>,
    work_us: u64,
    bytes: u64,
}

impl Line {
    fn side(&self, history: History) -> &Side {
        &self.sides[history as usize]
    }

    fn is_empty(&self) -> bool {
        self.sides.iter().all(|side| side.turns.is_empty())
    }

    fn sum(&self, of: impl Fn(&Side) -> u64) -> u64 {
        self.sides.iter().map(of).sum()
    }

    /// The lowest turn of one history.
    fn first(&self, history: History) -> Option<u32> {
        self.side(history).turns.first().map(|(_, at)| *at)
    }

    /// What is served to one is owed in part to those without history that wait.
    fn settle_new(&mut self, served: History, cost_us: u64) {
        self.new_owed_us = if self.side(History::New).turns.is_empty() {
            0
        } else {
            (self.new_owed_us + cost_us / NEW_PART).min(OWED_MAX_US)
        };
        if served == History::New {
            self.new_owed_us = self.new_owed_us.saturating_sub(cost_us);
        }
    }
}

/// One queue of one share.
#[derive(Debug, Default)]
pub(super) struct Queue {
    entries: Vec<Entry>,
    free: Vec<u32>,
    /// Ends of the list by age.
    oldest: Option<u32>,
    youngest: Option<u32>,
    lines: [Line; Class::COUNT],
    work_us: u64,
    bytes: u64,
}

/// One that leaves the queue.
#[derive(Debug, Clone, Copy)]
pub(super) struct Left {
    pub(super) ticket: Ticket,
    pub(super) waiting: Waiting,
}

impl Queue {
    /// Requests that wait.
    pub(super) fn len(&self) -> usize {
        self.entries.len() - self.free.len()
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a request behind all that came before.
    pub(super) fn push(&mut self, waiting: Waiting) -> Ticket {
        let older = self.youngest.unwrap_or(NONE);
        let entry = Entry { waiting, generation: 0, is_free: false, older, younger: NONE };
        let at = self.free.pop().unwrap_or_else(|| {
            self.entries.push(Entry { is_free: true, ..entry });
            u32::try_from(self.entries.len() - 1).unwrap_or(NONE)
        });
        let slot = &mut self.entries[at as usize];
        let generation = slot.generation.wrapping_add(1);
        *slot = Entry { generation, ..entry };
        match self.youngest.replace(at) {
            Some(before) => self.entries[before as usize].younger = at,
            None => self.oldest = Some(at),
        }
        let (work_us, bytes) = (u64::from(waiting.base_us), u64::from(waiting.request.bytes));
        let line = &mut self.lines[waiting.request.class.index()];
        let side = &mut line.sides[waiting.turn.history as usize];
        side.turns.insert((waiting.order, at));
        side.work_us += work_us;
        side.bytes += bytes;
        self.work_us += work_us;
        self.bytes += bytes;
        Ticket { entry: at, generation, kind: waiting.request.kind }
    }

    /// Takes out the one whose turn it is.
    pub(super) fn pop_next(&mut self) -> Option<Left> {
        let class =
            self.owed_class().or_else(|| REST.into_iter().find(|class| self.waits(*class)))?;
        self.pop_of(class)
    }

    /// The same where there is no room for what goes last, but for what its floor owes it.
    pub(super) fn pop_before_last(&mut self) -> Option<Left> {
        let mut before = REST.into_iter().filter(|class| *class != Class::Low);
        let class = self.owed_class().or_else(|| before.find(|class| self.waits(*class)))?;
        self.pop_of(class)
    }

    /// Takes out the one of the class of lanes whose turn it is.
    pub(super) fn pop_lane(&mut self) -> Option<Left> {
        self.pop_of(Class::Lane)
    }

    /// The same of the classes that are known to be no stranger's, that of lanes first.
    pub(super) fn pop_known(&mut self) -> Option<Left> {
        let known = [Class::Lane, Class::OldToken, Class::Proven];
        let class = known.into_iter().find(|class| self.waits(*class))?;
        self.pop_of(class)
    }

    fn pop_of(&mut self, class: Class) -> Option<Left> {
        let at = self.next_of(class)?;
        let Waiting { base_us, turn, .. } = self.entries[at as usize].waiting;
        self.settle_floors(class, base_us.into());
        self.lines[class.index()].settle_new(turn.history, base_us.into());
        Some(self.remove(at))
    }

    /// Sends one away if more waits than `work_max_us` and the bounds allow.
    pub(super) fn pop_surplus(&mut self, work_max_us: u64) -> Option<Left> {
        let entries = self.len();
        let too_much_work = self.work_us > work_max_us && entries > ENTRIES_MIN;
        if !too_much_work && entries <= ENTRIES_MAX && self.bytes <= BYTES_MAX {
            return None;
        }
        // What there is too much of; at least one class has more than its floor of it.
        let (measure, whole): (fn(&Side) -> u64, u64) = if too_much_work {
            (|side| side.work_us, self.work_us)
        } else if self.bytes > BYTES_MAX {
            (|side| side.bytes, self.bytes)
        } else {
            (|side| side.turns.len() as u64, entries as u64)
        };
        let is_above_floor = |class: &Class| {
            self.lines[class.index()].sum(measure) * 1_000 > whole * FLOORS[class.index()]
        };
        let class = Class::ALL.into_iter().rev().find(is_above_floor)?;
        let line = &self.lines[class.index()];
        let new = line.side(History::New);
        let is_new = measure(new) * NEW_PART > line.sum(measure);
        let known = line.side(History::Known).turns.last().filter(|_| !is_new);
        let (_, at) = *known.or(new.turns.last())?;
        Some(self.remove(at))
    }

    /// Takes out the oldest if its deadline has come.
    pub(super) fn pop_overdue(&mut self, now: Moment) -> Option<Left> {
        let at = self.oldest?;
        (self.entries[at as usize].waiting.deadline <= now).then(|| self.remove(at))
    }

    /// Takes `ticket` out; none when it waits no longer.
    pub(super) fn cancel(&mut self, ticket: Ticket) -> Option<Waiting> {
        let entry = self.entries.get(ticket.entry as usize)?;
        let is_its = !entry.is_free && entry.generation == ticket.generation;
        is_its.then(|| self.remove(ticket.entry).waiting)
    }

    /// When the oldest has waited too long.
    pub(super) fn next_deadline(&self) -> Option<Moment> {
        self.oldest.map(|at| self.entries[at as usize].waiting.deadline)
    }

    /// Who is next of a class.
    fn next_of(&self, class: Class) -> Option<u32> {
        let line = &self.lines[class.index()];
        let is_owed =
            |at: &u32| line.new_owed_us >= u64::from(self.entries[*at as usize].waiting.base_us);
        let new = line.first(History::New);
        new.filter(is_owed).or_else(|| line.first(History::Known)).or(new)
    }

    /// The class whose floor owes it its next one.
    fn owed_class(&self) -> Option<Class> {
        let is_owed = |class: &Class| {
            self.next_of(*class).is_some_and(|at| {
                let cost_us = u64::from(self.entries[at as usize].waiting.base_us);
                self.lines[class.index()].owed_us >= cost_us
            })
        };
        Class::ALL.into_iter().find(is_owed)
    }

    fn waits(&self, class: Class) -> bool {
        !self.lines[class.index()].is_empty()
    }

    /// What is served to one is owed in part to all that wait.
    fn settle_floors(&mut self, served: Class, cost_us: u64) {
        for (line, floor) in self.lines.iter_mut().zip(FLOORS) {
            if line.is_empty() {
                line.owed_us = 0;
            } else {
                let part = cost_us * floor / 1_000;
                line.owed_us = (line.owed_us + part).min(OWED_MAX_US);
            }
        }
        let line = &mut self.lines[served.index()];
        line.owed_us = line.owed_us.saturating_sub(cost_us);
    }

    fn remove(&mut self, at: u32) -> Left {
        let Entry { waiting, generation, older, younger, .. } = self.entries[at as usize];
        match older {
            NONE => self.oldest = some(younger),
            older => self.entries[older as usize].younger = younger,
        }
        match younger {
            NONE => self.youngest = some(older),
            younger => self.entries[younger as usize].older = older,
        }
        let (work_us, bytes) = (u64::from(waiting.base_us), u64::from(waiting.request.bytes));
        let line = &mut self.lines[waiting.request.class.index()];
        let side = &mut line.sides[waiting.turn.history as usize];
        side.turns.remove(&(waiting.order, at));
        side.work_us -= work_us;
        side.bytes -= bytes;
        self.work_us -= work_us;
        self.bytes -= bytes;
        self.entries[at as usize].is_free = true;
        self.free.push(at);
        Left { ticket: Ticket { entry: at, generation, kind: waiting.request.kind }, waiting }
    }
}

fn some(at: u32) -> Option<u32> {
    (at != NONE).then_some(at)
}
