//! The lanes of a configuration, made ready: immutable but for rates and counts, swapped whole.

use super::ways::{Claims, Way, Ways};
use super::{Asks, Room, builtin};
use crate::challenge::OWN;
use crate::challenge::desk::DOOR;
use crate::connection::Connection;
use crate::core::Core;
use crate::settings::SettingsFault;
use crate::shown::target_of_head;
use seawall_config as config;
use seawall_engine::admission::Prefix;
use seawall_engine::lane::{Ration, is_feed};
use seawall_types::{Moment, PlatformId, RequestRate};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Every lane, in the order in which it is asked whether a request is in it.
#[derive(Debug, Default)]
pub(crate) struct Lanes {
    list: Vec<Arc<Lane>>,
    /// Whether there is no way into any of them but a user agent that names a crawler and the path of a
    /// feed, as by default.
    are_plain: bool,
    /// Whether the path of a feed is a way into any of them.
    has_feeds: bool,
    /// Tells these from those of another configuration.
    number: u64,
}

/// One lane.
#[derive(Debug)]
pub(crate) struct Lane {
    name: Box<str>,
    /// Where it leads; none for everywhere.
    platforms: Option<Vec<PlatformId>>,
    ration: Ration,
    ways: Ways,
    let_in: AtomicU64,
    over_rate: AtomicU64,
}

/// What is seen of a lane.
#[derive(Debug, Clone, PartialEq)]
pub struct LaneLook {
    /// Its name.
    pub name: String,
    /// How one gets in, in words of the configuration.
    pub ways: Vec<&'static str>,
    /// Its rate, where it has one.
    pub rate: Option<RequestRate>,
    /// Requests in it since these settings came into force.
    pub let_in: u64,
    /// Those among them that its rate had no room for.
    pub over_rate: u64,
}

impl Lanes {
    /// Reads the lanes that a checked configuration says, and the files that they name.
    ///
    /// # Errors
    /// Every file that cannot be used.
    pub(crate) fn load(
        checked: &config::Config,
        ids: &[PlatformId],
        number: u64,
    ) -> Result<Self, Vec<SettingsFault>> {
        let (mut list, mut faults) = (Vec::new(), Vec::new());
        let crawlers = checked.crawlers.then(builtin::crawlers).into_iter().flatten();
        let builtin = crawlers.chain(checked.feeds.then(builtin::feeds));
        for (told, index) in checked.lanes.iter().cloned().chain(builtin).zip(1_u16..) {
            let of = |name: &String| {
                let at = checked.platforms.iter().position(|platform| platform.name == *name)?;
                ids.get(at).copied()
            };
            let platforms =
                told.platforms.as_ref().map(|names| names.iter().filter_map(of).collect());
            match Ways::load(&told, index) {
                Ok(ways) => list.push(Arc::new(Lane::new((told, index), platforms, ways))),
                Err(found) => faults.extend(found),
            }
        }
        let are_plain = list.iter().all(|lane| lane.ways.is_plain());
        let has_feeds = list.iter().any(|lane| lane.ways.has_feeds());
        if faults.is_empty() {
            Ok(Self { list, are_plain, has_feeds, number })
        } else {
            Err(faults)
        }
    }

    /// The first lane that a request is in, and how it got there.
    pub(super) fn of(
        &self,
        core: &Core,
        asks: Asks<'_>,
        platform: PlatformId,
    ) -> Option<(Arc<Lane>, Way)> {
        if self.list.is_empty() {
            return None;
        }
        let claims = Claims::of(core, asks, (self, platform))?;
        let mut leading = self.list.iter().filter(|lane| lane.leads_to(platform));
        leading.find_map(|lane| Some((lane.clone(), lane.ways.way(core, &claims, &lane.name)?)))
    }

    /// Which lanes a user agent names, one bit each in their order.
    pub(super) fn named_by(&self, agent: &[u8]) -> u128 {
        let lanes = self.list.iter().zip(0..u128::BITS);
        let named = lanes.filter(|(lane, _)| lane.ways.is_named_by(agent));
        named.fold(0, |all, (_, bit)| all | 1 << bit)
    }

    /// Which lanes the certificate of a connection opens, one bit each in their order; looked at once.
    pub(super) fn certified(&self, core: &Core, connection: &Connection) -> u128 {
        let Some(chain) = connection.certificate.get() else { return 0 };
        if let Some((number, certified)) = connection.certified.get()
            && number == self.number
        {
            return certified;
        }
        let now_secs = core.wall_secs();
        let lanes = self.list.iter().zip(0..u128::BITS);
        let opened = lanes.filter(|(lane, _)| lane.ways.admits(chain, now_secs));
        let certified = opened.fold(0, |all, (_, bit)| all | 1 << bit);
        connection.certified.set(Some((self.number, certified)));
        certified
    }

    /// Whether there is a way into any of them for a path, where no user agent names a crawler: told
    /// before anything else is found out.
    pub(super) fn may_be_entered(&self, path: &str) -> bool {
        !self.are_plain || self.has_feeds && is_feed(path)
    }

    /// Tells these from those of another configuration.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Whether somebody at an address who sends a head like this might be in a lane, so that it is worth
    /// a closer look.
    pub(crate) fn may_hold(&self, core: &Core, address: IpAddr, head: &[u8]) -> bool {
        let path = target_of_head(head).split('?').next().unwrap_or_default();
        let is_door = path.strip_prefix(OWN) == Some(DOOR);
        let may_open = |lane: &Lane| is_door && lane.ways.invites;
        self.list.iter().any(|lane| may_open(lane) || lane.ways.may_hold(core, address, head))
    }

    /// Looks at every lane of a platform whose webhooks are signed.
    pub(super) fn hooks(&self, platform: PlatformId) -> impl Iterator<Item = &super::hook::Hook> {
        let leading = self.list.iter().filter(move |lane| lane.leads_to(platform));
        leading.filter_map(|lane| lane.ways.webhook.as_ref())
    }

    /// Whether links may lead into the lane of that name on a platform.
    pub(crate) fn invites_to(&self, name: &str, platform: PlatformId) -> bool {
        let mut named = self.list.iter().filter(|lane| *lane.name == *name);
        named.any(|lane| lane.ways.invites && lane.leads_to(platform))
    }

    /// What is seen of every lane.
    pub(crate) fn look(&self) -> Vec<LaneLook> {
        let look = |lane: &Arc<Lane>| LaneLook {
            name: lane.name.to_string(),
            ways: lane.ways.words(),
            rate: lane.ration.rate(),
            let_in: lane.let_in.load(Relaxed),
            over_rate: lane.over_rate.load(Relaxed),
        };
        self.list.iter().map(look).collect()
    }
}

impl Lane {
    fn new(
        (told, index): (config::Lane, u16),
        platforms: Option<Vec<PlatformId>>,
        ways: Ways,
    ) -> Self {
        Self {
            name: told.name.into(),
            ration: Ration::new(told.rate, turn(index)),
            platforms,
            ways,
            let_in: AtomicU64::new(0),
            over_rate: AtomicU64::new(0),
        }
    }

    /// The network that all in it count as where turns are taken.
    pub(crate) fn turn(&self) -> Prefix {
        self.ration.turn()
    }

    fn leads_to(&self, platform: PlatformId) -> bool {
        self.platforms.as_ref().is_none_or(|known| known.contains(&platform))
    }

    /// Takes a request from what the lane may ask for.
    pub(super) fn take(&self, (core, now): (&Core, Moment), way: Way, network: Prefix) -> Room {
        self.let_in.fetch_add(1, Relaxed);
        if self.ration.take(now, &core.book().issue.used, (way.entry(), network)) {
            return Room::Left;
        }
        self.over_rate.fetch_add(1, Relaxed);
        Room::Used
    }
}

/// A network of its own for each lane, where nobody is: `100::/16` holds no address that anyone has but
/// for `100::/64`, where what comes is thrown away (RFC 6666).
fn turn(index: u16) -> Prefix {
    Prefix::of(IpAddr::V6(Ipv6Addr::new(0x0100, 0, index, 0, 0, 0, 0, 0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lane_takes_turns_as_one_network_that_is_nobodys() {
        let turns: std::collections::HashSet<_> = (1..=128).map(turn).collect();
        assert_eq!(turns.len(), 128);
        let people = ["192.0.2.1", "2001:db8::1", "100::1"].map(|text| text.parse().unwrap());
        assert!(people.iter().all(|address| !turns.contains(&Prefix::of(*address))));
    }
}
