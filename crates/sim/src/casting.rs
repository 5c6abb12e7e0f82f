//! What a group is built with: its place in the world, the networks and stacks of everybody, a seed.
//!
//! People and floods draw from the same pools, so that a flood can stand inside the visitors' own
//! networks and look like their browsers.

mod lots;
mod miscast;

pub use lots::Lots;
pub use miscast::{Miscast, share, whole, within};

use crate::Chance;
use crate::network::{NETWORKS_MAX, Network, NetworkClass};
use crate::rate::RateShape;
use crate::scenario::bounds::REQUESTS_PER_S_MAX;
use crate::site::Site;
use crate::stack::{Stack, StackId, Stacks, profiles};
use seawall_types::PlatformId;
use std::net::IpAddr;

/// Networks that people of a world live in; every third is one of phones.
const PEOPLE_NETWORKS: u32 = 1_500;
const MOBILE_EVERY: usize = 3;

/// Everything a group is built with.
#[derive(Debug)]
pub struct Casting<'a> {
    /// Its index in the world.
    pub group: u16,
    /// Whom it visits or floods.
    pub platform: PlatformId,
    /// What that platform serves.
    pub site: &'a Site,
    /// Everybody's networks and stacks.
    pub pools: &'a mut Pools,
    /// From which second until which one it takes part.
    pub span: Span,
    /// Fixes its draws; follows from the world's seed and the group's name alone, so that adding a
    /// group changes no draw of another.
    pub seed: u64,
}

/// A group's place in the world: what is left of a casting once networks and stacks are drawn.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Its index in the world.
    pub group: u16,
    /// Whom it visits or floods.
    pub platform: PlatformId,
    /// What that platform serves.
    pub site: &'a Site,
    /// From which second until which one it takes part.
    pub span: Span,
}

impl<'a> Casting<'a> {
    /// Ends the casting.
    pub fn place(self) -> Place<'a> {
        let Self { group, platform, site, span, .. } = self;
        Place { group, platform, site, span }
    }

    /// `per_second` while the group takes part; with `line`, times the factor that its points
    /// (second of the world, factor) give.
    pub fn rate(
        &self,
        key: &'static str,
        per_second: f64,
        line: &[(f64, f64)],
    ) -> Result<RateShape, Miscast> {
        within(key, per_second, 0.0..=REQUESTS_PER_S_MAX)?;
        let Span { from, until } = self.span;
        let shape = if line.is_empty() {
            RateShape::flat(per_second, from, until)
        } else {
            RateShape::new(line.to_vec()).map(|shape| shape.clipped(from, until).times(per_second))
        };
        shape.map_err(|bad| Miscast::Shape { key: "line", bad })
    }
}

/// From one second of the world until another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// Begins.
    pub from: f64,
    /// Ends.
    pub until: f64,
}

/// Networks and stacks of one world.
#[derive(Debug)]
pub struct Pools {
    people: Vec<Network>,
    next_network: u32,
    stacks: Stacks,
    browsers: Vec<StackId>,
    lots: Lots,
    shared: Vec<(Network, IpAddr)>,
}

impl Pools {
    /// The pools of every world: the same for each seed, so that seeds differ in behaviour alone.
    pub fn new() -> Self {
        let mut stacks = Stacks::default();
        let profiles = profiles::all();
        let browsers: Vec<_> =
            profiles.iter().map(|profile| stacks.intern(profile.stack.clone())).collect();
        let lots = Lots::of(profiles.iter().zip(&browsers));
        let mut pools = Self {
            people: Vec::new(),
            next_network: 0,
            stacks,
            browsers,
            lots,
            shared: Vec::new(),
        };
        pools.people = pools.fresh_networks(PEOPLE_NETWORKS, NetworkClass::Residential);
        for network in pools.people.iter_mut().step_by(MOBILE_EVERY) {
            network.class = NetworkClass::Mobile;
        }
        pools
    }

    /// Where people live.
    pub fn people_networks(&self) -> &[Network] {
        &self.people
    }

    /// Networks that nobody of the world has been in; as many as there still are.
    pub fn fresh_networks(&mut self, count: u32, class: NetworkClass) -> Vec<Network> {
        let count = count.min(NETWORKS_MAX - self.next_network);
        let first = self.next_network;
        self.next_network += count;
        let mut chance = Chance::for_part(0x6e65_7477, u64::from(first));
        (first..first + count)
            .map(|index| Network {
                index,
                class,
                country: *chance.pick(&COUNTRIES).unwrap_or(b"GB"),
                asn: 64_512 + chance.below(400),
            })
            .collect()
    }

    /// Notes an address that many people of a group share.
    pub fn share(&mut self, network: Network, address: IpAddr) {
        self.shared.push((network, address));
    }

    /// Addresses that many people share, of the groups that have been cast before.
    pub fn shared(&self) -> &[(Network, IpAddr)] {
        &self.shared
    }

    /// The browsers that people have: coherent in user agent, TLS, HTTP/2, header order and SYN.
    pub fn browsers(&self) -> &[StackId] {
        &self.browsers
    }

    /// The same browsers, each as often as people have it.
    pub fn lots(&self) -> &Lots {
        &self.lots
    }

    /// A stack of its own, for a tool or a program.
    pub fn stack(&mut self, stack: Stack) -> StackId {
        self.stacks.intern(stack)
    }

    /// The table behind the numbers.
    pub fn stacks(&self) -> &Stacks {
        &self.stacks
    }
}

impl Default for Pools {
    fn default() -> Self {
        Self::new()
    }
}

/// Countries that networks of a world lie in, the home country most often.
const COUNTRIES: [[u8; 2]; 10] =
    [*b"GB", *b"GB", *b"GB", *b"GB", *b"IE", *b"DE", *b"FR", *b"NL", *b"US", *b"PL"];
