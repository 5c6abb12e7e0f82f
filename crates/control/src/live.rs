//! The live stream: server-sent events `status`, once a second, `mitigation`, `finding`, `incident` and
//! `integrity`, as they come.
//! A reader that falls behind loses the oldest events and is told how many in an event `missed`.
//! Bounds: [`CLIENTS_MAX`] readers.
//!
//! Source: WHATWG HTML, server-sent events.

use crate::api::{
    FindingEvent, Incident, IncidentChange, IncidentEvent, IntegrityEvent, MitigationEvent,
};
use crate::plane::ControlPlane;
use crate::problem::problem;
use crate::shared::{Identity, Shared};
use crate::standing::{changed, name_of};
use crate::status;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::{self, Stream};
use seawall_engine::detect::FindingChange;
use seawall_engine::{Effect, MeasureChange, Snapshot};
use seawall_types::PlatformId;
use seawall_types::evidence::{Fact, IncidentId};
use serde::Serialize;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::time::{Interval, MissedTickBehavior};

/// Readers of the live stream at once: screens of one organisation, with room.
pub const CLIENTS_MAX: usize = 64;

/// How often the whole status is told.
const STATUS_PERIOD: Duration = Duration::from_secs(1);

/// An event, written once for all readers.
#[derive(Debug, Clone)]
pub(crate) struct LiveEvent {
    name: &'static str,
    data: Arc<str>,
}

impl LiveEvent {
    /// What readers are told of an effect; none for what metrics tell better.
    pub(crate) fn of(effect: &Effect, identity: &Identity, snapshot: &Snapshot) -> Option<Self> {
        if let Effect::Finding(change) = effect {
            let data = serde_json::to_string(&finding(change, identity, snapshot)).ok()?;
            return Some(Self { name: "finding", data: data.into() });
        }
        mitigation(effect, identity, snapshot)
            .and_then(|event| serde_json::to_string(&event).ok())
            .map(|data| Self { name: "mitigation", data: data.into() })
    }

    /// What readers are told of a fact; none unless it is of an incident.
    pub(crate) fn of_fact(fact: &Fact, incident: Incident) -> Option<Self> {
        let (_, event) = incident_of(fact)?;
        let data = serde_json::to_string(&IncidentEvent { event, incident }).ok()?;
        Some(Self { name: "incident", data: data.into() })
    }

    /// What readers are told when something departs from what was before, or is so again.
    pub(crate) fn of_integrity(event: &IntegrityEvent) -> Option<Self> {
        let data = serde_json::to_string(event).ok()?;
        Some(Self { name: "integrity", data: data.into() })
    }

    fn into_event(self) -> Event {
        Event::default().event(self.name).data(self.data)
    }
}

/// Which incident a fact is of, and what became of it.
pub(crate) fn incident_of(fact: &Fact) -> Option<(&IncidentId, IncidentChange)> {
    match fact {
        Fact::IncidentOpened(incident) => Some((&incident.id, IncidentChange::Opened)),
        Fact::IncidentChanged(incident) => Some((&incident.id, IncidentChange::Changed)),
        Fact::IncidentClosed(incident) => Some((&incident.id, IncidentChange::Closed)),
        Fact::IncidentMerged { incident, .. } => Some((incident, IncidentChange::Merged)),
        Fact::NodeStarted { .. }
        | Fact::NodeStopped
        | Fact::ConfigurationApplied { .. }
        | Fact::ConfigurationRefused { .. }
        | Fact::MitigationBegan(_)
        | Fact::MitigationRelieved(_)
        | Fact::MitigationEnded(_)
        | Fact::MeasureBegan(_)
        | Fact::MeasureChanged { .. }
        | Fact::MeasureEnded { .. }
        | Fact::IncidentSources(_)
        | Fact::IncidentSealed(_)
        | Fact::IncidentRing(_)
        | Fact::LaneInvited(_)
        | Fact::LaneEntered(_)
        | Fact::LaneRevoked(_)
        | Fact::PlatformSecond(_)
        | Fact::IntegrityLook(_)
        | Fact::OriginStanding { .. }
        | Fact::CarryLearned { .. }
        | Fact::TableSaturated { .. } => None,
    }
}

fn finding(change: &FindingChange, identity: &Identity, snapshot: &Snapshot) -> FindingEvent {
    let at = |moment| seawall_types::wall::rfc3339(identity.wall(moment));
    let said = change.finding();
    let event = match change {
        FindingChange::Began(_) => "began",
        FindingChange::Changed(_) => "changed",
        FindingChange::Ended(_) => "ended",
    };
    FindingEvent {
        event: event.to_owned(),
        platform: name_of(said.platform, snapshot),
        at: at(said.at),
        onset_at: at(said.onset_at),
        finding: said.into(),
    }
}

fn mitigation(
    effect: &Effect,
    identity: &Identity,
    snapshot: &Snapshot,
) -> Option<MitigationEvent> {
    let platform = |id: PlatformId| name_of(id, snapshot);
    let at = |moment| seawall_types::wall::rfc3339(identity.wall(moment));
    match effect {
        Effect::MitigationBegan(began) => Some(MitigationEvent::Began {
            platform: platform(began.platform),
            at: at(began.at),
            rung: began.rung.word().to_owned(),
            stopped_rps: began.stopped_rps,
            sources: began.sources,
            pressure: began.pressure,
        }),
        Effect::Relieved(relieved) => Some(MitigationEvent::Relieved {
            platform: platform(relieved.platform),
            at: at(relieved.at),
            began_at: at(relieved.began_at),
            pressure: relieved.pressure,
        }),
        Effect::MitigationEnded(ended) => Some(MitigationEvent::Ended {
            platform: platform(ended.platform),
            at: at(ended.at),
            began_at: at(ended.began_at),
            stopped: ended.stopped,
            admitted: ended.admitted,
            peak_stopped_rps: ended.peak_stopped_rps,
        }),
        Effect::Measure(change) => Some(measure(change, identity, snapshot)),
        Effect::Incident { .. } | Effect::Finding(_) | Effect::TableSaturated { .. } => None,
    }
}

fn measure(change: &MeasureChange, identity: &Identity, snapshot: &Snapshot) -> MitigationEvent {
    let mitigation = changed(change, identity, snapshot);
    match change {
        MeasureChange::Began(_) => MitigationEvent::Added { mitigation },
        MeasureChange::Changed { was, at, .. } => MitigationEvent::Changed {
            at: seawall_types::wall::rfc3339(identity.wall(*at)),
            was: was.word().to_owned(),
            mitigation,
        },
        MeasureChange::Lifted { .. } => MitigationEvent::Lifted { mitigation },
        MeasureChange::Expired { .. } => MitigationEvent::Expired { mitigation },
    }
}

/// The same facts as they change, as server-sent events.
#[utoipa::path(
    get,
    path = "/api/v1/live",
    tag = "v1",
    operation_id = "live",
    responses(
        (
            status = 200,
            description = "Events `status` (a Status, once a second), `mitigation` \
                (a MitigationEvent), `finding` (a FindingEvent), `incident` (an IncidentEvent), \
                `integrity` (an IntegrityEvent) and `missed` (how many events the reader was too slow for)",
            content_type = "text/event-stream",
            body = String,
        ),
        (
            status = 503,
            description = "Too many readers",
            content_type = "application/problem+json",
            body = crate::api::Problem,
        ),
    )
)]
pub(crate) async fn stream(State(plane): State<Arc<ControlPlane>>) -> Response {
    match Arc::clone(&plane.live_places).try_acquire_owned() {
        Ok(permit) => Sse::new(events(Arc::clone(&plane.shared), permit))
            .keep_alive(KeepAlive::default())
            .into_response(),
        Err(_) => problem(
            StatusCode::SERVICE_UNAVAILABLE,
            format!(
                "All {CLIENTS_MAX} places for live readers are taken; close one and try again."
            ),
        ),
    }
}

/// What one reader waits on.
struct Reader {
    shared: Arc<Shared>,
    news: broadcast::Receiver<LiveEvent>,
    clock: Interval,
    /// Given back when the reader goes.
    _permit: OwnedSemaphorePermit,
}

fn events(
    shared: Arc<Shared>,
    permit: OwnedSemaphorePermit,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let mut clock = tokio::time::interval(STATUS_PERIOD);
    // A reader that was behind wants the present, not the past once more.
    clock.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let reader = Reader { news: shared.subscribe(), shared, clock, _permit: permit };
    stream::unfold(reader, |mut reader| async {
        let event = next(&mut reader).await?;
        Some((Ok(event), reader))
    })
}

async fn next(reader: &mut Reader) -> Option<Event> {
    tokio::select! {
        // The clock first: it has at most one event a second, so it cannot starve the news.
        biased;
        _ = reader.clock.tick() => json("status", &status::present(&reader.shared)),
        news = reader.news.recv() => match news {
            Ok(event) => Some(event.into_event()),
            Err(RecvError::Lagged(missed)) => json("missed", &Missed { missed }),
            Err(RecvError::Closed) => None,
        },
    }
}

/// How many events a reader was too slow for.
#[derive(Serialize)]
struct Missed {
    missed: u64,
}

fn json(name: &str, facts: &impl Serialize) -> Option<Event> {
    Event::default().event(name).json_data(facts).ok()
}

#[cfg(test)]
mod tests;
