//! Single sources, for those who can act on one: networks that host them, routers before us.
//!
//! Addresses are personal data: only forms that cannot do without list them.
//! Bounds: [`SOURCES_MAX`] sources of a case.

use seawall_types::WallTime;
use std::net::IpAddr;

/// Sources that a case lists.
pub const SOURCES_MAX: usize = 1_000;

/// One source, as it was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceSeen {
    /// Its address.
    pub address: IpAddr,
    /// Its port in one of its connections; without it a host behind a shared address is not found.
    pub port: u16,
    /// The address of ours that it reached, and the port.
    pub reached: (IpAddr, u16),
    /// What carried it.
    pub transport: Transport,
    /// First seen.
    pub first: WallTime,
    /// Last seen.
    pub last: WallTime,
    /// Requests counted.
    pub requests: u64,
    /// Most of them in one second.
    pub peak_per_s: u64,
    /// Whether its address can be forged.
    pub handshake: Handshake,
}

/// What carried a source's traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// TCP.
    Tcp,
    /// UDP, QUIC included.
    Udp,
}

impl Transport {
    /// For programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }
}

/// Whether a source answered us, so that its address is its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handshake {
    /// It did.
    Completed,
    /// It did not: the address may be anybody's, and names nobody.
    NotCompleted,
}
