//! What is dealt out is never more than there is, whatever is lost on the way.

use super::*;
use crate::admission::tests::world::prefix;
use crate::admission::{
    Alone, Body, Call, Class, Ending, Head, MethodKind, Offer, Outcome, Permit, Request, RouteKey,
    RouteSeed, Share, ShareSettings,
};
use proptest::prelude::*;
use std::collections::VecDeque;
use std::time::Duration;

const CORES: usize = 3;
const LIMIT: u32 = 8;

fn plan(platforms: usize) -> Plan {
    let capacity = OriginCapacity::new(f64::from(LIMIT) * 1e3);
    Plan { origins: vec![capacity], platforms: vec![vec![OriginIndex(0)]; platforms], cores: CORES }
}

fn settings() -> ShareSettings {
    ShareSettings { origins: 1, prefixes: 8, seed: [1, 2] }
}

fn request() -> Request {
    Request {
        route: RouteKey::of(RouteSeed([1, 2]), MethodKind::Read, "/"),
        prefix: prefix(1),
        class: Class::Unknown,
        kind: Kind::Brief,
        body: Body::Whole,
        bytes: 100,
        call: Call::First,
    }
}

#[derive(Debug, Clone)]
enum Step {
    Offer(usize),
    Finish(usize),
    Report(usize),
    Grant(usize),
    Round,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let core = 0..CORES;
    let step = prop_oneof![
        4 => core.clone().prop_map(Step::Offer),
        2 => core.clone().prop_map(Step::Finish),
        2 => core.clone().prop_map(Step::Report),
        2 => core.prop_map(Step::Grant),
        1 => Just(Step::Round),
    ];
    proptest::collection::vec(step, 1..150)
}

proptest! {
    #[test]
    fn all_cores_together_never_use_more_than_the_limit(steps in steps()) {
        let mut now = Moment(0);
        let mut coordinator = Coordinator::new(now, plan(1));
        let mut shares: Vec<Share> = (0..CORES).map(|_| Share::new(now, settings())).collect();
        let mut out: Vec<Vec<Permit>> = (0..CORES).map(|_| Vec::new()).collect();
        for step in steps {
            now = now + Duration::from_millis(5);
            match step {
                Step::Offer(core) => match shares[core].offer(now, &request()) {
                    Offer::Admit(permit) => out[core].push(permit),
                    Offer::Wait(_) | Offer::Hold(_) => {}
                },
                Step::Finish(core) => {
                    let outcome = Outcome::of(Ending::Left);
                    if let Some(permit) = out[core].pop() {
                        shares[core].finished(now, permit, outcome);
                    }
                }
                Step::Report(core) => coordinator.report(0, core, &shares[core].report(now)),
                Step::Grant(core) => {
                    let grant = coordinator.grant(0, core).unwrap();
                    shares[core].accept(now, &grant);
                }
                Step::Round => coordinator.on_deadline(now),
            }
            for (share, out) in shares.iter_mut().zip(&mut out) {
                let ready = std::iter::from_fn(|| share.poll_ready());
                out.extend(ready.filter_map(|ready| ready.answer.ok()));
            }
            let used: u32 = shares.iter().map(|share| share.in_flight(Kind::Brief)).sum();
            prop_assert!(used <= LIMIT, "{used} of {LIMIT}");
        }
    }
}

/// A hundred rounds in which each share wants what it is told to, and nothing comes back.
fn settle(wanted: &[&[u32]]) -> Vec<u32> {
    let mut now = Moment(0);
    let mut coordinator = Coordinator::new(now, plan(wanted.len()));
    let mut granted = vec![0; wanted.len()];
    for _ in 0..10 {
        now = now + ROUND;
        for (platform, cores) in wanted.iter().enumerate() {
            granted[platform] = 0;
            for (core, waiting) in cores.iter().enumerate() {
                let grant = coordinator.grant(platform, core).unwrap();
                let slots = grant.origins[0].slots;
                granted[platform] += slots[0];
                let sums = OriginSums { slots, returned: 1, ..OriginSums::default() };
                let report = Report {
                    at: now,
                    generation: grant.generation,
                    origins: vec![sums],
                    waiting: [*waiting, 0, 0],
                    offered_us: 0,
                    admitted_us: 0,
                    held: 0,
                    admitted: 0,
                    waited_max_us: 0,
                };
                coordinator.report(platform, core, &report);
            }
        }
        coordinator.on_deadline(now);
    }
    granted
}

#[test]
fn an_origin_of_two_platforms_is_halved_by_floods_and_lent_when_one_is_idle() {
    assert_eq!(settle(&[&[100, 100, 100], &[0, 50, 0]]), [4, 4]);
    assert_eq!(settle(&[&[100, 100, 100], &[0, 1, 0]]), [7, 1]);
    assert_eq!(settle(&[&[100, 0, 0], &[0, 0, 0]]), [8, 0]);
}

/// Slots of downloads beside pages that suddenly end a second after their heads, since their readers
/// kept them waiting for so much of it.
fn slots_of_downloads(reader: Duration) -> u32 {
    let mut now = Moment(0);
    let origins = vec![None];
    let mut coordinator = Coordinator::new(now, Plan { cores: 1, origins, ..plan(1) });
    let mut share = Share::new(now, settings());
    let (mut downloads, mut pages) = (Vec::new(), VecDeque::new());
    let file = RouteKey::of(RouteSeed([1, 2]), MethodKind::Read, "/film");
    for round in 0..60 {
        share.accept(now, &coordinator.grant(0, 0).unwrap());
        let asked = [request(); 5]
            .into_iter()
            .chain((round < 10).then_some(Request { route: file, ..request() }));
        for request in asked {
            let Offer::Admit(permit) = share.offer(now, &request) else { panic!("there is room") };
            let length = if request.route == file { 50_000_000 } else { 50_000 };
            share.headed(now, &permit, Head { length: Some(length), kind: Kind::Brief });
            if request.route == file {
                downloads.push(permit);
            } else if round < 20 {
                let sent = now + Duration::from_millis(1);
                share.finished(sent, permit, Outcome::answered(50_000));
            } else {
                pages.push_back((now, permit));
            }
        }
        now = now + ROUND;
        while pages.front().is_some_and(|(since, _)| now.since(*since) >= Duration::from_secs(1)) {
            let (_, permit) = pages.pop_front().unwrap();
            let reader_us = u32::try_from(reader.as_micros()).unwrap();
            share.finished(now, permit, Outcome { reader_us, ..Outcome::answered(50_000) });
        }
        coordinator.report(0, 0, &share.report(now));
        coordinator.on_deadline(now);
    }
    assert_eq!(downloads.len(), 10);
    coordinator.grant(0, 0).unwrap().origins[0].slots[Kind::Bulk.index()]
}

#[test]
fn pages_that_are_read_slowly_take_no_slots_from_downloads_and_pages_that_come_slowly_do() {
    assert_eq!(slots_of_downloads(Duration::ZERO), 2);
    assert_eq!(slots_of_downloads(Duration::from_millis(998)), 16);
}

#[test]
fn while_any_are_held_pressure_is_what_is_asked_over_what_was_let_through() {
    let pressure = |capacity: Option<OriginCapacity>, held: u32| {
        let origins = vec![capacity];
        let mut coordinator = Coordinator::new(Moment(0), Plan { cores: 1, origins, ..plan(1) });
        for round in 1..100 {
            let report = Report {
                at: Moment(0) + ROUND * round,
                generation: 1,
                origins: vec![OriginSums::default()],
                waiting: [0; 3],
                // A worker's time and half as much again, of which the worker can do its own.
                offered_us: 150_000,
                admitted_us: 100_000,
                held,
                admitted: 10,
                waited_max_us: 0,
            };
            coordinator.report(0, 0, &report);
            coordinator.on_deadline(report.at);
        }
        coordinator.pressure(0)
    };
    assert!((pressure(None, 5) - 1.5).abs() < 0.01, "{}", pressure(None, 5));
    assert!(pressure(None, 0) < 0.1, "64 slots are far from used up");
    let told = OriginCapacity::new(3_000.0);
    assert!((pressure(told, 5) - 0.5).abs() < 0.01, "the operator knows better");
}

/// Requests of 20 ms that an origin of four workers does in the last five of ten seconds.
fn done_of(class: Class) -> u32 {
    let (step, took) = (Duration::from_millis(1), Duration::from_millis(20));
    let mut now = Moment(0);
    let mut alone = Alone::as_told(now, vec![OriginCapacity::new(4_000.0)], [1, 2]);
    let (mut out, mut done) = (VecDeque::new(), 0);
    for tick in 0..10_000 {
        now = now + step;
        while out.front().is_some_and(|(since, _)| now.since(*since) >= took) {
            let (_, permit) = out.pop_front().unwrap();
            alone.headed(now, &permit, Head { length: Some(100), kind: Kind::Brief });
            alone.finished(now, permit, Outcome::answered(100));
            done += u32::from(tick >= 5_000);
        }
        alone.on_deadline(now);
        if let Offer::Admit(permit) = alone.offer(now, &Request { class, ..request() }) {
            out.push_back((now, permit));
        }
        let ready = std::iter::from_fn(|| alone.poll_ready());
        out.extend(ready.filter_map(|ready| Some((now, ready.answer.ok()?))));
    }
    done
}

#[test]
fn what_goes_last_leaves_a_part_of_what_an_origin_was_told_to_carry_to_whoever_comes_before_it() {
    let (unknown, last) = (done_of(Class::Unknown), done_of(Class::Low));
    assert!((900..=1_010).contains(&unknown), "{unknown}");
    let part = f64::from(last) / f64::from(unknown);
    assert!((0.82..=0.88).contains(&part), "{part}");
}
