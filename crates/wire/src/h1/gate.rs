//! The gate of one connection: heads and bodies in turn, for as long as it lasts.

use super::head::{Progress, read};
use super::{BodyFraming, ChunkScanner, ChunkStep, Head, HeadFault, HeadLimits};

/// What the front of the bytes given is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GateStep {
    /// The start of a head: withhold all of these bytes, and give them again with more behind.
    NeedMore,
    /// The first [`Head::length`] bytes are a good head; go on with those behind it.
    Head(Head),
    /// Bytes of a body, or of a tunnel; go on with those behind them.
    Body {
        /// How many of the bytes given.
        consumed: usize,
        /// Whether the body is whole with them; the next byte begins a head.
        ended: bool,
    },
    /// Nothing may be passed on any more: answer and close.
    Fault(HeadFault),
}

/// Decides, piece by piece, what of a connection's bytes an HTTP engine may see.
///
/// Give it what has come and not yet been passed on; it judges one step at a time:
///
/// - In front of a head it answers [`GateStep::NeedMore`] until the head is whole, and expects the
///   same bytes at the front of the next call.
/// - Behind a head with a body it answers [`GateStep::Body`]; a body of no bytes has no such step.
/// - With no bytes to look at it answers `NeedMore` before a head, `Body` of none inside a body.
/// - A fault stays: every further call gives it again.
///
/// It keeps no bytes. Bytes of an unfinished head are read once for each line that ends in them,
/// not once for each call, so a sender of single bytes buys at most one reading a line.
#[derive(Debug, Clone)]
pub struct RequestGate {
    limits: HeadLimits,
    state: State,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// `seen` bytes hold no whole head; they say nothing new before `silent_until` or another LF.
    Head {
        seen: usize,
        silent_until: usize,
    },
    Length {
        left: u64,
    },
    Chunked(ChunkScanner),
    Tunnel,
    Faulted(HeadFault),
}

/// Nothing of the next head has been seen.
const NEXT_HEAD: State = State::Head { seen: 0, silent_until: 0 };

impl RequestGate {
    /// A gate in front of a connection's first head.
    pub const fn new(limits: HeadLimits) -> Self {
        Self { limits, state: NEXT_HEAD }
    }

    /// Judges the front of `bytes`; see the type for what to give next.
    pub fn feed(&mut self, bytes: &[u8]) -> GateStep {
        match &mut self.state {
            State::Head { seen, silent_until } => {
                let news = bytes.get(*seen..).unwrap_or(bytes);
                if bytes.len() < *silent_until && memchr::memchr(b'\n', news).is_none() {
                    *seen = bytes.len();
                    return GateStep::NeedMore;
                }
                self.feed_head(bytes)
            }
            State::Length { left } => {
                let here = bytes.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= here as u64;
                let ended = *left == 0;
                self.pass(here, ended)
            }
            State::Chunked(scanner) => match scanner.feed(bytes) {
                Ok(ChunkStep::More) => self.pass(bytes.len(), false),
                Ok(ChunkStep::Done { consumed }) => self.pass(consumed, true),
                Err(fault) => self.refuse(fault),
            },
            State::Tunnel => self.pass(bytes.len(), false),
            State::Faulted(fault) => GateStep::Fault(*fault),
        }
    }

    /// Lets everything pass from here on: call it when `101 Switching Protocols` is on its way,
    /// never before (what follows an unanswered `Upgrade` is still HTTP).
    ///
    /// Does nothing after a fault.
    pub fn tunnel(&mut self) {
        if !matches!(self.state, State::Faulted(_)) {
            self.state = State::Tunnel;
        }
    }

    /// Whether the next byte belongs to a head.
    pub fn awaits_head(&self) -> bool {
        matches!(self.state, State::Head { .. })
    }

    fn feed_head(&mut self, bytes: &[u8]) -> GateStep {
        match read(bytes, &self.limits) {
            Ok(Progress::Partial { silent_until }) => {
                self.state = State::Head { seen: bytes.len(), silent_until };
                GateStep::NeedMore
            }
            Ok(Progress::Complete(head)) => {
                self.state = match head.body {
                    BodyFraming::None | BodyFraming::Length(0) => NEXT_HEAD,
                    BodyFraming::Length(left) => State::Length { left },
                    BodyFraming::Chunked => State::Chunked(ChunkScanner::new()),
                };
                GateStep::Head(head)
            }
            Err(fault) => self.refuse(fault),
        }
    }

    fn pass(&mut self, consumed: usize, ended: bool) -> GateStep {
        if ended {
            self.state = NEXT_HEAD;
        }
        GateStep::Body { consumed, ended }
    }

    fn refuse(&mut self, fault: HeadFault) -> GateStep {
        self.state = State::Faulted(fault);
        GateStep::Fault(fault)
    }
}
