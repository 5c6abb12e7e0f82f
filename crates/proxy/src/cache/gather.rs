//! The body of an answer, gathered as it comes so that it can be kept.
//!
//! At the pace of the origin, whoever asked: a client that reads slowly keeps nobody waiting.
//! Where it grows beyond what may be kept, or breaks off, what was gathered goes on as if it had never
//! been held back.

use super::store::{Room, Store};
use crate::body::{AnswerBody, BodyFault};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A body that was begun to be gathered, and goes to its client after all.
pub(crate) struct Begun {
    gathered: VecDeque<Frame<Bytes>>,
    rest: AnswerBody,
    /// Why it broke off, until that is told.
    broke: Option<BodyFault>,
    /// Whether the engine had the chance to send what came before the fault.
    has_paused: bool,
    is_over: bool,
}

/// What came of gathering.
pub(super) enum Gathered {
    /// All of it, with what it came by.
    Whole(Bytes, AnswerBody),
    /// It cannot be kept.
    Streams(AnswerBody),
}

/// Gathers a body.
pub(super) async fn gather(store: &Store, mut body: AnswerBody) -> Gathered {
    let mut room = Room::none_yet(store);
    if body.size_hint().exact().is_some_and(|length| length > store.answer_max()) {
        return Gathered::Streams(body);
    }
    let mut begun = VecDeque::new();
    loop {
        let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await else {
            return Gathered::Whole(joined(&begun), body);
        };
        let frame = match frame {
            Ok(frame) => frame,
            Err(fault) => return streams(begun, body, Some(fault)),
        };
        let length = frame.data_ref().map(|data| data.len() as u64);
        begun.push_back(frame);
        // Trailers come with what cannot be said twice.
        if !length.is_some_and(|length| room.grow(length)) {
            return streams(begun, body, None);
        }
        if body.is_end_stream() {
            return Gathered::Whole(joined(&begun), body);
        }
    }
}

fn streams(
    gathered: VecDeque<Frame<Bytes>>,
    rest: AnswerBody,
    broke: Option<BodyFault>,
) -> Gathered {
    let is_over = broke.is_some() || rest.is_end_stream();
    let begun = Begun { gathered, rest, broke, has_paused: false, is_over };
    Gathered::Streams(AnswerBody::Begun(Box::new(begun)))
}

/// One copy into memory of its own: the pieces are slices of buffers that are much larger.
fn joined(pieces: &VecDeque<Frame<Bytes>>) -> Bytes {
    let data = || pieces.iter().filter_map(Frame::data_ref);
    let mut whole = Vec::with_capacity(data().map(Bytes::len).sum());
    data().for_each(|piece| whole.extend_from_slice(piece));
    Bytes::from(whole)
}

impl Body for Begun {
    type Data = Bytes;
    type Error = BodyFault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        if let Some(frame) = self.gathered.pop_front() {
            return Poll::Ready(Some(Ok(frame)));
        }
        if self.broke.is_some() && !std::mem::replace(&mut self.has_paused, true) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if let Some(fault) = self.broke.take() {
            return Poll::Ready(Some(Err(fault)));
        }
        if self.is_over {
            return Poll::Ready(None);
        }
        Pin::new(&mut self.rest).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        let is_told = self.gathered.is_empty() && self.broke.is_none();
        is_told && (self.is_over || self.rest.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        let gathered = self.gathered.iter().filter_map(Frame::data_ref);
        let gathered: u64 = gathered.map(|data| data.len() as u64).sum();
        match self.rest.size_hint().exact() {
            Some(rest) if self.broke.is_none() => SizeHint::with_exact(gathered + rest),
            _ => SizeHint::default(),
        }
    }
}
