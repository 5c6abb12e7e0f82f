//! Sits between TLS and the HTTP engine: sees every byte, lets only good heads through.
//!
//! HTTP/1: an unfinished head is withheld until it is whole; a head that the gate refuses is
//! replaced by a harmless one, so that the engine answers it in its place in the order of
//! requests, and nothing behind it passes.
//! HTTP/2: frames are counted both ways; a connection over its budget ends.
//! Also counts bytes and notes when the client reads too slowly.
//! Bounds: one head of [`HEAD_LIMITS`] is held at most.

mod half_close;
mod write;

use crate::client::Peer;
use crate::connection::{Connection, Ending, RequestFault};
use crate::core::Core;
use crate::early::{self, After, Early, Sender};
use seawall_wire::h1::{GateStep, HeadLimits, RequestGate};
use seawall_wire::h2::{FrameCounts, FrameFault, FrameLimits, FrameMeter, OutboundResets};
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// What a request head may measure.
pub(crate) const HEAD_LIMITS: HeadLimits = HeadLimits {
    head_bytes: HeadLimits::HEAD_BYTES,
    line_bytes: HeadLimits::LINE_BYTES,
    target_bytes: HeadLimits::TARGET_BYTES,
    fields: HeadLimits::FIELDS,
};

/// Stands in for a head that was refused; never reaches an origin.
const REPLACEMENT: &[u8] = b"GET / HTTP/1.1\r\nhost: refused.invalid\r\nconnection: close\r\n\r\n";
/// Bytes read at once while a head is unfinished.
const PIECE: usize = 4096;

/// Requests that a client must have taken back before their share tells anything.
const RESETS_TELLING: u32 = 8;

/// A stream that ends in a socket of ours.
pub(crate) trait Carrier {
    /// The socket at its end.
    fn socket(&self) -> &TcpStream;
}

impl Carrier for TcpStream {
    fn socket(&self) -> &TcpStream {
        self
    }
}

/// A metered stream of one connection.
pub(crate) struct Meter<S> {
    io: S,
    core: Rc<Core>,
    connection: Rc<Connection>,
    protocol: Protocol,
    /// Read from the socket, not yet looked at or not yet let through.
    held: Vec<u8>,
    /// The first bytes of `held` that may pass.
    cleared: usize,
    rest: Rest,
    /// What the engine did not say and has not left yet: an answer of ours, or interim ones.
    reply: Vec<u8>,
}

/// What is still to come of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    /// Whatever the client sends.
    Open,
    /// Nothing: the engine answers the replacement and closes. An end of the stream would tell it
    /// that the client has gone, and then it would not answer.
    Silence,
    /// Nothing until the request that asks for another protocol is answered: only then is it known
    /// how to read what follows.
    AwaitsSwitch,
    /// The end of the stream, once all is answered: the client has said so, and may still listen.
    Answers,
    /// The end of the stream.
    End,
}

enum Protocol {
    H1(RequestGate),
    H2(Box<Frames>),
}

struct Frames {
    inbound: FrameMeter,
    outbound: OutboundResets,
}

/// What became of bytes that were looked at.
#[derive(Debug, PartialEq, Eq)]
enum Looked {
    /// All may pass.
    All,
    /// The first ones may pass; the rest is an unfinished head.
    Withhold(usize),
    /// The first ones may pass; behind them the gate refused a head.
    RefusedHead(usize),
    /// The first ones may pass; behind them the gate refused a body.
    RefusedBody(usize),
    /// The first ones may pass; the last of them is a head that asks for another protocol.
    Switches(usize),
    /// They were one head, which is answered here.
    Answered(Vec<u8>, After),
    /// They were one head, and the connection is to be reset.
    Reset,
}

impl<S> Meter<S> {
    /// Meters HTTP/1; `first` are bytes that were read already.
    pub(crate) fn h1(io: S, core: Rc<Core>, connection: Rc<Connection>, first: Vec<u8>) -> Self {
        Self::new(io, core, connection, (Protocol::H1(RequestGate::new(HEAD_LIMITS)), first))
    }

    /// Meters HTTP/2; `first` are bytes that were read already.
    pub(crate) fn h2(io: S, core: Rc<Core>, connection: Rc<Connection>, first: Vec<u8>) -> Self {
        connection.h2.set(true);
        let frames = Frames {
            inbound: FrameMeter::new(FrameLimits::default()),
            outbound: OutboundResets::default(),
        };
        Self::new(io, core, connection, (Protocol::H2(Box::new(frames)), first))
    }

    fn new(
        io: S,
        core: Rc<Core>,
        connection: Rc<Connection>,
        (protocol, held): (Protocol, Vec<u8>),
    ) -> Self {
        connection.bytes_in.set(held.len() as u64);
        let mut meter = Self {
            io,
            core,
            connection,
            protocol,
            held,
            cleared: 0,
            rest: Rest::Open,
            reply: Vec::new(),
        };
        if !meter.held.is_empty() {
            // A frame fault in the first bytes shows again with the next ones.
            let _ = meter.look_at_held();
        }
        meter
    }

    /// The stream below, for what must be told to the socket itself.
    pub(crate) fn stream(&self) -> &S {
        &self.io
    }

    /// Whether the client is in the middle of a request that was not read to its end.
    pub(crate) fn is_inside_request(&self) -> bool {
        match &self.protocol {
            Protocol::H1(gate) => !gate.awaits_head() || !self.held.is_empty(),
            Protocol::H2(_) => false,
        }
    }

    /// Gives the stream below back.
    pub(crate) fn into_stream(self) -> S {
        self.io
    }

    /// Judges `held` from the first byte that is not cleared.
    fn look_at_held(&mut self) -> Result<(), FrameFault> {
        let fresh = &self.held[self.cleared..];
        let looked = match &mut self.protocol {
            Protocol::H1(gate) => look_h1(gate, fresh, &self.core, &self.connection),
            Protocol::H2(frames) => look_h2(frames, fresh, &self.core, &self.connection)?,
        };
        match looked {
            Looked::All => self.cleared = self.held.len(),
            Looked::Withhold(passes) => self.cleared += passes,
            Looked::Switches(passes) => {
                self.cleared += passes;
                self.rest = Rest::AwaitsSwitch;
            }
            Looked::RefusedHead(passes) => {
                self.held.truncate(self.cleared + passes);
                self.replace_head();
            }
            Looked::RefusedBody(passes) => {
                self.held.truncate(self.cleared + passes);
                self.break_off_body();
            }
            Looked::Answered(reply, after) => {
                self.held = Vec::new();
                self.answer(reply, after);
            }
            Looked::Reset => {
                self.held = Vec::new();
                self.connection.end(Ending::Reset);
            }
        }
        Ok(())
    }

    /// Lets the replacement follow what was cleared, and nothing after it.
    fn replace_head(&mut self) {
        self.held.extend_from_slice(REPLACEMENT);
        self.cleared = self.held.len();
        self.rest = Rest::Silence;
    }

    /// Ends the stream inside a body: to the engine, and so to the origin, it broke off.
    fn break_off_body(&mut self) {
        self.cleared = self.held.len();
        self.rest = Rest::End;
    }

    /// Sends an answer of ours in place of the engine.
    fn answer(&mut self, reply: Vec<u8>, after: After) {
        self.reply = reply;
        if after == After::Close {
            self.rest = Rest::End;
        }
        self.connection.answered_early(self.core.coarse_now(), self.core.timeouts().idle);
    }

    /// Goes on once the request that asked for another protocol is answered.
    fn poll_switch(&mut self) -> Poll<io::Result<()>> {
        if self.connection.tunnel.get() {
            self.cleared = self.held.len();
        } else if !self.connection.has_answered_all() {
            self.connection.hold_back();
            return Poll::Pending;
        }
        self.rest = Rest::Open;
        if self.cleared < self.held.len() {
            self.look_at_held().map_err(abort)?;
        }
        Poll::Ready(Ok(()))
    }

    fn pass_cleared(&mut self, buffer: &mut ReadBuf<'_>) {
        let passes = self.cleared.min(buffer.remaining());
        buffer.put_slice(&self.held[..passes]);
        if passes == self.held.len() {
            // An idle connection keeps no buffer.
            self.held = Vec::new();
        } else {
            self.held.drain(..passes);
        }
        self.cleared -= passes;
    }

    /// A head that is overdue is answered as if the gate had refused it.
    fn replace_slow_head(&mut self) {
        let unfinished_head = matches!(self.protocol, Protocol::H1(_)) && self.rest == Rest::Open;
        if unfinished_head && self.connection.fault() == Some(RequestFault::SlowHead) {
            if self.held.is_empty() {
                // Not one byte of a request: there is nothing to answer.
                self.rest = Rest::End;
                return;
            }
            self.held.truncate(self.cleared);
            self.replace_head();
        }
    }
}

fn look_h1(gate: &mut RequestGate, bytes: &[u8], core: &Core, connection: &Connection) -> Looked {
    if connection.tunnel.get() {
        return Looked::All;
    }
    let mut passed = 0;
    while passed < bytes.len() {
        let in_head = gate.awaits_head();
        match gate.feed(&bytes[passed..]) {
            GateStep::Head(head) => {
                let is_alone = passed == 0 && connection.rests();
                if is_alone && core.limits_sources() && core.knows_client(connection) {
                    let sender = Sender::of(connection);
                    match early::judge(core, (core.now(), sender), (&head, bytes), After::Keep) {
                        Early::Pass => {}
                        Early::Answer(reply, after) => return Looked::Answered(reply, after),
                        Early::Reset => return Looked::Reset,
                    }
                }
                passed += head.length;
                connection.head_complete();
                if head.upgrade {
                    return Looked::Switches(passed);
                }
            }
            GateStep::Body { consumed, .. } => passed += consumed,
            GateStep::NeedMore => {
                connection.head_begins(core.coarse_now(), core.timeouts().header);
                return Looked::Withhold(passed);
            }
            GateStep::Fault(fault) => {
                connection.set_fault(RequestFault::Gate(fault));
                return if in_head {
                    Looked::RefusedHead(passed)
                } else {
                    Looked::RefusedBody(passed)
                };
            }
        }
    }
    Looked::All
}

fn look_h2(
    frames: &mut Frames,
    bytes: &[u8],
    core: &Core,
    connection: &Connection,
) -> Result<Looked, FrameFault> {
    frames.inbound.feed(core.coarse_now(), bytes)?;
    let FrameCounts { requests, resets, .. } = frames.inbound.counts();
    connection.took_back.set(resets >= RESETS_TELLING && resets > requests / 2);
    // A proxy's settings say nothing of its clients.
    if connection.peer == Peer::Client
        && connection.h2_fingerprint.get().is_none()
        && let Some(fingerprint) = frames.inbound.fingerprint()
    {
        connection.h2_fingerprint.get_or_init(|| fingerprint.into());
    }
    Ok(Looked::All)
}

impl<S: AsyncRead + AsyncWrite + Carrier + Unpin> AsyncRead for Meter<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            ready!(this.poll_reply(cx))?;
            this.replace_slow_head();
            if this.cleared > 0 {
                this.pass_cleared(buffer);
                return Poll::Ready(Ok(()));
            }
            match this.rest {
                Rest::Open => {}
                // The connection's task is woken when it is to end.
                Rest::Silence => return Poll::Pending,
                Rest::Answers => return this.poll_answers(),
                Rest::AwaitsSwitch => {
                    ready!(this.poll_switch())?;
                    continue;
                }
                Rest::End => return Poll::Ready(Ok(())),
            }
            let done = if this.held.is_empty() {
                ready!(this.read_through(cx, buffer))?
            } else {
                ready!(this.read_held(cx))?
            };
            if done {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl<S: AsyncWrite + Carrier + Unpin> Meter<S> {
    /// Sends what is left of an answer of ours.
    #[inline]
    fn poll_reply(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.reply.is_empty() {
            return Poll::Ready(Ok(()));
        }
        while !self.reply.is_empty() {
            let written = Pin::new(&mut self.io).poll_write(cx, &self.reply);
            self.wrote(&written);
            let written = ready!(written)?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            if written == self.reply.len() {
                self.reply = Vec::new();
            } else {
                self.reply.drain(..written);
            }
        }
        Pin::new(&mut self.io).poll_flush(cx)
    }
}

impl<S: AsyncRead + Carrier + Unpin> Meter<S> {
    /// Reads straight into the engine's buffer: whole heads and bodies are not copied.
    fn read_through(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<bool>> {
        let start = buffer.filled().len();
        ready!(Pin::new(&mut self.io).poll_read(cx, buffer))?;
        let fresh = &buffer.filled()[start..];
        if fresh.is_empty() {
            return Poll::Ready(Ok(self.ends_now()));
        }
        let connection = &self.connection;
        connection.bytes_in.set(connection.bytes_in.get() + fresh.len() as u64);
        let looked = match &mut self.protocol {
            Protocol::H1(gate) => look_h1(gate, fresh, &self.core, connection),
            Protocol::H2(frames) => {
                look_h2(frames, fresh, &self.core, connection).map_err(abort)?
            }
        };
        match looked {
            Looked::All => return Poll::Ready(Ok(true)),
            Looked::Withhold(passes) => {
                self.held.extend_from_slice(&fresh[passes..]);
                buffer.set_filled(start + passes);
            }
            Looked::Switches(passes) => {
                self.held.extend_from_slice(&fresh[passes..]);
                buffer.set_filled(start + passes);
                self.rest = Rest::AwaitsSwitch;
            }
            Looked::RefusedHead(passes) => {
                buffer.set_filled(start + passes);
                self.replace_head();
            }
            Looked::RefusedBody(passes) => {
                buffer.set_filled(start + passes);
                self.break_off_body();
            }
            Looked::Answered(reply, after) => {
                buffer.set_filled(start);
                self.answer(reply, after);
            }
            Looked::Reset => {
                buffer.set_filled(start);
                self.connection.end(Ending::Reset);
                return Poll::Pending;
            }
        }
        Poll::Ready(Ok(buffer.filled().len() > start))
    }

    /// Reads more of an unfinished head; the stream's end passes on as it is.
    fn read_held(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        let mut piece = [0_u8; PIECE];
        let mut buffer = ReadBuf::new(&mut piece);
        ready!(Pin::new(&mut self.io).poll_read(cx, &mut buffer))?;
        let fresh = buffer.filled();
        if fresh.is_empty() {
            self.rest = Rest::End;
            return Poll::Ready(Ok(true));
        }
        self.connection.bytes_in.set(self.connection.bytes_in.get() + fresh.len() as u64);
        self.held.extend_from_slice(fresh);
        self.look_at_held().map_err(abort)?;
        Poll::Ready(Ok(false))
    }
}

fn abort(fault: FrameFault) -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, fault)
}
