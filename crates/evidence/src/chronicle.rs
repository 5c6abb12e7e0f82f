//! What the engine concludes and sees, as facts for the log.
//!
//! Takes the engine's snapshots and effects, each snapshot before the effects of its tick; gives
//! [`Fact`]s.
//! While an incident is open every second of every platform is told, so that it can be said of the
//! others as well how they fared, and what is known of it every [`CHANGED_EVERY`], so that a killed
//! process loses little.
//! Says what was measured: what was not is unknown.
//! Never reads a clock: an instant's wall time is the start's and what has passed since, so that one
//! instant has one name however often it is told.
//! Bounds: one incident a platform, one record a second of each, one standing an origin.

mod case;
mod seconds;
#[cfg(test)]
mod tests;

use crate::sources::Counted;
use case::OpenCase;
use seawall_engine::effect::{MitigationBegan, MitigationEnded, Relieved};
use seawall_engine::policy::{By, Measure};
use seawall_engine::ring::Digest as RequestDigest;
use seawall_engine::{
    Effect, IncidentChange, IntegritySeen, MeasureChange, OriginStanding, RingSeen, Snapshot,
    SourcesSeen,
};
use seawall_types::evidence::{
    Fact, IncidentId, IncidentRing, IntegrityLook, MeasureBegan, MeasureBy, MeasureEnd,
    MeasureEnded, MeasureRelieved, Stamp, Standing, StandingMeasure,
};
use seawall_types::{Moment, PlatformId, WallTime};
use seconds::Seconds;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How often an open incident is told anew: what a killed process loses of its sums.
pub const CHANGED_EVERY: Duration = Duration::from_secs(10);
/// How long the other platforms are told: whoever can hold one incident open must not push the rest
/// out of the log.
const BESIDE_FOR: Duration = Duration::from_hours(1);
/// How often a platform with an open incident is told.
const SECOND: Duration = Duration::from_secs(1);
/// Characters of a platform's name that an incident's identifier begins with.
const NAME_SHOWN_MAX: usize = 40;

/// Requests of a ring that one record holds: at 70 bytes each, half of what a record may have.
pub const RING_PART: usize = 400;

/// Tells the log what the engine knows.
#[derive(Debug)]
pub struct Chronicle {
    /// The wall clock at moment zero.
    started: WallTime,
    /// By platform index; kept after a case closed, since it may go on.
    cases: Vec<Option<OpenCase>>,
    /// By platform index: those without an open incident, whose seconds are told while another has
    /// one. They count all the time, so that the second in which that one began is told whole.
    beside: Vec<Option<Seconds>>,
    standings: BTreeMap<Arc<str>, OriginStanding>,
}

impl Chronicle {
    /// Of a run that started when people's clocks said so.
    pub fn new(started: WallTime) -> Self {
        Self { started, cases: Vec::new(), beside: Vec::new(), standings: BTreeMap::new() }
    }

    /// Takes what the engine knows at a tick.
    pub fn see(&mut self, snapshot: &Snapshot) -> Vec<Fact> {
        let mut facts = self.origins(snapshot);
        let started = self.started;
        for (case, platform) in self.cases.iter_mut().zip(&snapshot.platforms) {
            if let Some(case) = case.as_mut().filter(|case| case.is_open) {
                facts.extend(case.see(started, snapshot.at, platform));
            }
        }
        self.see_beside(snapshot, &mut facts);
        facts
    }

    /// Tells the seconds of platforms that have no incident while another has one.
    fn see_beside(&mut self, snapshot: &Snapshot, facts: &mut Vec<Fact>) {
        let is_open = |case: &Option<OpenCase>| case.as_ref().is_some_and(|case| case.is_open);
        let is_recent = |case: &OpenCase| {
            let detected_at = case.incident.clocks.detected_at;
            case.is_open && snapshot.at.since(detected_at) < BESIDE_FOR
        };
        let are_told = self.cases.iter().flatten().any(is_recent);
        self.beside.resize_with(snapshot.platforms.len(), || None);
        for (index, (seconds, platform)) in
            self.beside.iter_mut().zip(&snapshot.platforms).enumerate()
        {
            if self.cases.get(index).is_some_and(is_open) {
                *seconds = None;
                continue;
            }
            let known = seconds.get_or_insert_with(|| Seconds::begin(snapshot.at, platform));
            let second = known.see(snapshot.at, platform, None);
            let second = second.filter(|_| are_told);
            facts.extend(second.map(|second| Fact::PlatformSecond(second.told)));
        }
    }

    /// Takes an effect; `snapshot` is the one of its tick.
    pub fn hear(&mut self, effect: &Effect, snapshot: &Snapshot) -> Option<Fact> {
        match effect {
            Effect::MitigationBegan(began) => Some(self.began(began, snapshot)),
            Effect::Relieved(relieved) => Some(self.relieved(relieved, snapshot)),
            Effect::MitigationEnded(ended) => Some(self.ended(ended, snapshot)),
            Effect::Incident { platform, change } => self.incident(*platform, change, snapshot),
            // What is found is told with its incident, which it changes.
            Effect::Finding(_) => None,
            Effect::Measure(change) => Some(self.measure(change, snapshot)),
            Effect::TableSaturated { table, times, .. } => {
                Some(Fact::TableSaturated { table: (*table).to_owned(), times: *times })
            }
        }
    }

    /// What an incident began with, in parts of at most [`RING_PART`] requests.
    pub fn ring(&self, seen: &RingSeen) -> Vec<Fact> {
        let Some(Some(case)) = self.cases.get(seen.platform.index()) else { return Vec::new() };
        let opened = case.incident.clocks.detected_at;
        let one = |one: &RequestDigest| {
            let before_ms = opened.since(one.at).as_millis();
            format!(
                "{before_ms} {} {} {:016x} {:08x} {:08x}",
                one.verdict.word(),
                one.reason.word(),
                one.mark,
                one.look,
                one.aim
            )
        };
        let parts = seen.requests.len().div_ceil(RING_PART).max(1);
        let part = |at: usize| {
            let requests = seen.requests.iter().skip(at * RING_PART).take(RING_PART);
            Fact::IncidentRing(IncidentRing {
                incident: case.id.clone(),
                platform: case.platform.clone(),
                opened_at: stamp(self.started, opened),
                part: u32::try_from(at + 1).unwrap_or(u32::MAX),
                parts: u32::try_from(parts).unwrap_or(u32::MAX),
                left_out: seen.left_out,
                requests: requests.map(one).collect(),
            })
        };
        (0..parts).map(part).collect()
    }

    /// What the engine saw of a change that nobody ordered, or that none was.
    pub fn integrity(&self, seen: &IntegritySeen, snapshot: &Snapshot) -> IntegrityLook {
        IntegrityLook {
            platform: Some(name(snapshot, seen.platform)),
            aspect: seen.aspect,
            since: stamp(self.started, seen.since),
            until: stamp(self.started, seen.until),
            looks: seen.looks,
            seen: seen.seen,
            detail: seen.detail.clone(),
        }
    }

    /// The incident whose sources the engine counted; none when none of that platform is known.
    pub fn sources(&self, seen: SourcesSeen) -> Option<Counted> {
        let case = self.cases.get(seen.platform.index())?.as_ref()?;
        Some(Counted {
            incident: case.id.clone(),
            platform: case.platform.clone(),
            since: stamp(self.started, seen.since),
            until: stamp(self.started, seen.until),
            seen,
        })
    }

    /// What is known of the incidents that are open when the run ends.
    pub fn end(&mut self) -> Vec<Fact> {
        let open = self.cases.iter().flatten().filter(|case| case.is_open);
        open.map(|case| Fact::IncidentChanged(case.told(self.started))).collect()
    }

    fn incident(
        &mut self,
        at: PlatformId,
        change: &IncidentChange,
        snapshot: &Snapshot,
    ) -> Option<Fact> {
        let platform = snapshot.platforms.get(at.index())?;
        if self.cases.len() <= at.index() {
            self.cases.resize_with(at.index() + 1, || None);
        }
        let started = self.started;
        let slot = &mut self.cases[at.index()];
        let incident = change.incident();
        let id = incident_id(started, &platform.name, incident.clocks.detected_at);
        // One that goes on keeps what was measured of it before.
        let known = slot.take().filter(|case| case.id == id);
        let mut case =
            known.unwrap_or_else(|| OpenCase::new((id, snapshot.at), incident, platform));
        case.incident = incident.clone();
        let fact = match change {
            IncidentChange::Opened(_) => {
                case.begin(snapshot.at, platform);
                Fact::IncidentOpened(case.told(started))
            }
            IncidentChange::Merged(_) => {
                case.begin(snapshot.at, platform);
                Fact::IncidentChanged(case.told(started))
            }
            IncidentChange::Changed(_) => Fact::IncidentChanged(case.told(started)),
            IncidentChange::Closed(_) => {
                case.end();
                Fact::IncidentClosed(case.told(started))
            }
        };
        case.told_at = snapshot.at;
        *slot = Some(case);
        Some(fact)
    }

    fn began(&self, began: &MitigationBegan, snapshot: &Snapshot) -> Fact {
        Fact::MitigationBegan(MeasureBegan {
            platform: name(snapshot, began.platform),
            began_at: stamp(self.started, began.at),
            rung: began.rung,
            stopped_per_s: whole(began.stopped_rps),
            sources_least: began.sources.into(),
            pressure_permille: began.pressure.and_then(permille),
        })
    }

    fn relieved(&self, relieved: &Relieved, snapshot: &Snapshot) -> Fact {
        Fact::MitigationRelieved(MeasureRelieved {
            platform: name(snapshot, relieved.platform),
            began_at: stamp(self.started, relieved.began_at),
            relieved_at: stamp(self.started, relieved.at),
            pressure_permille: permille(relieved.pressure),
        })
    }

    fn ended(&self, ended: &MitigationEnded, snapshot: &Snapshot) -> Fact {
        Fact::MitigationEnded(MeasureEnded {
            platform: name(snapshot, ended.platform),
            began_at: stamp(self.started, ended.began_at),
            ended_at: stamp(self.started, ended.at),
            stopped: ended.stopped,
            admitted: ended.admitted,
            peak_stopped_per_s: whole(ended.peak_stopped_rps),
        })
    }

    fn measure(&self, change: &MeasureChange, snapshot: &Snapshot) -> Fact {
        let measure = self.standing(change.measure(), snapshot);
        let ended_at = stamp(self.started, change.at());
        match change {
            MeasureChange::Began(_) => Fact::MeasureBegan(measure),
            MeasureChange::Changed { was, .. } => Fact::MeasureChanged { was: *was, measure },
            MeasureChange::Lifted { .. } => {
                Fact::MeasureEnded { how: MeasureEnd::Lifted, ended_at, measure }
            }
            MeasureChange::Expired { .. } => {
                Fact::MeasureEnded { how: MeasureEnd::Expired, ended_at, measure }
            }
        }
    }

    fn standing(&self, measure: &Measure, snapshot: &Snapshot) -> StandingMeasure {
        StandingMeasure {
            id: measure.id,
            platform: name(snapshot, measure.platform),
            by: match measure.by {
                By::Ladder => MeasureBy::Ladder,
                By::Operator => MeasureBy::Operator,
            },
            rung: measure.rung,
            about: measure.text.to_string(),
            why: measure.why.to_string(),
            began_at: stamp(self.started, measure.began_at),
            expires_at: stamp(self.started, measure.expires_at),
            counts: measure.totals,
        }
    }

    /// Origins that get another share of requests than when they were last seen.
    fn origins(&mut self, snapshot: &Snapshot) -> Vec<Fact> {
        let origins = snapshot.platforms.iter().flat_map(|platform| &platform.origins);
        // Those of a configuration that is gone are forgotten with the old map.
        let present: BTreeMap<_, _> = origins.map(|o| (o.origin.clone(), o.standing)).collect();
        let before = std::mem::replace(&mut self.standings, present);
        let moved = |(url, now): (&Arc<str>, &OriginStanding)| {
            let was = *before.get(url).filter(|was| *was != now)?;
            let (was, now) = (standing(was), standing(*now));
            Some(Fact::OriginStanding { origin: url.to_string(), was, now })
        };
        self.standings.iter().filter_map(moved).collect()
    }
}

/// What an incident is called everywhere: its platform and when it was detected, UTC, to the
/// millisecond; a platform has one at a time.
///
/// A long name is cut and made different by a hash of the whole.
fn incident_id(started: WallTime, platform: &str, detected_at: Moment) -> IncidentId {
    let at = seawall_types::wall::rfc3339(stamp(started, detected_at).wall);
    let at: String = at.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '.').collect();
    let at = at.trim_end_matches('Z');
    let harmless = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let is_plain = platform.len() <= NAME_SHOWN_MAX && platform.chars().all(harmless);
    let name = if is_plain {
        platform.to_owned()
    } else {
        let shown: String = platform.chars().filter(|c| harmless(*c)).take(30).collect();
        let digest = Sha256::digest(platform);
        format!("{shown}-{}", data_encoding::HEXLOWER.encode(&digest[..4]))
    };
    format!("{name}-{at}").parse().expect("invariant: 40 and 20 harmless characters are a name")
}

/// An instant on both clocks.
fn stamp(started: WallTime, at: Moment) -> Stamp {
    Stamp { wall: WallTime(started.0.saturating_add(at.0 / 1_000_000)), moment: at }
}

fn name(snapshot: &Snapshot, platform: PlatformId) -> String {
    match snapshot.platforms.get(platform.index()) {
        Some(platform) => platform.name.clone(),
        // Between a reload and its first snapshot the number is all that is known.
        None => format!("platform {}", platform.0),
    }
}

const fn standing(standing: OriginStanding) -> Standing {
    match standing {
        OriginStanding::Healthy => Standing::Healthy,
        OriginStanding::Returning => Standing::Returning,
        OriginStanding::Out => Standing::Out,
    }
}

/// The nearest whole number; what is none is zero.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float is cut to the nearest whole number that there is"
)]
fn whole(value: f64) -> u64 {
    value.round() as u64
}

/// Thousandths; none of what is not finite.
fn permille(value: f64) -> Option<u32> {
    value.is_finite().then(|| u32::try_from(whole(value * 1e3)).unwrap_or(u32::MAX))
}
