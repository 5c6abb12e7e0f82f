//! A number that lies between two, or of which only the lower one is known.

use crate::known::{Basis, Bound, Known, Quantity, Unit, Why};
use std::fmt;

/// A number known to lie between two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Between {
    /// It is this or more; in thousandths where the unit says so.
    pub least: u64,
    /// It is this or less.
    pub most: Known<u64>,
    /// What it counts.
    pub unit: Unit,
    /// How it came about.
    pub basis: Basis,
}

impl Between {
    /// Counted: this or more, and at most that many where nothing is lost.
    pub fn measured(least: u64, most: Known<u64>, unit: Unit) -> Self {
        // A bound from above that lies below is none that both records bear.
        let most = most.map(|most| most.max(least));
        Self { least, most, unit, basis: Basis::Measured }
    }

    /// The lower bound, as a number that says so.
    pub const fn at_least(&self) -> Quantity {
        let Self { least: value, unit, basis, .. } = *self;
        Quantity { value, unit, basis, bound: Bound::AtLeast }
    }

    /// The upper bound, as a number that says so.
    pub fn at_most(&self) -> Known<Quantity> {
        let Self { unit, basis, .. } = *self;
        self.most.map(|value| Quantity { value, unit, basis, bound: Bound::AtMost })
    }

    /// Without the basis: for tables whose head names it.
    pub fn short(&self) -> String {
        let exact = |value| Quantity { value, ..self.at_least() }.bounded(Bound::Exact);
        match self.most {
            Known::Is(most) if most == self.least => exact(most).short(),
            Known::Is(most) => format!("{} to {}", exact(self.least).number(), exact(most).short()),
            Known::Unknown(why) => format!("{}{}", self.at_least().short(), or_more(why)),
        }
    }
}

/// Stands behind a lower bound.
fn or_more(why: Why) -> String {
    format!("; whether more is unknown: {}", why.sentence())
}

impl fmt::Display for Between {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.most {
            Known::Is(_) => write!(f, "{} ({})", self.short(), self.basis.word()),
            Known::Unknown(why) => write!(f, "{}{}", self.at_least(), or_more(why)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_between_two_says_both_or_why_one_is_not_known() {
        let of = |least, most| Between::measured(least, most, Unit::Requests).to_string();
        assert_eq!(of(7, Known::Is(7)), "7 requests (measured)");
        assert_eq!(of(7, Known::Is(1_200)), "7 to 1,200 requests (measured)");
        assert_eq!(of(9, Known::Is(7)), "9 requests (measured)");
        assert_eq!(
            of(7, Known::Unknown(Why::Lost)),
            "at least 7 requests (measured); whether more is unknown: records of this time are lost"
        );
    }
}
