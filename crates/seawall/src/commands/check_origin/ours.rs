//! Which addresses are the shield's own.

use seawall_config::Config;
use std::net::{IpAddr, SocketAddr, UdpSocket};

/// Where the shield listens.
#[derive(Debug)]
pub(super) struct Ours(Vec<SocketAddr>);

impl Ours {
    pub(super) fn of(config: &Config) -> Self {
        Self(config.listeners.iter().map(|listener| listener.address).collect())
    }

    /// Whether a connection to `address` reaches the shield itself.
    pub(super) fn listens_on(&self, address: SocketAddr) -> bool {
        self.0.iter().any(|own| own.port() == address.port() && reaches(own.ip(), address.ip()))
    }

    /// Whether names that lead to `address` lead to the shield.
    pub(super) fn listens_at(&self, address: IpAddr) -> bool {
        self.0.iter().any(|own| reaches(own.ip(), address))
    }
}

/// A listener on every address has those of this machine.
fn reaches(own: IpAddr, address: IpAddr) -> bool {
    own == address || (own.is_unspecified() && UdpSocket::bind((address, 0)).is_ok())
}
