//! Incidents out of a log, through the database.

use super::{CaseState, Index};
use crate::incidents::{self, Report};
use crate::key::NodeKey;
use crate::log::{Limits, Log};
use crate::store::failing::FailingStore;
use expect_test::expect;
use seawall_types::evidence::{
    Clocks, Fact, Incident, IncidentKind, Measured, PlatformSecond, RequestCounts, Stamp,
    VisitorsHarmed,
};
use seawall_types::{Moment, Reason, Verdict, WallTime};
use std::fs;
use std::path::PathBuf;

fn at(ms: u64) -> Stamp {
    Stamp { wall: WallTime(1_772_366_400_000 + ms), moment: Moment(ms * 1_000_000) }
}

fn incident(id: &str, ended: Option<Stamp>) -> Incident {
    Incident {
        id: id.parse().expect("a name"),
        platform: "www".to_owned(),
        kind: IncidentKind::Unknown,
        clocks: Clocks { detected_at: Some(at(1_000)), ended_at: ended, ..Clocks::default() },
        requests: [(Verdict::Admit, 3_000), (Verdict::Hold, 47_000)].into(),
        visitors_harmed: VisitorsHarmed::Between { least: 2, most: 40 },
        measured: Measured { peak_pressure_permille: Some(1_930), ..Measured::default() },
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

fn a_log() -> FailingStore {
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
    let seconds = index.seconds("www-1").unwrap();
    let gaps = index.gaps(case.opened_at, case.changed_at).unwrap();
    expect![[r"
        incident www-1 on www
          kind                         unknown
          state                        closed
          first traffic                not known
          detected                     2026-03-01T12:00:01.000Z
          first measure                not known
          load back in its bound       not known
          last traffic                 2026-03-01T12:00:03.900Z
          requests, admit              3000
          requests, hold               47000
          visitors harmed              2 to 40
          most requests in a second    not known
          most admitted in a second    not known
          highest pressure             1.930
          most at the origins at once  not known
          longest wait, ms             not known
          origins worked, ms           not known
          bytes to clients             not known
          different sources, at least  not known
          records                      1 to 6

        no gap is recorded during this time; `seawall verify` says whether the evidence holds

        second                       admitted      others   origin ms  pressure
        2026-03-01T12:00:02.000Z          300        4700        7900  0.987
        2026-03-01T12:00:03.000Z          300        4700        7900  0.987
    "]]
    .assert_eq(&Report { case: case.clone(), seconds, gaps }.text());
    expect![[r#"{"detected_at":"2026-03-01T12:00:01.000Z","ended_at":"2026-03-01T12:00:03.900Z","id":"www-1","kind":"unknown","measured":{"bytes_out":null,"origin_ms":null,"peak_admitted_per_s":null,"peak_in_flight":null,"peak_pressure_permille":1930,"peak_requests_per_s":null,"queue_wait_max_ms":null,"sources_least":null},"merged_into":null,"mitigated_at":null,"onset_at":null,"platform":"www","records":{"first":1,"last":6},"relieved_at":null,"requests":{"admit":3000,"hold":47000},"signatures":null,"state":"closed","vectors":null,"visitors_harmed":{"between":{"least":2,"most":40}}}"#]].assert_eq(&incidents::json(&case).to_string());
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
fn an_index_that_cannot_be_written_is_made_in_memory() {
    let nowhere = PathBuf::from("/proc/no-such-folder/index.sqlite");
    let index = Index::open(&mut a_log(), &nowhere).unwrap();
    assert_eq!(index.cases().unwrap().len(), 2);
}
