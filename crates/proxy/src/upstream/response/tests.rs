use super::*;
use http::HeaderName;
use proptest::prelude::*;
use seawall_engine::admission::Kind;

fn parsed(method: &Method, text: &str) -> Result<Option<Said>, ResponseFault> {
    parse(&mut BytesMut::from(text), method, &mut Room::default())
}

fn final_head(text: &str) -> ResponseHead {
    match parsed(&Method::GET, text) {
        Ok(Some(Said::Final(head))) => head,
        other => panic!("{text:?}: {other:?}"),
    }
}

#[test]
fn a_head_is_taken_out_and_the_body_left() {
    let mut buffer =
        BytesMut::from("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nETag: \"x\"\r\n\r\nabc");
    let Ok(Some(Said::Final(head))) = parse(&mut buffer, &Method::GET, &mut Room::default()) else {
        panic!("not final")
    };
    assert_eq!(&buffer[..], b"abc");
    assert_eq!(head.parts.status, 200);
    assert_eq!(head.parts.headers["etag"], "\"x\"");
    assert_eq!(head.framing, Framing::Length(3));
    assert!(head.persists);
}

#[test]
fn what_concerns_our_connection_does_not_reach_the_client() {
    let head = final_head(
        "HTTP/1.1 200 OK\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\n\
         Seawall-Verdict: admit\r\nUpgrade: h2c\r\nTransfer-Encoding: chunked\r\nX-Kept:\r\n\r\n",
    );
    let names: Vec<_> = head.parts.headers.keys().map(HeaderName::as_str).collect();
    assert_eq!(names, ["x-kept"]);
    assert!(!head.persists);
    assert_eq!(head.framing, Framing::chunked());
}

#[test]
fn interim_answers_are_told_without_our_fields_and_partial_ones_awaited() {
    let mut buffer = BytesMut::from(
        "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nConnection: x-hop\r\nX-Hop: 1\r\n\r\nHTTP/1.1 204 No",
    );
    let Ok(Some(Said::Interim(interim))) = parse(&mut buffer, &Method::GET, &mut Room::default())
    else {
        panic!("not interim")
    };
    assert_eq!((interim.status.as_u16(), interim.fields.len()), (103, 1));
    assert!(matches!(parse(&mut buffer, &Method::GET, &mut Room::default()), Ok(None)));
    buffer.extend_from_slice(b" Content\r\n\r\n");
    let Ok(Some(Said::Final(head))) = parse(&mut buffer, &Method::GET, &mut Room::default()) else {
        panic!("not final")
    };
    assert_eq!((head.parts.status.as_u16(), head.framing), (204, Framing::Ended));
}

#[test]
fn an_answer_whose_end_is_in_doubt_is_refused() {
    for (start, fields) in [
        ("HTTP/1.1 200 OK", "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"),
        ("HTTP/1.1 200 OK", "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n"),
        ("HTTP/1.1 200 OK", "Content-Length: 3\r\nContent-Length: 3\r\n"),
        ("HTTP/1.1 200 OK", "Content-Length: 3\r\nContent-Length: 4\r\n"),
        ("HTTP/1.1 200 OK", "Content-Length: +3\r\n"),
        ("HTTP/1.1 200 OK", "Content-Length: -3\r\n"),
        ("HTTP/1.1 200 OK", "Content-Length: 0x3\r\n"),
        ("HTTP/1.1 200 OK", "Content-Length: 3 3\r\n"),
        ("HTTP/1.1 200 OK", "Content-Length: 3, 3\r\n"),
        ("HTTP/1.1 200 OK", "Content-Length:\r\n"),
        ("HTTP/1.1 200 OK", "Content-Length: 1000000000000000000\r\n"),
        ("HTTP/1.1 200 OK", "Content-Length: 99999999999999999999\r\n"),
        ("HTTP/1.1 200 OK", "Transfer-Encoding: gzip, chunked\r\n"),
        ("HTTP/1.1 200 OK", "Transfer-Encoding: chunked, gzip\r\n"),
        ("HTTP/1.1 200 OK", "Transfer-Encoding: gzip\r\n"),
        ("HTTP/1.1 200 OK", "Transfer-Encoding: identity\r\n"),
        ("HTTP/1.1 200 OK", "Transfer-Encoding: \x0bchunked\r\n"),
        ("HTTP/1.1 200 OK", "Transfer-Encoding:\r\n"),
        ("HTTP/1.1 200 OK", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
        ("HTTP/1.0 200 OK", "Transfer-Encoding: chunked\r\n"),
        ("HTTP/1.1 204 No Content", "Content-Length: 3\r\n"),
        ("HTTP/1.1 204 No Content", "Transfer-Encoding: chunked\r\n"),
        ("HTTP/1.1 101 Switching Protocols", "Transfer-Encoding: chunked\r\n"),
        ("HTTP/1.1 103 Early Hints", "Content-Length: 3\r\n"),
        ("HTTP/1.1 103 Early Hints", "Transfer-Encoding: chunked\r\n"),
    ] {
        let text = format!("{start}\r\n{fields}\r\n");
        let fault = parsed(&Method::GET, &text).unwrap_err();
        let expected =
            if text.contains('\x0b') { ResponseFault::Grammar } else { ResponseFault::Length };
        assert_eq!(fault, expected, "{text:?}");
    }
}

#[test]
fn a_head_that_two_readers_could_read_in_two_ways_is_refused() {
    for head in [
        "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n",
        "HTTP/1.1 200 OK\r\n X: a\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX : a\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX\t: a\r\n\r\n",
        "HTTP/1.1 200 OK\r\n: a\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\nY: b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: \nY: b\r\n\r\n",
        "HTTP/1.1 200 OK\nX: a\r\n\r\n",
        "HTTP/1.1 200 OK\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\r\n\n",
        "HTTP/1.1 200 OK\n\n",
        "\r\nHTTP/1.1 200 OK\r\n\r\n",
        "\nHTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\x7fb\r\n\r\n",
        "HTTP/1.1  200 OK\r\n\r\n",
        "HTTP/1.1\t200 OK\r\n\r\n",
        "HTTP/1.1 +20 OK\r\n\r\n",
        "HTTP/1.1 099 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.2 200 OK\r\n\r\n",
        "HTTP/2.0 200 OK\r\n\r\n",
        "http/1.1 200 OK\r\n\r\n",
    ] {
        assert_eq!(parsed(&Method::GET, head).unwrap_err(), ResponseFault::Grammar, "{head:?}");
    }
}

#[test]
fn what_is_unusual_and_clear_passes() {
    for head in [
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200\r\n\r\n",
        "HTTP/1.1 200 \r\nX:\r\nY: \t \r\n\r\n",
        "HTTP/1.1 299 Quite \u{e9}\r\nx_y: \u{e9}\r\n\r\n",
        "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n",
    ] {
        assert!(matches!(parsed(&Method::GET, head), Ok(Some(Said::Final(_)))), "{head:?}");
    }
}

#[test]
fn a_body_that_cannot_be_there_is_not_awaited() {
    let text = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n";
    let Ok(Some(Said::Final(head))) = parsed(&Method::HEAD, text) else { panic!("not final") };
    assert_eq!(head.framing, Framing::Ended);
    assert_eq!(head.parts.headers["content-length"], "3");
    assert_eq!(final_head("HTTP/1.1 304 Not Modified\r\n\r\n").framing, Framing::Ended);
    let old = final_head("HTTP/1.0 200 OK\r\n\r\n");
    assert_eq!((old.framing, old.persists), (Framing::ToClose, false));
}

#[test]
fn what_a_head_tells_us_is_what_its_fields_say() {
    let lines = [
        "Content-Type: text/event-stream;charset=utf-8",
        "content-type: application/grpc+proto",
        "Content-Type: text/html",
        "Content-Length: 7",
        "Set-Cookie: a=b",
        "Server: x",
    ];
    for (nth, first) in lines.iter().enumerate() {
        for second in lines.iter().skip(nth + 1).chain(&lines[..nth]) {
            let head = final_head(&format!("HTTP/1.1 200 OK\r\n{first}\r\n{second}\r\n\r\n"));
            assert_eq!(head.tells, Tells::of(&head.parts.headers), "{first}, {second}");
        }
    }
    let tells = final_head("HTTP/1.1 200 OK\r\nSet-Cookie: a\r\nContent-Length: 9\r\n\r\n").tells;
    assert_eq!(tells, Tells { length: Some(9), lasts: false, sets_cookies: true });
    let kind = |method: &Method, status| tells.head(method, status).kind;
    assert_eq!(kind(&Method::GET, StatusCode::SWITCHING_PROTOCOLS), Kind::Lasting);
    let length = |method: &Method, status| tells.head(method, status).length;
    assert_eq!(length(&Method::GET, StatusCode::OK), Some(9));
    assert_eq!(length(&Method::HEAD, StatusCode::OK), None);
    assert_eq!(length(&Method::GET, StatusCode::NOT_MODIFIED), None);
}

#[test]
fn a_head_beyond_its_bounds_is_refused() {
    let endless = format!("HTTP/1.1 200 OK\r\nX: {}", "a".repeat(HEAD_MAX));
    assert_eq!(parsed(&Method::GET, &endless).unwrap_err(), ResponseFault::TooLarge);
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "X: a\r\n".repeat(FIELDS_MAX + 1));
    assert_eq!(parsed(&Method::GET, &many).unwrap_err(), ResponseFault::TooLarge);
    assert_eq!(parsed(&Method::GET, "SSH-2.0-OpenSSH\r\n").unwrap_err(), ResponseFault::Grammar);
}

/// A head of any origin: fields of any bytes that values may hold, and some that they may not.
/// Heads as origins say them, that differ in little.
fn usual_head() -> impl Strategy<Value = Vec<u8>> {
    let statuses = ["200 OK", "204 No Content", "304 Not Modified", "404 Not Found", "200 Fine"];
    let lines = [
        "Content-Length: 9",
        "Content-Length: 0",
        "Transfer-Encoding: chunked",
        "Connection: close",
        "Connection: x-hop",
        "X-Hop: 1",
        "Content-Type: text/html",
        "Content-Type: text/event-stream",
        "Set-Cookie: a=b",
        "Set-Cookie: c=d",
    ];
    let lines = proptest::collection::vec(proptest::sample::select(lines.to_vec()), 0..4);
    (proptest::sample::select(statuses.to_vec()), lines).prop_map(|(status, lines)| {
        let lines = [&[status][..], &lines, &["\r\n"]].concat().join("\r\n");
        format!("HTTP/1.1 {lines}").into_bytes()
    })
}

#[test]
fn a_head_is_not_read_a_third_time_and_what_differs_by_one_byte_is() {
    let mut room = Room::default();
    let mut read = |text: &str| {
        parse(&mut BytesMut::from(text), &Method::GET, &mut room).unwrap();
        room.same.take(&mut BytesMut::from(text), &Method::GET).is_some()
    };
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nETag: \"x\"\r\n\r\n";
    assert_eq!([head, head, head].map(&mut read), [false, true, true]);
    let other = head.replace("\"x\"", "\"y\"");
    assert_eq!([&*other, head, &*other, &*other].map(&mut read), [false, false, false, true]);
    let long = head.replace('x', &"x".repeat(1024));
    assert_eq!([&*long, &*long, &*long].map(&mut read), [false, false, false]);
    let worded = head.replace("OK", "Fine");
    assert_eq!([&*worded, &*worded, &*worded].map(&mut read), [false, false, false]);
}

fn any_head() -> impl Strategy<Value = Vec<u8>> {
    let field = ("[a-zA-Z_-]{1,12}", "[ \t]{0,2}[!-~\u{e9}]{0,20}[ \t\u{0}\r]{0,2}");
    let line = field.prop_map(|(name, value)| format!("{name}:{value}\r\n"));
    let lines = proptest::collection::vec(line, 0..12);
    (100_u16..600, lines).prop_map(|(status, lines)| {
        format!("HTTP/1.1 {status} X\r\n{}\r\n", lines.concat()).into_bytes()
    })
}

proptest! {
    #[test]
    fn hostile_heads_end_in_an_error_or_wait_and_never_panic(bytes in any::<Vec<u8>>()) {
        let start = b"HTTP/1.1 200 OK\r\n".as_slice();
        for bytes in [bytes.as_slice(), &[start, &bytes].concat()] {
            let _ = parse(&mut BytesMut::from(bytes), &Method::GET, &mut Room::default());
        }
    }

    #[test]
    fn what_a_connection_said_before_changes_no_head(
        heads in proptest::collection::vec(any_head(), 1..4),
        order in proptest::collection::vec(any::<proptest::sample::Index>(), 1..12),
    ) {
        let mut room = Room::default();
        for nth in order {
            let mut head = BytesMut::from(&nth.get(&heads)[..]);
            let anew = parse(&mut head.clone(), &Method::GET, &mut Room::default());
            let again = parse(&mut head, &Method::GET, &mut room);
            prop_assert_eq!(format!("{again:?}"), format!("{anew:?}"));
        }
    }

    #[test]
    fn a_head_that_comes_again_is_read_as_anew(
        heads in proptest::collection::vec(usual_head(), 2),
        order in proptest::collection::vec((0..2_usize, any::<bool>()), 1..24),
    ) {
        let mut room = Room::default();
        for (nth, is_head) in order {
            let method = if is_head { Method::HEAD } else { Method::GET };
            let mut buffer = BytesMut::from(&heads[nth][..]);
            buffer.extend_from_slice(b"behind it");
            let mut fresh = buffer.clone();
            let anew = parse(&mut fresh, &method, &mut Room::default());
            let again = parse(&mut buffer, &method, &mut room);
            prop_assert_eq!(format!("{again:?}"), format!("{anew:?}"));
            prop_assert_eq!(buffer, fresh);
            // A request's fields lend their room, as they do on the way.
            room.lend(HeaderMap::with_capacity(8));
        }
    }

    #[test]
    fn a_head_says_the_same_however_it_arrives(head in any_head()) {
        let whole = parse(&mut BytesMut::from(&head[..]), &Method::GET, &mut Room::default());
        let mut buffer = BytesMut::new();
        for (at, byte) in head.iter().enumerate() {
            buffer.extend_from_slice(&[*byte]);
            match parse(&mut buffer, &Method::GET, &mut Room::default()) {
                Ok(None) => prop_assert!(at + 1 < head.len()),
                // A fault may show before the end.
                Err(_) => {
                    prop_assert!(whole.is_err());
                    break;
                }
                Ok(Some(said)) => {
                    prop_assert_eq!(at + 1, head.len());
                    prop_assert_eq!(format!("{said:?}"), format!("{:?}", whole.unwrap().unwrap()));
                    break;
                }
            }
        }
    }
}
