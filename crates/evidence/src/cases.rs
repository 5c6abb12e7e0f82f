//! Incidents as the last record of each leaves them.
//!
//! Takes facts in the order of the log; gives [`Case`]s.
//! The running shield and every reader of the log go through this one place, so that they tell the
//! same.
//! Measures are told with the incidents of their platform during which they stood.
//! Bounds: the room that is given, [`CASES_MAX`] incidents unless it is told; the oldest is forgotten
//! first, and counted. [`MEASURES_OF_CASE_MAX`] measures of an incident; further ones are counted.

use crate::line::Line;
use crate::segment::{self, SegmentName};
use crate::store::Folder;
use seawall_types::evidence::{Fact, Incident, IncidentId, MeasureEnd, Stamp, StandingMeasure};
use seawall_types::{MeasureId, WallTime};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;

/// Incidents that a reader of the log keeps: some 10 MiB, and more than anybody reads.
pub const CASES_MAX: usize = 10_000;

/// Measures that are told with one incident.
pub const MEASURES_OF_CASE_MAX: usize = 64;
/// Measures that are remembered while they stand: as many as a shield lets stand.
const STANDING_MAX: usize = seawall_types::measure::MEASURES_COUNTED_MAX;

/// An incident as the log left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// What was recorded last.
    pub incident: Incident,
    /// Whether it goes on.
    pub state: CaseState,
    /// When it was first recorded.
    pub opened_at: WallTime,
    /// When it was last recorded.
    pub changed_at: WallTime,
    /// Numbers of its first and its last record; none where it was not read from the log.
    pub records: Option<(u64, u64)>,
    /// Measures that stood on its platform while it was open, as they were told last.
    pub measures: Vec<CaseMeasure>,
    /// Measures for which there was no room.
    pub measures_left_off: u64,
}

/// A standing measure during an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseMeasure {
    /// As it was told last.
    pub measure: StandingMeasure,
    /// How and when it ended; none while nothing says so.
    pub ended: Option<(MeasureEnd, Stamp)>,
}

/// Whether an incident goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaseState {
    /// Nothing says that it is over.
    Open,
    /// It was closed.
    Closed,
    /// The run that saw it ended before it did.
    Interrupted,
    /// It is part of another.
    MergedInto(String),
}

impl CaseState {
    /// For people and programs.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Interrupted => "interrupted",
            Self::MergedInto(_) => "merged",
        }
    }
}

/// When and where a fact was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// When.
    pub at: WallTime,
    /// Number of its record, where it was read from the log.
    pub record: Option<u64>,
}

/// Every incident that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cases {
    by_id: BTreeMap<IncidentId, Case>,
    /// What stands, by its name.
    standing: BTreeMap<MeasureId, StandingMeasure>,
    room: usize,
    forgotten: u64,
}

impl Default for Cases {
    fn default() -> Self {
        Self::with_room(CASES_MAX)
    }
}

impl Cases {
    /// None yet, and room for so many.
    pub fn with_room(room: usize) -> Self {
        Self { by_id: BTreeMap::new(), standing: BTreeMap::new(), room, forgotten: 0 }
    }

    /// What the log in `folder` says, with room for so many; one segment is in memory at a time.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read(folder: &mut impl Folder, room: usize) -> io::Result<Self> {
        let mut cases = Self::with_room(room);
        for name in segment::in_order(folder)? {
            cases.add_segment(&read_segment(folder, &name)?);
        }
        Ok(cases)
    }

    /// Takes what a segment says of incidents.
    pub fn add_segment(&mut self, bytes: &[u8]) {
        for line in segment::lines(bytes).0.filter_map(|(_, line)| Line::read(line)) {
            self.add_line(&line);
        }
    }

    /// Takes what a record says of incidents.
    pub fn add_line(&mut self, line: &Line<'_>) {
        if let Some(fact) = is_about_cases(line).then(|| line.fact()).flatten() {
            let Line { place, .. } = line;
            self.note(Told { at: place.stamp.wall, record: Some(place.number) }, &fact);
        }
    }

    /// Takes a fact.
    pub fn note(&mut self, told: Told, fact: &Fact) {
        match fact {
            Fact::IncidentOpened(incident) | Fact::IncidentChanged(incident) => {
                self.put(told, incident, CaseState::Open);
            }
            Fact::IncidentClosed(incident) => self.put(told, incident, CaseState::Closed),
            Fact::IncidentMerged { incident, into } => {
                if let Some(case) = self.by_id.get_mut(incident) {
                    case.state = CaseState::MergedInto(into.to_string());
                    case.renew(told);
                }
            }
            Fact::IncidentSources(sources) => {
                if let Some(case) = self.by_id.get_mut(&sources.incident) {
                    case.renew(told);
                }
            }
            Fact::MeasureBegan(measure) | Fact::MeasureChanged { measure, .. } => {
                self.measure(CaseMeasure { measure: measure.clone(), ended: None });
            }
            Fact::MeasureEnded { how, ended_at, measure } => {
                let ended = Some((*how, *ended_at));
                self.measure(CaseMeasure { measure: measure.clone(), ended });
            }
            Fact::NodeStarted { .. } | Fact::NodeStopped => {
                self.standing.clear();
                self.interrupt();
            }
            Fact::ConfigurationApplied { .. }
            | Fact::ConfigurationRefused { .. }
            | Fact::MitigationBegan(_)
            | Fact::MitigationRelieved(_)
            | Fact::MitigationEnded(_)
            | Fact::IncidentSealed(_)
            | Fact::IncidentRing(_)
            | Fact::LaneInvited(_)
            | Fact::LaneEntered(_)
            | Fact::LaneRevoked(_)
            | Fact::PlatformSecond(_)
            | Fact::IntegrityLook(_)
            | Fact::OriginStanding { .. }
            | Fact::CarryLearned { .. }
            | Fact::TableSaturated { .. } => {}
        }
    }

    /// Takes in what is known of runs that have ended; what is here already is newer.
    pub fn remember(&mut self, mut past: Self) {
        past.interrupt();
        self.forgotten += past.forgotten;
        for (id, case) in past.by_id {
            self.by_id.entry(id).or_insert(case);
        }
        self.forget();
    }

    /// One of them.
    pub fn get(&self, id: &str) -> Option<&Case> {
        self.by_id.get(&id.parse().ok()?)
    }

    /// All of them, the newest first.
    pub fn newest_first(&self) -> Vec<&Case> {
        let mut cases: Vec<_> = self.by_id.values().collect();
        cases.sort_by(|a, b| (b.opened_at, &b.incident.id).cmp(&(a.opened_at, &a.incident.id)));
        cases
    }

    /// How many older ones there was no room for.
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }

    fn put(&mut self, told: Told, incident: &Incident, state: CaseState) {
        if let Some(case) = self.by_id.get_mut(&incident.id) {
            (case.incident, case.state) = (incident.clone(), state);
            return case.renew(told);
        }
        let records = told.record.map(|record| (record, record));
        let on_platform = self.standing.values().filter(|one| one.platform == incident.platform);
        let mut case = Case {
            incident: incident.clone(),
            state,
            opened_at: told.at,
            changed_at: told.at,
            records,
            measures: Vec::new(),
            measures_left_off: 0,
        };
        for measure in on_platform {
            case.measure(&CaseMeasure { measure: measure.clone(), ended: None });
        }
        self.by_id.insert(incident.id.clone(), case);
        self.forget();
    }

    /// A measure is told: it is part of what is open on its platform.
    fn measure(&mut self, told: CaseMeasure) {
        let on_platform = |case: &&mut Case| {
            case.state == CaseState::Open && case.incident.platform == told.measure.platform
        };
        for case in self.by_id.values_mut().filter(on_platform) {
            case.measure(&told);
        }
        let CaseMeasure { measure, ended } = told;
        if ended.is_some() {
            self.standing.remove(&measure.id);
        } else if self.standing.len() < STANDING_MAX || self.standing.contains_key(&measure.id) {
            self.standing.insert(measure.id, measure);
        }
    }

    /// Whoever watched them has ended.
    fn interrupt(&mut self) {
        for case in self.by_id.values_mut().filter(|case| case.state == CaseState::Open) {
            case.state = CaseState::Interrupted;
        }
    }

    fn forget(&mut self) {
        while self.by_id.len() > self.room {
            let oldest = self.by_id.values().min_by_key(|case| case.opened_at);
            let Some(id) = oldest.map(|case| case.incident.id.clone()) else { return };
            self.by_id.remove(&id);
            self.forgotten += 1;
        }
    }
}

impl Case {
    fn measure(&mut self, told: &CaseMeasure) {
        let known = self.measures.iter().position(|one| one.measure.id == told.measure.id);
        match known {
            Some(known) => self.measures[known].clone_from(told),
            None if self.measures.len() < MEASURES_OF_CASE_MAX => self.measures.push(told.clone()),
            None => self.measures_left_off += 1,
        }
    }

    fn renew(&mut self, told: Told) {
        self.changed_at = told.at;
        let first = self.records.map(|(first, _)| first).or(told.record);
        self.records = first.zip(told.record);
    }
}

/// Whether a record can change what is known of incidents.
pub(crate) fn is_about_cases(line: &Line<'_>) -> bool {
    line.word.starts_with("incident_")
        || line.word.starts_with("measure_")
        || matches!(line.word, "node_started" | "node_stopped")
}

/// A segment's bytes; none when it was removed since it was listed.
pub(crate) fn read_segment(folder: &mut impl Folder, name: &SegmentName) -> io::Result<Vec<u8>> {
    match folder.read(&name.to_string()) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use seawall_types::evidence::{Clocks, IncidentKind, MeasureBy, Measured, VisitorsHarmed};
    use seawall_types::{MeasureTotals, Rung};

    fn incident(id: &str) -> Incident {
        Incident {
            id: id.parse().expect("a name"),
            platform: "www".to_owned(),
            kind: IncidentKind::Unknown,
            clocks: Clocks::default(),
            requests: [].into(),
            visitors_harmed: VisitorsHarmed::Unknown,
            measured: Measured::default(),
            signatures: Vec::new(),
        }
    }

    fn at(second: u64) -> Told {
        Told { at: WallTime(second * 1_000), record: Some(second) }
    }

    fn states(cases: &Cases) -> Vec<(&str, &'static str)> {
        let told = |case: &&Case| case.state.word();
        cases.newest_first().iter().map(|c| (c.incident.id.as_str(), told(c))).collect()
    }

    #[test]
    fn what_a_run_left_open_is_interrupted_and_what_was_closed_stays_closed() {
        let mut cases = Cases::default();
        cases.note(at(1), &Fact::IncidentOpened(incident("www-1")));
        cases.note(at(2), &Fact::IncidentClosed(incident("www-1")));
        cases.note(at(3), &Fact::IncidentOpened(incident("www-2")));
        assert_eq!(states(&cases), [("www-2", "open"), ("www-1", "closed")]);
        let started = Fact::NodeStarted { version: String::new(), configuration: String::new() };
        cases.note(at(4), &started);
        cases.note(at(5), &Fact::IncidentOpened(incident("www-3")));
        let expected = [("www-3", "open"), ("www-2", "interrupted"), ("www-1", "closed")];
        assert_eq!(states(&cases), expected);
        assert_eq!(cases.get("www-1").and_then(|case| case.records), Some((1, 2)));
    }

    fn measure(number: u32, platform: &str) -> StandingMeasure {
        StandingMeasure {
            id: MeasureId::new(number).expect("a name"),
            platform: platform.to_owned(),
            by: MeasureBy::Operator,
            rung: Rung::Refuse,
            about: "source=192.0.2.0/24".to_owned(),
            why: "test".to_owned(),
            began_at: Stamp::default(),
            expires_at: Stamp::default(),
            counts: MeasureTotals::default(),
        }
    }

    #[test]
    fn an_incident_has_the_measures_that_stood_on_its_platform_while_it_was_open() {
        let mut cases = Cases::default();
        let over = |measure| Fact::MeasureEnded {
            how: MeasureEnd::Lifted,
            ended_at: Stamp::default(),
            measure,
        };
        for (second, fact) in (1..).zip([
            Fact::MeasureBegan(measure(1, "www")),
            over(measure(1, "www")),
            Fact::MeasureBegan(measure(2, "www")),
            Fact::MeasureBegan(measure(3, "donate")),
            Fact::IncidentOpened(incident("www-1")),
            Fact::MeasureBegan(measure(4, "www")),
            Fact::MeasureChanged { was: Rung::Lane, measure: measure(2, "www") },
            over(measure(4, "www")),
            Fact::IncidentClosed(incident("www-1")),
            Fact::MeasureBegan(measure(5, "www")),
        ]) {
            cases.note(at(second), &fact);
        }
        let case = cases.get("www-1").expect("it was told");
        let told = |one: &CaseMeasure| (one.measure.id.number(), one.ended.is_some());
        let told: Vec<_> = case.measures.iter().map(told).collect();
        assert_eq!(told, [(2, false), (4, true)]);
        assert_eq!(case.measures_left_off, 0);
    }

    #[test]
    fn measures_of_an_incident_beyond_the_room_are_counted() {
        let mut cases = Cases::default();
        cases.note(at(1), &Fact::IncidentOpened(incident("www-1")));
        let most = u32::try_from(MEASURES_OF_CASE_MAX).expect("few");
        for number in 1..=most + 2 {
            cases.note(at(2), &Fact::MeasureBegan(measure(number, "www")));
        }
        let case = cases.get("www-1").expect("it was told");
        assert_eq!((case.measures.len(), case.measures_left_off), (MEASURES_OF_CASE_MAX, 2));
    }

    #[test]
    fn the_past_does_not_replace_what_is_known_now() {
        let mut past = Cases::default();
        past.note(at(1), &Fact::IncidentOpened(incident("www-1")));
        past.note(at(2), &Fact::IncidentOpened(incident("www-2")));
        let mut now = Cases::default();
        now.note(at(2), &Fact::IncidentClosed(incident("www-2")));
        now.remember(past);
        assert_eq!(states(&now), [("www-2", "closed"), ("www-1", "interrupted")]);
    }

    #[test]
    fn the_oldest_is_forgotten_when_there_is_no_room_and_that_is_counted() {
        let room = 100;
        let mut cases = Cases::with_room(room);
        for number in 0..=room as u64 {
            cases.note(at(number), &Fact::IncidentOpened(incident(&format!("www-{number}"))));
            assert_eq!(cases.forgotten(), u64::from(number == room as u64));
        }
        assert_eq!((cases.get("www-0"), cases.newest_first().len()), (None, room));
        assert!(cases.get("www-1").is_some());
        let mut past = Cases::default();
        past.note(at(0), &Fact::IncidentOpened(incident("www-0")));
        cases.remember(past);
        assert_eq!((cases.get("www-0"), cases.forgotten()), (None, 2), "the past has no more room");
    }
}
