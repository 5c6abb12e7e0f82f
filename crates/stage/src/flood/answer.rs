//! The least of HTTP/1 that a flood needs: where an answer ends, and its status.
//!
//! Takes bytes; gives an [`Answer`] once the head is whole (RFC 9112 §4, §6.3).
//! Never decodes chunks: an answer of unknown length costs the connection, as with many a bot.

/// The head of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// Bytes up to and including the empty line.
    pub(super) head_bytes: usize,
    pub(super) body: Body,
}

/// How much follows the head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    /// This many bytes, and then the next answer on the same connection.
    Bytes(u64),
    /// This many bytes, and then the other side closes.
    LastBytes(u64),
    /// Nobody said.
    Unknown,
}

/// What the bytes so far are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    Incomplete,
    Whole(Answer),
    NotHttp,
}

/// Reads the head at the start of `bytes`.
pub(super) fn read(bytes: &[u8]) -> Reading {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Reading::Incomplete;
    };
    let mut lines = bytes[..end].split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let Some(status) = lines.next().and_then(status_of) else {
        return Reading::NotHttp;
    };
    let body = body_of(status, lines);
    Reading::Whole(Answer { status, head_bytes: end + 4, body })
}

fn status_of(line: &[u8]) -> Option<u16> {
    let code = line.strip_prefix(b"HTTP/1.")?.get(2..5)?;
    std::str::from_utf8(code).ok()?.parse().ok()
}

fn body_of<'a>(status: u16, fields: impl Iterator<Item = &'a [u8]>) -> Body {
    let mut length = matches!(status, 100..200 | 204 | 304).then_some(0);
    let mut last = false;
    for field in fields {
        let Some((name, value)) = split_field(field) else {
            continue;
        };
        if name.eq_ignore_ascii_case(b"transfer-encoding") {
            return Body::Unknown;
        }
        if name.eq_ignore_ascii_case(b"content-length") && length != Some(0) {
            length = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
        }
        last |= name.eq_ignore_ascii_case(b"connection") && value.eq_ignore_ascii_case(b"close");
    }
    match length {
        None => Body::Unknown,
        Some(bytes) if last => Body::LastBytes(bytes),
        Some(bytes) => Body::Bytes(bytes),
    }
}

fn split_field(field: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = field.iter().position(|byte| *byte == b':')?;
    Some((&field[..colon], field[colon + 1..].trim_ascii()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn body(head: &str) -> Option<(u16, Body)> {
        match read(head.as_bytes()) {
            Reading::Whole(answer) => Some((answer.status, answer.body)),
            Reading::Incomplete | Reading::NotHttp => None,
        }
    }

    #[test]
    fn the_end_of_an_answer_is_where_the_head_says() {
        let ok = "HTTP/1.1 200 OK\r\ncontent-length: 12\r\n";
        assert_eq!(body(&format!("{ok}\r\n")), Some((200, Body::Bytes(12))));
        assert_eq!(
            body(&format!("{ok}Connection: Close\r\n\r\n")),
            Some((200, Body::LastBytes(12)))
        );
        assert_eq!(
            body(&format!("{ok}Transfer-Encoding: chunked\r\n\r\n")),
            Some((200, Body::Unknown))
        );
        assert_eq!(body("HTTP/1.1 204 No Content\r\n\r\n"), Some((204, Body::Bytes(0))));
        assert_eq!(body("HTTP/1.0 503 Full\r\n\r\n"), Some((503, Body::Unknown)));
        assert_eq!(body(ok), None);
        assert_eq!(read(b"SSH-2.0-x\r\n\r\n"), Reading::NotHttp);
    }

    proptest! {
        #[test]
        fn no_bytes_panic_and_a_head_never_exceeds_what_was_given(bytes: Vec<u8>) {
            let mut head = b"HTTP/1.1 200".to_vec();
            head.extend(bytes);
            head.extend(b"\r\n\r\n");
            let Reading::Whole(answer) = read(&head) else { panic!("the head is whole") };
            prop_assert!(answer.head_bytes <= head.len());
        }
    }
}
