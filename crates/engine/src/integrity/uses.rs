//! Who administers a platform, how logins fare there, and which files are put on it.

use super::Look;
use seawall_types::evidence::Seen;
use seawall_types::{SourceKey, Upload, WatchedUse};
use std::collections::BTreeSet;

/// Places that are known to administer a platform; more are not learned.
pub const PLACES_MAX: usize = 4_096;
/// Uses that went through after which a place that was not seen before is a departure.
pub const LEARNT_AFTER: u64 = 20;
/// Failed logins in a minute below which nothing is odd.
pub const FAILURES_LEAST: u64 = 60;
/// Files taken in a minute below which nothing is odd.
pub const UPLOADS_LEAST: u64 = 60;
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
    failures: Minutes,
}

impl Login {
    pub(super) fn look(&mut self, used: &WatchedUse, in_incident: bool) -> Look {
        let (failures, most) =
            self.failures.add((used, FAILURES_LEAST), !used.went_through, in_incident);
        self.failures.said((failures, most), "failed logins")
    }
}

/// Files that were put on a platform, by minute.
#[derive(Debug, Default)]
pub(super) struct Uploads {
    taken: Minutes,
}

impl Uploads {
    pub(super) fn look(&mut self, used: (&WatchedUse, Upload), in_incident: bool) -> Look {
        let (used, upload) = used;
        let (taken, most) = self.taken.add((used, UPLOADS_LEAST), used.went_through, in_incident);
        match (upload, used.went_through) {
            (Upload::Program, true) => Look {
                seen: Seen::Departs,
                detail:
                    "a file was put under a name that servers run as a program, and the origin \
                         answered that it was made (measured)"
                        .to_owned(),
            },
            (Upload::Program, false) => Look {
                seen: Seen::AsBefore,
                detail: "a file under a name of a program was turned away by the origin".to_owned(),
            },
            (Upload::Plain, _) => self.taken.said((taken, most), "files taken"),
        }
    }
}

/// What happened in a minute, against the most of calm minutes.
#[derive(Debug, Default)]
struct Minutes {
    minute: u64,
    counted: u64,
    uses: u64,
    /// Most in one minute without an incident and without a departure.
    usual_most: u64,
}

impl Minutes {
    /// Takes a use; gives what this minute has of those that count, and the most that it may have.
    fn add(
        &mut self,
        (used, least): (&WatchedUse, u64),
        counts: bool,
        in_incident: bool,
    ) -> (u64, u64) {
        let minute = used.at.0 / MINUTE_NS;
        if minute != self.minute {
            let is_odd = self.counted > self.most(least);
            let is_learnt = self.uses >= LEARNT_AFTER;
            self.usual_most = match (in_incident, is_odd && is_learnt) {
                (true, _) => self.usual_most,
                (false, false) => self.usual_most.max(self.counted),
                // A new usual becomes one in time.
                (false, true) => self.usual_most + self.usual_most / 8 + 1,
            };
            (self.minute, self.counted) = (minute, 0);
        }
        self.uses += 1;
        self.counted += u64::from(counts);
        (self.counted, self.most(least))
    }

    fn said(&self, (counted, most): (u64, u64), what: &str) -> Look {
        if counted > most && self.uses >= LEARNT_AFTER {
            let detail = format!(
                "{counted} {what} in one minute, where at most {most} were to be expected (measured)"
            );
            return Look { seen: Seen::Departs, detail };
        }
        let detail = format!("at most {most} {what} in a minute are as before (measured)");
        let seen = if self.uses < LEARNT_AFTER { Seen::Learning } else { Seen::AsBefore };
        Look { seen, detail }
    }

    fn most(&self, least: u64) -> u64 {
        least.max(self.usual_most.saturating_mul(4))
    }
}
