//! The bytes between the shield and an origin, in clear or over TLS.
//!
//! A choice of two, so that the plain way costs what a socket costs.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// A connection to an origin.
#[derive(Debug)]
pub(crate) enum OriginStream {
    Plain(TcpStream),
    /// Boxed: its state is many times a socket's.
    Tls(Box<TlsStream<TcpStream>>),
}

impl OriginStream {
    /// The socket below.
    pub(crate) fn socket(&self) -> &TcpStream {
        match self {
            Self::Plain(socket) => socket,
            Self::Tls(tls) => tls.get_ref().0,
        }
    }

    /// Whether the origin neither closed nor sent data; what TLS says to itself, such as a ticket
    /// for the next session, is no data.
    pub(crate) fn is_quiet(&mut self) -> bool {
        match self {
            Self::Plain(socket) => {
                let looked = socket.try_read(&mut [0; 1]);
                matches!(looked, Err(cause) if cause.kind() == io::ErrorKind::WouldBlock)
            }
            Self::Tls(tls) => {
                let mut byte = [0; 1];
                let mut looked = ReadBuf::new(&mut byte);
                let mut cx = Context::from_waker(Waker::noop());
                Pin::new(tls.as_mut()).poll_read(&mut cx, &mut looked).is_pending()
            }
        }
    }
}

impl Drop for OriginStream {
    /// Says goodbye where TLS asks for it (RFC 8446 §6.1); a peer that takes no bytes goes without.
    fn drop(&mut self) {
        if let Self::Tls(tls) = self {
            let mut cx = Context::from_waker(Waker::noop());
            let _ = Pin::new(tls.as_mut()).poll_shutdown(&mut cx);
        }
    }
}

impl AsyncRead for OriginStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_read(cx, buffer),
            Self::Tls(tls) => Pin::new(tls.as_mut()).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for OriginStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_write(cx, bytes),
            Self::Tls(tls) => Pin::new(tls.as_mut()).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            // A socket has nothing of its own to hold back.
            Self::Plain(_) => Poll::Ready(Ok(())),
            Self::Tls(tls) => Pin::new(tls.as_mut()).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_shutdown(cx),
            Self::Tls(tls) => Pin::new(tls.as_mut()).poll_shutdown(cx),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(socket) => Pin::new(socket).poll_write_vectored(cx, slices),
            Self::Tls(tls) => Pin::new(tls.as_mut()).poll_write_vectored(cx, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(socket) => socket.is_write_vectored(),
            Self::Tls(tls) => tls.is_write_vectored(),
        }
    }
}
