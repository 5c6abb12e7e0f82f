//! Reads the tables that place addresses, at start and at each reload.
//!
//! The evidence places sources of incidents by them, the cores their clients.
//! A table that cannot be read is told and left out; traffic is unaffected, and reports say that no
//! table is configured.

use seawall_config::Config;
use seawall_evidence::places::TABLE_BYTES_MAX;
use seawall_evidence::{TableKind, Tables};
use seawall_proxy::{Locate, Location};
use seawall_types::SourceNetwork;
use seawall_types::evidence::AddressWord;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::{fs, io};

/// How sources are placed from now on.
#[derive(Debug)]
pub(crate) struct Placing {
    pub(crate) tables: Arc<Tables>,
    pub(crate) addresses: AddressWord,
    /// Where the shield is reached, where only one address can be meant.
    pub(crate) reached: Option<SocketAddr>,
    /// Networks that the operator lets through: nobody there is put aside.
    pub(crate) spared: Vec<SourceNetwork>,
}

/// Tells the cores where clients are.
#[derive(Debug)]
struct Located(Arc<Tables>);

impl Locate for Located {
    fn locate(&self, address: IpAddr) -> Location {
        let (country, network) = self.0.country_and_network(address);
        Location { country, network }
    }
}

impl Placing {
    /// For the cores; none where no table is configured.
    pub(crate) fn locate(&self) -> Option<Arc<dyn Locate>> {
        let has_tables = !self.tables.about().is_empty();
        has_tables.then(|| Arc::new(Located(self.tables.clone())) as Arc<dyn Locate>)
    }
}

/// The tables that a configuration names, and whose word its addresses are.
pub(crate) fn read(config: &Config) -> Placing {
    let mut tables = Tables::default();
    let named =
        [(TableKind::Country, &config.geo.country), (TableKind::Network, &config.geo.network)];
    for (kind, path) in named {
        let Some(path) = path else { continue };
        let added = bytes(path).map_err(|cause| crate::failure::chain(&cause)).and_then(|bytes| {
            tables.add(kind, bytes).map_err(|fault| crate::failure::chain(&fault))
        });
        if let Err(cause) = added {
            let (key, path) = (kind.key(), path.display());
            tracing::error!(key, %path, cause, "a table of addresses is not used");
        }
    }
    let is_behind = !config.trusted.networks.is_empty();
    let addresses = if is_behind { AddressWord::Proxies } else { AddressWord::Handshake };
    let reached = match config.listeners.as_slice() {
        [one] if is_global(one.address.ip()) && !is_behind => Some(one.address),
        _ => None,
    };
    let tables = Arc::new(tables);
    Placing { tables, addresses, reached, spared: config.allow_networks.clone() }
}

/// Whether routers of others know the way to it: behind a translation of addresses senders reach
/// another one than the listener's.
fn is_global(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [first, second, ..] = v4.octets();
            let is_shared = first == 100 && second & 0xc0 == 64;
            let is_inner = v4.is_loopback() || v4.is_private() || v4.is_link_local() || is_shared;
            !(is_inner || v4.is_unspecified())
        }
        // 2000::/3 is all that is given out.
        IpAddr::V6(v6) => v6.segments()[0] & 0xe000 == 0x2000,
    }
}

fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let length = fs::metadata(path)?.len();
    if length > TABLE_BYTES_MAX {
        let what = format!("has {length} bytes; at most {TABLE_BYTES_MAX} are read");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, what));
    }
    fs::read(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_that_others_can_route_to_is_told_to_be_reached() {
        let global = |address: &str| is_global(address.parse().unwrap());
        for address in ["203.0.113.7", "100.128.0.1", "2001:db8::1"] {
            assert!(global(address), "{address}");
        }
        let others = ["0.0.0.0", "127.0.0.1", "10.1.2.3", "100.64.0.1", "169.254.1.1"];
        for address in others.iter().chain(&["::", "::1", "fe80::1", "fd00::1"]) {
            assert!(!global(address), "{address}");
        }
    }
}
