//! The line of one request, made as the request goes on.
//!
//! What is known when the head is complete is written at once, into room that is used again; what the
//! answer tells is added in the end.
//! What is the same for all requests of a second, a platform or a connection is made once for them.
//! The lines are those of [`seawall_types::Record`].
//! Never allocates for texts of plain ASCII once the room is there.

use crate::client::{Client, Via};
use crate::connection::Connection;
use http::{HeaderName, HeaderValue, Method, StatusCode, Version, header};
use seawall_types::{Reason, Verdict, WallTime};
use seawall_wire::hello::Ja4;
use std::io::Write as _;
use std::net::IpAddr;

/// Room that nearly every line fits in.
const LINE_ROOM: usize = 1024;

/// A request as it is remembered while it runs.
#[derive(Debug)]
pub(crate) struct RecordedRequest {
    line: Vec<u8>,
    verdict: Verdict,
    reason: Reason,
    /// None when nothing was answered.
    pub(crate) status: Option<StatusCode>,
    /// Microseconds at the origin.
    pub(crate) origin_us: Option<u64>,
    /// What a cache did with it.
    pub(crate) cache: Option<&'static str>,
    /// Bytes of the answer's body.
    pub(crate) bytes: u64,
}

impl Default for RecordedRequest {
    fn default() -> Self {
        Self {
            line: Vec::new(),
            verdict: Verdict::Admit,
            reason: Reason::Clear,
            status: None,
            origin_us: None,
            cache: None,
            bytes: 0,
        }
    }
}

impl RecordedRequest {
    /// Writes what is known when the head is complete; whatever was here before is gone.
    ///
    /// `front` is how every line of this second begins, and `platform` what [`platform`] made.
    pub(super) fn begin<B>(
        &mut self,
        request: &http::Request<B>,
        (connection, client): (&Connection, &Client),
        (front, platform): (&Front, &[u8]),
    ) {
        (self.status, self.origin_us, self.cache, self.bytes) = (None, None, None, 0);
        let line = &mut self.line;
        line.clear();
        line.reserve(LINE_ROOM);
        front.put(line);
        line.extend_from_slice(platform);
        if let Some(host) = crate::request::authority(request) {
            text(line, b",\"host\":\"", host.as_bytes());
        }
        match connection.recorded_as.get() {
            Some(known) if client.via == Via::Socket => line.extend_from_slice(known),
            _ => {
                let began = line.len();
                let is_h2 = request.version() == Version::HTTP_2;
                who(line, (connection, client), is_h2);
                let is_all_known = !is_h2 || connection.h2_fingerprint.get().is_some();
                if client.via == Via::Socket && is_all_known {
                    connection.recorded_as.get_or_init(|| line[began..].into());
                }
            }
        }
        match *request.method() {
            Method::GET => line.extend_from_slice(b",\"method\":\"GET\""),
            ref other => text(line, b",\"method\":\"", other.as_str().as_bytes()),
        }
        path(line, request);
        fields(line, request.headers());
    }

    /// What the shield did with it, and why.
    pub(crate) fn tell(&mut self, verdict: Verdict, reason: Reason) {
        (self.verdict, self.reason) = (verdict, reason);
    }

    /// Ends the line, and gives it.
    pub(super) fn finish(&mut self) -> &[u8] {
        let line = &mut self.line;
        if (self.verdict, self.reason) == (Verdict::Admit, Reason::Clear) {
            line.extend_from_slice(b",\"verdict\":\"admit\",\"reason\":\"clear\"");
        } else {
            word(line, b",\"verdict\":\"", self.verdict.word());
            word(line, b",\"reason\":\"", self.reason.word());
        }
        if let Some(status) = self.status {
            line.extend_from_slice(b",\"status\":");
            line.extend_from_slice(status.as_str().as_bytes());
        }
        line.extend_from_slice(b",\"bytes\":");
        number(line, self.bytes);
        if let Some(origin_us) = self.origin_us {
            line.extend_from_slice(b",\"origin_ms\":");
            thousandths(line, origin_us);
        }
        if let Some(cache) = self.cache {
            word(line, b",\"cache\":\"", cache);
        }
        line.extend_from_slice(b"}\n");
        line
    }
}

/// How lines begin: with the time.
#[derive(Debug, Default)]
pub(super) struct Front {
    second: Option<u64>,
    /// Up to the point behind the seconds.
    text: Vec<u8>,
    milliseconds: u64,
}

impl Front {
    /// Follows the wall clock.
    pub(super) fn follow(&mut self, wall: WallTime) {
        let second = wall.0 / 1_000;
        self.milliseconds = wall.0 % 1_000;
        if self.second.replace(second) != Some(second) {
            self.text.clear();
            self.text.extend_from_slice(b"{\"t\":");
            number(&mut self.text, second);
            self.text.push(b'.');
        }
    }

    fn put(&self, line: &mut Vec<u8>) {
        line.extend_from_slice(&self.text);
        three_digits(line, self.milliseconds);
    }
}

/// What lines say of a platform.
pub(crate) fn platform(name: &str) -> Box<[u8]> {
    let mut line = Vec::new();
    text(&mut line, b",\"platform\":\"", name.as_bytes());
    line.into()
}

/// Who asks, and what the connection shows where it is the client's own: that of a proxy shows the proxy.
fn who(line: &mut Vec<u8>, (connection, client): (&Connection, &Client), is_h2: bool) {
    source(line, client.address);
    line.extend_from_slice(if is_h2 { b",\"proto\":\"h2\"" } else { b",\"proto\":\"h1\"" });
    if client.via == Via::Socket {
        let ja4 = connection.ja4.get().map(Ja4::as_str);
        fingerprint(line, b",\"ja4\":\"", (ja4, connection.tls));
        let h2 = connection.h2_fingerprint.get().map(|h2| &**h2);
        fingerprint(line, b",\"h2\":\"", (h2, is_h2));
    }
}

fn source(line: &mut Vec<u8>, address: IpAddr) {
    line.extend_from_slice(b",\"src\":\"");
    match address {
        IpAddr::V4(address) => {
            for (place, part) in address.octets().into_iter().enumerate() {
                if place > 0 {
                    line.push(b'.');
                }
                number(line, part.into());
            }
        }
        // A vector takes everything.
        IpAddr::V6(address) => drop(write!(line, "{address}")),
    }
    line.push(b'"');
}

/// Path and query as the origin gets them: an absolute form may have a query alone
/// (RFC 9112 §3.2.1).
fn path<B>(line: &mut Vec<u8>, request: &http::Request<B>) {
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    let key: &[u8] = if target.starts_with('?') { b",\"path\":\"/" } else { b",\"path\":\"" };
    text(line, key, target.as_bytes());
}

/// A fingerprint; an empty one says that there is none to take.
fn fingerprint(line: &mut Vec<u8>, key: &[u8], (told, is_spoken): (Option<&str>, bool)) {
    if told.is_some() || !is_spoken {
        text(line, key, told.unwrap_or_default().as_bytes());
    }
}

/// Names of all fields, and the values of those that tell of the client, in one walk over them.
fn fields(line: &mut Vec<u8>, headers: &http::HeaderMap) {
    let (mut agent, mut referer, mut language) = (None, None, None);
    let mut bears_cookie = false;
    line.extend_from_slice(b",\"headers\":\"");
    let began = line.len();
    let mut last: Option<&HeaderName> = None;
    for (name, value) in headers {
        // Further values of one name follow its first.
        if last.replace(name) == Some(name) {
            continue;
        }
        if line.len() > began {
            line.push(b',');
        }
        // A name is a token, which JSON takes as it is; but HTTP/2 is read with quotes in names.
        let mut parts = name.as_str().split('"');
        line.extend_from_slice(parts.next().unwrap_or_default().as_bytes());
        for part in parts {
            line.extend_from_slice(b"\\\"");
            line.extend_from_slice(part.as_bytes());
        }
        if *name == header::USER_AGENT {
            agent = Some(value);
        } else if *name == header::ACCEPT_LANGUAGE {
            language = Some(value);
        } else if *name == header::REFERER {
            referer = Some(value);
        } else if *name == header::COOKIE {
            bears_cookie = true;
        }
    }
    line.push(b'"');
    let values: [(&[u8], Option<&HeaderValue>); 3] =
        [(b",\"ua\":\"", agent), (b",\"referer\":\"", referer), (b",\"lang\":\"", language)];
    for (key, value) in values {
        if let Some(value) = value {
            text(line, key, value.as_bytes());
        }
    }
    if !bears_cookie {
        // Of one that is borne nobody has noted yet who set it.
        line.extend_from_slice(b",\"cookie\":false");
    }
}

/// A text of our own, which needs no care.
fn word(line: &mut Vec<u8>, key: &[u8], word: &str) {
    line.extend_from_slice(key);
    line.extend_from_slice(word.as_bytes());
    line.push(b'"');
}

/// A text of the sender's.
fn text(line: &mut Vec<u8>, key: &[u8], bytes: &[u8]) {
    line.extend_from_slice(key);
    if are_plain(bytes) {
        line.extend_from_slice(bytes);
        line.push(b'"');
    } else {
        escaped(line, &String::from_utf8_lossy(bytes));
    }
}

/// Whether bytes stand in a string of JSON as they are; eight are looked at together.
fn are_plain(bytes: &[u8]) -> bool {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut last = [b' '; 8];
    last[..rest.len()].copy_from_slice(rest);
    let odd = words.iter().fold(odd_bytes(last), |odd, word| odd | odd_bytes(*word));
    odd == 0
}

/// Not zero where one of eight bytes is a control character, a quote, a backslash or no ASCII.
const fn odd_bytes(word: [u8; 8]) -> u64 {
    const fn eight(byte: u8) -> u64 {
        u64::from_le_bytes([byte; 8])
    }
    const fn below(word: u64, bound: u8) -> u64 {
        // The lowest byte that is below borrows, and nothing under it does: some bit is set, or none.
        word.wrapping_sub(eight(bound)) & !word
    }
    let word = u64::from_le_bytes(word);
    let quote = below(word ^ eight(b'"'), 1);
    let backslash = below(word ^ eight(b'\\'), 1);
    (word | below(word, b' ') | quote | backslash) & eight(0x80)
}

/// Rare, so it may cost something.
#[cold]
fn escaped(line: &mut Vec<u8>, text: &str) {
    let quoted = serde_json::Value::from(text).to_string();
    line.extend_from_slice(quoted.strip_prefix('"').unwrap_or(&quoted).as_bytes());
}

fn number(line: &mut Vec<u8>, number: u64) {
    line.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Thousandths as a number with three digits behind its point.
fn thousandths(line: &mut Vec<u8>, thousandths: u64) {
    number(line, thousandths / 1_000);
    line.push(b'.');
    three_digits(line, thousandths % 1_000);
}

fn three_digits(line: &mut Vec<u8>, below_thousand: u64) {
    // The last three digits of this are those of the number.
    let digits = 1_000 + below_thousand;
    line.extend_from_slice(&itoa::Buffer::new().format(digits).as_bytes()[1..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_that_json_writes_otherwise_is_found_wherever_it_stands() {
        let is_taken = |byte: u8| (b' '..0x80).contains(&byte) && byte != b'"' && byte != b'\\';
        for length in 0..20 {
            for place in 0..length {
                for byte in 0..=u8::MAX {
                    // Beside bytes that differ from odd ones by one.
                    let mut bytes = vec![[b'!', b'#', b' ', b'[', b']', 0x7f][place % 6]; length];
                    bytes[place] = byte;
                    assert_eq!(are_plain(&bytes), is_taken(byte), "{byte} at {place} of {length}");
                }
            }
        }
    }
}
