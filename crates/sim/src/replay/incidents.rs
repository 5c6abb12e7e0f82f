//! Incidents of a replay, as its summary tells them.
//!
//! Bounds: as many as the effects that are kept.

use super::summary::PlatformSummary;
use seawall_engine::detect::Described;
use seawall_engine::incident::Clocks;
use seawall_engine::{Effect, Incident};
use seawall_types::{Moment, PlatformId};
use serde::Serialize;

/// One incident; times are in seconds of the records' epoch.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IncidentSummary {
    /// The platform's name and its number there.
    pub id: String,
    /// The platform.
    pub platform: String,
    /// `flood`, `surge` or `unknown`.
    pub kind: &'static str,
    /// What it came by; empty while nobody tells.
    pub vectors: Vec<String>,
    /// The first traffic of it.
    pub onset_at: f64,
    /// When it was told.
    pub detected_at: f64,
    /// When the first request was stopped.
    pub mitigated_at: Option<f64>,
    /// From when what was let through stayed within what the origins can carry.
    pub relieved_at: Option<f64>,
    /// When demand fell for good.
    pub ended_at: Option<f64>,
    /// Highest demand over a second, over what the origins can carry.
    pub peak_pressure: f64,
    /// What describes its traffic; empty while nothing does.
    pub signatures: Vec<SignatureSummary>,
}

/// One description of an incident's traffic.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SignatureSummary {
    /// What its requests have in common.
    pub text: String,
    /// The strictest thing that was done about it.
    pub rung: &'static str,
    /// 95 % upper bound of the share of known visitors that it touches.
    pub predicted_collateral: f64,
    /// The share of known visitors who came that it met; none while nothing is done.
    pub measured_collateral: Option<f64>,
    /// Share of the excess that it explains.
    pub share_of_excess: f64,
}

/// What the last effect of each incident says of it.
pub(super) fn of(
    effects: &[Effect],
    began_at: f64,
    platforms: &[PlatformSummary],
) -> Vec<IncidentSummary> {
    let mut incidents: Vec<(PlatformId, &Incident)> = Vec::new();
    for effect in effects {
        let Effect::Incident { platform, change } = effect else { continue };
        let incident = change.incident();
        let same = |known: &&mut (PlatformId, &Incident)| {
            known.0 == *platform && known.1.number == incident.number
        };
        match incidents.iter_mut().rev().find(same) {
            Some(known) => known.1 = incident,
            None => incidents.push((*platform, incident)),
        }
    }
    let name = |id: PlatformId| {
        platforms.get(id.index()).map_or_else(String::new, |platform| platform.name.clone())
    };
    incidents.into_iter().map(|(id, incident)| summary(name(id), began_at, incident)).collect()
}

fn summary(platform: String, began_at: f64, incident: &Incident) -> IncidentSummary {
    let at = |moment: Moment| began_at + moment.as_secs_f64();
    let Clocks { onset_at, detected_at, mitigated_at, relieved_at, ended_at, .. } = incident.clocks;
    IncidentSummary {
        id: format!("{platform}-{}", incident.number),
        platform,
        kind: incident.kind.word(),
        vectors: Vec::new(),
        onset_at: at(onset_at),
        detected_at: at(detected_at),
        mitigated_at: mitigated_at.map(at),
        relieved_at: relieved_at.map(at),
        ended_at: ended_at.map(at),
        peak_pressure: incident.peak_pressure,
        signatures: incident.signatures.iter().map(SignatureSummary::from).collect(),
    }
}

impl From<&Described> for SignatureSummary {
    fn from(described: &Described) -> Self {
        Self {
            text: described.expression.clone(),
            rung: described.rung().word(),
            predicted_collateral: described.bound,
            measured_collateral: described.treated.and_then(|treated| treated.measured_collateral),
            share_of_excess: described.share_of_excess,
        }
    }
}
