//! The typed result: what a configuration file says, every value inside its bounds.
//!
//! Plain data, made by [`parse`](crate::parse) alone in service; holding one is the proof that the
//! file had no fault.

mod cache;
mod challenge;
mod files;
mod geo;
mod health;
mod lane;
mod lock;
mod origin_tls;
mod reporter;
mod watched;

pub use cache::Cache;
pub use challenge::{Challenge, ChallengeWhen};
pub use geo::Geo;
pub use health::Health;
pub use lane::{CrawlerLane, KeyLane, Lane, WebhookForm, WebhookLane};
pub use lock::{Hsts, HstsReach, OriginSecret, OwnAnswers, PageFile};
pub use origin_tls::{OriginProof, OriginTls};
pub use reporter::{Reporter, Tlp};
pub use watched::Watched;

use crate::{HostPattern, OriginUrl};
use seawall_types::{ByteCount, Mode, OriginCapacity, RequestRate, SourceNetwork};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// A whole configuration, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Where state, evidence and keys live.
    pub state_dir: PathBuf,
    /// How long open requests may finish after a stop.
    pub drain: Duration,
    /// Dashboard, API, metrics.
    pub control: Control,
    /// Sockets that clients reach.
    pub listeners: Vec<Listener>,
    /// Protected services; the index is the `PlatformId`.
    pub platforms: Vec<Platform>,
    /// Proxies in front of us.
    pub trusted: Trusted,
    /// Networks that are never limited, challenged, refused or dropped.
    pub allow_networks: Vec<SourceNetwork>,
    /// Who is known by something other than behaviour, in the order in which it is asked.
    pub lanes: Vec<Lane>,
    /// Whether the crawlers that the shield knows of have lanes of their own.
    pub crawlers: bool,
    /// Whether readers of feeds have a lane of their own.
    pub feeds: bool,
    /// Whom to ask for names in DNS; none for whom the system asks.
    pub resolver: Option<SocketAddr>,
    /// Budgets of one source.
    pub limits: Limits,
    /// How long a client or an origin may take.
    pub timeouts: Timeouts,
    /// What is recorded.
    pub log: Log,
    /// Tables that place addresses.
    pub geo: Geo,
    /// Who reports.
    pub report: Reporter,
    /// Dropping in the kernel.
    pub packet: PacketLayer,
    /// Cores to serve on; none for as many as the process may use.
    pub workers: Option<usize>,
    /// What start tells the operator, each a sentence: a packet layer that nobody asked for,
    /// platforms that are only observed.
    pub notes: Vec<String>,
}

/// Dropping in the kernel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PacketLayer {
    /// How interfaces are covered.
    pub mode: PacketMode,
    /// Which; none for that of the default route.
    pub interfaces: Vec<String>,
    /// Whether packets are dropped without anybody arming.
    pub armed: bool,
    /// Whether the program outlives the shield.
    pub pin: bool,
}

/// How packets are dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PacketMode {
    /// By the first way that works.
    Auto,
    /// By the driver.
    Native,
    /// By the kernel, behind the driver.
    Generic,
    /// By rules of nft.
    Nft,
    /// Not at all.
    Off,
}

/// Where the control plane answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Control {
    /// Address of API, metrics and dashboard.
    pub listen: SocketAddr,
    /// File that holds the bearer token.
    pub token_file: PathBuf,
}

/// One socket that clients reach.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a line of the file, and all their combinations have a meaning"
)]
pub struct Listener {
    /// Address and port.
    pub address: SocketAddr,
    /// Whether it speaks TLS.
    pub tls: bool,
    /// Whether HTTP/2 is offered beside HTTP/1.1.
    pub http2: bool,
    /// Whether HTTP/1.1 is offered.
    pub http1: bool,
    /// Whether every request is sent to the same name over https.
    pub redirect_https: bool,
    /// Whether proxies in front begin with a PROXY header.
    pub proxy_protocol: bool,
    /// Line of the table in the file.
    pub line: usize,
}

/// One protected service.
#[derive(Debug, Clone, PartialEq)]
pub struct Platform {
    /// Its name in records, metrics and the API.
    pub name: String,
    /// Names it answers for.
    pub hosts: Vec<HostPattern>,
    /// Its servers.
    pub origins: Vec<OriginUrl>,
    /// How they are reached over TLS; none where no origin is.
    pub origin_tls: Option<OriginTls>,
    /// Certificate and key; none for a platform that is only served plain.
    pub certificate: Option<Certificate>,
    /// Whether verdicts are carried out.
    pub mode: Mode,
    /// Whether measures are taken without a person.
    pub ladder: Ladder,
    /// What its origins can carry.
    pub capacity: Capacity,
    /// Whether it is learned where nobody says it.
    pub learn_capacity: bool,
    /// What its origins can know the shield by.
    pub origin_secret: Option<OriginSecret>,
    /// What its visitors are told in its name.
    pub own_answers: OwnAnswers,
    /// How its origins are watched.
    pub health: Health,
    /// Who is asked for a check, and how.
    pub challenge: Challenge,
    /// What of it is watched for a change that nobody ordered.
    pub watched: Watched,
    /// Which of its answers are kept.
    pub cache: Cache,
    /// Whether requests to its origins name the shield in `Via`.
    pub via: bool,
    /// Line of the table in the file.
    pub line: usize,
}

/// A certificate chain and its key, as PEM files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Chain file.
    pub chain: PathBuf,
    /// Key file.
    pub key: PathBuf,
    /// Line of the `certificate` key.
    pub line: usize,
}

/// What a platform's origins can carry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Capacity {
    /// Learned.
    Auto,
    /// Told.
    Told(OriginCapacity),
}

/// Whose word about the client address is believed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Trusted {
    /// Networks of the proxies in front of us.
    pub networks: Vec<SourceNetwork>,
    /// Header that they set.
    pub header: Option<TrustedHeader>,
}

/// Header in which a proxy in front names its client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrustedHeader {
    /// `X-Forwarded-For`.
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
    /// `CF-Connecting-IP`.
    CfConnectingIp,
}

/// Budgets of one source.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// Requests per second and the burst above it; none for no limit.
    pub rate: Option<SourceRate>,
    /// Connections held at once.
    pub connections: u32,
    /// What a request over the rate gets.
    pub on_exceed: OnExceed,
    /// Bytes that one request body may have.
    pub body_max: ByteCount,
}

/// A rate with its burst.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SourceRate {
    /// Sustained rate.
    pub rate: RequestRate,
    /// Requests that may come at once.
    pub burst: u32,
}

/// What a request over its source's rate gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnExceed {
    /// 429.
    #[default]
    Limit,
    /// 403.
    Refuse,
    /// The connection is reset.
    Drop,
    /// 429 once, then the source's further connections are reset at accept while it stays over.
    Accept,
}

impl Platform {
    /// Whether the ladder may act there: a platform that is only observed is only watched.
    pub fn takes_measures(&self) -> bool {
        self.mode == Mode::Protect && self.ladder == Ladder::Auto
    }
}

/// Whether measures are taken against floods without a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ladder {
    /// Where it is known what origins carry.
    #[default]
    Auto,
    /// Never.
    Off,
}

/// How long a client or an origin may take before its connection is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// From accept to the end of the TLS handshake.
    pub handshake: Duration,
    /// From accept, or the first byte of a later request, to the end of the head.
    pub header: Duration,
    /// Between two requests of one connection.
    pub idle: Duration,
    /// In which a request body that is due moves [`Timeouts::BODY_STEP`].
    pub body: Duration,
    /// In which an answer that is due moves [`Timeouts::SEND_STEP`] towards the client.
    pub send: Duration,
    /// To reach an origin.
    pub origin_connect: Duration,
    /// From the end of a request to the head of the origin's answer, and between two pieces of its
    /// body.
    pub origin_answer: Duration,
}

impl Timeouts {
    /// What a request body moves within `timeouts.body`: a phone on its worst network does.
    pub const BODY_STEP: ByteCount = ByteCount(1 << 10);
    /// What an answer moves within `timeouts.send`.
    pub const SEND_STEP: ByteCount = ByteCount(4 << 10);
}

/// What is recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Log {
    /// Which requests.
    pub requests: LogRequests,
    /// Bytes the record folder may hold before the oldest file goes.
    pub max_size: ByteCount,
}

/// Which requests are recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogRequests {
    /// None.
    #[default]
    Off,
    /// One in a hundred, chosen by source so that a source is whole or absent.
    Sampled,
    /// Every one.
    All,
}
