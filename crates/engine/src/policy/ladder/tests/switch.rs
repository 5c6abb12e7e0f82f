//! What a person may switch off while a flood is on: the ladder, and what it had taken goes.

use crate::detect::mixed;
use crate::effect::MeasureChange;
use crate::{Effect, Engine, Event, PlatformSettings};
use seawall_types::{
    Attribute, Batch, FarEnd, Moment, OriginCapacity, PlatformCounts, PlatformId, Reason,
    RequestObservation, SourceKey, Trait, Traits, Verdict,
};
use std::net::Ipv4Addr;
use std::time::Duration;

/// A tenth of a second, in which a core hands its counts over.
const BATCH: Duration = Duration::from_millis(100);
const COST_US: u32 = 10_000;
const BROWSERS: u32 = 30;

fn settings(acts: bool) -> Vec<PlatformSettings> {
    let capacity = OriginCapacity::new(3_000.0);
    vec![PlatformSettings { name: "www".to_owned(), capacity, acts }]
}

/// Visitors with the usual browsers, ten a batch; the flood is one tool of many sources.
fn batch(at: Moment, (visitors, of_flood): (u32, u32)) -> Batch {
    let number = u32::try_from(at.0 / 100_000_000).unwrap();
    let chance =
        |n: u32| u32::try_from(mixed(u64::from(number) << 32 | u64::from(n)) >> 32).unwrap();
    let asks = |n: u32| {
        let is_visitor = n < visitors;
        let who = chance(n) % if is_visitor { 4_000 } else { 60_000 };
        let base = if is_visitor { 0x0A00_0000 } else { 0x0B00_0000 };
        let look = if is_visitor { 100 + who % BROWSERS } else { 77 };
        let traits = [Attribute::Agent, Attribute::Ja4, Attribute::Headers];
        let traits = traits
            .into_iter()
            .fold(Traits::default(), |traits, one| traits.with(one, Trait::new(look)));
        RequestObservation {
            at,
            platform: PlatformId(0),
            source: SourceKey::of(Ipv4Addr::from(base + who).into()),
            far: FarEnd::default(),
            verdict: Verdict::Admit,
            reason: Reason::Clear,
            cost_us: COST_US,
            is_proven: false,
            measure: None,
            traits: traits.with(Attribute::Route, Trait::new(1 + chance(n) % 40)),
        }
    };
    let requests: Vec<_> = (0..visitors + of_flood).map(asks).collect();
    let us = u64::from(COST_US) * u64::from(visitors + of_flood);
    let counts = PlatformCounts { asked_us: us, offered_us: us, ..PlatformCounts::default() };
    Batch { at, platforms: vec![counts], requests, ..Batch::default() }
}

/// Plays seconds; gives what became of measures.
fn play(
    engine: &mut Engine,
    now: &mut Moment,
    (seconds, of_flood): (u32, u32),
) -> Vec<MeasureChange> {
    let mut changes = Vec::new();
    for _ in 0..10 * seconds {
        *now = *now + BATCH;
        engine.observe(*now, Event::Observed(batch(*now, (10, of_flood))));
        if engine.next_deadline() <= *now {
            engine.on_deadline(*now);
        }
        while let Some(effect) = engine.poll_effect() {
            if let Effect::Measure(change) = effect {
                changes.push(change);
            }
        }
    }
    changes
}

#[test]
fn the_ladder_is_switched_off_and_on_in_the_midst_of_a_flood() {
    let mut engine = Engine::seeded(Moment(0), settings(true), 5);
    let mut now = Moment(0);
    assert_eq!(play(&mut engine, &mut now, (60, 0)), []);
    play(&mut engine, &mut now, (3, 100));
    assert!(!engine.standing().is_empty(), "the flood is met");
    engine.observe(now, Event::Configured(settings(false)));
    let changes = play(&mut engine, &mut now, (1, 100));
    assert!(changes.iter().all(|change| change.word() == "lifted"), "{changes:?}");
    assert!(engine.standing().is_empty() && !changes.is_empty());
    assert_eq!(play(&mut engine, &mut now, (20, 100)), [], "nothing is taken while it is off");
    engine.observe(now, Event::Configured(settings(true)));
    play(&mut engine, &mut now, (3, 100));
    assert!(!engine.standing().is_empty(), "the flood is met again");
}
