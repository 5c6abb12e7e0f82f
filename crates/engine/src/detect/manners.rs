//! How senders go about a site: whether they go on from a page as visitors do.
//!
//! Takes single requests; tells of the senders of the last seconds how many asked for several of the
//! things that visitors ask for, and how often they asked.
//! Bounds: [`SENDERS_MAX`] senders in each of two halves, chosen by a keyed hash, so that they are a
//! fair sample of all; [`ROUTES_MAX`] routes that are known to be asked for.

mod bytes;

use super::finding::Manners;
use seawall_types::{Attribute, Moment, RequestObservation, Trait, Traits, Verdict};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Senders of one half.
const SENDERS_MAX: usize = 1_024;
/// Routes that visitors ask for.
const ROUTES_MAX: usize = 1_024;
/// The two halves that are kept.
const HALF: Duration = Duration::from_secs(4);
/// Different things asked for from which a sender goes on: a page and two of its parts.
const GOES_ON_FROM: u32 = 3;
/// At no more than so many times what a request costs in calm times: three pages are no page with its
/// parts, which are cheap.
const GOES_ON_UP_TO: f64 = 2.0;
/// Less time than this tells nothing of how much is asked for in a second.
const SPAN_MIN: Duration = Duration::from_secs(1);
/// So many halves make what calm times were like.
const CALM_HALVES: u32 = 5;

/// Senders of the last seconds.
#[derive(Debug)]
pub(super) struct Senders {
    current: Half,
    previous: Half,
    half_began: Moment,
    previous_began: Moment,
    /// What visitors asked for in calm times.
    routes: BTreeSet<Trait>,
    calm: Option<Figures>,
    /// Halves that this is made of, as far as that counts.
    calm_halves: u32,
}

#[derive(Debug)]
struct Half {
    senders: BTreeMap<u64, Sender>,
    /// Senders whose hash is above are left out.
    up_to: u64,
}

#[derive(Debug, Clone, Copy)]
struct Sender {
    first: Traits,
    first_at: Moment,
    /// Whether the origin answered any of it: who is kept out cannot go on.
    is_served: bool,
    requests: u32,
    cost_us: u64,
    /// Different known routes, by a few bits of each.
    routes: u64,
}

impl Half {
    /// Senders with how many each of them stands for.
    #[expect(clippy::cast_precision_loss, reason = "shares need no 64 bits")]
    fn weighed(&self) -> impl Iterator<Item = (&Sender, f64)> {
        let stands_for = u64::MAX as f64 / (self.up_to as f64).max(1.0);
        self.senders.values().map(move |sender| (sender, stands_for))
    }
}

impl Default for Half {
    fn default() -> Self {
        Self { senders: BTreeMap::new(), up_to: u64::MAX }
    }
}

impl Default for Senders {
    fn default() -> Self {
        Self {
            current: Half::default(),
            previous: Half::default(),
            half_began: Moment(0),
            previous_began: Moment(0),
            routes: BTreeSet::new(),
            calm: None,
            calm_halves: 0,
        }
    }
}

impl Senders {
    /// Takes one request of a sender.
    pub(super) fn observe(&mut self, sender: u64, request: &RequestObservation) {
        if sender > self.current.up_to {
            return;
        }
        let traits = &request.traits;
        let route = traits.get(Attribute::Route);
        let bit = 1_u64 << (route.to_bits().wrapping_mul(0x9e37_79b9) >> 26);
        let known = self.routes.is_empty() || self.routes.contains(&route);
        let half = &mut self.current;
        let seen = half.senders.entry(sender).or_insert(Sender {
            first: *traits,
            first_at: request.at,
            is_served: false,
            requests: 0,
            cost_us: 0,
            routes: 0,
        });
        seen.is_served |= request.verdict == Verdict::Admit;
        seen.requests += 1;
        seen.cost_us += u64::from(request.cost_us);
        seen.routes |= if known { bit } else { 0 };
        if half.senders.len() > SENDERS_MAX {
            half.up_to /= 2;
            let up_to = half.up_to;
            half.senders.retain(|sender, _| *sender <= up_to);
        }
    }

    /// A calm visitor asked for that.
    pub(super) fn learn_route(&mut self, traits: &Traits) {
        if self.routes.len() < ROUTES_MAX {
            self.routes.insert(traits.get(Attribute::Route));
        }
    }

    /// Lets the older half go when it is time.
    pub(super) fn turn(&mut self, now: Moment, is_calm: bool) {
        if now.since(self.half_began) < HALF {
            return;
        }
        let span = now.since(self.half_began);
        let cheap_ms = self.cheap_ms();
        let new = figures(self.current.weighed(), (cheap_ms, span));
        if let Some(new) = new.filter(|_| is_calm) {
            // The first halves count alike: none of them is what calm times were like.
            self.calm_halves = (self.calm_halves + 1).min(CALM_HALVES);
            let share = 1.0 / f64::from(self.calm_halves);
            let moved = |old: f64, new: f64| old + share * (new - old);
            self.calm = Some(self.calm.map_or(new, |old| Figures {
                goes_on: moved(old.goes_on, new.goes_on),
                on_ms_per_s: moved(old.on_ms_per_s, new.on_ms_per_s),
                requests: moved(old.requests, new.requests),
                cost_ms: moved(old.cost_ms, new.cost_ms),
                senders: new.senders,
            }));
        }
        // What a half leaves out, the next does too: it has as many.
        let up_to = self.current.up_to.saturating_mul(2).saturating_add(1);
        self.previous =
            std::mem::replace(&mut self.current, Half { senders: BTreeMap::new(), up_to });
        (self.previous_began, self.half_began) = (self.half_began, now);
    }

    /// What a request costs in calm times, in microseconds; anything before they were seen.
    pub(super) fn usual_us(&self) -> f64 {
        self.calm.map_or(f64::INFINITY, |calm| 1e3 * calm.cost_ms)
    }

    /// Up to what a request on average may cost of who loads a page with its parts; anything before
    /// calm times were seen.
    fn cheap_ms(&self) -> f64 {
        self.calm.map_or(f64::INFINITY, |calm| GOES_ON_UP_TO * calm.cost_ms)
    }

    /// What senders did who came since a moment and whose requests are of that kind.
    pub(super) fn of(
        &self,
        (since, now): (Moment, Moment),
        is_meant: impl Fn(&Traits) -> bool,
    ) -> Manners {
        let senders = self.previous.weighed().chain(self.current.weighed());
        let came = senders.filter(|(sender, _)| sender.first_at >= since && sender.is_served);
        let meant = came.filter(|(sender, _)| is_meant(&sender.first));
        let span = now.since(since.max(self.previous_began)).max(SPAN_MIN);
        let seen = figures(meant, (self.cheap_ms(), span)).unwrap_or_default();
        let Figures { senders, goes_on, on_ms_per_s, requests, cost_ms } = seen;
        let calm = self.calm.unwrap_or_default();
        Manners {
            senders,
            goes_on,
            goes_on_calm: calm.goes_on,
            times_calm: if calm.on_ms_per_s > 0.0 { on_ms_per_s / calm.on_ms_per_s } else { 0.0 },
            requests,
            requests_calm: calm.requests,
            cost_ms,
            cost_ms_calm: calm.cost_ms,
        }
    }
}

/// What some senders did.
#[derive(Debug, Clone, Copy, Default)]
struct Figures {
    senders: u32,
    goes_on: f64,
    /// What those who went on asked for in a second, of all senders.
    on_ms_per_s: f64,
    requests: f64,
    cost_ms: f64,
}

/// None without senders; each comes with how many it stands for.
#[expect(clippy::cast_precision_loss, reason = "microseconds of a few seconds")]
fn figures<'s>(
    senders: impl Iterator<Item = (&'s Sender, f64)>,
    (cheap_ms, span): (f64, Duration),
) -> Option<Figures> {
    let (mut count, mut on, mut requests) = (0_u32, 0_u32, 0_u32);
    let (mut cost_us, mut on_cost_us) = (0_u64, 0.0);
    for (sender, stands_for) in senders {
        count += 1;
        let own_us = sender.cost_us as f64;
        let is_cheap = own_us <= 1e3 * cheap_ms * f64::from(sender.requests);
        if sender.routes.count_ones() >= GOES_ON_FROM && is_cheap {
            on += 1;
            on_cost_us += own_us * stands_for;
        }
        requests = requests.saturating_add(sender.requests);
        cost_us += sender.cost_us;
    }
    let share = |part: u32| f64::from(part) / f64::from(count);
    (count > 0).then(|| Figures {
        senders: count,
        goes_on: share(on),
        on_ms_per_s: on_cost_us / 1e3 / span.as_secs_f64().max(1e-9),
        requests: share(requests),
        cost_ms: cost_us as f64 / 1e3 / f64::from(requests.max(1)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use seawall_types::{FarEnd, PlatformId, Reason, SourceKey};

    fn asks(route: u32) -> RequestObservation {
        RequestObservation {
            at: Moment(1),
            platform: PlatformId(0),
            source: SourceKey::of([192, 0, 2, 1].into()),
            far: FarEnd::default(),
            verdict: Verdict::Admit,
            reason: Reason::Clear,
            cost_us: 1,
            is_proven: false,
            measure: None,
            traits: Traits::default().with(Attribute::Route, Trait::new(route)),
        }
    }

    #[test]
    fn who_loads_a_page_with_its_parts_goes_on_and_who_asks_one_thing_again_does_not() {
        let mut senders = Senders::default();
        for sender in 0..100_u64 {
            for route in [1, 2, 3] {
                senders.observe(sender, &asks(route));
                senders.observe(1_000 + sender, &asks(1));
            }
        }
        let manners = senders.of((Moment(0), Moment(9)), |_| true);
        assert_eq!(manners.senders, 200);
        assert!((manners.goes_on - 0.5).abs() < 1e-9, "{manners:?}");
        assert!((manners.requests - 3.0).abs() < 1e-9, "{manners:?}");
    }

    #[test]
    fn what_nobody_asked_for_in_calm_times_does_not_count() {
        let mut senders = Senders::default();
        senders.learn_route(&asks(1).traits);
        for route in 1..50 {
            senders.observe(7, &asks(route));
        }
        assert!(senders.of((Moment(0), Moment(9)), |_| true).goes_on < 1e-9);
    }

    #[test]
    fn who_came_before_and_who_was_kept_out_are_not_asked() {
        let mut senders = Senders::default();
        let late = RequestObservation { at: Moment(5), ..asks(1) };
        senders.observe(1, &asks(1));
        senders.observe(2, &late);
        senders.observe(3, &RequestObservation { verdict: Verdict::Hold, ..late });
        assert_eq!(senders.of((Moment(5), Moment(9)), |_| true).senders, 1);
        assert_eq!(senders.of((Moment(0), Moment(9)), |_| true).senders, 2);
    }

    #[test]
    fn many_senders_are_sampled_by_their_hash_and_the_table_stays_bounded() {
        let mut senders = Senders::default();
        for sender in 0..100_000_u64 {
            let hash = sender.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            for route in [1, 2, 3] {
                senders.observe(hash, &asks(route));
            }
        }
        assert!(senders.current.senders.len() <= SENDERS_MAX);
        assert!(senders.current.senders.len() >= SENDERS_MAX / 4);
        // Who is in the sample is in it with all that it asked for.
        assert!(senders.of((Moment(0), Moment(9)), |_| true).goes_on > 0.98);
    }
}
