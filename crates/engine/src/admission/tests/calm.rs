//! While there is enough for all, nobody waits for long and nobody is sent away.

use super::model::Model;
use super::world::{Stream, World};

#[test]
fn three_thousand_people_behind_one_address_are_all_served() {
    let others = Stream::of("others", 60.0, 20.0);
    let campus = Stream::of("campus", 900.0, 20.0).of_prefixes(5_000, 1).between(5.0, 60.0);
    for varies in [false, true] {
        let streams = [others, campus].map(|stream| Stream { varies, ..stream });
        let trace = World::new(Model::Workers(32), &streams).run(60.0);
        let sum = trace.sum("*", 0..60);
        println!("{} offered, waited at most {:?}", sum.offered, trace.waited_max);
        assert_eq!(sum.held, 0, "of {}", sum.offered);
    }
}

#[test]
fn slow_and_quick_pages_of_a_day_are_all_served() {
    let pages = Stream { varies: true, ..Stream::of("page", 50.0, 15.0) };
    let slow = Stream { path: "/report", varies: true, ..Stream::of("report", 3.0, 700.0) };
    let quick = Stream { path: "/style.css", ..Stream::of("style", 200.0, 1.0) };
    let noon = Stream { varies: true, ..Stream::of("noon", 250.0, 15.0) }.between(120.0, 180.0);
    for seed in 1..=3 {
        let world = World::new(Model::Workers(24), &[pages, slow, quick, noon]).seed(seed);
        let trace = world.run(240.0);
        let sum = trace.sum("*", 0..240);
        println!("{} offered, waited at most {:?}", sum.offered, trace.waited_max);
        assert_eq!(sum.held, 0, "of {} (seed {seed})", sum.offered);
    }
}
