//! Who asked in a case: how many sources, and where tables place them; no address and no name.

use super::{IncidentId, Stamp};
use serde::{Deserialize, Serialize};

/// The sources of a case as far as they are counted when it is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentSources {
    /// Which case.
    pub incident: IncidentId,
    /// Where.
    pub platform: String,
    /// Since when sources were counted: when demand came near to what the origins can carry.
    pub since: Stamp,
    /// Until when.
    pub until: Stamp,
    /// All who asked.
    pub asked: SourceCrowd,
    /// Those that a measure met or that were not admitted; people are among them.
    pub met: SourceCrowd,
    /// Groups among those that a measure met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clusters: Option<Clusters>,
    /// Requests of this time that were counted but not listed; their sources may be missing.
    pub unlisted: u64,
    /// Whose word stands for the addresses.
    pub addresses: AddressWord,
    /// Tables that were looked into; none when none is configured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<PlaceTable>,
}

/// Whose word stands for the addresses of sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressWord {
    /// Each completed a handshake with this shield from its address.
    Handshake,
    /// A proxy in front named some or all of them.
    Proxies,
}

/// A number of sources, and what a fair sample of them shows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SourceCrowd {
    /// Different sources: addresses, or /64 prefixes of IPv6.
    pub sources: u64,
    /// How far that may be off at 95 % certainty, in thousandths; 0 when each was counted.
    pub error_permille: u32,
    /// Requests of theirs that were listed.
    pub requests: u64,
    /// Sources in the sample.
    pub sampled: u64,
    /// Listed requests of the sample.
    pub sampled_requests: u64,
    /// Independent draws that the requests of the sample are worth: many requests of one source are
    /// no more than one (Kish's effective sample size).
    pub effective_requests: u64,
    /// Where the first table places the sample; `None` when there is no such table.
    pub countries: Option<Placed>,
    /// Which networks the tables name.
    pub networks: Option<Placed>,
    /// What kind of network the tables say that it is.
    pub classes: Option<Placed>,
    /// Marks of the sources with the smallest ones, at most 256, in hexadecimal: hashes under a key
    /// that only the node holds, by which two cases of one node can be compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<String>,
    /// Sources of the sample for which two tables name a country.
    pub compared: u64,
    /// Those among them for which the two differ.
    pub disagreeing: u64,
}

/// Sources of a sample that look alike, aim alike and began together.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Clusters {
    /// The largest first.
    pub rows: Vec<Cluster>,
    /// Sources that stand in none.
    pub unassigned: u64,
}

/// Likely machines of one group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cluster {
    /// A digest of what their software shows, in hexadecimal: equal for equal software.
    pub look: String,
    /// How many there are in the sample.
    pub sources: u64,
    /// Their listed requests.
    pub requests: u64,
    /// Different things that they asked for first.
    pub aims: u64,
    /// When half of them had begun, in milliseconds since 1970 UTC.
    pub began_ms: u64,
    /// How much of it comes out again when half of the sample is left out, in thousandths.
    pub stability_permille: u32,
}

/// The sources of a sample by what a table says of them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Placed {
    /// Most sources first.
    pub rows: Vec<PlaceRow>,
    /// Sources and their requests in rows that found no room.
    pub others: PlaceCount,
    /// Sources and their requests that the table says nothing of.
    pub unplaced: PlaceCount,
}

/// What a table says, and of how many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceRow {
    /// Two letters of a country, `AS64496`, or a word for a kind of network.
    pub place: String,
    /// Of how many.
    #[serde(flatten)]
    pub count: PlaceCount,
}

/// Sources of a sample and their listed requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PlaceCount {
    /// Sources.
    pub sources: u64,
    /// Their listed requests.
    pub requests: u64,
}

/// A table of places as it was when it was looked into.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceTable {
    /// The key of the configuration that names it.
    pub key: String,
    /// What the table calls itself.
    pub name: String,
    /// When it was built, in seconds since 1970 UTC, as it says itself.
    pub built_s: u64,
    /// Digest of its bytes.
    pub digest: String,
}

/// Addresses of sources were put into a file of their own; this proves what stands in it.
///
/// Tells no address, and nothing that an address could be guessed from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentSealed {
    /// Of which case.
    pub incident: IncidentId,
    /// Its platform.
    pub platform: String,
    /// Sources that were listed.
    pub sources: u64,
    /// Head of the tree over their salted commitments, in base64.
    pub root: String,
}
