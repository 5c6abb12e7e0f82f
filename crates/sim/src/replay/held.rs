//! What is kept of one record.

use crate::recording::{CacheResult, RecordedRequest};
use seawall_types::{Reason, Traits};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Records of one replay: with their order and verdicts 116 bytes each, 3.6 GiB.
pub const RECORDS_MAX: usize = 1 << 25;

/// One record, without its texts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    /// Seconds since any epoch.
    pub(super) t: f64,
    /// An IPv4 address in the form of IPv6: a byte-wise type takes no padding.
    source: Ipv6Addr,
    /// Milliseconds at the origin; not a number while unknown.
    cost_ms: f64,
    /// Its line over all inputs, from 1.
    pub(super) line: u32,
    /// What it names: a platform, a host or neither.
    pub(super) named: u16,
    /// Its route class.
    pub(super) route: u16,
    pub(super) fault: Option<Reason>,
    /// What it shows of itself.
    pub(super) traits: Traits,
}

const _: () = assert!(size_of::<Held>() == 104, "the bytes of a record are told to people");

impl Held {
    pub(super) fn new(
        request: &RecordedRequest<'_>,
        traits: Traits,
        (line, named, route): (u32, u16, u16),
    ) -> Self {
        let known = match request.cache {
            Some(CacheResult::Hit) => Some(0.0),
            Some(CacheResult::Miss | CacheResult::Pass) | None => request.origin_ms,
        };
        Self {
            t: request.t,
            source: match request.source.to_canonical() {
                IpAddr::V4(v4) => Ipv4Addr::to_ipv6_mapped(&v4),
                IpAddr::V6(v6) => v6,
            },
            cost_ms: known.unwrap_or(f64::NAN),
            line,
            named,
            route,
            fault: request.fault,
            traits,
        }
    }

    pub(super) fn source(&self) -> IpAddr {
        IpAddr::V6(self.source).to_canonical()
    }

    /// Milliseconds at the origin; none while unknown.
    pub(super) fn cost_ms(&self) -> Option<f64> {
        (!self.cost_ms.is_nan()).then_some(self.cost_ms)
    }

    pub(super) fn resolve(&mut self, cost_ms: f64) {
        self.cost_ms = cost_ms;
    }
}
