//! Who the kernel never drops, so that the operator cannot lock anybody out who must get in.
//!
//! Takes what the system says of itself; gives addresses, each with why.
//! Read again and again: who is new is guarded at once, and who left is for [`LEFT_AFTER`] longer.
//! Prevents drops in the kernel alone: the proxy treats these as anybody.
//! Bounds: [`GUARDED_MAX`] addresses; further ones are counted and told.

mod ssh;

use seawall_types::Moment;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;
use std::time::Duration;

/// Addresses on the list.
pub const GUARDED_MAX: usize = 1_024;
/// How long an address is guarded once it was last found.
pub const LEFT_AFTER: Duration = Duration::from_mins(10);
/// Bytes that are read of a file of settings.
const SETTINGS_MAX: u64 = 256 * 1024;

/// Who is guarded, each with why.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guard {
    guarded: BTreeMap<IpAddr, &'static str>,
    /// When those were last found who are not found any more.
    left: BTreeMap<IpAddr, (&'static str, Moment)>,
    /// Addresses that found no room.
    pub left_out: usize,
}

/// What this process may know of its machine only as long as it has its rights.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Machine {
    ssh_ports: BTreeSet<u16>,
}

impl Machine {
    /// Looks at the machine; call it before rights are dropped.
    pub fn look() -> Self {
        Self { ssh_ports: ssh::ports() }
    }
}

impl Guard {
    /// What this machine says: its gateways, resolvers and time servers, and who is logged in.
    pub fn of_this_machine(machine: &Machine) -> Self {
        let mut guard = Self::default();
        guard.add_all("a gateway", gateways(&text("/proc/net/route")));
        guard.add_all("a resolver", servers(&text("/etc/resolv.conf"), &["nameserver"]));
        let path = "/run/systemd/resolve/resolv.conf";
        guard.add_all("a resolver", servers(&text(path), &["nameserver"]));
        for path in ["/etc/chrony/chrony.conf", "/etc/chrony.conf", "/etc/ntp.conf"] {
            guard.add_all("a time server", servers(&text(path), &["server", "pool", "peer"]));
        }
        let session = std::env::var("SSH_CONNECTION").unwrap_or_default();
        guard.add_all("an open SSH session", ssh::session(&session));
        // A server that began since is found by what everybody may read.
        let ports = &ssh::ports() | &machine.ssh_ports;
        guard.add_all("an open SSH session", ssh::peers(&ports));
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

    /// Adds everybody of another list, as far as there is room.
    pub fn join(&mut self, other: Self) {
        self.left_out += other.left_out;
        for (address, why) in other.guarded {
            self.add_all(why, [address]);
        }
    }

    /// The list as it was read anew; who is missing there is guarded for [`LEFT_AFTER`] longer.
    ///
    /// Whoever was found has room before whoever left, and of these who left last.
    pub fn renew(&mut self, found: Self, now: Moment) {
        let before = std::mem::replace(self, found);
        let gone = before.guarded.into_iter().map(|(address, why)| (address, (why, now)));
        let still = |(address, (_, at)): &(IpAddr, (&'static str, Moment))| {
            now.since(*at) < LEFT_AFTER && !self.guarded.contains_key(address)
        };
        let mut left: Vec<_> = gone.chain(before.left).filter(still).collect();
        left.sort_by_key(|(_, (_, at))| std::cmp::Reverse(*at));
        left.truncate(GUARDED_MAX.saturating_sub(self.guarded.len()));
        self.left = left.into_iter().collect();
    }

    /// Who is guarded, and why.
    pub fn addresses(&self) -> impl Iterator<Item = (IpAddr, &'static str)> {
        let left = self.left.iter().map(|(address, (why, _))| (*address, *why));
        self.guarded.iter().map(|(address, why)| (*address, *why)).chain(left)
    }
}

/// The beginning of a file; nothing of one that cannot be read.
fn text(path: impl AsRef<Path>) -> String {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(SETTINGS_MAX).read_to_end(&mut bytes));
    read.map(|_| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
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

    fn address(number: u32) -> IpAddr {
        IpAddr::from((0xc633_6400 + number).to_be_bytes())
    }

    #[test]
    fn what_the_system_says_is_understood() {
        assert_eq!(told(ssh::session("192.0.2.9 51000 198.51.100.1 22")), ["192.0.2.9"]);
        assert_eq!(told(ssh::session("")), Vec::<String>::new());
        let route = "Iface\tDestination\tGateway\neth0\t00000000\t010200C0\t0003\n";
        assert_eq!(told(gateways(route)), ["192.0.2.1"]);
        let resolv = "# nameserver 192.0.2.1\nnameserver 192.0.2.53\nnameserver fe80::1%eth0\n";
        assert_eq!(told(servers(resolv, &["nameserver"])), ["192.0.2.53", "fe80::1"]);
        assert_eq!(told(servers("pool example.org iburst", &["pool"])), Vec::<String>::new());
    }

    #[test]
    fn the_list_takes_its_maximum_and_counts_the_rest() {
        let mut guard = Guard::default();
        guard.add_all("an origin", (0..1_025).map(address));
        guard.add_all("a gateway", [address(3), IpAddr::from([127, 0, 0, 1])]);
        assert_eq!((guard.addresses().count(), guard.left_out), (1_024, 1));
        assert_eq!(guard.addresses().find(|(own, _)| *own == address(3)).unwrap().1, "an origin");
    }

    #[test]
    fn who_left_is_guarded_for_a_while_and_gives_way_to_who_is_there() {
        let of = |numbers: std::ops::Range<u32>| {
            let mut guard = Guard::default();
            guard.add_all("an open SSH session", numbers.map(address));
            guard
        };
        let minute = |count: u64| Moment(count * 60_000_000_000);
        let numbers = |guard: &Guard| {
            let mut all = told(guard.addresses().map(|(address, _)| address));
            all.sort();
            all
        };
        let mut guard = of(0..2);
        guard.renew(of(1..3), minute(1));
        assert_eq!(numbers(&guard), ["198.51.100.0", "198.51.100.1", "198.51.100.2"]);
        guard.renew(of(1..2), minute(2));
        assert_eq!(guard.addresses().count(), 3, "neither is gone for long");
        guard.renew(of(1..2), minute(11));
        assert_eq!(
            numbers(&guard),
            ["198.51.100.1", "198.51.100.2"],
            "the first left ten minutes ago"
        );
        guard.renew(of(2..3), minute(11));
        assert_eq!(guard.addresses().count(), 2, "who comes back is there once");
        guard.renew(of(2..1_025), minute(11));
        assert_eq!(guard.addresses().count(), GUARDED_MAX, "1,023 and who left last");
    }
}
