//! Forged and honest words about the client, each with the one client that is right.
//!
//! Every address in 203.0.113.0/24 is a forgery, which no origin may ever see.

use super::front::{Door, ELSE, PROXY, Talk, one_by_one, v2, v4_block, v6_block};
use std::net::Ipv4Addr;

/// In which header the proxies of a shield name their clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Believes {
    XForwardedFor,
    Forwarded,
    CfConnectingIp,
    Nobody,
}

/// What must come of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The origin and the record name this client.
    Client(&'static str),
    /// The same, and it came over https.
    Secure(&'static str),
    /// 400 or a closed connection; no origin is asked.
    Refused,
}

/// One connection with one request.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) believes: Believes,
    pub(super) way: (Ipv4Addr, Door),
    pub(super) talk: Talk,
    /// What is sent before everything else.
    pub(super) announcement: Vec<Vec<u8>>,
    pub(super) fields: Vec<(&'static str, String)>,
    pub(super) outcome: Outcome,
}

impl Case {
    fn new(name: &'static str, believes: Believes, way: (Ipv4Addr, Door)) -> Self {
        let (announcement, fields) = (Vec::new(), Vec::new());
        let outcome = Outcome::Refused;
        Self { name, believes, way, talk: Talk::H1, announcement, fields, outcome }
    }

    fn talk(mut self, talk: Talk) -> Self {
        self.talk = talk;
        self
    }

    fn field(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.fields.push((name, value.into()));
        self
    }

    fn announce(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.announcement = vec![bytes.as_ref().to_vec()];
        self
    }

    fn announce_slowly(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.announcement = one_by_one(bytes.as_ref());
        self
    }

    fn is(mut self, client: &'static str) -> Self {
        self.outcome = Outcome::Client(client);
        self
    }

    fn secure(mut self, client: &'static str) -> Self {
        self.outcome = Outcome::Secure(client);
        self
    }
}

/// Every case.
pub(super) fn all() -> Vec<Case> {
    [outside(), lists(), other_headers(), announced(), not_announced(), both()]
        .into_iter()
        .flatten()
        .collect()
}

const NOBODY_ELSE: &str = "127.8.0.1";
const PROXY_ITSELF: &str = "127.9.0.1";
const V1: &str = "PROXY TCP4 192.0.2.77 198.51.100.2 56324 443\r\n";

/// Whoever is not trusted is the client, whatever it says.
fn outside() -> Vec<Case> {
    use Believes::{CfConnectingIp, Forwarded, Nobody, XForwardedFor};
    let case = |name, believes, door| Case::new(name, believes, (ELSE, door)).is(NOBODY_ELSE);
    let forged = "203.0.113.9";
    vec![
        case("no word at all", XForwardedFor, Door::Plain),
        case("a forged list", XForwardedFor, Door::Plain).field("X-Forwarded-For", forged),
        case("every other header", XForwardedFor, Door::Plain)
            .field("X-Real-IP", forged)
            .field("True-Client-IP", forged)
            .field("X-Client-IP", forged)
            .field("Client-IP", forged)
            .field("X-Cluster-Client-IP", forged)
            .field("Fastly-Client-IP", forged)
            .field("X-Original-Forwarded-For", forged)
            .field("Forwarded", "for=203.0.113.9")
            .field("CF-Connecting-IP", forged),
        case("a forged scheme", XForwardedFor, Door::Plain).field("X-Forwarded-Proto", "https"),
        case("a trusted hop in a forged list", XForwardedFor, Door::Plain)
            .field("X-Forwarded-For", "203.0.113.9, 127.9.0.1, 10.0.0.1"),
        case("a list over TLS", XForwardedFor, Door::Tls)
            .field("X-Forwarded-For", forged)
            .secure(NOBODY_ELSE),
        case("a list over HTTP/2", XForwardedFor, Door::Tls)
            .talk(Talk::H2)
            .field("x-forwarded-for", forged)
            .secure(NOBODY_ELSE),
        case("a list with a WebSocket", XForwardedFor, Door::Plain)
            .talk(Talk::WebSocket)
            .field("X-Forwarded-For", forged),
        case("forged Forwarded", Forwarded, Door::Plain).field("Forwarded", "for=203.0.113.9"),
        case("forged CF-Connecting-IP", CfConnectingIp, Door::Plain)
            .field("CF-Connecting-IP", forged),
        Case::new("a proxy of nobody", Nobody, (PROXY, Door::Plain))
            .field("X-Forwarded-For", forged)
            .is(PROXY_ITSELF),
        Case::new("a header of nobody's proxy", Nobody, (PROXY, Door::Announced)).announce(V1),
    ]
}

/// `X-Forwarded-For` of a trusted proxy.
fn lists() -> Vec<Case> {
    let case = |name, list: &str| {
        let trusted = Case::new(name, Believes::XForwardedFor, (PROXY, Door::Plain));
        trusted.field("X-Forwarded-For", list)
    };
    vec![
        case("one address", "192.0.2.6").is("192.0.2.6"),
        case("a forgery to its left", "203.0.113.9, 192.0.2.7").is("192.0.2.7"),
        case("trusted hops to its right", "203.0.113.9, 192.0.2.8,10.0.0.1").is("192.0.2.8"),
        case("several lines", "203.0.113.9")
            .field("X-Forwarded-For", "192.0.2.9")
            .field("X-Forwarded-For", "10.0.0.1 , 10.0.0.2")
            .is("192.0.2.9"),
        case("spaces and tabs", "203.0.113.9 ,\t192.0.2.10 \t,  10.0.0.1 ").is("192.0.2.10"),
        case("IPv6", "203.0.113.9, 2001:db8::11").is("2001:db8::11"),
        case("IPv6 with a port", "[2001:db8::12]:4711, 2001:db8:ffff::1").is("2001:db8::12"),
        case("IPv4 mapped into IPv6", "::ffff:192.0.2.13, ::ffff:10.0.0.1").is("192.0.2.13"),
        case("IPv4 with a port", "203.0.113.9:1, 192.0.2.14:5555").is("192.0.2.14"),
        case("empty elements", "203.0.113.9, 192.0.2.15, , ,").is("192.0.2.15"),
        case("unknown", "203.0.113.9, unknown").is(PROXY_ITSELF),
        case("garbage between hops", "203.0.113.9, <script>, 10.0.0.16").is("10.0.0.16"),
        case("only trusted hops", "10.0.0.18, 10.0.0.17").is("10.0.0.18"),
        case("more hops than are looked at", &format!("203.0.113.9{}", ", 10.0.0.19".repeat(40)))
            .is("10.0.0.19"),
        case("two schemes", "192.0.2.20")
            .field("X-Forwarded-Proto", "http")
            .field("X-Forwarded-Proto", "https")
            .secure("192.0.2.20"),
        case("a scheme that is none", "192.0.2.21")
            .field("X-Forwarded-Proto", "gopher")
            .is("192.0.2.21"),
        case("a name with an underscore", "192.0.2.22").field("X_Forwarded_For", "203.0.113.9"),
        case("a WebSocket", "203.0.113.9, 192.0.2.23").talk(Talk::WebSocket).is("192.0.2.23"),
        Case::new("odd case", Believes::XForwardedFor, (PROXY, Door::Plain))
            .field("x-fOrWaRdEd-FoR", "203.0.113.9,192.0.2.24")
            .is("192.0.2.24"),
        Case::new("over TLS", Believes::XForwardedFor, (PROXY, Door::Tls))
            .field("X-Forwarded-For", "203.0.113.9, 192.0.2.25")
            .secure("192.0.2.25"),
        Case::new("over HTTP/2", Believes::XForwardedFor, (PROXY, Door::Tls))
            .talk(Talk::H2)
            .field("x-forwarded-for", "203.0.113.9")
            .field("x-forwarded-for", "192.0.2.26")
            .secure("192.0.2.26"),
        Case::new("over HTTP/2 in clear", Believes::XForwardedFor, (PROXY, Door::Plain))
            .talk(Talk::H2)
            .field("x-forwarded-for", "203.0.113.9, 192.0.2.27, 10.0.0.1")
            .is("192.0.2.27"),
        Case::new("no list", Believes::XForwardedFor, (PROXY, Door::Plain)).is(PROXY_ITSELF),
        Case::new("headers that were not chosen", Believes::XForwardedFor, (PROXY, Door::Plain))
            .field("Forwarded", "for=203.0.113.9")
            .field("CF-Connecting-IP", "203.0.113.9")
            .field("X-Real-IP", "203.0.113.9")
            .is(PROXY_ITSELF),
    ]
}

/// `Forwarded` and `CF-Connecting-IP` of a trusted proxy.
fn other_headers() -> Vec<Case> {
    use Believes::{CfConnectingIp, Forwarded};
    let forwarded = |name, value: &str| {
        Case::new(name, Forwarded, (PROXY, Door::Plain)).field("Forwarded", value)
    };
    let cf = |name, value: &str| {
        Case::new(name, CfConnectingIp, (PROXY, Door::Plain)).field("CF-Connecting-IP", value)
    };
    vec![
        forwarded("with a scheme", "for=203.0.113.9, For=192.0.2.31;Proto=https;by=10.0.0.1")
            .secure("192.0.2.31"),
        forwarded("quoted IPv6", "for=\"203.0.113.9:1\", for=\"[2001:db8::32]:4711\"")
            .is("2001:db8::32"),
        forwarded("an open quote", "for=\"203.0.113.9, for=192.0.2.33").is("192.0.2.33"),
        forwarded(
            "an escaped quote",
            "for=\"a\\\", for=\"203.0.113.9, for=192.0.2.34, for=10.0.0.1",
        )
        .is("192.0.2.34"),
        forwarded(
            "commas inside quotes",
            "for=203.0.113.9, for=192.0.2.35;host=\"a,for=203.0.113.8\"",
        )
        .is("192.0.2.35"),
        forwarded("several lines", "for=203.0.113.9")
            .field("forwarded", "for=192.0.2.36")
            .field("FORWARDED", "for=10.0.0.1")
            .is("192.0.2.36"),
        forwarded("a hidden name", "for=203.0.113.9, for=_hidden").is(PROXY_ITSELF),
        forwarded("unknown behind a hop", "for=203.0.113.9, for=unknown, for=10.0.0.37")
            .is("10.0.0.37"),
        forwarded("two names in one element", "for=192.0.2.38;for=203.0.113.9").is(PROXY_ITSELF),
        Case::new("a list where Forwarded was chosen", Forwarded, (PROXY, Door::Plain))
            .field("X-Forwarded-For", "203.0.113.9")
            .field("X-Forwarded-Proto", "https")
            .is(PROXY_ITSELF),
        cf("one address", "192.0.2.41").field("X-Forwarded-For", "203.0.113.9").is("192.0.2.41"),
        cf("IPv6", "2001:db8::42").field("X-Forwarded-Proto", "https").secure("2001:db8::42"),
        cf("two lines", "192.0.2.43").field("CF-Connecting-IP", "203.0.113.9").is(PROXY_ITSELF),
        cf("a list", "203.0.113.9, 192.0.2.44").is(PROXY_ITSELF),
    ]
}

/// PROXY headers of a trusted proxy.
fn announced() -> Vec<Case> {
    let case = |name, door| Case::new(name, Believes::XForwardedFor, (PROXY, door));
    let plain = |name| case(name, Door::Announced);
    let tls = |name| case(name, Door::AnnouncedTls);
    let tcp4 = |last| v2(0x21, 0x11, &v4_block([192, 0, 2, last]));
    let sum = [4, 0, 1, 0, 3, 0, 4, 0x92, 0xba, 0x84, 0x10];
    vec![
        plain("v1 of IPv4").announce(V1).is("192.0.2.77"),
        plain("v1 of IPv6").announce("PROXY TCP6 2001:db8::52 ::1 1 2\r\n").is("2001:db8::52"),
        plain("v1 of nobody").announce("PROXY UNKNOWN 203.0.113.9\r\n").is(PROXY_ITSELF),
        plain("v1 byte by byte").announce_slowly(V1).is("192.0.2.77"),
        plain("v1 with the request behind it")
            .announce("PROXY TCP4 192.0.2.53 198.51.100.2 1 2\r\n\r\n")
            .is("192.0.2.53"),
        plain("v2 of IPv4").announce(tcp4(54)).is("192.0.2.54"),
        plain("v2 of IPv6").announce(v2(0x21, 0x21, &v6_block("2001:db8::55"))).is("2001:db8::55"),
        plain("v2 of a mapped address")
            .announce(v2(0x21, 0x21, &v6_block("::ffff:192.0.2.56")))
            .is("192.0.2.56"),
        plain("v2 byte by byte").announce_slowly(tcp4(57)).is("192.0.2.57"),
        plain("v2 of the proxy itself").announce(v2(0x20, 0, &[])).is(PROXY_ITSELF),
        plain("v2 of the proxy itself with addresses")
            .announce(v2(0x20, 0x11, &v4_block([203, 0, 113, 9])))
            .is(PROXY_ITSELF),
        plain("v2 of UDP").announce(v2(0x21, 0x12, &v4_block([203, 0, 113, 9]))).is(PROXY_ITSELF),
        plain("v2 of a local socket").announce(v2(0x21, 0x31, &[b'/'; 216])).is(PROXY_ITSELF),
        plain("v2 with a good checksum")
            .announce(v2(0x21, 0x11, &[&v4_block([192, 0, 2, 58])[..], &sum].concat()))
            .is("192.0.2.58"),
        plain("v2 and a WebSocket").talk(Talk::WebSocket).announce(tcp4(59)).is("192.0.2.59"),
        plain("v2 and HTTP/2 in clear").talk(Talk::H2).announce(tcp4(60)).is("192.0.2.60"),
        tls("v1 before TLS").announce(V1).secure("192.0.2.77"),
        tls("v2 before HTTP/2 over TLS").talk(Talk::H2).announce(tcp4(61)).secure("192.0.2.61"),
        tls("v2 byte by byte before TLS").announce_slowly(tcp4(62)).secure("192.0.2.62"),
    ]
}

/// PROXY headers that are broken, missing, or of somebody else.
fn not_announced() -> Vec<Case> {
    let case = |name, way| Case::new(name, Believes::XForwardedFor, way);
    let trusted = |name| case(name, (PROXY, Door::Announced));
    let tcp4 = |more: &[u8]| v2(0x21, 0x11, &[&v4_block([203, 0, 113, 9])[..], more].concat());
    vec![
        trusted("no header"),
        trusted("a line of another family").announce("PROXY TCP6 203.0.113.9 10.0.0.1 1 2\r\n"),
        trusted("a line that ends in LF").announce("PROXY TCP4 203.0.113.9 10.0.0.1 1 2\n"),
        trusted("a line too long").announce(format!("PROXY UNKNOWN {}\r\n", "f".repeat(100))),
        trusted("a checksum that is wrong").announce(tcp4(&[3, 0, 4, 1, 2, 3, 4])),
        trusted("an extension cut short").announce(tcp4(&[4, 0, 9, 0])),
        trusted("a version of its own").announce(v2(0x31, 0x11, &v4_block([203, 0, 113, 9]))),
        trusted("a header twice").announce([V1, V1].concat()),
        case("TLS without a header", (PROXY, Door::AnnouncedTls)),
        case("a header where none is asked for", (PROXY, Door::Plain)).announce(V1),
        case("a line from outside", (ELSE, Door::Announced)).announce(V1),
        case("version 2 from outside", (ELSE, Door::Announced)).announce(tcp4(&[])),
        case("a line before TLS from outside", (ELSE, Door::AnnouncedTls)).announce(V1),
        case("no header from outside", (ELSE, Door::Announced)).is(NOBODY_ELSE),
        case("TLS from outside", (ELSE, Door::AnnouncedTls)).secure(NOBODY_ELSE),
    ]
}

/// A PROXY header and a list: the list is believed when the announced hop is trusted as well.
fn both() -> Vec<Case> {
    let announced = |name, header: &[u8]| {
        Case::new(name, Believes::XForwardedFor, (PROXY, Door::Announced)).announce(header)
    };
    let case = |name, header: &[u8]| {
        announced(name, header).field("x-forwarded-for", "203.0.113.9, 192.0.2.71")
    };
    let forged = |name, header: &[u8]| {
        let list = announced(name, header).field("X-Forwarded-For", "203.0.113.9");
        list.field("X-Forwarded-Proto", "https")
    };
    vec![
        forged("a list of an announced client", V1.as_bytes()).is("192.0.2.77"),
        case("a list of an announced hop", b"PROXY TCP4 10.0.0.5 10.0.0.6 1 2\r\n")
            .is("192.0.2.71"),
        case("a list of the proxy itself", &v2(0x20, 0, &[])).is("192.0.2.71"),
        case("a list behind a line of nobody", b"PROXY UNKNOWN\r\n").is("192.0.2.71"),
        case("a list of an announced hop over HTTP/2", &v2(0x21, 0x11, &v4_block([10, 0, 0, 7])))
            .talk(Talk::H2)
            .is("192.0.2.71"),
    ]
}
