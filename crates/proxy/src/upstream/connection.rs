//! One connection to an origin.

use super::body::Framing;
use super::response::{self, ResponseFault, Room, Said};
use super::stream::OriginStream;
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Method};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use thiserror::Error;
use tokio_util::io::poll_read_buf;

/// What is made ready for one read: most answers of pages fit.
const READ_FIRST: usize = 8 * 1024;

/// Why an origin gave no answer, or not all of it.
#[derive(Debug, Error)]
pub(crate) enum UpstreamFault {
    #[error("the origin closed the connection")]
    Closed,
    #[error("the connection to the origin broke")]
    Broke(#[source] io::Error),
    #[error("the origin's answer breaks the protocol")]
    Answer(#[from] ResponseFault),
    #[error("the origin ended the stream")]
    Stream(#[source] h2::Error),
}

/// A connection, and what was read of it and not yet used.
#[derive(Debug)]
pub(crate) struct Upstream {
    pub(super) socket: OriginStream,
    pub(super) buffer: BytesMut,
    address: SocketAddr,
    room: Room,
    /// Of the last request's head, for the next.
    head: Vec<u8>,
}

/// Room for a request's head that nearly all fit in: a larger one is not kept.
const HEAD_ROOM: usize = 1024;

impl Upstream {
    pub(crate) fn new(socket: OriginStream, address: SocketAddr) -> Self {
        let (buffer, room, head) = (BytesMut::new(), Room::default(), Vec::new());
        Self { socket, buffer, address, room, head }
    }

    /// Where the connection leads.
    pub(crate) fn leads_to(&self) -> SocketAddr {
        self.address
    }

    /// Whether nothing came since the last answer: the origin neither closed nor spoke unasked.
    pub(crate) fn is_quiet(&mut self) -> bool {
        self.socket.is_quiet() && self.buffer.is_empty()
    }

    /// Whether nothing is left of what was read: an origin that said more than its answer cannot be
    /// trusted with another request, and one that said nothing may be asked by another connection.
    pub(crate) fn is_drained(&self) -> bool {
        self.buffer.is_empty()
    }

    /// Sends `bytes` whole: the request of a probe.
    ///
    /// # Errors
    /// The connection broke.
    pub(crate) async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        tokio::io::AsyncWriteExt::write_all(&mut self.socket, bytes).await
    }

    /// Tells the origin that nothing more is sent, and that nobody waits any more: most take it so.
    ///
    /// # Errors
    /// The connection broke.
    pub(crate) async fn end_requests(&mut self) -> io::Result<()> {
        tokio::io::AsyncWriteExt::shutdown(&mut self.socket).await
    }

    /// Lends the room of a request's fields to those of its answer.
    pub(crate) fn lend(&mut self, fields: HeaderMap) {
        self.room.lend(fields);
    }

    /// Room for the head of a request; it is best given back.
    pub(crate) fn head_room(&mut self) -> Vec<u8> {
        let mut room = std::mem::take(&mut self.head);
        room.reserve(HEAD_ROOM);
        room
    }

    /// Takes back the room of a head that the origin has.
    pub(crate) fn lend_head(&mut self, mut room: Vec<u8>) {
        if room.capacity() <= HEAD_ROOM {
            room.clear();
            self.head = room;
        }
    }

    /// Reads until the head of an answer is whole, be it an interim one.
    pub(crate) fn poll_head(
        &mut self,
        cx: &mut Context<'_>,
        method: &Method,
    ) -> Poll<Result<Said, UpstreamFault>> {
        loop {
            if let Some(said) = response::parse(&mut self.buffer, method, &mut self.room)? {
                return Poll::Ready(Ok(said));
            }
            if ready!(self.poll_more(cx, READ_FIRST))? == 0 {
                return Poll::Ready(Err(UpstreamFault::Closed));
            }
        }
    }

    /// Reads what there is, up to `room` bytes; 0 is the end of the stream.
    pub(super) fn poll_more(
        &mut self,
        cx: &mut Context<'_>,
        room: usize,
    ) -> Poll<Result<usize, UpstreamFault>> {
        self.buffer.reserve(room);
        let read = poll_read_buf(Pin::new(&mut self.socket), cx, &mut self.buffer);
        read.map_err(UpstreamFault::Broke)
    }

    /// The framing of an answer's body, bound to this connection.
    pub(crate) fn body(
        &mut self,
        framing: &mut Framing,
        cx: &mut Context<'_>,
    ) -> super::body::Piece {
        framing.poll_piece(self, cx)
    }

    /// Gives the socket up for another protocol, with what the origin said already.
    pub(crate) fn into_tunnel(self) -> (OriginStream, Bytes) {
        (self.socket, self.buffer.freeze())
    }
}
