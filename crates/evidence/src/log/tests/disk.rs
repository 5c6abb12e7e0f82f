//! A disk that is full, broken, forgetful or read-only never fails a caller, and nothing is lost
//! or doubled without a word.

use super::{Chance, at, check, fact, key, run, told};
use crate::log::{Limits, Log};
use crate::store::failing::{FailingStore, Mood};
use seawall_types::evidence::{Fact, GapReason};

/// Facts a test offers each second.
const PER_SECOND: u64 = 100;

/// Offers facts for a minute, with the disk in `mood` from second 10 to `until`; gives the numbers
/// that are in the log, those lost, and the reasons of its gaps.
fn a_minute(mood: Mood, until: u64, limits: Limits) -> (Vec<u64>, u64, Vec<GapReason>) {
    let store = FailingStore::default();
    let mut log = Log::open(store.clone(), key(), limits, at(0));
    for number in 0..60 * PER_SECOND {
        let ms = number * 1_000 / PER_SECOND;
        match ms {
            10_000 => store.mood.set(mood),
            _ if ms == until * 1_000 => store.mood.set(Mood::Well),
            _ => {}
        }
        log.append(at(ms), &fact(number));
        run(&mut log, ms);
        if ms == 14_000 {
            assert!(log.status().failing.is_some(), "{mood:?} is noticed");
        }
    }
    log.append(at(60_000), &Fact::NodeStopped);
    log.finish(at(61_500));
    let found = check(&store);
    assert!(found.holds() && found.has_ended, "{:?}", found.first_break);
    let reasons = found.gaps.iter().map(|gap| gap.gap.reason).collect();
    let lost: u64 = found.gaps.iter().filter_map(|gap| gap.gap.lost).sum();
    assert_eq!(lost, log.status().lost);
    (told(&store), lost, reasons)
}

fn small() -> Limits {
    Limits { waiting_records: 800, ..Limits::default() }
}

#[test]
fn a_short_fault_loses_nothing() {
    for mood in [Mood::Full(1_000), Mood::Broken, Mood::Forgetful, Mood::Torn(77), Mood::ReadOnly] {
        let (told, lost, reasons) = a_minute(mood, 15, small());
        assert_eq!((told, lost), ((0..6_000).collect(), 0), "{mood:?}");
        assert!(reasons.is_empty(), "{mood:?}");
    }
}

#[test]
fn a_long_fault_loses_what_the_gap_says_and_no_more() {
    for (mood, reason) in [
        (Mood::Full(1_000), GapReason::DiskFull),
        (Mood::Broken, GapReason::DiskFault),
        (Mood::Forgetful, GapReason::DiskFault),
        (Mood::Torn(77), GapReason::DiskFault),
        (Mood::ReadOnly, GapReason::DiskReadOnly),
    ] {
        let (told, lost, reasons) = a_minute(mood, 40, small());
        assert_eq!(reasons, [reason], "{mood:?}");
        assert!(lost > 1_000, "{mood:?}: {lost}");
        assert_eq!(told.len() as u64 + lost, 6_000, "{mood:?}");
        assert!(told.is_sorted_by(|a, b| a < b), "{mood:?}: doubled or out of order");
        let missing = told.windows(2).filter(|pair| pair[1] != pair[0] + 1).count();
        assert_eq!(missing, 1, "{mood:?}: one gap, one hole");
    }
}

#[test]
fn a_folder_that_cannot_be_written_at_the_start_is_tried_again() {
    let store = FailingStore::default();
    store.mood.set(Mood::ReadOnly);
    let mut log = Log::open(store.clone(), key(), Limits::default(), at(0));
    log.append(at(1), &fact(1));
    run(&mut log, 5_000);
    let failing = log.status().failing.expect("the disk takes nothing");
    assert_eq!(failing.reason, GapReason::DiskReadOnly);
    store.mood.set(Mood::Well);
    run(&mut log, 20_000);
    assert_eq!((log.status().failing, told(&store)), (None, vec![1]));
}

#[test]
fn a_log_waits_for_the_process_that_still_writes_there() {
    let store = FailingStore::default();
    let mut first = Log::open(store.clone(), key(), Limits::default(), at(0));
    first.append(at(0), &fact(0));
    store.mood.set(Mood::Taken);
    let mut second = Log::open(store.clone(), key(), Limits::default(), at(0));
    second.append(at(1), &fact(2));
    run(&mut second, 3_000);
    let failing = second.status().failing.expect("the first still writes");
    assert_eq!(failing.reason, GapReason::Occupied);
    first.append(at(3_000), &fact(1));
    first.append(at(3_000), &Fact::NodeStopped);
    first.finish(at(3_000));
    store.mood.set(Mood::Well);
    run(&mut second, 20_000);
    assert_eq!(told(&store), [0, 1, 2]);
    let found = check(&store);
    assert!(found.holds() && found.gaps.is_empty(), "{:?}", found.gaps);
}

#[test]
fn what_matters_most_finds_room_when_the_rest_does_not() {
    let store = FailingStore::default();
    let mut log = Log::open(store.clone(), key(), small(), at(0));
    store.mood.set(Mood::Broken);
    (0..1_000).for_each(|number| log.append(at(number), &fact(number)));
    assert_eq!(log.status().waiting, 600);
    log.append(at(1_000), &Fact::NodeStopped);
    // The gap of the four hundred, and the stop that made it be told.
    assert_eq!((log.status().waiting, log.status().lost), (602, 400));
    store.mood.set(Mood::Well);
    log.finish(at(2_000));
    let found = check(&store);
    assert!(found.holds() && found.has_ended);
    assert_eq!(found.gaps[0].gap.lost, Some(400));
}

#[test]
fn a_burst_that_a_healthy_disk_takes_is_not_lost_between_two_syncs() {
    let store = FailingStore::default();
    let mut log = Log::open(store.clone(), key(), small(), at(0));
    for number in 0..20_000 {
        log.append(at(number / 20), &fact(number));
        run(&mut log, number / 20);
    }
    log.finish(at(1_000));
    assert_eq!((log.status().lost, told(&store).len()), (0, 20_000));
}

#[test]
fn whatever_the_disk_does_in_between_the_log_holds_and_counts() {
    for seed in 0..200 {
        let mut chance = Chance(seed);
        let store = FailingStore::default();
        let limits = Limits { segment_bytes: 5_000, total_bytes: 1 << 30, ..small() };
        let mut log = Log::open(store.clone(), key(), limits, at(0));
        let mut ms = 0;
        for number in 0..500 {
            ms += chance.below(400) as u64;
            if chance.below(10) == 0 {
                let moods = [
                    Mood::Well,
                    Mood::Full(chance.below(2_000)),
                    Mood::Broken,
                    Mood::Forgetful,
                    Mood::Torn(chance.below(2_000)),
                    Mood::ReadOnly,
                ];
                store.mood.set(moods[chance.below(moods.len())]);
            }
            log.append(at(ms), &fact(number));
            run(&mut log, ms);
        }
        store.mood.set(Mood::Well);
        log.append(at(ms), &Fact::NodeStopped);
        log.finish(at(ms));
        let found = check(&store);
        assert!(found.holds() && found.has_ended, "seed {seed}: {:?}", found.first_break);
        let told = told(&store);
        assert!(told.is_sorted_by(|a, b| a < b), "seed {seed}");
        assert_eq!(told.len() as u64 + log.status().lost, 500, "seed {seed}");
    }
}

#[test]
fn what_was_lost_on_its_way_to_the_log_is_told_by_a_gap() {
    let store = FailingStore::default();
    let mut log = Log::open(store.clone(), key(), Limits::default(), at(0));
    log.append(at(100), &fact(0));
    log.lost((at(200), at(900)), 7);
    log.lost((at(900), at(1_000)), 2);
    run(&mut log, 3_000);
    log.append(at(4_000), &Fact::NodeStopped);
    log.finish(at(4_000));
    let found = check(&store);
    assert!(found.holds() && found.has_ended, "{:?}", found.first_break);
    let [gap] = found.gaps.as_slice() else { panic!("{:?}", found.gaps) };
    assert_eq!((gap.gap.reason, gap.gap.lost), (GapReason::DiskSlow, Some(9)));
    assert_eq!((gap.gap.from, gap.gap.to, log.status().lost), (at(200), at(1_000), 9));
}
