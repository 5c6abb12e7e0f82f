//! The runs behind the tables.

use crate::outcome::Outcome;
use crate::{files, threads};
use seawall_sim::casting::Span;
use seawall_sim::defence::DefenceKind;
use seawall_sim::fault::{Fault, What};
use seawall_sim::rate::moment;
use seawall_sim::scenario::kinds::Party;
use seawall_sim::scenario::{Prepared, Scenario, Setting};

/// Where scenarios lie.
const FOLDER: &str = "scenarios";
const OWN_FOLDER: &str = "scenarios/brain";
const DAY_FOLDER: &str = "scenarios/day";
/// Every scenario is played with each of these.
const SEEDS: [u64; 5] = [1, 2, 3, 4, 5];
/// A flood that takes so long to grow is played once.
const LONG_FROM_S: u32 = 10_000;
/// What origins carry, in times of normal demand.
const TIMES_NORMAL: f64 = 3.0;
/// How long before the event the shield is started on its first day.
const STARTED_BEFORE_S: f64 = 30.0;
/// How long that takes.
const AWAY_S: f64 = 1.0;
/// The group whose begin is the onset, where several floods are in a scenario.
const MEANT: &str = "flood";

/// One scenario on one platform, by seed.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) runs: Vec<Outcome>,
}

/// Everything that was played.
pub(crate) struct Tables {
    pub(crate) usual: Vec<Row>,
    /// The same with a shield that was started half a minute before, and knows nobody.
    pub(crate) first_day: Vec<Row>,
    /// Worlds of this table alone.
    pub(crate) own: Vec<Row>,
    /// Whole days, second for second.
    pub(crate) day: Vec<Row>,
    /// Floods where so many visitors were here before, by [`TOKENS`].
    pub(crate) tokens: Vec<(String, Vec<Row>)>,
}

/// Shares of visitors who come back with a cookie or token from before.
pub(crate) const TOKENS: [f64; 3] = [0.0, 0.1, 0.35];

/// When the shield starts.
#[derive(Clone, Copy, PartialEq)]
enum Start {
    WithTheWorld,
    BeforeTheEvent,
}

/// What to play.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Parts {
    /// What figures are made of.
    Figures,
    /// Whole days alone.
    Day,
    /// Everything, and harm by how many were here before.
    All,
}

/// Plays everything, or what is meant.
pub(crate) fn all(meant: &[String], parts: Parts) -> Result<Tables, String> {
    let is_meant = |scenario: &Scenario| {
        meant.is_empty() || meant.iter().any(|begin| scenario.name.starts_with(begin.as_str()))
    };
    let of = |folder: &str, is_played: bool| {
        let mut scenarios = if is_played { files::scenarios(folder)? } else { Vec::new() };
        scenarios.retain(is_meant);
        Ok::<_, String>(scenarios)
    };
    let scenarios = of(FOLDER, parts != Parts::Day)?;
    let own = of(OWN_FOLDER, parts != Parts::Day)?;
    let day = of(DAY_FOLDER, parts != Parts::Figures)?;
    Ok(Tables {
        usual: rows(&scenarios, Start::WithTheWorld)?,
        first_day: rows(&scenarios, Start::BeforeTheEvent)?,
        own: rows(&own, Start::WithTheWorld)?,
        day: rows(&day, Start::WithTheWorld)?,
        tokens: match parts {
            Parts::Figures | Parts::Day => Vec::new(),
            Parts::All => tokens(&scenarios)?,
        },
    })
}

/// Every flood of one platform, with each share of visitors who were here before.
fn tokens(scenarios: &[Scenario]) -> Result<Vec<(String, Vec<Row>)>, String> {
    let floods = |scenario: &&Scenario| {
        let mut groups = scenario.groups.iter();
        scenario.platforms.len() == 1 && groups.any(|group| group.party == Party::Flood)
    };
    let mut all = Vec::new();
    for scenario in scenarios.iter().filter(floods) {
        let with = |share: f64| {
            let mut other = scenario.clone();
            let people = other.groups.iter_mut().filter(|group| group.party == Party::People);
            for group in people.filter(|group| HAVE_A_PAST.contains(&group.kind.name)) {
                group.parameters.insert("returning".to_owned(), toml::Value::Float(share));
            }
            rows(&[other], Start::WithTheWorld)
        };
        let rows = TOKENS.map(with).into_iter().collect::<Result<Vec<_>, _>>()?;
        all.push((scenario.name.clone(), rows.into_iter().flatten().collect()));
    }
    Ok(all)
}

/// Kinds of people of whom some were here before.
const HAVE_A_PAST: [&str; 4] = ["browsers", "day", "nat", "privacy"];

fn rows(scenarios: &[Scenario], start: Start) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    for scenario in scenarios {
        let prepared = Prepared::new(scenario.clone()).map_err(|miscast| miscast.to_string())?;
        let event = event(&prepared);
        if start == Start::BeforeTheEvent && event.is_none_or(|span| span.from < STARTED_BEFORE_S) {
            continue;
        }
        eprint!("\r{:60}", scenario.name);
        let is_long = event.is_some() && scenario.seconds >= LONG_FROM_S;
        let seeds = if is_long { &SEEDS[..1] } else { &SEEDS[..] };
        let mut by_platform: Vec<Vec<Outcome>> = vec![Vec::new(); scenario.platforms.len()];
        for outcomes in threads::each(seeds, |seed| play(&prepared, *seed, (event, start))) {
            by_platform.iter_mut().zip(outcomes?).for_each(|(runs, one)| runs.push(one));
        }
        for (platform, runs) in scenario.platforms.iter().zip(by_platform) {
            let name = match scenario.platforms.len() {
                1 => scenario.name.clone(),
                _ => format!("{}, {}", scenario.name, platform.name),
            };
            rows.push(Row { name, runs });
        }
    }
    eprintln!();
    Ok(rows)
}

/// From the begin of the flood that is meant, or of anything unusual.
fn event(prepared: &Prepared) -> Option<Span> {
    let event = prepared.event()?;
    let meant = prepared.scenario.group(MEANT).and_then(|group| group.span);
    Some(meant.map_or(event, |span| Span { from: span.from, ..event }))
}

fn play(
    prepared: &Prepared,
    seed: u64,
    (event, start): (Option<Span>, Start),
) -> Result<Vec<Outcome>, String> {
    let setting = Setting { seed, defence: DefenceKind::Shield, times_normal: Some(TIMES_NORMAL) };
    let mut world = prepared.world(setting).map_err(|miscast| miscast.to_string())?;
    if let Some(event) = event {
        world = world.with_event(event);
        if start == Start::BeforeTheEvent {
            let begins = event.from - STARTED_BEFORE_S;
            let mut faults = prepared.faults();
            let leaves = What::NodeLeaves(moment(begins));
            faults.push(Fault { at: moment((begins - AWAY_S).max(0.0)), what: leaves });
            world = world.with_faults(faults);
        }
    }
    let scores = world.run(prepared.end());
    Ok(scores.iter().map(|score| Outcome::of(score, event)).collect())
}
