//! One question to an address: connect, send a request, read what comes.
//!
//! Takes an address and a request; gives the answer, or how there was none.
//! Never follows a redirect and never asks twice.
//! Bounds: [`PATIENCE`] from connecting to the last byte, [`ANSWER_MAX`] bytes.

use super::handshake::Tls;
use socket2::{Domain, Protocol, Socket, Type};
use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// How long one question may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(3);
/// More than any page that is compared.
const ANSWER_MAX: usize = 256 * 1024;

/// What is asked.
#[derive(Debug, Clone)]
pub(crate) struct Question<'a> {
    pub(crate) address: SocketAddr,
    pub(crate) carriage: Carriage,
    /// The `Host`, and the name that TLS asks for.
    pub(crate) host: &'a str,
    pub(crate) path: &'a str,
    /// Further header fields.
    pub(crate) fields: Vec<(&'a str, &'a str)>,
}

/// What carries a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carriage {
    Plain,
    Tls,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said {
    Answer(Answer),
    /// Connected, and no answer came: closed, reset, an alert or silence.
    Nothing(String),
    /// Nobody takes connections there.
    Unreached(String),
}

/// An answer as far as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Status line and fields as they came.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    /// Whether TLS was asked for a certificate of ours on the way.
    pub(crate) wanted_certificate: bool,
}

impl Answer {
    /// The value of a field.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        let found = fields.find(|(field, _)| field.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim())
    }

    /// Head and body as text.
    pub(crate) fn text(&self) -> String {
        format!("{}\n{}", self.head, String::from_utf8_lossy(&self.body))
    }
}

/// Connects from `from`, where told, within [`PATIENCE`].
///
/// # Errors
/// Nobody takes connections there, or the address to come from is not ours.
pub(crate) fn connect(address: SocketAddr, from: Option<IpAddr>) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if let Some(from) = from {
        socket.bind(&SocketAddr::new(from, 0).into())?;
    }
    socket.connect_timeout(&address.into(), PATIENCE)?;
    let stream = TcpStream::from(socket);
    stream.set_nodelay(true)?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// Asks, and gives what was said.
pub(crate) fn ask(question: &Question<'_>, from: Option<IpAddr>) -> Said {
    let give_up = Instant::now() + PATIENCE;
    let socket = match connect(question.address, from) {
        Ok(socket) => socket,
        Err(cause) => return Said::Unreached(cause.to_string()),
    };
    let answered = socket.try_clone().and_then(|clock| {
        let clock = Clock { socket: clock, give_up };
        match question.carriage {
            Carriage::Plain => exchange(socket, &clock, question),
            Carriage::Tls => {
                let tls = Tls::named(question.host)?;
                let seen = tls.seen();
                let answer = exchange(tls.over(socket)?, &clock, question);
                answer.map(|answer| Answer { wanted_certificate: seen.wanted_ours(), ..answer })
            }
        }
    });
    match answered {
        Ok(answer) => Said::Answer(answer),
        Err(cause) => Said::Nothing(cause.to_string()),
    }
}

/// Keeps reads inside the time of the question.
struct Clock {
    socket: TcpStream,
    give_up: Instant,
}

impl Clock {
    fn set(&self) -> io::Result<()> {
        let left = self.give_up.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "no answer in 3 s"));
        }
        self.socket.set_read_timeout(Some(left))
    }
}

fn exchange(
    mut stream: impl Read + Write,
    clock: &Clock,
    question: &Question<'_>,
) -> io::Result<Answer> {
    let mut request = format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: seawall-check-origin\r\nAccept: */*\r\n",
        question.path, question.host
    );
    for (name, value) in &question.fields {
        request.extend([*name, ": ", *value, "\r\n"]);
    }
    request.push_str("Connection: close\r\n\r\n");
    clock.set()?;
    stream.write_all(request.as_bytes())?;
    stream.flush()?;
    let mut bytes = Vec::new();
    let mut piece = [0; 16 * 1024];
    while bytes.len() < ANSWER_MAX && !is_whole(&bytes) {
        match clock.set().and_then(|()| stream.read(&mut piece)) {
            Ok(0) => break,
            Ok(length) => bytes.extend_from_slice(&piece[..length]),
            // What came before it broke off tells enough, if the head is there.
            Err(_) if head_length(&bytes).is_some() => break,
            Err(cause) => return Err(cause),
        }
    }
    read(bytes).ok_or_else(|| io::Error::other("what came back is not an HTTP/1.1 answer"))
}

fn head_length(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|end| end == b"\r\n\r\n").map(|at| at + 4)
}

/// Whether an answer that tells its length is there to its end.
fn is_whole(bytes: &[u8]) -> bool {
    let Some(length) = head_length(bytes) else { return false };
    let head = String::from_utf8_lossy(&bytes[..length]).to_ascii_lowercase();
    let told = head.split("\r\ncontent-length:").nth(1).and_then(|rest| rest.lines().next());
    let told: Option<usize> = told.and_then(|told| told.trim().parse().ok());
    told.is_some_and(|told| bytes.len() >= length + told)
}

fn read(mut bytes: Vec<u8>) -> Option<Answer> {
    let length = head_length(&bytes)?;
    let body = bytes.split_off(length);
    let head = String::from_utf8_lossy(&bytes).into_owned();
    let status = head.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, head, body, wanted_certificate: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_once_it_has_the_length_that_it_tells() {
        let answer = b"HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 3\r\n\r\nabc";
        assert!(is_whole(answer));
        assert!(!is_whole(&answer[..answer.len() - 1]));
        assert!(!is_whole(b"HTTP/1.1 200 OK\r\n\r\nabc"));
        let read = read(answer.to_vec()).unwrap();
        assert_eq!((read.status, read.body.as_slice()), (200, &b"abc"[..]));
        assert_eq!(read.field("server"), Some("x"));
    }

    #[test]
    fn what_is_not_http_is_no_answer() {
        assert_eq!(read(b"SSH-2.0-x\r\n\r\n".to_vec()), None);
        assert_eq!(read(b"HTTP/1.1 abc\r\n\r\n".to_vec()), None);
        assert_eq!(read(b"HTTP/1.1 200 OK".to_vec()), None);
    }
}
