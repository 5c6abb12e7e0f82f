//! One connection of a flood, or one after another from the same source.

use super::ConnectionStyle;
use super::answer::{Body, Reading, read};
use super::report::FloodCounters;
use crate::LoopbackTarget;
use crate::bounds::REQUEST_DEADLINE;
use bytes::Bytes;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout};

/// A head longer than this is not read on; the same buffer takes bodies piece by piece.
const HEAD_MAX: usize = 8 * 1_024;

/// The moments at which a connection asks.
#[derive(Debug)]
pub(super) struct Schedule {
    pub(super) next: Instant,
    pub(super) interval: Duration,
    pub(super) until: Instant,
}

impl Schedule {
    /// The moment to wait for, after counting off those that can no longer be kept.
    ///
    /// A moment counts as kept until the one after it has come.
    fn skip_past(&mut self, now: Instant) -> u64 {
        let late = now.saturating_duration_since(self.next).as_nanos();
        let missed = late / self.interval.as_nanos();
        let missed = u32::try_from(missed).unwrap_or(u32::MAX);
        self.next += self.interval * missed;
        u64::from(missed)
    }
}

/// What one connection of a flood needs to know.
#[derive(Debug)]
pub(super) struct Sender {
    pub(super) target: LoopbackTarget,
    pub(super) source: Ipv4Addr,
    pub(super) style: ConnectionStyle,
    pub(super) request: Bytes,
    pub(super) counters: Arc<FloodCounters>,
}

/// Whether a connection can carry another request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum After {
    Open,
    Spent,
}

impl Sender {
    /// Asks at each moment of `schedule` until its end.
    pub(super) async fn run(self, mut schedule: Schedule) {
        let mut buffer = vec![0; HEAD_MAX];
        let mut open = None;
        while schedule.next < schedule.until {
            sleep_until(schedule.next).await;
            let missed = schedule.skip_past(Instant::now());
            self.counters.missed.fetch_add(missed, Relaxed);
            schedule.next += schedule.interval;
            let asked = timeout(REQUEST_DEADLINE, self.ask(open.take(), &mut buffer)).await;
            open = asked.unwrap_or_else(|_| {
                self.counters.timeouts.fetch_add(1, Relaxed);
                None
            });
        }
    }

    /// One request; gives the connection back when it can be used again.
    async fn ask(&self, open: Option<TcpStream>, buffer: &mut [u8]) -> Option<TcpStream> {
        let mut stream = match open {
            Some(stream) => stream,
            None => self.connect().await?,
        };
        let Ok(after) = self.exchange(&mut stream, buffer).await else {
            self.counters.resets.fetch_add(1, Relaxed);
            return None;
        };
        let again = after == After::Open && self.style == ConnectionStyle::KeepAlive;
        again.then_some(stream)
    }

    async fn connect(&self) -> Option<TcpStream> {
        let Ok(stream) = self.target.dial(Some(self.source)).await else {
            self.counters.unconnected.fetch_add(1, Relaxed);
            return None;
        };
        self.counters.connected.fetch_add(1, Relaxed);
        Some(stream)
    }

    async fn exchange(&self, stream: &mut TcpStream, buffer: &mut [u8]) -> io::Result<After> {
        stream.write_all(&self.request).await?;
        self.counters.sent.fetch_add(1, Relaxed);
        self.counters.bytes_out.fetch_add(self.request.len() as u64, Relaxed);
        let mut filled = 0;
        loop {
            match read(&buffer[..filled]) {
                Reading::Whole(answer) if answer.status < 200 => {
                    buffer.copy_within(answer.head_bytes..filled, 0);
                    filled -= answer.head_bytes;
                }
                Reading::Whole(answer) => {
                    let here = (filled - answer.head_bytes) as u64;
                    let after = self.skip_body(stream, answer.body, (here, buffer)).await?;
                    self.counters.answer(answer.status);
                    return Ok(after);
                }
                Reading::NotHttp => return Err(io::ErrorKind::InvalidData.into()),
                Reading::Incomplete => filled += self.fill(stream, &mut buffer[filled..]).await?,
            }
        }
    }

    /// Reads past the rest of a body of which `here` bytes were read with the head.
    async fn skip_body(
        &self,
        stream: &mut TcpStream,
        body: Body,
        (here, buffer): (u64, &mut [u8]),
    ) -> io::Result<After> {
        let (length, after) = match body {
            Body::Bytes(length) => (length, After::Open),
            Body::LastBytes(length) => (length, After::Spent),
            Body::Unknown => return Ok(After::Spent),
        };
        let mut left = length.saturating_sub(here);
        while left > 0 {
            let room = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
            left -= self.fill(stream, &mut buffer[..room]).await? as u64;
        }
        Ok(after)
    }

    /// Some bytes; an error at the end of the stream and when there is no room.
    async fn fill(&self, stream: &mut TcpStream, room: &mut [u8]) -> io::Result<usize> {
        let count = stream.read(room).await?;
        self.counters.bytes_in.fetch_add(count as u64, Relaxed);
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(count)
    }
}
