//! One episode of a platform's per-source limits at work: when it began, eased and ended.
//!
//! Takes single requests and, at each tick, the last second; gives effects.
//! Says nothing of who sends or why: that a measure acts is measured, that it is an attack is not.

use crate::effect::{Effect, MitigationBegan, MitigationEnded, Relieved};
use seawall_types::{Moment, PlatformId, RequestObservation, Rung, SourceKey, Verdict};
use std::collections::BTreeSet;
use std::time::Duration;

/// Stopped requests per second at which limits are said to act; fewer are single slips.
const BEGINS_AT_RPS: f64 = 10.0;
/// Stopped requests per second under which they are said to rest.
const RESTS_UNDER_RPS: f64 = 1.0;
/// How long they must rest before the episode is over.
const QUIET: Duration = Duration::from_secs(5);
/// How long demand must stay in its bound before that counts as relief.
const STEADY: Duration = Duration::from_millis(500);
/// Pressure at which demand is in its bound.
const IN_BOUND: f64 = 1.0;
/// Different sources that one episode tells apart: 64 Ki of 8 bytes, and the tree around them.
pub const EPISODE_SOURCES_MAX: usize = 65_536;

/// The last second of a platform.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Second {
    pub(crate) platform: PlatformId,
    pub(crate) stopped_rps: f64,
    pub(crate) pressure: Option<f64>,
    /// What is let through is bounded, whatever asks.
    pub(crate) is_bounded: bool,
}

/// What is known of limits at work.
#[derive(Debug, Default)]
pub(crate) struct Episode {
    open: Option<Open>,
    /// Requests stopped since limits last rested, while no episode is open.
    slips: Slips,
}

#[derive(Debug, Default)]
struct Slips {
    first_at: Option<Moment>,
    last_at: Moment,
    strictest: Option<Verdict>,
    stopped: u64,
    admitted: u64,
    sources: BTreeSet<SourceKey>,
}

#[derive(Debug)]
struct Open {
    began_at: Moment,
    seen: Slips,
    peak_stopped_rps: f64,
    /// Whether demand was ever out of its bound.
    was_over: bool,
    /// Since when demand has been in its bound.
    in_bound_since: Option<Moment>,
    relieved: bool,
}

impl Slips {
    fn observe(&mut self, request: &RequestObservation) {
        match request.verdict {
            Verdict::Admit => self.admitted += 1,
            Verdict::Limit | Verdict::Refuse | Verdict::Drop => self.stop(request),
            Verdict::Challenge | Verdict::Hold | Verdict::Error => {}
        }
    }

    fn stop(&mut self, request: &RequestObservation) {
        self.first_at.get_or_insert(request.at);
        self.last_at = self.last_at.max(request.at);
        self.strictest = self.strictest.max(Some(request.verdict));
        self.stopped += 1;
        if self.sources.len() < EPISODE_SOURCES_MAX {
            self.sources.insert(request.source);
        }
    }

    fn rung(&self) -> Rung {
        match self.strictest {
            Some(Verdict::Refuse) => Rung::Refuse,
            Some(Verdict::Drop) => Rung::Drop,
            _ => Rung::Limit,
        }
    }
}

impl Episode {
    pub(crate) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Takes one request.
    pub(crate) fn observe(&mut self, request: &RequestObservation) {
        match &mut self.open {
            Some(open) => open.seen.observe(request),
            None => self.slips.observe(request),
        }
    }

    /// Draws conclusions from the last second.
    pub(crate) fn conclude(&mut self, now: Moment, second: Second) -> Vec<Effect> {
        let mut effects = Vec::new();
        match &mut self.open {
            None if second.stopped_rps >= BEGINS_AT_RPS => effects.push(self.begin(now, second)),
            None if second.stopped_rps < RESTS_UNDER_RPS => self.slips = Slips::default(),
            None => {}
            Some(open) => {
                open.peak_stopped_rps = open.peak_stopped_rps.max(second.stopped_rps);
                effects.extend(open.relief(now, second));
                if now.since(open.seen.last_at) >= QUIET {
                    effects.push(open.end(second.platform));
                    self.open = None;
                }
            }
        }
        effects
    }

    fn begin(&mut self, now: Moment, second: Second) -> Effect {
        let seen = std::mem::take(&mut self.slips);
        let began_at = seen.first_at.unwrap_or(now);
        let began = MitigationBegan {
            platform: second.platform,
            at: began_at,
            rung: seen.rung(),
            stopped_rps: second.stopped_rps,
            sources: u32::try_from(seen.sources.len()).unwrap_or(u32::MAX),
            pressure: second.pressure,
        };
        self.open = Some(Open {
            began_at,
            seen,
            peak_stopped_rps: second.stopped_rps,
            // Where admission takes the first blow demand may never be seen out of its bound.
            was_over: second.is_bounded
                || second.pressure.is_some_and(|pressure| pressure > IN_BOUND),
            in_bound_since: None,
            relieved: false,
        });
        Effect::MitigationBegan(began)
    }
}

impl Open {
    /// Relief is the moment from which demand stayed in its bound.
    fn relief(&mut self, now: Moment, second: Second) -> Option<Effect> {
        let pressure = second.pressure?;
        if pressure > IN_BOUND {
            self.was_over = true;
            self.in_bound_since = None;
            return None;
        }
        let since = *self.in_bound_since.get_or_insert(now);
        if self.relieved || !self.was_over || now.since(since) < STEADY {
            return None;
        }
        self.relieved = true;
        Some(Effect::Relieved(Relieved {
            platform: second.platform,
            at: since,
            began_at: self.began_at,
            pressure,
        }))
    }

    fn end(&self, platform: PlatformId) -> Effect {
        Effect::MitigationEnded(MitigationEnded {
            platform,
            at: self.seen.last_at,
            began_at: self.began_at,
            stopped: self.seen.stopped,
            admitted: self.seen.admitted,
            peak_stopped_rps: self.peak_stopped_rps,
        })
    }
}
