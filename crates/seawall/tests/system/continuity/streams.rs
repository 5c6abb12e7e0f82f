//! An HTTP/2 client with several streams, frame by frame, that knows what became of each.

use super::load::{Place, Score};
use super::origin::{QUICK, SLOW};
use crate::fixtures::Client;
use crate::fixtures::client::Tls;
use crate::fixtures::frames::{
    DATA, END_STREAM, Frame, GOAWAY, HEADERS, PING, RST_STREAM, SETTINGS, WINDOW_UPDATE, frame,
    opening, request,
};
use std::collections::BTreeMap;
use std::io;

/// Streams that are open at once.
const OPEN: usize = 4;
/// One stream in so many is a slow download.
const SLOW_EVERY: u32 = 25;
/// `:status: 200` of the static table (RFC 7541 appendix A).
const STATUS_200: u8 = 0x88;
/// Of a SETTINGS or PING frame.
const ACK: u8 = 1;

/// What is awaited on one stream.
struct Awaited {
    path: &'static str,
    /// Bytes still to come.
    left: usize,
    answered: bool,
}

/// One connection, and whether the shield has announced its end.
struct Connection<'a> {
    score: &'a Score,
    client: Client<Tls>,
    next: u32,
    open: BTreeMap<u32, Awaited>,
    leaving: bool,
}

/// Asks on one connection with [`OPEN`] streams until it says goodbye.
pub(super) fn stream_for_ever(score: &Score, place: &Place) {
    let client = place.tls_h2().and_then(|stream| {
        let mut client = Client::over(stream);
        client.try_send(opening(65_535))?;
        Ok(client)
    });
    let client = match client {
        Ok(client) => client,
        Err(cause) => return score.lose(format!("h2: cannot connect: {cause}")),
    };
    let (open, leaving) = (BTreeMap::new(), false);
    let mut connection = Connection { score, client, next: 1, open, leaving };
    if let Err(cause) = connection.go_on() {
        let open = connection.open.len();
        score.lose(format!("h2: {cause} with {open} streams open, leaving: {leaving}"));
    }
}

impl Connection<'_> {
    fn go_on(&mut self) -> io::Result<()> {
        loop {
            while !self.leaving && !self.score.is_over() && self.open.len() < OPEN {
                self.ask()?;
            }
            if self.open.is_empty() && !self.leaving {
                // Told to stop; whoever hangs up first is no loss.
                return Ok(());
            }
            match self.client.frame() {
                Ok(frame) => self.take(&frame)?,
                Err(cause)
                    if self.leaving
                        && self.open.is_empty()
                        && cause.kind() == io::ErrorKind::UnexpectedEof =>
                {
                    return Ok(());
                }
                Err(cause) => return Err(cause),
            }
        }
    }

    fn ask(&mut self) -> io::Result<()> {
        let nth = self.next / 2;
        let (path, left) = match nth % SLOW_EVERY {
            1 => ("/slow", SLOW),
            _ => ("/", QUICK.len()),
        };
        self.client.try_send(request(self.next, path))?;
        self.open.insert(self.next, Awaited { path, left, answered: false });
        self.next += 2;
        Ok(())
    }

    fn take(&mut self, frame: &Frame) -> io::Result<()> {
        match frame.kind {
            SETTINGS if frame.flags & ACK == 0 => self.say(SETTINGS, ACK, (0, &[])),
            PING if frame.flags & ACK == 0 => self.say(PING, ACK, (0, &frame.payload)),
            GOAWAY => self.hear_goodbye(&frame.payload),
            RST_STREAM => {
                let awaited = self.open.remove(&frame.stream);
                let path = awaited.map_or("none of ours", |awaited| awaited.path);
                self.score.lose(format!("h2: a stream for {path} was reset {:?}", frame.payload));
                Ok(())
            }
            HEADERS => {
                if let Some(awaited) = self.open.get_mut(&frame.stream) {
                    awaited.answered = frame.payload.first() == Some(&STATUS_200);
                }
                self.end(frame);
                Ok(())
            }
            DATA => self.take_data(frame),
            _ => Ok(()),
        }
    }

    fn take_data(&mut self, frame: &Frame) -> io::Result<()> {
        let length = frame.payload.len();
        if let Some(awaited) = self.open.get_mut(&frame.stream) {
            awaited.left = awaited.left.saturating_sub(length);
        }
        if length > 0 {
            let credit = u32::try_from(length).expect("a frame is short").to_be_bytes();
            self.say(WINDOW_UPDATE, 0, (0, &credit))?;
            if frame.flags & END_STREAM == 0 {
                self.say(WINDOW_UPDATE, 0, (frame.stream, &credit))?;
            }
        }
        self.end(frame);
        Ok(())
    }

    /// Counts a stream out with its last frame.
    fn end(&mut self, frame: &Frame) {
        if frame.flags & END_STREAM == 0 {
            return;
        }
        let Some(awaited) = self.open.remove(&frame.stream) else { return };
        if awaited.answered && awaited.left == 0 {
            self.score.serve_one();
        } else {
            let Awaited { path, left, answered } = awaited;
            self.score.lose(format!("h2: {path} ended {left} bytes short, 200: {answered}"));
        }
    }

    /// Streams above the last one that is named were not looked at and may be asked again
    /// (RFC 9113 §6.8).
    fn hear_goodbye(&mut self, payload: &[u8]) -> io::Result<()> {
        self.leaving = true;
        let number = |at: usize| payload.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
        let (Some(last), Some(code)) = (number(0), number(4)) else {
            return Err(io::Error::other("a goodbye that is cut short"));
        };
        if u32::from_be_bytes(code) != 0 {
            return Err(io::Error::other(format!("a goodbye with error {code:?}")));
        }
        let unheard = self.open.split_off(&(u32::from_be_bytes(last).saturating_add(1)));
        for _ in unheard {
            self.score.retry_one();
        }
        Ok(())
    }

    fn say(&mut self, kind: u8, flags: u8, (stream, payload): (u32, &[u8])) -> io::Result<()> {
        self.client.try_send(frame(kind, flags, stream, payload))
    }
}
