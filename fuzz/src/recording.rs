//! Any bytes as recorded traffic.
//!
//! Run by the fuzz target of this name and, over its corpus, by the tests of `seawall-sim`.

use seawall_sim::replay::{Plan, Recording, json, play, text};

/// Reads `data` as an input of a replay, and plays what it holds.
///
/// # Panics
/// When a promise of the replay does not hold: every line is read, blank or counted, every record
/// has its verdict, shares are shares, and the same bytes come out again.
pub fn recording(data: &[u8]) {
    let told = [(); 2].map(|()| {
        let mut recording = Recording::new();
        recording.add("input", data).expect("no input of a fuzzer holds too much");
        let recorded = recording.finish();
        let outcome = play(&recorded, Plan::without_configuration(&recorded, 1), &mut |_| {});
        let mut verdicts = Vec::new();
        outcome.write_verdicts(&recorded, &mut verdicts).expect("a list takes all bytes");
        let lines = verdicts.split(|byte| *byte == b'\n').count() - 1;
        assert_eq!(lines, recorded.records());
        for capture in recorded.captures() {
            assert!((0.0..=1.0).contains(&capture.summary.covered));
        }
        for unread in recorded.unread_named() {
            assert!(unread.to_string().lines().count() == 1, "one sentence, one line: {unread}");
        }
        let summary = json(&outcome.summary, None).expect("a summary is JSON");
        assert!((0.0..=1.0).contains(&outcome.summary.not_admitted_share()));
        (summary, text(&recorded, &outcome, None), verdicts)
    });
    assert!(told[0] == told[1], "the same bytes come out again");
}
