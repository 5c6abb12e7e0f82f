//! A request's body on its way to an origin over HTTP/2, trailers included.
//!
//! Takes from the client what the origin's window has room for, so that the client waits with it.
//! A body that breaks off resets its stream: it never looks complete to the origin.

use crate::body::{BodyFault, ClientBody};
use crate::upstream::trailers;
use crate::upstream::upload::Progress;
use bytes::Bytes;
use h2::{Reason, SendStream};
use http_body::Body as _;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// What is still to be sent.
pub(crate) struct Upload {
    /// None once the client's end was passed on, or there is no body at all.
    body: Option<ClientBody>,
    /// Taken from the client, and waiting for room.
    waiting: Bytes,
    sent: u64,
    /// Whether anything of the body was taken: then the request cannot be sent again.
    begun: bool,
}

/// Why an upload stopped.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// The client's body broke off; the origin was told.
    Client(BodyFault),
    /// The origin takes no more; it may have answered nonetheless.
    Origin,
}

impl Upload {
    /// The upload of `body`, if there is one.
    pub(crate) fn new(body: Option<ClientBody>) -> Self {
        Self { body, waiting: Bytes::new(), sent: 0, begun: false }
    }

    pub(crate) fn has_body(&self) -> bool {
        self.body.is_some()
    }

    /// Whether the request can be sent again: nothing of its body is gone.
    pub(crate) fn is_whole(&self) -> bool {
        !self.begun
    }

    /// How far it has come, and who must move it on.
    pub(crate) fn progress(&self) -> Progress {
        match &self.body {
            None => Progress::Done,
            Some(_) if self.waiting.is_empty() => Progress::AwaitsClient,
            Some(_) => Progress::AwaitsOrigin(self.sent),
        }
    }

    /// From now on the client may be silent for as long as both ends like.
    pub(crate) fn converse(&mut self) {
        if let Some(body) = &mut self.body {
            body.converse();
        }
    }

    /// Sends what can be sent; ready once nothing is left.
    pub(crate) fn poll(
        &mut self,
        stream: &mut SendStream<Bytes>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Stopped>> {
        loop {
            ready!(self.poll_waiting(stream, cx))?;
            let Some(body) = &mut self.body else {
                return Poll::Ready(Ok(()));
            };
            let Poll::Ready(frame) = Pin::new(&mut *body).poll_frame(cx) else {
                // An origin that has reset the stream waits for nothing.
                return stream.poll_reset(cx).map(|_| Err(Stopped::Origin));
            };
            let ends = match frame {
                Some(Ok(frame)) => {
                    self.begun = true;
                    let ends = body.is_end_stream();
                    match frame.into_data() {
                        Ok(data) => {
                            self.waiting = data;
                            if !(ends && self.waiting.is_empty()) {
                                continue;
                            }
                            stream.send_data(Bytes::new(), true)
                        }
                        Err(frame) => match frame.into_trailers() {
                            Ok(fields) => stream.send_trailers(trailers::sift(fields)),
                            Err(_) => continue,
                        },
                    }
                }
                Some(Err(fault)) => {
                    stream.send_reset(Reason::CANCEL);
                    self.body = None;
                    return Poll::Ready(Err(Stopped::Client(fault)));
                }
                None => stream.send_data(Bytes::new(), true),
            };
            self.body = None;
            ends.map_err(|_| Stopped::Origin)?;
        }
    }

    fn poll_waiting(
        &mut self,
        stream: &mut SendStream<Bytes>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Stopped>> {
        while !self.waiting.is_empty() {
            stream.reserve_capacity(self.waiting.len());
            let room = stream.capacity().min(self.waiting.len());
            if room == 0 {
                match ready!(stream.poll_capacity(cx)) {
                    Some(Ok(_)) => continue,
                    Some(Err(_)) | None => return Poll::Ready(Err(Stopped::Origin)),
                }
            }
            let piece = self.waiting.split_to(room);
            self.sent += room as u64;
            let ends = self.waiting.is_empty()
                && self.body.as_ref().is_some_and(http_body::Body::is_end_stream);
            stream.send_data(piece, ends).map_err(|_| Stopped::Origin)?;
            if ends {
                self.body = None;
            }
        }
        Poll::Ready(Ok(()))
    }
}
