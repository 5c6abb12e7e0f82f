//! JA4, a fingerprint of TLS client stacks that survives shuffled extensions.
//!
//! Written from the published description of the format; no code was taken over.
//! JA4 is FoxIO's and under the BSD 3-Clause licence, whose notice stands below; the other members of
//! the JA4+ family are under another licence and have no place in this project.

// Copyright (c) 2023 FoxIO.
// All rights reserved.
//
// Redistribution and use in source and binary forms, with or without modification, are permitted
// provided that the following conditions are met:
//
// * Redistributions of source code must retain the above copyright notice, this list of
//   conditions and the following disclaimer.
// * Redistributions in binary form must reproduce the above copyright notice, this list of
//   conditions and the following disclaimer in the documentation and/or other materials provided
//   with the distribution.
// * Neither the name of FoxIO nor the names of its contributors may be used to endorse or promote
//   products derived from this software without specific prior written permission.
//
// THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR
// IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND
// FITNESS FOR A PARTICULAR PURPOSE ARE DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR
// CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
// DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE,
// DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY,
// WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY
// WAY OUT OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.

use super::Hello;
use sha2::{Digest, Sha256};
use std::fmt;

/// What carried the hello.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transport {
    /// TLS over TCP: `t`.
    Tcp,
    /// QUIC: `q`.
    Quic,
}

/// Bytes of a hash in a fingerprint: twelve hexadecimal digits.
const HASH_CHARS: usize = 12;
/// `t13d1516h2`.
const PREFIX_CHARS: usize = 10;
const JA4_CHARS: usize = PREFIX_CHARS + 1 + HASH_CHARS + 1 + HASH_CHARS;

const SERVER_NAME: u16 = 0x0000;
const ALPN: u16 = 0x0010;

/// A fingerprint such as `t13d1516h2_8daaf6152771_e5627efa2ab1`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ja4([u8; JA4_CHARS]);

impl Ja4 {
    /// The text.
    ///
    /// # Panics
    /// Never: [`ja4`] writes nothing but ASCII.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).expect("invariant: only ASCII letters, digits and _ are written")
    }
}

impl fmt::Display for Ja4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Ja4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Ja4").field(&self.as_str()).finish()
    }
}

/// The JA4 fingerprint of `hello`.
///
/// GREASE is left out everywhere (RFC 8701); counts stop at 99; cipher suites are sorted, and so
/// are extensions without server name and ALPN; signature algorithms keep their order.
pub fn ja4(hello: &Hello, transport: Transport) -> Ja4 {
    let mut ciphers = without_grease(&hello.ciphers);
    let mut extensions = without_grease(&hello.extensions);
    let named = extensions.contains(&SERVER_NAME);
    let mut text = [b'_'; JA4_CHARS];
    text[0] = match transport {
        Transport::Tcp => b't',
        Transport::Quic => b'q',
    };
    text[1..3].copy_from_slice(&version(hello));
    text[3] = if named { b'd' } else { b'i' };
    text[4..6].copy_from_slice(&two_digits(ciphers.len()));
    text[6..8].copy_from_slice(&two_digits(extensions.len()));
    text[8..PREFIX_CHARS].copy_from_slice(&alpn(hello));
    ciphers.sort_unstable();
    extensions.retain(|kind| !matches!(*kind, SERVER_NAME | ALPN));
    extensions.sort_unstable();
    let algorithms = without_grease(&hello.signature_algorithms);
    text[PREFIX_CHARS + 1..][..HASH_CHARS].copy_from_slice(&hash(&ciphers, &[]));
    text[JA4_CHARS - HASH_CHARS..].copy_from_slice(&hash(&extensions, &algorithms));
    Ja4(text)
}

/// RFC 8701 §2: both bytes alike and ending in `a`.
fn is_grease(value: u16) -> bool {
    let [high, low] = value.to_be_bytes();
    high == low && low & 0x0f == 0x0a
}

fn without_grease(values: &[u16]) -> Vec<u16> {
    values.iter().copied().filter(|value| !is_grease(*value)).collect()
}

fn version(hello: &Hello) -> [u8; 2] {
    let highest = without_grease(&hello.supported_versions).into_iter().max();
    match highest.unwrap_or(hello.version) {
        0x0304 => *b"13",
        0x0303 => *b"12",
        0x0302 => *b"11",
        0x0301 => *b"10",
        0x0300 => *b"s3",
        0x0002 => *b"s2",
        _ => *b"00",
    }
}

fn two_digits(count: usize) -> [u8; 2] {
    let count = u8::try_from(count).unwrap_or(u8::MAX).min(99);
    [b'0' + count / 10, b'0' + count % 10]
}

/// First and last character of the first protocol, or of its hexadecimal form when either is
/// neither letter nor digit.
fn alpn(hello: &Hello) -> [u8; 2] {
    let Some((&first, &last)) = hello.alpn.first().and_then(|name| name.first().zip(name.last()))
    else {
        return *b"00";
    };
    if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() {
        [first, last]
    } else {
        [hex_digit(first >> 4), hex_digit(last & 0x0f)]
    }
}

fn hex_digit(nibble: u8) -> u8 {
    b"0123456789abcdef"[usize::from(nibble & 0x0f)]
}

/// Twelve digits of SHA-256 over `sorted`, and behind an underscore `ordered` when it has any;
/// zeros when there is nothing to hash.
fn hash(sorted: &[u16], ordered: &[u16]) -> [u8; HASH_CHARS] {
    if sorted.is_empty() && ordered.is_empty() {
        return [b'0'; HASH_CHARS];
    }
    let mut text = Vec::with_capacity(5 * (sorted.len() + ordered.len()));
    push_list(&mut text, sorted);
    if !ordered.is_empty() {
        text.push(b'_');
        push_list(&mut text, ordered);
    }
    let digest = Sha256::digest(&text);
    let mut hash = [0; HASH_CHARS];
    for (digits, byte) in hash.as_chunks_mut::<2>().0.iter_mut().zip(digest) {
        *digits = [hex_digit(byte >> 4), hex_digit(byte)];
    }
    hash
}

fn push_list(text: &mut Vec<u8>, values: &[u16]) {
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            text.push(b',');
        }
        let [high, low] = value.to_be_bytes();
        text.extend([high >> 4, high, low >> 4, low].map(hex_digit));
    }
}
