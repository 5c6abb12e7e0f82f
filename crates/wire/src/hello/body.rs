//! The fields of a ClientHello (RFC 8446 §4.1.2).

use super::HelloFault;
use super::reader::Reader;

/// Cipher suites a hello may offer; every suite ever registered would be fewer than 400.
pub const CIPHERS_MAX: usize = 512;
/// Extensions a hello may hold; browsers send about 18.
pub const EXTENSIONS_MAX: usize = 128;
/// Signature algorithms a hello may list.
pub const SIGNATURE_ALGORITHMS_MAX: usize = 128;
/// Versions a hello may list: as many as the extension can hold.
pub const VERSIONS_MAX: usize = 127;
/// Protocols that are kept; a hello may offer more, which are passed by.
pub const ALPN_MAX: usize = 16;

const SERVER_NAME: u16 = 0;
const SIGNATURE_ALGORITHMS: u16 = 13;
const ALPN: u16 = 16;
const SUPPORTED_VERSIONS: u16 = 43;
/// Longest server name that is kept, in bytes.
const SERVER_NAME_MAX: usize = 255;
/// `host_name`, the one name type there is (RFC 6066 §3).
const HOST_NAME: u8 = 0;

/// What a ClientHello offers, in the order it offers it, GREASE included.
///
/// Every list has a bound; a hello beyond it is refused with [`HelloFault::TooMany`], but for
/// protocols beyond [`ALPN_MAX`], which are left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hello {
    /// `legacy_version`.
    pub version: u16,
    /// Cipher suites, at most [`CIPHERS_MAX`].
    pub ciphers: Vec<u16>,
    /// Extension types, at most [`EXTENSIONS_MAX`].
    pub extensions: Vec<u16>,
    /// `signature_algorithms`, at most [`SIGNATURE_ALGORITHMS_MAX`].
    pub signature_algorithms: Vec<u16>,
    /// `supported_versions`, at most [`VERSIONS_MAX`].
    pub supported_versions: Vec<u16>,
    /// The host name of `server_name` in lower case; `None` as well when it is not visible ASCII
    /// of at most 255 bytes.
    pub server_name: Option<Box<str>>,
    /// The offered protocols, at most [`ALPN_MAX`].
    pub alpn: Vec<Box<[u8]>>,
}

impl Hello {
    /// Reads the body of a ClientHello message.
    pub(super) fn read(body: &[u8]) -> Result<Self, HelloFault> {
        let mut reader = Reader(body);
        let mut hello = Self::default();
        let (ciphers, extensions) =
            sections(&mut reader, &mut hello.version).ok_or(HelloFault::Malformed)?;
        hello.ciphers = list(ciphers, CIPHERS_MAX)?;
        let mut reader = Reader(extensions);
        while !reader.is_empty() {
            let kind = reader.u16().ok_or(HelloFault::Malformed)?;
            let data = reader.long().ok_or(HelloFault::Malformed)?;
            if hello.extensions.len() == EXTENSIONS_MAX {
                return Err(HelloFault::TooMany);
            }
            hello.extensions.push(kind);
            hello.take(kind, &mut Reader(data))?;
        }
        Ok(hello)
    }

    fn take(&mut self, kind: u16, data: &mut Reader<'_>) -> Result<(), HelloFault> {
        match kind {
            SERVER_NAME => {
                let names = data.long().ok_or(HelloFault::Malformed)?;
                self.server_name = host_name(&mut Reader(names))?;
            }
            SIGNATURE_ALGORITHMS => {
                let listed = data.long().ok_or(HelloFault::Malformed)?;
                self.signature_algorithms = list(listed, SIGNATURE_ALGORITHMS_MAX)?;
            }
            SUPPORTED_VERSIONS => {
                let listed = data.short().ok_or(HelloFault::Malformed)?;
                self.supported_versions = list(listed, VERSIONS_MAX)?;
            }
            ALPN => {
                let listed = data.long().ok_or(HelloFault::Malformed)?;
                self.alpn = protocols(&mut Reader(listed))?;
            }
            _ => return Ok(()),
        }
        whole(data)
    }
}

/// Cipher suites and extensions of the body; the extensions may be missing (RFC 5246 §7.4.1.2).
fn sections<'a>(body: &mut Reader<'a>, version: &mut u16) -> Option<(&'a [u8], &'a [u8])> {
    *version = body.u16()?;
    let _random = body.bytes(32)?;
    let _session = body.short()?;
    let ciphers = body.long()?;
    let _compressions = body.short()?;
    if body.is_empty() {
        return Some((ciphers, &[]));
    }
    let extensions = body.long()?;
    body.is_empty().then_some((ciphers, extensions))
}

fn whole(reader: &Reader<'_>) -> Result<(), HelloFault> {
    if reader.is_empty() { Ok(()) } else { Err(HelloFault::Malformed) }
}

fn list(bytes: &[u8], most: usize) -> Result<Vec<u16>, HelloFault> {
    let (pairs, odd) = bytes.as_chunks::<2>();
    if !odd.is_empty() {
        return Err(HelloFault::Malformed);
    }
    if pairs.len() > most {
        return Err(HelloFault::TooMany);
    }
    Ok(pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect())
}

fn host_name(names: &mut Reader<'_>) -> Result<Option<Box<str>>, HelloFault> {
    let mut first = None;
    while !names.is_empty() {
        let kind = names.u8().ok_or(HelloFault::Malformed)?;
        let name = names.long().ok_or(HelloFault::Malformed)?;
        if kind == HOST_NAME && first.is_none() {
            first = Some(name);
        }
    }
    Ok(first.and_then(plain_name))
}

fn plain_name(name: &[u8]) -> Option<Box<str>> {
    let plain = name.len() <= SERVER_NAME_MAX && name.iter().all(u8::is_ascii_graphic);
    let text = str::from_utf8(name).ok().filter(|_| plain)?;
    Some(text.to_ascii_lowercase().into_boxed_str())
}

fn protocols(listed: &mut Reader<'_>) -> Result<Vec<Box<[u8]>>, HelloFault> {
    let mut kept = Vec::new();
    while !listed.is_empty() {
        let protocol = listed.short().ok_or(HelloFault::Malformed)?;
        if kept.len() < ALPN_MAX {
            kept.push(protocol.into());
        }
    }
    Ok(kept)
}
