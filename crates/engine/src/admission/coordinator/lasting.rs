//! How many connections may stay open at once at one origin.
//!
//! An event loop carries thousands, so it begins high; an origin with fewer places refuses pages too
//! once they are taken. Then it falls below what is open: none of those is closed, and the places
//! that pages come by stay theirs. It rises again by one a second, whatever is open, and after half a
//! minute in which nothing was refused by a hundredth a second: whoever held it down is gone then.
//! Only connections that do not come about are a sign: what takes long, or fails, a client can ask for.
//! Bounds: [`MANY`] to [`MOST`] slots.

use crate::admission::sums::whole_slots;

/// Where it begins, and never more.
const MOST: f64 = 4_096.0;
/// Fewer than this take nobody's place.
const MANY: f64 = 64.0;
/// Of those that were open when the origin refused, so many may be.
const KEPT: f64 = 0.9;
/// So many connects a second that come to nothing are an origin that is full: one or two are chance.
const UNREACHED_MIN: u32 = 3;
/// One of those in so many answers is not an origin that is full.
const ANSWERS_PER_UNREACHED: u32 = 10;
/// Rounds of a second.
const SECOND: usize = 10;
/// Rounds in which it rises by one: a second.
const RISE: f64 = 0.1;
/// Part of it by which it rises in a round after a [`ROW`] without a refusal.
const RISES_AGAIN: f64 = 0.001;
/// Rounds in which falls are a row, of which the first counts: those that it closes itself when it
/// fails say nothing of its places.
const ROW: u32 = 300;

/// The limit of lasting connections of one origin.
#[derive(Debug, Clone, Copy)]
pub(super) struct LastingLimit {
    limit: f64,
    /// What was open when it last fell.
    full_at: f64,
    /// Rounds since the origin was last full.
    since_full: u32,
    /// What the rounds of the last second showed, unreached and answered.
    second: [(u32, u32); SECOND],
    rounds: usize,
}

/// What a round showed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    /// Connections that stay open.
    pub(super) open: u32,
    pub(super) answered: u32,
    /// Connects that were refused or came to nothing.
    pub(super) unreached: u32,
}

impl Default for LastingLimit {
    fn default() -> Self {
        let second = [(0, 0); SECOND];
        Self { limit: MOST, full_at: MOST, since_full: ROW, second, rounds: 0 }
    }
}

impl LastingLimit {
    pub(super) fn slots(&self) -> u32 {
        whole_slots(self.limit)
    }

    /// Moves the limit.
    pub(super) fn observe(&mut self, held: &Held) {
        self.second[self.rounds % SECOND] = (held.unreached, held.answered);
        self.rounds = self.rounds.wrapping_add(1);
        let open = f64::from(held.open);
        if held.unreached > 0 && self.is_full() && open >= MANY {
            // What it rose to since then is a limit of its own.
            if self.since_full >= ROW || self.limit > self.full_at {
                self.limit = (KEPT * open).clamp(MANY, self.limit);
                self.full_at = open;
            }
            self.since_full = 0;
            return;
        }
        let rise = if self.since_full >= ROW { RISES_AGAIN * self.limit } else { 0.0 };
        self.since_full = (self.since_full + 1).min(ROW);
        if held.unreached == 0 {
            self.limit = (self.limit + rise.max(RISE)).min(MOST);
        }
    }

    /// Whether it refused enough in the last second.
    fn is_full(&self) -> bool {
        let sum =
            |of: fn(&(u32, u32)) -> u32| self.second.iter().map(of).map(u64::from).sum::<u64>();
        let (unreached, answered) = (sum(|round| round.0), sum(|round| round.1));
        unreached >= u64::from(UNREACHED_MIN)
            && unreached * u64::from(ANSWERS_PER_UNREACHED) >= answered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WELL: Held = Held { open: 1_990, answered: 50, unreached: 0 };

    /// The same round over and over.
    fn pass(limit: &mut LastingLimit, rounds: u32, held: &Held) {
        (0..rounds).for_each(|_| limit.observe(held));
    }

    #[test]
    fn where_pages_are_refused_a_tenth_of_what_is_open_becomes_theirs() {
        let mut limit = LastingLimit::default();
        limit.observe(&WELL);
        assert_eq!(limit.slots(), 4_096);
        pass(&mut limit, 50, &Held { unreached: 60, ..WELL });
        assert_eq!(limit.slots(), 1_791);
    }

    #[test]
    fn it_rises_by_one_a_second_whatever_is_open_and_within_minutes_to_all_where_nothing_is_refused()
     {
        let mut limit = LastingLimit::default();
        pass(&mut limit, 10, &Held { unreached: 60, ..WELL });
        pass(&mut limit, 101, &WELL);
        assert_eq!(limit.slots(), 1_801, "more is open than may be");
        pass(&mut limit, 100, &Held { open: 10, ..WELL });
        assert_eq!(limit.slots(), 1_811);
        pass(&mut limit, 2 * 600, &WELL);
        assert_eq!(limit.slots(), 4_096);
    }

    #[test]
    fn sixty_five_sockets_that_are_held_for_good_shut_nobody_out_for_longer_than_eight_minutes() {
        let mut limit = LastingLimit::default();
        let held = Held { open: 65, answered: 0, unreached: 3 };
        limit.observe(&held);
        assert_eq!(limit.slots(), 64);
        pass(&mut limit, 100, &Held { unreached: 0, ..held });
        assert!(limit.slots() > 65, "{}", limit.slots());
        pass(&mut limit, 8 * 600, &Held { unreached: 0, ..held });
        assert_eq!(limit.slots(), 4_096);
    }

    #[test]
    fn what_it_rose_to_while_it_goes_on_to_be_refused_falls_again() {
        let mut limit = LastingLimit::default();
        let full = Held { unreached: 60, ..WELL };
        pass(&mut limit, 1, &full);
        // Refused in every tenth round: never half a minute without.
        for _ in 0..400 {
            pass(&mut limit, 9, &WELL);
            pass(&mut limit, 1, &full);
            assert!(limit.slots() <= 1_991, "{}", limit.slots());
        }
    }

    #[test]
    fn an_origin_that_fails_and_loses_them_one_by_one_has_as_many_again_when_it_is_back() {
        let mut limit = LastingLimit::default();
        for open in (100..3_000).rev() {
            limit.observe(&Held { open, answered: 0, unreached: 5 });
        }
        assert_eq!(limit.slots(), 2_699);
    }

    #[test]
    fn single_refusals_and_a_handful_of_sockets_are_no_full_origin() {
        let mut limit = LastingLimit::default();
        let quiet = Held { answered: 0, ..WELL };
        for _ in 0..10 {
            pass(&mut limit, 2, &Held { unreached: 1, ..quiet });
            pass(&mut limit, 10, &quiet);
        }
        pass(&mut limit, 1, &Held { open: 63, answered: 0, unreached: 40 });
        assert_eq!(limit.slots(), 4_096);
    }
}
