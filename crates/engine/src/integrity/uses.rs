//! Who administers a platform, and how logins fare there.

use super::Look;
use seawall_types::evidence::Seen;
use seawall_types::{SourceKey, WatchedUse};
use std::collections::BTreeSet;

/// Places that are known to administer a platform; more are not learned.
pub const PLACES_MAX: usize = 4_096;
/// Uses that went through after which a place that was not seen before is a departure.
pub const LEARNT_AFTER: u64 = 20;
/// Failed logins in a minute below which nothing is odd.
pub const FAILURES_LEAST: u64 = 60;
const MINUTE_NS: u64 = 60_000_000_000;

/// Places from which a platform is administered: prefixes of 24 and 48 bits.
#[derive(Debug, Default)]
pub(super) struct Admin {
    places: BTreeSet<u64>,
    uses: u64,
}

impl Admin {
    pub(super) fn look(&mut self, used: &WatchedUse, in_incident: bool) -> Look {
        if !used.went_through {
            let detail = "a use of an admin path was turned away by the origin".to_owned();
            return Look { seen: Seen::AsBefore, detail };
        }
        let place = place(used.source);
        let is_known = self.places.contains(&place);
        let is_learnt = self.uses >= LEARNT_AFTER;
        self.uses += 1;
        // What is used first during an incident is no habit.
        if !is_known && !in_incident && self.places.len() < PLACES_MAX {
            self.places.insert(place);
        }
        let known = self.places.len();
        match (is_learnt, is_known) {
            (false, _) => {
                let detail = format!("{} of {LEARNT_AFTER} uses seen so far (measured)", self.uses);
                Look { seen: Seen::Learning, detail }
            }
            (true, true) => {
                let detail = format!("used from {known} known places alone (measured)");
                Look { seen: Seen::AsBefore, detail }
            }
            (true, false) => Look {
                seen: Seen::Departs,
                detail: format!(
                    "an admin path was used with success from a place that was not seen in {} uses \
                     before (measured)",
                    self.uses - 1
                ),
            },
        }
    }
}

/// An IPv4 /24 or an IPv6 /48.
fn place(source: SourceKey) -> u64 {
    let network = source.network();
    if network.address().is_ipv4() { source.to_bits() >> 8 } else { source.to_bits() >> 16 }
}

/// Failed logins by minute.
#[derive(Debug, Default)]
pub(super) struct Login {
    minute: u64,
    failures: u64,
    uses: u64,
    /// Most failures in one minute without an incident and without a departure.
    usual_most: u64,
}

impl Login {
    pub(super) fn look(&mut self, used: &WatchedUse, in_incident: bool) -> Look {
        let minute = used.at.0 / MINUTE_NS;
        if minute != self.minute {
            let is_odd = self.failures > self.most();
            let is_learnt = self.uses >= LEARNT_AFTER;
            self.usual_most = match (in_incident, is_odd && is_learnt) {
                (true, _) => self.usual_most,
                (false, false) => self.usual_most.max(self.failures),
                // A new usual becomes one in time.
                (false, true) => self.usual_most + self.usual_most / 8 + 1,
            };
            (self.minute, self.failures) = (minute, 0);
        }
        self.uses += 1;
        self.failures += u64::from(!used.went_through);
        let (failures, most) = (self.failures, self.most());
        if failures > most && self.uses >= LEARNT_AFTER {
            let detail = format!(
                "{failures} failed logins in one minute, where at most {most} were to be expected \
                 (measured)"
            );
            return Look { seen: Seen::Departs, detail };
        }
        let detail = format!("at most {most} failed logins in a minute are as before (measured)");
        let seen = if self.uses < LEARNT_AFTER { Seen::Learning } else { Seen::AsBefore };
        Look { seen, detail }
    }

    fn most(&self) -> u64 {
        FAILURES_LEAST.max(self.usual_most.saturating_mul(4))
    }
}
