//! Signatures that described an excess before: clean windows, dormancy, the second wave.
//!
//! Takes signatures that were found and what each of them matched in a tick; tells which act again.
//! One that rests is kept, so that the next pulse is known at its first tick, also after a restart.
//! Bounds: [`REMEMBERED_MAX`] signatures, the one that was seen longest ago is forgotten first;
//! [`CLEAN_KEPT`] whose clean windows are counted.

mod bytes;
mod prepared;

use super::certify::Certificate;
use super::reservoir::Known;
use super::signature::Signature;
use seawall_types::{Moment, Traits};
use std::collections::BTreeMap;
use std::time::Duration;

/// Signatures that are remembered.
const REMEMBERED_MAX: usize = 64;
/// Signatures whose clean windows are counted; when there are more, counting begins anew.
const CLEAN_KEPT: usize = 512;
/// Clean windows that count.
const CLEAN_MAX: u32 = 5;
/// Windows are told apart by this.
const WINDOW: Duration = Duration::from_secs(1);
/// Share of its peak under which a signature rests, and from which it acts again.
const RESTS_UNDER: f64 = 0.2;
/// How long it must be under that.
const RESTS_AFTER: Duration = Duration::from_secs(1);
/// Share of today's visitors that one that rested may touch when it is seen again.
const WAKES_UNDER: f64 = 0.001;
/// Signatures that are tried anew in one tick: those that match most.
const TRIED_MAX: usize = 8;
/// What was not seen for this long is forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_hours(7 * 24);

/// A signature and what is known of its past.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Remembered {
    pub(super) signature: Signature,
    pub(super) certificate: Certificate,
    /// Share of the excess that it explained when it was last found or explained most.
    pub(super) share_of_excess: f64,
    /// Most that it matched in a tick, in origin-milliseconds per second.
    pub(super) peak_ms_per_s: f64,
    /// What it matched in the last tick.
    pub(super) now_ms_per_s: f64,
    pub(super) clean_windows: u32,
    /// When it last matched a fair part of its peak.
    pub(super) seen_at: Moment,
    window_at: Moment,
    pub(super) is_active: bool,
    /// It was certified in this episode, so that it describes what it matches although it rests.
    is_of_episode: bool,
}

/// Signatures that described an excess before.
#[derive(Debug, Default)]
pub(super) struct Memory {
    all: Vec<Remembered>,
    /// Windows of this episode in which a signature was clean, and the last of them.
    clean: BTreeMap<Signature, (u32, Moment)>,
    /// What the next pulse may show, once one has ended.
    prepared: Option<Found>,
    /// Whether that was looked for in this episode, whatever came of it.
    was_prepared: bool,
}

/// By what signatures are tried that would act again.
pub(super) struct Trial<'a> {
    /// Whether more is asked for than can be carried: nothing acts again before.
    pub(super) is_pressed: bool,
    /// What is listed beyond the usual, in origin-milliseconds per second; none where nothing is.
    pub(super) excess_ms_per_s: Option<f64>,
    /// Greatest sum of the bounds of all that act.
    pub(super) budget: f64,
    /// Whom a signature touches of those who are known today.
    pub(super) certificate: &'a mut dyn FnMut(&Signature) -> Certificate,
}

/// What was found of a signature.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub(super) signature: Signature,
    pub(super) certificate: Certificate,
    pub(super) share_of_excess: f64,
    pub(super) ms_per_s: f64,
}

impl Memory {
    /// Earlier windows in which a signature was clean too, at most five.
    pub(super) fn persistence(&self, signature: &Signature) -> u32 {
        let remembered = self.of(signature).map_or(0, |known| known.clean_windows);
        let counted = self.clean.get(signature).map_or(0, |(windows, _)| *windows);
        remembered.max(counted).min(CLEAN_MAX)
    }

    /// Signatures that were clean, whether or not one of them was chosen.
    pub(super) fn was_clean(&mut self, now: Moment, signatures: &[Signature]) {
        if self.clean.len() + signatures.len() > CLEAN_KEPT {
            self.clean.clear();
        }
        for signature in signatures {
            let (windows, last) = self.clean.entry(*signature).or_insert((0, Moment(0)));
            if *windows == 0 || now.since(*last) >= WINDOW {
                *windows += 1;
                *last = now;
            }
        }
    }

    /// Windows of the next episode are counted anew, and in it nothing acts untried: visitors may
    /// become known until then.
    pub(super) fn episode_is_over(&mut self) {
        self.clean.clear();
        (self.prepared, self.was_prepared) = (None, false);
        self.all
            .iter_mut()
            .for_each(|known| (known.is_active, known.is_of_episode) = (false, false));
    }

    /// A signature was found, and found clean.
    pub(super) fn found(&mut self, now: Moment, found: &Found) {
        let Found { signature, certificate, share_of_excess, ms_per_s } = *found;
        if let Some(known) = self.all.iter_mut().find(|known| known.signature == signature) {
            if now.since(known.window_at) >= WINDOW {
                known.clean_windows += 1;
                known.window_at = now;
            }
            known.certificate = certificate;
            known.share_of_excess = share_of_excess;
            known.peak_ms_per_s = known.peak_ms_per_s.max(ms_per_s);
            known.now_ms_per_s = ms_per_s;
            known.seen_at = now;
            (known.is_active, known.is_of_episode) = (true, true);
            return;
        }
        self.make_room();
        self.all.push(Remembered {
            signature,
            certificate,
            share_of_excess,
            peak_ms_per_s: ms_per_s,
            now_ms_per_s: ms_per_s,
            clean_windows: 1,
            seen_at: now,
            window_at: now,
            is_active: true,
            is_of_episode: true,
        });
    }

    /// Takes what every remembered signature matches in this tick; whether any rests or acts that
    /// did not.
    ///
    /// One acts again only under pressure, and only when it is certified anew.
    pub(super) fn tick(
        &mut self,
        now: Moment,
        trial: &mut Trial<'_>,
        matched: impl Fn(&Signature) -> f64,
    ) -> bool {
        let mut changed = false;
        self.all.retain(|known| now.since(known.seen_at) < FORGOTTEN_AFTER);
        let mut returning = Vec::new();
        for (at, known) in self.all.iter_mut().enumerate() {
            let ms_per_s = matched(&known.signature);
            known.now_ms_per_s = ms_per_s;
            if ms_per_s >= RESTS_UNDER * known.peak_ms_per_s && ms_per_s > 0.0 {
                known.seen_at = now;
                if trial.is_pressed && !known.is_active {
                    returning.push(at);
                }
            } else if known.is_active && now.since(known.seen_at) >= RESTS_AFTER {
                known.is_active = false;
                changed = true;
            }
        }
        changed |= self.rearm(trial, returning);
        changed |= self.wake_prepared(now, trial, matched);
        for known in self.all.iter_mut().filter(|known| known.is_active) {
            known.peak_ms_per_s = known.peak_ms_per_s.max(known.now_ms_per_s);
        }
        changed
    }

    /// Tries those that are back on the visitors of today; whether any acts.
    ///
    /// One that touches too many of them now is forgotten; one that no budget is left for goes on
    /// resting.
    fn rearm(&mut self, trial: &mut Trial<'_>, mut returning: Vec<usize>) -> bool {
        let now = |at: &usize| self.all[*at].now_ms_per_s;
        returning.sort_by(|a, b| now(b).total_cmp(&now(a)));
        let active = self.all.iter().filter(|known| known.is_active);
        let bounds = active.map(|known| known.certificate.bound);
        let mut spent: f64 = bounds.filter(|bound| *bound <= trial.budget).sum();
        let mut forgotten = Vec::new();
        let mut changed = false;
        for at in returning.into_iter().take(TRIED_MAX) {
            let known = &mut self.all[at];
            let certificate = (trial.certificate)(&known.signature);
            let touched = f64::from(certificate.hits);
            let touches_too_many = touched > WAKES_UNDER * f64::from(certificate.visitors);
            if touches_too_many {
                forgotten.push(known.signature);
            } else if spent + certificate.bound <= trial.budget {
                spent += certificate.bound;
                known.certificate = certificate;
                (known.is_active, known.is_of_episode) = (true, true);
                changed = true;
            }
        }
        self.all.retain(|known| !forgotten.contains(&known.signature));
        changed
    }

    /// Those that act, the one that matches most first.
    pub(super) fn active(&self) -> Vec<&Remembered> {
        let mut active: Vec<_> = self.all.iter().filter(|known| known.is_active).collect();
        active.sort_by(|a, b| b.now_ms_per_s.total_cmp(&a.now_ms_per_s));
        active
    }

    /// Whether one that was certified in this episode matches a request, also while it rests: the
    /// first tick of the next pulse is described before it is seen.
    pub(super) fn describes(&self, traits: &Traits, known: &Known) -> bool {
        let is_next = |next: &Found| next.signature.matches(traits, known);
        self.all.iter().any(|one| one.is_of_episode && one.signature.matches(traits, known))
            || self.prepared.as_ref().is_some_and(is_next)
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    fn of(&self, signature: &Signature) -> Option<&Remembered> {
        self.all.iter().find(|known| known.signature == *signature)
    }

    fn make_room(&mut self) {
        if self.all.len() < REMEMBERED_MAX {
            return;
        }
        let oldest = self.all.iter().enumerate().min_by_key(|(_, known)| known.seen_at);
        if let Some((at, _)) = oldest {
            self.all.remove(at);
        }
    }
}

#[cfg(test)]
mod tests;
