//! Where the demo is to be reached: taken from the command line, refused off loopback.

use crate::cli::Demo;
use crate::failure::Failure;
use seawall_stage::LoopbackTarget;
use std::net::{IpAddr, SocketAddr};

/// How far the TLS port lies above the plain one: 8080 and 8443.
const TLS_ABOVE_PLAIN: u16 = 363;
/// The highest plain port that leaves room for the TLS port above it.
const PLAIN_PORT_MAX: u16 = u16::MAX - TLS_ABOVE_PLAIN;

/// Addresses of the demo's shield, all of this machine alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Addresses {
    pub(super) plain: LoopbackTarget,
    pub(super) tls: LoopbackTarget,
    pub(super) control: SocketAddr,
}

impl Addresses {
    /// The addresses that the command line asks for.
    ///
    /// # Errors
    /// Everything about them that the demo does not do, at once.
    pub(super) fn of(arguments: &Demo) -> Result<Self, Failure> {
        let (plain, control) = (arguments.listen, arguments.control);
        let sentences: Vec<_> = off_stage(plain)
            .into_iter()
            .chain(port_out_of_range(plain))
            .chain(off_machine(control))
            .collect();
        if !sentences.is_empty() {
            return Err(Failure::wrong(sentences));
        }
        let tls = SocketAddr::new(plain.ip(), plain.port() + TLS_ABOVE_PLAIN);
        if [plain, tls].contains(&control) {
            return Err(Failure::wrong(vec![format!(
                "--control {control} is where the shield itself listens ({plain} and {tls}); \
                 give another port"
            )]));
        }
        Ok(Self { plain: on_stage(plain)?, tls: on_stage(tls)?, control })
    }
}

fn on_stage(address: SocketAddr) -> Result<LoopbackTarget, Failure> {
    LoopbackTarget::new(address).map_err(|refused| Failure::wrong(vec![refused.to_string()]))
}

/// Visitors and flood need many addresses of their own, which only IPv4 loopback has.
fn off_stage(plain: SocketAddr) -> Option<String> {
    match plain.ip() {
        IpAddr::V4(address) if address.is_loopback() => None,
        IpAddr::V4(_) | IpAddr::V6(_) => Some(format!(
            "--listen {plain} is not in 127.0.0.0/8; the demo floods itself and stays on this \
             machine: give an address such as 127.0.0.1:8080"
        )),
    }
}

fn off_machine(control: SocketAddr) -> Option<String> {
    (!control.ip().is_loopback()).then(|| {
        format!(
            "--control {control} is not loopback; the demo stays on this machine: give an address \
             such as 127.0.0.1:9180"
        )
    })
}

fn port_out_of_range(plain: SocketAddr) -> Option<String> {
    (!(1..=PLAIN_PORT_MAX).contains(&plain.port())).then(|| {
        format!(
            "--listen {plain} leaves no room for TLS, which takes the port {TLS_ABOVE_PLAIN} above; \
             give a port from 1 to {PLAIN_PORT_MAX}"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(listen: &str, control: &str) -> Result<Addresses, Vec<String>> {
        let arguments = Demo {
            lasting: None,
            no_attack: false,
            listen: listen.parse().unwrap(),
            control: control.parse().unwrap(),
        };
        Addresses::of(&arguments).map_err(Failure::sentences)
    }

    #[test]
    fn tls_takes_the_port_363_above_the_plain_one() {
        let addresses = addresses("127.0.0.1:8080", "[::1]:9180").unwrap();
        assert_eq!(addresses.tls.to_string(), "127.0.0.1:8443");
    }

    #[test]
    fn addresses_off_this_machine_are_refused_together_each_with_a_remedy() {
        let sentences = addresses("0.0.0.0:8080", "192.0.2.1:9180").unwrap_err();
        assert_eq!(sentences.len(), 2, "{sentences:?}");
        assert!(sentences[0].contains("--listen 0.0.0.0:8080"));
        assert!(sentences[1].contains("--control 192.0.2.1:9180"));
        assert_eq!(addresses("[::1]:80", "[::1]:81").unwrap_err().len(), 1);
    }

    #[test]
    fn the_last_port_with_room_for_tls_is_taken_and_the_next_is_not() {
        assert!(addresses("127.0.0.1:65172", "127.0.0.1:1").is_ok());
        let sentences = addresses("127.0.0.1:65173", "127.0.0.1:1").unwrap_err();
        assert!(sentences[0].contains("from 1 to 65172"), "{sentences:?}");
        assert!(addresses("127.0.0.1:0", "127.0.0.1:1").is_err());
    }

    #[test]
    fn the_control_plane_cannot_sit_where_visitors_come_in() {
        assert!(addresses("127.0.0.1:8080", "127.0.0.1:8080").is_err());
        assert!(addresses("127.0.0.1:8080", "127.0.0.1:8443").is_err());
    }
}
