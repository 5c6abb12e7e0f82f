//! What is learned of routes, and what is not.

use super::*;
use crate::admission::{MethodKind, RouteSeed};

fn key(path: &str) -> RouteKey {
    RouteKey::of(RouteSeed([1, 2]), MethodKind::Read, path)
}

fn answer(ms: u32, load: Load) -> Answer {
    Answer { took_us: ms * 1_000, bytes: 1_000, load }
}

fn taught(times: u32, ms: u32, load: Load) -> RouteTable {
    let mut table = RouteTable::default();
    for at in 0..times {
        let now = Moment(0) + Duration::from_millis(100) * at;
        table.learn(now, key("/"), &answer(ms, load));
    }
    table
}

#[test]
fn a_route_costs_what_it_takes_alone_also_when_it_was_only_seen_pressed() {
    for (ms, load) in [(40, Load::Calm), (120, Load::Pressed { ratio: 3.0 })] {
        let table = taught(200, ms, load);
        let base = table.base_us(table.look(key("/")));
        assert!((39_000..=41_000).contains(&base), "{load:?}: {base}");
    }
}

#[test]
fn a_slow_ramp_of_load_does_not_pass_for_normal_and_a_slower_release_does_in_minutes() {
    let mut table = taught(100, 40, Load::Calm);
    let mut base_at = |seconds: std::ops::Range<u32>| {
        for tenth in seconds.start * 10..seconds.end * 10 {
            let now = Moment(0) + Duration::from_millis(100) * tenth;
            table.learn(now, key("/"), &answer(80, Load::Calm));
        }
        table.base_us(table.look(key("/")))
    };
    let (soon, late) = (base_at(10..20), base_at(20..270));
    assert!(soon < 42_000, "after ten seconds: {soon}");
    assert!(late > 76_000, "after four minutes: {late}");
}

#[test]
fn a_slot_is_given_up_after_ten_times_what_the_slowest_take_within_bounds() {
    for (ms, least, most) in [(1, 1.0, 1.0), (400, 3.5, 5.0), (9_000, 30.0, 30.0)] {
        let table = taught(500, ms, Load::Calm);
        let deadline = table.deadline(table.look(key("/"))).as_secs_f64();
        assert!((least..=most).contains(&deadline), "{ms} ms: {deadline} s");
    }
    assert_eq!(RouteTable::default().deadline(RouteIndex::OTHER), DEADLINE_MAX);
}

#[test]
fn a_route_is_learned_from_answers_alone_and_one_too_many_is_counted() {
    let mut table = RouteTable::default();
    table.learn_unfound(Moment(0), key("/none"), &answer(3, Load::Calm));
    assert_eq!((table.look(key("/none")), table.entries()), (RouteIndex::OTHER, 0));
    // Letters only: digits would be taken for identifiers.
    let path = |number: u32| -> String {
        (0..4).map(|at| char::from(b'a' + u8::try_from(number >> (at * 4) & 15).unwrap())).collect()
    };
    for number in 0..2_000 {
        table.learn(Moment(0), key(&format!("/{}", path(number))), &answer(5, Load::Calm));
    }
    assert!(table.entries() > ROUTES_MAX * 9 / 10, "{}", table.entries());
    assert_eq!(table.saturated(), 2_000 - table.entries() as u64);
    let later = Moment(0) + FORGET_AFTER + Duration::from_secs(1);
    table.learn(later, key("/late"), &answer(5, Load::Calm));
    assert_ne!(table.look(key("/late")), RouteIndex::OTHER, "an old one gave way");
}

#[test]
fn a_film_is_bulk_from_its_first_head_on() {
    let mut table = RouteTable::default();
    table.announce(Moment(0), key("/film.mp4"), 50_000_000);
    let film = table.look(key("/film.mp4"));
    assert!(table.is_bulk(film) && !table.is_learned(film));
}
