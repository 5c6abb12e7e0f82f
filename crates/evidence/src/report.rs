//! Everything that the log says about one incident, and whether the log holds.
//!
//! A report is read from the segments and checked while it is made, so that it can say itself what
//! it stands on.
//! Bounds: [`SECONDS_MAX`] seconds and [`REPORT_GAPS_MAX`] gaps, the newest; one segment in memory
//! at a time.

mod render;
#[cfg(test)]
mod tests;

use crate::cases::{Case, Cases, read_segment};
use crate::line::Line;
use crate::segment;
use crate::store::Folder;
use crate::verify::{Trusted, Unreadable, Verification, verify};
use seawall_types::evidence::{Bookkeeping, Fact, Gap, PlatformSecond};
use seawall_types::{Verdict, WallTime};
use std::collections::VecDeque;
use std::io;
use thiserror::Error;

/// Seconds of one incident that are given: a day.
pub const SECONDS_MAX: usize = 86_400;
/// Gaps that are given.
pub const REPORT_GAPS_MAX: usize = 1_000;

/// Everything that the log says about one incident.
#[derive(Debug, Clone)]
pub struct Report {
    /// The incident.
    pub case: Case,
    /// Its seconds, in their order.
    pub seconds: VecDeque<SecondRow>,
    /// Earlier seconds that there was no room for.
    pub seconds_left_off: u64,
    /// Gaps of the log that touch its time.
    pub gaps: Vec<GapRow>,
    /// Whether the log holds, as it was found when the report was made.
    pub verification: Verification,
}

/// One second of an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondRow {
    /// Its record.
    pub record: u64,
    /// When it ended.
    pub at: WallTime,
    /// Requests that the origins answered.
    pub admitted: u64,
    /// All others.
    pub not_admitted: u64,
    /// Milliseconds that origins worked.
    pub origin_ms: u64,
    /// Bytes sent to clients.
    pub bytes_out: u64,
    /// Demand over what the origins can carry, in thousandths.
    pub pressure_permille: Option<u32>,
}

/// A gap of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GapRow {
    /// The record that tells it.
    pub record: u64,
    /// What it tells.
    pub gap: Gap,
}

/// Why there is no report.
#[derive(Debug, Error)]
pub enum ReportFault {
    /// A segment cannot be read.
    #[error("cannot read the evidence")]
    Log(#[from] io::Error),
    /// The log cannot be checked.
    #[error("cannot check the evidence")]
    Check(#[from] Unreadable),
}

impl Report {
    /// The report on an incident; `None` when the log has none of that name.
    ///
    /// # Errors
    /// The log cannot be read.
    pub fn read(
        folder: &mut impl Folder,
        id: &str,
        trusted: &Trusted,
    ) -> Result<Option<Self>, ReportFault> {
        let mut found = Found { id, cases: Cases::default(), ..Found::default() };
        for name in segment::in_order(folder)? {
            found.add_segment(&read_segment(folder, &name)?);
        }
        let Some(case) = found.cases.get(id).cloned() else { return Ok(None) };
        let verification = verify(folder, trusted)?;
        let touches = |row: &GapRow| {
            row.gap.from.wall <= case.changed_at && row.gap.to.wall >= case.opened_at
        };
        let gaps = found.gaps.into_iter().filter(touches).collect();
        let Found { seconds, seconds_left_off, .. } = found;
        Ok(Some(Self { case, seconds, seconds_left_off, gaps, verification }))
    }
}

/// What was found so far.
#[derive(Debug, Default)]
struct Found<'a> {
    id: &'a str,
    cases: Cases,
    seconds: VecDeque<SecondRow>,
    seconds_left_off: u64,
    gaps: VecDeque<GapRow>,
}

impl Found<'_> {
    fn add_segment(&mut self, bytes: &[u8]) {
        for line in segment::lines(bytes).0.filter_map(|(_, line)| Line::read(line)) {
            match line.word {
                "node_started" | "node_stopped" => self.cases.add_line(&line),
                word if word.starts_with("measure_") => self.cases.add_line(&line),
                word if word.starts_with("incident_") && line.names(self.id) => {
                    self.cases.add_line(&line);
                }
                "platform_second" => self.second(&line),
                "gap" => self.gap(&line),
                _ => {}
            }
        }
    }

    fn second(&mut self, line: &Line<'_>) {
        let Some(Fact::PlatformSecond(second)) = line.fact() else { return };
        if second.incident.as_ref().is_none_or(|id| id.as_str() != self.id) {
            return;
        }
        if self.seconds.len() == SECONDS_MAX {
            self.seconds.pop_front();
            self.seconds_left_off += 1;
        }
        self.seconds.push_back(row(line, &second));
    }

    fn gap(&mut self, line: &Line<'_>) {
        let Some(Bookkeeping::Gap(gap)) = line.bookkeeping() else { return };
        if self.gaps.len() == REPORT_GAPS_MAX {
            self.gaps.pop_front();
        }
        self.gaps.push_back(GapRow { record: line.place.number, gap });
    }
}

fn row(line: &Line<'_>, second: &PlatformSecond) -> SecondRow {
    let admitted = second.requests.with(Verdict::Admit);
    let all = second.requests.by_verdict();
    let all = all.values().fold(0_u64, |sum, requests| sum.saturating_add(*requests));
    SecondRow {
        record: line.place.number,
        at: line.place.stamp.wall,
        admitted,
        not_admitted: all.saturating_sub(admitted),
        origin_ms: second.origin_ms,
        bytes_out: second.bytes_out,
        pressure_permille: second.pressure_permille,
    }
}
