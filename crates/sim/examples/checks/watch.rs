//! What becomes of those who mean well, by how they pass a check.

use seawall_sim::Span;
use seawall_sim::group::{Passing, Role};
use seawall_sim::request::{Fate, Sender};
use seawall_sim::world::{Witness, Witnessed};
use seawall_types::Verdict;
use std::collections::BTreeSet;

/// How somebody who means well passes a check.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Solves,
    Waits,
    Leaves,
    Program,
}

impl Kind {
    pub(crate) const COUNT: usize = 4;
    pub(crate) const ALL: [Self; Self::COUNT] =
        [Self::Solves, Self::Waits, Self::Leaves, Self::Program];

    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Solves => "people who solve",
            Self::Waits => "people without scripts",
            Self::Leaves => "people who leave",
            Self::Program => "programs",
        }
    }

    fn of(ended: &Witnessed) -> Option<Self> {
        match (ended.role, ended.passes) {
            (Role::Flood, _) => None,
            (Role::Program, _) => Some(Self::Program),
            (Role::Person, Passing::Solves(_)) => Some(Self::Solves),
            (Role::Person, Passing::Waits) => Some(Self::Waits),
            (Role::Person, Passing::Never) => Some(Self::Leaves),
        }
    }
}

/// Requests of one kind.
#[derive(Default)]
pub(crate) struct Of {
    /// Asked for the first time.
    pub(crate) asked: u64,
    /// Served, asking again included.
    pub(crate) served: u64,
    /// Those that asked who were shown a check at least once.
    pub(crate) challenged: u64,
    challenged_ones: BTreeSet<Sender>,
}

impl Of {
    pub(crate) fn add(&mut self, run: &Self) {
        self.asked += run.asked;
        self.served += run.served;
        self.challenged += u64::try_from(run.challenged_ones.len()).unwrap_or(u64::MAX);
    }

    /// What was never served, in percent.
    pub(crate) fn harm(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "requests of some minutes")]
        let [asked, served] = [self.asked as f64, self.served as f64];
        100.0 * (1.0 - served / asked.max(1.0)).max(0.0)
    }
}

/// Looks on in one run.
pub(crate) struct Watching {
    event: Option<Span>,
    pub(crate) kinds: [Of; Kind::COUNT],
}

impl Watching {
    pub(crate) fn new(event: Option<Span>) -> Self {
        Self { event, kinds: Default::default() }
    }
}

impl Witness for Watching {
    fn ended(&mut self, ended: &Witnessed) {
        let Some(kind) = Kind::of(ended) else { return };
        let at = ended.first_at.as_secs_f64();
        if self.event.is_some_and(|event| !(event.from..event.until).contains(&at)) {
            return;
        }
        let of = &mut self.kinds[kind as usize];
        of.asked += u64::from(ended.first_at == ended.sent_at);
        of.served += u64::from(ended.fate == Fate::Served);
        if ended.fate == Fate::Stopped(Verdict::Challenge) {
            of.challenged_ones.insert(ended.request.sender);
        }
    }
}
