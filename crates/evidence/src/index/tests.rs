//! Incidents out of a log, through the database.

use super::Index;
use crate::cases::{CASES_MAX, CaseState, Cases};
use crate::incidents::Incident;
use crate::key::NodeKey;
use crate::log::{Limits, Log};
use crate::store::failing::FailingStore;
use expect_test::expect;
use seawall_types::evidence::{
    self, Clocks, Fact, IncidentKind, Measured, PlatformSecond, RequestCounts, Stamp,
    VisitorsHarmed,
};
use seawall_types::{Moment, Reason, Verdict, WallTime};
use std::fs;
use std::path::PathBuf;

fn at(ms: u64) -> Stamp {
    Stamp { wall: WallTime(1_772_366_400_000 + ms), moment: Moment(ms * 1_000_000) }
}

fn incident(id: &str, ended: Option<Stamp>) -> evidence::Incident {
    evidence::Incident {
        id: id.parse().expect("a name"),
        platform: "www".to_owned(),
        kind: IncidentKind::Unknown,
        clocks: Clocks { detected_at: Some(at(1_000)), ended_at: ended, ..Clocks::default() },
        requests: [(Verdict::Admit, 3_000), (Verdict::Hold, 47_000)].into(),
        visitors_harmed: VisitorsHarmed::Between { least: 2, most: 40 },
        measured: Measured { peak_pressure_permille: Some(1_930), ..Measured::default() },
        signatures: Vec::new(),
    }
}

fn second(id: &str) -> Fact {
    let mut requests = RequestCounts::default();
    requests.add(Verdict::Admit, Reason::Clear, 300);
    requests.add(Verdict::Hold, Reason::Capacity, 4_700);
    Fact::PlatformSecond(PlatformSecond {
        platform: "www".to_owned(),
        incident: id.parse().ok(),
        requests,
        origin_ms: 7_900,
        bytes_out: 1_000_000,
        pressure_permille: Some(987),
        limit: Some(64),
        in_flight: 63,
        queue_wait_max_ms: Some(480),
    })
}

pub(crate) fn a_log() -> FailingStore {
    let store = FailingStore::default();
    let key = NodeKey::of_node("a".parse().expect("a name"), &[7; 32]);
    let mut log = Log::open(store.clone(), key, Limits::default(), at(0));
    log.append(at(1_000), &Fact::IncidentOpened(incident("www-1", None)));
    log.append(at(2_000), &second("www-1"));
    log.append(at(3_000), &second("www-1"));
    log.append(at(3_500), &Fact::IncidentOpened(incident("www-2", None)));
    let (one, other) = ("www-2".parse().expect("a name"), "www-1".parse().expect("a name"));
    log.append(at(3_600), &Fact::IncidentMerged { incident: one, into: other });
    log.append(at(4_000), &Fact::IncidentClosed(incident("www-1", Some(at(3_900)))));
    log.finish(at(5_000));
    store
}

fn scratch(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("seawall-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    fs::create_dir(&path).expect("a folder of our own");
    path
}

#[test]
fn incidents_come_out_as_they_were_recorded_last() {
    let folder = scratch("index-as-recorded");
    let index = Index::open(&mut a_log(), &folder.join("index.sqlite")).unwrap();
    let cases = index.cases().unwrap();
    assert_eq!((cases.len(), index.unread()), (2, 0));
    assert_eq!(cases[0].state, CaseState::MergedInto("www-1".to_owned()));
    let case = index.case("www-1").unwrap().expect("it was recorded");
    assert_eq!(index.case("www-3").unwrap(), None);
    let read = Cases::read(&mut a_log(), CASES_MAX).unwrap();
    assert_eq!(read.get("www-1"), Some(&case), "with the database and without");
    assert_eq!(read.newest_first(), cases.iter().collect::<Vec<_>>());
    let told = serde_json::to_string(&Incident::from(&case)).unwrap();
    expect![[r#"{"id":"www-1","platform":"www","kind":"unknown","state":"closed","merged_into":null,"vectors":null,"onset_at":null,"detected_at":"2026-03-01T12:00:01.000Z","mitigated_at":null,"relieved_at":null,"ended_at":"2026-03-01T12:00:03.900Z","requests":{"admit":3000,"hold":47000},"visitors_harmed":{"between":{"least":2,"most":40}},"measured":{"peak_requests_per_s":null,"peak_admitted_per_s":null,"peak_pressure_permille":1930,"peak_in_flight":null,"queue_wait_max_ms":null,"origin_ms":null,"bytes_out":null,"sources_least":null},"signatures":[]}"#]].assert_eq(&told);
    assert_eq!(serde_json::from_str::<Incident>(&told).unwrap(), Incident::from(&case));
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn an_index_that_is_missing_stale_or_broken_is_made_anew() {
    let folder = scratch("index-anew");
    let path = folder.join("index.sqlite");
    let store = a_log();
    let count = |store: &FailingStore| {
        Index::open(&mut store.clone(), &path).unwrap().cases().unwrap().len()
    };
    assert_eq!(count(&store), 2);
    let made = fs::metadata(&path).unwrap().modified().unwrap();
    assert_eq!(count(&store), 2);
    assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), made, "it was kept");
    let key = NodeKey::of_node("a".parse().expect("a name"), &[7; 32]);
    let mut log = Log::open(store.clone(), key, Limits::default(), at(9_000));
    log.append(at(9_000), &Fact::IncidentOpened(incident("www-9", None)));
    log.finish(at(9_000));
    assert_eq!(count(&store), 3, "it was stale");
    fs::write(&path, b"no database").unwrap();
    assert_eq!(count(&store), 3, "it was broken");
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_change_that_leaves_every_length_as_it_was_makes_the_index_anew() {
    let folder = scratch("index-same-length");
    let path = folder.join("index.sqlite");
    let store = a_log();
    let held = |store: &FailingStore| {
        let index = Index::open(&mut store.clone(), &path).unwrap();
        let case = index.case("www-1").unwrap().expect("it was recorded");
        case.incident.requests[&Verdict::Hold]
    };
    assert_eq!(held(&store), 47_000);
    for content in store.files.borrow_mut().values_mut() {
        let text = String::from_utf8(content.bytes.clone()).expect("ASCII");
        content.bytes = text.replace("\"hold\":47000", "\"hold\":17000").into_bytes();
    }
    assert_eq!(held(&store), 17_000, "as the log says now");
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn an_index_that_cannot_be_written_is_made_in_memory() {
    let nowhere = PathBuf::from("/proc/no-such-folder/index.sqlite");
    let index = Index::open(&mut a_log(), &nowhere).unwrap();
    assert_eq!(index.cases().unwrap().len(), 2);
}
