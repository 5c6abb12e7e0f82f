//! How far long work is, for a person who waits at a terminal.

use std::fs::File;
use std::io::{self, BufReader, IsTerminal as _, Read, Write as _};
use std::time::{Duration, Instant};

/// Work shorter than this needs no report.
const QUIET_FOR: Duration = Duration::from_secs(1);
/// How often a report is renewed.
const EVERY: Duration = Duration::from_millis(200);
/// How much of a file is read at once.
const READ_BYTES: usize = 256 * 1024;

/// A line on a terminal that is written again and again.
#[derive(Debug)]
pub(super) struct Progress {
    due: Option<Instant>,
    is_shown: bool,
}

impl Progress {
    pub(super) fn new() -> Self {
        let due = io::stderr().is_terminal().then(|| Instant::now() + QUIET_FOR);
        Self { due, is_shown: false }
    }

    /// A file whose reading is told.
    pub(super) fn reading<'a>(
        &'a mut self,
        name: &'a str,
        bytes: u64,
        file: File,
    ) -> BufReader<Counted<'a>> {
        let counted = Counted { file, name, bytes, read: 0, progress: self };
        BufReader::with_capacity(READ_BYTES, counted)
    }

    /// So many records are played.
    pub(super) fn playing(&mut self, done: usize, records: usize) {
        self.tell(|| format!("playing: {done} of {records} records"));
    }

    /// Takes the line away.
    pub(super) fn end(&mut self) {
        if std::mem::take(&mut self.is_shown) {
            write("");
        }
    }

    fn tell(&mut self, line: impl FnOnce() -> String) {
        let Some(due) = self.due.filter(|due| Instant::now() >= *due) else { return };
        self.due = Some(due.max(Instant::now()) + EVERY);
        self.is_shown = true;
        write(&line());
    }
}

/// Writes over the line before; a terminal that is gone is no failure of ours.
fn write(line: &str) {
    let _ = write!(io::stderr(), "\r\x1b[2K{line}");
}

/// A file that tells how much of it was read.
pub(super) struct Counted<'a> {
    file: File,
    name: &'a str,
    bytes: u64,
    read: u64,
    progress: &'a mut Progress,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.read += read as u64;
        let per_cent = self.read.saturating_mul(100) / self.bytes.max(1);
        self.progress.tell(|| format!("reading {}: {} %", self.name, per_cent.min(100)));
        Ok(read)
    }
}
