//! What the packet layer is started with: from the configuration and what the machine says of itself.

use super::Exempt;
use seawall_config::{Config, PacketMode};
use seawall_packet::guard::Guard;
use seawall_packet::layer::{Bounds, Setup, Wanted};
use seawall_packet::model::Network;
use seawall_types::SourceNetwork;
use std::fs;

/// What the layer may touch.
pub(super) fn bounds(config: &Config) -> Bounds {
    Bounds {
        wanted: match config.packet.mode {
            PacketMode::Auto => Wanted::Auto,
            PacketMode::Native => Wanted::Native,
            PacketMode::Generic => Wanted::Generic,
            PacketMode::Nft => Wanted::Nft,
            PacketMode::Off => Wanted::Off,
        },
        interfaces: interfaces(config),
        pins: super::pins(),
        stays: config.packet.pin,
    }
}

pub(super) fn setup(config: &Config, guard: Guard) -> Setup {
    let Bounds { wanted, interfaces, pins, stays } = bounds(config);
    Setup {
        wanted,
        interfaces,
        armed: config.packet.armed,
        pins,
        stays,
        allowed: Exempt::of(config).networks.iter().map(network).collect(),
        guard,
        tcp_ports: config.listeners.iter().map(|listener| listener.address.port()).collect(),
    }
}

pub(super) fn network(of: &SourceNetwork) -> Network {
    Network { address: of.address(), bits: of.prefix() }
}

/// The interfaces that a configuration names, else that of the default route.
pub(super) fn interfaces(config: &Config) -> Vec<String> {
    if !config.packet.interfaces.is_empty() {
        return config.packet.interfaces.clone();
    }
    let text = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let four = default_four(&text("/proc/net/route"));
    four.or_else(|| default_six(&text("/proc/net/ipv6_route"))).into_iter().collect()
}

/// The interface of the default route in `/proc/net/route`.
fn default_four(table: &str) -> Option<String> {
    let is_default =
        |words: &[&str]| words.get(1) == Some(&"00000000") && words.get(7) == Some(&"00000000");
    let mut rows = table.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    rows.find(|words| is_default(words)).and_then(|words| Some((*words.first()?).to_owned()))
}

/// The interface of the default route in `/proc/net/ipv6_route`; that of loopback means none.
fn default_six(table: &str) -> Option<String> {
    let all_zero = |word: &&str| word.bytes().all(|digit| digit == b'0');
    let mut rows = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let found = rows.find(|words| {
        words.first().is_some_and(all_zero)
            && words.get(1) == Some(&"00")
            && words.last().is_some_and(|name| *name != "lo")
    })?;
    found.last().map(|name| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interface_of_the_default_route_is_found_in_the_kernels_tables() {
        let head = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\n";
        let near = "eth1\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\n";
        let default = "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\n";
        assert_eq!(default_four(&format!("{head}{near}{default}")).as_deref(), Some("eth0"));
        assert_eq!(default_four(&format!("{head}{near}")), None);
        let zero = "0".repeat(32);
        let row = |name: &str| format!("{zero} 00 {zero} 00 {zero} 00000400 1 0 00000001 {name}\n");
        assert_eq!(default_six(&(row("lo") + &row("eth2"))).as_deref(), Some("eth2"));
        assert_eq!(default_six(&row("lo")), None);
    }
}
