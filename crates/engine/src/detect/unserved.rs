//! What senders do whom nothing is served: a page that did not come leads nowhere.
//!
//! Takes single requests; tells of those who got nothing and came back how many asked for something
//! else than what they did not get. A browser asks for the same again, or its user leaves; whoever
//! sends to a plan of its own goes on whatever comes back.
//! Only what costs more than a request usually does counts: the parts of one page are many things.
//! Never says that who asks for the same again means well.
//! Bounds: [`SENDERS_MAX`] senders in each of two halves, chosen by a keyed hash.

use super::finding::Elsewhere;
use seawall_types::{Attribute, Moment, RequestObservation, Trait, Verdict};
use std::collections::BTreeMap;
use std::time::Duration;

/// Senders of one half.
const SENDERS_MAX: usize = 1_024;
/// The two halves that are kept: who is told to come back later does so within seconds.
const HALF: Duration = Duration::from_secs(10);

/// Senders of the last seconds who were not served.
#[derive(Debug, Default)]
pub(super) struct Unserved {
    current: Half,
    previous: Half,
    half_began: Moment,
}

#[derive(Debug)]
struct Half {
    senders: BTreeMap<u64, Sender>,
    /// Senders whose hash is above are left out.
    up_to: u64,
}

#[derive(Debug, Clone, Copy)]
struct Sender {
    /// What it did not get last, in this half or the one before.
    missed: Option<Trait>,
    came_back: ComesBack,
    /// Whether it got anything: of many behind one address somebody does.
    is_served: bool,
}

impl Sender {
    const fn that_missed(missed: Option<Trait>) -> Self {
        Self { missed, came_back: ComesBack::NotYet, is_served: false }
    }
}

/// What a sender did after it got nothing, as far as it was seen; the later tells more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum ComesBack {
    NotYet,
    ForTheSame,
    ForOther,
}

impl Default for Half {
    fn default() -> Self {
        Self { senders: BTreeMap::new(), up_to: u64::MAX }
    }
}

impl Unserved {
    /// Takes one request of a sender; `cheap_us` is what a request costs in calm times.
    pub(super) fn observe(&mut self, sender: u64, request: &RequestObservation, cheap_us: f64) {
        let is_served = request.verdict == Verdict::Admit;
        let is_cheap = f64::from(request.cost_us) <= cheap_us;
        if sender > self.current.up_to || request.is_proven || (is_cheap && !is_served) {
            return;
        }
        let missed = self.previous.senders.get(&sender).and_then(|seen| seen.missed);
        let half = &mut self.current;
        let seen = half.senders.entry(sender).or_insert(Sender::that_missed(missed));
        if is_served {
            seen.is_served = true;
        } else {
            let route = request.traits.get(Attribute::Route);
            let comes = match seen.missed {
                None => ComesBack::NotYet,
                Some(missed) if missed == route => ComesBack::ForTheSame,
                Some(_) => ComesBack::ForOther,
            };
            seen.came_back = seen.came_back.max(comes);
            seen.missed = Some(route);
        }
        if half.senders.len() > SENDERS_MAX {
            half.up_to /= 2;
            let up_to = half.up_to;
            half.senders.retain(|sender, _| *sender <= up_to);
        }
    }

    /// Lets the older half go when it is time.
    pub(super) fn turn(&mut self, now: Moment) {
        if now.since(self.half_began) < HALF {
            return;
        }
        // What a half leaves out, the next does too: it has as many.
        let up_to = self.current.up_to.saturating_mul(2).saturating_add(1);
        self.previous =
            std::mem::replace(&mut self.current, Half { senders: BTreeMap::new(), up_to });
        self.half_began = now;
    }

    /// What those did who came back.
    pub(super) fn elsewhere(&self) -> Elsewhere {
        let [previous, current] = [&self.previous.senders, &self.current.senders];
        let got_nothing = |sender: &u64| {
            [previous, current]
                .into_iter()
                .all(|half| half.get(sender).is_none_or(|seen| !seen.is_served))
        };
        let senders = previous.iter().chain(current);
        senders.filter(|(sender, _)| got_nothing(sender)).fold(
            Elsewhere::default(),
            |told, (_, seen)| match seen.came_back {
                ComesBack::NotYet => told,
                ComesBack::ForTheSame => Elsewhere { came_back: told.came_back + 1, ..told },
                ComesBack::ForOther => {
                    Elsewhere { came_back: told.came_back + 1, for_other: told.for_other + 1 }
                }
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use seawall_types::{FarEnd, PlatformId, Reason, SourceKey, Traits};

    const CHEAP_US: f64 = 3_000.0;

    fn asks(route: u32, verdict: Verdict) -> RequestObservation {
        RequestObservation {
            at: Moment(1),
            platform: PlatformId(0),
            source: SourceKey::of([192, 0, 2, 1].into()),
            far: FarEnd::default(),
            verdict,
            reason: Reason::Overload,
            cost_us: 10_000,
            is_proven: false,
            measure: None,
            traits: Traits::default().with(Attribute::Route, Trait::new(route)),
        }
    }

    /// What comes of one sender that asks for these in turn.
    fn elsewhere(requests: &[RequestObservation]) -> (u32, u32) {
        let mut unserved = Unserved::default();
        for request in requests {
            unserved.observe(7, request, CHEAP_US);
        }
        let Elsewhere { came_back, for_other } = unserved.elsewhere();
        (came_back, for_other)
    }

    #[test]
    fn who_asks_for_other_things_without_having_been_served_is_told_from_who_asks_again() {
        use Verdict::{Challenge, Hold};
        assert_eq!(elsewhere(&[asks(1, Hold)]), (0, 0));
        assert_eq!(elsewhere(&[asks(1, Hold), asks(1, Challenge), asks(1, Hold)]), (1, 0));
        assert_eq!(elsewhere(&[asks(1, Challenge), asks(2, Challenge)]), (1, 1));
        assert_eq!(elsewhere(&[asks(1, Hold), asks(2, Hold), asks(2, Hold)]), (1, 1));
    }

    #[test]
    fn of_many_behind_one_address_somebody_is_served_and_they_say_nothing() {
        use Verdict::{Admit, Hold};
        assert_eq!(elsewhere(&[asks(1, Hold), asks(2, Hold), asks(3, Admit)]), (0, 0));
        assert_eq!(elsewhere(&[asks(1, Hold), asks(3, Admit), asks(2, Hold)]), (0, 0));
        assert_eq!(elsewhere(&[asks(3, Admit), asks(1, Hold), asks(2, Hold)]), (0, 0));
    }

    #[test]
    fn parts_of_a_page_and_visitors_who_are_known_say_nothing() {
        let part = |route| RequestObservation { cost_us: 3_000, ..asks(route, Verdict::Hold) };
        assert_eq!(elsewhere(&[part(1), part(2), part(3)]), (0, 0));
        let known = |route| RequestObservation { is_proven: true, ..asks(route, Verdict::Hold) };
        assert_eq!(elsewhere(&[known(1), known(2)]), (0, 0));
    }

    /// Asks for these in turn, in one half after the other.
    fn in_halves(halves: &[&[RequestObservation]]) -> (u32, u32) {
        let mut unserved = Unserved::default();
        for (number, requests) in (0_u32..).zip(halves) {
            unserved.turn(Moment(0) + number * HALF);
            requests.iter().for_each(|request| unserved.observe(7, request, CHEAP_US));
        }
        let Elsewhere { came_back, for_other } = unserved.elsewhere();
        (came_back, for_other)
    }

    #[test]
    fn who_got_anything_in_one_half_says_nothing_in_the_other() {
        use Verdict::{Admit, Hold};
        let other = [asks(1, Hold), asks(2, Hold)];
        let served = [asks(3, Admit)];
        assert_eq!(in_halves(&[&other, &served]), (0, 0));
        assert_eq!(in_halves(&[&served, &other]), (0, 0));
        assert_eq!(in_halves(&[&served, &[], &other]), (1, 1), "that is long ago");
    }

    #[test]
    fn who_comes_back_in_the_next_half_is_known_by_what_it_missed() {
        use Verdict::Hold;
        assert_eq!(in_halves(&[&[asks(1, Hold)], &[asks(2, Hold)]]), (1, 1));
        assert_eq!(in_halves(&[&[asks(1, Hold)], &[asks(1, Hold)]]), (1, 0));
        assert_eq!(in_halves(&[&[asks(1, Hold)], &[], &[asks(2, Hold)]]), (0, 0));
    }

    #[test]
    fn what_senders_did_is_forgotten_after_two_halves() {
        let mut unserved = Unserved::default();
        for route in [1, 2] {
            unserved.observe(7, &asks(route, Verdict::Hold), CHEAP_US);
        }
        unserved.turn(Moment(0) + HALF);
        assert_eq!(unserved.elsewhere().for_other, 1);
        unserved.turn(Moment(0) + HALF + HALF);
        assert_eq!(unserved.elsewhere(), Elsewhere::default());
    }

    #[test]
    fn many_senders_are_sampled_by_their_hash_and_the_table_stays_bounded() {
        let mut unserved = Unserved::default();
        for sender in 0..100_000_u64 {
            let hash = sender.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            for route in [1, 2] {
                unserved.observe(hash, &asks(route, Verdict::Hold), CHEAP_US);
            }
        }
        let senders = unserved.current.senders.len();
        assert!((SENDERS_MAX / 4..=SENDERS_MAX).contains(&senders), "{senders}");
        let mut served = Unserved::default();
        for sender in 0..100_000_u64 {
            let hash = sender.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            served.observe(hash, &asks(1, Verdict::Admit), CHEAP_US);
        }
        let senders = served.current.senders.len();
        assert!((SENDERS_MAX / 4..=SENDERS_MAX).contains(&senders), "served: {senders}");
        // Who is in the sample is in it with all that it asked for.
        let Elsewhere { came_back, for_other } = unserved.elsewhere();
        assert_eq!(came_back, for_other);
    }
}
