//! One request and its answer over one connection.

use super::{ANSWER_MAX, TIMEOUT};
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// Status and body.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

/// Where it went wrong.
#[derive(Debug)]
pub(super) enum Fault {
    /// Before anything was said.
    Connect(io::Error),
    /// While talking.
    Io(io::Error),
    /// The bytes are no answer that we understand.
    Answer(&'static str),
}

/// Sends `request`, which asks for the connection to be closed, and reads until it is.
pub(super) fn exchange(address: SocketAddr, request: &[u8]) -> Result<Answer, Fault> {
    let deadline = Instant::now() + TIMEOUT;
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT).map_err(Fault::Connect)?;
    stream
        .set_write_timeout(Some(TIMEOUT))
        .and_then(|()| stream.write_all(request))
        .map_err(Fault::Io)?;
    let bytes = read_all(&mut stream, deadline)?;
    answer(&bytes)
}

fn read_all(stream: &mut TcpStream, deadline: Instant) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 16 * 1024];
    loop {
        let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        if left <= Duration::from_millis(1) {
            return Err(Fault::Io(io::ErrorKind::TimedOut.into()));
        }
        stream.set_read_timeout(Some(left)).map_err(Fault::Io)?;
        match stream.read(&mut chunk) {
            Ok(0) => return Ok(bytes),
            Ok(read) if bytes.len() + read > ANSWER_MAX => {
                return Err(Fault::Answer("its answer is larger than 32 MiB"));
            }
            Ok(read) => bytes.extend_from_slice(&chunk[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Fault::Io(error)),
        }
    }
}

/// The status of an answer without content.
const NO_CONTENT: u16 = 204;

/// Takes an answer apart; its length must be told, and must be there.
///
/// Source: RFC 9112 §4 and §6.2.
fn answer(bytes: &[u8]) -> Result<Answer, Fault> {
    const END: &[u8] = b"\r\n\r\n";
    let end = bytes
        .windows(END.len())
        .position(|window| window == END)
        .ok_or(Fault::Answer("its answer has no head"))?;
    let head = std::str::from_utf8(&bytes[..end])
        .map_err(|_| Fault::Answer("the head of its answer is not text"))?;
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.strip_prefix("HTTP/1.1 "))
        .and_then(|line| line.get(..3))
        .and_then(|status| status.parse().ok())
        .ok_or(Fault::Answer("its answer is not HTTP/1.1"))?;
    // An answer without content never has one (RFC 9110 §15.3.5), nor needs to say so.
    let none = (status == NO_CONTENT).then_some(0);
    let length: usize = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim_ascii().parse().ok())
        .or(none)
        .ok_or(Fault::Answer("its answer does not say how long it is"))?;
    let body = &bytes[end + END.len()..];
    if body.len() != length {
        return Err(Fault::Io(io::ErrorKind::UnexpectedEof.into()));
    }
    Ok(Answer { status, body: body.to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_or_it_is_a_fault() {
        let whole = answer(b"HTTP/1.1 422 No\r\nContent-Length: 2\r\n\r\n{}").unwrap();
        assert_eq!((whole.status, whole.body.as_slice()), (422, &b"{}"[..]));
        let nothing = answer(b"HTTP/1.1 204 No Content\r\ndate: x\r\n\r\n").unwrap();
        assert_eq!((nothing.status, nothing.body.as_slice()), (204, &b""[..]));
        for (bytes, io) in [
            (&b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n{}"[..], true),
            (b"HTTP/1.1 200 OK\r\n\r\n{}", false),
            (b"HTTP/1.1 2", false),
            (b"HTTP/1.1 \xc3\xa9\xc3\xa9 x\r\ncontent-length: 0\r\n\r\n", false),
            (b"SSH-2.0-x\r\n\r\n", false),
            (b"", false),
        ] {
            let fault = answer(bytes).unwrap_err();
            assert_eq!(matches!(fault, Fault::Io(_)), io, "{fault:?}");
        }
    }
}
