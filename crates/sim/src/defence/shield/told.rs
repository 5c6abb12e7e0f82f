//! What the detector has said, by platform.
//!
//! Bounds: [`SAID_MAX`] things of each platform; later ones are not kept.

use crate::score::Said;
use crate::score::detection::SAID_MAX;
use seawall_engine::detect::Finding;
use seawall_types::PlatformId;

/// What the detector has said.
#[derive(Debug)]
pub(super) struct Told {
    platforms: Vec<Vec<Said>>,
}

impl Told {
    pub(super) fn new(platforms: usize) -> Self {
        Self { platforms: vec![Vec::new(); platforms] }
    }

    pub(super) fn take(&mut self, finding: &Finding, is_over: bool) {
        let Some(said) = self.platforms.get_mut(finding.platform.index()) else {
            return;
        };
        if said.len() < SAID_MAX {
            said.push(Said {
                at: finding.at,
                onset_at: finding.onset_at,
                kind: finding.kind,
                descriptions: finding.signatures.iter().map(|one| one.expression.clone()).collect(),
                bound: finding.signatures.iter().fold(0.0, |sum, one| sum + one.bound),
                undescribed: finding.undescribed.clone(),
                is_over,
            });
        }
    }

    pub(super) fn of(&self, platform: PlatformId) -> &[Said] {
        self.platforms.get(platform.index()).map_or(&[], Vec::as_slice)
    }
}
