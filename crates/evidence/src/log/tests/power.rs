//! A loss of power at any moment loses what was not synced, and says so.

use super::{Chance, at, check, fact, key, run, told};
use crate::line::Line;
use crate::log::{Limits, Log};
use crate::segment;
use crate::store::failing::FailingStore;
use seawall_types::evidence::{Fact, GapReason};

/// How many of the facts were surely on disk: the facts among the first `records` records.
fn synced_facts(store: &FailingStore, records: u64) -> usize {
    let files = store.files.borrow();
    let lines = files.values().flat_map(|content| segment::lines(&content.bytes).0);
    let facts = lines.filter_map(|(_, line)| Line::read(line)).filter(|line| {
        line.place.number < records && matches!(line.fact(), Some(Fact::TableSaturated { .. }))
    });
    facts.count()
}

#[test]
fn power_lost_at_any_moment_costs_only_what_was_not_synced() {
    for seed in 0..300 {
        let mut chance = Chance(seed);
        let mut store = FailingStore::default();
        let (mut ms, mut number) = (0, 0);
        for life in 0..3 {
            let limits = Limits { segment_bytes: 4_000, ..Limits::default() };
            let mut log = Log::open(store.clone(), key(), limits, at(ms));
            for _ in 0..chance.below(200) {
                ms += chance.below(300) as u64;
                log.append(at(ms), &fact(number));
                number += 1;
                run(&mut log, ms);
            }
            let surely = synced_facts(&store, log.status().synced);
            drop(log);
            store = store.after_power_loss(|bytes| chance.below(bytes));
            let kept = told(&store);
            let left = store.files.borrow().keys().any(|name| name.contains(".jsonl"));
            let found = left.then(|| check(&store));
            let broken = found.and_then(|found| found.first_break);
            assert_eq!(broken, None, "seed {seed}, life {life}");
            assert!(kept.len() >= surely, "seed {seed}, life {life}: {} of {surely}", kept.len());
        }
        let mut log = Log::open(store.clone(), key(), Limits::default(), at(ms + 1));
        log.append(at(ms + 2), &Fact::NodeStopped);
        log.finish(at(ms + 2));
        let found = check(&store);
        assert!(found.holds(), "seed {seed}: {:?}", found.first_break);
        let unclean = found.gaps.iter().filter(|gap| gap.gap.reason == GapReason::UncleanEnd);
        // A life in which nothing reached the disk leaves nothing that had an end.
        assert!(unclean.count() > 0 || told(&store).is_empty(), "seed {seed}");
    }
}

#[test]
fn a_log_cut_at_any_byte_of_its_unsigned_end_goes_on() {
    let store = FailingStore::default();
    let mut log = Log::open(store.clone(), key(), Limits::default(), at(0));
    (0..5).for_each(|number| log.append(at(number), &fact(number)));
    log.on_deadline(at(150));
    drop(log);
    let (name, whole) = {
        let files = store.files.borrow();
        let (name, content) = files.iter().next().expect("one segment");
        (name.clone(), content.bytes.clone())
    };
    for length in 0..whole.len() {
        let store = FailingStore::with(&name, &whole[..length]);
        let mut log = Log::open(store.clone(), key(), Limits::default(), at(1_000));
        log.append(at(1_000), &Fact::NodeStopped);
        log.finish(at(1_000));
        let found = check(&store);
        assert!(found.holds() && found.has_ended, "{length}: {:?}", found.first_break);
        let is_torn = length > 0 && whole[length - 1] != b'\n';
        let torn = found.gaps.iter().filter(|gap| gap.gap.reason == GapReason::Torn).count();
        assert_eq!(torn, usize::from(is_torn), "{length}");
    }
}
