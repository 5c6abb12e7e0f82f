//! A measured number with the range in which its repetitions lay.

use std::fmt;

/// The median of some measurements and their range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Figure {
    pub(super) median: f64,
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Figure {
    /// The figure of these measurements; none when there are none or one is not finite.
    pub(super) fn of(measured: &[f64]) -> Option<Self> {
        let mut sorted = measured.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (low, high) = (*sorted.first()?, *sorted.last()?);
        let middle = sorted.len() / 2;
        let median = if sorted.len().is_multiple_of(2) {
            f64::midpoint(sorted[middle - 1], sorted[middle])
        } else {
            sorted[middle]
        };
        let finite = sorted.iter().all(|value| value.is_finite());
        finite.then_some(Self { median, low, high })
    }

    /// The range, or a dash when it was measured once.
    pub(super) fn spread(&self) -> String {
        if self.low < self.high {
            format!("{}–{}", Plain(self.low), Plain(self.high))
        } else {
            "-".to_owned()
        }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Plain(self.median).fmt(f)
    }
}

/// A number with as many decimals as a reader can use.
pub(super) struct Plain(pub(super) f64);

impl fmt::Display for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.0;
        if value.fract() == 0.0 {
            write!(f, "{value}")
        } else if value.abs() >= 100.0 {
            write!(f, "{value:.0}")
        } else if value.abs() >= 10.0 {
            write!(f, "{value:.1}")
        } else {
            write!(f, "{value:.3}")
        }
    }
}

/// The numbers that a test's output gives for `name`, in lines `FIGURE <name> <number> <unit>`.
///
/// The line may follow other words, because a test harness writes the test's name before it.
pub(super) fn told(output: &[String], name: &str) -> Vec<f64> {
    let told = |line: &String| {
        let mut words = line.split_once("FIGURE ")?.1.split_whitespace();
        let number = (words.next()? == name).then(|| words.next())??;
        number.parse().ok()
    };
    output.iter().filter_map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_the_median_and_the_range() {
        let figure = Figure::of(&[3.0, 1.0, 2.0]).expect("three are enough");
        assert_eq!((figure.median, figure.low, figure.high), (2.0, 1.0, 3.0));
        assert_eq!(Figure::of(&[1.0, 2.0]).map(|figure| figure.median), Some(1.5));
        assert_eq!(Figure::of(&[]), None);
        assert_eq!(Figure::of(&[1.0, f64::NAN]), None);
        assert_eq!(Figure::of(&[0.0, f64::INFINITY]), None);
    }

    #[test]
    fn numbers_keep_the_decimals_that_decide() {
        for (value, text) in [(1.0468, "1.047"), (20.25, "20.2"), (455.4, "455"), (7.0, "7")] {
            assert_eq!(Plain(value).to_string(), text);
        }
        assert_eq!(Figure::of(&[0.9, 1.1]).expect("two").spread(), "0.900–1.100");
        assert_eq!(Figure::of(&[5.0]).expect("one").spread(), "-");
    }

    #[test]
    fn only_lines_that_name_the_figure_count() {
        let output = [
            "test clients::known ... FIGURE ja4.clients 6 clients",
            "FIGURE ja4.clients 8 clients",
            "FIGURE ja4.clients many clients",
            "FIGURE h2.fingerprints 3 clients",
            "no FIGURE",
        ]
        .map(str::to_owned);
        assert_eq!(told(&output, "ja4.clients"), [6.0, 8.0]);
        assert!(told(&output, "ja4").is_empty());
    }
}
