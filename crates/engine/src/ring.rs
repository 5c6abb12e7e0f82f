//! The last half minute of a platform, one request after another: what an incident began with.
//!
//! Takes listed requests at all times; gives [`RingSeen`] when an incident opens.
//! A source stands in it as its mark, a hash under a key that no sender knows, and what it showed as
//! a digest: no address, no text.
//! Bounds: [`RING_FOR`], [`RING_MAX`] requests, [`TICK_MAX`] of one tick; the rest are counted.

use crate::detect::mixed;
use seawall_types::{Attribute, Moment, PlatformId, Reason, RequestObservation, Traits, Verdict};
use std::collections::VecDeque;
use std::time::Duration;

/// How far back it goes.
pub const RING_FOR: Duration = Duration::from_secs(30);
/// Requests that it holds: 32 bytes each, 128 KiB a platform.
pub const RING_MAX: usize = 4_096;
/// Requests of one tick that it holds, the first of each, so that a flood leaves half a minute.
pub const TICK_MAX: usize = 34;
const _: () = assert!(TICK_MAX * 120 <= RING_MAX, "a tick is a quarter of a second");

/// One request, as little as tells it apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digest {
    /// When its head was complete.
    pub at: Moment,
    /// Its source's mark.
    pub mark: u64,
    /// What it showed of its client: equal for equal clients.
    pub look: u32,
    /// What it asked for: equal for equal paths and methods.
    pub aim: u32,
    /// What it got.
    pub verdict: Verdict,
    /// Why.
    pub reason: Reason,
}

/// What a platform was asked before an incident opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RingSeen {
    /// Which platform.
    pub platform: PlatformId,
    /// Requests in the order in which they were listed.
    pub requests: Vec<Digest>,
    /// Requests of this time that found no room.
    pub left_out: u64,
}

/// The ring of one platform.
#[derive(Debug, Default)]
pub(crate) struct Ring {
    requests: VecDeque<Digest>,
    /// Requests of ticks, and how many of each were left out.
    ticks: VecDeque<(Moment, u32)>,
    in_tick: usize,
    out_of_tick: u32,
}

impl Ring {
    /// Takes a listed request.
    pub(crate) fn observe(&mut self, request: &RequestObservation, mark: u64) {
        if self.in_tick >= TICK_MAX {
            self.out_of_tick = self.out_of_tick.saturating_add(1);
            return;
        }
        self.in_tick += 1;
        if self.requests.len() >= RING_MAX {
            self.requests.pop_front();
        }
        self.requests.push_back(Digest {
            at: request.at,
            mark,
            look: digest(&request.traits, &LOOK),
            aim: digest(&request.traits, &AIM),
            verdict: request.verdict,
            reason: request.reason,
        });
    }

    /// Ends a tick and forgets what is older than the ring goes back.
    pub(crate) fn tick(&mut self, now: Moment) {
        self.ticks.push_back((now, std::mem::take(&mut self.out_of_tick)));
        self.in_tick = 0;
        while self.ticks.front().is_some_and(|(at, _)| now.since(*at) > RING_FOR) {
            self.ticks.pop_front();
        }
        while self.requests.front().is_some_and(|one| now.since(one.at) > RING_FOR) {
            self.requests.pop_front();
        }
    }

    /// What it holds.
    pub(crate) fn seen(&self, platform: PlatformId) -> RingSeen {
        RingSeen {
            platform,
            requests: self.requests.iter().copied().collect(),
            left_out: self.ticks.iter().map(|(_, left_out)| u64::from(*left_out)).sum(),
        }
    }
}

/// What is the client's own.
pub(crate) const LOOK: [Attribute; 6] = [
    Attribute::Language,
    Attribute::Agent,
    Attribute::Headers,
    Attribute::Ja4,
    Attribute::H2,
    Attribute::Protocol,
];
/// What it wants.
pub(crate) const AIM: [Attribute; 2] = [Attribute::Method, Attribute::Route];

/// Equal for equal values of these traits.
pub(crate) fn digest(traits: &Traits, of: &[Attribute]) -> u32 {
    let add =
        |sum: u64, attribute: &Attribute| mixed(sum ^ u64::from(traits.get(*attribute).to_bits()));
    (of.iter().fold(0, add) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use seawall_types::{FarEnd, SourceKey, Trait};

    fn request(at_ms: u64, agent: u32) -> RequestObservation {
        RequestObservation {
            at: Moment(at_ms * 1_000_000),
            platform: PlatformId(0),
            source: SourceKey::of("192.0.2.1".parse().unwrap()),
            far: FarEnd::default(),
            verdict: Verdict::Admit,
            reason: Reason::Clear,
            cost_us: 1,
            is_proven: false,
            measure: None,
            traits: Traits::default().with(Attribute::Agent, Trait::new(agent)),
        }
    }

    #[test]
    fn half_a_minute_is_kept_whatever_comes_and_what_found_no_room_is_counted() {
        let mut ring = Ring::default();
        for tick in 1..=400_u64 {
            for _ in 0..100 {
                ring.observe(&request(tick * 250 - 1, 7), 9);
            }
            ring.tick(Moment(tick * 250_000_000));
        }
        let seen = ring.seen(PlatformId(0));
        let first = seen.requests.first().expect("it holds some").at;
        assert!(Moment(100_000_000_000).since(first) >= Duration::from_millis(29_750));
        assert!(seen.requests.len() <= RING_MAX && seen.requests.len() >= 119 * TICK_MAX);
        assert_eq!(seen.left_out, 121 * (100 - TICK_MAX as u64));
        ring.tick(Moment(200_000_000_000));
        assert_eq!(ring.seen(PlatformId(0)).requests, []);
    }

    #[test]
    fn equal_clients_look_alike_and_others_do_not() {
        let mut ring = Ring::default();
        for agent in [7, 7, 8] {
            ring.observe(&request(1, agent), 9);
        }
        let looks: Vec<_> = ring.seen(PlatformId(0)).requests.iter().map(|one| one.look).collect();
        assert!(looks[0] == looks[1] && looks[1] != looks[2]);
    }
}
