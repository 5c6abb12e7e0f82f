//! Whatever happens, who is in an allowed network meets no measure.

use crate::detect::mixed;
use crate::policy::measure::{By, Matches};
use crate::policy::{AddressSet, Asked, Rules, Wanted};
use crate::{Engine, Event, PlatformSettings};
use seawall_types::{
    Attribute, Batch, CheckPassed, FarEnd, MeasureCounts, Mode, Moment, OriginCapacity,
    PlatformCounts, PlatformId, Reason, RequestObservation, Rung, SourceKey, Trait, Traits,
    Verdict,
};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

/// Events of all kinds.
const EVENTS: u64 = 10_000;

struct Dice(u64);

impl Dice {
    fn below(&mut self, below: u32) -> u32 {
        self.0 += 1;
        u32::try_from(((mixed(self.0) >> 32) * u64::from(below)) >> 32).unwrap()
    }

    fn address(&mut self) -> IpAddr {
        Ipv4Addr::from(0x0A00_0000 + self.below(1 << 12)).into()
    }

    fn traits(&mut self) -> Traits {
        let attributes = [Attribute::Agent, Attribute::Ja4, Attribute::Route];
        attributes.into_iter().fold(Traits::default(), |traits, attribute| {
            traits.with(attribute, Trait::new(1 + self.below(3)))
        })
    }

    fn wanted(&mut self) -> Wanted {
        let matches = match self.below(3) {
            0 => Matches::Source(
                format!("{}/{}", Ipv4Addr::from(0x0A00_0000), self.below(9))
                    .parse()
                    .unwrap_or_else(|_| "0.0.0.0/0".parse().unwrap()),
            ),
            1 => Matches::Path("/".into()),
            _ => Matches::Navigations,
        };
        Wanted {
            platform: PlatformId(0),
            matches,
            rung: Rung::ALL[self.below(6) as usize],
            by: By::Operator,
            stands_for: Duration::from_secs(u64::from(1 + self.below(60))),
            rate: None,
            text: "x".into(),
            why: "x".into(),
        }
    }

    /// A tenth of a second of calm or flood.
    fn batch(&mut self, engine: &Engine, at: Moment) -> Batch {
        let count = if self.below(3) == 0 { 200 } else { 10 };
        let verdicts = [Verdict::Admit, Verdict::Hold, Verdict::Challenge, Verdict::Refuse];
        let mut counts = PlatformCounts::default();
        let requests: Vec<_> = (0..count)
            .map(|_| {
                let measure = engine.standing().first().map(|one| one.id);
                let cost_us = 10_000;
                counts.asked_us += u64::from(cost_us);
                RequestObservation {
                    at,
                    platform: PlatformId(0),
                    source: SourceKey::of(self.address()),
                    far: FarEnd::default(),
                    verdict: verdicts[self.below(4) as usize],
                    reason: Reason::Flood,
                    cost_us,
                    is_proven: self.below(9) == 0,
                    measure: measure.filter(|_| self.below(2) == 0),
                    traits: self.traits(),
                }
            })
            .collect();
        let measures = engine.standing().iter().map(|one| MeasureCounts {
            met: self.below(900),
            challenged: self.below(900),
            passed: self.below(9),
            ..MeasureCounts::none(one.id)
        });
        let measures = measures.collect();
        let passes = engine
            .standing()
            .iter()
            .map(|one| CheckPassed { measure: one.id, source: SourceKey::of(self.address()) });
        let passes = passes.collect();
        Batch { at, platforms: vec![counts], requests, measures, passes, ..Batch::default() }
    }
}

#[test]
fn ten_thousand_events_of_any_kind_never_touch_an_allowed_address() {
    let settings = PlatformSettings {
        name: "www".to_owned(),
        capacity: OriginCapacity::new(2_000.0),
        acts: true,
    };
    let rules = Rules {
        allow: AddressSet::new(&["10.0.3.0/24".parse().unwrap()]),
        source_budget: None,
        source_connections: u32::MAX,
        modes: vec![Mode::Protect],
    };
    let mut engine = Engine::seeded(Moment(0), vec![settings], 3);
    let (mut dice, mut now, mut met) = (Dice(1), Moment(0), 0);
    for _ in 0..EVENTS {
        now = now + Duration::from_millis(100);
        match dice.below(40) {
            // A full book is an event as well.
            0 => {
                let _ = engine.add_measure(now, dice.wanted());
            }
            1 => {
                let last = engine.standing().last().map(|one| one.id);
                assert!(last.is_none_or(|id| engine.lift_measure(now, id)));
            }
            _ => {
                let batch = dice.batch(&engine, now);
                engine.observe(now, Event::Observed(batch));
            }
        }
        if engine.next_deadline() <= now {
            engine.on_deadline(now);
        }
        while engine.poll_effect().is_some() {}
        let mut look = |address: IpAddr| {
            let traits = dice.traits();
            let asked = Asked { platform: PlatformId(0), address, target: "/", traits: &traits };
            rules.meet(engine.measures(), now, &asked).is_some()
        };
        assert!(!look("10.0.3.77".parse().unwrap()), "{now:?}");
        assert!(!look("::ffff:10.0.3.78".parse().unwrap()), "{now:?}");
        met += u64::from(look("10.0.4.77".parse().unwrap()));
    }
    assert!(met > EVENTS / 10, "others are met: {met}");
}
