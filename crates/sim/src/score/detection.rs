//! What a defence said of an event, beside the truth.
//!
//! A defence says what it sees ([`Said`]) and which requests its descriptions match; the world knows
//! whose they are. Recall is the share of the flood's cost that was described, precision the share of
//! the flood in the cost of all that was described.
//! Bounds: one entry for each person that was seen; [`SAID_MAX`] things said.

use super::Clocks;
use crate::casting::Span;
use crate::group::Role;
use crate::request::Sender;
use seawall_engine::IncidentKind;
use seawall_types::Moment;
use std::collections::BTreeSet;

/// Things said by a defence on one platform that are kept.
pub const SAID_MAX: usize = 1_024;

/// Something that a defence said.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// When.
    pub at: Moment,
    /// When it says that it began.
    pub onset_at: Moment,
    /// What it calls it.
    pub kind: IncidentKind,
    /// Descriptions.
    pub descriptions: Vec<String>,
    /// Upper bound of the share of known visitors that they touch together.
    pub bound: f64,
    /// Why the rest is not described, where it is not.
    pub undescribed: Option<String>,
    /// Whether it is over with this.
    pub is_over: bool,
}

/// What was said and what was described in one run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Detection {
    /// What the defence said since the event began.
    pub said: Vec<Said>,
    /// Cost of requests that were described, by role, in origin-milliseconds.
    described_ms: [f64; Role::COUNT],
    /// Cost of all requests of the flood.
    flood_ms: f64,
    /// People seen within the event, and those of them who were described.
    people: BTreeSet<Sender>,
    touched: BTreeSet<Sender>,
}

/// Whether a request is matched by what a defence describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Match {
    /// It is not.
    #[default]
    None,
    /// It is.
    Described,
}

impl Detection {
    /// Counts a request of that cost.
    pub(super) fn count(&mut self, (role, sender): (Role, Sender), cost_ms: f64, matched: Match) {
        if role == Role::Flood {
            self.flood_ms += cost_ms;
        }
        if role == Role::Person {
            self.people.insert(sender);
        }
        if matched == Match::Described {
            self.described_ms[role.index()] += cost_ms;
            if role == Role::Person {
                self.touched.insert(sender);
            }
        }
    }

    /// The figures of a run whose clocks are known.
    pub(super) fn figures(&self, clocks: &Clocks, event: Option<Span>) -> Told {
        let onset = clocks.onset_s.or(event.map(|event| event.from));
        let since = |at: Moment| onset.map(|onset| at.as_secs_f64() - onset);
        let first = self.said.first();
        let is_kind = |kind: IncidentKind| self.said.iter().find(move |said| said.kind == kind);
        let described: f64 = self.described_ms.iter().sum();
        let of = |part: f64, whole: f64| (whole > 0.0).then(|| part / whole);
        let flood = self.described_ms[Role::Flood.index()];
        let [touched, people] = [&self.touched, &self.people].map(|senders| count(senders.len()));
        Told {
            is_said: first.is_some(),
            said_s: first.and_then(|said| since(said.at)),
            flood_s: is_kind(IncidentKind::Flood).and_then(|said| since(said.at)),
            surge_s: is_kind(IncidentKind::Surge).and_then(|said| since(said.at)),
            onset_error_s: first.and_then(|said| since(said.onset_at)).map(f64::abs),
            last_kind: self.said.iter().rev().find(|said| !said.is_over).map(|said| said.kind),
            recall: of(flood, self.flood_ms),
            precision: of(flood, described),
            promised: self.said.iter().map(|said| said.bound).reduce(f64::max),
            touched: of(touched, people),
            descriptions: self.descriptions(),
        }
    }

    fn descriptions(&self) -> Vec<String> {
        let all: BTreeSet<_> = self.said.iter().flat_map(|said| said.descriptions.iter()).collect();
        all.into_iter().cloned().collect()
    }
}

/// What a defence told of one run, in figures.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Told {
    /// Whether it said anything.
    pub is_said: bool,
    /// Seconds from the onset until it said something.
    pub said_s: Option<f64>,
    /// Until it called it a flood.
    pub flood_s: Option<f64>,
    /// Until it called it a surge.
    pub surge_s: Option<f64>,
    /// By how much its onset is wrong.
    pub onset_error_s: Option<f64>,
    /// What it called it at last.
    pub last_kind: Option<IncidentKind>,
    /// Share of the flood's cost that it described.
    pub recall: Option<f64>,
    /// Share of the flood in the cost of what it described.
    pub precision: Option<f64>,
    /// The highest bound that it gave of the share of known visitors that it touches.
    pub promised: Option<f64>,
    /// Share of people that its descriptions matched.
    pub touched: Option<f64>,
    /// Every description that it ever gave.
    pub descriptions: Vec<String>,
}

impl Told {
    /// 1 where it was called so at last, 0 where it was not.
    pub(super) fn is_called(&self, kind: IncidentKind) -> f64 {
        f64::from(u8::from(self.last_kind == Some(kind)))
    }
}

#[expect(clippy::cast_precision_loss, reason = "people of one run")]
fn count(people: usize) -> f64 {
    people as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sender(member: u32) -> Sender {
        Sender { group: 0, member }
    }

    fn said(at: f64, kind: IncidentKind) -> Said {
        let [at, onset_at] = [at, at - 1.5].map(crate::rate::moment);
        let (descriptions, undescribed) = (Vec::new(), None);
        Said { at, onset_at, kind, descriptions, bound: 0.02, undescribed, is_over: false }
    }

    #[test]
    fn a_description_is_measured_by_cost_and_the_people_it_touches_by_heads() {
        let mut detection = Detection::default();
        detection.count((Role::Flood, sender(9)), 90.0, Match::Described);
        detection.count((Role::Flood, sender(9)), 10.0, Match::None);
        detection.count((Role::Person, sender(1)), 10.0, Match::Described);
        (0..4).for_each(|member| {
            detection.count((Role::Person, sender(member)), 1.0, Match::None);
        });
        let told = detection.figures(&Clocks::default(), None);
        assert_eq!((told.recall, told.precision, told.touched), (Some(0.9), Some(0.9), Some(0.25)));
        assert!(!told.is_said);
    }

    #[test]
    fn times_run_from_the_onset_and_the_last_word_is_what_it_is_called() {
        let kinds = [IncidentKind::Unknown, IncidentKind::Flood, IncidentKind::Surge];
        let said = kinds.into_iter().zip([41.0, 42.0, 43.0]).map(|(kind, at)| said(at, kind));
        let detection = Detection { said: said.collect(), ..Detection::default() };
        let clocks = Clocks { onset_s: Some(40.0), ..Clocks::default() };
        let told = detection.figures(&clocks, None);
        assert_eq!((told.said_s, told.flood_s, told.surge_s), (Some(1.0), Some(2.0), Some(3.0)));
        assert_eq!((told.onset_error_s, told.last_kind), (Some(0.5), Some(IncidentKind::Surge)));
        assert_eq!(told.promised, Some(0.02));
    }
}
