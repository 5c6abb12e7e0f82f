//! Records to a case: which incident, which window, then every record of that window.
//!
//! Two walks over the records, a segment at a time: the first finds incidents, the second sums up the
//! window.

use super::clocks::FiveClocks;
use super::scales::readings;
use super::{
    Case, Check, Evidence, NoSuchIncident, PLATFORMS_MAX, PlatformView, Severity, State, Window,
    harmed,
};
use crate::about::About;
use crate::assess::{LIKENESSES_MAX, Likeness, likeness};
use crate::entry::{Entry, Glance};
use crate::known::{Known, Why};
use seawall_types::evidence::{IncidentId, IncidentKind};
use seawall_types::{Verdict, WallTime};
use std::collections::BTreeMap;
use survey::{Incidents, Told};
use tally::Tally;
use walk::{Log, Subject, Walk};

mod survey;
mod tally;
mod walk;

pub use survey::Survey;

/// The case of an incident from records in memory.
pub(super) fn gather(
    evidence: &Evidence<'_>,
    id: &IncidentId,
    about: About,
) -> Result<Case, NoSuchIncident> {
    let mut survey = Survey { unread: evidence.unread, ..Survey::default() };
    evidence.entries.iter().for_each(|entry| survey.note(entry));
    let mut gathering = survey.begin(id)?;
    evidence.entries.iter().for_each(|entry| gathering.walk.take(entry));
    Ok(gathering.case(evidence.check, about))
}

/// The second walk over a log: everything in the time of one incident.
#[derive(Debug)]
pub struct Gathering {
    walk: Walk,
    survey: Survey,
    id: IncidentId,
    newest: WallTime,
}

impl Gathering {
    fn new(
        (id, window): (IncidentId, Window),
        (subject, newest): (Subject, WallTime),
        survey: Survey,
    ) -> Self {
        Self { walk: Walk::new(window, subject), survey, id, newest }
    }

    /// Takes the next segment.
    pub fn take(&mut self, segment: &[u8]) {
        // What is no record was counted by the first walk.
        for glance in Glance::each(segment).flatten() {
            if !self.walk.wants(&glance) {
                self.walk.pass(glance.stamp);
                continue;
            }
            match Entry::read(glance.line) {
                Some(entry) => self.walk.take(&entry),
                None => self.survey.unread += 1,
            }
        }
    }

    /// The case, by what a check of the log said.
    pub fn case(self, check: &Check, about: About) -> Case {
        let Self { mut walk, survey, id, newest } = self;
        let Survey { incidents, node, unread, oldest, .. } = survey;
        let told = &incidents[&id];
        let log = Log { node: node.as_deref().unwrap_or(""), unread, newest, check };
        let doubt = walk.doubt(&log);
        let named = about.platforms.iter().map(|name| name.as_str().to_owned());
        for name in named.chain(incidents.values().map(|told| told.incident.platform.clone())) {
            walk.platforms.entry(name).or_default();
        }
        let beside =
            Beside { told, incidents: &incidents, oldest: oldest.unwrap_or(newest), newest };
        let (platforms, platforms_unlisted) =
            views(std::mem::take(&mut walk.platforms), &beside, doubt);
        let subject = &platforms[0];
        let severity = Severity::of(&subject.impact, &subject.coverage);
        let visitors_harmed = harmed(told.incident.visitors_harmed);
        let phasing = std::mem::take(&mut walk.subject.phasing);
        let (phases, usual) = phasing.conclude(doubt, &visitors_harmed);
        let scales = readings(&beside, (subject, &usual), doubt);
        let mut requests = [0; Verdict::COUNT];
        for (verdict, count) in &told.incident.requests {
            requests[verdict.index()] = *count;
        }
        let is_part =
            |other: &&Told| matches!(&other.state, State::MergedInto(into) if *into == id);
        let merged = incidents.values().filter(is_part);
        Case {
            about,
            kind: told.incident.kind,
            state: told.state.clone(),
            merged: merged.map(|other| other.incident.id.clone()).collect(),
            window: walk.window,
            clocks: FiveClocks::of(&told.incident.clocks, walk.steps.steps()),
            platforms,
            platforms_unlisted,
            requests,
            measured: told.incident.measured,
            phases,
            scales,
            visitors_harmed,
            severity,
            signatures: told.signatures(&walk.against),
            places: Known::or(told.places.clone(), Why::NotRecorded),
            likenesses: likenesses(told, &incidents),
            seal: Known::or(told.seal.clone(), Why::NotRecorded),
            sources: Vec::new(),
            reached: None,
            integrity: std::mem::take(&mut walk.looks).conclude(walk.window, doubt),
            custody: walk.custody(&log, told),
            actions: walk.actions,
            actions_unlisted: walk.actions_unlisted,
            id,
        }
    }
}

/// Other incidents whose sources are known, the likest first.
fn likenesses(told: &Told, incidents: &Incidents) -> Vec<Likeness> {
    let Some(own) = &told.places else { return Vec::new() };
    let others = incidents.values().filter(|other| other.incident.id != told.incident.id);
    let compared = others.filter_map(|other| {
        let crowds = (own.shown().1, other.places.as_ref()?.shown().1);
        likeness(&other.incident.id, crowds)
    });
    let mut all: Vec<_> = compared.collect();
    all.sort_by_key(|one| (std::cmp::Reverse(one.probability.value), one.other.clone()));
    all.truncate(LIKENESSES_MAX);
    all
}

/// What stands beside the platforms' own seconds.
pub(super) struct Beside<'a> {
    pub(super) told: &'a Told,
    pub(super) incidents: &'a Incidents,
    pub(super) oldest: WallTime,
    pub(super) newest: WallTime,
}

impl Beside<'_> {
    /// The platform's own incident in the window; a flood before another.
    fn incident_of(&self, platform: &str) -> Option<(IncidentId, IncidentKind)> {
        let window = self.told.window(self.newest);
        let of = |told: &Told| (told.incident.id.clone(), told.incident.kind);
        if self.told.incident.platform == platform {
            return Some(of(self.told));
        }
        let touching = self.incidents.values().filter(|other| {
            let theirs = other.window(self.newest);
            other.incident.platform == platform
                && theirs.from <= window.to
                && theirs.to >= window.from
        });
        let rank = |told: &&Told| match told.incident.kind {
            IncidentKind::Flood => 0,
            IncidentKind::Unknown => 1,
            IncidentKind::Surge => 2,
        };
        touching.min_by_key(rank).map(of)
    }
}

/// The platforms as a case lists them, and how many found no room.
fn views(
    tallies: BTreeMap<String, Tally>,
    beside: &Beside<'_>,
    doubt: Option<Why>,
) -> (Vec<PlatformView>, u64) {
    let subject = beside.told.incident.platform.as_str();
    let window = beside.told.window(beside.newest);
    let unlisted = tallies.len().saturating_sub(PLATFORMS_MAX);
    let (mut first, mut others) = (Vec::new(), Vec::new());
    for (name, tally) in tallies {
        let place = if name == subject { &mut first } else { &mut others };
        if place.len() < PLATFORMS_MAX {
            place.push(tally.view(&name, (window, doubt), beside.incident_of(&name)));
        }
    }
    first.append(&mut others);
    first.truncate(PLATFORMS_MAX);
    (first, unlisted.try_into().unwrap_or(u64::MAX))
}
