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
