//! Who is served when not all can be.

use super::model::Model;
use super::world::{Stream, Trace, World};
use crate::admission::{
    Alone, Body, Call, Class, Kind, MethodKind, Offer, Outcome, Prefix, Request, RouteKey,
    RouteSeed,
};
use seawall_types::{Moment, OriginCapacity};
use std::net::Ipv4Addr;
use std::time::Duration;

/// Level up to which each of `parties` (how many, demand of each) is served, when all are served
/// alike up to their demand and `capacity` is all there is.
fn fair_level(capacity: f64, parties: &[(f64, f64)]) -> f64 {
    let mut parties = parties.to_vec();
    parties.sort_by(|one, other| one.1.total_cmp(&other.1));
    let mut rest = capacity;
    let mut count: f64 = parties.iter().map(|party| party.0).sum();
    for (number, demand) in parties {
        if demand >= rest / count {
            return rest / count;
        }
        rest -= number * demand;
        count -= number;
    }
    f64::INFINITY
}

/// As in the lab: a page that 200 a second can have, and who wants it.
fn lab(floods: &[Stream], seed: u64) -> Trace {
    let known = Stream::of("known", 25.0, 40.0).of_prefixes(0, 20);
    let page = Stream { path: "/page", ..Stream::of("page", 25.0, 1.0) }.of_prefixes(0, 20);
    let new = Stream::of("new", 25.0, 40.0).of_prefixes(100, 40).between(3.0, 17.0);
    let streams = [&[known, page, new], floods].concat();
    World::new(Model::Workers(8), &streams).seed(seed).run(18.0)
}

#[test]
fn those_who_were_here_before_a_flood_are_served_and_new_ones_have_their_share() {
    for (name, bots, rps) in [("hot", 1_000, 12_000.0), ("cool", 5_000, 8_000.0)] {
        for seed in 1..=2 {
            let flood = Stream::of("flood", rps, 40.0).of_prefixes(1_000, bots);
            let trace = lab(&[flood.between(3.0, 17.0)], seed);
            let bots = f64::from(bots);
            let fair = fair_level(175.0, &[(bots, rps / bots), (40.0, 0.625)]) / 0.625;
            let [known, page, new] =
                ["known", "page", "new"].map(|name| trace.served_share(name, 3..17));
            println!("{name}: known {known:.3}, page {page:.3}, new {new:.3}, fair {fair:.3}");
            assert!(known >= 0.9, "{name} seed {seed}: {known}");
            assert!(page >= 0.95, "{name} seed {seed}: {page}");
            assert!(new >= 0.8 * fair, "{name} seed {seed}: {new} of {fair}");
        }
    }
}

#[test]
fn a_flood_that_looked_around_before_leaves_new_visitors_their_share_and_the_cheap_page_to_all() {
    for (name, bots, rps) in [("hot", 1_000, 12_000.0), ("cool", 5_000, 8_000.0)] {
        for seed in 1..=2 {
            let flood = Stream::of("flood", rps, 40.0).of_prefixes(1_000, bots);
            let look = Stream { path: "/page", ..Stream::of("look", f64::from(bots), 1.0) };
            let look = look.of_prefixes(1_000, bots).between(0.0, 2.5);
            let streams = [flood.between(3.0, 17.0), look];
            let trace = lab(&streams, seed);
            let bots = f64::from(bots);
            let parties = [(bots, rps / bots), (40.0, 0.625), (20.0, 1.25)];
            let level = fair_level(200.0, &parties);
            let [known, page, new] =
                ["known", "page", "new"].map(|name| trace.served_share(name, 3..17));
            let [fair_known, fair_new] = [level / 1.25, level / 0.625];
            println!(
                "{name} warm: known {known:.3} of {fair_known:.3}, page {page:.3}, \
                 new {new:.3} of {fair_new:.3}"
            );
            assert!(known >= 0.8 * fair_known, "{name} seed {seed}: {known} of {fair_known}");
            assert!(page >= 0.99, "{name} seed {seed}: {page}");
            assert!(new >= 0.8 * fair_new, "{name} seed {seed}: {new} of {fair_new}");
        }
    }
}

#[test]
fn who_came_back_before_a_flood_is_served_through_it_though_each_of_its_members_looked_once() {
    for (name, bots, rps) in [("hot", 1_000, 12_000.0), ("conn", 2_000, 5_000.0)] {
        let flood = Stream::of("flood", rps, 40.0).of_prefixes(1_000, bots);
        let look = Stream { path: "/page", ..Stream::of("look", f64::from(bots) / 2.2, 1.0) };
        let look = look.of_prefixes(1_000, bots).between(0.0, 2.2);
        let trace = lab(&[flood.between(3.0, 17.0), look], 1);
        let [known, page, new] =
            ["known", "page", "new"].map(|name| trace.served_share(name, 3..17));
        println!("{name} looked once: known {known:.3}, page {page:.3}, new {new:.3}");
        assert!(known >= 0.9, "{name}: {known}");
    }
}

#[test]
fn every_prefix_has_four_fifths_of_its_max_min_share_in_the_long_run() {
    // Ten times what the origin can do, from prefixes that ask for 0.25, 1, 4 and 16 a second.
    let of = |name, first, rps: f64| Stream::of(name, rps, 40.0).of_prefixes(first, 100);
    let streams =
        [of("a", 0, 25.0), of("b", 100, 100.0), of("c", 200, 400.0), of("d", 300, 1_600.0)];
    let trace = World::new(Model::Workers(8), &streams).run(60.0);
    let parties = streams.map(|stream| (100.0, stream.rps / 100.0));
    let level = fair_level(200.0, &parties);
    for (stream, (number, demand)) in streams.iter().zip(parties) {
        let served = f64::from(trace.sum(stream.name, 5..60).served) / 55.0 / number;
        let fair = demand.min(level);
        println!("{}: {served:.3}/s each of {fair:.3}/s", stream.name);
        assert!(served >= 0.8 * fair, "{}: {served} of {fair}", stream.name);
    }
}

#[test]
fn a_class_has_its_floor_whatever_the_others_want() {
    let class = |name, class, first| {
        let stream = Stream::of(name, 1_000.0, 40.0).of_prefixes(first, 500);
        Stream { class, ..stream }
    };
    let streams = [
        class("lane", Class::Lane, 0),
        class("old", Class::OldToken, 1_000),
        class("proven", Class::Proven, 2_000),
        class("unknown", Class::Unknown, 3_000),
        class("low", Class::Low, 4_000),
    ];
    let trace = World::new(Model::Workers(8), &streams).run(25.0);
    let all = f64::from(trace.sum("*", 5..25).served);
    let parts = streams.map(|stream| f64::from(trace.sum(stream.name, 5..25).served) / all);
    println!("lane, old, proven, unknown, low: {parts:.3?}");
    for (part, floor) in parts.into_iter().zip([0.2, 0.2, 0.2, 0.1, 0.02]) {
        assert!(part >= 0.9 * floor, "{parts:?}");
    }
    assert!(parts[1] > 0.4, "old tokens have the rest: {parts:?}");
}

/// Requests of one class, each from a prefix of its own; how many are let in.
fn ask(core: &mut Alone, (class, count): (Class, u16)) -> u32 {
    let (now, mut admitted) = (Moment(1), 0);
    for number in 0..count {
        let [high, low] = number.to_be_bytes();
        let prefix = Prefix::of(Ipv4Addr::new(10, high, low, 1).into());
        let route = RouteKey::of(RouteSeed([1, 2]), MethodKind::Read, "/page");
        let request = Request {
            class,
            kind: Kind::Brief,
            body: Body::Whole,
            prefix,
            route,
            bytes: 100,
            call: Call::First,
        };
        admitted += u32::from(matches!(core.offer(now, &request), Offer::Admit(_)));
    }
    while let Some(ready) = core.poll_ready() {
        admitted += u32::from(ready.answer.is_ok());
    }
    admitted
}

#[test]
fn the_last_slot_of_many_is_for_lanes_while_they_ask_and_for_all_where_they_do_not() {
    let told = |slots: f64| vec![OriginCapacity::new(1_000.0 * slots)];
    for (slots, lanes_ask, expected) in [(16.0, true, 15), (16.0, false, 16), (4.0, true, 4)] {
        let mut core = Alone::new(Moment(0), told(slots), [1, 2]);
        let lanes = if lanes_ask { ask(&mut core, (Class::Lane, 1)) } else { 0 };
        let others = ask(&mut core, (Class::Unknown, 40));
        assert_eq!(lanes + others, expected, "{slots} slots, lanes ask: {lanes_ask}");
        let kept = u32::from(expected < 16 && slots > 8.0);
        assert_eq!(ask(&mut core, (Class::Lane, 1)), kept, "{slots} slots, lanes ask: {lanes_ask}");
    }
}

/// Served of people, staff and export in ten seconds in which few requests hold what they can.
fn held(workers: u32, hold_ms: f64) -> [f64; 3] {
    let people = Stream { class: Class::Proven, ..Stream::of("people", 20.0, 20.0) };
    let staff = Stream { class: Class::Lane, ..Stream::of("staff", 10.0, 20.0) };
    let export = Stream { path: "/export", ..Stream::of("export", 3.0, hold_ms) };
    let streams = [people, staff.of_prefixes(2_000, 20), export.between(10.0, 20.0)];
    let mut world = World::new(Model::Workers(workers), &streams);
    world.capacity = Some(1_000.0 * f64::from(workers));
    let trace = world.run(21.0);
    ["people", "staff", "export"].map(|name| trace.served_share(name, 10..20))
}

#[test]
fn the_last_of_few_slots_is_no_strangers_while_others_are_held_far_longer_than_usual() {
    let [people, staff, export] = held(3, 10_000.0);
    println!("held for ten seconds: people {people:.3}, staff {staff:.3}, export {export:.3}");
    assert!(staff >= 0.999 && people >= 0.95, "{staff} {people}");
}

#[test]
fn nothing_is_kept_of_few_slots_while_none_is_held_for_long() {
    let page = Stream { class: Class::Proven, ..Stream::of("page", 2_000.0, 20.0) };
    let staff = Stream { class: Class::Lane, ..Stream::of("staff", 1.0, 20.0) };
    let report = Stream { path: "/report", ..Stream::of("report", 2.0, 100.0) };
    let mut world = World::new(Model::Workers(3), &[page, staff, report]);
    world.capacity = Some(3_000.0);
    let trace = world.run(30.0);
    let busy_ms = [("page", 20.0), ("staff", 20.0), ("report", 100.0)]
        .map(|(name, ms)| ms * f64::from(trace.sum(name, 10..30).answers));
    let part = busy_ms.iter().sum::<f64>() / (20.0 * 3_000.0);
    println!("work done of all that three slots do: {part:.3}");
    assert!(part >= 0.95, "{part}");
}

#[test]
fn a_retry_storm_of_a_declared_client_stays_in_its_share() {
    let app = Stream { class: Class::Lane, ..Stream::of("app", 2_000.0, 40.0) };
    let people = Stream { class: Class::Proven, ..Stream::of("people", 140.0, 40.0) };
    let streams = [app.of_prefixes(0, 50), people.of_prefixes(1_000, 500)];
    let trace = World::new(Model::Workers(8), &streams).run(25.0);
    let served = trace.served_share("people", 5..24);
    println!("people served beside the storm: {served:.3}");
    assert!(served >= 0.97, "{served}");
}

/// Of those who wait for the one slot of an origin, in which order they are let in.
fn order(calls: &[(&'static str, Call)]) -> Vec<&'static str> {
    let mut core = Alone::new(Moment(0), vec![OriginCapacity::new(1_000.0)], [1, 2]);
    let ask = |core: &mut Alone, at, (number, call): (u8, Call)| {
        let route = RouteKey::of(RouteSeed([1, 2]), MethodKind::Read, "/page");
        let prefix = Prefix::of(Ipv4Addr::new(10, 0, number, 1).into());
        let (class, kind) = (Class::Unknown, Kind::Brief);
        let body = Body::Whole;
        core.offer(at, &Request { class, kind, body, prefix, route, bytes: 100, call })
    };
    let Offer::Admit(first) = ask(&mut core, Moment(1), (200, Call::First)) else {
        panic!("the slot is free")
    };
    let mut waiting = Vec::new();
    for (number, (name, call)) in (0_u8..).zip(calls) {
        match ask(&mut core, Moment(2), (number, *call)) {
            Offer::Wait(ticket) => waiting.push((ticket, *name)),
            offer => panic!("{name}: {offer:?}"),
        }
    }
    let (mut let_in, mut out) = (Vec::new(), Some(first));
    for ms in 1..490 {
        let now = Moment(ms * 1_000_000);
        if let Some(permit) = out.take() {
            core.finished(now, permit, Outcome::answered(100));
        }
        core.on_deadline(now);
        let Some(ready) = core.poll_ready() else { continue };
        let who = waiting.iter().find(|(ticket, _)| *ticket == ready.ticket);
        let_in.extend(who.map(|(_, name)| *name));
        out = Some(ready.answer.expect("nobody is sent away"));
        if let_in.len() == calls.len() {
            return let_in;
        }
    }
    panic!("only {let_in:?} were let in")
}

#[test]
fn who_comes_back_as_told_goes_before_those_who_come_first_and_who_waited_longest_before_all() {
    let again = |s| Call::Again { waited: Duration::from_secs(s) };
    let calls =
        [("new", Call::First), ("again", again(4)), ("new too", Call::First), ("long", again(12))];
    let let_in = order(&calls);
    assert_eq!(let_in[..2], ["long", "again"], "{let_in:?}");
    assert!(let_in[2..].iter().all(|name| name.starts_with("new")), "{let_in:?}");
}

#[test]
fn what_calls_itself_a_part_and_costs_as_much_as_others_is_none() {
    let again = Call::Again { waited: Duration::from_secs(4) };
    let let_in = order(&[("new", Call::First), ("part", Call::Part), ("again", again)]);
    assert_eq!(let_in[0], "again", "{let_in:?}");
}
