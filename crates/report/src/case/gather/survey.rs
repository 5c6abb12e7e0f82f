//! The first walk: which incidents a log tells of, each as it was told last.

use super::Gathering;
use super::walk::{Against, Subject};
use crate::case::{NoSuchIncident, State, Window};
use crate::entry::{Entry, Glance, Statement};
use crate::finding::{SIGNATURES_MAX, Signature};
use crate::known::{Basis, Bound, Known, Quantity, Unit, Why};
use crate::line::Line;
use crate::place::Places;
use crate::source::Seal;
use seawall_types::WallTime;
use seawall_types::evidence::{Fact, Incident, IncidentId, Stamp};
use std::collections::BTreeMap;

/// Every incident by its name.
pub(in crate::case) type Incidents = BTreeMap<IncidentId, Told>;

/// The first walk over a log: which incidents there are.
///
/// One segment is in memory at a time; of its lines only those about incidents are read whole.
#[derive(Debug, Default)]
pub struct Survey {
    pub(super) incidents: Incidents,
    pub(super) node: Option<String>,
    pub(super) oldest: Option<WallTime>,
    pub(super) newest: Option<WallTime>,
    pub(super) unread: u64,
}

impl Survey {
    /// Takes the next segment.
    pub fn take(&mut self, segment: &[u8]) {
        for glance in Glance::each(segment) {
            let Some(glance) = glance else {
                self.unread += 1;
                continue;
            };
            if !glance.word.starts_with("incident_") {
                self.pass(glance.node, glance.stamp.wall);
                continue;
            }
            match Entry::read(glance.line) {
                Some(entry) => self.note(&entry),
                None => self.unread += 1,
            }
        }
    }

    /// Begins the second walk, over the same segments.
    ///
    /// # Errors
    /// No record tells of such an incident.
    pub fn begin(self, id: &IncidentId) -> Result<Gathering, NoSuchIncident> {
        let told = self.incidents.get(id).ok_or(NoSuchIncident)?;
        let newest = self.newest.unwrap_or(told.last.wall);
        let window = told.window(newest);
        let subject = Subject::of(&told.incident, window.to);
        Ok(Gathering::new((id.clone(), window), (subject, newest), self))
    }

    fn pass(&mut self, node: &str, wall: WallTime) {
        self.node.get_or_insert_with(|| node.to_owned());
        self.oldest = self.oldest.min(Some(wall)).or(Some(wall));
        self.newest = Some(wall);
    }

    pub(super) fn note(&mut self, entry: &Entry) {
        self.pass(&entry.node, entry.stamp.wall);
        let all = &mut self.incidents;
        let Statement::Fact(fact) = &entry.statement else { return };
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
                return;
            }
            Fact::IncidentSources(sources) => {
                if let Some(told) = all.get_mut(&sources.incident) {
                    told.places = Some(Places::of(entry.number, sources));
                    told.records.1 = entry.number;
                }
                return;
            }
            Fact::IncidentSealed(sealed) => {
                if let Some(told) = all.get_mut(&sealed.incident) {
                    told.seal = Some(Seal::of(entry.number, sealed));
                    told.records.1 = entry.number;
                }
                return;
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
            | Fact::IncidentRing(_)
            | Fact::LaneInvited(_)
            | Fact::LaneEntered(_)
            | Fact::LaneRevoked(_)
            | Fact::PlatformSecond(_)
            | Fact::IntegrityLook(_)
            | Fact::OriginStanding { .. }
            | Fact::CarryLearned { .. }
            | Fact::TableSaturated { .. } => return,
        };
        let told = all.entry(incident.id.clone()).or_insert_with(|| Told {
            incident: incident.clone(),
            stated: BTreeMap::new(),
            places: None,
            seal: None,
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
}

/// An incident as the log tells it up to its end.
#[derive(Debug)]
pub(in crate::case) struct Told {
    pub(in crate::case) incident: Incident,
    /// When each description was first stated, by its expression.
    pub(in crate::case) stated: BTreeMap<String, WallTime>,
    /// What was last told of its sources.
    pub(super) places: Option<Places>,
    /// What was last told of addresses that were put aside.
    pub(super) seal: Option<Seal>,
    pub(super) opened: Stamp,
    pub(super) last: Stamp,
    pub(super) records: (u64, u64),
    pub(in crate::case) state: State,
}

impl Told {
    /// From its first traffic to its last, or to `newest` while it goes on.
    pub(in crate::case) fn window(&self, newest: WallTime) -> Window {
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
    /// What was described, as it was told last, with what was done about it.
    pub(super) fn signatures(&self, against: &Against) -> Vec<Signature> {
        let listed = self.incident.signatures.iter().take(SIGNATURES_MAX);
        let said = listed.map(|told| Signature {
            text: Line::of_sender(&told.text),
            at: self.stated.get(&told.expression).copied().unwrap_or(self.opened.wall),
            rung: against
                .rung(&self.incident.platform, [told.expression.as_str(), told.text.as_str()]),
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
