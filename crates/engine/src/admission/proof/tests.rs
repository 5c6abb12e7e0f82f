//! What proves a visitor, and what does not.

use super::filter::{Filter, MARKS_MAX};
use super::*;

const MINUTE: Duration = Duration::from_mins(1);

fn source(text: &str) -> SourceKey {
    SourceKey::of(text.parse().unwrap())
}

fn at(minutes: u32) -> Moment {
    Moment(0) + MINUTE * minutes
}

/// A page and a picture of it, so many times.
fn browse(proofs: &mut Proofs, now: Moment, stack: StackMark, times: u32) {
    for _ in 0..times {
        proofs.fetched(now, stack, Fetch::Navigation);
        proofs.fetched(now, stack, Fetch::SubResource);
    }
}

#[test]
fn a_cookie_proves_from_ten_to_twenty_minutes_after_the_origin_set_it() {
    let mut proofs = Proofs::new(at(0), [1, 2]);
    let stranger = proofs.stack(source("192.0.2.1"), 1);
    let cookie = proofs.cookie(b"session", b"abc");
    let other = proofs.cookie(b"session", b"abd");
    proofs.cookie_set(at(3), cookie);
    for minute in 3..13 {
        proofs.weigh(at(minute), 0.1);
        assert_eq!(proofs.look(&[cookie], stranger), None, "minute {minute}");
    }
    for minute in 13..23 {
        proofs.weigh(at(minute), 0.1);
    }
    assert_eq!(proofs.look(&[cookie], stranger), Some(Proven::Cookie));
    assert_eq!(proofs.look(&[other], stranger), None);
}

#[test]
fn a_proof_in_use_is_kept_and_one_that_is_not_is_forgotten_within_two_days() {
    let mut proofs = Proofs::new(at(0), [1, 2]);
    let used = proofs.stack(source("192.0.2.1"), 1);
    let unused = proofs.stack(source("192.0.2.2"), 1);
    browse(&mut proofs, at(0), used, 3);
    browse(&mut proofs, at(0), unused, 3);
    for hour in (0..49).step_by(12) {
        assert_eq!(proofs.look(&[], used), Some(Proven::Visits), "hour {hour}");
        proofs.served(at(hour * 60), &[], used);
    }
    assert_eq!(proofs.look(&[], used), Some(Proven::Visits));
    assert_eq!(proofs.look(&[], unused), None);
}

#[test]
fn three_pages_with_what_they_consist_of_prove_and_nothing_less_does() {
    let mut proofs = Proofs::new(at(0), [1, 2]);
    let [whole, two, bare, parts] =
        [1, 2, 3, 4].map(|fingerprint| proofs.stack(source("2001:db8::1"), fingerprint));
    browse(&mut proofs, at(1), whole, 3);
    browse(&mut proofs, at(1), two, 2);
    for _ in 0..10 {
        proofs.fetched(at(1), bare, Fetch::Navigation);
        proofs.fetched(at(1), parts, Fetch::SubResource);
    }
    assert_eq!(proofs.look(&[], whole), Some(Proven::Visits));
    for stack in [two, bare, parts] {
        assert_eq!(proofs.look(&[], stack), None);
    }
}

#[test]
fn nothing_is_learned_under_pressure_nor_ten_minutes_after() {
    let mut proofs = Proofs::new(at(0), [1, 2]);
    let stack = proofs.stack(source("192.0.2.1"), 1);
    let (before, during) = (proofs.cookie(b"id", b"1"), proofs.cookie(b"id", b"2"));
    proofs.cookie_set(at(1), before);
    proofs.weigh(at(2), 0.7);
    browse(&mut proofs, at(3), stack, 5);
    proofs.cookie_set(at(3), during);
    for minute in 3..12 {
        proofs.weigh(at(minute), 0.2);
        browse(&mut proofs, at(minute), stack, 5);
    }
    assert_eq!(proofs.look(&[before, during], stack), None);
    for minute in 12..40 {
        proofs.weigh(at(minute), 0.2);
    }
    assert_eq!(proofs.look(&[during], stack), None);
    assert_eq!(proofs.look(&[before], stack), Some(Proven::Cookie));
    browse(&mut proofs, at(40), stack, 3);
    assert_eq!(proofs.look(&[], stack), Some(Proven::Visits));
}

/// Marks that are spread as those of cookies are.
fn marks(proofs: &Proofs, numbers: std::ops::Range<u32>) -> Vec<u64> {
    numbers.map(|number| proofs.cookie(b"id", &number.to_le_bytes()).0).collect()
}

#[test]
fn a_full_filter_never_says_no_to_its_own_and_seldom_yes_to_others() {
    let (proofs, mut filter) = (Proofs::new(at(0), [1, 2]), Filter::default());
    let own = marks(&proofs, 0..MARKS_MAX);
    for mark in &own {
        filter.add(*mark);
    }
    assert!(own.iter().all(|mark| filter.has(*mark)));
    let strangers = marks(&proofs, MARKS_MAX..MARKS_MAX + 100_000);
    let mistaken = strangers.iter().filter(|mark| filter.has(**mark)).count();
    println!("{mistaken} of 100,000 strangers pass");
    assert!(mistaken < 200, "{mistaken} of 100,000 strangers");
}

#[test]
fn more_marks_than_a_generation_holds_are_counted() {
    let proofs = Proofs::new(at(0), [1, 2]);
    let mut generations = Generations::new(at(0), GENERATION);
    for mark in marks(&proofs, 0..MARKS_MAX + MARKS_MAX / 4) {
        generations.add(at(0), mark);
    }
    assert_eq!(generations.saturated(), 1);
}
