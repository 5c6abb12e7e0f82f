//! What a rule is predicted to touch, beside what it then touches: rules that the ladder would act on,
//! looked at on visitors that nobody learned from.

use super::coverage::{Visits, excess_like, made_up, of_real_log, ratio};
use super::world::Chance;
use super::*;
use crate::policy::budget::budget;
use seawall_types::{Moment, Rung};

/// Half a point.
const NEAR: f64 = 0.005;

/// Rules by what is predicted of them: those within the budget of a challenge, and the others.
#[derive(Debug, Default)]
struct Rules {
    within: u32,
    within_and_near: u32,
    /// Of those within, how many touched more than was promised, by more than half a point.
    within_and_over: u32,
    beyond: u32,
    /// Of all, how many touch what was seen of them, without the margin of a promise.
    near_as_seen: u32,
}

/// Learns from three quarters of the population, describes an excess, and looks at the others.
fn play(population: &[Visits], trials: u32) -> Rules {
    let mut rules = Rules::default();
    for trial in 0..trials {
        let mut chance = Chance(u64::from(trial) << 32 | 9);
        let (mut known, mut others) = (Reservoirs::new([trial.into(), 78]), Vec::new());
        for visits in population {
            if chance.is_one_in(4) {
                others.push(visits);
            } else {
                for row in visits {
                    known.learn(Moment(0), row);
                }
            }
        }
        let excess = excess_like(population, &mut chance);
        let weights = vec![1.0; excess.len()];
        let question = Question {
            window: &excess,
            weights: &weights,
            known: &known,
            demand_ms_per_s: 10_000.0,
            normal_ms_per_s: 100.0,
            capacity_ms_per_s: 1_000.0,
            persistence: &never,
            budget: 0.025,
            is_first: false,
        };
        let answer = answer(&question, &mut Promises::default());
        for proposal in &answer.proposals {
            let is_touched = |row: &Row| proposal.signature.matches(&row.traits, known.known());
            let touched = others.iter().filter(|visits| visits.iter().any(is_touched)).count();
            let measured = ratio(touched, others.len());
            let Certificate { hits, visitors, bound } = proposal.certificate;
            let seen = f64::from(hits) / f64::from(visitors);
            let is_within = budget(Rung::Challenge).is_some_and(|budget| bound <= budget);
            rules.within += u32::from(is_within);
            rules.within_and_near += u32::from(is_within && (bound - measured).abs() <= NEAR);
            rules.within_and_over += u32::from(is_within && measured > bound + NEAR);
            rules.beyond += u32::from(!is_within);
            rules.near_as_seen += u32::from((seen - measured).abs() <= NEAR);
        }
    }
    rules
}

#[test]
fn rules_touch_what_is_predicted_within_half_a_point() {
    let (made_up, real) = (play(&made_up(9_000), 210), play(&of_real_log(), 100));
    println!("made up: {made_up:?}\nreal log: {real:?}");
    let share = |near: u32, all: u32| f64::from(near) / f64::from(all);
    println!(
        "FIGURE ladder.collateral {} of the rules",
        share(made_up.within_and_near, made_up.within)
    );
    assert!(made_up.within >= 200, "{made_up:?}");
    assert!(share(made_up.within_and_near, made_up.within) >= 0.95, "{made_up:?}");
    // A few hundred visitors bound at just under the budget what touches none: less than was promised.
    assert!(f64::from(real.within_and_over) <= 0.05 * f64::from(real.within), "{real:?}");
    assert!(real.within + real.beyond >= 60, "{real:?}");
}
