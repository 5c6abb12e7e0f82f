//! Firewall text for an origin's machine: the shield's own addresses reach its port, nobody else.
//!
//! Pure: takes addresses and ports, gives lines; changes nothing.

use std::collections::BTreeSet;
use std::net::IpAddr;

/// One port of an origin and the addresses that the shield comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Gate {
    pub(super) port: u16,
    pub(super) shield: BTreeSet<IpAddr>,
}

impl Gate {
    /// Lines for `nft`, to be run as root.
    pub(super) fn nftables(&self) -> Vec<String> {
        let port = self.port;
        let mut lines = vec![
            "nft add table inet seawall".to_owned(),
            "nft 'add chain inet seawall origin { type filter hook input priority -10; }'"
                .to_owned(),
            format!("nft add rule inet seawall origin iifname lo tcp dport {port} accept"),
        ];
        for (family, addresses) in
            [("ip", self.of(IpAddr::is_ipv4)), ("ip6", self.of(IpAddr::is_ipv6))]
        {
            if !addresses.is_empty() {
                lines.push(format!(
                    "nft 'add rule inet seawall origin {family} saddr {{ {} }} tcp dport {port} accept'",
                    addresses.join(", ")
                ));
            }
        }
        lines.push(format!("nft add rule inet seawall origin tcp dport {port} drop"));
        lines
    }

    /// Lines for `iptables`, to be run as root; each goes before those that are there.
    pub(super) fn iptables(&self) -> Vec<String> {
        let port = self.port;
        let mut lines = Vec::new();
        for (program, addresses) in
            [("iptables", self.of(IpAddr::is_ipv4)), ("ip6tables", self.of(IpAddr::is_ipv6))]
        {
            lines.push(format!("{program} -I INPUT -p tcp --dport {port} -j DROP"));
            lines.push(format!("{program} -I INPUT -i lo -p tcp --dport {port} -j ACCEPT"));
            lines.extend(addresses.iter().map(|address| {
                format!("{program} -I INPUT -s {address} -p tcp --dport {port} -j ACCEPT")
            }));
        }
        lines
    }

    /// Lines for `ufw`.
    pub(super) fn ufw(&self) -> Vec<String> {
        let port = self.port;
        let allow =
            |address: &IpAddr| format!("ufw allow from {address} to any port {port} proto tcp");
        let allowed = self.shield.iter().map(allow);
        allowed.chain([format!("ufw deny {port}/tcp")]).collect()
    }

    fn of(&self, family: impl Fn(&IpAddr) -> bool) -> Vec<String> {
        self.shield.iter().filter(|address| family(address)).map(IpAddr::to_string).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn only_the_addresses_of_the_shield_reach_the_port() {
        let shield = ["192.0.2.1", "2001:db8::1"].map(|address| address.parse().unwrap());
        let gate = Gate { port: 8080, shield: shield.into() };
        let lines = [gate.nftables(), gate.iptables(), gate.ufw()].map(|lines| lines.join("\n"));
        expect![[r"
            nft add table inet seawall
            nft 'add chain inet seawall origin { type filter hook input priority -10; }'
            nft add rule inet seawall origin iifname lo tcp dport 8080 accept
            nft 'add rule inet seawall origin ip saddr { 192.0.2.1 } tcp dport 8080 accept'
            nft 'add rule inet seawall origin ip6 saddr { 2001:db8::1 } tcp dport 8080 accept'
            nft add rule inet seawall origin tcp dport 8080 drop

            iptables -I INPUT -p tcp --dport 8080 -j DROP
            iptables -I INPUT -i lo -p tcp --dport 8080 -j ACCEPT
            iptables -I INPUT -s 192.0.2.1 -p tcp --dport 8080 -j ACCEPT
            ip6tables -I INPUT -p tcp --dport 8080 -j DROP
            ip6tables -I INPUT -i lo -p tcp --dport 8080 -j ACCEPT
            ip6tables -I INPUT -s 2001:db8::1 -p tcp --dport 8080 -j ACCEPT

            ufw allow from 192.0.2.1 to any port 8080 proto tcp
            ufw allow from 2001:db8::1 to any port 8080 proto tcp
            ufw deny 8080/tcp"]]
        .assert_eq(&lines.join("\n\n"));
    }
}
