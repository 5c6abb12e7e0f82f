use super::*;
use expect_test::{Expect, expect};
use seawall_types::{FarEnd, OriginAnswer, PlatformId, RequestObservation, SourceKey};
use std::fmt::Write as _;
use std::net::Ipv4Addr;

/// One tenth of a second of a platform: what came, from how many sources, at what cost.
#[derive(Clone, Copy)]
struct Tenth {
    admitted: u32,
    stopped: u32,
    origin_us: u32,
}

fn request(at: Moment, number: u32, verdict: Verdict) -> RequestObservation {
    let source = SourceKey::of(Ipv4Addr::from(0xC633_6400 + number).into());
    let reason = if verdict == Verdict::Admit { Reason::Clear } else { Reason::Rate };
    RequestObservation {
        at,
        platform: PlatformId(0),
        source,
        far: FarEnd::default(),
        verdict,
        reason,
        cost_us: 0,
        is_proven: false,
        measure: None,
        traits: Traits::default(),
    }
}

fn batch(at: Moment, tenth: Tenth) -> Batch {
    let mut counts = PlatformCounts::default();
    counts.requests[Verdict::Admit.index()][Reason::Clear.index()] = tenth.admitted;
    counts.requests[Verdict::Limit.index()][Reason::Rate.index()] = tenth.stopped;
    counts.origin_us = u64::from(tenth.admitted) * u64::from(tenth.origin_us);
    let admitted = (0..tenth.admitted).map(|n| request(at, n, Verdict::Admit));
    let stopped = (0..tenth.stopped).map(|n| request(at, n, Verdict::Limit));
    let requests = admitted.chain(stopped).collect();
    let answer = OriginAnswer { platform: PlatformId(0), took_us: tenth.origin_us };
    let answers = vec![answer; tenth.admitted as usize];
    Batch { at, platforms: vec![counts], requests, answers, ..Batch::default() }
}

fn told(effect: &Effect) -> String {
    match effect {
        Effect::MitigationBegan(began) => format!(
            "began    at {:.1} s: {:.0} rps stopped, {} sources, rung {}, pressure {:.2}",
            began.at.as_secs_f64(),
            began.stopped_rps,
            began.sources,
            began.rung.word(),
            began.pressure.unwrap_or(f64::NAN),
        ),
        Effect::Relieved(relieved) => format!(
            "relieved at {:.1} s: pressure {:.2}",
            relieved.at.as_secs_f64(),
            relieved.pressure
        ),
        Effect::MitigationEnded(ended) => format!(
            "ended    at {:.1} s: {} stopped, {} admitted, peak {:.0} rps",
            ended.at.as_secs_f64(),
            ended.stopped,
            ended.admitted,
            ended.peak_stopped_rps
        ),
        Effect::Incident { change, .. } => format!("incident {}", change.incident().number),
        Effect::Finding(change) => format!("finding {}", change.finding().kind.word()),
        Effect::Measure(change) => format!("measure {} {}", change.measure().id, change.word()),
        Effect::TableSaturated { table, times, .. } => format!("{table} full {times} times"),
    }
}

/// Plays phases of (tenths of a second, what comes in each) and tells every effect with the second it came in.
fn check(phases: &[(u32, Tenth)], expected: &Expect) {
    let settings = PlatformSettings {
        name: "www".to_owned(),
        capacity: OriginCapacity::new(800.0),
        acts: false,
    };
    let mut engine = Engine::new(Moment(0), vec![settings]);
    let mut story = String::new();
    let mut now = Moment(0);
    for &(tenths, tenth) in phases {
        for _ in 0..tenths {
            now = now + Duration::from_millis(100);
            engine.observe(now, Event::Observed(batch(now, tenth)));
            if now >= engine.next_deadline() {
                engine.on_deadline(now);
            }
            while let Some(effect) = engine.poll_effect() {
                writeln!(story, "{:04.1}  {}", now.as_secs_f64(), told(&effect)).unwrap();
            }
        }
    }
    expected.assert_eq(&story);
}

const CALM: Tenth = Tenth { admitted: 5, stopped: 0, origin_us: 10_000 };

#[test]
fn calm_traffic_has_no_story() {
    check(&[(600, CALM)], &expect![""]);
}

#[test]
fn a_few_slips_over_the_limit_have_no_story() {
    let slip = Tenth { stopped: 1, ..CALM };
    check(&[(100, CALM), (9, slip), (100, CALM), (9, slip), (200, CALM)], &expect![""]);
}

#[test]
fn limits_that_act_are_told_once_with_their_relief_and_their_end() {
    let onset = Tenth { admitted: 20, stopped: 50, origin_us: 10_000 };
    let held = Tenth { admitted: 6, stopped: 80, origin_us: 10_000 };
    check(
        &[(100, CALM), (20, onset), (100, held), (150, CALM)],
        &expect![[r"
             10.5  began    at 10.3 s: 200 rps stopped, 50 sources, rung limit, pressure 1.38
             13.8  relieved at 13.2 s: pressure 0.75
             27.0  ended    at 22.0 s: 8900 stopped, 1210 admitted, peak 800 rps
        "]],
    );
}

#[test]
fn a_full_table_is_told_with_how_often() {
    let mut engine = Engine::new(Moment(0), Vec::new());
    let table = |saturated| TableSnapshot { name: "sources", entries: 1, capacity: 1, saturated };
    engine.observe(Moment(0), Event::Table(table(0)));
    assert_eq!(engine.poll_effect(), None);
    engine.observe(Moment(0), Event::Table(table(7)));
    engine.observe(Moment(0), Event::Table(table(9)));
    let told: Vec<_> = std::iter::from_fn(|| engine.poll_effect()).map(|e| told(&e)).collect();
    assert_eq!(told, ["sources full 7 times", "sources full 2 times"]);
}

#[test]
fn a_snapshot_tells_rates_pressure_and_latency() {
    let settings = PlatformSettings {
        name: "www".to_owned(),
        capacity: OriginCapacity::new(1000.0),
        acts: false,
    };
    let mut engine = Engine::new(Moment(0), vec![settings]);
    let mut now = Moment(0);
    for _ in 0..30 {
        now = now + Duration::from_millis(100);
        engine.observe(now, Event::Observed(batch(now, CALM)));
    }
    let snapshot = engine.snapshot(now);
    let www = &snapshot.platforms[0];
    assert!((45.0..=60.0).contains(&www.rps[Verdict::Admit.index()]), "{:?}", www.rps);
    assert!((0.45..=0.60).contains(&www.pressure.unwrap()), "{:?}", www.pressure);
    assert!((9.8..=10.2).contains(&www.p50_ms.unwrap()), "{:?}", www.p50_ms);
    assert_eq!(www.totals[Verdict::Admit.index()][Reason::Clear.index()], 150);
    assert_eq!(www.state, PlatformState::Calm);
}

fn origin(standing: OriginStanding) -> OriginSnapshot {
    let (faults, ejections) = (0, 0);
    let origin = "http://192.0.2.1:8080".into();
    OriginSnapshot { origin, standing, in_flight: 0, p50_ms: None, p99_ms: None, faults, ejections }
}

#[test]
fn origins_are_counted_as_they_were_last_looked_at() {
    let names = ["www", "donate"].map(str::to_owned);
    let settings =
        names.map(|name| PlatformSettings { name, capacity: None, acts: false }).to_vec();
    let mut engine = Engine::new(Moment(0), settings);
    assert_eq!(engine.snapshot(Moment(0)).platforms[0].healthy, None, "not looked at yet");
    let standings = [OriginStanding::Healthy, OriginStanding::Returning, OriginStanding::Out];
    let looked_at = vec![standings.map(origin).to_vec(), Vec::new()];
    engine.observe(Moment(1), Event::Origins(looked_at.clone()));
    let snapshot = engine.snapshot(Moment(1));
    let told = snapshot.platforms.iter().map(|platform| (platform.healthy, &platform.origins));
    assert_eq!(told.collect::<Vec<_>>(), [(Some(2), &looked_at[0]), (Some(0), &looked_at[1])]);
}
