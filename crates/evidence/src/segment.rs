//! Segments: files of whole lines, named so that their order shows.

use crate::line::Line;
use crate::store::Folder;
use seawall_types::WallTime;
use seawall_types::evidence::{Bookkeeping, NodeName, SegmentHead};
use std::fmt;
use std::io;

/// Version of the format that is written.
pub const FORMAT: u32 = 1;
/// Bytes of a segment that is read at most; what is written is a quarter at most.
pub const SEGMENT_MAX: u64 = 256 * 1024 * 1024;
/// The newest checkpoint, outside of the segments.
pub const CHECKPOINT: &str = "checkpoint";
/// Checkpoints that witnesses signed, one note after another.
pub const COSIGNED: &str = "cosigned";

/// The name of a segment: its number, and the hour in which it began.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SegmentName {
    /// Counts segments from 0.
    pub number: u64,
    /// `20260301T12`.
    pub hour: String,
}

/// Hours since 1970.
pub fn hour_of(wall: WallTime) -> u64 {
    wall.0 / 3_600_000
}

impl SegmentName {
    /// Of a segment that begins at `wall`.
    pub fn new(number: u64, wall: WallTime) -> Self {
        let text = seawall_types::wall::rfc3339(wall);
        let hour = text.split(':').next().unwrap_or_default().replace('-', "");
        Self { number, hour }
    }

    /// Of a file; `None` when it is no segment.
    pub fn parse(file: &str) -> Option<Self> {
        let (number, hour) = file.strip_suffix(".jsonl")?.split_once('-')?;
        let is_number = number.len() >= 8 && number.bytes().all(|b| b.is_ascii_digit());
        let is_hour = hour.bytes().all(|b| b.is_ascii_digit() || b == b'T');
        let number = number.parse().ok()?;
        let name = Self { number, hour: hour.to_owned() };
        (is_number && is_hour && name.to_string() == file).then_some(name)
    }
}

impl fmt::Display for SegmentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08}-{}.jsonl", self.number, self.hour)
    }
}

/// The segments of a folder, the oldest first.
///
/// # Errors
/// The folder cannot be listed.
pub fn in_order(folder: &mut impl Folder) -> io::Result<Vec<SegmentName>> {
    let items = folder.list()?;
    let mut names: Vec<_> =
        items.iter().filter_map(|item| SegmentName::parse(&item.name)).collect();
    names.sort();
    Ok(names)
}

/// Whose log lies in a folder, as the newest of its segments that says so has it.
///
/// # Errors
/// The folder, or a segment, cannot be read.
pub fn log_of(folder: &mut impl Folder) -> io::Result<Option<NodeName>> {
    for name in in_order(folder)?.iter().rev() {
        let bytes = folder.read(&name.to_string())?;
        let first = lines(&bytes).0.next().and_then(|(_, line)| Line::read(line));
        if let Some(head) = first.and_then(|line| head(&line)) {
            return Ok(Some(head.log_of));
        }
    }
    Ok(None)
}

/// The head of a segment, if its first line is one.
pub fn head(line: &Line<'_>) -> Option<SegmentHead> {
    match (line.word == "segment_opened").then(|| line.bookkeeping()).flatten()? {
        Bookkeeping::SegmentOpened(head) => Some(head),
        Bookkeeping::Checkpoint { .. } | Bookkeeping::Gap(_) | Bookkeeping::Removed(_) => None,
    }
}

/// The whole lines of a segment, each with its offset, and the bytes after the last line feed.
pub fn lines(bytes: &[u8]) -> (impl Iterator<Item = (usize, &[u8])>, &[u8]) {
    let whole = memchr::memrchr(b'\n', bytes).map_or(0, |last| last + 1);
    let mut from = 0;
    let lines = memchr::memchr_iter(b'\n', &bytes[..whole]).map(move |end| {
        let line = (from, &bytes[from..end]);
        from = end + 1;
        line
    });
    (lines, &bytes[whole..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_reads_back_and_sorts_by_number() {
        let name = SegmentName::new(7, WallTime(1_772_366_400_250));
        assert_eq!(name.to_string(), "00000007-20260301T12.jsonl");
        assert_eq!(SegmentName::parse(&name.to_string()), Some(name.clone()));
        assert!(name < SegmentName::new(10, WallTime(0)));
        for other in ["7-20260301T12.jsonl", "00000007-x.jsonl", "checkpoint", "00000007.jsonl"] {
            assert_eq!(SegmentName::parse(other), None, "{other}");
        }
    }

    #[test]
    fn bytes_behind_the_last_line_feed_are_no_line() {
        let split = |bytes| {
            let (lines, rest) = lines(bytes);
            (lines.map(|(at, line)| (at, line.to_vec())).collect::<Vec<_>>(), rest.to_vec())
        };
        let whole = vec![(0, b"ab".to_vec()), (3, vec![])];
        assert_eq!(split(b"ab\n\ncd"), (whole, b"cd".to_vec()));
        assert_eq!(split(b""), (vec![], vec![]));
    }
}
