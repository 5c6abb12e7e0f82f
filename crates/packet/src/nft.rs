//! The fallback where XDP cannot be: rules of nft at the ingress of an interface.
//!
//! Takes the same blocks; gives texts for `nft -f -`, runs them, and runs them again where they failed.
//! What it cannot do: signatures over payloads, budgets of sources, SYN cookies, classes, samples.
//! Bounds: [`HOSTS_MAX`] blocked hosts, which nft itself ends when their time is over.

mod keeper;
mod run;

pub use keeper::Keeper;
pub use run::{NftFault, WITHIN, run};

use crate::model::{Network, Party};
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

/// Blocked hosts of each family.
pub const HOSTS_MAX: usize = 65_536;
/// Hosts that one command names, so that a line stays bounded.
const COMMAND_HOSTS: usize = 4_096;

/// The table of one interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    interface: String,
    name: String,
    /// Names whose table it is: a successor's has the same name, and is not taken away.
    owner: u64,
}

impl Table {
    /// The table of an interface; nothing is made yet.
    pub fn new(interface: &str, owner: u64) -> Self {
        // Names of interfaces may hold what names of tables may not.
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
        let name = interface.chars().map(plain).collect::<String>();
        Self { interface: interface.to_owned(), name: format!("seawall_{name}"), owner }
    }

    /// Makes it, with who always passes; whatever an earlier process left is replaced.
    pub fn create(&self, passes: &[Network]) -> String {
        let Self { interface, name, owner } = self;
        let [four, six] = elements(passes).map(|elements| {
            // nft takes no empty list.
            if elements.is_empty() { elements } else { format!(" elements = {{ {elements} }};") }
        });
        format!(
            "table netdev {name}\ndelete table netdev {name}\ntable netdev {name} {{\n\
             set pass4 {{ type ipv4_addr; flags interval; auto-merge;{four}\n}}\n\
             set pass6 {{ type ipv6_addr; flags interval; auto-merge;{six}\n}}\n\
             set own_{owner} {{ type mark;\n}}\n\
             set host4 {{ type ipv4_addr; size {HOSTS_MAX}; flags timeout;\n}}\n\
             set host6 {{ type ipv6_addr; size {HOSTS_MAX}; flags timeout;\n}}\n\
             chain ingress {{\n\
             type filter hook ingress device \"{interface}\" priority -500; policy accept;\n}}\n}}\n"
        )
    }

    /// Has blocked hosts dropped, or only counted.
    pub fn arm(&self, drops: bool) -> String {
        let name = &self.name;
        let end = if drops { "counter drop" } else { "counter" };
        let chain = format!("add rule netdev {name} ingress");
        format!(
            "flush chain netdev {name} ingress\n\
             {chain} icmpv6 type {{ packet-too-big, nd-neighbor-solicit, nd-neighbor-advert, \
             nd-router-advert }} accept\n\
             {chain} icmp type destination-unreachable icmp code 4 accept\n\
             {chain} ip saddr @pass4 accept\n{chain} ip6 saddr @pass6 accept\n\
             {chain} ip saddr @host4 {end}\n\
             {chain} ip6 saddr & ffff:ffff:ffff:ffff:: @host6 {end}\n"
        )
    }

    /// Has others always pass.
    pub fn pass(&self, passes: &[Network]) -> String {
        let mut text = String::new();
        for (set, elements) in ["pass4", "pass6"].into_iter().zip(elements(passes)) {
            let _ = writeln!(text, "flush set netdev {} {set}", self.name);
            if !elements.is_empty() {
                let _ = writeln!(text, "add element netdev {} {set} {{ {elements} }}", self.name);
            }
        }
        text
    }

    /// Blocks sources for a while.
    pub fn block(&self, sources: &[(Party, Duration)]) -> String {
        let mut text = String::new();
        for (source, lasting) in sources {
            let (set, address) = place(*source);
            // An element that stands already keeps its old end, so it is taken out first.
            let _ = write!(
                text,
                "add element netdev {name} {set} {{ {address} timeout 1s }}\n\
                 delete element netdev {name} {set} {{ {address} }}\n\
                 add element netdev {name} {set} {{ {address} timeout {}s }}\n",
                seconds(*lasting),
                name = self.name
            );
        }
        text
    }

    /// Blocks sources for a while in a table that was just made, so that none of them stands already.
    fn fill(&self, sources: &[(Party, Duration)]) -> String {
        let mut text = String::new();
        let (four, six): (Vec<_>, Vec<_>) =
            sources.iter().partition(|(source, _)| matches!(source, Party::V4(_)));
        for (set, own) in [("host4", four), ("host6", six)] {
            // One command for each of many hosts takes nft longer than it is given.
            for piece in own.chunks(COMMAND_HOSTS) {
                let elements: Vec<_> = piece
                    .iter()
                    .map(|(source, lasting)| {
                        format!("{} timeout {}s", address(*source), seconds(*lasting))
                    })
                    .collect();
                let elements = elements.join(", ");
                let _ = writeln!(text, "add element netdev {} {set} {{ {elements} }}", self.name);
            }
        }
        text
    }

    /// Lifts blocks.
    pub fn lift(&self, sources: &[Party]) -> String {
        let mut text = String::new();
        for source in sources {
            let (set, address) = place(*source);
            let _ = write!(
                text,
                "add element netdev {name} {set} {{ {address} timeout 1s }}\n\
                 delete element netdev {name} {set} {{ {address} }}\n",
                name = self.name
            );
        }
        text
    }

    /// Takes everything away; does nothing where another owner has replaced it.
    pub fn remove(&self) -> String {
        let Self { name, owner, .. } = self;
        format!("delete set netdev {name} own_{owner}\ndelete table netdev {name}\n")
    }
}

/// How long an element stands: nft takes none that stands for no time.
fn seconds(lasting: Duration) -> u64 {
    lasting.as_secs().max(1)
}

fn place(source: Party) -> (&'static str, IpAddr) {
    let set = match source {
        Party::V4(_) => "host4",
        Party::V6(_) => "host6",
    };
    (set, address(source))
}

/// The address that stands for a source: of IPv6 the first of its network.
pub fn address(source: Party) -> IpAddr {
    match source {
        Party::V4(address) => IpAddr::V4(address),
        Party::V6(half) => {
            let whole = u128::from(u64::from_be_bytes(half)) << 64;
            IpAddr::V6(Ipv6Addr::from(whole))
        }
    }
}

/// Elements of the sets of either family.
fn elements(networks: &[Network]) -> [String; 2] {
    [true, false].map(|is_four| {
        let own = networks.iter().filter(|network| network.address.is_ipv4() == is_four);
        let texts: Vec<_> =
            own.map(|network| format!("{}/{}", network.first(), network.bits)).collect();
        texts.join(", ")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn a_table_is_made_filled_and_taken_away() {
        let table = Table::new("eth0.7", 9);
        let passes = [Network { address: "192.0.2.9".parse().unwrap(), bits: 24 }];
        let source = Party::of("2001:db8:1:2::3".parse().unwrap());
        let text = [
            table.create(&passes),
            table.pass(&[]),
            table.pass(&passes),
            table.arm(true),
            table.block(&[(source, Duration::from_secs(10))]),
            table.lift(&[source]),
            table.remove(),
        ];
        expect![[r#"
            table netdev seawall_eth0_7
            delete table netdev seawall_eth0_7
            table netdev seawall_eth0_7 {
            set pass4 { type ipv4_addr; flags interval; auto-merge; elements = { 192.0.2.0/24 };
            }
            set pass6 { type ipv6_addr; flags interval; auto-merge;
            }
            set own_9 { type mark;
            }
            set host4 { type ipv4_addr; size 65536; flags timeout;
            }
            set host6 { type ipv6_addr; size 65536; flags timeout;
            }
            chain ingress {
            type filter hook ingress device "eth0.7" priority -500; policy accept;
            }
            }
            flush set netdev seawall_eth0_7 pass4
            flush set netdev seawall_eth0_7 pass6
            flush set netdev seawall_eth0_7 pass4
            add element netdev seawall_eth0_7 pass4 { 192.0.2.0/24 }
            flush set netdev seawall_eth0_7 pass6
            flush chain netdev seawall_eth0_7 ingress
            add rule netdev seawall_eth0_7 ingress icmpv6 type { packet-too-big, nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert } accept
            add rule netdev seawall_eth0_7 ingress icmp type destination-unreachable icmp code 4 accept
            add rule netdev seawall_eth0_7 ingress ip saddr @pass4 accept
            add rule netdev seawall_eth0_7 ingress ip6 saddr @pass6 accept
            add rule netdev seawall_eth0_7 ingress ip saddr @host4 counter drop
            add rule netdev seawall_eth0_7 ingress ip6 saddr & ffff:ffff:ffff:ffff:: @host6 counter drop
            add element netdev seawall_eth0_7 host6 { 2001:db8:1:2:: timeout 1s }
            delete element netdev seawall_eth0_7 host6 { 2001:db8:1:2:: }
            add element netdev seawall_eth0_7 host6 { 2001:db8:1:2:: timeout 10s }
            add element netdev seawall_eth0_7 host6 { 2001:db8:1:2:: timeout 1s }
            delete element netdev seawall_eth0_7 host6 { 2001:db8:1:2:: }
            delete set netdev seawall_eth0_7 own_9
            delete table netdev seawall_eth0_7
        "#]]
        .assert_eq(&text.concat());
    }

    #[test]
    fn a_new_table_is_filled_by_few_commands() {
        let table = Table::new("eth0", 9);
        let of = |address: &str| Party::of(address.parse().unwrap());
        let blocks = [
            (of("192.0.2.1"), Duration::from_secs(9)),
            (of("2001:db8:1:2::3"), Duration::ZERO),
            (of("192.0.2.2"), Duration::from_secs(4)),
        ];
        expect![[r"
            add element netdev seawall_eth0 host4 { 192.0.2.1 timeout 9s, 192.0.2.2 timeout 4s }
            add element netdev seawall_eth0 host6 { 2001:db8:1:2:: timeout 1s }
        "]]
        .assert_eq(&table.fill(&blocks));
        assert!(table.fill(&[]).is_empty(), "nft takes no empty list");
        let many = vec![blocks[0]; COMMAND_HOSTS + 1];
        let lines = table.fill(&many);
        let counts: Vec<_> = lines.lines().map(|line| line.matches("timeout").count()).collect();
        assert_eq!(counts, [COMMAND_HOSTS, 1]);
    }
}
