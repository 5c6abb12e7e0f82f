//! Requests whose body is still on its way while they hold a slot.
//!
//! Who sends a byte now and then holds a slot and asks for no work, so a few such senders could have every
//! slot of an origin.
//! Of those that nobody knows at most half may be held so while others find no slot, and a quarter is left at
//! any time; whoever is known is not refused for that.
//! Only brief requests count: what lasts and what is large has slots of its own.

use super::Share;
use super::origin::Origin;
use crate::admission::permits::Record;
use crate::admission::request::{Body, Class, Kind, Request};
use seawall_types::Moment;
use std::time::Duration;

/// Part of the slots that bodies of strangers may hold while others find none.
const CROWDED_PART: u32 = 2;
/// Part of the slots that they leave at any time, one at least.
const LEFT_PART: u32 = 4;
/// Part of the slots that bodies may hold of which next to nothing has come.
const EARLY_PART: u32 = 4;

/// How long somebody who found no slot tells that others are needed.
pub(super) const CROWDED_FOR: Duration = Duration::from_secs(2);

/// How many slots of one origin are held by requests whose body comes.
#[derive(Debug, Default)]
pub(super) struct Bodies {
    coming: u32,
}

impl Origin {
    /// A request sets out.
    pub(super) fn begin_body(&mut self, kind: Kind, body: Body) {
        self.bodies.coming += u32::from(kind == Kind::Brief && body == Body::Comes);
    }

    /// One is over, or of another kind from now on; told while it still is what it was.
    ///
    /// One whose slot hangs counts on: until its connection closes it takes a place all the same.
    pub(super) fn end_body(&mut self, record: &Record) {
        let one = u32::from(record.kind == Kind::Brief && record.body == Body::Comes);
        self.bodies.coming = self.bodies.coming.saturating_sub(one);
    }

    /// Whether another may hold a slot while its body comes; one may, however few there are.
    fn takes_coming(&self, crowd: Crowd) -> bool {
        let slots = self.slots(Kind::Brief);
        let most = match crowd {
            Crowd::None => slots.saturating_sub((slots / LEFT_PART).max(1)),
            Crowd::There => slots / CROWDED_PART,
        };
        self.bodies.coming < most.max(1)
    }
}

/// Whether others find no slot, or did just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Crowd {
    None,
    There,
}

impl Share {
    /// Whether a request may have a slot of that origin as far as its body goes.
    pub(super) fn takes_body(&self, now: Moment, origin: usize, request: &Request) -> bool {
        let crowd = if self.bodies_press(now) { Crowd::There } else { Crowd::None };
        let is_bound = request.body == Body::Comes && request.class > Class::Proven;
        !is_bound || request.kind != Kind::Brief || self.origins[origin].takes_coming(crowd)
    }

    /// Whether a slot can be spared for a request of whose body next to nothing has come: nobody waits, and
    /// less than a quarter are held so with it, none of fewer than five.
    pub fn spares_one(&self) -> bool {
        let with_it = self.bodies() + 1;
        self.waiting(Kind::Brief) == 0 && with_it * EARLY_PART < self.slots(Kind::Brief)
    }

    /// Requests at the origins whose body comes.
    pub(in crate::admission) fn bodies(&self) -> u32 {
        self.origins.iter().map(|origin| origin.bodies.coming).sum()
    }

    /// Whether others wait for the slots that bodies hold, or did just now.
    pub fn bodies_press(&self, now: Moment) -> bool {
        now < self.crowded_until
    }
}
