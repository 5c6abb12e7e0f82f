//! How much work the origin does in a second when it has as much as it can do.
//!
//! Takes the work that came back in each round; gives what is known to be carried.
//! A limit counts requests, and where nobody ever waited it is far above what works at once, so it
//! tells nothing of how much too much is asked. Work is measured while the origin is late and more
//! wait for it; before the first such time nothing is known, and nothing is said.
//! Bounds: one second of rounds.

/// Rounds of a second.
const SPAN: usize = 10;
/// Rounds in a row that must be pressed before anything is concluded: what came back in the first of
/// them may have been sent in calm.
const PRESSED_FEW: usize = 3;
/// Part of the way that what is known goes in a pressed round.
const STEP: f64 = 0.2;
/// Rounds without pressure after which it may be more again, as while a measure keeps load off: 10 s.
const CALM_LONG: u32 = 100;
/// What is known rises by so much in each round from then on: it doubles in 7 s.
const GROWS: f64 = 1.01;
/// More than any limit: nothing is known any more.
const MOST: f64 = 8_192.0;
/// Nobody carries less: a request of a second, at ten seconds each.
const LEAST: f64 = 0.1;

/// Work over time, in requests that are worked on at once.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Work {
    done: [f64; SPAN],
    at: usize,
    /// Rounds in a row that were pressed.
    pressed: usize,
    /// Rounds since one was.
    calm: u32,
    known: Option<f64>,
}

/// How a round was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RoundWas {
    /// The origin had all that it could do, and more waited.
    Pressed,
    /// Answers were in time.
    InTime,
    /// Neither can be told.
    Unclear,
}

impl Work {
    /// What is known to be carried; none before the origin was once full.
    pub(super) fn known(&self) -> Option<f64> {
        self.known.map(|known| known.max(LEAST))
    }

    /// So much work came back in a round, over its length.
    pub(super) fn observe(&mut self, done: f64, was: RoundWas) {
        self.at = (self.at + 1) % SPAN;
        self.done[self.at] = done;
        match was {
            RoundWas::Pressed => {
                (self.pressed, self.calm) = (self.pressed + 1, 0);
                let span = self.pressed.min(SPAN);
                // Where nothing comes back the origin is not full but gone, if only for a moment.
                if self.pressed >= PRESSED_FEW && done > 0.0 {
                    let seen = self.mean(span);
                    self.known =
                        Some(self.known.map_or(seen, |known| known + (seen - known) * STEP));
                }
            }
            RoundWas::InTime => {
                (self.pressed, self.calm) = (0, self.calm.saturating_add(1));
                let seen = self.mean(SPAN);
                let grows = if self.calm > CALM_LONG { GROWS } else { 1.0 };
                let known = self.known.map(|known| (known * grows).max(seen));
                self.known = known.filter(|known| *known < MOST);
            }
            RoundWas::Unclear => self.pressed = 0,
        }
    }

    /// Mean of the last rounds.
    #[expect(clippy::cast_precision_loss, reason = "at most ten")]
    fn mean(&self, rounds: usize) -> f64 {
        let last = (0..rounds).map(|back| self.done[(self.at + SPAN - back) % SPAN]);
        last.sum::<f64>() / rounds.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(work: &mut Work, rounds: usize, (done, was): (f64, RoundWas)) {
        (0..rounds).for_each(|_| work.observe(done, was));
    }

    #[test]
    fn what_is_carried_is_known_once_the_origin_was_full_and_follows_it_from_then_on() {
        let mut work = Work::default();
        seen(&mut work, 100, (1.0, RoundWas::InTime));
        assert_eq!(work.known(), None, "it may carry far more");
        seen(&mut work, 2, (4.0, RoundWas::Pressed));
        assert_eq!(work.known(), None);
        seen(&mut work, 1, (4.0, RoundWas::Pressed));
        assert_eq!(work.known(), Some(4.0));
        seen(&mut work, 100, (1.0, RoundWas::InTime));
        assert_eq!(work.known(), Some(4.0), "less was asked");
        seen(&mut work, 70, (1.0, RoundWas::InTime));
        assert!(work.known().is_some_and(|known| known > 7.9), "it may carry more again");
        seen(&mut work, 30, (2.0, RoundWas::Pressed));
        assert!(work.known().is_some_and(|known| (2.0..2.1).contains(&known)), "it became slower");
        seen(&mut work, 10, (6.0, RoundWas::InTime));
        assert_eq!(work.known(), Some(6.0), "as much was done in time");
    }

    #[test]
    fn a_pause_of_the_origin_does_not_tell_that_it_carries_less() {
        let mut work = Work::default();
        seen(&mut work, 30, (20.0, RoundWas::Pressed));
        seen(&mut work, 9, (0.0, RoundWas::Pressed));
        assert_eq!(work.known(), Some(20.0));
    }

    #[test]
    fn an_origin_that_gives_nothing_back_tells_nothing_of_what_it_carries() {
        let mut work = Work::default();
        seen(&mut work, 100, (0.0, RoundWas::Pressed));
        assert_eq!(work.known(), None);
        seen(&mut work, 3, (0.01, RoundWas::Pressed));
        assert!(work.known().is_some_and(|known| known >= LEAST));
    }
}
