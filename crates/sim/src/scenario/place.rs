//! On which platform, from when until when: said alike by groups and by what goes wrong.

use super::page::Page;
use super::{Head, Platform};
use crate::casting::Span;
use serde::Deserialize;

/// Keys of a table that say it.
pub(super) const KEYS: [&str; 3] = ["platform", "from", "until"];

/// As it is written.
#[derive(Debug, Deserialize)]
pub(super) struct Written {
    platform: Option<String>,
    from: Option<f64>,
    until: Option<f64>,
}

/// What the words of a table are held against.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    pub(super) platforms: &'a [Platform],
    /// None when it has faults of its own.
    pub(super) head: Option<&'a Head>,
}

/// Where and when, checked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    /// Index of the platform.
    pub(super) platform: u16,
    /// None where nothing is said of it.
    pub(super) span: Option<Span>,
}

/// The table that is read: where it stands in the text, what it is called, how early it may begin.
#[derive(Clone, Copy)]
pub(super) struct Table<'a> {
    pub(super) at: usize,
    pub(super) of: &'a str,
    /// Whether it may take part in the calm seconds.
    pub(super) calm: bool,
}

impl Written {
    /// Checks it; what does not fit is noted on the page.
    pub(super) fn check(
        &self,
        page: &mut Page<'_>,
        table: Table<'_>,
        around: Around<'_>,
    ) -> Option<Place> {
        let Table { at, of, .. } = table;
        let platform = self.platform(around.platforms);
        let span = around.head.map_or(Ok(None), |head| self.span(head, table.calm));
        match (platform, span) {
            (Ok(platform), Ok(span)) => Some(Place { platform, span }),
            (platform, span) => {
                for problem in platform.err().into_iter().chain(span.err()) {
                    page.fault(at, format!("{of}: {problem}"));
                }
                None
            }
        }
    }

    /// The index of the platform; the first where none is named.
    fn platform(&self, platforms: &[Platform]) -> Result<u16, String> {
        let at = match &self.platform {
            // Without any platform that is all there is to say.
            Some(name) if !platforms.is_empty() => {
                platforms.iter().position(|platform| platform.name == *name)
            }
            _ => Some(0),
        };
        at.and_then(|at| u16::try_from(at).ok()).ok_or_else(|| {
            let known: Vec<_> = platforms.iter().map(|platform| platform.name.as_str()).collect();
            let named = self.platform.as_deref().unwrap_or_default();
            format!("no platform is called {named}; there are {}", known.join(", "))
        })
    }

    fn span(&self, head: &Head, calm: bool) -> Result<Option<Span>, String> {
        let first = if calm { 0.0 } else { f64::from(head.learn) };
        let last = f64::from(head.seconds);
        if self.from.is_none() && self.until.is_none() && calm {
            return Ok(None);
        }
        let (from, until) = (self.from.unwrap_or(first), self.until.unwrap_or(last));
        if from >= first && from < until && until <= last {
            return Ok(Some(Span { from, until }));
        }
        Err(format!(
            "from {from} until {until}; it must begin at {first} or later, and end after that and \
             by {last}"
        ))
    }
}
