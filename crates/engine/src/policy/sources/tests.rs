use super::*;
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr};

const SEED: [u64; 2] = [1, 2];

fn source(number: u32) -> SourceKey {
    SourceKey::of(IpAddr::V4(Ipv4Addr::from(number)))
}

fn at(seconds: f64) -> Moment {
    Moment::default() + Duration::from_secs_f64(seconds)
}

fn connected(table: &SourceTable, now: Moment, number: u32) -> Slot {
    match table.connect(now, source(number), u32::MAX) {
        Connect::Counted(slot) => slot,
        other => panic!("source {number} was not counted: {other:?}"),
    }
}

#[test]
fn a_source_gets_its_burst_and_then_its_rate() {
    let table = SourceTable::new(SEED);
    let pace = Pace::new(Duration::from_millis(100), 5);
    let slot = connected(&table, at(1.0), 7);
    let taken = (0..20).filter(|_| table.take(at(1.0), slot, pace)).count();
    assert_eq!(taken, 5);
    assert!(table.is_over(at(1.0), slot, pace));
    assert!(!table.is_over(at(1.1), slot, pace));
    let over_ten_seconds = (0..10_000)
        .filter(|step| table.take(at(1.0 + f64::from(*step) / 1000.0), slot, pace))
        .count();
    assert!((99..=101).contains(&over_ten_seconds), "{over_ten_seconds}");
}

#[test]
fn debt_is_bounded_so_a_source_that_stops_is_free_again() {
    let table = SourceTable::new(SEED);
    let pace = Pace::new(Duration::from_millis(100), 10);
    let slot = connected(&table, at(0.0), 7);
    for _ in 0..100_000 {
        table.charge_over(at(0.0), slot, pace);
    }
    assert!(table.is_over(at(0.9), slot, pace));
    assert!(!table.is_over(at(1.0), slot, pace));
}

#[test]
fn connections_are_bounded_and_given_back() {
    let table = SourceTable::new(SEED);
    let slots: Vec<_> = (0..3).map(|_| table.connect(at(0.0), source(1), 3)).collect();
    assert!(slots.iter().all(|connect| matches!(connect, Connect::Counted(_))));
    assert_eq!(table.connect(at(0.0), source(1), 3), Connect::TooMany);
    assert!(matches!(table.connect(at(0.0), source(2), 3), Connect::Counted(_)));
    let Connect::Counted(slot) = slots[0] else { unreachable!() };
    table.disconnect(slot);
    assert!(matches!(table.connect(at(0.0), source(1), 3), Connect::Counted(_)));
}

#[test]
fn a_full_table_says_so_and_judges_nobody_wrongly_and_eases_when_sources_leave() {
    let table = SourceTable::new(SEED);
    let mut held = Vec::new();
    let mut unjudged = 0;
    for number in 0..u32::try_from(SOURCES_MAX * 2).unwrap() {
        match table.connect(at(0.0), source(number), 1) {
            Connect::Counted(slot) => held.push(slot),
            Connect::Unjudged => unjudged += 1,
            Connect::TooMany => panic!("source {number} holds nothing yet"),
        }
    }
    assert!(held.len() > SOURCES_MAX * 9 / 10, "{} held", held.len());
    assert_eq!(table.saturated(), unjudged);
    assert_eq!(table.entries(at(0.0)), held.len() as u64);
    for slot in held {
        table.disconnect(slot);
    }
    assert_eq!(table.entries(at(0.0)), 0);
    assert!(matches!(table.connect(at(0.0), source(u32::MAX), 1), Connect::Counted(_)));
}

#[test]
fn who_left_is_counted_until_its_budget_is_full_and_again_when_it_comes_back() {
    let table = SourceTable::new(SEED);
    let pace = Pace::new(Duration::from_secs(2), 1);
    for number in 0..500 {
        let slot = connected_as(&table, source(number));
        assert!(table.take(at(1.0), slot, pace));
        table.disconnect(slot);
    }
    assert_eq!(table.entries(at(2.0)), 500);
    assert_eq!([table.entries(at(3.0)), table.entries(at(3.0))], [0, 0]);
    connected_as(&table, source(7));
    assert_eq!(table.entries(at(4.0)), 1);
}

fn connected_as(table: &SourceTable, source: SourceKey) -> Slot {
    match table.connect(at(1.0), source, 1) {
        Connect::Counted(slot) => slot,
        Connect::TooMany | Connect::Unjudged => panic!("there is room for it"),
    }
}

#[test]
fn half_a_table_of_sources_finds_room_but_for_a_few() {
    let table = SourceTable::new(SEED);
    for number in 0..u32::try_from(SOURCES_MAX / 2).unwrap() {
        table.connect(at(0.0), source(number), 1);
    }
    assert!(table.saturated() < SOURCES_MAX as u64 / 1000, "{}", table.saturated());
}

#[test]
fn cores_that_share_a_source_never_let_through_more_than_its_budget() {
    let table = SourceTable::new(SEED);
    let pace = Pace::new(Duration::from_secs(1000), 1000);
    let taken: usize = std::thread::scope(|scope| {
        let cores: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let slot = connected(&table, at(1.0), 9);
                    (0..2_000).filter(|_| table.take(at(1.0), slot, pace)).count()
                })
            })
            .collect();
        cores.into_iter().map(|core| core.join().unwrap()).sum()
    });
    assert_eq!(taken, 1000);
}

proptest! {
    #[test]
    fn over_any_trace_a_source_is_let_through_at_most_burst_plus_rate_times_time(
        gaps_ms in proptest::collection::vec(0_u64..400, 1..200),
        interval_ms in 1_u64..500,
        burst in 1_u32..50,
    ) {
        let table = SourceTable::new(SEED);
        let pace = Pace::new(Duration::from_millis(interval_ms), burst);
        let slot = connected(&table, at(0.0), 1);
        let mut now = at(5.0);
        let start = now;
        let mut taken = 0_u64;
        for gap in gaps_ms {
            now = now + Duration::from_millis(gap);
            taken += u64::from(table.take(now, slot, pace));
        }
        let span_ms = u64::try_from(now.since(start).as_millis()).unwrap();
        prop_assert!(taken <= u64::from(burst) + span_ms / interval_ms);
    }
}
