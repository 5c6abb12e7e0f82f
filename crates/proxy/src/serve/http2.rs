//! HTTP/2 with one client: its frames by the h2 crate, its streams each a task on this core.
//!
//! In: a metered connection. Out: answers, interim ones among them, which is why the engine is
//! driven here and not through one that knows no interim answers.
//! Bounds: [`STREAMS_MAX`] requests at once, and what each and all of them may hold.

mod reply;

use super::{Ended, answer};
use crate::coalesce::{Coalesce, Drain, coalesce};
use crate::connection::{Connection, Ending, RequestFault};
use crate::core::{Core, Stage};
use crate::incoming::Incoming;
use crate::meter::{Carrier, Meter};
use crate::stream;
use bytes::Bytes;
use h2::RecvStream;
use h2::server::{Builder, Handshake, SendResponse};
use http::Request;
use std::future::{Future as _, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};

/// Requests that one connection may have open (RFC 9113 §5.1.2 asks for no fewer than 100).
const STREAMS_MAX: u32 = 100;
/// What one head may measure decoded, with 32 bytes a field (RFC 9113 §6.5.2).
const HEADER_LIST_MAX: u32 = 16 * 1024;
/// What a client may send on one stream before the origin has taken it.
const STREAM_WINDOW: u32 = 256 * 1024;
/// The same for a whole connection.
const CONNECTION_WINDOW: u32 = 1024 * 1024;
/// Answers of one stream that wait for the socket.
const SEND_BUFFER_MAX: usize = 16 * 1024;
/// Streams that a client may reset before we saw them.
const PENDING_RESETS_MAX: usize = 20;
/// Streams that a client may make us reset.
const PROVOKED_RESETS_MAX: usize = 64;

/// Time in which a goodbye must leave.
const GOODBYE: Duration = Duration::from_secs(1);

/// Serves HTTP/2 until the connection ends; gives the stream back when its client may be sending
/// still.
pub(crate) async fn serve_h2<S>(
    core: &Rc<Core>,
    connection: Rc<Connection>,
    meter: Meter<S>,
    reset: impl FnOnce(&S),
) -> Option<Meter<S>>
where
    S: AsyncRead + AsyncWrite + Carrier + Unpin,
{
    let (gather, drain) = coalesce(meter);
    match drive(core, &connection, gather, &drain).await {
        Ended::Reset => {
            drain.with(|meter| reset(meter.stream()));
            None
        }
        Ended::Done => {
            let goodbye = poll_fn(|cx| drain.poll_shutdown(cx));
            // A client that does not take the goodbye is left without it.
            let _ = core.watchlist().until(core.now() + GOODBYE, goodbye).await;
            drain.into_stream().filter(|_| core.stage() == Stage::Leaving)
        }
    }
}

/// Polls the engine, and sends what it gathered after each time.
async fn drive<S>(
    core: &Rc<Core>,
    connection: &Rc<Connection>,
    gather: Coalesce<Meter<S>>,
    drain: &Drain<Meter<S>>,
) -> Ended
where
    S: AsyncRead + AsyncWrite + Carrier + Unpin,
{
    let mut serving = Serving::new(gather);
    let mut done = false;
    poll_fn(|cx| {
        connection.served_by(cx.waker());
        if connection.fault() == Some(RequestFault::SlowHead) {
            connection.end(Ending::Graceful);
        }
        match connection.ending() {
            Some(Ending::Reset | Ending::Slow) => return Poll::Ready(Ended::Reset),
            Some(Ending::Graceful) => serving.leave(),
            Some(Ending::AfterNext) | None => {}
        }
        done = done || serving.poll(cx, (core, connection)).is_ready();
        match drain.poll(cx) {
            Poll::Ready(Err(_)) => Poll::Ready(Ended::Reset),
            // Not before the last byte has left: how long that may take is watched like any answer.
            Poll::Ready(Ok(())) if done => Poll::Ready(Ended::Done),
            Poll::Ready(Ok(())) | Poll::Pending => Poll::Pending,
        }
    })
    .await
}

fn engine() -> Builder {
    let mut engine = Builder::new();
    engine
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(HEADER_LIST_MAX)
        .initial_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buffer_size(SEND_BUFFER_MAX)
        .max_pending_accept_reset_streams(PENDING_RESETS_MAX)
        .max_local_error_reset_streams(Some(PROVOKED_RESETS_MAX));
    engine
}

/// One connection's engine.
struct Serving<S> {
    state: State<S>,
    leaving: bool,
}

enum State<S> {
    /// The client's preface has not come in full.
    Begins(Handshake<Coalesce<Meter<S>>, Bytes>),
    Open(h2::server::Connection<Coalesce<Meter<S>>, Bytes>),
}

impl<S: AsyncRead + AsyncWrite + Carrier + Unpin> Serving<S> {
    fn new(gather: Coalesce<Meter<S>>) -> Self {
        Self { state: State::Begins(engine().handshake(gather)), leaving: false }
    }

    /// Takes no new requests, and ends once those that are open are answered.
    fn leave(&mut self) {
        if std::mem::replace(&mut self.leaving, true) {
            return;
        }
        if let State::Open(connection) = &mut self.state {
            connection.graceful_shutdown();
        }
    }

    /// Reads, writes and begins streams; ready once the connection is over, however it ended.
    fn poll(&mut self, cx: &mut Context<'_>, whose: (&Rc<Core>, &Rc<Connection>)) -> Poll<()> {
        loop {
            match &mut self.state {
                State::Begins(handshake) => {
                    let Ok(mut connection) = ready!(Pin::new(handshake).poll(cx)) else {
                        return Poll::Ready(());
                    };
                    if self.leaving {
                        connection.graceful_shutdown();
                    }
                    self.state = State::Open(connection);
                }
                State::Open(connection) => match ready!(connection.poll_accept(cx)) {
                    Some(Ok((request, respond))) => begin(whose, request, respond),
                    // What broke the rules has been told to the client.
                    Some(Err(_)) | None => return Poll::Ready(()),
                },
            }
        }
    }
}

/// Answers a request in a task of its own.
fn begin(
    (core, connection): (&Rc<Core>, &Rc<Connection>),
    request: Request<RecvStream>,
    respond: SendResponse<Bytes>,
) {
    let method = request.method().clone();
    let answering = answer(core, connection, request.map(Incoming::from));
    // Boxed: it is large, and a task is moved a few times before it runs.
    let sending =
        Box::pin(reply::send((core.clone(), connection.clone()), answering, (method, respond)));
    tokio::task::spawn_local(stream::run(sending));
}
