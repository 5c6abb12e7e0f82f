//! Records to a case: which incident, which window, then every record of that window.
//!
//! Two walks over the records: the first finds incidents and runs, the second sums up the window.

use super::actions::deed;
use super::clocks::{FiveClocks, StepWatch};
use super::{
    ACTIONS_MAX, Action, Case, Check, Custody, Evidence, GAPS_MAX, GapSeen, NoSuchIncident,
    PLATFORMS_MAX, Severity, State, Window, harmed,
};
use crate::about::About;
use crate::entry::{Entry, Statement};
use crate::finding::{SIGNATURES_MAX, Signature};
use crate::known::{Basis, Bound, Known, Quantity, Unit, Why};
use crate::line::Line;
use seawall_types::evidence::{Bookkeeping, Fact, Gap, Incident, IncidentId, IncidentKind, Stamp};
use seawall_types::{Verdict, WallTime};
use std::collections::BTreeMap;
use tally::Tally;

mod tally;

/// An incident as the log tells it up to its end.
struct Told {
    incident: Incident,
    /// When each description was first stated, by its expression.
    stated: BTreeMap<String, WallTime>,
    opened: Stamp,
    last: Stamp,
    records: (u64, u64),
    state: State,
}

impl Told {
    /// From its first traffic to its last, or to `newest` while it goes on.
    fn window(&self, newest: WallTime) -> Window {
        let clocks = &self.incident.clocks;
        let from = clocks.onset_at.unwrap_or(self.opened).wall.min(self.opened.wall);
        let to = match (&self.state, clocks.ended_at) {
            (_, Some(ended)) => ended.wall,
            (State::Open, None) => newest,
            (State::Closed | State::MergedInto(_), None) => self.last.wall,
        };
        Window { from, to: to.max(from) }
    }
}

impl Told {
    /// What was described, as it was told last.
    fn signatures(&self) -> Vec<Signature> {
        let listed = self.incident.signatures.iter().take(SIGNATURES_MAX);
        let said = listed.map(|told| Signature {
            text: Line::of_sender(&told.text),
            at: self.stated.get(&told.expression).copied().unwrap_or(self.opened.wall),
            rung: None,
            share_of_excess: percent(u64::from(told.share_of_excess_permille) * 100)
                .map(|share| share.by(Basis::Sampled)),
            known_good: match told.visitors {
                0 => Known::Unknown(Why::NotRecorded),
                visitors => Known::Is((told.hits.into(), visitors.into())),
            },
            collateral_most: percent(u64::from(told.bound_ppm).div_ceil(10))
                .map(|most| most.bounded(Bound::AtMost).by(Basis::Estimated)),
            collateral_measured: Known::Unknown(Why::NotRecorded),
        });
        said.collect()
    }
}

/// A share in thousandths of a percent.
fn percent(value: u64) -> Known<Quantity> {
    Known::Is(Quantity::measured(value, Unit::Percent))
}

type Incidents = BTreeMap<IncidentId, Told>;

pub(super) fn gather(
    evidence: &Evidence<'_>,
    id: &IncidentId,
    about: About,
) -> Result<Case, NoSuchIncident> {
    let incidents = incidents(evidence.entries);
    let told = incidents.get(id).ok_or(NoSuchIncident)?;
    let newest = evidence.entries.last().map_or(told.last.wall, |entry| entry.stamp.wall);
    let window = told.window(newest);
    let mut walk = Walk::new(window);
    evidence.entries.iter().for_each(|entry| walk.take(entry));

    let doubt = walk.doubt(evidence);
    let named = about.platforms.iter().map(|name| name.as_str().to_owned());
    for name in named.chain(incidents.values().map(|told| told.incident.platform.clone())) {
        walk.platforms.entry(name).or_default();
    }
    let (platforms, platforms_unlisted) = views(
        std::mem::take(&mut walk.platforms),
        &Beside { told, incidents: &incidents, newest },
        doubt,
    );
    let subject = &platforms[0];
    let severity = Severity::of(&subject.impact, &subject.coverage);
    let mut requests = [0; Verdict::COUNT];
    for (verdict, count) in &told.incident.requests {
        requests[verdict.index()] = *count;
    }
    let is_part = |other: &&Told| matches!(&other.state, State::MergedInto(into) if into == id);
    Ok(Case {
        id: id.clone(),
        about,
        kind: told.incident.kind,
        state: told.state.clone(),
        merged: incidents.values().filter(is_part).map(|other| other.incident.id.clone()).collect(),
        window,
        clocks: FiveClocks::of(&told.incident.clocks, walk.steps.steps()),
        platforms,
        platforms_unlisted,
        requests,
        measured: told.incident.measured,
        visitors_harmed: harmed(told.incident.visitors_harmed),
        severity,
        signatures: told.signatures(),
        places: Known::Unknown(Why::NoTable),
        sources: Known::Unknown(Why::NotRecorded),
        custody: walk.custody(evidence, told, newest),
        actions: walk.actions,
        actions_unlisted: walk.actions_unlisted,
    })
}

/// Every incident as it was told last.
fn incidents(entries: &[Entry]) -> Incidents {
    let mut all = Incidents::new();
    for entry in entries {
        let Statement::Fact(fact) = &entry.statement else { continue };
        let (incident, state) = match fact.as_ref() {
            Fact::IncidentOpened(incident) | Fact::IncidentChanged(incident) => {
                (incident, State::Open)
            }
            Fact::IncidentClosed(incident) => (incident, State::Closed),
            Fact::IncidentMerged { incident, into } => {
                if let Some(told) = all.get_mut(incident) {
                    told.state = State::MergedInto(into.clone());
                    told.last = entry.stamp;
                    told.records.1 = entry.number;
                }
                continue;
            }
            Fact::NodeStarted { .. }
            | Fact::NodeStopped
            | Fact::ConfigurationApplied { .. }
            | Fact::ConfigurationRefused { .. }
            | Fact::MitigationBegan(_)
            | Fact::MitigationRelieved(_)
            | Fact::MitigationEnded(_)
            | Fact::MeasureBegan(_)
            | Fact::MeasureChanged { .. }
            | Fact::MeasureEnded { .. }
            | Fact::PlatformSecond(_)
            | Fact::OriginStanding { .. }
            | Fact::CarryLearned { .. }
            | Fact::TableSaturated { .. } => continue,
        };
        let told = all.entry(incident.id.clone()).or_insert_with(|| Told {
            incident: incident.clone(),
            stated: BTreeMap::new(),
            opened: entry.stamp,
            last: entry.stamp,
            records: (entry.number, entry.number),
            state: State::Open,
        });
        for signature in &incident.signatures {
            told.stated.entry(signature.expression.clone()).or_insert(entry.stamp.wall);
        }
        told.incident = incident.clone();
        told.last = entry.stamp;
        told.records.1 = entry.number;
        told.state = state;
    }
    all
}

/// The second walk.
struct Walk {
    window: Window,
    platforms: BTreeMap<String, Tally>,
    actions: Vec<Action>,
    actions_unlisted: u64,
    gaps: Vec<GapSeen>,
    gaps_unlisted: u64,
    removed_before: Option<u64>,
    version: Option<Line>,
    configuration: Option<Line>,
    run: u64,
    steps: StepWatch,
}

impl Walk {
    fn new(window: Window) -> Self {
        Self {
            window,
            platforms: BTreeMap::new(),
            actions: Vec::new(),
            actions_unlisted: 0,
            gaps: Vec::new(),
            gaps_unlisted: 0,
            removed_before: None,
            version: None,
            configuration: None,
            run: 0,
            steps: StepWatch::default(),
        }
    }

    fn take(&mut self, entry: &Entry) {
        let is_inside = (self.window.from..=self.window.to).contains(&entry.stamp.wall);
        match &entry.statement {
            Statement::Own(Bookkeeping::Gap(gap)) => self.take_gap(entry.number, gap),
            Statement::Own(Bookkeeping::Removed(removed)) => {
                self.removed_before = self.removed_before.max(Some(removed.before));
            }
            Statement::Own(Bookkeeping::SegmentOpened(_) | Bookkeeping::Checkpoint { .. }) => {}
            Statement::Fact(fact) => self.take_fact(entry, fact, is_inside),
        }
        if is_inside {
            self.steps.look(entry.stamp);
        }
    }

    fn take_fact(&mut self, entry: &Entry, fact: &Fact, is_inside: bool) {
        let is_before_end = entry.stamp.wall <= self.window.to;
        let is_before = entry.stamp.wall <= self.window.from;
        match fact {
            Fact::NodeStarted { version, configuration } => {
                self.run += 1;
                self.steps.begin_run();
                if is_before_end {
                    self.version = Some(Line::of(version));
                }
                if is_before {
                    self.configuration = Some(Line::of(configuration));
                }
            }
            Fact::ConfigurationApplied { configuration } if is_before => {
                self.configuration = Some(Line::of(configuration));
            }
            Fact::PlatformSecond(second) => {
                let tally = self.platforms.entry(second.platform.clone()).or_default();
                tally.take((entry, self.run), second, self.window);
            }
            _ => {}
        }
        let Some((kind, what)) = deed(fact).filter(|_| is_inside) else { return };
        if self.actions.len() < ACTIONS_MAX {
            let (at, record) = (entry.stamp.wall, entry.number);
            self.actions.push(Action { at, record, deed: kind, what });
        } else {
            self.actions_unlisted += 1;
        }
    }

    /// What speaks against relying on what was seen; the gravest.
    fn doubt(&self, evidence: &Evidence<'_>) -> Option<Why> {
        let loses = !self.gaps.is_empty() || self.gaps_unlisted > 0;
        match evidence.check {
            Check::Broken { .. } => Some(Why::Broken),
            _ if loses => Some(Why::Lost),
            _ if evidence.unread > 0 => Some(Why::Unread),
            _ if self.steps.steps().count > 0 => Some(Why::ClockStepped),
            Check::NotMade => Some(Why::NotChecked),
            Check::Holds { .. } => None,
        }
    }

    fn take_gap(&mut self, record: u64, gap: &Gap) {
        let (from, to) = (gap.from.wall.min(gap.to.wall), gap.to.wall.max(gap.from.wall));
        if to < self.window.from || from > self.window.to {
            return;
        }
        if self.gaps.len() >= GAPS_MAX {
            self.gaps_unlisted += 1;
            return;
        }
        let lost = Known::measured(gap.lost);
        let lost = lost.map(|lost| Quantity::measured(lost, Unit::Records));
        let why = match gap.detail.as_str() {
            "" => Line::of(gap.reason.sentence()),
            detail => Line::of(&format!("{} ({detail})", gap.reason.sentence())),
        };
        self.gaps.push(GapSeen { record, from, to, lost, why });
    }

    fn custody(&mut self, evidence: &Evidence<'_>, told: &Told, newest: WallTime) -> Custody {
        let node = evidence.entries.first().map_or("", |entry| entry.node.as_str());
        Custody {
            node: Line::of(node),
            version: Known::or(self.version.take(), Why::NotRecorded),
            configuration: Known::or(self.configuration.take(), Why::NotRecorded),
            first_record: told.records.0,
            last_record: told.records.1,
            as_of: newest,
            check: evidence.check.clone(),
            unread: evidence.unread,
            gaps: std::mem::take(&mut self.gaps),
            gaps_unlisted: self.gaps_unlisted,
            removed_before: self.removed_before,
        }
    }
}

/// What stands beside the platforms' own seconds.
struct Beside<'a> {
    told: &'a Told,
    incidents: &'a Incidents,
    newest: WallTime,
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
) -> (Vec<super::PlatformView>, u64) {
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
