//! Sends a talk on one connection and reads every answer to its end, trailers included.

use super::reply::{After, Ended, Fields, Head, Reply};
use super::shape::{Due, Step, Talk};
use crate::fixtures::Client;
use std::io;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

/// Longest wait for bytes.
const PATIENCE: Duration = Duration::from_secs(4);
/// Between bytes that are to be read apart.
const PAUSE: Duration = Duration::from_millis(60);

/// What came of a talk.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) replies: Vec<Reply>,
    pub(crate) tunnel: Vec<u8>,
    pub(crate) after: After,
}

/// A talk under way.
struct Session<'a> {
    client: Client<TcpStream>,
    due: std::slice::Iter<'a, Due>,
    /// An interim answer came before the one that it belongs to.
    interim: Vec<Head>,
    told: Told,
}

/// Talks to `address`.
pub(crate) fn converse(address: SocketAddr, talk: &Talk) -> Told {
    let client = Client::plain(address);
    client.stream.set_read_timeout(Some(PATIENCE)).expect("it is not zero");
    let told = Told { replies: Vec::new(), tunnel: Vec::new(), after: After::Free };
    let mut session = Session { client, due: talk.due.iter(), interim: Vec::new(), told };
    for step in &talk.steps {
        if session.step(step) == Next::Stop {
            return session.told;
        }
    }
    while session.reply() {}
    session.told.after = session.after(talk);
    session.told
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Go,
    Stop,
}

impl Session<'_> {
    fn step(&mut self, step: &Step) -> Next {
        match step {
            // A peer that takes no more may have answered.
            Step::Send(bytes) => drop(self.client.try_send(bytes)),
            Step::Pause => thread::sleep(PAUSE),
            Step::AwaitInterim => {
                let head = self.head();
                match head {
                    Ok(head) if is_interim(&head) => self.interim.push(head),
                    head => {
                        self.finish(head);
                        return Next::Stop;
                    }
                }
            }
            Step::AwaitAnswer => drop(self.reply()),
            Step::AwaitBytes(length) => match self.client.exactly(*length) {
                Ok(bytes) => self.told.tunnel.extend(bytes),
                Err(_) => self.told.tunnel.extend(b"(it ended)"),
            },
            // A peer that has closed already has said what it says.
            Step::HalfClose => drop(self.client.stream.shutdown(Shutdown::Write)),
            Step::Abort => {
                let socket = &self.client.stream;
                let reset = rustix::net::sockopt::set_socket_linger(socket, Some(Duration::ZERO));
                reset.expect("it is a socket");
                return Next::Stop;
            }
        }
        Next::Go
    }

    /// Reads the next answer that is due; false when none is, or the connection is over.
    fn reply(&mut self) -> bool {
        if self.due.len() == 0 {
            return false;
        }
        let head = loop {
            match self.head() {
                Ok(head) if is_interim(&head) => self.interim.push(head),
                head => break head,
            }
        };
        self.finish(head) == Next::Go
    }

    fn finish(&mut self, head: io::Result<Head>) -> Next {
        let Some(due) = self.due.next() else { return Next::Stop };
        let interim = std::mem::take(&mut self.interim);
        let mut reply = Reply { interim, ..Reply::default() };
        let next = match head {
            Ok(head) => {
                reply.head = Some(head);
                self.body(&mut reply, *due)
            }
            Err(cause) => {
                reply.ended = if is_late(&cause) { Ended::Hung } else { Ended::Silent };
                Next::Stop
            }
        };
        self.told.replies.push(reply);
        next
    }

    fn head(&mut self) -> io::Result<Head> {
        let bytes = self.client.until(b"\r\n\r\n")?;
        let text: String = bytes.iter().map(|&byte| char::from(byte)).collect();
        let (first, rest) = text.split_once("\r\n").unwrap_or_default();
        let status = first.split(' ').nth(1).and_then(|word| word.parse().ok());
        let status = status.ok_or_else(|| io::Error::other(first.to_owned()))?;
        Ok(Head { status, fields: fields(rest) })
    }

    /// The body by RFC 9112 §6.3.
    fn body(&mut self, reply: &mut Reply, due: Due) -> Next {
        let Some(head) = reply.head.clone() else { return Next::Stop };
        let bodiless = due == Due::HeadAlone || matches!(head.status, 101 | 204 | 304);
        let read = if bodiless {
            Ok(())
        } else if head.lists("transfer-encoding", "chunked") {
            self.chunks(reply)
        } else if let Some(length) = head.field("content-length") {
            let length = length.parse().map_err(io::Error::other);
            length.and_then(|length| self.client.exactly(length)).map(|body| reply.body = body)
        } else {
            reply.body = self.client.rest().0;
            reply.ended = Ended::Whole;
            return Next::Stop;
        };
        match read {
            Ok(()) => {
                reply.ended = Ended::Whole;
                Next::Go
            }
            Err(cause) => {
                reply.body.extend(self.client.rest().0);
                reply.ended = if is_late(&cause) { Ended::Hung } else { Ended::BrokeOff };
                Next::Stop
            }
        }
    }

    fn chunks(&mut self, reply: &mut Reply) -> io::Result<()> {
        loop {
            let line = self.client.until(b"\r\n")?;
            let line = String::from_utf8_lossy(&line).into_owned();
            let digits = line.split([';', '\r']).next().unwrap_or_default().trim();
            let size = usize::from_str_radix(digits, 16).map_err(io::Error::other)?;
            if size == 0 {
                break;
            }
            reply.body.extend(self.client.exactly(size)?);
            self.client.exactly(2)?;
        }
        loop {
            let line = self.client.until(b"\r\n")?;
            if line == b"\r\n" {
                return Ok(());
            }
            reply.trailers.extend(fields(&String::from_utf8_lossy(&line)));
        }
    }

    /// Whether the connection was closed, if the client wants that.
    fn after(&mut self, talk: &Talk) -> After {
        if !wants_close(talk) {
            return After::Free;
        }
        match self.client.rest().1 {
            crate::fixtures::Ended::Open => After::Kept,
            crate::fixtures::Ended::Closed | crate::fixtures::Ended::Reset => After::Closed,
        }
    }
}

fn wants_close(talk: &Talk) -> bool {
    let bytes = talk.steps.iter().flat_map(|step| match step {
        Step::Send(bytes) => bytes.clone(),
        _ => Vec::new(),
    });
    let text = String::from_utf8_lossy(&bytes.collect::<Vec<_>>()).to_ascii_lowercase();
    let old = text.contains(" http/1.0\r\n") && !text.contains("connection: keep-alive");
    old || text.contains("connection: close")
}

fn is_interim(head: &Head) -> bool {
    (100..200).contains(&head.status) && head.status != 101
}

fn is_late(cause: &io::Error) -> bool {
    matches!(cause.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

fn fields(text: &str) -> Fields {
    let lines = text.split("\r\n").filter_map(|line| line.split_once(':'));
    lines.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect()
}
