//! Packets that are written byte by byte, with sources of anybody, from the namespace of the clients.
//!
//! No two of them have more in common than what they are.

use super::wire::enter_peer;
use rustix::net::{
    AddressFamily, SendFlags, SocketAddrV4, SocketFlags, SocketType, ipproto, sendto, socket_with,
};
use std::net::Ipv4Addr;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Packets in one go, and a pause from one to the next: 40,000 a second.
const BATCH: u32 = 400;
const PAUSE: Duration = Duration::from_millis(10);
/// Whoever is later than this does not catch up.
const LATE: Duration = Duration::from_millis(200);
/// So many are no flood.
pub(super) const FEW: u32 = 20;
const TARGET: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 2);
const UDP: u8 = 17;
const HEADER: usize = 20;
/// The place of a first piece that others follow.
const FIRST_FOLLOWED: u16 = 0x2000;

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Answers of resolvers that were asked in the target's name.
    Reflected,
    /// First and later pieces of packets that never become whole.
    Pieces,
    /// Datagrams to ports that nothing serves, from sources that are drawn.
    Datagrams,
}

/// A flood until it is dropped.
pub(super) struct Torrent {
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Torrent {
    pub(super) fn start(kind: Kind) -> Self {
        let is_over = Arc::<AtomicBool>::default();
        let over = is_over.clone();
        let thread = thread::spawn(move || {
            enter_peer();
            let (socket, mut drawn) = (raw(), Drawn(7));
            let mut due = Instant::now();
            while !over.load(Relaxed) {
                send(&socket, kind, (BATCH, &mut drawn));
                due += PAUSE;
                let now = Instant::now();
                if now.saturating_duration_since(due) > LATE {
                    due = now;
                }
                thread::sleep(due.saturating_duration_since(now));
            }
        });
        Self { is_over, thread: Some(thread) }
    }

    /// A few of the same, which are no flood.
    pub(super) fn few(kind: Kind) {
        super::wire::as_peer(|| send(&raw(), kind, (FEW, &mut Drawn(11))));
    }
}

impl Drop for Torrent {
    fn drop(&mut self) {
        self.is_over.store(true, Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().expect("it does not panic");
        }
    }
}

/// A socket whose packets bear the header that is written.
fn raw() -> OwnedFd {
    let flags = SocketFlags::CLOEXEC;
    socket_with(AddressFamily::INET, SocketType::RAW, flags, Some(ipproto::RAW)).expect("root may")
}

fn send(socket: &OwnedFd, kind: Kind, (count, drawn): (u32, &mut Drawn)) {
    let target = SocketAddrV4::new(TARGET, 0);
    for _ in 0..count {
        // One that finds no room is one less.
        let _ = sendto(socket, &packet(kind, drawn), SendFlags::empty(), &target);
    }
}

/// A packet of its own; the kernel writes its lengths and sums.
fn packet(kind: Kind, drawn: &mut Drawn) -> Vec<u8> {
    let carried = 64 + usize::from(drawn.number(500));
    let place = match kind {
        // The flag that more pieces follow, or a place behind the first.
        Kind::Pieces if drawn.number(2) == 0 => FIRST_FOLLOWED,
        Kind::Pieces => 185 * (1 + drawn.number(20)),
        Kind::Reflected | Kind::Datagrams => 0,
    };
    let source = match kind {
        Kind::Reflected => Ipv4Addr::new(198, 18, 10, drawn.number(200).to_be_bytes()[1]),
        Kind::Pieces | Kind::Datagrams => {
            let [high, low] = drawn.number(u16::MAX).to_be_bytes();
            Ipv4Addr::new(198, 19, high, low)
        }
    };
    let mut packet = vec![0x45, 0, 0, 0];
    packet.extend(drawn.number(u16::MAX).to_be_bytes());
    packet.extend(place.to_be_bytes());
    packet.extend([48 + drawn.number(12).to_be_bytes()[1], UDP, 0, 0]);
    packet.extend(source.octets());
    packet.extend(TARGET.octets());
    // The first of them bear ports.
    if place % FIRST_FOLLOWED == 0 {
        let from = if kind == Kind::Reflected { 53 } else { 40_000 + drawn.number(20_000) };
        packet.extend(from.to_be_bytes());
        packet.extend((10_000 + drawn.number(20_000)).to_be_bytes());
        packet.extend(u16::try_from(carried).expect("it is short").to_be_bytes());
        packet.extend([0, 0]);
    }
    while packet.len() < HEADER + carried {
        packet.extend(drawn.number(u16::MAX).to_be_bytes());
    }
    packet.truncate(HEADER + carried);
    packet
}

/// Numbers that look like chance (xorshift of Marsaglia, 2003).
struct Drawn(u64);

impl Drawn {
    /// One below `end`.
    fn number(&mut self, end: u16) -> u16 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let below = (self.0 >> 32) % u64::from(end);
        u16::try_from(below).expect("it is below")
    }
}
