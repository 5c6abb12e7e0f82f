//! Text to typed values, all faults at once.
//!
//! Takes the text of a configuration file and the folder that its relative paths start from; gives
//! a [`Config`] in which every value is inside its bounds, or every fault together.
//! Never opens a file, resolves a name or starts anything.

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
    /// Budgets of one source.
    pub limits: Limits,
    /// What is recorded.
    pub log: Log,
    /// Parts that `auto` turned off because they are not built, each a sentence for the operator.
    pub notes: Vec<String>,
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
    /// Certificate and key; none for a platform that is only served plain.
    pub certificate: Option<Certificate>,
    /// Whether verdicts are carried out.
    pub mode: Mode,
    /// What its origins can carry.
    pub capacity: Capacity,
    /// Line of the table in the file.
    pub line: usize,
}

/// A host name, or everything one label below one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HostPattern {
    /// Exactly this name, lower case.
    Exact(String),
    /// `*.example.org`: one leading label and this suffix (`example.org`), lower case.
    Wildcard(String),
}

/// An origin as written: `http://10.0.0.5:8080`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OriginUrl {
    /// Name or address, without brackets.
    pub host: String,
    /// Port.
    pub port: u16,
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
    pub header: Option<String>,
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
