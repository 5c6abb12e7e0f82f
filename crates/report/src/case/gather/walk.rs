//! The second walk: what happened in the time of one incident.

use super::survey::Told;
use super::tally::Tally;
use crate::case::actions::deed;
use crate::case::clocks::FiveClocks;
use crate::case::clocks::StepWatch;
use crate::case::integrity::{AFTER_MS, Looks};
use crate::case::phases::Phasing;
use crate::case::{ACTIONS_MAX, Action, Check, ClockSteps, Custody, GAPS_MAX, GapSeen, Window};
use crate::entry::{Entry, Glance, Statement};
use crate::known::{Known, Quantity, Unit, Why};
use crate::line::Line;
use seawall_types::evidence::{Bookkeeping, Fact, Gap, Incident, Stamp, StandingMeasure};
use seawall_types::{Rung, WallTime};
use std::collections::BTreeMap;

/// What is known of the log as a whole.
pub(super) struct Log<'a> {
    pub(super) node: &'a str,
    pub(super) unread: u64,
    pub(super) newest: WallTime,
    pub(super) check: &'a Check,
}

/// Measures of which the strictest rung is kept.
const MEASURES_MAX: usize = 256;

/// The strictest rung of each measure of the time, by its platform and what it is about.
#[derive(Debug, Default)]
pub(super) struct Against(BTreeMap<(String, String), Rung>);

impl Against {
    fn take(&mut self, measure: &StandingMeasure, rung: Rung) {
        let key = (measure.platform.clone(), measure.about.clone());
        if self.0.len() < MEASURES_MAX || self.0.contains_key(&key) {
            let strictest = self.0.entry(key).or_insert(rung);
            *strictest = rung.max(*strictest);
        }
    }

    /// Of the measures on a platform about either of two texts.
    pub(super) fn rung(&self, platform: &str, about: [&str; 2]) -> Option<Rung> {
        let of = |about: &str| self.0.get(&(platform.to_owned(), about.to_owned())).copied();
        about.into_iter().filter_map(of).max()
    }
}

/// The platform that the incident is about, and its seconds between the clocks.
#[derive(Debug)]
pub(super) struct Subject {
    name: String,
    pub(super) phasing: Phasing,
}

impl Subject {
    pub(super) fn of(incident: &Incident, until: WallTime) -> Self {
        let clocks = FiveClocks::of(&incident.clocks, ClockSteps::default());
        let phasing = Phasing::between(&clocks.five, until);
        Self { name: incident.platform.clone(), phasing }
    }
}

/// What was found so far.
#[derive(Debug)]
pub(super) struct Walk {
    pub(super) window: Window,
    pub(super) subject: Subject,
    pub(super) platforms: BTreeMap<String, Tally>,
    pub(super) actions: Vec<Action>,
    pub(super) actions_unlisted: u64,
    gaps: Vec<GapSeen>,
    gaps_unlisted: u64,
    removed_before: Option<u64>,
    version: Option<Line>,
    configuration: Option<Line>,
    pub(super) looks: Looks,
    pub(super) against: Against,
    run: u64,
    pub(super) steps: StepWatch,
}

impl Walk {
    pub(super) fn new(window: Window, subject: Subject) -> Self {
        Self {
            window,
            subject,
            platforms: BTreeMap::new(),
            actions: Vec::new(),
            actions_unlisted: 0,
            gaps: Vec::new(),
            gaps_unlisted: 0,
            removed_before: None,
            version: None,
            configuration: None,
            looks: Looks::default(),
            against: Against::default(),
            run: 0,
            steps: StepWatch::default(),
        }
    }

    /// Whether a record can tell anything about the time of the incident.
    pub(super) fn wants(&self, glance: &Glance<'_>) -> bool {
        match glance.word {
            "gap" | "removed" | "node_started" | "configuration_applied" => true,
            "segment_opened" | "checkpoint" => false,
            // Told of as a whole by the first walk.
            word if word.starts_with("incident_") => false,
            "integrity_look" => self.is_watched(glance.stamp),
            // What is usual lies before the window.
            "platform_second" if self.subject.phasing.wants(glance.stamp.wall) => true,
            _ => {
                let (from, to) = (self.window.from.0, self.window.to.0.saturating_add(999));
                (from..=to).contains(&glance.stamp.wall.0)
            }
        }
    }

    /// Whether looks told then are about the time of the incident.
    fn is_watched(&self, at: Stamp) -> bool {
        let (from, to) = (self.window.from.0, self.window.to.0.saturating_add(AFTER_MS));
        (from..=to).contains(&at.wall.0)
    }

    /// Takes a record of which only its time counts.
    pub(super) fn pass(&mut self, stamp: Stamp) {
        if (self.window.from..=self.window.to).contains(&stamp.wall) {
            self.steps.look(stamp);
        }
    }

    pub(super) fn take(&mut self, entry: &Entry) {
        let is_inside = (self.window.from..=self.window.to).contains(&entry.stamp.wall);
        match &entry.statement {
            Statement::Own(Bookkeeping::Gap(gap)) => self.take_gap(entry.number, gap),
            Statement::Own(Bookkeeping::Removed(removed)) => {
                self.removed_before = self.removed_before.max(Some(removed.before));
            }
            Statement::Own(Bookkeeping::SegmentOpened(_) | Bookkeeping::Checkpoint { .. }) => {}
            Statement::Fact(fact) => self.take_fact(entry, fact, is_inside),
        }
        self.pass(entry.stamp);
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
            Fact::IntegrityLook(look) if self.is_watched(entry.stamp) => {
                self.looks.take(entry.number, look);
            }
            Fact::MeasureBegan(measure) | Fact::MeasureEnded { measure, .. } if is_inside => {
                self.against.take(measure, measure.rung);
            }
            Fact::MeasureChanged { was, measure } if is_inside => {
                self.against.take(measure, measure.rung.max(*was));
            }
            Fact::PlatformSecond(second) => {
                if second.platform == self.subject.name {
                    self.subject.phasing.take(entry.stamp.wall, second);
                }
                if Tally::wants(entry.stamp.wall, self.window) {
                    let tally = self.platforms.entry(second.platform.clone()).or_default();
                    tally.take((entry, self.run), second, self.window);
                }
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
    pub(super) fn doubt(&self, log: &Log<'_>) -> Option<Why> {
        let loses = !self.gaps.is_empty() || self.gaps_unlisted > 0;
        match log.check {
            Check::Broken { .. } => Some(Why::Broken),
            _ if loses => Some(Why::Lost),
            _ if log.unread > 0 => Some(Why::Unread),
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

    pub(super) fn custody(&mut self, log: &Log<'_>, told: &Told) -> Custody {
        Custody {
            node: Line::of(log.node),
            version: Known::or(self.version.take(), Why::NotRecorded),
            configuration: Known::or(self.configuration.take(), Why::NotRecorded),
            first_record: told.records.0,
            last_record: told.records.1,
            as_of: log.newest,
            check: log.check.clone(),
            unread: log.unread,
            gaps: std::mem::take(&mut self.gaps),
            gaps_unlisted: self.gaps_unlisted,
            removed_before: self.removed_before,
        }
    }
}
