//! What a code carries, and the key that vouches for it.

use seawall_types::{Reason, SourceKey};
use siphasher::sip::SipHasher24;
use std::fmt;
use std::hash::Hasher;

/// Bytes of a packed [`Capsule`]: 32 + 12 + 20 + 24 bits.
pub(super) const PACKED_BYTES: usize = 11;
/// Bytes of the tag: 40 bits, so a guess holds once in 10^12.
pub(super) const TAG_BYTES: usize = 5;

const PLATFORM_BITS: u32 = 12;
const MITIGATION_BITS: u32 = 20;
const SOURCE_BITS: u32 = 24;

/// The node's key for codes.
///
/// One half vouches for codes, the other hashes sources and platform names.
#[derive(Clone)]
pub struct CodeKey {
    seal: SipHasher24,
    names: SipHasher24,
}

impl CodeKey {
    /// A key from 32 secret bytes.
    pub fn new(secret: &[u8; 32]) -> Self {
        let (mut seal, mut names) = ([0; 16], [0; 16]);
        seal.copy_from_slice(&secret[..16]);
        names.copy_from_slice(&secret[16..]);
        Self { seal: SipHasher24::new_with_key(&seal), names: SipHasher24::new_with_key(&names) }
    }

    /// The tag that vouches for `packed` under `reason`.
    pub(super) fn tag(&self, reason: Reason, packed: &[u8; PACKED_BYTES]) -> [u8; TAG_BYTES] {
        let mut hasher = self.seal;
        hasher.write(packed);
        hasher.write(reason.word().as_bytes());
        let mut tag = [0; TAG_BYTES];
        tag.copy_from_slice(&hasher.finish().to_be_bytes()[..TAG_BYTES]);
        tag
    }

    fn name_hash(&self, space: u8, name: &[u8]) -> u64 {
        let mut hasher = self.names;
        hasher.write(&[space]);
        hasher.write(name);
        hasher.finish()
    }
}

/// Secrets are not shown.
impl fmt::Debug for CodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeKey")
    }
}

/// What a code says beside its reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Capsule {
    /// When: seconds since 1970-01-01 UTC, up to the year 2106.
    pub at_secs: u32,
    /// Which platform: [`platform_tag`] of its name, 12 bits; higher bits are not carried.
    pub platform: u16,
    /// Which mitigation, 0 for none, 20 bits; higher bits are not carried.
    pub mitigation: u32,
    /// Which source: [`source_tag`] of it, 24 bits; higher bits are not carried.
    pub source: u32,
}

impl Capsule {
    pub(super) fn packed(&self) -> [u8; PACKED_BYTES] {
        let names = low_bits(self.platform.into(), PLATFORM_BITS)
            << (MITIGATION_BITS + SOURCE_BITS)
            | low_bits(self.mitigation.into(), MITIGATION_BITS) << SOURCE_BITS
            | low_bits(self.source.into(), SOURCE_BITS);
        let mut packed = [0; PACKED_BYTES];
        packed[..4].copy_from_slice(&self.at_secs.to_be_bytes());
        packed[4..].copy_from_slice(&names.to_be_bytes()[1..]);
        packed
    }

    pub(super) fn unpacked(packed: &[u8; PACKED_BYTES]) -> Self {
        let (mut at_secs, mut names) = ([0; 4], [0; 8]);
        at_secs.copy_from_slice(&packed[..4]);
        names[1..].copy_from_slice(&packed[4..]);
        let names = u64::from_be_bytes(names);
        Self {
            at_secs: u32::from_be_bytes(at_secs),
            platform: platform_bits(names >> (MITIGATION_BITS + SOURCE_BITS)),
            mitigation: word_bits(names >> SOURCE_BITS, MITIGATION_BITS),
            source: word_bits(names, SOURCE_BITS),
        }
    }
}

/// A 12-bit keyed hash of a platform's name; the same for as long as the key is.
///
/// Two of the platforms of one shield may share a tag; whoever opens a code lists both.
pub fn platform_tag(key: &CodeKey, name: &str) -> u16 {
    platform_bits(key.name_hash(b'p', name.as_bytes()))
}

/// A 24-bit keyed hash of a source: enough to tell it from its neighbours, not to name it.
pub fn source_tag(key: &CodeKey, source: SourceKey) -> u32 {
    let hash = key.name_hash(b's', &source.to_bits().to_be_bytes());
    word_bits(hash, SOURCE_BITS)
}

const fn low_bits(value: u64, bits: u32) -> u64 {
    value & ((1 << bits) - 1)
}

#[expect(clippy::cast_possible_truncation, reason = "12 bits fit")]
const fn platform_bits(value: u64) -> u16 {
    low_bits(value, PLATFORM_BITS) as u16
}

#[expect(clippy::cast_possible_truncation, reason = "called for at most 24 bits")]
const fn word_bits(value: u64, bits: u32) -> u32 {
    low_bits(value, bits) as u32
}
