//! Who is looked at: staff that are added to a scenario, and programs that it has, more often.

use seawall_sim::Span;
use seawall_sim::scenario::kinds::{self, KINDS};
use seawall_sim::scenario::{GroupEntry, Scenario};
use toml::{Table, Value};

/// Those who are looked at.
#[derive(Clone, Copy)]
pub(crate) enum Party {
    Staff,
    Monitor,
    Webhook,
    Crawler,
    Feed,
}

impl Party {
    pub(crate) const COUNT: usize = 5;
    pub(crate) const ALL: [Self; Self::COUNT] =
        [Self::Staff, Self::Monitor, Self::Webhook, Self::Crawler, Self::Feed];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Staff => STAFF,
            Self::Monitor => "monitor",
            Self::Webhook => "webhook",
            Self::Crawler => "crawler",
            Self::Feed => "feed",
        }
    }

    /// What a group is among these.
    pub(crate) fn of(group: &GroupEntry) -> Option<Self> {
        match (group.party, group.kind.name) {
            (kinds::Party::People, "browsers") if group.name == STAFF => Some(Self::Staff),
            (kinds::Party::People, "monitors") => Some(Self::Monitor),
            (kinds::Party::People, "webhooks") => Some(Self::Webhook),
            (kinds::Party::People, "crawlers") => Some(Self::Crawler),
            (kinds::Party::People, "feeds") => Some(Self::Feed),
            _ => None,
        }
    }
}

const STAFF: &str = "staff";
/// Requests a second of staff, parts of pages included, and how many they are.
const STAFF_RPS: f64 = 10.0;
const STAFF_PEOPLE: i64 = 40;
/// Seconds between two requests of one monitor and of one reader: often enough that a share of 99.9 %
/// says something.
const MONITOR_EVERY_S: f64 = 2.0;
const READER_EVERY_S: f64 = 60.0;

/// Whether members of a group hold what opens a lane; readers of feeds hold nothing.
pub(crate) fn holds_something(group: &GroupEntry) -> bool {
    Party::of(group).is_some_and(|party| !matches!(party, Party::Feed))
}

/// From when until when floods are.
pub(crate) fn flood_of(scenario: &Scenario) -> Option<Span> {
    let floods = scenario.groups.iter().filter(|group| group.party == kinds::Party::Flood);
    let spans = floods.filter_map(|group| group.span);
    spans.reduce(|all, one| Span { from: all.from.min(one.from), until: all.until.max(one.until) })
}

/// The scenario with staff, and with programs that ask more often.
pub(crate) fn with_staff(scenario: &Scenario) -> Scenario {
    let mut scenario = scenario.clone();
    for group in &mut scenario.groups {
        let every_s = match Party::of(group) {
            Some(Party::Monitor) => MONITOR_EVERY_S,
            Some(Party::Feed) => READER_EVERY_S,
            Some(Party::Staff | Party::Webhook | Party::Crawler) | None => continue,
        };
        group.parameters.insert("every_s".to_owned(), Value::Float(every_s));
    }
    let flooded = scenario.groups.iter().find(|group| group.party == kinds::Party::Flood);
    let platform = flooded.map_or(0, |group| group.platform);
    let staff = KINDS.iter().find(|kind| kind.name == "browsers").map(|kind| GroupEntry {
        name: STAFF.to_owned(),
        party: kinds::Party::People,
        kind,
        platform,
        span: None,
        parameters: Table::from_iter([
            ("rps".to_owned(), Value::Float(STAFF_RPS)),
            ("people".to_owned(), Value::Integer(STAFF_PEOPLE)),
        ]),
    });
    scenario.groups.extend(staff);
    scenario
}
