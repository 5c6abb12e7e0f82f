//! Field names as they were sent: order and case tell client stacks apart.

use super::class::{self, NAME};
use memchr::memchr;

/// The field names of `head` in order and in the case they came.
///
/// Meant for a head that [`parse_head`](super::parse_head) has passed; from other bytes it gives
/// the name of each line up to a blank one, and passes by lines without a name.
pub fn field_names(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    let head = head.strip_prefix(b"\r\n").unwrap_or(head);
    let fields = match memchr(b'\n', head) {
        Some(lf) => head.get(lf + 1..).unwrap_or_default(),
        None => &[],
    };
    Names { rest: fields }
}

struct Names<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Names<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        loop {
            let end = memchr(b'\n', self.rest).unwrap_or(self.rest.len());
            let (line, rest) = self.rest.split_at_checked(end)?;
            self.rest = rest.get(1..).unwrap_or_default();
            if matches!(line, [] | [b'\r']) {
                return None;
            }
            match line.split_at_checked(class::run(line, NAME)) {
                Some((name, [b':', ..])) if !name.is_empty() => return Some(name),
                _ => {}
            }
        }
    }
}
