//! One proof for many records: the perfect subtrees that hold none of them.
//!
//! Records and subtrees, each at its place, tile the tree, so its head follows from both; whoever
//! leaves a record out, changes it or moves it gets another head.
//! Takes leaves in their order, once; never holds them.
//! Bounds: two subtrees for each level of the tree and each run of neighbouring records.

use super::{Hash, Peaks, node};

/// A perfect subtree that holds no chosen record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// Number of its first record.
    pub start: u64,
    /// Records in it, a power of two.
    pub size: u64,
    /// Its head.
    pub hash: Hash,
}

/// A subtree that may hold chosen records.
#[derive(Debug)]
struct Part {
    block: Block,
    is_chosen: bool,
}

/// A proof in the making.
#[derive(Debug, Default)]
pub struct Cover {
    tree: Peaks,
    parts: Vec<Part>,
    blocks: Vec<Block>,
}

impl Cover {
    /// Behind records that are not there any more, as the head of a segment tells of them.
    pub fn behind(before: &Peaks) -> Self {
        let mut start = 0;
        let parts = before.hashes().iter().map(|hash| {
            let size = highest_one(before.size() - start);
            let block = Block { start, size, hash: *hash };
            start += size;
            Part { block, is_chosen: false }
        });
        let parts = parts.collect();
        Self { tree: before.clone(), parts, blocks: Vec::new() }
    }

    /// Records so far.
    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    /// The head over the records so far.
    pub fn root(&self) -> Hash {
        self.tree.root()
    }

    /// Takes the next record.
    pub fn push(&mut self, leaf: Hash, is_chosen: bool) {
        let block = Block { start: self.tree.size(), size: 1, hash: leaf };
        let mut part = Part { block, is_chosen };
        self.tree.push(leaf);
        while let Some(left) = self.parts.pop_if(|left| left.block.size == part.block.size) {
            match (left.is_chosen, part.is_chosen) {
                (true, false) => self.blocks.push(part.block),
                (false, true) => self.blocks.push(left.block),
                (true, true) | (false, false) => {}
            }
            let Block { start, size, .. } = left.block;
            let hash = node(&left.block.hash, &part.block.hash);
            let is_chosen = left.is_chosen || part.is_chosen;
            part = Part { block: Block { start, size: size * 2, hash }, is_chosen };
        }
        self.parts.push(part);
    }

    /// The subtrees that hold no chosen record, in order.
    pub fn finish(self) -> Vec<Block> {
        let mut blocks = self.blocks;
        blocks.extend(self.parts.iter().filter(|part| !part.is_chosen).map(|part| part.block));
        blocks.sort_by_key(|block| block.start);
        blocks
    }
}

/// The largest power of two in a number above zero.
fn highest_one(number: u64) -> u64 {
    1 << number.max(1).ilog2()
}

/// The tree of `records`, each with its number, and `blocks`, both in order; `None` when they leave a
/// hole or overlap.
pub fn tree(records: &[(u64, Hash)], blocks: &[Block]) -> Option<Peaks> {
    let mut tree = Peaks::default();
    let (mut records, mut blocks) = (records.iter().peekable(), blocks.iter().peekable());
    loop {
        let next = tree.size();
        if let Some((_, leaf)) = records.next_if(|(number, _)| *number == next) {
            tree.push(*leaf);
        } else if let Some(block) = blocks.next_if(|block| block.start == next) {
            if !tree.push_perfect(block.size, block.hash) {
                return None;
            }
        } else {
            return (records.peek().is_none() && blocks.peek().is_none()).then_some(tree);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::leaf;
    use super::*;
    use proptest::prelude::*;

    fn leaves(count: u64) -> Vec<Hash> {
        (0..count).map(|number| leaf(&number.to_be_bytes())).collect()
    }

    fn peaks(leaves: &[Hash]) -> Peaks {
        let mut peaks = Peaks::default();
        for leaf in leaves {
            peaks.push(*leaf);
        }
        peaks
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn records_and_their_cover_give_the_head_and_no_others_do(
            count in 1_u64..200,
            removed in 0_u64..100,
            chosen in proptest::collection::vec(any::<bool>(), 200),
            other in any::<prop::sample::Index>(),
        ) {
            let all = leaves(count);
            let removed = removed.min(count);
            let at = |number: u64| usize::try_from(number).expect("small");
            let mut cover = Cover::behind(&peaks(&all[..at(removed)]));
            let mut records = Vec::new();
            for number in removed..count {
                let is_chosen = chosen[at(number)];
                cover.push(all[at(number)], is_chosen);
                if is_chosen {
                    records.push((number, all[at(number)]));
                }
            }
            let head = peaks(&all);
            prop_assert_eq!(cover.root(), head.root());
            let blocks = cover.finish();
            prop_assert_eq!(tree(&records, &blocks), Some(head.clone()));
            if !records.is_empty() {
                let which = other.index(records.len());
                let mut changed = records.clone();
                changed[which].1 = leaf(b"another");
                prop_assert!(tree(&changed, &blocks).is_none_or(|tree| tree.root() != head.root()));
                let mut fewer = records.clone();
                fewer.remove(which);
                prop_assert!(tree(&fewer, &blocks).is_none_or(|tree| tree != head));
            }
        }
    }

    #[test]
    fn a_run_of_neighbours_needs_two_subtrees_a_level_at_most() {
        let mut cover = Cover::default();
        for (number, leaf) in (0..100_000).zip(leaves(100_000)) {
            cover.push(leaf, (40_001..60_007).contains(&number));
        }
        assert!(cover.finish().len() <= 34);
    }
}
