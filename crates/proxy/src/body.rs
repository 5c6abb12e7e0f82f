//! Bodies on their way through: streamed, watched, counted, and with back-pressure both ways.

use crate::admission::Gate;
use crate::cache::Begun;
use crate::connection::Connection;
use crate::core::Core;
use crate::forward::StreamBody;
use crate::incoming::{Incoming, IncomingFault};
use crate::origins::Seat;
use crate::pace::Pace;
use crate::pool::Lease;
use crate::recorder::RecordedRequest;
use crate::tally::Noted;
use crate::upstream::body::{Framing, Part, Piece};
use crate::upstream::upload::{Progress, UploadFault};
use crate::upstream::{Upload, UpstreamFault};
use crate::watch::StepWatch;
use bytes::Bytes;
use http::StatusCode;
use http_body::{Body, Frame, SizeHint};
use seawall_types::{Moment, PlatformId, Reason, Verdict};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use thiserror::Error;

/// A request that is not yet answered in full; dropped once it is.
pub(crate) struct OpenRequest {
    core: Rc<Core>,
    connection: Rc<Connection>,
}

impl OpenRequest {
    pub(crate) fn new(core: Rc<Core>, connection: Rc<Connection>) -> Self {
        Self { core, connection }
    }
}

impl Drop for OpenRequest {
    fn drop(&mut self) {
        self.connection.request_ends(self.core.coarse_now(), &self.core.timeouts());
    }
}

/// Why a body stopped.
#[derive(Debug, Error)]
pub(crate) enum BodyFault {
    #[error("the client's body is larger than it may be")]
    TooLarge,
    #[error("the client does not go on with its body")]
    Slow,
    #[error("the client's body broke off")]
    Client(#[source] IncomingFault),
    #[error("the origin's body broke off")]
    Origin(#[source] UpstreamFault),
    #[error("the origin's body does not go on")]
    Stalled,
}

/// A client's body on its way to an origin.
pub(crate) struct ClientBody {
    incoming: Incoming,
    core: Rc<Core>,
    /// Where others may wait for the slot that it holds; none where nobody hurries it.
    gate: Option<Rc<Gate>>,
    /// Made when the client first keeps the origin waiting. Boxed: most bodies never do.
    pace: Option<Box<Pace>>,
    /// Whether the origin has answered and the two talk on.
    converses: bool,
    received: u64,
}

impl ClientBody {
    /// The body of a request, and where others may wait for what it holds.
    pub(crate) fn new(incoming: Incoming, core: Rc<Core>, gate: Option<Rc<Gate>>) -> Self {
        Self { incoming, core, gate, pace: None, converses: false, received: 0 }
    }

    /// The head of an answer is there: the origin has begun its work, and nobody hurries the rest.
    pub(crate) fn answered(&mut self) {
        self.gate = None;
    }

    /// The origin has answered: from now on the client may be silent for as long as both like.
    pub(crate) fn converse(&mut self) {
        self.converses = true;
        self.pace = None;
    }

    /// The client keeps the origin waiting.
    fn poll_slow(&mut self, cx: &Context<'_>) -> Poll<BodyFault> {
        if self.converses {
            return Poll::Pending;
        }
        let pace = self.pace.get_or_insert_with(|| Box::new(Pace::new(&self.core)));
        let press = |now| self.gate.as_ref().is_some_and(|gate| gate.bodies_press(now));
        pace.poll_slow(cx, (self.received, press)).map(|()| BodyFault::Slow)
    }
}

impl Body for ClientBody {
    type Data = Bytes;
    type Error = BodyFault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        let Poll::Ready(frame) = Pin::new(&mut self.incoming).poll_frame(cx) else {
            return self.poll_slow(cx).map(|fault| Some(Err(fault)));
        };
        let Some(frame) = frame else {
            self.pace = None;
            return Poll::Ready(None);
        };
        let frame = frame.map_err(BodyFault::Client)?;
        if let Some(data) = frame.data_ref() {
            self.received += data.len() as u64;
            if self.received > self.core.body_max() {
                return Poll::Ready(Some(Err(BodyFault::TooLarge)));
            }
        }
        let received = self.received;
        self.pace.iter_mut().for_each(|pace| pace.moved(received));
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

/// The body of any answer.
pub(crate) enum AnswerBody {
    /// Made here.
    Own(Option<Bytes>, #[expect(dead_code, reason = "counted out when dropped")] OpenRequest),
    /// Streamed from an origin.
    Origin(Box<OriginBody>),
    /// Streamed from an origin over HTTP/2.
    Stream(Box<StreamBody>),
    /// From an origin, and held back at first.
    Begun(Box<Begun>),
    /// None: another protocol follows.
    Switched,
}

/// Bytes of one piece of what is here whole: an engine buffers what it is given.
const PIECE_MAX: usize = 16 * 1024;

impl AnswerBody {
    pub(crate) fn own(text: String, open: OpenRequest) -> Self {
        Self::shared(Bytes::from(text), open)
    }

    /// Bytes that others may be given as well.
    pub(crate) fn shared(bytes: Bytes, open: OpenRequest) -> Self {
        Self::Own((!bytes.is_empty()).then_some(bytes), open)
    }
}

/// A request at an origin: counted out when dropped, however it ends.
///
/// A client may leave at any moment, and then whatever holds this is dropped where it stands.
pub(crate) struct Exchange {
    core: Rc<Core>,
    connection: Rc<Connection>,
    noted: Noted,
    platform: PlatformId,
    record: Option<Box<RecordedRequest>>,
    began: Moment,
    /// Whether the head of an answer is still awaited.
    waiting: bool,
    sent: u64,
    /// Of a tunnel, which outlives its connection's lease. Boxed: few requests become one.
    place: Option<Box<Seat>>,
    #[expect(dead_code, reason = "counts the request out when dropped")]
    open: OpenRequest,
}

impl Exchange {
    /// Counts a request in at an origin of `platform`.
    pub(crate) fn begin(
        core: &Rc<Core>,
        connection: &Rc<Connection>,
        (noted, platform): (Noted, PlatformId),
        (record, open): (Option<Box<RecordedRequest>>, OpenRequest),
    ) -> Self {
        core.tally().origin_began(platform);
        // The clock was read just now, when it was judged or when its wait ended.
        let (core, connection, began) = (core.clone(), connection.clone(), core.coarse_now());
        let (waiting, sent, place) = (true, 0, None);
        Self { core, connection, noted, platform, record, began, waiting, sent, place, open }
    }

    /// Holds a place at an origin for as long as the exchange lasts.
    pub(crate) fn keep(&mut self, seat: Seat) {
        self.place = Some(Box::new(seat));
    }

    /// The head of the origin's answer is there.
    pub(crate) fn answered(&mut self, status: StatusCode) {
        // The clock was read when it came.
        let origin_time = self.core.coarse_now().since(self.began);
        self.waiting = false;
        self.core.tally().origin_answered(self.platform, origin_time);
        self.core.tally().count(&self.noted);
        if let Some(record) = &mut self.record {
            record.status = Some(status);
            record.origin_us = u64::try_from(origin_time.as_micros()).ok();
        }
    }

    pub(crate) fn core(&self) -> &Rc<Core> {
        &self.core
    }

    /// Bytes of the body went on to the client.
    pub(crate) fn sent(&mut self, bytes: usize) {
        self.sent += bytes as u64;
    }

    /// There is no answer from an origin; what ours is made of.
    pub(crate) fn failed(mut self, status: StatusCode, reason: Reason) -> (Rc<Core>, OpenRequest) {
        (self.noted.verdict, self.noted.reason) = (Verdict::Error, reason);
        if let Some(record) = &mut self.record {
            record.tell(Verdict::Error, reason);
        }
        self.stood_in(status)
    }

    /// There is no answer from an origin, and one of this status takes its place; what that is made of.
    pub(crate) fn stood_in(mut self, status: StatusCode) -> (Rc<Core>, OpenRequest) {
        let origin_time = self.core.now().since(self.began);
        self.waiting = false;
        self.core.tally().origin_failed(self.platform, origin_time);
        self.core.tally().count(&self.noted);
        if let Some(record) = &mut self.record {
            record.status = Some(status);
        }
        let open = OpenRequest::new(self.core.clone(), self.connection.clone());
        // One request ends with this exchange and one begins with our answer: the same one.
        self.connection.request_goes_on();
        (self.core.clone(), open)
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let tally = self.core.tally();
        if self.waiting {
            // The client left; the origin may work on, but nobody waits.
            let origin_time = self.core.now().since(self.began);
            tally.origin_abandoned(self.platform, origin_time);
            tally.count(&self.noted);
        }
        tally.origin_ended(self.platform);
        tally.bytes_out(self.platform, self.sent);
        if let Some(mut record) = self.record.take() {
            record.bytes = self.sent;
            self.core.record(record);
        }
    }
}

/// An origin's body on its way to a client.
pub(crate) struct OriginBody {
    framing: Framing,
    /// Bytes that the head speaks of and that never come, as in 304 (RFC 9110 §8.6): the HTTP/1
    /// engine keeps `Content-Length` only for a body that has not ended.
    withheld: u64,
    /// Whether the connection may be used again once the body has ended.
    persists: bool,
    /// Goes back to the pool with the last byte of the body.
    lease: Option<Lease>,
    /// What of the request the origin has not taken yet.
    upload: Option<Box<Upload>>,
    /// Made when the origin first keeps the client waiting.
    stall: Option<StepWatch>,
    /// How far the request had come when that was last set.
    stalled_at: Option<Progress>,
    /// Why the body broke off, until that is told.
    broke: Option<BodyFault>,
    exchange: Exchange,
}

impl OriginBody {
    pub(crate) fn new(
        (lease, upload): (Lease, Option<Box<Upload>>),
        (framing, persists): (Framing, bool),
        exchange: Exchange,
    ) -> Self {
        let lease = Some(lease);
        let mut body = Self {
            framing,
            withheld: 0,
            persists,
            lease,
            upload,
            stall: None,
            stalled_at: None,
            broke: None,
            exchange,
        };
        if body.framing == Framing::Ended {
            body.complete();
        }
        body
    }

    /// Has the engine tell of `length` bytes that do not come.
    pub(crate) fn withhold(&mut self, length: u64) {
        self.withheld = length;
    }

    fn complete(&mut self) {
        let reusable = self.persists && self.upload.is_none();
        let lease = self.lease.take();
        if let Some(lease) = lease.filter(|lease| reusable && lease.upstream.is_drained()) {
            lease.give_back(self.exchange.core.coarse_now());
        }
    }

    /// Goes on sending the request while the answer comes.
    fn drive_upload(&mut self, cx: &mut Context<'_>) -> Result<(), BodyFault> {
        let (Some(upload), Some(lease)) = (&mut self.upload, &mut self.lease) else {
            return Ok(());
        };
        match upload.poll(&mut lease.upstream, cx) {
            Poll::Ready(Ok(())) => self.upload = None,
            // The request is not whole, so neither is what the origin makes of it.
            Poll::Ready(Err(UploadFault::Client(fault))) => {
                self.lease = None;
                return Err(fault);
            }
            // An origin that takes no more may still answer; its connection is not used again.
            Poll::Ready(Err(UploadFault::Origin(_) | UploadFault::Broken)) | Poll::Pending => {}
        }
        Ok(())
    }

    /// The origin has sent nothing more: it must within the time that its head had.
    ///
    /// While it still awaits the client's own body it may be silent: that has a deadline too.
    fn poll_stalled(&mut self, cx: &Context<'_>) -> Poll<BodyFault> {
        let core = &self.exchange.core;
        let stall = self.stall.get_or_insert_with(|| core.watchlist().deadline());
        let upload = self.upload.as_deref().map(Upload::progress);
        if upload == Some(Progress::AwaitsClient) {
            stall.rest();
        } else if !stall.is_expected() || self.stalled_at != upload {
            stall.expect_within(core.coarse_now(), core.timeouts().origin_answer);
        }
        self.stalled_at = upload;
        ready!(stall.poll_overdue(cx));
        // Its connection is closed, and the client's too, so that the answer never looks complete.
        self.lease = None;
        Poll::Ready(BodyFault::Stalled)
    }

    /// Tells that the body broke off at the next poll, so that the engine first sends what came
    /// before: told at once, it would throw that away, an unsent head included.
    fn break_off(&mut self, fault: UpstreamFault, cx: &Context<'_>) {
        self.broke = Some(BodyFault::Origin(fault));
        cx.waker().wake_by_ref();
    }

    fn poll_part(&mut self, cx: &mut Context<'_>) -> Piece {
        match &mut self.lease {
            Some(lease) => lease.upstream.body(&mut self.framing, cx),
            None => Poll::Ready(None),
        }
    }
}

impl Body for OriginBody {
    type Data = Bytes;
    type Error = BodyFault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        if let Some(fault) = self.broke.take() {
            return Poll::Ready(Some(Err(fault)));
        }
        self.drive_upload(cx)?;
        if let Some(lease) = &self.lease {
            lease.seat.asked(self.exchange.core.coarse_now());
        }
        let Poll::Ready(part) = self.poll_part(cx) else {
            return self.poll_stalled(cx).map(|fault| Some(Err(fault)));
        };
        if let Some(stall) = &self.stall {
            stall.rest();
        }
        let Some(part) = part else {
            self.complete();
            return Poll::Ready(None);
        };
        let frame = match part {
            Ok(Part::Data(data)) => {
                let now = self.exchange.core.coarse_now();
                self.lease.iter().for_each(|lease| lease.seat.count(now, data.len()));
                self.exchange.sent(data.len());
                Frame::data(data)
            }
            Ok(Part::Trailers(fields)) => Frame::trailers(fields),
            Err(fault) => {
                self.break_off(fault, cx);
                return Poll::Pending;
            }
        };
        if self.framing == Framing::Ended {
            self.complete();
        }
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.framing == Framing::Ended && self.withheld == 0
    }

    fn size_hint(&self) -> SizeHint {
        if self.withheld > 0 {
            return SizeHint::with_exact(self.withheld);
        }
        self.framing.remaining().map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = BodyFault;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        match self.get_mut() {
            Self::Own(bytes, _) => {
                let piece = match bytes {
                    Some(whole) if whole.len() > PIECE_MAX => Some(whole.split_to(PIECE_MAX)),
                    _ => bytes.take(),
                };
                Poll::Ready(piece.map(|bytes| Ok(Frame::data(bytes))))
            }
            Self::Begun(body) => Pin::new(body.as_mut()).poll_frame(cx),
            Self::Origin(body) => Pin::new(body.as_mut()).poll_frame(cx),
            Self::Stream(body) => Pin::new(body.as_mut()).poll_frame(cx),
            Self::Switched => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Own(bytes, _) => bytes.is_none(),
            Self::Origin(body) => body.is_end_stream(),
            Self::Stream(body) => body.is_end_stream(),
            Self::Begun(body) => body.is_end_stream(),
            Self::Switched => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Own(bytes, _) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            Self::Origin(body) => body.size_hint(),
            Self::Stream(body) => body.size_hint(),
            Self::Begun(body) => body.size_hint(),
            Self::Switched => SizeHint::with_exact(0),
        }
    }
}
