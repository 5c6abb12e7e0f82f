//! How one gets into a lane, each way by itself: a pass, a network, a key, a signature, an address that
//! is confirmed, a path.

use super::bots::Bots;
use super::certificate::Authorities;
use super::files;
use super::hook::{Hook, Hooked};
use super::lanes::Lanes;
use super::{Asks, Chain, Invited};
use crate::challenge::LANE_NAME;
use crate::core::Core;
use crate::settings::SettingsFault;
use http::Method;
use http::header::{HeaderName, USER_AGENT};
use http_body::Body as _;
use seawall_config as config;
use seawall_config::HostPattern;
use seawall_engine::lane::{Entry, KeyHash, is_feed};
use seawall_engine::policy::AddressSet;
use seawall_types::PlatformId;
use std::net::IpAddr;
use std::sync::Arc;

/// Where a signature says what it is over (RFC 9421 §4.1).
const SIGNATURE_INPUT: HeaderName = HeaderName::from_static("signature-input");

/// How one got into a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// By a link that an operator made.
    Pass,
    /// By a certificate that it holds the key of.
    Certificate,
    /// By its address.
    Network,
    /// By a key.
    Key,
    /// By what it signed.
    Webhook,
    /// By an address that its operator publishes.
    Crawler,
    /// By a key that its operator signs with.
    Bot,
    /// By a path that anyone can ask for.
    Route,
    /// By the path of a feed.
    Feed,
}

impl Way {
    /// Whether one who asks for too much is told so, rather than judged as anybody: programs that read
    /// everything there is.
    pub(super) const fn is_told_of_its_rate(self) -> bool {
        matches!(self, Self::Crawler | Self::Bot)
    }

    /// Whether who is in by it is held by the rate of his source all the same: who reads feeds asks for
    /// less than any such rate.
    pub(super) const fn keeps_its_rate(self) -> bool {
        matches!(self, Self::Feed)
    }

    /// Whether it is open to anyone.
    pub(super) const fn entry(self) -> Entry {
        match self {
            Self::Route | Self::Feed => Entry::Open,
            Self::Pass
            | Self::Certificate
            | Self::Network
            | Self::Key
            | Self::Webhook
            | Self::Crawler
            | Self::Bot => Entry::Held,
        }
    }
}

/// Every way into one lane.
#[derive(Debug)]
pub(super) struct Ways {
    /// Its place among all, as webhooks name it.
    index: u16,
    pub(super) invites: bool,
    authorities: Option<Authorities>,
    networks: AddressSet,
    keys: Option<(HeaderName, Vec<KeyHash>)>,
    pub(super) webhook: Option<Hook>,
    crawler: Option<Crawler>,
    bots: Option<Bots>,
    routes: Vec<String>,
    feeds: bool,
}

/// The crawlers of one operator.
#[derive(Debug)]
struct Crawler {
    agents: Vec<String>,
    ranges: AddressSet,
    /// Names that its operator promises.
    names: Arc<[HostPattern]>,
}

/// What a request shows to every lane, read once.
pub(super) struct Claims<'a> {
    asks: Asks<'a>,
    platform: PlatformId,
    address: IpAddr,
    path: &'a str,
    invited: Option<Invited>,
    hooked: Option<Hooked>,
    /// Lanes whose crawlers it says to be one of.
    named: u128,
    /// Lanes that its certificate opens.
    certified: u128,
}

impl<'a> Claims<'a> {
    /// None where there is nothing that any of the lanes asks for.
    pub(super) fn of(
        core: &Core,
        asks: Asks<'a>,
        (lanes, platform): (&Lanes, PlatformId),
    ) -> Option<Self> {
        let client = asks.asker.client(asks.connection);
        // Read once for each client of a connection, as its stack is.
        let named = match client.crawls.get() {
            Some((number, named)) if number == lanes.number() => named,
            Some(_) | None => {
                let agent = asks.request.headers().get(USER_AGENT);
                let named = agent.map_or(0, |agent| lanes.named_by(agent.as_bytes()));
                client.crawls.set(Some((lanes.number(), named)));
                named
            }
        };
        let path = asks.request.uri().path();
        if named == 0 && !lanes.may_be_entered(path) {
            return None;
        }
        let invited = asks.pass.and_then(|pass| core.invited(platform, &pass.0));
        let hooked = asks.request.extensions().get::<Hooked>().copied();
        let certified = lanes.certified(core, asks.connection);
        let address = client.address;
        Some(Self { asks, platform, address, path, invited, hooked, named, certified })
    }

    /// Whether it does no more than read a feed, where that lets in: not where people sign in, nor
    /// where everybody is asked for a check.
    fn read_a_feed(&self, core: &Core) -> bool {
        let request = self.asks.request;
        is_feed(self.path)
            && only_reads(request.method(), request.body().is_end_stream())
            && core.uses(self.platform, true, self.path).is_none()
            && !core.asks_always(self.platform)
    }

    fn names(&self, index: u16) -> bool {
        self.named >> (index - 1) & 1 == 1
    }

    fn is_certified(&self, index: u16) -> bool {
        self.certified >> (index - 1) & 1 == 1
    }
}

impl Ways {
    /// The ways that a lane says, with the files read that it names.
    ///
    /// # Errors
    /// Every file that cannot be used.
    pub(super) fn load(lane: &config::Lane, index: u16) -> Result<Self, Vec<SettingsFault>> {
        let mut faults = Vec::new();
        let mut told = |key: &str, problem: String| {
            let problem = format!("lane.{key} of {}: {problem}", lane.name);
            faults.push(SettingsFault { line: lane.line, problem });
        };
        let keys = lane.keys.as_ref().and_then(|keys| {
            let read = files::keys(&keys.file).map_err(|problem| told("keys_file", problem)).ok();
            Some((HeaderName::from_bytes(keys.header.as_bytes()).ok()?, read?))
        });
        let authorities = lane.client_ca.as_ref().and_then(|file| {
            Authorities::load(file).map_err(|problem| told("client_ca_file", problem)).ok()
        });
        let webhook = lane.webhook.as_ref().and_then(|webhook| {
            let hook = Hook::load(webhook, index);
            hook.map_err(|problem| told("webhook_secret_file", problem)).ok()
        });
        let crawler = lane.crawler.as_ref().map(|crawler| {
            let ranges = crawler.ranges.as_ref().and_then(|file| {
                files::ranges(file).map_err(|problem| told("ranges_file", problem)).ok()
            });
            let ranges = AddressSet::new(&ranges.unwrap_or_default());
            let names = crawler.names.clone().into();
            Crawler { agents: crawler.agents.clone(), ranges, names }
        });
        let bots = lane.bot_keys.as_ref().and_then(|file| {
            Bots::load(file).map_err(|problem| told("bot_keys_file", problem)).ok()
        });
        let ways = Self {
            index,
            invites: lane.invites,
            authorities,
            networks: AddressSet::new(&lane.networks),
            keys,
            webhook,
            crawler,
            bots,
            routes: lane.routes.clone(),
            feeds: lane.feeds,
        };
        if faults.is_empty() { Ok(ways) } else { Err(faults) }
    }

    /// How a request got into the lane of that name; none where it is not in it.
    pub(super) fn way(&self, core: &Core, claims: &Claims<'_>, name: &str) -> Option<Way> {
        if self.invites && claims.invited.as_ref().is_some_and(|invited| invited.lane() == name) {
            return Some(Way::Pass);
        }
        if claims.is_certified(self.index) {
            return Some(Way::Certificate);
        }
        if self.networks.contains(claims.address) {
            return Some(Way::Network);
        }
        if let Some((header, keys)) = &self.keys
            && let Some(borne) = claims.asks.request.headers().get(header)
            && KeyHash::of(borne.as_bytes()).is_some_and(|key| keys.binary_search(&key).is_ok())
        {
            return Some(Way::Key);
        }
        if claims.hooked.is_some_and(|hooked| hooked.lane == self.index) {
            return Some(Way::Webhook);
        }
        if let Some(crawler) = &self.crawler
            && claims.names(self.index)
            && crawler.is_confirmed(core, claims.address)
        {
            return Some(Way::Crawler);
        }
        if let Some(bots) = &self.bots
            && claims.asks.present.signed()
            && bots.signed(core, claims.asks)
        {
            return Some(Way::Bot);
        }
        // However it is read by the origin, a network gets little of it.
        if self.feeds && claims.read_a_feed(core) {
            return Some(Way::Feed);
        }
        let asks_for = |route: &String| claims.path.starts_with(route.as_str());
        let is_open = self.routes.iter().any(asks_for) && !climbs(claims.path);
        is_open.then_some(Way::Route)
    }

    /// Whether a user agent that names a crawler, or the path of a feed, is the only way into it.
    pub(super) fn is_plain(&self) -> bool {
        let Self { invites, authorities, networks, keys, webhook, bots, routes, .. } = self;
        let has_other = *invites
            || authorities.is_some()
            || !networks.is_empty()
            || keys.is_some()
            || webhook.is_some()
            || bots.is_some()
            || !routes.is_empty();
        !has_other
    }

    /// Whether the path of a feed is a way into it.
    pub(super) fn has_feeds(&self) -> bool {
        self.feeds
    }

    /// Whether a certificate opens the lane at a time, in seconds since 1970.
    pub(super) fn admits(&self, chain: &Chain, now_secs: u32) -> bool {
        self.authorities.as_ref().is_some_and(|known| known.vouch_for(chain, now_secs))
    }

    /// Whether a user agent names a crawler of this lane.
    pub(super) fn is_named_by(&self, agent: &[u8]) -> bool {
        let names = |word: &String| memchr::memmem::find(agent, word.as_bytes()).is_some();
        self.crawler.as_ref().is_some_and(|crawler| crawler.agents.iter().any(names))
    }

    /// Whether somebody at an address who sends a head like this might be in the lane.
    ///
    /// Nobody is asked about an address here: a flood of forged crawlers would cost more than it does.
    /// Nor does a feed count: it frees nobody from the rate of his source.
    pub(super) fn may_hold(&self, core: &Core, address: IpAddr, head: &[u8]) -> bool {
        let holds = |text: &[u8]| memchr::memmem::find(head, text).is_some();
        self.networks.contains(address)
            || self.invites && holds(LANE_NAME)
            || self.keys.as_ref().is_some_and(|(name, _)| bears(head, name))
            || self.bots.is_some() && bears(head, &SIGNATURE_INPUT)
            || self.crawler.as_ref().is_some_and(|crawler| crawler.is_known(core, address))
            || self.routes.iter().any(|route| holds(route.as_bytes()))
    }

    /// The ways that there are, in words of the configuration.
    pub(super) fn words(&self) -> Vec<&'static str> {
        let ways = [
            (self.invites, "invites"),
            (self.authorities.is_some(), "client_ca_file"),
            (self.networks != AddressSet::default(), "networks"),
            (self.keys.is_some(), "keys_file"),
            (self.webhook.is_some(), "webhook_secret_file"),
            (self.crawler.is_some(), "agents"),
            (self.bots.is_some(), "bot_keys_file"),
            (!self.routes.is_empty(), "routes"),
            (self.feeds, "feeds"),
        ];
        ways.into_iter().filter(|(is_there, _)| *is_there).map(|(_, word)| word).collect()
    }
}

/// Whether a request changes nothing and brings nothing.
fn only_reads(method: &Method, is_empty: bool) -> bool {
    is_empty && matches!(*method, Method::GET | Method::HEAD)
}

/// Whether a head has a line with that name, in any case.
fn bears(head: &[u8], name: &HeaderName) -> bool {
    let name = name.as_str().as_bytes();
    head.split(|byte| *byte == b'\n').skip(1).any(|line| {
        line.len() > name.len()
            && line[name.len()] == b':'
            && line[..name.len()].eq_ignore_ascii_case(name)
    })
}

impl Crawler {
    /// Whether an address is known to be one of the operator's.
    fn is_confirmed(&self, core: &Core, address: IpAddr) -> bool {
        self.ranges.contains(address)
            || !self.names.is_empty() && core.names().confirm(core, address, &self.names)
    }

    /// The same without asking anybody.
    fn is_known(&self, core: &Core, address: IpAddr) -> bool {
        self.ranges.contains(address)
            || !self.names.is_empty() && core.names().knows(core, address, &self.names)
    }
}

/// Whether a path has segments of dots, by which an origin may read it as another one.
fn climbs(path: &str) -> bool {
    let is_dots = |segment: &str| {
        let plain = segment.to_ascii_lowercase().replace("%2e", ".");
        plain == "." || plain == ".."
    };
    path.split(['/', '\\']).any(is_dots) || path.to_ascii_lowercase().contains("%2f")
}

#[cfg(test)]
mod tests {
    use super::{climbs, only_reads};
    use http::Method;

    #[test]
    fn a_feed_is_read_by_get_and_head_and_with_nothing_sent() {
        let reads = |method| [true, false].map(|is_empty| only_reads(&method, is_empty));
        assert_eq!([Method::GET, Method::HEAD].map(reads), [[true, false]; 2]);
        assert_eq!([Method::POST, Method::PUT, Method::OPTIONS].map(reads), [[false; 2]; 3]);
    }

    #[test]
    fn a_path_that_an_origin_may_read_as_another_is_in_no_route() {
        for path in
            ["/app/../x", "/app/.", "/app/%2E%2e/x", "/app/.%2e/x", "/app/..%2Fx", "/app\\..\\x"]
        {
            assert!(climbs(path), "{path}");
        }
        for path in ["/app/", "/app/v1.2/x", "/app/..x", "/app/%20x"] {
            assert!(!climbs(path), "{path}");
        }
    }
}
