//! What an input holds: told by its first bytes, and by its name only where they do not tell.

use super::capture::{self, Packets};
use flate2::bufread::MultiGzDecoder;
use std::io::{self, BufRead, BufReader, Cursor, Read};

/// Bytes that tell what an input holds.
const HEAD_BYTES: usize = 8;
/// How much is unpacked at once.
const UNPACKED_BYTES: usize = 64 * 1024;
/// RFC 1952 §2.3.1.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// An input, ready to be read.
pub enum Input<'a> {
    /// Lines, each a request.
    Lines(Box<dyn BufRead + 'a>),
    /// Packets.
    Capture(Packets<Box<dyn BufRead + 'a>>),
}

/// Looks at the first bytes of `raw`, unpacks it when it is gzipped, and says what it holds.
///
/// `name` decides only for bytes that are neither text nor a capture.
pub fn open<'a>(name: &str, raw: impl BufRead + 'a) -> Input<'a> {
    let (head, raw) = peek(Box::new(raw));
    let (head, bytes) = if head.starts_with(&GZIP) {
        let unpacked = BufReader::with_capacity(UNPACKED_BYTES, MultiGzDecoder::new(raw));
        peek(Box::new(unpacked))
    } else {
        (head, raw)
    };
    let is_capture = capture::begins_one(&head) || (!is_text(&head) && capture::is_named_one(name));
    if is_capture { Input::Capture(Packets::new(bytes)) } else { Input::Lines(bytes) }
}

/// The first bytes, and the whole from its beginning.
///
/// A fault this early is told to whoever reads on, as any later one is.
fn peek<'a>(mut bytes: Box<dyn BufRead + 'a>) -> (Vec<u8>, Box<dyn BufRead + 'a>) {
    let mut head = Vec::with_capacity(HEAD_BYTES);
    let read = bytes.by_ref().take(HEAD_BYTES as u64).read_to_end(&mut head);
    let front = Cursor::new(head.clone());
    match read {
        Ok(_) => (head, Box::new(front.chain(bytes))),
        Err(cause) => (head, Box::new(front.chain(BufReader::new(Late(Some(cause)))))),
    }
}

/// A fault that was met while looking ahead.
struct Late(Option<io::Error>);

impl Read for Late {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

fn is_text(head: &[u8]) -> bool {
    !head.is_empty() && head.iter().all(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write as _;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn kind(name: &str, bytes: &[u8]) -> &'static str {
        match open(name, bytes) {
            Input::Lines(_) => "lines",
            Input::Capture(_) => "capture",
        }
    }

    #[test]
    fn content_goes_before_the_name_and_gzip_is_seen_through() {
        let pcap = [0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0];
        for (name, bytes, expected) in [
            ("a.jsonl", &b"{\"t\":1}"[..], "lines"),
            ("a.pcap", b"{\"t\":1}", "lines"),
            ("a.log", &pcap, "capture"),
            ("a.pcapng", &[0x0a, 0x0d, 0x0d, 0x0a, 0, 0, 0, 28], "capture"),
            ("a.pcap.gz", &[0, 1, 2, 3], "capture"),
            ("a.pcap", b"", "capture"),
            ("a.log", b"", "lines"),
            ("a.log", &[0, 1, 2, 3], "lines"),
        ] {
            assert_eq!(kind(name, bytes), expected, "{name}");
            assert_eq!(kind(name, &packed(bytes)), expected, "{name}, packed");
        }
    }

    #[test]
    fn several_packed_pieces_in_a_row_are_one_text() {
        let both = [packed(b"one\n"), packed(b"two\n")].concat();
        let Input::Lines(mut lines) = open("a.gz", &both[..]) else { panic!("lines") };
        let mut text = String::new();
        lines.read_to_string(&mut text).unwrap();
        assert_eq!(text, "one\ntwo\n");
    }

    #[test]
    fn a_packed_input_that_ends_early_says_so_wherever_it_ends() {
        let whole = packed(b"one\ntwo\n");
        for length in 2..whole.len() {
            let Input::Lines(mut lines) = open("a.gz", &whole[..length]) else { panic!("lines") };
            let read = lines.read_to_string(&mut String::new());
            assert!(read.is_err(), "{length} of {}", whole.len());
        }
    }
}
