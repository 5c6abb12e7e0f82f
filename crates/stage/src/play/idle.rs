//! Connections that senders keep open between requests, each for its own sender, stack and platform.
//!
//! Bounds: [`SOCKETS_MAX`] connections, each idle for at most [`KEPT_MAX`], [`PER_SENDER_MAX`] for
//! each sender; what exceeds that is closed.

use super::SOCKETS_MAX;
use super::link::Link;
use super::link_h2::Http2Link;
use seawall_sim::request::{Request, Sender};
use seawall_sim::stack::StackId;
use seawall_types::PlatformId;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Browsers keep at most six connections to one host over HTTP/1.1.
const PER_SENDER_MAX: usize = 6;
/// Shorter than servers and shields keep theirs, so that most are closed from this side.
const KEPT_MAX: Duration = Duration::from_secs(10);
/// Time between two looks for what has been idle too long.
const SWEEP_EVERY: Duration = Duration::from_secs(1);

/// Every idle connection.
#[derive(Debug, Default)]
pub(super) struct Idle(Mutex<Kept>);

/// Whose a connection is.
type Owner = (Sender, StackId, PlatformId);

#[derive(Debug, Default)]
struct Kept {
    http1: HashMap<Owner, Vec<(Instant, Link)>>,
    http2: HashMap<Owner, (Instant, Http2Link)>,
    /// Those over HTTP/1.1, of all owners.
    http1_count: usize,
    swept: Option<Instant>,
}

impl Idle {
    /// The connection over HTTP/1.1 that this sender used last and that is still open.
    pub(super) fn take(&self, request: &Request) -> Option<Link> {
        let mut kept = self.kept();
        let now = Instant::now();
        loop {
            let links = kept.http1.get_mut(&owner(request))?;
            let (since, mut link) = links.pop()?;
            kept.http1_count -= 1;
            if now.duration_since(since) < KEPT_MAX && link.is_open() {
                return Some(link);
            }
        }
    }

    /// Keeps a connection over HTTP/1.1 for the sender's next request.
    pub(super) fn put(&self, request: &Request, link: Link) {
        let (mut kept, now) = (self.kept(), Instant::now());
        kept.sweep(now);
        if kept.is_full() {
            return;
        }
        let links = kept.http1.entry(owner(request)).or_default();
        if links.len() < PER_SENDER_MAX {
            links.push((now, link));
            kept.http1_count += 1;
        }
    }

    /// The sender's connection over HTTP/2, which others of its requests may be using.
    pub(super) fn shared(&self, request: &Request) -> Option<Http2Link> {
        let mut kept = self.kept();
        let (since, link) = kept.http2.get_mut(&owner(request))?;
        *since = Instant::now();
        link.is_open().then(|| link.clone())
    }

    /// Keeps a connection over HTTP/2 for all of the sender's requests.
    pub(super) fn share(&self, request: &Request, link: Http2Link) {
        let (mut kept, now) = (self.kept(), Instant::now());
        kept.sweep(now);
        if !kept.is_full() {
            kept.http2.insert(owner(request), (now, link));
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn is_full(&self) -> bool {
        self.http1_count + self.http2.len() >= SOCKETS_MAX
    }

    fn sweep(&mut self, now: Instant) {
        if self.swept.is_some_and(|swept| now.duration_since(swept) < SWEEP_EVERY) {
            return;
        }
        self.swept = Some(now);
        let fresh = |since: &Instant| now.duration_since(*since) < KEPT_MAX;
        self.http1.retain(|_, links| {
            links.retain(|(since, _)| fresh(since));
            !links.is_empty()
        });
        self.http1_count = self.http1.values().map(Vec::len).sum();
        self.http2.retain(|_, (since, link)| fresh(since) && link.is_open());
    }
}

fn owner(request: &Request) -> Owner {
    (request.sender, request.look.stack, request.platform)
}
