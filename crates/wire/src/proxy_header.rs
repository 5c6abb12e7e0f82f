//! The PROXY header, by which a proxy in front says whose connection it passes on: v1 and v2.
//!
//! Takes the first bytes of a connection; gives the client that they name and how long the header
//! is, or a [`ProxyFault`].
//! Never asks whether the sender may be believed, and keeps nothing of what it read.
//! Bounds: [`V1_MAX`] bytes of text, [`V2_MAX`] bytes of the binary form.
//!
//! Source: The PROXY protocol, versions 1 & 2, of 2020-03-05.

mod checksum;
mod v1;
mod v2;

use std::net::IpAddr;
use std::{error, fmt};

pub use v1::V1_MAX;
pub use v2::V2_MAX;

/// The most bytes that any header has.
pub const HEADER_MAX: usize = V2_MAX;
const _: () = assert!(V1_MAX < V2_MAX);

/// What [`parse`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyStep {
    /// Good as far as it goes, and every byte belongs to the header; call again with more.
    Partial,
    /// A whole header.
    Whole(ProxyHeader),
}

/// What a header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProxyHeader {
    /// Whose connection it is; none when it speaks for the proxy itself, or of no TCP connection:
    /// then it is whoever holds the socket.
    pub client: Option<IpAddr>,
    /// Bytes of the header; what follows is the client's.
    pub length: usize,
}

/// Why bytes are no header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyFault {
    /// They begin like neither version.
    Signature,
    /// No end within [`V1_MAX`] or [`V2_MAX`] bytes.
    TooLong,
    /// The line of version 1 is not by its grammar.
    Line,
    /// Another version than 2 behind the signature of version 2, or an unknown command.
    Command,
    /// A family and protocol that have no meaning.
    Family,
    /// Shorter than the addresses of its family.
    TooShort,
    /// An extension that is not whole, or stands twice where it may once.
    Extension,
    /// The checksum is not that of the header.
    Checksum,
}

impl fmt::Display for ProxyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Signature => "no PROXY header",
            Self::TooLong => "PROXY header too long",
            Self::Line => "PROXY line not by its grammar",
            Self::Command => "PROXY version or command unknown",
            Self::Family => "PROXY family unknown",
            Self::TooShort => "PROXY header shorter than its addresses",
            Self::Extension => "PROXY extension broken",
            Self::Checksum => "PROXY checksum wrong",
        })
    }
}

impl error::Error for ProxyFault {}

/// Reads the header at the front of `stream`, the bytes of a TCP connection from its first.
///
/// # Errors
/// [`ProxyFault`] as soon as the bytes cannot become a header.
pub fn parse(stream: &[u8]) -> Result<ProxyStep, ProxyFault> {
    // The two versions differ in their first byte.
    match stream.first() {
        None => Ok(ProxyStep::Partial),
        Some(b'P') => v1::parse(stream),
        Some(_) => v2::parse(stream),
    }
}

/// Whether `stream` is `whole`, or could become it, or begins with it.
fn agrees(stream: &[u8], whole: &[u8]) -> bool {
    stream.iter().zip(whole).all(|(byte, expected)| byte == expected)
}

#[cfg(test)]
mod tests;
