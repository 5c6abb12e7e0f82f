//! What a core knows of trusted proxies in front, and how their clients stand.

use super::Core;
use crate::client::{Peer, Trusted, Via};
use crate::connection::Connection;
use seawall_engine::policy::Standing;
use seawall_types::Moment;
use std::net::IpAddr;
use std::sync::atomic::Ordering::Relaxed;

impl Core {
    /// Whose a connection is that came from `address`.
    pub(crate) fn peer(&self, listener: usize, address: IpAddr) -> Peer {
        let settings = &self.view.borrow().settings;
        if !settings.trusted.trusts(address) {
            return Peer::Client;
        }
        match settings.listeners.get(listener) {
            Some(listener) if listener.proxy_protocol => Peer::AnnouncingProxy,
            Some(_) | None => Peer::Proxy,
        }
    }

    /// Asks who is trusted.
    pub(crate) fn with_trusted<T>(&self, ask: impl FnOnce(&Trusted) -> T) -> T {
        ask(&self.view.borrow().settings.trusted)
    }

    /// Whether the client of a connection is the client of all its requests, and may be judged
    /// by their bytes alone.
    pub(crate) fn knows_client(&self, connection: &Connection) -> bool {
        let client = connection.client();
        client.via == Via::Socket
            || (client.via == Via::Announced
                && !self.with_trusted(|trusted| trusted.asks(client.address)))
    }

    /// How the client stands whose connection a trusted proxy passes on.
    pub(crate) fn announced(&self, now: Moment, address: IpAddr) -> Standing {
        self.view.borrow().judge(&self.shared.table).announced(now, address)
    }

    /// How a client stands that a trusted proxy names, or the proxy itself.
    pub(crate) fn named(&self, now: Moment, address: IpAddr) -> Standing {
        self.view.borrow().judge(&self.shared.table).named(now, address)
    }

    /// Counts a connection of a trusted proxy that announced nobody.
    pub(crate) fn unannounced(&self, proxy: IpAddr) {
        if self.shared.counters.unannounced.fetch_add(1, Relaxed) == 0 {
            tracing::warn!(
                %proxy,
                "a connection from trusted.networks had no PROXY header and was closed; have the proxy send one, or set listener.proxy_protocol = false (said once)"
            );
        }
    }
}
