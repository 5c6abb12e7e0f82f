//! What is described before it comes: a flood in pulses may come again with another look.
//!
//! What told a pulse from visitors by a value that was new stays for the next one, whose value is new
//! as well; it acts in its first tick.
//! Bounds: one description is tried an episode, none while anything acts or where one that was found is as
//! general.

use super::{Found, Memory, RESTS_UNDER, Trial, WAKES_UNDER};
use crate::detect::search::is_of_client;
use crate::detect::signature::{Signature, Term};
use seawall_types::{Attribute, Moment};

impl Memory {
    /// A description that the next pulse may show, whatever it looks like, and the most that this one
    /// asked for, in origin-milliseconds per second; none while one goes on.
    ///
    /// Of those that were clean in this episode: the fewer `values` visitors show of a thing, the less
    /// a new one is theirs.
    pub(in crate::detect) fn general(
        &self,
        values: impl Fn(Attribute) -> usize,
    ) -> Option<(Signature, f64)> {
        if self.was_prepared || self.all.iter().any(|known| known.is_active) {
            return None;
        }
        let of_episode = || self.all.iter().filter(|known| known.is_of_episode);
        if of_episode().any(|known| new_of_client(&known.signature).is_some()) {
            return None;
        }
        let peak = of_episode().map(|known| known.peak_ms_per_s).reduce(f64::max)?;
        let general = self.clean.keys().filter_map(|one| Some((new_of_client(one)?, *one)));
        let (_, general) = general.min_by_key(|(attribute, one)| (values(*attribute), *one))?;
        Some((general, peak))
    }

    /// Keeps it for the next pulse, or that it cannot be promised: to try it again whenever somebody
    /// becomes known would use up the chance that all of an episode's promises share.
    pub(in crate::detect) fn prepare(&mut self, next: Option<Found>) {
        (self.prepared, self.was_prepared) = (next, true);
    }

    /// What the next pulse may show.
    pub(in crate::detect) fn prepared(&self) -> Option<&Found> {
        self.prepared.as_ref()
    }

    /// Whether it is found to act: what came again with a look that is known needs nothing more
    /// general.
    pub(super) fn wake_prepared(
        &mut self,
        now: Moment,
        trial: &mut Trial<'_>,
        matched: impl Fn(&Signature) -> f64,
    ) -> bool {
        if !trial.is_pressed || self.all.iter().any(|known| known.is_active) {
            return false;
        }
        let is_back = |next: &mut Found| {
            let ms_per_s = matched(&next.signature);
            let is_back = ms_per_s > 0.0 && ms_per_s >= RESTS_UNDER * next.ms_per_s;
            next.ms_per_s = if is_back { ms_per_s } else { next.ms_per_s };
            is_back
        };
        let Some(next) = self.prepared.take_if(is_back) else { return false };
        let certificate = (trial.certificate)(&next.signature);
        let touched = f64::from(certificate.hits);
        let is_clean = touched <= WAKES_UNDER * f64::from(certificate.visitors)
            && certificate.bound <= trial.budget;
        if is_clean {
            let share_of = |excess: f64| (next.ms_per_s / excess).min(1.0);
            let share_of_excess = trial.excess_ms_per_s.map_or(next.share_of_excess, share_of);
            self.found(now, &Found { certificate, share_of_excess, ..next });
        }
        is_clean
    }
}

/// What of the client a description is about that says no more than that it is new.
fn new_of_client(signature: &Signature) -> Option<Attribute> {
    let mut terms = signature.terms();
    match (terms.next(), terms.next()) {
        (Some(Term::Novel(attribute)), None) if is_of_client(attribute) => Some(attribute),
        _ => None,
    }
}
