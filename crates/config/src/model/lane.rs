//! Identity lanes: who is known by something other than behaviour.

use crate::HostPattern;
use seawall_types::{RequestRate, SourceNetwork};
use std::path::PathBuf;
use std::time::Duration;

/// One lane; who meets any of its ways is in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Lane {
    /// Its name in records and lists.
    pub name: String,
    /// Names of the platforms that it leads to; none for all.
    pub platforms: Option<Vec<String>>,
    /// What all in it may ask for together; none for no rate of its own.
    pub rate: Option<RequestRate>,
    /// Whether links lead into it.
    pub invites: bool,
    /// File with the authorities that sign client certificates of who is in it.
    pub client_ca: Option<PathBuf>,
    /// Who comes from here.
    pub networks: Vec<SourceNetwork>,
    /// Who bears a key.
    pub keys: Option<KeyLane>,
    /// Whose webhooks are signed.
    pub webhook: Option<WebhookLane>,
    /// Which crawlers, and how they are confirmed.
    pub crawler: Option<CrawlerLane>,
    /// File with the keys of signed bots.
    pub bot_keys: Option<PathBuf>,
    /// Beginnings of paths of an app.
    pub routes: Vec<String>,
    /// Whether readers of feeds are in it, by the paths where feeds are.
    pub feeds: bool,
    /// Line of the table in the file.
    pub line: usize,
}

/// A lane that keys open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyLane {
    /// Header that carries a key, in lower case.
    pub header: String,
    /// Hashes of the keys.
    pub file: PathBuf,
}

/// A lane of signed webhooks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookLane {
    /// Secret of the sender.
    pub secret: PathBuf,
    /// Where they are sent.
    pub paths: Vec<String>,
    /// How they are signed.
    pub form: WebhookForm,
    /// How far their time may be from ours.
    pub window: Duration,
}

/// How webhooks are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookForm {
    /// Standard Webhooks.
    Standard,
    /// `Stripe-Signature`.
    Stripe,
    /// `X-Hub-Signature-256`.
    Github,
}

/// A lane of one operator's crawlers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrawlerLane {
    /// Words in their `User-Agent`.
    pub agents: Vec<String>,
    /// File with their networks.
    pub ranges: Option<PathBuf>,
    /// Their names in DNS.
    pub names: Vec<HostPattern>,
}
