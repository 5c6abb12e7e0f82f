//! Whether simulator and reality say the same of a defence.
//!
//! Takes figures of both; gives their differences and whether they lie in the bounds: 20 % of the
//! simulator's figure, or 3 points (3 s for seconds), whichever is more.
//! Defences are in the same order by harm when no two that the simulator tells apart by more than 3
//! points stand the other way round in reality.

use seawall_sim::score::{Figure, Summary, Unit};

/// The figures that are compared.
pub const FIGURES: [Figure; 4] =
    [Figure::HarmPeople, Figure::HarmPrograms, Figure::LeakCost, Figure::Overload];
/// Of the simulator's figure.
const SHARE_MAX: f64 = 0.2;
/// Of 1, for shares.
const POINTS_MAX: f64 = 0.03;
/// For seconds.
const SECONDS_MAX: f64 = 3.0;

/// One figure, simulated and real.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// Which.
    pub figure: Figure,
    /// What the simulator says.
    pub simulated: f64,
    /// What was measured.
    pub real: f64,
}

impl Pair {
    /// A figure of two runs; none where it has no meaning in one of them.
    pub fn of(figure: Figure, simulated: &Summary, real: &Summary) -> Option<Self> {
        let (simulated, real) = (simulated.figure(figure)?, real.figure(figure)?);
        Some(Self { figure, simulated, real })
    }

    /// By how much the real figure is more.
    pub fn difference(&self) -> f64 {
        self.real - self.simulated
    }

    /// Whether the two lie within the bounds.
    pub fn agrees(&self) -> bool {
        let least = match self.figure.unit() {
            Unit::Seconds => SECONDS_MAX,
            Unit::Share => POINTS_MAX,
            Unit::Milliseconds | Unit::Work | Unit::Count => 0.0,
        };
        self.difference().abs() <= least.max(SHARE_MAX * self.simulated.abs()) + 1e-9
    }
}

/// Whether defences stand in the same order by harm, each given as simulated and real.
pub fn same_order(harms: &[(f64, f64)]) -> bool {
    let turned = |(a_simulated, a_real): (f64, f64), (b_simulated, b_real): (f64, f64)| {
        a_simulated > b_simulated + POINTS_MAX && a_real < b_real
    };
    !harms.iter().any(|a| harms.iter().any(|b| turned(*a, *b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agrees(figure: Figure, simulated: f64, real: f64) -> bool {
        Pair { figure, simulated, real }.agrees()
    }

    #[test]
    fn a_fifth_or_three_points_are_let_pass_and_more_is_not() {
        assert!(agrees(Figure::HarmPeople, 0.01, 0.04));
        assert!(!agrees(Figure::HarmPeople, 0.01, 0.05));
        assert!(agrees(Figure::LeakCost, 0.5, 0.6));
        assert!(!agrees(Figure::LeakCost, 0.5, 0.61));
        assert!(agrees(Figure::Overload, 0.0, 3.0));
        assert!(!agrees(Figure::Overload, 40.0, 49.0));
    }

    #[test]
    fn an_order_is_kept_unless_what_differs_clearly_is_turned_round() {
        assert!(same_order(&[(0.5, 0.4), (0.1, 0.2)]));
        assert!(!same_order(&[(0.5, 0.1), (0.1, 0.2)]));
        // The simulator does not tell these two apart.
        assert!(same_order(&[(0.11, 0.1), (0.1, 0.2)]));
    }
}
