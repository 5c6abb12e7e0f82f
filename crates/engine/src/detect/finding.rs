//! What the detector says: a finding, its signatures and why it is called what it is called.
//!
//! Plain data; every number in it was measured.
//! Never says who sends: a flood is a shape of traffic, not a person.
//! Bounds: [`SIGNATURES_MAX`] signatures a finding; texts of a few hundred bytes.

use crate::incident::IncidentKind;
use seawall_types::{Moment, PlatformId, Rung};

/// Signatures that one finding lists.
pub const SIGNATURES_MAX: usize = 16;

/// What asks for more than a platform can carry, as far as it can be told.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Where.
    pub platform: PlatformId,
    /// When it was said.
    pub at: Moment,
    /// The first traffic of it, found backwards.
    pub onset_at: Moment,
    /// What it is called.
    pub kind: IncidentKind,
    /// What is asked for over what can be carried, over the last second.
    pub pressure: f64,
    /// Descriptions of the excess, the one that explains most of it first.
    pub signatures: Vec<Described>,
    /// Share of the excess that they explain together, from 0 to 1.
    pub covered: f64,
    /// Whom the promise about visitors rests on.
    pub footing: Footing,
    /// Why it is called what it is called.
    pub why: Why,
    /// Why the rest of it is not described, and what was tried, as a sentence; none when enough is.
    pub undescribed: Option<String>,
}

/// One signature, for people and programs.
#[derive(Debug, Clone, PartialEq)]
pub struct Described {
    /// The whole sentence, with what it explains and whom it touches.
    pub text: String,
    /// The conjunction alone.
    pub expression: String,
    /// Share of the excess that it explains, from 0 to 1.
    pub share_of_excess: f64,
    /// Known-good visitors that it touches.
    pub hits: u32,
    /// Known-good visitors that it was tried on.
    pub visitors: u32,
    /// 95 % upper bound of the share of known-good visitors that it touches.
    pub bound: f64,
    /// What was done about it; none while it is only watched.
    pub treated: Option<Treated>,
}

/// What was done about a signature.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Treated {
    /// The strictest rung that it was brought to.
    pub rung: Rung,
    /// Share of the known-good visitors who came that it met; none while none came.
    pub measured_collateral: Option<f64>,
}

impl Described {
    /// The strictest rung that it was brought to.
    pub fn rung(&self) -> Rung {
        self.treated.map_or(Rung::Watch, |treated| treated.rung)
    }
}

/// Whom the promise about visitors rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Footing {
    /// Nobody is known: nothing is promised.
    #[default]
    Nobody,
    /// Visitors who came while the platform was calm; nobody has proven anything yet.
    Calm,
    /// Visitors who have proven to be good.
    Proven,
}

impl Footing {
    /// As it stands in sentences.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Nobody => "no known visitors yet",
            Self::Calm => "visitors of calm times, provisional",
            Self::Proven => "known-good visitors",
        }
    }
}

/// Why a finding is called what it is called; what was measured stands with it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Why {
    /// Clients, or ways of asking, that next to no known visitor shows, and they were not seen to go
    /// on as visitors do.
    Unlike(Shown, Manners),
    /// What is asked for is asked by a mix of clients that is not that of visitors.
    OddMix(Manners),
    /// What is described is unlike what visitors show, and goes about the site as they do.
    UnlikeYetVisiting(Manners),
    /// What was described tells where people come from and what they want, and that is what a crowd
    /// changes.
    WantedByMany(Manners),
    /// Nothing describes the excess alone, and it goes about the site as visitors do.
    LikeVisitors(Manners),
    /// Clients that visitors have ask for more of what such clients always ask for.
    AsTheirKind(Habit),
    /// Nothing describes the excess alone, and it does not go about as visitors do.
    NothingTouchesItAlone(Manners),
    /// Nothing describes the excess alone, and who gets nothing goes on to something else.
    GoesOnUnserved(Elsewhere),
    /// What was described tells what is wanted, and who gets nothing goes on to something else.
    WantedYetGoesOn(Elsewhere),
    /// Too few visitors are known to say anything.
    TooFewKnown(u32),
}

/// Senders that must have been served before their manners tell anything.
pub const SENDERS_MIN: u32 = 50;

/// Known visitors that show all that a signature says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// So many of them.
    pub hits: u32,
    /// Of so many that it was tried on.
    pub visitors: u32,
}

/// How senders go about the site, beside how visitors did in calm times.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Manners {
    /// Senders that were looked at.
    pub senders: u32,
    /// Share of them that went on from a page of the platform.
    pub goes_on: f64,
    /// The same share in calm times.
    pub goes_on_calm: f64,
    /// What those who went on asked for in a second, by cost, over what such people ask for in calm
    /// times.
    pub times_calm: f64,
    /// Requests per sender within the seconds that were looked at.
    pub requests: f64,
    /// The same in calm times.
    pub requests_calm: f64,
    /// What one of their requests costs the origin, in milliseconds.
    pub cost_ms: f64,
    /// The same in calm times: a page with its parts is cheap by the request.
    pub cost_ms_calm: f64,
}

/// What a few kinds of client ask for, beside what known visitors with such clients ask for.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Habit {
    /// Part of the excess in which the two are alike, from 0 to 1.
    pub in_common: f64,
    /// Requests of known visitors with such clients.
    pub known: u32,
}

/// Senders to whom nothing was served and who came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Elsewhere {
    /// So many of those that were looked at.
    pub came_back: u32,
    /// Those of them who asked for something else than what they did not get.
    pub for_other: u32,
}

impl Why {
    /// One plain sentence.
    pub fn sentence(&self) -> String {
        match self {
            Self::Unlike(Shown { hits, visitors }, manners) => {
                format!("{hits} of {visitors} known visitors show this, and {}", manners.words())
            }
            Self::OddMix(manners) => format!(
                "those who ask for this are not the mix of clients that visitors are, and {}",
                manners.words()
            ),
            Self::UnlikeYetVisiting(manners) => {
                format!("what is described goes about as visitors do: {}", manners.words())
            }
            Self::WantedByMany(manners) => format!(
                "it differs only in what is asked for and where it comes from: {}",
                manners.words()
            ),
            Self::LikeVisitors(manners) => format!(
                "no description touches the excess alone, and it goes about as visitors do: {}",
                manners.words()
            ),
            Self::AsTheirKind(Habit { in_common, known }) => format!(
                "clients that visitors have ask for more of what such clients always ask for: {:.0} % \
                 of the excess is alike, beside {known} requests of known visitors",
                100.0 * in_common
            ),
            Self::NothingTouchesItAlone(manners) => format!(
                "no description touches the excess alone: clients and requests are like those of \
                 visitors, but {}",
                manners.words()
            ),
            Self::GoesOnUnserved(elsewhere) => {
                format!("no description touches the excess alone, but {}", elsewhere.words())
            }
            Self::WantedYetGoesOn(elsewhere) => format!(
                "it differs only in what is asked for and where it comes from, but {}",
                elsewhere.words()
            ),
            Self::TooFewKnown(visitors) => {
                format!("too few visitors are known to tell: {visitors} so far")
            }
        }
    }
}

impl Elsewhere {
    fn words(self) -> String {
        let Self { came_back, for_other } = self;
        format!(
            "of {came_back} senders who came back after nothing was served to them, {:.0} % asked for \
             something else",
            100.0 * f64::from(for_other) / f64::from(came_back.max(1))
        )
    }
}

impl Manners {
    /// What was seen of them; of too few it tells nothing.
    fn words(&self) -> String {
        let Self { senders, goes_on, goes_on_calm, times_calm, .. } = *self;
        if senders < SENDERS_MIN {
            return format!(
                "too few of its senders were served to tell how they go about ({senders})"
            );
        }
        format!(
            "{:.0} % of {senders} senders went on from a page, {:.0} % in calm times, and those asked \
             for {times_calm:.1} times as much as then",
            100.0 * goes_on,
            100.0 * goes_on_calm,
        )
    }
}

/// What became of a finding.
#[derive(Debug, Clone, PartialEq)]
pub enum FindingChange {
    /// Something is said for the first time.
    Began(Finding),
    /// What is said is another.
    Changed(Finding),
    /// What was said is over.
    Ended(Finding),
}

impl FindingChange {
    /// The finding as it is after the change.
    pub fn finding(&self) -> &Finding {
        match self {
            Self::Began(finding) | Self::Changed(finding) | Self::Ended(finding) => finding,
        }
    }
}
