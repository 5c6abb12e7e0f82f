//! Certificates of one episode: all that is promised in it holds together with 95 %.
//!
//! However often something is tried on the visitors that no search saw, one of them may look clean by
//! chance; so each trial bears a part of that chance which is smaller than the one before, and all
//! parts together are [`ALPHA`].
//! What was tried is kept, since to look again at the same visitors adds no chance.
//! Never looks at visitors itself: it is handed what was counted.
//! Bounds: [`KEPT_MAX`] certificates; when there are more they are forgotten, and their trials count
//! on.

use super::certify::{ALPHA, Certificate, Touched};
use super::signature::Signature;
use std::collections::BTreeMap;

/// Certificates that are kept.
const KEPT_MAX: usize = 512;

/// What was tried in an episode.
#[derive(Debug, Default)]
pub struct Promises {
    kept: BTreeMap<Signature, Certificate>,
    /// Trials that bore a part of the chance.
    tried: u32,
    /// Which visitors it was tried on: after others become known it is another trial.
    visitors: u64,
}

impl Promises {
    /// The certificate of a signature on the visitors of a number, by what `count` finds.
    pub fn certificate(
        &mut self,
        signature: &Signature,
        visitors: u64,
        count: impl FnOnce() -> Touched,
    ) -> Certificate {
        if self.visitors != visitors || self.kept.len() >= KEPT_MAX {
            self.kept.clear();
            self.visitors = visitors;
        }
        if let Some(kept) = self.kept.get(signature) {
            return *kept;
        }
        let alpha = self.next_alpha();
        self.tried = self.tried.saturating_add(1);
        let certificate = count().certificate(alpha);
        self.kept.insert(*signature, certificate);
        certificate
    }

    /// The lowest bound that another trial on so many visitors can come to.
    pub fn least_bound(&self, visitors: u32) -> f64 {
        Certificate::with(self.next_alpha(), (0, visitors)).bound
    }

    /// Trials so far.
    pub fn tried(&self) -> u32 {
        self.tried
    }

    /// The episode is over: another one's promises are counted anew.
    pub fn begin_anew(&mut self) {
        *self = Self::default();
    }

    /// The share of the chance that the next trial bears: 1/2, 1/6, 1/12 and so on, whose sum is 1.
    fn next_alpha(&self) -> f64 {
        let trial = f64::from(self.tried) + 1.0;
        ALPHA / (trial * (trial + 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::signature::Term;
    use seawall_types::{Attribute, Trait};

    const OF_NONE: Touched = Touched { hits: 0, visitors: 4_000, returning: (0, 0) };

    fn signature(ja4: u32) -> Signature {
        Signature::new(&[Term::Is(Attribute::Ja4, Trait::new(ja4))]).unwrap()
    }

    #[test]
    fn all_parts_of_the_chance_are_the_whole_of_it_and_none_is_spent_twice() {
        let mut promises = Promises::default();
        let mut spent = 0.0;
        for ja4 in 1..=2_000 {
            spent += promises.next_alpha();
            promises.certificate(&signature(ja4), 1, || OF_NONE);
        }
        assert_eq!(promises.tried(), 2_000);
        assert!(spent < ALPHA && spent > 0.999 * ALPHA, "{spent}");
    }

    #[test]
    fn to_look_again_at_the_same_visitors_is_no_trial_and_at_others_it_is() {
        let mut promises = Promises::default();
        let first = promises.certificate(&signature(1), 1, || OF_NONE);
        assert_eq!(promises.certificate(&signature(1), 1, || unreachable!()), first);
        assert_eq!(promises.tried(), 1);
        let later = promises.certificate(&signature(1), 2, || OF_NONE);
        assert!(later.bound > first.bound);
        assert_eq!(promises.tried(), 2);
        promises.begin_anew();
        assert_eq!(promises.certificate(&signature(1), 2, || OF_NONE), first);
    }

    #[test]
    fn what_is_forgotten_for_room_is_a_trial_again() {
        let mut promises = Promises::default();
        let all = u32::try_from(KEPT_MAX).unwrap();
        for ja4 in 1..=all + 1 {
            promises.certificate(&signature(ja4), 1, || OF_NONE);
        }
        assert_eq!(promises.kept.len(), 1);
        let least = promises.least_bound(4_000);
        let again = promises.certificate(&signature(1), 1, || OF_NONE);
        assert!((again.bound - least).abs() < 1e-15);
    }
}
