//! What becomes of requests of those in lanes, before a flood and during it.

use crate::cast::{Party, flood_of};
use seawall_sim::Span;
use seawall_sim::request::Fate;
use seawall_sim::scenario::Scenario;
use seawall_sim::score::Latencies;
use seawall_sim::world::{Witness, Witnessed};

/// Requests of one party.
#[derive(Default)]
pub(crate) struct Served {
    /// Requests sent while there was a flood.
    pub(crate) asked: u64,
    /// Those of them that were served.
    pub(crate) served: u64,
    /// How long those took that were served before it, and during it.
    pub(crate) calm: Latencies,
    pub(crate) flooded: Latencies,
}

impl Served {
    pub(crate) fn add(&mut self, other: &Self) {
        self.asked += other.asked;
        self.served += other.served;
        self.calm.merge(&other.calm);
        self.flooded.merge(&other.flooded);
    }
}

/// Looks on in one run.
pub(crate) struct Watching {
    flood: Span,
    learn: f64,
    /// By group.
    groups: Vec<Option<Party>>,
    pub(crate) parties: [Served; Party::COUNT],
}

/// Seconds until a world is as it always is.
const SETTLED_S: f64 = 10.0;

impl Watching {
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let flood = flood_of(scenario).unwrap_or(Span { from: 0.0, until: 0.0 });
        Self {
            flood,
            learn: flood.from.min(SETTLED_S),
            groups: scenario.groups.iter().map(Party::of).collect(),
            parties: Default::default(),
        }
    }
}

impl Witness for Watching {
    fn ended(&mut self, ended: &Witnessed) {
        let group = usize::from(ended.request.sender.group);
        let Some(party) = self.groups.get(group).copied().flatten() else { return };
        let party = &mut self.parties[party as usize];
        let at = ended.sent_at.as_secs_f64();
        let is_served = ended.fate == Fate::Served;
        if (self.flood.from..self.flood.until).contains(&at) {
            party.asked += 1;
            party.served += u64::from(is_served);
            if is_served {
                party.flooded.add(ended.took);
            }
        } else if (self.learn..self.flood.from).contains(&at) && is_served {
            party.calm.add(ended.took);
        }
    }
}
