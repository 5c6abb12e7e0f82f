//! When a defence began to say that something is wrong, by platform.
//!
//! Bounds: [`NOTICES_MAX`] of each platform; later ones are not kept.

use seawall_types::{Moment, PlatformId};

/// Notices kept of one platform.
const NOTICES_MAX: usize = 1_024;

/// When a defence began to say that something is wrong.
#[derive(Debug, Clone)]
pub(super) struct Notices {
    platforms: Vec<Vec<Moment>>,
}

impl Notices {
    pub(super) fn new(platforms: usize) -> Self {
        Self { platforms: vec![Vec::new(); platforms] }
    }

    pub(super) fn add(&mut self, platform: PlatformId, at: Moment) {
        if let Some(notices) = self.platforms.get_mut(platform.index())
            && notices.len() < NOTICES_MAX
        {
            notices.push(at);
        }
    }

    pub(super) fn first_since(&self, platform: PlatformId, since: Moment) -> Option<Moment> {
        self.platforms.get(platform.index())?.iter().find(|at| **at >= since).copied()
    }
}
