//! What a case began with, request after request.

use super::{IncidentId, Stamp};
use serde::{Deserialize, Serialize};

/// A part of the requests before a case was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentRing {
    /// Which case.
    pub incident: IncidentId,
    /// Where.
    pub platform: String,
    /// The time that distances are told from: when the case was opened.
    pub opened_at: Stamp,
    /// Counts parts from 1.
    pub part: u32,
    /// How many parts there are.
    pub parts: u32,
    /// Requests of this time that found no room in any part.
    pub left_out: u64,
    /// One request each: milliseconds before `opened_at`, verdict, reason, mark of its source, what
    /// its client looked like, what it aimed at; the last three are digests in hexadecimal.
    pub requests: Vec<String>,
}
