use super::*;
use proptest::prelude::*;
use seawall_types::{Attribute, SourceKey, Trait, Traits};
use std::net::Ipv4Addr;

fn row(number: u32, cost_us: u32) -> Row {
    let traits = Traits::default().with(Attribute::Agent, Trait::new(number % 7 + 1));
    let source = SourceKey::of(Ipv4Addr::from(0xC000_0200 + number).into());
    Row { traits, source, cost_us, is_proven: false }
}

fn sample(capacity: usize, seed: u64, costs: &[u32]) -> Sample {
    let mut sample = Sample::new(capacity, seed);
    for (number, cost_us) in (0..).zip(costs) {
        sample.observe(&row(number, *cost_us));
    }
    sample
}

fn costs() -> impl Strategy<Value = Vec<u32>> {
    proptest::collection::vec(0_u32..50_000, 0..200)
}

proptest! {
    #[test]
    fn samples_may_be_merged_in_any_order(
        (a, b, c) in (costs(), costs(), costs()),
        capacities in (1_usize..60, 1_usize..60, 1_usize..60),
    ) {
        let a = sample(capacities.0, 1, &a);
        let b = sample(capacities.1, 2, &b);
        let c = sample(capacities.2, 3, &c);
        let ab = a.clone().merged(&b);
        prop_assert_eq!(ab.weighted(), b.clone().merged(&a).weighted());
        let bc = b.clone().merged(&c);
        let (left, right) = (ab.merged(&c), a.clone().merged(&bc));
        prop_assert_eq!(left.weighted(), right.weighted());
        prop_assert_eq!((left.observed, left.cost_us), (right.observed, right.cost_us));
    }

    #[test]
    fn while_nothing_was_left_out_every_row_stands_for_its_cost(costs in costs()) {
        let weighted = sample(200, 5, &costs).weighted();
        let sum: f64 = weighted.weights.iter().sum();
        let expected: u32 = costs.iter().sum();
        prop_assert!((sum - f64::from(expected)).abs() < 1e-6);
        prop_assert_eq!(weighted.rows.len(), costs.iter().filter(|cost| **cost > 0).count());
    }

    #[test]
    fn it_never_keeps_more_than_it_may(costs in costs(), capacity in 1_usize..60) {
        let sample = sample(capacity, 9, &costs);
        prop_assert!(sample.kept.len() <= capacity + capacity / 2 + 1);
        prop_assert!(sample.weighted().rows.len() <= capacity);
    }
}

/// What the rows of one agent cost, by 400 samples of the same 5,000 rows, over the truth.
fn estimates(parts: u32) -> Vec<f64> {
    let all: Vec<Row> = (0..5_000_u32)
        .map(|number| row(number, if number % 50 == 0 { 90_000 } else { 1_000 + number }))
        .collect();
    let is_asked = |row: &Row| row.traits.get(Attribute::Agent) == Trait::new(3);
    let truth: f64 = all.iter().filter(|row| is_asked(row)).map(|r| f64::from(r.cost_us)).sum();
    let estimate = |seed: u64| {
        let mut samples: Vec<Sample> =
            (0..parts).map(|part| Sample::new(256, seed * 100 + u64::from(part))).collect();
        for (number, row) in all.iter().enumerate() {
            samples[number % parts as usize].observe(row);
        }
        let merged = samples.into_iter().reduce(|a, b| a.merged(&b)).unwrap().weighted();
        let asked = merged.rows.iter().zip(&merged.weights).filter(|(row, _)| is_asked(row));
        asked.map(|(_, weight)| weight).sum::<f64>() / truth
    };
    (1..=400).map(estimate).collect()
}

#[test]
fn sums_over_a_sample_are_unbiased_whether_it_was_merged_or_not() {
    for parts in [1, 4] {
        let estimates = estimates(parts);
        let count = 400.0;
        let mean = estimates.iter().sum::<f64>() / count;
        let variance = estimates.iter().map(|e| (e - mean).powi(2)).sum::<f64>() / count;
        // Four standard errors of the mean: less than one false alarm in 15,000 seeds.
        let error = 4.0 * (variance / count).sqrt();
        assert!((mean - 1.0).abs() < error, "{parts} parts: mean {mean}, error {error}");
        assert!(error < 0.04, "{parts} parts: the mean is known to {error} only");
    }
}

#[test]
fn the_same_rows_and_seed_give_the_same_sample() {
    let costs: Vec<u32> = (1..3_000).map(|n| n * 7 % 911).collect();
    assert_eq!(sample(64, 3, &costs).weighted(), sample(64, 3, &costs).weighted());
    assert_ne!(sample(64, 3, &costs).weighted(), sample(64, 4, &costs).weighted());
}
