//! All kinds by their words, as scenarios write them.

use crate::casting::{Casting, Miscast};
use crate::flood::*;
use crate::group::Group;
use serde::Deserialize;

/// A flood of any kind, by its word.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(super) enum Flood {
    OneTool(one_tool::Parameters),
    CacheBust(cache_bust::Parameters),
    CostlySearch(costly_search::Parameters),
    Pulses(pulses::Parameters),
    RandomEverything(random_everything::Parameters),
    RandomLooks(random_looks::Parameters),
    Mimicry(mimicry::Parameters),
    Headless(headless::Parameters),
    Ipv6Rotation(ipv6_rotation::Parameters),
    LoginPosts(login_posts::Parameters),
    SlowRamp(slow_ramp::Parameters),
    OddHeaders(odd_headers::Parameters),
    HijackedBrowsers(hijacked_browsers::Parameters),
    SlowHolds(slow_holds::Parameters),
    RotatingLook(rotating_look::Parameters),
    ThinSources(thin_sources::Parameters),
    WarmSources(warm_sources::Parameters),
    CookieReplay(cookie_replay::Parameters),
    Resets(resets::Parameters),
    SlowHeads(slow_heads::Parameters),
    SlowBodies(slow_bodies::Parameters),
    SlowReads(slow_reads::Parameters),
    SocketHolds(socket_holds::Parameters),
    Egress(egress::Parameters),
    Handshakes(handshakes::Parameters),
}

impl Flood {
    pub(super) fn cast(&self, casting: Casting<'_>) -> Result<Box<dyn Group>, Miscast> {
        match self {
            Self::OneTool(flood) => flood.cast(casting),
            Self::CacheBust(flood) => flood.cast(casting),
            Self::CostlySearch(flood) => flood.cast(casting),
            Self::Pulses(flood) => flood.cast(casting),
            Self::RandomEverything(flood) => flood.cast(casting),
            Self::RandomLooks(flood) => flood.cast(casting),
            Self::Mimicry(flood) => flood.cast(casting),
            Self::Headless(flood) => flood.cast(casting),
            Self::Ipv6Rotation(flood) => flood.cast(casting),
            Self::LoginPosts(flood) => flood.cast(casting),
            Self::SlowRamp(flood) => flood.cast(casting),
            Self::OddHeaders(flood) => flood.cast(casting),
            Self::HijackedBrowsers(flood) => flood.cast(casting),
            Self::SlowHolds(flood) => flood.cast(casting),
            Self::RotatingLook(flood) => flood.cast(casting),
            Self::ThinSources(flood) => flood.cast(casting),
            Self::WarmSources(flood) => flood.cast(casting),
            Self::CookieReplay(flood) => flood.cast(casting),
            Self::Resets(flood) => flood.cast(casting),
            Self::SlowHeads(flood) => flood.cast(casting),
            Self::SlowBodies(flood) => flood.cast(casting),
            Self::SlowReads(flood) => flood.cast(casting),
            Self::SocketHolds(flood) => flood.cast(casting),
            Self::Egress(flood) => flood.cast(casting),
            Self::Handshakes(flood) => flood.cast(casting),
        }
    }
}
