//! What the demo tells while it runs: one line for each thing that was measured.
//!
//! Takes [`Look`]s and the engine's effects; gives [`Line`]s.
//! Never tells a number that nobody counted, and says of each who did.
//! Calm is told when the shield is calm; between the first overrun and the first stopped request
//! it is not, and nothing is told.
//! Bounds: one open measure for each platform.

mod tell;

use super::cast::Cast;
use super::look::Look;
use seawall_engine::detect::FindingChange;
use seawall_engine::effect::{MitigationBegan, MitigationEnded, Relieved};
use seawall_engine::{Effect, IncidentKind};
use seawall_types::{Moment, PlatformId};
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// A measure that was told so recently is not told of again yet.
const JUST_TOLD: Duration = Duration::from_secs(1);

/// What a line is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    Calm,
    Finding,
    Mitigation,
    Relief,
    End,
}

/// One line of the story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Since `ready`.
    pub(super) at: Duration,
    pub(super) word: Word,
    pub(super) text: String,
}

/// What has been told, as far as later lines depend on it.
#[derive(Debug)]
pub(super) struct Story {
    cast: Cast,
    ready: Moment,
    /// When it became calm; of use while no measure acts.
    calm_began: Look,
    /// When it was last seen to be calm.
    calm_ended: Look,
    /// When the last line of the kind that comes every few seconds was due.
    last: Look,
    /// Measures that act, and when that was told.
    open: BTreeMap<PlatformId, Look>,
    /// What the detector was last told to call what goes on.
    said: BTreeMap<PlatformId, IncidentKind>,
}

impl Story {
    /// Nothing has been told; `ready` is the moment from which seconds count.
    pub(super) fn new(cast: Cast, ready: Look) -> Self {
        Self {
            cast,
            ready: ready.at,
            calm_began: ready.clone(),
            calm_ended: ready.clone(),
            last: ready,
            open: BTreeMap::new(),
            said: BTreeMap::new(),
        }
    }

    /// A flood begins: whatever was calm ends here.
    pub(super) fn flood_begins(&mut self, now: Look) {
        if self.open.is_empty() && now.is_calm() {
            self.calm_ended = now;
        }
    }

    /// A few seconds have passed.
    pub(super) fn tick(&mut self, now: Look) -> Vec<Line> {
        let mut lines = Vec::new();
        for (platform, told) in &self.open {
            let span = now.since(self.last.later(told));
            if span.lasting >= JUST_TOLD {
                let text = tell::goes_on(self.name(*platform), (&now, &span), platform.index());
                lines.push(self.line(now.at, Word::Mitigation, text));
            }
        }
        if self.open.is_empty() && now.is_calm() {
            let text = tell::calm(&self.cast, &now.since(&self.last));
            lines.push(self.line(now.at, Word::Calm, text));
            self.calm_ended = now.clone();
        }
        self.last = now;
        lines
    }

    /// The engine has concluded something.
    pub(super) fn hear(&mut self, effect: &Effect, now: Look) -> Option<Line> {
        match effect {
            Effect::MitigationBegan(began) => Some(self.began(began, now)),
            Effect::Relieved(relieved) => Some(self.relieved(relieved, &now)),
            Effect::MitigationEnded(ended) => Some(self.ended(ended, now)),
            Effect::Finding(change) => self.found(change),
            Effect::Measure(change) => {
                let text = tell::measure(self.name(change.measure().platform), change);
                Some(self.line(change.at(), Word::Mitigation, text))
            }
            // The story is told by what was done; what belongs to the whole shield goes to the log.
            Effect::Incident { .. } | Effect::TableSaturated { .. } => None,
        }
    }

    /// What the detector says at first, and when it has changed its mind about what it is.
    fn found(&mut self, change: &FindingChange) -> Option<Line> {
        let finding = match change {
            FindingChange::Began(finding) => finding,
            FindingChange::Changed(finding)
                if self.said.get(&finding.platform) != Some(&finding.kind) =>
            {
                finding
            }
            FindingChange::Changed(_) => return None,
            FindingChange::Ended(finding) => {
                self.said.remove(&finding.platform);
                return None;
            }
        };
        self.said.insert(finding.platform, finding.kind);
        let text = tell::found(self.name(finding.platform), finding);
        Some(self.line(finding.at, Word::Finding, text))
    }

    fn began(&mut self, began: &MitigationBegan, now: Look) -> Line {
        let span = now.since(&self.calm_ended);
        let part = self.cast.parts.get(began.platform.index());
        let workers = part.map_or(0, |part| part.origin.workers);
        let text = tell::began(self.name(began.platform), began, (&span, workers));
        let line = self.line(now.at, Word::Mitigation, text);
        self.open.insert(began.platform, now);
        line
    }

    fn relieved(&self, relieved: &Relieved, now: &Look) -> Line {
        let before = self.calm_ended.since(&self.calm_began);
        let meanwhile = now.since(&self.calm_ended);
        let name = self.name(relieved.platform);
        let text = tell::relieved(name, relieved, (&before, &meanwhile));
        self.line(now.at, Word::Relief, text)
    }

    fn ended(&mut self, ended: &MitigationEnded, now: Look) -> Line {
        let told = self.open.remove(&ended.platform);
        let during = told.map(|told| now.since(&told));
        let since = ended.at.since(self.ready);
        let name = self.name(ended.platform);
        let text = tell::ended(name, (ended, since), during.as_ref().zip(Some(&self.cast)));
        let line = self.line(now.at, Word::End, text);
        if self.open.is_empty() {
            (self.calm_began, self.calm_ended) = (now.clone(), now);
        }
        line
    }

    fn line(&self, at: Moment, word: Word, text: String) -> Line {
        Line { at: at.since(self.ready), word, text }
    }

    fn name(&self, platform: PlatformId) -> &'static str {
        let part = self.cast.parts.get(platform.index());
        part.map_or("?", |part| part.name)
    }
}

impl Word {
    const fn word(self) -> &'static str {
        match self {
            Self::Calm => "calm",
            Self::Finding => "finding",
            Self::Mitigation => "mitigation",
            Self::Relief => "relief",
            Self::End => "end",
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, word, text } = self;
        write!(f, "{:6.1}  {:<10}  {text}", at.as_secs_f64(), word.word())
    }
}

#[cfg(test)]
mod tests;
