//! A resolver on loopback that knows a few addresses and names, and counts what it is asked.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

const PTR: u16 = 12;
const A: u16 = 1;
const AAAA: u16 = 28;
/// No such name (RFC 1035 §4.1.1).
const NXDOMAIN: u8 = 3;

/// A running resolver; it ends with the process.
pub(super) struct Resolver {
    pub(super) address: SocketAddr,
    asked: Arc<AtomicUsize>,
}

impl Resolver {
    /// One that knows the names of addresses, and the addresses of names, and takes so long to answer.
    pub(super) fn start(
        names: &[(&str, &str)],
        addresses: &[(&str, &str)],
        takes: Duration,
    ) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
        let address = socket.local_addr().expect("bound");
        let address_of = |text: &str| text.parse::<IpAddr>().expect("an address");
        let names: Vec<_> =
            names.iter().map(|(of, name)| (reverse(address_of(of)), (*name).to_owned())).collect();
        let addresses: Vec<_> =
            addresses.iter().map(|(name, of)| ((*name).to_owned(), address_of(of))).collect();
        let asked = Arc::<AtomicUsize>::default();
        let counted = asked.clone();
        thread::spawn(move || {
            let mut packet = [0; 1500];
            while let Ok((length, from)) = socket.recv_from(&mut packet) {
                counted.fetch_add(1, Relaxed);
                thread::sleep(takes);
                if let Some(answer) = answer(&packet[..length], &names, &addresses) {
                    let _ = socket.send_to(&answer, from);
                }
            }
        });
        Self { address, asked }
    }

    /// Questions so far.
    pub(super) fn asked(&self) -> usize {
        self.asked.load(Relaxed)
    }
}

/// The name under which the name of an address is kept (RFC 1035 §3.5, RFC 3596 §2.5).
fn reverse(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, d] = v4.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        IpAddr::V6(v6) => {
            let digits = v6.octets().into_iter().rev().flat_map(|byte| [byte & 15, byte >> 4]);
            let digits: Vec<_> = digits.map(|digit| format!("{digit:x}")).collect();
            format!("{}.ip6.arpa", digits.join("."))
        }
    }
}

/// The answer to one question.
fn answer(
    packet: &[u8],
    names: &[(String, String)],
    addresses: &[(String, IpAddr)],
) -> Option<Vec<u8>> {
    let (name, end) = read_name(packet, 12)?;
    let kind = u16::from_be_bytes([*packet.get(end)?, *packet.get(end + 1)?]);
    let data: Vec<Vec<u8>> = match kind {
        PTR => {
            let found = names.iter().filter(|(known, _)| *known == name);
            found.map(|(_, name)| written_name(name)).collect()
        }
        A | AAAA => {
            let found = addresses.iter().filter(|(known, _)| *known == name);
            let of_kind = found.filter_map(|(_, address)| match (kind, address) {
                (A, IpAddr::V4(v4)) => Some(v4.octets().to_vec()),
                (AAAA, IpAddr::V6(v6)) => Some(v6.octets().to_vec()),
                _ => None,
            });
            of_kind.collect()
        }
        _ => Vec::new(),
    };
    let code = if data.is_empty() { NXDOMAIN } else { 0 };
    let mut out = packet[..2].to_vec();
    // An answer, recursion wanted and offered.
    out.extend([0x81, 0x80 | code, 0, 1, 0, u8::try_from(data.len()).ok()?, 0, 0, 0, 0]);
    out.extend(&packet[12..end + 4]);
    for one in data {
        // The name of the question, its type, class IN, a minute.
        out.extend([0xC0, 12]);
        out.extend(kind.to_be_bytes());
        out.extend([0, 1, 0, 0, 0, 60]);
        out.extend(u16::try_from(one.len()).ok()?.to_be_bytes());
        out.extend(one);
    }
    Some(out)
}

fn read_name(packet: &[u8], mut at: usize) -> Option<(String, usize)> {
    let mut labels = Vec::new();
    loop {
        let length = usize::from(*packet.get(at)?);
        at += 1;
        if length == 0 {
            return Some((labels.join("."), at));
        }
        let label = packet.get(at..at + length)?;
        labels.push(String::from_utf8_lossy(label).to_ascii_lowercase());
        at += length;
    }
}

fn written_name(name: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for label in name.split('.') {
        out.push(u8::try_from(label.len()).expect("a label"));
        out.extend(label.as_bytes());
    }
    out.push(0);
    out
}
