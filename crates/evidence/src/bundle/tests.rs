//! Archives of a log in memory: what they hold, and that no byte of them can be changed unseen.

use super::*;
use crate::log::{Limits, Log};
use crate::store::failing::FailingStore;
use proptest::prelude::*;
use seawall_types::evidence::{
    Clocks, Fact, Incident, IncidentKind, Measured, PlatformSecond, RequestCounts, Stamp,
    VisitorsHarmed,
};
use seawall_types::{Moment, Reason, Verdict, WallTime};

/// 2026-03-01T12:00:00Z.
const NOON: u64 = 1_772_366_400_000;

fn at(second: u64) -> Stamp {
    Stamp { wall: WallTime(NOON + second * 1_000), moment: Moment(second * 1_000_000_000) }
}

fn key(secret: u8) -> NodeKey {
    NodeKey::of_node("a".parse().expect("a name"), &[secret; 32])
}

fn incident(ended: Option<u64>) -> Incident {
    Incident {
        id: "www-1".parse().expect("a name"),
        platform: "www".to_owned(),
        kind: IncidentKind::Flood,
        clocks: Clocks {
            onset_at: Some(at(60)),
            detected_at: Some(at(61)),
            ended_at: ended.map(at),
            ..Clocks::default()
        },
        requests: [(Verdict::Hold, 47_000)].into(),
        visitors_harmed: VisitorsHarmed::Unknown,
        measured: Measured::default(),
        signatures: Vec::new(),
    }
}

fn second(platform: &str) -> Fact {
    let mut requests = RequestCounts::default();
    requests.add(Verdict::Admit, Reason::Clear, 300);
    Fact::PlatformSecond(PlatformSecond {
        platform: platform.to_owned(),
        incident: None,
        requests,
        origin_ms: 7_900,
        bytes_out: 1_000_000,
        pressure_permille: Some(987),
        limit: Some(64),
        in_flight: 63,
        queue_wait_max_ms: None,
    })
}

/// A run of `seconds` with an incident on `www` from 60 to 70, `donate` beside it.
fn a_log(seconds: u64, limits: Limits) -> FailingStore {
    let store = FailingStore::default();
    let mut log = Log::open(store.clone(), key(7), limits, at(0));
    let configuration = "sha256:00".to_owned();
    log.append(at(0), &Fact::NodeStarted { version: "0.1.0".to_owned(), configuration });
    for now in 1..=seconds {
        log.append(at(now), &second("www"));
        log.append(at(now), &second("donate"));
        if now == 61 {
            log.append(at(now), &Fact::IncidentOpened(incident(None)));
        }
        if now == 72 {
            log.append(at(now), &Fact::IncidentClosed(incident(Some(70))));
        }
        log.finish(at(now));
    }
    log.append(at(seconds), &Fact::NodeStopped);
    log.finish(at(seconds));
    store
}

fn small() -> FailingStore {
    a_log(75, Limits { segment_bytes: 20_000, ..Limits::default() })
}

fn bundle(store: &FailingStore, key: Option<&NodeKey>) -> Result<Vec<u8>, Unmade> {
    let trusted = Trusted::default();
    make(&mut store.clone(), &Sought { incident: "www-1", trusted: &trusted, key })
}

fn of_node() -> Trusted {
    Trusted { logs: vec![key(7).known().clone()], ..Trusted::default() }
}

fn file<'a>(bytes: &'a [u8], name: &str) -> &'a str {
    let files = archive::read(bytes).expect("an archive");
    let (_, bytes) = files.iter().find(|(file, _)| *file == name).expect("it is there");
    std::str::from_utf8(bytes).expect("text")
}

#[test]
fn an_archive_holds_every_record_around_the_incident_and_is_checked_alone() {
    let store = small();
    let bytes = bundle(&store, Some(&key(7))).expect("it is made");
    assert_eq!(bundle(&store, Some(&key(7))).expect("it is made"), bytes, "the same bytes twice");
    let checked = check(&bytes, &of_node()).expect("it holds");
    assert_eq!((checked.incident.as_str(), checked.node.as_str()), ("www-1", "a"));
    let runs = checked.runs.iter().map(|(first, last)| last - first + 1);
    assert_eq!(runs.sum::<u64>(), checked.records);
    let records = file(&bytes, RECORDS);
    for platform in ["www", "donate"] {
        let told = format!("\"platform\":\"{platform}\",\"incident\":null");
        let seconds = records.matches(&told).count();
        assert_eq!(seconds, 43, "seconds 30 to 72 of {platform}");
    }
    assert!(records.contains("\"record\":\"node_started\""), "which version it was");
    assert!(records.contains("\"record\":\"segment_opened\""), "whose key it is");
    assert_eq!(checked.unchecked.len(), 1, "no witness: {:?}", checked.unchecked);
}

#[test]
fn a_custody_sheet_says_where_it_comes_from() {
    let bytes = bundle(&small(), Some(&key(7))).expect("it is made");
    let sheet = file(&bytes, CUSTODY);
    for said in [
        "incident       www-1\n",
        "platform       www\n",
        "kind           flood\n",
        "node           a\n",
        "version        0.1.0\n",
        "configuration  sha256:00\n",
        "gaps           0 among the records\n",
    ] {
        assert!(sheet.contains(said), "{said:?} is not in\n{sheet}");
    }
}

#[test]
fn no_bit_of_an_archive_can_be_changed_unseen() {
    let bytes = bundle(&a_log(75, Limits::default()), Some(&key(7))).expect("it is made");
    let trusted = of_node();
    let records = file(&bytes, RECORDS);
    let begin = bytes.windows(40).position(|part| part == &records.as_bytes()[..40]);
    let begin = begin.expect("it is in there");
    // Every byte of all else; of the records, which are much alike, every 31st.
    let inside = begin..begin + records.len();
    let tried = (0..bytes.len()).filter(|at| !inside.contains(at) || at % 31 == 0);
    for at in tried {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 8);
        assert!(check(&changed, &trusted).is_err(), "byte {at} of {}", bytes.len());
    }
}

#[test]
fn a_record_that_was_changed_with_its_digest_still_gives_another_tree() {
    let bytes = bundle(&small(), None).expect("it is made");
    let files = archive::read(&bytes).expect("an archive");
    let told = |change: &dyn Fn(&str) -> String| {
        let records = change(file(&bytes, RECORDS));
        let named = NAMED.map(|name| {
            let own = files.iter().find(|(file, _)| *file == name).expect("it is there").1;
            (name, if name == RECORDS { records.as_bytes() } else { own })
        });
        let manifest = manifest::write("www-1", &named, None);
        let mut all = vec![(MANIFEST, manifest.as_bytes())];
        all.extend_from_slice(&named);
        check(&archive::write(&all), &Trusted::default()).map(|checked| checked.unchecked.len())
    };
    assert_eq!(told(&str::to_owned), Ok(3), "no key, no witness, no signature: all three are said");
    let last = |text: &str| text.trim_end().rfind('\n').map_or(0, |at| at + 1);
    let lie = told(&|text| text.replacen("\"hold\":47000", "\"hold\":17000", 1));
    assert!(matches!(lie, Err(Fault::Link { .. })), "{lie:?}");
    assert_eq!(told(&|text| text[..last(text)].to_owned()), Err(Fault::Root), "the last left out");
    let end = told(&|text| {
        let at = last(text);
        format!("{}{}", &text[..at], text[at..].replace("\"hold\":47000", "\"hold\":17000"))
    });
    assert_eq!(end, Err(Fault::Root), "the last changed");
}

#[test]
fn an_archive_of_another_key_is_told_from_the_nodes() {
    let bytes = bundle(&small(), Some(&key(7))).expect("it is made");
    let other = Trusted { logs: vec![key(8).known().clone()], ..Trusted::default() };
    assert!(matches!(check(&bytes, &other), Err(Fault::Key { .. })));
    let signed_by_another = bundle(&small(), Some(&key(8))).expect("it is made");
    let found = check(&signed_by_another, &of_node()).expect_err("not the log's key");
    assert_eq!(found, Fault::Signature { whose: "manifest".to_owned() });
}

#[test]
fn what_is_not_there_or_does_not_hold_gives_no_archive() {
    let store = small();
    let trusted = Trusted::default();
    let mut unknown = store.clone();
    let sought = Sought { incident: "www-9", trusted: &trusted, key: None };
    assert!(matches!(make(&mut unknown, &sought), Err(Unmade::Unknown)));
    store.files.borrow_mut().values_mut().for_each(|content| {
        let text = String::from_utf8_lossy(&content.bytes).replace("47000", "17000");
        content.bytes = text.into_bytes();
    });
    assert!(matches!(bundle(&store, None), Err(Unmade::DoesNotHold { .. })));
}

#[test]
fn a_gap_told_later_that_touches_the_incident_is_taken_along() {
    let store = small();
    let mut log = Log::open(store.clone(), key(7), Limits::default(), at(100));
    log.lost((at(65), at(66)), 3);
    log.append(at(100), &Fact::NodeStopped);
    log.finish(at(100));
    let bytes = bundle(&store, Some(&key(7))).expect("it is made");
    let checked = check(&bytes, &of_node()).expect("it holds");
    assert_eq!(checked.gaps, 1, "{}", file(&bytes, CUSTODY));
}

#[test]
fn records_before_the_incident_may_be_gone() {
    let limits = Limits { segment_bytes: 4_000, total_bytes: 90_000, ..Limits::default() };
    let store = a_log(100, limits);
    let bytes = bundle(&store, Some(&key(7))).expect("it is made");
    let checked = check(&bytes, &of_node()).expect("it holds");
    assert!(file(&bytes, CUSTODY).contains("\nremoved "), "{}", file(&bytes, CUSTODY));
    assert!(checked.records > 40, "{checked:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_a_check_panic(bytes in proptest::collection::vec(any::<u8>(), 0..3_000)) {
        prop_assert!(check(&bytes, &Trusted::default()).is_err());
    }
}
