//! What was watched for a change that nobody ordered, and whether a statement about that is borne.
//!
//! A statement is borne only for what was watched, all the time, and was as before; one departure
//! turns it, and what was not watched is named as such.
//! Never says that nothing happened: other changes would not show here.
//! Bounds: [`ROWS_MAX`] things that were watched, [`DEPARTURES_MAX`] departures of each.

use super::Window;
use crate::known::{Why, thousands};
use crate::line::Line;
use seawall_types::WallTime;
use seawall_types::evidence::{Aspect, IntegrityLook, Seen};
use seawall_types::wall::rfc3339;
use std::collections::BTreeMap;

/// Things that a case lists as watched.
pub(super) const ROWS_MAX: usize = 330;
/// Departures that are listed of each.
pub(super) const DEPARTURES_MAX: usize = 20;
/// How long after an incident's end looks still count: what changed in it shows at the next look.
pub(super) const AFTER_MS: u64 = 60_000;
/// A hole between looks up to which a time counts as watched.
const HOLE_MS: u64 = 60_000;

/// What was watched in the time of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Integrity {
    /// Whether a statement is borne.
    pub borne: Borne,
    /// What was watched.
    pub rows: Vec<Watched>,
    /// What found no room in the list.
    pub unlisted: u64,
}

/// Whether the records bear a statement about integrity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Borne {
    /// All that was watched is as before, in its scope.
    Supported,
    /// Something is not.
    NotSupported,
    /// Not enough was watched.
    Unknown(Why),
}

impl Borne {
    /// For programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::NotSupported => "not_supported",
            Self::Unknown(_) => "unknown",
        }
    }

    /// For people.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Supported => "supported, for what was watched",
            Self::NotSupported => "not supported",
            Self::Unknown(_) => "unknown",
        }
    }
}

/// One thing that was watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// Whose; `None` for the shield itself.
    pub platform: Option<Line>,
    /// What of it.
    pub aspect: Aspect,
    /// The first look and the last.
    pub span: (WallTime, WallTime),
    /// How many looks.
    pub looks: u64,
    /// The worst that they showed.
    pub worst: Seen,
    /// What the last of that kind said.
    pub detail: Line,
    /// Each departure: when it was seen first, in which record, and how.
    pub departures: Vec<Departure>,
    /// Longest time between looks, in milliseconds.
    hole_ms: u64,
}

/// Something was not as before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Departure {
    /// When it was seen.
    pub at: WallTime,
    /// The record that tells it.
    pub record: u64,
    /// How it departs.
    pub how: Line,
}

/// Looks as they are gathered.
#[derive(Debug, Default)]
pub(super) struct Looks {
    rows: BTreeMap<(Option<String>, Aspect), Watched>,
    unlisted: u64,
}

impl Looks {
    pub(super) fn take(&mut self, record: u64, told: &IntegrityLook) {
        let key = (told.platform.clone(), told.aspect);
        if self.rows.len() >= ROWS_MAX && !self.rows.contains_key(&key) {
            self.unlisted += 1;
            return;
        }
        let (since, until) = (told.since.wall, told.until.wall);
        let row = self.rows.entry(key).or_insert_with(|| Watched {
            platform: told.platform.as_deref().map(Line::of),
            aspect: told.aspect,
            span: (since, since),
            looks: 0,
            worst: told.seen,
            detail: Line::of(&told.detail),
            departures: Vec::new(),
            hole_ms: 0,
        });
        row.hole_ms = row.hole_ms.max(since.0.saturating_sub(row.span.1.0));
        row.span = (row.span.0.min(since), row.span.1.max(until));
        row.looks = row.looks.saturating_add(told.looks);
        if told.seen >= row.worst {
            (row.worst, row.detail) = (told.seen, Line::of(&told.detail));
        }
        if told.seen == Seen::Departs && row.departures.len() < DEPARTURES_MAX {
            row.departures.push(Departure { at: until, record, how: Line::of(&told.detail) });
        }
    }

    /// What the looks bear; `doubt` is what speaks against relying on the records.
    pub(super) fn conclude(self, window: Window, doubt: Option<Why>) -> Integrity {
        let rows: Vec<_> = self.rows.into_values().collect();
        let mut steady = rows.iter().filter(|row| row.worst == Seen::AsBefore);
        let borne = if rows.iter().any(|row| row.worst == Seen::Departs) {
            Borne::NotSupported
        } else if let Some(why) = doubt {
            Borne::Unknown(why)
        } else if !steady.clone().any(Watched::is_looked_at) {
            Borne::Unknown(Why::NotWatched)
        } else if steady.all(|row| row.covers(window)) {
            Borne::Supported
        } else {
            Borne::Unknown(Why::PartlyUnseen)
        };
        Integrity { borne, rows, unlisted: self.unlisted }
    }
}

impl Watched {
    /// Whether it is looked at by the clock; the others are seen when they are used.
    fn is_looked_at(&self) -> bool {
        match self.aspect {
            Aspect::Content | Aspect::Shield | Aspect::Egress => true,
            Aspect::Login | Aspect::Admin | Aspect::Upload => false,
        }
    }

    fn covers(&self, window: Window) -> bool {
        let (first, last) = self.span;
        let begins = first.0 <= window.from.0.saturating_add(HOLE_MS);
        let ends = last.0.saturating_add(HOLE_MS) >= window.to.0;
        !self.is_looked_at() || (begins && ends && self.hole_ms <= HOLE_MS)
    }

    /// What was watched, in a few words.
    pub fn what(&self) -> String {
        match &self.platform {
            Some(platform) => format!("{} of {platform}", self.aspect.word()),
            None => "the shield's own program and configuration".to_owned(),
        }
    }
}

impl Integrity {
    /// The statement that the records bear, one sentence each.
    pub fn sentences(&self) -> Vec<String> {
        let named = |seen: fn(Seen) -> bool| {
            let rows = self.rows.iter().filter(move |row| seen(row.worst));
            let named = rows.map(|row| format!("{} ({} looks)", row.what(), thousands(row.looks)));
            named.collect::<Vec<_>>().join(", ")
        };
        let steady = named(|seen| seen == Seen::AsBefore);
        let open = named(|seen| matches!(seen, Seen::Learning | Seen::Failed));
        let mut said = vec![match self.borne {
            Borne::Supported => format!("In this time what was watched is as before: {steady}."),
            Borne::NotSupported => {
                "A statement that nothing was changed is not supported: what follows departs."
                    .to_owned()
            }
            Borne::Unknown(why) => {
                format!("Whether anything was changed is unknown: {}.", why.sentence())
            }
        }];
        for row in &self.rows {
            said.extend(row.departures.iter().map(|departure| {
                let (at, what) = (rfc3339(departure.at), row.what());
                format!("{at}, {what}: {} (record {}).", departure.how, departure.record)
            }));
        }
        if !open.is_empty() {
            said.push(format!("Looked at, and nothing can be said: {open}."));
        }
        said.push(
            "Only what is named here was watched: what is inside of files that are sent, data bases \
             and accounts were not, and other changes would not show."
                .to_owned(),
        );
        said
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use seawall_types::Moment;
    use seawall_types::evidence::Stamp;

    const WINDOW: Window = Window { from: WallTime(600_000), to: WallTime(900_000) };

    fn look(aspect: Aspect, (from_s, to_s): (u64, u64), seen: Seen) -> IntegrityLook {
        let at = |seconds: u64| Stamp { wall: WallTime(seconds * 1_000), moment: Moment(0) };
        IntegrityLook {
            platform: Some("www".to_owned()),
            aspect,
            since: at(from_s),
            until: at(to_s),
            looks: 4,
            seen,
            detail: "told".to_owned(),
        }
    }

    fn borne(looks: &[IntegrityLook], doubt: Option<Why>) -> Integrity {
        let mut all = Looks::default();
        (0..).zip(looks).for_each(|(record, look)| all.take(record, look));
        all.conclude(WINDOW, doubt)
    }

    #[test]
    fn a_statement_is_borne_for_what_was_watched_all_the_time_and_for_nothing_else() {
        let steady = |from, to| look(Aspect::Content, (from, to), Seen::AsBefore);
        let whole = [steady(600, 660), steady(675, 900)];
        assert_eq!(borne(&whole, None).borne, Borne::Supported);
        assert_eq!(borne(&whole, Some(Why::Lost)).borne, Borne::Unknown(Why::Lost));
        let partly = Borne::Unknown(Why::PartlyUnseen);
        assert_eq!(borne(&[steady(600, 660), steady(800, 900)], None).borne, partly);
        assert_eq!(borne(&[steady(600, 700)], None).borne, partly);
        assert_eq!(borne(&[steady(700, 900)], None).borne, partly);
        let not_watched = Borne::Unknown(Why::NotWatched);
        assert_eq!(borne(&[], None).borne, not_watched);
        // One that is seen only when it is used bears nothing alone.
        let used = look(Aspect::Admin, (700, 700), Seen::AsBefore);
        assert_eq!(borne(&[used], None).borne, not_watched);
        let learning = look(Aspect::Egress, (600, 900), Seen::Learning);
        assert_eq!(borne(&[learning], None).borne, not_watched);
    }

    #[test]
    fn one_departure_turns_it_whatever_else_is_as_before_or_lost() {
        let steady = look(Aspect::Content, (600, 900), Seen::AsBefore);
        let departs = look(Aspect::Admin, (700, 700), Seen::Departs);
        for doubt in [None, Some(Why::Lost)] {
            let found = borne(&[steady.clone(), departs.clone()], doubt);
            assert_eq!(found.borne, Borne::NotSupported);
            let said = found.sentences().join(" ");
            assert!(
                said.contains("not supported") && said.contains("admin of www: told"),
                "{said}"
            );
        }
    }

    #[test]
    fn no_statement_says_that_there_was_no_breach() {
        let steady = look(Aspect::Content, (600, 900), Seen::AsBefore);
        for looks in [&[steady][..], &[]] {
            let said = borne(looks, None).sentences().join(" ").to_lowercase();
            for word in ["no breach", "secure", "intact", "not compromised", "no data"] {
                assert!(!said.contains(word), "{said}");
            }
            assert!(said.contains("other changes would not show"), "{said}");
        }
    }
}
