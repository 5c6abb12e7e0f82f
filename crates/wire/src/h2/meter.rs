//! The meter of one inbound connection.

use super::budget::{Charge, Second};
use super::capture::{Capture, Traits};
use super::frame::{self, FrameHeader, FrameWalk, Part};
use super::{FrameFault, FrameLimits};
use seawall_types::Moment;

const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What a connection has sent since it began; each count stops at its maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FrameCounts {
    /// HEADERS that opened a stream.
    pub requests: u32,
    /// `RST_STREAM`.
    pub resets: u32,
    /// SETTINGS, PING, PRIORITY, GOAWAY, unknown frames and trailers.
    pub control: u32,
    /// Payload bytes of DATA, padding included.
    pub data_bytes: u64,
}

/// Watches the bytes that one client sends.
#[derive(Debug)]
pub struct FrameMeter {
    limits: FrameLimits,
    walk: FrameWalk,
    preface_seen: usize,
    continuations: u8,
    fault: Option<FrameFault>,
    newest_stream: u32,
    second: Second,
    counts: FrameCounts,
    traits: FirstFrames,
}

/// What is learned from the first frames.
#[derive(Debug)]
enum FirstFrames {
    Awaited(Box<Capture>),
    Known(Box<Traits>),
    Forgotten,
}

const _: () = assert!(size_of::<FrameMeter>() <= 160, "held by every idle connection");

impl FrameMeter {
    /// A meter in front of the client preface.
    pub fn new(limits: FrameLimits) -> Self {
        Self {
            limits,
            walk: FrameWalk::START,
            preface_seen: 0,
            continuations: 0,
            fault: None,
            newest_stream: 0,
            second: Second::default(),
            counts: FrameCounts::default(),
            traits: FirstFrames::Awaited(Box::default()),
        }
    }

    /// Takes the next bytes, in any pieces; `now` may not go back.
    ///
    /// # Errors
    /// The first [`FrameFault`], and the same one from then on: the connection is to be closed.
    pub fn feed(&mut self, now: Moment, bytes: &[u8]) -> Result<(), FrameFault> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let outcome = self.walk(now, bytes);
        self.fault = outcome.err();
        outcome
    }

    /// What has been counted so far.
    pub fn counts(&self) -> FrameCounts {
        self.counts
    }

    /// `settings|window update|priorities|pseudo-header order` of the first frames, such as
    /// `3:100;4:33554432;2:0|33488897|0|m,p,s,a`; known once the first header block has ended.
    ///
    /// Settings are `id:value` in order; 0 stands for no window update and for no priority frame;
    /// a priority is `stream:exclusive:depends on:weight`.
    pub fn fingerprint(&self) -> Option<&str> {
        match &self.traits {
            FirstFrames::Known(traits) => Some(&traits.fingerprint),
            FirstFrames::Awaited(_) | FirstFrames::Forgotten => None,
        }
    }

    /// Header names of the first header block in order, comma separated, pseudo-headers included.
    pub fn field_names(&self) -> Option<&str> {
        match &self.traits {
            FirstFrames::Known(traits) => Some(&traits.names),
            FirstFrames::Awaited(_) | FirstFrames::Forgotten => None,
        }
    }

    /// Frees what [`Self::fingerprint`] and [`Self::field_names`] give, once it has been noted.
    pub fn forget_traits(&mut self) {
        self.traits = FirstFrames::Forgotten;
    }

    fn walk(&mut self, now: Moment, bytes: &[u8]) -> Result<(), FrameFault> {
        let mut rest = self.behind_preface(bytes)?;
        while let Some(part) = self.walk.next(&mut rest) {
            match part {
                Part::Header(header) => {
                    self.judge(now, header)?;
                    if let FirstFrames::Awaited(capture) = &mut self.traits {
                        capture.begin(header);
                    }
                }
                Part::Payload { piece, last } => {
                    if let FirstFrames::Awaited(capture) = &mut self.traits
                        && let Some(traits) = capture.take(piece, last)
                    {
                        self.traits = FirstFrames::Known(Box::new(traits));
                    }
                }
            }
        }
        Ok(())
    }

    fn behind_preface<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], FrameFault> {
        let awaited = PREFACE.get(self.preface_seen..).unwrap_or_default();
        let here = awaited.len().min(bytes.len());
        if bytes.get(..here) != awaited.get(..here) {
            return Err(FrameFault::Preface);
        }
        self.preface_seen += here;
        Ok(bytes.get(here..).unwrap_or_default())
    }

    fn judge(&mut self, now: Moment, header: FrameHeader) -> Result<(), FrameFault> {
        if header.length > self.limits.frame_bytes {
            return Err(FrameFault::FrameLength);
        }
        let is_first = self.counts == FrameCounts::default();
        if is_first && (header.kind != frame::SETTINGS || header.has(frame::ACK)) {
            return Err(FrameFault::FirstFrame);
        }
        let empty = header.length == 0;
        match header.kind {
            frame::DATA => {
                self.counts.data_bytes =
                    self.counts.data_bytes.saturating_add(header.length.into());
                self.charge_if(empty && !header.has(frame::END_STREAM), now, Charge::Empty)
            }
            frame::HEADERS => {
                self.continuations = 0;
                self.open(now, header.stream)?;
                self.charge_if(empty, now, Charge::Empty)
            }
            frame::CONTINUATION => {
                self.continuations = self.continuations.saturating_add(1);
                if self.continuations > self.limits.continuations {
                    return Err(FrameFault::Continuations);
                }
                self.charge_if(empty, now, Charge::Empty)
            }
            frame::RST_STREAM => self.reset(now),
            frame::WINDOW_UPDATE => self.second.charge(now, Charge::WindowUpdate, &self.limits),
            _ => self.control(now),
        }
    }

    /// A request when the stream is newer than any before (RFC 9113 §5.1.1), else trailers.
    fn open(&mut self, now: Moment, stream: u32) -> Result<(), FrameFault> {
        if stream <= self.newest_stream {
            return self.control(now);
        }
        self.newest_stream = stream;
        self.counts.requests = self.counts.requests.saturating_add(1);
        Ok(())
    }

    fn control(&mut self, now: Moment) -> Result<(), FrameFault> {
        self.counts.control = self.counts.control.saturating_add(1);
        self.second.charge(now, Charge::Control, &self.limits)
    }

    fn reset(&mut self, now: Moment) -> Result<(), FrameFault> {
        self.counts.resets = self.counts.resets.saturating_add(1);
        if self.counts.resets > self.limits.resets_free.max(self.counts.requests / 2) {
            return Err(FrameFault::ResetShare);
        }
        self.second.charge(now, Charge::Reset, &self.limits)
    }

    fn charge_if(&mut self, due: bool, now: Moment, charge: Charge) -> Result<(), FrameFault> {
        if due { self.second.charge(now, charge, &self.limits) } else { Ok(()) }
    }
}
