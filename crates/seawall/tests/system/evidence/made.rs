//! Evidence made for a test under a virtual clock: hours, restarts, incidents, witnesses.

use ed25519_dalek::{Signer as _, SigningKey};
use seawall_evidence::cosignature::message;
use seawall_evidence::key::{KeyKind, KnownKey};
use seawall_evidence::note::{Note, Signature};
use seawall_evidence::{DirectoryStore, Limits, Log, NodeKey};
use seawall_types::evidence::{
    Clocks, Fact, Incident, IncidentKind, Measured, PlatformSecond, RequestCounts, Stamp,
    VisitorsHarmed,
};
use seawall_types::{Moment, Reason, Verdict, WallTime};
use std::fs;
use std::path::Path;

/// 2026-03-01T10:59:00Z: a minute before an hour ends.
const START: u64 = 1_772_362_740_000;

/// A test's chance: the same for the same seed.
pub(super) struct Chance(pub(super) u64);

impl Chance {
    pub(super) fn below(&mut self, end: usize) -> usize {
        // SplitMix64, Steele, Lea and Flood 2014.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % end as u64).expect("below a usize")
    }
}

/// What evidence is made.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    pub(super) seed: u64,
    /// Seconds of two incidents, with a restart between.
    pub(super) seconds: u64,
    /// How far a second is from the next, in milliseconds.
    pub(super) apart_ms: u64,
    /// The second of which something else is told; none tells the truth.
    pub(super) lie: Option<u64>,
}

impl Default for Shape {
    /// Two incidents over three hours.
    fn default() -> Self {
        Self { seed: 1, seconds: 120, apart_ms: 60_000, lie: None }
    }
}

/// What a reader outside keeps.
#[derive(Debug)]
pub(super) struct Made {
    /// Keys of log and witness, and checkpoints that the witness signed.
    pub(super) witnesses: String,
}

/// The key of the node in all tests.
pub(super) fn key() -> NodeKey {
    NodeKey::of_node("a".parse().expect("a name"), &[7; 32])
}

/// `ms` after the start, on both clocks.
pub(super) fn at(ms: u64) -> Stamp {
    Stamp { wall: WallTime(START + ms), moment: Moment(ms * 1_000_000) }
}

impl Made {
    /// Writes evidence into `folder`.
    pub(super) fn write(folder: &Path, shape: &Shape) -> Self {
        let (signing, witness) = witness();
        let mut kept = format!("{}\n{}\n", witness, key().known());
        let half = shape.seconds / 2;
        for (run, seconds) in [(0, 0..half), (1, half..shape.seconds)] {
            let limits = Limits { segment_bytes: 20_000, ..Limits::default() };
            let from = seconds.start * shape.apart_ms;
            let mut log = Log::open(DirectoryStore::new(folder), key(), limits, at(from));
            let id = format!("www-{run}");
            log.append(at(from), &started());
            log.append(at(from), &Fact::IncidentOpened(incident(&id, at(from), None)));
            let mut to = from;
            for second in seconds {
                to = second * shape.apart_ms;
                log.append(at(to), &told(&id, second, shape));
                while let Some(due) = log.next_deadline().filter(|due| *due <= at(to).moment) {
                    log.on_deadline(at(due.0.div_ceil(1_000_000)));
                }
            }
            log.append(at(to), &Fact::IncidentClosed(incident(&id, at(from), Some(at(to)))));
            log.append(at(to), &Fact::NodeStopped);
            log.finish(at(to));
            kept.push_str(&cosigned(folder, &signing, &witness));
        }
        Self { witnesses: kept }
    }
}

/// The newest checkpoint with the witness's signature.
fn cosigned(folder: &Path, signing: &SigningKey, witness: &KnownKey) -> String {
    let newest = fs::read_to_string(folder.join("checkpoint")).expect("the log is signed");
    let mut note = Note::parse(&newest).expect("a note");
    let seconds: u64 = 1_772_370_000;
    let mut bytes = seconds.to_be_bytes().to_vec();
    bytes.extend_from_slice(&signing.sign(message(&note.text, seconds).as_bytes()).to_bytes());
    let name = witness.name().to_owned();
    note.signatures.push(Signature { name, id: witness.id(), bytes });
    note.to_string()
}

fn witness() -> (SigningKey, KnownKey) {
    let signing = SigningKey::from_bytes(&[9; 32]);
    let public = signing.verifying_key().to_bytes();
    let known = KnownKey::new("witness.example.org/w1", KeyKind::Cosignature, &public);
    (signing, known.expect("a key"))
}

fn started() -> Fact {
    Fact::NodeStarted { version: "0.1.0".to_owned(), configuration: "sha256:00".to_owned() }
}

fn incident(id: &str, detected: Stamp, ended: Option<Stamp>) -> Incident {
    Incident {
        id: id.parse().expect("a name"),
        platform: "www".to_owned(),
        kind: IncidentKind::Unknown,
        clocks: Clocks { detected_at: Some(detected), ended_at: ended, ..Clocks::default() },
        requests: [(Verdict::Admit, 3_000), (Verdict::Hold, 47_000)].into(),
        visitors_harmed: VisitorsHarmed::Unknown,
        measured: Measured::default(),
        signatures: Vec::new(),
    }
}

/// What is told of one second.
fn told(id: &str, second: u64, shape: &Shape) -> Fact {
    let mut chance = Chance(shape.seed << 32 | second);
    let mut requests = RequestCounts::default();
    requests.add(Verdict::Admit, Reason::Clear, 300 + chance.below(50) as u64);
    let held = 4_000 + chance.below(900) as u64;
    let lie = u64::from(shape.lie == Some(second));
    requests.add(Verdict::Hold, Reason::Capacity, held + lie);
    Fact::PlatformSecond(PlatformSecond {
        platform: "www".to_owned(),
        incident: id.parse().ok(),
        requests,
        origin_ms: 7_900,
        bytes_out: 1_000_000,
        pressure_permille: Some(987),
        limit: Some(64),
        in_flight: 63,
        queue_wait_max_ms: None,
    })
}

/// A second of an incident, as a flood makes thousands.
pub(super) fn second(number: u64) -> Fact {
    told("www-1", number, &Shape::default())
}
