//! Which stretch of a flood's time a moment lies in, for looks that change with it.

use crate::rate::moment;
use seawall_types::Moment;
use std::time::Duration;

/// Stretches of equal length from a beginning on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Eras {
    from: Moment,
    length: Duration,
}

impl Eras {
    /// Stretches of so many seconds, at least a millisecond.
    pub(super) fn of_seconds(length: f64, from: f64) -> Self {
        let length = Duration::try_from_secs_f64(length).unwrap_or(Duration::MAX);
        Self { from: moment(from), length: length.max(Duration::from_millis(1)) }
    }

    /// The stretch's number, from 1, since 0 is no forgery's number.
    pub(super) fn number(self, now: Moment) -> u32 {
        let whole = now.since(self.from).as_nanos() / self.length.as_nanos();
        u32::try_from(whole + 1).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_ends_when_the_next_begins() {
        let eras = Eras::of_seconds(5.0, 20.0);
        let numbers = [0.0, 20.0, 24.9, 25.0, 62.0].map(|at| eras.number(moment(at)));
        assert_eq!(numbers, [1, 1, 1, 2, 9]);
    }
}
