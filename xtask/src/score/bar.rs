//! What a figure must reach, and whether it does.

use super::figure::Figure;
use crate::shell::Failure;
use std::fmt;

/// What a figure must reach.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Bar {
    AtMost(f64),
    AtLeast(f64),
}

/// Whether a line holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    Holds,
    Misses,
    CouldNotRun(Failure),
}

impl Bar {
    /// Whether the median of `figure` reaches this bar.
    pub(super) fn judge(self, figure: &Figure) -> Verdict {
        let holds = match self {
            Self::AtMost(most) => figure.median <= most,
            Self::AtLeast(least) => figure.median >= least,
        };
        if holds { Verdict::Holds } else { Verdict::Misses }
    }

    /// The bar in words, with its unit.
    pub(super) fn text(self, unit: &str) -> String {
        match self {
            Self::AtMost(most) => format!("at most {most} {unit}"),
            Self::AtLeast(least) => format!("at least {least} {unit}"),
        }
    }
}

impl Verdict {
    /// Whether this is what a line should end with.
    pub(super) fn is_good(&self) -> bool {
        match self {
            Self::Holds => true,
            Self::Misses | Self::CouldNotRun(_) => false,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Holds => f.write_str("holds"),
            Self::Misses => f.write_str("misses"),
            Self::CouldNotRun(failure) => write!(f, "could not run: {failure}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_on_the_bar_holds_and_one_beyond_misses() {
        let figure = |value| Figure::of(&[value]).expect("one is enough");
        assert_eq!(Bar::AtMost(1.05).judge(&figure(1.05)), Verdict::Holds);
        assert_eq!(Bar::AtMost(1.05).judge(&figure(1.051)), Verdict::Misses);
        assert_eq!(Bar::AtLeast(5.0).judge(&figure(5.0)), Verdict::Holds);
        assert_eq!(Bar::AtLeast(5.0).judge(&figure(4.0)), Verdict::Misses);
    }

    #[test]
    fn a_bar_reads_aloud() {
        assert_eq!(Bar::AtMost(1.05).text("x HAProxy"), "at most 1.05 x HAProxy");
        assert_eq!(Bar::AtLeast(5.0).text("clients"), "at least 5 clients");
    }
}
