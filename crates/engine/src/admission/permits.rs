//! Who holds a slot at an origin: each permit comes back exactly once, or hangs until it does.
//!
//! Bounds: [`PERMITS_MAX`] permits of one share; without a free one the request is held.

use super::Kind;
use super::request::{Body, Class};
use super::route::RouteKey;
use seawall_types::Moment;

/// Permits of one share, of all kinds: more than one core carries connections to origins.
pub const PERMITS_MAX: usize = 16_384;

/// A slot at an origin. Give it back with [`super::Share::finished`], whatever happens.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a permit that is not given back keeps its slot until its deadline"]
pub struct Permit {
    record: u32,
    generation: u32,
    origin: u8,
}

impl Permit {
    /// Position of the origin in its platform.
    pub fn origin(&self) -> usize {
        usize::from(self.origin)
    }
}

/// What is remembered of a permit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record {
    pub(super) state: State,
    pub(super) kind: Kind,
    pub(super) body: Body,
    pub(super) leaves: Leaves,
    pub(super) origin: u8,
    /// Whether it took the last slot.
    pub(super) full: bool,
    /// Whether at least half of the slots were free.
    pub(super) calm: bool,
    pub(super) epoch: u32,
    pub(super) issued_at: Moment,
    pub(super) deadline: Moment,
    pub(super) route: RouteKey,
    /// Until the head of the answer.
    pub(super) took_us: Option<u32>,
    /// Whether the head told the bytes of a large answer.
    pub(super) announced: bool,
    generation: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Nobody's.
    Free,
    /// Its slot counts.
    Out,
    /// Its deadline passed: the slot is free again, its connection is not closed.
    Hung,
}

/// What one leaves to those who come before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leaves {
    Nothing,
    /// It goes last, and a part of its time stays free.
    Room,
}

impl Leaves {
    pub(super) fn of(class: Class) -> Self {
        if class == Class::Low { Self::Room } else { Self::Nothing }
    }
}

/// What a permit is issued for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Issue {
    pub(super) kind: Kind,
    pub(super) body: Body,
    pub(super) leaves: Leaves,
    pub(super) origin: usize,
    pub(super) full: bool,
    pub(super) calm: bool,
    pub(super) epoch: u32,
    pub(super) at: Moment,
    pub(super) deadline: Moment,
    pub(super) route: RouteKey,
}

/// How an origin stood when a permit for it was issued.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    pub(super) full: bool,
    pub(super) calm: bool,
    pub(super) epoch: u32,
}

/// All permits of a share.
#[derive(Debug, Default)]
pub(super) struct Permits {
    records: Vec<Record>,
    free: Vec<u32>,
}

impl Permits {
    /// Whether another can be issued.
    pub(super) fn has_room(&self) -> bool {
        !self.free.is_empty() || self.records.len() < PERMITS_MAX
    }

    /// A new permit; there must be room.
    pub(super) fn issue(&mut self, issue: &Issue) -> Permit {
        let origin = u8::try_from(issue.origin).unwrap_or(u8::MAX);
        let mut record = Record {
            state: State::Out,
            kind: issue.kind,
            body: issue.body,
            leaves: issue.leaves,
            origin,
            full: issue.full,
            calm: issue.calm,
            epoch: issue.epoch,
            issued_at: issue.at,
            deadline: issue.deadline,
            route: issue.route,
            took_us: None,
            announced: false,
            generation: 0,
        };
        let at = self.free.pop().unwrap_or_else(|| {
            self.records.push(Record { state: State::Free, ..record });
            u32::try_from(self.records.len() - 1).unwrap_or(u32::MAX)
        });
        let old = &mut self.records[at as usize];
        record.generation = old.generation.wrapping_add(1);
        *old = record;
        Permit { record: at, generation: record.generation, origin }
    }

    /// What is remembered of `permit`; none when it is not of this share.
    pub(super) fn record(&mut self, permit: &Permit) -> Option<&mut Record> {
        let record = self.records.get_mut(permit.record as usize)?;
        let is_its = record.generation == permit.generation && record.state != State::Free;
        is_its.then_some(record)
    }

    /// Has `permit`, of which nothing came, be one for another origin.
    pub(super) fn transfer(&mut self, permit: &mut Permit, to: usize, standing: Standing) {
        let origin = u8::try_from(to).unwrap_or(u8::MAX);
        let Some(record) = self.record(permit) else { return };
        let Standing { full, calm, epoch } = standing;
        *record = Record { origin, full, calm, epoch, ..*record };
        permit.origin = origin;
    }

    /// Takes `permit` back.
    #[expect(clippy::needless_pass_by_value, reason = "a permit is used up by giving it back")]
    pub(super) fn take_back(&mut self, permit: Permit) -> Option<Record> {
        let record = self.record(&permit)?;
        let taken = *record;
        record.state = State::Free;
        self.free.push(permit.record);
        Some(taken)
    }

    /// Permits that are out or hung. Walks all.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Record> {
        self.records.iter_mut().filter(|record| record.state != State::Free)
    }

    /// Whether any permit is out or hung.
    pub(super) fn is_empty(&self) -> bool {
        self.free.len() == self.records.len()
    }
}
