//! Version 2: sixteen bytes, then addresses, then extensions.

use super::checksum::crc32c;
use super::{ProxyFault, ProxyHeader, ProxyStep, agrees};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Signature, command, family and length.
const FIXED: usize = 16;
/// Bytes that may follow them: what the document asks receivers to take (§2.2).
const BODY_MAX: usize = 536;
/// The longest header.
pub const V2_MAX: usize = FIXED + BODY_MAX;

const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
/// The version stands in the upper half.
const LOCAL: u8 = 0x20;
const PROXY: u8 = 0x21;
/// The extension that holds a checksum of the whole header (§2.2.3).
const CRC32C: u8 = 0x03;

/// Addresses of a family, as they lie behind the fixed part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    /// Nothing is told, or nothing that we can use.
    Unspecified,
    Tcp4,
    Tcp6,
    /// Told, but not of a TCP connection; so many bytes.
    Other(usize),
}

impl Family {
    fn of(byte: u8) -> Option<Self> {
        match byte {
            0x00 => Some(Self::Unspecified),
            0x11 => Some(Self::Tcp4),
            0x21 => Some(Self::Tcp6),
            0x12 => Some(Self::Other(12)),
            0x22 => Some(Self::Other(36)),
            0x31 | 0x32 => Some(Self::Other(216)),
            _ => None,
        }
    }

    /// Bytes of both addresses and ports; none where extensions cannot be found.
    fn length(self) -> Option<usize> {
        match self {
            Self::Unspecified => None,
            Self::Tcp4 => Some(12),
            Self::Tcp6 => Some(36),
            Self::Other(length) => Some(length),
        }
    }

    fn client(self, addresses: &[u8]) -> Option<IpAddr> {
        match self {
            Self::Tcp4 => {
                let source: [u8; 4] = *addresses.first_chunk()?;
                Some(IpAddr::V4(Ipv4Addr::from(source)))
            }
            Self::Tcp6 => {
                let source: [u8; 16] = *addresses.first_chunk()?;
                Some(IpAddr::V6(Ipv6Addr::from(source)).to_canonical())
            }
            Self::Unspecified | Self::Other(_) => None,
        }
    }
}

pub(super) fn parse(stream: &[u8]) -> Result<ProxyStep, ProxyFault> {
    if !agrees(stream, SIGNATURE) {
        return Err(ProxyFault::Signature);
    }
    let command = stream.get(12).copied();
    if !matches!(command, None | Some(LOCAL | PROXY)) {
        return Err(ProxyFault::Command);
    }
    let Some((fixed, rest)) = stream.split_first_chunk::<FIXED>() else {
        return Ok(ProxyStep::Partial);
    };
    let length = usize::from(u16::from_be_bytes([fixed[14], fixed[15]]));
    if length > BODY_MAX {
        return Err(ProxyFault::TooLong);
    }
    // For the proxy itself the family and all that follows is to be thrown away (§2.2).
    let family = match command {
        Some(PROXY) => Family::of(fixed[13]).ok_or(ProxyFault::Family)?,
        _ => Family::Unspecified,
    };
    if family.length().is_some_and(|addresses| length < addresses) {
        return Err(ProxyFault::TooShort);
    }
    let Some(body) = rest.get(..length) else {
        return Ok(ProxyStep::Partial);
    };
    let whole = &stream[..FIXED + length];
    if let Some(addresses) = family.length() {
        check_extensions(whole, FIXED + addresses)?;
    }
    let client = family.client(body);
    Ok(ProxyStep::Whole(ProxyHeader { client, length: FIXED + length }))
}

/// Walks the extensions of a header from `start`, and compares the checksum if there is one.
fn check_extensions(header: &[u8], start: usize) -> Result<(), ProxyFault> {
    let mut at = start;
    let mut sum = None;
    while at < header.len() {
        let (&[kind, high, low], value) =
            header[at..].split_first_chunk::<3>().ok_or(ProxyFault::Extension)?;
        let length = usize::from(u16::from_be_bytes([high, low]));
        let value = value.get(..length).ok_or(ProxyFault::Extension)?;
        at += 3;
        if kind == CRC32C {
            let told: [u8; 4] = value.try_into().map_err(|_| ProxyFault::Extension)?;
            if sum.replace((at, u32::from_be_bytes(told))).is_some() {
                return Err(ProxyFault::Extension);
            }
        }
        at += length;
    }
    match sum {
        Some((place, told)) if crc32c(header, place) != told => Err(ProxyFault::Checksum),
        Some(_) | None => Ok(()),
    }
}
