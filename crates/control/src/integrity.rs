//! What was watched and departed from what was before, since start: a flood must not bury it.
//!
//! Takes looks as the evidence is told of them; gives a list, counts by kind and live events.
//! Never judges who did it, and forgets nothing that departs still while there is room.
//! Bounds: [`DEPARTURES_MAX`] on the list, room for all that can stand at once; beyond it the one
//! that was seen longest ago goes, and the counts still hold it.

use crate::api::{Departure, IntegrityChange, IntegrityEvent};
use seawall_types::evidence::{Aspect, IntegrityLook, Seen};
use seawall_types::wall::rfc3339;
use seawall_types::{Moment, PLATFORMS_MAX, WallTime};
use std::collections::BTreeMap;

/// Departures on the list: every kind of every platform, so that what stands pushes out nothing
/// that stands.
pub(crate) const DEPARTURES_MAX: usize = PLATFORMS_MAX * Aspect::ALL.len();

/// Of which platform, if of one, and at what.
type What = (Option<String>, Aspect);

/// What departed since start.
#[derive(Debug, Default)]
pub(crate) struct Departures {
    listed: BTreeMap<What, Departed>,
    counts: [u64; Aspect::ALL.len()],
}

#[derive(Debug, Clone)]
struct Departed {
    first: WallTime,
    last: WallTime,
    /// Sets the list in order, since a wall clock may be stepped.
    last_moment: Moment,
    times: u64,
    stands: bool,
    detail: String,
}

impl Departures {
    /// Takes a look; gives what readers are told when it changes what stands.
    pub(crate) fn note(&mut self, look: &IntegrityLook) -> Option<IntegrityEvent> {
        let what = (look.platform.clone(), look.aspect);
        match look.seen {
            Seen::Departs => self.departs(&what, look),
            // What could not be looked at, or was compared with nothing, may depart still.
            Seen::Failed | Seen::Learning => None,
            Seen::AsBefore => {
                let departed = self.listed.get_mut(&what).filter(|departed| departed.stands)?;
                departed.stands = false;
                let departure = told(&what, departed);
                Some(IntegrityEvent { event: IntegrityChange::Returned, departure })
            }
        }
    }

    fn departs(&mut self, what: &What, look: &IntegrityLook) -> Option<IntegrityEvent> {
        let until = look.until;
        if !self.listed.contains_key(what) && self.listed.len() >= DEPARTURES_MAX {
            self.forget_one();
        }
        let departed = self.listed.entry(what.clone()).or_insert_with(|| Departed {
            first: until.wall,
            last: until.wall,
            last_moment: until.moment,
            times: 0,
            stands: false,
            detail: String::new(),
        });
        departed.last = until.wall;
        departed.last_moment = until.moment;
        departed.detail.clone_from(&look.detail);
        if std::mem::replace(&mut departed.stands, true) {
            return None;
        }
        departed.times += 1;
        let departure = told(what, departed);
        if let Some(kind) = Aspect::ALL.iter().position(|aspect| *aspect == what.1) {
            self.counts[kind] += 1;
        }
        Some(IntegrityEvent { event: IntegrityChange::Departed, departure })
    }

    /// What is over goes before what stands.
    fn forget_one(&mut self) {
        let oldest = self.listed.iter().min_by_key(|(_, one)| (one.stands, one.last_moment));
        if let Some(what) = oldest.map(|(what, _)| what.clone()) {
            self.listed.remove(&what);
        }
    }

    /// What departed, the shield itself first, then by platform.
    pub(crate) fn all(&self) -> Vec<Departure> {
        self.listed.iter().map(|(what, departed)| told(what, departed)).collect()
    }

    /// How often each kind departed since start.
    pub(crate) fn counts(&self) -> [(Aspect, u64); Aspect::ALL.len()] {
        let mut counts = Aspect::ALL.map(|aspect| (aspect, 0));
        for (told, count) in counts.iter_mut().zip(self.counts) {
            told.1 = count;
        }
        counts
    }
}

fn told((platform, aspect): &What, departed: &Departed) -> Departure {
    Departure {
        platform: platform.clone(),
        aspect: aspect.word().to_owned(),
        first_at: rfc3339(departed.first),
        last_at: rfc3339(departed.last),
        times: departed.times,
        stands: departed.stands,
        detail: departed.detail.clone(),
    }
}

#[cfg(test)]
pub(crate) mod tests;
