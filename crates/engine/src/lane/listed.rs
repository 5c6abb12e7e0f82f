//! What others publish or hand over as a list: hashes of keys, networks of crawlers.
//!
//! Bounds: [`KEYS_MAX`] keys of a lane, [`NETWORKS_MAX`] networks of an operator.

use data_encoding::HEXLOWER_PERMISSIVE;
use seawall_types::SourceNetwork;
use sha2::{Digest as _, Sha256};
use std::fmt;

/// Keys of one lane.
pub const KEYS_MAX: usize = 4_096;
/// Networks of one operator: the largest that publishes them has some thousands.
pub const NETWORKS_MAX: usize = 16_384;
/// Bytes of a key: shorter ones could be guessed, longer ones are none.
pub const KEY_BYTES: std::ops::RangeInclusive<usize> = 16..=512;

/// The SHA-256 of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyHash([u8; 32]);

impl KeyHash {
    /// The hash of what somebody bears; none where it cannot be a key.
    pub fn of(key: &[u8]) -> Option<Self> {
        KEY_BYTES.contains(&key.len()).then(|| Self(Sha256::digest(key).into()))
    }
}

/// Why a text is no such list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotListed {
    /// A line, counted from one, that cannot be read.
    Line(usize),
    /// It names nothing.
    Empty,
    /// It names more than are taken.
    TooMany(usize),
}

impl fmt::Display for NotListed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "its line {line} cannot be read"),
            Self::Empty => f.write_str("it names nothing"),
            Self::TooMany(most) => write!(f, "it names more than {most}"),
        }
    }
}

impl std::error::Error for NotListed {}

/// The hashes that stand in a file, sorted: 64 hexadecimal digits a line, whatever follows them is for
/// people; `#` begins a comment.
///
/// # Errors
/// It cannot be read whole.
pub fn keys(text: &str) -> Result<Vec<KeyHash>, NotListed> {
    let mut keys = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let Some(word) = line.split_whitespace().next().filter(|word| !word.starts_with('#'))
        else {
            continue;
        };
        let bytes = HEXLOWER_PERMISSIVE.decode(word.as_bytes()).ok();
        let hash = bytes.and_then(|bytes| bytes.try_into().ok());
        keys.push(KeyHash(hash.ok_or(NotListed::Line(index + 1))?));
    }
    keys.sort_unstable();
    keys.dedup();
    counted(keys, KEYS_MAX)
}

/// The networks that stand in a text, one a line or in quotes, as operators publish them in JSON.
///
/// # Errors
/// There is none, or there are too many.
pub fn networks(text: &str) -> Result<Vec<SourceNetwork>, NotListed> {
    let words = text.split(|c: char| c.is_whitespace() || "\"',[]{}".contains(c));
    let is_network = |word: &&str| word.contains('/') || word.contains('.') || word.contains("::");
    let networks = words.filter(is_network).filter_map(|word| word.parse().ok());
    counted(networks.take(NETWORKS_MAX + 1).collect(), NETWORKS_MAX)
}

fn counted<T>(list: Vec<T>, most: usize) -> Result<Vec<T>, NotListed> {
    match list.len() {
        0 => Err(NotListed::Empty),
        count if count > most => Err(NotListed::TooMany(most)),
        _ => Ok(list),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    #[test]
    fn keys_stand_as_hashes_one_a_line_with_comments_for_people() {
        let text = format!("# partners\n{HASH} acme\n\n{}\n", HASH.to_uppercase());
        assert_eq!(keys(&text).unwrap().len(), 1);
        assert_eq!(keys("# none\n"), Err(NotListed::Empty));
        assert_eq!(keys(&format!("{HASH}\nsecret-in-clear\n")), Err(NotListed::Line(2)));
        assert_eq!(keys(&HASH[2..]), Err(NotListed::Line(1)));
    }

    #[test]
    fn what_is_borne_meets_the_hash_of_it_and_what_could_be_guessed_is_no_key() {
        let borne = b"a-key-of-sixteen";
        let hash: [u8; 32] = Sha256::digest(borne).into();
        let listed = keys(&HEXLOWER_PERMISSIVE.encode(&hash)).unwrap();
        assert_eq!(KeyHash::of(borne), Some(listed[0]));
        assert_eq!(KeyHash::of(&borne[1..]), None);
        assert_eq!(KeyHash::of(&[b'x'; 513]), None);
    }

    #[test]
    fn networks_are_found_in_what_operators_publish() {
        let json = r#"{"creationTime": "2026-08-20T14:46:45.000000", "prefixes": [
            {"ipv6Prefix": "2001:4860:4801:10::/64"}, {"ipv4Prefix": "66.249.64.0/27"}]}"#;
        let told: Vec<_> = networks(json).unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(told, ["2001:4860:4801:10::/64", "66.249.64.0/27"]);
        assert_eq!(networks("192.0.2.0/24\n198.51.100.7\n").unwrap().len(), 2);
        assert_eq!(networks(r#"{"version": 1.2}"#), Err(NotListed::Empty));
    }
}
