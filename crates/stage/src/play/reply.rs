//! The head of an answer, as far as its sender cares.
//!
//! Takes bytes; never panics on them.
//! Bounds: [`FIELDS_MAX`] fields; a head with more is none.

use http::{HeaderMap, StatusCode};
use seawall_types::Verdict;
use std::time::Duration;

const FIELDS_MAX: usize = 64;

/// What an answer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    /// The verdict word of an answer that the shield made itself; a word that is not on the list
    /// counts as `error`, for it was not the origin that spoke.
    pub(super) verdict: Option<Verdict>,
    pub(super) retry_after: Option<Duration>,
    /// The value of the session cookie that it sets.
    pub(super) set_cookie: Option<u64>,
    /// The page of a check.
    pub(super) page: Option<Vec<u8>>,
    /// The pass that it gives, `name=value`.
    pub(super) pass: Option<String>,
    /// Whether the connection carries another request after this answer.
    pub(super) reusable: bool,
}

/// Where the body of an answer ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    /// After this many bytes.
    Bytes(u64),
    /// With its last chunk; the connection is not used again.
    Chunked,
    /// With the connection.
    Unknown,
}

/// What the bytes so far are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reading {
    Incomplete,
    /// An interim answer of this many bytes; the real one follows.
    Interim {
        bytes: usize,
    },
    Whole {
        bytes: usize,
        body: Body,
        reply: Reply,
    },
    NotHttp,
}

/// Reads the head at the start of `bytes`.
pub(super) fn read(bytes: &[u8]) -> Reading {
    let mut fields = [httparse::EMPTY_HEADER; FIELDS_MAX];
    let mut head = httparse::Response::new(&mut fields);
    let length = match head.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Reading::Incomplete,
        Err(_) => return Reading::NotHttp,
    };
    let status = head.code.and_then(|code| StatusCode::from_u16(code).ok());
    let Some(status) = status else {
        return Reading::NotHttp;
    };
    if status.is_informational() && status != StatusCode::SWITCHING_PROTOCOLS {
        return Reading::Interim { bytes: length };
    }
    let body = body_of(status, head.headers);
    Reading::Whole { bytes: length, body, reply: said(status, head.headers) }
}

fn body_of(status: StatusCode, fields: &[httparse::Header<'_>]) -> Body {
    let empty = [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED, StatusCode::SWITCHING_PROTOCOLS];
    if empty.contains(&status) {
        return Body::Bytes(0);
    }
    if find(fields, "transfer-encoding").is_some() {
        return Body::Chunked;
    }
    let length = find(fields, "content-length").and_then(|text| text.parse().ok());
    length.map_or(Body::Unknown, Body::Bytes)
}

fn said(status: StatusCode, fields: &[httparse::Header<'_>]) -> Reply {
    let closes = find(fields, "connection").is_some_and(|word| word.eq_ignore_ascii_case("close"));
    Reply {
        status,
        verdict: find(fields, "seawall-verdict").map(verdict_of),
        retry_after: find(fields, "retry-after").and_then(wait_of),
        set_cookie: find(fields, "set-cookie").and_then(session_of),
        page: None,
        pass: find(fields, "set-cookie").and_then(pass_of),
        reusable: !closes,
    }
}

/// What the head of an answer over HTTP/2 says.
pub(super) fn said_by(status: StatusCode, fields: &HeaderMap) -> Reply {
    let text = |name: &str| fields.get(name).and_then(|value| value.to_str().ok());
    Reply {
        status,
        verdict: text("seawall-verdict").map(verdict_of),
        retry_after: text("retry-after").and_then(wait_of),
        set_cookie: text("set-cookie").and_then(session_of),
        page: None,
        pass: text("set-cookie").and_then(pass_of),
        reusable: true,
    }
}

fn wait_of(text: &str) -> Option<Duration> {
    text.parse().ok().map(Duration::from_secs)
}

fn verdict_of(text: &str) -> Verdict {
    let word = text.split(';').next().unwrap_or_default().trim();
    let same = |verdict: &Verdict| verdict.word() == word;
    Verdict::ALL.into_iter().find(same).unwrap_or(Verdict::Error)
}

fn session_of(text: &str) -> Option<u64> {
    let crumb = text.split(';').next()?.trim();
    u64::from_str_radix(crumb.strip_prefix("session=")?, 16).ok()
}

fn pass_of(text: &str) -> Option<String> {
    let crumb = text.split(';').next()?.trim();
    let (name, _) = crumb.split_once('=')?;
    ["seawall", "__Host-seawall"].contains(&name).then(|| crumb.to_owned())
}

fn find<'a>(fields: &[httparse::Header<'a>], name: &str) -> Option<&'a str> {
    let field = fields.iter().find(|field| field.name.eq_ignore_ascii_case(name))?;
    std::str::from_utf8(field.value).ok().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn whole(text: &str) -> (Body, Reply) {
        match read(text.as_bytes()) {
            Reading::Whole { bytes, body, reply } => {
                assert_eq!(bytes, text.len());
                (body, reply)
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_answer_of_the_shield_tells_its_verdict_and_the_wait() {
        let (body, reply) = whole(
            "HTTP/1.1 429 Too Many Requests\r\nSeawall-Verdict: limit; code=rate.ABC\r\n\
             Retry-After: 3\r\nContent-Length: 12\r\n\r\n",
        );
        assert_eq!(body, Body::Bytes(12));
        assert_eq!(reply.verdict, Some(Verdict::Limit));
        assert_eq!(reply.retry_after, Some(Duration::from_secs(3)));
        assert!(reply.reusable);
    }

    #[test]
    fn an_answer_of_the_origin_sets_the_cookie_of_its_sender() {
        let (body, reply) = whole(
            "HTTP/1.1 200 OK\r\nset-cookie: session=00000000000000ff; Path=/\r\n\
             connection: close\r\ntransfer-encoding: chunked\r\n\r\n",
        );
        assert_eq!((body, reply.set_cookie, reply.verdict), (Body::Chunked, Some(255), None));
        assert!(!reply.reusable);
    }

    #[test]
    fn what_comes_before_the_answer_is_told_apart() {
        let interim = "HTTP/1.1 103 Early Hints\r\n\r\n";
        assert_eq!(read(interim.as_bytes()), Reading::Interim { bytes: interim.len() });
        assert_eq!(read(b"HTTP/1.1 200 OK\r\n"), Reading::Incomplete);
        assert_eq!(read(b"SSH-2.0-x\r\n\r\n"), Reading::NotHttp);
        assert_eq!(whole("HTTP/1.1 204 No Content\r\n\r\n").0, Body::Bytes(0));
    }

    proptest! {
        #[test]
        fn no_bytes_panic_and_a_head_never_exceeds_what_was_given(bytes: Vec<u8>) {
            let mut head = b"HTTP/1.1 200 ".to_vec();
            head.extend(bytes);
            head.extend(b"\r\n\r\n");
            if let Reading::Whole { bytes, .. } | Reading::Interim { bytes } = read(&head) {
                prop_assert!(bytes <= head.len());
            }
        }
    }
}
