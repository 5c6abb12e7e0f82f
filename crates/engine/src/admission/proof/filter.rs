//! Sets of marks that may say yes by mistake, seldom, and never no.
//!
//! A blocked Bloom filter (Putze, Sanders, Singler 2007): a mark's bits lie in one cache line.
//! Bounds: [`MARKS_MAX`] marks in 128 KiB, at which a stranger passes for one with less than one
//! chance in 500.

use seawall_types::Moment;
use std::time::Duration;

/// Words of a block: one cache line.
const WORDS: usize = 8;
/// 128 KiB.
const BLOCKS: usize = 2_048;
/// Bits of each mark.
const BITS: u32 = 6;
/// Sixteen bits a mark.
pub const MARKS_MAX: u32 = 65_536;

/// A set of marks.
#[derive(Debug, Clone)]
pub struct Filter {
    blocks: Box<[[u64; WORDS]]>,
    added: u32,
}

impl Default for Filter {
    fn default() -> Self {
        Self { blocks: vec![[0; WORDS]; BLOCKS].into_boxed_slice(), added: 0 }
    }
}

impl Filter {
    /// Adds a mark, which must be spread evenly.
    pub fn add(&mut self, mark: u64) {
        let block = &mut self.blocks[block_of(mark)];
        let mut new = false;
        for (word, bit) in bits_of(mark) {
            new |= block[word] & bit == 0;
            block[word] |= bit;
        }
        self.added = self.added.saturating_add(u32::from(new));
    }

    /// Whether the mark was added, or is taken for one that was.
    pub fn has(&self, mark: u64) -> bool {
        let block = &self.blocks[block_of(mark)];
        bits_of(mark).all(|(word, bit)| block[word] & bit != 0)
    }

    /// Whether it holds as many as it is made for.
    pub fn is_full(&self) -> bool {
        self.added >= MARKS_MAX
    }

    /// Adds all marks of another.
    pub fn merge(&mut self, other: &Self) {
        for (block, more) in self.blocks.iter_mut().zip(&other.blocks) {
            for (word, more) in block.iter_mut().zip(more) {
                *word |= more;
            }
        }
        self.added = self.added.saturating_add(other.added);
    }
}

fn block_of(mark: u64) -> usize {
    usize::try_from(mark >> 53).unwrap_or(0)
}

const _: () = assert!(BLOCKS == 1 << 11, "a block is chosen by the eleven highest bits");

/// Words and bits of a mark: nine of its bits for each, from below those that choose the block.
fn bits_of(mark: u64) -> impl Iterator<Item = (usize, u64)> {
    // Six times nine are 54, one more than are left: the last shares its highest with the block.
    (0..BITS).map(move |at| {
        let bits = mark >> (at * 9);
        (usize::try_from(bits & 7).unwrap_or(0), 1 << ((bits >> 3) & 63))
    })
}

/// Two sets, so that the oldest can be forgotten.
#[derive(Debug)]
pub struct Generations {
    current: Filter,
    last: Filter,
    since: Moment,
    span: Duration,
    saturated: u64,
}

impl Generations {
    /// Empty; a generation lasts for `span`.
    pub fn new(now: Moment, span: Duration) -> Self {
        let (current, last) = (Filter::default(), Filter::default());
        Self { current, last, since: now, span, saturated: 0 }
    }

    /// Whether either has the mark.
    pub fn has(&self, mark: u64) -> bool {
        self.current.has(mark) || self.last.has(mark)
    }

    /// Adds a mark to the current one.
    pub fn add(&mut self, now: Moment, mark: u64) {
        self.turn(now);
        self.current.add(mark);
    }

    /// Adds all marks of another set.
    pub fn merge(&mut self, now: Moment, marks: &Filter) {
        self.turn(now);
        self.current.merge(marks);
    }

    /// Generations that ended because they were full.
    pub fn saturated(&self) -> u64 {
        self.saturated
    }

    fn turn(&mut self, now: Moment) {
        let is_full = self.current.is_full();
        if is_full || now.since(self.since) >= self.span {
            self.last = std::mem::take(&mut self.current);
            self.since = now;
            self.saturated += u64::from(is_full);
        }
    }
}
