//! Every case, by what it plays with.

mod chunks;
mod heads;
mod lengths;
mod streams;

use super::case::Case;

/// Every case.
pub(crate) fn all() -> Vec<Case> {
    [lengths::cases(), chunks::cases(), heads::cases(), streams::cases()].concat()
}
