//! What proves a visitor, and what does not.

use super::filter::{BLOCKS_MAX, Filter, MARKS_MAX};
use super::*;

const MINUTE: Duration = Duration::from_mins(1);

fn source(text: &str) -> SourceKey {
    SourceKey::of(text.parse().unwrap())
}

fn at(minutes: u32) -> Moment {
    Moment(0) + MINUTE * minutes
}

const SEED: MarkSeed = MarkSeed([1, 2]);

fn proofs() -> Proofs {
    Proofs::new(at(0), Scale::WHOLE)
}

fn stack(text: &str, looks: &str) -> StackMark {
    SEED.stack(source(text), [looks.as_bytes(), b""])
}

fn network(text: &str) -> Prefix {
    Prefix::of(text.parse().unwrap())
}

/// What proves a visitor with these cookies from 192.0.2.1 and a browser of its own.
fn look(proofs: &Proofs, cookies: &[CookieMark]) -> Option<Proven> {
    look_from(proofs, cookies, "192.0.2.1")
}

fn look_from(proofs: &Proofs, cookies: &[CookieMark], from: &str) -> Option<Proven> {
    let who = (stack(from, "browser"), network(from));
    proofs.look(cookies.iter().copied(), who).map(|proof| proof.by)
}

/// A page and a picture of it, so many times.
fn browse(proofs: &Proofs, now: Moment, stack: StackMark, times: u32) {
    for _ in 0..times {
        proofs.fetched(now, stack, Fetch::Navigation);
        proofs.fetched(now, stack, Fetch::SubResource);
    }
}

fn rest(proofs: &Proofs, minutes: std::ops::Range<u32>) {
    minutes.for_each(|minute| proofs.weigh(at(minute), 0.1));
}

#[test]
fn a_cookie_proves_from_ten_to_twenty_minutes_after_the_origin_set_it() {
    let proofs = proofs();
    let [cookie, other] = [b"session=abc", b"session=abd"].map(|pair| SEED.cookie(pair));
    proofs.cookie_set(at(3), cookie, network("192.0.2.1"));
    for minute in 3..13 {
        proofs.weigh(at(minute), 0.1);
        assert_eq!(look(&proofs, &[cookie]), None, "minute {minute}");
    }
    rest(&proofs, 13..23);
    assert_eq!(look(&proofs, &[other, cookie]), Some(Proven::Cookie));
    assert_eq!(look_from(&proofs, &[cookie], "198.51.100.7"), Some(Proven::Cookie));
    assert_eq!(look(&proofs, &[other]), None);
}

#[test]
fn a_cookie_that_is_brought_from_seven_networks_proves_nothing_any_more() {
    let proofs = proofs();
    let [replayed, own] = [b"session=abc", b"session=own"].map(|pair| SEED.cookie(pair));
    proofs.cookie_was_set(replayed);
    proofs.cookie_was_set(own);
    let from = |third: u8| format!("198.51.{third}.1");
    for third in 0..6 {
        let by = look_from(&proofs, &[replayed], &from(third));
        assert_eq!(by, Some(Proven::Cookie), "network {third}");
    }
    assert_eq!(look_from(&proofs, &[replayed], &from(6)), None);
    assert_eq!(look_from(&proofs, &[replayed], &from(0)), None, "nor where it was good before");
    for third in [0, 1].repeat(20) {
        assert_eq!(look_from(&proofs, &[own], &from(third)), Some(Proven::Cookie));
    }
    rest(&proofs, 1..30);
    assert_eq!(look_from(&proofs, &[replayed], &from(0)), None, "nor later");
}

#[test]
fn a_cookie_that_the_origin_sets_for_everybody_proves_nothing() {
    let proofs = proofs();
    let same = SEED.cookie(b"banner=shown-to-everybody");
    for third in 0..9 {
        proofs.cookie_set(at(1), same, network(&format!("198.51.{third}.1")));
    }
    rest(&proofs, 1..30);
    assert_eq!(look(&proofs, &[same]), None);
}

#[test]
fn a_proof_in_use_is_kept_and_one_that_is_not_is_forgotten_within_two_days() {
    let proofs = proofs();
    let [used, unused] = ["192.0.2.1", "192.0.2.2"].map(|source| stack(source, "browser"));
    browse(&proofs, at(0), used, 3);
    browse(&proofs, at(0), unused, 3);
    let network = network("192.0.2.1");
    for hour in (0..49).step_by(12) {
        proofs.weigh(at(hour * 60), 0.1);
        let proof = proofs.look([], (used, network));
        assert_eq!(proof.map(|proof| proof.by), Some(Proven::Visits), "hour {hour}");
        proofs.served(proof.unwrap());
    }
    assert!(proofs.look([], (used, network)).is_some());
    assert_eq!(proofs.look([], (unused, network)), None);
}

#[test]
fn three_pages_with_what_they_consist_of_prove_and_nothing_less_does() {
    let proofs = proofs();
    let [whole, two, bare, parts] =
        ["whole", "two", "bare", "parts"].map(|looks| stack("2001:db8::1", looks));
    browse(&proofs, at(1), whole, 3);
    browse(&proofs, at(1), two, 2);
    for _ in 0..10 {
        proofs.fetched(at(1), bare, Fetch::Navigation);
        proofs.fetched(at(1), parts, Fetch::SubResource);
    }
    let proven = |stack| proofs.look([], (stack, network("2001:db8::1"))).is_some();
    assert!(proven(whole));
    for stack in [two, bare, parts] {
        assert!(!proven(stack));
    }
}

#[test]
fn a_part_that_comes_half_a_minute_after_its_page_completes_nothing() {
    let proofs = proofs();
    let late = stack("192.0.2.1", "late");
    for minute in 1..9 {
        proofs.fetched(at(minute), late, Fetch::Navigation);
        proofs.fetched(at(minute) + Duration::from_secs(32), late, Fetch::SubResource);
    }
    assert_eq!(proofs.look([], (late, network("192.0.2.1"))), None);
}

#[test]
fn nothing_is_learned_under_pressure_nor_ten_minutes_after() {
    let proofs = proofs();
    let visitor = stack("192.0.2.1", "browser");
    let [before, during] = [b"id=1", b"id=2"].map(|pair| SEED.cookie(pair));
    let here = network("192.0.2.1");
    proofs.cookie_set(at(1), before, here);
    (0..=30).for_each(|second| proofs.weigh(at(2) + second * Duration::from_secs(1), 1.2));
    browse(&proofs, at(3), visitor, 5);
    proofs.cookie_set(at(3), during, here);
    for minute in 3..12 {
        proofs.weigh(at(minute), 0.2);
        browse(&proofs, at(minute), visitor, 5);
    }
    assert_eq!(look(&proofs, &[before, during]), None);
    rest(&proofs, 12..40);
    assert_eq!(look(&proofs, &[during]), None);
    assert_eq!(look(&proofs, &[before]), Some(Proven::Cookie));
    browse(&proofs, at(40), visitor, 3);
    assert_eq!(look(&proofs, &[]), Some(Proven::Visits));
}

#[test]
fn visits_that_begin_on_one_core_and_go_on_on_another_prove() {
    let proofs = proofs();
    let visitor = stack("192.0.2.1", "browser");
    let do_on_a_core = |fetch| {
        std::thread::scope(|scope| {
            scope.spawn(|| proofs.fetched(at(1), visitor, fetch));
        });
    };
    for _ in 0..3 {
        do_on_a_core(Fetch::Navigation);
        do_on_a_core(Fetch::SubResource);
    }
    assert_eq!(look(&proofs, &[]), Some(Proven::Visits));
}

/// Marks that are spread as those of cookies are.
fn marks(numbers: std::ops::Range<usize>) -> Vec<u64> {
    numbers.map(|number| SEED.cookie(format!("id={number}").as_bytes()).0).collect()
}

#[test]
fn a_full_filter_of_any_size_never_says_no_to_its_own_and_seldom_yes_to_others() {
    for scale in [Scale::WHOLE, Scale::LEAST] {
        let filter = Filter::new(scale.of(BLOCKS_MAX));
        let own = marks(0..scale.of(MARKS_MAX));
        for mark in &own {
            filter.add(*mark);
        }
        assert!(own.iter().all(|mark| filter.has(*mark)));
        let strangers = marks(MARKS_MAX..MARKS_MAX + 100_000);
        let mistaken = strangers.iter().filter(|mark| filter.has(**mark)).count();
        println!("{mistaken} of 100,000 strangers pass");
        assert!(mistaken < 200, "{mistaken} of 100,000 strangers");
    }
}

#[test]
fn more_marks_than_a_generation_holds_are_counted() {
    let generations = Generations::new(at(0), GENERATION, BLOCKS_MAX);
    for mark in marks(0..MARKS_MAX + MARKS_MAX / 4) {
        generations.add(mark);
    }
    generations.turn(at(0));
    generations.turn(at(0));
    assert_eq!(generations.saturated(), 1);
}

#[test]
fn many_platforms_have_no_more_together_than_a_few_large_ones() {
    let scales = [1, 16, 17, 32, 100, 256].map(|platforms| Scale::among(platforms, 16).0);
    assert_eq!(scales, [0, 0, 1, 1, 3, 3]);
}

#[test]
fn visitors_prove_beside_ten_a_second_who_begin_visits_and_complete_none() {
    let proofs = proofs();
    let visitors: Vec<_> = (0..50).map(|n| stack("192.0.2.1", &format!("visitor {n}"))).collect();
    for second in 0..600_u64 {
        let now = Moment(0) + Duration::from_secs(second);
        for number in 0..10 {
            let looks = format!("beginner {second} {number}");
            proofs.fetched(now, stack("192.0.2.2", &looks), Fetch::Navigation);
        }
        // Three pages, three minutes apart.
        if [10, 190, 370].contains(&second) {
            for visitor in &visitors {
                browse(&proofs, now, *visitor, 1);
            }
        }
    }
    let network = network("192.0.2.1");
    let proven = visitors.iter().filter(|mark| proofs.look([], (**mark, network)).is_some());
    assert_eq!(proven.count(), 50);
    let end = Moment(0) + Duration::from_mins(10);
    assert_eq!(proofs.visits(end).1, 0, "nothing was lost that anybody could still complete");
}

#[test]
fn a_table_of_visits_that_is_full_displaces_who_completed_least_and_says_so() {
    let proofs = proofs();
    let visitor = stack("192.0.2.1", "browser");
    browse(&proofs, at(1), visitor, 2);
    for number in 0..100_000 {
        proofs.fetched(at(1), stack("192.0.2.2", &format!("beginner {number}")), Fetch::Navigation);
    }
    let ([entries, room], lost) = proofs.visits(at(1));
    assert_eq!((entries, room), (VISITS_MAX as u64, VISITS_MAX as u64));
    assert_eq!(lost, 100_001 - room);
    browse(&proofs, at(2), visitor, 1);
    assert_eq!(look(&proofs, &[]), Some(Proven::Visits));
    // In half a minute those who complete nothing are gone by themselves.
    assert_eq!(proofs.visits(at(2)).0[0], 0, "the visitor is done as well");
    browse(&proofs, at(3), stack("192.0.2.3", "browser"), 1);
    assert_eq!(proofs.visits(at(3)).0[0], 1, "whoever comes after nobody was there");
}
