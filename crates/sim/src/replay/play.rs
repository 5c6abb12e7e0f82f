//! Plays what was recorded under one configuration.

use super::capacity;
use super::demand::Demand;
use super::incidents;
use super::names::Named;
use super::recorded::{self, Recorded};
use super::summary::{PlatformSummary, Summary};
use super::verdicts::Decision;
use crate::shield::{Asked, Setup, Shield, Way};
use seawall_engine::policy::{AddressSet, Client, Rules};
use seawall_engine::{Effect, PlatformSettings};
use seawall_types::{MeasureId, Mode, Moment, OriginCapacity, PLATFORMS_MAX, PlatformId, Verdict};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::num::NonZeroU16;
use std::time::Duration;

/// Records between two reports of progress.
const REPORT_EVERY: usize = 65_536;

/// One configuration, as far as it decides anything here.
pub struct Plan<'a> {
    /// By platform index; a capacity of none is taken from the records.
    pub platforms: Vec<PlatformSettings>,
    /// The rules in force.
    pub rules: Rules,
    /// How clients reach the shield.
    pub way: Way,
    /// Keys the table of sources.
    pub seed: u64,
    /// Which platform a record is for, by what it names.
    pub place: Place<'a>,
}

/// Finds the platform that a record is for.
pub type Place<'a> = Box<dyn Fn(&Named) -> Option<PlatformId> + 'a>;

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// By record, in the order of the inputs.
    pub(super) decisions: Vec<Decision>,
    /// The platform of each record, likewise.
    pub(super) platforms: Vec<Option<PlatformId>>,
    /// Whom measures were about that decided, each as a text of JSON.
    pub(super) texts: Vec<String>,
    /// What the engine told, in order.
    pub effects: Vec<Effect>,
    /// Seconds, in the records' epoch, at which [`Moment`] zero lies.
    pub began_at: f64,
    /// The sums.
    pub summary: Summary,
}

impl Plan<'_> {
    /// Where there is no configuration: the platforms that the records name, and no limits.
    pub fn without_configuration(recorded: &Recorded, seed: u64) -> Self {
        let names: Vec<_> = recorded.platforms().into_iter().take(PLATFORMS_MAX).collect();
        let settings =
            |name: &String| PlatformSettings { name: name.clone(), capacity: None, acts: true };
        Plan {
            platforms: names.iter().map(settings).collect(),
            rules: Rules {
                allow: AddressSet::default(),
                source_budget: None,
                source_connections: u32::MAX,
                modes: vec![Mode::Protect; names.len()],
            },
            way: Way::Direct,
            seed,
            place: Box::new(move |named| {
                let index = names.iter().position(|name| name == recorded::platform(named))?;
                u16::try_from(index).ok().map(PlatformId)
            }),
        }
    }
}

/// Plays `recorded` under `plan`; `on_progress` is told now and then how many records are done.
pub fn play(recorded: &Recorded, plan: Plan<'_>, on_progress: &mut dyn FnMut(usize)) -> Outcome {
    let places: Vec<_> = recorded.names.all().iter().map(&plan.place).collect();
    let place = |named: u16| places[usize::from(named)];
    let platforms = with_capacities(recorded, plan.platforms, &place);
    let mut demands: Vec<_> =
        platforms.iter().map(|platform| Demand::new(ms_per_second(platform))).collect();
    let mut summary = Summary::new(recorded, &platforms, plan.seed);
    let shield =
        Shield::new(Setup { rules: plan.rules, platforms, way: plan.way, seed: plan.seed });
    let began_at = recorded.in_order().next().map_or(0.0, |(_, record)| record.t);
    let mut played = Played {
        recorded,
        shield,
        began_at,
        decisions: vec![Decision::default(); recorded.records.len()],
        texts: Texts::default(),
        returns: BinaryHeap::new(),
    };
    for (done, (index, record)) in recorded.in_order().enumerate() {
        if done.is_multiple_of(REPORT_EVERY) {
            on_progress(done);
        }
        let platform = place(record.named);
        played.come_back(Some(moment(record.t - began_at)), &mut demands);
        let decision = played.ask(index, platform);
        match platform {
            Some(platform) => summary.platforms[platform.index()].count(decision.verdict),
            None => summary.unserved += 1,
        }
        if let Some(platform) = platform.filter(|_| decision.is_admitted()) {
            demands[platform.index()].add(second(record.t), record.cost_ms().unwrap_or(0.0));
        }
    }
    played.come_back(None, &mut demands);
    let Played { mut shield, decisions, texts, .. } = played;
    shield.finish();
    for (platform, demand) in summary.platforms.iter_mut().zip(demands) {
        (platform.overload_seconds, platform.admitted_ms) = demand.conclude();
    }
    let (effects, _) = shield.effects();
    let effects = effects.to_vec();
    summary.incidents = incidents::of(&effects, began_at, &summary.platforms);
    let platforms = recorded.records.iter().map(|record| place(record.named)).collect();
    let texts = texts.0;
    let mut outcome = Outcome { decisions, platforms, texts, effects, began_at, summary };
    outcome.summary.decisions_hash = outcome.hash(recorded);
    outcome
}

/// A replay under way.
struct Played<'r> {
    recorded: &'r Recorded,
    shield: Shield,
    began_at: f64,
    decisions: Vec<Decision>,
    texts: Texts,
    /// Who was challenged and comes back, the soonest first.
    returns: BinaryHeap<Reverse<Return>>,
}

/// Somebody who was challenged, and when it is back with a token: as many as there are records at
/// most.
type Return = (Moment, usize, PlatformId, MeasureId);

impl Played<'_> {
    /// Asks for what a record asks for, and remembers who comes back.
    fn ask(&mut self, index: usize, platform: Option<PlatformId>) -> Decision {
        let record = &self.recorded.records[index];
        let asked = self.asked(index, (moment(record.t - self.began_at), platform));
        if platform.is_some() {
            let texts = &self.recorded.texts;
            self.shield.name(&record.traits, |attribute| {
                texts.text(attribute, record.traits.get(attribute)).map(str::to_owned)
            });
        }
        let mut decision = Decision::of(self.shield.request(&asked));
        let measure = self.shield.met_last().filter(|_| !decision.is_admitted());
        if let Some(measure) = measure {
            decision.text = self.shield.measure_text(measure).and_then(|text| self.texts.at(&text));
        }
        if let (Verdict::Challenge, Some(measure), Some(platform), Some(after)) =
            (decision.verdict, measure, platform, record.solves_after())
        {
            self.returns.push(Reverse((asked.at + after, index, platform, measure)));
        }
        self.decisions[index] = decision;
        decision
    }

    /// Lets those ask again who are back by then, or all.
    fn come_back(&mut self, by: Option<Moment>, demands: &mut [Demand]) {
        while let Some(Reverse((at, index, platform, measure))) = self.returns.peek().copied() {
            if by.is_some_and(|by| at > by) {
                return;
            }
            self.returns.pop();
            let asked = self.asked(index, (at, Some(platform)));
            let client = Client { is_trusted: true, ..asked.client };
            let again = Asked { client, passed: Some(measure), ..asked };
            if Decision::of(self.shield.request(&again)).is_admitted() {
                self.decisions[index].returned = true;
                let cost_ms = self.recorded.records[index].cost_ms().unwrap_or(0.0);
                demands[platform.index()].add(second(self.began_at + at.as_secs_f64()), cost_ms);
            }
        }
    }

    fn asked(&self, index: usize, (at, platform): (Moment, Option<PlatformId>)) -> Asked {
        let record = &self.recorded.records[index];
        Asked {
            at,
            source: record.source(),
            platform,
            cost: Duration::from_secs_f64(record.cost_ms().unwrap_or(0.0) / 1e3),
            traits: record.traits,
            fault: record.fault,
            client: record.client(),
            passed: None,
        }
    }
}

/// Texts of measures that decided, in the order in which they were first needed; when there are more
/// than are told apart, later ones are not told.
#[derive(Default)]
struct Texts(Vec<String>);

impl Texts {
    /// The place of a text, from 1.
    fn at(&mut self, text: &str) -> Option<NonZeroU16> {
        // A text is JSON here, so that a line of it needs no more.
        let text = serde_json::Value::from(text).to_string();
        let at = self.0.iter().position(|known| *known == text).unwrap_or(self.0.len());
        let place = NonZeroU16::new(u16::try_from(at + 1).ok()?)?;
        if at == self.0.len() {
            self.0.push(text);
        }
        Some(place)
    }
}

/// Platforms with the capacities that nobody told taken from their records.
fn with_capacities(
    recorded: &Recorded,
    mut platforms: Vec<PlatformSettings>,
    place: &impl Fn(u16) -> Option<PlatformId>,
) -> Vec<PlatformSettings> {
    let mut requests: Vec<Vec<(i64, f64)>> = vec![Vec::new(); platforms.len()];
    let is_told: Vec<bool> = platforms.iter().map(|known| known.capacity.is_some()).collect();
    for (_, record) in recorded.in_order().filter(|(_, record)| record.fault.is_none()) {
        let Some(platform) = place(record.named).map(PlatformId::index) else { continue };
        if !is_told[platform] {
            requests[platform].push((second(record.t), record.cost_ms().unwrap_or(0.0)));
        }
    }
    for (platform, requests) in platforms.iter_mut().zip(requests) {
        let automatic = || OriginCapacity::new(capacity::automatic(&requests));
        platform.capacity = platform.capacity.or_else(automatic);
    }
    platforms
}

/// The second that a time lies in.
#[expect(clippy::cast_possible_truncation, reason = "times are bounded far below")]
fn second(t: f64) -> i64 {
    t.floor() as i64
}

/// Nanoseconds beyond which times are taken as one: 285 years, half of what a [`Moment`] tells.
const SPAN_NS_MAX: f64 = 9e18;

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within its bounds")]
fn moment(seconds: f64) -> Moment {
    Moment((seconds * 1e9).round().clamp(0.0, SPAN_NS_MAX) as u64)
}

fn ms_per_second(platform: &PlatformSettings) -> f64 {
    platform.capacity.map_or(0.0, OriginCapacity::ms_per_second)
}

impl PlatformSummary {
    pub(super) fn of(platform: &PlatformSettings) -> Self {
        Self::new(platform.name.clone(), ms_per_second(platform))
    }
}
