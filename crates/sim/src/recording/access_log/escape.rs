//! Quoted fields of an access log, and the escapes that servers write in them.

use memchr::{memchr, memchr2};
use std::borrow::Cow;

/// What stands in quotes at the front of `text`, and what follows; none when nothing does.
pub(super) fn quoted(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let inside = text.strip_prefix(b"\"")?;
    let mut at = 0;
    loop {
        at += memchr2(b'"', b'\\', inside.get(at..)?)?;
        if inside[at] == b'"' {
            return Some((&inside[..at], &inside[at + 1..]));
        }
        at += 2;
    }
}

/// The bytes that were sent: `\"`, `\\`, `\n` and their like and `\xHH` undone.
pub(super) fn undone(text: &[u8]) -> Cow<'_, [u8]> {
    let Some(first) = memchr(b'\\', text) else { return Cow::Borrowed(text) };
    let mut bytes = text[..first].to_vec();
    let mut rest = &text[first..];
    while let [byte, behind @ ..] = rest {
        if *byte != b'\\' {
            bytes.push(*byte);
            rest = behind;
            continue;
        }
        let (sent, used) = escaped(behind);
        bytes.push(sent);
        rest = &behind[used..];
    }
    Cow::Owned(bytes)
}

/// The byte that an escape stands for, and its length behind the backslash; a backslash before
/// anything else is itself.
fn escaped(behind: &[u8]) -> (u8, usize) {
    match behind {
        [b'x', high, low, ..] => match (digit(*high), digit(*low)) {
            (Some(high), Some(low)) => (high << 4 | low, 3),
            _ => (b'\\', 0),
        },
        [b'n', ..] => (b'\n', 1),
        [b'r', ..] => (b'\r', 1),
        [b't', ..] => (b'\t', 1),
        [b'v', ..] => (0x0b, 1),
        [b'f', ..] => (0x0c, 1),
        [b'b', ..] => (0x08, 1),
        [byte @ (b'"' | b'\\'), ..] => (*byte, 1),
        _ => (b'\\', 0),
    }
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_ends_at_the_first_quote_that_is_not_escaped() {
        assert_eq!(quoted(br#""a\"b\\" rest"#), Some((&br#"a\"b\\"#[..], &b" rest"[..])));
        assert_eq!(quoted(br#""""#), Some((&b""[..], &b""[..])));
        for text in [&b"bare"[..], b"\"open", br#""open\"#, br#""open\""#, b""] {
            assert_eq!(quoted(text), None);
        }
    }

    #[test]
    fn escapes_are_undone_and_lone_backslashes_stay() {
        for (written, sent) in [
            (&br"plain"[..], &b"plain"[..]),
            (br#"\x16\x03\"\\\n\t"#, b"\x16\x03\"\\\n\t"),
            (br"\xZZ\q\x1", br"\xZZ\q\x1"),
            (br"end\", br"end\"),
        ] {
            assert_eq!(*undone(written), *sent);
        }
    }
}
