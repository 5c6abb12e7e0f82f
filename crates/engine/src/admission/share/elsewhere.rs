//! A request that has its permit and goes to another origin than the one it was issued for.

use super::{Errand, Share};
use crate::admission::Permit;
use crate::admission::permits::{Standing, State};
use crate::admission::request::{Class, Ending, Kind, Outcome};
use seawall_types::Moment;

impl Share {
    /// Whether a request of `kind` could go to the origin at `origin` now.
    pub fn has_room_at(&self, now: Moment, kind: Kind, origin: usize) -> bool {
        self.permits.has_room()
            && self
                .origins
                .get(origin)
                .is_some_and(|origin| origin.has_room(now, kind, Class::Unknown))
    }

    /// Issues a permit for `origin`, if that has room, and gives `permit` back with what came of it.
    ///
    /// A second try is bounded like a first one, but it does not wait.
    /// A permit of which nothing came changes its origin and counts as one.
    ///
    /// # Errors
    /// The permit, when the other origin has no room.
    pub fn move_to(
        &mut self,
        now: Moment,
        (permit, outcome): (Permit, Outcome),
        origin: usize,
    ) -> Result<Permit, Permit> {
        let Some(record) = self.permits.record(&permit).map(|record| *record) else {
            return Err(permit);
        };
        // As it was before a head that told more: that one never came.
        let kind = if record.state == State::Out { record.kind } else { Kind::Brief };
        if !self.has_room_at(now, kind, origin) {
            return Err(permit);
        }
        if record.state == State::Out && outcome.ending == Ending::Left {
            return Ok(self.transfer(now, permit, origin));
        }
        let (route, index) = (record.route, self.routes.look(record.route));
        let base_us = self.routes.base_us(index);
        // What it leaves to others it has left already.
        let (class, body) = (Class::Unknown, record.body);
        let moved = self.issue(now, origin, Errand { kind, route, index, base_us, class, body });
        self.finished(now, permit, outcome);
        Ok(moved)
    }

    /// Has an unused permit be one for `to`.
    fn transfer(&mut self, now: Moment, mut permit: Permit, to: usize) -> Permit {
        let from = permit.origin();
        let Some(record) = self.permits.record(&permit).map(|record| *record) else {
            return permit;
        };
        let base_us = self.routes.base_us(self.routes.look(record.route));
        if let Some(origin) = self.origins.get_mut(from) {
            origin.end_sending(&record);
            origin.end_body(&record);
            origin.withdraw((record.kind, record.leaves), base_us);
        }
        let origin = &mut self.origins[to];
        origin.begin(now, (record.kind, record.leaves), base_us);
        origin.begin_body(record.kind, record.body);
        let standing = Standing {
            full: record.kind == Kind::Brief && origin.is_full(),
            calm: record.calm && origin.is_calm(),
            epoch: origin.epoch(),
        };
        self.permits.transfer(&mut permit, to, standing);
        self.pump(now, record.kind);
        permit
    }
}
