//! Sets of marks that may say yes by mistake, seldom, and never no.
//!
//! A blocked Bloom filter (Putze, Sanders, Singler 2007): a mark's bits lie in one cache line.
//! All cores read and add without a lock; nothing is taken out but everything at once.
//! Bounds: [`MARKS_MAX`] marks in 128 KiB, or fewer where it is made smaller, at which a stranger
//! passes for one with less than one chance in 500.

use seawall_types::Moment;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Words of a block: one cache line.
const WORDS: usize = 8;
/// 128 KiB.
pub const BLOCKS_MAX: usize = 2_048;
/// Bits of each mark.
const BITS: u32 = 6;
/// Sixteen bits a mark.
const MARKS_OF_BLOCK: usize = 32;
/// Marks of the largest filter.
pub const MARKS_MAX: usize = BLOCKS_MAX * MARKS_OF_BLOCK;

#[derive(Debug, Default)]
#[repr(align(64))]
struct Block([AtomicU64; WORDS]);

/// A set of marks.
#[derive(Debug)]
pub struct Filter {
    blocks: Box<[Block]>,
    /// Leaves of a mark the bits that choose its block.
    shift: u32,
    added: AtomicU32,
}

impl Filter {
    /// An empty one of `blocks`, which are rounded to a power of two of at most [`BLOCKS_MAX`].
    pub fn new(blocks: usize) -> Self {
        let blocks = blocks.clamp(2, BLOCKS_MAX).next_power_of_two();
        Self {
            blocks: (0..blocks).map(|_| Block::default()).collect(),
            shift: u64::BITS - blocks.ilog2(),
            added: AtomicU32::new(0),
        }
    }

    /// Adds a mark, which must be spread evenly.
    pub fn add(&self, mark: u64) {
        let block = self.block(mark);
        let mut new = false;
        for (word, bit) in bits_of(mark) {
            // A line that is only read stays in the caches of all cores.
            if block.0[word].load(Relaxed) & bit == 0 {
                new |= block.0[word].fetch_or(bit, Relaxed) & bit == 0;
            }
        }
        if new {
            self.added.fetch_add(1, Relaxed);
        }
    }

    /// Whether the mark was added, or is taken for one that was.
    pub fn has(&self, mark: u64) -> bool {
        let block = self.block(mark);
        bits_of(mark).all(|(word, bit)| block.0[word].load(Relaxed) & bit != 0)
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.added.load(Relaxed) == 0
    }

    /// Whether it holds as many as it is made for.
    pub fn is_full(&self) -> bool {
        self.added() >= self.room()
    }

    fn added(&self) -> usize {
        self.added.load(Relaxed) as usize
    }

    fn room(&self) -> usize {
        self.blocks.len() * MARKS_OF_BLOCK
    }

    /// Adds all marks of another of the same size.
    pub fn merge(&self, other: &Self) {
        for (block, more) in self.blocks.iter().zip(&other.blocks) {
            for (word, more) in block.0.iter().zip(&more.0) {
                word.fetch_or(more.load(Relaxed), Relaxed);
            }
        }
        self.added.fetch_add(other.added.load(Relaxed), Relaxed);
    }

    /// Forgets all; whoever asks meanwhile may be told either.
    pub fn clear(&self) {
        self.blocks.iter().flat_map(|block| &block.0).for_each(|word| word.store(0, Relaxed));
        self.added.store(0, Relaxed);
    }

    fn block(&self, mark: u64) -> &Block {
        // There are as many blocks as the bits that are left can say.
        let at = usize::try_from(mark >> self.shift).unwrap_or(0);
        &self.blocks[at & (self.blocks.len() - 1)]
    }
}

/// Words and bits of a mark: nine of its bits for each, from below those that choose the block.
fn bits_of(mark: u64) -> impl Iterator<Item = (usize, u64)> {
    // Six times nine are 54, at most one more than are left: the last may share its highest with
    // the block.
    (0..BITS).map(move |at| {
        let bits = mark >> (at * 9);
        (usize::try_from(bits & 7).unwrap_or(0), 1 << ((bits >> 3) & 63))
    })
}

/// Two sets, so that the oldest can be forgotten.
#[derive(Debug)]
pub struct Generations {
    sets: [Filter; 2],
    /// Its lowest bit says which set is current.
    turns: AtomicU32,
    since: AtomicU64,
    span: Duration,
    saturated: AtomicU64,
}

impl Generations {
    /// Empty, of `blocks` each; a generation lasts for `span`.
    pub fn new(now: Moment, span: Duration, blocks: usize) -> Self {
        Self {
            sets: [Filter::new(blocks), Filter::new(blocks)],
            turns: AtomicU32::new(0),
            since: AtomicU64::new(now.0),
            span,
            saturated: AtomicU64::new(0),
        }
    }

    /// Whether either has the mark.
    pub fn has(&self, mark: u64) -> bool {
        self.sets.iter().any(|set| set.has(mark))
    }

    /// Adds a mark to the current one.
    pub fn add(&self, mark: u64) {
        self.current().add(mark);
    }

    /// Has a mark that it has remembered for another while.
    pub fn renew(&self, mark: u64) {
        if self.has(mark) {
            self.add(mark);
        }
    }

    /// Adds all marks of another set.
    ///
    /// They go into a new generation when the current one has no room for all of them.
    pub fn merge(&self, now: Moment, marks: &Filter) {
        let together = self.current().added() + marks.added();
        if together > self.current().room() && !self.current().is_empty() {
            self.begin(now);
            self.saturated.fetch_add(1, Relaxed);
        }
        self.current().merge(marks);
    }

    /// Whether it has nothing at all.
    pub fn is_empty(&self) -> bool {
        self.sets.iter().all(Filter::is_empty)
    }

    /// Begins a new generation when the current one is over or full; one caller at a time.
    pub fn turn(&self, now: Moment) {
        let is_full = self.current().is_full();
        if is_full || now.since(Moment(self.since.load(Relaxed))) >= self.span {
            self.begin(now);
            self.saturated.fetch_add(u64::from(is_full), Relaxed);
        }
    }

    fn begin(&self, now: Moment) {
        self.set(1).clear();
        self.turns.fetch_add(1, Relaxed);
        self.since.store(now.0, Relaxed);
    }

    /// Generations that ended because they were full.
    pub fn saturated(&self) -> u64 {
        self.saturated.load(Relaxed)
    }

    fn current(&self) -> &Filter {
        self.set(0)
    }

    /// The set that is current after so many more turns.
    fn set(&self, turns: u32) -> &Filter {
        &self.sets[((self.turns.load(Relaxed).wrapping_add(turns)) & 1) as usize]
    }
}
