//! How many visitors of one address, and of one network, a set holds.
//!
//! Behind one address may be a campus, so its visitors are not one, and a description that touches
//! them all must not seem to touch next to nobody; but whoever rotates clients at one address must
//! not fill the set.
//! Bounds: one count for each address and network that has a visitor in the set.

use crate::detect::tally::Tally;

/// Part of the set that visitors of one address may be: so many hits, of a campus, say, are bounded
/// at more than the budget of what descriptions may touch.
pub const OF_SOURCE_PART: u32 = 128;
/// And may be in any case, so that a set can begin.
pub(super) const OF_SOURCE_LEAST: u32 = 4;
/// The same for one IPv4 /24 or IPv6 /48.
pub const OF_PREFIX_PART: u32 = 32;
/// Likewise.
pub(super) const OF_PREFIX_LEAST: u32 = 32;

/// Who a visitor is, in keyed hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Who {
    /// Source and stack.
    pub(super) key: u64,
    /// The source; never 0.
    pub(super) source: u32,
    /// Its network; never 0.
    pub(super) prefix: u32,
}

/// Visitors by address and by network.
#[derive(Debug)]
pub(super) struct Crowd {
    sources: Tally,
    prefixes: Tally,
}

/// Hashes are keyed already: nobody can aim at one place of these tables.
const SEED: u64 = 0;

impl Default for Crowd {
    fn default() -> Self {
        Self { sources: Tally::new(SEED), prefixes: Tally::new(SEED) }
    }
}

impl Crowd {
    /// Whether one more visitor of that address may be known beside so many visitors in all.
    pub(super) fn has_room(&self, who: &Who, visitors: u32) -> bool {
        self.sources.count(who.source) < OF_SOURCE_LEAST.max(visitors / OF_SOURCE_PART)
            && self.prefixes.count(who.prefix) < OF_PREFIX_LEAST.max(visitors / OF_PREFIX_PART)
    }

    pub(super) fn add(&mut self, who: &Who) {
        *self.sources.entry(who.source) += 1;
        *self.prefixes.entry(who.prefix) += 1;
    }

    pub(super) fn remove(&mut self, who: &Who) {
        for count in [self.sources.entry(who.source), self.prefixes.entry(who.prefix)] {
            *count = count.saturating_sub(1);
        }
    }
}
