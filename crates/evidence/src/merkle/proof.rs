//! Proofs that a record is in a tree, and that a tree grew out of another.
//!
//! Makes them from the hashes of all leaves; checks them from two heads alone.
//! Source: RFC 6962 §2.1.1 and §2.1.2, checked as RFC 9162 §2.1.3.2 and §2.1.4.2 say.

use super::{Hash, Peaks, node};

/// The head of the tree over `leaves`.
pub fn root(leaves: &[Hash]) -> Hash {
    let mut peaks = Peaks::default();
    for leaf in leaves {
        peaks.push(*leaf);
    }
    peaks.root()
}

/// The largest power of two below `size`, which is at least 2.
fn split(size: usize) -> usize {
    size.next_power_of_two() / 2
}

/// The path from leaf `index` to the head over `leaves`; `None` when there is no such leaf.
pub fn inclusion(leaves: &[Hash], index: usize) -> Option<Vec<Hash>> {
    if index >= leaves.len() {
        return None;
    }
    let mut path = Vec::new();
    let (mut part, mut index) = (leaves, index);
    while part.len() > 1 {
        let (left, right) = part.split_at(split(part.len()));
        let other;
        (part, other) = if index < left.len() {
            (left, right)
        } else {
            index -= left.len();
            (right, left)
        };
        path.push(root(other));
    }
    path.reverse();
    Some(path)
}

/// Whether `leaf` is leaf `index` of the tree of `size` leaves whose head is `head`.
pub fn includes(leaf: Hash, (index, size): (u64, u64), (path, head): (&[Hash], Hash)) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last) = (index, size - 1);
    let mut hash = leaf;
    for step in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node(step, &hash);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = node(&hash, step);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && hash == head
}

/// What shows that the tree over `leaves` grew out of its first `earlier` leaves; `None` unless
/// `earlier` is between 1 and their number.
pub fn consistency(leaves: &[Hash], earlier: usize) -> Option<Vec<Hash>> {
    if earlier == 0 || earlier > leaves.len() {
        return None;
    }
    let mut path = Vec::new();
    let (mut part, mut earlier) = (leaves, earlier);
    // Whether `part` is still the earlier tree's own beginning, whose head the reader knows.
    let mut is_known = true;
    while earlier != part.len() {
        let (left, right) = part.split_at(split(part.len()));
        if earlier <= left.len() {
            path.push(root(right));
            part = left;
        } else {
            path.push(root(left));
            part = right;
            earlier -= left.len();
            is_known = false;
        }
    }
    if !is_known {
        path.push(root(part));
    }
    path.reverse();
    Some(path)
}

/// Whether the tree `(size, head)` of `later` grew out of that of `earlier`.
pub fn grew(earlier: (u64, Hash), later: (u64, Hash), path: &[Hash]) -> bool {
    let ((size, head), (later_size, later_head)) = (earlier, later);
    if size == 0 || size > later_size {
        return false;
    }
    if size == later_size {
        return path.is_empty() && head == later_head;
    }
    // A perfect earlier tree is a subtree of the later one, and its head is not repeated.
    let mut steps = path.iter().copied();
    let first = if size.is_power_of_two() { Some(head) } else { steps.next() };
    let Some(first) = first else { return false };
    let (mut at, mut last) = (size - 1, later_size - 1);
    let shift = at.trailing_ones();
    (at, last) = (at >> shift, last >> shift);
    let (mut old, mut new) = (first, first);
    for step in steps {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            old = node(&step, &old);
            new = node(&step, &new);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            new = node(&new, &step);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && old == head && new == later_head
}
