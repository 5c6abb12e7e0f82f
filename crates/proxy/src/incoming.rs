//! A client's body as its engine reads it, HTTP/1 or HTTP/2.

use crate::forward::Room;
use bytes::Bytes;
use h2::RecvStream;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use thiserror::Error;

/// A body that a client sends.
pub(crate) enum Incoming {
    Http1(hyper::body::Incoming),
    Http2(Http2Body),
    /// Read as far as it was looked at.
    Kept(Box<Kept>),
    /// None: it is being looked at elsewhere.
    Nothing,
}

/// A body of which something was read before it goes on.
pub(crate) struct Kept {
    read: Vec<u8>,
    /// Whether what was read has gone on.
    has_gone: bool,
    trailers: Option<HeaderMap>,
    fault: Option<IncomingFault>,
    /// What it takes of the room for bodies that are read ahead, until it goes on.
    room: Option<Room>,
    /// What follows; none when all of it was read.
    rest: Option<Incoming>,
}

impl Kept {
    pub(crate) fn before(rest: Incoming) -> Self {
        let (read, trailers, fault) = (Vec::new(), None, None);
        Self { read, has_gone: false, trailers, fault, room: None, rest: Some(rest) }
    }

    /// The same for a body that takes of this room.
    pub(crate) fn ahead(rest: Incoming, room: Room) -> Self {
        Self { room: Some(room), ..Self::before(rest) }
    }

    /// Reads all of it, or what comes first when that is more than `most` bytes; whether it is all.
    pub(crate) async fn fill(&mut self, most: usize) -> bool {
        let filled = poll_fn(|cx| self.poll_fill(cx, most)).await;
        filled == Filled::Whole && self.read.len() <= most
    }

    /// The same, or what comes before there is no more room; what ends as it becomes too much is whole.
    pub(crate) fn poll_fill(&mut self, cx: &mut Context<'_>, most: usize) -> Poll<Filled> {
        while let Some(body) = &mut self.rest {
            match ready!(Pin::new(&mut *body).poll_frame(cx)) {
                None => self.rest = None,
                Some(Err(fault)) => {
                    // A body that broke off must not look like one that ended.
                    (self.fault, self.rest) = (Some(fault), None);
                    return Poll::Ready(Filled::Broke);
                }
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => {
                        self.read.extend_from_slice(&data);
                        let held = self.read.capacity();
                        let has_room = self.room.as_mut().is_none_or(|room| room.grow(held));
                        if self.read.len() > most || !has_room {
                            if !body.is_end_stream() {
                                return Poll::Ready(Filled::Most);
                            }
                            self.rest = None;
                        }
                    }
                    Err(frame) => self.trailers = frame.into_trailers().ok(),
                },
            }
        }
        Poll::Ready(Filled::Whole)
    }

    /// Whether nothing of it is left to read.
    pub(crate) fn is_read(&self) -> bool {
        self.rest.is_none()
    }

    /// What was read.
    pub(crate) fn read(&self) -> &[u8] {
        &self.read
    }

    fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, IncomingFault>>> {
        if !self.has_gone {
            self.has_gone = true;
            self.room = None;
            if !self.read.is_empty() {
                let read = std::mem::take(&mut self.read);
                return Poll::Ready(Some(Ok(Frame::data(read.into()))));
            }
        }
        if let Some(fault) = self.fault.take() {
            return Poll::Ready(Some(Err(fault)));
        }
        if let Some(trailers) = self.trailers.take() {
            return Poll::Ready(Some(Ok(Frame::trailers(trailers))));
        }
        match &mut self.rest {
            Some(rest) => Pin::new(rest).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        // One that turned out empty was framed all the same, and goes on so.
        let follows = self.rest.as_ref().is_some_and(|rest| !rest.is_end_stream());
        self.has_gone && self.fault.is_none() && self.trailers.is_none() && !follows
    }

    fn size_hint(&self) -> SizeHint {
        let read = self.read.len() as u64;
        match &self.rest {
            None if self.fault.is_none() => SizeHint::with_exact(read),
            None => SizeHint::default(),
            Some(rest) => {
                let rest = rest.size_hint();
                let mut hint = SizeHint::new();
                hint.set_lower(read + rest.lower());
                if let Some(upper) = rest.upper() {
                    hint.set_upper(read + upper);
                }
                hint
            }
        }
    }
}

/// How much of a body was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Filled {
    /// All of it.
    Whole,
    /// What there was room for.
    Most,
    /// It broke off.
    Broke,
}

/// A body in the frames of one stream.
pub(crate) struct Http2Body {
    stream: RecvStream,
    /// Whether all data has come, and only trailers may follow.
    data_done: bool,
}

/// Why a client's body cannot be read on.
#[derive(Debug, Error)]
pub(crate) enum IncomingFault {
    #[error(transparent)]
    Http1(hyper::Error),
    #[error(transparent)]
    Http2(h2::Error),
}

impl From<RecvStream> for Incoming {
    fn from(stream: RecvStream) -> Self {
        Self::Http2(Http2Body { stream, data_done: false })
    }
}

impl Http2Body {
    fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, h2::Error>>> {
        if !self.data_done {
            if let Some(data) = ready!(self.stream.poll_data(cx)) {
                let data = data?;
                // The client may send as much again: whoever polls wants more.
                self.stream.flow_control().release_capacity(data.len())?;
                return Poll::Ready(Some(Ok(Frame::data(data))));
            }
            self.data_done = true;
        }
        let trailers = ready!(self.stream.poll_trailers(cx))?;
        Poll::Ready(trailers.map(|fields| Ok(Frame::trailers(fields))))
    }
}

impl Incoming {
    /// Memory that what was read of it takes.
    pub(crate) fn held_bytes(&self) -> u32 {
        match self {
            Self::Kept(kept) => u32::try_from(kept.read.capacity()).unwrap_or(u32::MAX),
            Self::Http1(_) | Self::Http2(_) | Self::Nothing => 0,
        }
    }
}

impl Body for Incoming {
    type Data = Bytes;
    type Error = IncomingFault;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, IncomingFault>>> {
        match self.get_mut() {
            Self::Http1(body) => {
                let frame = ready!(Pin::new(body).poll_frame(cx));
                Poll::Ready(frame.map(|frame| frame.map_err(IncomingFault::Http1)))
            }
            Self::Http2(body) => {
                let frame = ready!(body.poll_frame(cx));
                Poll::Ready(frame.map(|frame| frame.map_err(IncomingFault::Http2)))
            }
            Self::Kept(kept) => kept.poll_frame(cx),
            Self::Nothing => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Http1(body) => body.is_end_stream(),
            Self::Http2(body) => body.stream.is_end_stream(),
            Self::Kept(kept) => kept.is_end_stream(),
            Self::Nothing => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Http1(body) => body.size_hint(),
            Self::Http2(body) if body.stream.is_end_stream() => SizeHint::with_exact(0),
            Self::Http2(_) => SizeHint::default(),
            Self::Kept(kept) => kept.size_hint(),
            Self::Nothing => SizeHint::with_exact(0),
        }
    }
}
