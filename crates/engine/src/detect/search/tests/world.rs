//! A small world: visitors with the usual browsers, and what may be asked beside them.

use crate::detect::{Reservoirs, Row};
use seawall_types::{Attribute, Moment, SourceKey, Trait, Traits};
use std::net::Ipv4Addr;

/// Browsers, from frequent to seldom.
const PROFILES: u32 = 60;
const ROUTES: u32 = 80;
const NETWORKS: u32 = 1_500;
/// Rows of visitors in a second without any excess.
pub(super) const USUAL_ROWS: u32 = 300;
/// What they ask for.
pub(super) const NORMAL: f64 = 3_000.0;
pub(super) const CAPACITY: f64 = 9_000.0;

pub(super) const GET: u32 = 1;
pub(super) const POST: u32 = 2;
pub(super) const LOGIN: u32 = 901;
pub(super) const SEARCH: u32 = 902;
pub(super) const ELECTION: u32 = 903;

/// A generator (Steele, Lea, Flood 2014).
#[derive(Clone)]
pub(super) struct Chance(pub(super) u64);

impl Chance {
    pub(super) fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        u32::try_from((z ^ (z >> 31)) >> 32).unwrap()
    }

    pub(super) fn below(&mut self, bound: u32) -> u32 {
        u32::try_from((u64::from(self.next()) * u64::from(bound)) >> 32).unwrap()
    }

    pub(super) fn is_one_in(&mut self, bound: u32) -> bool {
        self.below(bound) == 0
    }

    /// Below `bound`; the low ones are frequent.
    pub(super) fn skewed(&mut self, bound: u32) -> u32 {
        let (a, b) = (self.below(bound), self.below(bound));
        u32::try_from(u64::from(a) * u64::from(b) / u64::from(bound)).unwrap()
    }
}

/// What a client is, by its profile: traits that do not change from request to request.
pub(super) fn client(profile: u32, version: u32) -> Traits {
    Traits::default()
        .with(Attribute::Ja4, Trait::new(1_000 + profile / 2))
        .with(Attribute::H2, Trait::new(2_000 + profile / 4))
        .with(Attribute::Headers, Trait::new(3_000 + profile))
        .with(Attribute::Agent, Trait::new(40_000 + profile * 100 + version))
        .with(Attribute::Protocol, Trait::new(2))
}

/// A tool that nobody of the visitors uses.
pub(super) fn tool(number: u32) -> Traits {
    Traits::default()
        .with(Attribute::Ja4, Trait::new(0x7000_0000 + number))
        .with(Attribute::H2, Trait::new(0x7100_0000 + number))
        .with(Attribute::Headers, Trait::new(0x7200_0000 + number))
        .with(Attribute::Agent, Trait::new(0x7300_0000 + number))
        .with(Attribute::Protocol, Trait::new(2))
}

/// One of the visitors, the same one for the same number.
pub(super) fn visitor(number: u32) -> (Traits, SourceKey) {
    let mut chance = Chance(u64::from(number) << 20 | 7);
    let network = chance.skewed(NETWORKS);
    let traits = client(chance.skewed(PROFILES), chance.skewed(40))
        .with(Attribute::Language, Trait::new(50 + chance.skewed(12)));
    placed(traits, network, number)
}

/// In a network, with an address there.
pub(super) fn placed(traits: Traits, network: u32, number: u32) -> (Traits, SourceKey) {
    let address = (10 << 24) + network * 4_096 + number % 4_096;
    let traits = traits
        .with(Attribute::Prefix, Trait::new(100_000 + network))
        .with(Attribute::Network, Trait::new(200_000 + network / 10))
        .with(Attribute::Country, Trait::new(300 + network % 30));
    (traits, SourceKey::of(Ipv4Addr::from(address).into()))
}

/// What visitors ask for.
pub(super) fn usual_request((traits, source): (Traits, SourceKey), chance: &mut Chance) -> Row {
    let (method, route) = match chance.below(400) {
        0..4 => (POST, LOGIN),
        4..10 => (GET, SEARCH),
        10..12 => (GET, ELECTION),
        _ => (GET, chance.skewed(ROUTES) + 1),
    };
    asked((traits, source), (method, route), chance)
}

/// A request for a certain thing.
pub(super) fn asked(
    (traits, source): (Traits, SourceKey),
    (method, route): (u32, u32),
    chance: &mut Chance,
) -> Row {
    let traits = traits
        .with(Attribute::Method, Trait::new(method))
        .with(Attribute::Route, Trait::new(route))
        .with(Attribute::Query, Trait::new(if chance.is_one_in(6) { 2 } else { 1 }))
        .with(Attribute::Referer, Trait::new(1 + chance.skewed(3)))
        .with(Attribute::Cookie, Trait::new(1 + chance.below(2)));
    let cost_us = if route == SEARCH { 60_000 } else { 8_000 + chance.below(4_000) };
    Row { traits, source, cost_us, is_proven: false }
}

/// Requests of a second of visitors.
pub(super) fn usual_rows(rows: u32, chance: &mut Chance) -> Vec<Row> {
    let one = |_| {
        // Numbers above those that a reservoir is filled from.
        let someone = visitor(1_000_000 + chance.below(500_000));
        usual_request(someone, chance)
    };
    (0..rows).map(one).collect()
}

/// Known-good visitors, some requests of each.
pub(super) fn reservoirs(visitors: u32, seed: u64) -> Reservoirs {
    let mut reservoirs = Reservoirs::new([seed, seed + 1]);
    let mut chance = Chance(seed);
    for number in 0..visitors {
        for _ in 0..=chance.below(4) {
            reservoirs.learn(Moment(0), &usual_request(visitor(number), &mut chance));
        }
    }
    reservoirs
}
