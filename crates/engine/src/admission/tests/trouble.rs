//! Origins that change in mid-flood.

use super::model::Model;
use super::world::{Change, Stream, World};
use crate::admission::OriginSet;

fn flooded(model: Model) -> World {
    let flood = Stream::of("flood", 2_000.0, 40.0);
    World::new(model, &[flood])
}

#[test]
fn the_limit_follows_a_capacity_that_halves_and_doubles_within_five_seconds() {
    let trace = flooded(Model::Workers(16))
        .change(10.0, Change::Model(0, Model::Workers(8)))
        .change(25.0, Change::Model(0, Model::Workers(32)))
        .run(40.0);
    let limits = [(7.0, 10.0), (15.0, 25.0), (30.0, 40.0)].map(|at| trace.limit(at.0, at.1));
    let goodput = [7..10, 15..25, 30..40].map(|at| trace.goodput(at));
    println!("workers 16, 8, 32: limits {limits:.1?}, goodput {goodput:.0?}");
    for ((limit, goodput), workers) in limits.into_iter().zip(goodput).zip([16.0, 8.0, 32.0]) {
        assert!(limit <= 1.6 * workers, "{limit} for {workers}");
        assert!(goodput >= 0.9 * 25.0 * workers, "{goodput} of {workers}");
    }
}

#[test]
fn an_origin_that_becomes_slower_by_itself_is_not_strangled() {
    let trace = flooded(Model::Workers(8)).change(10.0, Change::Slower(0, 3.0)).run(25.0);
    let goodput = trace.goodput(15..25);
    println!("three times as slow: goodput {goodput:.0}, limit {:.1}", trace.limit(15.0, 25.0));
    assert!(goodput >= 0.9 * 200.0 / 3.0, "goodput {goodput}");
}

#[test]
fn one_of_two_origins_that_dies_takes_nothing_with_it() {
    let mut world = flooded(Model::Workers(8));
    world.origins = vec![Model::Workers(8), Model::Workers(8)];
    let trace = world
        .change(10.0, Change::Model(1, Model::Dead))
        .change(12.0, Change::Usable(OriginSet::ALL.without(1)))
        .run(20.0);
    let unnoticed = trace.sum("*", 10..12).failed;
    let goodput = [5..10, 11..12, 13..20].map(|at| trace.goodput(at));
    println!("two, one dead, one known dead: goodput {goodput:.0?}; {unnoticed} requests failed");
    assert!(unnoticed <= 60, "{unnoticed} requests went to a dead origin");
    assert!(goodput[1] >= 160.0 && goodput[2] >= 180.0, "{goodput:?}");
}

#[test]
fn an_origin_that_hangs_is_given_little_and_comes_back() {
    let trace = flooded(Model::Workers(64))
        .change(8.0, Change::Model(0, Model::Hangs))
        .change(20.0, Change::Model(0, Model::Workers(64)))
        .run(35.0);
    let hung = trace.limit(13.0, 20.0);
    let goodput = [4..8, 25..35].map(|at| trace.goodput(at));
    println!("hangs: limit {hung:.1}, goodput before and after {goodput:.0?}");
    assert!(trace.in_flight_max(13.0, 20.0) <= 8, "{}", trace.in_flight_max(13.0, 20.0));
    assert!(goodput[1] >= 0.9 * goodput[0], "{goodput:?}");
}

#[test]
fn an_origin_of_which_a_third_hangs_is_given_what_the_rest_can_do() {
    let people = Stream::of("people", 340.0, 40.0);
    for seed in 1..=3 {
        let trace = World::new(Model::Workers(48), &[people])
            .seed(seed)
            .change(20.0, Change::Model(0, Model::HangsInPart(32)))
            .change(40.0, Change::Model(0, Model::Workers(48)))
            .run(60.0);
        let share = |seconds| trace.served_share("people", seconds);
        let [hanging, after] = [share(22..40), share(42..60)];
        println!("a third hangs: {hanging:.3} served, then {after:.3}");
        assert!(hanging >= 0.64, "seed {seed}: {hanging} of the two thirds that could be");
        assert!(after >= 0.995, "seed {seed}: {after} when all is well again");
    }
}

#[test]
fn a_flood_for_one_large_file_leaves_the_pages() {
    // A line of 12.5 MB/s: a page of 20 KB takes 1.6 ms of it, a file of 50 MB four seconds.
    let page = Stream::of("page", 50.0, 1.6);
    let file =
        Stream { path: "/film.mp4", bytes: 50_000_000, ..Stream::of("file", 100.0, 4_000.0) };
    let streams = [page, file.of_prefixes(2_000, 5_000).between(3.0, 20.0)];
    let trace = World::new(Model::Sharing(1), &streams).run(20.0);
    let served = trace.served_share("page", 3..17);
    println!("pages served beside the flood: {served:.4}");
    assert!(served >= 0.99, "{served}");
}
