//! Reads the tables that place addresses, at start and at each reload.
//!
//! A table that cannot be read is told and left out; traffic is unaffected, and reports say that no
//! table is configured.

use seawall_config::Config;
use seawall_evidence::places::TABLE_BYTES_MAX;
use seawall_evidence::{TableKind, Tables};
use seawall_types::evidence::AddressWord;
use std::net::SocketAddr;
use std::path::Path;
use std::{fs, io};

/// How sources are placed from now on.
#[derive(Debug)]
pub(crate) struct Placing {
    pub(crate) tables: Tables,
    pub(crate) addresses: AddressWord,
    /// Where the shield is reached, where only one address can be meant.
    pub(crate) reached: Option<SocketAddr>,
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
        [one] if !one.address.ip().is_unspecified() && !is_behind => Some(one.address),
        _ => None,
    };
    Placing { tables, addresses, reached }
}

fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let length = fs::metadata(path)?.len();
    if length > TABLE_BYTES_MAX {
        let what = format!("has {length} bytes; at most {TABLE_BYTES_MAX} are read");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, what));
    }
    fs::read(path)
}
