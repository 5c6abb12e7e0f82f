//! Requests as lines of JSON: written beside the traffic, never in its way.
//!
//! A core makes the line of a request on a [`Sheet`] of its own and goes on; a sheet is handed over when
//! it is full and with each tick, so that a request wakes nobody.
//! When the writer is behind or the disk is full, lines are lost and counted.
//! Bounds: [`SHEETS_MAX`] sheets wait; files rotate so that the folder holds what it may.

mod again;
mod asker;
mod files;
mod line;
mod pen;
mod sheet;

pub(crate) use again::Again;
pub(crate) use line::{RecordedRequest, platform};
pub(crate) use sheet::Sheet;

use files::Files;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

/// Sheets that may wait for the writer: 128 of mostly 64 KiB are 8 MiB, and 32 MiB where each grew while it
/// waited.
const SHEETS_MAX: usize = 128;
/// How often a queue that is full is tried again when everything is to be written.
const TRY_AGAIN: Duration = Duration::from_millis(5);

/// What the writer is handed.
enum Work {
    Lines(Lines),
    /// Everything before it goes to the system; then whoever waits is told.
    Flush(SyncSender<()>),
}

/// Whole lines.
#[derive(Debug, Default)]
struct Lines {
    text: Vec<u8>,
    count: u32,
}

/// Where cores put requests to be recorded.
#[derive(Debug, Clone)]
pub(crate) struct Recorder {
    queue: SyncSender<Work>,
    lost: Arc<AtomicU64>,
}

/// What the writer needs.
#[derive(Debug, Clone)]
pub(crate) struct RecorderSetup {
    pub(crate) folder: PathBuf,
    pub(crate) folder_max: u64,
}

impl Recorder {
    /// Starts the writer on a thread of its own; it ends when the last recorder is dropped.
    ///
    /// # Errors
    /// The thread could not be started.
    pub(crate) fn start(setup: RecorderSetup) -> io::Result<Self> {
        let files = Files::new(setup);
        let (queue, work) = sync_channel(SHEETS_MAX);
        let lost = Arc::new(AtomicU64::new(0));
        let writer_lost = lost.clone();
        thread::Builder::new()
            .name("recorder".to_owned())
            .spawn(move || write_all(&work, files, &writer_lost))?;
        Ok(Self { queue, lost })
    }

    /// Takes lines, or gives them back when the writer is behind.
    fn put(&self, lines: Lines) -> Result<(), Lines> {
        match self.queue.try_send(Work::Lines(lines)) {
            Err(
                TrySendError::Full(Work::Lines(lines))
                | TrySendError::Disconnected(Work::Lines(lines)),
            ) => Err(lines),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    fn lose(&self, lines: u32) {
        self.lost.fetch_add(lines.into(), Relaxed);
    }

    /// Waits until everything that was put has been handed to the system, for at most `patience`.
    pub(crate) fn flush(&self, patience: Duration) {
        let give_up = Instant::now() + patience;
        let (done, flushed) = sync_channel(1);
        let mut work = Work::Flush(done);
        while let Err(TrySendError::Full(unsent)) = self.queue.try_send(work) {
            if Instant::now() > give_up {
                return;
            }
            work = unsent;
            thread::sleep(TRY_AGAIN);
        }
        // A writer that does not answer hangs in the disk, and nothing here can mend that.
        let _ = flushed.recv_timeout(give_up.saturating_duration_since(Instant::now()));
    }

    /// Lines that were lost since the start.
    pub(crate) fn lost(&self) -> u64 {
        self.lost.load(Relaxed)
    }
}

fn write_all(work: &Receiver<Work>, mut files: Files, lost: &AtomicU64) {
    let mut failing = false;
    for work in work {
        match work {
            Work::Lines(Lines { text, count }) => match files.write(&text) {
                Ok(()) => failing = false,
                Err(cause) => {
                    lost.fetch_add(count.into(), Relaxed);
                    if !std::mem::replace(&mut failing, true) {
                        tracing::warn!(%cause, "requests are not recorded until this is mended");
                    }
                }
            },
            Work::Flush(done) => {
                // What is written is the system's at once; whoever waited may have lost patience.
                let _ = done.send(());
            }
        }
    }
}

#[cfg(test)]
mod tests;
