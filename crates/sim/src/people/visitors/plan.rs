//! What a group of people is: how many come when, who they are and how they read.

use super::itinerary::Entry;
use super::trail::Trail;
use crate::casting::{Miscast, share};
use crate::people::Begin;
use crate::people::homes::Cast;
use crate::rate::RateShape;
use crate::site::Site;
use crate::stack::Look;
use seawall_types::Moment;
use std::time::Duration;

/// What a group of people is.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// Visits that begin, per second.
    pub(crate) visits: RateShape,
    /// Whether people are here already when the group's span begins.
    pub(crate) start: Begin,
    /// How many different people there are.
    pub(crate) people: u32,
    /// Visits by people who were here before the world began, of all.
    pub(crate) returning: f64,
    /// Who they are.
    pub(crate) cast: Cast,
    /// How a visit begins.
    pub(crate) entry: Entry,
    /// How they read.
    pub(crate) habits: Habits,
    /// A new version of a browser that some get while the world runs.
    pub(crate) update: Option<Update>,
}

/// A new version of a browser.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Update {
    /// People who get it.
    pub(crate) share: f64,
    /// When.
    pub(crate) at: Moment,
    /// What it looks like.
    pub(crate) look: Look,
}

/// How people read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Habits {
    /// Chance to leave after a page.
    pub(crate) leaving: f64,
    /// Mean time with a page.
    pub(crate) thinking: Duration,
    /// How long they wait for one.
    pub(crate) patience: Duration,
    /// Pages that are searches.
    pub(crate) searches: f64,
    /// Pages that are a sign-in.
    pub(crate) logins: f64,
}

impl Default for Habits {
    /// About three pages a visit, eight seconds with each (assumed).
    fn default() -> Self {
        Self {
            leaving: 0.35,
            thinking: Duration::from_secs(8),
            patience: Duration::from_secs(3),
            searches: 0.04,
            logins: 0.01,
        }
    }
}

impl Habits {
    /// Pages that a visit comes to when all are served.
    pub(crate) fn pages_per_visit(&self) -> f64 {
        1.0 / self.leaving.max(0.01)
    }

    /// Requests that a visit comes to when all are served, by people of whom `returning` are known.
    ///
    /// Visits that follow recorded ones come to [`super::Trail::mean_requests`] instead.
    pub(crate) fn requests_per_visit(&self, site: &Site, returning: f64) -> f64 {
        let (pages, parts) = (self.pages_per_visit(), Parts::of(site));
        let fresh = f64::from(parts.later);
        let cold = f64::from(parts.first) - fresh;
        pages * (1.0 + fresh) + (1.0 - returning) * cold
    }

    /// Habits with other shares of searches and sign-ins.
    pub(crate) fn with(self, searches: f64, logins: f64) -> Result<Self, Miscast> {
        share("searches", searches)?;
        share("searches and logins together", searches + logins)?;
        Ok(Self { searches, logins: share("logins", logins)?, ..self })
    }
}

/// How many sub-resources a page brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parts {
    /// To a browser that has nothing of the site.
    pub(super) first: u8,
    /// To one that has been here.
    pub(super) later: u8,
}

impl Parts {
    /// Half of a page's own pictures are new to a browser that has been here (assumed).
    pub(super) fn of(site: &Site) -> Self {
        let shared = site.shared_assets().len();
        let first = site.assets_per_page;
        let pictures = first.saturating_sub(u8::try_from(shared).unwrap_or(u8::MAX));
        Self { first, later: pictures / 2 }
    }
}

/// People who may be here at once, of all; more and hardly anybody is left who could come.
const PRESENT_MAX: f64 = 0.7;

impl Plan {
    /// Seconds that a visit is spent reading, on average.
    pub(super) fn reading_s(&self) -> f64 {
        let thoughts = match self.entry {
            Entry::Recorded => Trail::mean_thoughts(),
            Entry::Anywhere | Entry::At(_) => self.habits.pages_per_visit() - 1.0,
        };
        thoughts * self.habits.thinking.as_secs_f64()
    }

    /// Whether there are enough people for so many visits at once.
    pub(super) fn check(&self) -> Result<(), Miscast> {
        let least = self.visits.highest() * self.reading_s() / PRESENT_MAX;
        if least <= f64::from(self.people) {
            return Ok(());
        }
        let must = format!("{:.0} or more for so many visits", least.ceil());
        Err(Miscast::value("people", self.people, must))
    }

    /// People who were here before the world began; the first members are they.
    pub(crate) fn regulars(&self) -> u32 {
        let known = f64::from(self.people) * self.returning;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a u32 is one"
        )]
        let known = known as u32;
        if self.returning > 0.0 { known.clamp(1, self.people) } else { 0 }
    }
}
