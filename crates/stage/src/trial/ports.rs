//! Ports for a shield.
//!
//! They are taken from below the range in which systems pick ports for outgoing connections
//! (RFC 6335 §6 and Linux's `ip_local_port_range`), so that none of the many connections of a trial
//! sits on a port that a listener was promised.

use super::ShieldFault;
use crate::LoopbackTarget;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering::Relaxed};

const FIRST: u16 = 11_000;
const COUNT: u16 = 9_000;

/// An address of 127.0.0.1 on which nothing listens, given to nobody else of this process.
pub(super) fn free() -> Result<LoopbackTarget, ShieldFault> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let own = u16::try_from(std::process::id() % u32::from(COUNT)).unwrap_or(0);
    for _ in 0..COUNT {
        let step = NEXT.fetch_add(1, Relaxed);
        let port = FIRST + own.wrapping_mul(13).wrapping_add(step) % COUNT;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if TcpListener::bind(address).is_ok() {
            return LoopbackTarget::new(address).map_err(|_| ShieldFault::NoPort);
        }
    }
    Err(ShieldFault::NoPort)
}
