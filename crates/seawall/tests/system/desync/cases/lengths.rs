//! Cases about who says how long a body is: `Content-Length`, `Transfer-Encoding`, `Expect`.

use super::super::case::{Case, SMUGGLED, bytes, get, post};

pub(super) fn cases() -> Vec<Case> {
    [both(), codings(), lengths(), expectations()].concat()
}

/// Two lengths in one head.
fn both() -> Vec<Case> {
    let chunked = "Transfer-Encoding: chunked\r\n";
    let length = SMUGGLED.len() + "EVIL".len() + 5;
    vec![
        post(
            "CL.TE",
            &format!("Content-Length: {length}\r\n{chunked}"),
            &format!("0\r\n\r\n{SMUGGLED}"),
        ),
        post(
            "TE.CL",
            &format!("{chunked}Content-Length: 4\r\n"),
            &format!("1f\r\n{SMUGGLED}\r\n0\r\n\r\n"),
        ),
        post("CL.TE of nothing", &format!("Content-Length: 0\r\n{chunked}"), SMUGGLED),
        post("TE.0", chunked, SMUGGLED),
        post("0.CL", "Content-Length: 0\r\n", SMUGGLED),
        post("CL.0", "Content-Length: 60\r\n", SMUGGLED),
        bytes(
            "OPTIONS with TE.0",
            &format!("OPTIONS PATH HTTP/1.1\r\nHost: HOST\r\n{chunked}\r\n0\r\n\r\n{SMUGGLED}"),
        ),
        bytes(
            "a GET with a length",
            &format!("GET PATH HTTP/1.1\r\nHost: HOST\r\nContent-Length: 50\r\n\r\n{SMUGGLED}"),
        ),
        bytes(
            "a GET with chunks",
            &format!("GET PATH HTTP/1.1\r\nHost: HOST\r\n{chunked}\r\n0\r\n\r\n{SMUGGLED}"),
        ),
        bytes(
            "a HEAD with a length",
            &format!("HEAD PATH HTTP/1.1\r\nHost: HOST\r\nContent-Length: 5\r\n\r\n{SMUGGLED}"),
        ),
        bytes(
            "HTTP/1.0 with chunks",
            &format!(
                "POST PATH HTTP/1.0\r\nHost: HOST\r\nConnection: keep-alive\r\n{chunked}\r\n0\r\n\r\n{SMUGGLED}"
            ),
        ),
        bytes(
            "HTTP/1.0 with both",
            &format!(
                "POST PATH HTTP/1.0\r\nHost: HOST\r\nConnection: keep-alive\r\nContent-Length: 5\r\n{chunked}\r\n0\r\n\r\n{SMUGGLED}"
            ),
        ),
        post("a body without any length", "", SMUGGLED),
    ]
}

/// `chunked` said so that only some understand it.
fn codings() -> Vec<Case> {
    [
        ("a space before the colon", "Transfer-Encoding : chunked"),
        ("a tab before the colon", "Transfer-Encoding\t: chunked"),
        ("a tab before the value", "Transfer-Encoding:\tchunked"),
        ("a vertical tab before the value", "Transfer-Encoding: \x0bchunked"),
        ("a form feed behind the value", "Transfer-Encoding: chunked\x0c"),
        ("a no-break space before the value", "Transfer-Encoding:\u{a0}chunked"),
        ("capitals", "Transfer-Encoding: ChUnKeD"),
        ("twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
        ("with identity behind", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"),
        ("with identity in front", "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked"),
        ("a list", "Transfer-Encoding: chunked, chunked"),
        ("a list with identity", "Transfer-Encoding: chunked, identity"),
        ("a list with gzip", "Transfer-Encoding: gzip, chunked"),
        ("an empty list element", "Transfer-Encoding: , chunked"),
        ("a comma behind", "Transfer-Encoding: chunked,"),
        ("quotes", "Transfer-Encoding: \"chunked\""),
        ("a parameter", "Transfer-Encoding: chunked;x"),
        ("another word", "Transfer-Encoding: xchunked"),
        ("a word behind", "Transfer-Encoding: chunked x"),
        ("identity", "Transfer-Encoding: identity"),
        ("nothing", "Transfer-Encoding:"),
        ("an underscore", "Transfer_Encoding: chunked"),
        ("a NUL behind", "Transfer-Encoding: chunked\0"),
        ("folded", "Transfer-Encoding:\r\n chunked"),
        ("folded before", "X: y\r\n Transfer-Encoding: chunked"),
        ("behind a bare LF", "X: y\nTransfer-Encoding: chunked"),
        ("behind a bare CR", "X: y\rTransfer-Encoding: chunked"),
    ]
    .into_iter()
    .map(|(name, line)| {
        let fields = format!("Content-Length: 5\r\n{line}\r\n");
        post(&format!("TE.TE: {name}"), &fields, &format!("0\r\n\r\n{SMUGGLED}"))
    })
    .chain(
        [
            ("alone, in capitals", "CHUNKED"),
            ("alone, a parameter", "chunked;q=1"),
            ("alone, a list", "gzip, chunked"),
        ]
        .into_iter()
        .map(|(name, value)| {
            let fields = format!("Transfer-Encoding: {value}\r\n");
            post(&format!("TE {name}"), &fields, &format!("0\r\n\r\n{SMUGGLED}"))
        }),
    )
    .collect()
}

/// A length that two parsers read as two numbers.
fn lengths() -> Vec<Case> {
    [
        ("a plus", "Content-Length: +5"),
        ("a minus", "Content-Length: -5"),
        ("a minus nought", "Content-Length: -0"),
        ("hexadecimal", "Content-Length: 0x5"),
        ("zeros in front", "Content-Length: 0005"),
        ("a list of equals", "Content-Length: 5, 5"),
        ("a list of two", "Content-Length: 5, 0"),
        ("equal twice", "Content-Length: 5\r\nContent-Length: 5"),
        ("unequal twice", "Content-Length: 5\r\nContent-Length: 0"),
        ("unequal twice, the shorter first", "Content-Length: 0\r\nContent-Length: 5"),
        ("spaces inside", "Content-Length: 5 0"),
        ("spaces around", "Content-Length:   5   "),
        ("a tab behind", "Content-Length: 5\t"),
        ("nothing", "Content-Length:"),
        ("a word", "Content-Length: five"),
        ("a fraction", "Content-Length: 5.0"),
        ("an exponent", "Content-Length: 5e0"),
        ("an underscore", "Content-Length: 5_0"),
        ("64 bits and one more", "Content-Length: 18446744073709551621"),
        ("32 bits and five", "Content-Length: 4294967301"),
        ("forty digits", "Content-Length: 0000000000000000000000000000000000000005"),
        ("digits of another script", "Content-Length: \u{b2}"),
        ("a space before the colon", "Content-Length : 5"),
        ("an underscore in the name", "Content_Length: 5"),
        ("folded", "Content-Length:\r\n 5"),
        ("behind a bare LF", "X: y\nContent-Length: 5"),
    ]
    .into_iter()
    .map(|(name, line)| {
        post(&format!("CL: {name}"), &format!("{line}\r\n"), &format!("hello{SMUGGLED}"))
    })
    .collect()
}

fn expectations() -> Vec<Case> {
    let expect = "Expect: 100-continue\r\n";
    vec![
        post(
            "Expect with a body that does not wait",
            &format!("{expect}Content-Length: 5\r\n"),
            &format!("hello{SMUGGLED}"),
        ),
        post(
            "Expect of something else",
            "Expect: 200-ok\r\nContent-Length: 5\r\n",
            &format!("hello{SMUGGLED}"),
        ),
        post(
            "Expect twice",
            &format!("{expect}{expect}Content-Length: 5\r\n"),
            &format!("hello{SMUGGLED}"),
        ),
        post(
            "Expect with a word more",
            "Expect: y 100-continue\r\nContent-Length: 5\r\n",
            &format!("hello{SMUGGLED}"),
        ),
        post(
            "Expect behind a fold",
            "Expect:\r\n 100-continue\r\nContent-Length: 5\r\n",
            &format!("hello{SMUGGLED}"),
        ),
        get("Expect of a GET", &format!("{expect}Content-Length: 50\r\n")),
        get("Expect without a body", expect),
        post("Expect and 0.CL", &format!("{expect}Content-Length: 0\r\n"), SMUGGLED),
    ]
}
