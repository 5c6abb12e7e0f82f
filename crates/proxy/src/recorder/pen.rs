//! The text of one line while it is written, and which bytes JSON takes as they are.
//!
//! What a line is made of is short, so a call for each copy would cost more than the copies: words of a
//! known length become moves, other texts are copied by pieces of a fixed size that may overlap, and
//! only what a sender wrote is looked at while it is.
//! Bounds: grows to the longest line that was written, and never allocates for one that fits.

use std::fmt;

/// Room that nearly every line fits in.
const ROOM: usize = 1024;

/// What is written, and room behind it.
#[derive(Debug, Default)]
pub(super) struct Pen {
    /// All of it is initialised; what counts ends at `at`.
    room: Vec<u8>,
    at: usize,
}

impl Pen {
    /// Forgets what is written, and keeps its room.
    pub(super) fn clear(&mut self) {
        self.at = 0;
    }

    pub(super) fn written(&self) -> &[u8] {
        &self.room[..self.at]
    }

    /// A word of a length that is known when this is compiled.
    #[inline]
    pub(super) fn word<const LENGTH: usize>(&mut self, word: &[u8; LENGTH]) {
        if let Ok(place) = <&mut [u8; LENGTH]>::try_from(self.place(LENGTH)) {
            *place = *word;
        }
    }

    /// A text that JSON takes as it is.
    #[inline]
    pub(super) fn plain(&mut self, text: &[u8]) {
        copy(self.place(text.len()), text);
    }

    /// A text that JSON takes as it is, and a comma.
    #[inline]
    pub(super) fn listed(&mut self, text: &[u8]) {
        if let Some((comma, place)) = self.place(text.len() + 1).split_last_mut() {
            *comma = b',';
            copy(place, text);
        }
    }

    /// Ends a list with a quote, which stands where the last comma was.
    #[inline]
    pub(super) fn end_list(&mut self, began: usize) {
        self.at -= usize::from(self.at > began);
        self.word(b"\"");
    }

    /// A key with the quote behind it, a text of a sender's, and a quote.
    #[inline]
    pub(super) fn field<const KEY: usize>(&mut self, key: &[u8; KEY], text: &[u8]) {
        let began = self.at;
        let mut is_plain = false;
        if let Some((to, rest)) = self.place(KEY + text.len() + 1).split_first_chunk_mut::<KEY>()
            && let Some((quote, place)) = rest.split_last_mut()
        {
            (*to, *quote) = (*key, b'"');
            is_plain = copy_looking(place, text);
        }
        if !is_plain {
            self.at = began + KEY;
            self.escaped(text);
        }
    }

    /// Rare, so it may cost something.
    #[cold]
    fn escaped(&mut self, text: &[u8]) {
        let quoted = serde_json::Value::from(String::from_utf8_lossy(text)).to_string();
        self.plain(quoted.strip_prefix('"').unwrap_or(&quoted).as_bytes());
    }

    #[inline]
    pub(super) fn number(&mut self, number: u64) {
        match u16::try_from(number) {
            Ok(number @ 0..=9_999) => self.short(number),
            Ok(_) | Err(_) => self.plain(itoa::Buffer::new().format(number).as_bytes()),
        }
    }

    /// A number of at most four digits: all four, without the zeros in front.
    #[inline]
    fn short(&mut self, number: u16) {
        let [hundreds, tens, ones] = three_digits(number.into());
        let [.., thousands] = three_digits((number / 1_000).into());
        let digits = u32::from_le_bytes([thousands, hundreds, tens, ones]);
        let zeros =
            usize::from(number < 1_000) + usize::from(number < 100) + usize::from(number < 10);
        self.word(&(digits >> (8 * zeros)).to_le_bytes());
        self.at -= zeros;
    }

    /// Thousandths as a number with three digits behind its point.
    pub(super) fn thousandths(&mut self, thousandths: u64) {
        self.number(thousandths / 1_000);
        let [hundreds, tens, ones] = three_digits(thousandths % 1_000);
        self.word(&[b'.', hundreds, tens, ones]);
    }

    #[inline]
    fn place(&mut self, length: usize) -> &mut [u8] {
        let (from, to) = (self.at, self.at + length);
        if to > self.room.len() {
            self.grow(to);
        }
        self.at = to;
        &mut self.room[from..to]
    }

    #[cold]
    fn grow(&mut self, least: usize) {
        self.room.resize(least.next_power_of_two().max(ROOM), 0);
    }
}

impl fmt::Write for Pen {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.plain(text.as_bytes());
        Ok(())
    }
}

/// The last three digits of a number.
pub(super) fn three_digits(number: u64) -> [u8; 3] {
    // A remainder of ten is below what a byte holds.
    let digit = |of: u64| b'0' + u8::try_from(of % 10).unwrap_or(0);
    [digit(number / 100), digit(number / 10), digit(number)]
}

/// Copies a text to a place of its length.
#[inline]
fn copy(to: &mut [u8], from: &[u8]) {
    if from.len() > 32 {
        to.copy_from_slice(from);
    } else if ends::<16>(to, from).is_none()
        && ends::<8>(to, from).is_none()
        && ends::<4>(to, from).is_none()
    {
        few(to, from);
    }
}

/// The same, and says whether a string of JSON takes it as it is.
#[inline]
fn copy_looking(to: &mut [u8], from: &[u8]) -> bool {
    if from.len() >= 16 {
        return copy_long(to, from);
    }
    let odd = if let Some([first, last]) = ends::<8>(to, from) {
        odd_bytes(first) | odd_bytes(last)
    } else if let Some([[a, b, c, d], [e, f, g, h]]) = ends::<4>(to, from) {
        odd_bytes([a, b, c, d, e, f, g, h])
    } else {
        odd_bytes(few(to, from))
    };
    odd & ODD == 0
}

/// Copies the two ends of a text, which is the whole of it where it has at most twice as many bytes,
/// and gives them; none of a text with fewer.
#[inline]
fn ends<const LENGTH: usize>(to: &mut [u8], from: &[u8]) -> Option<[[u8; LENGTH]; 2]> {
    let ends = [*from.first_chunk()?, *from.last_chunk()?];
    *to.first_chunk_mut()? = ends[0];
    *to.last_chunk_mut()? = ends[1];
    Some(ends)
}

/// Copies at most three bytes, and gives them with spaces.
#[inline]
fn few(to: &mut [u8], from: &[u8]) -> [u8; 8] {
    let mut word = [b' '; 8];
    if let (Some(first), Some(last)) = (from.first(), from.last()) {
        let middle = from.len() / 2;
        (word[0], word[1], word[2]) = (*first, from[middle], *last);
        to[middle] = from[middle];
        to[from.len() - 1] = *last;
        to[0] = *first;
    }
    word
}

/// For texts of eight bytes and more.
fn copy_long(to: &mut [u8], from: &[u8]) -> bool {
    let mut odd = 0;
    for (to, from) in to.as_chunks_mut::<8>().0.iter_mut().zip(from.as_chunks::<8>().0) {
        odd |= odd_bytes(*from);
        *to = *from;
    }
    if let Some([_, last]) = ends::<8>(to, from) {
        odd |= odd_bytes(last);
    }
    odd & ODD == 0
}

/// The bits of [`odd_bytes`] that count.
const ODD: u64 = u64::from_le_bytes([0x80; 8]);

/// Some bit of [`ODD`] is set where one of eight bytes is a control character, a quote, a backslash or
/// no ASCII, and none otherwise.
const fn odd_bytes(word: [u8; 8]) -> u64 {
    const fn eight(byte: u8) -> u64 {
        u64::from_le_bytes([byte; 8])
    }
    // Of ASCII these take something from each byte: only one that is below it borrows and has its
    // highest bit set, and what it borrows from then does not matter.
    let word = u64::from_le_bytes(word);
    let control = word.wrapping_sub(eight(b' '));
    let quote = (word ^ eight(b'"')).wrapping_sub(eight(1));
    let backslash = (word ^ eight(b'\\')).wrapping_sub(eight(1));
    word | control | quote | backslash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_that_json_writes_otherwise_is_found_wherever_it_stands() {
        let is_taken = |byte: u8| (b' '..0x80).contains(&byte) && byte != b'"' && byte != b'\\';
        for length in 0..70 {
            for place in 0..length {
                for byte in 0..=u8::MAX {
                    // Beside bytes that differ from odd ones by one.
                    let mut bytes = vec![[b'!', b'#', b' ', b'[', b']', 0x7f][place % 6]; length];
                    bytes[place] = byte;
                    let mut copied = vec![0; length];
                    let is_plain = copy_looking(&mut copied, &bytes);
                    assert_eq!(is_plain, is_taken(byte), "{byte} at {place} of {length}");
                    assert_eq!(copied, bytes);
                    copied.fill(0);
                    copy(&mut copied, &bytes);
                    assert_eq!(copied, bytes);
                }
            }
        }
    }

    #[test]
    fn numbers_and_texts_of_every_length_stand_behind_one_another() {
        let mut pen = Pen::default();
        for length in 0..300 {
            pen.clear();
            let text: String = (b'a'..=b'z').cycle().take(length).map(char::from).collect();
            pen.field(b"\"", text.as_bytes());
            pen.field(b",\"", format!("\n{text}").as_bytes());
            pen.word(b",");
            pen.thousandths(7_000 + length as u64);
            let told = String::from_utf8(pen.written().to_vec()).unwrap();
            assert_eq!(told, format!("\"{text}\",\"\\n{text}\",7.{length:03}"));
        }
    }

    #[test]
    fn numbers_of_every_length_are_written_without_zeros_in_front() {
        let mut pen = Pen::default();
        let long = [99_999, 65_535, 65_536, u64::from(u32::MAX), u64::MAX];
        for number in (0..11_000).chain(long) {
            pen.clear();
            pen.number(number);
            pen.word(b",");
            pen.thousandths(number);
            let told = String::from_utf8(pen.written().to_vec()).unwrap();
            assert_eq!(told, format!("{number},{}.{:03}", number / 1_000, number % 1_000));
        }
    }

    #[test]
    fn a_line_that_fits_gets_no_new_room() {
        let mut pen = Pen::default();
        pen.plain(&[b'x'; 1_000]);
        let room = pen.room.as_ptr();
        for _ in 0..10 {
            pen.clear();
            (0..100).for_each(|_| pen.plain(b"0123456789"));
        }
        assert_eq!((pen.room.as_ptr(), pen.room.len()), (room, ROOM));
        pen.plain(&[b'x'; 10_000]);
        assert!(pen.written().len() == 11_000, "and one that does not is whole");
    }
}
