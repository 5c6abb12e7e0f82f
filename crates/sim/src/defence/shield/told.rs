//! What the shield has said and done, by platform.
//!
//! Bounds: [`SAID_MAX`] things said and [`DEEDS_MAX`] done of each platform; later ones are not kept.

use crate::score::deeds::DEEDS_MAX;
use crate::score::detection::SAID_MAX;
use crate::score::{Calling, Deed, Done, Said};
use seawall_engine::detect::Finding;
use seawall_engine::{IncidentChange, PlatformState};
use seawall_types::{Moment, PlatformId, Rung};

/// What the shield has said and done.
#[derive(Debug)]
pub(super) struct Told {
    platforms: Vec<Vec<Said>>,
    deeds: Vec<Vec<Deed>>,
}

impl Told {
    pub(super) fn new(platforms: usize) -> Self {
        Self { platforms: vec![Vec::new(); platforms], deeds: vec![Vec::new(); platforms] }
    }

    /// What became of an incident.
    pub(super) fn incident(&mut self, platform: PlatformId, at: Moment, change: &IncidentChange) {
        match change {
            IncidentChange::Opened(_) | IncidentChange::Merged(_) => {
                self.done(platform, Deed { at, what: Done::Opened });
            }
            IncidentChange::Closed(incident) => {
                let ended = incident.clocks.ended_at.unwrap_or(at);
                self.done(platform, Deed { at, what: Done::Closed(ended) });
            }
            IncidentChange::Changed(_) => {}
        }
    }

    /// What a platform is called now; the same again is not told.
    pub(super) fn called(&mut self, platform: PlatformId, at: Moment, state: PlatformState) {
        let calling = match state {
            PlatformState::Incident => Calling::Incident,
            PlatformState::Calm | PlatformState::Watch => Calling::Over,
        };
        let last = self.deeds.get(platform.index()).into_iter().flatten().rev();
        let last = last.filter_map(|deed| match deed.what {
            Done::Called(calling) => Some(calling),
            Done::Stands(..) | Done::Opened | Done::Closed(_) => None,
        });
        if last.into_iter().next().unwrap_or(Calling::Over) != calling {
            self.done(platform, Deed { at, what: Done::Called(calling) });
        }
    }

    /// Measures on these rungs stand now.
    pub(super) fn measures(
        &mut self,
        platform: PlatformId,
        at: Moment,
        rungs: impl Iterator<Item = Rung>,
    ) {
        let (count, strictest) =
            rungs.fold((0, None), |(count, most), rung| (count + 1, most.max(Some(rung))));
        self.done(platform, Deed { at, what: Done::Stands(count, strictest) });
    }

    /// What was done on a platform.
    pub(super) fn done_on(&self, platform: PlatformId) -> &[Deed] {
        self.deeds.get(platform.index()).map_or(&[], Vec::as_slice)
    }

    fn done(&mut self, platform: PlatformId, deed: Deed) {
        if let Some(deeds) = self.deeds.get_mut(platform.index())
            && deeds.len() < DEEDS_MAX
        {
            deeds.push(deed);
        }
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
