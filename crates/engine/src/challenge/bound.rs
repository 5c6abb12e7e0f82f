//! Whom a token, a puzzle or a place is for: worth nothing in other hands.

use crate::admission::Prefix;
use sha2::{Digest as _, Sha256};
use siphasher::sip::SipHasher13;
use std::hash::Hasher as _;

/// A platform by its name, the same in every process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PlatformMark(u64);

impl PlatformMark {
    /// The mark of the platform of that name.
    pub fn of(name: &str) -> Self {
        let hash: [u8; 32] = Sha256::digest(name).into();
        Self(first_of(&hash))
    }

    /// As a number, for tables.
    pub fn to_bits(self) -> u64 {
        self.0
    }
}

/// What kind of software asks: the same over its updates, and over its connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Family(u64);

impl Family {
    /// The family of a user agent and of the ciphers that it offers; empty where they are not known.
    ///
    /// Figures of the agent are left out, since they are what an update changes.
    /// A sender may choose both freely: this makes a token worthless to a tool that looks otherwise,
    /// and proves nothing.
    pub fn of(agent: &[u8], ciphers: &[u8]) -> Self {
        let mut hasher = SipHasher13::new();
        for byte in agent.iter().filter(|byte| !byte.is_ascii_digit()) {
            hasher.write_u8(*byte);
        }
        hasher.write_u8(0);
        hasher.write(ciphers);
        Self(hasher.finish())
    }
}

/// Whom something is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Bound {
    /// For this platform alone.
    pub platform: PlatformMark,
    /// From this network alone.
    pub prefix: Prefix,
    /// With this kind of software alone.
    pub family: Family,
}

impl Bound {
    /// The network on its platform, for tables that all platforms share.
    pub fn network(&self) -> u64 {
        self.prefix.to_bits() ^ self.platform.to_bits().rotate_left(17)
    }

    /// As bytes to vouch for.
    pub(super) fn bytes(self) -> [u8; 24] {
        let mut bytes = [0; 24];
        let numbers = [self.platform.0, self.prefix.to_bits(), self.family.0];
        for (place, number) in bytes.chunks_exact_mut(8).zip(numbers) {
            place.copy_from_slice(&number.to_be_bytes());
        }
        bytes
    }
}

/// The first eight bytes as a number.
pub(super) fn first_of(hash: &[u8; 32]) -> u64 {
    let mut first = [0; 8];
    first.copy_from_slice(&hash[..8]);
    u64::from_be_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_stays_in_its_family_and_another_browser_does_not() {
        let of = |agent: &str| Family::of(agent.as_bytes(), b"8daaf6152771");
        let chromium = "Mozilla/5.0 (X11; Linux x86_64) Chrome/149.0.0.0 Safari/537.36";
        assert_eq!(of(chromium), of(&chromium.replace("149", "150")));
        assert_ne!(of(chromium), of(&chromium.replace("Chrome", "Firefox")));
        assert_ne!(of(chromium), Family::of(chromium.as_bytes(), b"e8f1e7e78f70"));
        assert_ne!(of(chromium), Family::of(b"curl/8.5.0", b""));
    }
}
