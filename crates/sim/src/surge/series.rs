//! A crowd whose height follows a real one, minute by minute, and whose people read as real ones did.
//!
//! The minutes are given as `minute,count` lines (for example those of the 1998 World Cup site's
//! access logs) or as counts; the visits are those of a real log, with the time between pages
//! assumed.
//! Heights are true: a count of 6,000 a minute is 100 requests a second times `scale`, however fast
//! the minutes are told.
//! Bounds: [`crate::rate::POINTS_MAX`] minutes, less two.

use crate::casting::{Casting, Miscast, Span, share, whole, within};
use crate::group::Group;
use crate::people::homes::{Cast, Homes};
use crate::people::visitors::{Entry, Habits, Plan, Trail, Visitors};
use crate::people::{Begin, MEMBERS_MAX};
use crate::rate::{POINTS_MAX, RateShape};
use serde::Deserialize;

/// What a scenario says of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Parameters {
    /// Requests of each minute, in place of a file.
    pub counts: Vec<u32>,
    /// A file with a line for each minute, the count after the last comma; who reads it hands its
    /// text to [`Parameters::with_text`].
    pub file: Option<String>,
    /// The first minute played, as the file writes it; none for its first line.
    pub begin: Option<String>,
    /// Minutes played; none for as many as there are, or as the span holds.
    pub minutes: Option<u32>,
    /// A factor on all counts.
    pub scale: f64,
    /// Seconds of the world for each minute.
    pub minute_s: f64,
    /// How many different people there are.
    pub people: u32,
    /// Visits by people who were here before the world began and hold the origin's cookie.
    pub returning: f64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            counts: Vec::new(),
            file: None,
            begin: None,
            minutes: None,
            scale: 1.0,
            minute_s: 60.0,
            people: 300_000,
            returning: 0.1,
        }
    }
}

impl Parameters {
    /// The same, with the counts that the text of `file` holds.
    pub fn with_text(mut self, text: &str) -> Result<Self, Miscast> {
        let wanted =
            self.minutes.map_or(POINTS_MAX, |minutes| minutes as usize).min(POINTS_MAX - 2);
        let begins = |row: &Row<'_>| self.begin.as_deref().is_none_or(|begin| row.minute == begin);
        let rows = text.lines().filter_map(Row::read);
        self.counts =
            { rows }.skip_while(|row| !begins(row)).take(wanted).map(|row| row.count).collect();
        if self.counts.is_empty() {
            let begin = self.begin.unwrap_or_default();
            return Err(Miscast::value("begin", begin, "a minute that the file has"));
        }
        Ok(self)
    }

    /// The group, before its first visit.
    pub fn cast(&self, casting: Casting<'_>) -> Result<Box<dyn Group>, Miscast> {
        let plan = Plan {
            visits: self.line(casting.span)?.times(1.0 / Trail::mean_requests()),
            start: Begin::Settled,
            people: whole("people", self.people, 1..=MEMBERS_MAX)?,
            returning: share("returning", self.returning)?,
            cast: Cast {
                homes: Homes::spread(casting.pools),
                lots: casting.pools.lots().clone(),
                seed: casting.seed,
            },
            entry: Entry::Recorded,
            habits: Habits::default(),
            update: None,
        };
        Ok(Box::new(Visitors::new(plan, casting.place())?))
    }

    /// Requests per second: each minute's count stands at its middle, the first and the last reach
    /// to the ends.
    fn line(&self, span: Span) -> Result<RateShape, Miscast> {
        let scale = within("scale", self.scale, 0.0..=1_000.0)?;
        let minute = within("minute_s", self.minute_s, 0.1..=3_600.0)?;
        let wanted = self.minutes.map_or(usize::MAX, |minutes| minutes as usize);
        let counts = self.counts.iter().take(wanted).map(|count| f64::from(*count) / 60.0 * scale);
        let at = |index: u32| span.from + (f64::from(index) + 0.5) * minute;
        let mut points: Vec<_> = (0..).zip(counts).map(|(index, rate)| (at(index), rate)).collect();
        if let (Some(first), Some(last)) = (points.first().copied(), points.last().copied()) {
            points.insert(0, (span.from, first.1));
            points.push((last.0 + 0.5 * minute, last.1));
        }
        let line = RateShape::new(points);
        line.map(|line| line.clipped(span.from, span.until))
            .map_err(|bad| Miscast::Shape { key: "counts", bad })
    }
}

/// One line of a series.
struct Row<'a> {
    minute: &'a str,
    count: u32,
}

impl<'a> Row<'a> {
    /// None for a title or a line that is not of this form.
    fn read(line: &'a str) -> Option<Self> {
        let (minute, count) = line.trim().rsplit_once(',')?;
        Some(Self { minute: minute.trim(), count: count.trim().parse().ok()? })
    }
}
