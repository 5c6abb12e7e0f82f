//! Which known-good visitors came, and which of them a measure met: what was touched, beside what
//! was promised.
//!
//! A visitor is a source here; only those who were known to be good before they asked count.
//! Bounds: [`SEEN_MAX`] visitors a platform and as many a measure, the first of an incident; both
//! counts are of the same visitors, so that a full set is a sample and no wrong share.

use crate::detect::certify::upper_bound;
use seawall_types::SourceKey;
use std::collections::BTreeSet;

/// Visitors that are told apart.
const SEEN_MAX: usize = 8_192;
/// Visitors who must be met before a promise is called broken: one alone could be a sender of the
/// flood.
const MET_MIN: u32 = 3;
/// Chance that a measure is withdrawn although it keeps its promise.
const ALPHA: f64 = 0.05;

/// Known-good visitors who came.
#[derive(Debug, Default)]
pub(super) struct Seen(BTreeSet<SourceKey>);

/// Those of them that a measure met.
#[derive(Debug, Default)]
pub(super) struct Touched(BTreeSet<SourceKey>);

impl Seen {
    /// A visitor came; whether it is among those who count.
    pub(super) fn came(&mut self, visitor: SourceKey) -> bool {
        if self.0.len() < SEEN_MAX {
            self.0.insert(visitor);
        }
        self.0.contains(&visitor)
    }

    /// The next incident counts anew.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    fn count(&self) -> u32 {
        count(&self.0)
    }
}

impl Touched {
    /// A visitor who counts was met.
    pub(super) fn met(&mut self, visitor: SourceKey) {
        self.0.insert(visitor);
    }

    /// Share of those who came that was met; none while nobody came.
    pub(super) fn share(&self, seen: &Seen) -> Option<f64> {
        let came = seen.count();
        (came > 0).then(|| f64::from(count(&self.0)) / f64::from(came))
    }

    /// Whether more than `bound` of visitors is met, with 95 % certainty.
    pub(super) fn exceeds(&self, bound: f64, seen: &Seen) -> bool {
        let (met, came) = (count(&self.0), seen.count());
        let spared = came.saturating_sub(met);
        met >= MET_MIN && 1.0 - upper_bound(spared, came, ALPHA) > bound
    }
}

fn count(set: &BTreeSet<SourceKey>) -> u32 {
    u32::try_from(set.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn after(came: u32, met: u32) -> (Seen, Touched) {
        let (mut seen, mut touched) = (Seen::default(), Touched::default());
        for number in 0..came {
            let visitor = SourceKey::of(Ipv4Addr::from(0x0A00_0000 + number).into());
            if seen.came(visitor) && number < met {
                touched.met(visitor);
            }
        }
        (seen, touched)
    }

    #[test]
    fn a_promise_is_broken_when_chance_does_not_explain_what_was_met() {
        for (came, met, broken) in [
            (1_000, 0, false),
            (1_000, 3, false),
            (1_000, 7, true),
            // One or two may be senders of the flood who came before it.
            (20, 2, false),
            (20, 3, true),
            (0, 0, false),
        ] {
            let (seen, touched) = after(came, met);
            assert_eq!(touched.exceeds(0.002, &seen), broken, "{met} of {came}");
        }
    }

    #[test]
    fn a_full_set_is_a_sample_of_the_same_visitors() {
        let (seen, touched) = after(20_000, 20_000);
        assert_eq!(touched.share(&seen), Some(1.0));
        let (seen, _) = after(0, 0);
        assert_eq!(touched.share(&seen), None);
    }
}
