//! Access logs in common and combined format, as Apache and nginx write them.
//!
//! `[host ]client ident user [time] "request" status bytes[ "referer" "agent" …]`, where what
//! stands behind the bytes is ignored.
//! The request line is judged as the strict gate would: one that no server serves is kept as a
//! request with its fault, since somebody did send it.

mod escape;
mod request_line;
mod time;

use super::line::quoted;
use super::request::{RecordedRequest, Sender, Shown, Text};
use memchr::{memchr, memmem};
use request_line::RequestLine;
use std::borrow::Cow;
use std::net::IpAddr;

/// Places at which a time is looked for: a user's name may hold a bracket.
const BRACKETS_MAX: usize = 4;

const FOREIGN: &str =
    "neither a JSON object nor a line of an access log in common or combined format";

/// Reads one line.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub(super) fn read(line: &[u8]) -> Result<RecordedRequest<'_>, String> {
    let (front, t, rest) = split_at_time(line).ok_or(FOREIGN)?;
    let (host, source) = client(front)?;
    let (request, rest) = escape::quoted(rest).ok_or("its request does not stand in quotes")?;
    check_result(rest)?;
    let request = RequestLine::read(escape::undone(request));
    Ok(RecordedRequest {
        t,
        source,
        platform: None,
        host: request.host.or(host.map(Text::from)),
        method: request.method,
        path: request.path,
        origin_ms: None,
        cache: None,
        fault: request.fault,
        shown: shown(rest),
        sender: Sender::default(),
    })
}

/// What stands before the time, the time in seconds since 1970, and what stands behind it.
#[expect(clippy::cast_precision_loss, reason = "seconds of four-digit years")]
fn split_at_time(line: &[u8]) -> Option<(&[u8], f64, &[u8])> {
    let brackets = memmem::find_iter(line, b" [").take(BRACKETS_MAX);
    brackets.into_iter().find_map(|at| {
        let (text, behind) = line[at + 2..].split_first_chunk()?;
        let seconds = time::seconds(text)?;
        Some((&line[..at], seconds as f64, behind.strip_prefix(b"] ")?))
    })
}

/// The host that some formats begin with, and the client's address.
fn client(front: &[u8]) -> Result<(Option<&str>, IpAddr), String> {
    let front = std::str::from_utf8(front).map_err(|_| FOREIGN)?;
    let mut words = front.split(' ');
    let first = words.next().unwrap_or_default();
    if let Ok(source) = first.parse() {
        return Ok((None, source));
    }
    match words.next().and_then(|second| second.parse().ok()) {
        Some(source) => Ok((Some(first), source)),
        None => Err(format!(
            "its client is {}, not an address; have the server write addresses (in Apache \
             `HostnameLookups Off`)",
            quoted(first)
        )),
    }
}

/// Checks ` status bytes`, without which the line is of another format.
fn check_result(rest: &[u8]) -> Result<(), String> {
    let rest = rest.strip_prefix(b" ").ok_or("nothing follows its request")?;
    let (status, rest) = word(rest);
    let (bytes, _) = word(rest);
    let is_number = |word: &[u8]| !word.is_empty() && word.iter().all(u8::is_ascii_digit);
    if status != b"-" && !(is_number(status) && status.len() == 3) {
        return Err(wrong("its status", status, "three digits or `-`"));
    }
    if bytes != b"-" && !is_number(bytes) {
        return Err(wrong("its size", bytes, "a number or `-`"));
    }
    Ok(())
}

/// `"referer" "agent"` behind the size, in the combined format; `-` stands for none.
fn shown(rest: &[u8]) -> Shown<'_> {
    let mut shown = Shown::default();
    let Some(at) = memchr(b'"', rest) else { return shown };
    let Some((referer, rest)) = escape::quoted(&rest[at..]) else { return shown };
    shown.referer = Some(text(referer));
    shown.ua = rest.strip_prefix(b" ").and_then(escape::quoted).map(|(agent, _)| text(agent));
    shown
}

fn text(raw: &[u8]) -> Text<'_> {
    Text(match escape::undone(raw) {
        Cow::Borrowed(b"-") => Cow::Borrowed(""),
        Cow::Borrowed(raw) => String::from_utf8_lossy(raw),
        Cow::Owned(raw) => Cow::Owned(String::from_utf8_lossy(&raw).into_owned()),
    })
}

fn wrong(what: &str, word: &[u8], needed: &str) -> String {
    format!("{what} is {}; it must be {needed}", quoted(&String::from_utf8_lossy(word)))
}

/// The first word, and what stands behind the space after it.
fn word(text: &[u8]) -> (&[u8], &[u8]) {
    match memchr(b' ', text) {
        Some(end) => (&text[..end], &text[end + 1..]),
        None => (text, &[]),
    }
}

#[cfg(test)]
mod tests;
