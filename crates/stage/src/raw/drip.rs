//! A client that takes its time: one byte at each interval.

use super::exchange::{Answer, Ended};
use crate::LoopbackTarget;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, sleep};

/// What to send slowly.
#[derive(Debug, Clone, Copy)]
pub struct Drip<'a> {
    /// Sent at once, before the first slow byte.
    pub first: &'a [u8],
    /// Sent one byte at a time; after the last the connection stays open and silent.
    pub slowly: &'a [u8],
    /// The time before each of them.
    pub every: Duration,
    /// When to give up if the other side never ends it.
    pub deadline: Duration,
}

/// How a slow client fared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dripped {
    /// How many of the slow bytes were written before the end.
    pub sent: usize,
    /// Everything that was received.
    pub answer: Vec<u8>,
    /// How it ended.
    pub ended: Ended,
    /// How long after connecting.
    pub after: Duration,
}

/// Sends as `drip` says until the other side ends the connection or the deadline passes.
///
/// # Errors
/// When no connection can be made.
pub async fn drip(target: LoopbackTarget, drip: Drip<'_>) -> io::Result<Dripped> {
    let begin = Instant::now();
    let (mut reader, mut writer) = target.dial(None).await?.into_split();
    let mut answer = Answer::default();
    let mut sent = 0;
    let ended = tokio::select! {
        ended = answer.read_until(&mut reader, begin + drip.deadline) => ended,
        ended = send(&mut writer, drip, &mut sent) => ended,
    };
    Ok(Dripped { sent, answer: answer.0, ended, after: begin.elapsed() })
}

/// Writes byte by byte and then waits for ever: the reader notices how it ends.
async fn send(writer: &mut (impl AsyncWrite + Unpin), drip: Drip<'_>, sent: &mut usize) -> Ended {
    let mut open = writer.write_all(drip.first).await.is_ok();
    for byte in drip.slowly {
        sleep(drip.every).await;
        open = open && writer.write_all(&[*byte]).await.is_ok();
        *sent += usize::from(open);
    }
    std::future::pending().await
}
