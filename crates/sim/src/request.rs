//! One request as its sender makes it, and what became of it.
//!
//! Copies instead of texts: paths and header values follow from rows and numbers when they are asked
//! for, so that a million requests a second of machine time need no allocation.

use crate::network::Network;
use crate::site::{RouteId, Site};
use crate::stack::Look;
use seawall_types::{PlatformId, Verdict};
use std::fmt::Write as _;
use std::net::IpAddr;
use std::time::Duration;

/// Who sent it: a member of a group of the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sender {
    /// The group's index in the world.
    pub group: u16,
    /// The member's index in the group.
    pub member: u32,
}

/// Names one request for as long as the world lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

impl Ticket {
    /// Below the group's 16 bits.
    const AGAIN: u64 = 1 << 47;

    /// The same ticket, for a request that is sent again.
    #[must_use]
    pub const fn again(self) -> Self {
        Self(self.0 | Self::AGAIN)
    }

    /// Whether its request was sent again for what an earlier one did not get.
    pub const fn is_again(self) -> bool {
        self.0 & Self::AGAIN != 0
    }
}

/// One request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Request {
    /// Who sent it.
    pub sender: Sender,
    /// To whom.
    pub platform: PlatformId,
    /// From which address.
    pub source: IpAddr,
    /// In which network that address lies.
    pub network: Network,
    /// What its stack looks like.
    pub look: Look,
    /// Row of [`LANGUAGES`].
    pub language: u8,
    /// What is asked for.
    pub route: RouteId,
    /// The number in the route's path, where it has one.
    pub item: u32,
    /// What follows the path.
    pub query: Query,
    /// Where the sender says it came from.
    pub referer: Referer,
    /// The cookie that the origin set, when the sender bears one.
    pub cookie: Option<u64>,
    /// Whether its stack says that a person opens a page (`Sec-Fetch-Mode: navigate`).
    pub navigates: bool,
    /// How it is sent.
    pub manner: Manner,
    /// How long its sender waits for the answer.
    pub patience: Duration,
}

/// Values of `Accept-Language` that senders of a world have; the first is none at all.
pub const LANGUAGES: [&str; 9] = [
    "",
    "en-GB,en;q=0.9",
    "en-US,en;q=0.9",
    "de-DE,de;q=0.9,en;q=0.8",
    "fr-FR,fr;q=0.9,en;q=0.8",
    "es-ES,es;q=0.9",
    "pl-PL,pl;q=0.9,en;q=0.7",
    "nl-NL,nl;q=0.9,en;q=0.8",
    "pt-BR,pt;q=0.9,en;q=0.8",
];

/// The query of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Query {
    /// None.
    None,
    /// A key that the site knows, with one of a few values.
    Known(u16),
    /// The keys of a campaign.
    Campaign(u16),
    /// Something that nobody asked before.
    Random(u64),
}

/// Where a sender says it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Referer {
    /// It does not say.
    None,
    /// From a page of the platform itself.
    Own(RouteId),
    /// From a search engine.
    Search,
    /// From some other site.
    Elsewhere(u16),
}

/// How a request is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// At once, and its answer is read as it comes.
    Plain,
    /// Its head takes this long, a byte now and then.
    SlowHead(Duration),
    /// Its body takes this long.
    SlowBody(Duration),
    /// Its answer is read at this many bytes a second.
    SlowRead(u32),
    /// It is cancelled as soon as it is sent (HTTP/2 `RST_STREAM`).
    Reset,
    /// It becomes a WebSocket that is held this long.
    Socket(Duration),
    /// No request at all: a TLS handshake is made and the connection closed, which is work for
    /// whoever ends TLS; its sender hears [`Fate::Cancelled`].
    Handshake,
}

/// What became of a request, as its sender sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// The origin's answer came whole.
    Served,
    /// The shield answered instead, or dropped it.
    Stopped(Verdict),
    /// The origin failed: its line was full, it crashed, or it answered 5xx.
    OriginFailed,
    /// The sender waited no longer.
    GaveUp,
    /// The sender cancelled it, as it meant to.
    Cancelled,
}

/// The answer to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// What became of it.
    pub fate: Fate,
    /// From sending to the end.
    pub took: Duration,
    /// What the shield asked to wait, with a verdict that says so.
    pub retry_after: Option<Duration>,
    /// The cookie that the origin set with its answer.
    pub set_cookie: Option<u64>,
    /// Whether its sender has passed the check that it was asked to, with [`Verdict::Challenge`].
    pub has_passed: bool,
}

impl Request {
    /// Path and query as they stand in the request line.
    pub fn target(&self, site: &Site) -> String {
        let template = site.route(self.route).map_or("/", |route| route.path.as_str());
        let mut text = match template.split_once("{id}") {
            Some((before, after)) => format!("{before}{}{after}", self.item),
            None => template.to_owned(),
        };
        // Writing to a String cannot fail.
        let _ = match self.query {
            Query::None => Ok(()),
            Query::Known(value) => write!(text, "?q={value}"),
            Query::Campaign(value) => write!(text, "?utm_source=mail&utm_campaign=c{value}"),
            Query::Random(value) => write!(text, "?{value:016x}"),
        };
        text
    }
}
