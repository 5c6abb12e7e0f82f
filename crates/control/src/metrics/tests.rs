use super::*;
use expect_test::{expect, expect_file};
use seawall_engine::{OriginSnapshot, OriginStanding, PlatformState, TableSnapshot};
use seawall_types::WallTime;

fn origin(last: u8, standing: OriginStanding) -> OriginSnapshot {
    OriginSnapshot {
        origin: format!("http://10.0.0.{last}:8080").into(),
        standing,
        in_flight: 3,
        p50_ms: None,
        p99_ms: None,
        faults: u64::from(last),
        ejections: 1,
    }
}

fn busy() -> Snapshot {
    let mut totals = [[0; Reason::COUNT]; Verdict::COUNT];
    totals[Verdict::Admit.index()][Reason::Clear.index()] = 1_000;
    totals[Verdict::Limit.index()][Reason::Rate.index()] = 250;
    totals[Verdict::Error.index()][Reason::Timeout.index()] = 3;
    let www = PlatformSnapshot {
        name: "www".to_owned(),
        state: PlatformState::Watch,
        totals,
        pressure: Some(0.31),
        in_flight: 9,
        limit: Some(64),
        origins: vec![
            origin(5, OriginStanding::Healthy),
            origin(6, OriginStanding::Returning),
            origin(7, OriginStanding::Out),
        ],
        ..PlatformSnapshot::default()
    };
    let donate = PlatformSnapshot { name: "donate".to_owned(), ..PlatformSnapshot::default() };
    let mut no_platform = [0; Reason::COUNT];
    no_platform[Reason::Host.index()] = 7;
    Snapshot {
        platforms: vec![www, donate],
        no_platform,
        resets_at_accept: 5,
        observations_dropped: 2,
        tables: vec![TableSnapshot {
            name: "sources",
            entries: 812,
            capacity: 65_536,
            saturated: 1,
        }],
        ..Snapshot::default()
    }
}

fn gauge(state: &'static str, count: u64) -> ConnectionGauge {
    ConnectionGauge { listener: "127.0.0.1:8080".to_owned(), state, count }
}

#[test]
fn a_busy_shield_reads_as_the_golden_file() {
    let connections = [gauge("open", 12), gauge("handshake", 1)];
    let status = seawall_evidence::Status {
        records: 900,
        synced: 890,
        waiting: 2,
        lost: 3,
        segments: 1,
        bytes: 400_000,
        failing: None,
    };
    let log = EvidenceLook { status, synced_at: Some(WallTime(1_772_366_400_250)) };
    expect_file!["golden.prom"].assert_eq(&render(&busy(), &connections, (Some(&log), "0.1.0")));
}

#[test]
fn a_shield_that_has_said_nothing_has_no_platform_series() {
    let text = render(&Snapshot::default(), &[], (None, "0.1.0"));
    let series: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
    expect![[r#"
        [
            "seawall_accept_resets_total 0",
            "seawall_observations_dropped_total 0",
            "seawall_build_info{version=\"0.1.0\"} 1",
        ]
    "#]]
    .assert_debug_eq(&series);
}

#[test]
fn a_name_with_quotes_and_lines_stays_one_label() {
    let mut snapshot = busy();
    snapshot.platforms.truncate(1);
    snapshot.platforms[0].name = "\"} 1\nforged{x=\"<script>".to_owned();
    let text = render(&snapshot, &[], (None, "0.1.0"));
    assert!(text.lines().all(|line| !line.starts_with("forged")));
    assert!(text.contains(r#"platform="\"} 1\nforged{x=\"<script>""#));
}

#[test]
fn a_million_hosts_make_no_more_series_than_one() {
    let lines = |requests: u64| {
        let mut snapshot = busy();
        snapshot.no_platform[Reason::Host.index()] = requests;
        render(&snapshot, &[], (None, "0.1.0")).lines().count()
    };
    assert_eq!(lines(1_000_000), lines(1));
}

#[test]
fn the_most_that_a_platform_can_show_is_every_word_of_both_lists() {
    let mut snapshot = busy();
    snapshot.platforms[0].totals = [[u64::MAX; Reason::COUNT]; Verdict::COUNT];
    let text = render(&snapshot, &[], (None, "0.1.0"));
    let www =
        text.lines().filter(|line| line.starts_with("seawall_requests_total{platform=\"www\""));
    assert_eq!(www.count(), Verdict::COUNT * Reason::COUNT);
}
