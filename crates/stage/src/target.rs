//! The one way to name an address on this stage, and the one way to connect to it.
//!
//! Takes any socket address; gives a [`LoopbackTarget`] or says why not.
//! Never resolves a name.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;
use tokio::net::{TcpSocket, TcpStream};

/// A socket address of this machine's own loopback; holding one is the proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LoopbackTarget(SocketAddr);

/// Why an address is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotLoopback {
    /// It leads off this machine, or might.
    #[error("{0} is not loopback; the stage sends to 127.0.0.0/8 and ::1 only")]
    Elsewhere(SocketAddr),
    /// It is not an address with a port; names are not looked up.
    #[error(
        "\"{0}\" is not an address with a port such as 127.0.0.1:8080; names are not looked up"
    )]
    Unreadable(String),
}

impl LoopbackTarget {
    /// Takes `address` if it lies in 127.0.0.0/8 (RFC 1122 §3.2.1.3) or is `::1` (RFC 4291 §2.5.3).
    ///
    /// # Errors
    /// [`NotLoopback::Elsewhere`] for every other address, IPv4 mapped into IPv6 included.
    pub fn new(address: SocketAddr) -> Result<Self, NotLoopback> {
        if address.ip().is_loopback() {
            Ok(Self(address))
        } else {
            Err(NotLoopback::Elsewhere(address))
        }
    }

    /// The address.
    pub fn address(self) -> SocketAddr {
        self.0
    }

    /// Connects, from `source` when the target is IPv4 and one is given.
    ///
    /// Linux lets a socket bind to any address of 127.0.0.0/8 without configuration.
    /// Ports are taken per source address, so each source has the whole port range to itself.
    pub(crate) async fn dial(self, source: Option<Ipv4Addr>) -> io::Result<TcpStream> {
        self.dial_with(source, None).await
    }

    /// [`Self::dial`] with a receive buffer of so many bytes, for a client that reads slowly.
    pub(crate) async fn dial_with(
        self,
        source: Option<Ipv4Addr>,
        buffer: Option<u32>,
    ) -> io::Result<TcpStream> {
        let socket = match self.0.ip() {
            IpAddr::V4(_) => TcpSocket::new_v4()?,
            IpAddr::V6(_) => TcpSocket::new_v6()?,
        };
        if let (Some(source), IpAddr::V4(_)) = (source, self.0.ip()) {
            socket.set_reuseaddr(true)?;
            socket.bind(SocketAddr::from((source, 0)))?;
        }
        if let Some(bytes) = buffer {
            // Before connecting: the window is agreed on then.
            socket.set_recv_buffer_size(bytes)?;
        }
        let stream = socket.connect(self.0).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

impl TryFrom<SocketAddr> for LoopbackTarget {
    type Error = NotLoopback;
    fn try_from(address: SocketAddr) -> Result<Self, NotLoopback> {
        Self::new(address)
    }
}

impl FromStr for LoopbackTarget {
    type Err = NotLoopback;
    fn from_str(text: &str) -> Result<Self, NotLoopback> {
        let address = text.parse();
        Self::new(address.map_err(|_| NotLoopback::Unreadable(text.to_owned()))?)
    }
}

impl fmt::Display for LoopbackTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::net::Ipv6Addr;

    proptest! {
        #[test]
        fn an_ipv4_address_is_taken_only_if_it_begins_with_127(bits: u32, port: u16) {
            let address = SocketAddr::from((Ipv4Addr::from(bits), port));
            prop_assert_eq!(LoopbackTarget::new(address).is_ok(), bits >> 24 == 127);
        }

        #[test]
        fn no_ipv6_address_but_the_one_is_taken(bits: u128, port: u16) {
            let address = SocketAddr::from((Ipv6Addr::from(bits), port));
            prop_assert_eq!(LoopbackTarget::new(address).is_ok(), bits == 1);
        }

        #[test]
        fn no_ipv4_address_is_taken_inside_ipv6(bits: u32, port: u16) {
            let mapped = Ipv4Addr::from(bits).to_ipv6_mapped();
            prop_assert!(LoopbackTarget::new(SocketAddr::from((mapped, port))).is_err());
        }
    }

    #[test]
    fn the_edges_of_loopback_are_exact() {
        let taken = |text: &str| text.parse::<LoopbackTarget>().is_ok();
        for text in ["127.0.0.0:1", "127.255.255.255:1", "[::1]:1"] {
            assert!(taken(text), "{text}");
        }
        for text in ["126.255.255.255:1", "128.0.0.0:1", "0.0.0.0:1", "[::]:1", "[::2]:1"] {
            assert!(!taken(text), "{text}");
        }
    }

    #[test]
    fn a_refusal_names_the_address_and_what_is_allowed() {
        let refused = "192.0.2.7:80".parse::<LoopbackTarget>().unwrap_err();
        let text = refused.to_string();
        assert!(text.contains("192.0.2.7:80") && text.contains("127.0.0.0/8"), "{text}");
        let name = "localhost:80".parse::<LoopbackTarget>().unwrap_err();
        assert!(name.to_string().contains("localhost:80"), "{name}");
    }
}
