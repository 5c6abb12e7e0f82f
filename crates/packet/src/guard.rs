//! Who the kernel never drops, so that the operator cannot lock anybody out who must get in.
//!
//! Takes what the system says of itself; gives addresses, each with why.
//! Prevents drops in the kernel alone: the proxy treats these as anybody.
//! Bounds: [`GUARDED_MAX`] addresses; further ones are counted and told.

use std::collections::BTreeMap;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Addresses on the list.
pub const GUARDED_MAX: usize = 1_024;
/// The port of SSH.
const SSH: u16 = 22;

/// Who is guarded, each with why.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guard {
    guarded: BTreeMap<IpAddr, &'static str>,
    /// Addresses that found no room.
    pub left_out: usize,
}

impl Guard {
    /// What this machine says: who is logged in, its gateways, resolvers and time servers.
    pub fn of_this_machine() -> Self {
        let text = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let mut guard = Self::default();
        let session = std::env::var("SSH_CONNECTION").unwrap_or_default();
        guard.add_all("an open SSH session", ssh_session(&session));
        for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
            guard.add_all("an open SSH session", ssh_peers(&text(table)));
        }
        guard.add_all("a gateway", gateways(&text("/proc/net/route")));
        guard.add_all("a resolver", servers(&text("/etc/resolv.conf"), &["nameserver"]));
        let path = "/run/systemd/resolve/resolv.conf";
        guard.add_all("a resolver", servers(&text(path), &["nameserver"]));
        for path in ["/etc/chrony/chrony.conf", "/etc/chrony.conf", "/etc/ntp.conf"] {
            guard.add_all("a time server", servers(&text(path), &["server", "pool", "peer"]));
        }
        guard
    }

    /// Adds addresses.
    pub fn add_all(&mut self, why: &'static str, addresses: impl IntoIterator<Item = IpAddr>) {
        for address in addresses {
            let address = address.to_canonical();
            if address.is_loopback() || address.is_unspecified() {
                continue;
            }
            if self.guarded.len() >= GUARDED_MAX && !self.guarded.contains_key(&address) {
                self.left_out += 1;
            } else {
                self.guarded.entry(address).or_insert(why);
            }
        }
    }

    /// Who is guarded, and why.
    pub fn addresses(&self) -> impl Iterator<Item = (IpAddr, &'static str)> {
        self.guarded.iter().map(|(address, why)| (*address, *why))
    }
}

/// The peer of `SSH_CONNECTION`: its address, its port, ours, our port.
fn ssh_session(text: &str) -> Option<IpAddr> {
    text.split(' ').next()?.parse().ok()
}

/// Peers of established connections to our SSH port, as the kernel's table writes them.
fn ssh_peers(table: &str) -> Vec<IpAddr> {
    let peer = |line: &str| {
        let mut words = line.split_whitespace().skip(1);
        let (own, peer, state) = (words.next()?, words.next()?, words.next()?);
        let port = u16::from_str_radix(own.rsplit_once(':')?.1, 16).ok()?;
        let is_open = state == "01" && port == SSH;
        is_open.then(|| hexadecimal(peer.rsplit_once(':')?.0))?
    };
    table.lines().skip(1).filter_map(peer).collect()
}

/// Gateways of `/proc/net/route`.
fn gateways(table: &str) -> Vec<IpAddr> {
    let gateway = |line: &str| hexadecimal(line.split_whitespace().nth(2)?);
    table.lines().skip(1).filter_map(gateway).collect()
}

/// Addresses behind these words of a file of settings; names are not looked up.
fn servers(text: &str, words: &[&str]) -> Vec<IpAddr> {
    let server = |line: &str| {
        let mut parts = line.split_whitespace();
        let is_one = parts.next().is_some_and(|word| words.contains(&word));
        is_one.then(|| parts.next()?.split('%').next()?.parse().ok())?
    };
    text.lines().filter_map(server).collect()
}

/// An address as the kernel's tables write it: words of four bytes in the machine's order.
fn hexadecimal(text: &str) -> Option<IpAddr> {
    let word = |at: usize| u32::from_str_radix(text.get(at * 8..at * 8 + 8)?, 16).ok();
    match text.len() {
        8 => Some(IpAddr::V4(Ipv4Addr::from(word(0)?.to_ne_bytes()))),
        32 => {
            let mut bytes = [0; 16];
            for (at, four) in bytes.chunks_exact_mut(4).enumerate() {
                four.copy_from_slice(&word(at)?.to_ne_bytes());
            }
            Some(IpAddr::V6(Ipv6Addr::from(bytes)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(addresses: impl IntoIterator<Item = IpAddr>) -> Vec<String> {
        addresses.into_iter().map(|address| address.to_string()).collect()
    }

    #[test]
    fn what_the_system_says_is_understood() {
        assert_eq!(told(ssh_session("192.0.2.9 51000 198.51.100.1 22")), ["192.0.2.9"]);
        assert_eq!(told(ssh_session("")), Vec::<String>::new());
        let head = "  sl  local_address rem_address   st\n";
        let open = format!("{head} 0: 016433C6:0016 090200C0:C738 01 0\n");
        assert_eq!(told(ssh_peers(&open)), ["192.0.2.9"]);
        let others = format!(
            "{head} 0: 016433C6:0016 090200C0:C738 06 0\n 1: 016433C6:01BB 090200C0:C738 01 0\n"
        );
        assert_eq!(told(ssh_peers(&others)), Vec::<String>::new());
        let route = "Iface\tDestination\tGateway\neth0\t00000000\t010200C0\t0003\n";
        assert_eq!(told(gateways(route)), ["192.0.2.1"]);
        let resolv = "# nameserver 192.0.2.1\nnameserver 192.0.2.53\nnameserver fe80::1%eth0\n";
        assert_eq!(told(servers(resolv, &["nameserver"])), ["192.0.2.53", "fe80::1"]);
        assert_eq!(told(servers("pool example.org iburst", &["pool"])), Vec::<String>::new());
    }

    #[test]
    fn the_list_takes_its_maximum_and_counts_the_rest() {
        let mut guard = Guard::default();
        let address = |number: u32| IpAddr::from((0xc633_6400 + number).to_be_bytes());
        guard.add_all("an origin", (0..1_025).map(address));
        guard.add_all("a gateway", [address(3), IpAddr::from([127, 0, 0, 1])]);
        assert_eq!((guard.addresses().count(), guard.left_out), (1_024, 1));
        assert_eq!(guard.addresses().find(|(own, _)| *own == address(3)).unwrap().1, "an origin");
    }
}
