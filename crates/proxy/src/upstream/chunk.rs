//! The size line of a chunk, read so that no two readers could disagree (RFC 9112 §7.1).
//!
//! Bounds: [`DIGITS_MAX`] digits; [`LINE_MAX`] bytes with its extensions, which are read past.

use super::response::ResponseFault;

/// A `u64` holds every number of so many digits.
const DIGITS_MAX: usize = 16;
/// Bytes of a size line; hardly any origin sends an extension.
const LINE_MAX: usize = 256;

/// A whole size line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SizeLine {
    /// Bytes of the line, its end included.
    pub(super) length: usize,
    /// Bytes of the chunk.
    pub(super) size: u64,
}

/// Reads the size line at the front of `bytes`; none while it is not whole.
///
/// # Errors
/// It is no hexadecimal number and nothing else, with extensions at most.
pub(super) fn size_line(bytes: &[u8]) -> Result<Option<SizeLine>, ResponseFault> {
    let mut size = 0;
    let mut digits = 0;
    while let Some(digit) = bytes.get(digits).and_then(|&byte| char::from(byte).to_digit(16)) {
        if digits == DIGITS_MAX {
            return Err(ResponseFault::Chunks);
        }
        size = size << 4 | u64::from(digit);
        digits += 1;
    }
    match bytes.get(digits..) {
        None | Some([]) => Ok(None),
        Some(_) if digits == 0 => Err(ResponseFault::Chunks),
        Some([b'\r', b'\n', ..]) => Ok(Some(SizeLine { length: digits + 2, size })),
        Some(rest) => Ok(past_extension(rest)?.map(|end| SizeLine { length: digits + end, size })),
    }
}

/// Where the line ends behind what is no digit: white space, which old origins pad with, or an
/// extension.
fn past_extension(rest: &[u8]) -> Result<Option<usize>, ResponseFault> {
    let window = &rest[..rest.len().min(LINE_MAX)];
    let Some(end) = window.iter().position(|&byte| is_control(byte)) else {
        let is_endless = window.len() == LINE_MAX;
        return if is_endless { Err(ResponseFault::Chunks) } else { Ok(None) };
    };
    let padding = window.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    if padding < end && window[padding] != b';' {
        return Err(ResponseFault::Chunks);
    }
    match &rest[end..] {
        [b'\r', b'\n', ..] => Ok(Some(end + 2)),
        [b'\r'] => Ok(None),
        _ => Err(ResponseFault::Chunks),
    }
}

fn is_control(byte: u8) -> bool {
    (byte < b' ' && byte != b'\t') || byte == 0x7f
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_read_with_what_may_stand_behind_it() {
        for (line, size) in [
            ("0\r\n", 0),
            ("000\r\n", 0),
            ("5\r\n", 5),
            ("fF\r\n", 255),
            ("5;x=y\r\n", 5),
            ("5 ;x=\"y z\"\r\n", 5),
            ("5  \r\n", 5),
            ("ffffffffffffffff\r\n", u64::MAX),
        ] {
            let bytes = [line.as_bytes(), b"rest"].concat();
            let read = size_line(&bytes).unwrap();
            assert_eq!(read, Some(SizeLine { length: line.len(), size }), "{line:?}");
            for cut in 0..line.len() {
                assert_eq!(size_line(&bytes[..cut]), Ok(None), "{line:?} up to {cut}");
            }
        }
    }

    #[test]
    fn a_size_that_two_readers_could_read_in_two_ways_is_refused() {
        let endless = format!("5;{}\r\n", "x".repeat(LINE_MAX));
        for line in [
            "\r\n",
            "+5\r\n",
            "-5\r\n",
            "0x5\r\n",
            " 5\r\n",
            "\t5\r\n",
            "x\r\n",
            ";x\r\n",
            "5\n",
            "5\rx",
            "5;x\n",
            "5;x\ry\r\n",
            "5;\0\r\n",
            "5 x\r\n",
            "5_\r\n",
            "5,5\r\n",
            "10000000000000000\r\n",
            "00000000000000005\r\n",
            &endless,
        ] {
            assert_eq!(size_line(line.as_bytes()), Err(ResponseFault::Chunks), "{line:?}");
        }
    }

    #[test]
    fn an_extension_is_borne_up_to_its_bound() {
        let line = |length| format!("5;{}\r\n", "x".repeat(length));
        assert!(size_line(line(LINE_MAX - 2).as_bytes()).is_ok_and(|line| line.is_some()));
        assert_eq!(size_line(line(LINE_MAX - 1).as_bytes()), Err(ResponseFault::Chunks));
    }
}
