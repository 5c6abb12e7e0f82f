//! What the operator says of itself: who reports, to whom it may be passed on, when a person knew.

use crate::line::Line;
use seawall_types::WallTime;

/// What the operator says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct About {
    /// Who reports.
    pub organisation: Option<Line>,
    /// Whom a reader can ask, on a system that this incident does not touch.
    pub contact: Option<Line>,
    /// How far it may be passed on.
    pub tlp: Option<Tlp>,
    /// When a person became aware: duties to report count from here.
    pub aware_at: Option<WallTime>,
    /// Every platform of the configuration, so that one without a record is named as such.
    pub platforms: Vec<Line>,
}

/// A label of the Traffic Light Protocol 2.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tlp {
    /// For the eyes of those who got it.
    Red,
    /// Within the organisation alone.
    AmberStrict,
    /// Within the organisation and its clients.
    Amber,
    /// Within the community.
    Green,
    /// For everyone.
    Clear,
}

impl Tlp {
    /// The word of the configuration.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Red => "red",
            Self::AmberStrict => "amber+strict",
            Self::Amber => "amber",
            Self::Green => "green",
            Self::Clear => "clear",
        }
    }

    /// Reads the word of the configuration.
    pub fn read(word: &str) -> Option<Self> {
        let all = [Self::Red, Self::AmberStrict, Self::Amber, Self::Green, Self::Clear];
        all.into_iter().find(|tlp| tlp.word() == word)
    }

    /// Whether a document under it may say where the origins are and what they carry.
    pub const fn carries_inner(self) -> bool {
        match self {
            Self::Red | Self::AmberStrict | Self::Amber => true,
            Self::Green | Self::Clear => false,
        }
    }

    /// Whether a document under it may say what is looked for in traffic, and by which configuration.
    pub const fn carries_descriptions(self) -> bool {
        match self {
            Self::Red | Self::AmberStrict | Self::Amber | Self::Green => true,
            Self::Clear => false,
        }
    }
}

impl About {
    /// Who reports and whom to ask, in one sentence.
    pub fn signed(&self) -> String {
        let told = |line: &Option<Line>| {
            line.as_ref().map_or("unknown: nobody told the shield".to_owned(), ToString::to_string)
        };
        let (organisation, contact) = (told(&self.organisation), told(&self.contact));
        format!("Reported by {organisation}; contact {contact}.")
    }

    /// The label as it stands on a document.
    pub fn label(&self) -> String {
        self.tlp.map_or("TLP: not set by the operator".to_owned(), |tlp| {
            format!("TLP:{}", tlp.word().to_uppercase())
        })
    }
}
