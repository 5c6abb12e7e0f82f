//! The end of a log that somebody else left behind, read without touching it.

use crate::line::{Line, Link};
use crate::merkle::{self, Hash, Peaks};
use crate::segment;
use seawall_types::evidence::Stamp;

/// How many records the checkpoints of a segment are over, as far as they can be read.
fn signed_within(bytes: &[u8]) -> u64 {
    let lines = segment::lines(bytes).0.filter_map(|(_, line)| Line::read(line));
    let checkpoints = lines.filter(|line| line.word == "checkpoint");
    checkpoints.map(|line| line.place.number).max().unwrap_or(0)
}

/// What the last segment says about where the log stands.
#[derive(Debug)]
pub(super) struct Tail {
    pub(super) tree: Peaks,
    pub(super) previous: Link,
    /// Bytes of whole records; what is behind them is to be cut off.
    pub(super) length: u64,
    /// Of the last record.
    pub(super) last: Stamp,
    /// Whether the run ended by itself.
    pub(super) is_clean: bool,
    /// A record that was signed and does not follow the one before it.
    pub(super) damaged: Option<u64>,
}

impl Tail {
    /// Of a segment; `signed` records are known to have been on disk. `None` when it has no head.
    pub(super) fn of(bytes: &[u8], signed: u64) -> Option<Self> {
        let (lines, _) = segment::lines(bytes);
        let mut lines = lines.peekable();
        let head = segment::head(&Line::read(lines.peek()?.1)?)?;
        let peaks: Option<Vec<_>> = head.peaks.iter().map(|peak| Hash::from_base64(peak)).collect();
        let signed = signed.max(signed_within(bytes));
        let mut tail = Self {
            tree: Peaks::new(head.tree_size, peaks?)?,
            previous: Line::read(lines.peek()?.1)?.place.previous,
            length: 0,
            last: Stamp::default(),
            is_clean: false,
            damaged: None,
        };
        for (offset, bytes) in lines {
            let line = Line::read(bytes).filter(|line| tail.is_next(line));
            let number = tail.tree.size();
            match line {
                Some(line) => tail.note(&line),
                None if number < signed => tail.damaged = tail.damaged.or(Some(number)),
                None if tail.damaged.is_some() => {}
                None => break,
            }
            let leaf = merkle::leaf(bytes);
            tail.tree.push(leaf);
            tail.previous = Link::to(&leaf);
            tail.length = (offset + bytes.len() + 1) as u64;
        }
        Some(tail)
    }

    fn is_next(&self, line: &Line<'_>) -> bool {
        line.place.number == self.tree.size() && line.place.previous == self.previous
    }

    fn note(&mut self, line: &Line<'_>) {
        self.last = line.place.stamp;
        if line.word != "checkpoint" {
            self.is_clean = line.word == "node_stopped";
        }
    }
}
