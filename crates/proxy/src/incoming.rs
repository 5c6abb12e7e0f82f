//! A client's body as its engine reads it, HTTP/1 or HTTP/2.

use bytes::Bytes;
use h2::RecvStream;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use thiserror::Error;

/// A body that a client sends.
pub(crate) enum Incoming {
    Http1(hyper::body::Incoming),
    Http2(Http2Body),
    /// Read as far as it was looked at.
    Kept(Box<Kept>),
}

/// A body of which something was read before it goes on.
pub(crate) struct Kept {
    read: Vec<u8>,
    /// Whether what was read has gone on.
    has_gone: bool,
    trailers: Option<HeaderMap>,
    fault: Option<IncomingFault>,
    /// What follows; none when all of it was read.
    rest: Option<Incoming>,
}

impl Kept {
    pub(crate) fn before(rest: Incoming) -> Self {
        let (read, trailers, fault) = (Vec::new(), None, None);
        Self { read, has_gone: false, trailers, fault, rest: Some(rest) }
    }

    /// Reads all of it, or what comes first when that is more than `most` bytes; whether it is all.
    pub(crate) async fn fill(&mut self, most: usize) -> bool {
        while let Some(body) = &mut self.rest {
            match body.frame().await {
                None => self.rest = None,
                Some(Err(fault)) => {
                    // A body that broke off must not look like one that ended.
                    (self.fault, self.rest) = (Some(fault), None);
                    return false;
                }
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => {
                        self.read.extend_from_slice(&data);
                        if self.read.len() > most {
                            return false;
                        }
                    }
                    Err(frame) => self.trailers = frame.into_trailers().ok(),
                },
            }
        }
        true
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
        let is_left = !self.has_gone && !self.read.is_empty();
        let follows = self.rest.as_ref().is_some_and(|rest| !rest.is_end_stream());
        !is_left && self.fault.is_none() && self.trailers.is_none() && !follows
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
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Http1(body) => body.is_end_stream(),
            Self::Http2(body) => body.stream.is_end_stream(),
            Self::Kept(kept) => kept.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Http1(body) => body.size_hint(),
            Self::Http2(body) if body.stream.is_end_stream() => SizeHint::with_exact(0),
            Self::Http2(_) => SizeHint::default(),
            Self::Kept(kept) => kept.size_hint(),
        }
    }
}
