//! Snapshots and effects of an engine, as facts.

use super::{Chronicle, incident_id};
use expect_test::expect;
use seawall_engine::policy::{By, Matches, Wanted};
use seawall_engine::{Effect, Engine, Event, OriginSnapshot, OriginStanding, PlatformSettings};
use seawall_types::evidence::{Fact, VisitorsHarmed};
use seawall_types::{
    Batch, MeasureCounts, Moment, OriginCapacity, PlatformCounts, PlatformId, Reason, Rung,
    Verdict, WallTime,
};
use std::cell::Cell;
use std::time::Duration;

/// 2026-03-01T12:00:00Z.
const STARTED: WallTime = WallTime(1_772_366_400_000);

/// An engine with one bounded platform, a chronicle of it, and every fact that was told.
struct World {
    engine: Engine,
    chronicle: Chronicle,
    now: Moment,
    facts: Vec<Fact>,
}

impl World {
    fn new() -> Self {
        let capacity = OriginCapacity::new(1_000.0);
        let www = PlatformSettings { name: "www".to_owned(), capacity, acts: false };
        let engine = Engine::new(Moment(0), vec![www]);
        Self { engine, chronicle: Chronicle::new(STARTED), now: Moment(0), facts: Vec::new() }
    }

    /// Ticks of 250 ms, each with as many admitted and held requests of 10 ms.
    fn pass(&mut self, span: Duration, (admitted, held): (u32, u32)) {
        let until = self.now + span;
        while self.now < until {
            self.now = self.now + Duration::from_millis(250);
            let mut counts = PlatformCounts {
                offered_us: u64::from(admitted + held) * 10_000,
                asked_us: u64::from(admitted + held) * 10_000,
                let_through_us: u64::from(admitted) * 10_000,
                origin_us: u64::from(admitted) * 10_000,
                bytes_out: u64::from(admitted) * 1_000,
                waited_max_us: 120_000,
                ..PlatformCounts::default()
            };
            counts.requests[Verdict::Admit.index()][Reason::Clear.index()] = admitted;
            counts.requests[Verdict::Hold.index()][Reason::Overload.index()] = held;
            let batch = Batch { at: self.now, platforms: vec![counts], ..Batch::default() };
            self.engine.observe(self.now, Event::Observed(batch));
            let look = seawall_engine::AdmissionSnapshot { limit: 1, carries: 1.0, pressure: 0.5 };
            self.engine.observe(self.now, Event::Admission(vec![Some(look)]));
            self.tick();
        }
    }

    fn tick(&mut self) {
        self.engine.on_deadline(self.now);
        let snapshot = self.engine.snapshot(self.now);
        self.facts.extend(self.chronicle.see(&snapshot));
        while let Some(effect) = self.engine.poll_effect() {
            self.facts.extend(self.chronicle.hear(&effect, &snapshot));
        }
    }

    fn words(&self) -> Vec<&'static str> {
        self.facts
            .iter()
            .map(|fact| match fact {
                Fact::IncidentOpened(_) => "opened",
                Fact::IncidentChanged(_) => "changed",
                Fact::IncidentClosed(_) => "closed",
                Fact::PlatformSecond(_) => "second",
                _ => "other",
            })
            .collect()
    }
}

#[test]
fn calm_is_no_fact() {
    let mut world = World::new();
    world.pass(Duration::from_mins(1), (10, 0));
    assert_eq!(world.facts, []);
}

#[test]
fn an_incident_is_told_with_its_seconds_its_clocks_and_what_was_measured() {
    let mut world = World::new();
    world.pass(Duration::from_secs(10), (10, 0));
    world.pass(Duration::from_secs(5), (24, 76));
    world.pass(Duration::from_secs(31), (10, 0));
    let words = world.words();
    assert_eq!((words[0], words.last()), ("opened", Some(&"closed")), "{words:?}");
    let Some(Fact::IncidentClosed(incident)) = world.facts.last() else { panic!("{words:?}") };
    expect![[r#"
        {
          "id": "www-20260301T120010.250",
          "platform": "www",
          "kind": "unknown",
          "clocks": {
            "onset_at": {
              "wall_ms": 1772366410000,
              "mono_ns": 10000000000
            },
            "detected_at": {
              "wall_ms": 1772366410250,
              "mono_ns": 10250000000
            },
            "mitigated_at": {
              "wall_ms": 1772366410250,
              "mono_ns": 10250000000
            },
            "relieved_at": {
              "wall_ms": 1772366410250,
              "mono_ns": 10250000000
            },
            "ended_at": {
              "wall_ms": 1772366415000,
              "mono_ns": 15000000000
            }
          },
          "requests": {
            "admit": 530,
            "hold": 1520
          },
          "visitors_harmed": {
            "between": {
              "least": 0,
              "most": 1520
            }
          },
          "measured": {
            "peak_requests_per_s": 400,
            "peak_admitted_per_s": 96,
            "peak_pressure_permille": 4000,
            "peak_in_flight": 0,
            "queue_wait_max_ms": 120,
            "origin_ms": 5060,
            "bytes_out": 506000,
            "sources_least": null
          }
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(incident).unwrap());
    let seconds = world.facts.iter().filter_map(|fact| match fact {
        Fact::PlatformSecond(second) => Some(second),
        _ => None,
    });
    let seconds: Vec<_> = seconds.collect();
    assert!(seconds.iter().all(|second| second.incident.as_ref() == Some(&incident.id)));
    // Four ticks each.
    assert_eq!(seconds[0].requests.with(Verdict::Hold), 4 * 76);
    assert_eq!((seconds[0].origin_ms, seconds[0].queue_wait_max_ms), (4 * 240, Some(120)));
    let held: u64 = seconds.iter().map(|second| second.requests.with(Verdict::Hold)).sum();
    assert!(held > 0 && held <= incident.requests[&Verdict::Hold], "{held}");
    let changed = words.iter().filter(|word| **word == "changed").count();
    assert!((2..=5).contains(&changed), "its clocks, and every ten seconds: {words:?}");
}

#[test]
fn one_that_goes_on_after_it_had_closed_keeps_its_name_and_what_was_measured() {
    let mut world = World::new();
    world.pass(Duration::from_secs(5), (10, 0));
    world.pass(Duration::from_secs(5), (24, 176));
    world.pass(Duration::from_secs(35), (10, 0));
    world.pass(Duration::from_secs(5), (24, 76));
    let mut ids: Vec<_> = world
        .facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::IncidentOpened(i) | Fact::IncidentChanged(i) | Fact::IncidentClosed(i) => {
                Some(i.clone())
            }
            _ => None,
        })
        .collect();
    let last = ids.pop().expect("it goes on");
    assert!(ids.iter().all(|incident| incident.id == last.id));
    assert_eq!(last.measured.peak_requests_per_s, Some(800));
    assert_eq!(last.clocks.ended_at, None);
    // What is open when the run ends is told once more.
    let ended = world.chronicle.end();
    let [Fact::IncidentChanged(open)] = ended.as_slice() else { panic!("{ended:?}") };
    assert_eq!(open.id, last.id);
    assert!(matches!(open.visitors_harmed, VisitorsHarmed::Between { least: 0, most: 1.. }));
}

#[test]
fn two_platforms_with_long_names_that_begin_alike_have_different_incidents() {
    let name = |end: &str| format!("{}{end}", "w".repeat(60));
    let id = |platform: &str| incident_id(STARTED, platform, Moment(1_250_000_000));
    assert_eq!(id("www").as_str(), "www-20260301T120001.250");
    assert_ne!(id(&name("a")), id(&name("b")));
    assert_eq!(id(&name("a")), id(&name("a")));
}

#[test]
fn an_origin_that_goes_out_and_comes_back_is_told_each_time() {
    let mut world = World::new();
    for standing in [OriginStanding::Healthy, OriginStanding::Out, OriginStanding::Out] {
        let origin = OriginSnapshot {
            origin: "http://192.0.2.1:8080".into(),
            standing,
            in_flight: 0,
            p50_ms: None,
            p99_ms: None,
            faults: 0,
            ejections: 0,
        };
        world.now = world.now + Duration::from_millis(250);
        world.engine.observe(world.now, Event::Origins(vec![vec![origin]]));
        world.tick();
    }
    let told: Vec<_> = world.facts.iter().map(|f| serde_json::to_string(f).unwrap()).collect();
    assert_eq!(
        told,
        [
            r#"{"record":"origin_standing","origin":"http://192.0.2.1:8080","was":"healthy","now":"out"}"#
        ]
    );
}

#[test]
fn a_full_table_is_told_with_how_often() {
    let effect = Effect::TableSaturated { table: "sources", at: Moment(0), times: 7 };
    let told = Chronicle::new(STARTED).hear(&effect, &seawall_engine::Snapshot::default());
    assert_eq!(told, Some(Fact::TableSaturated { table: "sources".to_owned(), times: 7 }));
}

#[test]
fn a_platform_beside_an_incident_is_told_second_by_second_while_that_is_open() {
    let mut chronicle = Chronicle::new(STARTED);
    let platforms = ["www", "shop"].map(|name| PlatformSettings {
        name: name.to_owned(),
        capacity: OriginCapacity::new(1_000.0),
        acts: false,
    });
    let mut engine = Engine::new(Moment(0), platforms.to_vec());
    let mut seconds = [0, 0];
    let (opened, first) = (Cell::new(0), Cell::new(0));
    let mut pass = |ticks: std::ops::Range<u64>, asked: u32| {
        for tick in ticks {
            let now = Moment(tick * 250_000_000);
            let of = |requests: u32| {
                let mut counts = PlatformCounts {
                    asked_us: u64::from(requests) * 10_000,
                    ..PlatformCounts::default()
                };
                counts.requests[Verdict::Admit.index()][Reason::Clear.index()] = requests;
                counts
            };
            let batch = Batch { at: now, platforms: vec![of(asked), of(5)], ..Batch::default() };
            engine.observe(now, Event::Observed(batch));
            let look = seawall_engine::AdmissionSnapshot { limit: 1, carries: 1.0, pressure: 0.5 };
            engine.observe(now, Event::Admission(vec![Some(look); 2]));
            engine.on_deadline(now);
            let snapshot = engine.snapshot(now);
            let mut facts = chronicle.see(&snapshot);
            while let Some(effect) = engine.poll_effect() {
                facts.extend(chronicle.hear(&effect, &snapshot));
            }
            for fact in facts {
                if let Fact::IncidentOpened(_) = fact {
                    opened.set(tick);
                }
                if let Fact::PlatformSecond(second) = fact {
                    let is_shop = second.platform == "shop";
                    if is_shop && first.get() == 0 {
                        first.set(tick);
                    }
                    assert_eq!(second.incident.is_none(), is_shop);
                    seconds[usize::from(is_shop)] += 1;
                }
            }
        }
        seconds
    };
    assert_eq!(pass(1..41, 5), [0, 0]);
    let [flooded, beside] = pass(41..81, 200);
    assert!(flooded >= 8 && beside >= 8, "{flooded} {beside}");
    let waited = first.get() - opened.get();
    assert!((1..=4).contains(&waited), "the second in which it opened is told whole: {waited}");
    let after = pass(81..300, 5);
    assert_eq!(pass(300..400, 5), after);
}

#[test]
fn a_measure_is_told_when_it_begins_and_when_it_ends_with_what_it_met() {
    let mut world = World::new();
    let wanted = Wanted {
        platform: PlatformId(0),
        matches: Matches::Path("/shop".into()),
        rung: Rung::Refuse,
        by: By::Operator,
        stands_for: Duration::from_secs(2),
        rate: None,
        text: "path at or below /shop".into(),
        why: "test".into(),
    };
    let id = world.engine.add_measure(world.now, wanted).unwrap();
    world.pass(Duration::from_millis(250), (1, 0));
    let counts = MeasureCounts { met: 9, stopped: 7, ..MeasureCounts::none(id) };
    let batch = Batch { at: world.now, measures: vec![counts], ..Batch::default() };
    world.engine.observe(world.now, Event::Observed(batch));
    world.pass(Duration::from_secs(3), (1, 0));
    let told: Vec<_> =
        world.facts.iter().map(|fact| serde_json::to_string(fact).unwrap() + "\n").collect();
    expect![[r#"
        {"record":"measure_began","id":"m1","platform":"www","by":"operator","rung":"refuse","about":"path at or below /shop","why":"test","began_at":{"wall_ms":1772366400000,"mono_ns":0},"expires_at":{"wall_ms":1772366402000,"mono_ns":2000000000},"counts":{"met":0,"met_proven":0,"stopped":0,"stopped_proven":0,"challenged":0,"passed":0}}
        {"record":"measure_ended","how":"expired","ended_at":{"wall_ms":1772366402000,"mono_ns":2000000000},"id":"m1","platform":"www","by":"operator","rung":"refuse","about":"path at or below /shop","why":"test","began_at":{"wall_ms":1772366400000,"mono_ns":0},"expires_at":{"wall_ms":1772366402000,"mono_ns":2000000000},"counts":{"met":9,"met_proven":0,"stopped":7,"stopped_proven":0,"challenged":0,"passed":0}}
    "#]].assert_eq(&told.concat());
}
