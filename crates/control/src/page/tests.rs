use super::*;
use crate::api::{Incident, OriginStanding, OriginStatus, Rps, SingleOriginStatus, State, Totals};

fn incident(platform: &str) -> Incident {
    let facts = serde_json::json!({
        "id": "www-20260301T120001.250", "platform": platform, "kind": "unknown", "state": "open",
        "detected_at": "2026-03-01T12:00:01.250Z", "requests": {"admit": 31, "hold": 477},
        "visitors_harmed": "unknown", "measured": seawall_types::evidence::Measured::default(),
    });
    serde_json::from_value(facts).expect("an incident")
}

fn shown(name: &str) -> String {
    let platform = PlatformStatus {
        name: name.to_owned(),
        state: State::Watch,
        pressure: Some(0.31),
        rps: Rps { admit: 310.2, limit: 12.0, ..Rps::default() },
        totals: Totals::default(),
        origin: OriginStatus {
            in_flight: 9,
            limit: Some(64),
            p50_ms: Some(11.0),
            p99_ms: None,
            healthy: Some(2),
        },
        origins: vec![SingleOriginStatus {
            origin: "http://10.0.0.5:8080".to_owned(),
            standing: OriginStanding::Returning,
            in_flight: 9,
            p50_ms: Some(11.0),
            p99_ms: None,
            faults: 4,
            ejections: 1,
        }],
        mitigations: [].into(),
        finding: None,
    };
    let status = Status {
        version: "0.1.0".to_owned(),
        node: name.to_owned(),
        uptime_s: 3_700,
        packet: None,
        platforms: vec![platform],
        evidence: Some(EvidenceStatus {
            records: 907,
            synced: 907,
            synced_at: None,
            waiting: 0,
            lost: 3,
            disk_bytes: 400_001,
            failing: None,
        }),
        integrity: Vec::new(),
    };
    let mut snapshot = Snapshot {
        resets_at_accept: 5,
        tables: vec![TableSnapshot {
            name: "sources",
            entries: 812,
            capacity: 65_536,
            saturated: 1,
        }],
        ..Snapshot::default()
    };
    snapshot.platforms.push(seawall_engine::PlatformSnapshot {
        name: name.to_owned(),
        would_have: [0, 3, 0, 0, 0, 0, 0],
        ..seawall_engine::PlatformSnapshot::default()
    });
    let known = Incidents { incidents: vec![incident(name)], older: 0 };
    super::status(&status, &snapshot, &known)
}

#[test]
fn a_person_finds_every_fact_of_a_platform_and_of_the_shield() {
    let page = shown("www");
    for fact in [
        ">www<",
        ">watch<",
        ">310.2<",
        ">12.0<",
        ">0.31<",
        ">9 of 64<",
        ">10.0.0.5:8080 over http<",
        ">returning<",
        ">11.0 ms<",
        ">-<",
        ">812<",
        ">65536<",
        ">5<",
        "1 h 1 min",
        ">www-20260301T120001.250<",
        ">open<",
        ">477<",
        ">907<",
        "3 records lost since start",
        "not carried out, on www",
    ] {
        assert!(page.contains(fact), "{fact} is not in {page}");
    }
}

#[test]
fn a_name_that_is_markup_is_shown_and_not_obeyed() {
    let page = shown("\"><script>shout(1)</script><img src=x onerror=shout(2)>");
    assert!(!page.contains("<script"), "{page}");
    assert!(!page.contains("<img"), "{page}");
    assert!(page.contains("&lt;script&gt;"), "{page}");
}

#[test]
fn the_page_asks_for_nothing_from_elsewhere_and_has_no_inline_style() {
    for page in [shown("www"), sign_in(Notice::Wrong)] {
        assert!(!page.contains("://"), "{page}");
        assert!(!page.contains("style="), "{page}");
        assert!(!page.contains("<style"), "{page}");
    }
    assert!(!STYLE.contains("url("));
}
