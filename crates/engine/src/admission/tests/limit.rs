//! The limit finds what an origin can carry, also when nobody has seen it calm.

use super::model::Model;
use super::world::{Stream, Trace, World};
use std::time::Duration;

/// What each model here can do in a second, with requests of 40 ms.
const CAPACITY: f64 = 200.0;

/// Each with the part of its most that it must do at twenty times its capacity.
const MODELS: [(&str, Model, f64); 4] = [
    ("workers", Model::Workers(8), 0.9),
    ("sharing", Model::Sharing(8), 0.9),
    ("thrashing", Model::Thrashing { workers: 8, slows: 0.05 }, 0.9),
    // Its latency rises from the first request on, so there is no one limit that is right.
    ("smooth", Model::Smooth(4), 0.8),
];

/// Work of each request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    Alike,
    Varies,
}

/// A flood of so many times the capacity that began before the shield did.
fn overrun(model: Model, work: Work, load: f64, seed: u64) -> Trace {
    let varies = work == Work::Varies;
    let visitors = Stream { varies, ..Stream::of("visitors", 40.0, 40.0) };
    let flood = Stream { varies, ..Stream::of("flood", CAPACITY * load, 40.0) };
    let flood = flood.of_prefixes(2_000, 5_000).between(0.0, 20.0);
    World::new(model, &[visitors, flood]).seed(seed).run(28.0)
}

fn check(work: Work, seeds: std::ops::RangeInclusive<u64>) {
    for (name, model, part) in MODELS {
        let mean = |load: f64| {
            let runs = seeds.clone().map(|seed| {
                let trace = overrun(model, work, load, seed);
                let told = format!("{name} {work:?} x{load} seed {seed}");
                assert!(trace.waited_max <= Duration::from_millis(500), "{told}");
                assert!(trace.in_flight_over_limit <= 1.0, "{told}");
                let after = trace.served_share("visitors", 25..27);
                assert!(after > 0.99, "{told}: {after} of the visitors five seconds after the end");
                trace.goodput(5..20)
            });
            let runs: Vec<f64> = runs.collect();
            runs.iter().sum::<f64>() / f64::from(u32::try_from(runs.len()).unwrap())
        };
        let goodput = [1.0, 3.0, 20.0].map(mean);
        println!("{name} {work:?}: goodput at 1, 3, 20 times: {goodput:.0?}");
        let peak = goodput.into_iter().fold(0.0, f64::max);
        assert!(goodput[2] >= part * peak, "{name} {work:?}: {goodput:?}");
    }
}

#[test]
fn at_twenty_times_its_capacity_an_origin_does_nine_tenths_of_its_most() {
    check(Work::Alike, 1..=3);
}

#[test]
fn requests_that_take_any_time_change_little_of_that() {
    check(Work::Varies, 1..=4);
}

/// Goodput in a flood that begins before the shield, and in one that meets it calm; visitors served
/// five seconds after its end.
fn flooded(model: Model, load: f64, seed: u64) -> ([f64; 2], f64) {
    let visitors = Stream { varies: true, ..Stream::of("visitors", 40.0, 40.0) };
    let flood = Stream { varies: true, ..Stream::of("flood", CAPACITY * load, 40.0) };
    let flood = flood.of_prefixes(2_000, 5_000);
    let after_calm = [visitors, flood.between(5.0, 20.0)];
    let runs = [
        (overrun(model, Work::Varies, load, seed), 5..20, 25..27),
        (World::new(model, &after_calm).seed(seed).run(28.0), 8..20, 25..27),
    ];
    let mut after = 1.0_f64;
    let goodput = runs.map(|(trace, flood, calm)| {
        assert!(trace.waited_max <= Duration::from_millis(500), "{model:?} x{load} seed {seed}");
        assert!(trace.in_flight_over_limit <= 1.0, "{model:?} x{load} seed {seed}");
        after = after.min(trace.served_share("visitors", calm));
        trace.goodput(flood)
    });
    (goodput, after)
}

#[test]
fn over_twenty_seeds_three_models_do_nine_tenths_of_their_most_at_twenty_times_that() {
    for (name, model, part) in MODELS.into_iter().take(3) {
        let mut sums = [[0.0; 2]; 2];
        let (mut least, mut served) = (f64::INFINITY, 1.0_f64);
        for seed in 1..=20 {
            for (load, sums) in [1.0, 20.0].into_iter().zip(&mut sums) {
                let (goodput, after) = flooded(model, load, seed);
                served = served.min(after);
                for (sum, one) in sums.iter_mut().zip(goodput) {
                    *sum += one / 20.0;
                }
                if load > 1.0 {
                    least = goodput.into_iter().fold(least, f64::min);
                }
            }
        }
        let [once, twentyfold] = sums;
        let peak = once.into_iter().chain(twentyfold).fold(0.0, f64::max);
        let worst = twentyfold.into_iter().fold(f64::INFINITY, f64::min) / peak;
        println!(
            "{name}, 20 seeds: at 20 times {twentyfold:.0?} in mid-flood and after calm, {worst:.2} \
             of the most at worst; least of one run {least:.0}; {served:.3} served after"
        );
        assert!(worst >= part, "{name}: {sums:?}");
        assert!(served > 0.99, "{name}: {served} of the visitors five seconds after the end");
    }
}

#[test]
fn a_small_origin_is_found_from_above() {
    for (workers, most) in [(1, 4.0), (2, 6.0)] {
        let flood = Stream::of("flood", 1_000.0, 40.0);
        // One worker needs 2.6 seconds for what it was given before the flood was seen.
        let trace = World::new(Model::Workers(workers), &[flood]).run(23.0);
        let (limit, goodput) = (trace.limit(13.0, 23.0), trace.goodput(13..23));
        println!("{workers} workers: limit {limit:.1}, goodput {goodput:.0}");
        assert!(limit <= most, "{workers} workers: limit {limit}");
        assert!(goodput >= 22.0 * f64::from(workers), "{workers} workers: goodput {goodput}");
    }
}

#[test]
fn a_large_origin_is_found_from_below_within_five_seconds() {
    let flood = Stream::of("flood", 8_000.0, 40.0);
    let trace = World::new(Model::Workers(100), &[flood]).run(12.0);
    let goodput = trace.goodput(5..12);
    println!("100 workers: limit {:.0}, goodput {goodput:.0}", trace.limit(5.0, 12.0));
    assert!(goodput >= 0.9 * 2_500.0, "goodput {goodput}");
}

#[test]
fn a_flood_after_calm_overruns_the_origin_for_two_seconds_at_most() {
    for (name, model, _) in MODELS {
        let visitors = Stream::of("visitors", 60.0, 40.0);
        let flood = Stream::of("flood", 4_000.0, 40.0).of_prefixes(2_000, 5_000);
        let streams = [visitors, flood.between(10.0, 30.0)];
        let trace = World::new(model, &streams).run(36.0);
        let (early, late) = (trace.in_flight_max(10.0, 12.0), trace.in_flight_max(13.0, 30.0));
        println!("{name}: at most {early} at once in the first two seconds, {late} after three");
        assert!(late <= 24, "{name}: {late} at an origin of 8 workers");
        assert!(trace.goodput(12..30) >= 0.85 * CAPACITY, "{name}");
        assert_eq!(trace.sum("visitors", 1..10).held, 0, "{name}");
        assert_eq!(trace.sum("visitors", 32..35).held, 0, "{name}");
    }
}

#[test]
fn what_the_operator_says_bounds_it() {
    for (ms_per_second, most) in [(4_000.0, 100.0), (800.0, 20.0)] {
        let flood = Stream::of("flood", 1_000.0, 40.0);
        let mut world = World::new(Model::Workers(64), &[flood]);
        world.capacity = Some(ms_per_second);
        let goodput = world.run(15.0).goodput(5..15);
        println!("{ms_per_second} ms/s: goodput {goodput:.1} of {most}");
        assert!(goodput <= most * 1.02 && goodput >= most * 0.9, "{ms_per_second}: {goodput}");
    }
}
