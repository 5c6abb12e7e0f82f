//! hot: observe, one request of a batch of a thousand budget 242
//!
//! A batch as it comes in a flood: nine in ten requests stopped, of 900 sources, the tenth answered
//! by its origin. Each call is one request; the copy of the batch that the engine is given and its
//! counts are part of the price.

#[path = "../../types/examples/hot/repeat.rs"]
mod repeat;

use repeat::repeat;
use seawall_engine::{Engine, Event, PlatformSettings};
use seawall_types::{
    Batch, FarEnd, Moment, OriginAnswer, PlatformCounts, PlatformId, Reason, RequestObservation,
    SourceKey, Traits, Verdict,
};
use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

/// Requests of one batch, and so calls for which it is observed once.
const LISTED: u32 = 1_000;
/// Between two batches.
const APART: Duration = Duration::from_millis(100);

fn main() {
    let settings = PlatformSettings { name: "www".to_owned(), capacity: None, acts: false };
    let mut engine = Engine::new(Moment(0), vec![settings]);
    let batch = batch();
    let (mut now, mut calls) = (Moment(0), 0);
    repeat(|| {
        if calls % LISTED == 0 {
            now = now + APART;
            engine.observe(now, Event::Observed(black_box(batch.clone())));
        }
        calls += 1;
    });
    let seen: u64 = engine.snapshot(now).platforms[0].totals.as_flattened().iter().sum();
    assert_eq!(seen, u64::from(calls.next_multiple_of(LISTED)));
}

fn batch() -> Batch {
    let requests: Vec<_> = (0..LISTED).map(request).collect();
    let mut counts = PlatformCounts::default();
    for request in &requests {
        counts.requests[request.verdict.index()][request.reason.index()] += 1;
    }
    let admitted = requests.iter().filter(|request| request.verdict == Verdict::Admit);
    let answer = |number: u32| OriginAnswer { platform: PlatformId(0), took_us: 1_000 + number };
    let answers: Vec<_> = (0..).zip(admitted).map(|(number, _)| answer(number)).collect();
    counts.origin_us = answers.iter().map(|answer| u64::from(answer.took_us)).sum();
    Batch { platforms: vec![counts], requests, answers, ..Batch::default() }
}

fn request(index: u32) -> RequestObservation {
    let (verdict, reason) = match index % 10 {
        0 => (Verdict::Admit, Reason::Clear),
        _ => (Verdict::Limit, Reason::Rate),
    };
    // A step that is prime to their number, so that sources come in no order.
    let address = (10 << 24) + index * 617 % LISTED;
    RequestObservation {
        at: Moment(u64::from(index)),
        platform: PlatformId(0),
        source: SourceKey::of(IpAddr::V4(Ipv4Addr::from(address))),
        far: FarEnd::default(),
        verdict,
        reason,
        cost_us: 10_000,
        is_proven: false,
        measure: None,
        traits: Traits::default(),
    }
}
