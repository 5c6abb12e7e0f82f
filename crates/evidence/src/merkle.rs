//! The Merkle tree over records.
//!
//! Source: RFC 6962 §2.1; hashes are SHA-256, `0x00` before a leaf, `0x01` before two nodes.
//! A tree that grows is kept as its [`Peaks`]: the perfect subtrees from which the head follows.
//! Bounds: at most 64 peaks, since a size is a `u64`.

pub mod cover;
pub mod proof;
#[cfg(test)]
mod tests;

use data_encoding::BASE64;
use sha2::{Digest, Sha256};
use std::fmt;

/// A SHA-256 digest in the tree.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// From base64, as records and checkpoints carry it.
    pub fn from_base64(text: &str) -> Option<Self> {
        let bytes = BASE64.decode(text.as_bytes()).ok()?;
        bytes.try_into().ok().map(Self)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64.encode(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The hash of one record.
pub fn leaf(record: &[u8]) -> Hash {
    Hash(Sha256::new().chain_update([0]).chain_update(record).finalize().into())
}

/// The hash of two subtrees.
pub fn node(left: &Hash, right: &Hash) -> Hash {
    let mut both = [1; 65];
    both[1..33].copy_from_slice(&left.0);
    both[33..].copy_from_slice(&right.0);
    Hash(Sha256::digest(both).into())
}

/// A tree that grows: its size and its perfect subtrees, largest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Peaks {
    size: u64,
    hashes: Vec<Hash>,
}

impl Peaks {
    /// A tree as a segment's head states it; `None` when there are not as many peaks as `size` has.
    pub fn new(size: u64, hashes: Vec<Hash>) -> Option<Self> {
        (hashes.len() == size.count_ones() as usize).then_some(Self { size, hashes })
    }

    /// Leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The perfect subtrees, largest first.
    pub fn hashes(&self) -> &[Hash] {
        &self.hashes
    }

    /// Adds a leaf.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        // As many low ones in the size, so many perfect subtrees are completed by this leaf.
        for _ in 0..self.size.trailing_ones() {
            // There is a peak for each one in the size.
            let Some(left) = self.hashes.pop() else { break };
            hash = node(&left, &hash);
        }
        self.hashes.push(hash);
        self.size += 1;
    }

    /// Adds a perfect subtree; says whether one of that size can stand here.
    pub fn push_perfect(&mut self, size: u64, hash: Hash) -> bool {
        let fits = size.is_power_of_two() && self.size.is_multiple_of(size);
        let Some(grown) = self.size.checked_add(size).filter(|_| fits) else { return false };
        let mut hash = hash;
        for _ in 0..(self.size >> size.trailing_zeros()).trailing_ones() {
            let Some(left) = self.hashes.pop() else { break };
            hash = node(&left, &hash);
        }
        self.hashes.push(hash);
        self.size = grown;
        true
    }

    /// The tree head; of no leaves it is the hash of nothing.
    pub fn root(&self) -> Hash {
        let mut right_to_left = self.hashes.iter().rev();
        let Some(last) = right_to_left.next() else {
            return Hash(Sha256::digest([]).into());
        };
        right_to_left.fold(*last, |right, left| node(left, &right))
    }
}
