//! Which ports of UDP something on this machine takes datagrams at.
//!
//! Takes the kernel's tables of sockets, which anybody may read; gives a set of ports.
//! Ports that are lent count as served: a socket there may be younger than the last look, and a machine that
//! forwards has none for those of others.

use crate::abi::Ports;
use std::{fs, io};

/// Sockets of UDP, over IPv4 and over IPv6.
const SOCKETS: [&str; 2] = ["/proc/net/udp", "/proc/net/udp6"];
/// Ports that are lent.
const LENT: &str = "/proc/sys/net/ipv4/ip_local_port_range";

/// Ports that take datagrams.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Served {
    pub(super) ports: Ports,
}

impl Served {
    /// As the kernel tells it now.
    ///
    /// # Errors
    /// It does not tell.
    pub(super) fn look() -> io::Result<Self> {
        let mut ports: Vec<u16> = Vec::new();
        let [four, six] = SOCKETS;
        ports.extend(bound(&fs::read_to_string(four)?));
        // Without IPv6 there is no such table.
        ports.extend(fs::read_to_string(six).iter().flat_map(|table| bound(table)));
        if let Some((first, last)) = range(&fs::read_to_string(LENT)?) {
            ports.extend(first..=last);
        }
        Ok(Self { ports: Ports::of(ports) })
    }
}

/// The local ports of a table of sockets.
fn bound(table: &str) -> impl Iterator<Item = u16> {
    table.lines().skip(1).filter_map(|line| {
        let (_, port) = line.split_whitespace().nth(1)?.rsplit_once(':')?;
        u16::from_str_radix(port, 16).ok()
    })
}

fn range(text: &str) -> Option<(u16, u16)> {
    let mut words = text.split_whitespace().map(str::parse);
    Some((words.next()?.ok()?, words.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::UdpSocket;

    #[test]
    fn ports_are_read_from_the_kernels_table_and_lent_ones_from_its_range() {
        let table = "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when\n  \
                     12: 00000000:0035 00000000:0000 07 00000000:00000000 00:00000000\n  \
                     13: 0100007F:E0A1 0100007F:0035 01 00000000:00000000 00:00000000\n";
        assert_eq!(bound(table).collect::<Vec<_>>(), [53, 57_505]);
        let six = "  sl  local_address                         remote_address\n   \
                   7: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000\n";
        assert_eq!(bound(six).collect::<Vec<_>>(), [8_080]);
        assert_eq!(range("32768\t60999\n"), Some((32_768, 60_999)));
        assert_eq!(range(""), None);
    }

    #[test]
    fn a_port_that_is_lent_is_served_before_anything_takes_datagrams_there() {
        let (first, last) = range(&fs::read_to_string(LENT).unwrap()).unwrap();
        let served = Served::look().unwrap().ports;
        assert!((first..=last).all(|port| served.holds(port)));
    }

    #[test]
    fn a_port_is_served_from_the_moment_that_something_takes_datagrams_there() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(socket) = UdpSocket::bind(address) else { continue };
            let port = socket.local_addr().unwrap().port();
            assert!(Served::look().unwrap().ports.holds(port), "{address}");
        }
    }
}
