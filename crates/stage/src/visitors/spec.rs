//! Who comes, where to, by which door and at what pace.

use crate::bounds::{REQUESTS_PER_S_MAX, VISITORS_LASTING_MAX, within};
use crate::{LoopbackTarget, Sources, StageError, Trust};
use rustls::pki_types::ServerName;
use std::time::Duration;

/// Platforms of one set of visitors.
pub const PLATFORMS_MAX: usize = 64;
/// Requests that one page view makes at most: the page and six files.
const REQUESTS_PER_VIEW: f64 = 7.0;
/// The shortest pause: below it people would be a flood.
const PAUSE_MIN: Duration = Duration::from_millis(1);
/// The longest mean pause.
const PAUSE_MAX: Duration = Duration::from_hours(1);

/// One set of visitors.
#[derive(Debug, Clone)]
pub struct VisitorsSpec {
    /// Fixes who they are and what each would do next.
    pub seed: u64,
    /// One address for each person.
    pub people: Sources,
    /// Ways in; each person keeps to one.
    pub doors: Vec<Door>,
    /// Where they go; each session is on one platform.
    pub platforms: Vec<VisitedPlatform>,
    /// How quick they are.
    pub pace: Pace,
    /// How long they keep coming, at most [`VISITORS_LASTING_MAX`].
    pub lasting: Duration,
}

/// A platform that visitors know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitedPlatform {
    /// The host that they ask for; must be a name.
    pub host: String,
    /// How popular it is beside the others.
    pub weight: u16,
    /// Paths at which sessions begin.
    pub entrances: Vec<String>,
}

/// A way in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Door {
    /// Where it is.
    pub target: LoopbackTarget,
    /// What is spoken there.
    pub transport: Transport,
    /// How many take it beside the others.
    pub weight: u16,
}

/// What is spoken at a door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transport {
    /// HTTP/1.1 without TLS.
    Plain,
    /// HTTP/1.1 over TLS.
    TlsHttp1(Trust),
    /// HTTP/2 over TLS.
    TlsHttp2(Trust),
}

/// How quick people are; every pause is exponential around its mean, from 1 ms to 1 h.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Mean time between two sessions of one person.
    pub away: Duration,
    /// Mean time on a page before the next or leaving.
    pub think: Duration,
}

impl Default for Pace {
    /// Half a minute away, four seconds on a page.
    fn default() -> Self {
        Self { away: Duration::from_secs(30), think: Duration::from_secs(4) }
    }
}

impl VisitorsSpec {
    pub(super) fn checked(self) -> Result<Self, StageError> {
        within("visitor platforms", self.platforms.len(), 0..=PLATFORMS_MAX)?;
        if self.platforms.iter().all(|platform| platform.weight == 0) {
            return Err(StageError::Nothing("the list of visited platforms"));
        }
        if self.doors.iter().all(|door| door.weight == 0) {
            return Err(StageError::Nothing("the list of doors"));
        }
        for door in &self.doors {
            self.people.can_reach(door.target)?;
        }
        for platform in &self.platforms {
            platform.check()?;
        }
        within("pause between sessions", self.pace.away, PAUSE_MIN..=PAUSE_MAX)?;
        within("pause on a page", self.pace.think, PAUSE_MIN..=PAUSE_MAX)?;
        within("time of visitors", self.lasting, Duration::ZERO..=VISITORS_LASTING_MAX)?;
        within("visitor requests/s", self.highest_rate(), 0.0..=REQUESTS_PER_S_MAX)?;
        Ok(self)
    }

    /// Requests per second if every answer came at once and nobody ever left.
    fn highest_rate(&self) -> f64 {
        let pause = self.pace.think.min(self.pace.away).as_secs_f64();
        f64::from(self.people.count()) * REQUESTS_PER_VIEW / pause
    }
}

impl VisitedPlatform {
    fn check(&self) -> Result<(), StageError> {
        let unsendable = |what, text: &str| StageError::Unsendable { what, text: text.to_owned() };
        if ServerName::try_from(self.host.as_str()).is_err() {
            return Err(unsendable("visited host", &self.host));
        }
        if self.entrances.is_empty() {
            return Err(StageError::Nothing("a platform's list of entrances"));
        }
        let strange = |path: &&String| {
            !path.starts_with('/') || !path.bytes().all(|byte| byte.is_ascii_graphic())
        };
        match self.entrances.iter().find(strange) {
            Some(path) => Err(unsendable("entrance", path)),
            None => Ok(()),
        }
    }
}
