//! The line of one request, made as the request goes on.
//!
//! What is known when the head is complete is written at once, into room that is used again; what the
//! answer tells is added in the end.
//! What is the same for all requests of a millisecond, a platform or a connection is made once for them.
//! The lines are those of [`seawall_types::Record`].
//! Never allocates for texts of plain ASCII once the room is there.

use super::pen::{Pen, three_digits};
use crate::client::{Client, Via};
use crate::connection::Connection;
use http::{HeaderValue, Method, StatusCode, Version};
use seawall_types::{Reason, Verdict, WallTime};
use seawall_wire::hello::Ja4;
use std::fmt::Write as _;
use std::net::IpAddr;

/// A request as it is remembered while it runs.
#[derive(Debug)]
pub(crate) struct RecordedRequest {
    line: Pen,
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
            line: Pen::default(),
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
    /// `front` is how every line of this moment begins, and `platform` what [`platform`] made.
    pub(super) fn begin<B>(
        &mut self,
        request: &http::Request<B>,
        (connection, client): (&Connection, &Client),
        (front, platform): (&Front, &[u8]),
    ) {
        (self.status, self.origin_us, self.cache, self.bytes) = (None, None, None, 0);
        let line = &mut self.line;
        line.clear();
        line.plain(&front.text);
        line.plain(platform);
        if let Some(host) = host(request) {
            line.field(b",\"host\":\"", host);
        }
        let is_h2 = request.version() == Version::HTTP_2;
        match connection.recorded_as.get() {
            Some(known) if client.via == Via::Socket => line.plain(known),
            _ => {
                let began = line.written().len();
                who(line, (connection, client), is_h2);
                let is_all_known = !is_h2 || connection.h2_fingerprint.get().is_some();
                if client.via == Via::Socket && is_all_known {
                    connection.recorded_as.get_or_init(|| line.written()[began..].into());
                }
            }
        }
        match *request.method() {
            Method::GET => line.word(b",\"method\":\"GET\""),
            ref other => line.field(b",\"method\":\"", other.as_str().as_bytes()),
        }
        path(line, request);
        fields(line, request.headers(), is_h2);
    }

    /// What the shield did with it, and why.
    pub(crate) fn tell(&mut self, verdict: Verdict, reason: Reason) {
        (self.verdict, self.reason) = (verdict, reason);
    }

    /// Ends the line, and gives it.
    pub(super) fn finish(&mut self) -> &[u8] {
        let line = &mut self.line;
        if (self.verdict, self.reason) == (Verdict::Admit, Reason::Clear) {
            line.word(b",\"verdict\":\"admit\",\"reason\":\"clear\"");
        } else {
            line.field(b",\"verdict\":\"", self.verdict.word().as_bytes());
            line.field(b",\"reason\":\"", self.reason.word().as_bytes());
        }
        if let Some(status) = self.status {
            let [hundreds, tens, ones] = three_digits(status.as_u16().into());
            let mut told = *b",\"status\":...,\"bytes\":";
            (told[10], told[11], told[12]) = (hundreds, tens, ones);
            line.word(&told);
        } else {
            line.word(b",\"bytes\":");
        }
        line.number(self.bytes);
        if let Some(origin_us) = self.origin_us {
            line.word(b",\"origin_ms\":");
            line.thousandths(origin_us);
        }
        if let Some(cache) = self.cache {
            line.field(b",\"cache\":\"", cache.as_bytes());
        }
        line.word(b"}\n");
        line.written()
    }
}

/// How lines begin: with the time.
#[derive(Debug, Default)]
pub(super) struct Front {
    told: Option<WallTime>,
    text: Vec<u8>,
}

impl Front {
    /// Tells that time.
    pub(super) fn follow(&mut self, wall: WallTime) {
        let Some(told) = self.told.replace(wall).filter(|told| told.0 / 1_000 == wall.0 / 1_000)
        else {
            return self.begin_second(wall);
        };
        if told != wall
            && let Some(milliseconds) = self.text.last_chunk_mut()
        {
            *milliseconds = three_digits(wall.0);
        }
    }

    fn begin_second(&mut self, wall: WallTime) {
        self.text.clear();
        self.text.extend_from_slice(b"{\"t\":");
        self.text.extend_from_slice(itoa::Buffer::new().format(wall.0 / 1_000).as_bytes());
        self.text.push(b'.');
        self.text.extend_from_slice(&three_digits(wall.0));
    }
}

/// What lines say of a platform.
pub(crate) fn platform(name: &str) -> Box<[u8]> {
    let mut line = Pen::default();
    line.field(b",\"platform\":\"", name.as_bytes());
    line.written().into()
}

/// Who asks, and what the connection shows where it is the client's own: that of a proxy shows the proxy.
fn who(line: &mut Pen, (connection, client): (&Connection, &Client), is_h2: bool) {
    source(line, client.address);
    line.plain(if is_h2 { b",\"proto\":\"h2\"" } else { b",\"proto\":\"h1\"" });
    if client.via == Via::Socket {
        let ja4 = connection.ja4.get().map(Ja4::as_str);
        fingerprint(line, b",\"ja4\":\"", (ja4, connection.tls));
        let h2 = connection.h2_fingerprint.get().map(|h2| &**h2);
        fingerprint(line, b",\"h2\":\"", (h2, is_h2));
    }
}

fn source(line: &mut Pen, address: IpAddr) {
    line.word(b",\"src\":\"");
    match address {
        IpAddr::V4(address) => {
            for (place, part) in address.octets().into_iter().enumerate() {
                if place > 0 {
                    line.word(b".");
                }
                line.number(part.into());
            }
        }
        // A line takes everything.
        IpAddr::V6(address) => drop(write!(line, "{address}")),
    }
    line.word(b"\"");
}

/// The host that is asked for, as the client wrote it.
fn host<B>(request: &http::Request<B>) -> Option<&[u8]> {
    match request.uri().authority() {
        Some(authority) => Some(authority.as_str().as_bytes()),
        None => crate::request::host_field(request.headers()).map(HeaderValue::as_bytes),
    }
}

/// Path and query as the origin gets them: an absolute form may have a query alone
/// (RFC 9112 §3.2.1).
fn path<B>(line: &mut Pen, request: &http::Request<B>) {
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    if target.starts_with('?') {
        line.field(b",\"path\":\"/", target.as_bytes());
    } else {
        line.field(b",\"path\":\"", target.as_bytes());
    }
}

/// A fingerprint; an empty one says that there is none to take.
fn fingerprint<const LENGTH: usize>(
    line: &mut Pen,
    key: &[u8; LENGTH],
    (told, is_spoken): (Option<&str>, bool),
) {
    if told.is_some() || !is_spoken {
        line.field(key, told.unwrap_or_default().as_bytes());
    }
}

/// Names of all fields, and the values of those that tell of the client, in one walk over them.
fn fields(line: &mut Pen, headers: &http::HeaderMap, is_h2: bool) {
    let (mut agent, mut referer, mut language) = (None, None, None);
    let mut bears_cookie = false;
    line.word(b",\"headers\":\"");
    let began = line.written().len();
    let mut last = "";
    for (name, value) in headers {
        let name = name.as_str();
        // Further values of one name follow its first, and show the very name.
        if std::ptr::eq(last, name) {
            continue;
        }
        last = name;
        match name {
            "user-agent" => agent = Some(value),
            "accept-language" => language = Some(value),
            "referer" => referer = Some(value),
            "cookie" => bears_cookie = true,
            _ => (),
        }
        // A name is a token, which JSON takes as it is; but HTTP/2 is read with quotes in names.
        if is_h2 {
            quoted(line, name);
        } else {
            line.listed(name.as_bytes());
        }
    }
    line.end_list(began);
    if let Some(agent) = agent {
        line.field(b",\"ua\":\"", agent.as_bytes());
    }
    if let Some(referer) = referer {
        line.field(b",\"referer\":\"", referer.as_bytes());
    }
    if let Some(language) = language {
        line.field(b",\"lang\":\"", language.as_bytes());
    }
    if !bears_cookie {
        // Of one that is borne nobody has noted yet who set it.
        line.word(b",\"cookie\":false");
    }
}

/// A name with a backslash before each of its quotes, and a comma.
fn quoted(line: &mut Pen, name: &str) {
    let mut parts = name.split('"').map(str::as_bytes);
    let last = parts.next_back().unwrap_or_default();
    for part in parts {
        line.plain(part);
        line.word(b"\\\"");
    }
    line.listed(last);
}
