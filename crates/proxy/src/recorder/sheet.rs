//! Lines of one core that wait to be handed over.
//!
//! Bounds: [`LINES_MAX`] bytes wait, what finds no room is lost and counted; [`SPARE_MAX`] requests are
//! kept for the next, so that none is made anew while requests come and go.

use super::line::Front;
use super::{Lines, RecordedRequest, Recorder};
use crate::client::Client;
use crate::connection::Connection;
use seawall_types::WallTime;

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
}

impl Sheet {
    pub(crate) fn new(recorder: Recorder) -> Self {
        Self { recorder, lines: Lines::default(), spare: Vec::new(), front: Front::default() }
    }

    /// Begins the line of a request; `platform` is what [`super::platform`] made.
    #[expect(clippy::unnecessary_box_returns, reason = "the box is used again")]
    pub(crate) fn begin<B>(
        &mut self,
        request: &http::Request<B>,
        of: (&Connection, &Client),
        (wall, platform): (WallTime, &[u8]),
    ) -> Box<RecordedRequest> {
        self.front.follow(wall);
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
