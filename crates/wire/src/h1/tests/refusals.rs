//! One row for each leniency of a stock engine that is refused, and for what it refuses well.

use super::*;

const REQUEST_LINES: &[Row] = &[
    ("two empty lines", b"\r\n\r\nGET / HTTP/1.1\r\n", HeadFault::RequestLine),
    ("space in front", b" GET / HTTP/1.1\r\n", HeadFault::Method),
    ("lower-case method", b"get / HTTP/1.1\r\n", HeadFault::Method),
    ("method with a digit", b"GET1 / HTTP/1.1\r\n", HeadFault::Method),
    ("no method", b"/ HTTP/1.1\r\n", HeadFault::Method),
    ("no target", b"GET HTTP/1.1\r\n", HeadFault::RequestLine),
    ("empty target", b"GET  HTTP/1.1\r\n", HeadFault::RequestLine),
    ("tab for space", b"GET\t/ HTTP/1.1\r\n", HeadFault::Method),
    ("two spaces", b"GET  / HTTP/1.1\r\n", HeadFault::Target),
    ("space in target", b"GET /a b HTTP/1.1\r\n", HeadFault::Target),
    ("space behind version", b"GET / HTTP/1.1 \r\n", HeadFault::Version),
    ("HTTP/0.9", b"GET /\r\n", HeadFault::Version),
    ("HTTP/1.2", b"GET / HTTP/1.2\r\n", HeadFault::Version),
    ("HTTP/1.9", b"GET / HTTP/1.9\r\n", HeadFault::Version),
    ("HTTP/2.0", b"GET / HTTP/2.0\r\n", HeadFault::Version),
    ("HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", HeadFault::Version),
    ("lower-case version", b"GET / http/1.1\r\n", HeadFault::Version),
    ("longer version", b"GET / HTTP/1.10\r\n", HeadFault::Version),
    ("bare LF", b"GET / HTTP/1.1\n", HeadFault::BareLf),
    ("fragment", b"GET /#x HTTP/1.1\r\n", HeadFault::Fragment),
    ("NUL in target", b"GET /\0 HTTP/1.1\r\n", HeadFault::Target),
    ("target above ASCII", b"GET /\xc3\xa9 HTTP/1.1\r\n", HeadFault::Target),
    ("CONNECT", b"CONNECT a:443 HTTP/1.1\r\n", HeadFault::Connect),
    ("authority form", b"GET a:80 HTTP/1.1\r\n", HeadFault::TargetForm),
    ("asterisk with GET", b"GET * HTTP/1.1\r\n", HeadFault::TargetForm),
    ("asterisk and more", b"OPTIONS *x HTTP/1.1\r\n", HeadFault::TargetForm),
    ("relative target", b"GET a/b HTTP/1.1\r\n", HeadFault::TargetForm),
    ("other scheme", b"GET ftp://a/ HTTP/1.1\r\n", HeadFault::TargetForm),
    ("absolute without host", b"GET http:///x HTTP/1.1\r\n", HeadFault::HostInvalid),
    ("absolute with user", b"GET http://u@a/ HTTP/1.1\r\n", HeadFault::HostInvalid),
];

#[test]
fn a_request_line_that_is_not_exactly_its_grammar_is_refused() {
    check(b"", REQUEST_LINES, b"");
    check(b"\r\n", &REQUEST_LINES[1..], b"");
}

const FIELD_LINES: &[Row] = &[
    ("folding", b"Host: a\r\n b\r\n", HeadFault::Folded),
    ("leading space", b" Host: a\r\n", HeadFault::Folded),
    ("leading tab", b"\tHost: a\r\n", HeadFault::Folded),
    ("space before colon", b"Host : a\r\n", HeadFault::SpaceBeforeColon),
    ("tab before colon", b"Host\t: a\r\n", HeadFault::SpaceBeforeColon),
    ("underscore", b"Content_Length: 1\r\n", HeadFault::Underscore),
    ("no name", b": a\r\n", HeadFault::FieldName),
    ("no colon", b"Host\r\n", HeadFault::FieldName),
    ("name in brackets", b"[Host]: a\r\n", HeadFault::FieldName),
    ("name above ASCII", b"H\xf6st: a\r\n", HeadFault::FieldName),
    ("NUL in name", b"Ho\0st: a\r\n", HeadFault::FieldName),
    ("bare LF", b"Host: a\n", HeadFault::BareLf),
    ("LF alone ends the head", b"Host: a\r\n\n", HeadFault::BareLf),
    ("NUL in value", b"Host: a\r\nX: \0\r\n\r\n", HeadFault::Control),
    ("vertical tab in front", b"Host: a\r\nX: \x0bchunked\r\n\r\n", HeadFault::Control),
    ("DEL in value", b"Host: a\r\nX: \x7f\r\n\r\n", HeadFault::Control),
    ("bare CR in value", b"Host: a\r\nX: b\rY: c\r\n\r\n", HeadFault::BareCr),
    ("CR CR LF", b"Host: a\r\nX: b\r\r\n\r\n", HeadFault::BareCr),
];

#[test]
fn a_field_line_that_could_be_read_in_two_ways_is_refused() {
    check(b"GET / HTTP/1.1\r\n", FIELD_LINES, b"");
}

const HOSTS: &[Row] = &[
    ("none", b"\r\n", HeadFault::HostMissing),
    ("two", b"Host: a\r\nHost: b\r\n", HeadFault::HostRepeated),
    ("two alike", b"Host: a\r\nhost: a\r\n", HeadFault::HostRepeated),
    ("empty", b"Host: \r\n", HeadFault::HostInvalid),
    ("space", b"Host: x y\r\n", HeadFault::HostInvalid),
    ("list", b"Host: a,b\r\n", HeadFault::HostInvalid),
    ("user", b"Host: u@a\r\n", HeadFault::HostInvalid),
    ("path", b"Host: a/b\r\n", HeadFault::HostInvalid),
    ("percent", b"Host: %61\r\n", HeadFault::HostInvalid),
    ("only a port", b"Host: :80\r\n", HeadFault::HostInvalid),
    ("empty port", b"Host: a:\r\n", HeadFault::HostInvalid),
    ("port of letters", b"Host: a:b\r\n", HeadFault::HostInvalid),
    ("port too high", b"Host: a:65536\r\n", HeadFault::HostInvalid),
    ("two ports", b"Host: a:1:2\r\n", HeadFault::HostInvalid),
    ("empty label", b"Host: a..b\r\n", HeadFault::HostInvalid),
    ("dot in front", b"Host: .a\r\n", HeadFault::HostInvalid),
    ("a dot", b"Host: .\r\n", HeadFault::HostInvalid),
    ("bracket open", b"Host: [::1\r\n", HeadFault::HostInvalid),
    ("no address", b"Host: [::g]\r\n", HeadFault::HostInvalid),
    ("zone", b"Host: [fe80::1%1]\r\n", HeadFault::HostInvalid),
];

#[test]
fn a_host_that_routing_cannot_rely_on_is_refused() {
    check(b"GET / HTTP/1.1\r\n", HOSTS, b"");
    check(b"GET / HTTP/1.0\r\n", HOSTS, b"");
}

const OTHER_HOSTS: &[Row] = &[
    ("another name", b"http://b/ HTTP/1.1\r\nHost: a\r\n", HeadFault::HostDiffers),
    ("another port", b"http://a:81/ HTTP/1.1\r\nHost: a\r\n", HeadFault::HostDiffers),
    ("the other scheme's port", b"https://a/ HTTP/1.1\r\nHost: a:80\r\n", HeadFault::HostDiffers),
];

#[test]
fn an_absolute_target_for_another_host_is_refused() {
    check(b"GET ", OTHER_HOSTS, b"\r\n");
}

#[test]
fn a_connection_option_may_not_drop_what_decides_the_request() {
    for options in [
        "close, transfer-encoding",
        "Content-Length",
        "keep-alive,host",
        "Authorization",
        "cookie",
        "forwarded",
        "X-Real-IP",
        "X-Forwarded-For",
        "x-forwarded-anything",
    ] {
        let head = format!("GET / HTTP/1.1\r\nHost: a\r\nConnection: {options}\r\n");
        assert_eq!(verdict(head.as_bytes()), Err(HeadFault::ConnectionNames), "{options}");
    }
}

#[test]
fn every_fault_has_a_status_of_the_contract_and_a_sentence() {
    for fault in HeadFault::ALL {
        assert!(matches!(fault.status(), 400 | 414 | 417 | 431), "{fault:?}");
        assert!(fault.sentence().ends_with('.'), "{fault:?}");
        let oversize = fault.reason() == seawall_types::Reason::Oversize;
        let usual = if *fault == HeadFault::Expect { 417 } else { 400 };
        assert!(oversize || fault.status() == usual, "{fault:?}");
    }
}
