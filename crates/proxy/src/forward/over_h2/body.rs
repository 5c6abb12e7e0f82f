//! An origin's body over HTTP/2 on its way to a client, while the request may still go on.

use crate::body::{BodyFault, Exchange};
use crate::origins::Seat;
use crate::stream;
use crate::upstream::UpstreamFault;
use crate::upstream::h2::Slot;
use crate::upstream::h2::upload::Upload;
use crate::upstream::trailers;
use crate::watch::{Overdue, StepWatch};
use bytes::Bytes;
use h2::{Reason, RecvStream, SendStream};
use http_body::{Body, Frame, SizeHint};
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::task::AbortHandle;

/// The body of an answer.
///
/// Dropped before its end, it cancels the request at the origin.
pub(crate) struct StreamBody {
    incoming: RecvStream,
    /// What the origin said is still to come; none where it did not say.
    remaining: Option<u64>,
    /// Whether the data has ended, so that only trailers are left.
    data_ended: bool,
    /// Why the body broke off, until that is told.
    broke: Option<BodyFault>,
    exchange: Exchange,
    #[expect(dead_code, reason = "what is left of the request ends with the answer")]
    upload: Option<Going>,
    stall: Stall,
    /// Free again when dropped.
    place: (Slot, Seat),
}

/// For how long an origin may send nothing.
enum Stall {
    /// As long as it likes: in a conversation both sides may be silent.
    Free,
    /// For as long as its head had; the watch is made when it first keeps the client waiting.
    Watched(Option<StepWatch>),
}

/// The rest of a request, sent while its answer comes; stops when dropped.
struct Going(AbortHandle);

impl Drop for Going {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Going {
    /// Goes on in a task of its own: a client may have to send before it reads, or the reverse.
    fn begin(mut stream: SendStream<Bytes>, mut upload: Upload) -> Self {
        upload.converse();
        let sending = async move {
            // The client is gone, or the origin wants no more: either way the stream is over.
            let _ = poll_fn(|cx| upload.poll(&mut stream, cx)).await;
        };
        Self(tokio::task::spawn_local(stream::go_on(sending)).abort_handle())
    }
}

impl StreamBody {
    pub(super) fn new(
        (incoming, place): (RecvStream, (Slot, Seat)),
        (stream, upload): (SendStream<Bytes>, Option<Upload>),
        (remaining, exchange): (Option<u64>, Exchange),
    ) -> Self {
        let ended = incoming.is_end_stream();
        let upload = upload.filter(|_| !ended).map(|upload| Going::begin(stream, upload));
        let stall = if upload.is_some() { Stall::Free } else { Stall::Watched(None) };
        let (data_ended, broke) = (false, None);
        Self { incoming, remaining, data_ended, broke, exchange, upload, stall, place }
    }

    /// The origin may be silent for as long as it and its client like: gRPC streams are.
    pub(super) fn converse(&mut self) {
        self.stall = Stall::Free;
    }

    fn poll_stalled(&mut self, cx: &Context<'_>) -> Poll<BodyFault> {
        let Stall::Watched(stall) = &mut self.stall else { return Poll::Pending };
        let core = self.exchange.core();
        let stall = stall.get_or_insert_with(|| core.watchlist().deadline());
        if !stall.is_expected() {
            stall.expect_within(core.coarse_now(), core.timeouts().origin_answer);
        }
        stall.poll_overdue(cx).map(|Overdue| BodyFault::Stalled)
    }

    fn goes_on(&self) {
        if let Stall::Watched(Some(stall)) = &self.stall {
            stall.rest();
        }
    }

    fn data(&mut self, data: Bytes) -> Frame<Bytes> {
        let length = data.len();
        // Asked for more, the client has room: so has the origin again.
        // A stream that is over has no window left to open.
        let _ = self.incoming.flow_control().release_capacity(length);
        self.place.1.count(self.exchange.core().coarse_now(), length);
        self.exchange.sent(length);
        self.remaining = self.remaining.map(|left| left.saturating_sub(length as u64));
        Frame::data(data)
    }
}

/// The fault of a body whose stream ended early.
///
/// What the origin said of this stream goes on to an HTTP/2 client, unless it would say that all is
/// well or that nothing was done; what it said of our connection does not concern the client.
fn broke_off(cause: h2::Error) -> BodyFault {
    let untrue = [Reason::NO_ERROR, Reason::REFUSED_STREAM];
    let of_stream = cause.is_reset() && cause.is_remote();
    let goes_on = of_stream && cause.reason().is_some_and(|reason| !untrue.contains(&reason));
    let cause = if goes_on { cause } else { Reason::INTERNAL_ERROR.into() };
    BodyFault::Origin(UpstreamFault::Stream(cause))
}

impl Body for StreamBody {
    type Data = Bytes;
    type Error = BodyFault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        if let Some(fault) = self.broke.take() {
            return Poll::Ready(Some(Err(fault)));
        }
        if !self.data_ended {
            self.place.1.asked(self.exchange.core().coarse_now());
            let Poll::Ready(data) = self.incoming.poll_data(cx) else {
                return self.poll_stalled(cx).map(|fault| Some(Err(fault)));
            };
            self.goes_on();
            match data {
                Some(Ok(data)) => return Poll::Ready(Some(Ok(self.data(data)))),
                Some(Err(cause)) => {
                    // Told at the next poll, so that the engine first sends what came before.
                    self.broke = Some(broke_off(cause));
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                None => self.data_ended = true,
            }
        }
        let Poll::Ready(behind) = self.incoming.poll_trailers(cx) else {
            return self.poll_stalled(cx).map(|fault| Some(Err(fault)));
        };
        let behind = behind.map_err(broke_off)?;
        Poll::Ready(behind.map(|fields| Ok(Frame::trailers(trailers::sift(fields)))))
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        if self.incoming.is_end_stream() {
            return SizeHint::with_exact(0);
        }
        self.remaining.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
