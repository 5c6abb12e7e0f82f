//! How a request over HTTP/1.1 is written, and how its answer is read.

use super::message::Message;
use seawall_sim::request::Manner;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::time::sleep;

/// The time between two bytes of something slow is at least this: timers here are good to a
/// millisecond.
const BEAT_MIN: Duration = Duration::from_millis(10);

/// Writes all of a request in its manner.
pub(super) async fn write(
    writer: &mut (impl AsyncWrite + Unpin),
    message: &Message,
    manner: Manner,
) -> io::Result<()> {
    let head = message.head();
    match manner {
        Manner::SlowHead(lasting) => {
            drip(writer, head.as_bytes(), lasting).await?;
            writer.write_all(message.body.as_bytes()).await
        }
        Manner::SlowBody(lasting) => {
            writer.write_all(head.as_bytes()).await?;
            drip(writer, message.body.as_bytes(), lasting).await
        }
        // Nothing is written of a bare handshake.
        Manner::Handshake => Ok(()),
        Manner::Plain | Manner::SlowRead(_) | Manner::Reset | Manner::Socket(_) => {
            let mut bytes = head.into_bytes();
            bytes.extend_from_slice(message.body.as_bytes());
            writer.write_all(&bytes).await
        }
    }
}

/// Writes `bytes` in equal pieces over `lasting`, the last one at its end.
async fn drip(
    writer: &mut (impl AsyncWrite + Unpin),
    bytes: &[u8],
    lasting: Duration,
) -> io::Result<()> {
    let beats = lasting.as_nanos() / BEAT_MIN.as_nanos();
    let pieces = bytes.len().min(usize::try_from(beats).unwrap_or(usize::MAX)).max(1);
    let beat = lasting / u32::try_from(pieces).unwrap_or(u32::MAX);
    for piece in bytes.chunks(bytes.len().div_ceil(pieces).max(1)) {
        sleep(beat).await;
        writer.write_all(piece).await?;
        writer.flush().await?;
    }
    Ok(())
}

/// How fast an answer is read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Pace {
    /// As it comes.
    Eager,
    /// At most this many bytes, then a rest.
    Slow { bytes: usize, rest: Duration },
}

/// Rests between two reads of a slow reader.
const REST: Duration = Duration::from_millis(50);

impl Pace {
    pub(super) fn of(manner: Manner) -> Self {
        match manner {
            Manner::SlowRead(per_second) => {
                let rests = 1_000 / u64::try_from(REST.as_millis()).unwrap_or(1_000);
                let bytes = (u64::from(per_second) / rests).max(1);
                Self::Slow { bytes: usize::try_from(bytes).unwrap_or(usize::MAX), rest: REST }
            }
            Manner::Plain
            | Manner::SlowHead(_)
            | Manner::SlowBody(_)
            | Manner::Reset
            | Manner::Socket(_)
            | Manner::Handshake => Self::Eager,
        }
    }

    /// How much of `room` the next read may fill, after the rest that comes before it.
    pub(super) async fn room(self, room: usize) -> usize {
        match self {
            Self::Eager => room,
            Self::Slow { bytes, rest } => {
                sleep(rest).await;
                room.min(bytes)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt;
    use tokio::time::Instant;

    #[tokio::test]
    async fn what_is_dripped_comes_whole_and_takes_its_time() {
        let (mut near, mut far) = tokio::io::duplex(1_024);
        let begun = Instant::now();
        let lasting = Duration::from_millis(120);
        let (written, read) = tokio::join!(
            async {
                let written = drip(&mut near, b"GET / HTTP/1.1\r\n\r\n", lasting).await;
                drop(near);
                written
            },
            async {
                let mut text = String::new();
                far.read_to_string(&mut text).await.map(|_| text)
            }
        );
        written.unwrap();
        assert_eq!(read.unwrap(), "GET / HTTP/1.1\r\n\r\n");
        assert!(begun.elapsed() >= Duration::from_millis(90), "{:?}", begun.elapsed());
    }
}
