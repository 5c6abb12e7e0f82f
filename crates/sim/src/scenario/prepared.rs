//! A scenario ready to be played: normal demand is measured, so that capacities can be told in it.
//!
//! Normal demand is what the people of a platform ask of it in a calm run of their own, with a fixed
//! seed and an origin that is never short of anything.

use super::kinds::Party;
use super::mishaps::Mishap;
use super::platforms::Capacity;
use super::{GroupEntry, Scenario};
use crate::casting::{Casting, Miscast, Pools, Span};
use crate::defence::{DefenceKind, Nothing, Protected, Setup};
use crate::fault::Fault;
use crate::group::{Group, thinned};
use crate::origin::OriginSpec;
use crate::rate::moment;
use crate::world::WorldPlatform;
use crate::{Chance, Score, World};
use seawall_types::{Moment, PlatformId};

/// Fixes the calm run, whatever the seed of the run that follows.
const CALM_SEED: u64 = 1;
/// Seconds until visits overlap as they do all day, and seconds that are measured after them.
const CALM: (u32, u32) = (20, 100);

/// Seconds of recovery that belong to an event.
const TAIL_S: f64 = 5.0;

/// A scenario and what its platforms meet on a normal day.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The scenario.
    pub scenario: Scenario,
    /// By platform.
    pub normal: Vec<Normal>,
    /// The share of everybody that takes part, and of what origins can carry.
    pub scale: f64,
    /// The share of people who were here before that passed a challenge then, from 0 to 1.
    pub old_tokens: f64,
    /// Groups whose members hold what gets them into a lane.
    pub lanes: Vec<u16>,
}

/// What the people of a platform ask of it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Normal {
    /// Requests per second.
    pub requests_per_s: f64,
    /// Origin-milliseconds per second.
    pub ms_per_s: f64,
}

/// One way to play a scenario.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Setting {
    /// Fixes every draw.
    pub seed: u64,
    /// What stands before the origins.
    pub defence: DefenceKind,
    /// Capacity of every platform in times of normal demand; none for what the scenario says.
    pub times_normal: Option<f64>,
}

impl Prepared {
    /// Measures normal demand.
    ///
    /// # Errors
    /// A sentence, when a group cannot be made.
    pub fn new(scenario: Scenario) -> Result<Self, Miscast> {
        Self::at_scale(scenario, 1.0)
    }

    /// The same with a share of everybody, from 0 to 1, and origins that carry as much less.
    ///
    /// # Errors
    /// A sentence, when a group cannot be made.
    pub fn at_scale(scenario: Scenario, scale: f64) -> Result<Self, Miscast> {
        let normal = calm(&scenario, scale)?;
        Ok(Self { scenario, normal, scale, old_tokens: 0.0, lanes: Vec::new() })
    }

    /// The same where a share of the people who were here before passed a challenge then.
    #[must_use]
    pub fn with_old_tokens(self, share: f64) -> Self {
        Self { old_tokens: share, ..self }
    }

    /// The same where members of the groups that are meant hold what gets them into lanes.
    #[must_use]
    pub fn with_lanes(self, is_meant: impl Fn(&GroupEntry) -> bool) -> Self {
        let groups = (0_u16..).zip(&self.scenario.groups);
        let lanes = groups.filter(|(_, group)| is_meant(group)).map(|(index, _)| index).collect();
        Self { lanes, ..self }
    }

    /// Plays the scenario once; gives the scores by platform.
    ///
    /// # Errors
    /// A sentence, when a group cannot be made.
    pub fn play(&self, setting: Setting) -> Result<Vec<Score>, Miscast> {
        Ok(self.world(setting)?.run(self.end()))
    }

    /// The world before its first moment.
    ///
    /// # Errors
    /// A sentence, when a group cannot be made.
    pub fn world(&self, setting: Setting) -> Result<World, Miscast> {
        let scenario = &self.scenario;
        let (groups, pools) = self.cast(setting.seed)?;
        let remembered: Vec<_> = groups.iter().flat_map(|group| group.remembered()).collect();
        let origins = self.origins(setting.times_normal);
        let protected = scenario.platforms.iter().zip(&origins).map(|(platform, origin)| {
            let capacity_ms_per_s = Some(origin.told_ms_per_s());
            Protected { name: platform.name.clone(), capacity_ms_per_s }
        });
        let defence = setting.defence.build(&Setup {
            seed: setting.seed,
            platforms: &protected.collect::<Vec<_>>(),
            stacks: pools.stacks(),
            remembered: &remembered,
            calm_until: moment(f64::from(scenario.learn)),
        });
        let platforms = scenario.platforms.iter().zip(&origins);
        let platforms =
            platforms.map(|(platform, origin)| WorldPlatform::new(platform.site.clone(), origin));
        let world = World::new(groups, platforms.collect(), defence)
            .with_faults(self.faults())
            .with_clock(scenario.clock.clone())
            .with_lanes(&self.lanes)
            .with_old_tokens(self.old_tokens);
        Ok(match self.event() {
            Some(event) => world.with_event(event),
            None => world,
        })
    }

    /// What serves each platform, brought to its capacity.
    pub fn origins(&self, times_normal: Option<f64>) -> Vec<OriginSpec> {
        let platforms = self.scenario.platforms.iter().zip(&self.normal);
        let origins = platforms.map(|(platform, normal)| {
            let origin = platform.origin.clone().times(self.scale);
            origin.carrying(match (times_normal, platform.capacity) {
                (Some(times), _) | (None, Capacity::TimesNormal(times)) => times * normal.ms_per_s,
                (None, Capacity::MsPerS(ms_per_s)) => ms_per_s * self.scale,
            })
        });
        origins.collect()
    }

    /// What goes wrong, and when.
    pub fn faults(&self) -> Vec<Fault> {
        self.scenario.mishaps.iter().flat_map(Mishap::faults).collect()
    }

    /// From the first second of a surge, flood or fault to its last and some seconds of recovery;
    /// none for plain days, which count as a whole.
    pub fn event(&self) -> Option<Span> {
        event(&self.scenario)
    }

    /// When a run is over.
    pub fn end(&self) -> Moment {
        moment(f64::from(self.scenario.seconds))
    }

    /// Every group before its first request, and the pools that they draw from.
    ///
    /// # Errors
    /// A sentence, when a group cannot be made.
    pub fn cast(&self, seed: u64) -> Result<(Vec<Box<dyn Group>>, Pools), Miscast> {
        let always = Span { from: 0.0, until: f64::from(self.scenario.seconds) };
        let groups = self.scenario.groups.iter();
        let all: Vec<_> = groups.map(|group| (group, group.span.unwrap_or(always))).collect();
        cast(&self.scenario, &all, (seed, self.scale))
    }
}

fn event(scenario: &Scenario) -> Option<Span> {
    let end = f64::from(scenario.seconds);
    let unusual = scenario.groups.iter().filter(|group| group.party != Party::People);
    let unusual = unusual.map(|group| group.span.unwrap_or(Span { from: 0.0, until: end }));
    let mishaps = scenario.mishaps.iter().map(|mishap| mishap.span);
    let whole = unusual
        .chain(mishaps)
        .reduce(|all, one| Span { from: all.from.min(one.from), until: all.until.max(one.until) });
    whole.map(|span| Span { until: (span.until + TAIL_S).min(end), ..span })
}

fn calm(scenario: &Scenario, scale: f64) -> Result<Vec<Normal>, Miscast> {
    let (settling, measured) = CALM;
    let end = settling + measured;
    let span = Span { from: 0.0, until: f64::from(end) };
    let people = scenario.groups.iter().filter(|group| group.party == Party::People);
    let people: Vec<_> = people.map(|group| (group, span)).collect();
    let (groups, _) = cast(scenario, &people, (CALM_SEED, scale))?;
    let plenty = OriginSpec { line: 1_000_000, connections: 1_000_000, ..OriginSpec::default() };
    let plenty = plenty.carrying(4e6);
    let platforms = scenario.platforms.iter();
    let platforms = platforms.map(|platform| WorldPlatform::new(platform.site.clone(), &plenty));
    let defence = Box::new(Nothing);
    let scores = World::new(groups, platforms.collect(), defence).run(moment(f64::from(end)));
    Ok(scores.iter().map(|score| normal(score, settling as usize, end as usize)).collect())
}

fn normal(score: &Score, from: usize, until: usize) -> Normal {
    let mut normal = Normal::default();
    let seconds = score.seconds.get(from..until.min(score.seconds.len())).unwrap_or_default();
    for second in seconds {
        normal.requests_per_s += second.offered.iter().map(|count| f64::from(*count)).sum::<f64>();
        normal.ms_per_s += second.offered_ms.iter().sum::<f64>();
    }
    let (_, measured) = CALM;
    Normal {
        requests_per_s: normal.requests_per_s / f64::from(measured),
        ms_per_s: normal.ms_per_s / f64::from(measured),
    }
}

fn cast(
    scenario: &Scenario,
    groups: &[(&GroupEntry, Span)],
    (seed, scale): (u64, f64),
) -> Result<(Vec<Box<dyn Group>>, Pools), Miscast> {
    let mut pools = Pools::new();
    let mut made = Vec::new();
    for (index, (group, span)) in (0_u16..).zip(groups) {
        let Some(platform) = scenario.platforms.get(usize::from(group.platform)) else {
            continue;
        };
        let whole = group.cast(Casting {
            group: index,
            platform: PlatformId(group.platform),
            site: &platform.site,
            pools: &mut pools,
            span: *span,
            seed: Chance::for_part(seed, name_bits(&group.name)).next_u64(),
        })?;
        made.push(thinned(whole, scale));
    }
    Ok((made, pools))
}

/// A number for a name: FNV-1a.
fn name_bits(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |bits, byte| {
        (bits ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
