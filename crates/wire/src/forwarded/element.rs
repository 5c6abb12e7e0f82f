//! Cutting the last element off a list, from the right.

use super::{BYTES_MAX, Cut};

/// Cuts at the last comma.
pub(super) fn cut_plain(list: &[u8]) -> Cut<'_> {
    cut_at(list, window(list).iter().rposition(|&byte| byte == b','))
}

/// Cuts at the last comma that stands outside quotes.
///
/// Read from the right, quotes that a client left open cannot swallow what a proxy wrote behind
/// them. An escaped quote is not told apart here; whoever reads the element refuses escapes.
pub(super) fn cut_quoted(list: &[u8]) -> Cut<'_> {
    let mut quoted = false;
    let comma = window(list).iter().rposition(|&byte| {
        quoted ^= byte == b'"';
        byte == b',' && !quoted
    });
    if quoted && comma.is_none() { None } else { cut_at(list, comma) }
}

/// The end of a list, as far as anything of it is looked at.
fn window(list: &[u8]) -> &[u8] {
    &list[list.len().saturating_sub(BYTES_MAX)..]
}

/// Cuts at a place in the window; none when an element is longer than that.
fn cut_at(list: &[u8], comma: Option<usize>) -> Cut<'_> {
    let beyond = list.len().saturating_sub(BYTES_MAX);
    match comma {
        Some(comma) => Some((&list[beyond + comma + 1..], Some(&list[..beyond + comma]))),
        None if beyond > 0 => None,
        None => Some((list, None)),
    }
}
