//! Send, then read until nothing more comes.

use crate::LoopbackTarget;
use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

/// Bytes of an answer that are read; what is longer ends with [`Ended::Full`].
pub const ANSWER_MAX: usize = 4 * 1_024 * 1_024;
const PIECE: usize = 16 * 1_024;

/// What came back, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// Everything that was received.
    pub bytes: Vec<u8>,
    /// Why no more was.
    pub ended: Ended,
}

/// How a connection ended, as its client saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The other side closed in good order.
    Closed,
    /// The other side reset the connection.
    Reset,
    /// Nothing more came in time.
    Deadline,
    /// [`ANSWER_MAX`] bytes came.
    Full,
}

/// Sends `bytes` on a new connection and reads until it ends or `deadline` has passed.
///
/// Our side stays open for sending, as that of a client which still has something to say.
///
/// # Errors
/// When no connection can be made.
pub async fn exchange(
    target: LoopbackTarget,
    bytes: &[u8],
    deadline: Duration,
) -> io::Result<Exchange> {
    over(target.dial(None).await?, bytes, deadline).await
}

/// [`exchange`] from a source address of choice; an IPv6 target is reached from `::1` whatever it is.
///
/// # Errors
/// When no connection can be made.
pub async fn exchange_from(
    source: Ipv4Addr,
    target: LoopbackTarget,
    bytes: &[u8],
    deadline: Duration,
) -> io::Result<Exchange> {
    over(target.dial(Some(source)).await?, bytes, deadline).await
}

async fn over(stream: TcpStream, bytes: &[u8], deadline: Duration) -> io::Result<Exchange> {
    let until = Instant::now() + deadline;
    let (mut reader, mut writer) = stream.into_split();
    let mut answer = Answer::default();
    let write = async {
        // A failed write is seen by the reader, which may still find an answer sent before it.
        let _ = timeout_at(until, writer.write_all(bytes)).await;
    };
    let ((), ended) = tokio::join!(write, answer.read_until(&mut reader, until));
    Ok(Exchange { bytes: answer.0, ended })
}

/// What was read so far; kept when the reading is broken off.
#[derive(Debug, Default)]
pub(super) struct Answer(pub(super) Vec<u8>);

impl Answer {
    pub(super) async fn read_until(
        &mut self,
        reader: &mut (impl AsyncRead + Unpin),
        until: Instant,
    ) -> Ended {
        timeout_at(until, self.read(reader)).await.unwrap_or(Ended::Deadline)
    }

    async fn read(&mut self, reader: &mut (impl AsyncRead + Unpin)) -> Ended {
        let mut piece = vec![0; PIECE];
        while self.0.len() < ANSWER_MAX {
            let room = PIECE.min(ANSWER_MAX - self.0.len());
            match reader.read(&mut piece[..room]).await {
                Ok(0) => return Ended::Closed,
                Ok(count) => self.0.extend_from_slice(&piece[..count]),
                Err(_) => return Ended::Reset,
            }
        }
        Ended::Full
    }
}
