//! A snapshot as Prometheus reads it: text format 0.0.4.
//!
//! Labels come from closed sets only: platforms and listeners of the configuration, and words that
//! are part of the program.
//! So no sender can make a series: their number is bounded by the configuration alone.

mod exposition;

use crate::shared::ConnectionGauge;
use exposition::{Exposition, Kind};
use seawall_engine::{PlatformSnapshot, Snapshot};
use seawall_types::{Reason, Verdict};

/// The content type that a scraper expects.
pub(crate) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Every metric of the shield.
pub(crate) fn render(
    snapshot: &Snapshot,
    connections: &[ConnectionGauge],
    version: &str,
) -> String {
    let mut out = Exposition::default();
    requests(&mut out, snapshot);
    accepted(&mut out, snapshot, connections);
    origins(&mut out, &snapshot.platforms);
    tables(&mut out, snapshot);
    out.family(
        "seawall_build_info",
        Kind::Gauge,
        "Always 1; the version of the program is a label.",
    );
    out.sample(&[("version", version)], 1);
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

fn origins(out: &mut Exposition, platforms: &[PlatformSnapshot]) {
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
        "Demand let through over what the origins can carry; absent when that is unknown.",
    );
    for platform in platforms {
        if let Some(pressure) = platform.pressure.filter(|ratio| ratio.is_finite()) {
            out.sample(&[("platform", &platform.name)], pressure);
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

#[cfg(test)]
mod tests;
