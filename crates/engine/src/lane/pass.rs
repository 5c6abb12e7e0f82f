//! What staff bear, and the link by which they came to it: texts of 40 characters.
//!
//! Both name the invitation that they belong to, so that taking it away takes away all of them.
//! Unlike tokens of checks they are not bound to a network: people who look after a platform travel.

use crate::challenge::PlatformMark;
use crate::challenge::mac::{Mac, same};
use data_encoding::BASE64URL_NOPAD;
use std::fmt;

/// Characters of a pass or a link.
pub const TEXT_BYTES: usize = 40;
/// Which invitation, which number, when.
const SAID: usize = 12;
/// A guess holds once in 10^43.
const TAG: usize = 18;
const PACKED: usize = SAID + TAG;

/// The keys of passes and links, drawn from a node's secret: the same after a restart.
#[derive(Debug, Clone)]
pub struct LaneKeys {
    pass: Mac,
    link: Mac,
}

impl LaneKeys {
    /// The keys that belong to a secret.
    pub fn new(secret: &[u8; 32]) -> Self {
        let root = Mac::new(secret).derived("seawall lane", 1);
        Self { pass: root.derived("pass", 0), link: root.derived("link", 0) }
    }
}

/// What the bearer of a pass is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pass {
    /// The invitation that it came from.
    pub invite: u32,
    /// Which of those who came by it.
    pub member: u32,
    /// Seconds since 1970.
    pub issued_secs: u32,
}

/// What a link leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// The invitation.
    pub invite: u32,
    /// When it was made: seconds since 1970.
    pub made_secs: u32,
}

impl Pass {
    /// As text, worth something on `platform` alone.
    pub fn sealed(self, keys: &LaneKeys, platform: PlatformMark) -> LaneText {
        sealed(&keys.pass, [self.invite, self.member, self.issued_secs], platform)
    }

    /// The pass that a text is on `platform`; whether it still counts is the invitation's to say.
    pub fn open(keys: &LaneKeys, platform: PlatformMark, text: &[u8]) -> Option<Self> {
        let [invite, member, issued_secs] = opened(&keys.pass, platform, text)?;
        Some(Self { invite, member, issued_secs })
    }
}

impl Link {
    /// As text, worth something on `platform` alone.
    pub fn sealed(self, keys: &LaneKeys, platform: PlatformMark) -> LaneText {
        sealed(&keys.link, [self.invite, 0, self.made_secs], platform)
    }

    /// The link that a text is on `platform`; whether it still counts is the invitation's to say.
    pub fn open(keys: &LaneKeys, platform: PlatformMark, text: &[u8]) -> Option<Self> {
        let [invite, _, made_secs] = opened(&keys.link, platform, text)?;
        Some(Self { invite, made_secs })
    }
}

fn sealed(mac: &Mac, said: [u32; 3], platform: PlatformMark) -> LaneText {
    let mut packed = [0; PACKED];
    for (place, number) in packed.chunks_exact_mut(4).zip(said) {
        place.copy_from_slice(&number.to_be_bytes());
    }
    let tag = mac.tag(&[&packed[..SAID], &platform.to_bits().to_be_bytes()]);
    packed[SAID..].copy_from_slice(&tag[..TAG]);
    let mut text = [0; TEXT_BYTES];
    BASE64URL_NOPAD.encode_mut(&packed, &mut text);
    LaneText(text)
}

fn opened(mac: &Mac, platform: PlatformMark, text: &[u8]) -> Option<[u32; 3]> {
    let text: &[u8; TEXT_BYTES] = text.try_into().ok()?;
    let mut packed = [0; PACKED];
    BASE64URL_NOPAD.decode_mut(text, &mut packed).ok()?;
    let tag = mac.tag(&[&packed[..SAID], &platform.to_bits().to_be_bytes()]);
    let word = |at: usize| {
        u32::from_be_bytes([packed[at], packed[at + 1], packed[at + 2], packed[at + 3]])
    };
    same(&packed[SAID..], &tag[..TAG]).then(|| [word(0), word(4), word(8)])
}

/// A pass or a link as it stands in a cookie or an address.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LaneText([u8; TEXT_BYTES]);

impl LaneText {
    /// Letters of base64url.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// Whoever reads it bears it, so it is not shown.
impl fmt::Debug for LaneText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LaneText")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_is_worth_something_on_its_platform_as_it_was_written_and_under_its_secret() {
        let keys = LaneKeys::new(&[7; 32]);
        let www = PlatformMark::of("www");
        let pass = Pass { invite: 3, member: 9, issued_secs: 1_790_000_000 };
        let text = pass.sealed(&keys, www);
        let open =
            |keys: &LaneKeys, platform, text: &str| Pass::open(keys, platform, text.as_bytes());
        assert_eq!(text.as_str().len(), TEXT_BYTES);
        assert_eq!(open(&LaneKeys::new(&[7; 32]), www, text.as_str()), Some(pass));
        assert_eq!(open(&keys, PlatformMark::of("donate"), text.as_str()), None);
        assert_eq!(open(&LaneKeys::new(&[8; 32]), www, text.as_str()), None);
        for at in 0..TEXT_BYTES {
            let mut bytes = text.as_str().as_bytes().to_vec();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(Pass::open(&keys, www, &bytes), None, "changed at {at}");
        }
        assert_eq!(open(&keys, www, &text.as_str()[1..]), None);
    }

    #[test]
    fn a_link_is_no_pass_and_a_pass_is_no_link() {
        let (keys, www) = (LaneKeys::new(&[7; 32]), PlatformMark::of("www"));
        let link = Link { invite: 3, made_secs: 1_790_000_000 }.sealed(&keys, www);
        let pass = Pass { invite: 3, member: 0, issued_secs: 1_790_000_000 }.sealed(&keys, www);
        assert!(Link::open(&keys, www, link.as_str().as_bytes()).is_some());
        assert_eq!(Pass::open(&keys, www, link.as_str().as_bytes()), None);
        assert_eq!(Link::open(&keys, www, pass.as_str().as_bytes()), None);
    }
}
