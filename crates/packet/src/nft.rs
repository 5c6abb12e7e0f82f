//! The fallback where XDP cannot be: rules of nft at the ingress of an interface.
//!
//! Takes the same blocks; gives texts for `nft -f -`, and runs them.
//! What it cannot do: signatures over payloads, budgets of sources, SYN cookies, classes, samples.
//! Bounds: [`HOSTS_MAX`] blocked hosts, which nft itself ends when their time is over.

use crate::model::{Network, Party};
use std::fmt::Write as _;
use std::io::Write as _;
use std::net::{IpAddr, Ipv6Addr};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Blocked hosts of each family.
pub const HOSTS_MAX: usize = 65_536;

/// The table of one interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    interface: String,
    name: String,
}

impl Table {
    /// The table of an interface; nothing is made yet.
    pub fn new(interface: &str) -> Self {
        // Names of interfaces may hold what names of tables may not.
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
        let name = interface.chars().map(plain).collect::<String>();
        Self { interface: interface.to_owned(), name: format!("seawall_{name}") }
    }

    /// Makes it, with who always passes; whatever an earlier process left is replaced.
    pub fn create(&self, passes: &[Network]) -> String {
        let Self { interface, name } = self;
        let [four, six] = elements(passes);
        format!(
            "table netdev {name}\ndelete table netdev {name}\ntable netdev {name} {{\n\
             set pass4 {{ type ipv4_addr; flags interval; auto-merge;{four}\n}}\n\
             set pass6 {{ type ipv6_addr; flags interval; auto-merge;{six}\n}}\n\
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
                lasting.as_secs().max(1),
                name = self.name
            );
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

    /// Takes everything away.
    pub fn remove(&self) -> String {
        format!("delete table netdev {}\n", self.name)
    }
}

fn place(source: Party) -> (&'static str, IpAddr) {
    match source {
        Party::V4(address) => ("host4", IpAddr::V4(address)),
        Party::V6(half) => {
            let whole = u128::from(u64::from_be_bytes(half)) << 64;
            ("host6", IpAddr::V6(Ipv6Addr::from(whole)))
        }
    }
}

/// Elements of the sets of either family; nothing where there are none, since nft takes no empty list.
fn elements(networks: &[Network]) -> [String; 2] {
    let of = |is_four: bool| {
        let own = networks.iter().filter(|network| network.address.is_ipv4() == is_four);
        let texts: Vec<_> =
            own.map(|network| format!("{}/{}", network.first(), network.bits)).collect();
        if texts.is_empty() {
            String::new()
        } else {
            format!(" elements = {{ {} }};", texts.join(", "))
        }
    };
    [of(true), of(false)]
}

/// Has nft do all of a text or nothing of it.
///
/// # Errors
/// It is not installed, or refuses: what it said first.
pub fn run(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Ok(());
    }
    let mut nft = Command::new("nft")
        .args(["-f", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|cause| format!("nft cannot be run: {cause}"))?;
    if let Some(mut input) = nft.stdin.take() {
        // One that ends before it has read everything says why.
        let _ = input.write_all(text.as_bytes());
    }
    let ended = nft.wait_with_output().map_err(|cause| format!("nft cannot be run: {cause}"))?;
    if ended.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&ended.stderr);
    Err(said.lines().next().unwrap_or("nft refuses and does not say why").to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn a_table_is_made_filled_and_taken_away() {
        let table = Table::new("eth0.7");
        let passes = [Network { address: "192.0.2.9".parse().unwrap(), bits: 24 }];
        let source = Party::of("2001:db8:1:2::3".parse().unwrap());
        let text = [
            table.create(&passes),
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
            set host4 { type ipv4_addr; size 65536; flags timeout;
            }
            set host6 { type ipv6_addr; size 65536; flags timeout;
            }
            chain ingress {
            type filter hook ingress device "eth0.7" priority -500; policy accept;
            }
            }
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
            delete table netdev seawall_eth0_7
        "#]]
        .assert_eq(&text.concat());
    }
}
