//! When slots of an origin are held far longer than is usual there.
//!
//! Takes how long answers held their slots, and how many slots are held for long now; tells whether
//! the last one is to be kept from strangers, since those who hold the others leave nobody any.
//! Usual is what nine of ten answers stay under, learned from answers: it follows an origin that takes
//! long for everything within some forty of them, and a few slow ones among many move nothing.
//! Never reads a clock.

/// A slot is not held for long before this, however short the answers are.
const LONG_US: f32 = 250_000.0;
/// Nor before so many times what is usual.
const LONG_TIMES: f32 = 8.0;
/// How far one answer above moves what is usual up; one below moves it down by a ninth of that.
const STEP: f32 = 0.125;

/// How one slot is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    AsUsual,
    /// Far longer than is usual at its origin, and its route is known to take long.
    Long,
    /// Far longer than its route is known to take, too.
    Strangely,
}

/// How slots of one origin are held.
#[derive(Debug, Default)]
pub(super) struct Holds {
    /// What nine of ten answers stay under, in microseconds; none before the first.
    usual_us: Option<f32>,
    keeps_one: bool,
}

impl Holds {
    /// An answer held its slot for so long.
    pub(super) fn learn(&mut self, held_us: u32) {
        let held_us = float(held_us.max(1));
        let usual_us = self.usual_us.get_or_insert(held_us);
        let step = STEP * *usual_us;
        *usual_us = if held_us > *usual_us {
            (*usual_us + step).min(held_us)
        } else {
            (*usual_us - step / 9.0).max(held_us)
        };
    }

    /// How a slot is held whose request takes `base_us` where nothing waits.
    pub(super) fn judge(&self, held_us: u32, base_us: u32) -> Held {
        let held_us = float(held_us);
        let due_us = self.usual_us.map(|usual_us| LONG_US.max(LONG_TIMES * usual_us));
        match due_us {
            Some(due_us) if held_us > due_us.max(LONG_TIMES * float(base_us)) => Held::Strangely,
            Some(due_us) if held_us > due_us => Held::Long,
            _ => Held::AsUsual,
        }
    }

    /// Of `slots` so many are held for long, those held strangely among them: one is kept where what is
    /// held strangely leaves two at most, or what is held for long leaves one.
    ///
    /// Of two one must be held, and the only one is never kept.
    pub(super) fn look(&mut self, (long, strangely): (u32, u32), slots: u32) {
        let is_held = strangely > 0 && strangely + 2 >= slots;
        self.keeps_one = slots > 1 && (is_held || (long > 0 && long + 1 >= slots));
    }

    /// Whether the last free slot is kept.
    pub(super) fn keeps_one(&self) -> bool {
        self.keeps_one
    }
}

#[expect(clippy::cast_precision_loss, reason = "a comparison needs no more than 24 bits")]
fn float(us: u32) -> f32 {
    us as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(answers: u32, us: u32) -> Holds {
        let mut holds = Holds::default();
        (0..answers).for_each(|_| holds.learn(us));
        holds
    }

    #[test]
    fn long_is_a_quarter_of_a_second_and_eight_times_what_is_usual_at_its_origin_and_of_its_route()
    {
        assert_eq!(Holds::default().judge(60_000_000, 1), Held::AsUsual, "nothing is known yet");
        let quick = after(100, 5_000);
        assert_eq!(quick.judge(250_000, 5_000), Held::AsUsual);
        assert_eq!(quick.judge(250_001, 5_000), Held::Strangely);
        assert_eq!(quick.judge(7_900_000, 1_000_000), Held::Long);
        assert_eq!(quick.judge(8_100_000, 1_000_000), Held::Strangely);
        let slow = after(100, 3_000_000);
        assert_eq!(slow.judge(23_999_000, 5_000), Held::AsUsual);
        assert_eq!(slow.judge(24_000_100, 5_000), Held::Strangely);
    }

    #[test]
    fn an_origin_that_takes_long_for_everything_is_learned_and_one_in_twelve_moves_little() {
        let mut holds = after(100, 10_000);
        (0..60).for_each(|_| holds.learn(3_000_000));
        assert_eq!(holds.judge(20_000_000, 10_000), Held::AsUsual);
        let mut holds = after(100, 10_000);
        (0..1_000).for_each(|at| holds.learn(if at % 12 == 0 { 3_000_000 } else { 10_000 }));
        assert_eq!(holds.judge(1_000_000, 10_000), Held::Strangely);
    }

    #[test]
    fn one_is_kept_where_what_is_held_leaves_two_or_one_and_never_the_only_one() {
        let keeps = |held, slots| {
            let mut holds = Holds::default();
            holds.look(held, slots);
            holds.keeps_one()
        };
        assert!(keeps((1, 1), 2) && keeps((1, 1), 3) && keeps((3, 3), 5) && keeps((9, 9), 3));
        assert!(keeps((2, 0), 3) && keeps((1, 0), 2));
        assert!(!keeps((0, 0), 2) && !keeps((0, 0), 1) && !keeps((1, 1), 1));
        assert!(!keeps((1, 0), 3) && !keeps((2, 2), 5) && !keeps((3, 2), 5));
    }
}
