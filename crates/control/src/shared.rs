//! What the engine's thread, the main thread and the server hold in common.
//!
//! The engine's thread publishes and announces, and never waits for anyone.
//! The main thread takes [`Command`]s and says which [`Phase`] the shield is in.
//! What is told to the evidence is noted here at once, so that the API does not wait for a disk.
//! Bounds: one snapshot; [`INCIDENTS_MAX`] incidents; [`COMMANDS_MAX`] commands; [`LIVE_EVENTS_MAX`] live events, of which a
//! reader that falls behind loses the oldest and is told how many.

use crate::api::{
    Departure, Explanation, Incident, Incidents, InviteMade, Lanes, Mitigation, MitigationAdded,
    NewInvite, NewMitigation, PacketLayer, ReloadDone,
};
use crate::integrity::Departures;
use crate::live::LiveEvent;
use crate::standing::{self, Standing};
use arc_swap::{ArcSwap, ArcSwapOption};
use seawall_engine::policy::Measure;
use seawall_engine::{Effect, MeasureChange, Snapshot};
use seawall_evidence::cases::Told;
use seawall_evidence::{Cases, Report};
use seawall_types::evidence::{Aspect, Fact};
use seawall_types::{InviteId, MeasureId, Moment, WallTime, moment};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{broadcast, mpsc, oneshot, watch};

/// Commands that may wait for the main thread; a further one is answered 503.
///
/// They come by hand, so a handful is a queue that has stopped moving.
pub const COMMANDS_MAX: usize = 8;

/// Live events kept for readers that are behind: far more than one second brings.
pub const LIVE_EVENTS_MAX: usize = 256;

/// Which shield this is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Name of this node.
    pub node: String,
    /// Version of the program.
    pub version: String,
    /// The instant that [`Moment`] zero stands for.
    pub started: Instant,
    /// The same instant on the wall clock.
    pub started_wall: WallTime,
}

impl Identity {
    /// A moment on the wall clock, as if that clock had not been set since start.
    pub fn wall(&self, at: Moment) -> WallTime {
        WallTime(self.started_wall.0.saturating_add(at.0 / 1_000_000))
    }

    /// Whole time since start.
    pub fn uptime(&self) -> Duration {
        self.started.elapsed()
    }

    /// The present as the engine counts it.
    pub fn now(&self) -> Moment {
        Moment(moment::nanos(self.uptime()))
    }
}

/// Whether new clients should be sent here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Not every listener answers yet.
    Starting,
    /// Every listener answers.
    Ready,
    /// Open requests finish; new ones should go elsewhere.
    Draining,
}

/// Something the main thread is asked to do.
#[derive(Debug)]
pub enum Command {
    /// Check the configuration file and apply it whole.
    Reload {
        /// Notes on the configuration that now holds, or every fault of the one that does not.
        reply: oneshot::Sender<Result<ReloadDone, Vec<String>>>,
    },
    /// Have the packet layer do something.
    Packet {
        /// What.
        order: PacketOrder,
        /// How it stands then, or a sentence on why it was not done.
        reply: oneshot::Sender<Result<PacketLayer, String>>,
    },
    /// Open the code of an answer.
    Explain {
        /// As a client showed it; not checked yet, at most [`CODE_LENGTH_MAX`] bytes.
        code: String,
        /// What it says, or a sentence on why it cannot be read.
        reply: oneshot::Sender<Result<Explanation, String>>,
    },
    /// Take a measure up.
    AddMitigation {
        /// As an operator wants it; not checked yet.
        wanted: NewMitigation,
        /// That it stands, or every fault.
        reply: oneshot::Sender<Result<MitigationAdded, Vec<String>>>,
    },
    /// Take a measure away.
    LiftMitigation {
        /// Which.
        id: MeasureId,
        /// Whether it stood.
        reply: oneshot::Sender<bool>,
    },
    /// Make a link into a lane.
    Invite {
        /// As an operator wants it; not checked yet.
        wanted: NewInvite,
        /// The link, or every fault.
        reply: oneshot::Sender<Result<InviteMade, Vec<String>>>,
    },
    /// Tell of every lane.
    Lanes {
        /// What there is.
        reply: oneshot::Sender<Lanes>,
    },
    /// Take a link back.
    RevokeInvite {
        /// Which.
        id: InviteId,
        /// Whether it was there, or why that cannot be kept.
        reply: oneshot::Sender<Result<bool, String>>,
    },
}

/// What the packet layer is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PacketOrder {
    /// Drop, until nobody has confirmed it for a minute.
    Arm,
    /// Keep on dropping.
    Confirm,
    /// Leave every interface as it was.
    Off,
}

/// Bytes of a code that is worth opening: a reason and 26 characters, with room.
pub const CODE_LENGTH_MAX: usize = 64;

/// Incidents that are kept for the API; the evidence tells of older ones.
///
/// Whoever lists them keeps the engine's thread from noting another for some milliseconds.
pub const INCIDENTS_MAX: usize = 1_000;

/// How many connections of one listener are in one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionGauge {
    /// The listener, as `address:port`.
    pub listener: String,
    /// One word of a closed list.
    pub state: &'static str,
    /// Connections.
    pub count: u64,
}

/// Reads the present connection counts; called for every scrape, so it only loads numbers.
pub type ReadConnections = Arc<dyn Fn() -> Vec<ConnectionGauge> + Send + Sync>;

/// Reads the report on an incident out of the evidence; may take seconds.
pub type ReadReport = Arc<dyn Fn(&str) -> Result<Option<Report>, String> + Send + Sync>;

/// How the evidence log stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EvidenceLook {
    /// By its own word.
    pub status: seawall_evidence::Status,
    /// When records were last synced.
    pub synced_at: Option<WallTime>,
}

/// The meeting point of engine, main thread and server.
pub struct Shared {
    identity: Identity,
    snapshot: ArcSwap<Snapshot>,
    phase: watch::Sender<Phase>,
    live: broadcast::Sender<LiveEvent>,
    commands: mpsc::Sender<Command>,
    connections: ReadConnections,
    evidence: ArcSwapOption<EvidenceLook>,
    packet: ArcSwapOption<PacketLayer>,
    cases: Mutex<Cases>,
    departures: Mutex<Departures>,
    standing: Standing,
    report: OnceLock<ReadReport>,
}

impl Shared {
    /// A shield that is starting, and the end at which the main thread takes commands.
    pub fn new(
        identity: Identity,
        connections: ReadConnections,
    ) -> (Arc<Self>, mpsc::Receiver<Command>) {
        let (commands, taken) = mpsc::channel(COMMANDS_MAX);
        let shared = Self {
            identity,
            snapshot: ArcSwap::default(),
            phase: watch::Sender::new(Phase::Starting),
            live: broadcast::Sender::new(LIVE_EVENTS_MAX),
            commands,
            connections,
            evidence: ArcSwapOption::empty(),
            packet: ArcSwapOption::empty(),
            cases: Mutex::new(Cases::with_room(INCIDENTS_MAX)),
            departures: Mutex::default(),
            standing: Standing::default(),
            report: OnceLock::new(),
        };
        (Arc::new(shared), taken)
    }

    /// Replaces the snapshot that every answer is made from.
    pub fn publish(&self, snapshot: Snapshot) {
        self.snapshot.store(Arc::new(snapshot));
    }

    /// Tells live readers of an effect; nothing happens when there is none.
    ///
    /// Platforms are named as in the last published snapshot.
    pub fn announce(&self, effect: &Effect) {
        if let Effect::Measure(
            change @ (MeasureChange::Lifted { .. } | MeasureChange::Expired { .. }),
        ) = effect
        {
            self.standing.end(standing::changed(change, &self.identity, &self.snapshot()));
        }
        if self.live.receiver_count() == 0 {
            return;
        }
        self.tell(LiveEvent::of(effect, &self.identity, &self.snapshot()));
    }

    /// Says what stands.
    pub fn publish_standing(&self, measures: &[Measure]) {
        let snapshot = self.snapshot();
        let told = |measure| standing::told(measure, &self.identity, &snapshot);
        self.standing.publish(measures.iter().map(told).collect());
    }

    /// Every measure that stands.
    pub fn standing(&self) -> Arc<Vec<Mitigation>> {
        self.standing.now()
    }

    /// One measure that stands, or stood lately.
    pub fn mitigation(&self, id: &str) -> Option<Mitigation> {
        self.standing.get(id)
    }

    /// How many stand on a platform, by rung.
    pub(crate) fn mitigations_of(&self, platform: &str) -> std::collections::BTreeMap<String, u32> {
        self.standing.by_rung(platform)
    }

    /// Notes a fact that the evidence is told, and tells live readers when it is of an incident or of
    /// something that departs from what was before.
    pub fn note(&self, at: WallTime, fact: &Fact) {
        if let Fact::IntegrityLook(look) = fact {
            if let Some(event) = self.departures().note(look) {
                self.tell(LiveEvent::of_integrity(&event));
            }
            return;
        }
        let told = Told { at, record: None };
        let mut cases = self.cases();
        cases.note(told, fact);
        if self.live.receiver_count() == 0 {
            return;
        }
        let incident = crate::live::incident_of(fact).and_then(|(id, _)| cases.get(id.as_str()));
        let incident = incident.map(Incident::from);
        drop(cases);
        self.tell(incident.and_then(|incident| LiveEvent::of_fact(fact, incident)));
    }

    fn tell(&self, event: Option<LiveEvent>) {
        if let Some(event) = event {
            // It fails only when there is no reader.
            let _ = self.live.send(event);
        }
    }

    /// What was watched and departed from what was before, since start.
    pub(crate) fn departed(&self) -> Vec<Departure> {
        self.departures().all()
    }

    /// How often each kind departed since start.
    pub(crate) fn departures_by_kind(&self) -> [(Aspect, u64); Aspect::ALL.len()] {
        self.departures().counts()
    }

    fn departures(&self) -> MutexGuard<'_, Departures> {
        self.departures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in the incidents of earlier runs.
    pub fn remember(&self, past: Cases) {
        self.cases().remember(past);
    }

    /// Says how the evidence log stands.
    pub fn publish_evidence(&self, look: EvidenceLook) {
        self.evidence.store(Some(Arc::new(look)));
    }

    /// Says how the packet layer stands; nothing is said while no interface is to be covered.
    pub fn publish_packet(&self, look: PacketLayer) {
        self.packet.store(Some(Arc::new(look)));
    }

    pub(crate) fn packet(&self) -> Option<Arc<PacketLayer>> {
        self.packet.load_full()
    }

    /// Says how reports are read; the first word counts.
    pub fn read_reports_with(&self, read: ReadReport) {
        // Told once, before anything is served.
        let _ = self.report.set(read);
    }

    /// The newest incidents, at most so many, the newest first.
    pub fn incidents(&self, most: usize) -> Incidents {
        let cases = self.cases();
        let mut known = cases.newest_first();
        let left_off = known.len().saturating_sub(most) as u64;
        known.truncate(most);
        let incidents = known.into_iter().map(Incident::from).collect();
        Incidents { incidents, older: cases.forgotten() + left_off }
    }

    pub(crate) fn incident(&self, id: &str) -> Option<Incident> {
        self.cases().get(id).map(Incident::from)
    }

    pub(crate) fn evidence(&self) -> Option<Arc<EvidenceLook>> {
        self.evidence.load_full()
    }

    pub(crate) fn report(&self) -> Option<ReadReport> {
        self.report.get().cloned()
    }

    /// Each change is whole by itself, so a panic elsewhere leaves nothing half done.
    fn cases(&self) -> MutexGuard<'_, Cases> {
        self.cases.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says which phase the shield is in.
    pub fn enter(&self, phase: Phase) {
        self.phase.send_replace(phase);
    }

    /// The phase that was entered last.
    pub fn phase(&self) -> Phase {
        *self.phase.borrow()
    }

    /// The last published snapshot; an empty one before the first.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.load_full()
    }

    /// Which shield this is.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    pub(crate) fn connections(&self) -> Vec<ConnectionGauge> {
        (self.connections)()
    }

    pub(crate) fn subscribe(&self) -> broadcast::Receiver<LiveEvent> {
        self.live.subscribe()
    }

    /// Hands a command to the main thread; one that finds no room is dropped, and whoever waits
    /// for its reply learns that at once.
    pub(crate) fn command(&self, command: Command) {
        let _ = self.commands.try_send(command);
    }
}

#[cfg(test)]
pub(crate) mod tests;
