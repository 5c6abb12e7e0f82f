//! Signs of a change that nobody ordered, on one platform: who administers it, how logins fare, what
//! leaves it, which files are put on it.
//!
//! Takes uses of watched paths and sums of what was sent; gives [`IntegritySeen`] when something is
//! not as before, and once in a while when it is.
//! A sign is no proof, and its absence proves nothing about what is not watched.
//! Never reads a clock, stops nobody, and tells no address.
//! Bounds: [`PLACES_MAX`] places a platform; seven spans of what was sent.

mod egress;
mod uses;

pub use egress::{EGRESS_SPAN, EGRESS_WINDOW};
pub use uses::{FAILURES_LEAST, LEARNT_AFTER, PLACES_MAX, UPLOADS_LEAST};

use egress::Egress;
use seawall_types::evidence::{Aspect, Seen};
use seawall_types::{Moment, PlatformId, UseKind, WatchedUse};
use std::time::Duration;
use uses::{Admin, Login, Uploads};

/// How often is told that all is as before, while an incident is open anywhere.
const TOLD_IN_INCIDENT: Duration = Duration::from_secs(30);
/// The same in calm.
const TOLD_IN_CALM: Duration = Duration::from_mins(10);
/// How often one that departs is told again.
const DEPARTS_TOLD_EVERY: Duration = Duration::from_secs(10);

/// Looks at one aspect of a platform over a span of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntegritySeen {
    /// Which platform.
    pub platform: PlatformId,
    /// At what.
    pub aspect: Aspect,
    /// Since when.
    pub since: Moment,
    /// Until when.
    pub until: Moment,
    /// How many looks.
    pub looks: u64,
    /// The worst that they showed.
    pub seen: Seen,
    /// What that was.
    pub detail: String,
}

/// What one look showed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Look {
    seen: Seen,
    detail: String,
}

/// Watches one platform.
#[derive(Debug)]
pub(crate) struct Integrity {
    platform: PlatformId,
    admin: Admin,
    login: Login,
    egress: Egress,
    uploads: Uploads,
    spans: [Option<Span>; 4],
}

/// Looks that are not told yet.
#[derive(Debug, Clone)]
struct Span {
    since: Moment,
    until: Moment,
    looks: u64,
    worst: Look,
    told_at: Moment,
    /// What was told last.
    told: Option<Seen>,
}

const ASPECTS: [Aspect; 4] = [Aspect::Admin, Aspect::Login, Aspect::Egress, Aspect::Upload];

impl Integrity {
    pub(crate) fn new(platform: PlatformId) -> Self {
        Self {
            platform,
            admin: Admin::default(),
            login: Login::default(),
            egress: Egress::default(),
            uploads: Uploads::default(),
            spans: [const { None }; 4],
        }
    }

    /// Takes a use of a watched path.
    pub(crate) fn observe(&mut self, used: &WatchedUse, in_incident: bool) {
        match used.kind {
            UseKind::Admin => {
                let look = self.admin.look(used, in_incident);
                self.note(0, used.at, look);
            }
            UseKind::Login => {
                let look = self.login.look(used, in_incident);
                self.note(1, used.at, look);
            }
            UseKind::Upload(upload) => {
                let look = self.uploads.look((used, upload), in_incident);
                self.note(3, used.at, look);
            }
        }
    }

    /// Takes what was sent and admitted since the start.
    pub(crate) fn tick(&mut self, now: Moment, (bytes, admitted): (u64, u64), in_incident: bool) {
        if let Some(look) = self.egress.look(now, (bytes, admitted), in_incident) {
            self.note(2, now, look);
        }
    }

    fn note(&mut self, aspect: usize, now: Moment, look: Look) {
        let slot = &mut self.spans[aspect];
        let span = slot.get_or_insert_with(|| Span {
            since: now,
            until: now,
            looks: 0,
            worst: look.clone(),
            told_at: now,
            told: None,
        });
        if span.looks == 0 {
            (span.since, span.worst) = (now, look);
        } else if look.seen >= span.worst.seen || span.worst.seen == Seen::Learning {
            // Once enough is learned, that it was not before is nothing to tell.
            span.worst = look;
        }
        span.until = now;
        span.looks += 1;
    }

    /// What is due to be told; `any_incident` when one is open on any platform.
    pub(crate) fn due(&mut self, now: Moment, any_incident: bool) -> Vec<IntegritySeen> {
        let mut due = Vec::new();
        for (aspect, span) in ASPECTS.into_iter().zip(&mut self.spans) {
            let Some(span) = span.as_mut().filter(|span| span.looks > 0) else { continue };
            let every = match (span.worst.seen, any_incident) {
                (Seen::Departs, _) => DEPARTS_TOLD_EVERY,
                (_, true) => TOLD_IN_INCIDENT,
                (_, false) => TOLD_IN_CALM,
            };
            // What is new waits for nobody, but that something is over waits for a while: what comes
            // and goes must not fill the log.
            let is_new = span.told.is_none_or(|told| told < span.worst.seen);
            let is_over = span.told.is_some_and(|told| told > span.worst.seen);
            let since_told = now.since(span.told_at);
            if !is_new && since_told < if is_over { DEPARTS_TOLD_EVERY } else { every } {
                continue;
            }
            due.push(IntegritySeen {
                platform: self.platform,
                aspect,
                since: span.since,
                until: span.until,
                looks: span.looks,
                seen: span.worst.seen,
                detail: span.worst.detail.clone(),
            });
            (span.looks, span.told_at, span.told) = (0, now, Some(span.worst.seen));
        }
        due
    }
}

#[cfg(test)]
mod tests;
