//! One connection of a sender on which it asks over HTTP/1.1, one request at a time.

use super::manner::{Pace, write};
use super::message::Message;
use super::reply::{self, Body, Reading, Reply};
use seawall_sim::request::Manner;
use seawall_types::Verdict;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

/// A head longer than this is not read on; the same buffer takes bodies piece by piece.
const BUFFER: usize = 16 * 1_024;
/// How a body in chunks ends (RFC 9112 §7.1), where it has no trailers.
const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// Bytes in both directions.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A connection; dropping it closes it.
pub(super) struct Link {
    stream: Box<dyn Stream>,
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").finish_non_exhaustive()
    }
}

/// The request got no whole answer on this connection.
#[derive(Debug)]
pub(super) struct Broken;

impl From<io::Error> for Broken {
    fn from(_: io::Error) -> Self {
        Self
    }
}

impl Link {
    pub(super) fn over(stream: impl Stream + 'static) -> Self {
        Self { stream: Box::new(stream) }
    }

    /// Whether the other side has neither closed nor said anything unasked.
    pub(super) fn is_open(&mut self) -> bool {
        let mut byte = [0];
        let mut buffer = ReadBuf::new(&mut byte);
        let mut context = Context::from_waker(Waker::noop());
        let read = Pin::new(&mut *self.stream).poll_read(&mut context, &mut buffer);
        matches!(read, Poll::Pending)
    }

    /// Sends a whole request in its manner and reads its whole answer.
    ///
    /// An answer may come before the request is whole; the connection is then not used again.
    pub(super) async fn exchange(
        &mut self,
        message: &Message,
        manner: Manner,
    ) -> Result<Reply, Broken> {
        let (mut reader, mut writer) = tokio::io::split(&mut self.stream);
        let mut written = false;
        let speak = async {
            // Whoever refuses to read on may have said why: the reader hears it.
            written = write(&mut writer, message, manner).await.is_ok();
            std::future::pending().await
        };
        let listen = Listener { reader: &mut reader, pace: Pace::of(manner) }.listen();
        let reply = tokio::select! {
            heard = listen => heard?,
            never = speak => never,
        };
        Ok(Reply { reusable: reply.reusable && written, ..reply })
    }

    /// Sends a request and leaves without waiting for its answer.
    pub(super) async fn cancel(mut self, message: &Message) -> Result<(), Broken> {
        Ok(write(&mut self.stream, message, Manner::Reset).await?)
    }
}

/// Reads one answer.
struct Listener<'a, R> {
    reader: &'a mut R,
    pace: Pace,
}

impl<R: AsyncRead + Unpin> Listener<'_, R> {
    async fn listen(mut self) -> Result<Reply, Broken> {
        let mut buffer = vec![0; BUFFER];
        let mut filled = 0;
        loop {
            match reply::read(&buffer[..filled]) {
                Reading::Incomplete => filled += self.fill(&mut buffer[filled..]).await?,
                Reading::Interim { bytes } => {
                    buffer.copy_within(bytes..filled, 0);
                    filled -= bytes;
                }
                Reading::Whole { bytes, body: Body::Bytes(length), reply }
                    if reply.verdict == Some(Verdict::Challenge) =>
                {
                    let length = usize::try_from(length).unwrap_or(usize::MAX);
                    // A page that does not fit is not that of a check.
                    if bytes.saturating_add(length) > buffer.len() {
                        return Err(Broken);
                    }
                    while filled < bytes + length {
                        filled += self.fill(&mut buffer[filled..]).await?;
                    }
                    let page = Some(buffer[bytes..bytes + length].to_vec());
                    return Ok(Reply { page, ..reply });
                }
                Reading::Whole { bytes, body, reply } => {
                    let here = buffer[bytes..filled].to_vec();
                    let whole = self.skip(body, &here, &mut buffer).await?;
                    return Ok(Reply { reusable: reply.reusable && whole, ..reply });
                }
                Reading::NotHttp => return Err(Broken),
            }
        }
    }

    /// Reads past a body; false when the connection cannot carry another answer.
    async fn skip(&mut self, body: Body, here: &[u8], piece: &mut [u8]) -> Result<bool, Broken> {
        match body {
            Body::Bytes(length) => {
                let mut left = length.saturating_sub(u64::try_from(here.len()).unwrap_or(length));
                while left > 0 {
                    let room = usize::try_from(left).unwrap_or(usize::MAX).min(piece.len());
                    let count = self.fill(&mut piece[..room]).await?;
                    left -= u64::try_from(count).unwrap_or(left);
                }
                Ok(true)
            }
            Body::Chunked => {
                let mut tail = here.to_vec();
                while !tail.ends_with(LAST_CHUNK) {
                    let count = self.fill(piece).await?;
                    tail.extend_from_slice(&piece[..count]);
                    tail.drain(..tail.len().saturating_sub(LAST_CHUNK.len()));
                }
                Ok(false)
            }
            Body::Unknown => {
                while self.reader.read(piece).await? > 0 {}
                Ok(false)
            }
        }
    }

    /// Some bytes; broken at the end of the stream and when there is no room.
    async fn fill(&mut self, room: &mut [u8]) -> Result<usize, Broken> {
        let length = self.pace.room(room.len()).await;
        match self.reader.read(&mut room[..length]).await? {
            0 => Err(Broken),
            count => Ok(count),
        }
    }
}
