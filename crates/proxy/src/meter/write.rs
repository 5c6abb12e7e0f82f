//! The outbound half of a meter: bytes counted, a full socket noticed, resets of ours counted,
//! interim answers sent between those of the engine.

use super::{Carrier, Meter, Protocol, abort};
use crate::kernel::unacknowledged;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::AsyncWrite;

impl<S: Carrier> Meter<S> {
    /// The socket takes no more bytes: notes how many of those before are still in it.
    fn blocked(&self) {
        // Not knowing counts as nothing taken, which a full socket usually means.
        let unacknowledged = unacknowledged(self.io.socket()).unwrap_or(u64::MAX);
        self.connection.send_blocked(self.core.coarse_now(), unacknowledged);
    }

    pub(super) fn wrote(&self, written: &Poll<io::Result<usize>>) {
        match written {
            Poll::Ready(Ok(bytes)) => {
                let sent = &self.connection.bytes_out;
                sent.set(sent.get() + *bytes as u64);
                self.connection.send_moved();
            }
            Poll::Pending => self.blocked(),
            Poll::Ready(Err(_)) => {}
        }
    }

    /// Counts the resets that we send ourselves: a client can provoke them.
    fn count_frames(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.protocol {
            Protocol::H1(_) => Ok(()),
            Protocol::H2(frames) => frames.outbound.feed(bytes).map_err(abort),
        }
    }
}

impl<S: AsyncWrite + Carrier + Unpin> Meter<S> {
    /// Sends interim answers; called when the engine has nothing in its buffer, which is when it
    /// flushes: then all that it said before has left, and the next answer has not begun.
    fn poll_interims(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.reply.is_empty() {
            self.reply = self.connection.interims.take();
        }
        ready!(self.poll_reply(cx))?;
        self.connection.interims.sent();
        // Their request waits for it.
        self.connection.wake();
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Carrier + Unpin> AsyncWrite for Meter<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        // What has begun to leave is finished first.
        ready!(this.poll_reply(cx))?;
        let written = Pin::new(&mut this.io).poll_write(cx, bytes);
        this.wrote(&written);
        if let Poll::Ready(Ok(count)) = written {
            this.count_frames(&bytes[..count])?;
        }
        written
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.connection.interims.wait() {
            ready!(this.poll_interims(cx))?;
        }
        let flushed = Pin::new(&mut this.io).poll_flush(cx);
        if flushed.is_pending() {
            this.blocked();
        }
        flushed
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let speaks_h2 = matches!(this.protocol, Protocol::H2(_));
        if this.connection.tunnel.get() || (speaks_h2 && this.connection.tls) {
            return Pin::new(&mut this.io).poll_shutdown(cx);
        }
        // The close that follows says as much, one system call cheaper; whoever made the stream
        // says goodbye on TLS, in the time that there is for it.
        Poll::Ready(Ok(()))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if matches!(this.protocol, Protocol::H2(_)) {
            // HTTP/2 is written through one buffer, whose bytes are counted there.
            let first = slices.iter().find(|slice| !slice.is_empty());
            return Pin::new(this).poll_write(cx, first.map_or(&[], |slice| slice));
        }
        ready!(this.poll_reply(cx))?;
        let written = Pin::new(&mut this.io).poll_write_vectored(cx, slices);
        this.wrote(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}
