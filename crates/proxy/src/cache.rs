//! Answers that the shield keeps: a shared cache (RFC 9111), and copies of essential pages for the day
//! the origin is down.
//!
//! ```text
//! admitted request -> way: fresh? -> kept answer
//!                          missed? -> one leads, others wait -> order: origin -> store
//!                          origin fails, or has no room -> what may stand in
//! first core -> keeper: essential pages, fetched anew while all is calm
//! ```
//!
//! What may be kept and used is judged in `seawall_wire::cache`; here it is done.
//! A request comes here after it was judged: who is refused stays refused, and a hit asks for no place
//! at an origin.
//! Never keeps what is private, sets a cookie, or was asked for with credentials.
//! Bounds: what `platform.cache_size` says, and as much again for what is under way; essential pages by
//! [`essential::BYTES_MAX`].
//! All of it is in memory; a restart begins without any.

mod essential;
mod fetch;
mod flights;
mod gather;
mod heads;
mod keeper;
mod kept;
mod lead;
mod order;
mod renew;
mod store;
mod way;

pub(crate) use gather::Begun;
pub(crate) use keeper::keep_fresh;
pub(crate) use order::Order;
pub(crate) use way::answer;

use crate::settings::host_of;
use essential::Essential;
use seawall_config as config;
use seawall_engine::TableSnapshot;
use seawall_types::Moment;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::Store;

/// Hosts of a platform of which essential pages are kept.
const HOSTS_MAX: usize = 8;

/// What a platform keeps, as the configuration says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rules {
    /// Bytes of answers that may be shared; none where none are kept.
    size: Option<u64>,
    ignored: Vec<String>,
    essential: Vec<String>,
    every: Duration,
    hosts: Vec<String>,
    /// Whether visitors come over TLS, so that pages are asked for as they would.
    is_secure: bool,
    /// Where answers come from: those of another origin are other answers.
    origins: Vec<String>,
}

impl Rules {
    /// What a platform keeps; none where that is nothing.
    pub(crate) fn of(platform: &config::Platform, is_behind_proxy: bool) -> Option<Self> {
        let config::Cache { size, ignored, essential, essential_every } = &platform.cache;
        if size.is_none() && essential.is_empty() {
            return None;
        }
        let exact = platform.hosts.iter().filter_map(|pattern| match pattern {
            config::HostPattern::Exact(name) => Some(name.clone()),
            config::HostPattern::Wildcard(_) => None,
        });
        Some(Self {
            size: size.map(|size| size.0),
            ignored: ignored.clone(),
            essential: essential.clone(),
            every: *essential_every,
            hosts: exact.take(HOSTS_MAX).collect(),
            is_secure: platform.certificate.is_some() || is_behind_proxy,
            origins: platform.origins.iter().map(ToString::to_string).collect(),
        })
    }
}

/// What one platform keeps, shared by all cores.
#[derive(Debug)]
pub(crate) struct Copies {
    rules: Rules,
    store: Option<Arc<Store>>,
    essential: Essential,
    /// When a request was last sent away for want of a place at an origin; zero for never.
    pressed_at: AtomicU64,
}

impl Copies {
    fn new(rules: Rules) -> Self {
        Self {
            store: rules.size.map(|size| Arc::new(Store::new(size))),
            essential: Essential::new(&rules.hosts, &rules.essential),
            rules,
            pressed_at: AtomicU64::new(0),
        }
    }

    /// Somebody was sent away: there is no room for what can wait.
    fn pressed(&self, now: Moment) {
        self.pressed_at.store(now.0.max(1), Relaxed);
    }

    /// Whether nobody was sent away for so long.
    fn is_calm(&self, now: Moment, span: Duration) -> bool {
        let last = self.pressed_at.load(Relaxed);
        last == 0 || now.since(Moment(last)) >= span
    }

    /// Bytes that are kept, and that may be.
    fn filled(&self) -> (u64, u64) {
        let shared = self.store.as_ref().map_or(0, |store| store.filled().1);
        let (copies, copies_max) = self.essential.filled();
        (shared + copies, self.rules.size.unwrap_or(0) + copies_max)
    }
}

/// What is kept over reloads, by platform index.
#[derive(Debug, Default)]
pub(crate) struct CopyBook {
    platforms: Mutex<Vec<Option<Arc<Copies>>>>,
}

impl CopyBook {
    /// What a platform keeps: what there was, where the rules are the same, else nothing yet.
    pub(crate) fn of(&self, platform: usize, rules: Option<&Rules>) -> Option<Arc<Copies>> {
        let mut table = self.platforms.lock().unwrap_or_else(PoisonError::into_inner);
        if table.len() <= platform {
            table.resize_with(platform + 1, || None);
        }
        let same = table[platform].as_ref().filter(|copies| Some(&copies.rules) == rules).cloned();
        table[platform] = same.or_else(|| Some(Arc::new(Copies::new(rules?.clone()))));
        table[platform].clone()
    }

    /// What all platforms keep, in KiB.
    pub(crate) fn table(&self) -> TableSnapshot {
        let table = self.platforms.lock().unwrap_or_else(PoisonError::into_inner);
        let filled = table.iter().flatten().map(|copies| copies.filled());
        let (bytes, most) = filled.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        let (entries, capacity) = (bytes / 1_024, most / 1_024);
        TableSnapshot { name: "copies_kib", entries, capacity, saturated: 0 }
    }
}

/// A host as essential pages know it: no port, in lower case.
fn plain_host(authority: &str) -> String {
    host_of(authority).to_ascii_lowercase()
}

#[cfg(test)]
mod tests;
