//! The JSON of API version 1, shared by the server and by the commands that read it.
//!
//! A field whose part is not built, or whose value is not known, is null; a reader ignores fields
//! that it does not know.

mod finding;
mod integrity;
mod lane;
mod mitigation;

pub use finding::{Finding, FindingEvent, FindingSignature};
pub use integrity::{Departure, IntegrityChange, IntegrityEvent};
pub use lane::{InviteMade, InviteTold, LaneTold, Lanes, NewInvite};
pub use mitigation::{Mitigation, MitigationAdded, MitigationMatch, Mitigations, NewMitigation};
pub use seawall_evidence::incidents::{Incident, Incidents};

use seawall_types::Verdict;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The whole shield at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Status {
    /// Version of the program.
    pub version: String,
    /// Name of this node.
    pub node: String,
    /// Whole seconds since start.
    pub uptime_s: u64,
    /// The packet layer, by interface.
    pub packet: Option<Vec<PacketInterface>>,
    /// In the order of the configuration.
    pub platforms: Vec<PlatformStatus>,
    /// The evidence log; null until it was first looked at.
    #[serde(default)]
    pub evidence: Option<EvidenceStatus>,
    /// What was watched and departed from what was before, since start.
    #[serde(default)]
    pub integrity: Vec<Departure>,
}

/// How the evidence log stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EvidenceStatus {
    /// Records in the log.
    pub records: u64,
    /// Those that outlast a loss of power.
    pub synced: u64,
    /// When records were last made to outlast it (RFC 3339); null before the first time.
    pub synced_at: Option<String>,
    /// Facts that wait to be written.
    pub waiting: u64,
    /// Facts that found no room since start.
    pub lost: u64,
    /// Bytes on disk.
    pub disk_bytes: u64,
    /// Set while nothing can be written.
    pub failing: Option<EvidenceFailing>,
}

/// Why no evidence is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EvidenceFailing {
    /// Since when (RFC 3339).
    pub since: String,
    /// In the word of a gap: `disk_full`, `disk_read_only`, `disk_fault` or `occupied`.
    pub reason: String,
    /// The same as a sentence.
    pub sentence: String,
    /// What the system said last.
    pub detail: String,
}

/// The packet layer on one interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PacketInterface {
    /// Name of the interface.
    pub interface: String,
    /// `native`, `generic`, `nft` or `off`.
    pub mode: String,
    /// Whether it drops, or only counts what it would drop.
    pub armed: bool,
}

/// The packet layer as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct PacketLayer {
    /// How each interface is covered.
    pub interfaces: Vec<PacketInterface>,
    /// Sources that are blocked now.
    pub blocked: u64,
    /// Times since start that a table had no room for a source.
    pub full: u64,
    /// Packets since start, by what became of them and why; only of interfaces under XDP.
    pub packets: Vec<PacketCount>,
    /// Floods of packets that are met now; each stays for half a minute after it was last seen.
    pub floods: Vec<PacketFlood>,
    /// What is not as it was wanted, each a sentence.
    pub notes: Vec<String>,
}

/// One flood of packets: what it is, and what is done about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PacketFlood {
    /// What it consists of, such as `udp: dns reflection`.
    pub vector: String,
    /// Packets a second when it was last seen.
    pub packets_per_s: u64,
    /// What it is for; many addresses of one network that get about the same are called a carpet.
    pub target: String,
    /// Whether its sources look forged: `likely`, `unlikely` or `unknown`.
    pub forged: String,
    /// What that rests on.
    pub forged_why: String,
    /// What is done about it while the layer is armed: a signature, or a stage that acts.
    pub answer: String,
}

/// Packets of one fate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PacketCount {
    /// `pass`, `answer` or `drop`; while nothing is armed, what would have been dropped is `drop`.
    pub verdict: String,
    /// Why, one word of a closed list.
    pub reason: String,
    /// How many.
    pub packets: u64,
}

/// One platform at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlatformStatus {
    /// Its name.
    pub name: String,
    /// What the shield thinks of it.
    pub state: State,
    /// Demand of what asks over what the origins can carry.
    pub pressure: Option<f64>,
    /// Requests per second over the last whole second, by verdict.
    pub rps: Rps,
    /// Requests since start, by verdict.
    #[serde(default)]
    pub totals: Totals,
    /// The servers behind it.
    pub origin: OriginStatus,
    /// Each of them, in the order of the configuration.
    #[serde(default)]
    pub origins: Vec<SingleOriginStatus>,
    /// What the detector says; null while it says nothing.
    #[serde(default)]
    pub finding: Option<Finding>,
    /// How many measures stand on it, by rung; those of none are left out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub mitigations: BTreeMap<String, u32>,
}

/// What the shield thinks of a platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Nothing is refused beyond the odd broken message.
    Calm,
    /// A measure acts, demand nears what the origins can carry, or an incident rests: it was calm for
    /// five seconds and closes when it stays so.
    Watch,
    /// An incident is open and goes on.
    Incident,
}

impl State {
    /// The word of the contract.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Calm => "calm",
            Self::Watch => "watch",
            Self::Incident => "incident",
        }
    }
}

/// Requests per second, by verdict.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, ToSchema)]
pub struct Rps {
    /// Answered by the origin.
    pub admit: f64,
    /// Answered 429.
    pub limit: f64,
    /// Shown a challenge.
    pub challenge: f64,
    /// Told to wait.
    pub hold: f64,
    /// Answered 403.
    pub refuse: f64,
    /// Not answered.
    pub drop: f64,
    /// Broken messages and failed origins.
    pub error: f64,
}

impl Rps {
    /// The rate of one verdict.
    pub const fn of(&self, verdict: Verdict) -> f64 {
        match verdict {
            Verdict::Admit => self.admit,
            Verdict::Limit => self.limit,
            Verdict::Challenge => self.challenge,
            Verdict::Hold => self.hold,
            Verdict::Refuse => self.refuse,
            Verdict::Drop => self.drop,
            Verdict::Error => self.error,
        }
    }

    /// Requests that were kept from the origin by a verdict on their sender.
    pub fn stopped(&self) -> f64 {
        self.limit + self.challenge + self.hold + self.refuse + self.drop
    }
}

/// Requests since start, by verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Totals {
    /// Answered by the origin.
    pub admit: u64,
    /// Answered 429.
    pub limit: u64,
    /// Shown a challenge.
    pub challenge: u64,
    /// Told to wait.
    pub hold: u64,
    /// Answered 403.
    pub refuse: u64,
    /// Not answered.
    pub drop: u64,
    /// Broken messages and failed origins.
    pub error: u64,
}

impl Totals {
    /// The requests of one verdict.
    pub const fn of(&self, verdict: Verdict) -> u64 {
        match verdict {
            Verdict::Admit => self.admit,
            Verdict::Limit => self.limit,
            Verdict::Challenge => self.challenge,
            Verdict::Hold => self.hold,
            Verdict::Refuse => self.refuse,
            Verdict::Drop => self.drop,
            Verdict::Error => self.error,
        }
    }
}

/// The servers behind one platform.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OriginStatus {
    /// Requests at the origins.
    pub in_flight: u32,
    /// Requests that may be at the origins at once.
    pub limit: Option<u32>,
    /// Median time at the origins over the last ten seconds, in milliseconds.
    pub p50_ms: Option<f64>,
    /// 99th percentile, likewise.
    pub p99_ms: Option<f64>,
    /// Origins that are not out.
    pub healthy: Option<u32>,
}

/// One server behind a platform.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SingleOriginStatus {
    /// Its URL, as the configuration writes it.
    pub origin: String,
    /// Whether it gets requests.
    pub standing: OriginStanding,
    /// Requests that are at it, of all platforms that name it.
    pub in_flight: u32,
    /// Median time to the head of its answers over the last five to ten seconds, in milliseconds.
    pub p50_ms: Option<f64>,
    /// 99th percentile, likewise.
    pub p99_ms: Option<f64>,
    /// Faults since start.
    pub faults: u64,
    /// Times that it was taken out since start.
    pub ejections: u64,
}

/// Whether an origin gets requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum OriginStanding {
    /// Its whole share.
    Healthy,
    /// A share that grows, since it was out.
    Returning,
    /// None while others are healthy.
    Out,
}

impl OriginStanding {
    /// The word that people and programs read.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Returning => "returning",
            Self::Out => "out",
        }
    }
}

/// A change of a standing measure, as the `mitigation` event of the live stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "event", rename_all = "lowercase")]
pub enum MitigationEvent {
    /// A measure began to act.
    Began {
        /// Where.
        platform: String,
        /// When the first request was stopped (RFC 3339).
        at: String,
        /// What they get.
        rung: String,
        /// Requests per second stopped in the first window.
        stopped_rps: f64,
        /// Different sources among those stopped, at least.
        sources: u32,
        /// Demand let through over capacity in that window.
        pressure: Option<f64>,
    },
    /// Demand at the origins is back in its bound.
    Relieved {
        /// Where.
        platform: String,
        /// When (RFC 3339).
        at: String,
        /// When the measure began (RFC 3339).
        began_at: String,
        /// Demand let through over capacity.
        pressure: f64,
    },
    /// The measure has had nothing to do for a while.
    Ended {
        /// Where.
        platform: String,
        /// When the last request was stopped (RFC 3339).
        at: String,
        /// When the measure began (RFC 3339).
        began_at: String,
        /// Requests stopped between.
        stopped: u64,
        /// Requests admitted between.
        admitted: u64,
        /// Highest rate of stopped requests over one second.
        peak_stopped_rps: f64,
    },
    /// A standing measure was taken up.
    Added {
        /// As it is.
        mitigation: Mitigation,
    },
    /// A standing measure is on another rung.
    Changed {
        /// When (RFC 3339).
        at: String,
        /// The rung before.
        was: String,
        /// As it is now.
        mitigation: Mitigation,
    },
    /// Somebody took a standing measure away.
    Lifted {
        /// As it was, with its end.
        mitigation: Mitigation,
    },
    /// The time of a standing measure was over.
    Expired {
        /// As it was, with its end.
        mitigation: Mitigation,
    },
}

/// A change of an incident, as the `incident` event of the live stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct IncidentEvent {
    /// What became of it.
    pub event: IncidentChange,
    /// The incident after the change.
    #[serde(flatten)]
    pub incident: Incident,
}

/// What became of an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum IncidentChange {
    /// It opened.
    Opened,
    /// More is known of it.
    Changed,
    /// It was found to be part of another.
    Merged,
    /// It closed.
    Closed,
}

/// A configuration that was applied.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct ReloadDone {
    /// What the operator should know about it, each a sentence.
    pub notes: Vec<String>,
}

/// Why one client got its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Explanation {
    /// The code that was asked about.
    pub code: String,
    /// One word of the closed list.
    pub reason: String,
    /// The reason as a sentence.
    pub sentence: String,
    /// When the answer was given (RFC 3339).
    pub at: String,
    /// Which platform; null when none serves the host that was asked for.
    pub platform: Option<String>,
    /// Keyed hash of the source's prefix.
    pub source_hash: Option<String>,
    /// The standing measure that decided.
    pub mitigation: Option<String>,
    /// What that measure is about, its rung, who wanted it and why; null where that is not known.
    #[serde(default)]
    pub mitigation_about: Option<String>,
    /// When that measure ends, or ended (RFC 3339).
    pub expires_at: Option<String>,
    /// Where the evidence is.
    pub evidence: Option<String>,
}

/// What went wrong.
///
/// Source: RFC 9457 §3.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the status says which kind it is.
    #[serde(rename = "type", default = "about_blank")]
    pub kind: String,
    /// The status as words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened and what to do.
    pub detail: String,
    /// Every fault of a configuration that was not applied.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
}

fn about_blank() -> String {
    "about:blank".to_owned()
}
