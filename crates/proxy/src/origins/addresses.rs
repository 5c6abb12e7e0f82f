//! Where an origin is: an address, or a name whose addresses may change.
//!
//! A name is resolved off the cores, by a thread that may wait for the system's resolver.
//! That resolver does not tell for how long an answer holds (getaddrinfo(3) has no TTL), so a name
//! is looked for every [`LOOK_EVERY`], and every [`LOOK_AGAIN`] while it has no address at all.
//! When it stops resolving the last good addresses stay.
//! Bounds: one look under way for each name, [`ADDRESSES_MAX`] addresses, a complaint a minute.

use crate::clock::Clock;
use seawall_config::OriginUrl;
use seawall_types::Moment;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use tokio::sync::watch;

/// Between two looks for a name that has addresses.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Between two looks for a name that has none: nobody is served meanwhile.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// Between two complaints about one name.
const TELL_EVERY: Duration = Duration::from_mins(1);
/// Addresses of a name that are used: as many as a platform may have origins.
const ADDRESSES_MAX: usize = 64;

/// Where connections to an origin go.
#[derive(Debug)]
pub(crate) enum Addresses {
    Fixed(SocketAddr),
    Named(Name),
}

/// A name with what is known of it.
#[derive(Debug)]
pub(crate) struct Name {
    host: Box<str>,
    port: u16,
    known: watch::Sender<Known>,
    /// Counts changes of the addresses.
    generation: AtomicU32,
    /// Whose turn it is among the addresses.
    turn: AtomicUsize,
    looking: AtomicBool,
    due: AtomicU64,
    /// When it was last complained about; zero for never.
    told: AtomicU64,
}

/// What the resolver has said.
#[derive(Debug)]
enum Known {
    /// Nothing yet: whoever needs an address waits.
    Unasked,
    /// That there is none.
    Nothing,
    /// These, sorted.
    These(Arc<[SocketAddr]>),
}

impl Addresses {
    pub(crate) fn of(url: &OriginUrl) -> Self {
        match url.host.parse::<IpAddr>() {
            Ok(address) => Self::Fixed(SocketAddr::new(address, url.port)),
            Err(_) => Self::Named(Name::new(&url.host, url.port)),
        }
    }

    /// The addresses to try, the one whose turn it is first.
    ///
    /// Waits for the first answer of the resolver, and not for any later one.
    ///
    /// # Errors
    /// The name has no address.
    pub(crate) async fn in_turn(&self) -> io::Result<Vec<SocketAddr>> {
        match self {
            Self::Fixed(address) => Ok(vec![*address]),
            Self::Named(name) => name.in_turn().await,
        }
    }

    /// Changes with the addresses.
    pub(crate) fn generation(&self) -> u32 {
        match self {
            Self::Fixed(_) => 0,
            Self::Named(name) => name.generation.load(Relaxed),
        }
    }

    /// Whether a connection to `address` still leads to this origin.
    pub(crate) fn still_has(&self, address: SocketAddr) -> bool {
        match self {
            Self::Fixed(fixed) => *fixed == address,
            Self::Named(name) => match &*name.known.borrow() {
                Known::These(addresses) => addresses.binary_search(&address).is_ok(),
                Known::Unasked | Known::Nothing => true,
            },
        }
    }
}

impl Name {
    fn new(host: &str, port: u16) -> Self {
        Self {
            host: host.into(),
            port,
            known: watch::Sender::new(Known::Unasked),
            generation: AtomicU32::new(0),
            turn: AtomicUsize::new(0),
            looking: AtomicBool::new(false),
            due: AtomicU64::new(0),
            told: AtomicU64::new(0),
        }
    }

    async fn in_turn(&self) -> io::Result<Vec<SocketAddr>> {
        let mut known = self.known.subscribe();
        let known = known.wait_for(|known| !matches!(known, Known::Unasked)).await;
        match known.as_deref() {
            Ok(Known::These(addresses)) => {
                let mut addresses = addresses.to_vec();
                let turn = self.turn.fetch_add(1, Relaxed) % addresses.len();
                addresses.rotate_left(turn);
                Ok(addresses)
            }
            _ => Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address")),
        }
    }

    /// Whether the resolver is to be asked now; whoever is told so asks it with [`Self::look`].
    pub(crate) fn is_due(&self, now: Moment) -> bool {
        self.due.load(Relaxed) <= now.0 && !self.looking.swap(true, Relaxed)
    }

    /// Asks the resolver; may take as long as that takes.
    pub(crate) fn look(&self, clock: Clock) {
        let found = (&*self.host, self.port).to_socket_addrs().map(Iterator::collect);
        self.learn(clock.now(), found);
        self.looking.store(false, Relaxed);
    }

    fn learn(&self, now: Moment, found: io::Result<Vec<SocketAddr>>) {
        let mut found = match found {
            Ok(found) if !found.is_empty() => found,
            Ok(_) => return self.miss(now, &io::ErrorKind::NotFound.into()),
            Err(cause) => return self.miss(now, &cause),
        };
        // Resolvers give the same addresses in another order each time.
        found.sort_unstable();
        found.dedup();
        found.truncate(ADDRESSES_MAX);
        self.due.store((now + LOOK_EVERY).0, Relaxed);
        self.told.store(0, Relaxed);
        let changed = self.known.send_if_modified(|known| {
            let same = matches!(known, Known::These(before) if **before == *found);
            if !same {
                *known = Known::These(found.as_slice().into());
            }
            !same
        });
        if changed {
            self.generation.fetch_add(1, Relaxed);
            let (name, addresses) = (&*self.host, found.len());
            tracing::info!(name, addresses, "the name of an origin has other addresses");
        }
    }

    fn miss(&self, now: Moment, cause: &io::Error) {
        let stays = self.known.send_if_modified(|known| {
            let first = matches!(known, Known::Unasked);
            if first {
                *known = Known::Nothing;
            }
            first
        });
        let has_addresses = !stays && matches!(&*self.known.borrow(), Known::These(_));
        let again = if has_addresses { LOOK_EVERY } else { LOOK_AGAIN };
        self.due.store((now + again).0, Relaxed);
        let told = self.told.load(Relaxed);
        if told != 0 && now.since(Moment(told)) < TELL_EVERY {
            return;
        }
        self.told.store(now.0.max(1), Relaxed);
        let name = &*self.host;
        if has_addresses {
            tracing::warn!(name, %cause, "the name of an origin does not resolve: its last addresses stay");
        } else {
            tracing::error!(name, %cause, "the name of an origin does not resolve: it cannot be reached");
        }
    }
}

#[cfg(test)]
mod tests;
