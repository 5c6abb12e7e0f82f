//! Lines of one core that wait to be handed over.
//!
//! Bounds: [`LINES_MAX`] bytes wait, what finds no room is lost and counted; [`SPARE_MAX`] requests are
//! kept for the next, so that none is made anew while requests come and go.

use super::line::Front;
use super::{Lines, RecordedRequest, Recorder};
use crate::client::Client;
use crate::connection::Connection;
use seawall_types::{Moment, WallTime};

/// Bytes from which a sheet is handed over at once.
const FULL: usize = 60 * 1024;
/// Bytes that may wait while the writer is behind.
const LINES_MAX: usize = 256 * 1024;
/// Room that is made for a sheet at once.
const ROOM: usize = 64 * 1024;
/// Requests that are kept for the next.
const SPARE_MAX: usize = 64;
/// A longer line than nearly all have is not kept.
const SPARE_BYTES_MAX: usize = 4 * 1024;

/// The lines of a core since they were last handed over.
#[derive(Debug)]
pub(crate) struct Sheet {
    recorder: Recorder,
    lines: Lines,
    #[expect(clippy::vec_box, reason = "the boxes are what is kept")]
    spare: Vec<Box<RecordedRequest>>,
    front: Front,
    /// One instant on both clocks, from which times of lines are told.
    followed: (WallTime, Moment),
}

impl Sheet {
    pub(crate) fn new(recorder: Recorder, followed: (WallTime, Moment)) -> Self {
        let (lines, front) = (Lines::default(), Front::default());
        Self { recorder, lines, spare: Vec::new(), front, followed }
    }

    /// Follows the wall clock: one that was read at that time.
    pub(crate) fn follow(&mut self, wall: WallTime, now: Moment) {
        self.followed = (wall, now);
    }

    /// Begins the line of a request; `platform` is what [`super::platform`] made.
    #[expect(clippy::unnecessary_box_returns, reason = "the box is used again")]
    pub(crate) fn begin<B>(
        &mut self,
        request: &http::Request<B>,
        of: (&Connection, &Client),
        (now, platform): (Moment, &[u8]),
    ) -> Box<RecordedRequest> {
        let (wall, at) = self.followed;
        self.front.follow(WallTime(wall.0 + now.0.saturating_sub(at.0) / 1_000_000));
        let mut record = self.spare.pop().unwrap_or_default();
        record.begin(request, of, (&self.front, platform));
        record
    }

    /// Ends the line of a request.
    pub(crate) fn add(&mut self, mut request: Box<RecordedRequest>) {
        let line = request.finish();
        if self.lines.text.len() + line.len() > LINES_MAX {
            self.recorder.lose(1);
        } else {
            if self.lines.text.capacity() == 0 {
                self.lines.text.reserve(ROOM);
            }
            self.lines.text.extend_from_slice(line);
            self.lines.count += 1;
        }
        let is_kept = line.len() <= SPARE_BYTES_MAX && self.spare.len() < SPARE_MAX;
        if is_kept {
            self.spare.push(request);
        }
        if self.lines.text.len() >= FULL {
            self.hand_over();
        }
    }

    /// Gives what is there to the writer; keeps it where that is behind.
    pub(crate) fn hand_over(&mut self) {
        if self.lines.count > 0
            && let Err(lines) = self.recorder.put(std::mem::take(&mut self.lines))
        {
            self.lines = lines;
        }
    }

    /// The same where there is no later.
    pub(crate) fn end(&mut self) {
        self.hand_over();
        self.recorder.lose(std::mem::take(&mut self.lines).count);
    }
}

impl Drop for Sheet {
    fn drop(&mut self) {
        self.end();
    }
}
