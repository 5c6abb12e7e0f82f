//! Which platforms share which origins, from the settings.

use seawall_config::OriginUrl;
use seawall_engine::admission::{ORIGINS_MAX, OriginIndex, Plan};
use seawall_types::OriginCapacity;

/// A plan, and what each of its origins is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Planned {
    /// Counts settings since the start: cores of other settings have no part in this plan.
    pub(crate) number: u64,
    /// By index of the plan.
    pub(crate) origins: Vec<(OriginUrl, Option<OriginCapacity>)>,
    /// By platform index.
    pub(crate) platforms: Vec<Vec<OriginIndex>>,
}

/// What bounds the origins of a platform.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Bounds {
    /// What the operator says that they can carry.
    Told(OriginCapacity),
    /// What is learned from their answers.
    Learned,
    /// Nothing.
    Nothing,
}

impl Planned {
    /// Adds the next platform; one that a reload took away has no origins.
    pub(crate) fn add(&mut self, urls: &[OriginUrl], bounds: Bounds) {
        let part = match bounds {
            Bounds::Told(whole) => part_of(whole, urls.len()),
            Bounds::Learned => None,
            Bounds::Nothing => {
                self.platforms.push(Vec::new());
                return;
            }
        };
        let places = urls.iter().take(ORIGINS_MAX).map(|url| self.place(url, part));
        let places = places.collect();
        self.platforms.push(places);
    }

    /// What the origins of a platform are.
    pub(crate) fn urls(&self, platform: usize) -> impl Iterator<Item = &OriginUrl> {
        let places = self.platforms.get(platform).into_iter().flatten();
        places.filter_map(|index| Some(&self.origins.get(index.0)?.0))
    }

    /// The plan for the engine.
    pub(crate) fn plan(&self, cores: usize) -> Plan {
        Plan {
            origins: self.origins.iter().map(|(_, capacity)| *capacity).collect(),
            platforms: self.platforms.clone(),
            cores,
        }
    }

    /// Where the origins of this plan stood in `old`.
    pub(crate) fn kept_from(&self, old: &Self) -> Vec<Option<OriginIndex>> {
        let find = |url: &OriginUrl| old.origins.iter().position(|(known, _)| known == url);
        self.origins.iter().map(|(url, _)| find(url).map(OriginIndex)).collect()
    }

    /// An origin has one place, whoever names it; of what it is said to carry the least counts.
    fn place(&mut self, url: &OriginUrl, told: Option<OriginCapacity>) -> OriginIndex {
        let Some(at) = self.origins.iter().position(|(known, _)| known == url) else {
            self.origins.push((url.clone(), told));
            return OriginIndex(self.origins.len() - 1);
        };
        let known = &mut self.origins[at].1;
        *known = match (*known, told) {
            (Some(one), Some(other)) => {
                Some(if one.ms_per_second() <= other.ms_per_second() { one } else { other })
            }
            (one, other) => one.or(other),
        };
        OriginIndex(at)
    }
}

/// What each of `origins` carries when all of them together carry `whole`.
#[expect(clippy::cast_precision_loss, reason = "at most a few origins")]
fn part_of(whole: OriginCapacity, origins: usize) -> Option<OriginCapacity> {
    OriginCapacity::new(whole.ms_per_second() / origins.max(1) as f64)
}
