//! What the log says of one standing measure.
//!
//! Names of measures may come again in a later run, so that a time belongs to the question.
//! Trusts the log as it is: whether it holds is for [`crate::verify`] to say.
//! Bounds: one segment in memory at a time, the newest first.

use crate::cases::{CaseMeasure, read_segment};
use crate::line::Line;
use crate::segment;
use crate::store::Folder;
use seawall_types::evidence::Fact;
use seawall_types::{MeasureId, WallTime};
use std::io;

/// A measure, and the record that tells it last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// What was told.
    pub told: CaseMeasure,
    /// Number of the record.
    pub record: u64,
}

/// The measure of a name that stood at a time, as the log tells it last.
///
/// # Errors
/// The log cannot be read.
pub fn find(
    folder: &mut impl Folder,
    (id, at): (MeasureId, WallTime),
) -> io::Result<Option<Recorded>> {
    for name in segment::in_order(folder)?.iter().rev() {
        let bytes = read_segment(folder, name)?;
        let lines = segment::lines(&bytes).0.filter_map(|(_, line)| Line::read(line));
        let told = lines.filter(|line| line.word.starts_with("measure_"));
        let found = told.filter_map(|line| recorded(&line)).filter(|recorded| {
            let measure = &recorded.told.measure;
            // Codes tell the second alone, by a clock that is read ten times in each.
            measure.id == id && measure.began_at.wall.0 / 1_000 <= at.0 / 1_000 + 1
        });
        if let Some(last) = found.last() {
            return Ok(Some(last));
        }
    }
    Ok(None)
}

fn recorded(line: &Line<'_>) -> Option<Recorded> {
    let (measure, ended) = match line.fact()? {
        Fact::MeasureBegan(measure) | Fact::MeasureChanged { measure, .. } => (measure, None),
        Fact::MeasureEnded { how, ended_at, measure } => (measure, Some((how, ended_at))),
        _ => return None,
    };
    Some(Recorded { told: CaseMeasure { measure, ended }, record: line.place.number })
}
