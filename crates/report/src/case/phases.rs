//! What was admitted, and what was not, between each two of an incident's clocks.
//!
//! Folds recorded seconds: one that a clock cuts belongs wholly to the upper bounds of both sides and
//! to neither lower one, so that a phase never claims what its neighbour may have had.
//! What is admitted is let through of visitors and of others alike; how much of it is more than usual
//! is an estimate, by the calm seconds before.
//! Bounds: as many phases as there are clocks, one sum each, however long they take.

use super::clocks::Clock;
use crate::between::Between;
use crate::known::{Basis, Known, Quantity, Unit, Why, thousands};
use seawall_types::evidence::PlatformSecond;
use seawall_types::wall::rfc3339;
use seawall_types::{Verdict, WallTime};

/// What is usual is taken from the seconds of this time before the first traffic.
const USUAL_FROM_MS: u64 = 600_000;
/// Of fewer calm seconds than these nothing is said to be usual.
pub const USUAL_LEAST_S: u64 = 30;
/// Longest distance of two records of neighbouring seconds: ticks of a busy machine come late.
pub(super) const NEIGHBOURS_MS: u64 = 1_500;

/// Stands beside the phases in every form.
pub const PHASE_TERMS: &str = "A second that a clock cuts counts for the upper bound of both phases \
    and for the lower bound of neither. Errors are in neither column. Admitted are visitors and \
    others alike. What is beyond the usual is an estimate by the calm seconds of the ten minutes \
    before, and may be visitors too.";

/// Where a phase begins or ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    /// One word.
    pub word: &'static str,
    /// For people.
    pub name: &'static str,
    /// When.
    pub at: WallTime,
}

/// Where the last phase of an incident ends that has no end yet.
const NEWEST: (&str, &str) = ("as_of", "newest record");

/// What came between two clocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phase {
    /// Its first clock.
    pub from: Edge,
    /// Its last.
    pub to: Edge,
    /// Requests that were let through.
    pub admitted: Between,
    /// Of those, what is beyond the usual.
    pub beyond_usual: Known<Between>,
    /// Requests that got another verdict; errors are none.
    pub not_admitted: Between,
    /// Legitimate people and programs that a measure harmed: at least and at most.
    pub harmed: Known<(u64, u64)>,
}

impl Phase {
    /// One sentence.
    pub fn sentence(&self) -> String {
        let Self { from, to, admitted, beyond_usual, not_admitted, .. } = self;
        let (at, until) = (rfc3339(from.at), rfc3339(to.at));
        let harmed = self.harmed_phrase();
        format!(
            "From {} ({at}) to {} ({until}): admitted {admitted}, of which beyond the usual \
             {beyond_usual}; not admitted {not_admitted}; visitors harmed: {harmed}.",
            from.name, to.name,
        )
    }

    /// How many visitors a measure harmed in it.
    pub fn harmed_phrase(&self) -> String {
        match self.harmed {
            Known::Is((0, 0)) => "0, as no measure had acted yet".to_owned(),
            Known::Is((least, most)) => {
                let most = Quantity::measured(most, Unit::Visitors).by(Basis::Estimated);
                format!("{} to {most}", thousands(least))
            }
            Known::Unknown(why) => format!("unknown: {}", why.sentence()),
        }
    }
}

/// What calm seconds before the first traffic got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usual {
    /// How many there are.
    pub seconds: u64,
    /// Their requests.
    pub requests: u64,
    /// Those of them that were admitted.
    pub admitted: u64,
}

impl Usual {
    /// Requests in as much time, in the mean.
    fn admitted_in(&self, ms: u64) -> Known<u64> {
        let sum = u128::from(self.admitted) * u128::from(ms);
        let mean = sum.checked_div(u128::from(self.seconds) * 1_000);
        let mean = mean.filter(|_| self.seconds >= USUAL_LEAST_S);
        Known::or(mean.map(|mean| u64::try_from(mean).unwrap_or(u64::MAX)), Why::NotRecorded)
    }

    /// As many requests in one second, in thousandths of what is usual.
    pub(super) fn times(&self, requests: u64) -> Known<u64> {
        if self.seconds < USUAL_LEAST_S {
            return Known::Unknown(Why::NotRecorded);
        }
        let sum = u128::from(requests) * 1_000 * u128::from(self.seconds);
        let times = sum.checked_div(u128::from(self.requests));
        Known::measured(times.map(|times| u64::try_from(times).unwrap_or(u64::MAX)))
    }
}

/// Seconds of the platform that the incident is about, folded as they come.
#[derive(Debug, Default)]
pub(super) struct Phasing {
    edges: Vec<Edge>,
    sums: Vec<Sums>,
    usual: Usual,
    last: Option<WallTime>,
}

/// Of one phase: what lies in it wholly, and what touches it.
#[derive(Debug, Clone, Default)]
struct Sums {
    admitted: (u64, u64),
    not_admitted: (u64, u64),
    covered_ms: u64,
}

impl Phasing {
    /// Between the clocks that are known, in the order of their times; to the newest record where
    /// the end is not.
    pub(super) fn between(clocks: &[Clock], until: WallTime) -> Self {
        let known = clocks.iter().filter_map(|clock| {
            let at = *clock.at.value()?;
            Some(Edge { word: clock.word, name: clock.name, at })
        });
        let mut edges: Vec<_> = known.collect();
        if clocks.last().is_some_and(|end| end.at.value().is_none()) {
            edges.push(Edge { word: NEWEST.0, name: NEWEST.1, at: until });
        }
        edges.sort_by_key(|edge| edge.at);
        let sums = vec![Sums::default(); edges.len().saturating_sub(1)];
        Self { edges, sums, ..Self::default() }
    }

    /// Whether a second told then can count.
    pub(super) fn wants(&self, at: WallTime) -> bool {
        let Some((first, last)) = self.edges.first().zip(self.edges.last()) else { return false };
        // The last second that touches the time may be told late.
        let until = last.at.0.saturating_add(1_000 + NEIGHBOURS_MS);
        (first.at.0.saturating_sub(USUAL_FROM_MS)..=until).contains(&at.0)
    }

    /// Takes the next second of the platform.
    pub(super) fn take(&mut self, at: WallTime, second: &PlatformSecond) {
        if !self.wants(at) {
            return;
        }
        let of = |verdict| second.requests.with(verdict);
        let admitted = of(Verdict::Admit);
        let all = Verdict::ALL
            .into_iter()
            .fold(0_u64, |sum, of| sum.saturating_add(second.requests.with(of)));
        let not_admitted = all.saturating_sub(admitted).saturating_sub(of(Verdict::Error));
        let first = self.edges.first().map_or(at, |edge| edge.at);
        if at <= first && second.incident.is_none() {
            let usual = &mut self.usual;
            usual.seconds += 1;
            usual.requests = usual.requests.saturating_add(all);
            usual.admitted = usual.admitted.saturating_add(admitted);
        }
        let neighbour = self.last.filter(|last| *last < at && at.0 - last.0 <= NEIGHBOURS_MS);
        let since = neighbour.map_or(at.0.saturating_sub(1_000), |last| last.0);
        self.last = Some(at);
        for (edges, sums) in self.edges.windows(2).zip(&mut self.sums) {
            let (begin, end) = (edges[0].at.0, edges[1].at.0);
            let shared = end.min(at.0).saturating_sub(begin.max(since));
            let is_whole = begin <= since && at.0 <= end;
            if shared > 0 {
                sums.covered_ms += shared;
                add(&mut sums.admitted, admitted, is_whole);
                add(&mut sums.not_admitted, not_admitted, is_whole);
            }
        }
    }

    /// The phases, and what was usual before them.
    pub(super) fn conclude(
        self,
        doubt: Option<Why>,
        harmed: &Known<(u64, u64)>,
    ) -> (Vec<Phase>, Usual) {
        let Self { edges, sums, usual, last } = self;
        let acted = edges.iter().find(|edge| edge.word == "mitigated_at").map(|edge| edge.at);
        let phase = |(pair, sums): (&[Edge], Sums)| {
            let (from, to) = (pair[0], pair[1]);
            let length = to.at.0.saturating_sub(from.at.0);
            // What goes on has been told up to its last whole second.
            let is_told =
                |last: WallTime| to.word == NEWEST.0 && to.at.0.saturating_sub(last.0) < 1_000;
            let untold =
                last.filter(|last| is_told(*last)).map_or(0, |last| to.at.0.saturating_sub(last.0));
            let missing = match doubt {
                Some(why) => Some(why),
                None if sums.covered_ms + untold < length => Some(Why::PartlyUnseen),
                None => None,
            };
            let between = |(least, most): (u64, u64)| {
                let most = missing.map_or(Known::Is(most), Known::Unknown);
                Between::measured(least, most, Unit::Requests)
            };
            let (admitted, not_admitted) = (between(sums.admitted), between(sums.not_admitted));
            let beyond_usual = usual.admitted_in(length).map(|usual| Between {
                least: admitted.least.saturating_sub(usual),
                most: admitted.most.map(|most| most.saturating_sub(usual)),
                basis: Basis::Estimated,
                ..admitted
            });
            // The first that were stopped lie up to a tick before the clock that tells of them.
            let is_none = matches!(not_admitted.most, Known::Is(0));
            let is_before = acted.is_some_and(|acted| to.at <= acted) && is_none;
            let harmed = match harmed {
                _ if is_before => Known::Is((0, 0)),
                Known::Is(_) => Known::Unknown(Why::NotApart),
                Known::Unknown(why) => Known::Unknown(*why),
            };
            Phase { from, to, admitted, beyond_usual, not_admitted, harmed }
        };
        // Between two clocks of the same moment there is nothing to tell.
        let phases = edges.windows(2).zip(sums).filter(|(pair, _)| pair[0].at < pair[1].at);
        (phases.map(phase).collect(), usual)
    }
}

fn add((least, most): &mut (u64, u64), requests: u64, is_whole: bool) {
    if is_whole {
        *least = least.saturating_add(requests);
    }
    *most = most.saturating_add(requests);
}
