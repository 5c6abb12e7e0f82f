//! Single sources, for those who can act on one: networks that host them, routers before us.
//!
//! Addresses are personal data: they lie in a file apart from the log, which holds their [`Seal`],
//! and only the forms that cannot do without list them.
//! Bounds: [`SOURCES_MAX`] sources of a case.

use crate::line::Line;
use seawall_types::WallTime;
use seawall_types::evidence::IncidentSealed;
use std::net::IpAddr;

/// Sources that a case lists.
pub const SOURCES_MAX: usize = 1_000;

/// What the log says of the addresses that were put aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// The record that says it.
    pub record: u64,
    /// Addresses that were put aside; some may have been erased since.
    pub sources: u64,
    /// The digest over their commitments.
    pub root: Line,
}

impl Seal {
    pub(crate) fn of(record: u64, told: &IncidentSealed) -> Self {
        Self { record, sources: told.sources, root: Line::of(&told.root) }
    }
}

/// One source, as it was seen: its address is its own, since it completed a handshake with us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceSeen {
    /// Its address.
    pub address: IpAddr,
    /// Its port at its first request; without it a host behind a shared address is not found.
    pub port: u16,
    /// Its first request.
    pub first: WallTime,
    /// Its last.
    pub last: WallTime,
    /// Requests counted.
    pub requests: u64,
    /// Most of them in one second.
    pub peak_per_s: u64,
}
