//! What shares and the coordinator tell each other: sums one way, slots the other.
//!
//! Sums are of [`super::ROUND`]s; a report that is lost costs a round of learning, nothing else.

use super::{Kind, ORIGINS_MAX};
use seawall_types::Moment;

/// What one share saw of one origin since its last report.
///
/// Only answers to permits of the epoch in force are in it: after a fall of the limit nothing of
/// what was sent before is learned from.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct OriginSums {
    /// All that was answered below 500.
    pub answers: Answers,
    /// Those among them that took the last free slot when they were sent.
    pub full: Answers,
    /// Answered 5xx.
    pub failed: u32,
    /// Not answered.
    pub faulted: u32,
    /// Those among them that did not reach it.
    pub unreached: u32,
    /// Anything that came back, of any epoch.
    pub returned: u32,
    /// What was answered of it would have taken with nothing waiting, in microseconds.
    pub done_us: u64,
    /// Epoch of the grant in force.
    pub epoch: u32,
    /// Slots in force, by [`Kind`].
    pub slots: [u32; Kind::COUNT],
    /// Permits out, by [`Kind`].
    pub in_flight: [u32; Kind::COUNT],
    /// Most permits of [`Kind::Brief`] that were out at once.
    pub in_flight_max: u32,
    /// Slots whose deadline passed, whose connection is still open, and that count.
    pub hung: u32,
    /// Bytes of answers, of brief and of bulk: of those when they are announced, else at the end.
    pub bytes: [u64; 2],
    /// Brief answers that were sent whole.
    pub sent: u32,
    /// Time of those from head to end in which their readers waited, in microseconds.
    pub sent_us: u64,
}

/// Sums over answers.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Answers {
    /// How many.
    pub count: u32,
    /// Time at the origin, in microseconds.
    pub took_us: u64,
    /// What they would have taken with nothing waiting.
    pub base_us: u64,
    /// Sums of took squared, took times base and base squared, for how far the mean can be trusted.
    pub squares: [f64; 3],
}

impl Answers {
    /// Adds one answer.
    pub fn add(&mut self, took_us: u32, base_us: u32) {
        self.count += 1;
        self.took_us += u64::from(took_us);
        self.base_us += u64::from(base_us.max(1));
        let (took, base) = (f64::from(took_us), f64::from(base_us.max(1)));
        for (square, more) in self.squares.iter_mut().zip([took * took, took * base, base * base]) {
            *square += more;
        }
    }

    /// Adds the sums of others.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.took_us += other.took_us;
        self.base_us += other.base_us;
        for (square, more) in self.squares.iter_mut().zip(other.squares) {
            *square += more;
        }
    }
}

impl OriginSums {
    /// Adds what the others counted; what they measured now is not summed.
    pub(super) fn add_counts(&mut self, other: &Self) {
        self.answers.merge(&other.answers);
        self.full.merge(&other.full);
        self.failed += other.failed;
        self.faulted += other.faulted;
        self.unreached += other.unreached;
        self.returned += other.returned;
        self.done_us = self.done_us.saturating_add(other.done_us);
        self.in_flight_max = self.in_flight_max.saturating_add(other.in_flight_max);
        self.sent = self.sent.saturating_add(other.sent);
        self.sent_us = self.sent_us.saturating_add(other.sent_us);
        for (bytes, more) in self.bytes.iter_mut().zip(other.bytes) {
            *bytes = bytes.saturating_add(more);
        }
    }

    /// Leaves what says nothing of a limit.
    pub(super) fn forget_answers(&mut self) {
        let Self { returned, done_us, bytes, sent, sent_us, .. } = *self;
        *self = Self { returned, done_us, bytes, sent, sent_us, ..self.gauges() };
    }

    /// What is measured, without what was counted.
    pub(super) fn gauges(&self) -> Self {
        let Self { epoch, slots, in_flight, hung, .. } = *self;
        Self { epoch, slots, in_flight, hung, ..Self::default() }
    }
}

/// What one share saw since its last report.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// When it was cut.
    pub at: Moment,
    /// The last grant that it has taken over.
    pub generation: u64,
    /// By origin of the platform.
    pub origins: Vec<OriginSums>,
    /// Requests that wait, by [`Kind`].
    pub waiting: [u32; Kind::COUNT],
    /// Base time of all that was offered, in microseconds.
    pub offered_us: u64,
    /// Base time of what was let through of it, in microseconds.
    pub admitted_us: u64,
    /// Requests held.
    pub held: u32,
    /// Requests admitted, those that waited included.
    pub admitted: u32,
    /// Longest wait of one that was admitted, in microseconds.
    pub waited_max_us: u32,
}

/// What one share may use from now on.
#[derive(Debug, Clone, PartialEq)]
pub struct Grant {
    /// Rises with each grant.
    pub generation: u64,
    /// By origin of the platform.
    pub origins: Vec<OriginGrant>,
    /// What was offered over what the origins can carry.
    pub pressure: f64,
}

/// Slots at one origin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OriginGrant {
    /// By [`Kind`].
    pub slots: [u32; Kind::COUNT],
    /// Rises when the limit falls: what was sent before says nothing of the limit in force.
    pub epoch: u32,
    /// Latency over base of late, at least 1.
    pub ratio: f32,
    /// Work that may be sent a second, in microseconds; none when slots alone are the bound.
    pub pace_us: Option<u64>,
    /// Brief requests that take no slot while their answers are being sent: the line makes them last.
    pub sending_free: u32,
}

/// Origins that a request may go to, as a set of positions in its platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OriginSet(u64);

const _: () = assert!(ORIGINS_MAX <= 64, "an OriginSet has 64 bits");

impl OriginSet {
    /// Every origin.
    pub const ALL: Self = Self(u64::MAX);
    /// None.
    pub const EMPTY: Self = Self(0);

    /// This set and `origin`.
    #[must_use]
    pub fn with(self, origin: usize) -> Self {
        Self(self.0 | 1 << (origin % ORIGINS_MAX))
    }

    /// This set but for `origin`.
    #[must_use]
    pub fn without(self, origin: usize) -> Self {
        Self(self.0 & !(1 << (origin % ORIGINS_MAX)))
    }

    /// Whether `origin` is in it.
    pub fn has(self, origin: usize) -> bool {
        self.0 & 1 << (origin % ORIGINS_MAX) != 0
    }
}

/// A number as a whole, rounded down; negative ones and what is no number are 0.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast of a float saturates, and of what is no number gives 0"
)]
pub(crate) fn whole(number: f64) -> u64 {
    number as u64
}

/// The same for slots.
pub(crate) fn whole_slots(number: f64) -> u32 {
    u32::try_from(whole(number)).unwrap_or(u32::MAX)
}
