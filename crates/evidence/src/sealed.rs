//! Full addresses of the sources of an incident, apart from the log and erasable.
//!
//! Takes what the engine counted; gives a file of its own, and the record that proves it.
//! The log holds one digest over salted commitments, so a row can be taken out of the file for good
//! and the others are proven as before: without its salt a commitment says nothing of its address.
//! Lists whom a measure stopped or who asked more often than a source may, on a connection of its own
//! and often enough to be told of; never who was known as a good visitor, whom the operator lets
//! through, or anybody behind a trusted proxy.
//! Never opens a file or draws chance: salts come of what the caller drew, once for each file.
//! Bounds: [`SEALED_MAX`] sources, [`SEALED_BYTES_MAX`] bytes of a file.
//!
//! Form: lines of JSON, the first about the file, each other one a source or what is left of it.

mod proofs;
#[cfg(test)]
mod tests;

pub use proofs::{Proof, proofs};

use crate::merkle::{self, Hash, Peaks};
use crate::sources::Counted;
use data_encoding::BASE64;
use seawall_engine::sources::Sampled;
use seawall_types::evidence::{Fact, IncidentId, IncidentSealed};
use seawall_types::{SourceKey, SourceNetwork, WallTime};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::net::{IpAddr, SocketAddr};
use thiserror::Error;

/// Sources of a file, those of the sample with most requests.
pub const SEALED_MAX: usize = 1_000;
/// Requests below which a source is not told of to anybody: a person can ask as much.
pub const REQUESTS_LEAST: u64 = 10;
/// How long a file is kept after what it tells of: ninety days.
pub const KEPT_MS: u64 = 90 * 24 * 3_600 * 1_000;
/// Bytes of a file: twice what its rows can have.
pub const SEALED_BYTES_MAX: u64 = 1024 * 1024;
/// Sources that were erased while their incident went on; more end the listing of it.
const FORGOTTEN_MAX: usize = 10_000;
/// How long after the last telling more may be told: an incident that opens again goes on.
const OPEN_FOR_MS: u64 = 10 * 60 * 1_000;
const FORMAT: u32 = 1;

/// The addresses of one incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    head: Head,
    rows: Vec<Row>,
}

/// What the file is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    format: u32,
    incident: IncidentId,
    platform: String,
    /// The end of its time.
    kept_until_ms: u64,
    /// Until when it tells.
    #[serde(default)]
    until_ms: u64,
    /// Why that is later than usual.
    kept_because: Option<String>,
    /// Address and port that they reached, where only one can be meant.
    reached: Option<SocketAddr>,
    /// Marks of sources that were erased or are not to be listed: they are never listed here.
    forgotten: Vec<String>,
}

/// One source, or what is left of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Row {
    Held { salt: String, source: SealedSource },
    Erased { erased: String },
}

/// One source with its address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedSource {
    /// Its address.
    pub address: IpAddr,
    /// Its port at the first of these requests.
    pub port: u16,
    /// The first of them, in milliseconds since 1970 UTC.
    pub first_ms: u64,
    /// The last.
    pub last_ms: u64,
    /// Requests that a measure stopped, or that were more than a source may ask; of IPv6 those of its
    /// whole /64.
    pub requests: u64,
    /// Most of them in one second.
    pub peak_per_s: u32,
    /// A hash under a key of the node.
    pub mark: String,
}

/// Why bytes are no such file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("line {0} is not of the form that it should have")]
pub struct Unreadable(pub u64);

/// What a file is made with.
#[derive(Debug, Clone, Copy)]
pub struct Sealing<'a> {
    /// Drawn for this file alone, and forgotten.
    pub chance: [u8; 32],
    /// Where the shield is reached, where only one address can be meant.
    pub reached: Option<SocketAddr>,
    /// Networks that the operator lets through: nobody there is listed.
    pub spared: &'a [SourceNetwork],
    /// The file as it is, which keeps who was erased and how long it is kept.
    pub before: Option<&'a Sealed>,
}

impl Sealed {
    /// The addresses of what was counted; none where nobody is to be listed.
    pub fn of(counted: &Counted, with: &Sealing<'_>) -> Option<Self> {
        let forgotten = with.before.map(|before| before.head.forgotten.clone()).unwrap_or_default();
        let is_listed = |one: &&Sampled| {
            one.far.port > 0
                && !one.is_known_good
                && one.requests >= REQUESTS_LEAST
                && !forgotten.contains(&mark(one))
                && !with.spared.iter().any(|spared| spared.contains(one.source.address(one.far)))
        };
        if forgotten.len() >= FORGOTTEN_MAX {
            return None;
        }
        let mut listed: Vec<_> = counted.seen.against.sample.iter().filter(is_listed).collect();
        listed.sort_by_key(|one| (std::cmp::Reverse(one.requests), one.mark));
        listed.truncate(SEALED_MAX);
        // Who was listed before and has shown to be good is not to stand there any longer.
        if listed.is_empty() && with.before.is_none() {
            return None;
        }
        let kept = counted.until.wall.0.saturating_add(KEPT_MS);
        let extended = with.before.filter(|before| before.head.kept_because.is_some());
        let head = Head {
            format: FORMAT,
            incident: counted.incident.clone(),
            platform: counted.platform.clone(),
            kept_until_ms: extended.map_or(kept, |before| before.head.kept_until_ms.max(kept)),
            until_ms: counted.until.wall.0,
            kept_because: extended.and_then(|before| before.head.kept_because.clone()),
            reached: with.reached,
            forgotten,
        };
        let row = |(at, one): (u64, &Sampled)| Row::Held {
            salt: BASE64.encode(&salt(&with.chance, at)),
            source: source(counted, one),
        };
        Some(Self { head, rows: (0..).zip(listed).map(row).collect() })
    }

    /// Reads a file.
    ///
    /// # Errors
    /// The first line that is not of its form.
    pub fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        let mut lines =
            (1..).zip(bytes.split(|byte| *byte == b'\n')).filter(|(_, l)| !l.is_empty());
        let head = lines.next().and_then(|(_, line)| serde_json::from_slice::<Head>(line).ok());
        let head = head.filter(|head| head.format == FORMAT).ok_or(Unreadable(1))?;
        let row = |(at, line)| serde_json::from_slice(line).map_err(|_| Unreadable(at));
        let rows: Vec<_> = lines.take(SEALED_MAX + 1).map(row).collect::<Result<_, _>>()?;
        if rows.len() > SEALED_MAX { Err(Unreadable(0)) } else { Ok(Self { head, rows }) }
    }

    /// The file.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        line(&mut bytes, &self.head);
        self.rows.iter().for_each(|row| line(&mut bytes, row));
        bytes
    }

    /// What the log tells of it.
    pub fn fact(&self) -> Fact {
        Fact::IncidentSealed(IncidentSealed {
            incident: self.head.incident.clone(),
            platform: self.head.platform.clone(),
            sources: self.rows.len() as u64,
            root: self.root().to_string(),
        })
    }

    /// The digest over all commitments, those of erased rows among them.
    pub fn root(&self) -> Hash {
        let mut tree = Peaks::default();
        for row in &self.rows {
            // What is no commitment gives another root, which is what has to come of it.
            tree.push(merkle::leaf(row.commitment().as_bytes()));
        }
        tree.root()
    }

    /// Of which incident.
    pub const fn incident(&self) -> &IncidentId {
        &self.head.incident
    }

    /// Where the shield was reached, as far as that is certain.
    pub const fn reached(&self) -> Option<SocketAddr> {
        self.head.reached
    }

    /// When it is to be removed.
    pub const fn kept_until(&self) -> WallTime {
        WallTime(self.head.kept_until_ms)
    }

    /// Keeps it longer; a time before the one that it has changes nothing.
    pub fn keep_until(&mut self, until: WallTime, because: &str) {
        if until > self.kept_until() {
            self.head.kept_until_ms = until.0;
            self.head.kept_because = Some(because.to_owned());
        }
    }

    /// Whether more may be told of its incident.
    pub const fn is_open(&self, now: WallTime) -> bool {
        now.0.saturating_sub(self.head.until_ms) <= OPEN_FOR_MS
    }

    /// Whether the log has yet to tell of it: it ended before it could.
    /// A file that says no more than the log does and says it otherwise was changed: it is not told of.
    pub fn lacks(&self, proof: Option<&Proof>) -> bool {
        proof.is_none_or(|proof| {
            self.head.until_ms > proof.at.0 && proof.root != self.root().to_string()
        })
    }

    /// Never lists the source with that mark here; false where that was so already.
    pub fn forget(&mut self, mark: &str) -> bool {
        let forgotten = &mut self.head.forgotten;
        let is_new = forgotten.len() < FORGOTTEN_MAX && !forgotten.iter().any(|one| one == mark);
        if is_new {
            forgotten.push(mark.to_owned());
        }
        is_new
    }

    /// Sources that are still there.
    pub fn held(&self) -> impl Iterator<Item = &SealedSource> {
        self.rows.iter().filter_map(|row| match row {
            Row::Held { source, .. } => Some(source),
            Row::Erased { .. } => None,
        })
    }

    /// Rows whose address was taken out.
    pub fn erased(&self) -> usize {
        self.rows.len() - self.held().count()
    }

    /// Takes an address out for good; of IPv6 everybody behind the same subscriber's prefix.
    /// Gives how many rows that were.
    pub fn erase(&mut self, address: IpAddr) -> usize {
        let source_key = SourceKey::of(address);
        let mut taken = Vec::new();
        for row in &mut self.rows {
            let Row::Held { source, .. } = row else { continue };
            if SourceKey::of(source.address) == source_key {
                taken.push(source.mark.clone());
                *row = Row::Erased { erased: row.commitment() };
            }
        }
        for mark in &taken {
            self.forget(mark);
        }
        taken.len()
    }
}

impl Row {
    fn commitment(&self) -> String {
        match self {
            Self::Erased { erased } => erased.clone(),
            Self::Held { salt, source } => {
                let mut told = Vec::new();
                line(&mut told, source);
                let hashed = Sha256::new().chain_update(salt.as_bytes()).chain_update(told);
                BASE64.encode(&hashed.finalize())
            }
        }
    }
}

/// Sixteen bytes that nobody can guess who does not know what was drawn.
fn salt(chance: &[u8; 32], at: u64) -> [u8; 16] {
    let digest: [u8; 32] =
        Sha256::new().chain_update(chance).chain_update(at.to_be_bytes()).finalize().into();
    let mut salt = [0; 16];
    salt.copy_from_slice(&digest[..16]);
    salt
}

fn mark(one: &Sampled) -> String {
    format!("{:016x}", one.mark)
}

fn source(counted: &Counted, one: &Sampled) -> SealedSource {
    let wall = |moment| counted.wall(moment).0;
    SealedSource {
        address: one.source.address(one.far),
        port: one.far.port,
        first_ms: wall(one.first),
        last_ms: wall(one.last),
        requests: one.requests,
        peak_per_s: one.peak_per_s,
        mark: mark(one),
    }
}

fn line(bytes: &mut Vec<u8>, told: &impl Serialize) {
    serde_json::to_writer(&mut *bytes, told)
        .expect("invariant: texts and whole numbers always become JSON in memory");
    bytes.push(b'\n');
}
