//! What a check says of single changes, with the place that it names.

use super::{Difference, Trusted, Verification, verify};
use crate::key::{KeyKind, KnownKey, NodeKey};
use crate::log::{Limits, Log};
use crate::note::{Note, Signature};
use crate::segment::COSIGNED;
use crate::store::failing::{Content, FailingStore};
use ed25519_dalek::{Signer as _, SigningKey};
use proptest::prelude::*;
use seawall_types::evidence::{Fact, Stamp};
use seawall_types::{Moment, WallTime};

/// 2026-03-01T12:00:00Z.
const NOON: u64 = 1_772_366_400_000;
const FIRST: &str = "00000000-20260301T12.jsonl";
const SECOND: &str = "00000001-20260301T13.jsonl";

fn at(minute: u64) -> Stamp {
    Stamp { wall: WallTime(NOON + minute * 60_000), moment: Moment(minute * 60_000_000_000) }
}

fn key(secret: u8) -> NodeKey {
    NodeKey::of_node("a".parse().expect("a name"), &[secret; 32])
}

/// Two hours of ten facts each, a clean end.
fn a_log(secret: u8, lie: u64) -> FailingStore {
    let store = FailingStore::default();
    let mut log = Log::open(store.clone(), key(secret), Limits::default(), at(0));
    for number in 0..20 {
        let now = at(number * 6);
        let times = if number == lie { 1_000 } else { number };
        log.append(now, &Fact::TableSaturated { table: "sources".to_owned(), times });
        log.finish(now);
    }
    log.append(at(119), &Fact::NodeStopped);
    log.finish(at(119));
    store
}

fn truth() -> FailingStore {
    a_log(7, u64::MAX)
}

fn check(store: &FailingStore, trusted: &str) -> Verification {
    let trusted = Trusted::parse(trusted).expect("keys and notes");
    verify(&mut store.clone(), &trusted).expect("it can be read")
}

/// What is found first after `change` of a file, and at which record.
#[track_caller]
fn first(file: &str, change: impl FnOnce(&mut Vec<u8>)) -> (u64, Difference) {
    let store = truth();
    change(&mut store.files.borrow_mut().get_mut(file).expect("it is there").bytes);
    let found = check(&store, "").first_break.expect("something does not hold");
    assert_eq!(found.file, file);
    (found.record, found.what)
}

/// Changes the lines of a file.
fn lines(bytes: &mut Vec<u8>, change: impl FnOnce(&mut Vec<String>)) {
    let text = String::from_utf8(bytes.clone()).expect("a log is text");
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    change(&mut lines);
    *bytes = lines.iter().flat_map(|line| [line.as_bytes(), b"\n"]).flatten().copied().collect();
}

#[test]
fn a_number_that_was_changed_breaks_the_link_behind_it() {
    let change =
        |lines: &mut Vec<String>| lines[3] = lines[3].replace("\"times\":1}", "\"times\":9}");
    let found = first(FIRST, |bytes| lines(bytes, change));
    assert_eq!(found, (4, Difference::Link { record: 4 }));
}

#[test]
fn a_record_that_was_taken_out_is_missed_at_its_place() {
    let found = first(FIRST, |bytes| lines(bytes, |lines| drop(lines.remove(5))));
    assert_eq!(found, (5, Difference::Number { expected: 5, found: 6 }));
}

#[test]
fn a_record_that_is_no_record_is_told() {
    let found = first(FIRST, |bytes| lines(bytes, |lines| lines[2] = "{\"n\":2}".to_owned()));
    assert_eq!(found, (2, Difference::Form { record: 2 }));
}

#[test]
fn an_untouched_log_holds() {
    let found = check(&truth(), "");
    assert!(found.holds() && found.has_ended && found.gaps.is_empty(), "{:?}", found.first_break);
}

#[test]
fn records_cut_off_before_an_hour_are_missed_by_its_head() {
    let store = truth();
    lines(&mut store.files.borrow_mut().get_mut(FIRST).expect("there").bytes, |lines| {
        lines.truncate(lines.len() - 2);
    });
    let found = check(&store, "").first_break.expect("two records are missing");
    assert_eq!(found.file, SECOND);
    assert!(matches!(found.what, Difference::Head { segment: 1, .. }), "{found:?}");
}

#[test]
fn the_last_records_cut_off_are_missed_by_the_newest_checkpoint() {
    let store = truth();
    lines(&mut store.files.borrow_mut().get_mut(SECOND).expect("there").bytes, |lines| {
        lines.truncate(lines.len() - 2);
    });
    let found = check(&store, "").first_break.expect("short");
    assert!(matches!(found.what, Difference::Short { .. }), "{found:?}");
}

#[test]
fn an_hour_that_is_not_there_is_named() {
    let store = truth();
    store.files.borrow_mut().remove(FIRST);
    let found = check(&store, "").first_break.expect("the first hour is not there");
    assert!(matches!(found.what, Difference::Beginning { .. }), "{found:?}");
    let store = truth();
    store.files.borrow_mut().remove(SECOND);
    let found = check(&store, "").first_break.expect("the second hour is not there");
    assert!(matches!(found.what, Difference::Short { .. }), "{found:?}");
}

#[test]
fn a_log_without_its_newest_checkpoint_does_not_hold() {
    let store = truth();
    store.files.borrow_mut().remove("checkpoint");
    let found = check(&store, "").first_break.expect("it was taken away");
    assert_eq!(found.what, Difference::NoNewest);
}

#[test]
fn a_chain_written_anew_without_the_key_fails_at_its_first_checkpoint() {
    // Another key signs everything, and claims the name and key of the first.
    let store = a_log(8, 3);
    let (own, other) = (key(7), key(8));
    let claim = |text: &str| text.replace(&other.known().to_string(), &own.known().to_string());
    for content in store.files.borrow_mut().values_mut() {
        let text = String::from_utf8(content.bytes.clone()).expect("text");
        content.bytes = claim(&text).into_bytes();
    }
    assert!(!check(&store, "").holds());
    // As it is, it holds, and says who signs; a reader who knows the key is not deceived.
    let store = a_log(8, 3);
    assert!(check(&store, "").holds());
    let found = check(&store, &own.known().to_string()).first_break.expect("another key");
    assert!(matches!(found.what, Difference::Key { .. }), "{found:?}");
}

/// A witness's key, and the newest checkpoint of a log with its signature.
fn cosigned(store: &FailingStore) -> (String, Note) {
    let signing = SigningKey::from_bytes(&[9; 32]);
    let public = signing.verifying_key().to_bytes();
    let known = KnownKey::new("witness.example.org/w1", KeyKind::Cosignature, &public);
    let known = known.expect("a key");
    let newest = store.files.borrow()["checkpoint"].bytes.clone();
    let mut note = Note::parse(&String::from_utf8(newest).expect("text")).expect("a note");
    let seconds: u64 = 1_772_370_000;
    let message = crate::cosignature::message(&note.text, seconds);
    let mut bytes = seconds.to_be_bytes().to_vec();
    bytes.extend_from_slice(&signing.sign(message.as_bytes()).to_bytes());
    note.signatures.push(Signature { name: known.name().to_owned(), id: known.id(), bytes });
    (known.to_string(), note)
}

#[test]
fn a_chain_written_anew_with_the_nodes_own_key_is_found_by_what_a_witness_saw() {
    let (witness, note) = cosigned(&truth());
    let seen = format!("{witness}\n{note}");
    let found = check(&truth(), &seen);
    assert!(found.holds() && found.witnessed.len() == 1, "{:?}", found.first_break);
    let anew = a_log(7, 3);
    assert!(check(&anew, "").holds(), "nothing in the folder can tell");
    let found = check(&anew, &seen).first_break.expect("the witness saw something else");
    assert!(matches!(found.what, Difference::Root { .. }), "{found:?}");
    // The same when the cosigned checkpoint lies in the folder and only the key is outside.
    let content = Content::of(note.to_string().as_bytes());
    anew.files.borrow_mut().insert(COSIGNED.to_owned(), content);
    assert!(!check(&anew, &witness).holds());
    // And under another key of the same node.
    let found = check(&a_log(8, 3), &seen).first_break.expect("another log");
    assert!(matches!(found.what, Difference::NoCheckpoint { .. }), "{found:?}");
}

#[test]
fn a_cosignature_that_does_not_hold_is_a_break() {
    let store = truth();
    let (witness, mut note) = cosigned(&store);
    note.signatures[1].bytes[20] ^= 1;
    let found = check(&store, &format!("{witness}\n{note}")).first_break.expect("forged");
    assert!(matches!(found.what, Difference::Signature { .. }), "{found:?}");
}

#[test]
fn a_witness_that_saw_nothing_is_said() {
    let (witness, _) = cosigned(&truth());
    let found = check(&truth(), &witness);
    assert!(found.holds());
    assert_eq!(found.unchecked.len(), 1, "{:?}", found.unchecked);
}

#[test]
fn bytes_behind_the_last_record_are_torn_while_the_run_goes_on_and_a_break_behind_its_end() {
    let (record, what) = first(SECOND, |bytes| bytes.extend_from_slice(b"{\"n\":"));
    assert_eq!(what, Difference::Torn { bytes: 5, next: record });
    let store = FailingStore::default();
    let mut log = Log::open(store.clone(), key(7), Limits::default(), at(0));
    log.append(at(0), &Fact::TableSaturated { table: "x".to_owned(), times: 1 });
    log.finish(at(0));
    store.files.borrow_mut().get_mut(FIRST).expect("there").bytes.extend_from_slice(b"{\"n\":");
    let found = check(&store, "");
    assert!(found.holds() && !found.has_ended);
    assert_eq!(found.gaps.len(), 1);
}

#[test]
fn a_run_that_was_killed_as_it_began_leaves_a_log_that_holds() {
    for (bytes, gaps) in [(&b""[..], 0), (b"{\"n\":", 1)] {
        let store = truth();
        let next = "00000002-20260301T13.jsonl".to_owned();
        store.files.borrow_mut().insert(next, Content::of(bytes));
        let found = check(&store, "");
        assert!(found.holds() && !found.has_ended, "{:?}", found.first_break);
        assert_eq!(found.gaps.len(), gaps);
    }
}

/// What stands in a file instead of some of its bytes.
fn splice() -> impl Strategy<Value = Vec<u8>> {
    let words = [
        "\n",
        "\"",
        "{",
        "}",
        "0",
        "18446744073709551615",
        "\u{2014} ",
        ",\"record\":\"gap\"",
        "\"record\":\"segment_opened\"",
        "\"record\":\"checkpoint\",\"note\":\"\"}",
        "\\u0000",
    ];
    prop_oneof![
        prop::sample::select(words.to_vec()).prop_map(|word| word.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..20),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn whatever_is_put_into_the_files_is_found_and_makes_nothing_panic(
        file in prop::sample::select(vec![FIRST, SECOND, "checkpoint"]),
        place in any::<prop::sample::Index>(),
        length in 0_usize..40,
        put in splice(),
    ) {
        let store = truth();
        let before = store.files.borrow()[file].bytes.clone();
        let at = place.index(before.len());
        let until = (at + length).min(before.len());
        let after = [&before[..at], &put, &before[until..]].concat();
        store.files.borrow_mut().insert(file.to_owned(), Content::of(&after));
        prop_assert_eq!(check(&store, "").holds(), before == after);
        // A log that goes on behind it does not make it good, and does not panic either.
        let mut log = Log::open(store.clone(), key(7), Limits::default(), at_end());
        log.append(at_end(), &Fact::NodeStopped);
        log.finish(at_end());
        if file != "checkpoint" {
            prop_assert_eq!(check(&store, "").holds(), before == after);
        }
    }
}

fn at_end() -> Stamp {
    at(600)
}
