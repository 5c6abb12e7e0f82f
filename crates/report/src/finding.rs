//! What detection described: signatures with their share of the excess and what they may cost.
//!
//! Bounds: [`SIGNATURES_MAX`] signatures; the rest are counted.

use crate::known::{Known, Quantity};
use crate::line::Line;
use seawall_types::{Rung, WallTime};

/// Signatures that a case lists.
pub const SIGNATURES_MAX: usize = 32;

/// One description of a part of the traffic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// As detection writes it; holds values that senders chose.
    pub text: Line,
    /// When it was first stated.
    pub at: WallTime,
    /// The strictest measure against it that a record of this time tells of.
    pub rung: Option<Rung>,
    /// Of the traffic above normal.
    pub share_of_excess: Known<Quantity>,
    /// Known-good visitors that it touches, and how many were looked at.
    pub known_good: Known<(u64, u64)>,
    /// Most of the known-good visitors that it may touch, at 95 % certainty.
    pub collateral_most: Known<Quantity>,
    /// Those that it did touch.
    pub collateral_measured: Known<Quantity>,
}
