//! The promises of the fuzz targets, on inputs that are put together from meaningful pieces.
//!
//! Random bytes seldom get past the first line of a head; pieces of real messages do.

#[path = "../../../fuzz/src/lib.rs"]
pub mod checks;

use proptest::prelude::*;

fn pieces_of(words: &'static [&'static [u8]], most: usize) -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        9 => prop::sample::select(words).prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(piece, 0..most).prop_map(|pieces| pieces.concat())
}

const REQUESTS: &[&[u8]] = &[
    b"GET / HTTP/1.1\r\n",
    b"POST /a?b HTTP/1.1\r\n",
    b"GET http://a/ HTTP/1.1\r\n",
    b"PUT / HTTP/1.0\r\n",
    b"Host: a\r\n",
    b"Host: a:80\r\n",
    b"Content-Length: 3\r\n",
    b"Content-Length: 0\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Connection: close\r\n",
    b"Connection: upgrade\r\nUpgrade: x\r\n",
    b"X: y\r\n",
    b"\r\n",
    b"\r\n\r\n",
    b"abc",
    b"3\r\nabc\r\n",
    b"0\r\n\r\n",
    b"\n",
    b"\r",
    b" ",
    b":",
];

const GOOD_REQUESTS: &[&[u8]] = &[
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"\r\nHEAD /x HTTP/1.0\r\nhost: b.example:8080\r\nX-Y: z\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
    b"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\nT: u\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: [::1]\r\nAccept:\t*/*\r\nEmpty:\r\n\r\n",
];

const CHUNKS: &[&[u8]] = &[
    b"3\r\nabc\r\n",
    b"A;x=y\r\n0123456789\r\n",
    b"0\r\n",
    b"0;z\r\n",
    b"\r\n",
    b"Checksum: x\r\n",
    b"Host: x\r\n",
    b"\n",
    b"f",
];

const FRAMES: &[&[u8]] = &[
    b"\0\0\0\x04\0\0\0\0\0",
    b"\0\0\x06\x04\0\0\0\0\0\0\x03\0\0\0\x64",
    b"\0\0\x04\x08\0\0\0\0\0\0\x01\0\0",
    b"\0\0\x05\x02\0\0\0\0\x03\0\0\0\0\xc8",
    b"\0\0\x01\x01\x05\0\0\0\x01\x82",
    b"\0\0\x04\x01\x00\0\0\0\x03\x82\x84\x87\x41",
    b"\0\0\x03\x09\x04\0\0\0\x03\x81\x1f\x90",
    b"\0\0\x04\x01\x2d\0\0\0\x05\x01\x82\x84\x87",
    b"\0\0\x0c\x01\x05\0\0\0\x07\x40\x88\x25\xa8\x49\xe9\x5b\xa9\x7d\x7f\x01x",
    b"\0\0\x04\x03\0\0\0\0\x01\0\0\0\x08",
    b"\0\0\x03\0\x01\0\0\0\x01abc",
    b"\0\0\0\0\0\0\0\0\x01",
    b"\0\0\x08\x06\0\0\0\0\0\0\0\0\0\0\0\0\0",
];

const PROXY_HEADERS: &[&[u8]] = &[
    b"PROXY ",
    b"TCP4 ",
    b"TCP6 ",
    b"UNKNOWN",
    b"192.0.2.1 ",
    b"2001:db8::1 ",
    b"443",
    b"65535 ",
    b"\r\n",
    b"\r\n\r\n\0\r\nQUIT\n",
    b"\x21\x11\0\x0c\xc0\0\x02\x01\xc6\x33\x64\x02\0\x01\0\x02",
    b"\x21\x11\0\x13\xc0\0\x02\x01\xc6\x33\x64\x02\0\x01\0\x02\x03\0\x04",
    b"\x20\0\0\0",
    b"\x04\0\x01\0",
];

const NODES: &[&[u8]] = &[
    b"192.0.2.1",
    b"10.0.0.1",
    b"2001:db8::1",
    b"[2001:db8::1]:80",
    b"unknown",
    b"for=",
    b"proto=https",
    b"\"",
    b"\\",
    b";",
    b",",
    b", ",
    b"\n",
    b":80",
    b"_x",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn a_connection_is_judged_alike_however_it_is_split(bytes in pieces_of(REQUESTS, 16)) {
        checks::gate(&bytes);
    }

    #[test]
    fn good_requests_one_behind_the_other_are_read_as_another_parser_reads_them(
        bytes in pieces_of(GOOD_REQUESTS, 8),
    ) {
        checks::gate(&bytes);
    }

    #[test]
    fn a_chunked_body_ends_where_another_parser_finds_it(bytes in pieces_of(CHUNKS, 10)) {
        checks::chunked(&bytes);
    }

    #[test]
    fn frames_are_metered_alike_however_they_are_split(bytes in pieces_of(FRAMES, 40)) {
        checks::frames(&[b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", &bytes[..]].concat());
        checks::frames(&bytes);
    }

    #[test]
    fn proxy_headers_are_judged_alike_however_they_are_split(bytes in pieces_of(PROXY_HEADERS, 12)) {
        checks::proxy_header(&bytes);
        checks::proxy_header(&[b"PROXY TCP4 ", &bytes[..]].concat());
        checks::proxy_header(&[b"\r\n\r\n\0\r\nQUIT\n", &bytes[..]].concat());
    }

    #[test]
    fn a_forwarded_client_is_the_one_that_the_last_proxies_wrote(bytes in pieces_of(NODES, 20)) {
        checks::forwarded(&bytes);
    }

    #[test]
    fn any_bytes_are_taken_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        checks::gate(&bytes);
        checks::chunked(&bytes);
        checks::frames(&bytes);
        checks::code(&bytes);
        checks::proxy_header(&bytes);
        checks::forwarded(&bytes);
        checks::hello(&bytes);
        checks::hello(&[&[22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3], &bytes[..]].concat());
    }
}
