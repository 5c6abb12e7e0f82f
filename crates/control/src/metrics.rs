//! A snapshot as Prometheus reads it: text format 0.0.4.
//!
//! Labels come from closed sets only: platforms and listeners of the configuration, and words that
//! are part of the program.
//! So no sender can make a series: their number is bounded by the configuration alone.

mod exposition;

use crate::api::Mitigation;
use crate::shared::{ConnectionGauge, EvidenceLook};
use exposition::{Exposition, Kind};
use seawall_engine::{OriginSnapshot, OriginStanding, PlatformSnapshot, Snapshot};
use seawall_types::evidence::Aspect;
use seawall_types::{Reason, Rung, Verdict};

/// The content type that a scraper expects.
pub(crate) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Every metric of the shield.
pub(crate) fn render(
    snapshot: &Snapshot,
    connections: &[ConnectionGauge],
    (evidence, version): (Option<&EvidenceLook>, &str),
) -> String {
    let mut out = Exposition::default();
    requests(&mut out, snapshot);
    accepted(&mut out, snapshot, connections);
    demand(&mut out, &snapshot.platforms);
    origins(&mut out, &snapshot.platforms);
    tables(&mut out, snapshot);
    incidents(&mut out, &snapshot.platforms);
    if let Some(look) = evidence {
        log(&mut out, look);
    }
    out.family(
        "seawall_build_info",
        Kind::Gauge,
        "Always 1; the version of the program is a label.",
    );
    out.sample(&[("version", version)], 1);
    out.into_text()
}

/// Departures from what was before, by what was watched.
pub(crate) fn departures(counts: &[(Aspect, u64)]) -> String {
    let mut out = Exposition::default();
    out.family(
        "seawall_integrity_departures_total",
        Kind::Counter,
        "Times since start that something watched was no longer as before, by kind.",
    );
    for (aspect, count) in counts {
        out.sample(&[("kind", aspect.word())], count);
    }
    out.into_text()
}

/// Standing measures by platform and rung.
pub(crate) fn mitigations(snapshot: &Snapshot, standing: &[Mitigation]) -> String {
    let mut out = Exposition::default();
    out.family("seawall_mitigations", Kind::Gauge, "Measures that stand now, by rung.");
    for platform in &snapshot.platforms {
        for rung in Rung::ALL {
            let is_one =
                |one: &&Mitigation| one.platform == platform.name && one.rung == rung.word();
            let count = standing.iter().filter(is_one).count();
            out.sample(&[("platform", &platform.name), ("rung", rung.word())], count);
        }
    }
    out.into_text()
}

fn requests(out: &mut Exposition, snapshot: &Snapshot) {
    out.family(
        "seawall_requests_total",
        Kind::Counter,
        "Requests since start; platform is empty when none serves the host.",
    );
    for platform in &snapshot.platforms {
        for verdict in Verdict::ALL {
            for reason in Reason::ALL {
                let count = platform.totals[verdict.index()][reason.index()];
                // One series of each platform is always there, so that a rate can be asked for.
                if count > 0 || (verdict, reason) == (Verdict::Admit, Reason::Clear) {
                    out.sample(
                        &[
                            ("platform", &platform.name),
                            ("verdict", verdict.word()),
                            ("reason", reason.word()),
                        ],
                        count,
                    );
                }
            }
        }
    }
    for reason in Reason::ALL {
        let count = snapshot.no_platform[reason.index()];
        if count > 0 {
            let verdict = Verdict::Error.word();
            out.sample(&[("platform", ""), ("verdict", verdict), ("reason", reason.word())], count);
        }
    }
}

fn accepted(out: &mut Exposition, snapshot: &Snapshot, connections: &[ConnectionGauge]) {
    out.family(
        "seawall_connections",
        Kind::Gauge,
        "Connections from clients now, by listener and state.",
    );
    for gauge in connections {
        out.sample(&[("listener", &gauge.listener), ("state", gauge.state)], gauge.count);
    }
    out.family(
        "seawall_accept_resets_total",
        Kind::Counter,
        "Connections reset at accept since start.",
    );
    out.sample(&[], snapshot.resets_at_accept);
    out.family(
        "seawall_observations_dropped_total",
        Kind::Counter,
        "Requests counted but not shown one by one to the engine since start.",
    );
    out.sample(&[], snapshot.observations_dropped);
}

fn demand(out: &mut Exposition, platforms: &[PlatformSnapshot]) {
    out.family("seawall_origin_inflight", Kind::Gauge, "Requests at the origins now.");
    for platform in platforms {
        out.sample(&[("platform", &platform.name)], platform.in_flight);
    }
    out.family(
        "seawall_origin_limit",
        Kind::Gauge,
        "Requests that may be at the origins at once; absent when nothing bounds them.",
    );
    for platform in platforms {
        if let Some(limit) = platform.limit {
            out.sample(&[("platform", &platform.name)], limit);
        }
    }
    out.family(
        "seawall_pressure_ratio",
        Kind::Gauge,
        "Demand of what asks over what the origins can carry; absent when that is unknown.",
    );
    for platform in platforms {
        if let Some(pressure) = platform.pressure.filter(|ratio| ratio.is_finite()) {
            out.sample(&[("platform", &platform.name)], pressure);
        }
    }
}

/// By origin: its label is the URL of the configuration.
fn origins(out: &mut Exposition, platforms: &[PlatformSnapshot]) {
    type Value = fn(&OriginSnapshot) -> u64;
    let families: [(&'static str, Kind, &str, Value); 3] = [
        (
            "seawall_origin_up",
            Kind::Gauge,
            "1 while an origin gets requests, 0 while it is out.",
            |origin| u64::from(origin.standing != OriginStanding::Out),
        ),
        (
            "seawall_origin_faults_total",
            Kind::Counter,
            "Times since start that an origin was not reached, or gave no good answer in time.",
            |origin| origin.faults,
        ),
        (
            "seawall_origin_ejections_total",
            Kind::Counter,
            "Times since start that an origin was taken out.",
            |origin| origin.ejections,
        ),
    ];
    for (name, kind, help, value) in families {
        out.family(name, kind, help);
        for platform in platforms {
            for origin in &platform.origins {
                let labels = [("platform", &*platform.name), ("origin", &*origin.origin)];
                out.sample(&labels, value(origin));
            }
        }
    }
}

fn tables(out: &mut Exposition, snapshot: &Snapshot) {
    out.family("seawall_table_entries", Kind::Gauge, "Entries of a bounded table now.");
    for table in &snapshot.tables {
        out.sample(&[("table", table.name)], table.entries);
    }
    out.family(
        "seawall_table_saturated_total",
        Kind::Counter,
        "Times since start that a new entry found no room.",
    );
    for table in &snapshot.tables {
        out.sample(&[("table", table.name)], table.saturated);
    }
}

fn incidents(out: &mut Exposition, platforms: &[PlatformSnapshot]) {
    out.family("seawall_incidents_open", Kind::Gauge, "Incidents that are open now.");
    for platform in platforms {
        out.sample(&[("platform", &platform.name)], u8::from(platform.incident.is_some()));
    }
}

/// The evidence log.
fn log(out: &mut Exposition, EvidenceLook { status, synced_at }: &EvidenceLook) {
    let families: [(&'static str, Kind, &str, u64); 6] = [
        ("seawall_evidence_records", Kind::Gauge, "Records in the evidence log.", status.records),
        (
            "seawall_evidence_waiting",
            Kind::Gauge,
            "Facts that wait to be written to the evidence log.",
            status.waiting,
        ),
        (
            "seawall_evidence_dropped_total",
            Kind::Counter,
            "Facts since start that found no room; a gap in the log tells of them.",
            status.lost,
        ),
        (
            "seawall_evidence_disk_bytes",
            Kind::Gauge,
            "Bytes of the evidence log on disk.",
            status.bytes,
        ),
        (
            "seawall_evidence_writing",
            Kind::Gauge,
            "1 while evidence is written, 0 while it cannot be.",
            u64::from(status.failing.is_none()),
        ),
        (
            "seawall_evidence_unsynced",
            Kind::Gauge,
            "Records that a loss of power would lose.",
            status.records.saturating_sub(status.synced),
        ),
    ];
    for (name, kind, help, value) in families {
        out.family(name, kind, help);
        out.sample(&[], value);
    }
    out.family(
        "seawall_evidence_synced_timestamp_seconds",
        Kind::Gauge,
        "When evidence was last synced, in seconds since 1970; absent before the first time.",
    );
    if let Some(at) = synced_at {
        out.sample(&[], at.0 / 1_000);
    }
}

#[cfg(test)]
mod tests;
