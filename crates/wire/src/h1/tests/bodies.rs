use super::*;

/// Where a chunked body ends, fed at once and byte by byte.
fn scan(bytes: &[u8]) -> Result<ChunkStep, HeadFault> {
    let at_once = ChunkScanner::new().feed(bytes);
    let mut scanner = ChunkScanner::new();
    let mut stepwise = Ok(ChunkStep::More);
    for (index, byte) in bytes.iter().enumerate() {
        match scanner.feed(&[*byte]) {
            Ok(ChunkStep::More) => {}
            Ok(ChunkStep::Done { consumed }) => {
                stepwise = Ok(ChunkStep::Done { consumed: index + consumed });
                break;
            }
            Err(fault) => {
                stepwise = Err(fault);
                break;
            }
        }
    }
    assert_eq!(at_once, stepwise, "{}", String::from_utf8_lossy(bytes));
    at_once
}

#[test]
fn a_body_ends_behind_its_last_chunk_and_trailers() {
    for body in [
        "0\r\n\r\n",
        "5\r\nhello\r\n0\r\n\r\n",
        "5;a=\"b c\"\r\nhello\r\n00;x\r\n\r\n",
        "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n",
        "5\r\nhello\r\n0\r\nChecksum: x\r\nServer-Timing:\t\r\n\r\n",
    ] {
        let followed = format!("{body}GET / HTTP/1.1\r\n");
        assert_eq!(scan(followed.as_bytes()), Ok(ChunkStep::Done { consumed: body.len() }));
        for end in 0..body.len() {
            assert_eq!(scan(&body.as_bytes()[..end]), Ok(ChunkStep::More));
        }
    }
}

#[test]
fn a_chunk_that_another_parser_might_end_elsewhere_is_refused() {
    for (name, body, fault) in [
        ("no size", &b"\r\nhello"[..], HeadFault::ChunkSize),
        ("no digit", b"x\r\n", HeadFault::ChunkSize),
        ("prefixed size", b"0x5\r\nhello\r\n", HeadFault::ChunkSize),
        ("signed size", b"+5\r\nhello\r\n", HeadFault::ChunkSize),
        ("space in front", b" 5\r\nhello\r\n", HeadFault::ChunkSize),
        ("space behind", b"5 \r\nhello\r\n", HeadFault::ChunkSize),
        ("extension without size", b";a\r\n", HeadFault::ChunkSize),
        ("size of 17 digits", b"00000000000000005\r\n", HeadFault::ChunkSize),
        ("size ends in LF", b"5\nhello\r\n", HeadFault::BareLf),
        ("size ends in CR", b"5\rhello\r\n", HeadFault::BareCr),
        ("data too long", b"5\r\nhello!\r\n", HeadFault::ChunkEnd),
        ("data ends in LF", b"5\r\nhello\n0\r\n\r\n", HeadFault::ChunkEnd),
        ("data ends in CR", b"5\r\nhello\r0\r\n\r\n", HeadFault::ChunkEnd),
        ("LF in extension", b"5;a\nhello\r\n", HeadFault::BareLf),
        ("CR in extension", b"5;a\rb\r\nhello\r\n", HeadFault::BareCr),
        ("NUL in extension", b"5;\0\r\nhello\r\n", HeadFault::Control),
        ("extension above ASCII", b"5;\xff\r\nhello\r\n", HeadFault::Control),
        ("body ends in CR", b"0\r\n\rG", HeadFault::BareCr),
        ("body ends in LF", b"0\r\n\n", HeadFault::BareLf),
    ] {
        assert_eq!(scan(body), Err(fault), "{name}");
    }
}

#[test]
fn a_trailer_keeps_the_grammar_of_a_field_and_decides_nothing() {
    for (name, trailer, fault) in [
        ("length", &b"Content-Length: 5\r\n"[..], HeadFault::TrailerName),
        ("coding", b"transfer-encoding: chunked\r\n", HeadFault::TrailerName),
        ("host", b"Host: b\r\n", HeadFault::TrailerName),
        ("cookie", b"Cookie: a\r\n", HeadFault::TrailerName),
        ("client address", b"X-Forwarded-For: 192.0.2.1\r\n", HeadFault::TrailerName),
        ("connection", b"Connection: close\r\n", HeadFault::TrailerName),
        ("content", b"Content-Type: x\r\n", HeadFault::TrailerName),
        ("folding", b"A: b\r\n c\r\n", HeadFault::Folded),
        ("space before colon", b"A : b\r\n", HeadFault::SpaceBeforeColon),
        ("underscore", b"A_B: c\r\n", HeadFault::Underscore),
        ("no name", b": c\r\n", HeadFault::FieldName),
        ("no colon", b"abc\r\n", HeadFault::FieldName),
        ("bare LF", b"A: b\n", HeadFault::BareLf),
        ("bare CR", b"A: b\rc\r\n", HeadFault::BareCr),
        ("NUL", b"A: \0\r\n", HeadFault::Control),
    ] {
        assert_eq!(scan(&[b"0\r\n", trailer].concat()), Err(fault), "{name}");
    }
    for trailer in ["Transfer-Encodings: x", "Hos: x", "X-Forwarded: x"] {
        let body = format!("0\r\n{trailer}\r\n\r\n");
        assert!(matches!(scan(body.as_bytes()), Ok(ChunkStep::Done { .. })), "{trailer}");
    }
}

#[test]
fn extensions_and_trailers_may_be_as_long_as_their_limits() {
    let extended = |bytes: usize| {
        let half = "x".repeat(bytes / 2);
        let rest = "x".repeat(bytes - bytes / 2);
        scan(format!("1;{half}\r\na\r\n0;{rest}\r\n\r\n").as_bytes())
    };
    let most = usize::from(EXTENSION_BYTES_MAX);
    assert!(matches!(extended(most), Ok(ChunkStep::Done { .. })));
    assert_eq!(extended(most + 1), Err(HeadFault::ExtensionsTooLong));

    let trailed =
        |bytes: usize| scan(format!("0\r\nA: {}\r\n\r\n", "x".repeat(bytes - 5)).as_bytes());
    let most = usize::from(TRAILER_BYTES_MAX);
    assert!(matches!(trailed(most), Ok(ChunkStep::Done { .. })));
    assert_eq!(trailed(most + 1), Err(HeadFault::TrailersTooLong));

    let fields =
        |count: u8| scan(format!("0\r\n{}\r\n", "A: b\r\n".repeat(count.into())).as_bytes());
    assert!(matches!(fields(TRAILER_FIELDS_MAX), Ok(ChunkStep::Done { .. })));
    assert_eq!(fields(TRAILER_FIELDS_MAX + 1), Err(HeadFault::TrailersTooLong));
}

#[test]
fn the_largest_size_is_counted_down_without_overflow() {
    let mut scanner = ChunkScanner::new();
    assert_eq!(scanner.feed(b"ffffffffffffffff\r\n"), Ok(ChunkStep::More));
    assert_eq!(scanner.feed(&[0; 4096]), Ok(ChunkStep::More));
}
