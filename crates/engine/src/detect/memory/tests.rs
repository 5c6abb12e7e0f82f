use super::*;
use crate::detect::signature::Term;
use seawall_types::{Attribute, Trait};

const TOOL: u32 = 7;

fn signature(ja4: u32) -> Signature {
    Signature::new(&[Term::Is(Attribute::Ja4, Trait::new(ja4)), Term::Novel(Attribute::Agent)])
        .unwrap()
}

fn found(ja4: u32) -> Found {
    Found {
        signature: signature(ja4),
        certificate: Certificate::of(0, 4_000),
        share_of_excess: 0.9,
        ms_per_s: 1_000.0,
    }
}

fn at(ticks: u64) -> Moment {
    Moment(ticks * 250_000_000)
}

#[test]
fn windows_are_counted_once_a_second_and_five_of_them_count() {
    let mut memory = Memory::default();
    assert_eq!(memory.persistence(&signature(TOOL)), 0);
    memory.found(at(0), &found(TOOL));
    memory.found(at(1), &found(TOOL));
    assert_eq!(memory.persistence(&signature(TOOL)), 1);
    (1..20).for_each(|second| memory.found(at(4 * second), &found(TOOL)));
    assert_eq!(memory.persistence(&signature(TOOL)), CLEAN_MAX);
}

#[test]
fn a_signature_rests_after_a_second_under_a_fifth_of_its_peak_and_acts_on_its_first_tick_over_it() {
    let mut memory = Memory::default();
    memory.found(at(0), &found(TOOL));
    let acts = |memory: &mut Memory, tick, ms_per_s| {
        memory.tick(at(tick), true, (|_: &_| ms_per_s, same));
        !memory.active().is_empty()
    };
    assert!(acts(&mut memory, 1, 900.0));
    assert!(acts(&mut memory, 2, 150.0));
    assert!(acts(&mut memory, 4, 0.0));
    assert!(!acts(&mut memory, 5, 0.0));
    assert!(!acts(&mut memory, 6, 199.0));
    assert!(acts(&mut memory, 7, 201.0));
}

#[test]
fn what_rests_stays_at_rest_while_everything_can_be_served() {
    let mut memory = Memory::default();
    memory.found(at(0), &found(TOOL));
    (1..8).for_each(|tick| assert_eq!(memory.tick(at(tick), true, (|_: &_| 0.0, same)), tick == 4));
    assert!(!memory.tick(at(9), false, (|_: &_| 900.0, same)));
    assert!(memory.active().is_empty());
    assert!(memory.tick(at(10), true, (|_: &_| 900.0, same)));
}

#[test]
fn a_full_memory_forgets_what_was_seen_longest_ago() {
    let mut memory = Memory::default();
    let all = u32::try_from(REMEMBERED_MAX).unwrap();
    for ja4 in 1..=all + 1 {
        memory.found(at(u64::from(ja4)), &found(ja4));
    }
    assert_eq!(memory.all.len(), REMEMBERED_MAX);
    assert_eq!(memory.persistence(&signature(1)), 0);
    assert_eq!(memory.persistence(&signature(all + 1)), 1);
}

#[test]
fn what_was_not_seen_for_a_week_is_forgotten() {
    let mut memory = Memory::default();
    memory.found(at(0), &found(TOOL));
    memory.tick(Moment(0) + FORGOTTEN_AFTER, true, (|_: &_| 0.0, same));
    assert!(memory.is_empty());
}

#[test]
fn a_second_wave_is_known_after_a_restart_at_its_first_tick() {
    let mut memory = Memory::default();
    (0..9).for_each(|second| memory.found(at(4 * second), &found(TOOL)));
    let mut bytes = Vec::new();
    memory.put(&mut bytes);
    bytes.push(42);
    let (mut again, rest) = Memory::take(at(1), &bytes).unwrap();
    assert_eq!(rest, [42]);
    assert!(again.active().is_empty());
    assert_eq!(again.persistence(&signature(TOOL)), CLEAN_MAX);
    let matched = |one: &Signature| if *one == signature(TOOL) { 400.0 } else { 0.0 };
    assert!(again.tick(at(2), true, (matched, same)));
    assert_eq!(again.active()[0].certificate, Certificate::of(0, 4_000));
}

#[test]
fn bytes_that_are_cut_or_senseless_are_refused() {
    let mut memory = Memory::default();
    memory.found(at(0), &found(TOOL));
    let mut bytes = Vec::new();
    memory.put(&mut bytes);
    for length in 0..bytes.len() {
        assert!(Memory::take(at(0), &bytes[..length]).is_none(), "{length}");
    }
    let with = |place: usize, byte: u8| {
        let mut wrong = bytes.clone();
        wrong[place] = byte;
        Memory::take(at(0), &wrong).is_none()
    };
    assert!(with(0, 200), "more than can be remembered");
    assert!(with(1, 9), "no kind of term");
    assert!(with(2, 99), "no attribute");
}

/// As many of today's visitors as when it was found.
#[expect(clippy::unnecessary_wraps, reason = "where nobody is known there is none")]
fn same(_: &Signature) -> Option<Certificate> {
    Some(Certificate::of(0, 4_000))
}

#[test]
fn what_would_touch_more_than_one_of_a_thousand_of_todays_visitors_is_not_woken() {
    for (hits, wakes) in [(4, true), (5, false)] {
        let mut memory = Memory::default();
        memory.found(at(0), &found(TOOL));
        (1..8).for_each(|tick| {
            memory.tick(at(tick), true, (|_: &_| 0.0, same));
        });
        let today = |_: &Signature| Some(Certificate::of(hits, 4_000));
        assert_eq!(memory.tick(at(9), true, (|_: &_| 900.0, today)), wakes, "{hits}");
        assert_eq!(memory.is_empty(), !wakes);
    }
}
