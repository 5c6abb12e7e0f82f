//! One incident of a platform: when it began, was seen, acted on, relieved and over.
//!
//! Takes what each tick measured ([`Tick`]); gives [`IncidentChange`]s.
//! Opens, merges and closes by pressure alone; why more is asked than can be carried is the
//! detector's to say ([`Incidents::describe`]), and [`IncidentKind::Unknown`] until it does.
//! Bounds: one incident a platform; [`HISTORY`] of pressure to find the onset in.

mod clocks;

pub use clocks::Clocks;

use crate::detect::{Described, Finding, SIGNATURES_MAX, Treated};
use seawall_types::{Moment, Verdict};
use std::collections::VecDeque;
use std::time::Duration;

/// Mean pressure over a second from which an incident opens: more is asked than can be carried.
const OPENS_AT: f64 = 1.0;
/// Pressure above which traffic counts as part of the incident.
const BELONGS_AT: f64 = 0.85;
/// How long a platform must be calm before its incident closes.
const CALM_FOR: Duration = Duration::from_secs(30);
/// How long it must be calm until the incident rests: it may be told that the flood is over, and
/// measures stand on until it closes.
const RESTS_AFTER: Duration = Duration::from_secs(5);
/// What opens again this soon after its end is the same incident: pulses are one.
const MERGES_WITHIN: Duration = Duration::from_mins(5);
/// How far back an onset is looked for.
const HISTORY: Duration = Duration::from_mins(2);
/// How long load must stay in its bound before that counts as relief.
const STEADY: Duration = Duration::from_millis(500);
/// Ticks that make the second over which pressure is averaged.
const SECOND_TICKS: usize = 4;
/// Ticks after its end that are still counted as its: who waited for a turn gets a verdict half a
/// second late, and the tick in which it ends may be calm on the whole.
const TAIL_TICKS: usize = SECOND_TICKS;

/// What one tick measured on one platform.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tick {
    /// When it was drawn.
    pub at: Moment,
    /// Demand of everything that asked in this tick over what the origins can carry; none while
    /// that is unknown.
    pub pressure: Option<f64>,
    /// Under this pressure the platform is calm.
    pub calm_under: f64,
    /// The same for what was let through.
    pub admitted: Option<f64>,
    /// Requests of this tick, by verdict.
    pub requests: [u32; Verdict::COUNT],
    /// Requests of visitors known to be good that were not admitted.
    pub harmed: u32,
}

impl Tick {
    fn stopped(&self) -> u32 {
        let spared = [Verdict::Admit, Verdict::Error];
        let stops = Verdict::ALL.into_iter().filter(|verdict| !spared.contains(verdict));
        stops.map(|verdict| self.requests[verdict.index()]).sum()
    }
}

/// What is told of an incident's cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IncidentKind {
    /// Traffic that means harm.
    Flood,
    /// Many people at once.
    Surge,
    /// Not told: more is asked than can be carried, and that is all that was measured.
    #[default]
    Unknown,
}

impl IncidentKind {
    /// The word of the contract.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Flood => "flood",
            Self::Surge => "surge",
            Self::Unknown => "unknown",
        }
    }
}

/// Everything measured of an incident so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Incident {
    /// Counts a platform's incidents from 1.
    pub number: u32,
    /// What is told of its cause.
    pub kind: IncidentKind,
    /// Its five times.
    pub clocks: Clocks,
    /// Requests of it, by verdict: from the tick that the onset ends, in which it may have begun, until
    /// now, and once it has closed until [`TAIL_TICKS`] after its end.
    pub requests: [u64; Verdict::COUNT],
    /// Requests of visitors known to be good that were not admitted in that time.
    pub harmed: u64,
    /// Highest pressure over a second.
    pub peak_pressure: f64,
    /// Times that it opened again after it had closed.
    pub merged: u32,
    /// Descriptions of what asks, as last told.
    pub signatures: Vec<Described>,
    /// What came since it was over, as long as that may turn out to be its end.
    tail: Tail,
}

/// What came after the last tick that was over.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Tail {
    ticks: usize,
    /// What is no part of the incident if it does not go on.
    requests: [u64; Verdict::COUNT],
}

/// What became of an incident.
#[derive(Debug, Clone, PartialEq)]
pub enum IncidentChange {
    /// It opened.
    Opened(Incident),
    /// One that had closed goes on.
    Merged(Incident),
    /// One of its times became known.
    Changed(Incident),
    /// It closed.
    Closed(Incident),
}

impl IncidentChange {
    /// The incident as it is after the change.
    pub fn incident(&self) -> &Incident {
        match self {
            Self::Opened(incident)
            | Self::Merged(incident)
            | Self::Changed(incident)
            | Self::Closed(incident) => incident,
        }
    }
}

/// A platform's incidents, one at a time.
#[derive(Debug, Default)]
pub struct Incidents {
    history: VecDeque<Tick>,
    current: Option<Incident>,
    is_open: bool,
    /// When the last one closed: what came until then is counted.
    closed_at: Moment,
    /// Since when load that was let through has been in its bound.
    in_bound_since: Option<Moment>,
    count: u32,
}

impl Incidents {
    /// The incident that is open.
    pub fn open(&self) -> Option<&Incident> {
        self.current.as_ref().filter(|_| self.is_open)
    }

    /// Takes what a tick measured.
    pub fn observe(&mut self, tick: Tick) -> Option<IncidentChange> {
        self.remember(tick);
        let mean = match self.mean_pressure() {
            Some(mean) => mean,
            // Whatever can no longer be told is over once it has stayed so.
            None if self.is_open => 0.0,
            None => return None,
        };
        if !self.is_open {
            return (mean >= OPENS_AT).then(|| self.begin(tick.at, mean));
        }
        let incident = self.current.as_mut()?;
        incident.add(&tick);
        incident.peak_pressure = incident.peak_pressure.max(mean);
        let mut changed = incident.clocks.act(&tick);
        changed |= relief(&mut self.in_bound_since, &mut incident.clocks, &tick);
        // One costly page in a quarter of a second is no demand that goes on.
        let is_over = |pressure: f64| pressure >= tick.calm_under;
        if is_over(mean) && tick.pressure.is_some_and(is_over) {
            incident.clocks.last_over = tick.at;
            incident.tail = Tail::default();
        } else {
            incident.tail.take(&tick);
        }
        if tick.at.since(incident.clocks.last_over) >= CALM_FOR {
            incident.end();
            self.is_open = false;
            self.closed_at = tick.at;
            return Some(IncidentChange::Closed(incident.clone()));
        }
        changed.then(|| IncidentChange::Changed(incident.clone()))
    }

    /// Takes what the detector says of what is going on; none when that changes nothing.
    ///
    /// What was described stays when nothing is any more: it took part. A flood stays one, whatever
    /// comes with it.
    pub fn describe(&mut self, finding: &Finding) -> Option<IncidentChange> {
        let incident = self.current.as_mut().filter(|_| self.is_open)?;
        let before = (incident.kind, incident.signatures.len());
        if incident.kind != IncidentKind::Flood && finding.kind != IncidentKind::Unknown {
            incident.kind = finding.kind;
        }
        for described in &finding.signatures {
            let same = |known: &Described| known.expression == described.expression;
            match incident.signatures.iter().position(same) {
                Some(at) => {
                    let treated = incident.signatures[at].treated;
                    incident.signatures[at] = Described { treated, ..described.clone() };
                }
                None if incident.signatures.len() < SIGNATURES_MAX => {
                    incident.signatures.push(described.clone());
                }
                None => {}
            }
        }
        (before != (incident.kind, incident.signatures.len()))
            .then(|| IncidentChange::Changed(incident.clone()))
    }

    /// Takes what was done about what was described; none when that changes nothing.
    ///
    /// Of each description the strictest rung is kept.
    pub fn treat<'a>(
        &mut self,
        treated: impl Iterator<Item = (&'a str, Treated)>,
    ) -> Option<IncidentChange> {
        let incident = self.current.as_mut().filter(|_| self.is_open)?;
        let mut changed = false;
        for (expression, treated) in treated {
            let same = |known: &&mut Described| known.expression == expression;
            let Some(known) = incident.signatures.iter_mut().find(same) else { continue };
            let rung = known.rung().max(treated.rung);
            changed |= rung != known.rung();
            known.treated = Some(Treated { rung, ..treated });
        }
        changed.then(|| IncidentChange::Changed(incident.clone()))
    }

    fn begin(&mut self, now: Moment, mean: f64) -> IncidentChange {
        self.is_open = true;
        self.in_bound_since = None;
        let onset = self.onset(now);
        let ended_at = self.current.as_ref().and_then(|incident| incident.clocks.ended_at);
        if let Some(incident) = &mut self.current
            && ended_at.is_some_and(|ended| onset.since(ended) < MERGES_WITHIN)
        {
            incident.clocks.go_on(now);
            incident.merged += 1;
            incident.peak_pressure = incident.peak_pressure.max(mean);
            // Busy as it may be at the calmest, the onset is found in what was counted before.
            let closed_at = self.closed_at;
            let again = self.history.iter().filter(|tick| tick.at >= onset && tick.at > closed_at);
            again.for_each(|tick| incident.add(tick));
            return IncidentChange::Merged(incident.clone());
        }
        self.count += 1;
        let mut incident = Incident {
            number: self.count,
            kind: IncidentKind::Unknown,
            clocks: Clocks::begun(onset, now),
            requests: [0; Verdict::COUNT],
            harmed: 0,
            peak_pressure: mean,
            merged: 0,
            signatures: Vec::new(),
            tail: Tail::default(),
        };
        // With the tick that ends at the onset: what begins late in a tick is calm on the whole.
        self.history.iter().filter(|tick| tick.at >= onset).for_each(|tick| incident.add(tick));
        for tick in self.history.iter().filter(|tick| tick.at > onset) {
            incident.clocks.act(tick);
            relief(&mut self.in_bound_since, &mut incident.clocks, tick);
        }
        self.current = Some(incident.clone());
        IncidentChange::Opened(incident)
    }

    /// The end of the last tick before pressure rose to where it is, found backwards.
    fn onset(&self, now: Moment) -> Moment {
        let mut onset = now;
        for tick in self.history.iter().rev() {
            onset = tick.at;
            if tick.pressure.is_none_or(|pressure| pressure < BELONGS_AT) {
                break;
            }
        }
        onset
    }

    fn mean_pressure(&self) -> Option<f64> {
        let last = self.history.iter().rev().take(SECOND_TICKS).map(|tick| tick.pressure);
        let known: Vec<f64> = last.collect::<Option<_>>()?;
        #[expect(clippy::cast_precision_loss, reason = "at most four")]
        let count = known.len() as f64;
        (known.len() == SECOND_TICKS).then(|| known.iter().sum::<f64>() / count)
    }

    fn remember(&mut self, tick: Tick) {
        self.history.push_back(tick);
        while self.history.front().is_some_and(|first| tick.at.since(first.at) > HISTORY) {
            self.history.pop_front();
        }
    }
}

impl Incident {
    /// Whether what was asked for has been calm for so long that it seems to be over.
    pub fn rests(&self, now: Moment) -> bool {
        now.since(self.clocks.last_over) >= RESTS_AFTER
    }

    /// The half minute of calm that shows its end is no part of it.
    fn end(&mut self) {
        self.clocks.ended_at = Some(self.clocks.last_over);
        let Tail { requests, .. } = std::mem::take(&mut self.tail);
        // Whom its measures still turned away was harmed by it.
        for verdict in [Verdict::Admit, Verdict::Error] {
            let at = verdict.index();
            self.requests[at] = self.requests[at].saturating_sub(requests[at]);
        }
    }

    fn add(&mut self, tick: &Tick) {
        for (sum, count) in self.requests.iter_mut().zip(tick.requests) {
            *sum += u64::from(count);
        }
        self.harmed += u64::from(tick.harmed);
    }
}

impl Tail {
    fn take(&mut self, tick: &Tick) {
        self.ticks += 1;
        if self.ticks > TAIL_TICKS {
            for (sum, count) in self.requests.iter_mut().zip(tick.requests) {
                *sum += u64::from(count);
            }
        }
    }
}

/// Relief is the moment from which what was let through stayed in its bound.
fn relief(since: &mut Option<Moment>, clocks: &mut Clocks, tick: &Tick) -> bool {
    let Some(admitted) = tick.admitted else {
        return false;
    };
    if admitted > OPENS_AT || clocks.mitigated_at.is_none() {
        *since = None;
        return false;
    }
    let began = *since.get_or_insert(tick.at);
    if clocks.relieved_at.is_some() || tick.at.since(began) < STEADY {
        return false;
    }
    clocks.relieved_at = Some(began);
    true
}

#[cfg(test)]
mod tests;
