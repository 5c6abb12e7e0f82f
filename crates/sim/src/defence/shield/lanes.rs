//! Who is in a lane: who holds something that opens one, and readers of feeds by what they ask for.
//!
//! Bounds: a lane for each group that holds something, and one of feeds.

use crate::request::Request;
use crate::site::{Method, Route, Site};
use seawall_engine::admission::Prefix;
use seawall_engine::challenge::Spend;
use seawall_engine::lane::{Entry, Ration, is_feed};
use seawall_types::{Moment, RequestRate};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};

/// `lane.rate` unless it is told.
const RATE_RPS: f64 = 50.0;
/// What the lane of feeds has, which every node has by default.
const FEEDS_RPS: f64 = 20.0;

/// Every lane of a node.
#[derive(Debug)]
pub(super) struct Lanes {
    held: BTreeMap<u16, Ration>,
    feeds: Ration,
    used: Spend,
}

impl Lanes {
    /// The one of feeds, as a node has it by default.
    pub(super) fn by_default(seed: u64) -> Self {
        Self {
            held: BTreeMap::new(),
            feeds: Ration::new(RequestRate::new(FEEDS_RPS), turn(0)),
            used: Spend::new([seed, seed ^ 0x6c61_6e65]),
        }
    }

    /// Members of these groups hold what opens a lane, a lane of their own for each group.
    pub(super) fn open_to(&mut self, groups: &[u16]) {
        let lanes = groups
            .iter()
            .zip(1..)
            .map(|(group, index)| (*group, Ration::new(RequestRate::new(RATE_RPS), turn(index))));
        self.held.extend(lanes);
    }

    /// Whether nothing but the path of a feed lets a request in: that frees nobody from the rate of his
    /// source.
    pub(super) fn is_open(&self, (request, site): (&Request, &Site)) -> bool {
        let holds = self.held.contains_key(&request.sender.group);
        let reads = |route: &Route| route.method == Method::Get && is_feed(&route.path);
        !holds && site.route(request.route).is_some_and(reads)
    }

    /// How a request is in a lane, and as which network it takes its turn there; none where it is in
    /// none, or its lane's rate is used up.
    pub(super) fn let_in(
        &self,
        now: Moment,
        (request, site): (&Request, &Site),
    ) -> Option<(Entry, Prefix)> {
        let (ration, entry) = match self.held.get(&request.sender.group) {
            Some(ration) => (ration, Entry::Held),
            None => self.is_open((request, site)).then_some((&self.feeds, Entry::Open))?,
        };
        let network = Prefix::of(request.source);
        ration.take(now, &self.used, (entry, network)).then(|| (entry, ration.turn()))
    }
}

/// A network where nobody is, as `crates/proxy` has it.
fn turn(index: u16) -> Prefix {
    Prefix::of(IpAddr::V6(Ipv6Addr::new(0x0100, 0, index, 0, 0, 0, 0, 0)))
}
