mod collateral;
mod coverage;
mod crowds;
mod floods;
mod world;

use super::*;
use crate::detect::sample::{Sample, WINDOW_ROWS};
use seawall_types::Traits;
use world::{CAPACITY, Chance, NORMAL, USUAL_ROWS, usual_rows};

/// What comes of a second in which `excess` came beside the usual visitors.
struct Outcome {
    answer: Answer,
    /// Part of the excess by cost that any proposal matches.
    recall: f64,
    /// Part of visitors who are no part of anything that is touched by any proposal.
    harm: f64,
}

fn ask(known: &Reservoirs, excess: &[Row], persistence: &dyn Fn(&Signature) -> u32) -> Outcome {
    let mut chance = Chance(99);
    let mut sample = Sample::new(WINDOW_ROWS, 5);
    usual_rows(USUAL_ROWS, &mut chance).iter().chain(excess).for_each(|row| sample.observe(row));
    let window = sample.weighted();
    let question = Question {
        window: &window.rows,
        weights: &window.weights,
        known,
        demand_ms_per_s: cost_ms(excess) + NORMAL,
        normal_ms_per_s: NORMAL,
        capacity_ms_per_s: CAPACITY,
        persistence,
        budget: 0.01,
        is_first: false,
    };
    let answer = answer(&question, &mut Promises::default());
    let is_matched = |traits: &Traits| {
        answer.proposals.iter().any(|p| p.signature.matches(traits, known.known()))
    };
    let matched: Vec<Row> = excess.iter().filter(|row| is_matched(&row.traits)).copied().collect();
    let others = usual_rows(5_000, &mut chance);
    let touched = others.iter().filter(|row| is_matched(&row.traits)).count();
    Outcome {
        recall: cost_ms(&matched) / cost_ms(excess),
        harm: f64::from(u32::try_from(touched).unwrap()) / 5_000.0,
        answer,
    }
}

fn cost_ms(rows: &[Row]) -> f64 {
    rows.iter().map(|row| f64::from(row.cost_us) / 1e3).sum()
}

fn never(_: &Signature) -> u32 {
    0
}

impl Outcome {
    /// Most of the excess is described, and what is promised about visitors is kept.
    fn must_describe(&self, what: &str) {
        let bound: f64 = self.answer.proposals.iter().map(|p| p.certificate.bound).sum();
        let texts: Vec<_> =
            self.answer.proposals.iter().map(|p| p.sentence(&Names::default())).collect();
        let told = format!("{what}: {texts:?} recall {} harm {}", self.recall, self.harm);
        assert!(self.recall > 0.97, "{told}");
        assert!(self.harm <= bound && bound <= 0.01, "{told}, bounds {bound}");
    }

    fn must_decline(&self, what: &str, why: Declined) {
        let texts: Vec<_> =
            self.answer.proposals.iter().map(|p| p.sentence(&Names::default())).collect();
        assert_eq!(self.answer.declined, Some(why), "{what}: {texts:?}");
        assert!(texts.is_empty(), "{what}: {texts:?}");
        assert!(self.answer.refusal().is_some());
    }
}
