//! What no generator of this crate exceeds, and the error that says so.

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

/// Source addresses of one generator: a few hundred make a demo, 2,000 leave room for tests.
pub const SOURCES_MAX: u16 = 2_000;
/// Requests per second of one generator, all sources together: more than one core of a laptop sends.
pub const REQUESTS_PER_S_MAX: f64 = 20_000.0;
/// How long one set of visitors lasts at most: a demo that is left running over a working day.
pub const VISITORS_LASTING_MAX: Duration = Duration::from_hours(12);
/// How long a visitor waits for one answer.
pub const REQUEST_DEADLINE: Duration = Duration::from_secs(5);

/// A part of a specification is outside of what the stage does.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} is {value}; it must be between {least} and {most}")]
pub struct OutOfBounds {
    what: &'static str,
    value: String,
    least: String,
    most: String,
}

/// `value` if it lies in `allowed`.
pub(crate) fn within<T>(
    what: &'static str,
    value: T,
    allowed: RangeInclusive<T>,
) -> Result<T, OutOfBounds>
where
    T: PartialOrd + fmt::Debug + Copy,
{
    if allowed.contains(&value) {
        return Ok(value);
    }
    Err(OutOfBounds {
        what,
        value: format!("{value:?}"),
        least: format!("{:?}", allowed.start()),
        most: format!("{:?}", allowed.end()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_at_the_limit_is_taken_and_one_past_it_is_named() {
        assert_eq!(within("flood.sources", SOURCES_MAX, 1..=SOURCES_MAX), Ok(2_000));
        let refused = within("flood.sources", SOURCES_MAX + 1, 1..=SOURCES_MAX).unwrap_err();
        assert_eq!(refused.to_string(), "flood.sources is 2001; it must be between 1 and 2000");
    }

    #[test]
    fn a_rate_that_is_not_a_number_is_refused() {
        assert!(within("rate", f64::NAN, 0.0..=REQUESTS_PER_S_MAX).is_err());
    }
}
