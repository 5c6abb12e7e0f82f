//! Who sends: blocks of loopback addresses, one address for each source.

use crate::bounds::{OutOfBounds, SOURCES_MAX, within};
use crate::{LoopbackTarget, StageError};
use std::net::Ipv4Addr;

/// Addresses of a block that share their third octet; .0 and those above .250 stay unused.
const PER_ROW: u16 = 250;

/// A /16 of loopback, `127.x.0.0/16`, from which sources take their addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceBlock(u8);

impl SourceBlock {
    /// Where visitors come from unless told otherwise: `127.10.0.0/16`.
    pub const VISITORS: Self = Self(10);
    /// Where floods come from unless told otherwise: `127.66.0.0/16`.
    pub const FLOOD: Self = Self(66);

    /// The block `127.second_octet.0.0/16`.
    ///
    /// # Errors
    /// [`OutOfBounds`] for 0: listeners and tools of this machine live there.
    pub fn new(second_octet: u8) -> Result<Self, OutOfBounds> {
        within("second octet of a source block", second_octet, 1..=u8::MAX).map(Self)
    }
}

/// A number of sources, each with an address of its own out of one block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sources {
    block: SourceBlock,
    count: u16,
}

impl Sources {
    /// The first `count` addresses of `block`.
    ///
    /// # Errors
    /// [`OutOfBounds`] unless `count` is between 1 and [`SOURCES_MAX`].
    pub fn new(block: SourceBlock, count: u16) -> Result<Self, OutOfBounds> {
        let count = within("number of sources", count, 1..=SOURCES_MAX)?;
        Ok(Self { block, count })
    }

    /// How many there are, at most [`SOURCES_MAX`].
    pub fn count(self) -> u16 {
        self.count
    }

    /// Their addresses, all different.
    pub fn addresses(self) -> impl Iterator<Item = Ipv4Addr> + Clone {
        (0..self.count).map(move |index| self.address(index))
    }

    /// Fails when these sources could not be told apart at `target`: `::1` is one address.
    pub(crate) fn can_reach(self, target: LoopbackTarget) -> Result<(), StageError> {
        if target.address().is_ipv4() || self.count == 1 {
            return Ok(());
        }
        Err(StageError::OneSourceOnly { target, sources: self.count })
    }

    #[expect(clippy::cast_possible_truncation, reason = "row is at most 8, column below 250")]
    fn address(self, index: u16) -> Ipv4Addr {
        let (row, column) = (index / PER_ROW, index % PER_ROW);
        Ipv4Addr::new(127, self.block.0, row as u8 + 1, column as u8 + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_source_has_an_address_of_its_own_inside_its_block() {
        let sources = Sources::new(SourceBlock::FLOOD, SOURCES_MAX).unwrap();
        let addresses: HashSet<_> = sources.addresses().collect();
        assert_eq!(addresses.len(), usize::from(SOURCES_MAX));
        assert!(addresses.iter().all(|a| a.octets()[..2] == [127, 66]));
    }

    #[test]
    fn none_and_one_too_many_are_refused() {
        assert!(Sources::new(SourceBlock::FLOOD, 0).is_err());
        assert!(Sources::new(SourceBlock::FLOOD, SOURCES_MAX + 1).is_err());
        assert!(SourceBlock::new(0).is_err());
    }

    #[test]
    fn many_sources_cannot_be_told_apart_on_the_one_ipv6_loopback() {
        let target = "[::1]:80".parse().unwrap();
        let many = Sources::new(SourceBlock::FLOOD, 2).unwrap();
        let refused = many.can_reach(target).unwrap_err();
        assert!(refused.to_string().contains("[::1]:80"), "{refused}");
        assert!(Sources::new(SourceBlock::FLOOD, 1).unwrap().can_reach(target).is_ok());
    }
}
