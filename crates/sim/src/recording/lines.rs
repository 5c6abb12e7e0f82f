//! The lines of an input, however long, cut off or broken it is.

use memchr::memchr;
use std::io::{BufRead, ErrorKind};

/// The longest line that is read; a request's head is a thirtieth of it.
pub const LINE_BYTES_MAX: usize = 1 << 20;

/// One line, or why there is none.
#[derive(Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// A line without its end.
    Whole(&'a [u8]),
    /// A line longer than [`LINE_BYTES_MAX`], which was skipped.
    TooLong,
    /// The input broke off here: what was read of its last line is lost. Nothing follows.
    BrokenOff(String),
}

/// Reads lines one after another into one buffer.
#[derive(Debug)]
pub struct Lines<R> {
    input: R,
    held: Vec<u8>,
    is_over: bool,
}

impl<R: BufRead> Lines<R> {
    /// The lines of `input`.
    pub fn new(input: R) -> Self {
        Self { input, held: Vec::new(), is_over: false }
    }

    /// The next line; none at the end.
    pub fn next_line(&mut self) -> Option<Line<'_>> {
        if self.is_over {
            return None;
        }
        self.held.clear();
        let mut is_too_long = false;
        loop {
            let ready = match self.input.fill_buf() {
                Ok(ready) => ready,
                Err(cause) if cause.kind() == ErrorKind::Interrupted => continue,
                Err(cause) => {
                    self.is_over = true;
                    return Some(Line::BrokenOff(cause.to_string()));
                }
            };
            let end = memchr(b'\n', ready);
            let piece = &ready[..end.unwrap_or(ready.len())];
            is_too_long |= self.held.len() + piece.len() > LINE_BYTES_MAX;
            if !is_too_long {
                self.held.extend_from_slice(piece);
            }
            self.is_over = ready.is_empty();
            let used = piece.len() + usize::from(end.is_some());
            self.input.consume(used);
            if end.is_some() || self.is_over {
                break;
            }
        }
        if is_too_long {
            return Some(Line::TooLong);
        }
        if self.is_over && self.held.is_empty() {
            return None;
        }
        let line = self.held.strip_suffix(b"\r").unwrap_or(&self.held);
        Some(Line::Whole(line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufReader, Cursor, Read};

    fn lines(bytes: &[u8], buffer: usize) -> Vec<String> {
        let mut lines = Lines::new(BufReader::with_capacity(buffer, bytes));
        let mut told = Vec::new();
        while let Some(line) = lines.next_line() {
            told.push(match line {
                Line::Whole(line) => String::from_utf8(line.to_vec()).unwrap(),
                Line::TooLong => "too long".to_owned(),
                Line::BrokenOff(cause) => cause,
            });
        }
        told
    }

    #[test]
    fn lines_are_the_same_through_any_buffer() {
        for buffer in [1, 2, 3, 100] {
            assert_eq!(lines(b"one\r\n\ntwo\nend", buffer), ["one", "", "two", "end"]);
            assert_eq!(lines(b"one\n", buffer), ["one"]);
            assert!(lines(b"", buffer).is_empty());
        }
    }

    #[test]
    fn a_line_may_be_as_long_as_the_bound_and_no_longer() {
        let longest = "x".repeat(LINE_BYTES_MAX);
        let text = format!("{longest}\n{longest}y\nnext\n");
        let read = lines(text.as_bytes(), 4096);
        assert_eq!(read[0].len(), LINE_BYTES_MAX);
        assert_eq!(&read[1..], ["too long", "next"]);
    }

    #[test]
    fn an_input_that_breaks_off_says_so_once_and_is_over() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
                Err(std::io::Error::other("the disk is gone"))
            }
        }
        let mut lines = Lines::new(BufReader::new(Cursor::new(b"one\nhal").chain(Broken)));
        assert_eq!(lines.next_line(), Some(Line::Whole(b"one")));
        assert_eq!(lines.next_line(), Some(Line::BrokenOff("the disk is gone".to_owned())));
        assert_eq!(lines.next_line(), None);
    }
}
