//! A snapshot as the API tells it.
//!
//! Numbers are rounded to what a second's measurement bears, and what is not finite is not known.

use crate::api::{
    EvidenceFailing, EvidenceStatus, OriginStanding, OriginStatus, PlatformStatus, Rps,
    SingleOriginStatus, State, Status, Totals,
};
use crate::shared::{EvidenceLook, Identity, Shared};
use seawall_engine::{OriginSnapshot, PlatformSnapshot, PlatformState, Snapshot};
use seawall_types::wall::rfc3339;
use seawall_types::{Reason, Verdict};
use std::collections::BTreeMap;

/// The present status.
pub(crate) fn present(shared: &Shared) -> Status {
    let mut status =
        of(shared.identity(), shared.identity().uptime().as_secs(), &shared.snapshot());
    for platform in &mut status.platforms {
        platform.mitigations = shared.mitigations_of(&platform.name);
    }
    Status {
        evidence: shared.evidence().as_deref().map(evidence),
        packet: shared.packet().map(|look| look.interfaces.clone()),
        integrity: shared.departed(),
        ..status
    }
}

fn evidence(look: &EvidenceLook) -> EvidenceStatus {
    let status = &look.status;
    EvidenceStatus {
        records: status.records,
        synced: status.synced,
        synced_at: look.synced_at.map(rfc3339),
        waiting: status.waiting,
        lost: status.lost,
        disk_bytes: status.bytes,
        failing: status.failing.as_ref().map(|failing| EvidenceFailing {
            since: rfc3339(failing.since.wall),
            reason: failing.reason.word().to_owned(),
            sentence: failing.reason.sentence().to_owned(),
            detail: failing.detail.clone(),
        }),
    }
}

fn of(identity: &Identity, uptime_s: u64, snapshot: &Snapshot) -> Status {
    Status {
        version: identity.version.clone(),
        node: identity.node.clone(),
        uptime_s,
        packet: None,
        platforms: snapshot.platforms.iter().map(platform).collect(),
        evidence: None,
        integrity: Vec::new(),
    }
}

fn platform(snapshot: &PlatformSnapshot) -> PlatformStatus {
    PlatformStatus {
        name: snapshot.name.clone(),
        state: match snapshot.state {
            PlatformState::Calm => State::Calm,
            PlatformState::Watch => State::Watch,
            PlatformState::Incident => State::Incident,
        },
        pressure: known(snapshot.pressure, 1_000.0),
        rps: rates(&snapshot.rps),
        totals: totals(&snapshot.totals),
        origin: OriginStatus {
            in_flight: snapshot.in_flight,
            limit: snapshot.limit,
            p50_ms: known(snapshot.p50_ms, 100.0),
            p99_ms: known(snapshot.p99_ms, 100.0),
            healthy: snapshot.healthy,
        },
        origins: snapshot.origins.iter().map(origin).collect(),
        finding: snapshot.finding.as_ref().map(crate::api::Finding::from),
        mitigations: BTreeMap::new(),
    }
}

fn origin(snapshot: &OriginSnapshot) -> SingleOriginStatus {
    SingleOriginStatus {
        origin: snapshot.origin.to_string(),
        standing: match snapshot.standing {
            seawall_engine::OriginStanding::Healthy => OriginStanding::Healthy,
            seawall_engine::OriginStanding::Returning => OriginStanding::Returning,
            seawall_engine::OriginStanding::Out => OriginStanding::Out,
        },
        in_flight: snapshot.in_flight,
        p50_ms: known(snapshot.p50_ms, 100.0),
        p99_ms: known(snapshot.p99_ms, 100.0),
        faults: snapshot.faults,
        ejections: snapshot.ejections,
    }
}

fn rates(rps: &[f64; Verdict::COUNT]) -> Rps {
    let of = |verdict: Verdict| known(Some(rps[verdict.index()]), 10.0).unwrap_or_default();
    Rps {
        admit: of(Verdict::Admit),
        limit: of(Verdict::Limit),
        challenge: of(Verdict::Challenge),
        hold: of(Verdict::Hold),
        refuse: of(Verdict::Refuse),
        drop: of(Verdict::Drop),
        error: of(Verdict::Error),
    }
}

/// All reasons of a verdict together.
fn totals(totals: &[[u64; Reason::COUNT]; Verdict::COUNT]) -> Totals {
    let of = |verdict: Verdict| totals[verdict.index()].iter().sum();
    Totals {
        admit: of(Verdict::Admit),
        limit: of(Verdict::Limit),
        challenge: of(Verdict::Challenge),
        hold: of(Verdict::Hold),
        refuse: of(Verdict::Refuse),
        drop: of(Verdict::Drop),
        error: of(Verdict::Error),
    }
}

/// The value in steps of one over `steps`, or none when it is not a number.
fn known(value: Option<f64>, steps: f64) -> Option<f64> {
    value.filter(|value| value.is_finite()).map(|value| (value * steps).round() / steps)
}

#[cfg(test)]
mod tests;
