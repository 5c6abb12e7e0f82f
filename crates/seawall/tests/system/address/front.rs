//! A shield that trusts proxies in front, and what a proxy sends to it.

use crate::fixtures::client::{dial, inside_tls, tls_settings};
use crate::fixtures::frames::{END_HEADERS, END_STREAM, HEADERS, field, frame, get, opening};
use crate::fixtures::ports::free_address;
use crate::fixtures::{Client, HOST, Setup, Shield, Witness};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

/// Networks of proxies: the trusted sender's, and hops that only stand in lists.
pub(super) const TRUSTED: &str =
    r#"networks = ["127.9.0.0/16", "10.0.0.0/8", "2001:db8:ffff::/48"]"#;
/// A proxy in them.
pub(super) const PROXY: Ipv4Addr = Ipv4Addr::new(127, 9, 0, 1);
/// Anybody else.
pub(super) const ELSE: Ipv4Addr = Ipv4Addr::new(127, 8, 0, 1);

/// A shield with listeners on which proxies announce their clients beside the usual two.
pub(super) struct Front {
    pub(super) setup: Setup,
    pub(super) shield: Shield,
    pub(super) origin: Witness,
    pub(super) announced: SocketAddr,
    announced_tls: SocketAddr,
}

/// By which listener a connection comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    Plain,
    Tls,
    Announced,
    AnnouncedTls,
}

/// What is spoken on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Talk {
    H1,
    H2,
    WebSocket,
}

impl Front {
    /// With `trusted` in the table of that name and `more` tables; a refusal is only as cheap as it
    /// can be where nothing is recorded.
    pub(super) fn start(trusted: &str, more: &str) -> Self {
        let origin = Witness::that_switches();
        let (announced, announced_tls) = (free_address(), free_address());
        let believes = trusted.contains("networks");
        let setup = Setup::before(origin.address).tables(&format!(
            "[[listener]]\naddress = \"{announced}\"\nproxy_protocol = {believes}\n\
             [[listener]]\naddress = \"{announced_tls}\"\ntls = true\nproxy_protocol = {believes}\n\
             [trusted]\n{trusted}\n{more}"
        ));
        let shield = Shield::start(&setup);
        Self { setup, shield, origin, announced, announced_tls }
    }

    /// The address of a listener.
    pub(super) fn at(&self, door: Door) -> SocketAddr {
        match door {
            Door::Plain => self.setup.plain,
            Door::Tls => self.setup.tls,
            Door::Announced => self.announced,
            Door::AnnouncedTls => self.announced_tls,
        }
    }

    /// A connection by `door` from `source` that begins with `pieces` of an announcement.
    pub(super) fn connect(
        &self,
        (source, door): (Ipv4Addr, Door),
        talk: Talk,
        pieces: &[Vec<u8>],
    ) -> Client<Box<dyn Stream>> {
        let mut socket = dial(source, self.at(door)).expect("it listens");
        for piece in pieces {
            // It may be refused before all is said.
            let _ = socket.write_all(piece);
        }
        let stream: Box<dyn Stream> = match door {
            Door::Plain | Door::Announced => Box::new(socket),
            Door::Tls | Door::AnnouncedTls => {
                let protocol: &[u8] = if talk == Talk::H2 { b"h2" } else { b"http/1.1" };
                let settings = tls_settings(&self.setup.certificate, protocol);
                Box::new(inside_tls(Arc::new(settings), socket))
            }
        };
        Client::over(stream)
    }
}

/// A plain or an encrypted stream.
pub(super) trait Stream: Read + Write {}

impl<S: Read + Write> Stream for S {}

/// Asks for `path` with header fields; the status of the answer, or none.
pub(super) fn ask(
    client: &mut Client<Box<dyn Stream>>,
    talk: Talk,
    path: &str,
    fields: &[(&str, &str)],
) -> Option<u16> {
    match talk {
        Talk::H1 | Talk::WebSocket => {
            let upgrade = if talk == Talk::WebSocket {
                "connection: Upgrade\r\nupgrade: websocket\r\n"
            } else {
                ""
            };
            let lines: Vec<_> =
                fields.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
            let lines = lines.concat();
            let head = format!("GET {path} HTTP/1.1\r\nhost: {HOST}\r\n{lines}{upgrade}\r\n");
            client.try_send(head).ok()?;
            Some(client.try_answer().ok()?.status)
        }
        Talk::H2 => {
            let mut block = get(path);
            for (name, value) in fields {
                block.extend(field(name, value));
            }
            let request = frame(HEADERS, END_STREAM | END_HEADERS, 1, &block);
            client.try_send([opening(65_535), request].concat()).ok()?;
            let answer = client.frame_of(HEADERS).ok()?;
            status_of(&answer.payload)
        }
    }
}

/// The status in a header block: its first field, from the static table (RFC 7541 §6.1, App. A).
fn status_of(block: &[u8]) -> Option<u16> {
    // A dynamic table may be resized first.
    let first = block.iter().find(|&&byte| byte & 0xe0 != 0x20)?;
    match first {
        0x88 => Some(200),
        0x8c => Some(400),
        _ => Some(0),
    }
}

/// A header of version 2.
pub(super) fn v2(command: u8, family: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).expect("short").to_be_bytes();
    [b"\r\n\r\n\0\r\nQUIT\n", &[command, family][..], &length, body].concat()
}

/// Addresses and ports of IPv4 behind such a header.
pub(super) fn v4_block(source: [u8; 4]) -> Vec<u8> {
    [&source[..], &[198, 51, 100, 2, 220, 4, 1, 187]].concat()
}

/// The same of IPv6.
pub(super) fn v6_block(source: &str) -> Vec<u8> {
    let source: std::net::Ipv6Addr = source.parse().expect("an address");
    [&source.octets()[..], &[0; 16], &[220, 4, 1, 187]].concat()
}

/// `bytes` one by one.
pub(super) fn one_by_one(bytes: &[u8]) -> Vec<Vec<u8>> {
    bytes.iter().map(|&byte| vec![byte]).collect()
}
