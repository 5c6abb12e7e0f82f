use super::*;
use crate::shared::tests::identity;
use expect_test::expect;
use seawall_types::Moment;

fn told(platform: PlatformSnapshot) -> String {
    let snapshot =
        Snapshot { at: Moment(12_000_000_000), platforms: vec![platform], ..Snapshot::default() };
    serde_json::to_string_pretty(&of(&identity(), 12, &snapshot)).unwrap()
}

fn origin() -> OriginSnapshot {
    OriginSnapshot {
        origin: "http://10.0.0.5:8080".into(),
        standing: seawall_engine::OriginStanding::Returning,
        in_flight: 9,
        p50_ms: Some(11.004),
        p99_ms: Some(60.1),
        faults: 4,
        ejections: 1,
    }
}

#[test]
fn a_busy_platform_is_told_in_the_shape_of_the_contract() {
    let platform = PlatformSnapshot {
        name: "www".to_owned(),
        state: PlatformState::Watch,
        rps: [310.24, 12.0, 0.0, 0.0, 3.06, 0.0, 0.5],
        pressure: Some(0.310_49),
        in_flight: 9,
        limit: Some(64),
        p50_ms: Some(11.004),
        p99_ms: Some(60.1),
        healthy: Some(2),
        origins: vec![origin()],
        ..PlatformSnapshot::default()
    };
    expect![[r#"
        {
          "version": "0.1.0",
          "node": "a",
          "uptime_s": 12,
          "packet": null,
          "platforms": [
            {
              "name": "www",
              "state": "watch",
              "pressure": 0.31,
              "rps": {
                "admit": 310.2,
                "limit": 12.0,
                "challenge": 0.0,
                "hold": 0.0,
                "refuse": 3.1,
                "drop": 0.0,
                "error": 0.5
              },
              "totals": {
                "admit": 0,
                "limit": 0,
                "challenge": 0,
                "hold": 0,
                "refuse": 0,
                "drop": 0,
                "error": 0
              },
              "origin": {
                "in_flight": 9,
                "limit": 64,
                "p50_ms": 11.0,
                "p99_ms": 60.1,
                "healthy": 2
              },
              "origins": [
                {
                  "origin": "http://10.0.0.5:8080",
                  "standing": "returning",
                  "in_flight": 9,
                  "p50_ms": 11.0,
                  "p99_ms": 60.1,
                  "faults": 4,
                  "ejections": 1
                }
              ],
              "finding": null
            }
          ],
          "evidence": null,
          "integrity": []
        }"#]]
    .assert_eq(&told(platform));
}

#[test]
fn what_is_not_known_is_null_and_never_breaks_the_json() {
    let platform = PlatformSnapshot {
        name: "www".to_owned(),
        rps: [f64::NAN; Verdict::COUNT],
        pressure: Some(f64::INFINITY),
        ..PlatformSnapshot::default()
    };
    let text = told(platform);
    let status: Status = serde_json::from_str(&text).unwrap();
    let platform = &status.platforms[0];
    assert_eq!(platform.pressure, None);
    assert_eq!(platform.rps, Rps::default());
    assert_eq!(platform.origin.limit, None);
    assert!(text.contains(r#""pressure": null"#), "{text}");
}
