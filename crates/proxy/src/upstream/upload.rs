//! A request on its way to an origin: its head, then its body as the client sends it.

use super::connection::Upstream;
use super::request::UploadFraming;
use super::trailers;
use crate::body::{BodyFault, ClientBody};
use bytes::Bytes;
use http::HeaderMap;
use http_body::Body as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::AsyncWrite as _;

/// Pieces of a body up to this size are copied behind what waits, to leave in one call.
const COPIED_MAX: usize = 16 * 1024;

/// What is still to be sent.
pub(crate) struct Upload {
    waiting: Vec<u8>,
    sent: usize,
    /// Too large to be copied.
    piece: Option<Bytes>,
    /// Boxed: most requests have none.
    body: Option<Box<ClientBody>>,
    framing: UploadFraming,
    hold: Hold,
    /// Bytes sent before those in `waiting`.
    total: u64,
    /// Whether anything of the body was taken: then the request cannot be sent again.
    begun: bool,
    /// Whether the client's body broke off: it must never look complete to the origin.
    broken: bool,
    /// Whether the connection may hold back part of what was sent.
    unflushed: bool,
}

/// Whether the client's body may be asked for.
///
/// To ask for the body of a client that expects it is to tell it `100 Continue`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hold {
    Free,
    /// Not before the origin has asked for it.
    UntilInvited,
}

/// Who must move an upload on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// The client has more to send.
    AwaitsClient,
    /// The origin has more to take, after this many bytes.
    AwaitsOrigin(u64),
    /// The origin has everything.
    Done,
}

/// Why an upload stopped.
#[derive(Debug)]
pub(crate) enum UploadFault {
    /// The client's body.
    Client(BodyFault),
    /// It broke off before.
    Broken,
    /// The origin takes no more; it may have answered nonetheless.
    Origin(#[expect(dead_code, reason = "told by whoever prints the fault")] io::Error),
}

impl Upload {
    /// There is a body where `framing` frames one.
    pub(crate) fn new(
        head: Vec<u8>,
        body: Option<Box<ClientBody>>,
        framing: UploadFraming,
    ) -> Self {
        debug_assert_eq!(body.is_some(), framing != UploadFraming::None);
        Self {
            waiting: head,
            sent: 0,
            piece: None,
            body,
            framing,
            hold: Hold::Free,
            total: 0,
            begun: false,
            broken: false,
            unflushed: false,
        }
    }

    /// Sends no more than the head until the origin has asked for the body.
    pub(crate) fn hold_body(&mut self) {
        if self.body.is_some() {
            self.hold = Hold::UntilInvited;
        }
    }

    /// Whether the origin has not asked for the body yet.
    pub(crate) fn is_held(&self) -> bool {
        self.hold == Hold::UntilInvited
    }

    /// The body is wanted, or has been held back for long enough.
    pub(crate) fn invite(&mut self) {
        self.hold = Hold::Free;
    }

    /// The body is not wanted: it is never asked for, and the request never complete.
    pub(crate) fn abandon(&mut self) {
        self.body = None;
        self.broken = true;
    }

    /// The head of an answer is there.
    pub(crate) fn answered(&mut self) {
        self.body.iter_mut().for_each(|body| body.answered());
    }

    /// Makes ready to send everything again; false when part of the body is gone.
    pub(crate) fn rewind(&mut self) -> bool {
        self.sent = 0;
        !self.begun
    }

    /// Whether nothing has been sent.
    pub(crate) fn is_untouched(&self) -> bool {
        self.sent == 0 && self.total == 0
    }

    /// Whether the origin has been given everything.
    pub(crate) fn is_done(&self) -> bool {
        !self.broken
            && !self.unflushed
            && self.sent == self.waiting.len()
            && self.piece.is_none()
            && self.body.is_none()
    }

    /// The room of what was sent.
    pub(crate) fn into_room(self) -> Vec<u8> {
        self.waiting
    }

    /// How far it has come, and who must move it on.
    pub(crate) fn progress(&self) -> Progress {
        let all_sent = self.sent == self.waiting.len() && self.piece.is_none() && !self.unflushed;
        match (&self.body, all_sent) {
            (Some(_), true) => Progress::AwaitsClient,
            (None, true) => Progress::Done,
            (_, false) => Progress::AwaitsOrigin(self.total + self.sent as u64),
        }
    }

    /// Sends what can be sent; ready once nothing is left.
    pub(crate) fn poll(
        &mut self,
        upstream: &mut Upstream,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), UploadFault>> {
        loop {
            if self.broken {
                return Poll::Ready(Err(UploadFault::Broken));
            }
            ready!(self.poll_waiting(upstream, cx)).map_err(UploadFault::Origin)?;
            let Some(body) = &mut self.body else {
                return Poll::Ready(Ok(()));
            };
            if self.hold == Hold::UntilInvited {
                return Poll::Pending;
            }
            let frame = match ready!(Pin::new(body).poll_frame(cx)) {
                Some(Ok(frame)) => frame,
                Some(Err(fault)) => {
                    self.broken = true;
                    return Poll::Ready(Err(UploadFault::Client(fault)));
                }
                None => {
                    // The head is about to be forgotten, so it cannot be sent again.
                    self.begun = true;
                    self.total += self.waiting.len() as u64;
                    self.end(None);
                    continue;
                }
            };
            self.begun = true;
            self.total += self.waiting.len() as u64;
            self.waiting.clear();
            self.sent = 0;
            match frame.into_data() {
                Ok(data) => self.add(data),
                Err(other) => self.end(other.trailers_ref()),
            }
        }
    }

    fn add(&mut self, data: Bytes) {
        if data.is_empty() {
            return;
        }
        if self.framing == UploadFraming::Chunked {
            self.waiting.extend_from_slice(format!("{:x}\r\n", data.len()).as_bytes());
        }
        if data.len() > COPIED_MAX {
            self.piece = Some(data);
        } else {
            self.waiting.extend_from_slice(&data);
            self.end_chunk();
        }
    }

    fn end_chunk(&mut self) {
        if self.framing == UploadFraming::Chunked {
            self.waiting.extend_from_slice(b"\r\n");
        }
    }

    /// The body is whole; trailers have a place behind chunks only.
    fn end(&mut self, fields: Option<&HeaderMap>) {
        self.body = None;
        self.waiting.clear();
        self.sent = 0;
        if self.framing == UploadFraming::Chunked {
            self.waiting.extend_from_slice(b"0\r\n");
            if let Some(fields) = fields {
                trailers::write(&mut self.waiting, fields);
            }
            self.waiting.extend_from_slice(b"\r\n");
        }
    }

    fn poll_waiting(
        &mut self,
        upstream: &mut Upstream,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        let socket = &mut upstream.socket;
        loop {
            let rest = &self.waiting[self.sent..];
            if !rest.is_empty() {
                let written = ready!(Pin::new(&mut *socket).poll_write(cx, rest))?;
                self.sent += written;
                self.unflushed = true;
            } else if let Some(piece) = &mut self.piece {
                let written = ready!(Pin::new(&mut *socket).poll_write(cx, piece))?;
                bytes::Buf::advance(piece, written);
                self.unflushed = true;
                self.total += written as u64;
                if piece.is_empty() {
                    self.piece = None;
                    self.waiting.clear();
                    self.sent = 0;
                    self.end_chunk();
                }
            } else {
                if self.unflushed {
                    ready!(Pin::new(&mut *socket).poll_flush(cx))?;
                    self.unflushed = false;
                }
                return Poll::Ready(Ok(()));
            }
        }
    }
}
