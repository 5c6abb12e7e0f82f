//! The log under a virtual clock, on a disk that fails as it is told.

mod disk;
mod power;

use super::{Limits, Log, Status};
use crate::key::NodeKey;
use crate::line::Line;
use crate::segment::{self, SegmentName};
use crate::store::Folder;
use crate::store::failing::FailingStore;
use crate::verify::{Trusted, Verification, verify};
use expect_test::expect;
use seawall_types::evidence::{Clocks, VisitorsHarmed};
use seawall_types::evidence::{Fact, GapReason, Incident, IncidentKind, Measured, Stamp};
use seawall_types::{Moment, WallTime};
use std::collections::BTreeMap;

/// 2026-03-01T12:00:00Z.
const NOON: u64 = 1_772_366_400_000;

/// A test's chance: the same for the same seed.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        // SplitMix64, Steele, Lea and Flood 2014.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % end as u64).expect("below a usize")
    }
}

/// `ms` after noon and after the start.
fn at(ms: u64) -> Stamp {
    Stamp { wall: WallTime(NOON + ms), moment: Moment(ms * 1_000_000) }
}

fn key() -> NodeKey {
    NodeKey::of_node("a".parse().expect("a name"), &[7; 32])
}

fn fact(number: u64) -> Fact {
    Fact::TableSaturated { table: "sources".to_owned(), times: number }
}

fn incident(id: &str) -> Incident {
    Incident {
        id: id.parse().expect("a name"),
        platform: "www".to_owned(),
        kind: IncidentKind::Unknown,
        clocks: Clocks { detected_at: Some(at(500)), ..Clocks::default() },
        requests: BTreeMap::new(),
        visitors_harmed: VisitorsHarmed::Unknown,
        measured: Measured::default(),
        signatures: Vec::new(),
    }
}

/// Calls the log at each of its deadlines up to `until`.
fn run(log: &mut Log<FailingStore>, until: u64) {
    while let Some(due) = log.next_deadline().filter(|due| *due <= Moment(until * 1_000_000)) {
        log.on_deadline(at(due.0.div_ceil(1_000_000)));
    }
}

fn check(store: &FailingStore) -> Verification {
    verify(&mut store.clone(), &Trusted::default()).expect("it can be read")
}

/// Numbers of the facts in the log, in their order.
fn told(store: &FailingStore) -> Vec<u64> {
    let mut store = store.clone();
    let mut names: Vec<_> = store.list().expect("in memory").into_iter().map(|i| i.name).collect();
    names.retain(|name| SegmentName::parse(name).is_some());
    let mut told = Vec::new();
    for name in names {
        let bytes = store.read(&name).expect("just listed");
        for (_, line) in segment::lines(&bytes).0 {
            if let Some(Fact::TableSaturated { times, .. }) =
                Line::read(line).and_then(|l| l.fact())
            {
                told.push(times);
            }
        }
    }
    told
}

#[test]
fn a_small_log_has_the_bytes_that_the_format_says() {
    let store = FailingStore::default();
    let mut log = Log::open(store.clone(), key(), Limits::default(), at(0));
    log.append(
        at(0),
        &Fact::NodeStarted { version: "0.1.0".into(), configuration: "sha256:x".into() },
    );
    log.append(at(10), &Fact::IncidentOpened(incident("www-1")));
    log.append(at(20), &Fact::NodeStopped);
    log.finish(at(20));
    let mut text = String::new();
    for (name, content) in store.files.borrow().iter() {
        text += "=== ";
        text += name;
        text += "\n";
        text += &String::from_utf8_lossy(&content.bytes);
    }
    expect![[r#"
        === 00000000-20260301T12.jsonl
        {"n":0,"node":"a","wall_ms":1772366400020,"mono_ns":20000000,"prev":"AAAAAAAAAAAAAAAA","record":"segment_opened","format":1,"segment":0,"tree_size":0,"peaks":[],"key":"seawall/a/b7da3889+8a786985+Aa0W6PGpSQIIOHexZsnjSBJwJ3XA5rRf+dA8lIPPvWyB","log_of":"a"}
        {"n":1,"node":"a","wall_ms":1772366400000,"mono_ns":0,"prev":"JIXDBL9Fg4E2HAYq","record":"node_started","version":"0.1.0","configuration":"sha256:x"}
        {"n":2,"node":"a","wall_ms":1772366400010,"mono_ns":10000000,"prev":"d+qalweoanKI1XSr","record":"incident_opened","id":"www-1","platform":"www","kind":"unknown","clocks":{"onset_at":null,"detected_at":{"wall_ms":1772366400500,"mono_ns":500000000},"mitigated_at":null,"relieved_at":null,"ended_at":null},"requests":{},"visitors_harmed":"unknown","measured":{"peak_requests_per_s":null,"peak_admitted_per_s":null,"peak_pressure_permille":null,"peak_in_flight":null,"queue_wait_max_ms":null,"origin_ms":null,"bytes_out":null,"sources_least":null}}
        {"n":3,"node":"a","wall_ms":1772366400020,"mono_ns":20000000,"prev":"UtMDo85xI15B8nxY","record":"node_stopped"}
        {"n":4,"node":"a","wall_ms":1772366400020,"mono_ns":20000000,"prev":"OvEXXipetMEG8D+M","record":"checkpoint","note":"seawall/a/b7da3889\n4\nhkUgyabzz+4DcRT0CfnbHOPccQ1wgtetj5CHEm2nXvw=\n\n— seawall/a/b7da3889 inhphevy9K49GMxTLq2XUf+v6b1gUwyWkSsFS9Wvs5BK4+nrgHpLG4J97XFj7d03s/Jbw7O3KQ8a5SBMCwCgftNLRQ8=\n"}
        === checkpoint
        seawall/a/b7da3889
        5
        HF9ulV+D+aOcNKdN+T5odAgX28wGU9LuMBarzciyPl8=

        — seawall/a/b7da3889 inhphVom0yL8b+QjGCBojhD9/YMl0ZllVBe5CbbzWuR2HcaNQD7J6IVNbd6OCnRApb7PWKpjF8GYZ1Q2QRIRpviVrgw=
    "#]].assert_eq(&text);
    let found = check(&store);
    assert!(found.holds() && found.has_ended && found.gaps.is_empty(), "{found:?}");
}

#[test]
fn a_routine_fact_is_written_synced_and_signed_in_its_time() {
    let mut log = Log::open(FailingStore::default(), key(), Limits::default(), at(0));
    assert_eq!(log.next_deadline(), None);
    log.append(at(5), &fact(1));
    let records = |log: &Log<FailingStore>| {
        let Status { records, synced, waiting, .. } = log.status();
        (records, synced, waiting)
    };
    assert_eq!((records(&log), log.next_deadline()), ((0, 0, 1), Some(at(105).moment)));
    log.on_deadline(at(105));
    // Head and fact.
    assert_eq!((records(&log), log.next_deadline()), ((2, 0, 0), Some(at(1_105).moment)));
    log.on_deadline(at(1_105));
    assert_eq!((records(&log), log.next_deadline()), ((2, 2, 0), Some(at(10_105).moment)));
    log.on_deadline(at(10_105));
    assert_eq!((records(&log), log.next_deadline()), ((3, 3, 0), None));
}

#[test]
fn an_incident_that_opens_or_closes_is_on_disk_and_signed_at_once() {
    let mut log = Log::open(FailingStore::default(), key(), Limits::default(), at(0));
    log.append(at(5), &Fact::IncidentOpened(incident("www-1")));
    assert_eq!(log.next_deadline(), Some(at(5).moment));
    log.on_deadline(at(5));
    assert_eq!(log.status().synced, 3);
    assert_eq!(log.next_deadline(), None);
    log.append(at(7), &Fact::IncidentClosed(incident("www-1")));
    log.on_deadline(at(7));
    assert_eq!(log.status().synced, 5);
}

#[test]
fn an_hour_a_size_and_a_start_each_begin_a_segment() {
    let store = FailingStore::default();
    let limits = Limits { segment_bytes: 20_000, ..Limits::default() };
    let mut log = Log::open(store.clone(), key(), limits.clone(), at(0));
    let mut segments = Vec::new();
    for number in 0..200 {
        log.append(at(number * 10), &fact(number));
        run(&mut log, number * 10);
    }
    run(&mut log, 20_000);
    segments.push(log.status().segments);
    log.append(at(3_600_000), &fact(200));
    log.finish(at(3_600_000));
    segments.push(log.status().segments);
    drop(log);
    let mut log = Log::open(store.clone(), key(), limits, at(3_600_001));
    log.append(at(3_600_002), &Fact::NodeStopped);
    log.finish(at(3_600_002));
    segments.push(log.status().segments);
    assert_eq!(segments, [2, 3, 4]);
    assert_eq!(told(&store), (0..=200).collect::<Vec<_>>());
    let found = check(&store);
    assert!(found.holds(), "{:?}", found.first_break);
    assert_eq!(found.gaps.len(), 1, "the first run had no end");
}

#[test]
fn the_disk_budget_takes_the_oldest_and_says_so() {
    let store = FailingStore::default();
    let limits = Limits { segment_bytes: 10_000, total_bytes: 60_000, ..Limits::default() };
    let mut log = Log::open(store.clone(), key(), limits, at(0));
    for number in 0..2_000 {
        log.append(at(number * 10), &fact(number));
        run(&mut log, number * 10);
    }
    log.append(at(20_000), &Fact::NodeStopped);
    log.finish(at(20_000));
    assert!(log.status().bytes <= 60_000, "{}", log.status().bytes);
    let found = check(&store);
    assert!(found.holds(), "{:?}", found.first_break);
    assert!(found.first > 1_000);
    assert_eq!(found.removed.as_ref().map(|removed| removed.before), Some(found.first));
    // Another start takes the log up from the same end.
    let mut log = Log::open(store.clone(), key(), Limits::default(), at(30_000));
    log.append(at(30_000), &Fact::NodeStopped);
    log.finish(at(30_000));
    let found = check(&store);
    assert!(found.holds() && found.gaps.is_empty(), "{:?}", found.first_break);
}

#[test]
fn a_step_of_the_wall_clock_is_told() {
    let store = FailingStore::default();
    let mut log = Log::open(store.clone(), key(), Limits::default(), at(0));
    for (wall, mono) in [(0, 0), (1_000, 1_000), (86_402_000, 2_000), (86_403_000, 3_000)] {
        let stamp = Stamp { wall: at(wall).wall, moment: at(mono).moment };
        log.append(stamp, &fact(mono));
        log.finish(stamp);
    }
    let found = check(&store);
    let steps: Vec<_> = found.steps.iter().map(|step| step.by_ms).collect();
    assert!(found.holds(), "{:?}", found.first_break);
    // A new hour is a new segment, and its head carries the new time: the step shows before it.
    assert_eq!(steps, [86_400_000]);
}

#[test]
fn a_record_that_is_too_long_is_a_gap_and_not_a_fault() {
    let store = FailingStore::default();
    let mut log = Log::open(store.clone(), key(), Limits::default(), at(0));
    let configuration = "x".repeat(crate::line::LINE_MAX);
    log.append(at(1), &Fact::ConfigurationApplied { configuration });
    log.append(at(2), &fact(1));
    log.finish(at(3));
    let found = check(&store);
    assert!(found.holds());
    assert_eq!((found.gaps[0].gap.reason, found.gaps[0].gap.lost), (GapReason::TooLong, Some(1)));
}

#[test]
fn nothing_that_was_signed_is_cut_off_at_a_start() {
    let store = FailingStore::default();
    let mut log = Log::open(store.clone(), key(), Limits::default(), at(0));
    for number in 0..20 {
        log.append(at(number), &fact(number));
    }
    log.append(at(20), &Fact::NodeStopped);
    log.finish(at(20));
    let name = SegmentName::new(0, at(0).wall).to_string();
    let before = store.files.borrow()[&name].bytes.clone();
    let place = before.len() / 2;
    store.files.borrow_mut().get_mut(&name).unwrap().bytes[place] ^= 1;
    let mut log = Log::open(store.clone(), key(), Limits::default(), at(1_000));
    log.append(at(1_000), &Fact::NodeStopped);
    log.finish(at(1_000));
    assert_eq!(store.files.borrow()[&name].bytes.len(), before.len());
    let found = check(&store);
    assert!(!found.holds());
    assert!(found.gaps.iter().any(|gap| gap.gap.reason == GapReason::Damaged), "{:?}", found.gaps);
}

#[test]
fn signed_records_that_are_gone_at_a_start_are_missed() {
    let store = FailingStore::default();
    let mut log = Log::open(store.clone(), key(), Limits::default(), at(0));
    log.append(at(1), &fact(1));
    log.finish(at(1));
    let name = SegmentName::new(0, at(0).wall).to_string();
    store.files.borrow_mut().remove(&name);
    let mut log = Log::open(store.clone(), key(), Limits::default(), at(2));
    log.finish(at(2));
    let found = check(&store);
    assert_eq!((found.gaps[0].gap.reason, found.gaps[0].gap.lost), (GapReason::Missing, Some(3)));
    assert!(!found.holds());
}
