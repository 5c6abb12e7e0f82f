//! What a check needs beside the request: keys, tables, lines, and what the operator said.

use crate::client::Client;
use crate::connection::Connection;
use crate::core::Core;
use http::header::{HeaderMap, HeaderValue, USER_AGENT};
use seawall_config as config;
use seawall_engine::TableSnapshot;
use seawall_engine::admission::Prefix;
use seawall_engine::challenge::spend::BUCKETS_MAX;
use seawall_engine::challenge::{Bound, Family, Issue, Keys, PlatformMark, Spend};
use seawall_types::{Moment, PLATFORMS_MAX, PlatformId};
use std::cell::{Cell, RefCell};

/// What all cores share.
pub(crate) struct Book {
    secret: [u8; 32],
    /// Tokens, places, and what was asked for with them.
    pub(crate) issue: Issue,
}

/// Secrets are not shown.
impl std::fmt::Debug for Book {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Book")
    }
}

impl Book {
    pub(crate) fn new(secret: [u8; 32], seed: [u64; 2]) -> Self {
        Self { secret, issue: Issue::new(seed, PLATFORMS_MAX) }
    }

    /// The tables and how full they are; walks them.
    pub(crate) fn tables(&self, now: Moment) -> [TableSnapshot; 2] {
        let tell = |name, table: &Spend| TableSnapshot {
            name,
            entries: table.entries(now),
            capacity: BUCKETS_MAX as u64,
            saturated: table.saturated(),
        };
        [tell("passes", &self.issue.spend), tell("answers", &self.issue.used)]
    }
}

/// What one core keeps for itself.
pub(crate) struct Side {
    keys: RefCell<Keys>,
    puzzles: Cell<u64>,
}

impl Side {
    pub(crate) fn new(book: &Book, (core, now_secs): (u16, u32), now: Moment) -> Self {
        let keys = RefCell::new(Keys::new(&book.secret, now_secs));
        // Puzzles of two cores, and those of before a restart, differ.
        let puzzles =
            Cell::new(now.0.rotate_left(20) ^ u64::from(core) << 56 ^ u64::from(now_secs));
        Self { keys, puzzles }
    }

    pub(crate) fn follow(&self, now_secs: u32) {
        self.keys.borrow_mut().follow(now_secs);
    }

    /// The keys and the time that they are asked at.
    pub(crate) fn with_keys<T>(&self, core: &Core, ask: impl FnOnce((&Keys, u32)) -> T) -> T {
        ask((&self.keys.borrow(), core.wall_secs()))
    }

    /// Tells one puzzle from another.
    pub(crate) fn nonce(&self) -> u64 {
        self.puzzles.replace(self.puzzles.get().wrapping_add(1))
    }
}

/// What the operator said of checks on one platform.
#[derive(Debug)]
pub(crate) struct Asks {
    mark: PlatformMark,
    pub(crate) always: bool,
    exempt: Vec<String>,
    pub(crate) contact: Option<String>,
}

impl Asks {
    pub(crate) fn of(platform: &config::Platform) -> Self {
        Self {
            mark: PlatformMark::of(&platform.name),
            always: platform.challenge.when == config::ChallengeWhen::Always,
            exempt: platform.challenge.exempt.clone(),
            contact: platform.challenge.contact.clone(),
        }
    }

    /// The platform, for what is worth something on it alone.
    pub(crate) fn mark(&self) -> PlatformMark {
        self.mark
    }

    /// Whether what is asked for cannot be challenged.
    pub(crate) fn exempts(&self, path: &str) -> bool {
        self.exempt.iter().any(|begin| path.starts_with(begin.as_str()))
    }
}

impl Core {
    /// Whom something of ours is for, when this client asks this platform with these fields.
    pub(crate) fn bound(
        &self,
        platform: PlatformId,
        (connection, client): (&Connection, &Client),
        headers: &HeaderMap,
    ) -> Option<Bound> {
        let platform = self.asks(platform, |asks| asks.mark)?;
        let agent = headers.get(USER_AGENT).map_or(&b""[..], HeaderValue::as_bytes);
        // The TLS of a connection that carries others as well is not the client's.
        let ja4 = connection.ja4.get().filter(|_| client.via.owns_connection());
        let ciphers = ja4.and_then(|ja4| ja4.as_str().split('_').nth(1)).unwrap_or_default();
        let family = Family::of(agent, ciphers.as_bytes());
        Some(Bound { platform, prefix: Prefix::of(client.address), family })
    }
}
