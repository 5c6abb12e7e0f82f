//! Which sources the kernel drops, by what the proxy refused: plain rules over plain data.
//!
//! Takes refusals of requests, each of which proves a completed handshake, with the time; gives blocks
//! and liftings.
//! A packet alone never puts its source here, since anybody can write any source into a packet.
//! Pure: reads no clock, draws no number.
//! Bounds: [`COUNTED_MAX`] sources are counted and [`BLOCKED_MAX`] are remembered; what finds no room
//! is counted and told.

use crate::model::Party;
use seawall_types::{Moment, SourceKey, SourceNetwork};
use std::collections::BTreeMap;
use std::time::Duration;

/// Refusals within [`WITHIN`] that block a source.
pub const REFUSALS: u32 = 3;
/// The span in which they must fall.
pub const WITHIN: Duration = Duration::from_secs(1);
/// Above this pressure of its platform a refusal counts.
pub const PRESSURE: f64 = 0.85;
/// How long a first block lasts.
pub const FIRST: Duration = Duration::from_secs(10);
/// How long one lasts at most.
pub const LONGEST: Duration = Duration::from_mins(1);
/// For how long a block is remembered behind its end, so that the next one is longer.
const REMEMBERED: Duration = Duration::from_mins(10);
/// For how long a source that proved itself is spared.
const SPARED: Duration = Duration::from_hours(24);
/// Sources whose refusals are counted.
pub const COUNTED_MAX: usize = 65_536;
/// Sources that are blocked or remembered.
pub const BLOCKED_MAX: usize = 262_144;
/// Sources that are spared.
pub const SPARED_MAX: usize = 262_144;

/// A source to be blocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// Who.
    pub source: SourceKey,
    /// Until when.
    pub until: Moment,
}

/// Decides which sources the kernel drops.
#[derive(Debug, Default)]
pub struct HostBlocks {
    exempt: Vec<SourceNetwork>,
    counted: BTreeMap<SourceKey, Refusals>,
    blocked: BTreeMap<SourceKey, Standing>,
    spared: BTreeMap<SourceKey, Moment>,
    full: u64,
}

/// Refusals of one source since `since`.
#[derive(Debug, Clone, Copy)]
struct Refusals {
    since: Moment,
    count: u32,
}

#[derive(Debug, Clone, Copy)]
struct Standing {
    until: Moment,
    lasted: Duration,
}

impl HostBlocks {
    /// Nobody is blocked; who lies in `exempt` never will be.
    pub fn new(exempt: Vec<SourceNetwork>) -> Self {
        Self { exempt, ..Self::default() }
    }

    /// Other networks are exempt from now on; gives the blocks that this lifts.
    pub fn exempt(&mut self, exempt: Vec<SourceNetwork>) -> Vec<SourceKey> {
        self.exempt = exempt;
        let freed: Vec<_> =
            self.blocked.keys().copied().filter(|source| self.is_exempt(*source)).collect();
        for source in &freed {
            self.blocked.remove(source);
        }
        freed
    }

    /// Nobody is blocked any more, as if nobody had been; who had proved itself stays spared.
    pub fn forget(&mut self) {
        self.counted.clear();
        self.blocked.clear();
    }

    /// A request of a source that had proved itself: it is spared for a day, and a block is lifted.
    pub fn prove(&mut self, now: Moment, source: SourceKey) -> Option<SourceKey> {
        self.counted.remove(&source);
        if self.spared.len() < SPARED_MAX || self.spared.contains_key(&source) {
            self.spared.insert(source, now + SPARED);
        } else {
            self.full += 1;
        }
        self.blocked.remove(&source).map(|_| source)
    }

    /// A request of a source was refused while its platform was asked for `pressure`.
    pub fn refuse(&mut self, now: Moment, source: SourceKey, pressure: f64) -> Option<Block> {
        // Not a number is no pressure.
        let is_pressed = pressure > PRESSURE;
        if !is_pressed || self.is_exempt(source) || self.is_spared(now, source) {
            return None;
        }
        if !self.is_enough(now, source) {
            return None;
        }
        let before = self.blocked.get(&source).copied();
        if before.is_none() && self.blocked.len() >= BLOCKED_MAX {
            self.full += 1;
            return None;
        }
        let lasting = before.map_or(FIRST, |before| (before.lasted * 2).min(LONGEST));
        let until = now + lasting;
        self.blocked.insert(source, Standing { until, lasted: lasting });
        Some(Block { source, until })
    }

    /// Forgets what is over; call it once a second or so.
    ///
    /// Gives sources whose blocks are forgotten, so that they take no room in the kernel either.
    pub fn tick(&mut self, now: Moment) -> Vec<SourceKey> {
        self.counted.retain(|_, refusals| now.since(refusals.since) < WITHIN);
        let mut forgotten = Vec::new();
        self.blocked.retain(|source, standing| {
            let is_remembered = now < standing.until + REMEMBERED;
            if !is_remembered {
                forgotten.push(*source);
            }
            is_remembered
        });
        self.spared.retain(|_, until| now < *until);
        forgotten
    }

    /// Sources that are blocked now.
    pub fn blocked(&self, now: Moment) -> usize {
        self.blocked.values().filter(|standing| now < standing.until).count()
    }

    /// How often a table was full.
    pub fn full(&self) -> u64 {
        self.full
    }

    fn is_exempt(&self, source: SourceKey) -> bool {
        let own = source.network();
        // A /64 is also exempt where only a part of it is.
        let holds = |network: &SourceNetwork| {
            network.contains(own.address()) || own.contains(network.address())
        };
        self.exempt.iter().any(holds)
    }

    fn is_spared(&self, now: Moment, source: SourceKey) -> bool {
        self.spared.get(&source).is_some_and(|until| now < *until)
    }

    /// Counts a refusal; whether there were enough.
    fn is_enough(&mut self, now: Moment, source: SourceKey) -> bool {
        if !self.counted.contains_key(&source) && self.counted.len() >= COUNTED_MAX {
            self.full += 1;
            return false;
        }
        let refusals = self.counted.entry(source).or_insert(Refusals { since: now, count: 0 });
        if now.since(refusals.since) >= WITHIN {
            *refusals = Refusals { since: now, count: 0 };
        }
        refusals.count += 1;
        if refusals.count < REFUSALS {
            return false;
        }
        self.counted.remove(&source);
        true
    }
}

impl From<SourceKey> for Party {
    fn from(source: SourceKey) -> Self {
        Self::of(source.network().address())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::net::IpAddr;

    const PRESSED: f64 = 1.5;

    fn source(last: u8) -> SourceKey {
        SourceKey::of(IpAddr::from([192, 0, 2, last]))
    }

    fn at(milliseconds: u64) -> Moment {
        Moment(milliseconds * 1_000_000)
    }

    /// Refusals of one source a tenth of a second apart; how long its block lasts in the end.
    fn refused(blocks: &mut HostBlocks, from_ms: u64, times: u64) -> Option<Duration> {
        let moments = (0..times).map(|n| at(from_ms + 100 * n));
        moments
            .filter_map(|now| Some(blocks.refuse(now, source(1), PRESSED)?.until.since(now)))
            .last()
    }

    #[test]
    fn three_refusals_in_a_second_block_and_two_do_not() {
        let mut blocks = HostBlocks::default();
        assert_eq!(refused(&mut blocks, 0, 2), None);
        assert_eq!(refused(&mut blocks, 1_050, 2), None, "the second began anew");
        assert_eq!(refused(&mut blocks, 1_900, 1), Some(FIRST));
        assert_eq!(blocks.blocked(at(11_899)), 1);
        assert_eq!(blocks.blocked(at(11_900)), 0);
    }

    #[test]
    fn a_block_doubles_to_a_minute_on_fresh_refusals_and_is_forgotten_at_last() {
        let mut blocks = HostBlocks::default();
        let seconds: Vec<_> = (0..5)
            .map(|n| refused(&mut blocks, n * 70_000, 3).map(|lasted| lasted.as_secs()))
            .collect();
        assert_eq!(seconds, [10, 20, 40, 60, 60].map(Some));
        assert_eq!(blocks.tick(at(4 * 70_000 + 661_000)), vec![source(1)]);
        assert_eq!(refused(&mut blocks, 2_000_000, 3), Some(FIRST));
    }

    #[test]
    fn nothing_blocks_below_the_pressure_or_who_proved_itself_or_is_exempt() {
        let mut blocks = HostBlocks::default();
        let calm = (0..9).filter_map(|n| blocks.refuse(at(n), source(1), 0.85)).count();
        let unknown = (0..9).filter_map(|n| blocks.refuse(at(n), source(1), f64::NAN)).count();
        assert_eq!((calm, unknown), (0, 0));
        assert_eq!(blocks.prove(at(10), source(1)), None);
        assert_eq!(refused(&mut blocks, 20, 9), None);
        let mut exempt = HostBlocks::new(vec!["192.0.2.0/30".parse().unwrap()]);
        assert_eq!(refused(&mut exempt, 0, 9), None);
    }

    #[test]
    fn proof_and_exemption_lift_a_block() {
        let mut blocks = HostBlocks::default();
        refused(&mut blocks, 0, 3);
        assert_eq!(blocks.prove(at(400), source(1)), Some(source(1)));
        assert_eq!(blocks.blocked(at(400)), 0);
        let mut blocks = HostBlocks::default();
        refused(&mut blocks, 0, 3);
        assert_eq!(blocks.exempt(vec!["192.0.2.1/32".parse().unwrap()]), vec![source(1)]);
        assert_eq!(blocks.blocked(at(400)), 0);
    }

    #[test]
    fn who_is_forgotten_begins_anew_and_who_is_spared_stays_so() {
        let mut blocks = HostBlocks::default();
        refused(&mut blocks, 0, 3);
        assert_eq!(blocks.prove(at(300), source(2)), None);
        blocks.forget();
        assert_eq!(blocks.blocked(at(400)), 0);
        assert_eq!((0..9).find_map(|n| blocks.refuse(at(400 + n), source(2), PRESSED)), None);
        assert_eq!(refused(&mut blocks, 500, 3), Some(FIRST));
    }

    #[test]
    fn a_full_table_counts_and_blocks_again_when_it_eases() {
        let mut blocks = HostBlocks::default();
        for number in 0..u32::try_from(COUNTED_MAX).unwrap() {
            let own = SourceKey::of(IpAddr::from((0x0a00_0000 + number).to_be_bytes()));
            blocks.refuse(at(0), own, PRESSED);
        }
        assert_eq!((refused(&mut blocks, 1, 3), blocks.full()), (None, 3));
        blocks.tick(at(1_000));
        assert_eq!(refused(&mut blocks, 1_001, 3), Some(FIRST));
    }

    proptest! {
        #[test]
        fn no_sequence_of_events_blocks_an_exempt_address(
            events in proptest::collection::vec((0_u8..4, 0_u8..8, 0_u64..400, 0.0_f64..3.0), 10_000)
        ) {
            let exempt: SourceNetwork = "192.0.2.4/30".parse().unwrap();
            let mut blocks = HostBlocks::new(vec![exempt]);
            let mut now = 0;
            for (event, who, later, pressure) in events {
                now += later;
                match event {
                    0 => drop(blocks.prove(at(now), source(who % 4))),
                    1 => drop(blocks.tick(at(now))),
                    _ => {
                        let block = blocks.refuse(at(now), source(who), pressure);
                        prop_assert!(block.is_none_or(|block| !exempt.contains(
                            block.source.network().address()
                        )));
                        if let Some(block) = block {
                            prop_assert!(block.until.since(at(now)) <= LONGEST);
                        }
                    }
                }
            }
        }
    }
}
