use super::*;
use crate::api::{OriginStanding, OriginStatus, Rps, SingleOriginStatus, State, Totals};
use expect_test::expect;

fn platform(name: &str) -> PlatformStatus {
    PlatformStatus {
        name: name.to_owned(),
        state: State::Calm,
        pressure: None,
        rps: Rps::default(),
        totals: Totals::default(),
        origin: OriginStatus {
            in_flight: 0,
            limit: None,
            p50_ms: None,
            p99_ms: None,
            healthy: None,
        },
        origins: Vec::new(),
        mitigations: [].into(),
        finding: None,
    }
}

fn status(platforms: Vec<PlatformStatus>) -> Status {
    Status {
        version: "0.1.0".to_owned(),
        node: "a".to_owned(),
        uptime_s: 93_784,
        packet: None,
        platforms,
        evidence: None,
        integrity: Vec::new(),
    }
}

#[test]
fn the_table_is_aligned_and_says_what_was_stopped() {
    let mut www = platform("www");
    www.state = State::Incident;
    www.pressure = Some(0.31);
    www.rps.admit = 310.2;
    www.rps.limit = 1_812.0;
    www.rps.refuse = 3.1;
    www.totals = Totals { admit: 90_321, limit: 18_120, error: 4, ..Totals::default() };
    www.origin = OriginStatus {
        in_flight: 9,
        limit: Some(64),
        p50_ms: Some(11.0),
        p99_ms: Some(60.1),
        healthy: Some(2),
    };
    www.origins = vec![SingleOriginStatus {
        origin: "http://10.0.0.5:8080".to_owned(),
        standing: OriginStanding::Out,
        in_flight: 9,
        p50_ms: Some(11.0),
        p99_ms: None,
        faults: 4,
        ejections: 1,
    }];
    expect![[r"
        seawall 0.1.0 on a, up 1 d 2 h

        platform   state     admit/s  stopped/s  error/s  pressure  at origin      p50      p99
        www        incident    310.2     1815.1      0.0      0.31    9 of 64  11.0 ms  60.1 ms
          stopped/s: limit 1812.0, refuse 3.1
          since start: admit 90321, limit 18120, error 4
          origin http://10.0.0.5:8080: out, 9 at it, p50 11.0 ms, p99 -, faults 4, out 1 times
        donations  calm          0.0        0.0      0.0         -          0        -        -
          since start: admit 0
    "]]
    .assert_eq(&status_text(&status(vec![www, platform("donations")])));
}

#[test]
fn a_shield_without_platforms_says_so() {
    let text = status_text(&status(Vec::new()));
    assert!(text.ends_with("no platform has been reported yet\n"), "{text}");
}

#[test]
fn a_name_cannot_steer_the_terminal() {
    let text = status_text(&status(vec![platform("www\u{1b}[2J\r\n")]));
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
}

#[test]
fn a_span_shows_its_two_largest_units() {
    for (seconds, text) in [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min 0 s"),
        (3_599, "59 min 59 s"),
        (3_600, "1 h 0 min"),
        (86_399, "23 h 59 min"),
        (86_400, "1 d 0 h"),
    ] {
        assert_eq!(duration(seconds), text);
    }
}

#[test]
fn evidence_that_is_not_written_is_told_before_anything_else() {
    let failing = crate::api::EvidenceFailing {
        since: "2026-03-01T12:00:00.000Z".to_owned(),
        reason: "disk_full".to_owned(),
        sentence: "the disk was full".to_owned(),
        detail: "cannot write 00000000-20260301T12.jsonl: no space".to_owned(),
    };
    let mut told = status(vec![platform("www")]);
    told.evidence = Some(EvidenceStatus {
        records: 900,
        synced: 900,
        synced_at: None,
        waiting: 6_144,
        lost: 12,
        disk_bytes: 400_000,
        failing: Some(failing),
    });
    let second = |status: &Status| status_text(status).lines().nth(1).map(str::to_owned);
    expect!["EVIDENCE IS NOT BEING WRITTEN since 2026-03-01T12:00:00.000Z: the disk was full (cannot write 00000000-20260301T12.jsonl: no space); 6144 records wait, 12 records lost since start"].assert_eq(&second(&told).unwrap());
    if let Some(failing) = told.evidence.as_mut().and_then(|evidence| evidence.failing.as_mut()) {
        failing.reason = "occupied".to_owned();
    }
    assert!(second(&told).unwrap().starts_with("evidence waits since "), "a take-over");
    if let Some(evidence) = &mut told.evidence {
        evidence.failing = None;
    }
    expect!["evidence: 12 records lost since start; it is written again"]
        .assert_eq(&second(&told).unwrap());
    if let Some(evidence) = &mut told.evidence {
        evidence.lost = 0;
    }
    assert_eq!(second(&told).unwrap(), "", "all is well");
}

#[test]
fn what_is_not_as_before_stands_above_the_platforms_whatever_they_go_through() {
    let departure = |platform: Option<&str>, stands| Departure {
        platform: platform.map(str::to_owned),
        aspect: "content".to_owned(),
        first_at: "2026-03-01T12:00:02.000Z".to_owned(),
        last_at: "2026-03-01T12:00:32.000Z".to_owned(),
        times: 1,
        stands,
        detail: "page / is not\x1b[2J what it was".to_owned(),
    };
    let mut told = status(vec![platform("www")]);
    told.integrity = vec![departure(None, false), departure(Some("www"), true)];
    let text = status_text(&told);
    let lines: Vec<_> = text.lines().skip(1).take(2).collect();
    assert!(
        lines[0].starts_with("was not as before: content of the shield: page / is not"),
        "{text}"
    );
    assert!(lines[1].starts_with("NOT AS BEFORE: content of www: page / is not"), "{text}");
    assert!(
        lines[1]
            .ends_with("(first 2026-03-01T12:00:02.000Z, last 2026-03-01T12:00:32.000Z; 1 times)")
    );
    assert!(!text.contains('\x1b'));
}
