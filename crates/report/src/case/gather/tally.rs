//! The seconds of one platform, summed up as they come.

use crate::case::phases::NEIGHBOURS_MS;
use crate::case::{Coverage, Impact, PlatformView, SECONDS_MAX, Second, Series, Window, matrix};
use crate::entry::Entry;
use crate::known::Why;
use crate::line::Line;
use seawall_types::evidence::{IncidentId, IncidentKind, PlatformSecond, Stamp};
use seawall_types::{Verdict, WallTime};

/// The seconds of one platform.
#[derive(Debug, Default)]
pub(super) struct Tally {
    impact: Impact,
    seconds: Vec<Second>,
    unlisted: u64,
    /// Seconds of the window that have a record.
    seen_s: u64,
    /// Seconds between records, and before the first, that have none.
    missing_s: u64,
    last: Option<(Stamp, u64)>,
}

impl Tally {
    /// Whether a second told then lies in the window: a record is about the second before it.
    pub(super) fn wants(at: WallTime, window: Window) -> bool {
        at > window.from && at.0 <= window.to.0.saturating_add(999)
    }

    /// Takes a second that lies in the window.
    pub(super) fn take(
        &mut self,
        (entry, run): (&Entry, u64),
        of: &PlatformSecond,
        window: Window,
    ) {
        let stamp = entry.stamp;
        self.missing_s += match self.last {
            None => stamp.wall.0.saturating_sub(window.from.0).saturating_sub(1_000) / 1_000,
            Some((last, its_run)) => {
                // One run's own clock is better than the wall's, which can be stepped.
                let wall = stamp.wall.0.saturating_sub(last.wall.0);
                let mono = stamp.moment.0.saturating_sub(last.moment.0) / 1_000_000;
                let apart = if its_run == run { mono } else { wall };
                if apart > NEIGHBOURS_MS { ((apart + 500) / 1_000).saturating_sub(1) } else { 0 }
            }
        };
        self.last = Some((stamp, run));
        self.seen_s += 1;
        self.impact.add(of);
        if self.seconds.len() < SECONDS_MAX {
            self.seconds.push(Second {
                at: stamp.wall,
                record: entry.number,
                requests: Verdict::ALL.map(|verdict| of.requests.with(verdict)),
                origin_ms: of.origin_ms,
                bytes_out: of.bytes_out,
                pressure_permille: of.pressure_permille,
                in_flight: of.in_flight,
                queue_wait_max_ms: of.queue_wait_max_ms,
            });
        } else {
            self.unlisted += 1;
        }
    }

    /// The platform as a case shows it.
    pub(super) fn view(
        self,
        name: &str,
        (window, doubt): (Window, Option<Why>),
        incident: Option<(IncidentId, IncidentKind)>,
    ) -> PlatformView {
        let expected_s = window.seconds();
        let after = self
            .last
            .map_or(expected_s, |(last, _)| window.to.0.saturating_sub(last.wall.0) / 1_000);
        let missing = self.missing_s.saturating_add(after);
        let seen_s = self.seen_s.min(expected_s.saturating_sub(missing));
        let coverage = Coverage { expected_s, seen_s, doubt };
        let (standing, because) = matrix::judge(&self.impact, &coverage, incident.as_ref());
        PlatformView {
            name: Line::of(name),
            standing,
            because: Line::of(&because),
            coverage,
            series: Series::of(&self.seconds, window),
            impact: self.impact,
            incident,
            seconds: self.seconds,
            seconds_unlisted: self.unlisted,
        }
    }
}
