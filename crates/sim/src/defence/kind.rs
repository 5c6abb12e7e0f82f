//! Any defence by its name.

use super::{Defence, Ewma, Nothing, PerAddress, Profile, Shield, ShieldSettings};
use crate::group::Remembered;
use crate::stack::Stacks;
use seawall_types::Moment;
use serde::Deserialize;

/// Which defence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DefenceKind {
    /// No shield at all.
    Nothing,
    /// 10 requests a second for each address, 20 at once.
    PerAddress,
    /// 2.5 requests a second for each address, 10 at once.
    PerAddressStrict,
    /// Chance drops what exceeds five sigma over a smoothed rate.
    Ewma,
    /// A limit for each value of each dimension, from what was usual.
    Profile,
    /// The shield itself, told what each platform's origins can carry.
    Shield,
    /// The shield as a node runs it by default: it learns what origins can carry.
    ShieldLearning,
}

/// A platform as a defence is told of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Protected {
    /// Its name.
    pub name: String,
    /// What its origins can carry; none while unknown.
    pub capacity_ms_per_s: Option<f64>,
}

/// What a defence begins with.
#[derive(Debug, Clone, Copy)]
pub struct Setup<'a> {
    /// Fixes its draws and the keys of its tables.
    pub seed: u64,
    /// Whom it protects, by index.
    pub platforms: &'a [Protected],
    /// What clients of the world look like.
    pub stacks: &'a Stacks,
    /// Who was served before the world began.
    pub remembered: &'a [Remembered],
    /// Until when everything that comes is usual.
    pub calm_until: Moment,
}

impl DefenceKind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Nothing,
        Self::PerAddress,
        Self::PerAddressStrict,
        Self::Ewma,
        Self::Profile,
        Self::Shield,
        Self::ShieldLearning,
    ];

    /// Its name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::PerAddress => "per address",
            Self::PerAddressStrict => "per address, strict",
            Self::Ewma => "ewma shed",
            Self::Profile => "profile",
            Self::Shield => "shield",
            Self::ShieldLearning => "shield, learning",
        }
    }

    /// A fresh one.
    pub fn build(self, setup: &Setup<'_>) -> Box<dyn Defence> {
        let platforms = setup.platforms.len();
        let mut defence: Box<dyn Defence> = match self {
            Self::Nothing => Box::new(Nothing),
            Self::PerAddress => Box::new(PerAddress::new(setup.seed, platforms)),
            Self::PerAddressStrict => Box::new(PerAddress::strict(setup.seed, platforms)),
            Self::Ewma => Box::new(Ewma::new(setup.seed, platforms)),
            Self::Profile => Box::new(Profile::new(setup.calm_until, platforms)),
            Self::Shield => Box::new(Shield::new(setup, ShieldSettings::default())),
            Self::ShieldLearning => Box::new(Shield::new(setup, ShieldSettings::LEARNING)),
        };
        defence.remember(setup.remembered);
        defence
    }
}
