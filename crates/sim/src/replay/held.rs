//! What is kept of one record.

use crate::recording::{CacheResult, RecordedRequest};
use seawall_engine::policy::Client;
use seawall_types::{Reason, Traits};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU16;
use std::time::Duration;

/// Records of one replay: with their order and verdicts 120 bytes each, 3.8 GiB.
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
    /// Bits of [`BORE`] and [`OPENS_A_PAGE`].
    flags: u8,
    /// Tenths of a second after which its sender would pass a challenge; none when it would not.
    solves_ds: Option<NonZeroU16>,
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
            flags: u8::from(request.sender.has_passed || request.shown.cookie == Some(true)) * BORE
                + u8::from(opens_a_page(request)) * OPENS_A_PAGE,
            solves_ds: request.sender.solves_s.and_then(tenths),
            traits,
        }
    }

    /// What speaks for its sender.
    pub(super) fn client(&self) -> Client {
        let [is_trusted, navigates] = [BORE, OPENS_A_PAGE].map(|bit| self.flags & bit != 0);
        Client { is_trusted, navigates }
    }

    /// When its sender is back from a challenge; none when it would not pass.
    pub(super) fn solves_after(&self) -> Option<Duration> {
        self.solves_ds.map(|tenths| Duration::from_millis(100 * u64::from(tenths.get())))
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

/// It bore a token of ours, or a cookie that the origin had set.
const BORE: u8 = 1;
/// A person goes to another page with it, as far as a record tells.
const OPENS_A_PAGE: u8 = 2;
/// Endings of paths that are pages.
const PAGES: [&str; 6] = ["html", "htm", "php", "asp", "aspx", "jsp"];

/// Records keep no Fetch Metadata: what is got and looks like no file is a page.
fn opens_a_page(request: &RecordedRequest<'_>) -> bool {
    let is_got = request.method.as_deref().is_none_or(|method| method == "GET");
    let path = request.path.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    is_got && name.rsplit_once('.').is_none_or(|(_, ending)| PAGES.contains(&ending))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts saturate")]
fn tenths(seconds: f64) -> Option<NonZeroU16> {
    // At once is as soon as can be told.
    NonZeroU16::new(((10.0 * seconds).round() as u16).max(1))
}
