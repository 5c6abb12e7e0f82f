//! The line of one request, made as the request goes on.
//!
//! What is known when the head is complete is written at once, into room that is used again; what the
//! answer tells is added in the end.
//! What is the same for all requests of a millisecond, a platform or a connection is made once for them.
//! The lines are those of [`seawall_types::Record`].
//! Never allocates for texts of plain ASCII once the room is there.

use super::again;
use super::pen::{Pen, three_digits};
use crate::client::Client;
use crate::connection::Connection;
use http::{Method, StatusCode};
use seawall_types::{Reason, Verdict, WallTime};

/// A request as it is remembered while it runs.
#[derive(Debug)]
pub(crate) struct RecordedRequest {
    line: Pen,
    verdict: Verdict,
    reason: Reason,
    /// None when nothing was answered.
    pub(crate) status: Option<StatusCode>,
    /// Microseconds at the origin.
    pub(crate) origin_us: Option<u64>,
    /// What a cache did with it.
    pub(crate) cache: Option<&'static str>,
    /// Bytes of the answer's body.
    pub(crate) bytes: u64,
}

impl Default for RecordedRequest {
    fn default() -> Self {
        Self {
            line: Pen::default(),
            verdict: Verdict::Admit,
            reason: Reason::Clear,
            status: None,
            origin_us: None,
            cache: None,
            bytes: 0,
        }
    }
}

impl RecordedRequest {
    /// Writes what is known when the head is complete; whatever was here before is gone.
    ///
    /// `front` is how every line of this moment begins, and `platform` what [`platform`] made.
    pub(super) fn begin<B>(
        &mut self,
        request: &http::Request<B>,
        (connection, client): (&Connection, &Client),
        (front, platform): (&Front, &[u8]),
    ) {
        (self.status, self.origin_us, self.cache, self.bytes) = (None, None, None, 0);
        let line = &mut self.line;
        line.clear();
        line.plain(&front.text);
        line.plain(platform);
        let referer = again::write(line, request, (connection, client));
        match *request.method() {
            Method::GET => line.word(b",\"method\":\"GET\""),
            ref other => line.field(b",\"method\":\"", other.as_str().as_bytes()),
        }
        path(line, request);
        if let Some(referer) = referer {
            line.field(b",\"referer\":\"", referer.as_bytes());
        }
    }

    /// What the shield did with it, and why.
    pub(crate) fn tell(&mut self, verdict: Verdict, reason: Reason) {
        (self.verdict, self.reason) = (verdict, reason);
    }

    /// Ends the line, and gives it.
    pub(super) fn finish(&mut self) -> &[u8] {
        let line = &mut self.line;
        let status = self.status.map(|status| three_digits(status.as_u16().into()));
        match ((self.verdict, self.reason), status) {
            // Most are so.
            ((Verdict::Admit, Reason::Clear), Some(status)) => {
                let mut told = *USUAL;
                told[USUAL_STATUS_AT..USUAL_STATUS_AT + 3].copy_from_slice(&status);
                line.word(&told);
            }
            ((verdict, reason), status) => {
                line.field(b",\"verdict\":\"", verdict.word().as_bytes());
                line.field(b",\"reason\":\"", reason.word().as_bytes());
                if let Some(status) = status {
                    line.word(b",\"status\":");
                    line.word(&status);
                }
                line.word(b",\"bytes\":");
            }
        }
        line.number(self.bytes);
        if let Some(origin_us) = self.origin_us {
            line.word(b",\"origin_ms\":");
            line.thousandths(origin_us);
        }
        if let Some(cache) = self.cache {
            line.field(b",\"cache\":\"", cache.as_bytes());
        }
        line.word(b"}\n");
        line.written()
    }
}

/// What is said of a request that went through as it came, with room for its status.
const USUAL: &[u8; 57] = b",\"verdict\":\"admit\",\"reason\":\"clear\",\"status\":...,\"bytes\":";
const USUAL_STATUS_AT: usize = 45;
const _: () = assert!(USUAL[USUAL_STATUS_AT] == b'.' && USUAL[USUAL_STATUS_AT + 2] == b'.');

/// How lines begin: with the time.
#[derive(Debug, Default)]
pub(super) struct Front {
    told: Option<WallTime>,
    text: Vec<u8>,
}

impl Front {
    /// Tells that time.
    pub(super) fn follow(&mut self, wall: WallTime) {
        let Some(told) = self.told.replace(wall).filter(|told| told.0 / 1_000 == wall.0 / 1_000)
        else {
            return self.begin_second(wall);
        };
        if told != wall
            && let Some(milliseconds) = self.text.last_chunk_mut()
        {
            *milliseconds = three_digits(wall.0);
        }
    }

    fn begin_second(&mut self, wall: WallTime) {
        self.text.clear();
        self.text.extend_from_slice(b"{\"t\":");
        self.text.extend_from_slice(itoa::Buffer::new().format(wall.0 / 1_000).as_bytes());
        self.text.push(b'.');
        self.text.extend_from_slice(&three_digits(wall.0));
    }
}

/// What lines say of a platform.
pub(crate) fn platform(name: &str) -> Box<[u8]> {
    let mut line = Pen::default();
    line.field(b",\"platform\":\"", name.as_bytes());
    line.written().into()
}

/// Path and query as the origin gets them: an absolute form may have a query alone
/// (RFC 9112 §3.2.1).
fn path<B>(line: &mut Pen, request: &http::Request<B>) {
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    if target.starts_with('?') {
        line.field(b",\"path\":\"/", target.as_bytes());
    } else {
        line.field(b",\"path\":\"", target.as_bytes());
    }
}
