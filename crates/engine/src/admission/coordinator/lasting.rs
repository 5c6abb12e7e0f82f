//! How many connections may stay open at once at one origin.
//!
//! An event loop carries thousands, so it begins high; an origin with fewer places refuses pages too
//! once they are taken. Then it falls below what is open: none of those is closed, and the places
//! that pages come by stay theirs. It rises again by one a second.
//! Bounds: [`MANY`] to [`MOST`] slots.

use crate::admission::sums::whole_slots;

/// Where it begins, and never more.
const MOST: f64 = 4_096.0;
/// Fewer than this take nobody's place.
const MANY: f64 = 64.0;
/// Of those that were open when the origin refused, so many may be.
const KEPT: f64 = 0.9;
/// One fault in so many answers is not an origin that is full.
const ANSWERS_PER_FAULT: u32 = 10;
/// Rounds in which it rises by one: a second.
const RISE: f64 = 0.1;
/// Rounds in which falls are a row, of which the first counts: those that it closes itself when it
/// fails say nothing of its places.
const ROW: u32 = 300;

/// The limit of lasting connections of one origin.
#[derive(Debug, Clone, Copy)]
pub(super) struct LastingLimit {
    limit: f64,
    /// Rounds since the last fault that counts.
    since_fault: u32,
}

/// What a round showed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    /// Connections that stay open.
    pub(super) open: u32,
    pub(super) answered: u32,
    /// Not answered: refused, or lost.
    pub(super) faulted: u32,
}

impl Default for LastingLimit {
    fn default() -> Self {
        Self { limit: MOST, since_fault: ROW }
    }
}

impl LastingLimit {
    pub(super) fn slots(&self) -> u32 {
        whole_slots(self.limit)
    }

    /// Moves the limit.
    pub(super) fn observe(&mut self, held: &Held) {
        let open = f64::from(held.open);
        let is_full = held.faulted > 0
            && u64::from(held.faulted) * u64::from(ANSWERS_PER_FAULT) >= u64::from(held.answered);
        if is_full {
            if self.since_fault >= ROW && open >= MANY {
                self.limit = (KEPT * open).clamp(MANY, self.limit);
            }
            self.since_fault = if open >= MANY { 0 } else { self.since_fault };
            return;
        }
        self.since_fault = (self.since_fault + 1).min(ROW);
        if open + 1.0 >= self.limit && open <= self.limit {
            self.limit = (self.limit + RISE).min(MOST);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WELL: Held = Held { open: 1_990, answered: 50, faulted: 0 };

    #[test]
    fn where_pages_are_refused_a_tenth_of_what_is_open_becomes_theirs() {
        let mut limit = LastingLimit::default();
        limit.observe(&WELL);
        assert_eq!(limit.slots(), 4_096);
        let full = Held { faulted: 30, ..WELL };
        (0..50).for_each(|_| limit.observe(&full));
        assert_eq!(limit.slots(), 1_791);
        (0..50).for_each(|_| limit.observe(&WELL));
        assert_eq!(limit.slots(), 1_791, "more is open than may be");
    }

    #[test]
    fn it_rises_by_one_a_second_where_it_is_used_up() {
        let mut limit = LastingLimit::default();
        limit.observe(&Held { faulted: 30, ..WELL });
        (0..101).for_each(|_| limit.observe(&Held { open: limit.slots(), ..WELL }));
        assert_eq!(limit.slots(), 1_801);
        (0..100).for_each(|_| limit.observe(&Held { open: 10, ..WELL }));
        assert_eq!(limit.slots(), 1_801);
    }

    #[test]
    fn an_origin_that_fails_and_loses_them_one_by_one_has_as_many_again_when_it_is_back() {
        let mut limit = LastingLimit::default();
        for open in (100..3_000).rev() {
            limit.observe(&Held { open, answered: 0, faulted: 5 });
        }
        assert_eq!(limit.slots(), 2_699);
    }

    #[test]
    fn single_faults_and_a_handful_of_sockets_are_no_full_origin() {
        let mut limit = LastingLimit::default();
        limit.observe(&Held { faulted: 1, ..WELL });
        limit.observe(&Held { open: 63, answered: 0, faulted: 40 });
        assert_eq!(limit.slots(), 4_096);
    }
}
