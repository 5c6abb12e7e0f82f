//! How many known-good visitors a platform's measures may touch, all together.
//!
//! Takes the certified bound of each measure; says whether one more, or one that is stricter, fits.
//! Pure numbers; bounds: none of its own.

use crate::detect::Footing;
use seawall_types::Rung;

/// Shares of known-good visitors that all measures at a rung or a stricter one may touch together.
const BUDGETS: [(Rung, f64); 3] =
    [(Rung::Challenge, 0.01), (Rung::Refuse, 0.002), (Rung::Drop, 0.001)];

/// What all that challenge may touch together until enough visitors have proven something: so few visitors
/// bound two descriptions that touch none of them no better. It is what the detector describes with
/// on such a day; each must fit its own budget, and who is known to be good passes a challenge.
const FIRST_DAY: f64 = 0.025;

/// The share of known-good visitors that measures at a rung may touch; none where nothing is bounded.
pub fn budget(rung: Rung) -> Option<f64> {
    BUDGETS.iter().find(|(own, _)| *own == rung).map(|(_, share)| *share)
}

/// Whether a measure with this bound may be brought to a rung beside `others`.
pub fn fits((rung, bound): (Rung, f64), (others, footing): (&[(Rung, f64)], Footing)) -> bool {
    BUDGETS.iter().filter(|(level, _)| *level <= rung).all(|(level, budget)| {
        let spent = others.iter().filter(|(rung, _)| rung >= level).map(|(_, bound)| bound);
        let together = match (level, footing) {
            (Rung::Challenge, Footing::Calm | Footing::Nobody) => FIRST_DAY,
            _ => *budget,
        };
        bound <= *budget && spent.sum::<f64>() + bound <= together
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budgets_are_summed_over_a_platform() {
        let others = [(Rung::Challenge, 0.004), (Rung::Refuse, 0.0015), (Rung::Lane, 0.9)];
        let fits = |rung, bound| fits((rung, bound), (&others, Footing::Proven));
        assert!(fits(Rung::Challenge, 0.0045) && !fits(Rung::Challenge, 0.0046));
        assert!(fits(Rung::Refuse, 0.0005) && !fits(Rung::Refuse, 0.0006));
        assert!(fits(Rung::Lane, 1.0), "who is served last is not harmed by the count");
    }

    #[test]
    fn what_is_dropped_must_fit_every_budget() {
        let fits = |one, others: &[_]| fits(one, (others, Footing::Proven));
        assert!(fits((Rung::Drop, 0.001), &[]));
        assert!(!fits((Rung::Drop, 0.0011), &[]));
        assert!(!fits((Rung::Drop, 0.0006), &[(Rung::Refuse, 0.0015)]));
    }

    #[test]
    fn on_the_first_day_more_may_be_challenged_together_and_no_more_refused() {
        let others = [(Rung::Challenge, 0.007), (Rung::Challenge, 0.009)];
        let fits = |rung, bound, footing| fits((rung, bound), (&others, footing));
        assert!(!fits(Rung::Challenge, 0.007, Footing::Proven));
        assert!(fits(Rung::Challenge, 0.007, Footing::Calm));
        assert!(!fits(Rung::Challenge, 0.0095, Footing::Calm), "together");
        assert!(!fits(Rung::Challenge, 0.011, Footing::Calm), "alone");
        assert!(!fits(Rung::Refuse, 0.0021, Footing::Calm));
    }
}
