use super::*;

const FRAMINGS: &[Row] = &[
    ("empty length", b"Content-Length: \r\n", HeadFault::Length),
    ("signed length", b"Content-Length: +4\r\n", HeadFault::Length),
    ("negative length", b"Content-Length: -4\r\n", HeadFault::Length),
    ("hexadecimal length", b"Content-Length: 0x4\r\n", HeadFault::Length),
    ("listed length", b"Content-Length: 4, 4\r\n", HeadFault::Length),
    ("length with a fraction", b"Content-Length: 4.0\r\n", HeadFault::Length),
    ("length in two parts", b"Content-Length: 4 4\r\n", HeadFault::Length),
    ("length of 65 bits", b"Content-Length: 18446744073709551617\r\n", HeadFault::Length),
    ("length of 19 digits", b"Content-Length: 1000000000000000000\r\n", HeadFault::Length),
    ("differing lengths", b"Content-Length: 4\r\nContent-Length: 5\r\n", HeadFault::LengthRepeated),
    ("equal lengths", b"Content-Length: 4\r\ncontent-length: 4\r\n", HeadFault::LengthRepeated),
    (
        "length and coding",
        b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        HeadFault::LengthAndCoding,
    ),
    (
        "coding and length",
        b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        HeadFault::LengthAndCoding,
    ),
    ("coding xchunked", b"Transfer-Encoding: xchunked\r\n", HeadFault::Coding),
    ("coding identity", b"Transfer-Encoding: identity\r\n", HeadFault::Coding),
    ("no coding", b"Transfer-Encoding:\r\n", HeadFault::Coding),
    ("quoted coding", b"Transfer-Encoding: \"chunked\"\r\n", HeadFault::Coding),
    ("coding with parameter", b"Transfer-Encoding: chunked;q=1\r\n", HeadFault::Coding),
    ("chunked and identity", b"Transfer-Encoding: chunked, identity\r\n", HeadFault::Coding),
    ("gzip and chunked", b"Transfer-Encoding: gzip, chunked\r\n", HeadFault::Coding),
    ("chunked twice in a list", b"Transfer-Encoding: chunked, chunked\r\n", HeadFault::Coding),
    (
        "chunked twice",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        HeadFault::CodingRepeated,
    ),
    (
        "upgrade with a body",
        b"Connection: upgrade\r\nUpgrade: x\r\nContent-Length: 1\r\n",
        HeadFault::UpgradeWithBody,
    ),
    ("other expectation", b"Expect: 200-ok\r\n", HeadFault::Expect),
    ("listed expectation", b"Expect: 100-continue, 100-continue\r\n", HeadFault::Expect),
    ("empty expectation", b"Expect:\r\n", HeadFault::Expect),
    ("two expectations", b"Expect: 100-continue\r\nExpect: 100-continue\r\n", HeadFault::Expect),
];

#[test]
fn a_body_whose_end_two_parsers_could_see_elsewhere_is_refused() {
    check(b"POST / HTTP/1.1\r\nHost: a\r\n", FRAMINGS, b"\r\n");
}

const LENGTH: Row = ("a length", b"Content-Length: 1\r\n", HeadFault::BodyUnexpected);
const CHUNKS: Row = ("chunks", b"Transfer-Encoding: chunked\r\n", HeadFault::BodyUnexpected);

#[test]
fn a_body_where_none_is_expected_is_refused() {
    for method in ["GET", "HEAD", "TRACE"] {
        let front = format!("{method} / HTTP/1.1\r\nHost: a\r\n");
        check(front.as_bytes(), &[LENGTH, CHUNKS], b"\r\n");
    }
}

#[test]
fn a_coding_in_http_1_0_is_refused() {
    let (name, chunked, _) = CHUNKS;
    let row = (name, chunked, HeadFault::CodingInOld);
    check(b"POST / HTTP/1.0\r\nHost: a\r\n", &[row], b"\r\n");
}
