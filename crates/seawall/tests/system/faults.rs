//! Origins that fail in every way, alone and beside a healthy one: what visitors are told, what
//! origins are asked, and how soon all is well again.

mod load;
mod names;
mod patient;
mod scenario;
mod single;

use crate::fixtures::figure;
use patient::Condition;
use scenario::{Company, Outcome};
use std::thread;

/// Requests at origins over requests of visitors.
const AMPLIFICATION_MAX: f64 = 1.1;
const RECOVERY_MAX_S: f64 = 2.0;

/// A way to fail, and how it is played.
type Kind = (&'static str, fn(Company) -> Outcome);

/// Every way. A new one is one row.
const KINDS: [Kind; 7] = [
    ("dead", |company| scenario::ill(("dead", Condition::Dead, &[502]), company)),
    ("slow", |company| scenario::ill(("slow", Condition::Slow, &[504, 503]), company)),
    ("garbage", |company| scenario::ill(("garbage", Condition::Garbage, &[502]), company)),
    ("half open", |company| {
        scenario::ill(("half open", Condition::HalfOpen, &[504, 503]), company)
    }),
    ("closes", |company| scenario::ill(("closes", Condition::Closes, &[502]), company)),
    ("flapping", scenario::flapping),
    ("name gone", names::gone),
];

#[test]
fn whatever_an_origin_does_visitors_get_honest_answers_and_soon_good_ones() {
    if !names::are_ours("faults::whatever_an_origin_does_visitors_get_honest_answers…") {
        return;
    }
    let (mut amplification, mut recovery) = (0_f64, 0_f64);
    for (name, play) in KINDS {
        for outcome in in_both_companies(play) {
            let seconds = outcome.recovery.as_secs_f64();
            println!("{name}: {:.3} x, back after {seconds:.2} s", outcome.amplification);
            assert!(outcome.amplification <= AMPLIFICATION_MAX, "{name}: {outcome:?}");
            assert!(seconds <= RECOVERY_MAX_S, "{name}: {outcome:?}");
            amplification = amplification.max(outcome.amplification);
            recovery = recovery.max(seconds);
        }
    }
    figure("faults.kinds", KINDS.len(), "kinds");
    figure("faults.amplification", format!("{amplification:.3}"), "x what visitors asked");
    figure("faults.recovery", format!("{recovery:.2}"), "seconds");
}

fn in_both_companies(play: fn(Company) -> Outcome) -> [Outcome; 2] {
    let alone = thread::spawn(move || play(Company::Alone));
    let beside = play(Company::Beside);
    [alone.join().expect("the scenario holds"), beside]
}
