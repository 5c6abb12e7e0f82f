//! Gathers what HTTP/2 writes while it is polled, and sends it once after.
//!
//! HTTP/2 flushes after every stream; each flush would be a TLS record and a system call.
//! Bounds: [`GATHERED_MAX`] bytes, then the engine waits for the socket.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Four TLS records: more gains nothing, less costs calls.
const GATHERED_MAX: usize = 64 * 1024;
/// A buffer that grew beyond this is given back once it is empty.
const KEPT_MAX: usize = 8 * 1024;

struct Gathered<S> {
    io: S,
    bytes: Vec<u8>,
    sent: usize,
    /// Bytes that were gathered last: room for as many is made at once, since growing copies.
    last: usize,
}

/// The end that the HTTP engine writes to.
pub(crate) struct Coalesce<S>(Rc<RefCell<Gathered<S>>>);

/// The end that sends what was gathered.
pub(crate) struct Drain<S>(Rc<RefCell<Gathered<S>>>);

/// Splits `io` into the end that gathers and the end that sends.
pub(crate) fn coalesce<S>(io: S) -> (Coalesce<S>, Drain<S>) {
    let gathered = Rc::new(RefCell::new(Gathered { io, bytes: Vec::new(), sent: 0, last: 0 }));
    (Coalesce(gathered.clone()), Drain(gathered))
}

impl<S: AsyncWrite + Unpin> Gathered<S> {
    fn poll_drain(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.sent < self.bytes.len() {
            let written = ready!(Pin::new(&mut self.io).poll_write(cx, &self.bytes[self.sent..]))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.sent += written;
        }
        if self.sent > 0 {
            self.last = self.sent;
        }
        self.sent = 0;
        if self.bytes.capacity() > KEPT_MAX {
            self.bytes = Vec::new();
        } else {
            self.bytes.clear();
        }
        Pin::new(&mut self.io).poll_flush(cx)
    }
}

impl<S: AsyncWrite + Unpin> Drain<S> {
    /// Sends what was gathered; ready once all of it has left.
    pub(crate) fn poll(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.borrow_mut().poll_drain(cx)
    }

    /// Sends what was gathered, then says goodbye.
    pub(crate) fn poll_shutdown(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut gathered = self.0.borrow_mut();
        ready!(gathered.poll_drain(cx))?;
        Pin::new(&mut gathered.io).poll_shutdown(cx)
    }

    /// The stream below, once the engine has let its end go.
    pub(crate) fn into_stream(self) -> Option<S> {
        Rc::into_inner(self.0).map(|gathered| gathered.into_inner().io)
    }

    /// Looks at the stream below.
    pub(crate) fn with<T>(&self, look: impl FnOnce(&S) -> T) -> T {
        look(&self.0.borrow().io)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Coalesce<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0.borrow_mut().io).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Coalesce<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut gathered = self.0.borrow_mut();
        if gathered.bytes.len() >= GATHERED_MAX {
            ready!(gathered.poll_drain(cx))?;
        }
        let room = GATHERED_MAX - gathered.bytes.len();
        let taken = bytes.len().min(room);
        if gathered.bytes.capacity() == 0 {
            let last = gathered.last + gathered.last / 4;
            let room = last.max(taken).min(GATHERED_MAX);
            gathered.bytes.reserve(room);
        }
        gathered.bytes.extend_from_slice(&bytes[..taken]);
        Poll::Ready(Ok(taken))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // The drain follows every poll of the connection.
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test(flavor = "current_thread")]
    async fn what_was_gathered_leaves_with_the_drain_and_not_before() {
        let (near, mut far) = tokio::io::duplex(1024);
        let (mut engine, drain) = coalesce(near);
        engine.write_all(b"one ").await.unwrap();
        engine.flush().await.unwrap();
        engine.write_all(b"two").await.unwrap();
        let mut seen = [0; 16];
        let early = tokio::time::timeout(std::time::Duration::ZERO, far.read(&mut seen)).await;
        assert!(early.is_err(), "bytes left before the drain");
        poll_fn(|cx| drain.poll(cx)).await.unwrap();
        let count = far.read(&mut seen).await.unwrap();
        assert_eq!(&seen[..count], b"one two");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_full_buffer_makes_the_engine_wait_for_the_socket_and_loses_nothing() {
        let (near, mut far) = tokio::io::duplex(4096);
        let (mut engine, drain) = coalesce(near);
        let sent: Vec<u8> = (0..300_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        let expected = sent.clone();
        let reader = async {
            let mut seen = Vec::new();
            far.read_to_end(&mut seen).await.unwrap();
            seen
        };
        let writer = async move {
            engine.write_all(&sent).await.unwrap();
            poll_fn(|cx| drain.poll_shutdown(cx)).await.unwrap();
        };
        let (seen, ()) = tokio::join!(reader, writer);
        assert_eq!(seen, expected);
    }
}
